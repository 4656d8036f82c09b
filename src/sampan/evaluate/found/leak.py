"""Leak: the made rows that an attack is tried on, with and without copies of learned rows among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sampan.evaluate.sides import Side, stacked

PLANTED = 0.1
"""Share of made rows replaced by learned ones to see whether an attack would notice. What these attacks look
for is blunter than a search for copies, and with 2 % most would be silent."""


@dataclass(frozen=True, eq=False)
class Leak:
    """Made rows and copied ones in one table, so that what is measured once serves both.

    rows: made rows, then copies of learned rows. plain: which are the made rows. leaky: which are the made
    rows once a share of them has been replaced by the copies. These come last, so where an attack takes the
    first of several that are equally near, the planted leak is rather harder to see than a true one.
    """

    rows: Side
    plain: slice
    leaky: slice


def leak(made: Side, seen: Side, most: int, rng: np.random.Generator) -> Leak:
    """At most so many made rows, in random order, and the copies that would replace the first of them.

    The copies are of any learned rows, not only of those that are attacked: a large table's leak is as hard
    to see as in truth.
    """
    size = min(most, made.rows)
    own = made.take(rng.permutation(made.rows)[:size])
    count = min(max(1, round(PLANTED * size)), seen.rows, size)
    copied = seen.take(rng.permutation(seen.rows)[:count])
    return Leak(stacked(own, copied), slice(0, size), slice(count, size + count))
