"""The check finds what is wrong, and only that."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.evaluate.check import Check, check, copies, sample
from sampan.evaluate.columns import Kind

KINDS: dict[str, Kind] = {"age": "number", "pay": "number", "job": "category", "年資": "number"}


def people(rows: int, seed: int) -> dict[str, Column]:
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, rows)
    pay = age * 100 + rng.normal(0, 500, rows)
    job = np.where(pay + rng.normal(0, 500, rows) > 4200, "chief", "clerk")
    tenure = np.where(rng.random(rows) < 0.1, np.nan, rng.exponential(5, rows))
    return {
        "age": Array.from_numpy(age),
        "pay": Array.from_numpy(pay),
        "job": from_strings(job.tolist()),
        "年資": Array(
            [None if math.isnan(value) else value for value in tenure.tolist()], DataType.float64()
        ),
    }


REAL, ASIDE, MADE = people(6000, 0), people(3000, 1), people(6000, 2)


@pytest.fixture(scope="module")
def good() -> Check:
    return check(REAL, ASIDE, MADE, KINDS)


def test_rows_of_the_same_world_are_as_close_as_real_rows(good: Check) -> None:
    assert good.rows == 3000
    assert "as close to the real ones as real rows" in good.verdict
    assert good.look_at == []
    assert len(good.columns) == 4 and len(good.pairs) == 6
    assert 0 < good.column_floor < 3 and 0 < good.pair_floor < 5


def test_one_wrong_column_is_found_and_named() -> None:
    made = MADE | {"age": Array.from_numpy(np.random.default_rng(3).normal(50, 10, 6000))}
    found = check(REAL, ASIDE, made, KINDS)
    assert found.look_at == ["age"]
    assert found.columns[0].name == "age"
    assert "age" in found.verdict


def test_columns_made_one_by_one_have_wrong_pairs_only() -> None:
    rng = np.random.default_rng(4)
    made = {
        name: sample({name: column}, [name], 6000, rng)[name]
        if name != "pay"
        else Array.from_numpy(rng.permutation(MADE["pay"].to_numpy()))
        for name, column in MADE.items()
    }
    found = check(REAL, ASIDE, made, KINDS)
    assert found.look_at == []
    assert {found.pairs[0].a, found.pairs[0].b} == {"age", "pay"}
    assert found.stands_out(found.pairs[0])
    assert "not close yet" in found.verdict


def test_rows_learned_by_heart_are_found() -> None:
    found = check(REAL, ASIDE, REAL, KINDS)
    assert found.copies == 100 and found.copies_floor == 0
    assert "by heart" in found.copies_verdict
    assert "No more" in check(REAL, ASIDE, MADE, KINDS).copies_verdict


def test_copies_are_equal_in_every_cell() -> None:
    kinds: dict[str, Kind] = {"x": "number", "y": "category"}

    def table(x: list[float | None], y: list[str | None]) -> dict[str, Column]:
        return {"x": Array(x, DataType.float64()), "y": from_strings(y)}

    real = table([0.0, 1.0, None], ["a", "b", None])
    made = table([-0.0, 1.0, None, None], ["a", "a", None, "b"])
    assert copies(real, [made], kinds) == [50.0]


def test_the_json_is_plain_and_complete(good: Check) -> None:
    told = json.loads(json.dumps(good.to_json(), allow_nan=False))
    assert told["rows"] == 3000
    assert [column["name"] for column in told["columns"]] == [column.name for column in good.columns]
    assert len(told["pairs"]) == 6


def test_the_lines_are_aligned_and_say_the_figures(good: Check) -> None:
    lines = good.lines()
    assert lines[0] == good.verdict
    assert any(
        f"{good.column_error:.2f} %" in line and f"{good.column_floor:.2f} %" in line for line in lines
    )
    ends = {len(line) for line in lines[1:-1] if "年" not in line}
    assert len(ends) == 1


def test_missing_cells_that_come_out_wrong_are_told() -> None:
    whole = np.random.default_rng(5).exponential(5, 6000)
    found = check(REAL, ASIDE, MADE | {"年資": Array.from_numpy(whole)}, KINDS)
    assert any("missing cells of 年資" in line and "-" in line for line in found.lines())


def test_without_rows_kept_aside_there_is_no_floor() -> None:
    empty = sample(REAL, KINDS, 0, np.random.default_rng(0))
    found = check(REAL, empty, MADE, KINDS)
    assert math.isnan(found.column_floor) and math.isnan(found.copies_floor)
    assert "kept aside" in found.verdict
    assert found.to_json()["column_floor"] is None
    assert found.lines()


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_a_handful_of_rows_is_not_judged(rows: int) -> None:
    rng = np.random.default_rng(0)
    few = sample(REAL, KINDS, rows, rng)
    found = check(few, few, few, KINDS)
    assert "Too few rows" in found.verdict
    assert json.dumps(found.to_json(), allow_nan=False)
    assert found.lines()


def test_no_columns_is_said() -> None:
    assert "no column" in check(REAL, ASIDE, MADE, {}).verdict


def test_one_seed_one_result(good: Check) -> None:
    assert check(REAL, ASIDE, MADE, KINDS) == good
    assert check(REAL, ASIDE, MADE, KINDS, seed=1) != good
