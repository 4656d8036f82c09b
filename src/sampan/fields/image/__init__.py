"""Pictures: photographs, scans, drawings, slices of a body.

Read upwards from the bottom: `sampan.media.picture` (one picture, out of a file or bytes and back into
bytes), `framing` (how one of another shape is made to fit), `codec` (a column of them as levels, and back),
`field`.
"""

from sampan.fields.image.codec import ImageCodec
from sampan.fields.image.field import Image

__all__ = ["Image", "ImageCodec"]
