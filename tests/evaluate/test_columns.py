"""Column errors against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given
from hypothesis import strategies as st

from sampan.column import from_strings
from sampan.evaluate.columns import (
    ColumnError,
    array_error,
    category_error,
    column_error,
    column_errors,
    counts_error,
    number_error,
    ranks,
    shared_codes,
)

NUMBERS = st.lists(st.integers(-3, 3) | st.none(), min_size=1, max_size=12)


def numbers(values: list[float | None] | list[int | None]) -> Array:
    return Array([None if value is None else float(value) for value in values], DataType.float64())


@given(NUMBERS, NUMBERS)
def test_a_number_error_is_the_largest_gap_between_cumulative_shares(
    real: list[int | None], made: list[int | None]
) -> None:
    a, b = ([value for value in side if value is not None] for side in (real, made))
    if a and b:
        gaps = [abs(sum(v <= x for v in a) / len(a) - sum(v <= x for v in b) / len(b)) for x in range(-3, 4)]
        wanted = 100 * max(gaps)
    else:
        wanted = 0.0 if bool(a) == bool(b) else 100.0
    assert column_error(numbers(real), numbers(made), "number").error == pytest.approx(wanted)


@given(
    st.lists(st.sampled_from(["x", "y", "z", None]), min_size=1),
    st.lists(st.sampled_from(["x", "y", "w", None]), min_size=1),
)
def test_a_category_error_is_half_the_sum_of_the_differences(
    real: list[str | None], made: list[str | None]
) -> None:
    a, b = ([value for value in side if value is not None] for side in (real, made))
    if a and b:
        wanted = 50 * sum(abs(a.count(v) / len(a) - b.count(v) / len(b)) for v in "xyzw")
    else:
        wanted = 0.0 if bool(a) == bool(b) else 100.0
    found = column_error(from_strings(real), from_strings(made), "category")
    assert found.error == pytest.approx(wanted)
    assert found.missing == pytest.approx(100 * (made.count(None) / len(made) - real.count(None) / len(real)))


def test_known_values() -> None:
    assert number_error(np.arange(4.0), np.arange(4.0)) == 0
    assert number_error(np.array([0.0, 1.0]), np.array([5.0, 6.0])) == 100
    assert category_error(np.array([0, 1, -1]), np.array([0, 0, 0])) == 50
    assert column_error(numbers([1, None]), numbers([1, 1]), "number") == ColumnError(0.0, -50.0)


def test_yes_no_columns_are_categories_too() -> None:
    real = Array([True, True, False, None], DataType.bool())
    made = Array([True, False, False, False], DataType.bool())
    assert column_error(real, made, "category").error == pytest.approx(100 * (2 / 3 - 1 / 4))


def test_codes_are_shared_among_columns() -> None:
    (a, b), values = shared_codes(from_strings(["x", None, "y"]), from_strings(["z", "x"]))
    assert [values[i] for i in (a[0], a[2], b[0], b[1])] == ["x", "y", "z", "x"]
    assert a[1] == -1


def test_the_order_is_that_of_the_kinds() -> None:
    table = {"a": numbers([1, 2]), "b": from_strings(["x", "y"]), "c": from_strings(["x", "x"])}
    assert list(column_errors(table, table, {"b": "category", "a": "number"})) == ["b", "a"]


@given(NUMBERS, NUMBERS)
def test_counts_of_ranked_numbers_give_the_same_error(real: list[int | None], made: list[int | None]) -> None:
    both = np.array([np.nan if value is None else value for value in real + made], dtype=float)
    place, size = ranks(both)
    halves = place[: len(real)], place[len(real) :]
    counts = [np.bincount(half[half >= 0], minlength=size) for half in halves]
    wanted = array_error(both[: len(real)], both[len(real) :], "number")
    assert counts_error(counts[0], counts[1], "number") == pytest.approx(wanted)
    codes = [np.where(half < 0, -1, half) for half in halves]
    wanted = array_error(codes[0], codes[1], "category")
    assert counts_error(counts[0], counts[1], "category") == pytest.approx(wanted)
