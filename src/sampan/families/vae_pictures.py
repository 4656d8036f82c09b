"""Variational autoencoder over records that hold a picture: each is a point of a latent space.

The bound is that of rows (`sampan.families.vae`): an encoder sees the whole record, a prior what is given of
it, a decoder a latent point and what is given. A pixel is Gaussian around what the decoder says, with one
spread for each channel that is learned with the rest (sigma-VAE: Rybkin, Daniilidis and Levine 2021,
arXiv:2006.13202, section 4), so that the weight of the KL term needs no tuning. What is made is the middle
of that Gaussian: its noise says how much the model cannot know, and nobody wants to see it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Conditionals, Embeds, MakesMore, Walks
from sampan.family import Player
from sampan.nn.examples import with_kinds
from sampan.nn.grid import Encoder, UNet
from sampan.nn.mixtures import Mixtures
from sampan.nn.pictures import PIECE, Pictures, of_one_kind, some_given, width_of
from sampan.nn.scalars import must_be_symbols
from sampan.space import Batch, Space, joined

if TYPE_CHECKING:
    from sampan.families.vae import VAE

RATE = 2e-3
"""Adam's peak rate for what is no matrix."""

DRAWS = 64
"""Latent points that a conditional is the mean of."""

PROPOSALS = 8
"""Latent points that are drawn for each one that is kept, where labels or numbers are given. Half as many do
almost as well for labels, and twice as many hardly better.
"""

TEMPERATURE = 0.9
"""Of the prior when records are made: what it has learned in minutes is too spread out. The cooler, the
nearer to real digits was what it made, and the less of them it covered.
"""

NARROWEST = -4.0
"""Least log-spread of a pixel: two levels of 255."""


class VAEPictures(Pictures, Conditionals, MakesMore, Walks, Embeds):
    """Records of a picture and scalar cells as points of a latent space."""

    def __init__(self, spaces: Mapping[str, Space], family: VAE) -> None:
        width = width_of(family.size * 3 // 4)
        half = max(8, width // 2)  # to see takes less than to draw
        told = 4 * width
        super().__init__(family.kind, spaces, told, 1)
        self.beta, self.free, self.latent = family.beta, family.free, family.latent
        into = self.channels + len(self.picture_names)
        self.encoder = Encoder(into, self.grid, half, told, told)
        self.posterior = nn.Sequential(nn.SiLU(), nn.Linear(told, 2 * family.latent))
        self.context = Encoder(into, self.grid, half, told, told)
        self.prior = Mixtures(family.latent, told, family.hidden, family.components)
        self.from_latent = nn.Linear(family.latent, told)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.unet = UNet(into, self.channels, self.grid, width, told, seed=family.latent)
        self.spread = nn.Parameter(torch.full((self.channels,), -1.0))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """One: the bound on the nats of what is not given."""
        return (Player("net", self, self.loss, rate=RATE),)

    # --- the network --------------------------------------------------------------------------------------
    def _input(self, picture: Tensor, shown: Tensor) -> tuple[Tensor]:
        """What is shown of a picture, and where: (batch, channels + leaves, *grid)."""
        return (self.marked(picture * shown, shown),)

    def _posterior(self, picture: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-scale of q(z | record): float32 (batch, latent) each."""
        everything = torch.ones_like(picture, dtype=torch.bool)
        mean, scale = (
            self.posterior(self.encoder(self._input(picture, everything), cells)).float().chunk(2, 1)
        )
        return mean, (scale - 1).clamp(-8, 2)

    def _decoded(self, z: Tensor, picture: Tensor, shown: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
        """The middle of each pixel, and what the heads of the scalar cells see."""
        place = self.from_latent(z)
        (made,), _ = self.unet(self._input(picture, shown), self.told(cells + place), z)
        return made.float(), self.heads(cells + place)

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record of what is not given, an upper bound: scalar."""
        symbols, points, picture = self.symbols_of(values), self.points_of(values), self.picture_of(values)
        rows = len(picture)
        known, flags, shown = some_given(self, rows, rng)
        every = torch.ones_like(known), torch.ones_like(flags)
        mean, scale = self._posterior(picture, self.cells_of(symbols, every[0], points, every[1]))
        noise = torch.randn(mean.shape, generator=rng)
        z = mean + scale.exp() * noise
        cells = self.cells_of(symbols, known, points, flags)
        own = -0.5 * noise.square() - scale - 0.5 * math.log(2 * math.pi)
        excess = own - self.prior.log_prob(z, F.silu(self.context(self._input(picture, shown), cells)))
        if self.free > 0 and self.training:
            loss = self.beta * excess.mean(dim=0).clamp(min=self.free).sum()
        else:
            loss = (self.beta if self.training else 1.0) * excess.sum(dim=1).mean()
        made, hidden = self._decoded(z, picture, shown, cells)
        spread = self.spread.clamp(min=NARROWEST)[:, None, None]
        nats = 0.5 * ((picture - made) * torch.exp(-spread)).square() + spread + 0.5 * math.log(2 * math.pi)
        wrong = self.wrong(hidden, symbols, points, known, flags)
        return loss + ((nats * ~shown).sum(dim=(1, 2, 3)) + wrong).mean()

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: a latent point from the prior of what is given, then every cell."""
        parts = []
        for part in given.pieces(PIECE):
            context = F.silu(self.context(self._input(*self._pictures(part)), self.cells_given(part)))
            parts.append(self._made(self._point(context, part, rng), part, rng))
        return joined(parts)

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind, of the points on the line from one drawn point to another."""
        given = of_one_kind(self, given, rng)
        context = F.silu(self.context(self._input(*self._pictures(given)), self.cells_given(given)))
        z = self._point(context, given, rng)
        share = torch.linspace(0, 1, len(z))[:, None]
        return self._made(z[:1] + share * (z[-1:] - z[:1]), given, None)

    def _point(self, context: Tensor, given: Batch, rng: torch.Generator) -> Tensor:
        """A latent point for each record: of some proposals one, by what it says of the given scalar cells.

        The prior of what is given is learned, and puts some points where records with other labels lie. The
        heads, which see a point, know: one of the proposals is kept with chances in proportion to p(given |
        z) (sampling importance resampling: Rubin 1987). Were the prior right, that would follow labels more
        closely than the data do, as guidance of a diffusion does.
        """
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        z = self.prior.sample(context, rng, TEMPERATURE)
        if not (known.any() or flags.any()):
            return z
        proposals = torch.stack(
            [z, *(self.prior.sample(context, rng, TEMPERATURE) for _ in range(PROPOSALS - 1))], dim=1
        )
        symbols, points = torch.where(known, self.symbols_of(given.values), 0), self.points_of(given.values)
        nothing = self.cells_of(symbols, torch.zeros_like(known), points, torch.zeros_like(flags))
        scores = []
        for one in proposals.unbind(dim=1):
            hidden = self.heads(nothing + self.from_latent(one))
            scores.append(-self.wrong(hidden, symbols, points, ~known, ~flags))
        pick = torch.multinomial(torch.stack(scores, dim=1).softmax(dim=1), 1, generator=rng)[:, 0]
        return proposals[torch.arange(len(pick)), pick]

    @torch.no_grad()
    def encode(self, records: Batch) -> Tensor:
        """The mean of q(z | record) of whole records: float32 (batch, latent)."""
        out = []
        for part in records.pieces(PIECE):
            out.append(self._posterior(self.picture_of(part.values), self.cells_given(part))[0])
        return torch.cat(out)

    @torch.no_grad()
    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        """Records at latent points; without rng each scalar cell is the middle of what it could be."""
        pieces = zip(z.split(PIECE), given.pieces(PIECE), strict=True)
        return joined([self._made(point, part, rng) for point, part in pieces])

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """Points between the examples' own and what the prior draws for their kinds.

        Both are spread alike around the prior's middle m, and so is m + (1 - s^2)^(1/2) (z - m) + s (drawn -
        m).
        """
        kinds = with_kinds(self, examples, which, rng)
        told, parts = kinds.unknown(self.picture_names), []
        for start in range(0, len(which), PIECE):
            piece = slice(start, start + PIECE)
            one = kinds.take(piece)
            whole = Batch(self.sample(one, rng), one.known).whole()  # scalars as the picture has them
            own, part = self.encode(whole), told.take(piece)
            context = F.silu(self.context(self._input(*self._pictures(part)), self.cells_given(part)))
            each, place = torch.unique(context, dim=0, return_inverse=True)  # kinds are few
            middle = (
                self.prior.sample(each.repeat(DRAWS, 1), rng).unflatten(0, (DRAWS, -1)).mean(dim=0)[place]
            )
            drawn = self.prior.sample(context, rng)
            z = middle + (1 - strength**2) ** 0.5 * (own - middle) + strength * (drawn - middle)
            parts.append(self._made(z, part, rng))
        return joined(parts)

    def _made(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        picture, shown = self._pictures(given)
        made, hidden = self._decoded(z, picture, shown, self.cells_given(given))
        symbols, points = self.symbols_of(given.values), self.points_of(given.values)
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        if rng is not None:
            symbols, points = self.drawn(hidden, symbols, points, known, flags, rng)
        else:
            if self.names:
                symbols = self.middle(hidden, symbols, known)
            if self.points is not None:
                points = torch.where(
                    self.points.spread(flags), points, self.points.read(hidden).unbind(dim=2)[0]
                )
        return self.record_of(symbols, points, torch.where(shown, picture, made))

    def _pictures(self, given: Batch) -> tuple[Tensor, Tensor]:
        return self.picture_of(given.values), self.shown_of(given.known)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size): a mean over `DRAWS` latent points."""
        must_be_symbols(leaf, self.names)
        index, rng, out = self.names.index(leaf), torch.Generator().manual_seed(0), []
        for part in given.pieces(PIECE):
            cells = self.cells_given(part)
            context = F.silu(self.context(self._input(*self._pictures(part)), cells))
            place = self.from_latent(self.prior.sample(context.repeat(DRAWS, 1), rng))
            hidden = self.heads(cells.repeat(DRAWS, 1) + place)
            own = self.net.of_leaf(hidden, index, self.net.head()).float().softmax(dim=1)
            out.append(own.unflatten(0, (DRAWS, -1)).mean(dim=0).clamp(min=1e-30).log())
        return torch.cat(out).log_softmax(dim=1)
