"""PictureEye: pictures as features of a network of their own and as small pixels, also mirrored and moved."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from sampan.evaluate.eyes.eye import Eye, Learning, Views
from sampan.evaluate.eyes.picture.features import FeatureNet, features, learn_features
from sampan.evaluate.eyes.picture.inception import Inception, inception_features, read_inception
from sampan.evaluate.eyes.picture.pixels import fingerprints, pixel_views, small
from sampan.evaluate.eyes.picture.stack import fitted, floats, resized

SHOWN = 96
"""Longest side of a picture that is shown, in its own pixels."""


_KINDS = {1: 0, 3: 2, 4: 6}
"""Channels -> the format's word for grey, colour, and colour with opacity."""


@dataclass(frozen=True, eq=False)
class PictureEye(Eye):
    """A network that learned from seen pictures, and Inception v3 where a file of its weights is named."""

    medium: ClassVar[str] = "picture"
    spaces: ClassVar[tuple[str, ...]] = ("features", "pixels")
    net: FeatureNet
    published: Inception | None = None

    @classmethod
    def learn(cls, seen: np.ndarray, labels: np.ndarray | None, learning: Learning) -> Self:
        """An eye for pictures, uint8 (rows, channels, height, width). Raises DataError for another file."""
        published = None if learning.file is None else read_inception(learning.file)
        net = learn_features(
            seen,
            labels,
            seconds=learning.seconds,
            steps=learning.steps,
            seed=learning.seed,
            on_step=lambda done, planned: learning.on_stage("features", done, planned),
        )
        return cls(net, published)

    @property
    def learned_from(self) -> Literal["labels", "cells alone"]:
        """What the features were learned from."""
        return "labels" if self.net.classes else "cells alone"

    @property
    def file(self) -> str | None:
        """The file of Inception's weights, with its SHA-256."""
        return None if self.published is None else self.published.told

    def plain(self, cells: np.ndarray, space: str) -> np.ndarray:
        """What the network sees, or small and slightly blurred pixels, so that noise does not hide a copy."""
        return features(self.net, cells) if space == "features" else small(cells).flatten(1).numpy()

    def views(self, cells: np.ndarray, space: str) -> Views:
        """Pictures and their mirror images; of pixels also moved and cropped ones."""
        if space == "pixels":
            return pixel_views(cells)
        flips = (cells, cells[..., ::-1], cells[..., ::-1, :], cells[..., ::-1, ::-1])
        return [features(self.net, flip) for flip in flips]

    def of_file(self, cells: np.ndarray, on_step: Callable[[int, int], None]) -> np.ndarray:
        """Pictures in Inception's features."""
        assert self.published is not None  # by the caller
        return inception_features(self.published, cells, on_step)

    def prints(self, cells: np.ndarray) -> np.ndarray:
        """Perceptual hashes."""
        return fingerprints(cells)

    def show(self, cells: np.ndarray) -> list[str]:
        """PNGs within the page, at most so large."""
        size = fitted(cells.shape[-2], cells.shape[-1], SHOWN)
        if size != cells.shape[-2:] and len(cells):
            cells = (resized(floats(cells), *size) * 255).round().byte().numpy()
        return [
            f'<img alt="" width="{size[1]}" height="{size[0]}" '
            f'src="data:image/png;base64,{base64.b64encode(png(picture)).decode()}">'
            for picture in cells
        ]


def png(picture: np.ndarray) -> bytes:
    """uint8 (channels, height, width) as a PNG file; other than 1, 3 or 4 channels as their mean in grey.

    Pillow would do the same; a report must not need it, and the bytes are the same on every machine.

    >>> png(np.zeros((1, 2, 2), np.uint8))[1:4]
    b'PNG'
    """
    if len(picture) not in _KINDS:
        picture = picture.mean(axis=0, keepdims=True).round().astype(np.uint8)
    channels, height, width = picture.shape
    lines = np.ascontiguousarray(picture.transpose(1, 2, 0)).reshape(height, width * channels)
    plain = np.concatenate([np.zeros((height, 1), np.uint8), lines], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, _KINDS[channels], 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(plain, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
