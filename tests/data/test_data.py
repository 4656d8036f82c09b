"""Records in and out: every format, encoding and frame, what is guessed, and what is refused."""

from __future__ import annotations

import datetime
import decimal
import errno
import gzip
import inspect
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_numpy, from_strings, with_nulls
from sampan.data import Columns, Table, batches, digest, read, read_numbers, to_native, write_stream
from sampan.data.stream import unique_names
from sampan.errors import DataError, RequestError, SampanError, StoreError


def cells(table: Table | Columns) -> dict[str, list[Any]]:
    """The columns as Python lists."""
    columns = table.columns if isinstance(table, Table) else table
    return {name: list(column.to_pylist()) for name, column in columns.items()}


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(act: Callable[[], object], *words: str) -> SampanError:
    """The error of `act`, which has three parts and says every one of `words`."""
    with pytest.raises(SampanError) as caught:
        act()
    error = caught.value
    assert error.what and error.expected and error.fix
    for word in words:
        assert word in str(error)
    return error


MIXED: Columns = {
    "whole": with_nulls(from_numpy(np.array([1, 2, 3])), np.array([False, True, False])),
    "real": from_numpy(np.array([1.5, np.nan, 1e300])),
    "text": from_strings(['a,"b"', None, "=1+1\nx"]),
    "yes": from_numpy(np.array([True, False, False])),
    "day": from_numpy(np.array(["2020-02-29", "NaT", "1999-12-31"], dtype="M8[D]")),
    "moment": from_numpy(np.array(["2020-02-29T10:00:01.5", "NaT", "1999-12-31"], dtype="M8[us]")),
}


# --- delimited text
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,x\n,y\n", {"a": ["1", None], "b": ["x", "y"]}),
        (b'a,b\r\n1,""\r\n2,"y\r\nz"\r\n', {"a": ["1", "2"], "b": [None, "y\r\nz"]}),
        (b"\xef\xbb\xbfa;b\n1,5;x\n2,5;y", {"a": ["1,5", "2,5"], "b": ["x", "y"]}),
        (b"a\tb\n007\t1\n", {"a": ["007"], "b": ["1"]}),
        (b"a|b\n1|2\n", {"a": ["1"], "b": ["2"]}),
        (b"a,b\r1,2\r3,4\r", {"a": ["1", "3"], "b": ["2", "4"]}),
        (b"a\nx\n\ny\n", {"a": ["x", "y"]}),
        (b'a,b\n1,"say ""hi"", all"\n', {"a": ["1"], "b": ['say "hi", all']}),
        (b'a,b\n1,"{\\"k\\": 1, \\"l\\": 2}"\n', {"a": ["1"], "b": ['{"k": 1, "l": 2}']}),
        (b'a,b\n1,"C:\\, D:\\"\n2,x\n', {"a": ["1", "2"], "b": ["C:\\, D:\\", "x"]}),
    ],
)
def test_a_text_is_cut_into_cells(tmp_path: Path, content: bytes, expected: dict[str, list[str]]) -> None:
    assert cells(read(written(tmp_path / "t.csv", content))) == expected


def test_spaces_after_delimiters_belong_to_no_cell(tmp_path: Path) -> None:
    path = written(tmp_path / "adult.data", b'39, State-gov, "x, y"\n50, Private, b\n41, , c\n')
    table = read(path)
    assert cells(table) == {
        "column_1": ["39", "50", "41"],
        "column_2": ["State-gov", "Private", None],
        "column_3": ["x, y", "b", "c"],
    }
    assert table.name == "adult" and any("first row looks like data" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("age,job\n39,clerk\n50,cook\n", ["age", "job"]),
        ("39,clerk\n50,cook\n", ["column_1", "column_2"]),
        ("place,2019,2020\nHK,3.5,4.5\nUK,1,2\n", ["place", "2019", "2020"]),
        ("2019-01-01,x\n2019-01-02,y\n", ["column_1", "column_2"]),
        ("yes,no\nyes,no\nno,no\n", ["column_1", "column_2"]),
        ("answer,why\nyes,so\nno,so\n", ["answer", "why"]),
        (",x,x\n0,1,2\n", ["column_1", "x", "x_2"]),
        ("39,clerk\n", ["column_1", "column_2"]),
    ],
)
def test_a_header_is_told_from_data(tmp_path: Path, content: str, names: list[str]) -> None:
    assert list(read(written(tmp_path / "t.csv", content)).columns) == names


CHINESE_HK = "姓名,地區,備註\n" + "陳大文,香港灣仔,住在這裡\n李小龍,九龍,沒有\n" * 3
CHINESE_CN = "姓名,地区,备注\n" + "陈大文,北京,住在这里\n李小龙,广州,没有\n" * 3
LATIN = "name,ville\nMüller,Köln\nJosé Ñandú,Málaga – €5\nÄrzte,Übersee\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE_HK, "utf-8"),
        (CHINESE_HK, "utf-8-sig"),
        (CHINESE_HK, "utf-16"),
        (CHINESE_HK, "big5"),
        (CHINESE_HK.replace("九龍", "鰂魚涌邨"), "big5hkscs"),
        (CHINESE_CN, "gb18030"),
        (CHINESE_CN, "gb2312"),
        (LATIN, "cp1252"),
        (LATIN.replace(" – €5", ""), "latin-1"),
        ("a,b\n1,x\n", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("filler", [0, 30_000])
def test_encodings_are_found(tmp_path: Path, text: str, encoding: str, filler: int) -> None:
    # with filler, the first character that is not ASCII lies beyond the first piece that is read
    lines = text.splitlines()
    ascii_rows = [",".join(["plain ascii"] * (lines[0].count(",") + 1))] * filler
    header = ",".join(f"field {place}" for place in range(lines[0].count(",") + 1)) if filler else lines[0]
    whole = "\n".join([header, *ascii_rows, *lines[1:]]) + "\n"
    table = read(written(tmp_path / "t.csv", whole.encode(encoding)))
    expected = [line.split(",") for line in lines[1:]]
    assert [list(row) for row in zip(*cells(table.take(np.arange(filler, len(table)))).values())] == expected  # noqa: B905
    assert len(table) == filler + len(expected)
    assert any("encoding" in note for note in table.notes) == (encoding not in ("utf-8", "utf-8-sig"))


def test_an_encoding_or_delimiter_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "имя:город\nИван:Москва\n".encode("cp1251"))
    assert cells(read(path, encoding="cp1251", delimiter=":")) == {"имя": ["Иван"], "город": ["Москва"]}
    refused(lambda: read(path, encoding="klingon"), "klingon")


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\"',;\t\\"), max_size=8
).filter(lambda word: word == word.strip() and "\x00" not in word)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(words, words), min_size=1, max_size=6),
    suffix=st.sampled_from([".csv", ".tsv", ".csv.gz"]),
)
def test_what_is_written_as_text_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], suffix: str
) -> None:
    path = tmp_path_factory.mktemp("words") / f"t{suffix}"
    columns = {f"column name {k}": from_strings([row[k] or None for row in rows]) for k in range(2)}
    assert write_stream(path, [columns]) == len(rows)
    assert cells(read(path)) == cells(columns)


def test_names_become_unique() -> None:
    names, notes = unique_names(["a", "a_2", "a", "", " b "])
    assert names == ("a", "a_2", "a_3", "column_4", " b ")
    assert len(notes) == 2


# --- what is refused
def test_ragged_rows_are_named_by_their_line(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", 'a,b\n1,"x\ny"\n\n1,2,3\n')
    refused(lambda: read(path), "line 5", "expected 2 cells, found 3")
    path = written(tmp_path / "u.csv", "a,b\n" + "1,2\n" * 100_000 + "1\n")
    refused(lambda: read(path), "line 100002", "found 1")


def test_an_open_quotation_mark_is_told(tmp_path: Path) -> None:
    refused(lambda: read(written(tmp_path / "t.csv", 'a,b\n1,x\n2,"y\n3,z\n')), "never closed")
    assert cells(read(written(tmp_path / "u.csv", 'a,b\n1,"x\ny"\n')))["b"] == ["x\ny"]


def test_bytes_that_change_encoding_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", b"a,b\n1,\xff\n")
    refused(lambda: read(path, encoding="utf-8"), "not utf-8")


def test_what_is_no_file_of_records_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "customers.csv", "a,b\n1,2\n")
    refused(lambda: read(tmp_path / "custmers.csv"), "does not exist", 'Did you mean "customers.csv"?')
    refused(lambda: read(tmp_path / "no" / "x.csv"), "no folder")
    refused(lambda: read(tmp_path), "is a folder", "customers.csv")
    refused(lambda: read(written(tmp_path / "e.csv", b"")), "is empty")
    refused(lambda: read(written(tmp_path / "e.csv.gz", gzip.compress(b""))), "is empty")
    refused(lambda: read(written(tmp_path / "h.csv", b"a,b\n")), "no rows")
    refused(lambda: read(written(tmp_path / "n.csv", b"\n\n")), "no rows")
    refused(lambda: read(written(tmp_path / "j.csv", bytes(range(256)) * 50)), "binary data")
    refused(lambda: read(written(tmp_path / "z.zip", b"PK\x03\x04 and so on")), "no zip file")
    refused(lambda: read(3), "This int is no table")
    refused(lambda: read("memory://nothing/here.csv"), "does not exist")
    refused(lambda: read("gopher9://x/y.csv"), "gopher9")
    long = "a,b\n" + "".join(f"{n},{n * n}\n" for n in range(20_000))
    refused(lambda: read(written(tmp_path / "c.csv.gz", gzip.compress(long.encode())[:-900])), "breaks off")


def test_damaged_files_are_told(tmp_path: Path) -> None:
    for name, what in (
        ("t.parquet", "Parquet"),
        ("t.arrow", "Arrow"),
        ("t.xlsx", "Excel"),
        ("t.db", "SQLite"),
    ):
        path = tmp_path / name
        write_stream(path, [{"a": from_numpy(np.arange(20_000))}])
        whole = path.read_bytes()
        assert len(read(path)) == 20_000
        refused(lambda path=path, whole=whole: read(written(path, whole[: len(whole) // 2])), what)
        refused(lambda path=path: read(written(path, b"a,b\n1,2\n")), what)
    refused(lambda: read(written(tmp_path / "t.jsonl", '{"a": 1}\n{"a":\n')), "record 2")
    refused(lambda: read(written(tmp_path / "t.jsonl", '{"a": 1}\n3\n')), "record 2")
    refused(lambda: read(written(tmp_path / "t.json", '[{"a": 1}, {"a": 2')), "record 2")


# --- files of every kind, there and back
@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.feather", "t.xlsx"])
def test_typed_files_keep_types(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert write_stream(path, iter([MIXED, MIXED])) == 6
    table = read(path)
    assert cells(table) == {name: values * 2 for name, values in cells(MIXED).items()}
    assert {n: str(c.type) for n, c in table.columns.items()} == {n: str(c.type) for n, c in MIXED.items()}
    assert table.native == "file" and table.name == "t"
    assert [entry.name for entry in tmp_path.iterdir()] == [name]  # no part is left behind


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.db", "sqlite:///{}/u.db?table=my%20table", "t.csv"])
def test_untyped_files_keep_values(tmp_path: Path, name: str) -> None:
    target = name.format(tmp_path) if "://" in name else str(tmp_path / name)
    assert write_stream(target, iter([MIXED, MIXED])) == 6
    got = cells(read(target))
    assert list(got) == list(MIXED)
    assert [None if v is None else int(v) for v in got["whole"]] == [1, None, 3] * 2
    assert [None if v is None else float(v) for v in got["real"]] == [1.5, None, 1e300] * 2
    assert got["text"] == ['a,"b"', None, "=1+1\nx"] * 2
    assert (
        got["moment"] == ["2020-02-29T10:00:01.500", None, "1999-12-31T00:00:00"] * 2
        or got["moment"]
        == [
            "2020-02-29T10:00:01.500000",
            None,
            "1999-12-31T00:00:00",
        ]
        * 2
    )


def test_numbers_are_written_as_short_as_they_are(tmp_path: Path) -> None:
    write_stream(
        tmp_path / "t.csv",
        [{"i": from_numpy(np.array([1, 2])), "f": from_numpy(np.array([0.1, 0.30000000000000004]))}],
    )
    assert (tmp_path / "t.csv").read_text() == "i,f\n1,0.1\n2,0.30000000000000004\n"


def test_one_column_keeps_its_missing_rows(tmp_path: Path) -> None:
    write_stream(tmp_path / "t.csv", [{"a": from_strings(["x", None, "y"])}])
    assert cells(read(tmp_path / "t.csv")) == {"a": ["x", None, "y"]}


def test_json_of_mixed_and_nested_values(tmp_path: Path) -> None:
    lines = '{"z": 1, "a": "x", "n": null}\n\n{"z": 2.5, "a": 3, "k": {"q": [1]}}\n'
    table = read(written(tmp_path / "t.ndjson", lines))
    assert cells(table) == {"z": [1.0, 2.5], "a": ["x", "3"], "n": [None, None], "k": [None, '{"q": [1]}']}
    assert any("JSON text" in note for note in table.notes)
    late = '{"a": "x"}\n' * 70_000 + '{"a": 7}\n'  # the fast reader gives up after its first blocks
    assert cells(read(written(tmp_path / "u.jsonl", late)))["a"] == ["x"] * 70_000 + ["7"]
    array = "[" + ", ".join(f'{{"a": {n}, "b": "é]"}}' for n in range(3)) + " ]"
    assert cells(read(written(tmp_path / "t.json", array))) == {"a": [0, 1, 2], "b": ["é]"] * 3}


ROWS = [(1, 2, None), (2, "x", "é"), (3, 2.5, "")]


def test_databases_name_their_tables(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table people (id integer, mixed, note text)")
        connection.executemany(
            "insert into people values (?, ?, ?)", [(1, 2, None), (2, "x", "é"), (3, 2.5, "")]
        )
    assert cells(read(path)) == {"id": [1, 2, 3], "mixed": ["2", "x", "2.5"], "note": [None, "é", ""]}
    assert cells(read(f"sqlite:///{path}#people")) == cells(read(path))
    assert cells(read(f"sqlite+pysqlite:///{path}?table=people"))["id"] == [1, 2, 3]
    write_stream(f"sqlite:///{path}?table=made", [MIXED])
    refused(lambda: read(path), "2 tables", "made, people")
    refused(lambda: read(path, table="peple"), 'Did you mean "people"?')
    refused(lambda: read(f"sqlite:///{tmp_path}/shop.sqlit"), "no file")
    secret = refused(lambda: read("postgresql://me:secret@localhost:1/x?table=t"))
    assert "secret" not in str(secret)


def test_a_failed_write_rolls_a_database_back(tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/t.db?table=t"
    write_stream(target, [{"a": from_strings(["old"])}])

    def breaking() -> Iterator[Columns]:
        yield {"a": from_strings(["new"])}
        raise DataError("stop", "x", "y")

    refused(lambda: write_stream(target, breaking(), replace=True), "stop")
    assert cells(read(target)) == {"a": ["old"]}


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
@pytest.mark.parametrize("name", ["people", "People", "grown"])
def test_a_table_that_exists_is_replaced_only_when_that_is_said(
    tmp_path: Path, scheme: str, name: str
) -> None:
    """Names of tables do not differ by case in SQLite; a view holds what somebody thought out."""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table people (age integer)")
        connection.execute("insert into people values (38)")
        connection.execute("create view grown as select * from people")
    target = f"{scheme}:///{tmp_path}/shop.db?table={name}"

    def never() -> Iterator[Columns]:
        raise AssertionError("a row was made before the target was looked at")
        yield

    refused(lambda: write_stream(target, never()), "already", "replace=True")
    assert cells(read(tmp_path / "shop.db", table="people")) == {"age": [38]}
    if name == "grown":  # a view is no table: it is left alone even so
        refused(lambda: write_stream(target, [MIXED], replace=True), "could not be written")
    else:
        assert write_stream(target, [MIXED], replace=True) == 3
        assert cells(read(target)) == cells(read(target, table=name)) != {"age": [38]}
    write_stream(f"{scheme}:///{tmp_path}/shop.db?table=made", [MIXED])


def test_sqlalchemy_keeps_types(tmp_path: Path) -> None:
    target = f"sqlite+pysqlite:///{tmp_path}/t.db?table=t"
    assert write_stream(target, [MIXED]) == 3
    assert cells(read(target)) == cells(MIXED)


def test_urls_go_through_fsspec() -> None:
    for name in ("t.csv.gz", "t.parquet"):
        write_stream(
            f"memory://folder/{name}", [{"a": from_strings(["x", "y"]), "b": from_strings(["1", None])}]
        )
        assert cells(read(f"memory://folder/{name}")) == {"a": ["x", "y"], "b": ["1", None]}


def test_standard_input_and_output() -> None:
    code = "import sys; from sampan.data import *; write_stream('-', batches('-'))"
    done = subprocess.run(
        [sys.executable, "-c", code], input="a;b\n1;x\n2;\n".encode("utf-16"), capture_output=True, check=True
    )
    assert done.stdout == b"a,b\n1,x\n2,\n" and done.stderr == b""


# --- failing to write
def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", b"precious")

    def breaking() -> Iterator[Columns]:
        yield MIXED
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_stream(path, breaking())
    assert path.read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".jsonl", ".csv.gz", ".xlsx"])
def test_a_full_disk_is_told(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"t{suffix}", b"precious")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    rng = np.random.default_rng(0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        big = {"a": from_numpy(rng.normal(size=20_000))}
        error = refused(lambda: write_stream(path, [big, big]), str(path), "room on the disk")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(error, StoreError) and path.read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_device_is_told() -> None:
    error = refused(lambda: write_stream("/dev/full", [MIXED]), os.strerror(errno.ENOSPC))
    assert isinstance(error, StoreError)


def test_targets_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    assert isinstance(
        refused(lambda: write_stream(tmp_path / "t.docx", [MIXED]), ".docx", ".csv"), RequestError
    )
    refused(lambda: write_stream(tmp_path / "no" / "t.csv", [MIXED]), "mkdir -p")
    refused(lambda: write_stream(tmp_path / "t.csv", []), "nothing to write")
    (tmp_path / "d.csv").mkdir()
    refused(lambda: write_stream(tmp_path / "d.csv", [MIXED]), "is a folder")


# --- large tables
def test_a_sample_is_uniform_whatever_the_blocks(tmp_path: Path) -> None:
    rows = 150_000
    path = tmp_path / "t.csv"
    write_stream(path, [{"a": from_numpy(np.arange(rows)), "b": from_numpy(np.arange(rows) % 7)}])
    seen: list[int] = []
    table = read(path, max_rows=3_000, seed=1, on_rows=seen.append)
    assert len(table) == 3_000 and table.rows_seen == rows == seen[-1] and len(seen) > 1
    assert any("sample of 3,000 of its 150,000 rows" in note for note in table.notes)
    kept = np.array([int(value) for value in cells(table)["a"]])
    assert (np.diff(kept) > 0).all()  # in their order, none twice
    tenths = np.bincount(kept * 10 // rows, minlength=10)
    assert ((tenths - 300) ** 2 / 300).sum() < 30  # chi-squared with 9 degrees of freedom: p of 0.0004
    frame = pandas.DataFrame({"a": np.arange(rows)})  # one block
    again = read(frame, max_rows=3_000, seed=1)
    assert np.array_equal(again.columns["a"].to_numpy(), kept)
    other = read(path, max_rows=3_000, seed=2)
    assert cells(other) != cells(table)
    refused(lambda: read(path, max_rows=0), "max_rows is 0")


@pytest.mark.parametrize("size", [1, 7, 1000, 70_000, 200_000])
def test_batches_have_their_size(tmp_path: Path, size: int) -> None:
    rows = 140_000 if size > 100 else 20
    path = tmp_path / "t.parquet"
    write_stream(path, [{"a": from_numpy(np.arange(rows))}])
    blocks = [block["a"].to_numpy() for block in batches(path, size)]
    assert [len(block) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    assert np.array_equal(np.concatenate(blocks), np.arange(rows))


# --- frames
def pandas_frame() -> pandas.DataFrame:
    when = pandas.to_datetime(["2020-01-01", None, "2020-07-01 12:30"], format="ISO8601")
    hours = datetime.timezone(datetime.timedelta(hours=8))
    return pandas.DataFrame(
        {
            "text": ["a", None, "c"],
            "category": pandas.Categorical(["x", None, "y"], categories=["y", "x", "unused"], ordered=True),
            "codes": pandas.Categorical([3, 1, None]),
            "Int16": pandas.array([1, None, 3], dtype="Int16"),
            "int8": np.array([1, 2, 3], dtype=np.int8),
            "uint64": np.array([1, 2, 2**63], dtype=np.uint64),
            "bool": [True, False, True],
            "boolean": pandas.array([True, None, False], dtype="boolean"),
            "float": [1.5, np.nan, 2.0],
            "float32": np.array([1.5, np.nan, 2], dtype=np.float32),
            "Float64": pandas.array([1.5, None, 2], dtype="Float64"),
            "when": when,
            "nano": when.astype("M8[ns]"),
            "paris": when.tz_localize("Europe/Paris"),
            "fixed": when.tz_localize(hours),
            "span": pandas.to_timedelta(["1D", None, "2h"]),
            "objects": pandas.Series(["x", None, "y"], dtype=object),
            "days": pandas.Series([datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)], dtype=object),
            "money": pandas.Series([decimal.Decimal("1.50"), None, decimal.Decimal("20.25")], dtype=object),
            "period": pandas.period_range("2020-01", periods=3, freq="M"),
            "python": pandas.array(["1", None, "2"], dtype="string[python]"),
            5: [1, 2, 3],
        }
    )


def test_pandas_comes_back_as_it_was() -> None:
    frame = pandas_frame()
    frame["arrow"] = pandas.array([1, None, 2], dtype="int64[pyarrow]")
    table = read(frame)
    assert table.native == "pandas" and table.name == "data"
    pandas.testing.assert_frame_equal(to_native(table.columns, table), frame)


NO_PYARROW = """
import sys
class NoArrow:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pyarrow":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoArrow())
import datetime, decimal, numpy as np, pandas
from sampan.data import read, to_native
{source}
frame = pandas_frame()
table = read(frame)
pandas.testing.assert_frame_equal(to_native(table.columns, table), frame)
assert "pyarrow" not in sys.modules and "torch" not in sys.modules
"""


def test_pandas_needs_no_pyarrow() -> None:
    code = NO_PYARROW.format(source=inspect.getsource(pandas_frame))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pandas_holes_get_a_dtype_that_can_hold_them() -> None:
    table = read(pandas.DataFrame({"i": np.array([1, 2], dtype=np.int8), "b": [True, False]}))
    holes = {name: with_nulls(column, np.array([True, False])) for name, column in table.columns.items()}
    assert [str(dtype) for dtype in to_native(holes, table).dtypes] == ["Int8", "boolean"]


def test_pandas_oddities_are_noted() -> None:
    frame = pandas.DataFrame({"o": ["x", 3]}, index=pandas.Index([7, 8], name="id"))
    table = read(frame)
    assert cells(table) == {"o": ["x", "3"]}
    assert any("row index" in note for note in table.notes) and any("mixes" in note for note in table.notes)
    twice = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    table = read(twice)
    assert list(table.columns) == ["a", "a_2"] and list(to_native(table.columns, table).columns) == ["a", "a"]
    levels = pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
    table = read(levels)
    assert list(table.columns) == ["a_x", "a_y"]
    pandas.testing.assert_frame_equal(to_native(table.columns, table), levels)


def test_polars_comes_back_as_it_was() -> None:
    frame = polars.DataFrame(
        {
            "text": ["a", None],
            "category": polars.Series(["x", "y"], dtype=polars.Categorical),
            "enum": polars.Series(["x", "y"], dtype=polars.Enum(["y", "x"])),
            "day": polars.Series([1, 2]).cast(polars.Date),
            "when": polars.Series([1, 2]).cast(polars.Datetime("ns", "Asia/Hong_Kong")),
            "money": polars.Series(["1.5", "2"]).cast(polars.Decimal(10, 2)),
            "time": polars.Series([1, 2]).cast(polars.Time),
            "int8": polars.Series([1, None], dtype=polars.Int8),
            "list": [[1], [2, 3]],
        }
    )
    for source in (frame, frame.lazy()):
        table = read(source)
        assert table.native == "polars" and to_native(table.columns, table).equals(frame)
    hollow = polars.DataFrame({"n": [None, None], "x": [float("nan"), 1.0]})
    table = read(hollow)
    assert cells(table) == {"n": [None, None], "x": [None, 1.0]} and any(
        "NaN" in note for note in table.notes
    )


def test_arrow_comes_back_as_it_was() -> None:
    table = pyarrow.table(
        {
            "d": pyarrow.array(["x", "y", None]).dictionary_encode(),
            "l": pyarrow.array(["x", "y", None], pyarrow.large_string()),
            "v": pyarrow.array(["x", "y", None], pyarrow.string_view()),
            "f": pyarrow.array(np.array([1, 2, 3], dtype=np.float16)),
            "t": pyarrow.array([1, None, 3], pyarrow.timestamp("ms", "Asia/Hong_Kong")),
        }
    )
    for source in (
        table,
        table.to_batches()[0],
        pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches()),
    ):
        got = read(source)
        assert got.native == "pyarrow" and to_native(got.columns, got).equals(table)
    got = read(ArrowTable.from_arrow(table))
    assert got.native == "arrow" and pyarrow.table(to_native(got.columns, got)).schema == table.schema


def test_a_dict_of_arrays_is_a_table() -> None:
    table = read(
        {
            "a": [1, None],
            "b": np.array(["x", "y"]),
            "c": np.array([1.0, np.nan]),
            "d": pandas.Series(["q", None]),
        }
    )
    assert cells(table) == {"a": [1, None], "b": ["x", "y"], "c": [1.0, None], "d": ["q", None]}
    assert isinstance(to_native(table.columns, table), ArrowTable)
    refused(lambda: read({"a": [1, 2], "b": [1]}), "differ in length")
    refused(lambda: read({"a": np.ones((2, 2))}), "2 dimensions")
    refused(lambda: read({"a": []}), "no rows")


def test_files_come_back_as_numbers_where_they_are(tmp_path: Path) -> None:
    table = read(written(tmp_path / "t.csv", "i,zip,f,s\n1,007,1.5,x\n2,123,,y\n"))
    frame = to_native(table.columns, table)
    assert isinstance(frame, pandas.DataFrame)
    text = str(pandas.Series(["x"]).dtype)  # object before pandas 3
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", text, "float64", text]
    assert read_numbers(from_strings(["1", None, "x"])).type == DataType.string()


def test_take_and_head() -> None:
    table = read({"a": [10, 20, 30]})
    assert cells(table.take(np.array([2, 0]))) == {"a": [30, 10]}
    assert cells(table.take(np.array([True, False, True]))) == {"a": [10, 30]}
    assert len(table.head(2)) == 2 and len(table.head(9)) == 3 and len(table) == 3
    assert cells(read(table)) == cells(table)


# --- digest
def test_a_digest_is_of_contents_alone(tmp_path: Path) -> None:
    whole = digest(MIXED)
    assert len(whole) == 64
    longer = {
        name: Array.from_arrow(pyarrow.concat_arrays([pyarrow.array(c), pyarrow.array(c)]))
        for name, c in MIXED.items()
    }
    assert digest({name: column.slice(3, 3) for name, column in longer.items()}) == whole
    write_stream(tmp_path / "t.parquet", [{n: c.slice(k, 1) for n, c in MIXED.items()} for k in range(3)])
    assert digest(read(tmp_path / "t.parquet").columns) == whole


@pytest.mark.parametrize("name", list(MIXED))
def test_a_digest_sees_every_cell_name_and_type(name: str) -> None:
    column = MIXED[name]
    emptied = {**MIXED, name: with_nulls(column, np.array([True, False, False]))}
    swapped = {**MIXED, name: Array.from_arrow(pyarrow.array(column).take(pyarrow.array([2, 1, 0])))}
    renamed = {f"{n}?" if n == name else n: c for n, c in MIXED.items()}
    assert len({digest(MIXED), digest(emptied), digest(renamed), digest(swapped)}) == 4
    assert digest({"a": from_strings(["1"])}) != digest({"a": from_numpy(np.array([1]))})
    assert digest({"a": from_strings([""])}) != digest({"a": from_strings([None])})


def test_nothing_is_printed_by_the_readers(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_stream(path, [MIXED])
    refused(lambda: read(written(path, path.read_bytes()[:-30])), "Parquet")
    refused(lambda: write_stream("/dev/full", [MIXED]))
    assert capfd.readouterr() == ("", "")
