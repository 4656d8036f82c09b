"""Does `given` hold? Conditionals that are broken while every column by itself is right."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.sdmetrics_measures import array_error
from sampan.evaluate.given import given
from sampan.evaluate.sides import Side, Sides, independent


def real(seed: int, rows: int = 1500) -> Side:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, rows)
    x = rng.normal(size=rows) + 2.0 * group
    return Side(rows, {"x": x}, {"g": group, "h": np.where(rng.random(rows) < 0.7, group, 0)})


def three(made: Side) -> Sides:
    kinds = {"x": "number", "g": "category", "h": "category"}
    return Sides(real(0), real(1), made, kinds, {"g": list("abc"), "h": list("uvw")}, {})  # type: ignore[arg-type]


def test_real_rows_hold_and_independent_columns_do_not() -> None:
    (fine,) = given(three(real(2)))
    assert fine.passed is True
    assert fine.low <= fine.value <= fine.high
    assert {part.name for part in fine.parts} >= {"g = a", "g = b", "g = c", "h = u"}
    (loose,) = given(three(independent(real(2), np.random.default_rng(0))))
    assert loose.passed is False
    assert loose.value == pytest.approx(fine.reference, abs=3.0)
    assert loose.parts[0].passed is False


def test_a_condition_is_the_mean_of_its_columns_errors() -> None:
    # 300 rows of each value on every side: every row is compared
    rows = np.arange(900)
    rng = np.random.default_rng(0)
    sides = [
        Side(900, {"x": np.round(rng.normal(size=900) + rows // 300, 0)}, {"g": rows // 300})
        for _ in range(3)
    ]
    (found,) = given(
        Sides(*sides, kinds={"x": "number", "g": "category"}, labels={"g": list("abc")}, ticks={})
    )
    for code, name in enumerate("abc"):
        part = next(part for part in found.parts if part.name == f"g = {name}")
        meets = rows // 300 == code
        seen, unseen, made = (side.numbers["x"][meets] for side in sides)
        assert part.value == pytest.approx(array_error(seen, made, "number"))
        assert part.floor == pytest.approx(array_error(seen, unseen, "number"))


def test_rows_made_under_a_given_stand_in_for_those_that_meet_it() -> None:
    asked = real(3)
    ask = asked.take(asked.codes["g"] == 1)
    bent = Side(ask.rows, {"x": ask.numbers["x"] + 3.0}, dict(ask.codes))
    (right,) = given(three(real(2)), {("g", "b"): ask})
    (wrong,) = given(three(real(2)), {("g", "b"): bent})
    assert right.passed is True and right.facts["asked"] == 1.0
    assert wrong.passed is False
    assert wrong.facts["worst"] == "g = b" and wrong.facts["worst_column"] == "x"
    assert [part.name for part in wrong.parts if part.passed is False] == ["g = b"]


def test_where_nothing_can_be_conditioned_on_there_is_no_score() -> None:
    assert given(three(real(2, 50))) == []
    one = Side(500, {"x": np.arange(500.0)}, {})
    assert given(Sides(one, one, one, {"x": "number"}, {}, {})) == []
