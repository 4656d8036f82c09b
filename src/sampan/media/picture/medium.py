"""Pictures as a medium: photographs, scans, drawings, slices of a body."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sampan.media.medium import Medium, Patience, Sheet
from sampan.media.picture.patience import minutes_needed
from sampan.media.picture.reading import fault
from sampan.media.picture.signs import ENDINGS, begins_as_picture, suffix_of
from sampan.media.picture.writing import as_png, contact_sheet

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, eq=False)
class ContactSheet(Sheet):
    """Pictures side by side, as one PNG."""

    def drawn(self, environment: Mapping[str, str] | None = None) -> RenderableType:
        """The picture itself where a terminal says that it draws pictures, else half blocks."""
        from sampan.media.picture.mosaic import mosaic, protocol_of  # takes a while, and few lines need it

        return mosaic(self.data, None if environment is None else protocol_of(environment))

    def html(self) -> str:
        """The PNG, within the page."""
        return f'<img alt="" src="data:image/png;base64,{base64.b64encode(self.data).decode()}">'


class Pictures(Medium):
    """Files of pictures: those that Pillow reads, and DICOM."""

    word: ClassVar[str] = "image"
    one: ClassVar[str] = "picture"
    many: ClassVar[str] = "pictures"
    endings: ClassVar[Mapping[str, str]] = ENDINGS
    sheet_name: ClassVar[str] = "contact-sheet.png"

    def recognises(self, head: bytes) -> bool:
        """Whether bytes begin as those of a picture file do."""
        return begins_as_picture(head)

    def fault(self, path: str) -> str:
        """What is wrong with a file as a picture."""
        return fault(path)

    def ending_of(self, cell: bytes) -> str:
        """By how it begins."""
        return suffix_of(cell)

    def sheet(self, cells: Sequence[bytes]) -> ContactSheet:
        """Pictures side by side."""
        return ContactSheet(self.sheet_name, contact_sheet(cells))

    def of_array(self, values: np.ndarray) -> list[bytes] | None:
        """Levels, uint8 (rows, height, width) or (rows, height, width, channels), as PNG files."""
        if values.ndim not in (3, 4) or values.dtype != np.uint8:
            return None
        return [as_png(levels) for levels in (values if values.ndim == 4 else values[..., None])]

    def patience(self, grid: tuple[int, ...], channels: int, family: str, threads: int) -> Patience:
        """By the pixels, from what was measured on processors."""
        high, wide = grid
        return Patience(
            minutes_needed(high, wide, channels, family, threads),
            f"{high} x {wide} pixels",
            "blurs or noise",
            f"{self.word}:{max(8, high // 8 * 4)}",
            "docs/pictures.md",
        )


PICTURES = Pictures()
