"""Levels are uniform, even between neighbours, and say nothing about each other."""

from __future__ import annotations

import torch

from sampan.stratified import alike_together, even_levels


def test_two_columns_levels_are_independent() -> None:
    """Also where both columns put the rows in the very same order."""
    rng = torch.Generator().manual_seed(0)
    order = torch.arange(50_000)
    one, two = even_levels(order, rng), even_levels(order, rng)
    cells = torch.histogramdd(torch.stack([one, two], dim=1), bins=[8, 8], range=[0.0, 1.0, 0.0, 1.0]).hist
    assert (cells / 50_000 * 64 - 1).abs().max() < 0.15
    assert torch.corrcoef(torch.stack([one, two]))[0, 1].abs() < 0.02


def test_each_row_is_uniform() -> None:
    draws = torch.stack(
        [even_levels(torch.arange(100), torch.Generator().manual_seed(seed)) for seed in range(4_000)]
    )
    assert (draws.mean(dim=0) - 0.5).abs().max() < 0.03
    assert (draws.var(dim=0) - 1 / 12).abs().max() < 0.006
    assert draws.min() >= 0 and draws.max() < 1


def test_shares_are_nearly_exact() -> None:
    rng = torch.Generator().manual_seed(0)
    score = torch.randint(3, (30_000,), generator=rng).float()
    levels = even_levels(alike_together(score, rng), rng)
    for value in range(3):
        share = (levels[score == value] < 0.3).float().mean()
        assert (share - 0.3).abs() < 0.002  # chance alone would often miss by 0.005 and more
