"""Optimisers: what moves the weights of a player, each with its peak rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from sampan.family import Player
from sampan.learning.pace import Pace

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""The quintic's coefficients: chosen by its authors for the fastest start, not for a fixed point at 1."""


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """About the nearest semi-orthogonal matrices: (count, rows, columns) -> the same shape."""
    wide = matrices.transpose(1, 2) if matrices.shape[1] > matrices.shape[2] else matrices
    x = wide / (wide.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return x.transpose(1, 2) if matrices.shape[1] > matrices.shape[2] else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, made orthogonal. For matrices, and for kernels of convolutions as (out, all else).

    Everything else belongs to AdamW. Jordan et al. 2024 (kellerjordan.github.io/posts/muon): the momentum of
    a matrix is replaced by the nearest semi-orthogonal matrix, found by five Newton-Schulz iterations, so
    every direction learns at one speed. On Beijing 1,200 steps of it reached a held-out score of 26.94 nats a
    record, 1,200 steps of AdamW 27.46. Matrices of one shape are iterated together, which a CPU likes.

    lr: size of a step, relative to matrices of unit spectral norm.
    """

    def __init__(
        self,
        weights: Iterable[Tensor],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step for every matrix that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    by_shape[weight.shape].append(weight)
            for shape, weights in by_shape.items():
                ahead = []
                for weight in weights:
                    gradient = weight.grad
                    assert gradient is not None  # by the choice of `weights`
                    state = self.state[weight]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(weight)
                    state["momentum"].lerp_(gradient, 1 - group["momentum"])
                    ahead.append(gradient.lerp(state["momentum"], group["momentum"]).flatten(1))
                kind = torch.bfloat16 if torch.is_autocast_enabled(weights[0].device.type) else torch.float32
                steps = orthogonal(torch.stack(ahead).to(kind)).float()
                # tall matrices take longer steps, so that a unit's output changes alike in all layers
                scale = max(1.0, shape[0] / steps[0].shape[1]) ** 0.5
                for weight, step in zip(weights, steps, strict=True):
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.add_(step.view(shape), alpha=-group["lr"] * scale)


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
