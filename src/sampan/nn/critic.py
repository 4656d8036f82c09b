"""Critic: how real a record looks, out of the sum of its cells' embeddings and what is seen of its grids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.planes import Plane, seeing
from sampan.nn.points import WAVES, waves
from sampan.nn.rows import Block, SymbolTable
from sampan.space import Choice, Real, Space


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Records as a critic sees them: scalar symbols one-hot, real scalars, and each grid as channels.

    one_hot: (rows, symbols of all leaves). points: (rows, channels). planes: each (rows, channels, *grid).
    """

    one_hot: Tensor
    points: Tensor
    planes: tuple[Tensor, ...] = ()

    def detached(self) -> Side:
        """The same without a way back to what made them."""
        return Side(self.one_hot.detach(), self.points.detach(), tuple(one.detach() for one in self.planes))


class Critic(nn.Module):
    """How real a record looks beside others: any number."""

    def __init__(self, spaces: Mapping[str, Space], width: int, depth: int, pack: int = 1) -> None:
        super().__init__()
        cells, self.pack = len(spaces), pack
        reals = [space for space in spaces.values() if isinstance(space, Real)]
        choices = [space for space in spaces.values() if isinstance(space, Choice)]
        self.embed = SymbolTable(choices, width, 1.0)
        channels = sum(space.channels for space in reals)
        self.into = nn.Linear(channels * WAVES, width, bias=False) if reals else None
        self.given = nn.Parameter(torch.randn(cells, width) * 0.3)
        """What tells the critic that a cell was given."""
        self.scale = cells**-0.5
        self.join = nn.Linear(width * pack, width) if pack > 1 else None
        blocks = [Block(width) for _ in range(depth)]
        for block in blocks:
            nn.init.normal_(block.out.weight, std=0.02)  # a critic that sees nothing yet teaches nothing
        self.blocks = nn.ModuleList(blocks)
        self.out = nn.Linear(width, 1, bias=False)  # only differences of scores count

    def record(self, symbols: Tensor, points: Tensor, given: Tensor) -> Tensor:
        """A record as one vector: one-hot symbols (batch, symbols of all leaves) -> (batch, width)."""
        total = symbols @ self.embed() + given.to(symbols.dtype) @ self.given
        if self.into is not None:
            total = total + self.into(waves(points))
        return total * self.scale

    def forward(self, record: Tensor, drop: Callable[[Tensor], Tensor] = lambda hidden: hidden) -> Tensor:
        """(batch, width) -> (batch / pack,). drop: what becomes of hidden units while learning."""
        if self.join is not None:
            record = self.join(record.view(len(record) // self.pack, -1))
        for block in self.blocks:
            record = block(record, drop)
        return self.out(F.silu(record))[:, 0]

    def judged(self, side: Side, given: Tensor) -> Tensor:
        """How real records look: (rows,). given: which of their cells are, bool (rows, leaves)."""
        return self(self.record(side.one_hot, side.points, given))

    def compared(self, real: Side, made: Side, given: Tensor, steep: bool) -> tuple[Tensor, Tensor, Tensor]:
        """How real either side looks, and the sum of mean squared slopes there, 0 unless asked `steep`."""
        scores, slopes = [], torch.zeros(())
        with torch.enable_grad():
            for side in (real, made):
                record = self.record(side.one_hot, side.points, given)
                scores.append(self(record))
                if steep:
                    (slope,) = torch.autograd.grad(scores[-1].sum(), record, create_graph=True)
                    slopes = slopes + slope.square().sum(dim=1).mean()
        return scores[0], scores[1], slopes


class GridCritic(nn.Module):
    """How real a record that holds grids looks beside others: any number.

    scalars: the leaves without a grid. leaves: how many there are in all. width: of the network that sees.
    """

    def __init__(
        self, planes: Sequence[Plane], scalars: Mapping[str, Space], leaves: int, width: int
    ) -> None:
        super().__init__()
        told = 4 * width
        choices = [space for space in scalars.values() if isinstance(space, Choice)]
        self.embed = SymbolTable(choices, told, 1.0)
        channels = sum(space.channels for space in scalars.values() if isinstance(space, Real))
        self.into = nn.Linear(channels * WAVES, told, bias=False) if channels else None
        self.given = nn.Linear(leaves, told)
        self.seen = seeing(planes, width, told, told, into=[plane.out for plane in planes])
        self.out = nn.Linear(told, told)

    def record(self, side: Side, given: Tensor) -> Tensor:
        """The scalar cells and what is given as one vector: (rows, width)."""
        total = side.one_hot @ self.embed() + self.given(given)
        return total if self.into is None else total + self.into(waves(side.points))

    def forward(self, planes: Sequence[Tensor], record: Tensor) -> Tensor:
        """Channels of each plane, (rows, width) -> (rows,)."""
        seen = self.seen(planes, record)
        # the product asks whether grids and labels belong together (Miyato and Koyama 2018)
        return ((self.out(F.silu(record)) + 1) * seen).mean(dim=1) * 4

    def judged(self, side: Side, given: Tensor) -> Tensor:
        """How real records look: (rows,). given: how much of each leaf is, 0 to 1: (rows, leaves)."""
        return self(side.planes, self.record(side, given))

    def compared(self, real: Side, made: Side, given: Tensor, steep: bool) -> tuple[Tensor, Tensor, Tensor]:
        """How real either side looks, and the sum of mean squared slopes there, 0 unless asked `steep`."""
        both = Side(torch.cat([real.one_hot, made.one_hot]), torch.cat([real.points, made.points]))
        slopes = torch.zeros(())
        with torch.enable_grad():
            planes = [torch.cat(pair) for pair in zip(real.planes, made.planes, strict=True)]
            planes = [plane.requires_grad_(steep) for plane in planes]
            record = self.record(both, torch.cat([given, given]))
            score = self(planes, record)
            if steep:  # of both sides together, a half each
                for slope in torch.autograd.grad(score.sum(), (*planes, record), create_graph=True):
                    slopes = slopes + 2 * slope.flatten(1).square().sum(dim=1).mean()
        at_real, at_made = score.float().chunk(2)
        return at_real, at_made, slopes
