"""Generative adversarial network, with an objective that converges.

A generator makes records out of random points; a critic learns to tell them from real ones. The game is
R3GAN's (Huang et al. 2024, arXiv:2501.05441, equations 1 and 4): each made record is compared with a real one

    critic:     minimise softplus(c(made) - c(real)) + gamma / 2 (|grad c(real)|^2 + |grad c(made)|^2)
    generator:  minimise softplus(c(real) - c(made))

which has no minimum where a mode is dropped, and whose two gradient penalties make it converge near its
solution, where the game of 2014 circles. Gradients are taken where scalar cells are one vector, the sum of
their embeddings, and at what lies on grids.

Symbols are drawn, one-hot, and let gradients through as if they were probabilities (straight-through Gumbel:
Jang, Gu and Poole 2017, arXiv:1611.01144). Any part of a record may be given: in half of the game both
players are told a part of a real one. Grids come out of a network whose bottom is the random point, so that
what is given of a grid reaches its neighbours on the way up.

Of records that hold grids that is all. For rows, where little is given, random points are weighed by how
likely they make it, which is exact for what the game has learned; where much is, a generator that was told it
completes the record. After the game, the biases of the heads are set so that the mean of what the generator
expects is each leaf's own distribution. A game never quite ends, so the last part of the budget goes to a
classifier by which, of some proposals, one is kept (`sampan.families.ratio`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Conditionals, Walks
from sampan.discrepancy import distance
from sampan.errors import FamilyCannot
from sampan.families.ratio import Ratio
from sampan.family import Family, Player, Stage
from sampan.nn.critic import Critic, GridCritic, Side
from sampan.nn.importance import Chosen, pool_for
from sampan.nn.planes import drawing, has_grid, idle_over_grids, last_layers
from sampan.nn.record import Cells, Record, of_one_kind, some_given, some_scalars, turning, width_of
from sampan.nn.scalars import PIECE, calibrate, conditional_over_points, straight_through
from sampan.space import Batch, Choice, Space, joined, rows_of

RATE = 1e-3
"""Adam's, for both players. With Muon, by which the other families learn, the game ran away in 500 steps."""

LAZY = 0.25
"""Share of the steps over grids that penalise gradients, the more (Karras et al. 2020, arXiv:1912.04958)."""

GAMMA = 0.3
"""How much the gradient penalties weigh over grids, of what the family says for rows: the smoother the
critic, the better labels were followed, and the fewer ways to write a digit were left.
"""


@dataclass(frozen=True)
class GAN(Family):
    """Makes records that a critic cannot tell from real ones.

    size: width of both networks, the one dial. depth: residual blocks of each. noise: coordinates of the
    random point. batch: records of a step. gamma: weight of the gradient penalties. pack: made (or real)
    records that the critic sees side by side, so that a lack of variety shows (PacGAN: Lin et al. 2018,
    arXiv:1712.04086). whole: share of the records that are learned with nothing given. proposals: rows made
    for each that is kept. last: share of the budget for the classifier that chooses, and dropout: its own.
    start: spread of the untrained generator's logits. With a large one its random point, not the draw of each
    symbol, decides from the first step on: a world of three bits, each the parity of the others, was not
    learned at all with .02, and was with 2.
    """

    kind: ClassVar[str] = "gan"
    size: int = 128
    depth: int = 2
    noise: int = 64
    batch: int = 256
    gamma: float = 1.0
    pack: int = 1
    whole: float = 0.5
    start: float = 0.25
    proposals: int = 8
    last: float = 0.3
    dropout: float = 0.2

    def build(self, spaces: Mapping[str, Space]) -> GANRows | GANGrids:
        """A model of rows, or of records that hold grids. Raises FamilyCannot for symbols on a grid."""
        self.refuse_unused(spaces)
        for name, space in spaces.items():
            if isinstance(space, Choice) and space.grid:
                raise FamilyCannot(
                    f"the gan family was given {name!r}, a {space}: symbols on a grid.",
                    "It serves real cells on grids; of symbols there it had learned nothing in 1,000 steps.",
                    'Learn with family="diffusion", "vae" or "autoregressive".',
                )
        return GANGrids(spaces, self) if has_grid(spaces) else GANRows(spaces, self)

    def unused(self, spaces: Mapping[str, Space]) -> Mapping[str, str]:
        """Over grids, what is for rows; over rows, what is for the classifier where there is none."""
        if not has_grid(spaces):
            none = "There is a classifier where proposals is 2 or more."
            return {"last": none, "dropout": none} if self.proposals < 2 else {}
        return idle_over_grids("batch", "pack", "whole", "proposals", "last", "dropout")


@dataclass(frozen=True, slots=True, eq=False)
class RealRecords:
    """Real records of a step, which of their cells are given, and both as a critic sees them."""

    cells: Cells
    known: Cells
    side: Side
    given: Tensor


class GANModel(Record, ABC):
    """A generator of records and its critic, playing."""

    critic: Critic | GridCritic
    lazy: ClassVar[float] = 1.0
    """Share of the steps in which gradients are penalised."""

    def __init__(
        self, spaces: Mapping[str, Space], family: GAN, width: int, depth: int, outputs: int
    ) -> None:
        super().__init__(family.kind, spaces, width, depth, outputs)
        self.noise, self.gamma = family.noise, family.gamma
        self.from_noise = nn.Linear(family.noise, width)
        self._turn: tuple[RealRecords, Side] | None = None

    @abstractmethod
    def real(self, values: Mapping[str, Tensor], rng: torch.Generator) -> RealRecords:
        """Real records of a step, some of them given in part."""

    @abstractmethod
    def generated(self, cells: Cells, known: Cells, z: Tensor) -> tuple[Tensor, Tensor]:
        """What the heads of scalar cells see at random points, and real cells of grids."""

    def _spread_heads(self, family: GAN, width: int) -> None:
        """Begin with records that differ: a critic must have something to see."""
        with torch.no_grad():
            for head in (self.net.head.free, *self.net.head.smooth):
                head.normal_(std=family.start * width**-0.5)

    def made_by(self) -> list[nn.Module]:
        """The networks of the generator."""
        return [self.net, self.from_noise]

    def players(self) -> tuple[Player, ...]:
        """Two: the critic, then the generator."""
        made_by = nn.ModuleList([*self.made_by(), *([self.points] if self.points is not None else [])])
        if self.unknown is not None:
            made_by.register_parameter("unknown", self.unknown)
        return (
            Player("critic", self.critic, self.critic_loss, adversarial=True, rate=RATE),
            Player("generator", made_by, self.generator_loss, adversarial=True, rate=RATE),
        )

    # --- records as the critic sees them ------------------------------------------------------------------
    def made(self, real: RealRecords, rng: torch.Generator) -> Side:
        """Completions of given parts of real records, whose symbols let gradients through."""
        cells, known, one_hot = real.cells, real.known, real.side.one_hot
        z = torch.randn(len(cells.symbols), self.noise, generator=rng)
        hidden, pixels = self.generated(cells, known, z)
        if self.names:
            drawn = straight_through(self.net.logits(hidden), self.net.sizes, rng)
            sizes = torch.tensor(self.net.sizes)
            flags = known.symbols.repeat_interleave(sizes, dim=1, output_size=drawn.shape[1])
            one_hot = torch.where(flags, one_hot, drawn)
        planes = self.on_planes(torch.where(known.pixels, cells.pixels, pixels))
        return Side(one_hot, self.placed(hidden, cells, known), planes)

    def on_planes(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Real cells of the grids as a critic sees them: (rows, channels, *grid) of each."""
        parts = zip(self.planes, self.by_channel(pixels), strict=True)
        return tuple(own.unflatten(2, plane.grid) for plane, own in parts)

    def placed(self, hidden: Tensor, cells: Cells, known: Cells) -> Tensor:
        """Real scalar cells, given ones in place: (rows, channels)."""
        if self.points is None:
            return cells.points
        return torch.where(self.points.spread(known.points), cells.points, self.points.read(hidden)[:, :, 0])

    # --- the game -----------------------------------------------------------------------------------------
    def critic_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the critic and its two gradient penalties: scalar.

        Made grids are kept for the generator's own turn: it has not moved by then, and making them is dear.
        """
        with torch.set_grad_enabled(bool(self.planes) and torch.is_grad_enabled()):
            real = self.real(values, rng)
            made = self.made(real, rng)
        self._turn = (real, made) if self.planes else None
        steep = self.lazy >= 1 or float(torch.rand(1, generator=rng, device="cpu")) < self.lazy
        at_real, at_made, slopes = self.critic.compared(real.side, made.detached(), real.given, steep)
        return F.softplus(at_made - at_real).mean() + self.gamma / 2 / self.lazy * slopes

    def generator_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the generator: scalar."""
        if self._turn is None:
            real = self.real(values, rng)
            made = self.made(real, rng)
        else:
            (real, made), self._turn = self._turn, None
        weights = [weight for weight in self.critic.parameters() if weight.requires_grad]
        for weight in weights:  # they do not learn now, so that nothing need be worked out for them
            weight.requires_grad_(False)
        with torch.no_grad():
            at_real = self.critic.judged(real.side, real.given)
        at_made = self.critic.judged(made, real.given)
        for weight in weights:
            weight.requires_grad_(True)
        return F.softplus(at_real - at_made).mean()

    @torch.no_grad()
    def held_out(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """1 and the squared discrepancy of made records from these, pictures in coarse pixels: scalar.

        1, because the loop compares scores in relation to themselves and a distance may be 0.
        """
        unknown = Batch.empty(self.spaces, rows_of(values)).known
        return torch.tensor(1.0 + distance(self.sample(Batch(values, unknown), rng), values, self.spaces))


class GANRows(GANModel, Conditionals):
    """A generator of rows, its critic, and what weighs the outcome of their game."""

    averages: ClassVar[bool] = True

    def __init__(self, spaces: Mapping[str, Space], family: GAN) -> None:
        super().__init__(spaces, family, family.size, family.depth, 1)
        self.batch, self.pack, self.whole = family.batch, family.pack, family.whole
        self.critic = Critic(spaces, family.size, family.depth, family.pack)
        self.proposals, self.last = family.proposals, family.last
        self.ratio = Ratio(self, family)
        self._spread_heads(family, family.size)
        if self.points is not None:
            nn.init.normal_(self.points.out.weight, std=0.1)

    def stages(self) -> tuple[Stage, ...]:
        """Two: the game, then what weighs its outcome."""
        if self.proposals < 2 or self.last <= 0:
            return (Stage(self, 1.0),)
        return Stage(self, 1 - self.last), Stage(self.ratio, self.last)

    def real(self, values: Mapping[str, Tensor], rng: torch.Generator) -> RealRecords:
        """So many real rows as the family says."""
        return self.real_rows(values, rng, self.batch)

    def real_rows(self, values: Mapping[str, Tensor], rng: torch.Generator, most: int) -> RealRecords:
        """Real rows of a step, any part of some of them given."""
        rows = min(most, rows_of(values)) // self.pack * self.pack
        cells = self.cells({name: tensor[:rows] for name, tensor in values.items()})
        known = some_scalars(self, rows, round(rows * self.whole), rng)
        side = Side(self.net.one_hot(cells.symbols), cells.points)
        return RealRecords(cells, known, side, torch.cat([known.symbols, known.points], dim=1))

    def generated(self, cells: Cells, known: Cells, z: Tensor) -> tuple[Tensor, Tensor]:
        """What the heads see, and nothing that lies on a grid."""
        return self.heads(self.told_of(cells, known) + self.from_noise(z)), cells.pixels

    @torch.no_grad()
    def finish(self, values: Mapping[str, Tensor]) -> None:
        """Set the biases of the heads so that what the generator expects has each leaf's own distribution."""
        if not self.names:
            return
        rng, nothing = torch.Generator().manual_seed(0), Batch.empty(self.spaces, PIECE)
        calibrate(self.net, values, lambda: self.net.logits(self.hidden_at_random(nothing, rng)))

    # --- making -------------------------------------------------------------------------------------------
    def hidden_at_random(self, given: Batch, rng: torch.Generator) -> Tensor:
        """What the heads see at random points: (rows, width)."""
        cells, known = self.given(given)
        return self.generated(cells, known, torch.randn(given.rows, self.noise, generator=rng))[0]

    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: of some records, each from one random point, one is kept by its ratio."""
        count = self.proposals if bool(self.ratio.learned) else 1
        points_of, told = self._points(given, count, rng)
        made = (self.completed(given, rng, points) for points in points_of)
        return self.leaves_of(*(next(made) if count == 1 else self.ratio.one_of(made, told, rng)))

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (rows, size): a mean over random points."""
        return conditional_over_points(self, given, leaf, self._chances)

    def _chances(self, given: Batch, shape: tuple[int, int], leaf: int, rng: torch.Generator) -> Tensor:
        """p(leaf | known cells), float32 (kinds, size): what the ratio's weights leave of random records."""
        points_of, told = self._points(given, 1, rng)
        hidden = self._hidden_of(given, points_of[0], rng)
        made = self._drawn(hidden, given, rng)
        share = self.net.of_leaf(hidden, leaf, self.net.head()).float().softmax(dim=1).unflatten(0, shape)
        if not bool(self.ratio.learned):
            return share.mean(dim=1)
        return self.ratio.weighed(share, made, told, leaf)

    def completed(
        self, given: Batch, rng: torch.Generator, points_of: Chosen = None
    ) -> tuple[Tensor, Tensor]:
        """One completion of each record: symbols (rows, leaves) and real cells (rows, channels)."""
        return self._drawn(self._hidden_of(given, points_of, rng), given, rng)

    def _hidden_of(self, given: Batch, points_of: Chosen, rng: torch.Generator) -> Tensor:
        """What the heads see, at a weighed point of the pool where there is one: (rows, width)."""
        hidden = torch.cat([self.hidden_at_random(piece, rng) for piece in given.pieces(PIECE)])
        if points_of is not None:
            rows, pool, picks = points_of
            hidden[rows] = pool[picks]
        return hidden

    def _drawn(self, hidden: Tensor, given: Batch, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        cells, known = self.given(given)
        symbols = self.draw(hidden, cells.symbols, known.symbols, rng) if self.names else cells.symbols
        return symbols, self.placed(hidden, cells, known)

    def _points(self, given: Batch, count: int, rng: torch.Generator) -> tuple[list[Chosen], Tensor]:
        """For each proposal the rows with weighed points and these; and what the generator was told."""
        cells, known = self.given(given)

        def points_of(size: int) -> tuple[Tensor, Tensor]:
            hidden = self.hidden_at_random(Batch.empty(self.spaces, size), rng)
            return hidden, self.net.logits(hidden)

        told = torch.cat([known.symbols, known.points], dim=1)
        pool = pool_for(cells.symbols, known.symbols, known.points, self.net.sizes, points_of)
        return ([None] * count, told) if pool is None else pool.chosen(told, count, rng)


class GANGrids(GANModel, Walks):
    """A generator of records that hold grids, and its critic."""

    lazy: ClassVar[float] = LAZY

    def __init__(self, spaces: Mapping[str, Space], family: GAN) -> None:
        width = width_of(family.size // 2)  # two players and their penalties: many small steps win
        told = 4 * width
        super().__init__(spaces, family, told, 1, 2)
        self.gamma = family.gamma * GAMMA
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.unet = drawing(self.planes, width, told, seed=family.noise)
        for out in last_layers(self.unet):
            nn.init.normal_(out.weight, std=0.02)  # made grids must differ from the first step on
        self.critic = GridCritic(self.planes, self.scalar_spaces, len(self.spaces), width)
        self._spread_heads(family, told)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def made_by(self) -> list[nn.Module]:
        """The networks of the generator."""
        return [*super().made_by(), self.told, self.unet]

    def real(self, values: Mapping[str, Tensor], rng: torch.Generator) -> RealRecords:
        """Real records of a step, parts of them given."""
        cells = self.cells(values)
        known = some_given(self, len(cells.symbols), rng)
        side = Side(self.net.one_hot(cells.symbols), cells.points, self.on_planes(cells.pixels))
        return RealRecords(cells, known, side, self.shares(known))

    def generated(self, cells: Cells, known: Cells, z: Tensor) -> tuple[Tensor, Tensor]:
        """What the heads of scalar cells see at random points, and real cells of grids."""
        place = self.told_of(cells, known) + self.from_noise(z)
        layers = self.layers(replace(cells, pixels=cells.pixels * known.pixels), known)
        planes, _ = self.unet(layers, self.told(place), z)
        return self.heads(place), self.read(planes)[0]

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: every cell from one random point for each record."""
        pieces = self.in_pieces(given)
        made = [self._completed(one, torch.randn(one.rows, self.noise, generator=rng), rng) for one in pieces]
        return joined(made)

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind, of random points that turn from one draw to another."""
        given = of_one_kind(self, given, rng)
        return self._completed(given, turning(given.rows, (self.noise,), rng), rng)

    def _completed(self, given: Batch, z: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        cells, known = self.given(given)
        hidden, pixels = self.generated(cells, known, z)
        points = self.placed(hidden, cells, known)
        if self.names:
            cells = replace(cells, symbols=self.draw(hidden, cells.symbols, known.symbols, rng))
        return self.leaves(
            replace(cells, points=points, pixels=torch.where(known.pixels, cells.pixels, pixels))
        )
