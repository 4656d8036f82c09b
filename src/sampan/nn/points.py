"""Points: real vectors of a record in and out of a network, beside the embeddings of its symbols.

A number goes in as itself and as sines and cosines of several frequencies (Tancik et al. 2020,
arXiv:2006.10739): a network of smooth units alone learns sharp edges late.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sampan.space import Real

FREQUENCIES = (0.5, 1.0, 2.0, 4.0)
"""Half turns per unit. Values are of about unit scale, so that the fastest tells values an eighth apart."""

WAVES = 1 + 2 * len(FREQUENCIES)
"""Features of a number."""

TICKS = 8
"""Frequencies that tell a network the time."""

UNKNOWN, KNOWN, NOISY = 0, 1, 2
"""What a cell is to the network: not there, as it is, or on its way from noise to a value."""


def waves(values: Tensor) -> Tensor:
    """A value as itself and its waves: (batch, channels) -> (batch, channels * WAVES)."""
    angle = values[:, :, None] * values.new_tensor(FREQUENCIES) * math.pi
    return torch.cat([values[:, :, None], angle.sin(), angle.cos()], dim=2).flatten(1)


class Clock(nn.Linear):
    """The time, from 0 to 1, as a network is told it: by the waves of several frequencies."""

    def __init__(self, width: int) -> None:
        super().__init__(2 * TICKS, width)

    def forward(self, input: Tensor) -> Tensor:
        """(batch,) -> (batch, width)."""
        angle = input[:, None] * (2.0 ** torch.arange(TICKS) * math.pi / 4)
        return super().forward(torch.cat([angle.sin(), angle.cos()], dim=1))


class Points(nn.Module):
    """The real leaves of a record, their channels side by side: (batch, channels of all leaves).

    outputs: numbers that the network says about each channel (a velocity; or a mean and a log-scale).
    states: how many of UNKNOWN, KNOWN and NOISY occur.
    """

    owner: Tensor

    def __init__(self, spaces: Mapping[str, Real], width: int, outputs: int, states: int = 2) -> None:
        super().__init__()
        self.channels = tuple(space.channels for space in spaces.values())
        self.total, self.outputs = sum(self.channels), outputs
        owner = torch.arange(len(self.channels))
        owner = owner.repeat_interleave(torch.tensor(self.channels), output_size=self.total)
        self.register_buffer("owner", owner, persistent=False)
        self.marks = nn.Parameter(torch.randn(states, len(self.channels), width) * 0.3)
        """What stands for the state of each leaf: unknown, known or noisy."""
        self.into = nn.Linear(self.total * WAVES, width, bias=False)
        self.out = nn.Linear(width, self.total * outputs)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def embed(self, values: Tensor, state: Tensor) -> Tensor:
        """Sum of the embeddings of a record's real cells: (batch, channels) -> (batch, width).

        state: (batch, leaves), UNKNOWN, KNOWN or NOISY; the value of an unknown leaf does not matter.
        """
        there = (state != UNKNOWN)[:, self.owner].to(values.dtype)
        features = waves(values * there) * there.repeat_interleave(WAVES, dim=1)
        embedded = self.into(features)
        for kind, marks in enumerate(self.marks):
            embedded = embedded + (state == kind).to(features.dtype) @ marks
        return embedded

    def read(self, hidden: Tensor) -> Tensor:
        """What the network says of each channel: (batch, width) -> float32 (batch, channels, outputs)."""
        return self.out(hidden).float().unflatten(1, (self.total, self.outputs))

    def spread(self, flags: Tensor) -> Tensor:
        """Flags of leaves as flags of their channels: bool (batch, leaves) -> (batch, channels)."""
        return flags[:, self.owner]
