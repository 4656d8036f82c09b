"""fill: only holes change; index, order, types and strangers stay; by draws, or with the likeliest value."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sampan as sp
from sampan.cli import main
from sampan.errors import DataError, RequestError

RNG = np.random.default_rng(3)
ROWS = 1_200  # of 400, a price beside a hole is known too loosely to compare two ways of asking
COLOUR = RNG.choice(["red", "green", "blue"], ROWS, p=[0.6, 0.3, 0.1])
SIZE = np.where(COLOUR == "red", 10, 40) + RNG.integers(0, 5, ROWS)
TABLE = pd.DataFrame(
    {
        "colour": COLOUR,
        "size": SIZE.astype("int32"),
        "price": np.round(SIZE * 1.5 + RNG.normal(0, 1, ROWS), 2),
        "day": pd.Timestamp("2024-03-01") + pd.to_timedelta(RNG.integers(0, 60, ROWS), unit="D"),
        "rare": np.where(RNG.random(ROWS) < 0.2, None, RNG.choice(["a", "b"], ROWS)),
    }
)
HOLED = TABLE.head(40).copy()
HOLED.loc[::4, "colour"] = None
HOLED.loc[1::4, "price"] = np.nan
HOLED.loc[2::4, "day"] = pd.NaT

INDEXES = {
    "range": pd.RangeIndex(100, 180, 2),
    "text": pd.Index([f"row {number}" for number in range(40)], name="id"),
    "moments": pd.date_range("2020-01-01", periods=40, freq="h"),
    "several": pd.MultiIndex.from_tuples([(n // 7, "ab"[n % 2]) for n in range(40)], names=["x", None]),
    "repeated": pd.Index(RNG.integers(0, 9, 40)),
}


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    return sp.fit(TABLE, steps=150, seed=0)


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_index_order_types_and_other_columns_stay(model: sp.Generator, index: pd.Index) -> None:
    columns = ["price", "rare", "extra", "day", "colour", "size", "odd"]
    holes = HOLED.assign(extra=[{"any": n} for n in range(40)], odd=pd.Categorical(["x", None] * 20))
    holes = holes.set_index(index)[columns]
    full = model.fill(holes)
    assert list(full.columns) == columns and full.dtypes.to_dict() == holes.dtypes.to_dict()
    pd.testing.assert_index_equal(full.index, holes.index, exact=True)
    assert full[["colour", "price", "day", "rare", "size"]].notna().all(axis=None)
    assert all(kept is own for kept, own in zip(full["extra"], holes["extra"], strict=True))
    pd.testing.assert_series_equal(full["odd"], holes["odd"])
    for name in columns:
        there = holes[name].notna().to_numpy()
        assert (full[name][there] == holes[name][there]).all(), name
    assert holes["colour"].isna().sum() == 10  # the user's own frame is as it was
    given = holes[["size"]]
    pd.testing.assert_frame_equal(model.sample(given=given)[["size"]], given)
    several = model.fill(holes, times=2)
    pd.testing.assert_index_equal(several[1].index, holes.index)


def test_polars_keeps_other_columns_too(model: sp.Generator) -> None:
    holes = pl.from_pandas(HOLED).with_columns(odd=pl.lit(None), kept=pl.lit([1, 2]), size=pl.col("size"))
    full = model.fill(holes)
    assert full.schema == holes.schema and full["kept"].equals(holes["kept"])
    assert full.select("colour", "price", "day", "rare").null_count().sum_horizontal().item() == 0


def test_a_word_that_means_missing_is_filled(tmp_path: Path, model: sp.Generator) -> None:
    text = HOLED.astype({"price": object}).astype(str).assign(price=["n/a", *HOLED["price"].astype(str)[1:]])
    full = model.fill(pl.from_pandas(text.replace({"nan": None, "NaT": None, "None": None})))
    assert full["price"].cast(pl.Float64).null_count() == 0


def test_a_value_never_learned_stays_and_all_others_are_served(model: sp.Generator) -> None:
    holes = HOLED.copy()
    holes.loc[[5, 9], "colour"] = "mauve"
    with pytest.warns(sp.Notice, match='"colour": rows 6, 10: "mauve"') as caught:
        full = model.fill(holes)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert (full.loc[[5, 9], "colour"] == "mauve").all() and full.notna().all(axis=None)
    plain = model.fill(HOLED)
    rest = [row for row in range(40) if row not in (5, 9)]
    assert (full.loc[rest, "size"] == plain.loc[rest, "size"]).all()
    with pytest.raises(DataError, match="mauve"):  # not a stray value: another column
        model.fill(HOLED.assign(colour="mauve"))


def test_log_prob_of_what_was_never_learned_is_said_and_costs_only_its_row(model: sp.Generator) -> None:
    records = TABLE.head(30).copy()
    records.loc[3, "colour"] = "mauve"
    records.loc[7, "price"] = np.nan  # a column that never had a missing cell
    with pytest.warns(sp.Notice, match="-inf") as caught:
        known = model.log_prob(records)
    assert '"price": row 8' in str(caught[0].message) and "mauve" in str(caught[0].message)
    assert np.flatnonzero(np.isneginf(known)).tolist() == [3, 7]
    whole = model.log_prob(TABLE.head(30))
    rest = [row for row in range(30) if row not in (3, 7)]
    np.testing.assert_allclose(known[rest], whole[rest], rtol=1e-5)


def test_the_likeliest_value_is_nearer_than_a_draw_and_does_not_depend_on_the_seed(
    model: sp.Generator,
) -> None:
    lost = TABLE.assign(price=TABLE["price"].where(np.arange(ROWS) % 2 == 0))
    lost["colour"] = TABLE["colour"].where(np.arange(ROWS) % 3 > 0)
    best = model.fill(lost, how="likeliest", seed=1)
    pd.testing.assert_frame_equal(best, model.fill(lost, how="likeliest", seed=2))
    assert (best["price"].round(2) == best["price"]).all() and best.dtypes.to_dict() == TABLE.dtypes.to_dict()
    one = model.fill(lost)
    holes = lost["price"].isna()

    def far(full: pd.DataFrame) -> float:
        return float(((full["price"] - TABLE["price"])[holes] ** 2).mean())

    assert far(best) < 0.8 * far(one)
    holes = lost["colour"].isna()
    right = [(full["colour"] == TABLE["colour"])[holes].mean() for full in (best, one)]
    assert right[0] > right[1]


def test_the_likeliest_value_is_the_mean_of_many_draws(model: sp.Generator) -> None:
    lost = TABLE.head(30).assign(price=np.nan, day=pd.NaT).astype({"day": "datetime64[ns]"})
    draws = model.fill(lost, times=40)
    mean = np.mean([one["price"] for one in draws], axis=0)
    best = model.fill(lost, how="likeliest")
    spread = np.std([one["price"] for one in draws], axis=0)
    assert (np.abs(best["price"] - mean) < 4 * spread / 40**0.5 + 0.5).all()
    assert best["day"].between(TABLE["day"].min(), TABLE["day"].max()).all()


@pytest.mark.parametrize("family", ["diffusion", "vae"])
def test_every_family_knows_the_likeliest(family: str) -> None:
    other = sp.fit(TABLE, steps=3, family=family)
    best = other.fill(HOLED, how="likeliest")
    assert best.notna().all(axis=None)
    pd.testing.assert_frame_equal(best, other.fill(HOLED, how="likeliest", seed=5))


def test_several_fills_are_a_list_of_draws(model: sp.Generator) -> None:
    draws = model.fill(HOLED, times=3, seed=4)
    assert len(draws) == 3 and draws[0].equals(model.fill(HOLED, seed=4))
    assert all(not one.equals(other) for one, other in itertools.combinations(draws, 2))
    again = model.fill(HOLED, times=np.int64(3), seed=4)
    assert all(one.equals(other) for one, other in zip(draws, again, strict=True))
    assert len(model.fill(HOLED, times=1)) == 1
    refused: list[dict[str, Any]] = [
        {"how": "best"},
        {"times": 0},
        {"times": 2, "how": "likeliest"},
        {"how": None},
    ]
    for odd in refused:
        with pytest.raises(RequestError) as caught:
            model.fill(HOLED, **odd)
        assert all((caught.value.what, caught.value.expected, caught.value.fix))


def test_the_command_line_fills_with_the_likeliest_several_times_and_says_what_it_left(
    model: sp.Generator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model.save(tmp_path / "model")
    holes = HOLED.copy()
    holes.loc[5, "colour"] = "mauve"
    holes.to_csv(tmp_path / "holes.csv", index=False)
    line = ["fill", str(tmp_path / "model"), str(tmp_path / "holes.csv"), "-o", str(tmp_path / "new.csv")]
    assert main([*line, "--how", "likeliest"]) == 0
    assert 'row 6: "mauve"' in " ".join(capfd.readouterr().err.split())
    best = pd.read_csv(tmp_path / "new.csv")
    assert best.notna().all(axis=None) and list(best.columns) == list(HOLED.columns)
    assert main([*line, "--times", "3"]) == 0
    long = pd.read_csv(tmp_path / "new.csv")
    assert list(long.columns) == ["imputation", *HOLED.columns] and len(long) == 120
    assert long["imputation"].value_counts().to_dict() == {1: 40, 2: 40, 3: 40}
    assert main([*line, "--how", "bets"]) == 2
    assert "likeliest" in capfd.readouterr().err
    assert main([*line, "--times", "3", "--how", "likeliest"]) == 4


def test_nothing_is_said_where_nothing_was_left(model: sp.Generator) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fill(HOLED)
        model.log_prob(TABLE.head(5))
