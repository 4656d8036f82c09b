"""Lesson: what a family is to learn, from which records, for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch
from torch import Tensor

from sampan.family import Family, Model
from sampan.learning.budget import Budget
from sampan.learning.history import History
from sampan.learning.loop import train
from sampan.learning.progress import OnStep
from sampan.randomness import seeded
from sampan.space import Space


@final
@dataclass(frozen=True, eq=False)
class Lesson:
    """The same for every family that is to learn it.

    - spaces, values, held: of each leaf; `held` rows only say when to stop.
    - on_step, checkpoint: as `train` has them.
    """

    spaces: Mapping[str, Space]
    values: Mapping[str, Tensor]
    held: Mapping[str, Tensor]
    budget: Budget
    seed: int
    on_step: OnStep = lambda progress: None
    checkpoint: Path | None = None
    device: torch.device | None = None

    def begun_by(self, family: Family) -> Model:
        """A model whose first weights come of the seed alone. Raises FamilyCannot."""
        with seeded(self.seed):
            return family.build(self.spaces).to(self.device)

    def teach(self, model: Model, on_look: Callable[[Model], None] | None = None) -> History:
        """Train the model in place."""
        return train(
            model,
            self.values,
            self.held,
            budget=self.budget,
            seed=self.seed,
            on_step=self.on_step,
            checkpoint=self.checkpoint,
            on_look=on_look,
        )
