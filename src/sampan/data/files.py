"""Files of records, read: delimited text, Parquet, Arrow, JSON and Excel, each as a Stream."""

from __future__ import annotations

import io
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from arro3.core import DataType, RecordBatchReader, Schema
from arro3.io import infer_json_schema, read_ipc, read_ipc_stream, read_json, read_parquet

from sampan import scratch
from sampan.data.databases import DATABASES, open_sqlite
from sampan.data.delimited import open_delimited
from sampan.data.encoding import not_text
from sampan.data.excel import open_excel
from sampan.data.origin import READ_ERRORS, Origin, unreadable
from sampan.data.reading import Reading
from sampan.data.stream import (
    Columns,
    Stream,
    block_rows,
    from_values,
    normal,
    of_arrow,
    unique_names,
)
from sampan.data.zipped import is_workbook, table_in
from sampan.errors import DataError, MissingExtra

_EXCEL = (".xlsx", ".xlsm")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def open_file(origin: Origin, how: Reading) -> Stream:
    """The Stream of a file, by what it holds rather than by what it is called."""
    head = origin.head(64)
    if head.startswith(b"SQLite format 3\0"):
        return open_sqlite(_on_disk(origin), origin.label, how.table)
    if head.startswith(b"PAR1"):
        return _open_parquet(origin)
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return _open_ipc(origin, head)
    if head.startswith(_ZIP):
        handle = _seekable(origin)
        if origin.suffix in _EXCEL or is_workbook(handle):
            return open_excel(handle, origin.label, how)
        inner = table_in(handle, origin, how)
        stream = open_file(inner, replace(how, table=None))
        stream.notes.insert(0, f'"{inner.label.partition(": ")[2]}" in it is read')
        return stream
    for suffixes, what in (((".parquet", ".pq"), "Parquet"), ((".arrow", ".feather", ".ipc"), "Arrow"),
                           (_EXCEL, "Excel"), (DATABASES, "SQLite")):  # fmt: skip
        if origin.suffix in suffixes:
            raise _damaged(origin, what, f"it starts with {head[:4]!r}")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise not_text(origin.label)
    if origin.suffix in (".json", ".jsonl", ".ndjson") or head.lstrip()[:2] in (b'{"', b"[{"):
        return _open_json(origin)
    return open_delimited(origin, how.encoding, how.delimiter, how.header)


def _damaged(origin: Origin, what: str, why: object) -> DataError:
    reason = str(why).removeprefix("called `Result::unwrap()` on an `Err` value: ")
    return DataError(
        f"{origin.label} is damaged or no {what} file: {reason}.",
        f"Expected: a complete {what} file.",
        "Copy or write it again; it may have been cut short.",
    )


def _on_disk(origin: Origin) -> Path:
    """A local file with the origin's bytes, for readers that need to jump about in it."""
    if origin.path is not None:
        return origin.path
    path = scratch.new_file()
    with open(path, "xb") as copy:
        try:
            with origin.open() as handle:
                shutil.copyfileobj(handle, copy)
        except READ_ERRORS as error:
            raise unreadable(origin.label, error) from error
    return path  # it stays for as long as this process may read it: a Stream may be read late


def _open_parquet(origin: Origin) -> Stream:
    path = _on_disk(origin)
    with open(path, "rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - 8))
        end = handle.read()
    if size < 12 or end[4:] != b"PAR1" or int.from_bytes(end[:4], "little") > size - 8:
        raise _damaged(origin, "Parquet", "it breaks off before its last part")
    return _of_reader(origin, "Parquet", lambda: read_parquet(str(path), batch_size=_parquet_rows(path)))


def _parquet_rows(path: Path) -> int:
    return block_rows(len(read_parquet(str(path)).schema))


def _open_ipc(origin: Origin, head: bytes) -> Stream:
    path = str(_on_disk(origin))
    reader = read_ipc if head.startswith(b"ARROW1") else read_ipc_stream
    return _of_reader(origin, "Arrow", lambda: reader(path))


def _of_reader(origin: Origin, what: str, opener: Callable[[], RecordBatchReader]) -> Stream:
    try:
        reader = opener()
        found = reader.schema.names
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a Rust panic is a BaseException
        raise _damaged(origin, what, error) from error
    names, notes = unique_names(found)
    return Stream(names, of_arrow(reader, names, notes, lambda error: _damaged(origin, what, error)), notes)


def _open_json(origin: Origin) -> Stream:
    """JSON lines, or one array of records, which is first laid out as lines in a temporary file."""
    notes: list[str] = []
    start = origin.head(1 << 12).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        origin = _lines_of_array(origin)
    path = _on_disk(origin)
    try:
        schema = _in_order(path, infer_json_schema(str(path)))
    except BaseException as error:
        raise _bad_json(origin, path, error) from error
    if not len(schema):
        raise DataError(
            f"{origin.label} holds no named values.",
            'Expected: records such as {"age": 39, "job": "clerk"}, one on each line.',
            "Check that each line is a JSON object.",
        )
    names, renamed = unique_names(schema.names)
    nested = [name for name, kind in zip(schema.names, schema.types, strict=True) if DataType.is_nested(kind)]
    notes += renamed
    notes += [f"the nested values of {name!r} are taken as JSON text" for name in nested]
    kinds = [
        DataType.string() if DataType.is_nested(kind) or DataType.is_null(kind) else kind
        for kind in schema.types
    ]

    def blocks() -> Iterator[Columns]:
        done = 0
        if not nested:
            try:
                for batch in read_json(str(path), schema, batch_size=block_rows(len(names))):
                    columns = (normal(batch.column(place)) for place in range(batch.num_columns))
                    block = dict(zip(names, columns, strict=True))
                    yield block
                    done += batch.num_rows
                return
            except GeneratorExit:
                raise
            except Exception:  # a text column also holds numbers or objects: on with the patient reader
                pass
        with open(path, encoding="utf-8-sig") as handle:
            rest = itertools.islice((line for line in handle if line.strip()), done, None)
            while lines := list(itertools.islice(rest, block_rows(len(names)))):
                try:
                    records = [json.loads(line) for line in lines]
                    yield {
                        name: from_values([record.get(key) for record in records], kind)
                        for name, key, kind in zip(names, schema.names, kinds, strict=True)
                    }
                except (ValueError, TypeError, AttributeError, OverflowError) as error:
                    raise _bad_json(origin, path, error) from error

    return Stream(names, blocks(), notes)


def _in_order(path: Path, schema: Schema) -> Schema:
    """The schema in the order in which names appear in the file; the reader sorts them by letter."""
    seen: dict[str, None] = {}
    with open(path, encoding="utf-8-sig") as handle:
        for line in itertools.islice(handle, 1000):
            if line.strip():
                seen.update(dict.fromkeys(json.loads(line)))
    places = {name: place for place, name in enumerate(seen)}
    order = sorted(schema.names, key=lambda name: places.get(name, len(places)))
    return Schema([schema.field(name) for name in order])


def _bad_json(origin: Origin, path: Path, error: BaseException) -> DataError:
    """The error for the first line that is no JSON object."""
    number = 0
    with open(path, encoding="utf-8-sig", errors="replace") as handle:
        for number, line in enumerate(handle, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except ValueError as wrong:
                return _json_error(f"{origin.label}, record {number}: {wrong}")
            if not isinstance(found, dict):
                return _json_error(
                    f"{origin.label}, record {number}: it is no object but {line.strip()[:40]!r}"
                )
    return _json_error(f"{origin.label} could not be read as JSON lines: {error}")


def _json_error(what: str) -> DataError:
    return DataError(
        f"{what}.",
        'Expected: an object such as {"age": 39} on each line, or one array of such objects.',
        "Mend that record, or write the file again if it was cut short.",
    )


def _lines_of_array(origin: Origin) -> Origin:
    """A JSON array of records as JSON lines, one record in memory at a time."""
    decoder, text, number = json.JSONDecoder(), "", 0
    path = scratch.new_file(".jsonl")
    with open(path, "x", encoding="utf-8") as out:
        try:
            source = io.TextIOWrapper(origin.open(), encoding="utf-8-sig")  # type: ignore[arg-type]
            with source:
                text = source.read(1 << 20).lstrip()[1:]
                while True:
                    text = text.lstrip().removeprefix(",").lstrip()
                    if text.startswith("]"):
                        break
                    try:
                        record, end = decoder.raw_decode(text)
                        if end == len(text):  # it may go on: 12 of 123
                            raise json.JSONDecodeError("unfinished", text, end)
                    except json.JSONDecodeError as error:
                        more = source.read(max(1 << 20, len(text)))
                        if not more:
                            what = "the array is never closed" if "unfinished" in error.msg else error.msg
                            raise _json_error(f"{origin.label}, record {number + 1}: {what}") from error
                        text += more
                        continue
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
                    text, number = text[end:], number + 1
        except UnicodeError as error:
            raise _json_error(f"{origin.label} is not UTF-8: {error}") from error
        except READ_ERRORS as error:
            raise unreadable(origin.label, error) from error
    return Origin(origin.label, origin.name, ".jsonl", path, lambda: open(path, "rb"))


def _seekable(origin: Origin) -> IO[bytes]:
    return open(_on_disk(origin), "rb")


def openpyxl_for(reason: str) -> Any:
    """The package openpyxl; MissingExtra says for what it is needed."""
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("openpyxl", "excel", reason) from error
    return openpyxl
