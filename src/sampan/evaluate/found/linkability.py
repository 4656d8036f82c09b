"""Linkability: do the made rows join two halves of one person's record?

The attacker holds two tables, each with half of the columns of the same people, and does not know who is who.
A person is linked where one made row lies nearest to both halves, as near rows tied among themselves count
(Giomi et al. 2023, with one neighbour).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sampan.evaluate.found.distances import blocks, points, sum_of
from sampan.evaluate.found.risk import Tries, leak, risk
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides

TARGETS = 750
"""Rows of each side that are attacked: a risk of 2 % is then fifteen of them."""

MOST_MADE = 20_000
"""Made rows that the attacker holds."""


def linkability(sides: Sides) -> list[Score]:
    """The score linkability: the risk in per cent. Columns fall into halves by lot; one column has none."""
    if not sides.seen.rows or not sides.made.rows or not sides.unseen.rows or len(sides.kinds) < 2:
        return []
    rng = sides.rng("linkability")
    rows = min(sides.seen.rows, sides.unseen.rows, TARGETS)
    both = leak(sides.made, sides.seen, MOST_MADE, rng)
    seen, unseen, held = points(sides, [sides.seen.some(rows, rng), sides.unseen.some(rows, rng), both.rows])
    own = [sides.owner(name) for name in sides.kinds]
    names = list(dict.fromkeys(own))
    order = rng.permutation(len(names))
    halves = [
        np.array([place for i in half for place, name in enumerate(own) if name == names[i]])
        for half in (order[: len(order) // 2], order[len(order) // 2 :])
    ]
    linked = _linked(np.concatenate([seen, unseen]), held, halves, (both.plain, both.leaky))
    tries = []
    for which in linked:
        hits = int(which[:rows].sum()), int(which[rows:].sum())
        tries.append(Tries(rows, *hits, hits, (rows, rows)))
    return [risk("linkability", {"two halves": (tries[0], tries[1])}, rows)]


def _linked(
    rows: np.ndarray, held: np.ndarray, halves: Sequence[np.ndarray], tables: tuple[slice, ...]
) -> list[np.ndarray]:
    """Which rows some held row lies nearest to by both halves, for each table of held rows: bool (rows,)."""
    out = [np.empty(len(rows), dtype=bool) for _ in tables]
    for at, gap in blocks(rows, held):
        far = [sum_of(gap, columns) for columns in halves]
        for which, table in zip(out, tables, strict=True):
            near = [half[:, table] <= half[:, table].min(axis=1, keepdims=True) for half in far]
            which[at] = np.logical_and(*near).any(axis=1)
    return out
