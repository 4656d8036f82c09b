"""Absence: whether cells are missing where, and together with what, they are missing in the real rows.

Every row is a pattern, one bit for each column: is its cell missing? The score is the total variation
distance of the two tables' patterns, in per cent. Columns that are never missing add nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sampan.evaluate.columns import counts_error
from sampan.evaluate.look.chance import contest, contest_score
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides, stacked

MARGIN = 0.5
"""Points above the floor that do not matter: half a row in a hundred misses other cells."""

PART_MARGIN = 2.0
"""The same of the missing rate of one column."""


def absence(sides: Sides) -> list[Score]:
    """The score `absence`; nothing where nothing is missing on any side.

    Parts: the missing rate of every column that has one, as the distance from the seen rate in points.
    Reference: every column missing by itself.
    """
    both = stacked(*sides.each)
    names = [name for name in (*sides.kinds, *sides.points) if both.missing(name).any()]
    if not names:
        return []
    rng = sides.rng("absence")
    gone = np.stack([both.missing(name) for name in names], axis=1)
    pattern, count = patterns(gone)

    def tally(rows: np.ndarray, watched: bool) -> tuple[np.ndarray, np.ndarray]:
        return np.bincount(pattern[rows], minlength=count), gone[rows].mean(axis=0)

    def gap(
        first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], watched: bool
    ) -> np.ndarray:
        rates = 100.0 * np.abs(first[1] - second[1])
        return np.array([counts_error(first[0], second[0], "category"), *rates])

    found = contest(sides.sizes, tally, gap, np.arange(1 + len(names)), rng)
    facts = {"columns": float(len(names)), "patterns": float(count)}
    whole = contest_score("absence", found.of(slice(1)), ["patterns"], MARGIN, math.inf, facts=facts)
    single = contest_score("absence", found.of(slice(1, None)), names, math.inf, PART_MARGIN, facts=facts)

    loose = np.stack([rng.permutation(gone[: sides.seen.rows, i]) for i in range(len(names))], axis=1)
    joined, size = patterns(np.concatenate([gone[: sides.seen.rows], loose]))
    real, apart = (np.bincount(half, minlength=size) for half in np.split(joined, 2))
    return [
        replace(
            whole,
            passed=None if whole.passed is None else whole.passed and bool(single.passed),
            reference=counts_error(real, apart, "category"),
            parts=single.parts,
            excess=single.excess if single.passed is False else whole.excess,
        )
    ]


def patterns(bits: np.ndarray) -> tuple[np.ndarray, int]:
    """The rows of a bool table numbered by their pattern, and how many patterns there are.

    >>> patterns(np.array([[True, False], [False, False], [True, False]]))
    (array([1, 0, 1]), 2)
    """
    packed = np.ascontiguousarray(np.packbits(bits, axis=1))
    words = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    distinct, place = np.unique(words, return_inverse=True)
    return place, distinct.size
