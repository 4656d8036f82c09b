"""The cells of a column of pictures: fetched by several threads, as levels in memory or on disk, as bytes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from arro3.core import Array, DataType

from sampan import scratch
from sampan.column import Column, is_text
from sampan.errors import DataError, StoreError
from sampan.media.picture import Source

_CHUNK = 256
"""Pictures that are unpacked before the next are fetched: enough to keep every thread busy."""

_THREADS = 8


T = TypeVar("T")

GREY = 128
"""The level that stands where there is no picture: the middle, so that nothing is said."""


def levels_of(pixels: np.ndarray) -> np.ndarray:
    """Made pixels (channels, height, width), about -1 to 1, as levels: uint8 (height, width, channels).

    >>> levels_of(np.array([[[-1.2, 0.0, 1.0]]], dtype=np.float32))[0, :, 0].tolist()
    [0, 128, 255]
    """
    levels = np.round((pixels.astype(np.float32) + 1) * np.float32(127.5))
    return np.clip(np.nan_to_num(levels, nan=GREY), 0, 255).astype(np.uint8).transpose(1, 2, 0)


def grey_of(values: np.ndarray) -> np.ndarray:
    """Colours as the grey that people see in them (ITU-R 601-2): (height, width, 1), in the same type."""
    if values.dtype != np.uint8:
        return values @ np.array([[0.299], [0.587], [0.114]], dtype=values.dtype)
    luma = values.astype(np.uint32) @ np.array([[19595], [38470], [7471]], dtype=np.uint32)
    return ((luma + 0x8000) >> 16).astype(np.uint8)


def each(
    column: Column,
    act: Callable[[Source | None, str], T],
    chunk: int = _CHUNK,
    rows: np.ndarray | None = None,
) -> Iterator[tuple[int, list[T]]]:
    """(first row, what `act` gives for some rows), in order; `act` gets a path or bytes and what to call it.

    rows: which rows of the user's column these are, where not all of it is looked at: int64 (rows,).

    Decoders unpack outside of the interpreter's lock, so threads share the work: of 2,000 JPEGs of 512 x 512
    on two cores that others used as well, 335 a second by one thread, 553 by two, and 439 by two processes,
    which took ten seconds to start (benchmarks/pictures_decoding.py). Only one chunk of encoded pictures is
    held at a time.
    """
    kind = column.type
    named = is_text(column)
    if not (named or DataType.is_binary(kind) or DataType.is_large_binary(kind)):
        raise DataError(
            f"cells of the Arrow type {str(kind).strip()} are no pictures.",
            "Paths of picture files, or their bytes.",
            "Give the column another type: --type COLUMN=category",
        )
    numbers = np.arange(len(column)) if rows is None else rows
    with ThreadPoolExecutor(threads()) as pool:
        for start in range(0, len(column), chunk):
            cells = column.slice(start, min(chunk, len(column) - start)).to_pylist()
            places = numbers[start : start + chunk].tolist()
            labels = [
                str(cell) if named else f"the picture in row {row + 1:,}"
                for row, cell in zip(places, cells, strict=True)
            ]
            yield start, list(pool.map(act, cells, labels))


def pages_of(channels: int | None) -> int | None:
    """How many pages of a TIFF are channels, where no other kind of file has so many."""
    return None if channels in (None, 1, 3, 4) else channels


def threads() -> int:
    """How many threads unpack pictures."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_THREADS, usable))


def on_disk(shape: tuple[int, ...], chunks: Iterator[np.ndarray]) -> np.ndarray:
    """Levels in a scratch file, as an array; where the system can, the file has no name already.

    Written before it is mapped, so that a full disk is an error and not a crash. Raises StoreError then.
    """
    place, size = scratch.folder(), float(np.prod(shape, dtype=np.float64))
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            for chunk in chunks:
                chunk.tofile(file)
            file.flush()
            return np.memmap(file, dtype=np.uint8, mode="r+", shape=shape)
    except OSError as error:
        free = shutil.disk_usage(place).free
        raise StoreError(
            f"the decoded pictures cannot be kept in {place.parent}: {error.strerror or error}.",
            f"{size / 1e9:.1f} GB of room is expected there; {free / 1e9:.1f} GB are free.",
            "Free some space there, work in a folder on a larger disk, or take fewer or smaller pictures.",
        ) from error


def of_bytes(cells: Sequence[bytes | None]) -> Column:
    """A column of encoded pictures: binary, or large_binary where their offsets need it."""
    total = sum(len(cell) for cell in cells if cell is not None)
    return Array(cells, DataType.binary() if total < 1 << 31 else DataType.large_binary())
