"""Symbols as stretches of sorted values with as many rows each, and which value of a stretch a share means.

Numbers, moments and rare categories use them alike: distinct values in order with a count each, `first` where
each symbol begins among them, and a noise leaf, uniform on [0, 1), that falls on a value of the symbol in
proportion to its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sampan.field import Box


def cut(counts: np.ndarray, symbols: int) -> np.ndarray:
    """Where each of at most so many symbols begins among the distinct values: int64 (symbols used + 1,).

    A value that fills a symbol's share of the rows stands alone; every run between two such spikes is cut
    into symbols in proportion to its rows.

    >>> cut(np.array([1, 1, 90, 1, 1, 1, 1]), 4).tolist()
    [0, 2, 3, 5, 7]
    """
    first, room = _cut_once(counts, symbols), symbols
    while first.size - 1 > symbols and room > 1:
        room = max(1, room - (first.size - 1 - symbols))
        first = _cut_once(counts, room)
    return first


def _cut_once(counts: np.ndarray, symbols: int) -> np.ndarray:
    """`cut`, with a few symbols too many where runs between spikes round up."""
    if counts.size <= symbols:
        return np.arange(counts.size + 1)
    spike = np.zeros(counts.size, dtype=bool)
    while True:  # taking the spikes out makes the share of the others smaller: until nothing changes
        share = counts[~spike].sum() / max(1, symbols - int(spike.sum()))
        found = counts >= max(share, 2)
        if not (found & ~spike).any():
            break
        spike |= found
    room, rest = symbols - int(spike.sum()), int(counts[~spike].sum())
    change = np.flatnonzero(np.diff(spike.astype(np.int8))) + 1
    starts: list[int] = []
    for begin, end in zip([0, *change], [*change, counts.size], strict=True):
        if spike[begin]:
            starts.extend(range(begin, end))
            continue
        run = counts[begin:end]
        pieces = min(run.size, max(1, round(room * run.sum() / max(rest, 1))))
        middle = np.cumsum(run) - run / 2
        label = np.minimum((middle * pieces / run.sum()).astype(np.int64), pieces - 1)
        starts.extend([int(begin), *(begin + np.flatnonzero(np.diff(label)) + 1).tolist()])
    return np.array([*starts, counts.size], dtype=np.int64)


def rows_before(counts: np.ndarray) -> np.ndarray:
    """How many rows lie before each place: float64 (places + 1,)."""
    return np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])


def nearest_of(table: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The place of the entry of a sorted table that is nearest to each value; the higher of two as near."""
    right = np.searchsorted(table, values).clip(0, table.size - 1)
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(values - table[left]) < np.abs(table[right] - values), left, right)


def pick(share: np.ndarray, start: np.ndarray, end: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The place between start and end that a share of their rows in [0, 1) falls on.

    It falls on a place exactly when low <= share < high, as `runs` computes them: the sum that finds it may
    round over a border, so the border is asked once more.
    """
    base, width = before[start], before[end] - before[start]
    place = np.searchsorted(before, base + share * width, side="right") - 1
    place = np.clip(place, start, end - 1)
    place = place - ((share < (before[place] - base) / width) & (place > start))
    return place + ((share >= (before[place + 1] - base) / width) & (place < end - 1))


def runs(held: np.ndarray, before: np.ndarray, start: int, end: int) -> list[tuple[float, float]]:
    """The intervals of [0, 1) on which `pick` gives held places."""
    base, width = before[start], before[end] - before[start]
    step = np.diff(np.concatenate([[0], held[start:end].astype(np.int8), [0]]))
    borders = zip(np.flatnonzero(step == 1), np.flatnonzero(step == -1), strict=True)
    return [
        (float((before[start + low] - base) / width), float((before[start + high] - base) / width))
        for low, high in borders
    ]


@dataclass(frozen=True, eq=False)
class Cuts:
    """Symbols of sorted values, and a noise leaf that says which value of a symbol.

    counts: how many rows each value stands for (M,). first: where each symbol begins among them
    (symbols + 1,).
    """

    counts: np.ndarray
    first: np.ndarray

    @property
    def symbols(self) -> int:
        """How many there are."""
        return self.first.size - 1

    @property
    def shares(self) -> bool:
        """Whether some values share a symbol."""
        return self.counts.size > self.symbols

    @property
    def spikes(self) -> tuple[int, ...]:
        """The symbols that are one value alone."""
        return tuple(np.flatnonzero(np.diff(self.first) == 1).tolist())

    @property
    def sound(self) -> bool:
        """Whether counts and cuts agree."""
        first = self.first
        covers = first.size > 0 and first[0] == 0 and first[-1] == self.counts.size
        return bool(covers and (np.diff(first) > 0).all() and (self.counts > 0).all())

    @cached_property
    def before(self) -> np.ndarray:
        """How many rows lie before each value: float64 (M + 1,)."""
        return rows_before(self.counts)

    @cached_property
    def rows(self) -> np.ndarray:
        """The rows of each symbol: as the counts are."""
        return np.add.reduceat(self.counts, self.first[:-1])

    def symbol_of(self, place: np.ndarray) -> np.ndarray:
        """The symbol of the values at some places."""
        return np.searchsorted(self.first, place, side="right") - 1

    def place_of(self, symbol: np.ndarray, noise: np.ndarray | None) -> np.ndarray:
        """The place of a value of each symbol; the noise says which where there are several."""
        place = self.first[symbol]
        return place if noise is None else pick(noise, place, self.first[symbol + 1], self.before)

    def share(
        self, place: np.ndarray, from_first: np.ndarray | bool = False, to_last: np.ndarray | bool = False
    ) -> np.ndarray:
        """The share of the values at some places in the rows of their symbol: float64, as many.

        from_first, to_last: where all values of the symbol before it, and after it, come out as it does.
        """
        symbol = self.symbol_of(place)
        first, last = self.first[symbol], self.first[symbol + 1]
        low, high = np.where(from_first, first, place), np.where(to_last, last, place + 1)
        return (self.before[high] - self.before[low]) / (self.before[last] - self.before[first])

    def boxes(
        self, held: np.ndarray, missing: bool | None, leaf: str = "", noise: str = "which"
    ) -> list[Box]:
        """Where a leaf and its noise give held values (bool (M,)).

        One box of whole symbols, and one for each run of held values inside a symbol that is cut. missing:
        whether the symbol after the last, "missing", is held; None where the column has none.
        """
        inside = np.add.reduceat(held.astype(np.int64), self.first[:-1])
        spans = np.diff(self.first)
        whole = np.append(inside == spans, [] if missing is None else [missing]).astype(bool)
        boxes = [Box({leaf: whole}, {})] if whole.any() else []
        for symbol in np.flatnonzero((inside > 0) & (inside < spans)):
            only = np.arange(whole.size) == symbol
            for span in runs(held, self.before, int(self.first[symbol]), int(self.first[symbol + 1])):
                boxes.append(Box({leaf: only}, {noise: span}))
        return boxes
