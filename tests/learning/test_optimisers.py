"""Optimisers: Muon, and the rate of matrices."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from sampan.learning.optimisers import orthogonal
from tests.learning.toy import model_of, run


def test_muon_steps_are_nearly_orthogonal() -> None:
    x = torch.randn(3, 40, 12, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(x))
    assert values.min() > 0.5 and values.max() < 1.3


@pytest.mark.parametrize(("planned", "left"), [(2, 1.0), (8, 0.5)])
def test_a_player_of_a_limited_full_rate_moves_its_matrices_less_where_more_steps_are_planned(
    planned: int, left: float
) -> None:
    def moved(steps: int, full_rate_steps: int | None) -> dict[str, Tensor]:
        """How far one step of so many takes the weights."""
        model = model_of()
        players = [replace(player, full_rate_steps=full_rate_steps) for player in model.players()]
        model.players = lambda: tuple(players)  # type: ignore[method-assign]
        before = {name: weight.detach().clone() for name, weight in model.named_parameters()}

        run(model, steps, on_step=lambda progress: "stop")
        return {name: weight.detach() - before[name] for name, weight in model.named_parameters()}

    full, less = moved(planned, None), moved(planned, 2)
    matrices = {name for name in full if full[name].ndim == 2 and float(full[name].abs().sum()) > 0}
    inner = {name for name in matrices if not torch.allclose(less[name], full[name], rtol=1e-3)}
    assert bool(inner) == (left < 1)
    for name in full:
        share = left if name in inner else 1.0
        torch.testing.assert_close(less[name], share * full[name], rtol=1e-3, atol=1e-7)
