"""The figures of sdmetrics, worked out on the arrays that the judge holds, for whoever compares the two.

Shape and Trend as in its QualityReport, and LogisticDetection, all of sdmetrics 0.32. The judge's own figures
depart from Trend (it cuts numbers at shared edges, see `sampan.evaluate.columns`) and from detection (a line
sees little: its own is `c2st`).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

from sampan.evaluate.columns import BINS, LEVELS, Kind, binned, correlations, counts_error, levelled, ranks
from sampan.evaluate.learners import area_under_curve
from sampan.evaluate.sides import Side


def array_error(real: np.ndarray, made: np.ndarray, kind: Kind) -> float:
    """How far one made column is from the real one, in per cent: 100 - KSComplement or TVComplement."""
    both = np.concatenate([real, made])
    place, size = ranks(both) if kind == "number" else (both, int(both.max(initial=0)) + 1)
    halves = np.split(place, [len(real)])
    return counts_error(*(np.bincount(half[half >= 0], minlength=size) for half in halves), kind)


def cut_alone(values: np.ndarray, bins: int = BINS) -> np.ndarray:
    """A float array cut at edges between its own least and greatest value, as sdmetrics' report does it.

    The greatest value is a level of its own, together with what is missing.
    """
    finite = values[np.isfinite(values)]
    edges = np.histogram_bin_edges(finite, bins=bins) if finite.size else np.zeros(bins + 1)
    return np.searchsorted(edges, values, side="right")


def joint_error(
    real: tuple[np.ndarray, np.ndarray], made: tuple[np.ndarray, np.ndarray], sizes: tuple[int, int]
) -> float:
    """100 * the total variation distance of two joint tables, each given as the codes of its two columns."""
    cells = [a * sizes[1] + b for a, b in (real, made)]
    size = sizes[0] * sizes[1]
    if size > 4 * (real[0].size + made[0].size) + 1_000:  # most cells of the table would be empty
        _, place = np.unique(np.concatenate(cells), return_inverse=True)
        cells, size = [place[: real[0].size], place[real[0].size :]], int(place.max(initial=0)) + 1
    shares = [np.bincount(cell, minlength=size) / max(cell.size, 1) for cell in cells]
    return 50.0 * float(np.abs(shares[0] - shares[1]).sum())


def array_pair_errors(
    real: Mapping[str, np.ndarray],
    made: Mapping[str, np.ndarray],
    kinds: Mapping[str, Kind],
    *,
    levels: int | None = LEVELS,
    own_edges: bool = False,
) -> dict[tuple[str, str], float]:
    """How far every pair of columns is from the real one, in per cent.

    real, made: float64 of a number (NaN missing), shared codes of a category (-1 missing).

    levels=None and own_edges=True: the official "Trend" of sdmetrics, artefact included, for comparison.
    """
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    far = np.zeros((len(numbers), len(numbers)))
    if numbers:
        real_r, made_r = (
            correlations(np.stack([side[name] for name in numbers], axis=1)) for side in (real, made)
        )
        far = 50.0 * np.abs(real_r - made_r)
    index = {name: i for i, name in enumerate(numbers)}
    cut: dict[str, tuple[np.ndarray, np.ndarray, int]] = {}
    for name, kind in kinds.items():
        match kind:
            case "number" if own_edges:
                cut[name] = cut_alone(real[name]), cut_alone(made[name]), BINS + 2
            case "number":
                cut[name] = binned(real[name], made[name])
            case "category":
                cut[name] = levelled(real[name], made[name], levels)
    errors: dict[tuple[str, str], float] = {}
    for a, b in itertools.combinations(kinds, 2):
        if a in index and b in index:
            errors[a, b] = float(far[index[a], index[b]])
        else:
            (real_a, made_a, size_a), (real_b, made_b, size_b) = cut[a], cut[b]
            errors[a, b] = joint_error((real_a, real_b), (made_a, made_b), (size_a, size_b))
    return errors


def logistic_detection(
    real: Side,
    made: Side,
    kinds: Mapping[str, Kind],
    labels: Mapping[str, list[Any]],
    seed: int = 0,
) -> float:
    """sdmetrics' LogisticDetection: 1 where made and real rows cannot be told apart, 0 where they always can.

    labels: of each category, the value of every code: the indicators lie in the order of the values, and the
    regression's last digits depend on it. seed: of the folds, as NumPy's old global generator draws them. A
    number that is missing counts as the real mean. A value that no real row holds has no indicator (sdmetrics
    stops there).
    """
    blocks: list[list[np.ndarray]] = [[], []]
    indicators: list[list[np.ndarray]] = [[], []]
    for name, kind in kinds.items():
        match kind:
            case "number":
                known = real.numbers[name][~np.isnan(real.numbers[name])]
                mean = float(known.mean()) if known.size else np.nan
                for block, side in zip(blocks, (real, made), strict=True):
                    values = side.numbers[name]
                    block.append(np.where(np.isnan(values), mean, values)[:, None])
            case "category":
                held = np.unique(real.codes[name]).tolist()
                codes = sorted((code for code in held if code >= 0), key=labels[name].__getitem__)
                codes = np.array(codes + [-1] * (-1 in held))
                for block, side in zip(indicators, (real, made), strict=True):
                    block.append((side.codes[name][:, None] == codes).astype(np.float64))
    # sdmetrics puts the indicators behind the numbers, in the order of the columns
    x = np.concatenate([np.hstack([*b, *i]) for b, i in zip(blocks, indicators, strict=True)])
    x[np.isinf(x)] = np.nan
    y = np.repeat([1.0, 0.0], [real.rows, made.rows])
    told = []
    folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=np.random.RandomState(seed))
    for learn, ask in folds.split(x, y):
        model = make_pipeline(SimpleImputer(), RobustScaler(), LogisticRegression(solver="lbfgs"))
        model.fit(x[learn], y[learn])
        auc = area_under_curve(y[ask] > 0.5, model.predict_proba(x[ask])[:, 1])
        told.append(max(0.5, auc) * 2.0 - 1.0)
    return 1.0 - float(np.mean(told))
