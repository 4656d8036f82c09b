"""Figure: an empty matplotlib figure, which draws on no screen by itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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
    *("DejaVu Sans", "Noto Sans CJK HK", "Noto Sans CJK TC", "PingFang HK", "Microsoft JhengHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
)
"""Tried letter by letter, so that the name of a column is drawn in any script."""


def fonts() -> list[str]:
    """Those of them that this machine has, as a `fontfamily`."""
    from matplotlib.font_manager import get_font_names

    there = set(get_font_names())
    return [name for name in FONTS if name in there] or ["sans-serif"]
