"""The days of a column: periods in order, and the days of each weekday in a period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sampan.field import Box
from sampan.fields.quantiles import pick, rows_before, runs


@dataclass(frozen=True, eq=False)
class Days:
    """The days of a column since 1970, how often each was seen, and where each period begins.

    weekly: whether the days of a period are told apart by their weekday.
    """

    table: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    weekly: bool = True

    @property
    def periods(self) -> int:
        """How many symbols there are."""
        return self.first.size - 1

    @property
    def shares(self) -> bool:
        """Whether some days share a period."""
        return self.table.size > self.periods

    @cached_property
    def weekdays(self) -> np.ndarray:
        """The weekday of each day: 1970 began on a Thursday; Monday is 0."""
        return (self.table + 3) % 7

    @cached_property
    def has_weekday(self) -> bool:
        """Whether the weekday says more than the period does."""
        return self.weekly and self.shares and np.unique(self.weekdays).size > 1

    @property
    def _wide(self) -> int:
        """How many cells a period has."""
        return 7 if self.has_weekday else 1

    def period_of(self, place: np.ndarray) -> np.ndarray:
        """The period of the days at some places of the table."""
        return np.searchsorted(self.first, place, side="right") - 1

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(days' places, cell by cell; rows before each of them; where each cell begins; where it ends).

        A cell is a period, times seven plus the weekday where that is a leaf. A period that lacks a weekday
        takes the days of the nearest weekday that it has.
        """
        period = np.repeat(np.arange(self.periods), np.diff(self.first))
        wide = self._wide
        key = period * wide + (self.weekdays if self.has_weekday else 0)
        order = np.argsort(key, kind="stable")
        cells = np.arange((self.periods) * wide)
        start = np.searchsorted(key[order], cells, side="left")
        end = np.searchsorted(key[order], cells, side="right")
        held = (end > start).reshape(-1, wide)
        source = cells.reshape(-1, wide).copy()
        found = held.copy()
        for step in (1, -1, 2, -2, 3, -3) if wide == 7 else ():
            lent = ~found & np.roll(held, -step, axis=1)
            source[lent] = np.roll(cells.reshape(-1, wide), -step, axis=1)[lent]
            found |= lent
        source = source.ravel()
        return order, rows_before(self.counts[order]), start[source], end[source]

    def made(self, period: np.ndarray, weekday: np.ndarray | None, noise: np.ndarray | None) -> np.ndarray:
        """The day of each period and weekday; the noise says which where there are several."""
        order, before, start, end = self._cells
        cell = period * 7 + weekday if weekday is not None else period
        place = start[cell] if noise is None else pick(noise, start[cell], end[cell], before)
        return self.table[order[place]]

    def share(self, place: np.ndarray) -> np.ndarray:
        """The share of the days at some places in the rows of their cell: float64, as many."""
        _, before, start, end = self._cells
        cell = self.period_of(place) * self._wide
        cell = cell + (self.weekdays[place] if self.has_weekday else 0)
        return self.counts[place] / (before[end[cell]] - before[start[cell]])

    def boxes(self, held: np.ndarray, off: int) -> list[Box]:
        """Boxes of the main leaf, the weekday and the noise in which just the held days are.

        held: bool, for each day of the table. off: how many symbols of the main leaf are no periods.
        """
        order, before, start, end = self._cells
        wide = self._wide
        count = np.concatenate([[0], np.cumsum(held[order])])
        inside = (count[end] - count[start]).reshape(-1, wide)
        full = inside == (end - start).reshape(-1, wide)
        size = self.periods + off
        boxes: list[Box] = []
        patterns, which = np.unique(full, axis=0, return_inverse=True)
        for place, pattern in enumerate(patterns):
            if pattern.any():
                symbols = {"": np.append(which.reshape(-1) == place, np.zeros(off, dtype=bool))}
                if not pattern.all():
                    symbols["weekday"] = pattern
                boxes.append(Box(symbols, {}))
        for period, weekday in zip(*np.nonzero((inside > 0) & ~full), strict=True):
            cell = period * wide + weekday
            symbols = {"": np.arange(size) == period}
            if wide == 7:
                symbols["weekday"] = np.arange(7) == weekday
            for low, high in runs(held[order], before, int(start[cell]), int(end[cell])):
                boxes.append(Box(symbols, {"day": (low, high)}))
        return boxes
