"""Shown: what a report shows of a column of points - made cells, real ones, and the closest pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sampan.evaluate.score import plain


class Drawn(str):
    """A cell as a page shows it: a piece of HTML without script, where any other text is escaped."""


@dataclass(frozen=True, slots=True)
class PointPair:
    """A made cell and the learned one nearest to it.

    made, seen: both as a page draws them. made_row, seen_row: where they stand. ratio: their distance over
    that of the learned one to its own neighbours; bound: below it no real cell is expected. space: where the
    ratio is lowest ("pixels", "features").
    """

    made: Drawn
    seen: Drawn
    made_row: int
    seen_row: int
    ratio: float
    bound: float
    space: str

    @property
    def copied(self) -> bool:
        """Whether the made cell is a copy of the learned one."""
        return self.ratio < self.bound


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
                    "made": pair.made_row,
                    "seen": pair.seen_row,
                    "ratio": plain(pair.ratio),
                    "bound": plain(pair.bound),
                    "space": pair.space,
                    "copied": pair.copied,
                }
                for pair in self.closest
            ],
        }
