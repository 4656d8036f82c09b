"""What a term is worth, exactly: money, dates, stretches of time, zones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from arro3 import compute
from arro3.core import DataType

from sampan.column import Column, from_numpy, from_strings
from sampan.errors import WhereError
from sampan.where import evaluate, parse
from sampan.where.evaluation import decided


def column(values: list[Any]) -> Column:
    first = next(value for value in values if value is not None)
    match first:
        case str():
            return from_strings(values)
        case dt.datetime() | dt.date():
            moments = [
                np.datetime64("NaT") if value is None else np.datetime64(value, "us") for value in values
            ]
            return from_numpy(np.array(moments, dtype="datetime64[us]"))
        case float():
            return from_numpy(np.array([np.nan if value is None else value for value in values]))
        case _:
            return from_numpy(
                np.array([value or 0 for value in values]), np.array([v is None for v in values])
            )


def rows(text: str, **cells: list[Any]) -> list[bool]:
    return evaluate(parse(text), {name: column(values) for name, values in cells.items()}).tolist()


D = dt.datetime
Cells = dict[str, list[Any]]


@pytest.mark.parametrize(
    ("text", "cells", "wanted"),
    [
        ("c = a + b", {"a": [0.1, 0.1], "b": [0.2, 0.2], "c": [0.3, 0.31]}, [True, False]),
        ("c = a * b", {"a": [3, 3], "b": [19.9, 19.9], "c": [59.699999999999996, 59.8]}, [True, False]),
        ("c < a + b", {"a": [0.1], "b": [0.2], "c": [0.3]}, [False]),
        ("b = a / 3", {"a": [1.0, 2.0], "b": [1 / 3, 0.6]}, [True, False]),
        ("b = round(a * 5 %, 2)", {"a": [0.5, 0.5, 0.5, 1.0], "b": [0.02, 0.03, 0.04, 0.05]}, [True, True, False, True]),  # noqa: E501
        ("b = round(a, -2)", {"a": [149, 151], "b": [100, 100]}, [True, False]),
        ("b = min(a * 5 %, 1500)", {"a": [10_000, 40_000], "b": [500, 1500]}, [True, True]),
        ("b = floor(a) + ceil(a)", {"a": [-1.5, 2.0], "b": [-3, 4]}, [True, True]),
        ("abs(a - b) <= 1", {"a": [1, None, 5], "b": [2, 2, 2]}, [True, False, False]),
        ("c = a / 0.1", {"a": [6.93, 6.93], "c": [69.3, 69.0]}, [True, False]),
        ("c = a / b", {"a": [1, 1], "b": [0, 1], "c": [1, 1]}, [False, True]),
        # text spells numbers and dates
        ("b = a * 2", {"a": ["1,000", "7"], "b": ["2000", "14.0"]}, [True, True]),
        ("b > a", {"a": ["2024-01-31", "2024-02-01"], "b": ["2024-02-01", "2024-01-31"]}, [True, False]),
        ("a = `b`", {"a": ["x", "y"], "b": ["x", "z"]}, [True, False]),
        # whole numbers beyond 2 ** 53
        ("a < `b`", {"a": [2**60], "b": [2**60 + 1]}, [True]),
        ("a + 1 = b", {"a": [2**60], "b": [2**60 + 1]}, [True]),
    ],
)  # fmt: skip
def test_numbers_are_reckoned_as_people_do(text: str, cells: Cells, wanted: list[bool]) -> None:
    assert rows(text, **cells) == wanted


@pytest.mark.parametrize(
    ("text", "cells", "wanted"),
    [
        ("n = b - a", {"a": [D(2024, 2, 28)] * 2, "b": [D(2024, 3, 1)] * 2, "n": [2, 1]}, [True, False]),
        ("b = a + n", {"a": [D(2024, 2, 28)], "b": [D(2024, 3, 1)], "n": [2]}, [True]),
        ("m = (b - a) / 1 minute", {"a": [D(2024, 1, 1, 9)], "b": [D(2024, 1, 1, 10, 30)], "m": [90]}, [True]),  # noqa: E501
        ("b >= a + 90 minutes", {"a": [D(2024, 1, 1, 9)], "b": [D(2024, 1, 1, 10, 30)]}, [True]),
        ("w = weekday(a)", {"a": [D(2024, 1, 1), D(1969, 12, 28)], "w": [0, 6]}, [True, True]),
        ("q = quarter(a)", {"a": [D(2024, 3, 31), D(2024, 4, 1)], "q": [1, 2]}, [True, True]),
        ("y = year(a) * 100 + month(a)", {"a": [D(1969, 12, 31), D(2024, 1, 1)], "y": [196912, 202401]}, [True, True]),  # noqa: E501
        ("h = hour(a) and d = day(a)", {"a": [D(2024, 2, 29, 23, 59)], "h": [23], "d": [29]}, [True]),
        ("x = age(born, 2024-02-28)", {"born": [D(2004, 2, 29), D(2004, 2, 28)], "x": [19, 20]}, [True, True]),  # noqa: E501
        ("date(a) = b", {"a": [D(2024, 2, 29, 23), None], "b": [D(2024, 2, 29), D(2024, 1, 1)]}, [True, False]),  # noqa: E501
        ("b = local(a, 'America/New_York')", {"a": [D(2024, 1, 1, 12), D(2024, 7, 1, 12)], "b": [D(2024, 1, 1, 7), D(2024, 7, 1, 8)]}, [True, True]),  # noqa: E501
        ("a = utc(b, 'America/New_York')", {"a": [D(2024, 1, 1, 12), D(2024, 7, 1, 12)], "b": [D(2024, 1, 1, 7), D(2024, 7, 1, 8)]}, [True, True]),  # noqa: E501
    ],
)  # fmt: skip
def test_dates_are_reckoned_by_the_calendar(text: str, cells: Cells, wanted: list[bool]) -> None:
    assert rows(text, **cells) == wanted


def test_a_moment_that_knows_its_zone_tells_the_hour_of_its_clocks() -> None:
    at = from_numpy(np.array([D(2024, 1, 1, 4)], dtype="datetime64[us]"))
    noon = compute.cast(compute.cast(at, DataType.int64()), DataType.timestamp("us", tz="Asia/Hong_Kong"))
    assert evaluate(parse("hour(t) = 12"), {"t": noon}).tolist() == [True]


def test_a_rule_says_nothing_where_a_cell_is_missing_on_which_it_depends() -> None:
    cells = {"a": column([1, 1, None, None]), "b": column([0, None, 0, None])}
    true, known = decided(parse("if a = 1 then b = 0"), cells)
    assert (true & known).tolist() == [True, False, True, False]
    assert known.tolist() == [True, False, True, False]


@pytest.mark.parametrize("text", ["a + a = b", "a > n", "n * a = b", "s > n", "s < `u`", "year(n) = 3"])
def test_what_has_nothing_in_common_is_refused(text: str) -> None:
    cells = {"a": [D(2024, 1, 1)], "b": [D(2024, 1, 1)], "n": [3], "s": ["x"], "u": ["y"]}
    with pytest.raises(WhereError) as caught:
        rows(text, **cells)
    assert caught.value.expected and caught.value.fix


def test_a_thousand_sums_do_not_drift() -> None:
    rng = np.random.default_rng(0)
    net, vat = rng.integers(1, 10**7, 1_000) / 100, rng.integers(1, 10**6, 1_000) / 100
    table = {"net": from_numpy(net), "vat": from_numpy(vat), "total": from_numpy(net + vat)}
    assert evaluate(parse("total = net + vat"), table).all()
    assert not evaluate(parse("total < net + vat"), table).any()
