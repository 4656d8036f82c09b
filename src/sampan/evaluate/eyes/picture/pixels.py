"""Pixels: pictures small and blurred, so that noise hides no copy, also mirrored and moved; fingerprints."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sampan.evaluate.eyes.eye import Views
from sampan.evaluate.eyes.picture.stack import fitted, in_blocks, moved, resized

LONGEST = 12
"""Pixels along the longer side of a small picture: noise averages out, a shift by one is 8 % of a side."""

CHANNELS = 4
"""Channels compared one by one; of more, their mean."""

SIDE, LOWEST = 32, 8
"""Of a fingerprint: side of the picture in grey, and cosines along each side."""

CROPPED = 0.1
"""Share of each side that a crop leaves out."""


def small(pictures: np.ndarray) -> Tensor:
    """Pictures shrunk and slightly blurred: float32 (rows, channels, height, width)."""
    size = fitted(pictures.shape[-2], pictures.shape[-1], LONGEST)
    out = []
    for block in in_blocks(pictures):
        block = block if block.shape[1] <= CHANNELS else block.mean(dim=1, keepdim=True)
        out.append(_blurred(resized(block, *size)))
    channels = pictures.shape[1] if pictures.shape[1] <= CHANNELS else 1
    return torch.cat(out) if out else torch.zeros(0, channels, *size)


def pixel_views(pictures: np.ndarray) -> Views:
    """Plain, mirrored, upside down and turned by half; each also moved by a pixel, and cropped."""
    plain = small(pictures)
    height, width = pictures.shape[-2:]
    down, right = max(1, round(CROPPED * height)), max(1, round(CROPPED * width))
    crops = (
        [small(pictures[..., down : height - down, right : width - right])] if min(height, width) > 8 else []
    )
    crops = [resized(crop, *plain.shape[-2:]) for crop in crops]
    moves = [moved(plain, y, x) for y, x in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    out = []
    for view in (plain, *moves, *crops):
        for axes in ((), (3,), (2,), (2, 3)):
            out.append(view.flip(axes).flatten(1).numpy() if axes else view.flatten(1).numpy())
    return out


def _blurred(pictures: Tensor) -> Tensor:
    """Each pixel half itself, half its neighbours, along both sides."""
    for axis in (-1, -2):
        if pictures.shape[axis] < 3:
            continue
        ends = (1, 1, 0, 0) if axis == -1 else (0, 0, 1, 1)
        wide = functional.pad(pictures, ends, mode="replicate")
        size = pictures.shape[axis]
        pictures = sum(w * wide.narrow(axis, k, size) for k, w in enumerate((0.25, 0.5, 0.25)))  # type: ignore[assignment]
    return pictures


def fingerprints(pictures: np.ndarray) -> np.ndarray:
    """64 bits of every picture, a few of which change where it is only touched up: uint64 (rows,).

    The perceptual hash of Zauner (2010): the picture in grey at 32 x 32, its 8 x 8 lowest cosines, and of
    each whether it lies above their median. Pictures of one kind share bits, so how often pictures have a
    twin is counted among real ones too.
    """
    place, wave = np.arange(SIDE) + 0.5, np.arange(LOWEST)[:, None]
    cosines = np.cos(np.pi / SIDE * wave * place).astype(np.float32)
    out = []
    for block in in_blocks(pictures):
        grey = block.mean(dim=1, keepdim=True)
        low = cosines @ resized(grey, SIDE, SIDE)[:, 0].numpy() @ cosines.T
        low = low.reshape(len(low), -1)
        # the first says only how bright the picture is
        bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
        out.append(np.packbits(bits, axis=1).view(np.uint64)[:, 0])
    return np.concatenate(out) if out else np.zeros(0, np.uint64)
