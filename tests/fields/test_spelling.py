"""Spelling: numbers are read exactly and written back as the column wrote them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_strings
from sampan.errors import DataError
from sampan.fields.spelling import Spelling

KEPT = [
    (["1,234.56", "-7.00"], [1234.56, -7]),
    (["1.234,56", "0,50"], [1234.56, 0.5]),
    (["1.234.567"], [1234567]),
    (["1'234.5", "2.5"], [1234.5, 2.5]),
    (["1\u202f234,5", "2,5"], [1234.5, 2.5]),
    (["$1,200", "-$950"], [1200, -950]),
    (["$-5", "$6"], [-5, 6]),
    (["HK$ 1,200.50", "HK$ 3.00"], [1200.5, 3]),
    (["1 200 €", "30 €"], [1200, 30]),
    (["500元", "1200元"], [500, 1200]),
    (["12.5%", "3.0%"], [12.5, 3]),
    (["(1,200)", "45"], [-1200, 45]),
    (["($3.50)", "$4.25"], [-3.5, 4.25]),
    (["+5", "-3", "0"], [5, -3, 0]),
    (["−5", "3"], [-5, 3]),
    (["１２", "３"], [12, 3]),
    (["1", "1.5", "2.25"], [1, 1.5, 2.25]),
    (["1e+308", "2.5e-07", "3"], [1e308, 2.5e-07, 3]),
    (["inf", "-inf", "3"], [np.inf, -np.inf, 3]),
]


@pytest.mark.parametrize(("texts", "values"), KEPT)
def test_kept(texts, values):
    column = from_strings(texts)
    found = Spelling.find(column)
    assert found is not None
    if texts != ["+5", "-3", "0"]:  # one sign in three says nothing about the column
        assert found.write(found.parse(column)).to_pylist() == texts
    assert found.parse(column).tolist() == values


@pytest.mark.parametrize(
    "texts",
    [
        *(["5 kg"], ["00501", "90210"], ["1,2,3"], ["12:30"], ["192.168.1.1"], ["1_000"], ["£10", "$5"]),
        *(["12", "abc"], ["NA", ""], ["12345678901234567891"], ["5%", "6"], ["(5"], ["1e"], ["0x1F"]),
        ["--5"],
    ],
)
def test_no_numbers(texts):
    assert Spelling.find(from_strings(texts)) is None


def test_marks_of_missingness_are_read_and_made_as_nulls():
    column = from_strings(["NA", " n/a ", "?", "無", "", None, "7"])
    found = Spelling.find(column)
    assert found == Spelling()
    assert np.isnan(found.parse(column)).tolist() == [True] * 6 + [False]
    assert found.write(np.array([np.nan, 7])).to_pylist() == [None, "7"]
    assert found.write(np.array([np.nan])).to_pylist() == [None]
    assert found.write(np.array([])).to_pylist() == []


def test_a_cell_that_is_no_number_is_an_error():
    with pytest.raises(DataError, match="'abc' is no number"):
        Spelling().parse(from_strings(["1", "abc"]))


def test_thousands_with_a_dot_are_no_decimals():
    european = Spelling(thousands=".", decimal=",", least=2, most=2)
    assert european.read("1.234,50") == 1234.5 and european.read("1.5") is None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1, max_size=30),
    st.sampled_from(["", "$", "HK$ ", "€"]),
    st.sampled_from(["", "%", " €"]),
    st.sampled_from([(".", ""), (".", ","), (",", "."), (",", ""), (".", "'"), (",", " ")]),
    st.booleans(),
    st.booleans(),
)
def test_written_numbers_are_found_and_read(decimals, prefix, suffix, marks, brackets, wide):
    values = np.unique(np.array([float(value) for value in decimals])) + 0.0
    suffix = "" if prefix else suffix
    written = Spelling(prefix, suffix, marks[1], marks[0], least=2, most=2, brackets=brackets, wide=wide)
    column = written.write(values)
    found = Spelling.find(column)
    assert found is not None
    assert found.parse(column).tolist() == values.tolist()
    assert found.write(found.parse(column)).to_pylist() == column.to_pylist()
