"""Outcome: does every group meet the outcome as often among made rows as among real ones?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np

from sampan.evaluate.score import NAN, Score, parts_of, quantiles
from sampan.evaluate.treated.grouping import FEWEST, Grouping
from sampan.evaluate.work.blocks import ODDS
from sampan.evaluate.work.skill import DRAWS

MARGIN = 5.0
"""Points by which a group's rate may be off. Who reads a table of rates by group quotes them to the nearest
five; a smaller difference would change no one's mind about how a group fares."""


def outcome(
    groupings: Sequence[Grouping],
    positive: Sequence[np.ndarray],
    rng: np.random.Generator,
    facts: Mapping[str, str | float],
) -> Score | None:
    """The largest difference of a group's rate from that of seen rows, in points; floor: of unseen rows.

    positive: for seen, unseen and made rows, 1 or 0, NaN where not known. None: no group has people enough.
    reference: what independent columns give, one rate for everybody. It fails when some group's rate is
    off by more than the margin and by more than chance explains: the score test of two proportions with
    Yates's correction (1934), which errs to the side of chance, at odds divided by the number of groups.

    Long because a figure, its floor, its interval and its parts are one computation.
    """
    if not groupings:
        return None
    known = [np.flatnonzero(~np.isnan(one)) for one in positive]
    seen_rows, unseen_rows, made_rows = (len(one) for one in known)
    if not seen_rows or not made_rows:
        return None
    rows = min(size for size in (seen_rows, unseen_rows, made_rows) if size)
    drawn = [np.sort(rng.choice(one, min(rows, len(one)), replace=False)) for one in known]
    names: list[str] = []
    whole, equal = [], []
    for grouping in groupings:
        every = _tallies(grouping, positive, known)
        judged = (every[0, 0] >= FEWEST) & (every[2, 0] >= FEWEST)
        names += [name for name, one in zip(grouping.groups, judged, strict=True) if one]
        whole.append(every[:, :, judged])
        equal.append(_tallies(grouping, positive, drawn)[:, :, judged])
    if not names:
        return None
    all_of, counts = np.concatenate(whole, axis=2), np.concatenate(equal, axis=2)
    apart = np.abs(_rate(all_of[2]) - _rate(all_of[0]))
    threshold = NormalDist().inv_cdf(1 - ODDS / (2 * len(names)))
    off = (apart > MARGIN) & (surprise(all_of[0], all_of[2]) > threshold)
    shown = np.where(off, all_of, counts)  # what all rows decided is told in the figures that decided it
    judged = np.minimum(shown[0, 0], shown[2, 0]) >= FEWEST
    if not judged.any():
        judged, shown = np.ones(len(names), dtype=bool), all_of
    real, made = _rate(shown[0]), _rate(shown[2])
    value = np.abs(made - real)
    unseen = unseen_rows > 0
    held = (counts[:2, 0] >= FEWEST).all(axis=0)
    floors = np.abs(_rate(counts[1]) - _rate(counts[0]))[held]
    order = np.flatnonzero(judged)[np.argsort(-value[judged] - 1e6 * off[judged], kind="stable")]
    worst = order[0]
    overall = 100.0 * float(np.mean(positive[0][known[0]]))
    again_real, again_made = (
        100.0
        * rng.binomial(side[0].astype(np.int64), _rate(side) / 100.0, (DRAWS, len(names)))
        / np.maximum(side[0], 1)
        for side in (shown[0], shown[2])
    )
    low, high = quantiles(np.abs(again_made - again_real))
    told = {
        "rows": float(rows),
        "group": names[worst],
        "rate_real": float(real[worst]),
        "rate_made": float(made[worst]),
        "groups": float(len(names)),
        "groups_off": float(off.sum()),
        "margin": MARGIN,
        "fewest": float(FEWEST),
    }
    return Score(
        "outcome",
        "treated",
        float(value[worst]),
        "lower",
        not off.any() if unseen else None,
        float(low[worst]),
        float(high[worst]),
        float(floors.max()) if unseen and floors.size else NAN,
        reference=float(np.abs(_rate(all_of[0]) - overall).max()),
        unit="points",
        facts={**facts, **told},
        parts=parts_of(names, order, made, real, quantiles(again_made), ~off),
    )


def surprise(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The score statistic of two proportions, corrected for counts: (people and positives, groups)."""
    people, positives = one[0] + other[0], one[1] + other[1]
    both = positives / np.maximum(people, 1)
    correction = 0.5 / np.maximum(one[0], 1) + 0.5 / np.maximum(other[0], 1)
    apart = np.abs(one[1] / np.maximum(one[0], 1) - other[1] / np.maximum(other[0], 1)) - correction
    spread = np.sqrt(both * (1 - both) * (1 / np.maximum(one[0], 1) + 1 / np.maximum(other[0], 1)))
    return np.where(spread > 0, np.maximum(apart, 0.0) / np.where(spread > 0, spread, 1.0), 0.0)


def _tallies(grouping: Grouping, positive: Sequence[np.ndarray], rows: Sequence[np.ndarray]) -> np.ndarray:
    """People and positives among some rows of each side: float64 (sides, 2, groups)."""
    return np.array(
        [
            [grouping.counts(codes[index]), grouping.counts(codes[index], truth[index])]
            for codes, truth, index in zip(grouping.each, positive, rows, strict=True)
        ]
    )


def _rate(tally: np.ndarray) -> np.ndarray:
    return 100.0 * tally[1] / np.maximum(tally[0], 1)
