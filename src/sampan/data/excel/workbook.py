"""An Excel workbook, read cell by cell out of its XML: sheets, values, dates, merged cells.

Nothing of it is trusted. The sizes that its archive declares bound what is unpacked, a document type (which
no spreadsheet program writes, and all bombs of entities need) is refused, no tree is built, and a cell
outside the largest sheet is an error.
"""

from __future__ import annotations

import datetime
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from sampan.data.excel import cells
from sampan.data.limits import limits, refuse_bomb, size, to_raise
from sampan.data.origin import READ_ERRORS, damaged, unreadable
from sampan.errors import DataError


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
            raise damaged(label, "Excel", error) from error
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
                path = posixpath.normpath(posixpath.join("/" + folder, target))[1:]
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
        reader = cells.Texts()

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "si":
                reader.parts = []
            reader.start(tag)

        def end(tag: str) -> None:
            reader.end(tag)
            if tag == "si":
                self._strings.append(cells.unescaped("".join(reader.parts)))

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
                self._kinds.append(cells.kind_of_format(number, formats.get(number)))

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
            raise damaged(self.label, "Excel", f"{member}: {error}") from error
        except READ_ERRORS as error:
            raise unreadable(self.label, error) from error

    # --- what stands in a sheet
    def merged(self, sheet: Sheet) -> list[Merged]:
        """The merged cells of a sheet, which stand behind its rows."""
        found: list[Merged] = []

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "mergeCell":
                ends = [cells.REFERENCE.fullmatch(one) for one in given.get("ref", "").split(":")]
                if len(ends) == 2 and ends[0] and ends[1]:
                    first, last = ends[0], ends[1]
                    found.append(
                        Merged(
                            int(first[2]), cells.column_of(first[1]), int(last[2]), cells.column_of(last[1])
                        )
                    )

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
            raise damaged(self.label, "Excel", error) from error
        except READ_ERRORS as error:
            raise unreadable(self.label, error) from error
        return False

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
        """(number, cells) of the rows of a sheet that hold anything, in their order in the file.

        A cell is None, text, a number, yes or no, a date, a time or a span of time. An error (#N/A) is None.
        """
        reader = cells.RowsOfCells(self.label, self._value)
        for _ in self._walk(sheet.member, reader.start, reader.end, reader.text):
            yield from reader.done
            reader.done.clear()

    def _value(self, kind: str, style: str, text: str) -> Any:
        """What a cell holds, by its type, its style and the text in its element."""
        match kind:
            case "s":
                return self._strings[int(text)] if text else None
            case "inlineStr" | "str":
                return cells.unescaped(text) if text else None
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
        return cells.moment_of(number, form, self._epoch) if form else number
