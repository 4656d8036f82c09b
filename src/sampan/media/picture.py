"""One picture: out of a file or bytes, and back into bytes. The one place that knows Pillow and pydicom.

What is wrong with a file is found here and said in words: a damaged one, one that is no picture, one that
would fill the memory, one that moves. Nothing of a file but its pixels is kept: no place, no camera, no
patient.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
from arro3.core import DataType

from sampan.column import Column
from sampan.errors import DataError, MissingExtra

Source = str | bytes
"""The path of a file, or what an encoded picture consists of."""

SUFFIXES = frozenset(
    """.png .apng .jpg .jpeg .jpe .jfif .mpo .gif .bmp .dib .tif .tiff .webp .avif .avifs .heic .heif .jp2
    .j2k .jpx .ppm .pgm .pbm .pnm .tga .ico .sgi .pcx .dcm .dicom""".split()
)
"""What the names of picture files end in."""

MOST_DICOM_PIXELS = 1 << 28
"""As Pillow has a limit for other pictures: a forged header must not fill the memory."""

_RUNS_PROGRAMS = frozenset(("EPS", "WMF", "EMF"))
"""Formats for which Pillow starts another program: never for a file that somebody sent."""

_ONE_PICTURE = frozenset(("MPO", "PSD", "ICO", "ICNS", "CUR"))
"""Formats whose further pictures are layers, sizes or depth of the first: telephones write MPO as .jpg."""

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


class _Fault(Exception):
    """What is wrong with a file, in a few words, and what to do about it."""

    def __init__(self, reason: str, fix: str = "Copy or export it again, or take it out.") -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix


def read_picture(
    source: Source, label: str, *, pages: int | None = None, least: tuple[int, int] | None = None
) -> Picture:
    """A picture, decoded. Raises DataError that calls it `label`.

    pages: a TIFF of so many pages is one picture whose channels they are. least: a shape in which it will be
    used, so that a large JPEG need not be unpacked in full; it comes in at least twice that.
    """
    try:
        return _read(source, pages, least)
    except _Fault as fault:
        raise DataError(
            f"{label} {fault.reason}.", "Expected: one still picture, complete.", fault.fix
        ) from fault


def fault(path: str) -> str:
    """What is wrong with a file as a picture, in a few words; '' where nothing is. Cheap for whole files."""
    try:
        with open(path, "rb") as handle:
            head = handle.read(132)
            if _is_dicom(head):
                _read_dicom(path, look=True)
                return ""
            handle.seek(-min(64, os.path.getsize(path)), os.SEEK_END)
            tail = handle.read().rstrip(b"\0")
        image = _open(path)
        with image:
            _refuse_frames(image, None, frames_are_channels=True)
            if image.format in ("JPEG", "MPO") and tail.endswith(b"\xff\xd9"):
                return ""
            if image.format == "PNG":
                image.verify()  # every checksum of the file, without unpacking a pixel
            else:
                image.draft(None, (64, 64))
                image.load()
    except MissingExtra:
        raise
    except _Fault as found:
        return found.reason.removeprefix("is ").split(":")[0]
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return error.strerror or _worded(error)
    except Exception as error:  # whatever a decoder makes of a damaged file
        return _worded(error)
    return ""


def is_picture_file(path: PurePath) -> bool:
    """Whether a file is called as pictures are; one without an ending (scanners write such) is looked at.

    >>> is_picture_file(PurePath("貓.JPG")), is_picture_file(PurePath("notes.txt"))
    (True, False)
    """
    if path.suffix:
        return path.suffix.lower() in SUFFIXES
    try:
        return begins_as_picture(_head(str(path)))
    except OSError:
        return False


def may_have_holes(source: Source) -> bool:
    """Whether a picture can have pixels that are not given, by its header; True where that is damaged."""
    try:
        if _is_dicom(_head(source)):
            return False
        with _open(source) as image:
            return image.has_transparency_data or image.mode == "F"
    except MissingExtra:
        raise
    except Exception:  # whatever is wrong will be told when it is unpacked
        return True


def holds_pictures(column: Column) -> bool:
    """Whether a column of bytes holds encoded pictures, by how its first cells begin."""
    if not (DataType.is_binary(column.type) or DataType.is_large_binary(column.type)):
        return False
    some = [cell for cell in column.slice(0, min(len(column), 1000)).to_pylist() if cell is not None][:20]
    return bool(some) and all(begins_as_picture(cell) for cell in some)


def suffix_of(picture: bytes) -> str:
    """What the name of a file with these bytes ends in.

    >>> suffix_of(bytes.fromhex("89504e470d0a1a0a"))
    '.png'
    """
    found = next((suffix for magic, suffix in _SUFFIX_OF.items() if picture.startswith(magic)), "")
    return found or (".dcm" if _is_dicom(picture[:132]) else ".webp" if picture[8:12] == b"WEBP" else ".avif")


def begins_as_picture(cell: bytes) -> bool:
    """Whether bytes begin as those of a picture file do."""
    riff = cell[:4] == b"RIFF" and cell[8:12] == b"WEBP"
    boxed = cell[4:8] == b"ftyp" and cell[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1")
    return cell.startswith(tuple(_SUFFIX_OF)) or riff or boxed or _is_dicom(cell[:132])


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


def contact_sheet(pictures: Sequence[bytes], columns: int | None = None) -> bytes:
    """Pictures side by side in a grid, as one PNG: small ones enlarged without a blur, large ones reduced.

    columns: pictures beside each other; about as many as lines unless said.
    """
    image = pillow_for("Writing pictures")
    shown = [_as_rgb(read_picture(picture, f"picture {row}")) for row, picture in enumerate(pictures, 1)]
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


def _as_rgb(picture: Picture) -> np.ndarray:
    """Any picture for people to look at: uint8 (height, width, 3); of many channels, the first."""
    values = on_white(picture)
    return values if values.shape[2] == 3 else np.repeat(values[..., :1], 3, axis=2)


def on_white(picture: Picture) -> np.ndarray:
    """The values of a picture as they look on white paper, in their type."""
    if picture.alpha is None:
        return picture.values
    alpha = picture.alpha[..., None].astype(np.uint16)
    mixed = picture.values * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


# --- out of a file
def pillow_for(reason: str) -> Any:
    """Pillow's module Image; MissingExtra says for what it is needed."""
    try:
        import PIL.Image
        import PIL.ImageOps  # so that `PIL.ImageOps` is there
    except ImportError as error:
        raise MissingExtra("pillow", "pictures", reason) from error
    return PIL.Image


def _read(source: Source, pages: int | None, least: tuple[int, int] | None) -> Picture:
    try:
        if _is_dicom(_head(source)):
            return _read_dicom(source)
        image = _open(source)
        with image:
            _refuse_frames(image, pages)
            if pages not in (None, 1, 3, 4) and getattr(image, "n_frames", 1) > 1:
                return _of_pages(image, pages or 0)
            wide, high = image.size
            if least is not None:
                times = 2 * max(least) / min(wide, high)
                image.draft(None, (math.ceil(wide * times), math.ceil(high * times)))
            smaller = image.size != (wide, high)
            image.load()
            found = _of_image(_upright(image))
            if not smaller:
                return found
            lies = (found.shape[0] > found.shape[1]) == (high > wide)
            return replace(found, full=(high, wide) if lies else (wide, high))
    except (_Fault, MissingExtra, MemoryError):
        raise
    except FileNotFoundError as error:
        where = f"paths start from {os.getcwd()}"
        raise _Fault(f"does not exist ({where})", "Check the path, or give whole paths.") from error
    except PermissionError as error:
        raise _Fault("may not be read: permission denied", f"Type: chmod u+r {error.filename}") from error
    except Exception as error:  # whatever a decoder makes of a damaged file
        raise _Fault(f"is damaged: {_worded(error)}") from error


def _worded(error: Exception) -> str:
    text = str(error).lower()
    if "truncated" in text or isinstance(error, EOFError) or "unexpected end" in text:
        return "truncated"
    return str(error).split("\n")[0][:80] or type(error).__name__


def _head(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source[:132]
    with open(source, "rb") as handle:
        return handle.read(132)


def _open(source: Source) -> Any:
    """A Pillow image of which only the header was read; one too large to unpack is refused."""
    image = pillow_for("Reading pictures")
    image.init()
    formats = [name for name in image.OPEN if name not in _RUNS_PROGRAMS]
    limit = image.MAX_IMAGE_PIXELS
    try:
        found = image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats)
    except image.DecompressionBombError as error:
        raise _too_large(limit) from error
    except image.UnidentifiedImageError as error:
        raise _Fault("is no picture, or is damaged at its beginning") from error
    if limit is not None and found.width * found.height > limit:
        found.close()
        raise _too_large(limit)
    return found


def _too_large(limit: int) -> _Fault:
    return _Fault(
        f"is too large to unpack: more than {limit:,} pixels",
        "Reduce it. If you made it yourself: PIL.Image.MAX_IMAGE_PIXELS is the limit.",
    )


def _refuse_frames(image: Any, pages: int | None, *, frames_are_channels: bool = False) -> None:
    """Raises where a file holds more pictures than one, unless it is a TIFF whose pages are channels."""
    if image.format in _ONE_PICTURE:
        return
    frames = getattr(image, "n_frames", 1)
    if image.format == "TIFF" and (frames_are_channels or pages == frames):
        return
    if pages not in (None, 1, 3, 4) and frames == 1:
        raise _Fault(
            f"has one page, and {pages} channels are learned",
            f"Write it as a TIFF of {pages} grey pages, one for each channel.",
        )
    if frames > 1:
        fix = "Take one picture out of it, or take it away."
        if image.format == "TIFF":
            fix = f"If its pages are channels, say so: --type COLUMN=image:HEIGHTxWIDTHx{frames}"
        raise _Fault(f"is animated: {frames} pictures in one file", fix)


def _upright(image: Any) -> Any:
    """The picture as a camera's note about how it was held says; without the note."""
    import PIL.ImageOps

    try:
        turned = image.getexif().get(0x0112, 1) != 1
    except Exception:  # a garbled note says nothing; the pixels are sound
        return image
    return PIL.ImageOps.exif_transpose(image) if turned else image


def _of_image(image: Any) -> Picture:
    """The pixels of a loaded Pillow image, whatever its mode."""
    if image.mode == "F" or image.mode.startswith("I"):
        return Picture(np.asarray(image).astype(np.float32)[..., None])
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        if grey and "transparency" not in image.info:
            values = np.asarray(image.convert("LA"))
        else:
            values = np.asarray(image.convert("RGBA"))
            if grey:
                values = values[..., 2:]  # blue is as good a grey as any, then alpha
        return Picture(np.ascontiguousarray(values[..., :-1]), np.ascontiguousarray(values[..., -1]))
    if grey:
        return Picture(np.asarray(image.convert("L"))[..., None])
    return Picture(np.asarray(image.convert("RGB")))


def _of_pages(image: Any, pages: int) -> Picture:
    planes = []
    for page in range(pages):
        image.seek(page)
        image.load()
        plane = _of_image(image)
        if plane.values.shape[2] != 1 or (planes and plane.values.shape != planes[0].shape):
            raise _Fault(f"has pages of several shapes or colours (page {page + 1})")
        planes.append(plane.values)
    return Picture(np.concatenate(planes, axis=2))


# --- DICOM
_PIXEL_TAGS = (
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel"),
    *("PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "PixelData", "FloatPixelData"),
    *("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    *("ExtendedOffsetTable", "ExtendedOffsetTableLengths", "DoubleFloatPixelData"),
)
"""All that is read of a DICOM file: nothing in it says who the patient is."""


def _is_dicom(head: bytes) -> bool:
    return head[128:132] == b"DICM"


def _read_dicom(source: Source, *, look: bool = False) -> Picture:
    """The picture in a DICOM file, in the units and the window that it states, black on the low side.

    look: only what the header says, and no pixels.
    """
    try:
        import pydicom
        from pydicom.pixels.processing import apply_color_lut
    except ImportError as error:
        raise MissingExtra("pydicom", "dicom", "Reading DICOM pictures") from error

    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        data = pydicom.dcmread(file, specific_tags=list(_PIXEL_TAGS), stop_before_pixels=look)
        high, wide = int(data.get("Rows") or 0), int(data.get("Columns") or 0)
        if not high or not wide:
            raise _Fault("holds no picture")
        if high * wide > MOST_DICOM_PIXELS:
            raise _too_large(MOST_DICOM_PIXELS)
        frames = int(data.get("NumberOfFrames") or 1)
        if frames > 1:
            raise _Fault(f"is animated: {frames} pictures in one file", "Write each of them to its own file.")
        if look:
            return Picture(np.zeros((1, 1, 1), np.uint8))
        values = np.asarray(data.pixel_array)
        if data.PhotometricInterpretation == "PALETTE COLOR":
            colour = np.asarray(apply_color_lut(values, data))
            return Picture((colour >> 8 if colour.dtype == np.uint16 else colour).astype(np.uint8))
        if values.ndim == 3:
            return Picture(values.astype(np.uint8))
    except (_Fault, MemoryError):
        raise
    except Exception as error:  # whatever pydicom makes of a damaged file; its words may quote the file
        raise _Fault(
            f"is damaged, or packed in a way that is not known here ({type(error).__name__})"
        ) from error
    units = values * float(data.get("RescaleSlope") or 1) + float(data.get("RescaleIntercept") or 0)
    inverted = data.PhotometricInterpretation == "MONOCHROME1"
    window = _window(data)
    if window is None:
        units = -units if inverted else units
        return Picture(units.astype(np.float32)[..., None])
    centre, width = window
    if data.get("VOILUTFunction") == "SIGMOID":
        share = 1 / (1 + np.exp(-4 * (units - centre) / width))
    else:  # DICOM PS3.3, C.11.2.1.2
        share = np.clip((units - centre + 0.5) / max(width - 1, 1) + 0.5, 0, 1)
    levels = np.round(255 * (1 - share if inverted else share)).astype(np.uint8)
    return Picture(levels[..., None])


def _window(data: Any) -> tuple[float, float] | None:
    """The first window that a DICOM file states: (centre, width)."""
    found = []
    for name in ("WindowCenter", "WindowWidth"):
        value = data.get(name)
        if value is None or value == "":
            return None
        first = value if isinstance(value, int | float | str) or not hasattr(value, "__len__") else value[0]
        found.append(float(first))
    return (found[0], found[1]) if found[1] > 0 else None
