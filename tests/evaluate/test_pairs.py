"""Pair errors against values worked out by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.evaluate.columns import Kind
from sampan.evaluate.pairs import (
    LEVELS,
    array_pair_errors,
    binned,
    correlations,
    joint_error,
    levelled,
    pair_errors,
)

RNG = np.random.default_rng(7)


def numbers(values: np.ndarray) -> Column:
    return Array([None if np.isnan(value) else value for value in values.tolist()], DataType.float64())


def labels(values: np.ndarray) -> Column:
    return from_strings([None if value < 0 else f"v{value}" for value in values.tolist()])


def distance(real: list[tuple], made: list[tuple]) -> float:
    a, b = Counter(real), Counter(made)
    return 50 * sum(abs(a[key] / len(real) - b[key] / len(made)) for key in {*a, *b})


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
    real = {"x": numbers(x), "y": numbers(x)}
    made = {"x": numbers(x), "y": numbers(-x)}
    assert pair_errors(real, made, {"x": "number", "y": "number"}) == {("x", "y"): pytest.approx(100)}
    assert pair_errors(real, real, {"x": "number", "y": "number"}) == {("x", "y"): pytest.approx(0)}


def test_two_categories_differ_by_their_joint_tables() -> None:
    real, made = RNG.integers(-1, 4, (2, 150)), RNG.integers(-1, 5, (2, 90))
    found = pair_errors(
        {"a": labels(real[0]), "b": labels(real[1])},
        {"a": labels(made[0]), "b": labels(made[1])},
        {"a": "category", "b": "category"},
    )
    wanted = distance(list(zip(*real.tolist(), strict=True)), list(zip(*made.tolist(), strict=True)))
    assert found["a", "b"] == pytest.approx(wanted)


def test_a_number_is_cut_at_edges_of_the_real_column() -> None:
    real, made = np.array([0.0, 1.0, 4.9, 10.0, np.nan]), np.array([-50.0, 5.0, 9.0, 1e9, np.nan])
    a, b, size = binned(real, made)
    assert a.tolist() == [0, 1, 4, 9, 10]
    assert b.tolist() == [0, 5, 9, 9, 10]
    assert size == 11
    assert binned(np.full(3, 2.0), np.array([1.0, 2.0]))[2] == 11


def test_one_far_value_does_not_spoil_a_mixed_pair() -> None:
    x = RNG.random(1000)
    group = labels((x > 0.5).astype(int))
    made = x.copy()
    made[0] = 1e6
    errors = pair_errors(
        {"x": numbers(x), "g": group}, {"x": numbers(made), "g": group}, {"x": "number", "g": "category"}
    )
    assert errors["x", "g"] <= 0.1 + 1e-9  # one row of a thousand moved; own edges would say about 90 %


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


def test_every_pair_once_in_order() -> None:
    table = {name: numbers(RNG.random(5)) for name in "abc"} | {"d": labels(RNG.integers(0, 2, 5))}
    kinds: dict[str, Kind] = {"a": "number", "d": "category", "c": "number"}
    assert list(pair_errors(table, table, kinds)) == [("a", "d"), ("a", "c"), ("d", "c")]


def test_own_edges_are_moved_by_one_far_value_and_shared_ones_are_not() -> None:
    x = RNG.random(1000)
    arrays = {"x": x, "g": (x > 0.5).astype(np.int64)}
    far = {"x": np.where(np.arange(1000) == 0, 1e6, x), "g": arrays["g"]}
    kinds: dict[str, Kind] = {"x": "number", "g": "category"}
    assert array_pair_errors(arrays, far, kinds)["x", "g"] <= 0.1 + 1e-9
    assert array_pair_errors(arrays, far, kinds, own_edges=True)["x", "g"] > 80
