"""Lattice: the steps that numbers count in (cents, whole ones), and the rule of `unshared` on them.

A column that counts in no steps is continuous: each singleton is spread over the gap on either side of it.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from sampan.column import as_written
from sampan.fields.holders import Holders
from sampan.fields.unshared import GOLDEN, POINTS, first_of, spread

DECIMALS = 9
"""Most digits after the point that count as a step; beyond them a column is continuous."""

NOISE = 4
"""Neighbouring floats by which arithmetic may have missed the number that was meant."""

ODD_AMONG = 20
"""Distinct numbers from which one that keeps no step of the others (3.14159 among prices) is put aside."""


def spread_numbers(
    values: np.ndarray,
    holders: Holders,
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

    >>> values, holders = np.array([1.0, 2.5, 93.5, 200.0]), Holders.of(np.array([3, 2, 1, 2]))
    >>> numbers, weights, first = spread_numbers(values, holders, np.arange(5), unit=4, room=100)
    >>> numbers.tolist(), weights.tolist(), first.tolist()
    ([1.0, 2.5, 31.0, 59.5, 133.5, 162.0, 200.0], [12, 8, 1, 1, 1, 1, 8], [0, 1, 2, 6, 7])
    """
    lattice = _Lattice.of(values, holders.singletons)
    if lattice is not None:
        return _spread_on(lattice, values, holders, first, unit, room)
    singles = holders.singletons
    kept = np.flatnonzero(~singles)
    places = np.flatnonzero(singles & np.isfinite(values))
    places = places[(places >= holders.low) & (places <= holders.high)]
    if holders.nowhere or not places.size:
        return values[kept], holders.rows[kept] * unit, first_of(first, kept)
    low, high = values[holders.low], values[holders.high]
    before, after = values[np.maximum(places - 1, 0)], values[np.minimum(places + 1, values.size - 1)]
    left, right = _middle(before, values[places]), _middle(values[places], after)
    left, right = (
        np.clip(np.where(np.isfinite(end), end, values[places]), low, high) for end in (left, right)
    )
    each = int(np.clip((room - kept.size) // places.size, 1, POINTS))
    share = (np.arange(each) + ((np.arange(places.size) + 1) * GOLDEN % 1.0)[:, None]) / each
    points = left[:, None] * (1 - share) + right[:, None] * share
    if short is not None:
        with np.errstate(over="ignore"):
            points = np.clip(as_written(points.astype(short)), low, high)
    weights = np.repeat(holders.rows[places] * unit // each, each)
    numbers = np.concatenate([values[kept], points.ravel()])
    origin = np.concatenate([kept, np.repeat(places, each)])
    # a point on a border may be reached from both sides: it stays with the first
    numbers, where, back = np.unique(numbers, return_index=True, return_inverse=True)
    weights = np.bincount(back, np.concatenate([holders.rows[kept] * unit, weights])).astype(np.int64)
    origin = np.maximum.accumulate(origin[where])
    return numbers, weights, np.unique(np.searchsorted(origin, first))


def _spread_on(
    lattice: _Lattice, values: np.ndarray, holders: Holders, first: np.ndarray, unit: int, room: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`spread_numbers` of those that lie on a lattice; shared ones stay as they are to the last bit."""
    kept = np.flatnonzero(~lattice.odd)
    ticks, begins = np.unique(lattice.ticks(values[kept]), return_index=True)
    some, first = holders.of_some(kept, holders.rows[kept]), first_of(first, kept)
    own = values[kept][begins]
    if ticks.size < kept.size:  # floats that mean the same number
        ends = np.searchsorted(begins, [some.low, some.high], side="right") - 1
        rows, persons = (np.add.reduceat(counts, begins) for counts in (some.rows, some.persons))
        low = 0 if persons[0] > 1 else max(int(ends[0]), 1)
        high = ticks.size - 1 if persons[-1] > 1 else min(int(ends[1]), ticks.size - 2)
        some, first = Holders(rows, persons, low, high), np.unique(np.searchsorted(begins, first))
    made = spread(ticks, some, first, unit=unit, points=POINTS, room=room)
    numbers = lattice.values(made.ticks)
    place = np.minimum(np.searchsorted(ticks, made.ticks), ticks.size - 1)
    same = (ticks[place] == made.ticks) & ~some.singletons[place]
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
    def of(cls, values: np.ndarray, singles: np.ndarray) -> Self | None:
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
                if not odd.any() or (not few and odd.sum() == 1 and singles[odd].all()):
                    break
            else:
                return None
        whole = _unsigned(values, digits)
        kept = np.flatnonzero(~odd)
        base = whole[kept[0]] if kept.size else np.uint64(0)
        step = np.gcd.reduce(whole[kept] - base)
        shared = np.flatnonzero(~odd & ~singles)
        if not few and shared.size > 2:
            # all prices end in .99 but one
            wide = np.gcd.reduce(whole[shared] - whole[shared[0]])
            start = whole[shared[0]]
            apart = np.where(np.arange(values.size) < shared[0], start - whole, whole - start)
            off = ~odd & (apart % np.maximum(wide, np.uint64(1)) != 0)
            if wide > step and off.sum() == 1 and singles[off].all():
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
