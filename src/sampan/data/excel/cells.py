"""Cells of a sheet out of its XML: texts, references, what a number format says, dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from sampan.errors import DataError

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
"""Of a sheet, as Excel has it."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]', re.IGNORECASE)

_SPAN = re.compile(r"\[(hh?|mm?|ss?)\]", re.IGNORECASE)

_DATES = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)])
REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class Texts:
    """Gathers the text in <t>, but not what says how it is pronounced (<rPh>)."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.on, self.spoken = False, False

    def start(self, tag: str) -> None:
        if tag == "t":
            self.on = not self.spoken
        elif tag == "rPh":
            self.spoken = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self.on = False
        elif tag == "rPh":
            self.spoken = False

    def text(self, piece: str) -> None:
        if self.on:
            self.parts.append(piece)


class RowsOfCells(Texts):
    """Gathers rows; `done` are those that have ended."""

    def __init__(self, label: str, value: Callable[[str, str, str], Any]) -> None:
        super().__init__()
        self.done: list[tuple[int, list[Any]]] = []
        self._label, self._value = label, value
        self._row = self._column = 0
        self._cells: list[Any] = []
        self._given: dict[str, str] = {}

    def start(self, tag: str, given: dict[str, str] | None = None) -> None:
        given = given or {}
        if tag == "c":
            self._column = self._at(given["r"]) if "r" in given else self._column + 1
            if self._column > MOST_COLUMNS:
                raise self._outside(f"column {self._column:,}")
            self._given, self.parts = given, []
        elif tag == "v":
            self.on = True
        elif tag == "row":
            number = given.get("r", "")
            self._row = int(float(number[:20])) if number else self._row + 1
            if not 0 < self._row <= MOST_ROWS or len(number) > 20:
                raise self._outside(f"row {number[:20]}")
            self._column, self._cells = 0, []
        else:
            super().start(tag)

    def end(self, tag: str) -> None:
        if tag == "v":
            self.on = False
        elif tag == "c":
            value = self._value(self._given.get("t", "n"), self._given.get("s", ""), "".join(self.parts))
            if value is not None:
                cells = self._cells
                if len(cells) < self._column:
                    cells.extend([None] * (self._column - len(cells)))
                cells[self._column - 1] = value
        elif tag == "row":
            if self._cells:
                self.done.append((self._row, self._cells))
        else:
            super().end(tag)

    def _at(self, reference: str) -> int:
        match = REFERENCE.fullmatch(reference) if len(reference) < 20 else None
        if match is None:
            raise self._outside(f"cell {reference[:20]!r}")
        return column_of(match[1])

    def _outside(self, where: str) -> DataError:
        return DataError(
            f"{self._label} is damaged: it names {where}.",
            f"Expected: a sheet of at most {MOST_COLUMNS:,} columns (A to XFD) and {MOST_ROWS:,} rows.",
            "Open it in a spreadsheet program and save it again, or copy the file again.",
        )


def column_of(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def unescaped(text: str) -> str:
    """A text with what XML cannot hold, which Excel writes as _x000D_."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def kind_of_format(number: int, code: str | None) -> str:
    """What a number format shows: "date", "span" (of time) or ""."""
    if code is None:
        return "span" if number == 46 else "date" if number in _DATES else ""
    bare = _NO_DATE.sub("", code[:400].split(";")[0])
    if _SPAN.search(bare):
        return "span"
    is_date = bare.lower() not in ("general", "standard") and re.search("[dmhysDMHYS]", bare)
    return "date" if is_date else ""


def moment_of(number: float, form: str, epoch: datetime.datetime) -> Any:
    """A number of days as a date, a time of day or a span of time; None for one that no calendar has."""
    try:
        if form == "span":
            return datetime.timedelta(milliseconds=round(number * 86_400_000))
        days, part = divmod(number, 1)
        rest = datetime.timedelta(milliseconds=round(part * 86_400_000))
        if 0 <= number < 1 and not rest.days:
            return (datetime.datetime.min + rest).time()
        if 0 < number < 60 and epoch.year == 1899:
            days += 1  # a 29 February 1900 that never was
        return epoch + datetime.timedelta(days=days) + rest
    except (OverflowError, ValueError):
        return None
