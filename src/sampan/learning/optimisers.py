"""Optimisers: what moves the weights of a player, each with its peak rate."""

from __future__ import annotations

import torch
from torch import nn

from sampan.family import Player
from sampan.learning.muon import Muon
from sampan.learning.pace import Pace

INNER = (nn.Linear, nn.Conv2d)
"""The layers whose weights are matrices, between what comes in and what goes out."""

Rated = tuple[torch.optim.Optimizer, float]
"""An optimiser and its peak rate."""


def optimisers_of(player: Player, pace: Pace, rows: int) -> list[Rated]:
    """Muon for weights of linear layers and convolutions, AdamW for the rest; of a table of so many rows."""
    rate = player.rate or pace.rate
    if player.adversarial:
        every = list(player.weights.parameters())
        return [(torch.optim.AdamW(every, betas=(0.0, 0.99), weight_decay=0.0, fused=True), rate)]
    inner = [layer.weight for layer in player.weights.modules() if isinstance(layer, INNER)]
    chosen = {id(weight) for weight in inner}
    # tables, biases and norms are not decayed: decay there pulls frequencies towards uniform
    rest = [weight for weight in player.weights.parameters() if id(weight) not in chosen]
    out: list[Rated] = []
    if rest:
        out.append((torch.optim.AdamW(rest, betas=(0.9, 0.99), weight_decay=0.0, fused=True), rate))
    if inner:
        out.append((Muon(inner, weight_decay=pace.decay * min(1.0, pace.few / rows)), pace.inner_rate))
    return out


def at_rate(
    rated: list[Rated], share: float, player: Player, planned: int | None
) -> list[torch.optim.Optimizer]:
    """The optimisers of a player, set to a share of their peak rates.

    The rate of matrices falls where more steps are planned than the player learns at the full one.
    """
    slower = 1.0
    if player.full_rate_steps is not None and planned:
        slower = min(1.0, player.full_rate_steps / planned) ** 0.5
    for optimiser, rate in rated:
        for group in optimiser.param_groups:
            group["lr"] = share * rate * (slower if isinstance(optimiser, Muon) else 1.0)
    return [optimiser for optimiser, _ in rated]
