"""Autoregressive model of records that hold a picture: patches become symbols, in any order.

A picture is cut into squares, and each becomes the nearest of a few hundred patterns (k-means, found when
learning starts). A record is then symbols alone, and

    p(record) = product over cells of p(next cell | cells before it)

for every order of its cells (Uria, Murray and Larochelle 2014; Hoogeboom et al. 2022, arXiv:2110.02037): the
scalar cells first, then the squares in a random order, one after another. A small network draws the picture
out of the patterns, so that squares meet each other. A square of which all pixels are given is known, one of
which some are is not: the network that draws sees the given pixels.

The patterns say less the larger a square is: up to 32 pixels a side, squares of 4 pixels carry what a digit
or an icon is; beyond, choose diffusion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Conditionals, MakesMore
from sampan.family import Player
from sampan.nn.examples import with_kinds
from sampan.nn.grid import Attention, ConvBlock, UNet
from sampan.nn.pictures import PIECE, Pictures, some_given, width_of
from sampan.nn.scalars import must_be_symbols, some_known
from sampan.space import Batch, Space, joined

if TYPE_CHECKING:
    from sampan.families.autoregressive import Autoregressive

PATTERNS = 256
"""Patterns of a square."""

PLACES = 8
"""Most squares along a side."""

SEARCHED, ROUNDS = 20_000, 20
"""Squares among which patterns are sought, and rounds of that (Lloyd 1982)."""

PIXELS = 20.0
"""Weight of the mean squared error of a pixel beside the mean nats of a square."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix."""


class AutoregressivePictures(Pictures, Conditionals, MakesMore):
    """Every conditional of a record of squares of a picture and scalar cells."""

    patterns: Tensor

    def __init__(self, spaces: Mapping[str, Space], family: Autoregressive) -> None:
        width = width_of(family.size + 32)
        told = 4 * width
        super().__init__(family.kind, spaces, told, 1)
        self.square = 1
        while math.ceil(max(self.grid) / self.square) > PLACES:
            self.square *= 2
        self.places = tuple(math.ceil(side / self.square) for side in self.grid)
        pixels = self.channels * self.square**2
        self.register_buffer("patterns", torch.zeros(PATTERNS, pixels))
        inner = 4 * width
        self.embed = nn.Embedding(PATTERNS + 1, inner)  # the last is "not known"
        self.place = nn.Parameter(torch.randn(1, inner, *self.places) * 0.1)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.blocks = nn.ModuleList(ConvBlock(inner, inner, told) for _ in range(3))
        self.attentions = nn.ModuleList(Attention(inner) for _ in range(3))
        self.out = nn.Conv2d(inner, PATTERNS, 1)
        self.pooled = nn.Linear(inner, told)
        into = 2 * self.channels + len(self.picture_names)
        self.drawer = UNet(into, self.channels, self.grid, max(8, width // 2), told)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """One: nats of the hidden cells, and the error of the drawn pixels."""
        return (Player("net", self, self.loss, rate=RATE),)

    @torch.no_grad()
    def start(self, values: Mapping[str, Tensor]) -> None:
        """Find the patterns, and the marginals of the scalar cells."""
        super().start(values)
        squares = self._squares(self.picture_of(values)).flatten(0, 2)
        rng = torch.Generator().manual_seed(0)
        squares = squares[torch.randperm(len(squares), generator=rng)[:SEARCHED]]
        patterns = squares[torch.randint(len(squares), (PATTERNS,), generator=rng)].clone()
        patterns += 1e-3 * torch.randn(patterns.shape, generator=rng)  # no two alike
        for _ in range(ROUNDS):
            nearest = torch.cdist(squares, patterns).argmin(dim=1)
            count = torch.bincount(nearest, minlength=PATTERNS).float()[:, None]
            total = torch.zeros_like(patterns).index_add_(0, nearest, squares)
            fresh = squares[torch.randint(len(squares), (PATTERNS,), generator=rng)]
            patterns = torch.where(count > 0, total / count.clamp(min=1), fresh)
        self.patterns.copy_(patterns)

    # --- squares ------------------------------------------------------------------------------------------
    def _squares(self, picture: Tensor) -> Tensor:
        """(batch, channels, *grid) -> (batch, rows, columns, pixels of a square)."""
        below, right = (
            places * self.square - side for places, side in zip(self.places, self.grid, strict=True)
        )
        padded = F.pad(picture, (0, right, 0, below), mode="replicate") if below or right else picture
        return F.pixel_unshuffle(padded, self.square).permute(0, 2, 3, 1)

    def _codes(self, picture: Tensor) -> Tensor:
        """The nearest pattern of each square: int64 (batch, rows, columns)."""
        squares = self._squares(picture)
        return torch.cdist(squares.flatten(0, 2), self.patterns).argmin(dim=1).view(squares.shape[:3])

    def _whole(self, shown: Tensor) -> Tensor:
        """Squares of which every pixel is given: bool (batch, rows, columns)."""
        return self._squares(shown.float()).amin(dim=3) > 0.5

    def _rough(self, codes: Tensor) -> Tensor:
        """The picture of patterns: (batch, channels, *grid)."""
        picture = F.pixel_shuffle(self.patterns[codes].permute(0, 3, 1, 2), self.square)
        return picture[:, :, : self.grid[0], : self.grid[1]]

    # --- the network --------------------------------------------------------------------------------------
    def _seen(self, codes: Tensor, known: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each square (batch, patterns, rows, columns), and what the scalar heads see."""
        told = self.told(cells)
        x = self.embed(torch.where(known, codes, PATTERNS)).permute(0, 3, 1, 2) + self.place
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            x = attention(block(x, told))
        pooled = self.pooled(F.silu(x.mean(dim=(2, 3))))
        hidden = self.heads(cells + pooled)
        return self.out(F.silu(x)).float(), hidden

    def _drawn_picture(self, codes: Tensor, picture: Tensor, shown: Tensor, cells: Tensor) -> Tensor:
        """The picture that the patterns stand for, given pixels in place."""
        rough = self._rough(codes)
        seen = torch.cat([rough, self.marked(picture * shown, shown)], dim=1)
        return torch.where(shown, picture, rough + self.drawer((seen,), self.told(cells))[0][0].float())

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats of a hidden square and of hidden scalars, and the squared error of drawn pixels: scalar."""
        symbols, points, picture = self.symbols_of(values), self.points_of(values), self.picture_of(values)
        rows = len(picture)
        known, flags, shown = some_given(self, rows, rng)
        codes = self._codes(picture)
        squares = math.prod(self.places)
        free = ~(some_known(rows, squares, rng).view(codes.shape) | self._whole(shown))
        cells = self.cells_of(symbols, known, points, flags)
        logits, hidden = self._seen(codes, ~free, cells)
        nats = F.cross_entropy(logits, codes, reduction="none") * free
        # every number of hidden squares counts alike: the mean over those of one record
        loss = (nats.sum(dim=(1, 2)) / free.sum(dim=(1, 2)).clamp(min=1)).mean()
        loss = loss + self.wrong(hidden, symbols, points, known, flags).mean() / squares
        everything = torch.ones_like(known), torch.ones_like(flags)
        whole = self.cells_of(symbols, everything[0], points, everything[1])
        drawn = self._drawn_picture(codes, picture, shown, whole)
        return loss + PIXELS * (drawn - picture).square().mean()

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: scalars first, then one square after another, then draw them."""
        parts = given.pieces(PIECE)
        return joined([self._made(part, self._whole(self.shown_of(part.known)), rng) for part in parts])

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """The kinds of the examples, and pictures that begin with a few of their squares.

        A square is kept with a chance of (1 - strength)^2: what is left of an example says much about the
        rest.
        """
        told = with_kinds(self, examples, which, rng).unknown(self.picture_names)
        parts = told.pieces(PIECE)
        chance = (1 - strength) ** 2
        return joined(
            [
                self._made(part, torch.rand(rows, *self.places, generator=rng) < chance, rng)
                for part in parts
                for rows in [len(part.values[self.picture_names[0]])]
            ]
        )

    def _made(self, given: Batch, there: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """there: the squares whose patterns are kept, bool (batch, rows, columns)."""
        picture, shown = self.picture_of(given.values), self.shown_of(given.known)
        codes = self._codes(picture)
        symbols, points = self.scalars_first(given, lambda cells: self._seen(codes, there, cells)[1], rng)
        known = torch.ones(len(symbols), len(self.names), dtype=torch.bool)
        flags = torch.ones(len(symbols), len(self.reals), dtype=torch.bool)
        cells = self.cells_of(symbols, known, points, flags)
        flat, open_ = codes.flatten(1), ~there.flatten(1)
        order = torch.rand(open_.shape, generator=rng).masked_fill(~open_, 2.0).argsort(dim=1)
        for step in range(int(open_.sum(dim=1).max())):
            now = order[:, step]
            waits = open_.gather(1, now[:, None])[:, 0]
            logits = self._seen(flat.view(codes.shape), ~open_.view(codes.shape), cells)[0].flatten(2)
            own = logits.gather(2, now[:, None, None].expand(-1, PATTERNS, 1))[:, :, 0]
            drawn = torch.multinomial(own.softmax(dim=1), 1, generator=rng)[:, 0]
            at = torch.arange(len(now))[waits], now[waits]
            flat[at], open_[at] = drawn[waits], False
        made = self._drawn_picture(flat.view(codes.shape), picture, shown, cells)
        return self.record_of(symbols, points, made)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size)."""
        must_be_symbols(leaf, self.names)
        out, index = [], self.names.index(leaf)
        for part in given.pieces(PIECE):
            there, codes = self._whole(self.shown_of(part.known)), self._codes(self.picture_of(part.values))
            hidden = self._seen(codes, there, self.cells_given(part))[1]
            out.append(self.net.of_leaf(hidden, index, self.net.head()).float().log_softmax(dim=1))
        return torch.cat(out)
