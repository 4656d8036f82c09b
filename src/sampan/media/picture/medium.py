"""Pictures as a medium: photographs, scans, drawings, slices of a body."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sampan.media.medium import Medium, Patience, Sheet
from sampan.media.picture.reading import fault, is_dicom
from sampan.media.picture.writing import as_png, contact_sheet

if TYPE_CHECKING:
    from rich.console import RenderableType

_SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".jpe": ".jpg", ".tiff": ".tif"}

ENDINGS = {
    ending: _SAME.get(ending, ending)
    for ending in """.png .apng .jpg .jpeg .jpe .jfif .mpo .gif .bmp .dib .tif .tiff .webp .avif .avifs
    .heic .heif .jp2 .j2k .jpx .ppm .pgm .pbm .pnm .tga .ico .sgi .pcx .dcm .dicom""".split()
}
"""What the names of picture files end in -> the usual one of those that mean the same."""

_SUFFIX_OF = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"BM": ".bmp",
    b"\0\0\0\x0cjP  ": ".jp2",
    b"\xff\x4f\xff\x51": ".j2k",
}
"""How pictures begin, and what the names of such files end in."""

_AT = 28 * 28
_CORE_MINUTES = {"diffusion": 20.0, "vae": 10.0, "gan": 12.0, "autoregressive": 40.0, "auto": 30.0}
"""Minutes of one core until made pictures of 28 x 28 are like real ones, about; of other sizes by a power of
the pixels, which is a reckoning and no promise. By docs/pictures.md and benchmarks/results/pictures:

    8 x 8, diffusion          2   every digit made is read as asked
    28 x 28, diffusion       20   precision .89, recall .87 beside .93 and .94 of real ones
    28 x 28, vae             10   soft, recall .78; gan 10: clear, recall .23
    28 x 28, autoregressive  10   far from done: 71 % read as asked
    64 x 64, diffusion       13   of some use to a detector, not yet like real ones
    128 x 128, latent         5   soft, recall .76; diffusion over pixels: noise
"""

_POWER = 0.92
"""From 2 minutes for 64 pixels and 20 for 784."""

_LATENT = 10.0
"""Core-minutes of pictures of 128 x 128 as codes: twice what left them soft."""

_COLOUR = 1.5
"""Colour pictures take longer than grey ones; of them little was measured."""


def minutes_needed(high: int, wide: int, channels: int, family: str, threads: int) -> float:
    """Minutes of this machine until made pictures look like real ones, about.

    >>> minutes_needed(28, 28, 1, "diffusion", 1), round(minutes_needed(28, 28, 1, "diffusion", 2))
    (20.0, 11)
    """
    pixels = high * wide
    if family == "latent":
        alone = _LATENT * max(1.0, pixels / 128**2) ** 0.5
    else:
        alone = _CORE_MINUTES.get(family, 20.0) * (pixels / _AT) ** _POWER
        alone *= _COLOUR if channels > 1 else 1.0
    return max(1.0, alone / min(threads, 16) ** 0.9)


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
        riff = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        boxed = head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1")
        return head.startswith(tuple(_SUFFIX_OF)) or riff or boxed or is_dicom(head)

    def fault(self, path: str) -> str:
        """What is wrong with a file as a picture."""
        return fault(path)

    def ending_of(self, cell: bytes) -> str:
        """By how it begins.

        >>> PICTURES.ending_of(bytes.fromhex("89504e470d0a1a0a"))
        '.png'
        """
        found = next((suffix for magic, suffix in _SUFFIX_OF.items() if cell.startswith(magic)), "")
        return found or (".dcm" if is_dicom(cell) else ".webp" if cell[8:12] == b"WEBP" else ".avif")

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
