"""Precision: what products of matrices are computed in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from sampan.family import Player
from sampan.learning import clock
from sampan.learning.budget import Budget
from sampan.learning.optimisers import INNER
from sampan.learning.state import Precision

CLEARLY = 1.4
"""So many times faster must bfloat16 be to be taken."""


def precision_of(budget: Budget, players: Sequence[Player], device: torch.device, batch: int) -> Precision:
    """What an earlier run decided, if any; float32 for exact steps; else what is faster here.

    Exact steps are asked for so that they can be repeated: a stopwatch must not decide about them.
    """
    if budget.precision or budget.steps is not None:
        return budget.precision or "float32"
    return _faster(players, device, batch)


def computed_in(precision: Precision, device: torch.device) -> torch.autocast:
    """Products of matrices are computed in this precision while it lasts."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")


def _faster(players: Sequence[Player], device: torch.device, batch: int) -> Precision:
    """By timing the model's largest layer both ways.

    The layer alone, both ways in turn, and a clear margin: timing whole steps made equal runs on a busy
    machine differ.
    """
    inner = [layer for player in players for layer in player.weights.modules() if isinstance(layer, INNER)]
    if not inner:
        return "float32"
    layer = max(inner, key=lambda layer: layer.weight.numel())
    if isinstance(layer, nn.Conv2d):
        rows = torch.ones(8, layer.in_channels, 16, 16, device=device)
        rows = rows.contiguous(memory_format=torch.channels_last)
    else:  # enough rows, or a small matrix is timed by what surrounds the product
        rows = torch.ones(max(batch, 512), layer.in_features, device=device)
    best: dict[Precision, float] = {"float32": math.inf, "bfloat16": math.inf}
    with torch.no_grad():
        for _ in range(9):
            for kind in best:
                with computed_in(kind, device):
                    begun = clock.now()
                    layer(rows).sum().item()
                    best[kind] = min(best[kind], clock.now() - begun)
    return "bfloat16" if best["float32"] > CLEARLY * best["bfloat16"] else "float32"
