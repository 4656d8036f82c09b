"""The times of day of a column: symbols in order, and the times that share one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sampan.field import Box
from sampan.fields.quantiles import pick, rows_before, runs


@dataclass(frozen=True, eq=False)
class Times:
    """The distinct times in nanoseconds, how often each was seen, and where each symbol begins."""

    table: np.ndarray
    counts: np.ndarray
    first: np.ndarray

    @property
    def symbols(self) -> int:
        """How many symbols there are."""
        return self.first.size - 1

    @property
    def shares(self) -> bool:
        """Whether some times share a symbol."""
        return self.table.size > self.symbols

    @cached_property
    def _before(self) -> np.ndarray:
        """How many rows lie before each time: float64 (times + 1,)."""
        return rows_before(self.counts)

    def symbol_of(self, place: np.ndarray) -> np.ndarray:
        """The symbol of the times at some places of the table."""
        return np.searchsorted(self.first, place, side="right") - 1

    def made(self, symbol: np.ndarray, noise: np.ndarray | None) -> np.ndarray:
        """The time of each symbol; the noise says which where there are several."""
        place = self.first[symbol]
        if noise is not None:
            place = pick(noise, place, self.first[symbol + 1], self._before)
        return self.table[place]

    def share(self, place: np.ndarray, from_first: np.ndarray, to_last: np.ndarray) -> np.ndarray:
        """The share of the times at some places in the rows of their symbol: float64, as many.

        from_first, to_last: where all times of the symbol before it, and after it, come out as it does.
        """
        symbol = self.symbol_of(place)
        first, last = self.first[symbol], self.first[symbol + 1]
        low, high = np.where(from_first, first, place), np.where(to_last, last, place + 1)
        return (self._before[high] - self._before[low]) / (self._before[last] - self._before[first])

    def boxes(self, held: np.ndarray, leaf: str, off: int) -> list[Box]:
        """Boxes of a leaf and its noise in which just the held times are.

        held: bool, for each time of the table. off: how many symbols of the leaf are no times.
        """
        inside = np.add.reduceat(held.astype(np.int64), self.first[:-1])
        whole = inside == np.diff(self.first)
        if whole.all() and not off:
            return [Box({}, {})]
        nothing = np.zeros(off, dtype=bool)
        boxes = [Box({leaf: np.append(whole, nothing)}, {})] if whole.any() else []
        for symbol in np.flatnonzero((inside > 0) & ~whole):
            only = np.arange(self.symbols + off) == symbol
            first, last = self.first[symbol], self.first[symbol + 1]
            for low, high in runs(held, self._before, first, last):
                boxes.append(Box({leaf: only}, {"clock": (low, high)}))
        return boxes
