"""SQLite files, read and written with Python's own library."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from arro3.core import DataType

from sampan.column import Column
from sampan.data.databases.address import choose, quoted, unwritten
from sampan.data.limits import limits, refuse_wide, to_raise
from sampan.data.stream import (
    Columns,
    Stream,
    block_rows,
    from_rows,
    from_values,
    rows_of,
    to_list,
    unique_names,
)
from sampan.errors import DataError


def open_sqlite(path: Path, label: str, table: str | None) -> Stream:
    """The Stream of a table in an SQLite file.

    SQLite types cells, not columns, so one pass asks which types a column holds before any row is read.
    """
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        _limit(connection)
        found = connection.execute(
            "select name, type from sqlite_master where type in ('table', 'view')"
            " and substr(name, 1, 7) <> 'sqlite_' order by name"
        )
        kinds_of = dict(found.fetchall())
        table = choose(label, list(kinds_of), table)
        anew = _stop_late(connection) if kinds_of[table] == "view" else lambda: None
        keys = [row[1] for row in connection.execute(f"pragma table_info({quoted(table)})")]
        refuse_wide(label, len(keys))
        kinds = [_sqlite_kind(connection, table, key) for key in keys]
    except (sqlite3.Error, UnicodeError) as error:
        raise damaged(label, error) from error
    names, notes = unique_names(keys)
    columns = ", ".join(map(quoted, keys))

    def blocks() -> Iterator[Columns]:
        try:
            anew()
            cursor = connection.execute(f"select {columns} from {quoted(table)}")
            while rows := cursor.fetchmany(block_rows(len(names))):
                yield from_rows(names, kinds, rows)
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(label, error) from error
        finally:
            connection.close()

    return Stream(names, blocks(), notes)


_STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""


def _limit(connection: sqlite3.Connection) -> None:
    """Nothing that stands in a file may call functions with effects, or make values that fill the memory."""
    connection.execute("pragma trusted_schema = off")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits().value)
    connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def _stop_late(connection: sqlite3.Connection) -> Callable[[], None]:
    """End what a view computes when its time is up: one can be written that never ends.

    Calling what comes back starts the time anew.
    """
    seconds = limits().seconds
    started = [time.monotonic()]
    connection.set_progress_handler(lambda: time.monotonic() - started[0] > seconds, _STEPS)
    return lambda: started.__setitem__(0, time.monotonic())


def _sqlite_kind(connection: sqlite3.Connection, table: str, key: str) -> DataType:
    query = f"select distinct typeof({quoted(key)}) from {quoted(table)}"
    kinds = {kind for (kind,) in connection.execute(query)} - {"null"}
    if kinds == {"integer"}:
        return DataType.int64()
    if kinds and kinds <= {"integer", "real"}:
        return DataType.float64()
    return DataType.binary() if kinds == {"blob"} else DataType.string()


def damaged(label: str, error: Exception) -> DataError:
    if "interrupted" in str(error):
        seconds = limits().seconds
        return DataError(
            f"{label}: the view computes for more than {seconds} s.",
            "Expected: a table, or a view that ends sooner.",
            to_raise("seconds", 60 * seconds),
        )
    return DataError(
        f"{label} could not be read as an SQLite database: {error}.",
        "Expected: a complete SQLite file that no other program holds locked.",
        "Close the program that uses it, or copy the file again.",
    )


def _cells(column: Column) -> list[Any]:
    """Values that SQLite takes: numbers that it can hold, text and bytes."""
    kind = column.type
    values = to_list(column)
    if DataType.is_uint64(kind):  # SQLite counts to 2**63: a longer number goes in as text
        return [value if value is None or value < 2**63 else str(value) for value in values]
    if (DataType.is_numeric(kind) and not DataType.is_decimal(kind)) or DataType.is_boolean(kind):
        return values
    if DataType.is_binary(kind) or DataType.is_string(kind):
        return values
    return to_list(from_values(values, DataType.string()))


def write_sqlite(
    path: Path, label: str, table: str, first: Columns, blocks: Iterable[Columns], replace: bool
) -> int:
    count = 0
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise unwritten(label, error) from error
    try:
        connection.execute("begin immediate")
        if replace:
            connection.execute(f"drop table if exists {quoted(table)}")
        declared = ", ".join(f"{quoted(name)} {_declared(column)}" for name, column in first.items())
        connection.execute(f"create table {quoted(table)} ({declared})")
        marks = ", ".join("?" * len(first))
        for block in blocks:
            rows = zip(*map(_cells, block.values()), strict=True)
            connection.executemany(f"insert into {quoted(table)} values ({marks})", rows)
            count += rows_of(block)
        connection.execute("commit")
    except sqlite3.Error as error:
        raise unwritten(label, error) from error
    finally:
        connection.close()  # what was not committed is rolled back
    return count


def _declared(column: Column) -> str:
    kind = column.type
    if DataType.is_uint64(kind) and any(value and value >= 2**63 for value in to_list(column)):
        return "text"  # as an integer, SQLite would make a rounded real number of it
    if DataType.is_integer(kind) or DataType.is_boolean(kind):
        return "integer"
    if DataType.is_floating(kind):
        return "real"
    return "blob" if DataType.is_binary(kind) else "text"
