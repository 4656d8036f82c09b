"""Tables of SQL databases in and out: SQLite by the standard library, any other through SQLAlchemy."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from arro3.core import DataType

from sampan.column import Column
from sampan.data.limits import limits, to_raise
from sampan.data.stream import Columns, Stream, block_rows, from_values, rows_of, to_list, unique_names
from sampan.errors import DataError, MissingExtra, SampanError, StoreError, nearest

DATABASES = (".db", ".sqlite", ".sqlite3")
"""Endings of files that are SQLite databases."""

_SCHEMES = frozenset(
    [
        "sqlite",
        "postgresql",
        "postgres",
        "mysql",
        "mariadb",
        "mssql",
        "oracle",
        "duckdb",
        "snowflake",
        "bigquery",
        "redshift",
        "cockroachdb",
    ]
)


@dataclass(frozen=True, slots=True)
class Database:
    """A database and, perhaps, one of its tables. path: the file, for SQLite by the standard library."""

    label: str
    url: str
    path: Path | None
    table: str | None


def database_of(text: str) -> Database | None:
    """The database that a URL or a path names, if it does: sqlite:///x.db?table=t, sqlite:///x.db#t, x.db."""
    if "://" not in text:
        path = Path(text).expanduser()
        return Database(text, text, path, None) if path.suffix.lower() in DATABASES else None
    parts = urlsplit(text)
    if parts.scheme.split("+")[0] not in _SCHEMES:
        return None
    query = dict(parse_qsl(parts.query))
    table = query.pop("table", None) or unquote(parts.fragment) or None
    path = Path(unquote(parts.path[1:])) if parts.scheme == "sqlite" else None
    scheme = "postgresql" if parts.scheme == "postgres" else parts.scheme
    url = f"{scheme}://{parts.netloc}{parts.path}" + (f"?{urlencode(query)}" if query else "")
    # a password is for the database, not for messages
    label = text.replace(f":{parts.password}@", ":***@") if parts.password else text
    return Database(label, url, path, table)


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
    return _open_sqlalchemy(database, table)


def _choose(label: str, tables: list[str], table: str | None) -> str:
    """The table that was asked for, or the only one."""
    listed = ", ".join(tables[:20]) + (", ..." if len(tables) > 20 else "")
    if table is not None:
        if table not in tables:
            raise DataError(
                f"{label} has no table {table!r}.{nearest(table, tables)}",
                f"Expected: one of: {listed or 'none, the database is empty'}.",
                "Name one of them.",
            )
        return table
    if len(tables) != 1:
        raise DataError(
            f"{label} holds {len(tables)} tables.",
            f"Expected: the name of one of: {listed}." if tables else "Expected: a database with a table.",
            f"Name it: ?table={tables[0]} at the end of a URL, or table={tables[0]!r} in Python."
            if tables
            else "Check that it is the right file.",
        )
    return tables[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- SQLite
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
        table = _choose(label, list(kinds_of), table)
        anew = _stop_late(connection) if kinds_of[table] == "view" else lambda: None
        keys = [row[1] for row in connection.execute(f"pragma table_info({_quoted(table)})")]
        if len(keys) > (most := limits().columns):
            raise _too_wide(label, len(keys), most)
        kinds = [_sqlite_kind(connection, table, key) for key in keys]
    except (sqlite3.Error, UnicodeError) as error:
        raise _damaged(label, error) from error
    names, notes = unique_names(keys)
    columns = ", ".join(map(_quoted, keys))

    def blocks() -> Iterator[Columns]:
        try:
            anew()
            cursor = connection.execute(f"select {columns} from {_quoted(table)}")
            while rows := cursor.fetchmany(block_rows(len(names))):
                yield {
                    name: from_values(values, kind)
                    for name, kind, values in zip(names, kinds, zip(*rows, strict=True), strict=True)
                }
        except (sqlite3.Error, UnicodeError) as error:
            raise _damaged(label, error) from error
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


def _too_wide(label: str, width: int, most: int) -> DataError:
    return DataError(
        f"{label} has {width:,} columns.", f"Expected: at most {most:,}.", to_raise("columns", 2 * width)
    )


def _sqlite_kind(connection: sqlite3.Connection, table: str, key: str) -> DataType:
    query = f"select distinct typeof({_quoted(key)}) from {_quoted(table)}"
    kinds = {kind for (kind,) in connection.execute(query)} - {"null"}
    if kinds == {"integer"}:
        return DataType.int64()
    if kinds and kinds <= {"integer", "real"}:
        return DataType.float64()
    return DataType.binary() if kinds == {"blob"} else DataType.string()


def _damaged(label: str, error: Exception) -> DataError:
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


# --- any other database
def _sqlalchemy(reason: str) -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingExtra("sqlalchemy", "sql", reason) from error
    return sqlalchemy


def _unreachable(label: str, error: Exception) -> str:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{label}: the database refused: {first}"


def _open_sqlalchemy(database: Database, table: str | None) -> Stream:
    sql = _sqlalchemy(f"Reading {database.label}")
    try:
        engine = sql.create_engine(database.url)
        inspector = sql.inspect(engine)
        schema, _, bare = table.rpartition(".") if table else (None, None, None)
        if schema:
            table = _choose(database.label, inspector.get_table_names(schema=schema), bare)
        else:
            table = _choose(
                database.label, [*inspector.get_table_names(), *inspector.get_view_names()], table
            )
        source = sql.Table(table, sql.MetaData(), schema=schema or None, autoload_with=engine)
    except SampanError:
        raise
    except Exception as error:  # each driver has errors of its own, and one may not be installed
        raise DataError(
            _unreachable(database.label, error),
            "Expected: a URL such as postgresql+psycopg://user:password@host/database?table=customers.",
            "Check the URL and that the database answers; drivers are packages of their own (psycopg, ...).",
        ) from error
    names, notes = unique_names(column.name for column in source.columns)
    kinds = [_sql_kind(column.type) for column in source.columns]

    def blocks() -> Iterator[Columns]:
        try:
            with engine.connect().execution_options(stream_results=True) as connection:
                result = connection.execute(sql.select(source))
                while rows := result.fetchmany(block_rows(len(names))):
                    yield {
                        name: from_values(values, kind)
                        for name, kind, values in zip(names, kinds, zip(*rows, strict=True), strict=True)
                    }
        except GeneratorExit:
            raise
        except Exception as error:
            raise DataError(
                _unreachable(database.label, error),
                f"Expected: to read the table {table} to its end.",
                "Try again, or export the table to a file and give that.",
            ) from error
        finally:
            engine.dispose()

    return Stream(names, blocks(), notes)


def _sql_kind(declared: Any) -> DataType:
    """The Arrow type of a declared column; text (decimals too, which keeps their digits) where unsure."""
    try:
        python = declared.python_type
    except NotImplementedError:
        return DataType.string()
    match python.__name__:
        case "bool":
            return DataType.bool()
        case "int":
            return DataType.int64()
        case "float":
            return DataType.float64()
        case "date":
            return DataType.date32()
        case "datetime":
            return DataType.timestamp("us", tz="UTC" if getattr(declared, "timezone", False) else None)
        case _:
            return DataType.string()


# --- writing
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
        return _write_sqlite(database.path, database.label, table, first, everything, replace)
    return _write_sqlalchemy(database, table, first, everything, replace)


def _holds(database: Database, table: str) -> bool:
    """Whether a database has a table or view of this name."""
    if database.path is None:
        sql = _sqlalchemy(f"Writing {database.label}")
        try:
            engine = sql.create_engine(database.url)
            schema, _, bare = table.rpartition(".")
            inspector = sql.inspect(engine)
            views = inspector.get_view_names(schema=schema or None)
            found = inspector.has_table(bare, schema=schema or None) or bare in views
            engine.dispose()
            return found
        except (sql.exc.SQLAlchemyError, ImportError) as error:
            raise _unwritten(database.label, error) from error
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
        raise _unwritten(database.label, error) from error


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


def _write_sqlite(
    path: Path, label: str, table: str, first: Columns, blocks: Iterable[Columns], replace: bool
) -> int:
    count = 0
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise _unwritten(label, error) from error
    try:
        connection.execute("begin immediate")
        if replace:
            connection.execute(f"drop table if exists {_quoted(table)}")
        declared = ", ".join(f"{_quoted(name)} {_declared(column)}" for name, column in first.items())
        connection.execute(f"create table {_quoted(table)} ({declared})")
        marks = ", ".join("?" * len(first))
        for block in blocks:
            rows = zip(*map(_cells, block.values()), strict=True)
            connection.executemany(f"insert into {_quoted(table)} values ({marks})", rows)
            count += rows_of(block)
        connection.execute("commit")
    except sqlite3.Error as error:
        raise _unwritten(label, error) from error
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


def _unwritten(label: str, error: Exception) -> StoreError:
    return StoreError(
        f"{label} could not be written: {str(error).splitlines()[0]}.",
        "Expected: a database that may be written, with room on its disk.",
        "Check its permissions and its disk, or write to another; what was there before is untouched.",
    )


def _write_sqlalchemy(
    database: Database, table: str, first: Columns, blocks: Iterable[Columns], replace: bool
) -> int:
    sql = _sqlalchemy(f"Writing {database.label}")
    count = 0
    try:
        engine = sql.create_engine(database.url)
        columns = [sql.Column(name, _sql_type(sql, column)) for name, column in first.items()]
        schema, _, bare = table.rpartition(".")
        target = sql.Table(bare, sql.MetaData(), *columns, schema=schema or None)
        with engine.begin() as connection:
            if replace:
                target.drop(connection, checkfirst=True)
            target.create(connection, checkfirst=False)
            for block in blocks:
                names = list(block)
                rows = zip(*(column.to_pylist() for column in block.values()), strict=True)
                records = [dict(zip(names, row, strict=True)) for row in rows]
                if records:
                    connection.execute(target.insert(), records)
                count += len(records)
        engine.dispose()
    except sql.exc.SQLAlchemyError as error:
        raise _unwritten(database.label, error) from error
    except ImportError as error:
        raise _unwritten(database.label, error) from error
    return count


def _sql_type(sql: Any, column: Column) -> Any:
    kind = column.type
    if DataType.is_boolean(kind):
        return sql.Boolean()
    if DataType.is_integer(kind):
        return sql.BigInteger()
    if DataType.is_floating(kind):
        return sql.Double()
    if DataType.is_date(kind):
        return sql.Date()
    if DataType.is_timestamp(kind):
        return sql.DateTime(timezone=kind.tz is not None)
    if DataType.is_decimal(kind):
        return sql.Numeric()
    return sql.LargeBinary() if DataType.is_binary(kind) else sql.Text()
