"""Batches: which records each step learns from, a function of seed and step alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from sampan.device import device_of
from sampan.family import Model
from sampan.learning.budget import Budget
from sampan.learning.pace import Pace
from sampan.randomness import Purpose, generator_of
from sampan.space import widened

MOST_SEEN = 2**28
"""Cells that a model looks at before its first step and after its last one: 1 GiB of wide pictures."""


def wide(model: Model, some: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Leaves as the model wants them: they are kept in the smallest numbers that hold them."""
    device = device_of(model)
    return {name: widened(tensor, model.spaces[name]).to(device) for name, tensor in some.items()}


@final
class Batches:
    """The records that a model learns from, a batch at a time. They go round: a fresh order each epoch."""

    def __init__(
        self, model: Model, values: Mapping[str, Tensor], seed: int, budget: Budget, pace: Pace
    ) -> None:
        self.model, self.values, self.seed = model, values, seed
        self.rows = len(next(iter(values.values()))) if values else 0
        self.size = _size(model, self.rows, budget, pace)
        self._epoch, self._order = -1, torch.empty(0)

    def of(self, step: int) -> dict[str, Tensor]:
        """Those of a step."""
        epoch, place = divmod(step, max(1, self.rows // self.size))
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = torch.randperm(self.rows, generator=generator_of(self.seed, Purpose.EPOCH, epoch))
        index = self._order[place * self.size : (place + 1) * self.size]
        return wide(self.model, {name: tensor[index] for name, tensor in self.values.items()})

    def sample(self) -> dict[str, Tensor]:
        """The first 100,000, fewer of big records: what a model looks at before and after it learns."""
        most = 100_000 if self.model.rows_of_a_step is None else 64 * self.model.rows_of_a_step
        most = min(most, MOST_SEEN // max(1, sum(tensor[:1].numel() for tensor in self.values.values())))
        return wide(self.model, {name: tensor[:most] for name, tensor in self.values.items()})


def _size(model: Model, rows: int, budget: Budget, pace: Pace) -> int:
    """How many records a step learns from."""
    most = float(pace.batch)
    if budget.steps is None and budget.seconds is not None:
        # little time: many small steps take it further than few large ones
        most = min(most, max(256.0, 32 * budget.seconds))
    wanted = max(64, 2 ** round(math.log2(max(min(rows / 8, most), 1))))
    return min(wanted, model.rows_of_a_step or wanted)
