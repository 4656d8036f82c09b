"""Autoencoder: a picture as a coarser grid of real vectors, its code, and back.

A place of the code stands for a square of pixels and sees no further than its neighbours' squares, so that
where these are given, it is known. The way back is told which pixels are given, and what they are: what it
draws meets them. It grows from the grid of the code to that of the picture, twice as fine and half as wide at
each level, since a convolution over every pixel costs most and teaches least.

Both ways add to a linear one, which begins where linear codes are best: a code as the principal components of
its square, a square as the least squares of the codes around it. What that can do need not be learned.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.grid import Norm, patches

REACH = 1
"""Places to each side that a place of the code sees beside its own."""

NARROWEST = -7.0
"""Least log-scale of the noise around a code: less would be finer than what learns to make codes."""


def factor_of(grid: tuple[int, int], places: int) -> int:
    """Pixels along the side of a square, at least 2, so that at most so many places lie along a side.

    >>> [factor_of((side, side), 32) for side in (8, 64, 65, 128, 256)]
    [2, 2, 4, 4, 8]
    """
    factor = 2
    while max(grid) > places * factor:
        factor *= 2
    return factor


def places_of(grid: tuple[int, int], factor: int) -> tuple[int, int]:
    """(height, width) of the code; squares at the lower and right edges may reach over these.

    >>> places_of((128, 90), 4)
    (32, 23)
    """
    return math.ceil(grid[0] / factor), math.ceil(grid[1] / factor)


def known_places(shown: Tensor, factor: int) -> Tensor:
    """Where all pixels that a place sees are given: bool (batch, height, width) -> (batch, *places)."""
    height, width = shown.shape[1:]
    squares = patches((~shown[:, None]).float(), factor, places_of((height, width), factor))
    hidden = squares.amax(dim=1, keepdim=True)
    return F.max_pool2d(hidden, 2 * REACH + 1, stride=1, padding=REACH)[:, 0] == 0


SQUARES = 16_384
"""Squares of pixels that the linear way is found from."""

RIDGE = 1e-3
"""Of the least squares, beside codes of unit variance: so that a channel that says nothing is left alone."""


class Step(nn.Module):
    """x + conv silu norm conv silu norm x: one residual step. side: of the first convolution."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.first, self.second = Norm(channels), Norm(channels)
        self.into = nn.Conv2d(channels, channels, side, padding=side // 2)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]  # a Conv2d has one unless told

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) -> the same shape."""
        hidden = self.into(F.silu(self.first(x)))
        return x + self.out(F.silu(self.second(hidden)))


class Autoencoder(nn.Module):
    """Pictures of `depth` channels as codes of `channels`, and back.

    factor: pixels along the side of a square, a power of 2. width: of both networks on the grid of the code.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, depth: int, channels: int, factor: int, width: int) -> None:
        super().__init__()
        self.depth, self.channels, self.factor = depth, channels, factor
        half = max(16, width // 2)  # to see takes less than to draw
        self.into = nn.Conv2d(depth * factor**2, half, 1)
        self.look = nn.Sequential(Step(half, 3), Step(half, 1), Norm(half))
        self.code = nn.Conv2d(half, 2 * channels, 1)
        sides = [factor >> level for level in range(factor.bit_length() - 1)]  # of squares, down to 2
        widths = [max(16, width >> level) for level in range(len(sides))]
        self.from_code = nn.Conv2d(channels, width, 3, padding=1)
        self.told = nn.ModuleList(
            nn.Conv2d((depth + 1) * side**2, own, 1) for side, own in zip(sides, widths, strict=True)
        )
        self.steps = nn.ModuleList(
            nn.Sequential(Step(own, 3), *([] if level else [Step(own, 3)]))
            for level, own in enumerate(widths)
        )
        self.grow = nn.ModuleList(
            nn.Conv2d(own, 4 * widths[level], 1) for level, own in enumerate(widths[:-1], start=1)
        )
        self.norm = Norm(widths[-1])
        self.out = nn.Conv2d(widths[-1], 4 * depth, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]  # it has one
        square = depth * factor**2
        # plain weights, which no decay pulls away from where they begin
        self.line_in = nn.Parameter(torch.randn(channels, square, 1, 1) * square**-0.5)
        self.line_out = nn.Parameter(torch.zeros(square, channels, 3, 3))
        self.level = nn.Parameter(torch.zeros(square, 1, 1))
        """The mean square."""
        nn.init.zeros_(self.code.weight)
        nn.init.zeros_(self.code.bias)  # type: ignore[arg-type]  # it has one
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))

    @torch.no_grad()
    def begin(self, pictures: Tensor) -> None:
        """Set the linear way to what is best for some pictures: (batch, depth, height, width)."""
        grid = (pictures.shape[2], pictures.shape[3])
        squares = patches(pictures.float(), self.factor, places_of(grid, self.factor))
        squares = squares[: max(1, SQUARES // math.prod(squares.shape[2:]))]
        self.level.copy_(squares.mean(dim=(0, 2, 3))[:, None, None])
        rows = (squares - self.level).transpose(0, 1).flatten(1)
        variance, axes = torch.linalg.eigh(rows @ rows.T / rows.shape[1])
        axes = axes[:, -self.channels :] / variance[-self.channels :].clamp(min=1e-4).sqrt()
        self.line_in.copy_(axes.T[:, :, None, None])
        around = F.unfold(F.conv2d(squares - self.level, self.line_in), 3, padding=1)
        around = around.transpose(0, 1).flatten(1)
        both = around @ around.T + RIDGE * rows.shape[1] * torch.eye(len(around))
        self.line_out.copy_(torch.linalg.solve(both, around @ rows.T).T.view_as(self.line_out))

    def encode(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Middle and log-scale of the codes of pictures: float32 (batch, channels, *places) each."""
        height, width = picture.shape[2:]
        squares = patches(picture, self.factor, places_of((height, width), self.factor))
        seen = self.look(F.silu(self.into(squares)))
        middle, scale = self.code(F.silu(seen)).float().chunk(2, dim=1)
        middle = middle + F.conv2d(squares - self.level, self.line_in).float()
        return middle, (scale - 2).clamp(NARROWEST, 2)

    def decode(self, code: Tensor, picture: Tensor, shown: Tensor) -> Tensor:
        """Pictures of codes, told the given pixels: float32 (batch, depth, height, width).

        picture: its pixels where `shown`, bool (batch, 1, height, width); others do not matter.
        """
        grid = (picture.shape[2], picture.shape[3])
        told = torch.cat([picture * shown, shown.to(picture.dtype)], dim=1)
        x = self.from_code(code)
        for level, (into, steps) in enumerate(zip(self.told, self.steps, strict=True)):
            side = self.factor >> level
            places = places_of(grid, side)
            if level:
                x = F.pixel_shuffle(self.grow[level - 1](x), 2)[:, :, : places[0], : places[1]]
            x = steps(x + into(patches(told, side, places)))
        x = F.pixel_shuffle(self.out(F.silu(self.norm(x))), 2)
        line = F.pixel_shuffle(F.conv2d(code, self.line_out, padding=1) + self.level, self.factor)
        x = x + line[:, :, : x.shape[2], : x.shape[3]]
        return x[:, :, : grid[0], : grid[1]].float()

    # --- codes as other models take them ------------------------------------------------------------------
    def at_unit_scale(self, code: Tensor) -> Tensor:
        """Codes as other models learn them: each channel at mean 0 and unit variance."""
        return (code - self.mean[:, None, None]) / self.scale[:, None, None]

    def at_own_scale(self, code: Tensor) -> Tensor:
        """The inverse of `at_unit_scale`."""
        return code * self.scale[:, None, None] + self.mean[:, None, None]
