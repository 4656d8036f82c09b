"""Filled columns: made cells come as the column writes its own, and none is rounded or lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, missing
from sampan.field import Codec, Field, Rows
from sampan.fields.category import Category
from sampan.fields.constant import Constant
from sampan.fields.identifier import Identifier
from sampan.fields.likeness import likeness
from sampan.fields.moment import Moment
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.fields.omitted import Omitted


def column(values: list[Any], kind: pa.DataType | None = None) -> Column:
    return Array.from_arrow(pa.array(values, kind))


def filled(codec: Codec, own: Column, made: Column) -> Column:
    return likeness(codec, own, made.type).fill(own, made, missing(own))


def moments(*texts: str) -> list[dt.datetime]:
    return [dt.datetime.fromisoformat(text) for text in texts]


PRICES = column(["$12.50", "$1,300.00", "$7.25"])
PRICED = Number(spelling=Spelling.find(PRICES))
SLASHED = column(["31/12/2023", "05/01/2024", "07/01/2024"])
NOON = column(moments("2024-01-05T12:30", "2024-01-07T00:00"), pa.timestamp("us"))
LONG = 2**53 + 1


@pytest.mark.parametrize(
    ("field", "learned", "own", "expected"),
    [
        # amounts learned from text
        (PRICED, PRICES, column(["$9.75", None, None]), ["$9.75", "$1,300.00", "$7.25"]),
        (PRICED, PRICES, column(["9.75", None, None]), ["9.75", "1300.00", "7.25"]),
        (PRICED, PRICES, column(["9", None, None]), ["9", "1300", "7.25"]),
        (PRICED, PRICES, column([9.75, None, None]), [9.75, 1300.0, 7.25]),
        (PRICED, PRICES, column([9, None, None]), [9.0, 1300.0, 7.25]),
        (PRICED, PRICES, column([None, None, None], pa.string()), ["$12.50", "$1,300.00", "$7.25"]),
        (
            PRICED,
            PRICES,
            column([Decimal("9.75"), None, None], pa.decimal128(9, 2)),
            [Decimal("9.75"), Decimal(1300), Decimal("7.25")],
        ),
        # amounts learned from numbers
        (
            Number(),
            column([12.5, 1300.0, 7.25]),
            column(["$9.75", None, None]),
            ["$9.75", "$1300.00", "$7.25"],
        ),
        (Number(), column([12.5, 1300.0, 7.0]), column([4, None, None]), [4.0, 1300.0, 7.0]),
        (Number(), column([12.0, 1300.0, 7.0]), column([4, None, None]), [4, 1300, 7]),
        (Number(), column([12.0, 300.0, 7.0]), column([4, None, None], pa.uint8()), [4, 300, 7]),
        # 0.7 as float32 is 0.7, and the column stays one of float32
        (Number(), column([0.1, 0.5, 0.75]), column([0.25, None, None], pa.float32()), [0.25, 0.5, 0.75]),
        (Number(), column([1, LONG, 5]), column([0.5, None, None]), ["0.5", str(LONG), "5"]),
        (Number(), column([1.5, 2.5, 3.5]), column([LONG, None, None]), [str(LONG), "2.5", "3.5"]),
        # moments
        (Moment(), SLASHED, column(["01/02/2024", None, None]), ["01/02/2024", "05/01/2024", "07/01/2024"]),
        (
            Moment(),
            SLASHED,
            column([dt.date(2024, 2, 1), None, None]),
            [dt.date(2024, 2, 1), dt.date(2024, 1, 5), dt.date(2024, 1, 7)],
        ),
        (
            Moment(),
            NOON,
            column([dt.date(2024, 2, 1), None]),
            moments("2024-02-01", "2024-01-07"),
        ),
        (Moment(), NOON, column([None, moments("2024-02-01")[0]], pa.timestamp("s")), None),
        (
            Moment(),
            column([dt.date(2024, 1, 5), dt.date(2024, 1, 7)]),
            column(["2024-02-01", None]),
            ["2024-02-01", "2024-01-07"],
        ),
        # categories
        (Category(), column(["yes", "no", "no"]), column([True, None, None]), [True, False, False]),
        (Category(), column(["yes", "no", "no"]), column([1, None, 0, None]), None),
        (Category(), column(["yes", "no", "no"]), column(["Y", None, None]), ["Y", "no", "no"]),
        (Category(), column([1, 2, 2]), column(["1", None, None]), ["1", "2", "2"]),
        (Category(), column(["1", "2", "x"]), column([1, None, None]), ["1", "2", "x"]),
        # columns that nothing is learned of
        (Constant(), column(["5", "5", "5"]), column([5, None, None]), [5, 5, 5]),
        (Omitted(), column(["a", "b", "c"]), column([5, None, None]), [5, None, None]),
    ],
)
def test_what_is_filled_in_is_what_was_made(
    field: Field, learned: Column, own: Column, expected: list[Any] | None
) -> None:
    codec = field.fit(learned)
    codec.encode(Array.from_arrow(pa.array(own).drop_null()))  # what is filled was encoded before
    index = np.resize(np.arange(len(learned)), len(own)).astype(np.int64)
    made = Array.from_arrow(pa.array(learned).take(pa.array(index)))
    out = filled(codec, own, made)
    if expected is None:
        expected = {
            2: moments("2024-01-05T12:30", "2024-02-01"),
            4: [1, 0, 0, 1],
        }[len(own)]
    assert out.to_pylist() == expected


def test_a_type_that_nothing_is_lost_in_is_the_same_for_every_block() -> None:
    """Of a table in blocks, one may hold no made fraction: what could be made decides, not what was."""
    codec = Number().fit(column([1.0, 2.5]))
    own = column([4, None])
    made = column([1.0, 1.0])
    assert filled(codec, own, made).type == DataType.float64()


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        (column([17, None], pa.int16()), 17),
        (column([17.0, None]), 17),
        (column(["17", None]), "17"),
        (column([17.5, None]), "17.5"),
    ],
)
def test_invented_identifiers_lose_no_digit(own: Column, kept: Any) -> None:
    codec = Identifier().fit(column([900_000_001, 900_000_017, 812_345_678] * 5))
    made = codec.decode({}, Rows(0, 2, 0))
    out = filled(codec, own, made).to_pylist()
    new = made.to_pylist()[1]
    assert out == [kept, str(new) if isinstance(kept, str) else new]
