"""Loners: values that one record alone holds, and the one rule by which no column gives them back.

The rule (docs/privacy.md has its reason and its figures): *what is made of one column may not depend on which
of its unshared values were held*. A value is shared when two records or more hold it; every other value that
the column could hold, held by one record or by none, is unshared. So

- the rows of unshared numbers, dates and times are spread evenly over all unshared values of a window of the
  column's own lattice (cents, whole numbers, business days), a window that is small where values lie far
  apart and holds up to `CROWD` loners where they lie close together. A loner is then made as often as any
  value beside it that nobody held, which is how often a stranger's is;
- the range that is made ends where a second record is: the least and the greatest are within it;
- a category that one record holds is not made at all (no category lies between others): the rarest shared
  ones take its rows.

By Good and Turing (Good 1953, Biometrika 40, equation 9) the share of rows that hold a loner is also the
share of new rows whose value nobody has held yet, so new values there are what is to be expected. Nothing
leaves the range that was seen, and nothing is made off the lattice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from arro3.core import DataType

from sampan.column import Column, as_written, codes, file_kind, is_text, take
from sampan.fields.arrow_type import as_text

LEAST = 10
"""Rows below which the rule says nothing, because nothing is learned from so few."""

POINTS = 4
"""Most points in place of one number: more would only make the codec's tables longer."""

CROWD = (16, 64)
"""Loners after which a window is wide enough however close they lie: half the root of all values, but not
fewer nor more than these."""

NEAR = (0.0002, 0.005)
"""By how much a loner may be likelier to come back than the value beside it: 1.5 over the number of values,
but not less nor more than these. A window has K loners among L unshared values; its borders lie about its
loners, which makes them likelier by K / L / (2 K - 1): the length of a stretch of K gaps of a Poisson process
follows a gamma distribution of 2 K."""

NEAR_OF_CLASSES = 4
"""Times as much where weekdays are told apart: seven times as many days make a window already."""

SLACK = 0.05
"""The same where a window can grow no further; beyond it, its loners are not made."""

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

DECIMALS = 9
"""Most digits after the point that count as a step; beyond them a column is continuous."""

NOISE = 4
"""Neighbouring floats by which arithmetic may have missed the number that was meant."""

ODD_AMONG = 20
"""Distinct numbers from which one that keeps no step of the others (3.14159 among prices) is put aside."""

_GOLDEN = 0.6180339887498949


# --- who holds what
@dataclass(frozen=True, eq=False)
class Held:
    """By how many each distinct value of a column, in order, is held.

    rows: in how many rows each was seen (M,). holders: by how many persons, or records where nobody says
    which rows are one person's. low, high: the places between which two holders or more lie on both sides;
    low is above high where there are none such.
    """

    rows: np.ndarray
    holders: np.ndarray
    low: int
    high: int

    @classmethod
    def of(cls, rows: np.ndarray) -> Self:
        """Every row is a record of its own."""
        last = rows.size - 1
        return cls(rows, rows, int(rows[0] < 2), last - int(rows[last] < 2))

    @classmethod
    def by(cls, index: np.ndarray, size: int, persons: np.ndarray | None) -> Self:
        """index: which of `size` values each cell holds. persons: whose row it is, any whole numbers (rows,).

        >>> held = Held.by(np.array([0, 0, 1, 2, 2]), 3, np.array([7, 7, 8, 8, 9]))
        >>> held.rows.tolist(), held.holders.tolist(), held.low, held.high
        ([2, 1, 2], [1, 1, 2], 1, 2)
        """
        rows = np.bincount(index, minlength=size)
        if persons is None:
            return cls.of(rows)
        pairs = np.unique(np.stack([index, persons]), axis=1)
        holders = np.bincount(pairs[0], minlength=size)
        ends = []
        for end, reduced, nothing in ((0, np.min, size), (size - 1, np.max, -1)):
            at = pairs[0] == end
            if at.sum() > 1:
                ends.append(end)
            else:
                others = pairs[0][pairs[1] != pairs[1][at][0]]
                ends.append(int(reduced(others)) if others.size else nothing)
        return cls(rows, holders, ends[0], ends[1])

    def of_some(self, places: np.ndarray, rows: np.ndarray) -> Held:
        """The same of some of the values, which stand for so many rows."""
        low = int(np.searchsorted(places, self.low))
        high = int(np.searchsorted(places, self.high, side="right")) - 1
        return Held(rows, self.holders[places], low, high)

    @property
    def nowhere(self) -> bool:
        """Whether no range is left in which something unshared could be made."""
        return self.low > self.high or (self.low == self.high and bool(self.lone[self.low]))

    @property
    def lone(self) -> np.ndarray:
        """Which values one holder alone has: bool (M,)."""
        return self.holders < 2


BY_CHANCE = 1e-3
"""How often rows that are the same in every column may be so by chance, for them to count as one record."""


def repeated_records(columns: Mapping[str, Column]) -> np.ndarray | None:
    """Whose row each is where whole rows repeat that could hardly do so by chance (an import done twice).

    int64 (rows,), as `Held.by` takes them; None where there are none such. Rows of a few common values (sex,
    yes/no) are alike by chance; by the shares of its values, as if columns were independent, another row like
    a repeated one is expected less often than `BY_CHANCE` in the table.

    >>> from sampan.column import from_numpy
    >>> rng = np.random.default_rng(0)
    >>> twice, coin = from_numpy(np.tile(rng.integers(0, 10**6, 50), 2)), from_numpy(rng.integers(0, 2, 100))
    >>> persons = repeated_records({"a": twice, "b": twice, "c": twice})
    >>> len(set(persons)), repeated_records({"coin": coin})
    (50, None)
    """
    rows = len(next(iter(columns.values()), ()))
    if rows < LEAST:
        return None
    group, alive = np.zeros(rows, dtype=np.int64), np.arange(rows)
    for column in columns.values():  # rows that are alone in what was looked at are alone
        index = _index_of(take(column, alive) if alive.size < rows else column)
        if index is None:
            return None
        _, group, counts = np.unique(
            group * (index.max(initial=0) + 2) + index + 1, return_inverse=True, return_counts=True
        )
        kept = counts[group] > 1
        alive, group = alive[kept], group[kept]
        if not alive.size:
            return None
    surprise = np.zeros(alive.size)
    for column in columns.values():
        index = _index_of(column)
        assert index is not None
        surprise -= np.log(np.bincount(index + 1)[index[alive] + 1] / rows)
    odd = surprise > np.log(rows / BY_CHANCE)
    if not odd.any():
        return None
    persons = np.arange(rows)
    _, first, place = np.unique(group[odd], return_index=True, return_inverse=True)
    persons[alive[odd]] = alive[odd][first][place]
    return persons


def _index_of(column: Column) -> np.ndarray | None:
    """Which of a column's distinct values each cell holds, -1 where null; None for lists, bytes and files."""
    kind = column.type
    if DataType.is_nested(kind) or "binary" in str(kind).lower() or file_kind(column):
        return None
    plain = is_text(column) or DataType.is_numeric(kind)
    return codes(column if plain else as_text(column))[0]


# --- values evenly over windows of a lattice
class Spread(NamedTuple):
    """What may be made in place of a column's values.

    ticks: in order, uint64. weights: of each, in parts of a row. first: where each symbol begins among them.
    """

    ticks: np.ndarray
    weights: np.ndarray
    first: np.ndarray


class _Windows(NamedTuple):
    """Windows in order: their first and last tick, loners in each, their rows, and symbols' borders left."""

    low: np.ndarray
    high: np.ndarray
    loners: np.ndarray
    rows: np.ndarray
    first: np.ndarray


def spread(
    ticks: np.ndarray,
    held: Held,
    first: np.ndarray,
    *,
    unit: int,
    points: int | None,
    room: int,
    classes: int = 1,
) -> Spread:
    """The rule for values on a lattice.

    ticks: the values' places on it, uint64 in order, every whole number between being possible. first: where
    each symbol begins among them. unit: parts that a row has. points: in place of one loner, or None for
    every unshared value. room: for so many values in all. classes: kinds of ticks that the codec tells apart
    inside a symbol (weekdays).

    >>> ticks, held = np.array([0, 100, 500, 900, 1000], np.uint64), Held.of(np.array([3, 1, 1, 1, 2]))
    >>> made = spread(ticks, held, np.arange(6), unit=4, points=2, room=99)
    >>> made.ticks.tolist(), made.weights.tolist(), made.first.tolist()
    ([0, 62, 124, 471, 595, 809, 970, 1000], [12, 2, 2, 2, 2, 2, 2, 8], [0, 1, 3, 5, 7, 8])
    """
    lone = held.lone
    if held.nowhere or not lone.any():
        return Spread(ticks[~lone], held.rows[~lone] * unit, _first(first, np.flatnonzero(~lone)))
    loose = lone | _shared_by_chance(ticks, held)
    windows, spans = _windows(ticks, held, loose, first, classes)
    stays = ~lone & ~(loose & spans)
    kept = ticks[stays]
    every = points is None
    each = POINTS if points is None else points
    each = int(np.clip((room - kept.size) // max(1, int(windows.loners.sum())), 1, each))
    made, weights = _points(windows, kept, unit, None if every else each, room - kept.size)
    both = np.concatenate([kept, made])
    order = np.argsort(both, kind="stable")
    out = both[order]
    inner = windows.first[1:-1]
    middle = (ticks[:-1] + _half(ticks, loose))[inner - 1]  # where windows end, too
    starts = np.searchsorted(out, middle, side="right")
    borders = np.unique(np.concatenate([[0], starts, [out.size]]).astype(np.int64))
    return Spread(out, np.concatenate([held.rows[stays] * unit, weights])[order], borders)


def _shared_by_chance(ticks: np.ndarray, held: Held) -> np.ndarray:
    """Which values are shared no more than chance has it where values lie so close together: bool (M,).

    Among `REGION` neighbours with n1 loners and n0 places that nobody holds, records fall on a place like a
    Poisson variable of n1 / n0. Values of k holders are chance's where there are hardly more than it makes.
    Were they made twice as often as the places beside them, a place that is not would rather be a loner's.
    """
    size = ticks.size
    chance = np.zeros(size, dtype=bool)
    if size < REGION:
        return chance
    left = np.clip(np.arange(size) - REGION // 2, 0, size - REGION)
    right = left + REGION
    span = (ticks[right - 1] - ticks[left]).astype(np.float64) + 1
    lone = np.concatenate([[0], np.cumsum(held.lone)])
    loners, free = lone[right] - lone[left], span - REGION
    density = loners / np.maximum(free, 1)
    going = (loners >= REGION // 8) & (free >= REGION // 8) & (density >= CROWDED)
    expected = span * np.exp(-density) * density
    for holders in range(2, 20):
        expected = expected * density / holders
        mine = held.holders == holders
        seen = np.concatenate([[0], np.cumsum(mine)])
        going = going & (seen[right] - seen[left] <= 2 * expected + 3) & (expected >= 0.5)
        if not going.any():
            break
        chance |= mine & going
    return chance


def _half(ticks: np.ndarray, loose: np.ndarray) -> np.ndarray:
    """How far the ground of each value but the last goes to the right: half-way where both are loose.

    A shared value needs none: all up to it is the loose one's, so that no window ends where a loner has it.
    """
    gaps = ticks[1:] - ticks[:-1]
    left, right = loose[:-1], loose[1:]
    return np.where(left & right, gaps // np.uint64(2), np.where(left, gaps - np.uint64(1), np.uint64(0)))


def _first(first: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Where symbols begin among the kept places; one that has none is gone."""
    return np.unique(np.searchsorted(kept, first))


class _Line:
    """The values in order as plain numbers, and what a window from one to another of them would be."""

    def __init__(
        self, ticks: np.ndarray, held: Held, loose: np.ndarray, first: np.ndarray, classes: int
    ) -> None:
        self.classes = classes
        root = ticks.size**0.5
        self.crowd = classes * min(max(root / 2, CROWD[0]), CROWD[1])
        self.near = (NEAR_OF_CLASSES if classes > 1 else 1) * min(max(1.5 / ticks.size, NEAR[0]), NEAR[1])
        self.low, self.high = int(ticks[held.low]), int(ticks[held.high])
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
        self.loners: list[int] = places[(places >= held.low) & (places <= held.high)].tolist()
        unshared = self.high - self.low + 1 - int((~held.lone).sum())
        self.full = unshared >= FULL_OF and int(held.lone.sum()) >= FULL * unshared

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
        """By how much a loner of a window is likelier than the value beside it."""
        left, right = self.ends(begin, last)
        values = right - left + 1 - (self.shared_before[last] - self.shared_before[begin])
        least = 2 * count / self.classes - 1
        return count / values / least if least > 0 else np.inf

    def stops(self, last: int, following: int) -> bool:
        """Whether a window ends for good between two loners of different symbols: a shared value is there."""
        symbols = self.symbol[last], self.symbol[following]
        between = self.shared_before[following] != self.shared_before[last]
        return between or any(self.has_shared[symbol] for symbol in symbols)

    def windows(self) -> list[tuple[int, int, int]]:
        """(first loner, last loner, how many): grown until they give nobody away.

        A window keeps to its symbol where it can: what is left at the symbol's end joins the window before.
        Where no shared value is in its symbol nor the next, it goes on; else it stays if it gives away
        little, and its loners are not made if it does not.
        """
        found: list[tuple[int, int, int]] = []
        begin, last, count = 0, 0, 0
        slack = SLACK if any(self.has_shared) else SLACK_ALONE
        for loner in [*self.loners, -1]:
            if count and (loner < 0 or self.symbol[loner] != self.symbol[last]):
                mates = bool(found) and self.symbol[found[-1][1]] == self.symbol[begin]
                if mates:
                    begin, _, earlier = found.pop()
                    count += earlier
                done = mates or loner < 0 or self.stops(last, loner)
                if done or self.gain(begin, last, count) <= 2 * self.near:
                    if self.gain(begin, last, count) <= slack:
                        found.append((begin, last, count))
                    count = 0
            begin = begin if count else loner
            last, count = loner, count + 1
            full = self.full or count >= self.crowd
            if loner >= 0 and (full or self.gain(begin, last, count) <= self.near):
                found.append((begin, last, count))
                count = 0
        return found


def _windows(
    ticks: np.ndarray, held: Held, loose: np.ndarray, first: np.ndarray, classes: int
) -> tuple[_Windows, np.ndarray]:
    """(the windows of a column's loose values, which values lie in one: bool (M,))."""
    line = _Line(ticks, held, loose, first, classes)
    found = line.windows()
    begins, lasts, counts = np.array(found, dtype=np.int64).reshape(-1, 3).T
    spans = np.array([line.ends(begin, last) for begin, last, _ in found], dtype=np.uint64).reshape(-1, 2)
    before = np.concatenate([[0], np.cumsum(np.where(loose, held.rows, 0))])
    # a border of symbols that a window lies across is none
    inside = np.searchsorted(begins, first, side="left") - 1
    across = (inside >= 0) & (first <= np.append(lasts, -1)[inside])
    rows = before[lasts + 1] - before[begins]
    steps = np.bincount(begins, minlength=ticks.size + 1) - np.bincount(lasts + 1, minlength=ticks.size + 1)
    covered = np.cumsum(steps)[:-1] > 0
    return _Windows(spans[:, 0], spans[:, 1], counts, rows, first[~across]), covered


def _points(
    windows: _Windows, shared: np.ndarray, unit: int, each: int | None, room: int
) -> tuple[np.ndarray, np.ndarray]:
    """(ticks, their weights): evenly over the unshared ticks of each window, `each` for a loner, or all."""
    inside = np.searchsorted(shared, windows.high, side="right") - np.searchsorted(shared, windows.low)
    values = (windows.high - windows.low).astype(np.float64) + 1 - inside
    most = values if each is None else np.minimum(values, each * windows.loners)
    if each is None and most.sum() > room:
        most = np.maximum(np.minimum(values, windows.loners), np.floor(most * max(room, 1) / most.sum()))
    parts = np.minimum(most, windows.rows * unit).astype(np.int64)
    window = np.repeat(np.arange(parts.size), parts)
    within = np.arange(window.size) - np.repeat(np.cumsum(parts) - parts, parts)
    # golden-ratio offsets: evenly spread, and no fixed place of a window is always taken
    jitter = (np.arange(window.size) + 1) * _GOLDEN % 1.0
    wide = values[window] / parts[window]
    offset = np.floor((within + np.where(wide > 1, jitter, 0.0)) * wide)
    offset = np.minimum(offset, values[window] - 1)
    # the n-th unshared tick: shared ones before it are skipped
    start = windows.low - np.searchsorted(shared, windows.low).astype(np.uint64)
    rank = start[window] + offset.astype(np.uint64)
    ticks = rank + np.searchsorted(
        shared - np.arange(shared.size, dtype=np.uint64), rank, side="right"
    ).astype(np.uint64)
    weights = windows.rows[window] * unit // parts[window]
    weights += within < (windows.rows * unit % np.maximum(parts, 1))[window]
    made, place = np.unique(ticks, return_inverse=True)
    return made, np.bincount(place, weights, made.size).astype(np.int64)


# --- numbers
def spread_numbers(
    values: np.ndarray,
    held: Held,
    first: np.ndarray,
    *,
    unit: int,
    room: int,
    short: type[np.floating] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(numbers that may be made, weights in parts of a row, where each symbol begins among them).

    values: distinct, in order; float64, or whole numbers of any type. first: where each symbol begins among
    them. unit: parts that a row has, a multiple of each number up to `POINTS`. room: for so many numbers.
    short: the column's own type, where that is a shorter float, which holds every number that comes back.

    >>> values, held = np.array([1.0, 2.5, 93.5, 200.0]), Held.of(np.array([3, 2, 1, 2]))
    >>> numbers, weights, first = spread_numbers(values, held, np.arange(5), unit=4, room=100)
    >>> numbers.tolist(), weights.tolist(), first.tolist()
    ([1.0, 2.5, 31.0, 59.5, 133.5, 162.0, 200.0], [12, 8, 1, 1, 1, 1, 8], [0, 1, 2, 6, 7])
    """
    lattice = _Lattice.of(values, held.lone)
    if lattice is not None:
        return _spread_on(lattice, values, held, first, unit, room)
    lone = held.lone
    kept = np.flatnonzero(~lone)
    places = np.flatnonzero(lone & np.isfinite(values))
    places = places[(places >= held.low) & (places <= held.high)]
    if held.nowhere or not places.size:
        return values[kept], held.rows[kept] * unit, _first(first, kept)
    low, high = values[held.low], values[held.high]
    before, after = values[np.maximum(places - 1, 0)], values[np.minimum(places + 1, values.size - 1)]
    left, right = _middle(before, values[places]), _middle(values[places], after)
    left, right = (
        np.clip(np.where(np.isfinite(end), end, values[places]), low, high) for end in (left, right)
    )
    each = int(np.clip((room - kept.size) // places.size, 1, POINTS))
    share = (np.arange(each) + ((np.arange(places.size) + 1) * _GOLDEN % 1.0)[:, None]) / each
    points = left[:, None] * (1 - share) + right[:, None] * share
    if short is not None:
        with np.errstate(over="ignore"):
            points = np.clip(as_written(points.astype(short)), low, high)
    weights = np.repeat(held.rows[places] * unit // each, each)
    numbers = np.concatenate([values[kept], points.ravel()])
    origin = np.concatenate([kept, np.repeat(places, each)])
    # a point on a border may be reached from both sides: it stays with the first
    numbers, where, back = np.unique(numbers, return_index=True, return_inverse=True)
    weights = np.bincount(back, np.concatenate([held.rows[kept] * unit, weights])).astype(np.int64)
    origin = np.maximum.accumulate(origin[where])
    return numbers, weights, np.unique(np.searchsorted(origin, first))


def _spread_on(
    lattice: _Lattice, values: np.ndarray, held: Held, first: np.ndarray, unit: int, room: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`spread_numbers` of those that lie on a lattice; shared ones stay as they are to the last bit."""
    kept = np.flatnonzero(~lattice.odd)
    ticks, begins = np.unique(lattice.ticks(values[kept]), return_index=True)
    some, first = held.of_some(kept, held.rows[kept]), _first(first, kept)
    own = values[kept][begins]
    if ticks.size < kept.size:  # floats that mean the same number
        ends = np.searchsorted(begins, [some.low, some.high], side="right") - 1
        rows, holders = (np.add.reduceat(counts, begins) for counts in (some.rows, some.holders))
        low = 0 if holders[0] > 1 else max(int(ends[0]), 1)
        high = ticks.size - 1 if holders[-1] > 1 else min(int(ends[1]), ticks.size - 2)
        some, first = Held(rows, holders, low, high), np.unique(np.searchsorted(begins, first))
    made = spread(ticks, some, first, unit=unit, points=POINTS, room=room)
    numbers = lattice.values(made.ticks)
    place = np.minimum(np.searchsorted(ticks, made.ticks), ticks.size - 1)
    same = (ticks[place] == made.ticks) & ~some.lone[place]
    return np.where(same, own[place], numbers), made.weights, made.first


def _middle(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Half-way between, without overflow."""
    return left / 2 + right / 2


class _Lattice(NamedTuple):
    """Numbers `base + step * tick`, over a power of ten: the steps that a column counts in.

    odd: numbers that are none of them, which one holder has.
    """

    base: int  # modulo 2**64
    step: int
    digits: int
    dtype: np.dtype
    odd: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, lone: np.ndarray) -> Self | None:
        """The widest steps that all numbers keep, or all but one person's; None for a continuous column."""
        few = values.size < ODD_AMONG
        odd = np.zeros(values.size, dtype=bool)
        digits = 0
        if values.dtype.kind == "f":
            if values.size < 2 or not np.isfinite(values).all():
                return None
            largest = np.abs(values).max()
            noise = NOISE * np.spacing(largest)
            for digits in range(DECIMALS + 1):
                if largest * 10.0**digits >= 2**53 or noise * 10.0**digits > 0.05:
                    return None
                # 22.820999999999998 is what arithmetic made of 22.821
                odd = np.abs(np.round(values, digits) - values) > noise
                if not odd.any() or (not few and odd.sum() == 1 and lone[odd].all()):
                    break
            else:
                return None
        whole = _unsigned(values, digits)
        kept = np.flatnonzero(~odd)
        base = whole[kept[0]] if kept.size else np.uint64(0)
        step = np.gcd.reduce(whole[kept] - base)
        shared = np.flatnonzero(~odd & ~lone)
        if not few and shared.size > 2:
            # all prices end in .99 but one
            wide = np.gcd.reduce(whole[shared] - whole[shared[0]])
            start = whole[shared[0]]
            apart = np.where(np.arange(values.size) < shared[0], start - whole, whole - start)
            off = ~odd & (apart % np.maximum(wide, np.uint64(1)) != 0)
            if wide > step and off.sum() == 1 and lone[off].all():
                odd, step = odd | off, wide
                base = whole[np.flatnonzero(~odd)[0]]
        return cls(int(base), max(int(step), 1), digits, values.dtype, odd)

    def ticks(self, values: np.ndarray) -> np.ndarray:
        """The place of each number: uint64."""
        return (_unsigned(values, self.digits) - np.uint64(self.base)) // np.uint64(self.step)

    def values(self, ticks: np.ndarray) -> np.ndarray:
        """The numbers at some places."""
        whole = ticks * np.uint64(self.step) + np.uint64(self.base)
        if self.dtype.kind == "f":
            return whole.view(np.int64) / 10.0**self.digits
        return whole.view(self.dtype)


def _unsigned(values: np.ndarray, digits: int) -> np.ndarray:
    """Numbers as whole ones modulo 2**64, whose differences are right whatever their sign: uint64."""
    if values.dtype.kind == "f":
        return np.round(values * 10.0**digits).astype(np.int64).view(np.uint64)
    return values.astype(np.int64 if values.dtype.kind == "i" else np.uint64).view(np.uint64)
