"""Files of tables, mutated: right ones of every format, cut, flipped, renamed, and some that are bombs."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzz import Case

Make = Callable[[Path, random.Random], None]


def _rows(rng: random.Random, count: int) -> list[dict[str, object]]:
    odd = [
        "",
        "NA",
        "1,5",
        "0x1f",
        "\u202e",
        "a\u0301",
        "=1+1",
        "1e999",
        "9" * 30,
        "  1  x",
        "2024-13-40",
        "年",
        "-0",
        "\x0b",
    ]
    names = rng.choice(
        [["a", "b", "c"], ["", "", "x"], ["a", "a", "a"], [" a", "b\n", "c,d"], ["1", "2", "3"]]
    )
    values = [
        [rng.choice([k, -k, k / 7, str(k), rng.choice(odd), f"{k}/{k % 12 + 1}/2024"]) for _ in names]
        for k in range(count)
    ]
    return [{f"{name}{place}": row[place] for place, name in enumerate(names)} for row in values]


def _text(rows: list[dict[str, object]], mark: str) -> str:
    lines = [mark.join(rows[0])] + [mark.join(map(str, row.values())) for row in rows]
    return "\n".join(lines)


# --- right files
def _delimited(path: Path, rng: random.Random) -> None:
    text = _text(_rows(rng, rng.choice([1, 2, 40])), rng.choice(",;\t|"))
    path.write_bytes(
        text.encode(rng.choice(["utf-8", "utf-16", "latin-1", "gb18030", "utf-8-sig"]), "replace")
    )


def _json(path: Path, rng: random.Random) -> None:
    rows = _rows(rng, 30)
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        path.write_text(json.dumps(rows))


def _arrow(path: Path, rng: random.Random) -> None:
    import pyarrow as pa
    import pyarrow.feather
    import pyarrow.parquet

    count = 50
    table = pa.table(
        {
            "whole": pa.array(range(count), rng.choice([pa.int8(), pa.int64(), pa.uint64(), pa.float32()])),
            "text": pa.array([str(k) for k in range(count)]).dictionary_encode(),
            "list": pa.array([[k] * (k % 3) for k in range(count)]),
            "day": pa.array([k * 86_400_000_000 for k in range(count)], pa.timestamp("us", tz="UTC")),
            "bytes": pa.array([bytes([k]) for k in range(count)]),
        }
    )
    table = table.select(rng.sample(table.column_names, rng.randrange(1, 6)))
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, compression=rng.choice(["snappy", "none", "zstd", "gzip"]))
    else:
        pyarrow.feather.write_feather(table, path, compression=rng.choice(["uncompressed", "lz4"]))


_NAMES = {
    "types": "http://schemas.openxmlformats.org/package/2006/content-types",
    "links": "http://schemas.openxmlformats.org/package/2006/relationships",
    "office": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "sheet": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "part": "application/vnd.openxmlformats-officedocument.spreadsheetml.",
    "package": "application/vnd.openxmlformats-package.relationships+xml",
}
_BOOK = {
    "[Content_Types].xml": """<Types xmlns="{types}"><Default Extension="rels" ContentType="{package}"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{part}sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{part}worksheet+xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="{links}">
<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="{sheet}" xmlns:r="{office}"><sheets>
<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns="{links}">
<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}


def _excel(path: Path, rng: random.Random) -> None:
    """A workbook by hand, so that what is inside can be anything."""
    rows = []
    for k in range(1, 20):
        column, row = rng.choice(["B", "B", "C", "XFD", "ZZZZ"]), rng.choice([k, k, k, 1_048_576, 0])
        value = rng.choice([k, k, "x", "1e400", ""])
        text = f'<c r="{column}{row}" t="inlineStr"><is><t>t{k}</t></is></c>'
        rows.append(f'<row r="{k}"><c r="A{k}"><v>{value}</v></c>{text}</row>')
    parts = {name: text.format(**_NAMES) for name, text in _BOOK.items()}
    sheet = f'<worksheet xmlns="{_NAMES["sheet"]}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    parts["xl/worksheets/sheet1.xml"] = sheet
    if rng.random() < 0.2:
        parts.pop(rng.choice(list(parts)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)


def _database(path: Path, rng: random.Random) -> None:
    with sqlite3.connect(path) as base:
        base.execute("create table t (a integer, b text, c blob)")
        base.executemany("insert into t values (?, ?, ?)", [(k, f"x{k}", bytes([k])) for k in range(40)])
        if rng.random() < 0.5:
            endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r"
            base.execute(f"create view v as {endless}")
            if rng.random() < 0.5:
                base.execute("drop table t")
    base.close()


def _zip(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in rng.choice(
            [["a.csv"], ["a.csv", "b.csv"], ["../../a.csv"], ["/etc/a.csv"], ["d/a.csv", "readme.txt"], []]
        ):
            file.writestr(name, _text(_rows(rng, 20), ","))


# --- what no file should be
def _bomb(path: Path, rng: random.Random) -> None:
    size = 600_000_000
    match path.suffix:
        case ".zip":
            with (
                zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
                file.open("a.csv", "w") as inner,
            ):
                for _ in range(size // 1_000_000):
                    inner.write(b"a,b\n" * 250_000)
        case ".xlsx":
            _excel(path, rng)
            with (
                zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
                file.open("xl/sharedStrings.xml", "w") as inner,
            ):
                for _ in range(size // 1_000_000):
                    inner.write(b"<si><t>aaaaaaaaa</t></si>" * 40_000)
        case ".json" | ".jsonl":
            path.write_text(
                rng.choice(
                    [
                        "[" * 500_000,
                        '{"a":' * 100_000,
                        "[" + "[]," * 2_000_000 + "[]]",
                        '{"a": ' + "9" * 100_000 + "}",
                    ]
                )
            )
        case ".csv":
            kind = rng.randrange(5)
            wide = ",".join(f"c{k}" for k in range(200_000))
            texts = [
                wide + "\n" + wide,
                '"' * 3_000_001,
                "a,b\n" + "x" * 20_000_000,
                "a\n" + ("1" + " " * 50_000 + "x\n") * 20,
            ]
            path.write_text([*texts, "a\n" + "9" * 1_000_000][kind])
        case _:
            path.write_bytes(rng.randbytes(100_000))


def _gzipped(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.5:  # a file may be packed in many parts, each by itself
        path.write_bytes(gzip.compress(b"a,b\n" * 2_500_000) * 60)
    else:
        path.write_bytes(gzip.compress(_text(_rows(rng, 20), ",").encode()))


def _damaged(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    match rng.randrange(6):
        case 0:
            data = data[: rng.randrange(len(data) + 1)]
        case 1:
            for _ in range(rng.choice([1, 10, 200])):
                if data:
                    data[rng.randrange(len(data))] = rng.randrange(256)
        case 2:
            data[rng.randrange(len(data) + 1) :] = rng.randbytes(2_000)
        case 3:
            data = data[rng.randrange(len(data) + 1) :]
        case 4:
            at = rng.randrange(len(data) + 1)
            data[at:at] = data[: rng.randrange(len(data) + 1)]
        case _:
            at = rng.randrange(max(1, len(data) - 8))
            data[at : at + 8] = rng.choice([b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7])
    path.write_bytes(bytes(data))


def _placed(path: Path, rng: random.Random) -> None:
    match rng.randrange(5):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.symlink_to(path)
        case 3:
            path.mkdir()
        case _:
            path.write_bytes(b"")


MAKERS: dict[str, Make] = {
    ending: make
    for make, endings in (
        (_delimited, "csv tsv txt"),
        (_json, "json jsonl"),
        (_zip, "zip"),
        (_arrow, "parquet arrow feather"),
        (_excel, "xlsx"),
        (_database, "db sqlite"),
        (_gzipped, "csv.gz"),
    )
    for ending in endings.split()
}


def cases(count: int, seed: int, place: Path) -> Iterator[Case]:
    """So many files: as they are, damaged, under another ending, bombs, and what is no file."""
    endings = list(MAKERS)
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        ending = endings[index % len(endings)]
        folder = place / str(index)
        folder.mkdir()
        path = folder / f"table.{ending}"
        kind = index // len(endings) % 8
        if kind == 6:
            _bomb(path, rng)
        elif kind == 7:
            _placed(path, rng)
        else:
            MAKERS[ending](path, rng)
            if kind not in (0, 4):
                _damaged(path, rng)
            if kind == 4:
                path = path.rename(path.with_name(f"table.{rng.choice(endings)}"))
        argv = ["schema", str(path), "--quiet"]
        name = ("right", "damaged", "damaged", "damaged", "renamed", "damaged", "bomb", "place")[kind]
        yield Case(
            f"{index} {name} {ending}",
            argv,
            frozenset({0, 3, 4, 5, 6}),
            lambda folder=folder: shutil.rmtree(folder, ignore_errors=True),
        )
