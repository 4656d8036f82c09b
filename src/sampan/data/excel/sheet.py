"""A sheet of an Excel workbook as a Stream: which sheet, where its table begins, what its cells hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import IO, Any

import arro3.compute as compute
from arro3.core import DataType

from sampan.column import is_mark, is_text
from sampan.data.excel.workbook import Merged, Sheet, Workbook
from sampan.data.heading import MOST_ABOVE, Heading, find_heading, is_blank
from sampan.data.limits import refuse_wide
from sampan.data.origin import Reading
from sampan.data.stream import Stream, block_rows, from_values, to_list, unify, unique_names
from sampan.errors import DataError, nearest

_ERRORS = frozenset(("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"))
_HEAD = 200
"""Rows by which the names of the columns are found."""
_ACROSS = 5000
"""Cells merged across columns that names can stand in."""
_SPARSE, _SURELY = 50, 20_000_000
"""A sheet of so many cells, of which one in so many holds anything, would only fill the memory."""

Rows = Iterator[tuple[int, list[Any]]]


def open_excel(handle: IO[bytes], label: str, how: Reading) -> Stream:
    """The Stream of a sheet; a sheet has at most a million rows, so its columns are gathered first."""
    book = Workbook.open(handle, label)
    notes: list[str] = []
    sheet = _choose(book, how.table, notes)
    merged = book.merged(sheet)
    rows = _filled_down(book.rows(sheet), merged, notes)
    head = list(itertools.islice(rows, _HEAD + MOST_ABOVE))
    if not head:
        raise DataError(
            f'The sheet "{sheet.name}" of {label} is empty.',
            "Expected: a header and rows.",
            f"Name another sheet: --sheet NAME ({_listed(book)}).",
        )
    tops = [number for number, _ in head[: MOST_ABOVE + 5]]
    wide = [one for one in merged if one.right > one.left and one.top <= tops[-1]]
    across = [
        (row, one.left - 1, one.right - 1)
        for one in wide[:_ACROSS]
        for row in tops
        if one.top <= row <= one.bottom
    ]
    heading = find_heading([cells for _, cells in head], [number for number, _ in head], asked=how.header,
                           merged=across)  # fmt: skip
    first = heading.above + heading.depth
    marks: dict[int, str] = {}
    columns = _gathered(itertools.chain(head[first:], rows), label, marks)
    return _stream(columns, heading, notes, marks, book.has_formulas(sheet))


def _listed(book: Workbook) -> str:
    names = [sheet.name for sheet in book.sheets]
    return ", ".join(f'"{name}"' for name in names[:20]) + (", ..." if len(names) > 20 else "")


def _choose(book: Workbook, table: str | None, notes: list[str]) -> Sheet:
    """The sheet that was asked for; else the first that a person sees and that holds a table."""
    if table is not None:
        found = [sheet for sheet in book.sheets if sheet.name == table]
        found = found or [
            sheet for sheet in book.sheets if sheet.name.strip().lower() == table.strip().lower()
        ]
        if len(found) != 1:
            raise DataError(
                f'{book.label} has no sheet "{table}".{nearest(table, [one.name for one in book.sheets])}',
                f"Expected: one of its sheets: {_listed(book)}.",
                "Name one of them: --sheet NAME",
            )
        return found[0]
    full = {sheet.member: list(itertools.islice(book.rows(sheet), _HEAD)) for sheet in book.sheets}
    held = [sheet for sheet in book.sheets if full[sheet.member]]
    if not held:
        raise DataError(
            f"{book.label} has {len(book.sheets)} sheets, and no cell in them holds anything.",
            "Expected: a sheet with a header and rows.",
            "Check that the workbook was saved.",
        )
    tables = [sheet for sheet in held if _is_table(full[sheet.member])]
    chosen = next((sheet for sheet in tables if sheet.visible), (tables or held)[0])
    if len(held) > 1:
        others = ", ".join(f'"{sheet.name}"' for sheet in held[:12] if sheet is not chosen)
        more = ", ..." if len(held) > 12 else ""
        notes.append(f'the sheet "{chosen.name}" is read; for another: --sheet NAME ({others}{more})')
    elif len(book.sheets) > 1:
        notes.append(f'the sheet "{chosen.name}" is read, the only one that holds anything')
    return chosen


def _is_table(rows: list[tuple[int, list[Any]]]) -> bool:
    """Whether there are several rows of several cells: a cover has none."""
    return sum(sum(not is_blank(cell) for cell in cells) > 1 for _, cells in rows) > 2


def _filled_down(rows: Rows, merged: list[Merged], notes: list[str]) -> Rows:
    """The rows that hold anything; a cell merged over several rows holds its value in each of them."""
    starts: dict[int, list[Merged]] = {}
    for one in merged:
        if one.bottom > one.top:
            starts.setdefault(one.top, []).append(one)
    open_: dict[int, tuple[int, Any]] = {}  # column -> (last row, value)
    told: set[str] = set()
    for number, cells in rows:
        for column, (bottom, value) in list(open_.items()):
            if number > bottom:
                del open_[column]
            elif column > len(cells) or is_blank(cells[column - 1]):
                cells.extend([None] * (column - len(cells)))
                cells[column - 1] = value
                told.add("down")
        for one in starts.pop(number, ()):
            value = cells[one.left - 1] if one.left <= len(cells) else None
            if value is not None:
                open_[one.left] = (one.bottom, value)
        if any(not is_blank(cell) for cell in cells):
            yield number, cells
    if told:
        notes.append("cells that are merged over several rows hold their value in each of them")


def _gathered(rows: Rows, label: str, marks: dict[int, str]) -> list[list[Any]]:
    """The columns of all rows, each in pieces of one type; `marks` gets what was read as missing."""
    held: list[list[Any]] = []
    lengths: list[int] = []
    cells, grid, size = 0, 0, 4096
    while chunk := [cells for _, cells in itertools.islice(rows, size)]:
        width = max(len(held), *map(len, chunk))
        grid += width * len(chunk)
        cells += sum(map(len, chunk)) - sum(row.count(None) for row in chunk)
        refuse_wide(label, width)
        if grid > _SURELY and grid > _SPARSE * cells:
            raise DataError(
                f"{label} is nearly empty: {cells:,} cells lie spread over {grid:,}.",
                f"Expected: a table, of which one cell in {_SPARSE} or more holds something.",
                "Delete what lies far from the table, and save it again.",
            )
        for _ in range(width - len(held)):
            held.append([from_values([None] * length) for length in lengths])
        lengths.append(len(chunk))
        for place, column in enumerate(held):
            values = [row[place] if place < len(row) else None for row in chunk]
            column.append(from_values(_without_marks(values, place, marks)))
        size = block_rows(width)
    return held


def _without_marks(values: list[Any], place: int, marks: dict[int, str]) -> list[Any]:
    """The cells, None for an error, and for "n/a" among numbers or dates, which is remembered by column."""
    texts = {value for value in values if isinstance(value, str)}
    if not texts:
        return values
    gone = texts & _ERRORS
    if all(map(is_mark, texts)) and any(value is not None and value not in texts for value in values):
        gone = texts
        marks.setdefault(place, next(iter(sorted(texts))))
    return [None if isinstance(value, str) and value in gone else value for value in values]


def _stream(
    columns: list[list[Any]], heading: Heading, notes: list[str], marks: dict[int, str], formulas: bool
) -> Stream:
    """The columns under their names; one without a name and without a cell is none."""
    wanted = [*heading.names, *[""] * (len(columns) - len(heading.names))]
    rows = sum(map(len, columns[0])) if columns else 0
    kept: list[tuple[str, list[Any]]] = []
    for place, name in enumerate(wanted):
        pieces = columns[place] if place < len(columns) else [from_values([None] * rows)] * bool(rows)
        empty = all(piece.null_count == len(piece) for piece in pieces)
        if name.strip() or not empty:
            kept.append((name, pieces))
            if place in marks and not is_text(unify(pieces)[0]):
                notes.append(f'"{name}": "{marks[place]}" among its values is read as missing')
            if empty and formulas and rows:
                notes.append(
                    f'"{name}" holds no value, and the sheet holds formulas: if they are its cells, open the '
                    "file in a spreadsheet program and save it, so that they are computed"
                )
    names, renamed = unique_names([name for name, _ in kept])
    whole = [_days(unify(pieces)) for _, pieces in kept]
    blocks = (dict(zip(names, block, strict=True)) for block in zip(*whole, strict=True))
    return Stream(names, blocks, [*notes, *heading.notes, *renamed])


def _days(column: list[Any]) -> list[Any]:
    """Moments that are all at midnight as dates: a sheet has no dates of its own."""
    if column and is_text(column[0]):
        return _days_among_words(column)
    if not column or not DataType.is_timestamp(column[0].type):
        return column
    days = [compute.cast(piece, DataType.date32()) for piece in column]
    same = all(
        to_list(compute.cast(day, piece.type)) == to_list(piece)
        for day, piece in zip(days, column, strict=True)
    )
    return days if same else column


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)")
_MIDNIGHT = "T00:00:00"


def _days_among_words(column: list[Any]) -> list[Any]:
    """The same where a word stands among them (a row of totals), so that all of them became text."""
    cells = [to_list(piece) for piece in column]
    found = {cell for piece in cells for cell in piece if cell is not None and _WRITTEN.fullmatch(cell)}
    if not found or not all(cell.endswith(_MIDNIGHT) for cell in found):
        return column
    return [
        from_values([cell.removesuffix(_MIDNIGHT) if cell in found else cell for cell in piece])
        for piece in cells
    ]
