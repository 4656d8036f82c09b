"""Files made to hurt: each is read or refused in three lines, soon, in little memory, without a word more."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import signal
import socket
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import PIL.Image
import pyarrow
import pyarrow.parquet
import pytest

from sampan.column import LONGEST, from_strings
from sampan.data import read, write_stream
from sampan.data.origin import find
from sampan.errors import DataError, RequestError
from sampan.guess import guess


@pytest.fixture(autouse=True)
def _never_for_ever() -> Iterator[None]:
    """A minute for what takes a moment: what grows faster than its input fails, and does not hang."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("this grows faster than its input")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refusal(path: Path | str) -> str:
    """What reading says, which must be three lines."""
    with pytest.raises(DataError) as caught:
        read(path)
    error = caught.value
    assert error.what and error.expected and error.fix
    assert "\n" not in error.what + error.expected + error.fix
    return str(error)


LONG = 200_000
SLOW = {
    "spaces": "1" + " " * LONG + "x",
    "digits": "1" * LONG + "x",
    "only digits": "1" * LONG,
    "decimals": "0." + "1" * LONG,
    "groups": "1,234" * LONG + "x",
    "dates": "2024-01-01 10:00" + " " * LONG + "x",
    "brackets": "(" * LONG,
    "at": "a@" * LONG,
    "dots": "a@b" + ".c" * LONG,
    "colons": ":" * LONG + "x",
    "letters": "Aa" * LONG,
    "capitals": "A" * LONG,
    "blanks": " " * LONG,
}


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("name", ["col", "phone", "name", "company", "customer e-mail"])
def test_no_cell_makes_guessing_slow(kind: str, name: str) -> None:
    cells = [f"{SLOW[kind][:-1]}{end}" for end in "xyz12)"] + ["12", "7", "3"]
    found = guess({name: from_strings(cells), "short": from_strings(["1"] * 9)}).fields[name]
    assert found.kind in ("category", "omitted", "identifier")
    assert guess({"n": from_strings(["12", "7", "3", "1" * LONGEST + "1"])}).fields["n"].kind == "category"


def test_no_name_makes_guessing_slow() -> None:
    guess(
        {SLOW["letters"]: from_strings(["a", "b", "a"]), SLOW["blanks"] + "x": from_strings(["1", "2", "3"])}
    )


@pytest.mark.parametrize("kind", SLOW)
def test_no_cell_makes_reading_text_slow(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("col,n\n" + "".join(f'"{SLOW[kind][:3000]}x",{row}\n' for row in range(30)))
    assert len(read(path)) == 30


def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    os.symlink("/dev/zero", tmp_path / "zero.csv")
    os.symlink(tmp_path / "pipe.csv", tmp_path / "link.parquet")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door.csv"))
        assert "is a pipe" in refusal(tmp_path / "pipe.csv")
        assert "< " in refusal(tmp_path / "pipe.csv")
        assert "is a pipe" in refusal(tmp_path / "link.parquet")
        assert "is a device" in refusal(tmp_path / "zero.csv")
        assert "is a device" in refusal("/dev/zero")
        assert "is a socket" in refusal(tmp_path / "door.csv")


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    os.symlink(tmp_path / "b.csv", tmp_path / "a.csv")
    os.symlink(tmp_path / "a.csv", tmp_path / "b.csv")
    assert "a.csv" in refusal(tmp_path / "a.csv")


def test_pipes_and_devices_among_pictures_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        PIL.Image.new("RGB", (8, 8)).save(folder / name)
    os.mkfifo(folder / "c.png")
    os.mkfifo(folder / "without-ending")
    os.mkfifo(folder / "metadata.csv")
    os.symlink("/dev/zero", folder / "d.png")
    whole = read(folder)
    assert len(whole) == 2
    assert any("c.png" in note and "a pipe" in note for note in whole.notes)


# --- workbooks
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/>'
        '<Relationship Id="r2" Type="x/sharedStrings" Target="strings.xml"/></Relationships>'
    ),
}


def workbook(path: Path, rows: str, strings: str = "<sst/>", prolog: str = "", after: str = "") -> Path:
    sheet = f"{prolog}<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, "xl/strings.xml": strings, "xl/worksheets/s.xml": sheet}.items():
            archive.writestr(name, content)
    return path


def cell(reference: str, value: object) -> str:
    return f'<c r="{reference}"><v>{value}</v></c>'


ROWS = "".join(
    f'<row r="{row}">{cell(f"A{row}", row)}{cell(f"B{row}", row % 3)}</row>' for row in range(1, 40)
)


def test_a_plain_workbook_is_read(tmp_path: Path) -> None:
    assert len(read(workbook(tmp_path / "t.xlsx", ROWS))) == 39


LAUGHS = '<!DOCTYPE l [<!ENTITY a "haha">' + "".join(
    f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">' for level in range(12)
)
DOCTYPES = {
    "billion laughs": LAUGHS + "]>",
    "quadratic": f'<!DOCTYPE q [<!ENTITY a "{"A" * 100_000}">]>',
    "outside": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "from elsewhere": '<!DOCTYPE r SYSTEM "http://localhost/x.dtd">',
    "parameters": "<!DOCTYPE r [<!ENTITY % p \"<!ENTITY a 'x'>\"> %p;]>",
    "behind a comment": "<!-- " + "x" * 300_000 + " --><!DOCTYPE r [<!ENTITY a 'b'>]>",
}


@pytest.mark.parametrize("kind", DOCTYPES)
def test_document_types_are_refused(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / "t.xlsx", ROWS.replace("<v>3</v>", "<v>&a;</v>"), prolog=DOCTYPES[kind])
    assert "document type" in refusal(path)
    path = workbook(tmp_path / "u.xlsx", ROWS, strings=f"{DOCTYPES[kind]}<sst><si><t>a</t></si></sst>")
    assert "document type" in refusal(path)


WRONG_SHEETS = {
    "a column beyond the last": cell("XFE2", 1),
    "a column of many letters": cell("Z" * 50 + "2", 1),
    "a row beyond the last": '</row><row r="1048577">' + cell("A1048577", 1),
    "a row of many digits": f'</row><row r="{"9" * 5000}">' + cell("A2", 1),
    "a row below the first": '</row><row r="-5">' + cell("A2", 1),
    "no reference": cell("!!", 1),
    "a text that is not there": '<c r="A2" t="s"><v>77</v></c>',
    "a number that is none": cell("A2", "12x"),
    "no end": "<c><v>1",
    "not yes nor no": '<c t="b"><v>maybe</v></c>',
}


@pytest.mark.parametrize("kind", WRONG_SHEETS)
def test_sheets_that_cannot_be_are_refused(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / "t.xlsx", f'{ROWS}<row r="41">{WRONG_SHEETS[kind]}</row>')
    assert "damaged" in refusal(path)


def test_workbooks_that_would_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPAN_LIMIT_SURELY", "1000000")
    blanks = "<row>" + "<c/>" * 500_000 + "</row>"
    assert "would unpack to" in refusal(workbook(tmp_path / "t.xlsx", blanks))
    strings = "<sst>" + "<si><t>a</t></si>" * 100_000 + "</sst>"
    assert "would unpack to" in refusal(workbook(tmp_path / "s.xlsx", ROWS, strings=strings))
    monkeypatch.setenv("SAMPAN_LIMIT_TIMES", "10000")
    monkeypatch.setenv("SAMPAN_LIMIT_STRINGS", "1000000")
    assert "of texts" in refusal(tmp_path / "s.xlsx")
    corners = "".join(f'<row r="{row}">{cell(f"XFD{row}", 1)}</row>' for row in range(1, 100))
    monkeypatch.setattr("sampan.data.excel.sheet._SURELY", 1_000_000)
    assert "nearly empty" in refusal(workbook(tmp_path / "c.xlsx", corners))
    monkeypatch.setenv("SAMPAN_LIMIT_MERGED", "1000")
    merged = "<mergeCells>" + '<mergeCell ref="A1:A2"/>' * 5000 + "</mergeCells>"
    assert "merged cells" in refusal(workbook(tmp_path / "m.xlsx", ROWS, after=merged))


def test_merged_cells_in_rows_far_apart_cost_nothing(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{row}">{cell(f"A{row}", row)}{cell(f"B{row}", 1)}</row>' for row in range(1, 900_000, 9000)
    )
    merged = "<mergeCells>" + '<mergeCell ref="A1:C900000"/>' * 20_000 + "</mergeCells>"
    assert len(read(workbook(tmp_path / "t.xlsx", rows, after=merged))) == 100


def test_a_merged_cell_as_large_as_a_sheet_costs_nothing(tmp_path: Path) -> None:
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="B2:B1048576"/></mergeCells>'
    assert len(read(workbook(tmp_path / "t.xlsx", ROWS, after=merged))) == 39


# --- JSON
DEEP = {
    "arrays": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    "objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "unclosed": '{"a":' + "[" * 100_000,
    "deep enough": '{"a":' + "[" * 400 + "1" + "]" * 400 + "}",
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("shape", ["{0}\n{0}\n", "[{0},{0}]", "[\n{0}\n]"])
def test_deep_json_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str, shape: str
) -> None:
    path = tmp_path / "t.json"
    path.write_text(shape.replace("{0}", DEEP[kind]))
    assert "deep in one another" in refusal(path)
    assert capfd.readouterr() == ("", "")


def test_brackets_in_texts_are_not_deep(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({"a": "[{" * 300 + '"\\', "b": row}) + "\n" for row in range(20)))
    assert len(read(path)) == 20


def test_json_of_other_names_in_every_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(f'{{"k{row}": {row}}}\n' for row in range(9000)))
    assert "other names in nearly every record" in refusal(path)
    path.write_text(json.dumps({f"k{row}": row for row in range(30_000)}) + "\n")
    assert "30,000 columns" in refusal(path)


def test_odd_json_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, content in (
        ("a", '{"a": ' + "9" * 10_000 + "}"),
        ("b", "[1, 2, 3]"),
        ("c", '[{"a": 1}, {"a": '),
        ("d", '{"a": 1}\n"text"\n'),
        ("e", '{"a": 1}\n{"a": \x00}\n'),
        ("f", '[{"a": NaN' + "," * 5000),
        ("g", "{" + '"a":{' * 90),
    ):
        path = tmp_path / f"{name}.json"
        path.write_text(content)
        refusal(path)
    assert capfd.readouterr() == ("", "")


def test_a_long_array_is_read_in_proportion(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("[" + ",\n".join(f'{{"a": {row}}}' for row in range(50_000)) + "]")
    assert len(read(path)) == 50_000


# --- Parquet and Arrow
def parquet_of(path: Path, **columns: pyarrow.Array) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def test_dictionaries_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    def shared(values: list[str], index: np.ndarray) -> pyarrow.Array:
        return pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(index, pyarrow.int32()), pyarrow.array(values)
        )

    many = np.zeros(200_000, dtype=np.int32)
    assert "repeats values" in refusal(parquet_of(tmp_path / "a.parquet", a=shared(["x" * 300_000], many)))
    few = np.zeros(1000, dtype=np.int32)
    huge = parquet_of(tmp_path / "b.parquet", a=shared(["x" * (40 << 20)], few))
    assert "SAMPAN_LIMIT_VALUE" in refusal(huge)
    small = parquet_of(tmp_path / "c.parquet", a=shared([f"v{row}" for row in range(50)], many % 50))
    assert len(read(small)) == 200_000


def test_damaged_columns_are_refused_without_a_word_more(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = pyarrow.table(
        {"a": list(range(2000)), "b": [f"x{row % 50}" for row in range(2000)], "c": [[1]] * 2000}
    )
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    with pyarrow.OSFile(str(tmp_path / "t.arrow"), "wb") as out:
        with pyarrow.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
    with pyarrow.OSFile(str(tmp_path / "s.arrow"), "wb") as out:
        with pyarrow.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
    rng = random.Random(3)
    refused = 0
    for name in ("t.parquet", "t.arrow", "s.arrow"):
        whole = (tmp_path / name).read_bytes()
        for turn in range(8):
            wrong = bytearray(whole)
            for _ in range(rng.choice((1, 4, 20))):
                at = rng.randrange(len(wrong)) if turn % 2 else len(wrong) - 1 - rng.randrange(900)
                wrong[at] = rng.choice((0, 127, 128, 255, rng.randrange(256)))
            path = tmp_path / f"wrong{turn}{name[-8:]}"
            path.write_bytes(wrong)
            try:
                read(path)
            except DataError as error:
                refused += 1
                assert "\n" not in error.what + error.expected + error.fix
    assert refused > 8
    assert capfd.readouterr() == ("", "")


def test_damage_that_ends_a_process_does_not_end_this_one(tmp_path: Path) -> None:
    """A name with a zero in it: the Rust side cannot hand it over, and gives up altogether."""
    path = parquet_of(tmp_path / "t.parquet", aaaa=pyarrow.array(list(range(2000))))
    path.write_bytes(path.read_bytes().replace(b"aaaa", b"a\0aa"))
    assert "Parquet" in refusal(path)


def test_lists_that_claim_to_be_long_are_refused(tmp_path: Path) -> None:
    for name, footer in {
        "list": b"\x19\xf5\xff\xff\xff\xff\x0f\x00",
        "text": b"\x18\xff\xff\xff\xff\x0f\x00",
        "structs": b"\x1c" * 5000,
        "number": b"\x15" + b"\xff" * 20,
        "nothing": b"",
        "map": b"\x1b\xff\xff\xff\xff\x0f\x88",
    }.items():
        path = tmp_path / f"{name}.parquet"
        path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
        assert "Parquet" in refusal(path)


def test_types_that_few_files_have(tmp_path: Path) -> None:
    rows = 50
    path = parquet_of(
        tmp_path / "t.parquet",
        deep=pyarrow.array([[[[1]], [[2]]]] * rows),
        inside=pyarrow.array([{"x": {"y": 1}}] * rows),
        pairs=pyarrow.array([[("k", 1)]] * rows, pyarrow.map_(pyarrow.string(), pyarrow.int32())),
        nothing=pyarrow.nulls(rows),
        half=pyarrow.array(np.arange(rows, dtype=np.float16)),
        large=pyarrow.array([2**64 - 1] * rows, pyarrow.uint64()),
        late=pyarrow.array([2**62, -(2**62)] * (rows // 2), pyarrow.timestamp("ms")),
        days=pyarrow.array([2**31 - 1] * rows, pyarrow.date32()),
        four=pyarrow.array([b"abcd"] * rows, pyarrow.binary(4)),
    )
    whole = read(path)
    found = guess(whole.columns)
    assert len(whole) == rows and len(found.fields) == 9
    assert whole.columns["late"].null_count == rows
    assert any('"late" holds moments that no calendar has' in note for note in whole.notes)


# --- databases
def test_views_that_never_end_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPAN_LIMIT_SECONDS", "1")
    for name, view in {
        "endless": "with recursive r(a) as (select 1 union all select a + 1 from r) select a, a * 2 b from r",
        "none": "with recursive r(a) as (select 1 union all select a + 1 from r) select a from r where a < 0",
    }.items():
        with sqlite3.connect(tmp_path / f"{name}.db") as connection:
            connection.execute(f"create view v as {view}")
        connection.close()
        assert "SAMPAN_LIMIT_SECONDS=60" in refusal(tmp_path / f"{name}.db")
    with sqlite3.connect(tmp_path / "large.db") as connection:
        connection.execute("create view v as select zeroblob(900000000) a, 1 b")
    connection.close()
    refusal(tmp_path / "large.db")


# --- packed files
def test_packed_files_that_grow_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sampan.data.origin._GROWN", 1 << 19)
    for name, opened in (("t.csv.gz", gzip.open), ("t.csv.bz2", bz2.open), ("t.csv.xz", lzma.open)):
        with opened(tmp_path / name, "wb") as out:
            out.write(b"a,b\n" + b"1,2\n" * 400_000)
        assert "unpacks to more than" in refusal(tmp_path / name)
    monkeypatch.setenv("SAMPAN_LIMIT_SURELY", "1000000")
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", b"a,b\n" + b"1,2\n" * 400_000)
    assert "would unpack to" in refusal(tmp_path / "t.zip")


def test_a_packed_bomb_is_refused_before_a_row_of_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary rows, again and again: nothing of them is guessed before the limit is met."""
    monkeypatch.setattr("sampan.data.origin._GROWN", 1 << 24)
    monkeypatch.setattr("sampan.data.origin._BEGINNING", 1 << 20)
    bomb = tmp_path / "rows.csv.gz"
    bomb.write_bytes(gzip.compress(b"a,b\n" * 250_000) * 20)
    with pytest.raises(DataError, match="unpacks to more than"):
        find(bomb)
    fair = tmp_path / "fair.csv.gz"
    fair.write_bytes(gzip.compress(b"a,b\n" + random.Random(0).randbytes(200_000).hex().encode()) * 2)
    assert find(fair).head(4) == b"a,b\n"


def test_damaged_zip_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", "a,b\n" + "".join(f"{row},{row * 7 % 13}\n" for row in range(3000)))
    whole = path.read_bytes()
    rng = random.Random(2)
    for turn in range(40):
        wrong = bytearray(whole)
        at = rng.randrange(len(wrong)) if turn % 2 else len(wrong) - 1 - rng.randrange(90)
        wrong[at] ^= 1 << rng.randrange(8)
        (tmp_path / "w.zip").write_bytes(wrong)
        try:
            read(tmp_path / "w.zip")
        except DataError as error:
            assert "\n" not in error.what + error.expected + error.fix


# --- limits
def test_limits_are_set_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{row}" for row in range(50)) + "\n" + ",".join("1" * 50) + "\n")
    assert len(read(path).columns) == 50
    monkeypatch.setenv("SAMPAN_LIMIT_COLUMNS", "40")
    assert "SAMPAN_LIMIT_COLUMNS=100" in refusal(path)
    monkeypatch.setenv("SAMPAN_LIMIT_COLUMNS", "many")
    with pytest.raises(RequestError, match="whole number"):
        read(path)
    monkeypatch.delenv("SAMPAN_LIMIT_COLUMNS")
    monkeypatch.setenv("SAMPAN_LIMIT_COLUMN", "40")
    with pytest.raises(RequestError, match="Did you mean"):
        read(path)


def test_an_open_quotation_mark_is_read_in_proportion(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('# a comment\na,b\n1,"x\n' + "2,y\n" * 100_000)
    assert "never closed" in refusal(path)


def test_whole_numbers_beyond_64_bits_keep_every_digit(tmp_path: Path) -> None:
    """JSON has numbers of any length; as fractions sixteen of their digits would be left."""
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"x": 0.5, "ledger": 1180591620717411643424}\n{"x": 1.5, "ledger": 7}\n')
    table = read(path)
    assert table.columns["ledger"].to_pylist() == ["1180591620717411643424", "7"]
    assert table.columns["x"].to_pylist() == [0.5, 1.5]
    assert any('"ledger" holds whole numbers beyond 64 bits' in note for note in table.notes)


@pytest.mark.parametrize("after", ["garbage", '[{"a": 9, "b": "y"}]', "]", " \n" * 700_000 + "{}"])
def test_what_follows_an_array_of_json_is_not_left_out_silently(tmp_path: Path, after: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": row, "b": "x"} for row in range(20)]) + after)
    assert "after its array" in refusal(path)


@pytest.mark.parametrize("after", ["", "\n", " \r\n\t" * 400_000])
def test_blanks_after_an_array_of_json_are_nothing(tmp_path: Path, after: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": row, "b": "x"} for row in range(20)]) + after)
    assert len(read(path)) == 20


def test_json_lines_of_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("".join(json.dumps({"a": row, "b": "x"}) + "\r\n" for row in range(20)), "utf-8-sig")
    table = read(path)
    assert list(table.columns) == ["a", "b"] and len(table) == 20


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.parquet", "t.arrow"])
def test_a_sheet_of_what_has_none_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_stream(path, [{"a": from_strings(["x", "y"])}])
    with pytest.raises(DataError, match="holds one table"):
        read(path, sheet="January")
    assert len(read(path)) == 2
