"""Repeats: do made pictures repeat each other more than real ones do?

A model that knows few pictures does, however many it makes.
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.eyes.picture.fingerprints import fingerprints, twins
from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS, percent
from sampan.evaluate.pictures.spaces import some
from sampan.evaluate.score import Score
from sampan.evaluate.shares import fisher, wilson

MOST_ROWS = 10_000
MOST_SEEN = 20_000
MARGIN = 5.0
"""Points above the floor that are let pass."""


def repeats(
    made: np.ndarray, seen: np.ndarray, unseen: np.ndarray | None, rng: np.random.Generator
) -> list[Score]:
    """The share of made pictures with a twin among the made, as many real ones beside them."""
    real = unseen if unseen is not None and len(unseen) else seen
    rows = min(len(made), len(real), MOST_ROWS)
    prints = [fingerprints(side[some(len(side), rows, rng)]) for side in (made, real)]
    made_hits, real_hits = (int(twins(side).sum()) for side in prints)
    across = int(twins(prints[0], fingerprints(seen[some(len(seen), MOST_SEEN, rng)])).sum())
    # twins come in pairs at least, so half as many rows are free to fall
    chance = fisher(made_hits // 2, rows // 2, real_hits // 2, rows // 2)
    low, high = wilson(made_hits, rows)
    floor_low, floor_high = wilson(real_hits, rows)
    value, floor = percent(made_hits, rows), percent(real_hits, rows)
    passed = None
    if rows >= FEWEST_ROWS and real is unseen:
        passed = not (chance < ALARM and value > floor + MARGIN)
    facts: dict[str, str | float] = {"rows": float(rows), "p_value": chance, "of_seen": percent(across, rows)}
    return [
        Score(
            "repeats",
            "look",
            value,
            "lower",
            passed,
            low,
            high,
            floor,
            floor_low,
            floor_high,
            unit="%",
            facts=facts,
        )
    ]
