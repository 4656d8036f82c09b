"""Columns: codes, counts and distances against values worked out by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sdmetrics_measures import array_error, array_pair_errors, joint_error
from sampan.column import Column, from_strings
from sampan.evaluate.columns import LEVELS, Kind, binned, correlations, levelled, shared_codes

RNG = np.random.default_rng(7)


def distance(real: list[tuple], made: list[tuple]) -> float:
    a, b = Counter(real), Counter(made)
    return 50 * sum(abs(a[key] / len(real) - b[key] / len(made)) for key in {*a, *b})


def categories(real: Column, made: Column) -> float:
    return array_error(*shared_codes(real, made)[0], "category")


@given(*[st.lists(st.integers(-3, 3) | st.none(), min_size=1, max_size=12)] * 2)
def test_a_number_error_is_the_largest_gap_between_cumulative_shares(
    real: list[int | None], made: list[int | None]
) -> None:
    a, b = ([value for value in side if value is not None] for side in (real, made))
    if a and b:
        gaps = [abs(sum(v <= x for v in a) / len(a) - sum(v <= x for v in b) / len(b)) for x in range(-3, 4)]
        wanted = 100 * max(gaps)
    else:
        wanted = 0.0 if bool(a) == bool(b) else 100.0
    assert array_error(np.array(real, float), np.array(made, float), "number") == pytest.approx(wanted)


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
    assert categories(from_strings(real), from_strings(made)) == pytest.approx(wanted)


def test_known_values() -> None:
    assert array_error(np.arange(4.0), np.arange(4.0), "number") == 0
    assert array_error(np.array([0.0, 1.0]), np.array([5.0, 6.0]), "number") == 100
    assert array_error(np.array([0, 1, -1]), np.array([0, 0, 0]), "category") == 50


def test_yes_no_columns_are_categories_too() -> None:
    real = Array([True, True, False, None], DataType.bool())
    made = Array([True, False, False, False], DataType.bool())
    assert categories(real, made) == pytest.approx(100 * (2 / 3 - 1 / 4))


def test_codes_are_shared_among_columns() -> None:
    (a, b), values = shared_codes(from_strings(["x", None, "y"]), from_strings(["z", "x"]))
    assert [values[i] for i in (a[0], a[2], b[0], b[1])] == ["x", "y", "z", "x"]
    assert a[1] == -1


def test_correlations_leave_out_rows_with_a_missing_cell() -> None:
    table = RNG.normal(size=(200, 3))
    table[:, 1] += table[:, 0]
    table[RNG.random(200) < 0.2, 0] = np.nan
    table[RNG.random(200) < 0.2, 2] = np.nan
    found = correlations(table)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = ~np.isnan(table[:, [i, j]]).any(axis=1)
        assert found[i, j] == pytest.approx(np.corrcoef(table[both, i], table[both, j])[0, 1], abs=1e-12)


def test_correlations_of_awkward_numbers() -> None:
    x = RNG.normal(size=500)
    table = np.stack([x * 1e307, x + 1e6, np.full(500, 3.0), np.full(500, np.nan)], axis=1)
    found = correlations(table)
    assert found[0, 1] == pytest.approx(1, abs=1e-6)
    assert not found[2:, :].any()
    assert np.isfinite(found).all()


def test_two_numbers_differ_by_half_the_gap_of_their_correlations() -> None:
    x, y = RNG.normal(size=(2, 300))
    real, made = {"x": x, "y": x}, {"x": x, "y": -x}
    kinds: dict[str, Kind] = {"x": "number", "y": "number"}
    assert array_pair_errors(real, made, kinds) == {("x", "y"): pytest.approx(100)}
    assert array_pair_errors(real, real, kinds) == {("x", "y"): pytest.approx(0)}


def test_two_categories_differ_by_their_joint_tables() -> None:
    real, made = RNG.integers(-1, 4, (2, 150)), RNG.integers(-1, 5, (2, 90))
    kinds: dict[str, Kind] = {"a": "category", "b": "category"}
    found = array_pair_errors(dict(zip("ab", real, strict=True)), dict(zip("ab", made, strict=True)), kinds)
    wanted = distance(list(zip(*real.tolist(), strict=True)), list(zip(*made.tolist(), strict=True)))
    assert found["a", "b"] == pytest.approx(wanted)


def test_a_number_is_cut_at_edges_of_the_real_column() -> None:
    real, made = np.array([0.0, 1.0, 4.9, 10.0, np.nan]), np.array([-50.0, 5.0, 9.0, 1e9, np.nan])
    a, b, size = binned(real, made)
    assert a.tolist() == [0, 1, 4, 9, 10]
    assert b.tolist() == [0, 5, 9, 9, 10]
    assert size == 11
    assert binned(np.full(3, 2.0), np.array([1.0, 2.0]))[2] == 11


def test_rare_values_of_a_category_are_one_level() -> None:
    common = np.repeat(np.arange(LEVELS), 3)
    real, made = np.concatenate([common, [900, 901, -1]]), np.concatenate([common, [902, 903, -1]])
    a, b, size = levelled(real, made)
    assert a.tolist() == b.tolist()
    assert a.max() == size - 1 == LEVELS + 1
    assert a[-2] == LEVELS
    assert len(np.unique(np.concatenate(levelled(real, made, None)[:2]))) == LEVELS + 5


def test_a_huge_joint_table_is_counted_by_the_cells_that_occur() -> None:
    a, b = RNG.integers(0, 3000, (2, 400)), RNG.integers(0, 3000, (2, 300))
    wanted = distance(list(zip(*a.tolist(), strict=True)), list(zip(*b.tolist(), strict=True)))
    found = joint_error((a[0], a[1]), (b[0], b[1]), (3000, 3000))
    assert found == pytest.approx(wanted)


def test_own_edges_are_moved_by_one_far_value_and_shared_ones_are_not() -> None:
    x = RNG.random(1000)
    arrays = {"x": x, "g": (x > 0.5).astype(np.int64)}
    far = {"x": np.where(np.arange(1000) == 0, 1e6, x), "g": arrays["g"]}
    kinds: dict[str, Kind] = {"x": "number", "g": "category"}
    assert array_pair_errors(arrays, far, kinds)["x", "g"] <= 0.1 + 1e-9  # one row of a thousand moved
    assert array_pair_errors(arrays, far, kinds, own_edges=True)["x", "g"] > 80
