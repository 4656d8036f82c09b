"""Where the names of the columns stand: below titles, in several rows, or nowhere.

Text files and sheets are made for people: a title above, a blank row, groups of columns over their names.
What was found is always said, and `--header ROW` says otherwise.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sampan.column import is_mark
from sampan.errors import RequestError

Row = Sequence[Any]
"""The cells of one row: text, or values of a sheet; None or blank text where empty."""

MOST_ABOVE = 40
"""Rows above the names that are looked at."""
_MOST_DEEP = 4
_CELLS = 100_000
"""Cells by which names are told from records: of a wide table fewer rows are looked at."""
_BODY = 1000

_NUMBER = re.compile(r"[-+(]?\s?[$€£¥]?\s?\d[\d.,' ]*(e[-+]?\d+)?\s?[%)]?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d\d.*)?")
_YEAR = re.compile(r"(19|20)\d\d")
_LONGEST = 60
"""Letters that a number or a date has at most: nothing longer is tried, so that no cell is slow."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the rows of a table.

    above: rows to leave out before the names. depth: rows of names, 0 where there are none. names: one for
    each column, "" where it has none. notes: what a person should know of it.
    """

    above: int
    depth: int
    names: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


def kind(cell: Any) -> str:
    """What a cell looks like: "", "word", "number" or "date".

    >>> [kind(cell) for cell in (None, " ", "qty", "1,200", 7, "2024-01-31", "n/a")]
    ['', '', 'word', 'number', 'number', 'date', '']
    """
    match cell:
        case None:
            return ""
        case str():
            return _kind_of_text(cell) if len(cell) <= _LONGEST else "word" if cell.strip() else ""
        case bool():
            return "word"
        case datetime.date() | datetime.time() | datetime.timedelta():
            return "date"
        case _:
            return "number"


@functools.lru_cache(maxsize=1 << 14)
def _kind_of_text(cell: str) -> str:
    text = cell.strip()
    if not text or is_mark(text):
        return ""
    if _DATE.fullmatch(text) and not re.fullmatch(r"\d+\.\d+", text):
        return "date"
    return "number" if _NUMBER.fullmatch(text) else "word"


def said(cell: Any) -> str:
    """A cell as the name of a column."""
    match cell:
        case None:
            return ""
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.date() | datetime.time():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)


def _is_year(cell: Any) -> bool:
    return _YEAR.fullmatch(said(cell).strip()) is not None


def is_blank(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row)


def _cell(row: Row, place: int) -> Any:
    return row[place] if place < len(row) else None


def header_rows(asked: int | str | Sequence[int] | None) -> tuple[int, int] | None:
    """The rows that a person named: 4, "4", "4-5" or (4, 5); 0 for none. Raises RequestError.

    >>> header_rows("4-5"), header_rows(1), header_rows(0), header_rows(None)
    ((4, 5), (1, 1), (0, 0), None)
    """
    if asked is None:
        return None
    parts = asked.split("-") if isinstance(asked, str) else [asked] if isinstance(asked, int) else [*asked]
    try:
        first, last = int(parts[0]), int(parts[-1])
        if len(parts) <= 2 and 0 <= first <= last < first + 10 and (first > 0 or last == 0):
            return first, last
    except (ValueError, TypeError, IndexError):
        pass
    raise RequestError(
        f"the header is asked for in row {asked!r}.",
        "Expected: the number of the row that names the columns, two such as 4-5, or 0 where none does.",
        "Type for instance: --header 4",
    )


Merged = Collection[tuple[int, int, int]]
"""Cells merged across columns: (number of a row, first column, last column)."""


def find_heading(
    rows: Sequence[Row],
    numbers: Sequence[int],
    *,
    asked: tuple[int, int] | None = None,
    merged: Merged = (),
    word: str = "row",
) -> Heading:
    """Where the names of the columns stand in the first rows of a table, none of them blank.

    numbers: of each row in its file, counted from 1. asked: as `header_rows` has it. word: what a row is
    called ("line").
    """
    if asked is not None:
        return _asked(rows, numbers, asked, merged, word)
    rows = rows[: MOST_ABOVE + max(20, _CELLS // max(1, max(map(len, rows[:MOST_ABOVE]))))]
    usual = _usual([_filled(row) for row in rows])
    above = _titles(rows, usual)
    better = _below(rows, above, usual)
    above = better if better is not None else above
    if not names_columns(rows[above], rows[above + 1 :]):
        if above and _is_narrow(rows[above - 1], rows[above:]):
            return _with_names(rows, numbers, above - 1, 1, merged, word)
        if above and not all(map(_is_title, rows[:above])):
            above = 0  # a sparse table without names: no row of it is lost
        return _without_names(rows, numbers, above, word)
    depth = _depth(rows, numbers, above, merged)
    while above and _is_group(rows, numbers, above, merged):
        above, depth = above - 1, depth + 1
    return _with_names(rows, numbers, above, depth, merged, word)


def _usual(filled: list[int]) -> int:
    """How many cells three quarters of the rows at most have filled, titles hardly counting."""
    ordered = sorted(filled[1:] or filled)
    return ordered[min(len(ordered) - 1, 3 * len(ordered) // 4)]


def _titles(rows: Sequence[Row], usual: int) -> int:
    """How many rows at the top are too narrow to belong to the table."""
    place = 0
    while place < len(rows) - 1 and (held := _filled(rows[place])) < usual and 2 * held <= max(2, usual):
        if usual <= 3 and is_blank(_cell(rows[place], 0)):
            break  # ",value": the numbers of the rows have no name
        place += 1
    return place if usual > 1 and place <= MOST_ABOVE and place < len(rows) - 1 else 0


def _is_title(row: Row) -> bool:
    """Whether a row is one text alone."""
    cells = [cell for cell in row if not is_blank(cell)]
    return len(cells) == 1 and kind(cells[0]) == "word"


def _is_narrow(row: Row, body: Sequence[Row]) -> bool:
    """Whether a row names some of the columns of the rows below it."""
    kinds = [kind(cell) for cell in row if not is_blank(cell)]
    return len(kinds) > 1 and all(one == "word" for one in kinds) and _votes(row, body) >= 0


def _below(rows: Sequence[Row], above: int, usual: int) -> int | None:
    """A row of names further down, where the first wide one only looks like one ("Period:", 2024)."""
    first = rows[above]
    pairs = any(isinstance(cell, str) and cell.rstrip().endswith((":", "：")) for cell in first)
    mixed = 0 < _filled(first) < usual and any(kind(cell) in ("number", "date") for cell in first)
    if not (pairs and _filled(first) < usual) and not mixed:
        return None
    for place in range(above + 1, min(len(rows) - 1, above + MOST_ABOVE)):
        row = rows[place]
        words = [said(cell).strip() for cell in row if not is_blank(cell)]
        if len(words) < usual or any(kind(cell) in ("number", "date") for cell in row):
            continue
        if len(set(words)) == len(words) and _votes(row, rows[place + 1 :]) > 0:
            return place
    return None


def _votes(first: Row, body: Sequence[Row]) -> int:
    """How many columns say that a row names them, less those that say it is one of their own rows."""
    votes = 0
    body = body[:_BODY]
    for place, cell in enumerate(first):
        below = [one for row in body if not is_blank(one := _cell(row, place))]
        if not below or is_blank(cell):
            continue
        mine = kind(cell)
        kinds = [kind(one) for one in below]
        kinds = [one for one in kinds if one] or kinds
        data = sum(one in ("number", "date") for one in kinds) / len(kinds)
        if mine in ("number", "date"):
            year = _is_year(cell)
            alike = sum(one == mine for one in kinds) > 0.5 * len(kinds)
            years = year and sum(map(_is_year, below)) > len(below) / 2
            if mine == "date" and not alike and data > 0.8:
                votes += 1  # months that name columns of amounts
            elif not year or years:  # 2019, 2020, ... are names of columns that hold no years
                votes -= 1
        elif data > 0.8:
            votes += 1
        elif cell in below:
            votes -= 1
    return votes


def names_columns(first: Row, body: Sequence[Row]) -> bool:
    """Whether a row names the columns of those below: each column votes by how its cell fits the rest."""
    if not body:
        return not any(kind(cell) in ("number", "date") for cell in first)
    return _votes(first, body) >= 0


def _spans(number: int, merged: Merged) -> list[tuple[int, int]]:
    return [(left, right) for row, left, right in merged if row == number]


def _is_group(rows: Sequence[Row], numbers: Sequence[int], place: int, merged: Merged) -> bool:
    """Whether the row right above the names groups them ("", "Q1", "", "Q2", ""), and is no title."""
    row = rows[place - 1]
    if numbers[place] != numbers[place - 1] + 1:
        return False
    filled = [column for column, cell in enumerate(row) if not is_blank(cell)]
    if not filled or not all(kind(row[column]) == "word" or _is_year(row[column]) for column in filled):
        return False
    if any(said(row[column]).rstrip().endswith((":", "：")) for column in filled):
        return False
    width = max(len(rows[place]), 1)
    spans = _spans(numbers[place - 1], merged)
    if spans:
        return any(left > 0 or right < width - 1 for left, right in spans)
    apart = any(after - before > 1 for before, after in zip(filled, filled[1:], strict=False))
    return len(filled) > 1 and (filled[0] > 0 or apart)


def _depth(rows: Sequence[Row], numbers: Sequence[int], above: int, merged: Merged) -> int:
    """How many rows the names take: words go on above columns that hold numbers or dates."""
    depth = 1
    while depth < _MOST_DEEP and above + depth < len(rows) - 1:
        row, body = rows[above + depth], rows[above + depth + 1 : above + depth + 1 + _BODY]
        kinds = [kind(cell) for cell in row]
        apart = numbers[above + depth] != numbers[above] + depth
        if apart or not any(kinds) or {"number", "date"} & {*kinds}:
            break
        named = 0
        for place, mine in enumerate(kinds):
            below = [one for line in body if (one := kind(_cell(line, place)))]
            named += mine == "word" and bool(below) and sum(one != "word" for one in below) > 0.8 * len(below)
        before = rows[above + depth - 1]
        holes = any(is_blank(_cell(before, place)) for place, mine in enumerate(kinds) if mine)
        if named < (1 if holes or _spans(numbers[above + depth - 1], merged) else 2):
            break
        depth += 1
    return depth


def _joined(rows: Sequence[Row], numbers: Sequence[int], width: int, merged: Merged) -> tuple[str, ...]:
    """One name for each column out of the rows of names: a group's word goes on until the next."""
    parts: list[list[str]] = [[] for _ in range(width)]
    for place, row in enumerate(rows):
        last = place == len(rows) - 1
        spans = _spans(numbers[place], merged)
        group = ""
        for column in range(width):
            word = said(_cell(row, column))
            over = next((left for left, right in spans if left < column <= right), None)
            if word.strip():
                below = not last and not is_blank(_cell(rows[place + 1], column))
                group = word if below and not spans else ""
            elif over is not None:
                word = said(_cell(row, over))
            elif not last and not is_blank(_cell(rows[place + 1], column)):
                word = group
            if word.strip() and word.strip() not in parts[column]:
                parts[column].append(word if len(rows) == 1 else word.strip())
    return tuple(" ".join(words) for words in parts)


def _with_names(
    rows: Sequence[Row],
    numbers: Sequence[int],
    above: int,
    depth: int,
    merged: Merged,
    word: str,
) -> Heading:
    chosen = rows[above : above + depth]
    # a column is as long as its longest row: a title that is wider than the table has no part in that
    width = max(_last(row) for row in rows[above:])
    names = _joined(chosen, numbers[above : above + depth], width, merged)
    notes: list[str] = []
    if depth > 1:
        example = next((name for name in names if " " in name), names[0])
        notes.append(
            f"the columns are named in {word}s {numbers[above]} {'and' if depth == 2 else 'to'} "
            f"{numbers[above + depth - 1]}, which are "
            f'joined ("{example}"){_left_out(above, word)}; if another {word} names them: '
            f"--header {word.upper()}"
        )
    elif above:
        notes.append(
            f"the columns are named in {word} {numbers[above]}{_left_out(above, word)}; if another {word} "
            f"names them: --header {word.upper()}"
        )
    return Heading(above, depth, names, notes)


def _left_out(above: int, word: str) -> str:
    out = "are left out as titles" if above > 1 else "is left out as a title"
    return f", and {above} {word}{'s' * (above > 1)} above {out}" if above else ""


def _without_names(rows: Sequence[Row], numbers: Sequence[int], above: int, word: str) -> Heading:
    width = max(_last(row) for row in rows[above:])
    names = tuple(f"column_{place}" for place in range(1, width + 1))
    so = f"no {word} names the columns, so they" if above else "the first row looks like data, so the columns"
    told = f"{so} are called column_1 to column_{width}{_left_out(above, word)}"
    return Heading(above, 0, names, [f"{told}; if a {word} names them: --header {word.upper()}"])


def _last(row: Row) -> int:
    """How far a row reaches."""
    return max((place for place, cell in enumerate(row, 1) if not is_blank(cell)), default=0)


def _asked(
    rows: Sequence[Row],
    numbers: Sequence[int],
    asked: tuple[int, int],
    merged: Merged,
    word: str,
) -> Heading:
    first, last = asked
    if not first:
        width = max(_last(row) for row in rows)
        return Heading(0, 0, tuple(f"column_{place}" for place in range(1, width + 1)))
    above = sum(number < first for number in numbers)
    depth = sum(first <= number <= last for number in numbers)
    if not depth:
        raise RequestError(
            f"the header is asked for in {word} {first}, where nothing stands.",
            f"Expected: a {word} with the names of the columns, among the first {numbers[-1]}.",
            "Leave --header out to have it found.",
        )
    width = max(_last(row) for row in rows[above:])
    return Heading(
        above, depth, _joined(rows[above : above + depth], numbers[above : above + depth], width, merged)
    )
