"""Kinds of columns: what went in comes back as that, or it is said what becomes of it."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import functools
import json
import uuid
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

import sampan
from sampan.column import from_strings
from sampan.data import read
from sampan.data.objects import nested_of, objects_of, stood_for
from sampan.data.sink import write_stream
from sampan.guess import guess

ROWS = 120
RNG = np.random.default_rng(5)
WHOLE = RNG.integers(0, 50, ROWS)
DAYS = [dt.date(2024, 3, 1 + int(day)) for day in RNG.integers(0, 28, ROWS)]
CLOCK = [dt.time(int(hour) % 24, int(hour) % 60, 7) for hour in RNG.integers(0, 900, ROWS)]
MONEY = np.round(RNG.uniform(10, 900, ROWS), 2)


def objects(cells: list[Any]) -> pd.Series:
    out = np.empty(ROWS, dtype=object)
    for place in range(ROWS):
        out[place] = cells[place % len(cells)]
    return pd.Series(out)


PANDAS = {
    "float32": pd.Series(MONEY.astype("f4")),
    "float16": pd.Series(np.round(RNG.uniform(1, 9, ROWS), 1).astype("f2")),
    "uint64": pd.Series(RNG.integers(0, 2**63, ROWS, dtype="u8") * 2 + 1),
    "beyond 64 bits": objects([10**21 + int(number) for number in RNG.permutation(10**5)[:ROWS]]),
    "decimals": objects([decimal.Decimal(int(100 * value)).scaleb(-2) for value in MONEY]),
    "times": objects(CLOCK),
    "durations": pd.Series(pd.to_timedelta(WHOLE, unit="min")),
    "Python durations": objects([dt.timedelta(hours=int(hours)) for hours in WHOLE]),
    "dates": objects(DAYS),
    "timestamps": objects([pd.Timestamp(day) for day in DAYS]),
    "intervals": objects([pd.Interval(0, 1.5, closed="left"), pd.Interval(1.5, 4.0, closed="left")]),
    "interval dtype": pd.Series(pd.arrays.IntervalArray(pd.cut(MONEY, [0, 100, 500, 999], right=False))),
    "cut": pd.Series(pd.cut(MONEY, [0, 100, 500, 999])),
    "lists": objects([[1, 2], [], [3]]),
    "lists of texts": objects([["a"], ["b", "c"], None]),
    "arrays": objects([np.array([1.5, 2.0]), np.array([3.0])]),
    "tuples": objects([("a", 1), ("b", 2)]),
    "sets": objects([{1, 2}, {3}]),
    "dicts": objects([{"a": 1}, {"b": [2]}]),
    "UUIDs": objects([uuid.UUID(int=int(number) << 60) for number in RNG.permutation(10**6)[:ROWS]]),
    "few UUIDs": objects([uuid.UUID(int=number) for number in range(4)]),
    "fractions": objects([fractions.Fraction(1, 3), fractions.Fraction(2, 3)]),
    "few complex": pd.Series(np.array([1 + 2j, 3j])[np.arange(ROWS) % 2]),
    "bytes": objects([b"ab", b"\xff\x00", b"c"]),
    "Int16": pd.Series(WHOLE).astype("Int16").mask(WHOLE < 5),
    "Float32": pd.Series(MONEY).astype("Float32").mask(WHOLE < 5),
    "boolean": pd.Series(WHOLE < 20).astype("boolean").mask(WHOLE < 5),
    "string": pd.Series(np.array(["a", "b"])[WHOLE % 2]).astype("string").mask(WHOLE < 5),
    "whole categories": pd.Series(WHOLE % 3).astype("category"),
    "days as categories": pd.Series(pd.to_datetime(DAYS[:3] * 40)).astype("category"),
    "ordered": pd.Series(pd.Categorical(["S", "M", "L"] * 40, ["S", "M", "L", "XL"], ordered=True)),
    "months": pd.Series(pd.period_range("2020-01", periods=24, freq="M").to_numpy()[WHOLE % 24]),
    "quarters": pd.Series(pd.period_range("2020Q1", periods=8, freq="Q").to_numpy()[WHOLE % 8]),
    "sparse": pd.Series(pd.arrays.SparseArray(np.where(WHOLE < 20, 0.0, 1.5))),
    "zoned": pd.Series(pd.date_range("2024-01-01", periods=ROWS, freq="37h", tz="Asia/Hong_Kong")),
    "Arrow times": pd.Series(CLOCK).astype(pd.ArrowDtype(pa.time32("s"))),
    "objects of whole numbers": objects([int(number) for number in WHOLE]),
}
POLARS = {
    "time": pl.Series(CLOCK),
    "duration": pl.Series([dt.timedelta(seconds=int(seconds)) for seconds in WHOLE]),
    "list": pl.Series([["x"], ["y", "z"], []] * 40),
    "array": pl.Series([[1, 2], [3, 4]] * 60, dtype=pl.Array(pl.Int64, 2)),
    "struct": pl.Series([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 60),
    "decimal": pl.Series([decimal.Decimal(int(100 * value)).scaleb(-2) for value in MONEY]),
    "enum": pl.Series(["S", "M", "L"] * 40, dtype=pl.Enum(["S", "M", "L"])),
    "objects": pl.Series([uuid.UUID(int=number % 4) for number in range(ROWS)], dtype=pl.Object),
    "nothing": pl.Series([None] * ROWS),
    "uint64": pl.Series(PANDAS["uint64"].to_numpy()),
}
ARROW = {
    "time64": pa.array(CLOCK, pa.time64("us")),
    "duration": pa.array([dt.timedelta(seconds=int(seconds)) for seconds in WHOLE]),
    "list": pa.array([[1.5, None], [2.0], None] * 40),
    "list of lists": pa.array([[["a"], []], [["b"]]] * 60),
    "fixed list": pa.array([[1, 2], [3, 4]] * 60, pa.list_(pa.int16(), 2)),
    "struct": pa.array([{"when": DAYS[0], "much": decimal.Decimal("1.50")}, None] * 60),
    "decimal128": pa.array([decimal.Decimal(int(100 * value)).scaleb(-2) for value in MONEY]),
    "decimal256": pa.array(
        [decimal.Decimal(int(100 * value)).scaleb(-2) for value in MONEY], pa.decimal256(50, 2)
    ),
    "ordered dictionary": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2] * 40, pa.int8()), pa.array(["S", "M", "L"]), ordered=True
    ),
    "float16": pa.array(PANDAS["float16"].to_numpy()),
}


def learned(frame: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sampan.fit(frame, steps=20, seed=1)
        return model.sample(60), model


@functools.cache
def made_of(library: str) -> Any:
    """Made rows of one frame that holds every kind of a library."""
    frames = {
        "pandas": (pd.DataFrame, PANDAS),
        "polars": (pl.DataFrame, POLARS),
        "pyarrow": (pa.table, ARROW),
    }
    maker, kinds = frames[library]
    return learned(maker({**kinds, "other": WHOLE % 3}))[0]


@pytest.mark.parametrize("kind", PANDAS)
def test_pandas_kinds_come_back(kind: str) -> None:
    made = made_of("pandas")[kind]
    cells = made.dropna()
    assert made.dtype == PANDAS[kind].dtype and len(cells)
    assert {type(cell) for cell in cells} <= {type(cell) for cell in PANDAS[kind].dropna()}


@pytest.mark.parametrize("kind", POLARS)
def test_polars_kinds_come_back(kind: str) -> None:
    made = made_of("polars")[kind]
    assert made.dtype == POLARS[kind].dtype and (kind == "nothing" or made.null_count() < len(made))


@pytest.mark.parametrize("kind", ARROW)
def test_arrow_kinds_come_back(kind: str) -> None:
    made = made_of("pyarrow").column(kind)
    assert made.type == ARROW[kind].type and made.null_count < len(made)


SAID = {
    "lists of their own": objects([[float(value)] for value in RNG.normal(size=ROWS)]),
    "complex numbers": pd.Series(RNG.normal(size=ROWS) + 1j),
    "a mixture": objects([1, "one", 2.5]),
    "objects of a stranger": objects([Path("a"), Path("b")]),
    "lists of dates": objects([[DAYS[0]], [DAYS[1], DAYS[2]]]),
}


@pytest.mark.parametrize("kind", SAID)
def test_what_does_not_come_back_is_said(kind: str) -> None:
    table = read(pd.DataFrame({"kind": SAID[kind], "other": WHOLE % 3}))
    assert any('"kind"' in note for note in (*table.notes, *guess(table.columns).notices))


def test_bytes_are_left_out_and_that_is_said() -> None:
    found = guess(read(pa.table({"b": pa.array([b"ab", b"\xff"] * 20)})).columns)
    assert found.fields["b"].kind == "omitted" and '"b"' in found.notices[0]


def test_wide_numbers_are_made_in_range_and_never_a_real_one() -> None:
    for kind, limit in (("uint64", 2**64), ("beyond 64 bits", 10**22)):
        made = made_of("pandas")[kind]
        assert not set(made) & set(PANDAS[kind]) and all(0 <= number < limit for number in made)


def test_lists_go_from_parquet_to_parquet(tmp_path: Path) -> None:
    table = pa.table({"kind": pa.array([["a", "b"], [], None] * 40), "other": WHOLE % 3})
    pyarrow.parquet.write_table(table, tmp_path / "in.parquet")
    made, model = learned(tmp_path / "in.parquet")
    assert {type(cell) for cell in made["kind"]} <= {list, type(None)}
    write_stream(tmp_path / "out.parquet", model.blocks(80))
    back = pyarrow.parquet.read_table(tmp_path / "out.parquet").column("kind")
    assert back.type.value_type == pa.string() and set(map(str, back.to_pylist())) <= {
        "['a', 'b']",
        "[]",
        "None",
    }
    write_stream(tmp_path / "out.csv", model.blocks(80))
    assert json.loads(pd.read_csv(tmp_path / "out.csv")["kind"].dropna().iloc[0]) in (["a", "b"], [])


def test_a_saved_model_makes_the_same_kinds(tmp_path: Path) -> None:
    frame = pd.DataFrame({"u": PANDAS["UUIDs"], "s": PANDAS["sets"], "l": PANDAS["lists"], "o": WHOLE % 3})
    _, model = learned(frame)
    model.save(tmp_path / "model")
    made = sampan.load(tmp_path / "model").sample(20)
    assert [type(made[name][0]) for name in "usl"] == [uuid.UUID, set, list]


def test_texts_that_stand_for_nothing_stay_texts() -> None:
    assert objects_of(from_strings(["[1]"])) is None and nested_of(from_strings(["[1]"])) is None
    assert stood_for([{1: 2}, {3: 4}]) is None  # JSON would make "1" of the key
    assert stood_for(["a"]) is None and stood_for([None]) is None


def test_ordered_types_are_asked_by_their_order() -> None:
    made = [
        pd.DataFrame({"size": PANDAS["ordered"], "o": WHOLE % 3}),
        pa.table({"size": ARROW["ordered dictionary"], "o": WHOLE % 3}),
    ]
    for frame in made:
        _, model = learned(frame)
        some = model.sample(40, where='size > "S"')["size"]
        assert {str(cell) for cell in some} == {"M", "L"}


def test_whole_numbers_beyond_what_sqlite_counts_to_keep_every_digit(tmp_path: Path) -> None:
    table = read(pd.DataFrame({"hash": PANDAS["uint64"], "clock": PANDAS["times"], "list": PANDAS["lists"]}))
    write_stream(tmp_path / "out.db", [table.columns])
    back = read(tmp_path / "out.db").columns
    assert [int(cell) for cell in back["hash"].to_pylist()] == PANDAS["uint64"].tolist()
    assert back["list"][0].as_py() == "[1, 2]" and back["clock"][0].as_py() == CLOCK[0].isoformat()
