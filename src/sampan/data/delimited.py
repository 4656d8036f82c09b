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
from dataclasses import dataclass, replace
from typing import Any

from arro3.core import DataType, Schema
from arro3.core import Field as ArrowField
from arro3.io import read_csv

from sampan.data.origin import READ_ERRORS, Feed, Origin, pieces, unreadable
from sampan.data.stream import Columns, Stream, block_rows, of_arrow, unique_names
from sampan.errors import DataError

DELIMITERS = ",;\t|"
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_HEAD = 1 << 18
"""Bytes on which the dialect is decided."""
_LOOK = 1 << 26
"""Bytes on which the encoding is decided when the file is here; a far one is looked at for `_HEAD`."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is cut into cells. spaced: each delimiter is followed by a space that is no data."""

    delimiter: str
    escape: str | None
    spaced: bool
    header: bool

    def rows(self, text: Any) -> Any:
        """A reader of Python's csv module in this dialect, over lines of text."""
        return csv.reader(
            text,
            delimiter=self.delimiter,
            skipinitialspace=self.spaced,
            escapechar=self.escape,
            doublequote=self.escape is None,
        )


# --- encoding
_SIMPLIFIED = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本"
    "见经头面公同三已老从动两长京海湖圳广州"
)
_TRADITIONAL = frozenset(
    "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本"
    "見經頭面公同三已老從動兩長港龍灣門區陳黃張劉"
)


def _chinese(sample: bytes, codec: str, levels: tuple[int, int], trail: int) -> float:
    """How much a sample looks like Chinese text in a double-byte codec: 0 (not at all) and up."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # a character cut off at the end is no evidence
            return 0.0
        text = sample[: error.start].decode(codec)
    wide = [char for char in text if ord(char) > 127]
    if not wide:
        return 0.0
    counts = Counter(wide)
    usual = 0
    for char, count in counts.items():
        code = char.encode(codec)
        if (
            len(code) == 2
            and code[1] >= trail
            and (levels[0] <= code[0] <= levels[1] or 0xA1 <= code[0] <= 0xA3)
        ):
            usual += count
    common = sum(counts[char] for char in (_SIMPLIFIED if codec == "gb18030" else _TRADITIONAL))
    return usual / len(wide) + common / len(wide) if usual / len(wide) > 0.7 else 0.0


def _candidates(sample: bytes) -> list[str]:
    """Encodings to try for bytes that are not UTF-8, likeliest first; the last always works."""
    scores = {
        "gb18030": _chinese(sample, "gb18030", (0xB0, 0xD7), 0xA1),
        "big5hkscs": _chinese(sample, "big5hkscs", (0xA4, 0xC6), 0x40),
    }
    likely = sorted((name for name, score in scores.items() if score), key=lambda name: -scores[name])
    return [*likely, "cp1252", "latin-1"]


def find_encoding(origin: Origin) -> str:
    """The Python name of the encoding of a text. Raises DataError for bytes that are no text."""
    head = origin.head(_HEAD)
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    if b"\0" in head:
        nul = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
        if max(nul) > 0.3 and min(nul) < 0.05:  # Latin letters in UTF-16 have a zero in every other byte
            return "utf-16-be" if nul[0] > nul[1] else "utf-16-le"
        raise not_text(origin.label)
    if sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head[:4096]) > len(head[:4096]) / 20:
        raise not_text(origin.label)
    limit = _LOOK if origin.path is not None else _HEAD
    wrong = _first_wrong(origin, "utf-8", limit)
    if wrong is None:
        return "utf-8"
    with origin.open() as handle:
        handle.seek(max(0, wrong - _HEAD // 2))
        around = handle.read(_HEAD)
    lines = around.split(b"\n")
    sample = b"\n".join(lines[1:] if wrong > _HEAD // 2 and len(lines) > 1 else lines)
    return next(name for name in _candidates(sample) if _first_wrong(origin, name, limit) is None)


def _first_wrong(origin: Origin, encoding: str, limit: int) -> int | None:
    """Where among the first `limit` bytes the encoding fails, if anywhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        for piece in pieces(origin.open()):
            piece = piece[: limit - done]
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return max(0, done + error.start - 4)
            done += len(piece)
            if done >= limit:
                return None
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return max(0, done - 4)
    except READ_ERRORS as error:
        raise unreadable(origin.label, error) from error
    return None


def not_text(label: str) -> DataError:
    """The error for bytes that no table format explains."""
    return DataError(
        f"{label} is neither text nor a table format that is known here: it holds binary data.",
        "Expected: CSV, TSV, JSON lines, Parquet, Arrow, Excel (.xlsx) or SQLite.",
        "Open it in the program that wrote it and save it as CSV (UTF-8) or Parquet.",
    )


# --- dialect
def _head_rows(text: str, whole: bool, dialect: Dialect) -> list[list[str]]:
    try:
        rows = [row for row in dialect.rows(io.StringIO(text, newline="")) if row]
    except csv.Error:
        return []
    return rows if whole or len(rows) < 2 else rows[:-1]  # the last may be cut off


def find_dialect(text: str, whole: bool, delimiter: str | None, prefer: str | None) -> Dialect:
    """The dialect of the head of a text; `whole` when the head is all of it.

    The one under which most rows have as many cells as the first; of equals, the plainest.
    """
    escapes = (None, "\\") if '\\"' in text and '""' not in text else (None,)
    best, best_rank = Dialect(",", None, False, True), (0.0, 0)
    for char in [delimiter] if delimiter else DELIMITERS:
        for escape, spaced in itertools.product(escapes, (False, True)):
            dialect = Dialect(char, escape, spaced, True)
            rows = _head_rows(text, whole, dialect)
            if not rows or (len(rows[0]) < 2 and not delimiter):
                continue
            if spaced and not _is_spaced(text, whole, char, escape):
                continue
            share = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
            rank = (share + (char == prefer), len(rows[0]) + spaced)
            if rank > best_rank:
                best, best_rank = dialect, rank
    return replace(best, header=_has_header(_head_rows(text, whole, best)))


def _is_spaced(text: str, whole: bool, char: str, escape: str | None) -> bool:
    """Whether cells after the first start with a space that belongs to the delimiter."""
    if char == "\t":
        return False
    cells = [cell for row in _head_rows(text, whole, Dialect(char, escape, False, True)) for cell in row[1:]]
    cells = [cell for cell in cells if cell]
    return bool(cells) and sum(cell.startswith(" ") for cell in cells) >= 0.9 * len(cells)


_NUMBER = re.compile(r"[-+(]?\s?[$€£¥]?\s?\d[\d.,' ]*(e[-+]?\d+)?\s?[%)]?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d\d.*)?")
_DATUM = 60
"""Letters that a number or a date has at most: nothing longer is tried, so that no cell is slow."""
_YEAR = re.compile(r"(19|20)\d\d")


def _datum(cell: str) -> bool:
    cell = cell.strip()
    return len(cell) <= _DATUM and bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: each column votes by how its first cell fits the rest."""
    if not rows:
        return True
    first, body = rows[0], [row for row in rows[1:1001] if len(row) == len(rows[0])]
    if not body:
        return not any(_datum(cell) for cell in first)
    votes = 0
    for place, cell in enumerate(first):
        below = [row[place] for row in body if row[place].strip()]
        if not below or not cell.strip():
            continue
        data = sum(map(_datum, below)) / len(below)
        if _datum(cell):
            years = sum(bool(_YEAR.fullmatch(value)) for value in below) > len(below) / 2
            if not _YEAR.fullmatch(cell) or years:  # 2019, 2020, ... are names of columns that hold no years
                votes -= 1
        elif data > 0.8:
            votes += 1
        elif cell in below:
            votes -= 1
    return votes >= 0


# --- reading
def _recoded(origin: Origin, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces(origin.open()):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", True).encode()


def _closed_up(source: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """UTF-8 text without the blanks after delimiters, except inside quotes."""
    char = re.escape(delimiter.encode())
    pattern = re.compile(rb'("[^"]*")|(' + char + rb")[ ]+")
    held = b""
    for piece in source:
        held += piece
        end = held.rfind(b"\n") + 1
        while end and held.count(b'"', 0, end) % 2:  # never cut inside quotes
            end = held.rfind(b"\n", 0, end - 1) + 1
        if end:
            yield pattern.sub(rb"\1\2", held[:end])
            held = held[end:]
    yield pattern.sub(rb"\1\2", held)


def open_delimited(origin: Origin, encoding: str | None = None, delimiter: str | None = None) -> Stream:
    """The Stream of a delimited text. `encoding` and `delimiter` are found out unless given."""
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
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"encoding taken as {encoding}")
    head = origin.head(_HEAD)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    whole = len(head) < _HEAD
    dialect = find_dialect(text, whole, delimiter, "\t" if origin.suffix in (".tsv", ".tab") else None)
    rows = _head_rows(text, whole, dialect)
    if not rows:
        raise DataError(
            f"{origin.label} holds no rows, only blank lines.",
            "Expected: a header and at least one row.",
            "Check that the program that wrote it finished.",
        )
    if dialect.delimiter != "," and len(rows[0]) > 1:
        notes.append(f"cells are separated by {_WORDS.get(dialect.delimiter, repr(dialect.delimiter))}")
    if dialect.spaced:
        notes.append("the spaces after the delimiters were left out")
    if dialect.header:
        names, renamed = unique_names(rows[0])
        notes += renamed
    else:
        names = tuple(f"column_{place}" for place in range(1, len(rows[0]) + 1))
        notes.append(
            f"the first row looks like data, so the columns are called column_1 to column_{len(names)}"
        )
    return Stream(names, _blocks(origin, encoding, dialect, names, notes), notes)


def _blocks(
    origin: Origin, encoding: str, dialect: Dialect, names: tuple[str, ...], notes: list[str]
) -> Iterator[Columns]:
    feed: Feed | None = None
    source: Any = None
    if origin.path is not None and encoding == "utf-8" and not dialect.spaced:
        source = str(origin.path)
    else:
        text = pieces(origin.open()) if encoding == "utf-8" else _recoded(origin, encoding)
        source = feed = Feed(_closed_up(text, dialect.delimiter) if dialect.spaced else text)
    # every column has a name of its own for the reader, so that nothing hangs on the user's names
    schema = Schema([ArrowField(str(place), DataType.string()) for place in range(len(names))])
    reader = read_csv(
        source,
        schema,
        has_header=dialect.header,
        batch_size=block_rows(len(names)),
        delimiter=dialect.delimiter,
        escape=dialect.escape,
    )

    def fail(error: BaseException) -> Exception:
        return _mended(origin, encoding, dialect, len(names), error)

    last: str | None = None
    for block in of_arrow(reader, names, notes, fail):
        _raise_read_error(origin, encoding, feed)
        last = block[names[-1]].slice(len(block[names[-1]]) - 1, 1).to_pylist()[0]
        yield block
    _raise_read_error(origin, encoding, feed)
    if (
        last is not None and "\n" in last
    ):  # only a quoted cell holds a line break, so the text ends in a quote
        tail = feed.last if feed is not None else _tail(origin)
        if not tail.rstrip(b"\r\n \t").endswith(b'"'):
            raise DataError(
                f"{origin.label}: a quotation mark is opened and never closed; the last cell starts "
                f"{last[:40]!r}.",
                "Expected: every quoted cell closed, with a quotation mark inside it written twice.",
                "Mend that cell, or copy the file again if it was cut short.",
            )


def _tail(origin: Origin) -> bytes:
    with origin.open() as handle:
        handle.seek(max(0, handle.seek(0, 2) - 8))
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


def _mended(
    origin: Origin, encoding: str, dialect: Dialect, expected: int, error: BaseException
) -> DataError:
    """A reader's error in three lines, with the line of the file that is wrong."""
    message = str(error)
    if "UTF-8" in message:
        return _not_encoded(origin, encoding)
    if "number of fields" in message:
        with origin.open() as handle:
            lines = io.TextIOWrapper(handle, encoding=encoding, errors="replace", newline="")
            rows, start = dialect.rows(lines), 1
            try:
                for row in rows:
                    if row and len(row) != expected:
                        word = _WORDS.get(dialect.delimiter, repr(dialect.delimiter))
                        return DataError(
                            f"{origin.label}, line {start}: expected {expected} cells, found {len(row)}.",
                            f"Expected: as many cells in every row as in the first, separated by {word}.",
                            f"Mend line {start} (a cell that holds a delimiter needs quotation marks), "
                            "or name another delimiter.",
                        )
                    start = rows.line_num + 1
            except csv.Error as wrong:
                message = f"line {start}: {wrong}"
    return DataError(
        f"{origin.label} could not be read as delimited text: {message}",
        "Expected: rows of cells, separated by the same character throughout.",
        "Open it in a text editor at that place, or save it again as CSV (UTF-8).",
    )
