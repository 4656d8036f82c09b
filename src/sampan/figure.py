"""Figure: an empty matplotlib figure, which draws on no screen by itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from sampan.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def new_figure(reason: str, wide: float, high: float) -> tuple[Figure, Axes]:
    """A figure of so many inches with one pair of axes. Raises MissingExtra, which says what needs it.

    It belongs to no `pyplot`, so that it is gone when nobody holds it, and shown by whoever displays it: a
    notebook knows how from the moment that pyplot is imported.
    """
    try:
        from matplotlib.figure import Figure

        if "IPython" in sys.modules:
            import matplotlib.pyplot  # noqa: F401
    except ImportError as error:
        raise MissingExtra("matplotlib", "plot", reason) from error
    figure = Figure(figsize=(wide, high), layout="constrained")
    return figure, figure.add_subplot()


FONTS = (
    *("DejaVu Sans", "Noto Sans CJK HK", "Noto Sans CJK TC", "Noto Sans HK", "Noto Sans TC"),
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "PingFang HK", "Microsoft JhengHei", "Source Han Sans HK"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "AR PL UMing HK", "Arial Unicode MS"),
)
"""Tried letter by letter, so that the name of a column is drawn in any script."""

_WIDE = 0x2E80
"""From here on letters are those of East Asia, which the first of the fonts lacks."""


def letters(*texts: str, weight: str = "normal") -> dict[str, Any]:
    """What to give a matplotlib text so that its letters are drawn: the fonts that this machine has of those.

    weight: of texts in letters that the first of the fonts has; others come in the one weight that they have.
    """
    if not any(ord(letter) >= _WIDE for text in texts for letter in text):
        return {"fontweight": weight}
    return {"fontfamily": [FONTS[0], *_wide_fonts()]}


def draws(text: str) -> bool:
    """Whether this machine has a font for the letters of a text."""
    return bool(_wide_fonts()) or all(ord(letter) < _WIDE for letter in text)


def _wide_fonts() -> list[str]:
    """Those that this machine has of the fonts with letters of East Asia."""
    from matplotlib.font_manager import get_font_names

    there = set(get_font_names())
    return [name for name in FONTS[1:] if name in there]
