"""Numbers: what they keep, and the field contract."""

from __future__ import annotations

import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import floats, from_strings
from sampan.errors import DataError, WhereError
from sampan.field import Compare, In, Rows
from sampan.fields.number import Number
from sampan.fields.number.field import WHOLE
from sampan.fields.number.spelling import Spelling
from sampan.testing import check_field

RNG = np.random.default_rng(0)
SPIKY = np.where(RNG.random(3000) < 0.4, 0.0, np.round(RNG.lognormal(3, 2, 3000), 2))


@pytest.mark.parametrize(
    "column",
    [
        Array.from_numpy(RNG.integers(17, 91, 500)),
        Array.from_numpy(RNG.normal(size=3000)),
        Array.from_numpy(SPIKY),
        Array.from_numpy(SPIKY.astype(np.float32)),
        Array([1.5, None, 2.25, None, 1.5], DataType.float64()),
        Array([7, None, 9] * 200, DataType.int32()),
        Array.from_numpy(np.array([1e308, -1e308, 0.0, np.inf] * 5)),
        Array.from_numpy(np.array([3.0])),
    ],
    ids=["ages", "normal", "spiky", "float32", "missing", "int32", "huge", "one"],
)
def test_contract(column: Array) -> None:
    check_field(Number(), column)


def test_contract_of_spelled_numbers() -> None:
    column = Array([f"HK$ {value:,.2f}" for value in SPIKY[:400]], DataType.string())
    spelling = Spelling.find(column)
    assert spelling is not None
    check_field(Number(spelling=spelling), column)


def test_a_spike_is_a_symbol_of_its_own_and_keeps_its_share() -> None:
    codec = Number().fit(Array.from_numpy(SPIKY))
    space = codec.spaces[""]
    zero = int(codec.encode(Array.from_numpy(np.array([0.0])))[""][0])
    assert zero in space.spikes
    symbols = codec.encode(Array.from_numpy(SPIKY))[""]
    noise = np.random.default_rng(1).random(len(SPIKY))
    made = floats(codec.decode({"": symbols, "which": noise}, Rows(0, len(SPIKY), 0)))
    assert (made == 0).mean() == (SPIKY == 0).mean()
    assert SPIKY.min() <= made.min() and made.max() <= SPIKY.max()
    assert (np.round(made, 2) == made).all()


def shared_and_lone(values: np.ndarray) -> tuple[set[float], set[float]]:
    """The numbers that several records hold, and those that one record holds."""
    distinct, counts = np.unique(values, return_counts=True)
    return set(distinct[counts > 1].tolist()), set(distinct[counts == 1].tolist())


def test_a_number_of_one_record_is_made_no_more_often_than_a_strangers() -> None:
    rng = np.random.default_rng(3)
    incomes = np.round(rng.lognormal(7, 0.6, 8_000), 2)
    learned, strangers = incomes[:4_000], incomes[4_000:]
    column = Array.from_numpy(learned)
    for exact in (False, True):
        codec = Number(exact=exact).fit(column)
        noise = rng.random(len(learned))
        made = floats(codec.decode({**codec.encode(column), "which": noise}, Rows(0, len(learned), 0)))
        found = [len(shared_and_lone(side)[1] & set(made.tolist())) for side in (learned, strangers)]
        if exact:
            assert found[0] > 3 * found[1]
        else:
            assert found[0] - found[1] < 0.02 * len(learned)
        shared, _ = shared_and_lone(learned)
        kept = np.isin(made, list(shared)).mean()
        assert kept >= np.isin(learned, list(shared)).mean() - 0.02


def test_the_marginal_survives_uniform_symbols_and_noise() -> None:
    values = RNG.gamma(2.0, 5.0, 20_000)
    codec = Number().fit(Array.from_numpy(values))
    symbols = codec.encode(Array.from_numpy(values))[""]
    noise = np.random.default_rng(2).random(len(values))
    made = np.sort(floats(codec.decode({"": symbols, "which": noise}, Rows(0, len(values), 0))))
    grid = np.linspace(values.min(), values.max(), 400)
    real = np.searchsorted(np.sort(values), grid) / len(values)
    assert np.abs(real - np.searchsorted(made, grid) / len(values)).max() < 0.005


def test_numbers_in_place_of_lone_ones_keep_the_step_and_the_range() -> None:
    rng = np.random.default_rng(4)
    prices = np.concatenate([rng.integers(1, 900, 300) + 0.99, [4.99, 4.99]])
    codec = Number().fit(Array.from_numpy(prices))
    assert (np.round(codec.values * 100) % 100 == 99).all()
    assert prices.min() <= codec.values.min() and codec.values.max() <= prices.max()
    years = np.array([1950, 1960, 1960, 1970, 1970, 2003])
    assert set(Number().fit(Array.from_numpy(years)).values) <= set(range(1950, 2004))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=300), st.integers(2, 12), st.integers(-55, 55))
def test_boxes_hold_exactly_the_values_that_a_comparison_allows(
    values: list[int], symbols: int, bound: int
) -> None:
    codec = Number(symbols=symbols, exact=True).fit(Array(values, DataType.int64()))
    boxes = codec.allow(Compare("<", bound))
    before = codec._cuts.before
    share = 0.0
    weight = np.bincount(codec.encode(Array(values, DataType.int64()))[""], minlength=codec.first.size)
    for box in boxes:
        low, high = box.noise.get("which", (0.0, 1.0))
        share += sum(weight[s] for s in np.flatnonzero(box.symbols[""])) * (high - low)
    assert before[-1] == WHOLE * len(values)
    assert share == pytest.approx(sum(value < bound for value in values))


def test_errors_say_what_to_do() -> None:
    with pytest.raises(DataError, match="none of the 2 cells is a number"):
        Number().fit(Array(["a", "b"], DataType.string()))
    codec = Number().fit(Array([1, 2, 3], DataType.int64()))
    with pytest.raises(WhereError, match="'old'"):
        codec.allow(Compare(">", "old"))
    with pytest.raises(DataError, match="missing"):
        codec.encode(Array([1, None], DataType.int64()))


# --- whole numbers that a float64 cannot hold
LONG = [2**63 - 1, -(2**63), 2**53 + 1, 2**53, 0, 7, -(2**53) - 1, *range(2**62, 2**62 + 400)]
UNSIGNED = [2**64 - 1, 2**63, 2**53 + 1, 0, *range(2**63 + 5, 2**63 + 405)]


@pytest.mark.parametrize(
    "column",
    [
        Array(LONG * 3, DataType.int64()),
        Array(UNSIGNED * 2, DataType.uint64()),
        Array([2**63 - 1, None, 5], DataType.int64()),
    ],
    ids=["int64", "uint64", "missing"],
)
def test_long_whole_numbers_keep_every_digit(column: Array) -> None:
    check_field(Number(), column)
    codec = Number().fit(column)
    symbols = codec.encode(column)[""]
    noise = np.random.default_rng(0).random(len(column))
    made = codec.decode({"": symbols, "which": noise}, Rows(0, len(column), 0))
    seen = {value for value in column.to_pylist() if value is not None}
    back = [value for value in made.to_pylist() if value is not None]
    assert set(back) <= seen and len(back) == len(column) - column.null_count
    alone = Number(symbols=len(seen), exact=True).fit(column)
    assert alone.decode(alone.encode(column), Rows(0, len(column), 0)).to_pylist() == column.to_pylist()
    assert {min(seen), max(seen)} <= set(codec.values.tolist())


def test_the_least_and_the_greatest_of_very_many_long_numbers_are_kept() -> None:
    values = np.arange(80_000, dtype=np.int64) * 3 + (2**63 - 1 - 239_997)
    codec = Number(exact=True).fit(Array.from_numpy(values))
    assert (codec.values[0], codec.values[-1]) == (values[0], 2**63 - 1)
    assert set(codec.values.tolist()) <= set(values.tolist())


def test_conditions_tell_neighbouring_long_numbers_apart() -> None:
    column = Array(LONG, DataType.int64())
    codec = Number(symbols=20, exact=True).fit(column)
    for condition in (Compare("==", 2**53 + 1), Compare("==", str(2**53 + 1)), In((2**53 + 1, 1.5))):
        assert codec.holds(condition, column).tolist() == [value == 2**53 + 1 for value in LONG]
        assert sum(codec._holds(condition, codec.values)) == 1
    assert codec.holds(Compare("<", 2**63 - 1), column).sum() == len(LONG) - 1
    assert codec.holds(Compare("<", 2**70), column).all()
    assert not codec.holds(Compare(">", 1e300), column).any()


def test_long_numbers_are_encoded_from_whatever_the_caller_has() -> None:
    codec = Number(symbols=500, exact=True).fit(Array(LONG, DataType.int64()))
    own = codec.encode(Array(LONG, DataType.int64()))[""]
    assert (codec.encode(from_strings([str(value) for value in LONG]))[""] == own).all()
    assert codec.encode(Array([2**64 - 1], DataType.uint64()))[""] == own[0]
    floating = codec.encode(Array([1e300, -1e300, 0.2, float(2**53)], DataType.float64()))[""]
    assert floating.tolist() == [own[0], own[1], own[4], own[3]]


def test_text_that_is_no_number_is_told_and_not_taken_for_missing() -> None:
    codec = Number().fit(Array([1.5, None, 3.0], DataType.float64()))
    priced = codec.encode(from_strings(["$1.50", "$3.00", "N/A", None]))[""]
    assert priced.tolist() == [0, 1, 2, 2]
    assert codec.encode(from_strings(["N/A"]))[""].tolist() == [2]
    with pytest.raises(DataError, match="'three' is no number"):
        codec.encode(from_strings(["1.5", "three"]))


@pytest.mark.parametrize("short", [np.float32, np.float16])
def test_short_floats_keep_the_decimals_they_are_written_with(short: type) -> None:
    rng = np.random.default_rng(3)
    top, digits = (900, 2) if short is np.float32 else (50, 1)
    money = np.round(rng.gamma(2, top / 8, 800).clip(0, top), digits)
    column = Array.from_numpy(money.astype(short))
    codec = Number().fit(column)
    assert (codec.values == np.round(codec.values, digits)).all()
    assert (codec.encode(column)[""] == codec.encode(Array.from_numpy(money))[""]).all()
    # 12.34 is asked for as it is written
    assert (codec.holds(Compare("==", float(money[0])), column) == (money == money[0])).all()


# --- one person's numbers
NUMBER = Number()


def made_of(column: Array, field: Number = NUMBER, seed: int = 0) -> np.ndarray:
    """As many numbers as the column has, from its own symbols."""
    codec = field.fit(column)
    noise = np.random.default_rng(seed).random(len(column))
    leaves = dict(codec.encode(column)) | dict.fromkeys(codec.noise, noise)
    return codec.decode(leaves, Rows(0, len(column), 0)).to_numpy()


NUMBERS = {
    "cents": lambda rng, rows: np.round(rng.lognormal(7, 0.6, rows), 2),
    "close together": lambda rng, rows: rng.integers(0, 3 * rows, rows),
    "in steps of 25": lambda rng, rows: rng.integers(0, 4 * rows, rows) * 25 - 10_000,
    "half of them round": lambda rng, rows: np.where(
        rng.random(rows) < 0.5, rng.integers(1, 99, rows) * 100, rng.integers(1, 9_999, rows)
    ),
    "a long tail": lambda rng, rows: (rng.pareto(0.8, rows) * 30).astype(np.int64),
    "int64": lambda rng, rows: 2**61 + rng.integers(0, 4 * rows, rows) * 7,
    "uint64": lambda rng, rows: 2**63 + rng.integers(0, 4 * rows, rows).astype(np.uint64),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_of_one_record_comes_back_more_often_than_a_strangers(name: str) -> None:
    rng = np.random.default_rng(11)
    rows, found, exact, ends = 3_000, np.zeros(2), np.zeros(2), 0
    for seed in range(3):
        sides = [NUMBERS[name](rng, rows) for _ in range(2)]
        column = Array.from_numpy(sides[0])
        made = made_of(column, seed=seed)
        asked = np.unique(made)
        lone = [np.unique(side, return_counts=True) for side in sides]
        alone = [values[counts == 1] for values, counts in lone]
        found += [np.isin(asked, values).sum() for values in alone]
        again = np.unique(made_of(column, Number(exact=True), seed=seed))
        exact += [np.isin(again, values).sum() for values in alone]
        ends += (sides[0] >= made.max()).sum() == 1 or (sides[0] <= made.min()).sum() == 1
    assert found[0] - found[1] < 4 * np.sqrt(found.sum() + 1)
    assert exact[0] - exact[1] > 4 * np.sqrt(exact.sum() + 1)
    assert ends == 0


@pytest.mark.parametrize("kind", [np.float64, np.int64, np.uint64])
def test_neither_model_nor_words_hold_an_end_that_one_record_has(kind: type) -> None:
    shared = np.repeat(np.arange(1_000, 1_100), 5)
    column = Array.from_numpy(np.concatenate([shared, [3, 77_777]]).astype(kind))
    codec = Number().fit(column)
    values, arrays = codec.state()
    assert not {3.0, 77_777.0} & set(arrays["values"].astype(float).tolist()) and "77777" not in str(values)
    assert codec.describe() == "102 whole numbers, 1000 to 1099"
    assert not {3, 77_777} & set(made_of(column).tolist())
    assert len(codec.allow(Compare(">", 1099))) == 0
    assert codec.encode(Array([77_777], DataType.int64()))[""][0] == codec.first.size - 2
    exact = Number(exact=True).fit(column)
    assert exact.values[0] == 3 and exact.values[-1] == 77_777


def test_rows_of_one_person_are_one_holder() -> None:
    persons = np.repeat(np.arange(500), 4)
    incomes = np.random.default_rng(5).integers(10_000, 10_000_000, 500)[persons]
    column = Array.from_numpy(incomes)
    kept = set(Number().fit(column).values.tolist()) & set(incomes.tolist())
    found = set(Number().fit(column, persons).values.tolist()) & set(incomes.tolist())
    assert len(kept) == len(set(incomes.tolist())) and len(found) < 5


def test_a_column_whose_numbers_nobody_shares_and_none_lies_between_is_made_missing() -> None:
    for cells in ([7.0, *[None] * 30], [1, *[None] * 30, 2]):
        column = Array(cells, DataType.float64())
        check_field(Number(), column)
        codec = Number().fit(column)
        assert codec.values.size == 0 and codec.notes
        leaves = codec.encode(column)
        assert codec.decode(leaves, Rows(0, len(column), 0)).null_count == len(column)
