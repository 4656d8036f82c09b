"""Patterns: squares of a picture as symbols, each the nearest of a few hundred that pictures hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SEARCHED, ROUNDS = 20_000, 20
"""Squares among which patterns are sought, and rounds of that (Lloyd 1982)."""


@dataclass(frozen=True, slots=True)
class Squares:
    """How pictures of one grid are cut into squares of `side` pixels: places (rows, columns)."""

    grid: tuple[int, int]
    side: int
    places: tuple[int, int]

    @classmethod
    def of(cls, grid: tuple[int, int], most: int) -> Squares:
        """Squares of which at most so many lie along a side, as small as that allows.

        >>> Squares.of((28, 20), 8)
        Squares(grid=(28, 20), side=4, places=(7, 5))
        """
        side = 1
        while math.ceil(max(grid) / side) > most:
            side *= 2
        return cls(grid, side, (math.ceil(grid[0] / side), math.ceil(grid[1] / side)))

    def cut(self, picture: Tensor) -> Tensor:
        """(batch, channels, *grid) -> (batch, rows, columns, numbers of a square); edges are repeated."""
        below, right = (
            places * self.side - side for places, side in zip(self.places, self.grid, strict=True)
        )
        padded = F.pad(picture, (0, right, 0, below), mode="replicate") if below or right else picture
        return F.pixel_unshuffle(padded, self.side).permute(0, 2, 3, 1)

    def whole(self, shown: Tensor) -> Tensor:
        """Squares of which every pixel is given: bool (batch, channels, *grid) -> (batch, *places)."""
        return self.cut(shown.float()).amin(dim=3) > 0.5

    def codes(self, picture: Tensor, patterns: Tensor) -> Tensor:
        """The nearest pattern of each square: int64 (batch, *places)."""
        squares = self.cut(picture)
        return torch.cdist(squares.flatten(0, 2), patterns).argmin(dim=1).view(squares.shape[:3])

    def values(self, codes: Tensor, patterns: Tensor) -> Tensor:
        """The picture of patterns: int64 (batch, *places) -> (batch, channels, *grid)."""
        picture = F.pixel_shuffle(patterns[codes].permute(0, 3, 1, 2), self.side)
        return picture[:, :, : self.grid[0], : self.grid[1]]


def patterns_among(squares: Tensor, count: int) -> Tensor:
    """So many patterns to which squares lie near (k-means): (squares, numbers) -> (count, numbers)."""
    rng = torch.Generator().manual_seed(0)
    squares = squares[torch.randperm(len(squares), generator=rng)[:SEARCHED]]
    patterns = squares[torch.randint(len(squares), (count,), generator=rng)].clone()
    patterns += 1e-3 * torch.randn(patterns.shape, generator=rng)  # no two alike
    for _ in range(ROUNDS):
        nearest = torch.cdist(squares, patterns).argmin(dim=1)
        held = torch.bincount(nearest, minlength=count).float()[:, None]
        total = torch.zeros_like(patterns).index_add_(0, nearest, squares)
        fresh = squares[torch.randint(len(squares), (count,), generator=rng)]
        patterns = torch.where(held > 0, total / held.clamp(min=1), fresh)
    return patterns
