"""Agreement with sdmetrics where the definitions are the same: Shape, Trend and logistic detection."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from benchmarks.sdmetrics_measures import array_error, array_pair_errors, logistic_detection
from sampan.evaluate.columns import Kind
from sampan.evaluate.sides import Side

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sdmetrics.column_pairs import ContingencySimilarity
    from sdmetrics.reports.single_table import QualityReport
    from sdmetrics.single_table import LogisticDetection

KINDS: dict[str, Kind] = {"x": "number", "y": "number", "w": "number", "g": "category", "h": "category"}
LABELS = {"g": ["north", "east", "south", "west"], "h": [f"v{i:02d}" for i in range(70)]}


def side(seed: int, bend: float) -> Side:
    rng = np.random.default_rng(seed)
    g = rng.integers(0, 4, 800)
    x = rng.normal(size=800) + g * bend
    h = np.concatenate([np.arange(70), rng.integers(0, 70, 730) // (1 + g[70:])])
    y = np.where(rng.random(800) < 0.1, np.nan, x * bend + rng.normal(size=800))
    return Side(800, {"x": x, "y": y, "w": rng.poisson(3.0, 800).astype(float)}, {"g": g, "h": h})


def frame(one: Side) -> pd.DataFrame:
    columns = {
        name: one.numbers[name] if kind == "number" else np.array(LABELS[name], dtype=object)[one.codes[name]]
        for name, kind in KINDS.items()
    }
    return pd.DataFrame(columns)


REAL, MADE = side(0, 1.0), side(1, 0.7)


def arrays(one: Side) -> dict[str, np.ndarray]:
    return {name: one.column(name) for name in KINDS}


def test_shape_and_trend_are_those_of_the_quality_report() -> None:
    report = QualityReport()
    report.real_correlation_threshold = report.real_association_threshold = 0
    report.num_rows_subsample = None
    meta = {n: {"sdtype": "numerical" if k == "number" else "categorical"} for n, k in KINDS.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report.generate(frame(REAL), frame(MADE), {"columns": meta}, verbose=False)
    theirs = report.get_properties().set_index("Property")["Score"]
    shape = np.mean([array_error(REAL.column(n), MADE.column(n), kind) for n, kind in KINDS.items()])
    pairs = array_pair_errors(arrays(REAL), arrays(MADE), KINDS, levels=None, own_edges=True)
    assert 1 - shape / 100 == pytest.approx(theirs["Column Shapes"], abs=1e-9)
    assert 1 - np.mean(list(pairs.values())) / 100 == pytest.approx(theirs["Column Pair Trends"], abs=1e-9)


@pytest.mark.parametrize("pair", [("x", "g"), ("y", "g"), ("w", "h"), ("g", "h")])
def test_a_pair_with_shared_edges_is_a_contingency_similarity(pair: tuple[str, str]) -> None:
    ours = array_pair_errors(arrays(REAL), arrays(MADE), KINDS, levels=None)[pair]
    numbers = [name for name in pair if KINDS[name] == "number"]
    # a number that is missing is a level of its own here, and the tenth bin there
    there = [frame(one)[list(pair)].dropna() for one in (REAL, MADE)]
    if "y" in pair:
        known = [one.take(~one.missing("y")) for one in (REAL, MADE)]
        ours = array_pair_errors(arrays(known[0]), arrays(known[1]), KINDS, levels=None)[pair]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ContingencySimilarity.compute(there[0], there[1], continuous_column_names=numbers or None)
    assert 1 - ours / 100 == pytest.approx(theirs, abs=1e-9)


def test_detection_is_that_of_sdmetrics_on_the_same_folds() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = np.random.get_state()
        np.random.seed(4)
        theirs = LogisticDetection.compute(frame(REAL), frame(MADE))
        np.random.set_state(before)
        ours = logistic_detection(REAL, MADE, KINDS, LABELS, seed=4)
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert 0.05 < ours < 0.95
