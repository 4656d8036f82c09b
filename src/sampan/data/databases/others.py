"""Any other database, read and written by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from arro3.core import DataType

from sampan.column import Column
from sampan.data.databases.address import Database, choose, unreachable, unwritten
from sampan.data.stream import Columns, Stream, block_rows, from_rows, unique_names
from sampan.errors import DataError, MissingExtra, SampanError


def open_sqlalchemy(database: Database, table: str | None) -> Stream:
    sql = MissingExtra.module("sqlalchemy", "sql", f"Reading {database.label}")
    try:
        engine = sql.create_engine(database.url)
        inspector = sql.inspect(engine)
        schema, _, bare = table.rpartition(".") if table else (None, None, None)
        if schema:
            table = choose(database.label, inspector.get_table_names(schema=schema), bare)
        else:
            table = choose(database.label, [*inspector.get_table_names(), *inspector.get_view_names()], table)
        source = sql.Table(table, sql.MetaData(), schema=schema or None, autoload_with=engine)
    except SampanError:
        raise
    except Exception as error:  # each driver has errors of its own, and one may not be installed
        raise DataError(
            unreachable(database.label, error),
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
                    yield from_rows(names, kinds, rows)
        except GeneratorExit:
            raise
        except Exception as error:
            raise DataError(
                unreachable(database.label, error),
                f"Expected: to read the table {table} to its end.",
                "Try again, or export the table to a file and give that.",
            ) from error
        finally:
            engine.dispose()

    return Stream(names, blocks(), notes)


def _sql_kind(declared: Any) -> DataType:
    """The Arrow type of a declared column; text (decimals too, which keeps their digits) where unsure."""
    try:
        python = declared.python_type.__name__
    except NotImplementedError:
        return DataType.string()
    if python == "datetime":
        return DataType.timestamp("us", tz="UTC" if getattr(declared, "timezone", False) else None)
    plain = {"bool": DataType.bool, "int": DataType.int64, "float": DataType.float64, "date": DataType.date32}
    return plain.get(python, DataType.string)()


def write_sqlalchemy(
    database: Database, table: str, first: Columns, blocks: Iterable[Columns], replace: bool
) -> int:
    sql = MissingExtra.module("sqlalchemy", "sql", f"Writing {database.label}")
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
    except (sql.exc.SQLAlchemyError, ImportError) as error:
        raise unwritten(database.label, error) from error
    return count


def _sql_type(sql: Any, column: Column) -> Any:
    kind = column.type
    if DataType.is_timestamp(kind):
        return sql.DateTime(timezone=kind.tz is not None)
    for test, word in (
        (DataType.is_boolean, "Boolean"),
        (DataType.is_integer, "BigInteger"),
        (DataType.is_floating, "Double"),
        (DataType.is_date, "Date"),
        (DataType.is_decimal, "Numeric"),
        (DataType.is_binary, "LargeBinary"),
    ):
        if test(kind):
            return getattr(sql, word)()
    return sql.Text()
