"""What is given: missing cells whatever they are called, values that nobody has, names with blanks."""

from __future__ import annotations

import datetime as dt
import decimal
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sampan as sp
from sampan.cli import main
from sampan.errors import RequestError, WhereError
from sampan.field import Between
from sampan.where import parse

RNG = np.random.default_rng(8)
ROWS = 300
HOLES = RNG.random(ROWS) < 0.3
KINDS: dict[str, Any] = {
    "number": RNG.integers(0, 40, ROWS).astype(float),
    "whole": pd.array(RNG.integers(0, 40, ROWS), dtype="Int64"),
    "category": RNG.choice(["a", "b", "c"], ROWS).astype(object),
    "yes": pd.array(RNG.random(ROWS) < 0.5, dtype="boolean"),
    "moment": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 90, ROWS), unit="D"),
    "zoned": pd.date_range("2024-01-01", periods=ROWS, freq="h", tz="Asia/Hong_Kong"),
    "clock": [dt.time(hour) for hour in RNG.integers(0, 24, ROWS)],
    "code": [f"X{number:05d}" for number in RNG.permutation(90_000)[:ROWS]],
    "money": [decimal.Decimal(int(number)) / 4 for number in RNG.integers(0, 400, ROWS)],
}
FRAME = pd.DataFrame({name: pd.Series(values) for name, values in KINDS.items()})
for _name in KINDS:
    FRAME[_name] = FRAME[_name].mask(HOLES)
FRAME = FRAME.assign(never=RNG.integers(0, 9, ROWS), **{" age": RNG.integers(17, 91, ROWS)})
FRAME["persons"] = RNG.integers(1, 6, ROWS).astype(float)


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    return sp.fit(FRAME, steps=30, family=sp.Autoregressive(size=16))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "gone", [None, pd.NaT, pd.NA, float("nan"), np.datetime64("NaT"), decimal.Decimal("NaN")], ids=str
)
def test_a_missing_cell_can_be_given_whatever_it_is_called(model: sp.Generator, name: str, gone: Any) -> None:
    made = model.sample(20, given={name: gone}, seed=1)
    assert made[name].isna().all() and made["never"].notna().all()
    with pytest.raises(RequestError, match="never") as caught:
        model.sample(20, given={"never": gone})
    assert "had none" in caught.value.what and caught.value.fix.startswith("For example")


def test_what_is_advised_of_a_given_value_is_whole_for_a_shell(model: sp.Generator) -> None:
    with pytest.raises(RequestError) as caught:
        model.sample(2, given={"moment": "2020-13-45"})
    words = shlex.split(caught.value.fix.removeprefix("For example: "))
    assert words[0] == "--given" and len(words) == 2
    assert len(model.sample(2, given=dict([words[1].split("=", 1)]))) == 2


def test_missing_cells_of_given_rows_stay_missing(model: sp.Generator) -> None:
    given = FRAME[["moment", "category"]].head(40)
    made = model.sample(given=given)
    assert all(made[name].isna().equals(given[name].isna()) for name in given)
    assert made["moment"].equals(given["moment"])
    with pytest.raises(RequestError, match="row 2 of 3"):
        model.sample(given=pl.DataFrame({"never": [1, None, 2]}))


def test_the_command_line_gives_missing_as_nothing(
    model: sp.Generator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model.save(tmp_path / "model")
    line = ["sample", str(tmp_path / "model"), "-n", "6", "-o", str(tmp_path / "new.csv")]
    assert main([*line, "--given", "moment=", "--given", "number=", "--given", "age=30"]) == 0
    made = pd.read_csv(tmp_path / "new.csv")
    assert made["moment"].isna().all() and made["number"].isna().all() and (made[" age"] == 30).all()
    assert main([*line, "--given", "never="]) == 4
    assert main([*line, "--where", "age > 60 and ` age` <= 70"]) == 0
    assert pd.read_csv(tmp_path / "new.csv")[" age"].between(61, 70).all()
    assert main([*line, "--where", "age = 120"]) == 4
    assert "nearest to 120 is" in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize(
    "given", [{" age": 140}, {" age": -60}, {"persons": 2.5}, {"moment": "2031-01-01"}, {"number": "1e9"}]
)
def test_a_value_that_no_record_could_have_is_refused(model: sp.Generator, given: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="no record could have") as caught:
        model.sample(2, given=given)
    assert "nearest" in caught.value.fix and "from" in caught.value.expected


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("persons = 2.5", "2 and 3"),
        ("` age` = 400", "400 is"),
        ("category = aa", '"a"'),
        ("category = zebra", "3 categories"),
    ],
)
def test_an_impossible_condition_says_what_comes_near(model: sp.Generator, where: str, says: str) -> None:
    with pytest.raises(WhereError, match="No record can satisfy") as caught:
        model.sample(2, where=where)
    assert says in caught.value.expected


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("price = 5000 +- 500", 4500, 5500),
        ("price=5000±500", 4500, 5500),
        ("price == 5000+/-500", 4500, 5500),
        ("price=5000+-500", 4500, 5500),
        ("price = .3 +- .1", 0.2, 0.4),
        ("price = -20 +- 10%", -22, -18),
    ],
)
def test_about_is_between(text: str, low: float, high: float) -> None:
    found: Any = parse(text)
    assert found.column == "price" and found.condition == Between(low, high)
    other: Any = parse(text.replace("==", "=").replace("=", "!="))
    assert other.condition == Between(low, high, negated=True)


@pytest.mark.parametrize(
    "text", ["a < 5 +- 1", "a = red +- 1", "a = 5 +- -1", "a = 1e999 +- 1", "a = true +- 1", "a = 5 +-"]
)
def test_about_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(WhereError) as caught:
        parse(text)
    assert "^" in caught.value.what


def test_about_is_kept_by_every_made_row(model: sp.Generator) -> None:
    made = model.sample(50, where="number = 20 +- 3 and persons = 3 ± 1")
    assert made["number"].between(17, 23).all() and made["persons"].between(2, 4).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.sample(2, where=5), "type int"),
        (lambda m: m.sample(2, where=["never > 3"]), "type list"),
        (lambda m: m.sample(2, where=FRAME["never"] > 3), "type Series"),
        (lambda m: m.sample(2, given=5), "no table"),
        (lambda m: m.sample(given=FRAME["never"]), "to_frame"),
        (lambda m: m.sample(2, given={"number": {"x": 1}}), "is given for"),
        (lambda m: m.fill(None), "no table"),
        (lambda m: m.fill([{"never": 1}]), "DataFrame"),
        (lambda m: sp.fit(FRAME, minutes="1"), "minutes"),  # type: ignore[arg-type]
        (lambda m: sp.fit(FRAME, types=["never"]), "dict"),  # type: ignore[arg-type]
        (lambda m: sp.fit(FRAME, types={"never": sp.Number}), "never"),  # type: ignore[dict-item]
        (lambda m: sp.fit(FRAME, family=5), "families"),  # type: ignore[arg-type]
        (lambda m: sp.fit(FRAME, family=sp.GAN), "families"),  # type: ignore[arg-type]
        (lambda m: sp.fit(FRAME, keep="nobody"), '"nobody"'),
    ],
)
def test_what_cannot_be_meant_is_refused_in_three_parts(model: sp.Generator, call: Any, says: str) -> None:
    with pytest.raises(sp.SampanError) as caught:
        call(model)
    assert says in str(caught.value)
    assert all((caught.value.what, caught.value.expected, caught.value.fix))
