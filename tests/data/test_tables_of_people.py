"""Tables as people keep them: titles, groups of columns, notes and totals are found and said, or refused."""

from __future__ import annotations

import datetime
import io
import itertools
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas
import pytest

from sampan.column import from_strings
from sampan.data import Table, read, write_stream
from sampan.errors import DataError, RequestError
from sampan.guess import guess

_rng = random.Random(5)
BRANCHES = ("North", "South", "Harbour", "觀塘", "沙田")
RECORDS = [
    (
        _rng.choice(BRANCHES),
        _rng.randint(1, 90),
        _rng.randint(100, 99_000) / 100,
        datetime.date(2023, 1, 1) + datetime.timedelta(_rng.randint(0, 700)),
    )
    for _ in range(60)
]
NAMES = ("branch", "qty", "amount", "day")


def said(table: Table) -> str:
    return "\n".join(table.notes)


def sheet(
    path: Path, rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), title: str = "Sheet"
) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(list(row))
    for one in merged:
        page.merge_cells(one)
    book.save(path)
    return path


def text(path: Path, above: str, below: str = "", separator: str = ",", names: Sequence[str] = NAMES,
         encoding: str = "utf-8") -> Path:  # fmt: skip
    lines = [separator.join(names)] if names else []
    lines += [separator.join(map(str, record)) for record in RECORDS]
    path.write_bytes((above + "\n".join(lines) + "\n" + below).encode(encoding))
    return path


def holds_all(table: Table, names: Sequence[str] = NAMES) -> None:
    """Every record and every column is there, and no more."""
    assert tuple(table.columns) == tuple(names)
    assert len(table) == len(RECORDS)
    for name, real in zip(names, zip(*RECORDS, strict=True), strict=True):
        assert [str(cell) for cell in table.columns[name].to_pylist()] == [str(cell) for cell in real]


# --- titles
TITLES = {
    "one": [["Sales of the year 2024"]],
    "one and a blank row": [["分行銷售報表"], []],
    "several": [["ACME Ltd"], ["Sales report"], ["Printed 2024-11-01"], []],
    "six": [[f"line {row} of a cover"] for row in range(6)],
    "pairs": [["Period:", "2024 Q1"], ["Branch:", "all"], []],
    "pairs with a number": [["Year", 2024], []],
    "spread": [[None, None, "Report"], []],
}


@pytest.mark.parametrize("kind", TITLES)
def test_titles_of_a_sheet_are_left_out_and_it_is_said(tmp_path: Path, kind: str) -> None:
    above = TITLES[kind]
    path = sheet(tmp_path / "t.xlsx", [*above, NAMES, *RECORDS])
    table = read(path)
    holds_all(table)
    assert f"named in row {len(above) + 1}" in said(table) and "--header" in said(table)
    holds_all(read(path, header=len(above) + 1))


@pytest.mark.parametrize("kind", TITLES)
@pytest.mark.parametrize("padded", [False, True])
def test_titles_of_a_text_are_left_out_and_it_is_said(tmp_path: Path, kind: str, padded: bool) -> None:
    rows = [["" if cell is None else str(cell) for cell in row] for row in TITLES[kind]]
    above = "".join(",".join(row + [""] * (4 - len(row)) * padded) + "\n" for row in rows)
    table = read(text(tmp_path / "t.csv", above))
    holds_all(table)
    assert f"named in line {len(rows) + 1}" in said(table)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_titles_above_other_delimiters(tmp_path: Path, separator: str) -> None:
    table = read(text(tmp_path / "t.txt", "Umsatz, Filialen\nStand: gestern, heute\n\n", separator=separator))
    holds_all(table)
    table = read(text(tmp_path / "u.csv", f"sep={separator}\r\n", separator=separator))
    holds_all(table)
    assert "sep=" in said(table)


def test_titles_above_a_table_without_names(tmp_path: Path) -> None:
    table = read(text(tmp_path / "t.csv", "Report of branches\n\n", names=()))
    holds_all(table, ("column_1", "column_2", "column_3", "column_4"))
    assert "no line names the columns" in said(table)
    table = read(sheet(tmp_path / "t.xlsx", RECORDS))
    holds_all(table, ("column_1", "column_2", "column_3", "column_4"))
    assert "looks like data" in said(table)


def test_an_ordinary_table_needs_no_word(tmp_path: Path) -> None:
    for path in (text(tmp_path / "t.csv", ""), sheet(tmp_path / "t.xlsx", [NAMES, *RECORDS])):
        table = read(path)
        holds_all(table)
        assert table.notes == ()


def test_a_header_may_be_named(tmp_path: Path) -> None:
    path = sheet(tmp_path / "t.xlsx", [NAMES, *RECORDS])
    assert len(read(path, header=0)) == len(RECORDS) + 1
    assert len(read(path, header=3)) == len(RECORDS) - 2
    path = text(tmp_path / "t.csv", "a,b,c,d\n")
    assert tuple(read(path, header="1-2").columns) == ("a branch", "b qty", "c amount", "d day")
    holds_all(read(path, header=2))
    for wrong in ("x", "3-2", -1, "1-2-3"):
        with pytest.raises(RequestError, match="header=4"):
            read(path, header=wrong)
    with pytest.raises(RequestError, match="nothing stands"):
        read(path, header=5000)


# --- several rows of names
def test_two_rows_of_names_are_joined(tmp_path: Path) -> None:
    rows = [("Shop", "Q1", None, "When"), ("code", "units", "HK$", "day"), *RECORDS]
    table = read(sheet(tmp_path / "t.xlsx", rows))
    holds_all(table, ("Shop code", "Q1 units", "Q1 HK$", "When day"))
    assert "rows 1 and 2" in said(table)
    above = "Shop,Q1,,When\n"
    holds_all(read(text(tmp_path / "t.csv", above)), ("Shop branch", "Q1 qty", "Q1 amount", "When day"))


def test_groups_stand_over_their_columns(tmp_path: Path) -> None:
    rows = [
        ("Report 2024", None, None, None),
        (None, None, None, None),
        ("Region", "Sales", None, "When"),
        (None, "qty", "amount", None),
        *RECORDS,
    ]
    table = read(sheet(tmp_path / "t.xlsx", rows, merged=("A1:D1", "A3:A4", "B3:C3", "D3:D4")))
    holds_all(table, ("Region", "Sales qty", "Sales amount", "When"))
    assert "rows 3 and 4" in said(table) and "1 row above" in said(table)


def test_three_rows_of_names_are_joined(tmp_path: Path) -> None:
    rows = [
        (None, "2024", None, None),
        (None, "H1", None, "H2"),
        ("branch", "qty", "amount", "day"),
        *RECORDS,
    ]
    table = read(sheet(tmp_path / "t.xlsx", rows, merged=("B1:D1", "B2:C2")))
    holds_all(table, ("branch", "2024 H1 qty", "2024 H1 amount", "2024 H2 day"))
    assert "rows 1 to 3" in said(table)


def test_a_row_of_units_belongs_to_the_names(tmp_path: Path) -> None:
    table = read(text(tmp_path / "t.csv", "", names=()))
    path = tmp_path / "u.csv"
    path.write_text("branch,qty,amount,day\n,pieces,HK$,y-m-d\n" + (tmp_path / "t.csv").read_text())
    assert len(table) == len(RECORDS)
    holds_all(read(path), ("branch", "qty pieces", "amount HK$", "day y-m-d"))


def test_years_and_months_name_columns(tmp_path: Path) -> None:
    rows = [("item", 2021, 2022, 2023), *((f"i{row}", row * 3 + 1, row, 7 * row) for row in range(12))]
    assert tuple(read(sheet(tmp_path / "t.xlsx", rows)).columns) == ("item", "2021", "2022", "2023")
    months = [datetime.date(2024, month, 1) for month in (1, 2, 3)]
    rows[0] = ("item", *months)  # type: ignore[assignment]
    names = tuple(read(sheet(tmp_path / "u.xlsx", rows)).columns)
    assert names == ("item", "2024-01-01", "2024-02-01", "2024-03-01")


# --- a column is lost nowhere
def test_a_column_without_a_name_is_no_less_a_column(tmp_path: Path) -> None:
    for count in (1, 2, 3):
        names = [*NAMES[:count], *[None] * (4 - count)]
        table = read(sheet(tmp_path / "t.xlsx", [names, *RECORDS]))
        assert len(table.columns) == 4
        assert len(table) + (count == 1) >= len(RECORDS)
        if count > 1:
            holds_all(table, (*NAMES[:count], *(f"column_{place}" for place in range(count + 1, 5))))
            assert 'column 4 had no name: it is called "column_4"' in said(table)
        lines = ",".join(NAMES[:count]) + "\n" + "".join(",".join(map(str, one)) + "\n" for one in RECORDS)
        (tmp_path / "t.csv").write_text(lines)
        if count == 2:
            holds_all(read(tmp_path / "t.csv"), (*NAMES[:2], "column_3", "column_4"))


def test_a_column_that_begins_late_is_found(tmp_path: Path) -> None:
    rows = [("a", "b"), *((row, row * 2) for row in range(5000)), (1, 2, "a remark")]
    table = read(sheet(tmp_path / "t.xlsx", rows))
    assert table.columns["column_3"].to_pylist() == [None] * 5000 + ["a remark"]


def test_rows_named_as_r_does(tmp_path: Path) -> None:
    lines = (
        ",".join(NAMES[1:])
        + "\n"
        + "".join(f"row {place},{','.join(map(str, one[1:]))}\n" for place, one in enumerate(RECORDS))
    )
    (tmp_path / "t.csv").write_text(lines)
    assert tuple(read(tmp_path / "t.csv").columns) == ("column_1", *NAMES[1:])
    frame = pandas.DataFrame({"value": np.arange(30), "x": 1})
    frame[["value"]].to_csv(tmp_path / "p.csv")
    assert tuple(read(tmp_path / "p.csv").columns) == ("column_1", "value")


def test_blanks_around_names_stay(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "", names=("branch", " qty", "amount ", "day"))
    assert tuple(read(path).columns) == ("branch", " qty", "amount ", "day")


# --- sheets
def test_sheets_are_named_and_what_was_taken_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "Cover"
    cover.append(["Sales of ACME"])
    for name, rows in (("Sales 2024", RECORDS), ("Sales 2023", RECORDS[:20])):
        page = book.create_sheet(name)
        for row in (NAMES, *rows):
            page.append(row)
    book.create_sheet("Empty")
    book.save(path := tmp_path / "t.xlsx")
    table = read(path)
    holds_all(table)
    assert (
        '"Sales 2024" is read' in said(table) and '"Sales 2023"' in said(table) and "--sheet" in said(table)
    )
    assert len(read(path, sheet="Sales 2023")) == 20 and len(read(path, table="sales 2023")) == 20
    with pytest.raises(DataError, match='no sheet "Sales 203".*Did you mean "Sales 2023"') as caught:
        read(path, sheet="Sales 203")
    assert '"Cover", "Sales 2024", "Sales 2023", "Empty"' in caught.value.expected
    with pytest.raises(DataError, match="is empty"):
        read(path, sheet="Empty")


def test_cells_merged_over_rows_hold_their_value_in_each(tmp_path: Path) -> None:
    rows = [
        NAMES,
        *((f"b{place // 4}" if place % 4 == 0 else None, *one[1:]) for place, one in enumerate(RECORDS)),
    ]
    merged = [f"A{start}:A{start + 3}" for start in range(2, len(rows), 4)]
    table = read(sheet(tmp_path / "t.xlsx", rows, merged=merged))
    assert table.columns["branch"].to_pylist() == [f"b{place // 4}" for place in range(len(RECORDS))]
    assert "merged over several rows" in said(table)


def test_values_of_a_sheet(tmp_path: Path) -> None:
    when = datetime.datetime(2024, 5, 6, 7, 8, 9)
    rows = [("t", "d", "n", "x", "b", "when", "span"), *(
        (f" a & <b> {row} _x0041_\n", datetime.date(1950, 1, 1) + datetime.timedelta(row), row, row / 7,
         row % 2 == 0, when + datetime.timedelta(hours=row), datetime.timedelta(minutes=row + 90))
        for row in range(20)
    )]  # fmt: skip
    table = read(sheet(tmp_path / "t.xlsx", rows))
    wanted = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert wanted is not None
    for name, cells in table.columns.items():
        place = list(table.columns).index(name)
        real = [row[place] for row in rows[1:]]
        if name == "t":
            real = [cell.replace("_x0041_", "A") for cell in real]  # as Excel reads what is written so
        if name == "x":  # openpyxl writes 16 digits
            real = pytest.approx(real, rel=1e-14)
        assert cells.to_pylist() == real, name


def test_formulas_that_were_never_computed_are_told(tmp_path: Path) -> None:
    rows = [(*NAMES, "double"), *((*one, f"=B{place}*2") for place, one in enumerate(RECORDS, 2))]
    assert '"double" holds no value' in said(read(sheet(tmp_path / "t.xlsx", rows)))


# --- totals, notes, blank rows, names again
TOTALS = [
    ("Total", None, "sum", None),
    ("合計", None, "sum", None),
    ("Grand Total:", "sum", "sum", None),
    ("總計", "sum", None, None),
    ("Total (HK$)", None, "sum", None),
    (None, "sum", "sum", None),
    ("Average", None, 12.5, None),
    ("Summe", "sum", None, None),
    ("TOTAL", "sum", "sum", "n/a"),
]
SUMS = {1: sum(one[1] for one in RECORDS), 2: round(sum(one[2] for one in RECORDS), 2)}
BELOW = [
    ("Source: the branches",),
    ("資料來源：各分行", None, None, None),
    ("* without the ones that closed",),
    ("Printed by the office, page 1 of 1",),
]


@pytest.mark.parametrize(
    ("total", "below"), [*zip(TOTALS, itertools.cycle([None, *BELOW]), strict=False)], ids=str
)
def test_totals_and_notes_are_no_records(tmp_path: Path, total: tuple, below: tuple | None) -> None:
    row = [SUMS[place] if cell == "sum" else cell for place, cell in enumerate(total)]
    ends = [row, *([[], below] if below else [])]
    path = sheet(tmp_path / "t.xlsx", [NAMES, *RECORDS, *ends])
    table = read(path)
    holds_all(table)
    assert "of totals" in said(table) and "--keep-totals" in said(table)
    assert ("below the table" in said(table)) == (below is not None)
    assert len(read(path, keep_totals=True)) == len(RECORDS) + 1 + (below is not None)
    lines = "".join(",".join("" if cell is None else f"{cell}" for cell in row) + "\n" for row in ends)
    table = read(text(tmp_path / "t.csv", "", below=lines))
    holds_all(table)
    assert "left out" in said(table)


def test_subtotals_among_the_records(tmp_path: Path) -> None:
    rows: list[Sequence[Any]] = [NAMES]
    for start in range(0, 60, 20):
        rows += RECORDS[start : start + 20]
        rows.append((f"{BRANCHES[start // 20]} 小計", 1, 2.0, None))
        rows.append((None, None, None, None))
    table = read(sheet(tmp_path / "t.xlsx", [*rows, ("合計", 3, 6.0, None)]))
    holds_all(table)
    assert '"合計", "小計"' in said(table)
    lines = [
        "," * 3 if not row[0] else ",".join("" if cell is None else str(cell) for cell in row) for row in rows
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    table = read(tmp_path / "t.csv")
    holds_all(table)
    assert "3 blank rows are left out" in said(table)


def test_a_category_that_is_called_total_stays(tmp_path: Path) -> None:
    rows = [(year, sex, year * 3 % 17) for year in range(2000, 2020) for sex in ("Male", "Female", "Total")]
    path = sheet(tmp_path / "t.xlsx", [("year", "sex", "count"), *rows])
    assert len(read(path)) == 60 and read(path).notes == ()
    rows = [(f"p{row}", row, None if row % 3 else "Total", row * 2) for row in range(60)]
    assert len(read(sheet(tmp_path / "u.xlsx", [("p", "n", "plan", "m"), *rows]))) == 60


def test_names_that_come_again_are_no_record(tmp_path: Path) -> None:
    lines = ",".join(NAMES)
    body = [",".join(map(str, one)) for one in RECORDS]
    (tmp_path / "t.csv").write_text("\n".join([lines, *body[:30], lines, *body[30:]]) + "\n")
    table = read(tmp_path / "t.csv")
    holds_all(table)
    assert "repeats the names" in said(table)


def test_a_frame_keeps_its_rows_and_learning_takes_no_total() -> None:
    frame = pandas.DataFrame(RECORDS, columns=list(NAMES))
    frame.loc[len(frame)] = ["Total", SUMS[1], SUMS[2], None]
    assert len(read(frame)) == len(RECORDS) + 1
    table = read(frame, keep_totals=False)
    assert len(table) == len(RECORDS) and "of totals" in said(table)


def test_rows_that_are_cut_short_are_refused(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "", below="North,3\n")
    with pytest.raises(DataError, match="line 62: expected 4 cells, found 2"):
        read(path)
    path = text(tmp_path / "u.csv", "A title\n\n", below="North,3\n")
    with pytest.raises(DataError, match="line 64: expected 4 cells, found 2"):
        read(path)


# --- comments, encodings, archives
def test_comments_are_left_out(tmp_path: Path) -> None:
    table = read(text(tmp_path / "t.csv", "# exported by a program\n#\n# version 3\n\n", below="# the end\n"))
    holds_all(table)
    assert "begin with #" in said(table)
    body = (tmp_path / "t.csv").read_text().splitlines()
    body.insert(30, "# in the middle, so")
    (tmp_path / "u.csv").write_text("\n".join(body))
    holds_all(read(tmp_path / "u.csv"))
    named = text(tmp_path / "v.tsv", "# made by hand\n#" + "\t".join(NAMES) + "\n", separator="\t", names=())
    holds_all(read(named))
    path = tmp_path / "w.csv"  # a cell that begins with # is no comment
    path.write_text("a,b\n#1,2\n3,4\n")
    assert read(path).columns["a"].to_pylist() == ["#1", "3"]


def test_comments_do_not_end_quoted_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('# a comment\na,b\n"one\n# no comment",2\n# a comment, "with quotes"\n3,4\n')
    assert read(path).columns["a"].to_pylist() == ["one\n# no comment", "3"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "big5hkscs", "gb18030", "utf-16", "utf-8-sig"])
def test_titles_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    wide = encoding not in ("cp1252", "latin-1")
    head = "銷售報表 各分行 的\n期間: 二零二四年\n\n" if wide else "Übersicht der Verkäufe\n\n"
    name = "金額" if wide else "Größe"
    lines = [
        f"branch;{name}",
        *(f"{BRANCHES[place % (5 if wide else 3)]};{place},50" for place in range(200)),
    ]
    path = tmp_path / "t.csv"
    path.write_bytes((head + "\r\n".join(lines)).encode(encoding))
    table = read(path)
    assert tuple(table.columns) == ("branch", name) and len(table) == 200
    assert "titles" in said(table) or "as a title" in said(table)
    assert "decimal comma" in guess(table.columns).reasons[name]


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_table_in_a_zip_file(tmp_path: Path) -> None:
    plain = text(tmp_path / "t.csv", "A title\n\n").read_bytes()
    path = zipped(
        tmp_path / "one.zip", {"folder/表.csv": plain, "folder/readme.md": b"x", "__MACOSX/._t.csv": b"y"}
    )
    table = read(path)
    holds_all(table)
    assert '"folder/表.csv" in it is read' in said(table)
    book = sheet(tmp_path / "t.xlsx", [NAMES, *RECORDS]).read_bytes()
    path = zipped(tmp_path / "two.zip", {"a.csv": plain, "b.xlsx": book})
    holds_all(read(path, sheet="b.xlsx"))
    with pytest.raises(DataError, match='(?s)holds 2 tables.*"a.csv", "b.xlsx".*sheet=') as caught:
        read(path)
    assert "--sheet" in caught.value.fix
    with pytest.raises(DataError, match='no table "b.xls".*Did you mean "b.xlsx"'):
        read(path, sheet="b.xls")
    with pytest.raises(DataError, match="holds no table"):
        read(zipped(tmp_path / "no.zip", {"a.md": b"x"}))


# --- writing
def test_safe_csv_is_inert_and_the_default_exact(tmp_path: Path) -> None:
    cells = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\ttab",
        "-5",
        "+1.5",
        "-3e5",
        "a=b",
        None,
        "-12%",
    ]
    block = {"=name": from_strings(cells)}
    write_stream(tmp_path / "t.csv", [block], safe=True)
    made = read(tmp_path / "t.csv", header=1, keep_totals=True)
    kept = {"-5", "+1.5", "-3e5", "a=b", None, "-12%"}
    assert made.columns["'=name"].to_pylist() == [cell if cell in kept else f"'{cell}" for cell in cells]
    write_stream(tmp_path / "u.csv", [block])
    assert read(tmp_path / "u.csv", header=1).columns["=name"].to_pylist() == cells
    write_stream(tmp_path / "t.parquet", [block], safe=True)
    assert read(tmp_path / "t.parquet").columns["=name"].to_pylist() == cells
    out = io.StringIO()
    pandas.read_csv(tmp_path / "t.csv").to_csv(out)
    assert "\n1,'+cmd" in out.getvalue()


def test_a_wide_table_is_told_of_at_once(tmp_path: Path) -> None:
    from sampan.run.source import WIDE, understand
    from sampan.screen import Lines

    path = tmp_path / "t.csv"
    width = WIDE + 50
    rows = [",".join(str(_rng.randint(0, 9)) for _ in range(width)) for _ in range(20)]
    path.write_text("\n".join([",".join(f"c{place}" for place in range(width)), *rows]) + "\n")
    out = io.StringIO()
    understand(read(path), {}, (), Lines(out))
    assert f"{width} columns of 20 rows: looking at each takes about" in " ".join(out.getvalue().split())


def test_a_name_is_found_without_the_blanks_around_it(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "", names=("branch", " qty", "amount ", "day"))
    found = guess(read(path).columns, types={"qty": "category"}, keep=["amount"])
    assert found.fields[" qty"].kind == "category" and "amount " in found.fields
    with pytest.raises(RequestError, match="no column"):
        guess(read(path).columns, types={"quantity": "category"})


def test_days_stay_days_where_a_word_stands_among_them(tmp_path: Path) -> None:
    """A sheet has moments only; with a total below them they were read as text with a time of day."""
    rows = [("day", "qty"), *((record[3], record[1]) for record in RECORDS)]
    table = read(sheet(tmp_path / "days.xlsx", [*rows, ("合計", sum(record[1] for record in RECORDS))]))
    assert table.columns["day"].to_pylist() == [record[3].isoformat() for record in RECORDS]
    assert guess(table.columns).fields["day"].kind == "moment"
