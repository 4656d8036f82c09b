"""Categories: one symbol for a frequent value, a shared one for the rare, nothing made up."""

from __future__ import annotations

import datetime as dt

import arro3.compute as compute
import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_strings, in_order
from sampan.errors import DataError, RequestError, StoreError, WhereError
from sampan.field import Between, Compare, In, Missing, Rows
from sampan.fields.category import Category, CategoryCodec
from sampan.fields.constant import Constant
from sampan.fields.moment import Moment
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.guess import guess
from sampan.space import Choice
from sampan.testing import check_field, inside
from sampan.where import Atom, evaluate


def days(numbers: list[int | None]) -> Array:
    return compute.cast(Array(numbers, DataType.int32()), DataType.date32())


def zipf(rows: int, values: int) -> np.ndarray:
    return np.random.default_rng(0).zipf(1.3, rows) % values


COLUMNS = {
    "text": from_strings(["a", "b", "a", "c"] * 20),
    "missing": from_strings(["a", None, "b", "", None]),
    "digits": from_strings(["10", "9", "8", "9"] * 9),
    "bool": Array([True, False, None, True], DataType.bool()),
    "int16": Array([0, 1, 1, 0], DataType.int16()),
    "float": Array([1.5, 2.0, None, 3.0], DataType.float64()),
    "large": compute.cast(from_strings(["x", "y", None]), DataType.large_string()),
    "view": compute.cast(from_strings(["x", "y", None]), DataType.string_view()),
    "dictionary": compute.cast(
        from_strings(["x", "y", None]), DataType.dictionary(DataType.int32(), DataType.string())
    ),
    "decimal": compute.cast(from_strings(["1.50", "2.25", None]), DataType.decimal128(10, 2)),
    "date": days([1, 2, 2, None, 400]),
    "rare": from_strings([f"v{i}" for i in zipf(4000, 3000)]),
    "rare numbers": Array.from_numpy(zipf(4000, 3000)),
    "one": from_strings(["only"]),
    "unicode": from_strings(["香港", "九龍", "naïve", "🦆", "香港"]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name: str) -> None:
    check_field(Category(), COLUMNS[name])


def test_contract_ordered() -> None:
    column = from_strings(["low", "high", "mid", None] * 5)
    check_field(Category(("low", "mid", "high"), ordered=True), column)
    check_field(Category(ordered=True), Array([3, 1, 2, 5, None], DataType.int8()))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.text(max_size=4), min_size=1, max_size=30).filter(any))
def test_any_text_comes_back(texts: list[str | None]) -> None:
    column = from_strings(texts)
    codec = Category(exact=True).fit(column)
    made = codec.decode(codec.encode(column), Rows(0, len(texts), 0))
    assert made.to_pylist() == texts


def test_ordered_space_keeps_missing_off_the_scale() -> None:
    codec = Category(("low", "mid", "high"), ordered=True).fit(from_strings(["mid", "high", "low", None]))
    assert codec.spaces == {"": Choice(4, ordered=True, off=(3,))}
    assert codec.encode(from_strings(["low", "mid", "high"]))[""].tolist() == [0, 1, 2]


def test_rare_values_share_symbols_in_proportion() -> None:
    column = COLUMNS["rare"]
    codec = Category().fit(column)
    assert codec.spaces[""].size <= 512 + 16  # type: ignore[union-attr]
    rng = np.random.default_rng(1)
    last = np.full(20_000, codec.spaces[""].size - 1)  # type: ignore[union-attr]
    made = codec.decode({"": last, "which": rng.random(20_000)}, Rows(0, 20_000, 0))
    assert set(made.to_pylist()) <= set(column.to_pylist())
    # the extremes of the noise stay inside the symbol
    edge = codec.decode({"": last[:2], "which": np.array([0.0, np.nextafter(1, 0)])}, Rows(0, 2, 0))
    assert codec.encode(edge)[""].tolist() == last[:2].tolist()


def test_a_third_of_a_million_values_stay_small() -> None:
    names = [f"customer {i}" for i in range(300_000)]
    codec = Category(exact=True).fit(from_strings(names))
    assert codec.spaces[""].size <= 16  # type: ignore[union-attr]
    values, arrays = codec.state()
    assert sum(array.nbytes for array in arrays.values()) < 12_000_000
    assert len(codec.allow(In(("customer 2", "customer 9")))) <= 17


def test_unknown_value_names_the_nearest() -> None:
    codec = Category().fit(from_strings(["yes", "no", "maybe"]))
    with pytest.raises(DataError, match='"yess" is not among the 3 values.*Did you mean "yes"'):
        codec.encode(from_strings(["yess"]))
    with pytest.raises(DataError, match="missing"):
        codec.encode(from_strings([None]))


def test_undeclared_value_is_refused() -> None:
    with pytest.raises(DataError, match='"hgih".*Did you mean "high"'):
        Category(("low", "high")).fit(from_strings(["low", "hgih"]))
    with pytest.raises(DataError, match="none of the 2 cells"):
        Category().fit(from_strings([None, None]))


@pytest.mark.parametrize("literal", ["yes", True, "1", 1, "Y", "true"])
@pytest.mark.parametrize("column", [["Y", "N"], ["yes", "no"], ["1", "0"], ["True", "False"], ["是", "否"]])
def test_yes_is_yes_however_it_is_written(literal: object, column: list[str]) -> None:
    codec = Category().fit(from_strings(column))
    (box,) = codec.allow(Compare("==", literal))
    assert box.symbols[""].tolist() == [value == column[0] for value in codec.values]
    (given_symbol,) = codec.encode(from_strings([str(literal)]))[""]
    assert codec.values[given_symbol] == column[0]


def test_yes_of_a_bool_column() -> None:
    codec = Category().fit(COLUMNS["bool"])
    for literal in ("yes", "Y", True, 1, "1", "true"):
        assert [
            codec.values[i] for i in np.flatnonzero(codec.allow(Compare("==", literal))[0].symbols[""])
        ] == ["true"]


CONDITIONS = [
    *(
        Compare(op, value)
        for op in ("==", "!=", "<", "<=", ">", ">=")
        for value in ("10", 9, "9", 8.5, "zzz", 10.0)
    ),
    *(
        In((8, "9")),
        In(("nothing",)),
        In((10,), negated=True),
        Between(8.5, 10),
        Between("8", "9", negated=True),
    ),
    *(Missing(), Missing(negated=True)),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("name", ["digits", "text", "rare", "int16"])
def test_boxes_are_what_evaluate_says(condition: object, name: str) -> None:
    column = COLUMNS[name]
    codec = Category().fit(column)
    leaves = dict(codec.encode(column)) | {"which": np.random.default_rng(3).random(len(column))}
    drawn = codec.decode(leaves, Rows(0, len(column), 0))
    try:
        right = evaluate(Atom("c", condition), {"c": drawn})  # type: ignore[arg-type]
    except (WhereError, ValueError):  # a number and a word have no order; and they are not equal
        negated = getattr(condition, "op", "") == "!=" or getattr(condition, "negated", False)
        if isinstance(condition, Between) or getattr(condition, "op", "==") not in ("==", "!="):
            with pytest.raises(WhereError):
                codec.allow(condition)  # type: ignore[arg-type]
            return
        right = np.full(len(column), negated)
    boxes = codec.allow(condition)  # type: ignore[arg-type]
    held = sum((inside(box, leaves).astype(int) for box in boxes), np.zeros(len(column), dtype=int))
    assert held.tolist() == right.astype(int).tolist()


def test_dates_compare_as_dates() -> None:
    codec = Category().fit(COLUMNS["date"])
    later = codec.allow(Compare(">", dt.date(1970, 1, 2)))[0].symbols[""]
    assert [codec.values[i] for i in np.flatnonzero(later)] == ["1970-01-03", "1971-02-05"]
    assert codec.allow(Compare("==", "1970-01-03"))[0].symbols[""].sum() == 1


def test_declared_order_decides_comparisons() -> None:
    codec = Category(("low", "mid", "high"), ordered=True).fit(from_strings(["low", "mid", "high"]))
    assert codec.allow(Compare(">=", "mid"))[0].symbols[""].tolist() == [False, True, True]
    with pytest.raises(WhereError, match='"hihg" is not on the scale.*Did you mean "high"'):
        codec.allow(Compare("<", "hihg"))


def test_describe() -> None:
    assert (
        Category().fit(from_strings(["Y", "N", "Y", None])).describe()
        == 'yes/no ("Y" 66.7 %, "N" 33.3 %); 25 % missing'
    )
    assert Category().fit(from_strings(["red", "red", "blue"])).describe() == "2 categories: red, blue"


def test_damaged_state_is_refused() -> None:
    values, arrays = Category().fit(COLUMNS["rare"]).state()
    with pytest.raises(StoreError):
        CategoryCodec.from_state(values, arrays | {"counts": arrays["counts"][:-1]})
    with pytest.raises(StoreError):
        CategoryCodec.from_state(values | {"dtype": "os.system"}, arrays)
    with pytest.raises(ValueError):
        CategoryCodec.from_state(values, arrays | {"starts": arrays["starts"][::-1].copy()})


def test_declared_values_are_grouped_by_how_often_they_were_seen() -> None:
    """The order in which a schema names values says nothing about which of them are rare."""
    values = [f"v{place:03d}" for place in range(100)]
    texts = [text for place, text in enumerate(values) for _ in range(50 if place >= 60 else 2)]
    codec = Category(values=tuple(values)).fit(from_strings(texts))
    free = Category().fit(from_strings(texts))
    assert (codec.values, codec.first.tolist()) == (free.values, free.first.tolist())
    symbols = codec.encode(from_strings(values))[""]
    assert len(set(symbols[60:].tolist())) == 40 and not set(symbols[60:]) & set(symbols[:60])


UNKNOWN = {
    "category": (Category(), ["a", "b", "a"], ["a", "x", "b", None], [False, True, False, True]),
    "with missing": (Category(), ["a", None, "b"], ["y", "a", None], [True, False, False]),
    "yes or no": (Category(), ["Y", "N"], ["yes", "no", "perhaps"], [False, False, True]),
    "constant": (Constant(), ["a", "a"], ["a", "b"], [False, True]),
    "number": (Number(spelling=Spelling(thousands=",")), ["1,200", "950"], ["1,000", "x"], [False, True]),
    "plain number": (Number(spelling=Spelling()), ["1", "2", None], ["1", None, "two"], [False, False, True]),
    "moment": (
        Moment(),
        ["2024-05-01", "2024-06-01"],
        ["2024-05-02", "2024-13-01", None],
        [False, True, True],
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_cells_are_those_that_encode_refuses(name: str) -> None:
    field, seen, asked, expected = UNKNOWN[name]
    codec = field.fit(from_strings(seen))
    assert codec.unknown(from_strings(asked)).tolist() == expected
    for text, strange in zip(asked, expected, strict=True):
        if strange:
            with pytest.raises(DataError):
                codec.encode(from_strings([text]))
        else:
            codec.encode(from_strings([text]))


# --- one person's values
def codes_of(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Codes of which many are held by one record."""
    return np.array([f"C{code:05d}" for code in rng.zipf(1.5, rows) % 4_000])


def made_of(column: Array, field: Category) -> list:
    codec = field.fit(column)
    noise = np.random.default_rng(0).random(len(column))
    leaves = dict(codec.encode(column)) | dict.fromkeys(codec.noise, noise)
    return codec.decode(leaves, Rows(0, len(column), 0)).to_pylist()


@pytest.mark.parametrize("ordered", [False, True])
def test_a_value_of_one_record_is_neither_made_nor_kept(ordered: bool) -> None:
    texts = ["red"] * 30 + ["green"] * 20 + ["blue"] * 5 + ["violet", "pink"]
    column = from_strings(texts)
    codec = Category(ordered=ordered).fit(column)
    values, arrays = codec.state()
    kept = arrays["bytes"].tobytes().decode() + str(values) + codec.describe() + str(codec.notes)
    assert "violet" not in kept and "pink" not in kept and "blue" in kept
    assert "2 values that one row alone holds are not made" in codec.notes[0]
    assert not {"violet", "pink"} & set(made_of(column, Category(ordered=ordered)))
    assert not codec.unknown(column).any() and codec.allow(Compare("==", "pink")) == []
    assert codec.holds(Compare("==", "pink"), column).sum() == 1
    assert codec.holds(In(("pink", "red"), negated=True), column).sum() == 26
    share = codec.log_share(column)
    assert np.isfinite(share).all() and (share[-2:] < 0).all() and (share[:-2] == 0).all()
    assert {"violet", "pink"} <= set(made_of(column, Category(ordered=ordered, exact=True)))
    back = CategoryCodec.from_state(values, arrays)
    assert np.array_equal(back.encode(column)[""], codec.encode(column)[""])


def test_rows_of_values_that_are_not_made_go_to_rare_ones_and_disturb_no_frequent_one() -> None:
    texts = codes_of(np.random.default_rng(2), 5_000)
    distinct, counts = np.unique(texts, return_counts=True)
    made = np.array(made_of(from_strings(texts.tolist()), Category()))
    assert not np.isin(made, distinct[counts == 1]).any() and (counts == 1).sum() > 200
    for value in distinct[counts >= 50]:
        assert (made == value).sum() == (texts == value).sum()


def test_a_number_off_a_scale_is_learned_as_the_nearest_on_it() -> None:
    column = Array([*range(1, 6), *range(1, 5), *range(1, 5), 9, None], DataType.int64())
    codec = Category(ordered=True).fit(column)
    assert codec.values == ["1", "2", "3", "4"]
    assert codec.encode(Array([5, 9, -3], DataType.int64()))[""].tolist() == [3, 3, 0]


@pytest.mark.parametrize("rows", [12, 300])
def test_a_column_whose_every_value_is_one_records_is_made_missing(rows: int) -> None:
    column = from_strings([f"name {row}" for row in range(rows)])
    check_field(Category(), column)
    assert set(made_of(column, Category())) == {None}
    assert "made missing" in Category().fit(column).notes[0]


def test_values_of_one_person_in_several_rows_are_one_persons() -> None:
    persons = np.repeat(np.arange(40), 3)
    column = from_strings([f"{'odd' if person == 7 else 'plain'}" for person in persons])
    assert Category().fit(column).values == ["plain", "odd"]
    assert Category().fit(column, persons).values == ["plain"]


def test_an_order_is_declared_or_comes_with_the_type_and_is_never_the_alphabet() -> None:
    sizes = from_strings(["S", "L", "M", "XL"] * 9)
    with pytest.raises(WhereError, match="no order"):
        Category().fit(sizes).allow(Compare(">", "M"))
    with pytest.raises(WhereError, match="no order"):
        Category().fit(sizes).holds(Between("M", "S"), sizes)
    declared = guess({"size": sizes}, types={"size": "category:S<M<L<XL"}).fields["size"]
    by_type = guess({"size": in_order(sizes, ["S", "M", "L", "XL"])}).fields["size"]
    assert declared == by_type == Category(("S", "M", "L", "XL"), ordered=True)
    codec = declared.fit(sizes)
    for condition, expected in (
        (Compare(">", "M"), ["L", "XL"]),
        (Compare("<=", "M"), ["S", "M"]),
        (Between("M", "L"), ["M", "L"]),
        (Between("M", "L", negated=True), ["S", "XL"]),
    ):
        (box,) = codec.allow(condition)
        assert [codec.values[place] for place in np.flatnonzero(box.symbols[""])] == expected
        held = codec.holds(condition, sizes)
        assert {text for text, one in zip(sizes.to_pylist(), held, strict=True) if one} == set(expected)
    with pytest.raises(RequestError, match="comes twice"):
        guess({"size": sizes}, types={"size": "category:S<M<S"})


def test_numbers_that_name_something_are_compared_by_size() -> None:
    codec = Category().fit(COLUMNS["digits"])
    (box,) = codec.allow(Compare(">", "9"))
    assert [codec.values[place] for place in np.flatnonzero(box.symbols[""])] == ["10"]
    ordered = Category(ordered=True).fit(COLUMNS["digits"])
    (box,) = ordered.allow(Compare(">", 8.5))
    assert [ordered.values[place] for place in np.flatnonzero(box.symbols[""])] == ["9", "10"]
