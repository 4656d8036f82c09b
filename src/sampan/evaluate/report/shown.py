"""Shown: what a report shows of a column of points - made cells, real ones, and the closest pairs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointPair:
    """A made cell and the learned one nearest to it.

    made, seen: both as HTML without script. made_row, seen_row: where they stand. ratio: their distance over
    that of the learned one to its own neighbours; bound: below it no real cell is expected. space: where the
    ratio is lowest ("pixels", "features").
    """

    made: str
    seen: str
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
    """What is shown of one column of points; each cell as a piece of HTML without script.

    column: its name. medium: of its cells ("picture"). made, seen: some cells at random. walk: cells on a way
    from one made cell to another; may be none. closest: closest first. learned_from: what the eye learned to
    look at, "labels" or "cells alone". file: the file of features in which likeness was measured instead,
    with its SHA-256. compared: cells of each side behind likeness.
    """

    column: str
    medium: str
    made: tuple[str, ...]
    seen: tuple[str, ...]
    walk: tuple[str, ...]
    closest: tuple[PointPair, ...]
    learned_from: str
    file: str | None
    compared: int
