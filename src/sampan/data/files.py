"""Files of records, read: delimited text, Parquet, Arrow, JSON and Excel, each as a Stream."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from arro3.core import RecordBatchReader, Table
from arro3.io import read_ipc, read_ipc_stream, read_parquet

from sampan.data.databases import DATABASES, open_sqlite
from sampan.data.delimited import open_delimited
from sampan.data.encoding import not_text
from sampan.data.excel import open_excel
from sampan.data.hush import hushed
from sampan.data.json_records import open_json
from sampan.data.limits import limits, size, to_raise
from sampan.data.origin import Origin, Reading, damaged
from sampan.data.parquet import read_footer
from sampan.data.stream import BLOCK, Stream, block_rows, of_arrow, said_of, unique_names
from sampan.data.zipped import is_workbook, table_in
from sampan.errors import DataError
from sampan.provenance import KEY, read_provenance

LARGEST = 1 << 28
"""Bytes of a file that is tried: reading one twice takes a second or two. A larger one is nobody's trick."""
_SECONDS = 8
_MEMORY = 6 << 30

_CODE = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (%d, %d))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
from arro3 import io
path, reader, *options = sys.argv[1:]
source = getattr(io, reader)(path, **{name: int(value) for name, value in map(str.split, options)})
names = source.schema.names
for batch in source:
    for place in range(batch.num_columns):
        batch.column(place)
"""


def outlives(path: Path, reader: str, options: Mapping[str, int]) -> str:
    """Why a reader of arro3.io does not come to the end of a file, or to an error; "" where it does."""
    if not sys.executable or path.stat().st_size > LARGEST:
        return ""
    asked = [f"{name} {value}" for name, value in options.items()]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CODE % (_MEMORY, _MEMORY), str(path), reader, *asked],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS + path.stat().st_size / (16 << 20),
        )
    except subprocess.TimeoutExpired:
        return "reading it does not come to an end"
    except OSError:  # no process may be started here
        return ""
    return "what it says of its parts cannot be" if done.returncode < 0 else ""


_EXCEL = (".xlsx", ".xlsm")
_JOINED = 1 << 26
"""Bytes of batches that are joined to a block."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def open_file(origin: Origin, how: Reading) -> Stream:
    """The Stream of a file, by what it holds rather than by what it is called."""
    head = origin.head(64)
    if head.startswith(b"SQLite format 3\0"):
        return open_sqlite(origin.on_disk(), origin.label, how.table)
    if how.table is not None and not head.startswith(_ZIP):
        raise DataError(
            f"{origin.label} holds one table, and its {how.table!r:.60} is asked for.",
            "Expected: a sheet only of a file that holds several: a workbook, a database, an archive.",
            "Leave out --sheet.",
        )
    if head.startswith(b"PAR1"):
        return _open_parquet(origin)
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        reader = read_ipc if head.startswith(b"ARROW1") else read_ipc_stream
        return _of_reader(origin, origin.on_disk(), "Arrow", reader)
    if head.startswith(_ZIP):
        handle = open(origin.on_disk(), "rb")
        if origin.suffix in _EXCEL or is_workbook(handle):
            return open_excel(handle, origin.label, how)
        inner = table_in(handle, origin, how)
        stream = open_file(inner, replace(how, table=None))
        stream.notes.insert(0, f'"{inner.label.partition(": ")[2]}" in it is read')
        return stream
    for suffixes, what in (((".parquet", ".pq"), "Parquet"), ((".arrow", ".feather", ".ipc"), "Arrow"),
                           (_EXCEL, "Excel"), (DATABASES, "SQLite")):  # fmt: skip
        if origin.suffix in suffixes:
            raise damaged(origin.label, what, f"it starts with {head[:4]!r}")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise not_text(origin.label)
    if origin.suffix in (".json", ".jsonl", ".ndjson") or head.lstrip()[:2] in (b'{"', b"[{"):
        return open_json(origin)
    return open_delimited(origin, how.encoding, how.delimiter, how.header)


def _open_parquet(origin: Origin) -> Stream:
    path = origin.on_disk()
    footer = read_footer(path, origin.label)
    rows = min(block_rows(footer.columns), footer.rows)
    return _of_reader(origin, path, "Parquet", read_parquet, batch_size=rows)


def _of_reader(
    origin: Origin, path: Path, what: str, reader: Callable[..., RecordBatchReader], **options: int
) -> Stream:
    """The Stream of what a reader of arro3.io reads, once another process has outlived reading it."""
    why = outlives(path, reader.__name__, options)
    if why:
        raise damaged(origin.label, what, why)
    try:
        with hushed():
            batches = reader(str(path), **options)
            schema = batches.schema
            found = schema.names
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a Rust panic is a BaseException
        raise damaged(origin.label, what, error) from error
    names, notes = unique_names(found)

    def fail(error: BaseException) -> Exception:
        return error if isinstance(error, DataError) else damaged(origin.label, what, error)

    made = read_provenance(said_of(schema).get(KEY))
    return Stream(names, of_arrow(_bounded(batches, origin, path), names, notes, fail), notes, None, made)


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
            yield from Table.from_batches(held).combine_chunks().to_batches()
            held, rows, held_bytes = [], 0, 0
    yield from Table.from_batches(held).combine_chunks().to_batches() if held else ()
