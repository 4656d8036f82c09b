"""How a delimited text is cut into cells, found by its first lines, and how it comes in whole lines."""

from __future__ import annotations

import codecs
import contextlib
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sampan.data.origin import Origin, pieces

DELIMITERS = ",;\t|"

WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is cut into cells. spaced: each delimiter is followed by a space that is no data."""

    delimiter: str
    escape: str | None
    spaced: bool

    def rows(self, text: Any) -> Any:
        """A reader of Python's csv module in this dialect, over lines of text."""
        return csv.reader(
            text,
            delimiter=self.delimiter,
            skipinitialspace=self.spaced,
            escapechar=self.escape,
            doublequote=self.escape is None,
        )


@contextlib.contextmanager
def long_cells() -> Iterator[None]:
    """Cells of any length for Python's csv module, which refuses those over 131,072 letters otherwise."""
    before = csv.field_size_limit(1 << 30)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def rows_in(lines: list[str], whole: bool, dialect: Dialect) -> tuple[list[list[str]], list[int]]:
    """The rows of some lines that are not blank, and the line in which each starts, counted from 0.

    And the line in which what follows upon the last of them does.
    """
    rows: list[list[str]] = []
    starts: list[int] = []
    start = 0
    try:
        with long_cells():
            reader = dialect.rows(lines)
            for row in reader:
                if row and (len(row) > 1 or row[0].strip() or len(lines) < 2):
                    rows.append(row)
                    starts.append(start)
                start = reader.line_num
    except csv.Error:
        return [], []
    if whole or len(rows) < 2:
        return rows, [*starts, start]
    return rows[:-1], starts  # the last may be cut off


def find_dialect(lines: list[str], whole: bool, delimiter: str | None, prefer: str | None) -> Dialect:
    """The dialect of the first lines of a text; `whole` when they are all of it.

    The one under which most rows have equally many cells; of equals, the one in which the first row has as
    many, then the plainest.
    """
    quoted = '\\"' in (text := "".join(lines)) and '""' not in text
    best, best_rank = Dialect(",", None, False), (0.0, False, 0)
    for char in [delimiter] if delimiter else DELIMITERS:
        for escape, spaced in itertools.product((None, "\\") if quoted else (None,), (False, True)):
            dialect = Dialect(char, escape, spaced)
            rows, _ = rows_in(lines, whole, dialect)
            if not rows:
                continue
            width, count = Counter(map(len, rows)).most_common(1)[0]
            if len(rows[0]) > 1 and sum(len(row) == len(rows[0]) for row in rows) == count:
                width = len(rows[0])
            if width < 2 and not delimiter:
                continue
            if spaced and not _is_spaced(lines, whole, char, escape):
                continue
            rank = (count / len(rows) + (char == prefer), len(rows[0]) == width, width + spaced)
            if rank > best_rank:
                best, best_rank = dialect, rank
    return best


def _is_spaced(lines: list[str], whole: bool, char: str, escape: str | None) -> bool:
    """Whether cells after the first start with a space that belongs to the delimiter."""
    if char == "\t":
        return False
    cells = [cell for row in rows_in(lines, whole, Dialect(char, escape, False))[0] for cell in row[1:]]
    cells = [cell for cell in cells if cell]
    return bool(cells) and sum(cell.startswith(" ") for cell in cells) >= 0.9 * len(cells)


def recoded(origin: Origin, encoding: str) -> Iterator[bytes]:
    """The text as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces(origin.open()):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", True).encode()


def closed_up(source: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """UTF-8 text without the blanks after delimiters, except inside quotes."""
    char = re.escape(delimiter.encode())
    pattern = re.compile(rb'("[^"]*")|(' + char + rb")[ ]+")
    for piece in _whole_lines(source):
        yield pattern.sub(rb"\1\2", piece)


def beyond(source: Iterator[bytes], skip: int) -> Iterator[bytes]:
    """What follows upon the first `skip` bytes."""
    for piece in source:
        if skip >= len(piece):
            skip -= len(piece)
            continue
        yield piece[skip:]
        skip = 0


def _whole_lines(source: Iterator[bytes]) -> Iterator[bytes]:
    """The text in pieces that end with a line, never inside quotes."""
    held: list[bytes] = []
    odd = False
    for piece in source:
        end, odd_here = _cut(piece, odd)
        if end:
            yield b"".join([*held, piece[:end]])
            held = [piece[end:]]
            odd = bool(piece.count(b'"', end) % 2)
        else:
            held.append(piece)
            odd = odd_here
    yield b"".join(held)


def _cut(piece: bytes, odd: bool) -> tuple[int, bool]:
    """Behind the last line break of a piece outside quotes; and whether quotes are open at its end.

    Each step back goes before a quotation mark and counts only what it leaves, so no piece is slow.
    """
    opened = odd ^ bool(piece.count(b'"') % 2)
    end, inside = len(piece), opened
    while True:
        line = piece.rfind(b"\n", 0, end) + 1
        if not line:
            return 0, opened
        inside ^= bool(piece.count(b'"', line, end) % 2)
        if not inside:
            return line, opened
        end = max(piece.rfind(b'"', 0, line), 0)  # the mark that opened what the break is in
        inside ^= bool(piece.count(b'"', end, line) % 2)


_COMMENT = re.compile(rb"^#[^\n]*\n?", re.MULTILINE)

_QUOTED = re.compile(rb'("[^"]*")|^#[^\n]*\n?', re.MULTILINE)


def without_comments(source: Iterator[bytes]) -> Iterator[bytes]:
    """The text without the lines that begin with #, except inside quotes."""
    for piece in _whole_lines(source):
        yield _QUOTED.sub(rb"\1", piece) if b'"' in piece else _COMMENT.sub(b"", piece)
