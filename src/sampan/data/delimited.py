"""Delimited text (CSV, TSV and their kin): its encoding and dialect found out, its cells read as text.

What a cell means is for a field to say, so every column is utf8 here; an empty cell is null.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arro3.core import DataType, Schema
from arro3.core import Field as ArrowField
from arro3.io import read_csv

from sampan.data.dialect import (
    WORDS,
    Dialect,
    beyond,
    closed_up,
    find_dialect,
    long_cells,
    recoded,
    rows_in,
    without_comments,
)
from sampan.data.encoding import find_encoding
from sampan.data.heading import Heading, find_heading, kind, names_columns
from sampan.data.limits import refuse_wide
from sampan.data.origin import READ_ERRORS, Feed, Origin, pieces, unreadable
from sampan.data.stream import Columns, Stream, block_rows, of_arrow, unique_names
from sampan.data.totals import is_note, total_word
from sampan.errors import DataError

_HEAD = 1 << 18
"""Bytes on which the dialect is decided."""


_SEPARATOR = re.compile(r"sep=(.)[ \t,;]*\r?\n", re.IGNORECASE)
"""The first line that Excel writes and reads, which names the delimiter."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table lies in a text, and how it is written.

    skip: bytes, as UTF-8, before its first row of data. lines: how many lines that is. plain: whether that
    is one row of as many names. comments: whether lines that begin with # are no rows.
    """

    encoding: str
    dialect: Dialect
    names: tuple[str, ...]
    skip: int
    lines: int
    plain: bool
    comments: bool


def open_delimited(
    origin: Origin,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: tuple[int, int] | None = None,
) -> Stream:
    """The Stream of a delimited text. What is not given is found out; header: lines, as `header_rows`."""
    notes: list[str] = []
    if encoding is None:
        encoding = find_encoding(origin)
    else:
        try:
            encoding = codecs.lookup(encoding).name
        except LookupError as error:
            raise DataError(
                f"{encoding!r} is not the name of a text encoding.",
                "Expected: a name such as utf-8, cp1252, big5hkscs, gb18030 or utf-16.",
                "Leave the encoding out to have it found.",
            ) from error
        encoding = "utf-8-sig" if encoding == "utf-8" and origin.head(3) == codecs.BOM_UTF8 else encoding
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"encoding taken as {encoding}")
    for most in (_HEAD, 16 * _HEAD):  # rows of many columns are long
        head = origin.head(most)
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
        whole = len(head) < most
        if whole or text.count("\n") > 50:
            break
    found = _find_table(origin, text, whole, encoding, delimiter, header, notes)
    refuse_wide(origin.label, len(found.names))
    return Stream(found.names, _blocks(origin, found, notes), notes)


def _find_table(
    origin: Origin,
    text: str,
    whole: bool,
    encoding: str,
    delimiter: str | None,
    asked: tuple[int, int] | None,
    notes: list[str],
) -> _Table:
    """Where the table lies, by the head of a text; what was found is added to the notes."""
    lines = list(io.StringIO(text, newline=""))
    first = 0
    if (separator := _SEPARATOR.match(text)) is not None and delimiter is None:
        delimiter, first = separator[1], 1
        notes.append(f'the first line, "sep={separator[1]}", is no row')
    comments = 0
    if asked is None:
        after = first
        while after < len(lines) - 1 and (lines[after].startswith("#") or not lines[after].strip()):
            comments += lines[after].startswith("#")
            after += 1
        first = after if comments else first
    prefer = "\t" if origin.suffix in (".tsv", ".tab") else None
    dialect = find_dialect(lines[first:], whole, delimiter, prefer)
    rows, starts = rows_in(lines[first:], whole, dialect)
    if not rows:
        raise DataError(
            f"{origin.label} holds no rows, only blank lines.",
            "Expected: a header and at least one row.",
            "Check that the program that wrote it finished.",
        )
    if dialect.delimiter != "," and max(map(len, rows)) > 1:
        notes.append(f"cells are separated by {WORDS.get(dialect.delimiter, repr(dialect.delimiter))}")
    if dialect.spaced:
        notes.append("the spaces after the delimiters were left out")
    if comments:
        notes.append(f"lines that begin with # are left out as comments, such as the first {comments}")
    # rows whose cells are all blank say nothing of where the names stand
    full = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    looked = [rows[place] for place in full] or rows[:1]
    numbers = [first + starts[place] + 1 for place in full] or [first + 1]
    commented = _commented(lines[:first], dialect, looked) if comments else None
    if commented is not None:
        looked, numbers = [commented, *looked], [first, *numbers]
    heading = find_heading(looked, numbers, asked=asked, word="line")
    names, renamed = unique_names(_as_wide(heading, looked))
    notes += [*heading.notes, *renamed]
    place = heading.above + heading.depth - (commented is not None)
    begins = full[place - 1] + 1 if full and place else heading.depth if commented is None else 0
    line = first + starts[begins]
    if not heading.above + heading.depth:
        line = first
    skip = len("".join(lines[:line]).encode("utf-8", "surrogatepass"))
    plain = not first + heading.above + starts[0] and heading.depth == 1 and len(rows[0]) == len(names)
    return _Table(encoding, dialect, names, skip, line, plain, bool(comments))


def _commented(above: list[str], dialect: Dialect, rows: list[list[str]]) -> list[str] | None:
    """The names of the columns where the last comment holds them ("#name,age"), and no row does."""
    if names_columns(rows[0], rows[1:]):
        return None
    last = next(line for line in reversed(above) if line.startswith("#"))
    cells, _ = rows_in([last.lstrip("# ")], True, dialect)
    return cells[0] if cells and len(cells[0]) == len(rows[0]) > 1 else None


def _as_wide(heading: Heading, rows: list[list[str]]) -> list[str]:
    """The names, one for every cell of most rows: a column without a name is no less a column.

    Where the names are one fewer than the cells and the first column never repeats, it is the rows' own name,
    as R writes it.
    """
    body = rows[heading.above + heading.depth :] or rows[heading.above :]
    width = Counter(map(len, body)).most_common(1)[0][0]
    if not heading.depth:
        return [f"column_{place}" for place in range(1, width + 1)]
    last = rows[heading.above + heading.depth - 1]
    names = list(heading.names)[: max(width, len(last))]
    if len(last) == width - 1 and heading.depth == 1 and len({row[0] for row in body}) == len(body) > 1:
        return ["", *names[: width - 1]]
    return [*names, *[""] * (width - len(names))]


def _blocks(origin: Origin, found: _Table, notes: list[str]) -> Iterator[Columns]:
    encoding, dialect, names = found.encoding, found.dialect, found.names
    feed: Feed | None = None
    source: Any = None
    direct = origin.path is not None and encoding == "utf-8" and not dialect.spaced and not found.comments
    direct = direct and (found.plain or not found.skip) and not _footers(_end(origin, _TAIL), found)[1]
    if direct:
        source = str(origin.path)
    else:
        text = pieces(origin.open()) if encoding == "utf-8" else recoded(origin, encoding)
        text = beyond(text, found.skip)
        if found.comments:
            text = without_comments(text)
        if dialect.spaced:
            text = closed_up(text, dialect.delimiter)
        source = feed = Feed(_without_footers(text, found, notes))
    # every column has a name of its own for the reader, so that nothing hangs on the user's names
    schema = Schema([ArrowField(str(place), DataType.string()) for place in range(len(names))])
    reader = read_csv(
        source,
        schema,
        has_header=direct and found.plain,
        batch_size=block_rows(len(names)),
        delimiter=dialect.delimiter,
        escape=dialect.escape,
    )

    last: str | None = None
    for block in of_arrow(reader, names, notes, lambda error: _mended(origin, found, error)):
        _raise_read_error(origin, encoding, feed)
        last = block[names[-1]].slice(len(block[names[-1]]) - 1, 1).to_pylist()[0]
        yield block
    _raise_read_error(origin, encoding, feed)
    if last is not None and "\n" in last:  # only a quoted cell holds one, so the text ends in a quote
        tail = feed.last if feed is not None else _end(origin, 8)
        if not tail.rstrip(b"\r\n \t").endswith(b'"'):
            from sampan.fields.mask import masked  # fields take torch, which reading needs only here

            raise DataError(
                f"{origin.label}: a quotation mark is opened and never closed; the last cell starts "
                f"{masked(last[:40])!r}.",
                "Expected: every quoted cell closed, with a quotation mark inside it written twice.",
                "Mend that cell, or copy the file again if it was cut short.",
            )


_TAIL = 1 << 16
"""Bytes at the end of a text among which footers are looked for."""


def _without_footers(source: Iterator[bytes], found: _Table, notes: list[str]) -> Iterator[bytes]:
    """The text without lines at its end that are no rows, because they have fewer cells than the table."""
    held = b""
    for piece in source:
        held += piece
        if len(held) > 2 * _TAIL:
            yield held[:-_TAIL]
            held = held[-_TAIL:]
    cut, count = _footers(held, found)
    if count:
        notes.append(
            f"the last {f'{count} lines are' if count > 1 else 'line is'} left out: "
            f"{'they have' if count > 1 else 'it has'} fewer cells than the table's {len(found.names)}"
        )
    yield held[:cut]


def _footers(tail: bytes, found: _Table) -> tuple[int, int]:
    """Where the rows end in the last bytes of a text, and how many lines follow that are no rows.

    A line of fewer cells that holds one text, or a word for a total, is none; what else has another number
    of cells is left to be complained of. Quotation marks that do not close in a line end the search.
    """
    end = cut = len(tail)
    count, width = 0, len(found.names)
    while width > 1 and end > 0 and count < 30:
        start = tail.rfind(b"\n", 0, end - 1) + 1
        line = tail[start:end].decode("utf-8", "replace")
        if start == 0 or line.count('"') % 2 or len(line) > 2000:
            break
        rows, _ = rows_in([line], True, found.dialect)
        cells = [cell for cell in (rows[0] if rows else []) if cell.strip()]
        if cells:
            noted = total_word(cells[0]) is not None or is_note(cells[0])
            if len(rows[0]) >= width or not (noted or (len(cells) == 1 and kind(cells[0]) == "word")):
                break
            cut, count = start, count + 1
        end = start
    return cut, count


def _end(origin: Origin, size: int) -> bytes:
    with origin.open() as handle:
        handle.seek(max(0, handle.seek(0, 2) - size))
        return handle.read()


def _raise_read_error(origin: Origin, encoding: str, feed: Feed | None) -> None:
    error = feed.error if feed is not None else None
    if error is None:
        return
    if isinstance(error, UnicodeDecodeError):
        raise _not_encoded(origin, encoding) from error
    if isinstance(error, READ_ERRORS):
        raise unreadable(origin.label, error) from error
    raise error


def _not_encoded(origin: Origin, encoding: str) -> DataError:
    return DataError(
        f"{origin.label} starts as {encoding} text but later holds bytes that are not {encoding}.",
        "Expected: one encoding in the whole file.",
        "Save it again as UTF-8, or name the encoding, for instance encoding='cp1252'.",
    )


def _mended(origin: Origin, found: _Table, error: BaseException) -> DataError:
    """A reader's error in three lines, with the line of the file that is wrong."""
    message, encoding, expected = str(error), found.encoding, len(found.names)
    if "UTF-8" in message:
        return _not_encoded(origin, encoding)
    if "number of fields" in message:
        with origin.open() as handle, long_cells():
            lines = io.TextIOWrapper(handle, encoding=encoding, errors="replace", newline="")
            for _ in itertools.islice(lines, found.lines):
                pass
            rows, start = found.dialect.rows(lines), found.lines + 1
            try:
                for row in rows:
                    comment = found.comments and row and row[0].startswith("#")
                    if row and len(row) != expected and not comment:
                        word = WORDS.get(found.dialect.delimiter, repr(found.dialect.delimiter))
                        return DataError(
                            f"{origin.label}, line {start}: expected {expected} cells, found {len(row)}.",
                            f"Expected: as many cells in every row as in the first, separated by {word}.",
                            f"Mend line {start} (a cell that holds a delimiter needs quotation marks), "
                            "name another delimiter, or say which line names the columns: --header LINE.",
                        )
                    start = found.lines + rows.line_num + 1
            except csv.Error as wrong:
                message = f"line {start}: {wrong}"
    return DataError(
        f"{origin.label} could not be read as delimited text: {message}",
        "Expected: rows of cells, separated by the same character throughout.",
        "Open it in a text editor at that place, or save it again as CSV (UTF-8).",
    )
