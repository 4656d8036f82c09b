"""Updates: how a batch becomes a step is an argument of the loop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from sampan.errors import StoreError
from sampan.learning.update import Turn, Update
from tests.learning.toy import model_of, run, same


@dataclass(frozen=True)
class Clipped(Update):
    """The gradients of parts of a batch, each no longer than so much, added up: as privacy needs it."""

    most: float
    parts: int = 4

    def step(self, turn: Turn) -> float:
        weights, total = list(turn.player.weights.parameters()), 0.0
        summed = [torch.zeros_like(weight) for weight in weights]
        for part in range(self.parts):
            turn.player.weights.zero_grad(set_to_none=True)
            loss = turn.loss({name: tensor[part :: self.parts] for name, tensor in turn.batch.items()})
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, self.most)
            total += float(loss.detach()) / self.parts
            for sum_, weight in zip(summed, weights, strict=True):
                sum_ += 0 if weight.grad is None else weight.grad
        for sum_, weight in zip(summed, weights, strict=True):
            weight.grad = sum_ / self.parts
        length = torch.stack([weight.grad.norm() for weight in weights if weight.grad is not None]).norm()
        assert length <= self.most * 1.001
        turn.move()
        return total


def test_how_a_batch_becomes_a_step_is_an_argument(tmp_path: Path, saving: None) -> None:
    plain, clipped, again = model_of(), model_of(), model_of()
    run(plain, steps=30)
    history = run(clipped, steps=30, update=Clipped(0.05))
    assert history.looks[-1].held_out < history.looks[0].held_out and not same(plain, clipped)
    run(again, steps=30, update=Clipped(0.05), checkpoint=tmp_path)
    assert same(clipped, again)
    with pytest.raises(StoreError, match="begun with another update"):
        run(model_of(), steps=30, checkpoint=tmp_path)
    with pytest.raises(StoreError, match="begun with another update"):
        run(model_of(), steps=30, update=Clipped(0.5), checkpoint=tmp_path)
