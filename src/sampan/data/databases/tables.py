"""Tables of databases, read and written, whichever library reaches them."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable

from sampan.data.databases.address import Database, unwritten
from sampan.data.databases.others import open_sqlalchemy, write_sqlalchemy
from sampan.data.databases.sqlite import open_sqlite, write_sqlite
from sampan.data.stream import Columns, Stream
from sampan.errors import DataError, MissingExtra, StoreError, nearest


def open_database(database: Database, table: str | None) -> Stream:
    """The Stream of a database's table; its only one where none is named."""
    table = table or database.table
    if database.path is not None:
        if not database.path.is_file():
            folder = database.path.parent
            names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
            raise DataError(
                f"{database.label}: there is no file {database.path}.",
                f"Expected: an SQLite database.{nearest(database.path.name, names)}",
                "After sqlite: come three slashes for a path from here, four for a path from the root.",
            )
        return open_sqlite(database.path, database.label, table)
    return open_sqlalchemy(database, table)


def write_database(database: Database, blocks: Iterable[Columns], *, replace: bool = False) -> int:
    """Write a table in one transaction; return how many rows.

    replace: put it in the place of a table of that name, which is refused otherwise, before any row is made.
    """
    table = database.table or (database.path.stem if database.path else None)
    if table is None:
        raise StoreError(
            f"{database.label} does not say which table to write.",
            "Expected: the table's name at the end of the URL.",
            f"Type: {database.label}?table=made",
        )
    if not replace and _holds(database, table):
        raise StoreError(
            f"{database.label} has a table {table!r} already.",
            "Expected: a new table, or --replace to put the made rows in the place of what it holds.",
            "Add --replace, or name another table at the end of the URL: ?table=made",
        )
    rest = iter(blocks)
    first = next(rest, None)
    if first is None:
        raise StoreError(
            "There is nothing to write.", "Expected: at least one block.", "Ask for one row or more."
        )
    everything = itertools.chain([first], rest)
    if database.path is not None:
        return write_sqlite(database.path, database.label, table, first, everything, replace)
    return write_sqlalchemy(database, table, first, everything, replace)


def _holds(database: Database, table: str) -> bool:
    """Whether a database has a table or view of this name."""
    if database.path is None:
        sql = MissingExtra.module("sqlalchemy", "sql", f"Writing {database.label}")
        try:
            engine = sql.create_engine(database.url)
            schema, _, bare = table.rpartition(".")
            inspector = sql.inspect(engine)
            views = inspector.get_view_names(schema=schema or None)
            found = inspector.has_table(bare, schema=schema or None) or bare in views
            engine.dispose()
            return found
        except (sql.exc.SQLAlchemyError, ImportError) as error:
            raise unwritten(database.label, error) from error
    if not database.path.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{database.path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            query = "select count(*) from sqlite_master where name = ? collate nocase"
            return connection.execute(query, (table,)).fetchone()[0] > 0
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unwritten(database.label, error) from error
