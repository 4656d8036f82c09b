"""Metadata: the other columns of the files of a folder, in metadata.csv or metadata.jsonl beside them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from sampan.column import join
from sampan.data.files import open_file
from sampan.data.origin import Reading, find
from sampan.data.stream import Columns, as_text, to_list
from sampan.errors import DataError, nearest
from sampan.media import Medium

METADATA = ("metadata.csv", "metadata.jsonl")
KEYS = ("file_name", "file")


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a medium in a folder, by their names from it, in order; what is of no use, with why."""

    medium: Medium
    names: list[str]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Metadata:
    """The other columns of a metadata file, and its rows by the name of the file.

    fileless: rows that name no file, of records that lack theirs.
    """

    columns: Columns
    rows: dict[str, int]
    fileless: list[int]


def read_metadata(
    folder: Path, part: str, found: Found, encoding: str | None, delimiter: str | None
) -> Metadata | None:
    """The metadata in the part that is read, or in the whole folder; None where there are none."""
    for base in dict.fromkeys((part, "")):
        there = [name for name in METADATA if (folder / base / name).is_file()]
        if len(there) > 1:
            raise DataError(
                f"{folder / base} holds both {there[0]} and {there[1]}.",
                "Expected: one of them.",
                "Take the other away.",
            )
        if there:
            return _read(folder, base, there[0], found, encoding, delimiter)
    return None


def _read(
    folder: Path, base: str, name: str, found: Found, encoding: str | None, delimiter: str | None
) -> Metadata:
    path = folder / base / name
    stream = open_file(find(path), Reading(None, None, encoding, delimiter))
    blocks = list(stream.blocks)
    columns = {head: join([block[head] for block in blocks]) for head in stream.names} if blocks else {}
    key = next((one for one in KEYS if one in stream.names), None)
    if key is None:
        raise DataError(
            f'{path} has no column "file_name".{nearest("file_name", stream.names)}',
            f"Its columns are: {', '.join(stream.names)}.",
            f"Name the {found.medium.one} of each row, from the folder of this file, in a column "
            '"file_name".',
        )
    by_key = {_key(name): name for name in (*found.names, *found.left_out)}
    rows: dict[str, int] = {}
    fileless: list[int] = []
    cells = to_list(as_text(columns.pop(key))) if columns else []
    for row, cell in enumerate(cells):
        if cell is None or not cell.strip():
            fileless.append(row)
            continue
        where = f"{path}, record {row + 1:,}"
        file = by_key.get(_key(base + _inside(cell, where, found.medium)))
        if file is None or found.left_out.get(file, "").startswith("a link"):
            raise _not_there(where, cell, file is not None, by_key, found.medium)
        if file in rows:
            raise DataError(
                f"{where}: {cell} has a row already, {rows[file] + 1:,}.",
                f"Expected: one row for each {found.medium.one}.",
                "Take one of the rows away.",
            )
        rows[file] = row
    return Metadata(columns, rows, fileless)


def _key(name: str) -> str:
    """A name as it is compared: some systems take letters with accents apart."""
    return unicodedata.normalize("NFC", str(PurePosixPath(name)))


def _inside(cell: str, where: str, medium: Medium) -> str:
    """The name in a cell. Raises DataError where it leads out of the folder."""
    name = cell.strip().replace("\\", "/")
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or ".." in PurePosixPath(name).parts:
        raise DataError(
            f"{where}: {cell} leads out of the folder.",
            f"Expected: the name of a {medium.one} inside of it.",
            f"Copy the {medium.one} into the folder, and name it from there.",
        )
    return name


def _not_there(where: str, cell: str, is_link: bool, names: dict[str, str], medium: Medium) -> DataError:
    if is_link:
        return DataError(
            f"{where}: {cell} is a link out of the folder.",
            "Expected: a file in it.",
            f"Copy the {medium.one} into the folder.",
        )
    return DataError(
        f"{where}: there is no {medium.one} {cell}.{nearest(cell, list(names)[:5000])}",
        f"Expected: the name of a {medium.one} in the folder, from where this file lies.",
        "Correct the name, or take the row away.",
    )
