"""DICOM: pictures out of hospitals, of which nothing but pixels, units and window is read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from sampan.errors import MissingExtra
from sampan.media.medium import Fault
from sampan.media.picture.pixels import Picture, too_large

MOST_DICOM_PIXELS = 1 << 28
"""As Pillow has a limit for other pictures: a forged header must not fill the memory."""

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


def read_dicom(source: str | bytes, *, look: bool = False) -> Picture:
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
            raise Fault("holds no picture")
        if high * wide > MOST_DICOM_PIXELS:
            raise too_large(MOST_DICOM_PIXELS)
        frames = int(data.get("NumberOfFrames") or 1)
        if frames > 1:
            raise Fault(f"is animated: {frames} pictures in one file", "Write each of them to its own file.")
        if look:
            return Picture(np.zeros((1, 1, 1), np.uint8))
        values = np.asarray(data.pixel_array)
        if data.PhotometricInterpretation == "PALETTE COLOR":
            colour = np.asarray(apply_color_lut(values, data))
            return Picture((colour >> 8 if colour.dtype == np.uint16 else colour).astype(np.uint8))
        if values.ndim == 3:
            return Picture(values.astype(np.uint8))
    except (Fault, MemoryError):
        raise
    except Exception as error:  # whatever pydicom makes of a damaged file; its words may quote the file
        raise Fault(
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
