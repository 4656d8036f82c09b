"""Still: a table of which nothing varies, which is refused before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sampan.arrow_type import as_text
from sampan.column import Column, codes, holds_bytes
from sampan.errors import DataError
from sampan.field import Field
from sampan.fields.omitted import Omitted

_FIRST = 1_000
"""Rows that are compared first: nearly every column that varies does so among them."""
_NAMED, _LONG = 4, 40
"""Columns that are named of each kind, and letters of a name."""


def refuse_still(called: str, columns: Mapping[str, Column], fields: Mapping[str, Field]) -> None:
    """Raise DataError where every column says the same in every row, is missing, or is left out.

    - called: what the table is called.
    - columns: its columns. fields: what they are taken for, which says what is left out.

    >>> from sampan.column import from_strings
    >>> from sampan.fields.constant import Constant
    >>> refuse_still("sales", {"a": from_strings(["x", "x"])}, {"a": Constant()})
    Traceback (most recent call last):
    ...
    sampan.errors.DataError: nothing varies in "sales" (2 rows): 1 of 1 columns the same in every row ("a").
    At least one column that varies and is learned is expected.
    Check that the right file was read, or give a table with other rows as well.
    """
    same, empty, left = [], [], []
    for name, field in fields.items():
        if isinstance(field, Omitted):
            left.append(name)
        elif _varies(columns[name]):
            return
        else:
            (empty if columns[name].null_count else same).append(name)
    rows, of = len(next(iter(columns.values()), ())), len(fields)
    kinds = [("the same in every row", same), ("missing in every row", empty), ("left out", left)]
    said = [f"{len(names):,} of {of:,} columns {what} ({_named(names)})" for what, names in kinds if names]
    raise DataError(
        f"nothing varies in {_quoted(called)} ({rows:,} row{'s' * (rows != 1)}): {', '.join(said)}.",
        "At least one column that varies and is learned is expected.",
        _way([name for name in left if not holds_bytes(columns[name])], bool(left)),
    )


def _varies(column: Column) -> bool:
    """Whether two cells differ, a missing one and another included."""
    if column.null_count:
        return column.null_count < len(column)
    parts = (column.slice(0, min(_FIRST, len(column))), column)
    return any(len(codes(part if holds_bytes(part) else as_text(part))[1]) > 1 for part in parts)


def _way(learnable: Sequence[str], left: bool) -> str:
    """What to do, which depends on what is left out."""
    sure = "Check that the right file was read"
    if learnable:
        return f'{sure}; to learn a column that is left out: --type "{learnable[0]}=category"'
    if left:
        return f"{sure}, or turn what is left out into text."
    return f"{sure}, or give a table with other rows as well."


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(map(_quoted, names[:_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _quoted(name: str) -> str:
    return f'"{name}"' if len(name) <= _LONG else f'"{name[: _LONG - 1]}…"'
