"""Pictures: the first medium. The one place that knows Pillow and pydicom.

Read upwards from the bottom: `pixels` (a picture), `reading` and `dicom` (out of a file), `writing` (into
one), `mosaic` (in a terminal), `medium` (all that others ask).
"""

from sampan.media.picture.medium import PICTURES, Pictures
from sampan.media.picture.pixels import Picture, on_white, resized
from sampan.media.picture.reading import Source, fault, may_have_holes, read_picture
from sampan.media.picture.writing import as_png, contact_sheet

__all__ = [
    "PICTURES",
    "Picture",
    "Pictures",
    "Source",
    "as_png",
    "contact_sheet",
    "fault",
    "may_have_holes",
    "on_white",
    "read_picture",
    "resized",
]
