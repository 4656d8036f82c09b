"""What was learned about a column of pictures: their shape and how finer values become levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from sampan.checked import Amount, ListOf, Maybe, Record, Text, Whole, only
from sampan.column import Column, from_strings, missing, take
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import Box as Symbols
from sampan.field import Codec, Condition, Leaves, Missing, Points, Rows, refuse_missing
from sampan.fields.image.cells import GREY, each, grey_of, levels_of, of_bytes, on_disk, pages_of, threads
from sampan.fields.image.framing import FRAMINGS, Box, Framing, covered, framed
from sampan.media import Medium
from sampan.media.picture import (
    PICTURES,
    Picture,
    Source,
    as_png,
    may_have_holes,
    on_white,
    read_picture,
    resized,
)
from sampan.space import Choice, Real, Space

MOST_MEMORY = 1 << 28
"""Bytes of levels that are held in memory; more lie in a temporary file."""


@dataclass(frozen=True, eq=False)
class ImageCodec(Codec):
    """A column of pictures as levels 0 to 255.

    height, width, channels: of what is learned. framing: how another shape is made to fit. window: the
    finer values (16 bits, fractions) that become level 0 and level 255; None where no picture had any.
    count, missing: how many cells were there and how many were not.
    """

    kind: ClassVar[str] = "image"
    medium: ClassVar[Medium | None] = PICTURES
    height: int
    width: int
    channels: int
    framing: Framing
    window: tuple[float, float] | None
    count: int
    missing: int

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The pixels; and whether there is a picture, where some cells were empty."""
        pixels: dict[str, Space] = {"": Real(self.channels, self._size)}
        return pixels | {"there": Choice(2)} if self.missing else pixels

    @property
    def _size(self) -> tuple[int, int]:
        return self.height, self.width

    def encode(self, column: Column) -> Leaves:
        """Levels, uint8 (rows, channels, height, width); level l stands for l / 127.5 - 1 at the waist.

        More than MOST_MEMORY bytes of them lie in a temporary file that goes when the array does. Raises
        DataError that names the file or the row which cannot be used.
        """
        gone = missing(column)
        if not self.missing:
            refuse_missing(gone)
        shape = (len(column), self.channels, self.height, self.width)
        chunks = self._level_chunks(column)
        if int(np.prod(shape)) <= MOST_MEMORY:
            levels = np.empty(shape, dtype=np.uint8)
            for start, chunk in chunks:
                levels[start : start + len(chunk)] = chunk
        else:
            levels = on_disk(shape, (chunk for _, chunk in chunks))
        return {"": levels} | ({"there": (~gone).astype(np.int64)} if self.missing else {})

    def _level_chunks(self, column: Column) -> Iterator[tuple[int, np.ndarray]]:
        """(first row, levels of some rows), in order."""
        empty = np.full((self.channels, *self._size), GREY, dtype=np.uint8)

        def levels(source: Source | None, label: str) -> np.ndarray:
            return empty if source is None else self._levels(self._fetched(source, label), label)

        for start, chunk in each(column, levels):
            yield start, np.stack(chunk)

    def _fetched(self, source: Source, label: str) -> Picture:
        return read_picture(source, label, pages=pages_of(self.channels), least=self._size)

    def _levels(self, picture: Picture, label: str) -> np.ndarray:
        """One picture as the model has it: uint8 (channels, height, width)."""
        taken, placed = framed(picture.shape, self._size, self.framing)
        values = taken.of(self._channelled(picture, label))
        small = resized(values, (placed.height, placed.width))
        if small.dtype != np.uint8:
            small = np.round(np.clip(small, 0, 255)).astype(np.uint8)
        if small.shape[:2] != self._size:
            whole = np.full((*self._size, self.channels), 255, dtype=np.uint8)
            placed.of(whole)[:] = small
            small = whole
        return small.transpose(2, 0, 1)

    def _channelled(self, picture: Picture, label: str) -> np.ndarray:
        """The values of a picture in the model's channels and as levels, finer ones not yet rounded."""
        if picture.is_deep:
            values = self._windowed(picture.values, label)
        elif self.channels == 4:
            values = picture.values
        else:
            values = on_white(picture)
        match values.shape[2], self.channels:
            case 3, 1:
                values = grey_of(values)
            case 1, 3:
                values = np.repeat(values, 3, axis=2)
            case 1 | 3, 4:
                colour = np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values
                full = np.full(picture.shape, 255, np.uint8) if picture.alpha is None else picture.alpha
                values = np.concatenate([colour, full[..., None].astype(colour.dtype)], axis=2)
            case have, want if have != want:
                raise DataError(
                    f"{label} has {have} channels, and {want} are learned.",
                    f"Expected: pictures of {want} channels.",
                    f"Say how many there are: --type COLUMN=image:{self.height}x{self.width}x{have}",
                )
        return values

    def _windowed(self, values: np.ndarray, label: str) -> np.ndarray:
        """Finer values as levels: float32, within 0 to 255."""
        if self.window is None:
            raise DataError(
                f"{label} holds 16-bit numbers or fractions, and the pictures that were learned none.",
                "Expected: pictures of 8 bits for each channel.",
                "Convert it to 8 bits, or learn again from pictures of its kind.",
            )
        low, high = self.window
        levels = (values - low) * (255 / (high - low))
        return np.clip(np.nan_to_num(levels, nan=GREY, posinf=255, neginf=0), 0, 255).astype(np.float32)

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """PNGs of the made pixels (`as_png`): the one place that clips, as a sensor does where light is too
        strong or too weak for it."""
        pixels = leaves[""]
        there = leaves["there"] if self.missing else np.ones(len(pixels), dtype=np.int64)

        def png(row: int) -> bytes | None:
            return as_png(levels_of(pixels[row])) if there[row] else None

        with ThreadPoolExecutor(threads()) as pool:
            return of_bytes(list(pool.map(png, range(len(pixels)))))

    def view(self, column: Column) -> Points:
        """The pictures as levels, in the size that is learned. Raises DataError where one cannot be read."""
        there = ~missing(column)
        return Points("picture", self.encode(take(column, np.flatnonzero(there)))[""], there)

    def literal(self, value: object) -> Column | None:
        """The picture of a file that is named, as a column of one row. Raises DataError."""
        return self.contents(from_strings([str(Path(str(value)).expanduser())]))

    def contents(self, column: Column) -> Column:
        """A column of pictures as their bytes: paths are read, bytes stay as they are. Raises DataError."""

        def content(source: Source | None, label: str) -> bytes | None:
            if not isinstance(source, str):
                return source
            try:
                return Path(source).read_bytes()
            except OSError as error:
                raise DataError(
                    f"{label} cannot be read: {error.strerror or error}.",
                    "A picture file is expected.",
                    "Check its name and its permissions.",
                ) from error

        return of_bytes([cell for _, cells in each(column, content) for cell in cells])

    # --- pictures with holes
    def known(self, column: Column) -> np.ndarray | None:
        """Which pixels are given: bool (rows, height, width), None where every picture is whole.

        Transparent pixels are not: they are to be made up. A pixel of the model is given if everything that
        it is made of is; so a picture may have a hole, where it is cropped, and all of its pixels be given.
        Of an empty cell, nothing is. A model of four channels learns transparency instead.
        """
        gone = missing(column)
        holes: dict[int, np.ndarray] = {}
        if self.channels != 4:

            def look(source: Source | None, label: str) -> np.ndarray | None:
                if source is None or not may_have_holes(source):
                    return None
                return self._known(self._fetched(source, label))

            for start, chunk in each(column, look):
                holes |= {start + row: mask for row, mask in enumerate(chunk) if mask is not None}
        if not holes and not gone.any():
            return None
        out = np.ones((len(column), *self._size), dtype=bool)
        out[gone] = False
        for row, mask in holes.items():
            out[row] = mask
        return out

    def _known(self, picture: Picture) -> np.ndarray | None:
        opaque = picture.opaque
        if opaque is None:
            return None
        taken, placed = framed(picture.shape, self._size, self.framing)
        out = np.ones(self._size, dtype=bool)
        placed.of(out)[:] = covered(taken.of(opaque), (placed.height, placed.width))
        return out

    def complete(self, column: Column, leaves: Leaves) -> Column:
        """The column's pictures at their own size, holes filled from the made pixels: those are PNGs.

        Every pixel that is given stays as it is to the last bit, and a whole picture the file that it is. An
        empty cell becomes the made picture. Raises DataError for
        a hole that the crop cut away, and for one among finer values.
        """
        pixels = leaves[""]
        out: list[bytes] = []

        def fetched(source: Source | None, label: str) -> tuple[Source, Picture | None, str]:
            whole = None if source is None else read_picture(source, label, pages=pages_of(self.channels))
            return source or b"", whole, label

        for start, chunk in each(column, fetched, chunk=32):
            for row, (source, picture, label) in enumerate(chunk, start):
                if picture is None:
                    out.append(as_png(levels_of(pixels[row])))
                elif picture.opaque is None or picture.opaque.all():
                    out.append(source if isinstance(source, bytes) else Path(source).read_bytes())
                else:
                    out.append(as_png(self._filled(picture, levels_of(pixels[row]), label)))
        return of_bytes(out)

    def _filled(self, picture: Picture, made: np.ndarray, label: str) -> np.ndarray:
        """A picture with its holes filled: uint8 (height, width, channels), alpha kept where some is left."""
        if picture.is_deep:
            raise DataError(
                f"{label} holds 16-bit numbers or fractions.",
                "Expected: pictures of 8 bits for each channel, so that what is given can stay as it is.",
                "Convert it to 8 bits first.",
            )
        values, alpha, opaque = picture.values, picture.alpha, picture.opaque
        if opaque is not None and self.channels != 4:
            taken, placed = framed(picture.shape, self._size, self.framing)
            large = resized(np.ascontiguousarray(placed.of(made)), (taken.height, taken.width))
            high, wide = picture.shape
            beyond = [(taken.top, high - taken.bottom), (taken.left, wide - taken.right), (0, 0)]
            if max(map(max, beyond)) <= max(1, taken.height / placed.height):  # a pixel as learned, at most
                large, taken = np.pad(large, beyond, mode="edge"), Box(0, 0, high, wide)
            if (~opaque).sum() != (~taken.of(opaque)).sum():
                raise DataError(
                    f"{label} has a hole where the crop of {self.height} x {self.width} does not reach.",
                    f"Expected: holes within rows {taken.top} to {taken.bottom} and columns {taken.left} to "
                    f"{taken.right}.",
                    "Cut the picture to that part, or learn with image:HEIGHTxWIDTH:pad.",
                )
            if large.shape[2] != values.shape[2]:
                large = np.repeat(large, 3, axis=2) if values.shape[2] == 3 else grey_of(large)
            values = values.copy()
            part, holes = taken.of(values), ~taken.of(opaque)
            part[holes] = large[holes]
            alpha = None if alpha is None else np.where(opaque, alpha, np.uint8(255))
        if alpha is None or (alpha == 255).all():
            return values
        colour = np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values
        return np.concatenate([colour, alpha[..., None]], axis=2)

    # --- conditions
    def allow(self, condition: Condition) -> list[Symbols]:
        """Whether there is a picture. Raises WhereError for anything else."""
        self._only_missing(condition)
        if not self.missing:
            return [] if condition == Missing() else [Symbols({}, {})]
        there = condition != Missing()
        return [Symbols({"there": np.array([not there, there])}, {})]

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells hold a picture, or do not."""
        self._only_missing(condition)
        return missing(column) != (condition != Missing())

    def _only_missing(self, condition: Condition) -> None:
        if not isinstance(condition, Missing):
            raise WhereError(
                "pictures cannot be compared.",
                'Of a picture, "is missing" and "is not missing" can be asked.',
                'Ask for a column that says what it shows, for example: label = "cat"',
            )

    def describe(self) -> str:
        """How many, in which shape, and what becomes of others."""
        colours = {1: "grey", 3: "in colour", 4: "in colour with transparency"}
        colour = colours.get(self.channels, f"of {self.channels} channels")
        fit = f"{FRAMINGS[self.framing]} to fit"
        line = f"{self.count:,} pictures, {self.height} x {self.width} {colour}; {fit}"
        if self.window is not None:
            low, high = self.window
            line += f"; values from {low:,.6g} to {high:,.6g} become levels 0 to 255"
        share = 100 * self.missing / max(1, self.count + self.missing)
        return line + (f"; {share:.2g} % missing" if self.missing else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """All of it as JSON."""
        return {name: getattr(self, name) for name in _STATE.kinds}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        _STATE.check(values, "its state")
        only(arrays, ())
        window = values["window"]
        if values["framing"] not in FRAMINGS or (window is not None and not window[0] < window[1]):
            raise StoreError.of_model(
                "what is stored about pictures contradicts itself.",
                "A shape, a framing and a window that rises.",
            )
        checked: dict[str, Any] = values | {"window": None if window is None else tuple(map(float, window))}
        return cls(**checked)


_STATE = Record(
    {
        "height": Whole(1, 1 << 12),
        "width": Whole(1, 1 << 12),
        "channels": Whole(1, 64),
        "framing": Text(100),
        "window": Maybe(ListOf(Amount(), least=2, most=2)),
        "count": Whole(0),
        "missing": Whole(0),
    }
)
