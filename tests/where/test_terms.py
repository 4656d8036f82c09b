"""Arithmetic in conditions: read as meant, shown so that it reads back, old conditions read as before."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_strings
from sampan.errors import WhereError
from sampan.field import Compare
from sampan.where import And, Atom, Formula, Not, Or, Relation, evaluate, parse, show
from sampan.where.formula import resolved
from sampan.where.term import Apply, Duration, Moment, Number, Of, Term, Text

NAMES = ["a", "b", "net price", "單價", "in", "x-y", "2nd", "min"]


def of(op: str, *parts: Term) -> Apply:
    return Apply(op, parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("total = net + vat", Relation(Of("total"), "==", of("+", Of("net"), Of("vat")))),
        ("a - b - c > 0", Relation(of("-", of("-", Of("a"), Of("b")), Of("c")), ">", Number(0))),
        ("a - (b - c) > 0", Relation(of("-", Of("a"), of("-", Of("b"), Of("c"))), ">", Number(0))),
        ("(a + b) * 2 <= c", Relation(of("*", of("+", Of("a"), Of("b")), Number(2)), "<=", Of("c"))),
        ("a -b = 0", Relation(of("-", Of("a"), Of("b")), "==", Number(0))),
        ("a-b = 0", Atom("a-b", Compare("==", 0))),
        ("- a < b * -2", Relation(of("neg", Of("a")), "<", of("*", Of("b"), Number(-2)))),
        ("t = round(`net price` * 1.1, 2)", Relation(Of("t"), "==", of("round", of("*", Of("net price"), Number(1.1)), Number(2)))),  # noqa: E501
        ("min(x * 5 %, 1500) = mpf", Relation(of("min", of("*", Of("x"), Number(0.05)), Number(1500)), "==", Of("mpf"))),  # noqa: E501
        ("x * 5% = y", Relation(of("*", Of("x"), Number(0.05)), "==", Of("y"))),
        ("end - start >= 3 days", Relation(of("-", Of("end"), Of("start")), ">=", Duration(3 * 86_400))),
        ("end = start + 1.5hours", Relation(Of("end"), "==", of("+", Of("start"), Duration(5_400)))),
        ("合計 = 單價 × 數量", Relation(Of("合計"), "==", of("*", Of("單價"), Of("數量")))),
        ("退房 - 入住 ＞ 3 天", Relation(of("-", Of("退房"), Of("入住")), ">", Duration(3 * 86_400))),
        ("year(day) = 2024", Relation(of("year", Of("day")), "==", Number(2024))),
        ("age(born, 2024-06-01) < 18", Relation(of("age", Of("born"), Moment("2024-06-01")), "<", Number(18))),  # noqa: E501
        ("local(t, 'Asia/Hong_Kong') = u", Relation(of("local", Of("t"), Text("Asia/Hong_Kong")), "==", Of("u"))),  # noqa: E501
        ("a > `b`", Relation(Of("a"), ">", Of("b"))),
        ("x + 1 in (2, 3)", Or((Relation(of("+", Of("x"), Number(1)), "==", Number(2)), Relation(of("+", Of("x"), Number(1)), "==", Number(3))))),  # noqa: E501
        ("if churn = yes then fee = 0", Or((Not(Atom("churn", Compare("==", "yes"))), Atom("fee", Compare("==", 0))))),  # noqa: E501
        # words of the grammar are words of people, too
        ("if = 3 and then = 4", And((Atom("if", Compare("==", 3)), Atom("then", Compare("==", 4))))),
        ("date in (2024-01-31)", parse("`date` in (2024-01-31)")),
        ("min > 3", Atom("min", Compare(">", 3))),
        ("day = 2024-01-31", Atom("day", Compare("==", dt.date(2024, 1, 31)))),
    ],
)  # fmt: skip
def test_text_is_read_as_meant(text: str, formula: Formula) -> None:
    assert parse(text) == formula


def test_a_bare_word_is_a_column_where_there_is_one() -> None:
    columns = ["checkin", "checkout", "sex", "female"]

    def is_value(column: str, word: str) -> bool:
        return (column, word) == ("sex", "female")

    assert resolved(parse("checkout > checkin"), columns) == parse("checkout > `checkin`")
    assert resolved(parse("checkout > 'checkin'"), columns) == parse("checkout > 'checkin'")
    assert resolved(parse("sex = female"), columns, is_value) == parse("sex = 'female'")
    assert resolved(parse("sex = male"), columns) == parse("sex = 'male'")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("a + > 3", 4, "expected here"),
        ("a + 'x' > 3", 4, "This is text"),
        ("round(a, b) = 3", 9, "number of decimals"),
        ("age(born) > 3", 0, "2 terms"),
        ("3 + 4 > 5", 0, "name of a column"),
        ("local(a, b) = c", 9, "time zone in quotes"),
        ("min(a, b > 3", 9, "expected here"),
        ("(a + b is missing", 7, "expected here"),
        ("a + 1 is missing", 6, "expected here"),
        ("價 + + b > 3", 5, "expected here"),
    ],
)
def test_a_wrong_text_is_refused_where_it_is_wrong(text: str, place: int, expected: str) -> None:
    with pytest.raises(WhereError) as caught:
        parse(text)
    lines = caught.value.what.splitlines()
    assert lines[2].index("^") == place + 2
    assert expected in caught.value.expected and caught.value.fix


@pytest.mark.parametrize("text", ["+ 1" * 5_000, "(" * 500, "- " * 5_000])
def test_arithmetic_without_end_is_refused(text: str) -> None:
    with pytest.raises(WhereError):
        parse(f"a {text} > 3")


def test_columns_joined_without_blanks_are_told_how_to_stand() -> None:
    with pytest.raises(WhereError, match="net \\+ vat, with blanks"):
        evaluate(parse("net+vat > 3"), {"net": from_strings(["1"]), "vat": from_strings(["2"])})


numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6)).map(Number)
leaves = st.one_of(
    st.sampled_from(NAMES).map(Of),
    numbers,
    st.sampled_from(["2024-01-31", "2024-01-31T18:30:00"]).map(Moment),
    st.sampled_from([60, 86_400, 1.5, 90]).map(Duration),
)


def larger(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "min", "age"]), pair).map(lambda one: Apply(*one)),
        st.tuples(st.sampled_from(["neg", "abs", "year", "date"]), st.tuples(inner)).map(lambda one: Apply(*one)),  # noqa: E501
        st.tuples(st.just("round"), st.tuples(inner, st.integers(-3, 4).map(Number))).map(lambda one: Apply(*one)),  # noqa: E501
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves, larger, max_leaves=8), st.sampled_from(["==", "<", ">="]), st.sampled_from(NAMES))
def test_what_is_shown_reads_back(term: Term, op: str, name: str) -> None:
    formula = Relation(Apply("+", (Of(name), term)), op, Of("a"))
    assert parse(show(formula)) == formula
