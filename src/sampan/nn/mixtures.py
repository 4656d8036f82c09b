"""Mixtures: p(z | context) of a real vector, one coordinate after another, each a mixture of Gaussians.

A masked network gives all conditionals in one pass (MADE: Germain et al. 2015, arXiv:1502.03509); each is a
mixture density (Bishop 1994). Sampling takes a pass for each coordinate.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SPREAD = 1.5
"""Where the components of an untrained mixture lie, from minus to plus this."""


class Mixtures(nn.Module):
    """Density and samples of z given a context: (batch, size) given (batch, width)."""

    into_mask: Tensor
    inner_mask: Tensor
    out_mask: Tensor

    def __init__(self, size: int, width: int, hidden: int, components: int) -> None:
        super().__init__()
        self.size, self.components = size, components
        # a hidden unit of degree g sees the coordinates before g; degree 0 sees the context alone
        degree, place = torch.arange(hidden) % size, torch.arange(size)
        outputs = place.repeat_interleave(3 * components)
        self.register_buffer("into_mask", (degree[:, None] > place).float(), persistent=False)
        self.register_buffer("inner_mask", (degree[:, None] >= degree).float(), persistent=False)
        self.register_buffer("out_mask", (outputs[:, None] >= degree).float(), persistent=False)
        self.into, self.inner = nn.Linear(size, hidden), nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 3 * components * size)
        self.context, self.direct = nn.Linear(width, hidden), nn.Linear(width, 3 * components * size)
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()
            centre = self.out.bias.view(size, components, 3)[:, :, 1]
            centre.copy_(torch.linspace(-SPREAD, SPREAD, components).expand(size, components))
            self.direct.weight.zero_()
            self.direct.bias.zero_()

    def _mixture(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-weights, means and log-scales: float32 (batch, size, components) each."""
        hidden = self._hidden(z, self.context(context))
        out = F.linear(F.silu(hidden), self.out.weight * self.out_mask, self.out.bias)
        return _read((out + self.direct(context)).unflatten(1, (self.size, self.components, 3)))

    def _hidden(self, z: Tensor, told: Tensor) -> Tensor:
        hidden = F.linear(z, self.into.weight * self.into_mask, self.into.bias) + told
        return hidden + F.linear(F.silu(hidden), self.inner.weight * self.inner_mask, self.inner.bias)

    def log_prob(self, z: Tensor, context: Tensor) -> Tensor:
        """log p of each coordinate given those before it: float32 (batch, size)."""
        weight, mean, scale = self._mixture(z, context)
        away = (z[:, :, None] - mean) * torch.exp(-scale)
        parts = weight - scale - 0.5 * away.square() - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(parts, dim=2)

    def sample(self, context: Tensor, rng: torch.Generator, temperature: float = 1.0) -> Tensor:
        """One z for each context: float32 (batch, size).

        temperature: below 1, likely places more often and tails less; the density itself at 1.
        """
        z = torch.zeros(len(context), self.size)
        told, direct = self.context(context), self.direct(context)
        each = 3 * self.components
        for place in range(self.size):
            # the heads of this coordinate alone
            part = slice(place * each, (place + 1) * each)
            hidden = F.silu(self._hidden(z, told))
            out = F.linear(hidden, self.out.weight[part] * self.out_mask[part], self.out.bias[part])
            weight, mean, scale = _read((out + direct[:, part]).unflatten(1, (self.components, 3)))
            chosen = torch.multinomial((weight / temperature).softmax(dim=1), 1, generator=rng)
            noise = temperature * torch.randn(len(z), generator=rng)
            z[:, place] = mean.gather(1, chosen)[:, 0] + scale.gather(1, chosen)[:, 0].exp() * noise
        return z


def _read(told: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log-weights, means and log-scales out of what the heads say: (..., components, 3)."""
    weight, mean, scale = told.float().unbind(dim=-1)
    return weight.log_softmax(dim=-1), mean, scale.clamp(-7, 4)
