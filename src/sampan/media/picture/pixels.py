"""Picture: the pixels of one, and what they look like in another size or on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.errors import MissingExtra
from sampan.media.medium import Fault


def pillow_for(reason: str) -> Any:
    """Pillow's module Image; MissingExtra says for what it is needed."""
    try:
        import PIL.Image
        import PIL.ImageOps  # so that `PIL.ImageOps` is there
    except ImportError as error:
        raise MissingExtra("pillow", "pictures", reason) from error
    return PIL.Image


_OPAQUE = 128
"""A pixel of at least so much alpha is given; of less, it is a hole."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The pixels of one picture, upright.

    values: (height, width, channels): uint8 levels, or float32 where a file holds finer numbers (16 bits,
    fractions, a scanner's units), which a window turns into levels; NaN where it holds none.
    alpha: uint8 (height, width), None where all is opaque. full: (height, width) in the file, where only a
    smaller version of it was unpacked.
    """

    values: np.ndarray
    alpha: np.ndarray | None = None
    full: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def is_deep(self) -> bool:
        """Whether the values are finer than levels."""
        return self.values.dtype != np.uint8

    @property
    def is_grey(self) -> bool:
        """Whether no pixel has a colour, whatever the file could hold."""
        first = self.values[..., :1]
        return self.values.shape[2] == 1 or bool((self.values == first).all())

    @property
    def opaque(self) -> np.ndarray | None:
        """Which pixels are given: bool (height, width), None where all are."""
        given = np.ones(self.shape, dtype=bool) if self.alpha is None else self.alpha >= _OPAQUE
        if self.is_deep:
            given &= np.isfinite(self.values).all(axis=2)
        return None if given.all() else given


def resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 or float32 (height, width, channels) in another size (height, width), in the same type.

    Bicubic, and smoothed where it shrinks; the same size is left as it is, to the last bit.
    """
    if values.shape[:2] == size:
        return values
    image = pillow_for("Reading pictures")
    wide_high = size[1], size[0]
    if values.dtype == np.uint8 and values.shape[2] in (3, 4):
        shown = image.fromarray(np.ascontiguousarray(values))
        return np.asarray(shown.resize(wide_high, image.Resampling.BICUBIC))
    planes = [
        image.fromarray(np.ascontiguousarray(values[..., channel])).resize(
            wide_high, image.Resampling.BICUBIC
        )
        for channel in range(values.shape[2])
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=2)


def on_white(picture: Picture) -> np.ndarray:
    """The values of a picture as they look on white paper, in their type."""
    if picture.alpha is None:
        return picture.values
    alpha = picture.alpha[..., None].astype(np.uint16)
    mixed = picture.values * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def as_rgb(picture: Picture) -> np.ndarray:
    """Any picture for people to look at: uint8 (height, width, 3); of many channels, the first."""
    values = on_white(picture)
    return values if values.shape[2] == 3 else np.repeat(values[..., :1], 3, axis=2)


def too_large(limit: int) -> Fault:
    """The fault of a picture of more pixels than are unpacked."""
    return Fault(
        f"is too large to unpack: more than {limit:,} pixels",
        "Reduce it. If you made it yourself: PIL.Image.MAX_IMAGE_PIXELS is the limit.",
    )
