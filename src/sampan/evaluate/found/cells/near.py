"""Near: do made cells lie nearer to seen cells than to unseen ones?

As many of both are compared, so without a leak each lies nearer to either with a chance of one half. It needs
no bound, and notices what is too weak for `copies`: that all made cells lean towards those learned from.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.found.cells.disguise import Compared, over_views, some
from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.found.near import chance_of, share_nearer
from sampan.evaluate.score import Part, Score
from sampan.evaluate.shares import wilson
from sampan.evaluate.state import Excess

MARGIN = 5.0
"""Points above one half that are let pass."""

LUCK = 0.01
"""Above this chance a leaning is luck; between it and the alarm nothing is decided."""


def near(compared: Compared, rng: np.random.Generator) -> list[Score]:
    """The score near, in per cent of made cells; floor: of unseen ones, each left out in turn.

    None where there are no unseen cells.
    """
    if not len(compared.unseen):
        return []
    rows = min(len(compared.seen), len(compared.unseen))
    keep = some(np.arange(len(compared.seen)), rows, rng)
    kept = some(np.arange(len(compared.unseen)), rows, rng)
    parts, chances = [], []
    for space in compared.each:
        seen, unseen = space.seen[keep], space.unseen[0][kept]
        to_seen, to_unseen = (over_views(space.made, side, 1) for side in (seen, unseen))
        value, error = _leaning(to_seen, to_unseen, len(seen))
        asked = [view[kept] for view in space.unseen]
        # real cells: each unseen one left out, against one seen cell fewer
        fewer = rng.permutation(len(seen))[: max(1, len(seen) - 1)]
        floor, _ = _leaning(
            over_views(asked, seen[fewer], 1),
            over_views(asked, unseen, 1, np.arange(len(unseen))),
            len(fewer),
        )
        chance = chance_of(value, error)
        passed = None
        if min(rows, len(space.made[0])) >= FEWEST_ROWS:
            leans = value > 50.0 + MARGIN
            passed = False if leans and chance < ALARM else None if leans and chance < LUCK else True
        low, high = max(0.0, value - 1.96 * error), min(100.0, value + 1.96 * error)
        parts.append(Part(space.name, value, floor, low, high, passed=passed))
        chances.append(chance)
    worst = max(parts, key=lambda part: part.value)
    verdicts = [part.passed for part in parts]
    whole = False if False in verdicts else None if None in verdicts else True
    none = -math.inf if whole is False else 0.0  # a leak that is found is no small one
    sure = None if whole is None else not whole
    # one half is the floor that always holds; what unseen cells did this time is told beside it
    low, high = wilson(round(worst.floor / 100 * rows), rows)
    return [
        Score(
            "near",
            "found",
            worst.value,
            "lower",
            whole,
            worst.low,
            worst.high,
            worst.floor,
            low,
            high,
            50.0,
            "%",
            {"rows": float(rows), "p_value": min(chances)},
            tuple(sorted(parts, key=lambda part: -part.value)),
            Excess(worst.value - 50.0, worst.low - 50.0, worst.high - 50.0, none, none, sure, min(chances)),
        )
    ]


def _leaning(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], rows: int
) -> tuple[float, float]:
    """The per cent that lie nearer to the first side of so many rows, and how far luck moves it."""
    near, far = first[1][:, 0], second[1][:, 0]
    return share_nearer(near, far, np.where(near < far, first[0][:, 0], rows + second[0][:, 0]))
