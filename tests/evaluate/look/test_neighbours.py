"""Precision, recall and coverage against the same figures worked out by full distance tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sampan.evaluate.look.neighbours import ALPHAS, BALL, REACH, WIDTH, embedded, figures, habitat, nearest
from sampan.evaluate.sides import Side


def points(rows: int, seed: int, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, 3)).astype(np.float32) * np.float32(spread)


def wanted(x: np.ndarray, y: np.ndarray) -> list[float]:
    """The definitions, word by word."""
    x, y = x.astype(float), y.astype(float)
    middle, made_middle = x.mean(0), y.mean(0)
    real_radius = np.linalg.norm(x - middle, axis=1)
    made_radius = np.linalg.norm(y - middle, axis=1)
    shells = [(made_radius <= np.quantile(real_radius, a)).mean() for a in ALPHAS]
    own = cdist(x, x)
    np.fill_diagonal(own, np.inf)
    across = cdist(x, y)
    depth = np.linalg.norm(y[across.argmin(1)] - made_middle, axis=1)
    near = across.min(1) <= own.min(1)
    covered = [(near & (depth <= np.quantile(depth, a))).mean() for a in ALPHAS]
    ball = np.sort(own, axis=1)[:, BALL - 1]
    return [
        *(100 * (1 - np.abs(ALPHAS - np.array(curve)).sum() / ALPHAS.sum()) for curve in (shells, covered)),
        100 * float((across.min(1) <= ball).mean()),
    ]


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0])
def test_the_three_figures_are_their_definitions(spread: float) -> None:
    x, y = points(700, 0), points(700, 1, spread)
    found = figures(habitat(x), nearest(x, y), y)
    assert found.tolist() == pytest.approx(wanted(x, y), abs=0.2)  # one row of 700 at a float's edge is 0.14


def test_equal_rows_are_at_distance_nothing_however_far_out() -> None:
    x = points(300, 0) + np.float32(1000)
    place, distance = nearest(x, x[::-1].copy())
    assert place.tolist() == list(range(299, -1, -1))
    assert not distance.any()


def test_rows_become_points() -> None:
    scale = Side(3, {"n": np.array([0.0, 10.0, np.nan])}, {"c": np.array([0, 1, -1])})
    other = Side(2, {"n": np.array([5.0, 1e9])}, {"c": np.array([1, 7])})
    a, b = embedded(scale, [other], {"n": "number", "c": "category"})
    assert a[:, 0].tolist() == [0.0, 1.0, 0.5]
    assert a[:, 1].tolist() == [0.0, 0.0, 1.0]  # missing
    assert b[:, 0].tolist() == [0.5, 1.0 + REACH]
    assert (a[:, 2:].sum(axis=1) == 1).all() and (b[:, 2:].sum(axis=1) == 1).all()
    assert np.linalg.norm(a[0, 2:] - a[1, 2:]) == pytest.approx(np.sqrt(2))
    assert not (a[:, 2:] * b[1, 2:]).any()  # a value that no seen row holds meets none


def test_a_category_with_many_values_stays_narrow() -> None:
    side = Side(5000, {}, {"c": np.arange(5000), "d": np.arange(5000) % 7})
    (x,) = embedded(side, [], {"c": "category", "d": "category"})
    assert x.shape[1] <= WIDTH + 4
