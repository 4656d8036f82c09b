"""Diffusion over rows: symbols come out of a mask, real cells out of noise, in one process and one network.

Time t runs from 0, where nothing is there, to 1, where the record is. A symbol is hidden until a moment of
its own, uniform on [0, 1] (masked, or absorbing, diffusion: Sahoo et al. 2024, arXiv:2406.07524, equation 10;
Shi et al. 2024, arXiv:2406.04329); a real cell is (1 - t) noise + t value, and the network predicts its
velocity, value - noise (flow matching: Lipman et al. 2023, arXiv:2210.02747, equation 23 with the straight
path). Both belong to one record and see each other, as in TabDiff (Shi et al. 2025, arXiv:2410.20626).

What is given is at t = 1 from the beginning. For records of symbols alone, p(symbol | known ones) does not
depend on t, so the network is that of an any-order model: every conditional is exact, and a record may be
made with fewer passes than it has leaves, several leaves a pass, each drawn as if the others of its pass were
not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.errors import FamilyCannot
from sampan.families.diffusion_pictures import DiffusionPictures
from sampan.family import Family, Player
from sampan.nn.pictures import has_picture
from sampan.nn.points import KNOWN, NOISY, UNKNOWN, Points
from sampan.nn.rows import dropout, keep
from sampan.nn.scalars import AnyOrder, draw_alike, evenly, only_scalars, some_known
from sampan.space import Batch, Space

PIECE = 2048
"""Rows that pass through the network together when sampling."""

WAVES = 8
"""Frequencies that tell the network the time."""


@dataclass(frozen=True)
class Diffusion(Family):
    """Makes a record out of nothing in some steps, all of its cells at once or in random order.

    size: width of the network, the one dial. depth: residual blocks. steps: passes through the network that a
    record takes at most; one for each unknown symbol is as good as it gets for symbols alone. guidance: how
    far what is given is followed beyond what the data says, 0 for exactly as the data says (Ho and Salimans
    2022, arXiv:2207.12598, equation 6, as its w); unless said, 0 for rows and a little for pictures (see
    `sampan.families.diffusion_pictures`). blur, dropout: against learning records by heart, see
    `Autoregressive`.
    """

    kind: ClassVar[str] = "diffusion"
    size: int = 96
    depth: int = 3
    steps: int = 64
    guidance: float | None = None
    blur: int = 2
    dropout: float = 0.1

    def build(self, spaces: Mapping[str, Space]) -> DiffusionRows | DiffusionPictures:
        """A model of rows, or of records that hold a picture. Raises FamilyCannot for other grids."""
        if has_picture(spaces):
            return DiffusionPictures(spaces, self)
        only_scalars(self.kind, spaces)
        return DiffusionRows(spaces, self)

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters by name."""
        return asdict(self)


class DiffusionRows(AnyOrder):
    """Every conditional of a record of symbols and real vectors."""

    def __init__(self, spaces: Mapping[str, Space], family: Diffusion) -> None:
        super().__init__(spaces, family.size, family.depth)
        self.steps, self.guidance = family.steps, family.guidance or 0.0
        self.blur, self.dropout = family.blur, family.dropout
        self.points = Points(self.real_spaces, family.size, 1, states=3) if self.reals else None
        self.clock = nn.Linear(2 * WAVES, family.size) if self.reals else None

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
        angle = time[:, None] * (2.0 ** torch.arange(WAVES) * math.pi / 4)
        told = self.clock(torch.cat([angle.sin(), angle.cos()], dim=1))
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
            logits = F.linear(hidden, self.net.head(), self.net.bias).float().split(self.net.sizes, dim=1)
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
        # the moment of each symbol: its place in a random order of the unknown ones, evenly over the passes
        place = torch.rand(rows, leaves, generator=rng).masked_fill(known, 2.0).argsort(dim=1).argsort(dim=1)
        moment = torch.where(free, place * passes // free.sum(dim=1, keepdim=True).clamp(min=1), -1)
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
                penalty = self.laws.penalty(leaf, symbols[now], told[now])
                reach = (logits if penalty is None else logits + penalty).softmax(dim=1).cumsum(dim=1)
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
        for start in range(0, len(symbols), PIECE):
            part = slice(start, start + PIECE)
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

    def total_of(self, symbols: Tensor, known: Tensor, batch: Batch) -> Tensor:
        """What the trunk is given for an exact conditional: (batch, width)."""
        total = self._total(symbols, known, self.net.table())
        if not self.reals:
            return total
        flags = self.flags_of(batch.known)
        state = torch.where(flags, KNOWN, UNKNOWN)
        time = torch.zeros(len(symbols))
        return self._with_points(total, self.points_of(batch.values), state, time)

    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown symbols | known cells), float32 (batch,). Raises FamilyCannot for real cells."""
        if self.reals:
            raise FamilyCannot(
                "the diffusion family has no exact likelihood of real cells.",
                "Records of symbols alone have one: numbers of a table are symbols.",
                "Ask for it without the real leaves.",
            )
        return super().log_prob(batch, rng, orders)
