"""Codes: what lies on one grid as symbols, and the network that says each from those that are known.

Squares of a picture become the nearest of a few hundred patterns (`Squares`), and a second network
draws the picture out of these, so that squares meet each other; symbols of a map or of a text are codes as
they are. Which of them are known does not matter to the network: it has learned with any.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.grid import Attention, ConvBlock
from sampan.nn.planes import Plane, drawing

SEARCHED, ROUNDS = 20_000, 20
"""Squares among which patterns are sought, and rounds of that (Lloyd 1982)."""


@dataclass(frozen=True, slots=True)
class Squares:
    """How pictures of one grid are cut into squares of `side` pixels: places (rows, columns)."""

    grid: tuple[int, int]
    side: int
    places: tuple[int, int]

    @classmethod
    def of(cls, grid: tuple[int, int], most: int) -> Squares:
        """Squares of which at most so many lie along a side, as small as that allows.

        >>> Squares.of((28, 20), 8)
        Squares(grid=(28, 20), side=4, places=(7, 5))
        """
        side = 1
        while math.ceil(max(grid) / side) > most:
            side *= 2
        return cls(grid, side, (math.ceil(grid[0] / side), math.ceil(grid[1] / side)))

    def cut(self, picture: Tensor) -> Tensor:
        """(batch, channels, *grid) -> (batch, rows, columns, numbers of a square); edges are repeated."""
        below, right = (
            places * self.side - side for places, side in zip(self.places, self.grid, strict=True)
        )
        padded = F.pad(picture, (0, right, 0, below), mode="replicate") if below or right else picture
        return F.pixel_unshuffle(padded, self.side).permute(0, 2, 3, 1)

    def whole(self, shown: Tensor) -> Tensor:
        """Squares of which every pixel is given: bool (batch, channels, *grid) -> (batch, *places)."""
        return self.cut(shown.float()).amin(dim=3) > 0.5

    def codes(self, picture: Tensor, patterns: Tensor) -> Tensor:
        """The nearest pattern of each square: int64 (batch, *places)."""
        squares = self.cut(picture)
        return torch.cdist(squares.flatten(0, 2), patterns).argmin(dim=1).view(squares.shape[:3])

    def values(self, codes: Tensor, patterns: Tensor) -> Tensor:
        """The picture of patterns: int64 (batch, *places) -> (batch, channels, *grid)."""
        picture = F.pixel_shuffle(patterns[codes].permute(0, 3, 1, 2), self.side)
        return picture[:, :, : self.grid[0], : self.grid[1]]


def patterns_among(squares: Tensor, count: int) -> Tensor:
    """So many patterns to which squares lie near (k-means): (squares, numbers) -> (count, numbers)."""
    rng = torch.Generator().manual_seed(0)
    squares = squares[torch.randperm(len(squares), generator=rng)[:SEARCHED]]
    patterns = squares[torch.randint(len(squares), (count,), generator=rng)].clone()
    patterns += 1e-3 * torch.randn(patterns.shape, generator=rng)  # no two alike
    for _ in range(ROUNDS):
        nearest = torch.cdist(squares, patterns).argmin(dim=1)
        held = torch.bincount(nearest, minlength=count).float()[:, None]
        total = torch.zeros_like(patterns).index_add_(0, nearest, squares)
        fresh = squares[torch.randint(len(squares), (count,), generator=rng)]
        patterns = torch.where(held > 0, total / held.clamp(min=1), fresh)
    return patterns


PATTERNS = 256
"""Patterns of a square."""

PLACES = 8
"""Most squares of a picture along a side."""


class Board(nn.Module, ABC):
    """A grid of codes (rows, columns), each one of so many: p(code | known codes, what is told).

    width: a quarter of the channels. told: length of what is told.
    """

    def __init__(self, places: tuple[int, int], count: int, width: int, told: int) -> None:
        super().__init__()
        self.places, self.count = places, count
        inner = 4 * width
        self.embed = nn.Embedding(count + 1, inner)  # the last is "not known"
        self.place = nn.Parameter(torch.randn(1, inner, *places) * 0.1)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.blocks = nn.ModuleList(ConvBlock(inner, inner, told) for _ in range(3))
        self.attentions = nn.ModuleList(Attention(inner) for _ in range(3))
        self.out = nn.Conv2d(inner, count, 1)
        self.pooled = nn.Linear(inner, told)

    def forward(self, codes: Tensor, known: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each code, (batch, count, rows, columns), and the board as a vector: (batch, told).

        codes, known: (batch, rows, columns), codes that are not known do not matter. told: (batch, told).
        """
        told = self.told(told)
        x = self.embed(torch.where(known, codes, self.count)).permute(0, 3, 1, 2) + self.place
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            x = attention(block(x, told))
        return self.out(F.silu(x)).float(), self.pooled(F.silu(x.mean(dim=(2, 3))))

    @abstractmethod
    def codes(self, leaf: Tensor) -> Tensor:
        """What lies on the grid as codes: int64 (batch, rows, columns)."""

    @abstractmethod
    def whole(self, shown: Tensor) -> Tensor:
        """Which codes are given, of flags of what lies on the grid: bool (batch, rows, columns)."""


class Symbols(Board):
    """The symbols of one leaf on a grid, (length,) or (height, width)."""

    def __init__(self, grid: tuple[int, ...], count: int, width: int, told: int) -> None:
        self.grid = grid
        super().__init__((1, grid[0]) if len(grid) == 1 else (grid[0], grid[1]), count, width, told)

    def codes(self, leaf: Tensor) -> Tensor:
        """The symbols."""
        return leaf.view(len(leaf), *self.places)

    def whole(self, shown: Tensor) -> Tensor:
        """The flags."""
        return shown.view(len(shown), *self.places)


class Reals(Board):
    """The real leaves of one plane, (height, width), in squares."""

    patterns: Tensor

    def __init__(self, plane: Plane, width: int, told: int) -> None:
        self.squares = Squares.of((plane.grid[0], plane.grid[1]), PLACES)
        super().__init__(self.squares.places, PATTERNS, width, told)
        self.register_buffer("patterns", torch.zeros(PATTERNS, plane.channels * self.squares.side**2))
        into, out = plane.channels + plane.into, plane.channels
        self.drawer = drawing((plane,), max(8, width // 2), told, into=(into,), out=(out,))

    @torch.no_grad()
    def begin(self, pictures: Tensor) -> None:
        """Find the patterns of some pictures: (batch, channels, height, width)."""
        self.patterns.copy_(patterns_among(self.squares.cut(pictures).flatten(0, 2), PATTERNS))

    def codes(self, leaf: Tensor) -> Tensor:
        """The nearest pattern of each square."""
        return self.squares.codes(leaf, self.patterns)

    def whole(self, shown: Tensor) -> Tensor:
        """Squares of which every pixel is given."""
        return self.squares.whole(shown)

    def drawn(self, codes: Tensor, layers: Tensor, told: Tensor) -> Tensor:
        """The picture that codes stand for: float32 (batch, channels, height, width).

        layers: the plane as networks take it, of which some pixels are given (`Record.layers`).
        """
        rough = self.squares.values(codes, self.patterns)
        (made,), _ = self.drawer((torch.cat([rough, layers], dim=1),), self.told(told))
        return rough + made.float()


class Boards(nn.ModuleList):
    """The boards of a record: one for the real leaves of each plane, one for each leaf of symbols."""

    def __init__(self, planes: Sequence[Plane], width: int, told: int) -> None:
        boards: list[Board] = []
        for plane in planes:
            boards += [Reals(plane, width, told)] if plane.reals else []
            boards += [Symbols(plane.grid, size, width, told) for size in plane.choices.values()]
        super().__init__(boards)

    @property
    def each(self) -> list[Board]:
        """The boards."""
        return [board for board in self if isinstance(board, Board)]

    @property
    def reals(self) -> list[tuple[int, Reals]]:
        """Those of squares of pictures, each with its place among all."""
        return [(index, board) for index, board in enumerate(self) if isinstance(board, Reals)]

    def codes(self, leaves: Sequence[Tensor]) -> list[Tensor]:
        """What lies on each board as codes."""
        return [board.codes(leaf) for board, leaf in zip(self.each, leaves, strict=True)]

    def whole(self, shown: Sequence[Tensor]) -> list[Tensor]:
        """Which codes of each board are given."""
        return [board.whole(flags) for board, flags in zip(self.each, shown, strict=True)]

    def forward(
        self, codes: Sequence[Tensor], known: Sequence[Tensor], told: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """Logits of the codes of each board, which is told of the others, and all of them as a vector."""
        boards = [*zip(self.each, codes, known, strict=True)]
        seen = [board(own, there, told) for board, own, there in boards]
        every = torch.stack([vector for _, vector in seen]).sum(dim=0)
        if len(seen) > 1:
            seen = [
                board(own, there, told + every - vector)
                for (board, own, there), (_, vector) in zip(boards, seen, strict=True)
            ]
        return [logits for logits, _ in seen], every

    def beside(self, index: int, codes: Sequence[Tensor], known: Sequence[Tensor], told: Tensor) -> Tensor:
        """What a board is told when the others stay as they are: (batch, told)."""
        beside = told
        for other, board in enumerate(self.each):
            if other != index:
                beside = beside + board(codes[other], known[other], told)[1]
        return beside
