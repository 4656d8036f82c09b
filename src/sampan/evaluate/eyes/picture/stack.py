"""Stack: pictures of one size as uint8 (rows, channels, height, width), resized and moved about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

CELLS = 500_000
"""Pixels held as numbers at a time: a network holds some 30 times as many bytes for them, 64 MB."""


def floats(pictures: np.ndarray) -> Tensor:
    """float32 (rows, channels, height, width) in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).float().div_(255.0)


def in_blocks(pictures: np.ndarray) -> Iterator[Tensor]:
    """Pictures as `floats`, a block at a time: 120 grey ones of 64 x 64, 2 of 256 x 256 in colour."""
    step = max(1, CELLS // max(1, int(np.prod(pictures.shape[1:]))))
    for start in range(0, len(pictures), step):
        yield floats(pictures[start : start + step])


def resized(pictures: Tensor, height: int, width: int) -> Tensor:
    """Pictures of another size: the mean over an area where they shrink, bilinear where they grow."""
    if pictures.shape[-2:] == (height, width):
        return pictures
    if height <= pictures.shape[-2] and width <= pictures.shape[-1]:
        return functional.interpolate(pictures, (height, width), mode="area")
    return functional.interpolate(pictures, (height, width), mode="bilinear", align_corners=False)


def fitted(height: int, width: int, longest: int) -> tuple[int, int]:
    """Height and width with the same shape and a longer side of at most `longest`.

    >>> fitted(256, 128, 64), fitted(8, 8, 64)
    ((64, 32), (8, 8))
    """
    scale = min(1.0, longest / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def moved(pictures: Tensor, down: int, right: int) -> Tensor:
    """Pictures moved by whole pixels; what comes in at an edge repeats the edge."""
    height, width = pictures.shape[-2:]
    rows = (torch.arange(height) - down).clamp(0, height - 1)
    columns = (torch.arange(width) - right).clamp(0, width - 1)
    return pictures[..., rows, :][..., columns]
