"""Pictures written: levels as a file, and some side by side on a sheet."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np

from sampan.media.picture.pixels import as_rgb, pillow_for
from sampan.media.picture.reading import read_picture


def as_png(values: np.ndarray) -> bytes:
    """Levels as an encoded picture: uint8 (height, width, channels) to PNG.

    Channels that no PNG has (two, or more than four) become the grey pages of a TIFF.
    """
    image = pillow_for("Writing pictures")
    out = io.BytesIO()
    high, wide, channels = values.shape
    values = np.ascontiguousarray(values)
    if channels in (1, 3, 4):
        image.fromarray(values[..., 0] if channels == 1 else values).save(out, "PNG", compress_level=4)
        return out.getvalue()
    first, *others = (image.fromarray(np.ascontiguousarray(values[..., page])) for page in range(channels))
    first.save(out, "TIFF", save_all=True, append_images=others, compression="tiff_deflate")
    return out.getvalue()


def contact_sheet(pictures: Sequence[bytes], columns: int | None = None) -> bytes:
    """Pictures side by side in a grid, as one PNG: small ones enlarged without a blur, large ones reduced.

    columns: pictures beside each other; about as many as lines unless said.
    """
    image = pillow_for("Writing pictures")
    shown = [as_rgb(read_picture(picture, f"picture {row}")) for row, picture in enumerate(pictures, 1)]
    longest = max(max(values.shape[:2]) for values in shown)
    times, most = max(1, 64 // longest), 256
    tiles = []
    for values in shown:
        tile = image.fromarray(values)
        if times > 1:
            tile = tile.resize((tile.width * times, tile.height * times), image.Resampling.NEAREST)
        elif longest > most:
            tile.thumbnail((most, most), image.Resampling.BICUBIC)
        tiles.append(tile)
    wide, high = max(tile.width for tile in tiles), max(tile.height for tile in tiles)
    across = columns or math.ceil(math.sqrt(len(tiles)))
    down, gap = math.ceil(len(tiles) / across), 2
    sheet = image.new("RGB", (across * (wide + gap) + gap, down * (high + gap) + gap), "white")
    for place, tile in enumerate(tiles):
        sheet.paste(tile, (gap + place % across * (wide + gap), gap + place // across * (high + gap)))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
