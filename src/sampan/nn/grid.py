"""UNet: the network for pictures, fine to coarse and back (Ronneberger et al. 2015, arXiv:1505.04597).

A picture is cut into patches first, so that at most `TOKENS` of them lie along a side: on a processor without
a graphics card a convolution over every pixel costs more than it teaches. Levels finer than `FINE` have fewer
channels, as they have many places. Every block is told the condition
(time, labels, a latent point) as a scale and a shift of its channels (FiLM: Perez et al. 2018,
arXiv:1709.07871), and where the picture is coarsest every place sees every other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TOKENS = 32
"""Most patches along a side at the finest level. With 16, the stains of made solar cells of 64 pixels were
blurred, and a detector learned nothing from them.
"""

FINE = 16
"""Most places along a side of a level with all its channels; finer ones have half. No larger picture is cut
into single pixels.
"""

COARSEST = 7
"""A level whose longer side is at most this has no coarser one below it."""


def patch_of(grid: tuple[int, int]) -> int:
    """Pixels along the side of a patch.

    >>> [patch_of((side, side)) for side in (8, 28, 32, 64, 128)]
    [1, 2, 2, 2, 4]
    """
    patch = 1 if max(grid) <= FINE else 2
    while max(grid) > TOKENS * patch:
        patch *= 2
    return patch


def levels_of(grid: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """(height, width) in places of each level, finest first.

    >>> levels_of((28, 28)), levels_of((8, 12))
    (((14, 14), (7, 7)), ((8, 12), (4, 6)))
    """
    patch = patch_of(grid)
    places = [(math.ceil(grid[0] / patch), math.ceil(grid[1] / patch))]
    while max(places[-1]) > COARSEST:
        height, width = places[-1]
        places.append((math.ceil(height / 2), math.ceil(width / 2)))
    return tuple(places)


def widths_of(levels: tuple[tuple[int, int], ...], width: int) -> list[int]:
    """Channels of each level: `width` at the finest of at most `FINE` places a side, twice as many below it.

    >>> widths_of(levels_of((28, 28)), 32), widths_of(levels_of((64, 64)), 32)
    ([32, 64], [16, 32, 64, 64])
    """
    out: list[int] = []
    for places in levels:
        if max(places) > FINE:
            out.append(max(8, width // 2))
        else:
            out.append(2 * width if width in out or 2 * width in out else width)
    return out


class Norm(nn.Module):
    """Each place's channels at unit mean square (Zhang and Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        # in the numbers of the weights, as torch does where they are finer than x, and warns of it
        last = x.permute(0, 2, 3, 1).to(self.weight.dtype)
        return F.rms_norm(last, last.shape[-1:], self.weight, 1e-5).to(x.dtype).permute(0, 3, 1, 2)


class ConvBlock(nn.Module):
    """x + conv silu norm conv silu (norm x, scaled and shifted by the condition): one residual step."""

    def __init__(self, into: int, out: int, told: int) -> None:
        super().__init__()
        self.first, self.second = Norm(into), Norm(out)
        self.told = nn.Linear(told, 2 * into)
        self.into = nn.Conv2d(into, out, 3, padding=1)
        self.out = nn.Conv2d(out, out, 3, padding=1)
        self.past = nn.Conv2d(into, out, 1, bias=False) if into != out else nn.Identity()
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]  # a Conv2d has one unless told
        nn.init.zeros_(self.told.bias)
        nn.init.normal_(self.told.weight, std=0.1 * told**-0.5)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(batch, into, height, width), (batch, told) -> (batch, out, height, width)."""
        scale, shift = self.told(told)[:, :, None, None].chunk(2, dim=1)
        hidden = self.into(F.silu(self.first(x) * (1 + scale) + shift))
        return self.past(x) + self.out(F.silu(self.second(hidden)))


class Attention(nn.Module):
    """Every place of a coarse picture sees every other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = max(1, channels // 32)
        self.norm = Norm(channels)
        self.into = nn.Linear(channels, 3 * channels, bias=False)
        self.out = nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        batch, channels, height, width = x.shape
        places = self.norm(x).permute(0, 2, 3, 1).flatten(1, 2)
        q, k, v = self.into(places).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return x + self.out(seen).unflatten(1, (height, width)).permute(0, 3, 1, 2)


class UNet(nn.Module):
    """A picture and what is told of it in, a picture of the same grid out.

    into, out: channels. width: channels (see `widths_of`). told: length of the condition. seed: length of a
    vector that becomes a coarse picture at the bottom; 0 for none.
    """

    def __init__(
        self, into: int, out: int, grid: tuple[int, int], width: int, told: int, seed: int = 0
    ) -> None:
        super().__init__()
        self.grid, self.patch, self.levels = grid, patch_of(grid), levels_of(grid)
        widths = widths_of(self.levels, width)
        self.width = widths[-1]
        """Channels at the bottom, and of what `forward` pools there."""
        self.into = nn.Conv2d(into * self.patch**2, widths[0], 3, padding=1)
        self.place = nn.Parameter(torch.randn(1, widths[0], *self.levels[0]) * 0.1)
        down, up = [], []
        for level, channels in enumerate(widths):
            before = widths[max(0, level - 1)]
            down.append(ConvBlock(before, channels, told))
            up.append(ConvBlock(2 * channels, channels, told))
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)
        self.raise_ = nn.ModuleList(
            nn.Conv2d(widths[level], widths[level - 1], 1) for level in range(1, len(widths))
        )
        self.seed = nn.Linear(seed, self.width * math.prod(self.levels[-1])) if seed else None
        self.middle = nn.ModuleList([ConvBlock(self.width, self.width, told) for _ in range(2)])
        self.attention = Attention(self.width)
        self.norm = Norm(widths[0])
        self.out = nn.Conv2d(widths[0], out * self.patch**2, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]  # it has one

    def forward(
        self, planes: Sequence[Tensor], told: Tensor, seed: Tensor | None = None
    ) -> tuple[tuple[Tensor], Tensor]:
        """(batch, into, *grid), (batch, told), (batch, seed) -> (batch, out, *grid), (batch, self.width).

        planes, and the first of what comes back: of one, as `sampan.nn.planes` has them of several.
        """
        (x,) = planes
        x = self.into(patches(x, self.patch, self.levels[0])) + self.place
        kept = []
        for level, block in enumerate(self.down):
            if level:
                x = F.avg_pool2d(x, 2, ceil_mode=True)
            x = block(x, told)
            kept.append(x)
        if self.seed is not None and seed is not None:
            x = x + self.seed(seed).view(len(x), -1, *self.levels[-1])
        x = self.middle[1](self.attention(self.middle[0](x, told)), told)
        pooled = x.mean(dim=(2, 3))
        for level in reversed(range(len(self.levels))):
            x = self.up[level](torch.cat([x, kept[level]], dim=1), told)
            if level:
                height, width = self.levels[level - 1]
                x = F.interpolate(self.raise_[level - 1](x), scale_factor=2)[:, :, :height, :width]
        x = F.pixel_shuffle(self.out(F.silu(self.norm(x))), self.patch)
        return (x[:, :, : self.grid[0], : self.grid[1]],), pooled


def patches(x: Tensor, patch: int, places: tuple[int, int]) -> Tensor:
    """A picture as patches, edges repeated: (batch, c, h, w) -> (batch, c * patch^2, *places)."""
    below, right = places[0] * patch - x.shape[2], places[1] * patch - x.shape[3]
    if below or right:
        x = F.pad(x, (0, right, 0, below), mode="replicate")
    return F.pixel_unshuffle(x, patch).contiguous(memory_format=torch.channels_last)


class Encoder(nn.Module):
    """A picture and what is told of it in, one vector out.

    into: channels. width: channels (see `widths_of`). told: length of the condition. out: length of the
    vector.
    """

    def __init__(self, into: int, grid: tuple[int, int], width: int, told: int, out: int) -> None:
        super().__init__()
        self.patch, self.levels = patch_of(grid), levels_of(grid)
        widths = widths_of(self.levels, width)
        self.into = nn.Conv2d(into * self.patch**2, widths[0], 3, padding=1)
        self.place = nn.Parameter(torch.randn(1, widths[0], *self.levels[0]) * 0.1)
        self.blocks = nn.ModuleList(
            ConvBlock(widths[max(0, level - 1)], channels, told) for level, channels in enumerate(widths)
        )
        self.last = ConvBlock(widths[-1], widths[-1], told)
        self.norm = Norm(widths[-1])
        self.out = nn.Linear(widths[-1] * math.prod(self.levels[-1]), out)

    def forward(self, planes: Sequence[Tensor], told: Tensor) -> Tensor:
        """(batch, into, *grid), (batch, told) -> (batch, out). planes: of one, as those of a `UNet`."""
        (x,) = planes
        x = self.into(patches(x, self.patch, self.levels[0])) + self.place
        for level, block in enumerate(self.blocks):
            if level:
                x = F.avg_pool2d(x, 2, ceil_mode=True)
            x = block(x, told)
        return self.out(F.silu(self.norm(self.last(x, told))).flatten(1))


def holes(rows: int, grid: tuple[int, int], rng: torch.Generator) -> Tensor:
    """Random parts of pictures that are given, as people cut them: bool (rows, height, width).

    A quarter each: all but a block, one side up to an edge, all but a few strokes, and a window.
    """
    height, width = grid
    y = torch.arange(height)[None, :, None] / height
    x = torch.arange(width)[None, None, :] / width
    draw = torch.rand(rows, 8, generator=rng)[:, :, None, None]
    size = 0.2 + 0.6 * draw[:, 0], 0.2 + 0.6 * draw[:, 1]
    top, left = draw[:, 2] * (1 - size[0]), draw[:, 3] * (1 - size[1])
    block = (y >= top) & (y < top + size[0]) & (x >= left) & (x < left + size[1])
    angle = draw[:, 4] * 2 * torch.pi
    quarter = torch.round(angle / (torch.pi / 2)) * (torch.pi / 2)  # half of the edges are straight cuts
    angle = torch.where(draw[:, 5] < 0.5, quarter, angle)
    side = (x - 0.5) * angle.cos() + (y - 0.5) * angle.sin() < 0.6 * (draw[:, 6] - 0.5)
    strokes = torch.zeros(rows, height, width, dtype=torch.bool)
    ends = torch.rand(rows, 3, 4, generator=rng)[:, :, :, None, None]
    for stroke in range(3):
        y0, x0, y1, x1 = ends[:, stroke].unbind(1)
        along = (
            ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2 + 1e-6)
        ).clamp(0, 1)
        away = (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2
        strokes |= away < 0.01
    kind = torch.randint(4, (rows, 1, 1), generator=rng)
    return torch.where(
        kind == 0, ~block, torch.where(kind == 1, side, torch.where(kind == 2, ~strokes, block))
    )
