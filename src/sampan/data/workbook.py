"""An Excel workbook, read cell by cell out of its XML: sheets, values, dates, merged cells.

Nothing of it is trusted. The sizes that its archive declares bound what is unpacked, a document type (which
no spreadsheet program writes, and all bombs of entities need) is refused, no tree is built, and a cell
outside the largest sheet is an error.
"""

from __future__ import annotations

import datetime
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from sampan.data.limits import limits, size, to_raise
from sampan.data.origin import READ_ERRORS, unreadable
from sampan.errors import DataError

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
"""Of a sheet, as Excel has it."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]', re.IGNORECASE)
_SPAN = re.compile(r"\[(hh?|mm?|ss?)\]", re.IGNORECASE)
_DATES = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)])
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, the member of the archive, whether a person sees it."""

    name: str
    member: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that are one: from the first row and column to the last, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


Start = Callable[[str, dict[str, str]], None]


@dataclass(eq=False)
class Workbook:
    """An open workbook. label: what it is called in errors."""

    label: str
    archive: zipfile.ZipFile
    sheets: list[Sheet] = field(default_factory=list)
    _strings: list[str] = field(default_factory=list)
    _kinds: list[str] = field(default_factory=list)
    _epoch: datetime.datetime = datetime.datetime(1899, 12, 30)

    @classmethod
    def open(cls, handle: IO[bytes], label: str) -> Workbook:
        """Open a workbook. Raises DataError for one that is damaged, or would take all memory."""
        try:
            book = cls(label, zipfile.ZipFile(handle))
            refuse_bomb(book.archive, label, handle.seek(0, 2))
            book._read()
        except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
            raise damaged(label, error) from error
        except READ_ERRORS as error:
            raise unreadable(label, error) from error
        return book

    # --- what stands in the small parts
    def _read(self) -> None:
        main = "xl/workbook.xml"
        for kind, target in self._related("_rels/.rels", ""):
            if kind.endswith("/officeDocument"):
                main = target
        folder, name = posixpath.split(main)
        parts = dict[str, str]()
        by_id = dict[str, str]()
        for kind, target in self._related(f"{folder}/_rels/{name}.rels", folder, by_id):
            parts[kind.rpartition("/")[2]] = target
        listed: list[tuple[str, str, bool]] = []

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "sheet":
                key = next((value for one, value in given.items() if one.rpartition(":")[2] == "id"), "")
                listed.append((given.get("name", ""), key, given.get("state", "visible") == "visible"))
            elif tag == "workbookPr" and given.get("date1904") in ("1", "true"):
                self._epoch = datetime.datetime(1904, 1, 1)

        self._parse(main, start)
        members = set(self.archive.namelist())
        for called, key, visible in listed:
            if by_id.get(key) in members and "chartsheets" not in by_id[key]:
                self.sheets.append(Sheet(called, by_id[key], visible))
        if parts.get("sharedStrings") in members:
            self._read_strings(parts["sharedStrings"])
        if parts.get("styles") in members:
            self._read_styles(parts["styles"])

    def _related(
        self, member: str, folder: str, by_id: dict[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """(type, member) of the parts that one part names."""
        found: list[tuple[str, str]] = []

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = given.get("Target", "")
                path = (
                    target[1:]
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(folder, target))
                )
                found.append((given.get("Type", ""), path))
                if by_id is not None:
                    by_id[given.get("Id", "")] = path

        if member in self.archive.namelist():
            self._parse(member, start)
        return found

    def _read_strings(self, member: str) -> None:
        if self.archive.getinfo(member).file_size > (most := limits().strings):
            raise DataError(
                f"{self.label} holds {size(self.archive.getinfo(member).file_size)} of texts.",
                f"Expected: at most {size(most)}, all of which are held in memory.",
                to_raise("strings", 2 * self.archive.getinfo(member).file_size),
            )
        reader = _Texts()

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "si":
                reader.parts = []
            reader.start(tag)

        def end(tag: str) -> None:
            reader.end(tag)
            if tag == "si":
                self._strings.append(_unescaped("".join(reader.parts)))

        self._parse(member, start, end, reader.text)

    def _read_styles(self, member: str) -> None:
        formats: dict[int, str] = {}
        inside = [""]

        def start(tag: str, given: dict[str, str]) -> None:
            if tag in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside[0] = tag
            elif tag == "numFmt":
                formats[int(given.get("numFmtId", 0))] = given.get("formatCode", "")
            elif tag == "xf" and inside[0] == "cellXfs":
                number = int(given.get("numFmtId", 0))
                self._kinds.append(_kind_of_format(number, formats.get(number)))

        self._parse(member, start)

    def _parse(
        self,
        member: str,
        start: Start,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
        after: Callable[[], bool] = lambda: True,
    ) -> None:
        """Walk a member. after: asked after each piece of it whether to go on."""
        for _ in self._walk(member, start, end, text):
            if not after():
                return

    def _walk(
        self,
        member: str,
        start: Start,
        end: Callable[[str], None] | None,
        text: Callable[[str], None] | None,
    ) -> Iterator[None]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
        if end is not None:
            parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text

        def refuse(*_: object) -> None:
            raise DataError(
                f"{self.label} holds a document type in {member}, which no spreadsheet program writes.",
                "Expected: an Excel workbook; a document type is how a small file can fill the memory.",
                "Open it in a spreadsheet program that you trust it to, and save it as CSV (UTF-8).",
            )

        parser.StartDoctypeDeclHandler = refuse
        try:
            with self.archive.open(member) as handle:
                while piece := handle.read(1 << 16):
                    parser.Parse(piece, False)
                    yield
                parser.Parse(b"", True)
                yield
        except (expat.ExpatError, zipfile.BadZipFile, KeyError, ValueError, IndexError, NotImplementedError,
                OverflowError, RuntimeError) as error:  # fmt: skip
            raise damaged(self.label, f"{member}: {error}") from error
        except READ_ERRORS as error:
            raise unreadable(self.label, error) from error

    # --- what stands in a sheet
    def merged(self, sheet: Sheet) -> list[Merged]:
        """The merged cells of a sheet, which stand behind its rows."""
        found: list[Merged] = []

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "mergeCell":
                ends = [_REFERENCE.fullmatch(one) for one in given.get("ref", "").split(":")]
                if len(ends) == 2 and ends[0] and ends[1]:
                    first, last = ends[0], ends[1]
                    found.append(Merged(int(first[2]), _column(first[1]), int(last[2]), _column(last[1])))

        if self._mentions(sheet, b"mergeCell"):
            self._parse(sheet.member, start, after=lambda: len(found) <= limits().merged)
        if len(found) > (most := limits().merged):
            raise DataError(
                f"{self.label} has more than {most:,} merged cells.",
                "Expected: a table of one value in each cell.",
                to_raise("merged", 10 * most),
            )
        return found

    def has_formulas(self, sheet: Sheet) -> bool:
        """Whether cells of a sheet are computed."""
        return self._mentions(sheet, b"<f>") or self._mentions(sheet, b"<f ") or self._mentions(sheet, b":f>")

    def _mentions(self, sheet: Sheet, word: bytes) -> bool:
        try:
            with self.archive.open(sheet.member) as handle:
                before = b""
                while piece := handle.read(1 << 20):
                    if word in before + piece:
                        return True
                    before = piece[-len(word) :]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise damaged(self.label, error) from error
        except READ_ERRORS as error:
            raise unreadable(self.label, error) from error
        return False

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
        """(number, cells) of the rows of a sheet that hold anything, in their order in the file.

        A cell is None, text, a number, yes or no, a date, a time or a span of time. An error (#N/A) is None.
        """
        reader = _Rows(self.label, self._value)
        for _ in self._walk(sheet.member, reader.start, reader.end, reader.text):
            yield from reader.done
            reader.done.clear()

    def _value(self, kind: str, style: str, text: str) -> Any:
        """What a cell holds, by its type, its style and the text in its element."""
        match kind:
            case "s":
                return self._strings[int(text)] if text else None
            case "inlineStr" | "str":
                return _unescaped(text) if text else None
            case "b":
                return bool(int(text)) if text else None
            case "e":
                return None
            case "d":
                return datetime.datetime.fromisoformat(text) if text else None
        text = text.strip()
        if not text:
            return None
        number = int(text) if len(text) < 40 and text.lstrip("-").isdecimal() else float(text)
        place = int(style) if style else 0
        form = self._kinds[place] if 0 <= place < len(self._kinds) else ""
        return _moment(number, form, self._epoch) if form else number


class _Texts:
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


class _Rows(_Texts):
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
        match = _REFERENCE.fullmatch(reference) if len(reference) < 20 else None
        if match is None:
            raise self._outside(f"cell {reference[:20]!r}")
        return _column(match[1])

    def _outside(self, where: str) -> DataError:
        return DataError(
            f"{self._label} is damaged: it names {where}.",
            f"Expected: a sheet of at most {MOST_COLUMNS:,} columns (A to XFD) and {MOST_ROWS:,} rows.",
            "Open it in a spreadsheet program and save it again, or copy the file again.",
        )


def _column(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _unescaped(text: str) -> str:
    """A text with what XML cannot hold, which Excel writes as _x000D_."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _kind_of_format(number: int, code: str | None) -> str:
    """What a number format shows: "date", "span" (of time) or ""."""
    if code is None:
        return "span" if number == 46 else "date" if number in _DATES else ""
    bare = _NO_DATE.sub("", code[:400].split(";")[0])
    if _SPAN.search(bare):
        return "span"
    is_date = bare.lower() not in ("general", "standard") and re.search("[dmhysDMHYS]", bare)
    return "date" if is_date else ""


def _moment(number: float, form: str, epoch: datetime.datetime) -> Any:
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


def refuse_bomb(archive: zipfile.ZipFile, label: str, packed: int) -> None:
    """Raise DataError where what an archive declares is more than may be unpacked: it bounds what is."""
    most = limits()
    members = archive.infolist()
    whole = sum(member.file_size for member in members)
    if whole > most.unpacked or (whole > most.surely and whole > most.times * packed):
        raise DataError(
            f"{label} has {size(packed)} and would unpack to {size(whole)}.",
            f"Expected: at most {size(most.unpacked)}, and {most.times} times what it has.",
            to_raise("unpacked" if whole > most.unpacked else "times", 2 * max(whole // packed, 1)
                     if whole <= most.unpacked else 2 * whole),
        )  # fmt: skip
    if any(member.flag_bits & 1 for member in members):
        raise DataError(
            f"{label} is locked with a password.",
            "Expected: a file that can be read.",
            "Unlock it in the program that wrote it, and save it without one.",
        )


def damaged(label: str, why: object) -> DataError:
    """The error for a workbook that cannot be read."""
    reason = " ".join(str(why).split())[:200]
    return DataError(
        f"{label} is damaged or no Excel file: {reason}.",
        "Expected: a complete Excel workbook (.xlsx).",
        "Copy it again, or open it in a spreadsheet program and save it again.",
    )
