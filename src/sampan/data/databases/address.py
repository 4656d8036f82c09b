"""Database: where a database is, and one of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from sampan.errors import DataError, StoreError, nearest

DATABASES = (".db", ".sqlite", ".sqlite3")
"""Endings of files that are SQLite databases."""

_SCHEMES = (
    "sqlite postgresql postgres mysql mariadb mssql oracle duckdb snowflake bigquery redshift cockroachdb"
).split()


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


def choose(label: str, tables: list[str], table: str | None) -> str:
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


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def unreachable(label: str, error: Exception) -> str:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{label}: the database refused: {first}"


def unwritten(label: str, error: Exception) -> StoreError:
    return StoreError(
        f"{label} could not be written: {str(error).splitlines()[0]}.",
        "Expected: a database that may be written, with room on its disk.",
        "Check its permissions and its disk, or write to another; what was there before is untouched.",
    )
