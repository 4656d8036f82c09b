"""One picture, out of a file or bytes.

What is wrong with a file is found here and said in words: a damaged one, one that is no picture, one that
would fill the memory, one that moves. Nothing of a file but its pixels is kept: no place, no camera, no
patient.
"""

from __future__ import annotations

import io
import math
import os
from dataclasses import replace
from typing import Any

import numpy as np

from sampan.errors import DataError, MissingExtra
from sampan.media.medium import HEAD, Fault
from sampan.media.picture.dicom import read_dicom
from sampan.media.picture.pixels import Picture, pillow_for, too_large


def is_dicom(head: bytes) -> bool:
    return head[128:132] == b"DICM"


Source = str | bytes
"""The path of a file, or what an encoded picture consists of."""

_RUNS_PROGRAMS = frozenset(("EPS", "WMF", "EMF"))
"""Formats for which Pillow starts another program: never for a file that somebody sent."""

_ONE_PICTURE = frozenset(("MPO", "PSD", "ICO", "ICNS", "CUR"))
"""Formats whose further pictures are layers, sizes or depth of the first: telephones write MPO as .jpg."""


def read_picture(
    source: Source, label: str, *, pages: int | None = None, least: tuple[int, int] | None = None
) -> Picture:
    """A picture, decoded. Raises DataError that calls it `label`.

    pages: a TIFF of so many pages is one picture whose channels they are. least: a shape in which it will be
    used, so that a large JPEG need not be unpacked in full; it comes in at least twice that.
    """
    try:
        return _read(source, pages, least)
    except Fault as fault:
        raise DataError(
            f"{label} {fault.reason}.", "Expected: one still picture, complete.", fault.fix
        ) from fault


def fault(path: str) -> str:
    """What is wrong with a file as a picture, in a few words; '' where nothing is. Cheap for whole files."""
    try:
        with open(path, "rb") as handle:
            head = handle.read(HEAD)
            if is_dicom(head):
                read_dicom(path, look=True)
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
    except Fault as found:
        return found.reason.removeprefix("is ").split(":")[0]
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return error.strerror or _worded(error)
    except Exception as error:  # whatever a decoder makes of a damaged file
        return _worded(error)
    return ""


def may_have_holes(source: Source) -> bool:
    """Whether a picture can have pixels that are not given, by its header; True where that is damaged."""
    try:
        if is_dicom(_head(source)):
            return False
        with _open(source) as image:
            return image.has_transparency_data or image.mode == "F"
    except MissingExtra:
        raise
    except Exception:  # whatever is wrong will be told when it is unpacked
        return True


def _read(source: Source, pages: int | None, least: tuple[int, int] | None) -> Picture:
    try:
        if is_dicom(_head(source)):
            return read_dicom(source)
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
    except (Fault, MissingExtra, MemoryError):
        raise
    except FileNotFoundError as error:
        where = f"paths start from {os.getcwd()}"
        raise Fault(f"does not exist ({where})", "Check the path, or give whole paths.") from error
    except PermissionError as error:
        raise Fault("may not be read: permission denied", f"Type: chmod u+r {error.filename}") from error
    except Exception as error:  # whatever a decoder makes of a damaged file
        raise Fault(f"is damaged: {_worded(error)}") from error


def _worded(error: Exception) -> str:
    text = str(error).lower()
    if "truncated" in text or isinstance(error, EOFError) or "unexpected end" in text:
        return "truncated"
    return str(error).split("\n")[0][:80] or type(error).__name__


def _head(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source[:HEAD]
    with open(source, "rb") as handle:
        return handle.read(HEAD)


def _open(source: Source) -> Any:
    """A Pillow image of which only the header was read; one too large to unpack is refused."""
    image = pillow_for("Reading pictures")
    image.init()
    formats = [name for name in image.OPEN if name not in _RUNS_PROGRAMS]
    limit = image.MAX_IMAGE_PIXELS
    try:
        found = image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats)
    except image.DecompressionBombError as error:
        raise too_large(limit) from error
    except image.UnidentifiedImageError as error:
        raise Fault("is no picture, or is damaged at its beginning") from error
    if limit is not None and found.width * found.height > limit:
        found.close()
        raise too_large(limit)
    return found


def _refuse_frames(image: Any, pages: int | None, *, frames_are_channels: bool = False) -> None:
    """Raises where a file holds more pictures than one, unless it is a TIFF whose pages are channels."""
    if image.format in _ONE_PICTURE:
        return
    frames = getattr(image, "n_frames", 1)
    if image.format == "TIFF" and (frames_are_channels or pages == frames):
        return
    if pages not in (None, 1, 3, 4) and frames == 1:
        raise Fault(
            f"has one page, and {pages} channels are learned",
            f"Write it as a TIFF of {pages} grey pages, one for each channel.",
        )
    if frames > 1:
        fix = "Take one picture out of it, or take it away."
        if image.format == "TIFF":
            fix = f"If its pages are channels, say so: --type COLUMN=image:HEIGHTxWIDTHx{frames}"
        raise Fault(f"is animated: {frames} pictures in one file", fix)


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
            raise Fault(f"has pages of several shapes or colours (page {page + 1})")
        planes.append(plane.values)
    return Picture(np.concatenate(planes, axis=2))
