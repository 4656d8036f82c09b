"""Diffusion: symbols come out of a mask, real cells out of noise, in one process and one network.

Time t runs from 0, where nothing is there, to 1, where the record is. A symbol is hidden until a moment of
its own, uniform on [0, 1] (masked, or absorbing, diffusion: Sahoo et al. 2024, arXiv:2406.07524, equation 10;
Shi et al. 2024, arXiv:2406.04329); a real cell is (1 - t) noise + t value, and the network predicts its
velocity, value - noise (flow matching: Lipman et al. 2023, arXiv:2210.02747, equation 23 with the straight
path). Both belong to one record and see each other, as in TabDiff (Shi et al. 2025, arXiv:2410.20626).

What is given is at t = 1 from the beginning. For records of scalar symbols alone, p(symbol | known ones) does
not depend on t, so the network is that of an any-order model: every conditional is exact, and a record may be
made with fewer passes than it has leaves, several leaves a pass, each drawn as if the others of its pass were
not there.

In one thing the algorithm over grids differs from that over rows. A row flows as a whole. Of a record that
holds grids (pictures, maps, texts, series) the scalar cells are read off the network before the grids flow,
one after another, from whatever is given: p(scalars | given) p(grids | scalars, given). So a label steers a
picture from its first pass on, and may be followed beyond what the data says (guidance).

Where several scalar cells stand beside grids, they are a table, and are learned as one in a stage of their
own: a network of rows takes thousands of rows a step and a fraction of the time. It makes the scalars of a
record of whose grids nothing is given; from a grid that is there they are read off the network that sees it.

Long because two kinds of records share one process, which would not be seen if they lay apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Ability, Conditionals, Likelihood, MakesMore, Restyles, Walks
from sampan.errors import FamilyCannot
from sampan.family import Family, Player, Stage
from sampan.nn.examples import with_kinds
from sampan.nn.planes import drawing, has_grid, idle_over_grids
from sampan.nn.points import KNOWN, NOISY, UNKNOWN, Clock, Points
from sampan.nn.record import PIECE, Cells, Record, of_one_kind, some_given, turning, width_of
from sampan.nn.rows import RowNet, dropout, keep
from sampan.nn.scalars import (
    AnyOrder,
    Reader,
    choices_of,
    draw_alike,
    evenly,
    moments,
    must_be_symbols,
    reader_of,
    some_known,
)
from sampan.space import Batch, Choice, Space, joined

ROWS = 2048
"""Rows that pass through the network together when sampling."""

PASSES = 16
"""Most passes through the network for grids of real cells: with Heun's rule an even number, two a step. Grids
of symbols take as many as are asked for: each pass draws what it draws as if no other cell were drawn.
"""

GUIDED = 0.5
"""Guidance over grids unless said. A network that learned for minutes follows labels too loosely without, and
varies too little with much (docs/pictures.md).
"""

SHOWN = 0.62, 0.08
"""Shares of the grids of a step of which nothing and all is given: made from nothing they gain most from
practice, while the holes of the other 30 % are learned well from what stands around them.
"""

LABELS = 0.1
"""Weight of a nat of the scalar cells beside the mean squared error of a pixel's velocity."""

MARKS = 0.5
"""Weight of the mean nats of a hidden symbol on a grid, beside the same."""

A_TABLE, TABLE_SHARE = 2, 0.25
"""Scalar leaves that are learned as a table of their own, and its share of the budget."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix, over grids."""

FULL_RATE_STEPS = 200
"""Steps up to which matrices learn at the full rate over grids: 3,000 steps learn more at a quarter of it
(docs/pictures.md), and a hundred hardly anything.
"""


@dataclass(frozen=True)
class Diffusion(Family):
    """Makes a record out of nothing in some steps, all of its cells at once or in random order.

    size: width of the network, the one dial. depth: residual blocks. steps: passes through the network that a
    record takes at most; one for each unknown symbol is as good as it gets for symbols alone, and grids of
    real cells take no more than 16. guidance: how far what is given is followed beyond what the data says, 0
    for exactly as the data says (Ho and Salimans 2022, arXiv:2207.12598, equation 6, as its w); unless said,
    0 for rows and a little for grids. blur, dropout: against learning rows by heart, see `Autoregressive`.
    """

    kind: ClassVar[str] = "diffusion"
    size: int = 96
    depth: int = 3
    steps: int = 64
    guidance: float | None = None
    blur: int = 2
    dropout: float = 0.1

    def build(self, spaces: Mapping[str, Space]) -> DiffusionRows | DiffusionGrids:
        """A model of rows, or of records that hold grids. Raises FamilyCannot for grids of 3-d."""
        self.refuse_unused(spaces)
        return DiffusionGrids(spaces, self) if has_grid(spaces) else DiffusionRows(spaces, self)

    def unused(self, spaces: Mapping[str, Space]) -> Mapping[str, str]:
        """Over grids: what keeps rows from being learned by heart, and passes that teach nothing more."""
        if not has_grid(spaces):
            return {}
        beside = (
            f"It is for rows: over grids with fewer than {A_TABLE} columns beside, nothing takes its place."
        )
        idle = {} if _has_table(spaces) else idle_over_grids() | dict.fromkeys(("blur", "dropout"), beside)
        if self.steps > PASSES and not any(isinstance(one, Choice) and one.grid for one in spaces.values()):
            idle["steps"] = f"Real cells on grids take at most {PASSES}: steps={PASSES}."
        return idle


class DiffusionRows(AnyOrder[RowNet]):
    """Every conditional of a record of symbols and real vectors."""

    def __init__(self, spaces: Mapping[str, Space], family: Diffusion) -> None:
        super().__init__(spaces, RowNet(choices_of(spaces), family.size, family.depth))
        self.steps, self.guidance = family.steps, family.guidance or 0.0
        self.blur, self.dropout = family.blur, family.dropout
        self.points = Points(self.real_spaces, family.size, 1, states=3) if self.reals else None
        self.clock = Clock(family.size) if self.reals else None

    def players(self) -> tuple[Player, ...]:
        """One: cross-entropy of the hidden symbols and squared error of the velocities."""
        return (Player("net", self, self.loss),)

    # --- the network --------------------------------------------------------------------------------------
    def _total(self, symbols: Tensor, known: Tensor, table: Tensor) -> Tensor:
        if not self.names:
            return torch.zeros(len(symbols), table.shape[1])
        return self.net.gather(symbols, known, table)

    def _with_points(self, total: Tensor, points: Tensor, state: Tensor, time: Tensor) -> Tensor:
        """What the trunk is given once the real cells and the time are told: (batch, width)."""
        if self.points is None or self.clock is None:
            return total
        told = self.clock(time)
        scale = max(1, len(self.names)) ** 0.5  # the trunk divides by as much
        return total + (self.points.embed(points, state) + told) * scale

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats of the hidden symbols and squared error of the velocities, a record: scalar."""
        symbols, points = self.symbols_of(values), self.points_of(values)
        batch, leaves = symbols.shape
        reals = len(self.reals)
        # a random part of half the records is given; where there are symbols alone, hiding does as much
        given = torch.zeros(batch, leaves + reals, dtype=torch.bool)
        if reals:
            given[::2] = some_known(len(given[::2]), leaves + reals, rng)
        time = evenly(batch, rng)
        flags = given[:, leaves:]
        state = torch.where(flags, KNOWN, NOISY)
        if reals:
            time = time[torch.randperm(batch, generator=rng)]
            # in a quarter of the records some real cells are unknown, so that symbols know what that is like
            some = torch.rand(batch, reals, generator=rng) < torch.rand(batch, 1, generator=rng)
            blank = some & (torch.rand(batch, 1, generator=rng) < 0.25) & ~flags
            state = torch.where(blank, UNKNOWN, state)
        free = ~given[:, :leaves]
        hides = free & (torch.rand(batch, leaves, generator=rng) >= time[:, None])
        known = ~hides
        seen, drop = symbols, keep
        if self.training:
            seen, drop = self.net.blurred(symbols, self.blur, rng), dropout(self.dropout, rng)
        total = self._total(seen, known, self.net.table())
        noise = torch.randn(points.shape, generator=rng)
        if self.points is not None:
            moves = self.points.spread(state == NOISY)
            noisy = torch.where(moves, points + (1 - time[:, None]) * (noise - points), points)
            total = self._with_points(total, noisy, state, time)
        hidden = self.net.trunk(total, drop)
        loss = hidden.new_zeros((), dtype=torch.float32)
        if leaves:
            # equation 10 of MDLM weighs by 1 / (1 - t); its mean over the t that hide so many of the free
            # symbols is (free + 1) / hidden, the same estimate with less noise
            weight = hides * ((free.sum(dim=1) + 1) / hides.sum(dim=1).clamp(min=1))[:, None]
            logits = self.net.logits(hidden).split(self.net.sizes, dim=1)
            for leaf, own in enumerate(logits):
                loss = loss + F.cross_entropy(own, symbols[:, leaf], reduction="none") @ weight[:, leaf]
        if self.points is not None:
            wrong = (self.points.read(hidden)[:, :, 0] - (points - noise)).square()
            loss = loss + (wrong * self.points.spread(state == NOISY)).sum()
        return loss / batch

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells, from nothing to a record, in at most `steps` passes."""
        known = self.symbols_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        rows, leaves = symbols.shape
        free = ~known
        most = int(free.sum(dim=1).max()) if leaves else 0
        passes = self.steps if self.reals else min(self.steps, most)
        moment = moments(torch.rand(rows, leaves, generator=rng), known, passes)
        told = known.clone()
        state = torch.where(self.flags_of(given.known), KNOWN, NOISY)
        points = self.points_of(given.values)
        if self.points is not None:
            noise = torch.randn(points.shape, generator=rng)
            points = torch.where(self.points.spread(state == KNOWN), points, noise)
        table, head = self.net.table(), self.net.head()
        guided = self.guidance > 0 and bool(known.any() or (state == KNOWN).any())
        given_state = state == KNOWN

        def seen(points: Tensor, step: int) -> tuple[Tensor, Tensor]:
            """What the heads see, and what they would see if nothing had been given (the same, unguided)."""
            time = torch.full((rows,), step / passes)
            hidden = self._hidden(symbols, told, points, state, time, table)
            if not guided:
                return hidden, hidden
            unknown = torch.where(given_state, UNKNOWN, state)
            return hidden, self._hidden(symbols, told & ~known, points, unknown, time, table)

        for step in range(passes):
            hidden, plain = seen(points, step)
            for leaf in range(leaves):
                now = torch.nonzero(moment[:, leaf] == step)[:, 0]
                if len(now) == 0:
                    continue
                logits = self.net.of_leaf(hidden[now], leaf, head).float()
                if guided:
                    free_logits = self.net.of_leaf(plain[now], leaf, head).float().log_softmax(dim=1)
                    logits = logits.log_softmax(dim=1)
                    logits = logits + self.guidance * (logits - free_logits)
                lawful = self.lawful(logits, leaf, symbols[now], told[now])
                reach = lawful.softmax(dim=1).cumsum(dim=1)
                symbols[now, leaf] = draw_alike(reach, rng)
            told |= moment == step
            if self.points is not None:
                # Heun's rule: the mean of the velocities at both ends of the step
                moves = self.points.spread(state == NOISY)
                speed = self._speed(hidden, plain)
                ahead = torch.where(moves, points + speed / passes, points)
                if step + 1 < passes:
                    speed = (speed + self._speed(*seen(ahead, step + 1))) / 2
                points = torch.where(moves, points + speed / passes, points)
        return self.leaves_of(symbols, points)

    def _hidden(
        self,
        symbols: Tensor,
        told: Tensor,
        points: Tensor,
        state: Tensor,
        time: Tensor,
        table: Tensor,
    ) -> Tensor:
        out = []
        for start in range(0, len(symbols), ROWS):
            part = slice(start, start + ROWS)
            total = self._total(symbols[part], told[part], table)
            out.append(self.net.trunk(self._with_points(total, points[part], state[part], time[part])))
        return torch.cat(out)

    def _speed(self, hidden: Tensor, plain: Tensor) -> Tensor:
        """The velocity of each channel, led by what is given: (batch, channels)."""
        assert self.points is not None  # by the caller
        speed = self.points.read(hidden)[:, :, 0]
        if plain is hidden:
            return speed
        return speed + self.guidance * (speed - self.points.read(plain)[:, :, 0])

    def reader(self, batch: Batch) -> Reader:
        """What says the logits of leaves of these records, whose real cells are told."""
        return reader_of(self.net, lambda symbols, known, table: self._told(symbols, known, table, batch))

    def _told(self, symbols: Tensor, known: Tensor, table: Tensor, batch: Batch) -> Tensor:
        """What the trunk is given for an exact conditional: (batch, width)."""
        total = self._total(symbols, known, table)
        if not self.reals:
            return total
        flags = self.flags_of(batch.known)
        state = torch.where(flags, KNOWN, UNKNOWN)
        time = torch.zeros(len(symbols))
        return self._with_points(total, self.points_of(batch.values), state, time)

    def can(self, ability: type[Ability]) -> bool:
        """All that its class can, but for the likelihood of real cells."""
        return isinstance(self, ability) and not (self.reals and ability is Likelihood)

    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown symbols | known cells), float32 (batch,). Raises FamilyCannot for real cells."""
        if self.reals:
            raise FamilyCannot(
                "the diffusion family has no exact likelihood of real cells.",
                "Records of symbols alone have one: numbers of a table are symbols.",
                "Ask for it without the real leaves.",
            )
        return super().log_prob(batch, rng, orders)


class DiffusionGrids(Record, Conditionals, Restyles, MakesMore, Walks):
    """p(unknown | given) of records that hold grids, and scalar cells."""

    def __init__(self, spaces: Mapping[str, Space], family: Diffusion) -> None:
        # three quarters of the channels take more steps in the same time, and learn more in it
        width = width_of(family.size * 3 // 4)
        told = 4 * width
        super().__init__(family.kind, spaces, told)
        self.guidance = GUIDED if family.guidance is None else family.guidance
        self.passes = family.steps if self.marks else min(family.steps, PASSES)
        self.clock = Clock(told)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.unet = drawing(self.planes, width, told)
        self.pooled = nn.Linear(self.unet.width, told).requires_grad_(bool(self.scalar_spaces))
        self.table: DiffusionRows | None = None
        if _has_table(spaces):
            self.table = DiffusionRows(self.scalar_spaces, replace(family, guidance=0.0))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def stages(self) -> tuple[Stage, ...]:
        """The table of the scalar cells, where they are one, and then all."""
        if self.table is None:
            return (Stage(self, 1.0),)
        return Stage(self.table, TABLE_SHARE, makes=False), Stage(self, 1 - TABLE_SHARE)

    def players(self) -> tuple[Player, ...]:
        """One: squared error of the velocities, and cross-entropy of hidden symbols and of the labels."""
        return (Player("net", self, self.loss, rate=RATE, full_rate_steps=FULL_RATE_STEPS),)

    def _seen(
        self, cells: Cells, there: Cells, told: Tensor, time: Tensor
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """The velocity of each pixel, logits of the symbols of grids, and what the scalar heads see."""
        planes, pooled = self.unet(self.layers(cells, there), self.told(told + self.clock(time)))
        velocity, logits = self.read(planes)
        return velocity, logits, self.heads(told + self.pooled(F.silu(pooled)))

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Mean squared error of the velocities of what moves, and nats of hidden symbols and scalars."""
        cells = self.cells(values)
        rows = len(cells.pixels)
        given = some_given(self, rows, rng, *SHOWN)
        # more of the middle of the way, where most is decided (Esser et al. 2024, arXiv:2403.03206, 3.1)
        time = torch.sigmoid(torch.randn(rows, generator=rng))
        time = torch.where(torch.rand(rows, generator=rng) < 0.1, 0.0, time)
        noise = torch.randn(cells.pixels.shape, generator=rng)
        noisy = cells.pixels + (1 - time[:, None]) * (noise - cells.pixels)
        there = given.marks | (torch.rand(cells.marks.shape, generator=rng) < time[:, None])
        seen = replace(cells, pixels=torch.where(given.pixels, cells.pixels, noisy))
        told = self.told_of(cells, given)
        velocity, logits, hidden = self._seen(seen, replace(given, marks=there), told, time)
        moves, hides = ~given.pixels, ~there
        wrong = ((velocity - (cells.pixels - noise)).square() * moves).sum() / moves.sum().clamp(min=1)
        if self.marks:  # every number of hidden symbols counts alike: the mean over those of one record
            nats = (self.nats_of_marks(logits, cells.marks) * hides).sum(dim=1)
            wrong = wrong + MARKS * (nats / hides.sum(dim=1).clamp(min=1)).mean()
        return wrong + LABELS * self.wrong(hidden, cells, given).mean()

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: scalars first, then the grids from nothing."""
        return joined([self._made(part, 0.0, rng) for part in given.pieces(PIECE)])

    @torch.no_grad()
    def restyle(self, given: Batch, strength: float, rng: torch.Generator) -> dict[str, Tensor]:
        """The record's own grids, sent part of the way back to nothing and out again (SDEdit, see below).

        Meng et al. 2022, arXiv:2108.01073, algorithm 1. Scalars count as known where `given` says so.
        """
        return joined([self._made(part, 1.0 - strength, rng) for part in given.pieces(PIECE)])

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """The kinds of the examples, read off them, and each grid restyled with its kind known."""
        told = with_kinds(self, examples, which, rng).unknown(self.grid_names)
        return joined([self._made(part, 1.0 - strength, rng) for part in told.pieces(PIECE)])

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind that flow out of noise which turns from one draw to another."""
        given = of_one_kind(self, given, rng)
        return self._made(given, 0.0, rng, turning(given.rows, (self.pixels,), rng))

    def _made(
        self, given: Batch, begin: float, rng: torch.Generator, noise: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Records whose grids flow from a time on. noise: of a walk, whose symbols share one luck."""
        cells, known = self.given(given)
        rows = len(cells.pixels)
        lucks = rows if noise is None else 1
        if noise is None:
            noise = torch.randn(cells.pixels.shape, generator=rng)
        luck = torch.rand(3, lucks, self.marks, generator=rng).expand(-1, rows, -1)
        start = noise + begin * (cells.pixels - noise)
        cells = replace(cells, pixels=torch.where(known.pixels, cells.pixels, start))
        there = replace(known, marks=known.marks | (luck[0] < begin))
        clock = torch.full((rows,), begin)
        cells, known_first = (cells, known) if begin else self._table_first(given, cells, known, rng)
        cells = self.scalars_first(
            cells, known_first, lambda told: self._seen(cells, there, told, clock)[2], rng
        )
        return self.leaves(self._flowed(cells, known, there, begin, luck))

    def _table_first(
        self, given: Batch, cells: Cells, known: Cells, rng: torch.Generator
    ) -> tuple[Cells, Cells]:
        """Records and what is known of them, once the table has made the scalars of those without a grid."""
        bare = torch.nonzero(_bare(known))[:, 0]
        if self.table is None or not len(bare):
            return cells, known
        part = Batch(*({name: of[name] for name in self.scalar_spaces} for of in (given.values, given.known)))
        made = self.table.sample(part.take(bare), rng)
        symbols = cells.symbols.index_copy(0, bare, self.symbols_of(made))
        points = cells.points.index_copy(0, bare, self.points_of(made))
        flags = [of.index_fill(0, bare, True) for of in (known.symbols, known.points)]
        there = replace(known, symbols=flags[0], points=flags[1])
        return replace(cells, symbols=symbols, points=points), there

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells) of one scalar leaf of symbols, float32 (batch, size)."""
        if self.table is None:
            return super().conditional(given, leaf)
        must_be_symbols(leaf, self.names)
        bare = _bare(self.flags(given.known))
        out = torch.empty(given.rows, self.net.sizes[self.names.index(leaf)])
        for rows, model in ((bare, self.table), (~bare, super())):
            index = torch.nonzero(rows)[:, 0]
            if len(index):
                out[index] = model.conditional(given.take(index), leaf)
        return out

    def _flowed(self, cells: Cells, known: Cells, there: Cells, begin: float, luck: Tensor) -> Cells:
        """Records whose scalar cells are there, with the rest of their grids made.

        luck: in which order symbols are drawn, and at which level of their distribution, in its last two.
        """
        given = any(bool(flags.any()) for flags in (known.symbols, known.points, known.pixels, known.marks))
        led = given and self.guidance > 0 and self.scalar_spaces
        told = [self.told_of(cells, known.with_scalars(flag)) for flag in ((True, False) if led else (True,))]
        # two passes for each step of real cells; symbols alone take no more than there are
        passes = self.passes / 2 if self.pixels else min(self.passes, self.marks)
        steps = max(1, round(passes * (1 - begin)))
        moment = moments(luck[1], there.marks, steps)
        for step in range(steps):
            time, ahead = (begin + (1 - begin) * place / steps for place in (step, step + 1))
            speed, logits = self._led(cells, there, told, time)
            if self.marks:
                now = moment == step
                cells = replace(cells, marks=torch.where(now, self.pick_marks(logits, luck[2]), cells.marks))
                there = replace(there, marks=there.marks | now)
            then = _on(cells, known, (ahead - time) * speed)
            if self.pixels and step + 1 < steps:  # Heun's rule: the mean of the velocities at both ends
                speed = (speed + self._led(then, there, told, ahead)[0]) / 2
                then = _on(cells, known, (ahead - time) * speed)
            cells = then
        return cells

    def _led(
        self, cells: Cells, there: Cells, told: list[Tensor], time: float
    ) -> tuple[Tensor, list[Tensor]]:
        """Velocities and logits, led by the first thing that is told beyond the second, if there is one."""
        clock = torch.full((len(cells.pixels),), time)
        (speed, logits, _), *plain = (self._seen(cells, there, one, clock) for one in told)
        for free, unled, _ in plain:
            speed = speed + self.guidance * (speed - free)
            logits = [part.log_softmax(dim=1) for part in logits]
            pairs = zip(logits, unled, strict=True)
            logits = [own + self.guidance * (own - other.log_softmax(dim=1)) for own, other in pairs]
        return speed, logits

    def hidden_of(self, cells: Cells, known: Cells, rng: torch.Generator) -> Tensor:
        """What the scalar heads see of records of which a part is known, and of the others noise."""
        noise = torch.randn(cells.pixels.shape, generator=rng)
        seen = replace(cells, pixels=torch.where(known.pixels, cells.pixels, noise))
        return self._seen(seen, known, self.told_of(cells, known), torch.zeros(len(noise)))[2]


def _has_table(spaces: Mapping[str, Space]) -> bool:
    """Whether the scalar cells beside grids are enough to be learned as a table."""
    return sum(not space.grid for space in spaces.values()) >= A_TABLE


def _bare(known: Cells) -> Tensor:
    """Records of whose grids nothing is known: bool (rows,)."""
    return ~(known.pixels.any(dim=1) | known.marks.any(dim=1))


def _on(cells: Cells, known: Cells, step: Tensor) -> Cells:
    """Records whose pixels have moved, but those that are known."""
    return replace(cells, pixels=torch.where(known.pixels, cells.pixels, cells.pixels + step))
