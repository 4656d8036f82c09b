"""Luck's yardstick: real rows are blamed as rarely as it says, and worse rows are not let off."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.evaluate.look.absence import absence
from sampan.evaluate.look.chance import blamed, bound_of_many, interval, yardsticks
from sampan.evaluate.look.shape import shape
from sampan.evaluate.look.trend import trend
from sampan.evaluate.sides import Side, Sides


def side(rows: int, rng: np.random.Generator, bend: float = 0.0) -> Side:
    x = rng.normal(size=rows)
    y = np.where(rng.random(rows) < 0.1 + bend, np.nan, x + rng.normal(size=rows))
    code = rng.integers(0, 5, rows)
    return Side(rows, {"x": x + bend, "y": y}, {"c": np.where(x > 0, code, code // 2)})


def test_real_rows_are_blamed_less_than_once_in_two_hundred_times() -> None:
    failed = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        # sides of different sizes: the samples that are compared are not
        parts = [side(rows, rng) for rows in (300, 150, 400)]
        sides = Sides(
            *parts,
            kinds={"x": "number", "y": "number", "c": "category"},
            labels={"c": list("abcde")},
            ticks={},
            seed=seed,
        )
        failed += [score.passed for score in shape(sides) + trend(sides) + absence(sides)]
    assert len(failed) == 180
    assert failed.count(False) <= 2  # at 1 in 200 each, three or more happen once in 16 such tests
    assert None not in failed


def test_worse_rows_are_blamed() -> None:
    rng = np.random.default_rng(0)
    sides = Sides(
        side(2000, rng),
        side(2000, rng),
        side(2000, rng, bend=0.25),
        {"x": "number", "y": "number", "c": "category"},
        {"c": list("abcde")},
        {},
    )
    (found,) = shape(sides)
    assert found.passed is False
    assert found.parts[0].name == "x"
    (found,) = absence(sides)
    assert found.passed is False


def test_yardsticks_are_multiples_of_the_root_mean_square_of_luck() -> None:
    luck = np.array([[3.0, 0.0], [-4.0, 0.0]])
    assert yardsticks(np.array([5.0, 0.0]), luck).tolist() == [pytest.approx(5 / np.sqrt(12.5)), 0.0]
    assert blamed(np.array([20.0, 1.0]), luck).tolist() == [True, True]  # luck never moved the second
    assert blamed(np.array([-20.0, 0.0]), luck).tolist() == [False, False]


def test_the_more_parts_the_more_one_must_stand_out() -> None:
    bounds = [bound_of_many(parts) for parts in (1, 10, 100, 4950)]
    assert bounds == sorted(bounds)
    draws = np.abs(np.random.default_rng(0).normal(size=(2000, 100)))
    assert (draws.max(axis=1) > bounds[2]).mean() < 0.005


def test_an_interval_surrounds_its_figure_and_stays_in_range() -> None:
    assert interval(50.0, 1.0) == (pytest.approx(48.04), pytest.approx(51.96))
    assert interval(0.5, 1.0)[0] == 0.0
    assert interval(0.99, 0.1, 1.0)[1] == 1.0
    assert np.isnan(interval(1.0, float("nan"))).all()
