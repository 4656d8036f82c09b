"""Generative adversarial network over rows, with an objective that converges.

A generator makes records out of random points; a critic learns to tell them from real ones. The game is
R3GAN's (Huang et al. 2024, arXiv:2501.05441, equations 1 and 4): each made record is compared with a real one

    critic:     minimise softplus(c(made) - c(real)) + gamma / 2 (|grad c(real)|^2 + |grad c(made)|^2)
    generator:  minimise softplus(c(real) - c(made))

which has no minimum where a mode is dropped, and whose two gradient penalties (at real records and at made
ones) make it converge near its solution, where the game of 2014 circles. Gradients are taken where a record
is one vector: the sum of its cells' embeddings.

Symbols are drawn, one-hot, and let gradients through as if they were probabilities (straight-through Gumbel:
Jang, Gu and Poole 2017, arXiv:1611.01144). Any part of a record may be given. Where little is, random points
are weighed by how likely they make it, which is exact for what the game has learned; where much is, a
generator that was told it completes the record: in half of the game critic and generator are told a part of a
real one. After the game, the biases of the heads are set so that the mean of what the generator expects is
each leaf's own distribution.

A game never quite ends, so the last part of the budget goes to a classifier that learns to tell made records
from real ones while the generator stands still. Its logit is log p(record) / q(record), and of some proposals
one is kept with chances in proportion to p / q (discriminator rejection sampling: Azadi et al. 2019,
arXiv:1810.06758; with a fixed number of proposals, sampling importance resampling: Rubin 1987).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Conditionals
from sampan.discrepancy import distance
from sampan.families.gan_pictures import GANPictures
from sampan.families.ratio import Ratio
from sampan.family import Family, Player, Stage
from sampan.nn.critic import Critic
from sampan.nn.importance import Pool
from sampan.nn.latent import conditional_over_points
from sampan.nn.pictures import has_picture
from sampan.nn.points import KNOWN, UNKNOWN, Points
from sampan.nn.scalars import PIECE, Scalars, only_scalars, some_known
from sampan.nn.straight_through import straight_through
from sampan.space import Batch, Space, rows_of

RATE = 1e-3
"""Adam's, for both players. With Muon, by which the other families learn, the game ran away in 500 steps."""

POOL = 32_768
"""Random points that are weighed by what is known."""

MOST_CELLS = 2**26
"""Probabilities that are held for all points together: 256 MB."""

SMOOTH = 16.0
"""Made records that the generator's own expectation weighs as much as, in a conditional."""

ROUNDS = 30
"""Times that the biases of the heads are set at the end: each corrects a part of what the last one left.

The surer the generator is at each point, the smaller a part: after 360 s on Magic, 6 rounds left a Shape
error of 2.7 %.
"""


@dataclass(frozen=True)
class GAN(Family):
    """Makes records that a critic cannot tell from real ones.

    size: width of both networks, the one dial. depth: residual blocks of each. noise: coordinates of the
    random point. batch: records of a step. gamma: weight of the gradient penalties. pack: made (or real)
    records that the critic sees side by side, so that a lack of variety shows (PacGAN: Lin et al. 2018,
    arXiv:1712.04086). whole: share of the records that are learned with nothing given.
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

    def build(self, spaces: Mapping[str, Space]) -> GANRows | GANPictures:
        """A model of rows, or of records that hold a picture. Raises FamilyCannot for other grids."""
        if has_picture(spaces):
            return GANPictures(spaces, self)
        only_scalars(self.kind, spaces)
        return GANRows(spaces, self)

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters by name."""
        return asdict(self)


class GANRows(Scalars, Conditionals):
    """A generator of records and its critic."""

    averages: ClassVar[bool] = True

    def __init__(self, spaces: Mapping[str, Space], family: GAN) -> None:
        super().__init__(spaces, family.size, family.depth)  # its network is the generator
        self.noise, self.batch = family.noise, family.batch
        self.gamma, self.pack, self.whole = family.gamma, family.pack, family.whole
        self.points = Points(self.real_spaces, family.size, 1) if self.reals else None
        self.from_noise = nn.Linear(family.noise, family.size)
        self.critic = Critic(spaces, family.size, family.depth, family.pack)
        self.proposals, self.last = family.proposals, family.last
        self.ratio = Ratio(self, family)
        with torch.no_grad():  # made records must differ from the first step on
            for head in (self.net.head.free, *self.net.head.smooth):
                head.normal_(std=family.start * family.size**-0.5)
            if self.points is not None:
                self.points.out.weight.normal_(std=0.1)

    def stages(self) -> tuple[Stage, ...]:
        """Two: the game, then what weighs its outcome."""
        if self.proposals < 2 or self.last <= 0:
            return (Stage(self, 1.0),)
        return Stage(self, 1 - self.last), Stage(self.ratio, self.last)

    def players(self) -> tuple[Player, ...]:
        """Two: the critic, then the generator."""
        made_by = [self.net, self.from_noise, *([self.points] if self.points is not None else [])]
        return (
            Player("critic", self.critic, self.critic_loss, adversarial=True, rate=RATE),
            Player("generator", nn.ModuleList(made_by), self.generator_loss, adversarial=True, rate=RATE),
        )

    # --- the networks -------------------------------------------------------------------------------------
    def _hidden(self, symbols: Tensor, known: Tensor, points: Tensor, flags: Tensor, z: Tensor) -> Tensor:
        """What the generator's heads see: (batch, width)."""
        total = self.from_noise(z)
        scale = len(self.spaces) ** -0.5
        if self.names:
            total = total + self.net.gather(symbols, known, self.net.table()) * scale
        if self.points is not None:
            total = total + self.points.embed(points, torch.where(flags, KNOWN, UNKNOWN)) * scale
        return self.net.trunk(total * max(1, len(self.names)) ** 0.5)

    def _logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.net.head(), self.net.bias).float()

    def one_hot(self, symbols: Tensor) -> Tensor:
        """(batch, leaves) -> float32 (batch, symbols of all leaves)."""
        out = torch.zeros(len(symbols), sum(self.net.sizes))
        return out.scatter_(1, symbols + self.net.offset, 1.0)

    def made(self, real: _Cells, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Completions of given parts of real records: one-hot symbols and real cells."""
        return self._made(real, self._hidden_at(real, rng), rng)

    def completed(self, given: Batch, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """One completion of each record: symbols and real cells."""
        return self._completed(given, None, rng)

    def _hidden_at(self, real: _Cells, rng: torch.Generator) -> Tensor:
        z = torch.randn(len(real.symbols), self.noise, generator=rng)
        return self._hidden(real.symbols, real.known, real.points, real.flags, z)

    def _made(self, real: _Cells, hidden: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Completions of given parts: one-hot symbols that let gradients through, and real cells."""
        one_hot, points = real.one_hot, real.points
        if self.names:
            drawn = straight_through(self._logits(hidden), self.net.sizes, rng)
            sizes = torch.tensor(self.net.sizes)
            known = real.known.repeat_interleave(sizes, dim=1, output_size=drawn.shape[1])
            one_hot = torch.where(known, real.one_hot, drawn)
        if self.points is not None:
            made = self.points.read(hidden)[:, :, 0]
            points = torch.where(self.points.spread(real.flags), real.points, made)
        return one_hot, points

    # --- the game -----------------------------------------------------------------------------------------
    def real(self, values: Mapping[str, Tensor], rng: torch.Generator, most: int) -> _Cells:
        """Real records of a step, and which of their cells are given."""
        rows = rows_of(values)
        some = {name: tensor[: min(most, rows) // self.pack * self.pack] for name, tensor in values.items()}
        symbols, points = self.symbols_of(some), self.points_of(some)
        batch, leaves = symbols.shape
        cells, whole = leaves + len(self.reals), round(batch * self.whole)
        given = torch.cat(
            [torch.zeros(whole, cells, dtype=torch.bool), some_known(batch - whole, cells, rng)]
        )
        return _Cells(symbols, given[:, :leaves], points, given[:, leaves:], self.one_hot(symbols), given)

    def critic_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the critic and its two gradient penalties: scalar."""
        real = self.real(values, rng, self.batch)
        with torch.no_grad():
            made, points = self._made(real, self._hidden_at(real, rng), rng)
        with torch.enable_grad():
            sides = []
            for one_hot, own in ((real.one_hot, real.points), (made, points)):
                record = self.critic.record(one_hot, own, real.given)
                score = self.critic(record)
                (slope,) = torch.autograd.grad(score.sum(), record, create_graph=True)
                sides.append((score, slope.square().sum(dim=1).mean()))
        (at_real, steep_real), (at_made, steep_made) = sides
        return F.softplus(at_made - at_real).mean() + self.gamma / 2 * (steep_real + steep_made)

    def generator_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the generator: scalar."""
        real = self.real(values, rng, self.batch)
        with torch.no_grad():
            at_real = self.critic(self.critic.record(real.one_hot, real.points, real.given))
        hidden = self._hidden_at(real, rng)
        made, points = self._made(real, hidden, rng)
        at_made = self.critic(self.critic.record(made, points, real.given))
        return F.softplus(at_real - at_made).mean()

    @torch.no_grad()
    def held_out(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """1 and the squared discrepancy of made records from these: scalar.

        1, because the loop compares scores in relation to themselves and a distance may be 0.
        """
        made = self.sample(Batch.empty(self.spaces, rows_of(values)), rng)
        return torch.tensor(1.0 + distance(made, values, self.spaces))

    @torch.no_grad()
    def finish(self, values: Mapping[str, Tensor]) -> None:
        """Set the biases of the heads so that what the generator expects has each leaf's own distribution."""
        if not self.names:
            return
        rng = torch.Generator().manual_seed(0)
        wanted = torch.cat(
            [
                torch.bincount(values[name].long(), minlength=size) + 0.5
                for name, size in zip(self.names, self.net.sizes, strict=True)
            ]
        )
        nothing = Batch.empty(self.spaces, PIECE)
        for _ in range(ROUNDS):
            found = torch.zeros(sum(self.net.sizes))
            for _ in range(4):
                logits = self._logits(self.hidden_at_random(nothing, rng))
                found += (
                    torch.cat([own.softmax(1).mean(0) for own in logits.split(self.net.sizes, dim=1)]) / 4
                )
            for want, have, bias in zip(
                wanted.split(self.net.sizes),
                found.split(self.net.sizes),
                self.net.bias.split(self.net.sizes),
                strict=True,
            ):
                bias += ((want / want.sum()).log() - have.clamp(min=1e-7).log()).clamp(-2, 2)

    # --- making -------------------------------------------------------------------------------------------
    def hidden_at_random(self, given: Batch, rng: torch.Generator) -> Tensor:
        """What the heads see at random points: (batch, width)."""
        known = self.symbols_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        z = torch.randn(len(symbols), self.noise, generator=rng)
        return self._hidden(symbols, known, self.points_of(given.values), self.flags_of(given.known), z)

    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: of some records, each from one random point, one is kept by its ratio."""
        count = self.proposals if bool(self.ratio.learned) else 1
        points_of, told = self._points(given, count, rng)
        chosen, best = None, torch.full((len(told),), -torch.inf)
        for proposal in range(count):
            made = self._completed(given, points_of[proposal], rng)
            if count == 1:
                chosen = made
                break
            # the greatest of logits with Gumbel noise is drawn in proportion to their exponentials
            luck = -(-torch.rand(len(told), generator=rng).clamp(1e-9, 1 - 1e-7).log()).log()
            score = self.ratio.score(*made, told) + luck
            better = (score > best)[:, None]
            best = torch.maximum(best, score)
            chosen = made if chosen is None else _picked(better, made, chosen)
        assert chosen is not None  # there is always one proposal
        return self.leaves_of(*chosen)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size): a mean over random points."""
        return conditional_over_points(self, given, leaf, self.chances)

    def chances(self, given: Batch, shape: tuple[int, int], leaf: int, rng: torch.Generator) -> Tensor:
        """p(leaf | known cells), float32 (kinds, size): what the ratio's weights leave of random records."""
        points_of, told = self._points(given, 1, rng)
        hidden = self._hidden_of(given, points_of[0], rng)
        made = self._drawn(hidden, given, rng)
        share = self.net.of_leaf(hidden, leaf, self.net.head()).float().softmax(dim=1).unflatten(0, shape)
        if not bool(self.ratio.learned):
            return share.mean(dim=1)
        weight = self.ratio.score(*made, told).unflatten(0, shape).softmax(dim=1)
        # counts of what was made are right but rough; what the generator expected there smooths them
        counts = torch.zeros(shape[0], self.net.sizes[leaf])
        counts.scatter_add_(1, made[0][:, leaf].unflatten(0, shape), weight)
        sure = 1 / weight.square().sum(dim=1, keepdim=True)
        smooth = (weight[:, :, None] * share).sum(dim=1)
        return (sure * counts + SMOOTH * smooth) / (sure + SMOOTH)

    def _completed(self, given: Batch, points_of: _Chosen, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """One completion of each record: symbols (batch, leaves) and real cells (batch, channels)."""
        return self._drawn(self._hidden_of(given, points_of, rng), given, rng)

    def _hidden_of(self, given: Batch, points_of: _Chosen, rng: torch.Generator) -> Tensor:
        """What the heads see, at a weighed point of the pool where there is one: (batch, width)."""
        hidden = torch.cat([self.hidden_at_random(piece, rng) for piece in given.pieces(PIECE)])
        if points_of is not None:
            rows, pool, picks = points_of
            hidden[rows] = pool[picks]
        return hidden

    def _drawn(self, hidden: Tensor, given: Batch, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        symbols, points = self.symbols_of(given.values), self.points_of(given.values)
        if self.names:
            symbols = self.draw(hidden, symbols, self.symbols_of(given.known), rng)
        if self.points is not None:
            flags = self.points.spread(self.flags_of(given.known))
            points = torch.where(flags, points, self.points.read(hidden)[:, :, 0])
        return symbols, points

    def _points(self, given: Batch, count: int, rng: torch.Generator) -> tuple[list[_Chosen], Tensor]:
        """For each proposal the rows with weighed points and these; and which cells the generator was told.

        The latter, bool (batch, cells), is empty in rows of weighed points: these know through the weights.
        """
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        told = torch.cat([known, flags], dim=1)
        pool = self._pool(self.symbols_of(given.values), known, flags, rng)
        if pool is None:
            return [None] * count, told
        rows, drawn = [], []
        for own, chance in pool.rows():
            if chance is not None:
                rows.append(own)
                picks = torch.multinomial(chance, len(own) * count, replacement=True, generator=rng)
                drawn.append(picks.view(count, -1))
        if not rows:
            return [None] * count, told
        every = torch.cat(rows)
        told[every] = False
        return [(every, pool.hidden, picks) for picks in torch.cat(drawn, dim=1)], told

    def _pool(self, symbols: Tensor, known: Tensor, flags: Tensor, rng: torch.Generator) -> Pool | None:
        """Random points of the generator when nothing is given; None where they are of no use."""
        told = known.any(dim=1) & ~flags.any(dim=1)
        if not bool(told.any()):
            return None
        rows = torch.nonzero(told)[:, 0]
        cells = torch.where(known[rows], symbols[rows], -1)
        kinds, owner = torch.unique(cells, dim=0, return_inverse=True)
        # a long list of symbols, or many kinds, leave memory for fewer points
        most = min(POOL * 64 // len(kinds), MOST_CELLS // sum(self.net.sizes))
        size = max(POOL // 16, min(POOL, most))
        hidden = self.hidden_at_random(Batch.empty(self.spaces, size), rng)
        parts = self._logits(hidden).split(self.net.sizes, dim=1)
        return Pool(hidden, [own.log_softmax(dim=1) for own in parts], rows, owner, kinds)


def _picked(
    flags: Tensor, first: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """The first's cells in the flagged rows, the other's elsewhere."""
    symbols, points = (torch.where(flags, own, its) for own, its in zip(first, other, strict=True))
    return symbols, points


_Chosen = tuple[Tensor, Tensor, Tensor] | None
"""Rows, what heads see at the points of a pool, and the point of each row; None where no row has one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Real records of a step: symbols, real cells, which of either are given, and the symbols one-hot."""

    symbols: Tensor
    known: Tensor
    points: Tensor
    flags: Tensor
    one_hot: Tensor
    given: Tensor
