"""Learners: the models that a judgement trains, and the table of features they see.

Gradient-boosted trees over histograms (Ke et al. 2017, LightGBM; scikit-learn's implementation) are the judge
of choice: they take numbers, categories and missing cells as they are, need no scaling and learn a table of
30,000 rows in seconds. They come with the extra "judge".
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.errors import MissingExtra
from sampan.evaluate.columns import Kind
from sampan.evaluate.sides import Side

LEVELS = 250
"""Values that a category keeps as a feature, the most frequent ones; trees over histograms take 255."""

FLAT_LEVELS, FLAT_COLUMNS = 20, 400
"""Values of a category that get a column of their own in a linear model, and such columns in all."""

MISSING_CELL = -1.0
"""What a missing cell is for learners that take none: below every rank and every level."""


def features(sides: Sequence[Side], kinds: Mapping[str, Kind]) -> tuple[list[np.ndarray], np.ndarray]:
    """The sides as float64 (rows, columns) for tree learners, and which columns are categories.

    The most frequent values of a category, counted over all the sides, are numbered from 0; the rest are one
    level more. Missing cells are NaN.
    """
    tables = [np.empty((side.rows, len(kinds))) for side in sides]
    for table, side in zip(tables, sides, strict=True):
        for place, name in enumerate(kinds):
            table[:, place] = np.where(side.missing(name), np.nan, side.column(name))
    is_category = np.array([kind == "category" for kind in kinds.values()], dtype=bool)
    for place in np.flatnonzero(is_category):
        cells = [table[:, place] for table in tables]
        known = np.concatenate([cell[~np.isnan(cell)] for cell in cells]).astype(np.int64)
        counts = np.bincount(known, minlength=1)
        kept = np.argsort(-counts, kind="stable")[:LEVELS]
        level = np.full(len(counts), LEVELS, dtype=np.float64)
        level[kept] = np.arange(len(kept))
        for cell in cells:
            there = ~np.isnan(cell)
            cell[there] = level[cell[there].astype(np.int64)]
    return tables, is_category


def trees(is_category: np.ndarray, seed: int, rounds: int = 100, *, number: bool = False) -> Any:
    """Boosted trees that tell classes apart, or predict a number; both as scikit-learn has them."""
    ensemble = _ensemble()
    make = ensemble.HistGradientBoostingRegressor if number else ensemble.HistGradientBoostingClassifier
    return make(max_iter=rounds, categorical_features=is_category, early_stopping=False, random_state=seed)


def one_thread() -> None:
    """Let the trees of this thread use no other one: threads that share a small tree mostly wait.

    With two, all questions about Adult took 152 seconds of a machine with two cores; with one each, and two
    questions at a time, 49.
    """
    try:
        import threadpoolctl  # comes with scikit-learn
    except ImportError:
        return
    threadpoolctl.threadpool_limits(1)


def _ensemble() -> Any:
    try:
        import sklearn.ensemble as ensemble
    except ImportError as error:
        raise MissingExtra("scikit-learn", "judge", "this question of the judge") from error
    return ensemble


def area_under_curve(truth: np.ndarray, score: np.ndarray) -> float:
    """The area under the ROC curve: the chance that a positive scores above a negative, ties one half.

    truth: bool (rows,); score: float64 (rows,). NaN where one class is absent. By ranks (Mann-Whitney), so it
    needs no extra.

    >>> area_under_curve(np.array([False, True, True]), np.array([0.1, 0.1, 0.9]))
    0.75
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]
    return float((rank[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


@dataclass(frozen=True, eq=False)
class Inputs:
    """What learners see of some rows.

    trees: float64 (rows, columns), numbers as ranks in 0..1, categories as levels, NaN where missing.
    flat: float32 (rows, width) for linear models: centred ranks, one column per level, nothing missing.
    is_category: of each column of `trees`.
    """

    trees: np.ndarray
    flat: np.ndarray
    is_category: np.ndarray

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.trees)

    def take(self, index: np.ndarray) -> Inputs:
        """The rows of an index."""
        return Inputs(self.trees[index], self.flat[index], self.is_category)


def inputs(sides: Sequence[Side], kinds: Mapping[str, Kind], reference: Side) -> list[Inputs]:
    """What learners see of each side, numbers as ranks among the rows of `reference`.

    Ranks serve every learner alike: trees do not notice, linear models need no scaling and no far value can
    move or overflow them.
    """
    tables, is_category = features(sides, kinds)
    names = list(kinds)
    for place in np.flatnonzero(~is_category):
        known = np.sort(reference.numbers[names[place]])
        known = known[~np.isnan(known)]
        for table in tables:
            table[:, place] = ranks(table[:, place], known)
    levels = min(FLAT_LEVELS, max(2, FLAT_COLUMNS // max(int(is_category.sum()), 1)))
    gaps = [any(np.isnan(table[:, place]).any() for table in tables) for place in range(len(names))]
    return [Inputs(table, _flat(table, is_category, levels, gaps), is_category) for table in tables]


def ranks(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The share of sorted `known` values below each value, ties counted half; NaN stays NaN.

    >>> ranks(np.array([0.0, 2.0, 9.0]), np.array([1.0, 2.0, 2.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    if not known.size:
        return np.where(np.isnan(values), np.nan, 0.5)
    low, high = np.searchsorted(known, values, "left"), np.searchsorted(known, values, "right")
    return np.where(np.isnan(values), np.nan, (low + high) / (2.0 * known.size))


def _flat(table: np.ndarray, is_category: np.ndarray, levels: int, gaps: Sequence[bool]) -> np.ndarray:
    columns: list[np.ndarray] = []
    for place, category in enumerate(is_category):
        cell = table[:, place]
        if category:
            columns += [cell == level for level in range(levels)]
        else:
            columns.append(np.nan_to_num((cell - 0.5) * np.sqrt(12.0)))  # ranks of unit variance
        if gaps[place]:
            columns.append(np.isnan(cell))
    return np.column_stack(columns).astype(np.float32) if columns else np.zeros((len(table), 0), np.float32)


Predict = Callable[[Inputs], np.ndarray]
"""Rows -> float64 (rows, classes): the chance of each class; (rows, 1) where a number is predicted."""

Fit = Callable[[Inputs, np.ndarray, int, int], Predict]
"""(rows, truth, classes, seed) -> Predict. truth: float64, the class or the number; classes 0: a number."""


def boosted(x: Inputs, y: np.ndarray, classes: int, seed: int, rounds: int = 100) -> Predict:
    """Gradient-boosted trees; fewer rounds where every round grows a tree per class."""
    rounds = rounds if classes <= 2 else max(20, 2 * rounds // classes)
    known = x.trees[~np.isnan(y)]
    empty = np.isnan(known).all(axis=0)  # a number without a single value cannot be cut into bins
    model = trees(x.is_category, seed, rounds, number=not classes)
    return _fitted(model, lambda rows: np.where(empty, 0.0, rows.trees), x, y, classes)


def forest(x: Inputs, y: np.ndarray, classes: int, seed: int) -> Predict:
    """A random forest (Breiman 2001) of 20 trees with leaves of at least 5 rows."""
    make = _ensemble().RandomForestClassifier if classes else _ensemble().RandomForestRegressor
    per_split = "sqrt" if classes else 1 / 3
    model = make(20, min_samples_leaf=5, max_features=per_split, random_state=seed)
    return _fitted(model, _filled, x, y, classes)


def tree(x: Inputs, y: np.ndarray, classes: int, seed: int) -> Predict:
    """One decision tree (Breiman et al. 1984), at most 6 questions deep: what a person could read."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    make = DecisionTreeClassifier if classes else DecisionTreeRegressor
    model = make(max_depth=6, min_samples_leaf=10, random_state=seed)
    return _fitted(model, _filled, x, y, classes)


def linear(x: Inputs, y: np.ndarray, classes: int, seed: int) -> Predict:
    """Logistic regression for classes, ridge regression for a number; both with a light penalty."""
    from sklearn.linear_model import LogisticRegression, Ridge

    model = LogisticRegression(C=1.0, max_iter=100) if classes else Ridge(alpha=1.0)
    return _fitted(model, lambda rows: rows.flat, x, y, classes)


LEARNERS: Mapping[str, Fit] = {
    "boosted trees": boosted,
    "random forest": forest,
    "decision tree": tree,
    "linear model": linear,
}
"""Four kinds of model that people use on tables, from the most flexible to the plainest."""


def _filled(x: Inputs) -> np.ndarray:
    return np.nan_to_num(x.trees, nan=MISSING_CELL)


def _fitted(
    model: Any, view: Callable[[Inputs], np.ndarray], x: Inputs, y: np.ndarray, classes: int
) -> Predict:
    """Learns from the rows whose truth is known; one class, one row or no column gives a constant."""
    known = np.flatnonzero(~np.isnan(y))
    x, y = x.take(known), y[known]
    present = np.unique(y)
    if len(present) < 2 or not x.trees.shape[1]:
        if classes:
            share = np.bincount(y.astype(np.int64), minlength=classes) / max(len(y), 1)
        else:
            share = np.array([y.mean() if len(y) else 0.5])
        return lambda rows: np.tile(share, (rows.rows, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a linear model that stops at its last step is good enough here
        model.fit(view(x), y)
    if not classes:
        return lambda rows: np.asarray(model.predict(view(rows)), dtype=np.float64)[:, None]
    there = model.classes_.astype(np.int64)

    def chances(rows: Inputs) -> np.ndarray:
        out = np.zeros((rows.rows, classes))
        out[:, there] = model.predict_proba(view(rows))
        return out

    return chances
