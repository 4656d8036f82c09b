"""Spelling: numbers are read exactly and written back as the column wrote them."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_strings
from sampan.errors import DataError
from sampan.fields.number.spelling import Spelling

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
    (["1,288呎", "596呎"], [1288, 596]),
    (["@12,034", "@9,800"], [12034, 9800]),
    (["$1,550萬", "$782萬"], [1550, 782]),
    (["12 kg", "7.5 kg"], [12, 7.5]),
    (["3.375厘", "4.125厘"], [3.375, 4.125]),
    (["HK$ 1.5m", "HK$ 12m"], [1.5, 12]),
    (["30 sq ft", "1,200 sq ft"], [30, 1200]),
    (["±5", "±12"], [5, 12]),
    (["１２呎", "３呎"], [12, 3]),
    (["950萬", "1.2億", "3億", "80萬"], [950, 12000, 30000, 80]),
    (["$950", "$12萬", "$1.5萬"], [950, 120000, 15000]),
    (["800 g", "1.5 kg", "12 kg"], [800, 1500, 12000]),
    (["$800", "$5k", "$12k", "$1.5m"], [800, 5000, 12000, 1500000]),
    (["1 bedroom", "2 bedrooms", "3 bedrooms"], [1, 2, 3]),
    (["45 min", "2 h", "1.5 h"], [45, 120, 90]),
    (["1,234.50 CR", "10.00 DR", "7.25 CR"], [1234.5, -10, 7.25]),
    (["12.50", "3.00-", "100.00"], [12.5, -3, 100]),
    (["12.50", "3.00 CR", "100.00"], [12.5, -3, 100]),
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
        *(
            ["5座", "6座"],
            ["5A", "6A"],
            ["5 kg", "3 m"],
            ["00501", "90210"],
            ["1,2,3"],
            ["12:30"],
            ["192.168.1.1"],
            ["1_000"],
            ["£10", "$5"],
        ),
        *(["12", "abc"], ["NA", ""], ["12345678901234567891"], ["5%", "6"], ["(5"], ["1e"], ["0x1F"]),
        ["--5"],
    ],
)
def test_no_numbers(texts):
    assert Spelling.find(from_strings(texts)) is None


def test_what_only_some_numbers_begin_with_is_read_and_said():
    found = Spelling.find(from_strings(["約1,200", "950", "1,000"]))
    assert found is not None and found.loose == ("約",)
    assert found.parse(from_strings(["約1,200", "約 950", "80"])).tolist() == [1200, 950, 80]
    assert found.write(np.array([1200.0])).to_pylist() == ["1,200"]
    money = Spelling.find(from_strings(["$5", "$7", "6"]))
    assert money is not None and money.prefix == "$" and money.read("6") == 6


def test_a_size_is_written_in_the_unit_that_its_like_are_written_in():
    texts = [f"{number}萬" for number in range(300, 9000, 100)] + [
        f"{number / 10}億" for number in range(10, 90)
    ]
    found = Spelling.find(from_strings(texts))
    assert found is not None
    assert found.write(np.array([4500.0, 12000, 12300, 12345])).to_pylist() == [
        *("4500萬", "1.2億", "12300萬", "12345萬"),
    ]
    again = Spelling(**json.loads(json.dumps(asdict(found))))
    assert again == found and again.read("1.2億") == 12000


def test_a_few_cells_that_are_no_numbers_are_missing_and_named():
    texts = [f"${number:,}" for number in range(900, 1500)]
    found = Spelling.nearly(from_strings([*texts, "TBC", "12 apples"]))
    assert found is not None and found[1] == {"TBC": 1, "12 apples": 1}
    values = found[0].parse(from_strings(["$1,000", "TBC"]))
    assert values[0] == 1000 and np.isnan(values[1])
    assert Spelling.nearly(from_strings([*texts, *["sold"] * 30])) is None
    assert Spelling.nearly(from_strings([*texts, *map(chr, range(97, 107))])) is None


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
