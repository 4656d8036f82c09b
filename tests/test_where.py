"""What a condition means: text to formula, formula to boxes, and both against brute force."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import Column, floats, from_strings
from sampan.errors import WhereError
from sampan.field import Between, Box, Codec, Compare, Condition, In, Leaves, Missing, Rows
from sampan.fields import Number
from sampan.space import Choice, Space
from sampan.where import And, Atom, Formula, Not, Or, boxes, evaluate, parse, read, show

SYMBOLS, INSIDE = 4, 4


def truth(condition: Condition, value: float | None) -> bool:
    """The meaning of a condition for one cell, spelt out."""
    match condition:
        case Missing(negated):
            return (value is None) != negated
        case _ if value is None:
            return False
        case Compare(op, literal):
            wanted = float(literal)
            sign = (value > wanted) - (value < wanted)
            return sign in {"==": (0,), "!=": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}[op]
        case In(literals, negated):
            return (value in [float(literal) for literal in literals]) != negated
        case Between(low, high, negated):
            return (float(low) <= value <= float(high)) != negated


@dataclass(frozen=True)
class Steps(Codec):
    """The numbers 0 to 15: four ordered symbols with four values in each by noise, and "missing"."""

    kind: ClassVar[str] = "toy-steps"

    @property
    def spaces(self) -> Mapping[str, Space]:
        return {"": Choice(SYMBOLS + 1, ordered=True, off=(SYMBOLS,))}

    @property
    def noise(self) -> tuple[str, ...]:
        return ("fine",)

    def encode(self, column: Column) -> Leaves:
        values = floats(column)
        return {"": np.where(np.isnan(values), SYMBOLS, np.nan_to_num(values) // INSIDE).astype(np.int64)}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        values = leaves[""] * INSIDE + np.floor(leaves["fine"] * INSIDE)
        return Array(
            [None if s == SYMBOLS else v for s, v in zip(leaves[""], values, strict=True)], DataType.float64()
        )

    def allow(self, condition: Condition) -> list[Box]:
        found = []
        for symbol, step in itertools.product(range(SYMBOLS), range(INSIDE)):
            if truth(condition, symbol * INSIDE + step):
                mask = np.arange(SYMBOLS + 1) == symbol
                found.append(Box({"": mask}, {"fine": (step / INSIDE, (step + 1) / INSIDE)}))
        if truth(condition, None):
            found.append(Box({"": np.arange(SYMBOLS + 1) == SYMBOLS}, {}))
        return found

    def describe(self) -> str:
        return "16 whole numbers, 0 to 15"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        return cls()


@dataclass(frozen=True)
class Plain(Codec):
    """The numbers 0 to 4, one symbol each, never missing."""

    kind: ClassVar[str] = "toy-plain"

    @property
    def spaces(self) -> Mapping[str, Space]:
        return {"": Choice(5)}

    def encode(self, column: Column) -> Leaves:
        return {"": floats(column).astype(np.int64)}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        return Array.from_numpy(leaves[""].astype(np.float64))

    def allow(self, condition: Condition) -> list[Box]:
        if isinstance(condition, Compare) and condition.value == "b":
            raise WhereError("'b' is no number.", "A number.", "a > 3")
        mask = np.array([truth(condition, value) for value in range(5)])
        return [Box({"": mask}, {})] if mask.any() else []

    def describe(self) -> str:
        return "5 whole numbers, 0 to 4"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        return cls()


CODECS: dict[str, Codec] = {"a": Plain(), "b": Steps(), "c": Steps()}

NUMBER = st.integers(-1, 17)
CONDITION = st.one_of(
    st.builds(Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), NUMBER),
    st.builds(In, st.lists(NUMBER, min_size=1, max_size=5).map(tuple), st.booleans()),
    st.builds(
        lambda low, width, negated: Between(low, low + width, negated),
        NUMBER,
        st.integers(0, 9),
        st.booleans(),
    ),
    st.builds(Missing, st.booleans()),
)
FORMULA = st.recursive(
    st.builds(Atom, st.sampled_from(["a", "b", "c"]), CONDITION),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Not, part),
    ),
    max_leaves=5,
)


def grid() -> dict[str, np.ndarray]:
    """Every point of the toy record: each symbol, and the middle of each quarter of each noise leaf."""
    fine = (np.arange(INSIDE) + 0.5) / INSIDE
    axes = [np.arange(5), np.arange(SYMBOLS + 1), fine, np.arange(SYMBOLS + 1), fine]
    points = np.array(list(itertools.product(*axes)))
    return dict(zip(("a", "b", "b/fine", "c", "c/fine"), points.T, strict=True))


GRID = grid()
ROWS = Rows(0, len(GRID["a"]), 0)
TABLE = {
    name: codec.decode(
        {
            leaf: GRID[f"{name}/{leaf}"] if leaf else GRID[name].astype(np.int64)
            for leaf in (*codec.spaces, *codec.noise)
        },
        ROWS,
    )
    for name, codec in CODECS.items()
}
VALUES = {name: column.to_pylist() for name, column in TABLE.items()}


def inside(box: Box) -> np.ndarray:
    held = np.ones(ROWS.count, dtype=bool)
    for leaf, mask in box.symbols.items():
        held &= mask[GRID[leaf].astype(np.int64)]
    for leaf, (low, high) in box.noise.items():
        held &= (GRID[leaf] >= low) & (GRID[leaf] < high)
    return held


def meaning(formula: Formula, negated: bool = False) -> np.ndarray:
    """Brute force over every point, `not` pushed down by hand: false for a missing cell either way."""
    match formula:
        case Atom(name, condition):
            # one look-up for each distinct cell; the meaning itself is `truth`
            known = {
                cell: truth(condition, cell) != negated
                and (cell is not None or isinstance(condition, Missing))
                for cell in set(VALUES[name])
            }
            return np.array([known[cell] for cell in VALUES[name]])
        case Not(part):
            return meaning(part, not negated)
        case And(parts):
            return (np.logical_or if negated else np.logical_and).reduce([meaning(p, negated) for p in parts])
        case Or(parts):
            return (np.logical_and if negated else np.logical_or).reduce([meaning(p, negated) for p in parts])


@settings(max_examples=150, deadline=None)
@given(FORMULA)
def test_boxes_are_disjoint_and_cover_exactly_the_event(formula: Formula) -> None:
    wanted = meaning(formula)
    if not wanted.any():
        with pytest.raises(WhereError, match="No record can satisfy"):
            boxes(formula, CODECS)
        return
    times = np.sum([inside(box) for box in boxes(formula, CODECS)], axis=0)
    assert (times == wanted).all()


@settings(max_examples=100, deadline=None)
@given(FORMULA)
def test_evaluate_agrees_with_brute_force(formula: Formula) -> None:
    assert (evaluate(formula, TABLE) == meaning(formula)).all()


@settings(max_examples=200, deadline=None)
@given(FORMULA)
def test_what_is_shown_reads_back(formula: Formula) -> None:
    text = show(formula)
    assert show(parse(text)) == text
    assert (evaluate(parse(text), TABLE) == evaluate(formula, TABLE)).all()


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_any_name_and_any_string_survive(column: str, value: str) -> None:
    atom = Atom(column, Compare("==", value))
    assert parse(show(atom)) == atom


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_caret(text: str) -> None:
    try:
        parse(text)
    except WhereError as error:
        assert "^" in error.what or "empty" in error.what
        assert error.expected and error.fix


def both(*parts: Formula) -> And:
    return And(parts)


def atom(column: str, op: str, value: Any) -> Atom:
    return Atom(column, Compare(op, value))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("age > 65", atom("age", ">", 65)),
        ("age>65", atom("age", ">", 65)),
        ("65 < age", atom("age", ">", 65)),
        ("age ≥ 1_000", atom("age", ">=", 1000)),
        ("x = 1e3", atom("x", "==", 1000.0)),
        ("x == -5", atom("x", "==", -5)),
        ("x<-.5", atom("x", "<", -0.5)),
        ("x <> 5", atom("x", "!=", 5)),
        ("18 <= age < 65", both(atom("age", ">=", 18), atom("age", "<", 65))),
        ("churn = yes", atom("churn", "==", "yes")),
        ("state = New-York", atom("state", "==", "New-York")),
        ("state = OR or state = IN", Or((atom("state", "==", "OR"), atom("state", "==", "IN")))),
        ("state in (CA, OR, 'New York',)", Atom("state", In(("CA", "OR", "New York")))),
        ("n NOT IN [1, 2.5]", Atom("n", In((1, 2.5), True))),
        ("hours-per-week BETWEEN 20 AND 40", Atom("hours-per-week", Between(20, 40))),
        ("`home town` is not null", Atom("home town", Missing(True))),
        ('"home town" is missing', Atom("home town", Missing())),
        ("年齡 ＞ 65", atom("年齡", ">", 65)),
        ('city = "香港 島"', atom("city", "==", "香港 島")),
        ("zip = 01234", atom("zip", "==", "01234")),
        ("s = 'it''s'", atom("s", "==", "it's")),
        ("s = '5'", atom("s", "==", "5")),
        ("flag = TRUE", atom("flag", "==", True)),
        ("day >= 2024-01-05", atom("day", ">=", dt.date(2024, 1, 5))),
        ("at < 2024-01-05T18:30", atom("at", "<", dt.datetime(2024, 1, 5, 18, 30))),
        ("income = '<=50K'", atom("income", "==", "<=50K")),
        ("not a = 1 and b = 2", both(Not(atom("a", "==", 1)), atom("b", "==", 2))),
        ("!(a = 1 || b = 2)", Not(Or((atom("a", "==", 1), atom("b", "==", 2))))),
        ("a = 1 or b = 2 && c = 3", Or((atom("a", "==", 1), both(atom("b", "==", 2), atom("c", "==", 3))))),
        ("in > 3", atom("in", ">", 3)),
    ],
)
def test_text_is_read_as_meant(text: str, formula: Formula) -> None:
    assert parse(text) == formula


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("age", 3, "comparison"),
        ("age >", 5, "value"),
        ("age >> 5", 5, "value"),
        ("age => 65", 4, ">= ends"),
        ("age > 5 b", 8, "and"),
        ("(a > 5", 6, "closing bracket"),
        ("a > 5)", 5, "closes nothing"),
        ("a in 5", 5, "list"),
        ("a in (1 2)", 8, "comma"),
        ("a between 5", 11, "upper value"),
        ("a between 9 and 2", 10, "lower value comes first"),
        ("a is 5", 5, "missing"),
        ("a = missing", 4, "missing cell"),
        ("5 > 3", 0, "column name"),
        ("a = 'x", 4, "never closed"),
        ("a = 2024-13-01", 4, "no such day"),
        ("1 < a < 3 < 4", 12, "chain"),
        ("a > 5 and", 9, "name of a column"),
        ("年齡 = ", 6, "value"),  # the two characters are two places wide each
    ],
)
def test_a_wrong_text_is_refused_where_it_is_wrong(text: str, place: int, expected: str) -> None:
    with pytest.raises(WhereError) as caught:
        parse(text)
    shown, caret = caught.value.what.split("\n")[1:]
    assert shown == "  " + text.rstrip()
    assert caret.index("^") - 2 == place
    assert expected in caught.value.expected
    assert caught.value.fix


def test_a_mapping_is_read_too() -> None:
    formula = read({"a": 3, "b": [1, 2], "c": None, "d": Between(1, 2)})
    assert formula == both(
        atom("a", "==", 3), Atom("b", In((1, 2))), Atom("c", Missing()), Atom("d", Between(1, 2))
    )
    assert read(formula) is formula
    assert read({"a": np.float64(1.5)}) == parse("a = 1.5")


def test_an_interval_needs_few_boxes() -> None:
    assert len(boxes(parse("b > 5"), CODECS)) == 2
    assert len(boxes(parse("b > 7"), CODECS)) == 1
    assert len(boxes(parse("a = 1 or a = 3 or a = 4"), CODECS)) == 1


def test_a_condition_that_always_holds_is_one_free_box() -> None:
    (box,) = boxes(parse("b is missing or b >= 0"), CODECS)
    assert not box.symbols and not box.noise


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(WhereError, match='Did you mean "salary"'):
        boxes(parse("salry > 3"), {"salary": Plain()})
    with pytest.raises(WhereError, match='Did you mean "AGE"'):
        evaluate(parse("age > 3"), {"AGE": from_strings(["1"])})


def test_a_contradiction_is_named() -> None:
    with pytest.raises(WhereError) as caught:
        boxes(parse("b < 3 and (a = 1 and b > 5) and c > 2"), CODECS)
    assert caught.value.what == "No record can satisfy: b < 3 and b > 5"
    with pytest.raises(WhereError) as caught:
        boxes(parse("c > 2 and a > 200"), CODECS)
    assert caught.value.what == "No record can satisfy: a > 200"
    assert "0 to 4" in caught.value.expected


def test_two_columns_are_not_compared() -> None:
    with pytest.raises(WhereError, match="compares columns"):
        boxes(parse("a > b"), CODECS)


def test_too_many_cases_are_refused() -> None:
    codecs = {f"x{i}": Steps() for i in range(8)}
    text = " and ".join(f"{name} in (0, 5, 10, 15)" for name in codecs)
    with pytest.raises(WhereError, match="separate cases"):
        boxes(parse(text), codecs)


def test_evaluate_reads_text_as_what_it_says() -> None:
    table = {
        "age": from_strings(["9", "70", None, "1,000"]),
        "day": from_strings(["2024-01-05", "2023-12-31", None, "2024-02-01"]),
        "zip": from_strings(["01234", "1234", None, "9"]),
        "flag": Array([True, False, None, True], DataType.bool()),
    }

    def rows(text: str) -> list[int]:
        return np.flatnonzero(evaluate(parse(text), table)).tolist()

    assert rows("age > 65") == [1, 3]
    assert rows("age > '65'") == [1, 3]
    assert rows("day > 2024-01-01") == [0, 3]
    assert rows("not day > 2024-01-01") == [1]
    assert rows("zip = 01234") == [0]
    assert rows("flag = true") == [0, 3]
    assert rows("age is missing or age = 9") == [0, 2]
    with pytest.raises(WhereError, match="HK"):
        evaluate(parse("pay > 65"), {"pay": from_strings(["12", "HK$ 70"])})


def test_evaluate_compares_long_whole_numbers_to_the_last_digit() -> None:
    table = {
        "n": Array([2**53, 2**53 + 1, None, 2**63 - 1], DataType.int64()),
        "u": Array([2**64 - 1, 2**64 - 2, 0, None], DataType.uint64()),
        "t": from_strings([str(2**53), str(2**53 + 1), None, "3"]),
    }
    expected = {
        f"n = {2**53 + 1}": [1],
        f"n > {2**53}": [1, 3],
        f"n in ({2**53}, '{2**63 - 1}')": [0, 3],
        f"u >= {2**64 - 1}": [0],
        f"u between -1 and {2**64 - 2}": [1, 2],
        f"t <= {2**53}": [0, 3],
        "n < 1.5e300": [0, 1, 3],
    }
    for text, rows in expected.items():
        assert np.flatnonzero(evaluate(parse(text), table)).tolist() == rows, text
    with pytest.raises(WhereError, match="'old' is compared with a column of numbers"):
        evaluate(parse("n > old"), table)


# --- conditions that no person writes
def numbers(count: int = 90) -> dict[str, Codec]:
    return {"age": Number(exact=True).fit(Array.from_numpy(np.arange(count, dtype=np.float64).repeat(2)))}


@pytest.mark.parametrize(
    "text, told",
    [
        ("(" * 9_000 + "age > 1" + ")" * 8_999, "closing bracket is missing"),
        ("not " * 9_000 + "age > 1", "levels"),
        ("not (" * 500 + "age > 1" + ")" * 500, "levels"),
        ("age > " + "7" * 1_500, "1,000 digits"),
        ("age = " + "x" * 50_000, "letters"),
        (f"age in ({', '.join(map(str, range(60_000)))})", "characters"),
        (" or ".join(f"age > {k}" for k in range(12_000)), "conditions"),
    ],
)
def test_what_is_too_deep_too_long_or_too_large_is_refused(text: str, told: str) -> None:
    with pytest.raises(WhereError, match=told) as error:
        parse(text)
    assert len(str(error.value)) < 1_000


def test_formulas_of_ones_own_are_held_to_the_same_limits() -> None:
    deep: Formula = Atom("age", Compare(">", 1))
    for _ in range(5_000):
        deep = Not(deep)
    for formula in (deep, Atom("age", Compare(">", 10**5_000)), {"age": In(tuple(range(200_000)))}):
        with pytest.raises(WhereError):
            read(formula)


@pytest.mark.parametrize("op, word, negated", [("=", "or", False), ("!=", "and", True)])
def test_a_long_chain_on_one_column_is_the_list_that_it_means(op: str, word: str, negated: bool) -> None:
    chain = parse(f" {word} ".join(f"age {op} {k}" for k in range(1, 4_000, 2)))
    (box,) = boxes(chain, numbers())
    (listed,) = boxes(Atom("age", In(tuple(range(1, 4_000, 2)), negated)), numbers())
    assert box.symbols["age"].sum() == 45 and (box.symbols["age"] == listed.symbols["age"]).all()


def test_numbers_beyond_all_floats_compare_as_what_they_are() -> None:
    codecs = numbers()
    for text in ("age < 1e999", "age < " + "9" * 400, "age != " + "9" * 400):
        (box,) = boxes(parse(text), codecs)
        assert box.symbols == {} and box.noise == {}
    for text in ("age > 1e999", "age > " + "9" * 400, "age = " + "9" * 400, "age < -" + "9" * 400):
        with pytest.raises(WhereError, match="No record can satisfy"):
            boxes(parse(text), codecs)
        assert not evaluate(parse(text), {"age": Array.from_numpy(np.arange(5.0))}).any()


def test_alternatives_that_multiply_are_refused_before_they_take_long() -> None:
    codecs = {name: Number(exact=True).fit(Array.from_numpy(np.arange(-90, 90.0))) for name in "abcd"}
    parts = (
        " or ".join(f"{name} > {k * step}" for step, name in zip((3, -3, 2, -2), "abcd", strict=True))
        for k in range(30)
    )
    with pytest.raises(WhereError, match="steps|separate cases"):
        boxes(parse(" and ".join(f"({part})" for part in parts)), codecs)
