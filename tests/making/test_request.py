"""A request as a value: it says itself in JSON, is read back checked, and asked again makes the same."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from arro3.core import Array

import sampan as sp
from sampan.column import Column, from_strings
from sampan.data import read
from sampan.errors import RequestError
from sampan.making.records import together
from sampan.making.request import USES, Request

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "group": RNG.choice(list("abc"), 400),
        "amount": RNG.gamma(2, 50, 400).round(2),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 9, 400), "D"),
        "on": RNG.random(400) < 0.5,
    }
)


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    return sp.fit(FRAME, steps=20, seed=1)


def cells(columns: Mapping[str, Column]) -> dict[str, list[Any]]:
    return {name: column.to_pylist() for name, column in columns.items()}


@pytest.mark.parametrize(
    "request_",
    [
        Request("sample", 5, seed=3),
        Request("sample", 5, {"group": "b", "on": True, "day": dt.date(2024, 1, 3)}, seed=-3),
        Request("sample", None, records=read(FRAME.head(4)[["group", "amount", "day", "on"]]).columns),
        Request("sample", 6, where="amount > 20 and not group = 'a'", seed=2**63),
        Request("sample", 6, where={"group": ["a", "b"]}),
        Request("fill", records=read(FRAME.head(6).assign(amount=np.nan)).columns, how="likeliest"),
    ],
)
def test_what_was_written_and_read_back_makes_the_same(request_: Request, model: sp.Generator) -> None:
    again = Request.from_json(request_.to_json())
    assert again.to_json() == request_.to_json()
    assert cells(together(list(model.stream(again)))) == cells(together(list(model.stream(request_))))


def test_a_request_is_what_the_call_of_its_kind_is(model: sp.Generator) -> None:
    made = model.sample(7, given={"group": "c"}, seed=4)
    again = together(list(model.stream(Request("sample", 7, {"group": "c"}, seed=4))))
    assert made["amount"].tolist() == again["amount"].to_pylist()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["a", None, "ü"]),
        (pa.binary(), [b"\x00\xff", None, b""]),
        (pa.int8(), [1, None, -4]),
        (pa.float64(), [0.1, None, 1e-300]),
        (pa.bool_(), [True, None, False]),
        (pa.timestamp("us"), [dt.datetime(2024, 1, 1, 12, 0, 0, 5), None, dt.datetime(1900, 1, 1)]),
        (pa.date32(), [dt.date(2024, 2, 29), None, dt.date(1, 1, 1)]),
        (pa.decimal128(10, 2), [decimal.Decimal("1.10"), None, decimal.Decimal("-3.00")]),
    ],
)
def test_records_of_every_type_come_back_as_they_were(kind: pa.DataType, values: list[Any]) -> None:
    column = Array.from_arrow(pa.array(values, kind))
    again = Request.from_json(Request(records={"x": column}).to_json()).records
    assert again is not None and again["x"].type == column.type and again["x"].to_pylist() == values


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (float("nan"), None),
        (pd.NA, None),
        (b"\x89PNG", b"\x89PNG"),
        (dt.timedelta(hours=1, microseconds=5), dt.timedelta(hours=1, microseconds=5)),
        (np.timedelta64(90, "s"), dt.timedelta(seconds=90)),
        (decimal.Decimal("1.50"), "1.50"),
        (np.datetime64("2024-01-01"), "2024-01-01"),
    ],
)
def test_given_values_are_said_plainly(value: Any, said: Any) -> None:
    assert Request.from_json(Request(given={"x": value}).to_json()).given == {"x": said}


def test_a_value_that_json_cannot_say_is_refused_by_its_column() -> None:
    with pytest.raises(RequestError, match="'odd'"):
        Request(given={"odd": object()}).to_json()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no JSON"),
        ("[]", "names with values"),
        ("{}", "no 'kind'"),
        ('{"kind": "steal"}', "one of sample"),
        ('{"kind": "sample", "n": 0}', "n is 0"),
        ('{"kind": "sample", "n": true}', "n is True"),
        ('{"kind": "sample", "seed": 1e3}', "seed is 1000.0"),
        ('{"kind": "sample", "path": "/etc"}', "does not belong"),
        ('{"kind": "sample", "given": {"a": [1]}}', "given.a"),
        ('{"kind": "sample", "given": {"a": {"bytes": "?"}}}', "no request"),
        ('{"kind": "sample", "records": {"a": {"type": "pickle", "cells": []}}}', "pickle"),
        ('{"kind": "sample", "records": {"a": {"type": "int8", "cells": ["300"]}}}', "no request"),
        (
            '{"kind": "sample", "records": {"a": {"type": "int8", "cells": ["3"]},'
            ' "b": {"type": "int8", "cells": []}}}',
            "differ in length",
        ),
        ('{"kind": "fill"}', "has no records"),
        ('{"kind": "walk", "where": "a = 1"}', "where="),
        ('{"kind": "sample", "how": "likeliest"}', "how="),
        ('{"kind": "sample", "strength": NaN}', "strength"),
    ],
)
def test_what_is_no_request_is_refused_in_plain_words(text: str, match: str) -> None:
    with pytest.raises(sp.SampanError, match=match) as refusal:
        Request.from_json(text)
    assert refusal.value.expected and refusal.value.fix


@pytest.mark.parametrize("kind", USES)
def test_what_a_kind_does_not_use_is_refused(kind: Any) -> None:
    every = {
        "n": 2,
        "given": {"a": 1},
        "records": {"a": from_strings(["1"])},
        "where": "a = 1",
        "strength": 0.3,
        "how": "likeliest",
    }
    records = {"records": every["records"]} if "records" in USES[kind] else {}
    for name, value in every.items():
        said = {**records, name: value}
        if name in USES[kind]:
            assert json.loads(Request(kind, **said).to_json())["kind"] == kind
        else:
            with pytest.raises(RequestError, match=f"{name}="):
                Request(kind, **said)


def test_records_of_a_request_are_whatever_can_be_read(model: sp.Generator) -> None:
    holes = FRAME.head(5).assign(group=[None, *FRAME["group"][1:5]])
    filled = together(list(model.stream(sp.Request("fill", records=holes, seed=2))))
    assert filled["group"].to_pylist() == model.fill(holes, seed=2)["group"].tolist()


def test_requests_that_ask_for_the_same_are_equal() -> None:
    asked = Request("sample", 3, given={"a": 1}, seed=2)
    assert Request.from_json(asked.to_json()) == asked
    assert len({asked, Request("sample", 3, given={"a": 1}, seed=2)}) == 1
    assert asked != Request("sample", 3, given={"a": 1}, seed=3)


@pytest.mark.parametrize("word", ["timestamp[ns,Mars/X]", "decimal128[1,9]", "decimal128[99,99]", "time[us]"])
@pytest.mark.parametrize("cell", ["-1", "", "x"])
def test_cells_of_types_that_cannot_be_are_no_request(word: str, cell: str) -> None:
    said = {"kind": "fill", "records": {"a": {"type": word, "cells": [cell]}}}
    with pytest.raises(RequestError, match="no request") as caught:
        Request.from_json(json.dumps(said))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    "text",
    ["\ud800", 5, None, {}, '{"kind": "sample", "given": {"x": {"seconds": 1e300}}}', b"[" * 10_000],
)
def test_what_cannot_be_read_at_all_is_no_request(text: Any) -> None:
    with pytest.raises(RequestError, match="no request"):
        Request.from_json(text)


ODD = 5  # a number that may be a strength


@pytest.mark.parametrize("odd", [ODD, "x", b"x", [1], np.ones(2), True, object, math.nan, 1 + 2j, range(3)])
def test_arguments_of_a_wrong_kind_are_refused_by_name(odd: Any) -> None:
    with pytest.raises(RequestError, match="given is a"):
        Request("sample", 3, given=odd)
    with pytest.raises(RequestError, match="kind"):
        Request([odd])  # type: ignore[arg-type]
    if odd is not ODD:
        with pytest.raises(RequestError, match="strength"):
            Request("more", records={"a": [1]}, strength=odd)


def test_a_strength_of_numpy_is_written_as_any_other() -> None:
    half, whole = (Request("more", records={"a": [1]}, strength=one) for one in (np.float32(0.5), np.int8(1)))
    assert json.loads(half.to_json())["strength"] == 0.5 and json.loads(whole.to_json())["strength"] == 1
