"""Columns as they really come, and what each must be taken for."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

import numpy as np
import pytest
from arro3 import compute
from arro3.core import Array, DataType, list_array

from sampan.column import Column, from_numpy, from_strings, missing
from sampan.errors import DataError, RequestError
from sampan.field import Missing, Rows
from sampan.fields import Category, Moment, Number, Personal
from sampan.guess import exact_types, guess

ROWS = 240
_rng = random.Random(7)


def _pick(*values: str | None) -> Column:
    """A column in which each value occurs, in a random order."""
    cells = [values[row % len(values)] for row in range(ROWS)]
    return from_strings(_rng.sample(cells, ROWS))


def _each(write) -> Column:
    return from_strings([write(row) for row in range(ROWS)])


def _codes(alphabet: str, size: int) -> Column:
    made: set[str] = set()
    while len(made) < ROWS:
        made.add("".join(_rng.choice(alphabet) for _ in range(size)))
    return from_strings(_rng.sample(sorted(made), ROWS))


def _moments(kind: DataType) -> Column:
    return compute.cast(from_numpy(np.arange(ROWS) * 90_000_000_000), kind)


_SENTENCE = "The customer said that the parcel number {} never came and asked for the money back at once"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# (name, column, kind, a piece of the reason)
NASTY: list[tuple[str, Column, str, str]] = [
    # numbers in many spellings
    ("income", _each(lambda i: f"{1000 + i * 37:,}"), "number", 'written like "#,###"'),
    ("umsatz", _each(lambda i: f"{1 + i % 9}.{i * 3:03d},{i % 100:02d}"), "number", "written like"),
    ("price", _each(lambda i: f"${i * 11:,}"), "number", "written like"),
    ("fee", _each(lambda i: f"HK$ {1200.5 + i:,.2f}"), "number", 'like "HK$ #,###.##"'),
    ("share", _each(lambda i: f"{i / 4:.1f}%"), "number", 'like "#.#%"'),
    ("profit", _each(lambda i: f"({i + 1:,})" if i % 3 else f"{i + 1:,}"), "number", "written like"),
    ("swiss", _each(lambda i: f"{1 + i}'{i:03d}.50"), "number", "written like"),
    ("euro", _each(lambda i: f"{i},{i % 100:02d} €"), "number", "written like"),
    ("huge", _pick("1e308", "2.5e307", "1e-300", "3"), "number", "numbers"),
    ("mixed decimals", _pick("1", "1.5", "2.25", "3"), "number", "1.1 to 2.9"),
    ("pm2.5", _pick("12", "35", "NA", "70", "101"), "number", '"NA" is read as missing'),
    ("marks", _pick("12", "n/a", "NaN", "null", "None", "-", "--", "?", "", "7.5"), "number", "missing"),
    ("身高", _pick("170", "165", "無", "不詳", "180"), "number", "missing"),
    ("blanks", _pick("1.5", "  ", "2.5", None), "number", "1.6 to 2.5"),
    ("ratio", _pick("inf", "-inf", "1.5", "2"), "number", "numbers"),
    ("全形", _pick("１２", "３４０", "５"), "number", "written like"),
    ("minus", _pick("−5", "3", "0", "8"), "number", "written like"),
    ("age", _pick("17", "18", "44", "90"), "number", "whole numbers, mostly 17 to 83"),
    ("rating", _pick("1", "2", "3", "4", "5"), "number", "whole numbers"),
    ("year", _each(lambda i: str(1785 + i)), "number", "whole numbers"),
    ("latitude", _each(lambda i: f"{22.1 + i * 0.001357:.6f}"), "number", "numbers"),
    ("weight", from_numpy(np.arange(ROWS) * 0.731), "number", "numbers"),
    ("salary", from_numpy(np.arange(ROWS) * 137 + 20_011), "number", "whole numbers"),
    # yes and no
    ("churned", _pick("0", "1"), "category", "yes or no"),
    ("smoker", _pick("Y", "N"), "category", "2 values"),
    ("active", _pick("true", "false"), "category", "2 values"),
    ("已婚", _pick("是", "否"), "category", "2 values"),
    ("flagged", Array([row % 3 == 0 for row in range(ROWS)], DataType.bool()), "category", "yes or no"),
    # digits that are no amounts
    ("zip", _pick("00501", "02134", "90210"), "category", "3 values"),
    ("zipcode", _pick("10001", "94105", "60614", "30301"), "category", "name something"),
    ("postcode", _pick("SW1A 1AA", "M1 1AE", "EH1 1YZ"), "category", "3 values"),
    ("diagnosis", _pick("E11.9", "I10", "J45.909", "Z00.0"), "category", "4 values"),
    ("product_code", _pick("101", "205", "333", "408"), "category", "name something"),
    ("TrafficType", _pick("1", "2", "3", "13"), "category", "name something"),
    ("store id", from_numpy(np.arange(ROWS) % 12), "category", "name something"),
    ("weight with unit", _pick("5 kg", "6 kg", "7.5 kg"), "number", "numbers written like"),
    ("dep_time", from_numpy(np.arange(ROWS) % 24 * 100 + np.arange(ROWS) % 60), "moment", "times of day"),
    ("時間", _each(lambda i: f"{i % 24:02d}{i * 7 % 60:02d}"), "moment", "times of day"),
    ("waiting_time", from_numpy(np.arange(ROWS) * 7 % 400), "number", "whole numbers"),
    ("period", from_numpy(2000 + np.arange(ROWS) % 20), "number", "whole numbers"),
    ("month", from_numpy((2015 + np.arange(ROWS) % 9) * 100 + np.arange(ROWS) % 12 + 1), "moment", "months"),
    ("部件", _each(lambda i: f"{i * 7919 % 99991:05d}"), "identifier", "one shape"),
    ("樓層", _each(lambda i: f"{i % 30 + 1}樓"), "category", "30 values"),
    ("version", _pick("1.2.3", "2.0.1", "10.4.0"), "category", "3 values"),
    ("mixture", _pick("12", "high", "40", "low"), "category", "a mixture of numbers and words"),
    # names of records
    ("No", _each(lambda i: str(i + 1)), "identifier", "counts the rows"),
    ("row", from_numpy(np.arange(ROWS)), "identifier", "counts the rows"),
    ("customer_id", from_numpy(np.arange(ROWS) * 7919 % 100_003), "identifier", "never repeat"),
    ("booking", _codes(_LETTERS + "23456789", 6), "identifier", "one shape"),
    ("ticket", _each(lambda i: f"TK-{i * 7919 % 100_003:06d}"), "identifier", "one shape"),
    ("trace", _each(lambda i: str(uuid.UUID(int=_rng.getrandbits(128)))), "identifier", "one shape"),
    ("member", _each(lambda i: f"{i * 7919 % 100_003:08d}"), "identifier", "one shape"),
    # dates and times
    ("joined", _each(lambda i: f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}"), "moment", "%Y-%m-%d"),
    ("slashed", _each(lambda i: f"2024/{1 + i % 12}/{1 + i % 28}"), "moment", "%Y/%-m/%-d"),
    ("british", _each(lambda i: f"{1 + i % 28:02d}/{1 + i % 12:02d}/2024"), "moment", "%d/%m/%Y"),
    ("american", _each(lambda i: f"{1 + i % 12:02d}/{1 + i % 28:02d}/2024"), "moment", "%m/%d/%Y"),
    ("入職", _each(lambda i: f"2024年{1 + i % 12}月{1 + i % 28}日"), "moment", "%Y年%-m月%-d日"),
    ("民國", _each(lambda i: f"民國 {90 + i % 24}年{1 + i % 12}月{1 + i % 28}日"), "moment", "民國 %E年"),
    ("written", _each(lambda i: f"{1 + i % 28} {('Jan', 'May', 'Oct')[i % 3]} 2024"), "moment", "%-d %b %Y"),
    ("compact", _each(lambda i: f"2024{1 + i % 12:02d}{1 + i % 28:02d}"), "moment", "%Y%m%d"),
    ("stamp", _each(lambda i: f"202401{1 + i % 28:02d}T{i % 24:02d}1500Z"), "moment", "%Y%m%dT%H%M%SZ"),
    ("fine", _each(lambda i: f"2024-01-05 10:15:{i % 60:02d}.{i * 4001:06d}"), "moment", ".%6f"),
    ("zoned", _each(lambda i: f"2024-01-{1 + i % 28:02d}T10:15:00+08:00"), "moment", "%:z"),
    ("opens", _pick("14:30", "09:00", "17:45"), "moment", "times"),
    ("closes", _pick("2:30 PM", "11:00 AM", "12:15 AM"), "moment", "%-I:%M %p"),
    ("mysql", _pick("2024-01-05", "0000-00-00", "2023-06-07", "NULL"), "moment", "missing"),
    ("created_at", from_numpy(1_700_000_000 + np.arange(ROWS) * 3601), "moment", "seconds since 1970"),
    ("epoch ms", _each(lambda i: str(1_700_000_000_000 + i * 999)), "moment", "milliseconds"),
    ("when", _moments(DataType.timestamp("us", tz="Asia/Hong_Kong")), "moment", "by their type"),
    # nothing, one thing, text
    ("empty", from_strings([None] * ROWS), "constant", "every cell is missing"),
    ("country", from_strings(["HK"] * ROWS), "constant", "the same in every row"),
    ("seldom", _pick("x", None), "category", "1 values"),
    ("remarks", _each(lambda i: _SENTENCE.format(i)), "omitted", "free text"),
    ("評語", _each(lambda i: f"客人表示第{i}號包裹一直沒有送到，要求退款並且道歉"), "omitted", "free text"),
    ("quoted", _each(lambda i: f'He said "no"\nand, {i} days later,\r\nleft the house'), "omitted", "free"),
    ("occupation", _pick("clerk", "nurse", "?", "farmer"), "category", "4 values"),
    ("city ☃", _pick("Zürich", "İzmir", "東京", "🏙"), "category", "4 values"),
    ("dish", _each(lambda i: f"dish number {i % 100} of the house"), "category", "100 values"),
]


@pytest.fixture(scope="module")
def guessed():
    assert len({name for name, *_ in NASTY}) == len(NASTY) >= 40
    return guess({name: column for name, column, _, _ in NASTY})


@pytest.mark.parametrize(("name", "kind", "reason"), [(name, kind, why) for name, _, kind, why in NASTY])
def test_guess(guessed, name, kind, reason):
    assert (guessed.fields[name].kind, guessed.reasons[name]) == (kind, guessed.reasons[name])
    assert reason in guessed.reasons[name]


_MARKS = {"NA", "n/a", "NaN", "null", "None", "-", "--", "?", "", "  ", "無", "不詳", "0000-00-00", "NULL"}


def _unwritten(column: Column) -> np.ndarray:
    """Which cells are missing, by a null or by a mark: both are made as nulls."""
    return np.array([cell is None or cell in _MARKS for cell in column.to_pylist()])


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, column, _, _ in NASTY])
def test_guessed_columns_can_be_learned_and_made(guessed, name, column):
    field = guessed.fields[name]
    codec = field.fit(column)
    leaves = dict(codec.encode(column))
    leaves |= {leaf: np.random.default_rng(0).random(ROWS) for leaf in codec.noise}
    made = codec.decode(leaves, Rows(0, ROWS, 0))
    assert made.type == column.type and len(made) == ROWS
    again = codec.encode(made)
    assert all((again[leaf] == codec.encode(column)[leaf]).all() for leaf in codec.spaces)
    if field.kind == "omitted":
        assert missing(made).all()
    elif field.kind == "identifier":
        assert not set(made.to_pylist()) & set(column.to_pylist())
    elif field.kind in ("number", "moment"):
        assert (missing(made) == _unwritten(column)).all()


SPELLED = ["income", "umsatz", "price", "fee", "share", "swiss", "euro", "minus", "全形", "mixed decimals"]


@pytest.mark.parametrize("name", SPELLED)
def test_numbers_are_written_as_the_column_writes_them(guessed, name):
    column = next(column for other, column, _, _ in NASTY if other == name)
    spelling = guessed.fields[name].spelling
    assert spelling.write(spelling.parse(column)).to_pylist() == column.to_pylist()


def test_personal_data_is_replaced_with_a_notice_and_kept_on_request():
    column = from_strings([f"person{i}@example{i % 7}.com" for i in range(60)])
    found = guess({"contact": column})
    assert isinstance(found.fields["contact"], Personal)
    assert any("contact" in notice and "--keep" in notice for notice in found.notices)
    kept = guess({"contact": column}, keep=["contact"])
    assert kept.fields == {"contact": Category(exact=True)}
    assert any("real ones" in notice for notice in kept.notices)


def test_dates_that_can_be_read_in_two_ways_are_said():
    found = guess({"due": _each(lambda i: f"{1 + i % 12:02d}/{1 + i % 5:02d}/2024")})
    assert found.fields["due"] == Moment("%d/%m/%Y")
    assert any("%m/%d/%Y" in notice and "--type" in notice for notice in found.notices)


def test_one_wrong_cell_among_numbers_is_said():
    cells = [str(i * 3) for i in range(100)] + ["abc"]
    found = guess({"size": from_strings([*cells, "abc", "abc"])})
    assert found.fields["size"].kind == "category"
    assert any('"xxxxx" in row 101' in notice for notice in found.notices)


def test_types_overrule_the_guess():
    columns = {
        "zip": _pick("00501", "02134"),
        "due": _each(lambda i: f"{1 + i % 12:02d}/{1 + i % 5:02d}/2024"),
        "age": _pick("17", "18"),
        "grade": _pick("low", "mid", "top"),
        "note": _pick("a", "b"),
    }
    types = {
        "zip": "number",
        "due": "moment:%m/%d/%Y",
        "age": "category",
        "grade": "category:ordered",
        "note": "omitted",
    }
    found = guess(columns, types=types)
    assert isinstance(found.fields["zip"], Number)
    assert found.fields["due"] == Moment("%m/%d/%Y")
    assert found.fields["age"] == Category()
    assert found.fields["grade"] == Category(ordered=True)
    assert found.fields["note"].kind == "omitted"
    assert set(found.reasons.values()) == {"as you said"}


@pytest.mark.parametrize(
    ("types", "keep", "said"),
    [
        ({"agee": "number"}, (), 'Did you mean "age"?'),
        ({"age": "nubmer"}, (), 'Did you mean "number"?'),
        ({"age": "category:orderd"}, (), "no setting"),
        ({}, ("Age",), 'Did you mean "age"?'),
        ({"age": "personal"}, (), "which personal data"),
        ({"age": "moment:%K"}, (), "not known"),
    ],
)
def test_wrong_requests_name_the_nearest(types, keep, said):
    with pytest.raises(RequestError, match=said.replace("?", r"\?")):
        found = guess({"age": _pick("17", "18")}, types=types, keep=keep)
        found.fields["age"].fit(_pick("17", "18"))


def test_a_handful_of_rows_says_little():
    columns = {
        "rating": from_strings(["3", "1", "2", "4"]),
        "room": from_strings(["A1", "B2", "C3", "D4"]),
        "id": from_strings(["3", "1", "2", "4"]),
    }
    kinds = {name: field.kind for name, field in guess(columns).fields.items()}
    assert kinds == {"rating": "number", "room": "category", "id": "identifier"}


def test_words_called_numbers_are_refused():
    with pytest.raises(DataError, match="'low' is no number|holds 'low'"):
        guess({"grade": _pick("1", "low")}, types={"grade": "number"})


def test_lists_are_refused_by_name():
    lists = list_array(from_numpy(np.array([0, 1, 2], dtype=np.int32)), from_numpy(np.array([5, 6])))
    with pytest.raises(DataError, match='"basket"'):
        guess({"basket": lists})


def test_a_reason_shows_the_form_of_a_cell_and_no_cell_of_anybody():
    """Reasons and notices stand in schema.toml, which people hand on."""
    lone = [str(700_000 + i * 331) for i in range(ROWS - 1)] + ["98765432"]
    columns = {
        "amount": from_strings([f"US${int(cell):,}.00" for cell in lone]),
        "plain": from_strings(lone),
        "ref": from_strings([f"Q{cell}/{i:03d}" for i, cell in enumerate(lone)]),
        "seen": from_strings([f"{1 + i % 28:02d}/{1 + i % 12:02d}/{1900 + i % 100}" for i in range(ROWS)]),
        "holder": from_strings(["Wong Siu Ming"] * ROWS),
        "rare": from_strings(["yes"] * (ROWS - 1) + ["Lone Ranger"]),
        "stray": from_strings([str(i % 90) for i in range(ROWS - 1)] + ["A123456(7)"]),
    }
    found = guess(columns)
    said = "\n".join([*found.reasons.values(), *found.notices])
    for column in columns.values():
        for cell in set(column.to_pylist()):
            assert len(cell) < 4 or cell not in said, cell
    assert "Ranger" not in said and "Siu" not in said and "98,765,432" not in said
    assert 'like "US$###,###.##"' in found.reasons["amount"] and "A######(#)" in said


def test_exact_is_said_by_column_whatever_its_kind() -> None:
    rng = np.random.default_rng(0)
    born = [str(np.datetime64("1950-01-01") + int(day)) for day in rng.integers(0, 20_000, 60)]
    columns = {
        "income": from_numpy(rng.integers(0, 10**6, 60)),
        "born": from_strings(born),
        "town": from_strings(["Tsuen Wan", "Sai Kung", *["Yuen Long"] * 58]),
        "grade": from_strings(["low", "mid", "high"] * 20),
        "id": from_strings([str(uuid.UUID(int=int(bits))) for bits in rng.integers(0, 2**62, 60)]),
    }
    types = exact_types(["income", "born", "town", "grade"], {"grade": "category:ordered"})
    found = guess(columns, types={name: str(word) for name, word in types.items()})
    plain = guess(columns, types={"grade": "category:ordered"})
    for name in types:
        assert found.fields[name] == replace(plain.fields[name], exact=True)
        assert found.reasons[name] == plain.reasons[name]
        assert any(f'"{name}": one person' in notice for notice in found.notices)
    words = {name: field.word for name, field in found.fields.items()}
    assert words["town"] == "category:exact" and words["grade"] == "category:ordered,exact"
    assert guess(columns, types=words).fields == found.fields
    assert found.fields["town"].fit(columns["town"]).notes == ()
    assert "--exact" in plain.fields["town"].fit(columns["town"]).notes[0]
    with pytest.raises(RequestError, match="learned as identifier"):
        guess(columns, types={"id": "exact"})
    given = exact_types("born", {"born": Moment("%Y-%m-%d")})
    assert given == {"born": Moment("%Y-%m-%d", exact=True)}


STRAY = {
    "date": (
        [f"2024-{i % 12 + 1:02d}-{i % 27 + 1:02d}" for i in range(600)],
        ["TBC", "2024-13-45"],
        "moment",
    ),
    "time": ([f"{i % 24:02d}:{i % 60:02d}" for i in range(600)], ["late?"], "moment"),
    "amount": ([f"HK$ {i * 37 % 900:,}" for i in range(600)], ["ask", "陳大文"], "number"),
    "plain": ([str(i * 37 % 901) for i in range(600)], ["n/a?"], "number"),
}


@pytest.mark.parametrize("kind", STRAY)
def test_a_few_slips_are_missing_and_said(kind: str) -> None:
    texts, slips, expected = STRAY[kind]
    column = from_strings([*texts, *slips])
    for found in (guess({"c": column}), guess({"c": column}, types={"c": expected})):
        field = found.fields["c"]
        assert field.kind == expected
        (notice,) = found.notices
        assert f"{len(slips)} cell" in notice and '--type "c=category"' in notice and "陳大文" not in notice
        codec = field.fit(column)
        assert codec.allow(Missing()) and not codec.unknown(column).any()
        codec = type(codec).from_state(*codec.state())
        with pytest.raises(DataError):
            codec.literal("soon")  # a slip in a table is missing; what is asked for is not
        noise = {name: np.zeros(len(column)) for name in codec.noise}
        made = codec.decode({**codec.encode(column), **noise}, Rows(0, len(column), 0))
        assert made.null_count == len(slips)


def test_a_word_that_many_rows_hold_is_no_slip() -> None:
    column = from_strings([str(i * 37 % 901) for i in range(600)] + ["sold"] * 60)
    assert guess({"c": column}).fields["c"].kind == "category"


def test_no_column_is_left_out_or_invented_without_a_word(guessed) -> None:
    told = " ".join(guessed.notices)
    left = [name for name, field in guessed.fields.items() if field.kind in ("omitted", "personal")]
    assert left and all(f'"{name}"' in told for name in left)
