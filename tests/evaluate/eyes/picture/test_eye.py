"""Pictures are shown as PNGs that are what they were."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import numpy as np
import pytest

from sampan.evaluate.eyes.picture import PictureEye
from sampan.evaluate.eyes.picture.eye import png
from tests.evaluate.eyes.picture.digits import net_of


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_holds_the_picture(channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (channels, 5, 7), dtype=np.uint8)
    data = png(picture)
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (width, height, depth, kind) == (7, 5, 8, {1: 0, 2: 0, 3: 2, 4: 6}[channels])
    start = data.index(b"IDAT")
    (size,) = struct.unpack(">I", data[start - 4 : start])
    lines = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + size]), np.uint8).reshape(5, -1)
    assert (lines[:, 0] == 0).all()
    if channels != 2:
        assert (lines[:, 1:].reshape(5, 7, channels).transpose(2, 0, 1) == picture).all()


@pytest.mark.parametrize(("side", "shown"), [(8, (8, 8)), (200, (96, 48))])
def test_a_picture_is_shown_within_the_page_and_not_too_large(side: int, shown: tuple[int, int]) -> None:
    pictures = np.zeros((2, 1, side, side if side < 96 else side // 2), np.uint8)
    told = PictureEye(net_of(140)).show(pictures)
    assert len(told) == 2 and not re.search(r'src="(?!data:)', told[0])
    data = base64.b64decode(told[0].partition("base64,")[2].partition('"')[0])
    assert struct.unpack(">II", data[16:24]) == shown[::-1]
    assert f'width="{shown[1]}" height="{shown[0]}"' in told[0]
