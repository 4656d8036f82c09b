"""Pillow, imported when first needed, for it is an extra."""

from __future__ import annotations

from typing import Any

from sampan.errors import MissingExtra


def pillow_for(reason: str) -> Any:
    """Pillow's module Image; MissingExtra says for what it is needed."""
    try:
        import PIL.Image
        import PIL.ImageOps  # so that `PIL.ImageOps` is there
    except ImportError as error:
        raise MissingExtra("pillow", "pictures", reason) from error
    return PIL.Image
