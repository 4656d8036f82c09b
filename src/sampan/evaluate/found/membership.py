"""Membership: can an attacker who holds the made rows tell who was learned from?

The attack compares how densely made rows lie around a person with how densely other real rows do: where a
model remembers, made rows crowd (DOMIAS, van Breugel et al. 2023); density is told by the distance to the
k-th nearest row. Beside the area under the curve stands the share of learned rows found at 1 % false
accusations, since a leak of few people does not move an average (Carlini et al. 2022).
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.found.distances import nearest, points
from sampan.evaluate.found.near import PLANTED
from sampan.evaluate.learners import area_under_curve
from sampan.evaluate.score import Part, Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import decided, together

ATTACKED = 1_500
"""Rows of each side that are attacked: the area is then known to within 0.02."""

FEWEST_REFERENCE, MOST_REFERENCE = 500, 3_000
"""Unseen rows that the attacker knows besides; with fewer the density of real rows is guesswork."""

FEWEST_ATTACKED = 50
"""Below so many rows attacked nothing is decided."""

MOST_MADE = 10_000
"""Made rows that the attacker looks at."""

NEIGHBOURS = (1, 5)
"""Which nearest row tells the density: the first finds copies, the fifth crowds."""

CERTAIN = 3.7
"""Standard errors before an area is no luck: one false alarm in about ten thousand, as for copies."""

MARGIN, MARGIN_TPR = 0.02, 1.0
"""What is let pass above chance: an area of 0.52 tells an attacker next to nothing about anybody, and so
does being right twice where chance is right once."""

FALSE_ACCUSED = 0.01
"""The share of strangers that the attacker may accuse."""


def membership(sides: Sides) -> list[Score]:
    """The scores membership (area under the curve) and membership_tpr (per cent at 1 % false accusations).

    Both are one attack. A figure that a planted leak does not move far enough to fail is left undecided.
    """
    if not sides.seen.rows or not sides.made.rows or sides.unseen.rows < 2 or not sides.kinds:
        return []
    rng = sides.rng("membership")
    spare = min(FEWEST_REFERENCE, sides.unseen.rows // 2)
    attacked = min(ATTACKED, sides.seen.rows, sides.unseen.rows - spare)
    order = rng.permutation(sides.unseen.rows)
    stranger = sides.unseen.take(order[:attacked])
    reference = sides.unseen.take(order[attacked : attacked + MOST_REFERENCE])
    made = sides.made.some(MOST_MADE, rng)
    count = min(max(1, round(PLANTED * made.rows)), sides.seen.rows, made.rows)
    leak = sides.seen.take(rng.permutation(sides.seen.rows)[:count])
    tables = [sides.seen.some(attacked, rng), stranger, reference, made, leak]
    member, other, known, own, copied = points(sides, tables)
    targets = np.concatenate([member, other])
    truth = np.arange(len(targets)) < len(member)
    most = max(NEIGHBOURS)
    to_known, to_own = nearest(targets, known, most)[1], nearest(targets, own, most)[1]
    kept = np.concatenate([own[rng.permutation(len(own))[count:]], copied])
    to_leaky = nearest(targets, kept, most)[1]
    enough = reference.rows >= FEWEST_REFERENCE and attacked >= FEWEST_ATTACKED
    plain = [_attack(truth, to_known, to_own, k) for k in NEIGHBOURS]
    leaky = [_attack(truth, to_known, to_leaky, k) for k in NEIGHBOURS]
    facts: dict[str, str | float] = {
        "rows": float(attacked),
        "reference_rows": float(reference.rows),
        "made_rows": float(made.rows),
    }
    scores = []
    for which, (name, unit, floor, fails, error, top) in enumerate(
        (
            ("membership", "", 0.5, _fails_area, _area_error, 1.0),
            ("membership_tpr", "%", 100.0 * FALSE_ACCUSED, _fails_share, _share_error, 100.0),
        )
    ):
        parts = []
        for k, figures, strong in zip(NEIGHBOURS, plain, leaky, strict=True):
            value = figures[which]
            passed = decided(enough, fails(value, attacked), fails(strong[which], attacked))
            half = 1.96 * error(value, attacked)
            ends = max(0.0, value - half), min(top, value + half)
            parts.append(Part(f"nearest row {k}", value, floor, *ends, strong[which], passed))
        parts.sort(key=lambda part: -part.value)
        worst = parts[0]
        whole, warned = together(parts)
        told = {**facts, "power": max(part.power for part in parts)}
        held = (worst.value, "lower", whole, worst.low, worst.high, floor)
        scores.append(Score(name, "found", *held, unit=unit, facts=told, parts=tuple(parts), excess=warned))
    return scores


def _attack(truth: np.ndarray, known: np.ndarray, made: np.ndarray, k: int) -> tuple[float, float]:
    """Area under the curve, and per cent of members above all but 1 % of strangers."""
    # a copy lies at distance 0, whose logarithm is none
    real, own = (table[:, min(k, table.shape[1]) - 1] for table in (known, made))
    score = np.log(real + 1e-6) - np.log(own + 1e-6)
    bar = np.quantile(score[~truth], 1.0 - FALSE_ACCUSED, method="higher")
    return area_under_curve(truth, score), 100.0 * float(np.mean(score[truth] > bar))


def _area_error(area: float, rows: int) -> float:
    """The standard error of an area over so many rows of each kind (Hanley and McNeil 1982)."""
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (rows - 1) * (first + second - 2 * area * area)
    return math.sqrt(max(spread, 0.0)) / rows


def _share_error(share: float, rows: int) -> float:
    """The standard error of a share in per cent; the bar that strangers set is as uncertain again."""
    part = max(share / 100.0, FALSE_ACCUSED)
    return 100.0 * math.sqrt((part * (1 - part) + FALSE_ACCUSED * (1 - FALSE_ACCUSED)) / rows)


def _fails_area(area: float, rows: int) -> bool:
    return area - CERTAIN * _area_error(area, rows) > 0.5 + MARGIN


def _fails_share(share: float, rows: int) -> bool:
    return share - CERTAIN * _share_error(share, rows) > 100.0 * FALSE_ACCUSED + MARGIN_TPR
