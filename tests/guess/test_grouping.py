"""Rows that belong together: repeated keys are never made again, and series and prose are told of first."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan import cli
from sampan.guess import guess

RNG = np.random.default_rng(11)


def events(keys: list[str], rows: int = 400) -> pd.DataFrame:
    whose = np.sort(RNG.integers(0, len(keys), rows))
    return pd.DataFrame(
        {"key": np.array(keys)[whose], "sum": RNG.integers(0, 50, rows), "x": RNG.choice(["p", "q"], rows)}
    )


KEYS = {
    "customer_id": [f"C{number:04d}" for number in range(90)],
    "patientNo": [f"P-{number * 37:05d}" for number in range(60)],
    "客戶編號": [f"HK{number:05d}" for number in range(120)],
    "Account Number": [str(10_000_000 + number * 7_919) for number in range(80)],
    "user": [f"u{number}x{number * 3}" for number in range(70)],
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_repeats_is_never_made_and_repeats_as_often(name: str) -> None:
    table = events(KEYS[name]).rename(columns={"key": name})
    with pytest.warns(sp.Notice, match="belong together"):
        model = sp.fit(table, steps=2, family=sp.Autoregressive(size=8))
    made = model.sample(400, seed=1)
    assert not set(made[name]) & set(KEYS[name])
    often = 400 / made[name].nunique()
    assert 0.5 * 400 / table[name].nunique() < often < 2 * 400 / table[name].nunique()
    assert any(f'"{name}"' in note for note in model.notes)


@pytest.mark.parametrize("name", ["product_id", "store_id", "visit_no", "Region code", "grade"])
def test_kinds_of_rows_are_no_keys(name: str) -> None:
    kinds = [f"{number}" for number in range(1, 31)]
    found = guess(sp.read(events(kinds).rename(columns={"key": name})).columns)
    assert found.fields[name].kind in ("category", "number") and not found.notices


@pytest.mark.parametrize("name", ["loan", "staff_num", "number of users", "claim"])
def test_amounts_are_no_keys(name: str) -> None:
    amounts = [f"{number}" for number in range(500, 6_500, 100)]
    table = events(amounts).rename(columns={"key": name}).astype({name: int})
    found = guess(sp.read(table).columns)
    assert found.fields[name].kind == "number" and not any("belong" in one for one in found.notices)


def test_a_key_can_be_learned_as_it_is() -> None:
    table = sp.read(events(KEYS["customer_id"]).rename(columns={"key": "customer_id"}))
    found = guess(table.columns, types={"customer_id": "category"})
    assert found.fields["customer_id"].kind == "category"
    assert not any("customer_id" in notice for notice in found.notices)


DAYS = pd.date_range("2023-01-02", periods=120, freq="D")
SERIES = {
    "every day": pd.DataFrame({"day": DAYS, "v": RNG.normal(size=120)}),
    "business days as text": pd.DataFrame(
        {"when": pd.bdate_range("2023-01-02", periods=120).strftime("%d/%m/%Y"), "v": RNG.normal(size=120)}
    ),
    "months, newest first": pd.DataFrame(
        {"month": pd.date_range("2010-01-01", periods=100, freq="MS")[::-1], "v": RNG.normal(size=100)}
    ),
    "a date and a ticker": pd.DataFrame(
        [(day, ticker, RNG.normal()) for day in DAYS[:60] for ticker in ("AA", "BB", "CC")],
        columns=["date", "ticker", "close"],
    ),
    "times of each patient": pd.DataFrame(
        {
            "ward": np.repeat([f"w{number}" for number in range(30)], 10),
            "taken": np.concatenate(
                [np.sort(RNG.choice(DAYS.to_numpy(), 10, replace=False)) for _ in range(30)]
            ),
            "v": RNG.integers(0, 50, 300),
        }
    ),
    "hours in four columns": pd.DataFrame(
        {"year": 2024, "month": 5, "day": np.arange(240) // 24 + 1, "hour": np.arange(240) % 24, "v": 1.5}
    ),
    "prices without a date": pd.DataFrame(
        {"price": 50 + RNG.normal(size=1500).cumsum(), "volume": RNG.integers(1, 900, 1500)}
    ),
}


@pytest.mark.parametrize("table", SERIES.values(), ids=SERIES)
def test_a_series_is_told_of_before_learning(table: pd.DataFrame) -> None:
    [notice] = [one for one in guess(sp.read(table).columns).notices if "belong together" in one]
    assert "series" in notice and "one by one" in notice


def test_rows_that_only_have_dates_are_no_series() -> None:
    one = events(["a", "b", "c"], 400)
    dates = RNG.choice(DAYS.to_numpy(), 400)
    for table in (
        one.assign(day=dates),
        one.assign(day=np.sort(dates)),
        one.assign(day=dates).sort_values(["key", "sum"]),
        one.assign(born=pd.Timestamp("1950-01-01") + pd.to_timedelta(RNG.integers(0, 20_000, 400), unit="D")),
        one.assign(a=np.sort(RNG.normal(size=400)), b=np.sort(RNG.normal(size=400))),
    ):
        together = [note for note in guess(sp.read(table).columns).notices if "belong together" in note]
        assert not together


def test_the_command_line_tells_of_rows_together_and_of_prose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SERIES["a date and a ticker"].to_csv(tmp_path / "series.csv", index=False)
    assert cli.main(["schema", str(tmp_path / "series.csv")]) == 0
    said = capsys.readouterr()
    assert "belong together" in " ".join((said.out + said.err).split())
    words = "the quick brown fox jumps over a lazy dog and never comes back again".split()
    prose = [" ".join(RNG.permutation(words)) + f" {number}" for number in range(120)]
    found = guess(sp.read(pd.DataFrame({"review": prose, "label": RNG.choice(["good", "bad"], 120)})).columns)
    assert any("cannot be modelled as rows" in note and '"label"' in note for note in found.notices)


def test_a_series_by_its_index_is_told_of() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = sp.fit(pd.DataFrame({"v": RNG.integers(0, 9, 120)}, index=DAYS), steps=1)
    assert "row index" in str(caught[0].message) and any("belong together" in note for note in model.notes)
