"""Image: a column of pictures, as paths of files or as bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from sampan.column import Column, missing, take
from sampan.errors import DataError, RequestError, nearest
from sampan.field import SAID, Claim, Field
from sampan.fields.image.cells import each, pages_of
from sampan.fields.image.codec import ImageCodec
from sampan.fields.image.framing import FRAMINGS, Framing
from sampan.look import Look
from sampan.media import Medium
from sampan.media.picture import PICTURES, Source, read_picture

MOST_LOOKED_AT = 1_000
"""Pictures that are looked at to choose a shape and a window: more would say the same."""

SIDE = 64
"""Pixels of the longer side that is learned, unless said otherwise: what one machine learns in an hour."""

MOST_SIDE = 4096

_STEP = 4  # networks halve a picture twice

_SAMPLE = 4_096  # values of each finer picture that the window is learned from

_OUTSIDE = 0.1  # percent of finer values on either side of the window: dead pixels and burnt-in marks

_WORD = re.compile(r"(\d+)(?:x(\d+)(?:x(\d+))?)?(?::(\w+))?|(\w+)")


@dataclass(frozen=True)
class Image(Field):
    """A column of pictures.

    height, width: of what is learned; None takes them from the data: the middle one of the looked-at
    shapes, reduced until the longer side is 64, both sides multiples of 4. channels: 1 grey, 3 colour, 4
    colour and transparency; None: 1 where every looked-at picture is grey, else 3. Any other number means
    TIFFs of so many grey pages. framing: how a picture of another shape is made to fit (see
    `sampan.fields.image.framing`).
    """

    kind: ClassVar[str] = "image"
    words = (("image, image:64, image:64x96", "pictures; of which height and width"),)
    dimensions: ClassVar[int] = 2
    medium: ClassVar[Medium | None] = PICTURES
    height: int | None = None
    width: int | None = None
    channels: int | None = None
    framing: Framing = "crop"

    def __post_init__(self) -> None:
        for name in ("height", "width", "channels"):
            value, most = getattr(self, name), 64 if name == "channels" else MOST_SIDE
            if value is not None and not 1 <= value <= most:
                raise RequestError(
                    f"pictures of {name} {value} were asked for.",
                    f"1 to {most:,} is expected.",
                    "For example: --type picture=image:64x96",
                )
        if self.framing not in FRAMINGS:
            raise RequestError(
                f'there is no framing "{self.framing}".{nearest(self.framing, FRAMINGS)}',
                f"The framings are: {', '.join(FRAMINGS)}.",
                "For example: --type picture=image:64:pad",
            )

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim | None:
        """ "64" is 64 x 64, "64x96" height x width, "64x96x1" with the channels; a framing may follow."""
        field = cls.of_size(setting)
        return None if field is None else Claim(field, SAID)

    @classmethod
    def of_size(cls, setting: str) -> Image | None:
        """The field of the part of a type word after "image:"; None where it cannot be read.

        >>> Image.of_size("64x96x1:pad")
        Image(height=64, width=96, channels=1, framing='pad')
        """
        found = _WORD.fullmatch(setting)
        if found is None:
            return None if setting else cls()
        height, width, channels, framing, alone = found.groups()
        framing = framing or alone or "crop"
        if framing not in FRAMINGS:
            return None
        high, wide = (int(height), int(width or height)) if height else (None, None)
        return cls(high, wide, int(channels) if channels else None, framing)  # type: ignore[arg-type]

    @property
    def setting(self) -> str:
        """What `of_size` reads; '' where all is left to the data.

        >>> Image(64, 64, 1).setting, Image(framing="pad").setting
        ('64x64x1', 'pad')
        """
        if self.height is None or self.width is None:
            return "" if self.framing == "crop" else self.framing
        size = f"{self.height}x{self.width}" + (f"x{self.channels}" if self.channels else "")
        return size if self.framing == "crop" else f"{size}:{self.framing}"

    @property
    def side(self) -> int:
        """Pixels of the longer side, as far as it is said."""
        return max(self.height or 0, self.width or 0)

    def fit(self, column: Column) -> ImageCodec:
        """Choose shape, channels and window. Raises DataError for no pictures, or one that cannot be read."""
        there = np.flatnonzero(~missing(column))
        if not there.size:
            raise DataError(
                f"none of the {len(column)} cells holds a picture.",
                "At least one picture.",
                "Give the column another type: --type COLUMN=constant",
            )
        places = there[np.linspace(0, there.size - 1, min(there.size, MOST_LOOKED_AT)).round().astype(int)]
        least = self.height or SIDE, self.width or SIDE
        looks = _looks(take(column, places), places, pages_of(self.channels), least)
        height, width = self._size(np.array([look.shape for look in looks]))
        deep = [look.deep for look in looks if look.deep is not None and look.deep.size]
        channels = self.channels or (1 if all(look.grey for look in looks) else 3)
        count = int(there.size)
        return ImageCodec(
            height, width, channels, self.framing, _window(deep), count=count, missing=len(column) - count
        )

    def _size(self, shapes: np.ndarray) -> tuple[int, int]:
        """(height, width), chosen from the shapes (pictures, 2) where nobody said."""
        high, wide = np.median(shapes, axis=0).tolist()
        if self.height is not None and self.width is not None:
            return self.height, self.width
        if self.height is not None:
            return self.height, _stepped(self.height * wide / high)
        if self.width is not None:
            return _stepped(self.width * high / wide), self.width
        scale = min(1.0, SIDE / max(high, wide))
        return _stepped(high * scale), _stepped(wide * scale)


class _Look(NamedTuple):
    """What one picture tells: its shape, whether it is grey, and some of its values where they are finer."""

    shape: tuple[int, int]
    grey: bool
    deep: np.ndarray | None


def _looks(column: Column, places: np.ndarray, pages: int | None, least: tuple[int, int]) -> list[_Look]:
    def look(source: Source | None, label: str) -> _Look:
        assert source is not None
        picture = read_picture(source, label, pages=pages, least=least)
        deep = None
        if picture.is_deep:
            values = picture.values[np.isfinite(picture.values)]
            deep = values[:: max(1, values.size // _SAMPLE)]
        return _Look(picture.full or picture.shape, picture.is_grey, deep)

    return [one for _, chunk in each(column, look, rows=places) for one in chunk]


def _window(samples: list[np.ndarray]) -> tuple[float, float] | None:
    """The finer values that become the darkest and the brightest level; None where there are none."""
    if not samples:
        return None
    low, high = np.percentile(np.concatenate(samples), [_OUTSIDE, 100 - _OUTSIDE]).tolist()
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def _stepped(side: float) -> int:
    return max(_STEP, int(side / _STEP + 0.5) * _STEP)
