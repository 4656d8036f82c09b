"""Repeats: do made cells repeat each other more than real ones do?

A model that knows few pictures does, however many it makes.
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.look.chance import some
from sampan.evaluate.score import Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Sides

MOST_ROWS = 10_000
MOST_SEEN = 20_000
MARGIN = 5.0
"""Points above the floor that are let pass."""

TWIN = 4
"""Bits of a fingerprint that may differ between twins."""


def repeats(sides: Sides, name: str) -> list[Score]:
    """The share of made cells of a column of points with a twin among the made, as many real ones beside."""
    cells, rng = sides.points[name], sides.rng(f"repeats {name}")
    made, seen, unseen = (
        side.places[name][side.places[name] >= 0] for side in (sides.made, sides.seen, sides.unseen)
    )
    real = unseen if len(unseen) else seen
    rows = min(len(made), len(real), MOST_ROWS)
    drawn = (some(made, rows, rng), some(real, rows, rng), some(seen, MOST_SEEN, rng))
    own, other, learned = (cells.eye.prints(cells.take(places)) for places in drawn)
    made_hits, real_hits, across = (int(hit.sum()) for hit in (twins(own), twins(other), twins(own, learned)))
    # twins come in pairs at least, so half as many rows are free to fall
    chance = fisher(made_hits // 2, rows // 2, real_hits // 2, rows // 2)
    value, floor = percent(made_hits, rows), percent(real_hits, rows)
    passed = None
    if rows >= FEWEST_ROWS and real is unseen:
        passed = not (chance < ALARM and value > floor + MARGIN)
    facts: dict[str, str | float] = {"rows": float(rows), "p_value": chance, "of_seen": percent(across, rows)}
    ends = *wilson(made_hits, rows), floor, *wilson(real_hits, rows)
    return [Score("repeats", "look", value, "lower", passed, *ends, unit="%", facts=facts)]


def twins(prints: np.ndarray, others: np.ndarray | None = None, most: int = TWIN) -> np.ndarray:
    """Which rows have a twin among others, or among the rest of themselves: bool (rows,).

    >>> twins(np.array([0, 1, 2**40 - 1], np.uint64)).tolist()
    [True, True, False]
    """
    against = prints if others is None else others
    out = np.zeros(len(prints), bool)
    for start in range(0, len(prints), 200):
        differ = np.bitwise_count(prints[start : start + 200, None] ^ against[None, :])
        near = differ <= most
        if others is None:
            near[np.arange(len(near)), np.arange(start, start + len(near))] = False
        out[start : start + 200] = near.any(axis=1)
    return out
