"""Line: the network for what lies on a line (a text, a series): a small transformer.

Neighbours are cut into pieces so that at most `TOKENS` of them lie along the line. Each block mixes near
pieces by a convolution and all pieces by attention (as in the Conformer: Gulati et al. 2020,
arXiv:2005.08100), and is told the condition (time, labels, a latent point) as a scale and a shift of its
channels, as the blocks of pictures are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TOKENS = 128
"""Most pieces along a line."""

NEAR = 5
"""Pieces that a convolution sees."""

BLOCKS = 3
"""Of a network that draws; one that sees has one less."""

WIDER = 4
"""Channels of a piece, as so many times those of a finest level of a picture: a line has few places."""

KEPT = 16
"""Channels of each piece that a network which says one vector keeps."""


def piece_of(length: int) -> int:
    """Neighbours in a piece.

    >>> [piece_of(length) for length in (7, 128, 129, 1_000)]
    [1, 1, 2, 8]
    """
    piece = 1
    while length > TOKENS * piece:
        piece *= 2
    return piece


class Block(nn.Module):
    """Attention, then a convolution between two linear maps, each added to what was there."""

    def __init__(self, channels: int, told: int) -> None:
        super().__init__()
        self.heads = max(1, channels // 32)
        self.first, self.second = nn.RMSNorm(channels), nn.RMSNorm(channels)
        self.told = nn.Linear(told, 4 * channels)
        self.see = nn.Linear(channels, 3 * channels, bias=False)
        self.seen = nn.Linear(channels, channels)
        self.into = nn.Linear(channels, 2 * channels)
        self.near = nn.Conv1d(2 * channels, 2 * channels, NEAR, padding=NEAR // 2, groups=2 * channels)
        self.out = nn.Linear(2 * channels, channels)
        for last in (self.seen, self.out):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        nn.init.zeros_(self.told.bias)
        nn.init.normal_(self.told.weight, std=0.1 * told**-0.5)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(batch, pieces, channels), (batch, told) -> (batch, pieces, channels)."""
        scale, shift, scale_near, shift_near = self.told(told)[:, None].chunk(4, dim=2)
        hidden = self.first(x) * (1 + scale) + shift
        q, k, v = self.see(hidden).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        # written out: the fused one has no second derivative, which a critic's penalties take
        share = (q @ k.transpose(2, 3) * q.shape[3] ** -0.5).softmax(dim=3)
        x = x + self.seen((share @ v).transpose(1, 2).flatten(2))
        hidden = F.silu(self.into(self.second(x) * (1 + scale_near) + shift_near))
        return x + self.out(F.silu(self.near(hidden.transpose(1, 2)).transpose(1, 2)))


class Trunk(nn.Module):
    """A line and what is told of it in, a vector for each piece out. width, told: as of a `UNet`."""

    def __init__(self, into: int, length: int, width: int, told: int, blocks: int) -> None:
        super().__init__()
        self.piece = piece_of(length)
        self.pieces, self.channels = math.ceil(length / self.piece), WIDER * width
        self.into = nn.Linear(into * self.piece, self.channels)
        self.place = nn.Parameter(torch.randn(1, self.pieces, self.channels) * 0.1)
        self.blocks = nn.ModuleList(Block(self.channels, told) for _ in range(blocks))
        self.norm = nn.RMSNorm(self.channels)

    def forward(self, x: Tensor, told: Tensor, beside: Tensor | None = None) -> Tensor:
        """(batch, into, length), (batch, told) -> (batch, pieces, channels). beside: added at the bottom."""
        x = F.pad(x, (0, self.pieces * self.piece - x.shape[2]))
        x = self.into(x.unflatten(2, (self.pieces, self.piece)).permute(0, 2, 1, 3).flatten(2)) + self.place
        if beside is not None:
            x = x + beside.view(len(x), -1, self.channels)
        for block in self.blocks:
            x = block(x, told)
        return self.norm(x)


class Line(nn.Module):
    """A line and what is told of it in, a line of the same length out. Arguments: as of a `UNet`."""

    def __init__(self, into: int, out: int, length: int, width: int, told: int, seed: int = 0) -> None:
        super().__init__()
        self.length, self.of = length, out
        self.trunk = Trunk(into, length, width, told, BLOCKS)
        self.width = self.trunk.channels
        self.seed = nn.Linear(seed, self.width * self.trunk.pieces) if seed else None
        self.out = nn.Linear(self.width, out * self.trunk.piece)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(
        self, planes: Sequence[Tensor], told: Tensor, seed: Tensor | None = None
    ) -> tuple[tuple[Tensor], Tensor]:
        """(batch, into, length), (batch, told), (batch, seed) -> (batch, out, length), (batch, self.width).

        planes, and the first of what comes back: of one, as `sampan.nn.planes` has them of several.
        """
        (x,) = planes
        beside = None if self.seed is None or seed is None else self.seed(seed)
        x = self.trunk(x, told, beside)
        made = self.out(x).unflatten(2, (self.of, self.trunk.piece)).permute(0, 2, 1, 3).flatten(2)
        return (made[:, :, : self.length],), x.mean(dim=1)


class LineEncoder(nn.Module):
    """A line and what is told of it in, one vector out. Arguments: as of an `Encoder` of pictures."""

    def __init__(self, into: int, length: int, width: int, told: int, out: int) -> None:
        super().__init__()
        self.trunk = Trunk(into, length, width, told, BLOCKS - 1)
        self.kept = nn.Linear(self.trunk.channels, KEPT)
        self.out = nn.Linear(KEPT * self.trunk.pieces, out)

    def forward(self, planes: Sequence[Tensor], told: Tensor) -> Tensor:
        """(batch, into, length), (batch, told) -> (batch, out). planes: of one."""
        (x,) = planes
        return self.out(F.silu(self.kept(self.trunk(x, told))).flatten(1))


def stretches(rows: int, grid: tuple[int], rng: torch.Generator) -> Tensor:
    """Random parts of lines that are given, as people cut them: bool (rows, length).

    A quarter each: all but a stretch, the beginning, a stretch, and places here and there.
    """
    x = torch.arange(grid[0])[None] / grid[0]
    draw = torch.rand(rows, 3, generator=rng)[:, :, None]
    size = 0.2 + 0.6 * draw[:, 0]
    begin = draw[:, 1] * (1 - size)
    stretch = (x >= begin) & (x < begin + size)
    some = torch.rand(rows, grid[0], generator=rng) < draw[:, 2]
    kind = torch.randint(4, (rows, 1), generator=rng)
    return torch.where(
        kind == 0, ~stretch, torch.where(kind == 1, x < draw[:, 2], torch.where(kind == 2, stretch, some))
    )
