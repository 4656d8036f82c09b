"""Fingerprints: 64 bits of each picture, a few of which change where the picture is only touched up.

The perceptual hash of Zauner (2010): the picture in grey at 32 x 32, its 8 x 8 lowest cosines, and of each
whether it lies above their median. Pictures of one kind share bits, so how often pictures have a twin is
counted among real ones too.
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.eyes.picture.stack import in_blocks, resized

SIDE, LOWEST = 32, 8


def fingerprints(pictures: np.ndarray) -> np.ndarray:
    """The fingerprint of every picture: uint64 (rows,)."""
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
