"""Representation: is every group as large among made rows as among real ones?

A generator that learns the common cases first loses the rare ones, and with them small groups. Groups of one
protected column and of two crossed are counted (intersections: Buolamwini and Gebru 2018).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sampan.evaluate.score import NAN, Score, parts_of, quantiles
from sampan.evaluate.treated.grouping import FEWEST, Grouping
from sampan.evaluate.work.blocks import ODDS
from sampan.evaluate.work.skill import DRAWS

MARGIN = 20.0
"""Per cent of a group that may be lost: four fifths must be there, the share under which US agencies take one
group's rate to show adverse impact (Uniform Guidelines on Employee Selection Procedures, 1978, 4D)."""


def representation(
    groupings: Sequence[Grouping], rng: np.random.Generator, facts: Mapping[str, str | float]
) -> Score | None:
    """The largest loss of a group, in per cent of its real share; floor: the same among unseen rows.

    None: no group has people enough. It fails when some group is short by more than the margin and by more
    than chance explains: by the exact binomial test of two counts (Przyborowski and Wilenski 1940) at odds
    divided by the number of groups. As many rows of every side are compared for the figures; all rows decide.

    Long because a figure, its floor, its interval and its parts are one computation.
    """
    if not groupings:
        return None
    seen_rows, unseen_rows, made_rows = (len(rows) for rows in groupings[0].each)
    if not seen_rows or not made_rows:
        return None
    rows = min(size for size in (seen_rows, unseen_rows, made_rows) if size)
    drawn = [np.sort(rng.permutation(size)[:rows]) for size in (seen_rows, unseen_rows, made_rows)]
    names: list[str] = []
    whole: list[np.ndarray] = []
    equal: list[np.ndarray] = []
    for grouping in groupings:
        every = np.array([grouping.counts(codes) for codes in grouping.each])
        judged = every[0] >= FEWEST
        names += [name for name, one in zip(grouping.groups, judged, strict=True) if one]
        whole.append(every[:, judged])
        some = [grouping.counts(codes[index]) for codes, index in zip(grouping.each, drawn, strict=True)]
        equal.append(np.array(some)[:, judged])
    if not names:
        return None
    all_of, counts = np.concatenate(whole, axis=1), np.concatenate(equal, axis=1)
    odds = np.ones(len(names))
    lost = _loss(all_of[0] / seen_rows, all_of[2] / made_rows)
    for place in np.flatnonzero(lost > MARGIN):
        seen, made = int(all_of[0, place]), int(all_of[2, place])
        odds[place] = odds_of_so_few(made, seen, made_rows / (made_rows + seen_rows))
    short = (lost > MARGIN) & (odds <= ODDS / len(names))
    shown = np.where(short, all_of, counts)  # what all rows decided is told in the figures that decided it
    size = np.where(short, [[seen_rows], [unseen_rows], [made_rows]], rows)
    judged = shown[0] >= FEWEST
    if not judged.any():
        judged[:], shown = True, all_of
        size = np.broadcast_to([[seen_rows], [unseen_rows], [made_rows]], shown.shape)
    share = shown / np.maximum(size, 1)
    value, floor = _loss(share[0], share[2]), _loss(counts[0], counts[1])
    redrawn = [rng.poisson(shown[side], (DRAWS, len(names))) / size[side] for side in (0, 2)]
    ends = quantiles(_loss(*redrawn))
    unseen = unseen_rows > 0
    order = np.flatnonzero(judged)[np.argsort(-value[judged] - 1e6 * short[judged], kind="stable")]
    worst = order[0]
    told = {
        "rows": float(rows),
        "group": names[worst],
        "group_seen": float(shown[0, worst]),
        "group_made": float(shown[2, worst]),
        "share_real": float(100 * share[0, worst]),
        "share_made": float(100 * share[2, worst]),
        "groups": float(len(names)),
        "groups_short": float(short.sum()),
        "margin": MARGIN,
        "fewest": float(FEWEST),
    }
    return Score(
        "representation",
        "treated",
        float(max(value[worst], 0.0)),
        "lower",
        not short.any() if unseen else None,
        float(ends[0][worst]),
        float(ends[1][worst]),
        float(floor[counts[0] >= FEWEST].max(initial=0.0)) if unseen else NAN,
        unit="%",
        facts={**facts, **told},
        parts=parts_of(names, order, value, floor if unseen else None, ends, ~short),
    )


def odds_of_so_few(made: int, seen: int, share: float) -> float:
    """How often at most `made` of made + seen people fall on the made side, which holds `share` of all rows.

    >>> round(odds_of_so_few(0, 3, 0.5), 9)
    0.125
    """
    total = made + seen
    if not 0.0 < share < 1.0:
        return 1.0
    term = total * math.log1p(-share)  # the log of the chance of none, and then of one more, and so on
    steps = np.log(np.arange(total, total - made, -1.0)) - np.log(np.arange(1.0, made + 1.0))
    terms = np.concatenate([[term], term + np.cumsum(steps + math.log(share) - math.log1p(-share))])
    largest = float(terms.max())
    return min(1.0, math.exp(largest) * float(np.exp(terms - largest).sum()))


def _loss(real: np.ndarray, other: np.ndarray) -> np.ndarray:
    return 100.0 * (1.0 - other / np.where(real > 0, real, 1.0)) * (real > 0)
