"""Conditions between columns, and on columns that rules compute: every record meets them, drawn as any is."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.data import read
from sampan.errors import WhereError
from sampan.where import evaluate
from sampan.where import read as formula

ROWS = 400
RNG = np.random.default_rng(5)
TOWNS = {"Kowloon": "HK", "Macau": "MO", "Osaka": "JP", "Tokyo": "JP"}


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    count, price = RNG.integers(1, 7, ROWS), RNG.choice([10.0, 25.5, 80.0], ROWS)
    town, day = RNG.choice(list(TOWNS), ROWS), pd.Timestamp("2024-01-01")
    data = pd.DataFrame({"count": count, "price": price, "total": np.round(count * price, 2), "town": town})
    data["country"] = data.town.map(TOWNS)
    data["low"] = np.round(RNG.gamma(3, 20, ROWS), 1)
    data["copy"] = data.low
    data["high"] = np.round(data.low + RNG.integers(0, 60, ROWS) / 10, 1)
    data["day"] = day + pd.to_timedelta(RNG.integers(0, 300, ROWS), unit="D")
    rules = ["total = count * price", "town fixes country", "low <= high", "copy = low"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sp.fit(data, rules=rules, steps=30, progress=False)


@pytest.mark.parametrize(
    "text",
    [
        "total > 200",
        "country = JP and total < 100",
        "copy between 40 and 50",
        "high - low > 3 or low > 100",
        "price > 20 * count",
        "not (low < 60) and weekday(day) = 2",
        "total = 51",
    ],
)
def test_every_record_meets_a_condition_between_columns(model: sp.Generator, text: str) -> None:
    made = model.sample(60, where=text, seed=1)
    assert evaluate(formula(text), read(made).columns).all()
    assert evaluate(formula("total = count * price and low <= high and copy = low"), read(made).columns).all()
    assert (made.town.map(TOWNS) == made.country).all()


def test_what_is_drawn_is_what_is_made_anyway_of_all_that_meet_it(model: sp.Generator) -> None:
    every = model.sample(12_000, seed=2)
    made = model.sample(2_000, where="total > 100 and high - low < 2", seed=3)
    wanted = every[(every.total > 100) & (every.high - every.low < 2)]
    assert len(wanted) > 500
    for name in ("count", "price", "low"):
        error = wanted[name].std() * (1 / len(wanted) + 1 / len(made)) ** 0.5
        assert abs(made[name].mean() - wanted[name].mean()) < 4 * error, name


def test_given_and_where_hold_together(model: sp.Generator) -> None:
    given = pd.DataFrame({"count": [2, 5, 6] * 8, "copy": [40.0, 52.5, 61.0] * 8})
    made = model.sample(given=given, where="total > 100 and high > low", seed=1)
    assert (made["count"] == given["count"]).all() and (made.low == given["copy"]).all()
    assert (made.total > 100).all() and (made.high > made.low).all()


def test_what_cannot_be_is_refused(model: sp.Generator) -> None:
    with pytest.raises(WhereError, match="No record can satisfy"):
        model.sample(5, where="total > 10000")
    with pytest.raises(WhereError, match="not found"):
        model.sample(2, where="price > 1000 * high")
