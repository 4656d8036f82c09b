"""Learners: the models that a judgement trains, and the table of features they see.

Gradient-boosted trees over histograms (Ke et al. 2017, LightGBM; scikit-learn's implementation) are the judge
of choice: they take numbers, categories and missing cells as they are, need no scaling and learn a table of
30,000 rows in seconds. They come with the extra "judge".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sampan.errors import MissingExtra
from sampan.evaluate.columns import Kind
from sampan.evaluate.sides import Side, encoded

LEVELS = 250
"""Values that a category keeps as a feature, the most frequent ones; trees over histograms take 255."""


def features(sides: Sequence[Side], kinds: Mapping[str, Kind]) -> tuple[list[np.ndarray], np.ndarray]:
    """The sides as float64 (rows, columns) for tree learners, and which columns are categories.

    The most frequent values of a category, counted over all the sides, are numbered from 0; the rest are one
    level more. Missing cells are NaN.
    """
    tables = [encoded(side, kinds) for side in sides]
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


def classifier(is_category: np.ndarray, seed: int, rounds: int = 100) -> Any:
    """Boosted trees that tell classes apart; fit(x, y), predict_proba(x)."""
    return _ensemble().HistGradientBoostingClassifier(
        max_iter=rounds, categorical_features=is_category, early_stopping=False, random_state=seed
    )


def regressor(is_category: np.ndarray, seed: int, rounds: int = 100) -> Any:
    """Boosted trees that predict a number; fit(x, y), predict(x)."""
    return _ensemble().HistGradientBoostingRegressor(
        max_iter=rounds, categorical_features=is_category, early_stopping=False, random_state=seed
    )


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
