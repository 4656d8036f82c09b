"""Singletons: values that one record alone holds, and the one rule by which no column gives them back.

The rule (docs/privacy.md has its reason and its figures): *what is made of one column may not depend on which
of its unshared values were held*. A value is shared when two records or more hold it; every other value that
the column could hold, held by one record or by none, is unshared. So

- the rows of unshared numbers, dates and times are spread evenly over all unshared values of a window of the
  column's own lattice (cents, whole numbers, business days), a window that is small where values lie far
  apart and holds up to `CROWD` singletons where they lie close together. A singleton is then made as often as
  any value beside it that nobody held, which is how often a stranger's is;
- the range that is made ends where a second record is: the least and the greatest are within it;
- a category that one record holds is not made at all (no category lies between others): the rarest shared
  ones take its rows.

By Good and Turing (Good 1953, Biometrika 40, equation 9) the share of rows that hold a singleton is also the
share of new rows whose value nobody has held yet, so new values there are what is to be expected. Nothing
leaves the range that was seen, and nothing is made off the lattice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sampan.fields.holders import Holders

POINTS = 4
"""Most points in place of one number: more would only make the codec's tables longer."""

CROWD = (16, 64)
"""Singletons after which a window is wide enough however close they lie: half the root of all values, but not
fewer nor more than these."""

NEAR = (0.0002, 0.005)
"""By how much a singleton may be likelier to come back than the value beside it: 1.5 over the number of
values, but not less nor more than these. A window has K singletons among L unshared values; its borders lie
about its singletons, which makes them likelier by K / L / (2 K - 1): the length of a stretch of K gaps of a
Poisson process follows a gamma distribution of 2 K."""

NEAR_OF_CLASSES = 4
"""Times as much where weekdays are told apart: seven times as many days make a window already."""

SLACK = 0.05
"""The same where a window can grow no further; beyond it, its singletons are not made."""

SLACK_ALONE = 0.5
"""The same in a column that has no shared value to be made instead."""

REGION = 81
"""Values in order among which it is asked whether those that two hold are more than chance makes."""

CROWDED = 0.03
"""Records on a place from which on it is asked: below, two hardly meet by chance."""

REACH = 4
"""Values inwards whose distance is as far as a window reaches outwards."""

FULL = 0.9
"""A share of all possible values beyond which being held says nothing (one row for every day)."""

FULL_OF = 50
"""Possible values below which that is not asked."""


GOLDEN = 0.6180339887498949
"""The golden ratio, whose multiples never fall together."""


class Spread(NamedTuple):
    """What may be made in place of a column's values.

    ticks: in order, uint64. weights: of each, in parts of a row. first: where each symbol begins among them.
    """

    ticks: np.ndarray
    weights: np.ndarray
    first: np.ndarray


class _Windows(NamedTuple):
    """Windows in order: their first and last tick, singletons in each, their rows, and symbols' borders
    left."""

    low: np.ndarray
    high: np.ndarray
    singletons: np.ndarray
    rows: np.ndarray
    first: np.ndarray


def spread(
    ticks: np.ndarray,
    holders: Holders,
    first: np.ndarray,
    *,
    unit: int,
    points: int | None,
    room: int,
    classes: int = 1,
) -> Spread:
    """The rule for values on a lattice.

    ticks: the values' places on it, uint64 in order, every whole number between being possible. first: where
    each symbol begins among them. unit: parts that a row has. points: in place of one singleton, or None for
    every unshared value. room: for so many values in all. classes: kinds of ticks that the codec tells apart
    inside a symbol (weekdays).

    >>> ticks, holders = np.array([0, 100, 500, 900, 1000], np.uint64), Holders.of(np.array([3, 1, 1, 1, 2]))
    >>> made = spread(ticks, holders, np.arange(6), unit=4, points=2, room=99)
    >>> made.ticks.tolist(), made.weights.tolist(), made.first.tolist()
    ([0, 62, 124, 471, 595, 809, 970, 1000], [12, 2, 2, 2, 2, 2, 2, 8], [0, 1, 3, 5, 7, 8])
    """
    singles = holders.singletons
    if holders.nowhere or not singles.any():
        return Spread(
            ticks[~singles], holders.rows[~singles] * unit, first_of(first, np.flatnonzero(~singles))
        )
    loose = singles | _shared_by_chance(ticks, holders)
    windows, spans = _windows(ticks, holders, loose, first, classes)
    stays = ~singles & ~(loose & spans)
    kept = ticks[stays]
    every = points is None
    each = POINTS if points is None else points
    each = int(np.clip((room - kept.size) // max(1, int(windows.singletons.sum())), 1, each))
    made, weights = _points(windows, kept, ticks[singles], unit, None if every else each, room - kept.size)
    both = np.concatenate([kept, made])
    order = np.argsort(both, kind="stable")
    out = both[order]
    inner = windows.first[1:-1]
    middle = (ticks[:-1] + _half(ticks, loose))[inner - 1]  # where windows end, too
    starts = np.searchsorted(out, middle, side="right")
    borders = np.unique(np.concatenate([[0], starts, [out.size]]).astype(np.int64))
    return Spread(out, np.concatenate([holders.rows[stays] * unit, weights])[order], borders)


def _shared_by_chance(ticks: np.ndarray, holders: Holders) -> np.ndarray:
    """Which values are shared no more than chance has it where values lie so close together: bool (M,).

    Among `REGION` neighbours with n1 singletons and n0 places that nobody holds, records fall on a place like
    a Poisson variable of n1 / n0. Values of k holders are chance's where there are hardly more than it makes.
    Were they made twice as often as the places beside them, a place that is not would rather be a
    singleton's.
    """
    size = ticks.size
    chance = np.zeros(size, dtype=bool)
    if size < REGION:
        return chance
    left = np.clip(np.arange(size) - REGION // 2, 0, size - REGION)
    right = left + REGION
    span = (ticks[right - 1] - ticks[left]).astype(np.float64) + 1
    singles = np.concatenate([[0], np.cumsum(holders.singletons)])
    singletons, free = singles[right] - singles[left], span - REGION
    density = singletons / np.maximum(free, 1)
    going = (singletons >= REGION // 8) & (free >= REGION // 8) & (density >= CROWDED)
    expected = span * np.exp(-density) * density
    for number in range(2, 20):
        expected = expected * density / number
        mine = holders.persons == number
        seen = np.concatenate([[0], np.cumsum(mine)])
        going = going & (seen[right] - seen[left] <= 2 * expected + 3) & (expected >= 0.5)
        if not going.any():
            break
        chance |= mine & going
    return chance


def _half(ticks: np.ndarray, loose: np.ndarray) -> np.ndarray:
    """How far the ground of each value but the last goes to the right: half-way where both are loose.

    A shared value needs none: all up to it is the loose one's, so that no window ends where a singleton has
    it.
    """
    gaps = ticks[1:] - ticks[:-1]
    left, right = loose[:-1], loose[1:]
    return np.where(left & right, gaps // np.uint64(2), np.where(left, gaps - np.uint64(1), np.uint64(0)))


def first_of(first: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Where symbols begin among the kept places; one that has none is gone."""
    return np.unique(np.searchsorted(kept, first))


class _Line:
    """The values in order as plain numbers, and what a window from one to another of them would be."""

    def __init__(
        self, ticks: np.ndarray, holders: Holders, loose: np.ndarray, first: np.ndarray, classes: int
    ) -> None:
        self.classes = classes
        root = ticks.size**0.5
        self.crowd = classes * min(max(root / 2, CROWD[0]), CROWD[1])
        self.near = (NEAR_OF_CLASSES if classes > 1 else 1) * min(max(1.5 / ticks.size, NEAR[0]), NEAR[1])
        self.low, self.high = int(ticks[holders.low]), int(ticks[holders.high])
        self.place: list[int] = ticks.tolist()
        self.half: list[int] = _half(ticks, loose).tolist()
        self.symbol: list[int] = (np.searchsorted(first, np.arange(ticks.size), side="right") - 1).tolist()
        self.has_shared: list[bool] = (np.add.reduceat((~loose).astype(np.int64), first[:-1]) > 0).tolist()
        self.shared_before: list[int] = np.concatenate([[0], np.cumsum(~loose)]).tolist()
        # a window does not reach far into a hole (before a 99999): no farther than its third value inwards
        size = len(self.place)
        self.left = [self.place[min(at + REACH, size - 1)] - here for at, here in enumerate(self.place)]
        self.right = [here - self.place[max(at - REACH, 0)] for at, here in enumerate(self.place)]
        places = np.flatnonzero(loose)
        self.singletons: list[int] = places[(places >= holders.low) & (places <= holders.high)].tolist()
        unshared = self.high - self.low + 1 - int((~holders.singletons).sum())
        self.full = unshared >= FULL_OF and int(holders.singletons.sum()) >= FULL * unshared

    def ends(self, begin: int, last: int) -> tuple[int, int]:
        """The first and the last tick of a window: half-way to the loose values on either side."""
        left, right = self.low, self.high
        if begin:
            there = self.place[begin - 1] + self.half[begin - 1] + 1
            left = max(left, there, self.place[begin] - (self.left[begin] or self.half[begin - 1]))
        if last + 1 < len(self.place):
            there = self.place[last] + self.half[last]
            right = min(right, there, self.place[last] + (self.right[last] or self.half[last]))
        return left, right

    def gain(self, begin: int, last: int, count: int) -> float:
        """By how much a singleton of a window is likelier than the value beside it."""
        left, right = self.ends(begin, last)
        values = right - left + 1 - (self.shared_before[last] - self.shared_before[begin])
        least = 2 * count / self.classes - 1
        return count / values / least if least > 0 else np.inf

    def stops(self, last: int, following: int) -> bool:
        """Whether a window ends for good between two singletons of different symbols: a shared value is
        there."""
        symbols = self.symbol[last], self.symbol[following]
        between = self.shared_before[following] != self.shared_before[last]
        return between or any(self.has_shared[symbol] for symbol in symbols)

    def windows(self) -> list[tuple[int, int, int]]:
        """(first singleton, last singleton, how many): grown until they give nobody away.

        A window keeps to its symbol where it can: what is left at the symbol's end joins the window before.
        Where no shared value is in its symbol nor the next, it goes on; else it stays if it gives away
        little, and its singletons are not made if it does not.
        """
        found: list[tuple[int, int, int]] = []
        begin, last, count = 0, 0, 0
        slack = SLACK if any(self.has_shared) else SLACK_ALONE
        for singleton in [*self.singletons, -1]:
            if count and (singleton < 0 or self.symbol[singleton] != self.symbol[last]):
                mates = bool(found) and self.symbol[found[-1][1]] == self.symbol[begin]
                if mates:
                    begin, _, earlier = found.pop()
                    count += earlier
                done = mates or singleton < 0 or self.stops(last, singleton)
                if done or self.gain(begin, last, count) <= 2 * self.near:
                    if self.gain(begin, last, count) <= slack:
                        found.append((begin, last, count))
                    count = 0
            begin = begin if count else singleton
            last, count = singleton, count + 1
            full = self.full or count >= self.crowd
            if singleton >= 0 and (full or self.gain(begin, last, count) <= self.near):
                found.append((begin, last, count))
                count = 0
        return found


def _windows(
    ticks: np.ndarray, holders: Holders, loose: np.ndarray, first: np.ndarray, classes: int
) -> tuple[_Windows, np.ndarray]:
    """(the windows of a column's loose values, which values lie in one: bool (M,))."""
    line = _Line(ticks, holders, loose, first, classes)
    found = line.windows()
    begins, lasts, counts = np.array(found, dtype=np.int64).reshape(-1, 3).T
    spans = np.array([line.ends(begin, last) for begin, last, _ in found], dtype=np.uint64).reshape(-1, 2)
    before = np.concatenate([[0], np.cumsum(np.where(loose, holders.rows, 0))])
    # a border of symbols that a window lies across is none
    inside = np.searchsorted(begins, first, side="left") - 1
    across = (inside >= 0) & (first <= np.append(lasts, -1)[inside])
    rows = before[lasts + 1] - before[begins]
    steps = np.bincount(begins, minlength=ticks.size + 1) - np.bincount(lasts + 1, minlength=ticks.size + 1)
    covered = np.cumsum(steps)[:-1] > 0
    return _Windows(spans[:, 0], spans[:, 1], counts, rows, first[~across]), covered


def _points(
    windows: _Windows, shared: np.ndarray, singles: np.ndarray, unit: int, each: int | None, room: int
) -> tuple[np.ndarray, np.ndarray]:
    """(ticks, their weights): over the unshared ticks of each window, `each` for a singleton, or all.

    Evenly, but that a few of those that fall on a singleton go to the next tick that is none: a window's
    borders lie about its own singletons, so that their share of its ticks is 1 / (2 K - 1) above a stranger's
    (`NEAR`).
    """
    inside = np.searchsorted(shared, windows.high, side="right") - np.searchsorted(shared, windows.low)
    values = (windows.high - windows.low).astype(np.float64) + 1 - inside
    most = values if each is None else np.minimum(values, each * windows.singletons)
    if each is None and most.sum() > room:
        most = np.maximum(np.minimum(values, windows.singletons), np.floor(most * max(room, 1) / most.sum()))
    parts = np.minimum(most, windows.rows * unit).astype(np.int64)
    window = np.repeat(np.arange(parts.size), parts)
    within = np.arange(window.size) - np.repeat(np.cumsum(parts) - parts, parts)
    # golden-ratio offsets: evenly spread, and no fixed place of a window is always taken
    jitter = (np.arange(window.size) + 1) * GOLDEN % 1.0
    wide = values[window] / parts[window]
    offset = np.floor((within + np.where(wide > 1, jitter, 0.0)) * wide)
    offset = np.minimum(offset, values[window] - 1)
    # the n-th unshared tick: shared ones before it are skipped
    start = windows.low - np.searchsorted(shared, windows.low).astype(np.uint64)
    rank = start[window] + offset.astype(np.uint64)
    on = np.isin(rank, singles - np.searchsorted(shared, singles).astype(np.uint64))
    nth = np.cumsum(on) * GOLDEN % 1.0  # of those on a singleton, every so many
    off = on & (nth < 0.5 / np.maximum(windows.singletons, 1)[window])
    rank = np.where(off, _beside(rank, start, values, window), rank)
    ticks = rank + np.searchsorted(
        shared - np.arange(shared.size, dtype=np.uint64), rank, side="right"
    ).astype(np.uint64)
    weights = windows.rows[window] * unit // parts[window]
    weights += within < (windows.rows * unit % np.maximum(parts, 1))[window]
    made, place = np.unique(ticks, return_inverse=True)
    return made, np.bincount(place, weights, made.size).astype(np.int64)


def _beside(rank: np.ndarray, start: np.ndarray, values: np.ndarray, window: np.ndarray) -> np.ndarray:
    """The next place within the window, the one before at its end."""
    last = start[window] + (values[window] - 1).astype(np.uint64)
    return np.where(
        rank < last, rank + np.uint64(1), np.maximum(rank, start[window] + np.uint64(1)) - np.uint64(1)
    )
