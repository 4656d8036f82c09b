"""Figure: an empty matplotlib figure, which draws on no screen by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampan.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def new_figure(reason: str, wide: float, high: float) -> tuple[Figure, Axes]:
    """A figure of so many inches with one pair of axes. Raises MissingExtra, which says what needs it.

    It belongs to no `pyplot`, so that it is gone when nobody holds it, and shown by whoever displays it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", "plot", reason) from error
    figure = Figure(figsize=(wide, high), layout="constrained")
    return figure, figure.add_subplot()
