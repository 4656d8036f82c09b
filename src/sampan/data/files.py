"""Files of records, read: delimited text, Parquet, Arrow, JSON and Excel, each as a Stream."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from arro3.core import RecordBatchReader, Table
from arro3.io import read_ipc, read_ipc_stream, read_parquet

from sampan import scratch
from sampan.data.databases import DATABASES, open_sqlite
from sampan.data.delimited import open_delimited
from sampan.data.encoding import not_text
from sampan.data.excel import open_excel
from sampan.data.hush import hushed
from sampan.data.json_records import open_json
from sampan.data.limits import limits, size, to_raise
from sampan.data.origin import READ_ERRORS, Origin, unreadable
from sampan.data.parquet import read_footer
from sampan.data.reading import Reading
from sampan.data.stream import BLOCK, Stream, block_rows, of_arrow, said_of, unique_names
from sampan.data.trial import outlives
from sampan.data.zipped import is_workbook, table_in
from sampan.errors import DataError, MissingExtra
from sampan.provenance import KEY, read_provenance

_EXCEL = (".xlsx", ".xlsm")
_JOINED = 1 << 26
"""Bytes of batches that are joined to a block."""
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
        return open_json(origin, _on_disk)
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
    footer = read_footer(path, origin.label)
    rows = min(block_rows(footer.columns), footer.rows)
    _try(origin, path, "Parquet", "read_parquet", rows)
    return _of_reader(origin, "Parquet", lambda: read_parquet(str(path), batch_size=rows), path)


def _try(origin: Origin, path: Path, what: str, reader: str, rows: int) -> None:
    why = outlives(path, reader, rows)
    if why:
        raise _damaged(origin, what, why)


def _open_ipc(origin: Origin, head: bytes) -> Stream:
    path = _on_disk(origin)
    reader = read_ipc if head.startswith(b"ARROW1") else read_ipc_stream
    _try(origin, path, "Arrow", reader.__name__, 0)
    return _of_reader(origin, "Arrow", lambda: reader(str(path)), path)


def _of_reader(origin: Origin, what: str, opener: Callable[[], RecordBatchReader], path: Path) -> Stream:
    try:
        with hushed():
            reader = opener()
            schema = reader.schema
            found = schema.names
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a Rust panic is a BaseException
        raise _damaged(origin, what, error) from error
    names, notes = unique_names(found)

    def fail(error: BaseException) -> Exception:
        return error if isinstance(error, DataError) else _damaged(origin, what, error)

    made = read_provenance(said_of(schema).get(KEY))
    return Stream(names, of_arrow(_bounded(reader, origin, path), names, notes, fail), notes, None, made)


def _bounded(reader: Iterable[Any], origin: Origin, path: Path) -> Iterator[Any]:
    """The batches, small ones joined. Raises DataError where they grow to far more than their file holds."""
    most, packed, whole = limits(), path.stat().st_size, 0
    held: list[Any] = []
    rows = held_bytes = 0
    for batch in reader:
        whole, held_bytes, rows = whole + batch.nbytes, held_bytes + batch.nbytes, rows + batch.num_rows
        if whole > most.unpacked and whole > most.times * packed:
            raise DataError(
                f"{origin.label} has {size(packed)} and unpacks to more than {size(whole)}.",
                f"Expected: at most {size(most.unpacked)}, or {most.times} times what it has.",
                to_raise("unpacked", 4 * most.unpacked),
            )
        held.append(batch)
        if rows >= BLOCK // 4 or held_bytes >= _JOINED:
            yield from _as_one(held)
            held, rows, held_bytes = [], 0, 0
    yield from _as_one(held)


def _as_one(batches: list[Any]) -> list[Any]:
    return batches if len(batches) < 2 else Table.from_batches(batches).combine_chunks().to_batches()


def _seekable(origin: Origin) -> IO[bytes]:
    return open(_on_disk(origin), "rb")


def openpyxl_for(reason: str) -> Any:
    """The package openpyxl; MissingExtra says for what it is needed."""
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("openpyxl", "excel", reason) from error
    return openpyxl
