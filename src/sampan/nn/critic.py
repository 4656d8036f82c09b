"""Critic: how real a record of scalar cells looks, out of the sum of its cells' embeddings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.points import WAVES, waves
from sampan.nn.rows import Block, SymbolTable
from sampan.space import Choice, Real, Space


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
