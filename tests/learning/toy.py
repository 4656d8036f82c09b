"""A small world that is learned in a second: seasons, and whether there is ice."""

from __future__ import annotations

import torch

from sampan.families.autoregressive import Autoregressive
from sampan.family import Model
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.state import History
from tests.worlds import WORLDS

WORLD = WORLDS["weather"]
VALUES, HELD = WORLD.draw(3_000, 0), WORLD.draw(500, 1)


FAMILY = Autoregressive(size=16, depth=1, dropout=0.1, apart=False)
"""One network for all leaves, so that there are matrices beside tables."""


def model_of(seed: int = 0) -> Model:
    torch.manual_seed(seed)
    return FAMILY.build(WORLD.spaces)


def run(model: Model, steps: int = 60, seed: int = 0, **more: object) -> History:
    return train(model, VALUES, HELD, budget=Budget(seconds=None, steps=steps), seed=seed, **more)  # type: ignore[arg-type]


def same(one: Model, other: Model) -> bool:
    return all(
        torch.allclose(a, b, atol=1e-6) for a, b in zip(one.parameters(), other.parameters(), strict=True)
    )
