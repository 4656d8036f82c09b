"""Variational autoencoder: a record is a point of a latent space, seen through noise.

For any part of a record that is given (VAEAC: Ivanov, Figurnov and Vetrov 2019, arXiv:1806.02382, equation 5)

    log p(unknown | given) >= E_q(z | record) log p(unknown | z, given) - KL( q(z | record), p(z | given) )

The encoder q is a Gaussian that sees the whole record. The prior p sees what is given, and is as flexible as
q's mixture over all records is crooked: one latent coordinate after another, each a mixture of Gaussians,
because a plain prior would make records from places where none was ever encoded. The decoder says each cell
from z and what is given, independently of the others.

Records of scalar cells alone and records that hold grids are one model, but for the networks that see and
draw, and how much of a record is given while it learns. A cell of a grid of real numbers is Gaussian around
what the decoder says, with one spread for each channel that is learned with the rest (sigma-VAE: Rybkin,
Daniilidis and Levine 2021, arXiv:2006.13202, section 4), so that the weight of the KL term needs no tuning.
What is made is the middle of that Gaussian: its noise says how much the model cannot know, and nobody wants
to see it. A symbol on a grid is drawn as scalar ones are.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Conditionals, Embeds, MakesMore, Walks
from sampan.family import Family, Player
from sampan.nn.examples import with_kinds
from sampan.nn.mixtures import Mixtures
from sampan.nn.planes import drawing, has_grid, idle_over_grids, seeing
from sampan.nn.record import PIECE, Cells, Record, of_one_kind, some_given, some_scalars, width_of
from sampan.nn.rows import Block
from sampan.nn.scalars import PIECE as ROWS
from sampan.nn.scalars import conditional_over_points, must_be_symbols
from sampan.space import Batch, Space, joined

WHOLE = 0.5
"""Share of the rows that are learned with nothing given: half of the learning is for whole records."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix, of records that hold grids."""

DRAWS = 64
"""Latent points that a conditional is the mean of, of records that hold grids."""

PROPOSALS = 8
"""Latent points that are drawn for each one that is kept, where labels or numbers are given beside a grid.
Half as many do almost as well for labels, and twice as many hardly better.
"""

TEMPERATURE = 0.9
"""Of the prior when records with grids are made: what it has learned in minutes is too spread out. The
cooler, the nearer to real digits was what it made, and the less of them it covered.
"""

NARROWEST = -4.0
"""Least log-spread of a pixel: two levels of 255."""


@dataclass(frozen=True)
class VAE(Family):
    """Encodes records as points of a smooth space, and decodes points into records.

    size: width of the network, the one dial. depth: residual blocks of encoder and decoder. latent:
    coordinates of the space. components: Gaussians in the mixture of each coordinate of the prior. hidden:
    width of the prior. beta: weight of the KL term, 1 for the bound on the likelihood. free: nats of each
    coordinate that cost nothing (free bits: Kingma et al. 2016, arXiv:1606.04934, equation 15). Without them
    a world of three bits, each the parity of the others, was left to the decoder, which cannot make it: the
    joint distribution was 40 points off, and with them less than one (tests/families/test_worlds.py asks).
    """

    kind: ClassVar[str] = "vae"
    size: int = 128
    depth: int = 2
    latent: int = 24
    components: int = 8
    hidden: int = 256
    beta: float = 1.0
    free: float = 0.1

    def build(self, spaces: Mapping[str, Space]) -> VAERows | VAEGrids:
        """A model of rows, or of records that hold grids. Raises FamilyCannot for grids without a network."""
        self.refuse_unused(spaces)
        return VAEGrids(spaces, self) if has_grid(spaces) else VAERows(spaces, self)

    def unused(self, spaces: Mapping[str, Space]) -> Mapping[str, str]:
        """Over grids, the depth."""
        return idle_over_grids() if has_grid(spaces) else {}


class VAEModel(Record, Conditionals, Embeds, ABC):
    """Records as points of a latent space."""

    former: Mapping[str, str] = {"posterior.1": "posterior"}

    def __init__(self, spaces: Mapping[str, Space], family: VAE, width: int, depth: int) -> None:
        super().__init__(family.kind, spaces, width, depth)
        self.beta, self.free, self.latent = family.beta, family.free, family.latent
        self.encoder = self.view(family, width, family.depth)
        self.posterior = nn.Linear(width, 2 * family.latent)
        self.context = self.view(family, width, 1)
        self.prior = Mixtures(family.latent, width, family.hidden, family.components)
        self.from_latent = nn.Linear(family.latent, width)

    @abstractmethod
    def view(self, family: VAE, width: int, depth: int) -> nn.Module:
        """A network that says one vector of the known cells of a record, for `seen`."""

    @abstractmethod
    def seen(self, net: nn.Module, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """That vector: (rows, width). told: the known scalar cells (`Record.told_of`)."""

    @abstractmethod
    def some_given(self, rows: int, rng: torch.Generator) -> Cells:
        """What is given of records that are learned."""

    @abstractmethod
    def decoded(
        self, z: Tensor, cells: Cells, known: Cells, told: Tensor
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """The middle of each pixel, the logits of each mark, and what the heads of the scalar cells see."""

    @abstractmethod
    def nats(self, z: Tensor, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """Nats of what is not known of each record at a latent point: (rows,)."""

    @abstractmethod
    def point(self, given: Batch, rng: torch.Generator) -> Tensor:
        """A latent point of each record, from the prior of what is given: (rows, latent)."""

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record of what is not given, an upper bound: scalar."""
        cells = self.cells(values)
        known = self.some_given(len(cells.symbols), rng)
        every = known.whole()
        table = None if self.planes else self.net.table()  # of rows, looking symbols up is much of the work
        mean, scale = self._posterior(cells, every, self.told_of(cells, every, table))
        noise = torch.randn(mean.shape, generator=rng)
        z = mean + scale.exp() * noise
        told = self.told_of(cells, known, table)
        # KL from one draw, coordinate by coordinate: the prior has no closed form
        own = -0.5 * noise.square() - scale - 0.5 * math.log(2 * math.pi)
        excess = own - self.prior.log_prob(z, self.seen(self.context, cells, known, told))
        if self.free > 0 and self.training:
            loss = self.beta * excess.mean(dim=0).clamp(min=self.free).sum()
        else:
            loss = (self.beta if self.training else 1.0) * excess.sum(dim=1).mean()
        return loss + self.nats(z, cells, known, told).mean()

    def _posterior(self, cells: Cells, known: Cells, told: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-scale of q(z | record): float32 (rows, latent) each."""
        mean, scale = self.posterior(self.seen(self.encoder, cells, known, told)).float().chunk(2, dim=1)
        return mean, (scale - 1).clamp(-8, 2)

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: a latent point from the prior of what is given, then every cell."""
        return joined([self._made(self.point(part, rng), part, rng) for part in self.in_pieces(given)])

    @torch.no_grad()
    def encode(self, records: Batch) -> Tensor:
        """The mean of q(z | record) of whole records: float32 (rows, latent)."""
        out = []
        for part in records.pieces(PIECE if self.planes else ROWS):
            cells, known = self.given(part)
            out.append(self._posterior(cells, known, self.told_of(cells, known))[0])
        return torch.cat(out)

    @torch.no_grad()
    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        """Records at latent points; without rng each cell is the middle of what it could be."""
        parts = [*self.in_pieces(given)]
        points = z.split([part.rows for part in parts])
        return joined([self._made(own, part, rng) for own, part in zip(points, parts, strict=True)])

    def _made(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        cells, known = self.given(given)
        middle, logits, hidden = self.decoded(z, cells, known, self.told_of(cells, known))
        cells = self.middles(hidden, cells, known) if rng is None else self.drawn(hidden, cells, known, rng)
        if logits:
            marks = (
                self.likeliest_marks(logits)
                if rng is None
                else self.pick_marks(logits, torch.rand(known.marks.shape, generator=rng))
            )
            cells = replace(cells, marks=torch.where(known.marks, cells.marks, marks))
        return self.leaves(replace(cells, pixels=torch.where(known.pixels, cells.pixels, middle)))


class VAERows(VAEModel):
    """Records of scalar symbols and real vectors as points of a latent space."""

    averages: ClassVar[bool] = True

    def __init__(self, spaces: Mapping[str, Space], family: VAE) -> None:
        super().__init__(spaces, family, family.size, family.depth)
        with torch.no_grad():
            self.posterior.bias.zero_()

    def players(self) -> tuple[Player, ...]:
        """One: the bound on the nats of what is hidden."""
        return (Player("net", self, self.loss),)

    def view(self, family: VAE, width: int, depth: int) -> nn.Module:
        """Residual blocks."""
        return nn.Sequential(*(Block(width) for _ in range(depth)), nn.LayerNorm(width))

    def seen(self, net: nn.Module, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """What blocks make of the scalar cells."""
        return net(told)

    def some_given(self, rows: int, rng: torch.Generator) -> Cells:
        """Nothing of half of the records, any part of the others."""
        return some_scalars(self, rows, round(rows * WHOLE), rng)

    def decoded(
        self, z: Tensor, cells: Cells, known: Cells, told: Tensor
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """What the heads see, and nothing that lies on a grid."""
        parts = zip(told.split(ROWS), z.split(ROWS), strict=True)
        return cells.pixels, [], torch.cat([self.heads(own + self.from_latent(at)) for own, at in parts])

    def nats(self, z: Tensor, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """Nats of the scalar cells."""
        return self.wrong(self.decoded(z, cells, known, told)[2], cells, known)

    def point(self, given: Batch, rng: torch.Generator) -> Tensor:
        """Drawn from the prior."""
        told = self.told_of(*self.given(given))
        return torch.cat([self.prior.sample(self.context(own), rng) for own in told.split(ROWS)])

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (rows, size): a mean over random latent points."""
        head = self.net.head()

        def chances(some: Batch, shape: tuple[int, int], index: int, rng: torch.Generator) -> Tensor:
            hidden = []
            for part in some.pieces(ROWS):
                told = self.told_of(*self.given(part))
                place = self.from_latent(self.prior.sample(self.context(told), rng))
                hidden.append(self.heads(told + place))
            own = self.net.of_leaf(torch.cat(hidden), index, head).float().softmax(dim=1)
            return own.unflatten(0, shape).mean(dim=1)

        return conditional_over_points(self, given, leaf, chances)


class VAEGrids(VAEModel, MakesMore, Walks):
    """Records that hold grids, and scalar cells beside, as points of a latent space."""

    def __init__(self, spaces: Mapping[str, Space], family: VAE) -> None:
        width = width_of(family.size * 3 // 4)
        told = 4 * width
        super().__init__(spaces, family, told, 1)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.unet = drawing(self.planes, width, told, seed=family.latent)
        self.spread = nn.Parameter(torch.full((sum(plane.channels for plane in self.planes),), -1.0))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """One: the bound on the nats of what is not given."""
        return (Player("net", self, self.loss, rate=RATE),)

    def view(self, family: VAE, width: int, depth: int) -> nn.Module:
        """A network of half the width of the one that draws: to see takes less than to draw."""
        return seeing(self.planes, max(8, width // 8), width, width)

    def seen(self, net: nn.Module, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """What a network sees of the grids, told of the scalar cells."""
        return F.silu(net(self._layers(cells, known), told))

    def _layers(self, cells: Cells, known: Cells) -> tuple[Tensor, ...]:
        """What is shown of the grids, and where."""
        return self.layers(replace(cells, pixels=cells.pixels * known.pixels), known)

    def some_given(self, rows: int, rng: torch.Generator) -> Cells:
        """Nothing of half of the grids, parts of most others."""
        return some_given(self, rows, rng)

    def decoded(
        self, z: Tensor, cells: Cells, known: Cells, told: Tensor
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """The middle of each pixel, the logits of each mark, and what the heads of the scalar cells see."""
        place = self.from_latent(z)
        made, _ = self.unet(self._layers(cells, known), self.told(told + place), z)
        return *self.read(made), self.heads(told + place)

    def nats(self, z: Tensor, cells: Cells, known: Cells, told: Tensor) -> Tensor:
        """Nats of pixels, of symbols on grids and of the scalar cells."""
        middle, logits, hidden = self.decoded(z, cells, known, told)
        out = self.wrong(hidden, cells, known)
        out = out + (self.nats_of_marks(logits, cells.marks) * ~known.marks).sum(dim=1)
        spreads = self.spread.clamp(min=NARROWEST).split([plane.channels for plane in self.planes])
        wrong = self.by_channel(cells.pixels - middle)
        hides = self.by_channel(~known.pixels)
        for own, hidden_there, spread in zip(wrong, hides, spreads, strict=True):
            wide = spread[:, None]
            nats = 0.5 * (own * torch.exp(-wide)).square() + wide + 0.5 * math.log(2 * math.pi)
            out = out + (nats * hidden_there).sum(dim=(1, 2))
        return out

    # --- making -------------------------------------------------------------------------------------------
    def _context(self, given: Batch) -> Tensor:
        """What the prior is told of records: (rows, width)."""
        cells, known = self.given(given)
        return self.seen(self.context, cells, known, self.told_of(cells, known))

    def point(self, given: Batch, rng: torch.Generator) -> Tensor:
        """Of some proposals one, by what it says of the given scalar cells.

        The prior of what is given is learned, and puts some points where records with other labels lie. The
        heads, which see a point, know: one of the proposals is kept with chances in proportion to p(given |
        z) (sampling importance resampling: Rubin 1987). Were the prior right, that would follow labels more
        closely than the data do, as guidance of a diffusion does.
        """
        (cells, known), context = self.given(given), self._context(given)
        z = self.prior.sample(context, rng, TEMPERATURE)
        if not (known.symbols.any() or known.points.any()):
            return z
        others = (self.prior.sample(context, rng, TEMPERATURE) for _ in range(PROPOSALS - 1))
        proposals = torch.stack([z, *others], dim=1)
        nothing = self.told_of(cells, known.with_scalars(False))
        unasked = replace(known, symbols=~known.symbols, points=~known.points)
        scores = [
            -self.wrong(self.heads(nothing + self.from_latent(one)), cells, unasked)
            for one in proposals.unbind(dim=1)
        ]
        pick = torch.multinomial(torch.stack(scores, dim=1).softmax(dim=1), 1, generator=rng)[:, 0]
        return proposals[torch.arange(len(pick)), pick]

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind, of the points on the line from one drawn point to another."""
        given = of_one_kind(self, given, rng)
        z = self.point(given, rng)
        share = torch.linspace(0, 1, len(z))[:, None]
        return self._made(z[:1] + share * (z[-1:] - z[:1]), given, None)

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """Points between the examples' own and what the prior draws for their kinds.

        Both are spread alike around the prior's middle m, and so is m + (1 - s^2)^(1/2) (z - m) + s (drawn -
        m).
        """
        kinds, parts = with_kinds(self, examples, which, rng), []
        for part in self.in_pieces(kinds):
            whole = Batch(self.sample(part, rng), part.known).whole()  # scalars as the picture has them
            own, told = self.encode(whole), part.unknown(self.grid_names)
            context = self._context(told)
            each, place = torch.unique(context, dim=0, return_inverse=True)  # kinds are few
            drawn = self.prior.sample(each.repeat(DRAWS, 1), rng)
            middle = drawn.unflatten(0, (DRAWS, -1)).mean(dim=0)[place]
            away = self.prior.sample(context, rng) - middle
            z = middle + (1 - strength**2) ** 0.5 * (own - middle) + strength * away
            parts.append(self._made(z, told, rng))
        return joined(parts)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (rows, size): a mean over `DRAWS` latent points."""
        must_be_symbols(leaf, self.names)
        index, rng, out = self.names.index(leaf), torch.Generator().manual_seed(0), []
        for part in self.in_pieces(given):
            told = self.told_of(*self.given(part))
            place = self.from_latent(self.prior.sample(self._context(part).repeat(DRAWS, 1), rng))
            hidden = self.heads(told.repeat(DRAWS, 1) + place)
            own = self.net.of_leaf(hidden, index, self.net.head()).float().softmax(dim=1)
            out.append(own.unflatten(0, (DRAWS, -1)).mean(dim=0).clamp(min=1e-30).log())
        return torch.cat(out).log_softmax(dim=1)
