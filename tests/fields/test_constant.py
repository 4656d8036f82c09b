"""Constant and omitted columns: nothing to learn, and that is said."""

from __future__ import annotations

import pytest
from arro3.core import Array, DataType

from sampan.column import from_strings
from sampan.errors import DataError
from sampan.field import Compare, Missing, Rows
from sampan.fields.constant import Constant
from sampan.fields.omitted import Omitted
from sampan.testing import check_field

COLUMNS = [
    from_strings(["a"] * 5),
    from_strings([None] * 4),
    Array([3] * 4, DataType.int32()),
    Array([3.5] * 4, DataType.float64()),
    Array([None] * 4, DataType.float64()),
    Array([True] * 4, DataType.bool()),
]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_contract(column: Array) -> None:
    check_field(Constant(), column)
    check_field(Omitted("long free text"), column)


def test_two_values_are_no_constant() -> None:
    with pytest.raises(DataError, match="2 values"):
        Constant().fit(from_strings(["a", "b"]))
    with pytest.raises(DataError, match="a value and missing cells"):
        Constant().fit(from_strings(["a", None]))


def test_the_value_is_what_can_be_given() -> None:
    codec = Constant().fit(Array([3.0] * 4, DataType.float64()))
    assert codec.encode(from_strings(["3"])) == {}
    with pytest.raises(DataError, match='"4" is in a column that held "3.0"'):
        codec.encode(from_strings(["4"]))
    assert len(codec.allow(Compare("<", "4"))) == 1 and codec.allow(Compare(">", 4)) == []
    assert codec.allow(Missing()) == [] and len(codec.allow(Missing(negated=True))) == 1


def test_omitted_comes_back_empty_and_says_so() -> None:
    codec = Omitted("long free text").fit(from_strings(["once upon a time", "the end"]))
    assert codec.decode({}, Rows(0, 3, 0)).to_pylist() == [None] * 3
    assert "left empty" in codec.describe() and "long free text" in codec.describe()
    assert codec.spaces == {} and len(codec.allow(Missing())) == 1
