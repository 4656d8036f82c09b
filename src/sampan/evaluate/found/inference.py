"""Inference: does who knows the rest of a person's record learn a secret from the made rows?

The attacker takes the made row that lies nearest by all the other columns and reads the secret off it (Giomi
et al. 2023). What can be told of unseen people so is what the table says about everybody; the risk is what
is told of learned ones beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sampan.errors import RequestError, nearest
from sampan.evaluate.found.distances import blocks, points, sum_of
from sampan.evaluate.found.linkability import MOST_MADE, TARGETS
from sampan.evaluate.found.risk import Tries, leak, risk
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides

SECRETS = 3
"""Columns attacked where nobody named any."""

RIGHT = 0.025
"""A guessed number is right where at most this share of real rows lies between it and the truth."""


def inference(sides: Sides, secrets: Sequence[str] = ()) -> list[Score]:
    """The score inference: the risk, in per cent, of the worst secret. One column has no rest to know.

    secrets: the columns attacked; without any, those that vary most. Raises RequestError for an unknown one.
    """
    for name in secrets:
        if name not in sides.kinds:
            raise RequestError(
                f"there is no column {name!r} to keep secret.",
                f"The columns are: {', '.join(sides.kinds)}.{nearest(name, sides.kinds)}",
                "Use one of these names.",
            )
    if not sides.seen.rows or not sides.made.rows or not sides.unseen.rows or len(sides.kinds) < 2:
        return []
    rng = sides.rng("inference")
    rows = min(sides.seen.rows, sides.unseen.rows, TARGETS)
    targets = sides.seen.some(rows, rng), sides.unseen.some(rows, rng)
    chosen = list(dict.fromkeys(secrets)) or varied(sides, targets)
    if not chosen:
        return []
    both = leak(sides.made, sides.seen, MOST_MADE, rng)
    seen, unseen, held = points(sides, [*targets, both.rows])
    asked = np.concatenate([seen, unseen])
    places = [list(sides.kinds).index(name) for name in chosen]
    guesses = []
    for start in range(0, len(places), SECRETS):  # a few at a time: each holds a block of gaps
        guesses += _guessed(asked, held, places[start : start + SECRETS], (both.plain, both.leaky))
    attacks = {}
    for name, place, guessed in zip(chosen, places, guesses, strict=True):
        reach = RIGHT if name in sides.numbers else 0.0
        tries = []
        for guess in guessed:
            # a missing secret is one too: it is right where the guess is missing
            right = np.abs(guess - asked[:, place]) <= reach
            hits = int(right[:rows].sum()), int(right[rows:].sum())
            tries.append(Tries(rows, *hits, hits, (rows, rows)))
        attacks[name] = tries[0], tries[1]
    return [risk("inference", attacks, rows)]


def varied(sides: Sides, tables: Sequence[Side]) -> list[str]:
    """The columns where two real people differ most often: the hardest to guess, so the most telling.

    Columns in which everybody is alike are none.
    """
    alike = {}
    for name in sides.kinds:
        if name in sides.parts:
            continue
        cells = np.concatenate([table.column(name) for table in tables])
        share = np.unique(cells, return_counts=True, equal_nan=True)[1] / cells.size
        alike[name] = float((share**2).sum())
    names = sorted((name for name in alike if alike[name] < 1.0), key=lambda name: alike[name])
    return names[:SECRETS]


def _guessed(
    rows: np.ndarray, held: np.ndarray, places: Sequence[int], tables: Sequence[slice]
) -> list[list[np.ndarray]]:
    """For each secret and each table of held rows: the secret of the row nearest by the other columns."""
    out = [[np.empty(len(rows), dtype=np.float32) for _ in tables] for _ in places]
    rest_of = [column for column in range(rows.shape[1]) if column not in places]
    for at, gap in blocks(rows, held):
        gaps = {place: gap(place) for place in places}
        far = sum_of(gap, rest_of) if rest_of else np.zeros_like(gaps[places[0]])
        for guessed, place in zip(out, places, strict=True):
            rest = far + sum(own for column, own in gaps.items() if column != place)
            for guess, table in zip(guessed, tables, strict=True):
                guess[at] = held[table, place][rest[:, table].argmin(axis=1)]
    return out
