"""Framing: how a picture of another shape is made to fit the shape that is learned, and the way back.

crop      the largest part of the right proportions out of the middle, resized
pad       the whole picture, resized, with white bars beside it
stretch   the whole picture, resized to the shape whatever its proportions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Framing = Literal["crop", "pad", "stretch"]

FRAMINGS: dict[Framing, str] = {
    "crop": "the middle of others is cut out",
    "pad": "others get white bars",
    "stretch": "others are stretched",
}
"""What becomes of pictures of another shape."""

_REACH = 2.0
"""A pixel of a bicubic resize is made of the source pixels within so many of its own widths."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels: rows top to bottom - 1, columns left to right - 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    def of(self, pixels: np.ndarray) -> np.ndarray:
        """The part of an array (height, width, ...), as a view."""
        return pixels[self.top : self.bottom, self.left : self.right]


def framed(source: tuple[int, int], target: tuple[int, int], framing: Framing) -> tuple[Box, Box]:
    """(what is taken of the source, where it goes in the target); shapes are (height, width).

    >>> framed((100, 200), (50, 50), "crop")
    (Box(top=0, left=50, bottom=100, right=150), Box(top=0, left=0, bottom=50, right=50))
    >>> framed((100, 200), (50, 50), "pad")
    (Box(top=0, left=0, bottom=100, right=200), Box(top=12, left=0, bottom=37, right=50))
    """
    (high, wide), (tall, broad) = source, target
    match framing:
        case "crop":
            taken = min(high, round(wide * tall / broad)), min(wide, round(high * broad / tall))
            return _middle(taken, source), Box(0, 0, tall, broad)
        case "pad":
            inner = min(tall, round(high * broad / wide)), min(broad, round(wide * tall / high))
            return Box(0, 0, high, wide), _middle(inner, target)
        case "stretch":
            return Box(0, 0, high, wide), Box(0, 0, tall, broad)


def _middle(part: tuple[int, int], whole: tuple[int, int]) -> Box:
    high, wide = max(1, part[0]), max(1, part[1])
    top, left = (whole[0] - high) // 2, (whole[1] - wide) // 2
    return Box(top, left, top + high, left + wide)


def covered(opaque: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which pixels of a resized picture are made of opaque pixels only: bool (height, width) of `size`.

    opaque: bool (height, width) of the source. Counted by a table of sums, so that no hole is too small.
    """
    if opaque.shape == size:
        return opaque
    holes = np.zeros((opaque.shape[0] + 1, opaque.shape[1] + 1), dtype=np.int64)
    holes[1:, 1:] = (~opaque).cumsum(axis=0).cumsum(axis=1)
    top, bottom = _reach(opaque.shape[0], size[0])
    left, right = _reach(opaque.shape[1], size[1])
    inside = holes[bottom][:, right] - holes[top][:, right] - holes[bottom][:, left] + holes[top][:, left]
    return inside == 0


def _reach(source: int, target: int) -> tuple[np.ndarray, np.ndarray]:
    """The half-open stretch of source pixels that each target pixel is made of: int64 (target,) twice."""
    step = source / target
    middle = (np.arange(target) + 0.5) * step
    reach = _REACH * max(1.0, step) if source != target else 0.5
    first = np.clip(np.floor(middle - reach), 0, source).astype(np.int64)
    last = np.clip(np.ceil(middle + reach), 0, source).astype(np.int64)
    return first, last
