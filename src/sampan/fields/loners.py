"""Loners: numbers that only one record holds, each replaced by a few that lie about it.

A number that is one person's own (a measured length, an exact income) gives that person away wherever it is
repeated. By Good and Turing (Good 1953, Biometrika 40, equation 9) the share of rows that hold such a number
is also the share of new rows whose number nobody has held yet, so new numbers there are what is to be
expected. Each loner therefore stands for its neighbourhood, half-way to the numbers on either side, and a few
points of it, on the column's own step, take its place. Nothing leaves the range that was seen.
"""

from __future__ import annotations

import numpy as np

from sampan.column import as_written

POINTS = 4
"""Most points in place of one number: more would only make the codec's tables longer."""

DECIMALS = 9
"""Most digits after the point that count as a step; beyond them a column is continuous."""


def spread_loners(
    values: np.ndarray, counts: np.ndarray, room: int, short: type[np.floating] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(numbers that may be made, int64 (M,) of which given number each came).

    values, counts: the distinct float64 numbers in order and how often each was seen. room: at most so many
    numbers come back where more than the given ones do. short: the column's own type, where that is a shorter
    float, which holds every number that comes back.

    >>> numbers, origin = spread_loners(np.array([1.0, 2.0, 13.0, 20.0]), np.array([3, 2, 1, 2]), 100)
    >>> numbers.tolist(), origin.tolist()
    ([1.0, 2.0, 8.0, 10.0, 12.0, 14.0, 20.0], [0, 1, 2, 2, 2, 2, 3])
    """
    lone = np.flatnonzero((counts == 1) & np.isfinite(values))
    if lone.size == 0 or values.size < 2:
        return values, np.arange(values.size)
    before, after = values[np.maximum(lone - 1, 0)], values[np.minimum(lone + 1, values.size - 1)]
    low, high = _middle(before, values[lone]), _middle(values[lone], after)
    low, high = (np.where(np.isfinite(end), end, values[lone]) for end in (low, high))
    points = int(np.clip((room - values.size) // lone.size, 1, POINTS))
    # golden-ratio offsets: evenly spread, and no fixed place of the neighbourhood is always taken
    offset = np.arange(lone.size) * 0.6180339887498949 % 1.0
    share = (np.arange(points) + offset[:, None]) / points
    made = low[:, None] * (1 - share) + high[:, None] * share
    step = _step(values)
    if step is not None:
        base = values[np.isfinite(values)][0]
        ticks = np.round((made - base) / step)
        least, most = (np.ceil(((low - base) / step) - 1e-6), np.floor(((high - base) / step) + 1e-6))
        made = np.round(base + np.clip(ticks, least[:, None], most[:, None]) * step, DECIMALS)
    if short is not None:
        with np.errstate(over="ignore"):
            made = as_written(made.astype(short))
    made = np.clip(made, values[0], values[-1])
    kept = np.delete(np.arange(values.size), lone)
    numbers = np.concatenate([values[kept], made.ravel()])
    origin = np.concatenate([kept, np.repeat(lone, points)])
    # a point on a border may be reached from both sides: it stays with the first
    numbers, place = np.unique(numbers, return_index=True)
    return numbers, np.maximum.accumulate(origin[place])


def _middle(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Half-way between, without overflow."""
    return left / 2 + right / 2


def _step(values: np.ndarray) -> float | None:
    """The greatest number whose multiples all differences are, or None where there is none to speak of."""
    finite = values[np.isfinite(values)]
    if finite.size < 2 or np.abs(finite).max() >= 2**53 / 10**DECIMALS and not (finite % 1 == 0).all():
        return None
    for digits in range(DECIMALS + 1):
        if (np.round(finite, digits) == finite).all():
            scaled = np.round(finite * 10.0**digits)
            if np.abs(scaled).max() >= 2**53:
                return None
            return float(np.gcd.reduce(np.diff(scaled.astype(np.int64)))) / 10.0**digits
    return None
