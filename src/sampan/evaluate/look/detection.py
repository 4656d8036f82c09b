"""Detection: how far a logistic regression fails to tell made from real rows, as sdmetrics computes it.

sdmetrics 0.32, LogisticDetection: categories as indicators and numbers scaled by median and quartiles, three
stratified folds, 1 - mean of (2 max(AUC, 1/2) - 1). A straight line sees little; the judge's own figure is
`c2st`, and this one exists to be compared with other people's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sampan.errors import MissingExtra
from sampan.evaluate.columns import Kind
from sampan.evaluate.learners import area_under_curve
from sampan.evaluate.sides import Side


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
    linear, impute, pipeline, prepare, select = _parts()
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
    folds = select.StratifiedKFold(n_splits=3, shuffle=True, random_state=np.random.RandomState(seed))
    for learn, ask in folds.split(x, y):
        model = pipeline.Pipeline(
            [
                ("imputer", impute.SimpleImputer()),
                ("scaler", prepare.RobustScaler()),
                ("classifier", linear.LogisticRegression(solver="lbfgs")),
            ]
        )
        model.fit(x[learn], y[learn])
        auc = area_under_curve(y[ask] > 0.5, model.predict_proba(x[ask])[:, 1])
        told.append(max(0.5, auc) * 2.0 - 1.0)
    return 1.0 - float(np.mean(told))


def _parts() -> tuple[Any, Any, Any, Any, Any]:
    try:
        import sklearn.impute as impute
        import sklearn.linear_model as linear
        import sklearn.model_selection as select
        import sklearn.pipeline as pipeline
        import sklearn.preprocessing as prepare
    except ImportError as error:
        raise MissingExtra("scikit-learn", "judge", "the detection score") from error
    return linear, impute, pipeline, prepare, select
