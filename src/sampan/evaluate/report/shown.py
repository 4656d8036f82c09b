"""Shown: what a report shows of a column of points - made cells, real ones, and the closest pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sampan.evaluate.found import ClosePoints
from sampan.evaluate.score import plain


class Drawn(str):
    """A cell as a page shows it: a piece of HTML without script, where any other text is escaped."""


@dataclass(frozen=True, slots=True)
class PointPair:
    """A made cell and the learned one nearest to it.

    made, seen: both as a page draws them. close: where they stand, and how near.
    """

    made: Drawn
    seen: Drawn
    close: ClosePoints


@dataclass(frozen=True, eq=False)
class Shown:
    """What is shown of one column of points; each cell as a page draws it.

    column: its name. medium: of its cells ("picture"). made, seen: some cells at random. walk: cells on a way
    from one made cell to another; may be none. closest: closest first. learned_from: what the eye learned to
    look at, "labels" or "cells alone". file: the file of features in which likeness was measured instead,
    with its SHA-256. compared: cells of each side behind likeness.
    """

    column: str
    medium: str
    made: tuple[Drawn, ...]
    seen: tuple[Drawn, ...]
    walk: tuple[Drawn, ...]
    closest: tuple[PointPair, ...]
    learned_from: str
    file: str | None
    compared: int

    def to_json(self) -> dict[str, Any]:
        """What was looked at, as plain JSON values; no cell."""
        return {
            "column": self.column,
            "medium": self.medium,
            "features": self.learned_from,
            "features_file": self.file,
            "compared": self.compared,
            "closest": [
                {
                    "made": pair.close.made,
                    "seen": pair.close.seen,
                    "ratio": plain(pair.close.ratio),
                    "bound": plain(pair.close.bound),
                    "space": pair.close.space,
                    "copied": pair.close.copied,
                }
                for pair in self.closest
            ],
        }
