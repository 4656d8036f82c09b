"""C2ST, the classifier two-sample test: can boosted trees tell made rows from seen ones?

Friedman 2003; Lopez-Paz and Oquab 2017. Trees are trained on two thirds of the rows and asked about the last
third, three times. The figure is that of sdmetrics' detection: 1 - mean of (2 max(AUC, 1/2) - 1), so 1 where
they cannot tell and 0 where they always can. It is made against seen, as the papers have it, and the floor is
unseen against the very same seen rows, so that what is odd about these rows counts on both sides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.learners import area_under_curve, features, trees
from sampan.evaluate.look.chance import CERTAIN, FEWEST_ROWS, RESAMPLES, equal_rows, interval
from sampan.evaluate.score import NAN, Score, parts_of
from sampan.evaluate.sides import Side, Sides, independent
from sampan.evaluate.state import FAR, Excess

MARGIN = 0.05
"""Below the floor, what does not matter: of two rows, one made, the judge picks the made one 2.5 times in a
hundred more often than between real ones."""

MOST_ROWS = 10_000
"""Rows of each side: chance then moves the figure by 0.008, and six trainings take a few seconds."""

FOLDS = 3
ASKED = 3_000
"""Held-out rows on which the columns that gave the made rows away are found."""

MOST_PARTS = 100


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a judge said of two sides, over all folds.

    auc: mean of the folds' areas under the curve. value: the score. value_spread: bootstrap standard
    deviation of it. drops: by how many points the area falls when a column is shuffled among held-out rows.
    """

    auc: float
    value: float
    value_spread: float
    drops: np.ndarray


def c2st(sides: Sides) -> list[Score]:
    """The score `c2st`; parts: the columns that gave the made rows away; reference: independent columns."""
    rows = equal_rows(sides.sizes, MOST_ROWS)
    if not sides.kinds or rows < 2 * FOLDS:
        return []
    rng = sides.rng("c2st")
    seen, made = sides.seen.some(rows, rng), sides.made.some(rows, rng)
    of_made = judged(sides, seen, made, rng)
    of_unseen, passed, excess = None, None, None
    if sides.unseen.rows:
        of_unseen = judged(sides, seen, sides.unseen.some(rows, rng), rng)
    loose = independent(sides.unseen if sides.unseen.rows else sides.seen, rng, sides.parts).some(rows, rng)
    reference = judged(sides, seen, loose, rng, folds=1).value
    if of_unseen is not None and rows >= FEWEST_ROWS:
        excess = _excess(of_made, of_unseen, reference, rows)
        passed = not (excess.sure is True and excess.value > MARGIN)
    floor, spread = (of_unseen.value, of_unseen.value_spread) if of_unseen else (NAN, NAN)
    ends, floor_ends = interval(of_made.value, of_made.value_spread, 1.0), interval(floor, spread, 1.0)
    names = list(dict.fromkeys(map(sides.owner, sides.kinds)))
    worst = np.argsort(-of_made.drops, kind="stable")[:MOST_PARTS].tolist()
    parts = parts_of(names, worst, of_made.drops, of_unseen.drops if of_unseen else None)
    facts: dict[str, str | float] = {
        "rows": float(rows),
        "auc": of_made.auc,
        "floor_auc": of_unseen.auc if of_unseen else NAN,
        "worst": parts[0].name,
    }
    figures = (*ends, floor, *floor_ends, reference)
    return [Score("c2st", "look", of_made.value, "higher", passed, *figures, "", facts, parts, excess)]


def _excess(of_made: Verdict, of_unseen: Verdict, reference: float, rows: int) -> Excess:
    """How much better made rows are told apart than unseen ones, in the figure's own measure.

    The variance of an area under the curve between equal rows is 1 / (6 rows), ties only lessen it (Mann and
    Whitney 1947); two areas are compared. A floor below one half is luck of its own: the made rows owe
    nothing to it. A judge of so few rows that it would not tell columns torn apart sees nothing.
    """
    luck = math.sqrt(2.0 / (6.0 * rows))
    over = of_made.auc - max(of_unseen.auc, 0.5)
    blind = CERTAIN * luck > max(FAR * MARGIN, of_unseen.value - reference) / 2.0
    sure = True if over > CERTAIN * luck else None if blind else False
    chance = 0.5 * math.erfc(over / luck / math.sqrt(2.0))
    low, high = (2.0 * (over + 1.96 * sign * luck) for sign in (-1, 1))
    return Excess(2.0 * over, low, high, MARGIN, FAR * MARGIN, sure, chance)


def judged(sides: Sides, first: Side, second: Side, rng: np.random.Generator, folds: int = FOLDS) -> Verdict:
    """What boosted trees say of the rows of two sides; of three folds, the first so many are done."""
    tables, is_category = features([first, second], sides.kinds)
    x = np.concatenate(tables)
    y = np.repeat([False, True], [first.rows, second.rows])
    fold = np.concatenate([rng.permutation(np.arange(side.rows) % FOLDS) for side in (first, second)])
    aucs, spreads, drops = [], [], np.zeros(0)
    for held in range(folds):
        out = fold == held
        x[:, np.isnan(x[~out]).all(axis=0)] = 0.0  # trees cannot be grown on a column without any value
        judge = trees(is_category, int(rng.integers(2**31)))
        judge.fit(x[~out], y[~out])
        said = judge.predict_proba(x[out])[:, 1]
        aucs.append(area_under_curve(y[out], said))
        spreads.append(_resampled(y[out], said, rng))
        if held == 0:
            asked = np.flatnonzero(out)
            asked = np.sort(rng.choice(asked, min(ASKED, asked.size), replace=False))
            groups = [sides.owner(name) for name in sides.kinds]
            drops = _drops(judge, x[asked], y[asked], groups, rng)
    clipped = 1.0 - np.mean(np.maximum(spreads, 0.5) * 2.0 - 1.0, axis=0)
    value = 1.0 - float(np.mean(np.maximum(aucs, 0.5) * 2.0 - 1.0))
    return Verdict(float(np.mean(aucs)), value, float(np.std(clipped)), drops)


def _resampled(truth: np.ndarray, said: np.ndarray, rng: np.random.Generator) -> list[float]:
    """The area under the curve of bootstrap samples of held-out rows, each class by itself."""
    yes, no = np.flatnonzero(truth), np.flatnonzero(~truth)
    out = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([rng.choice(yes, yes.size), rng.choice(no, no.size)])
        out.append(area_under_curve(truth[rows], said[rows]))
    return out


def _drops(
    judge: object, x: np.ndarray, y: np.ndarray, groups: list[str], rng: np.random.Generator
) -> np.ndarray:
    """By how many points the area falls when a column is shuffled (permutation importance, Breiman 2001).

    groups: what each column is of; those of one name are shuffled together.
    """
    predict = judge.predict_proba  # type: ignore[attr-defined]
    whole = area_under_curve(y, predict(x)[:, 1])
    out = []
    for name in dict.fromkeys(groups):
        shuffled = x.copy()
        own = np.flatnonzero([group == name for group in groups])
        shuffled[:, own] = x[rng.permutation(len(x))[:, None], own]
        out.append(100.0 * (whole - area_under_curve(y, predict(shuffled)[:, 1])))
    return np.array(out)
