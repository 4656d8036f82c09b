"""Pictures read as a table: a folder, one record for each with what its sub-folder is called; or one file.

    cats/a.jpg  cats/b.jpg  dogs/c.jpg      -> picture, label
    a.jpg  b.jpg  metadata.csv              -> picture, and the columns of metadata.csv (or metadata.jsonl)
    train/...  test/...                     -> what is in train/; the rest is for a judge

The column `picture` holds paths and says so (`sampan.column.of_files`); the files are opened when they are
learned. Metadata names a picture in its column `file_name` or `file`, from where the metadata lies.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from sampan.column import from_strings, join, of_files, take
from sampan.data.files import open_file
from sampan.data.origin import find
from sampan.data.reading import Reading
from sampan.data.stream import Columns, Stream, as_text, rows_of, to_list, unique_names
from sampan.errors import DataError, nearest
from sampan.media.picture import fault, is_picture_file

METADATA = ("metadata.csv", "metadata.jsonl")
KEYS = ("file_name", "file")
CONTACT_SHEET = "contact-sheet.png"
"""The overview in a folder that Sampan wrote: no record."""

_TRAIN = frozenset(("train", "training"))
_OTHER_SPLITS = frozenset("test testing val valid validation dev eval holdout".split())
_BLOCK = 1024
_SHOWN = 5


def open_pictures(folder: Path, encoding: str | None = None, delimiter: str | None = None) -> Stream | None:
    """The Stream of a folder of pictures; None where there is no picture in it.

    Each file is looked at, and one that is no whole picture is left out with a note. Raises DataError for
    metadata that name what is not there.
    """
    found = _walk(folder)
    if not found.names:
        return None
    names, part, notes = _training_part(found.names)
    metadata = _metadata(folder, part, found, encoding, delimiter)
    if metadata is not None and part + CONTACT_SHEET in names and part + CONTACT_SHEET not in metadata.rows:
        names.remove(part + CONTACT_SHEET)
        notes.append(f"{CONTACT_SHEET} is an overview and no record")
    labels = _labels(names)
    columns: Columns = dict(metadata.columns) if metadata is not None else {}
    if labels is not None and "label" in columns:
        labels = None
        notes.append("the labels are those of the metadata, not the names of the folders")
    heads = ["picture"] if labels is None else ["picture", "label"]
    heads, renamed = unique_names([*heads, *columns])
    notes += renamed
    return Stream(heads, _blocks(folder, names, labels, metadata, heads, found.left_out, notes), notes)


def open_picture(path: Path) -> Stream | None:
    """The Stream of one picture's file: a record with the column `picture`; None for any other file.

    Nothing beside the file is looked at. Raises DataError where it is no whole picture.
    """
    if not path.is_file() or not is_picture_file(path):
        return None
    wrong = fault(str(path))
    if wrong:
        raise DataError(
            f"{path} cannot be used: {wrong}.",
            "Expected: a whole, still picture.",
            "Copy it again, or name another file.",
        )
    return Stream(("picture",), iter([{"picture": of_files([str(path.absolute())], "image")}]), [])


@dataclass(frozen=True, slots=True)
class _Found:
    """The picture files of a folder by their names from it, in order; and what cannot be used, with why."""

    names: list[str]
    left_out: dict[str, str]


def _walk(folder: Path) -> _Found:
    names, left_out = [], {}
    home = folder.resolve()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in list(folders):
            if (here / name).is_symlink():
                folders.remove(name)
                left_out[(here / name).relative_to(folder).as_posix() + "/"] = "a link to another folder"
        for name in sorted(files):
            if name.startswith("."):
                continue
            inside = (here / name).relative_to(folder).as_posix()
            if _is_special(here / name):  # before it is opened, which may wait for ever
                left_out[inside] = "a pipe, a socket or a device"
                continue
            if not is_picture_file(here / name):
                continue
            if not _is_unicode(inside):
                left_out[inside] = "its name is not UTF-8"
            elif (here / name).is_symlink() and home not in _leads_to(here / name).parents:
                left_out[inside] = "a link out of the folder"
            else:
                names.append(inside)
    return _Found(sorted(names), left_out)


def _leads_to(path: Path) -> Path:
    """Where a link leads; one that leads in a circle, to itself (`Path.resolve` raises there)."""
    return Path(os.path.realpath(path))


def _is_special(path: Path) -> bool:
    """Whether something is there that is no file: a pipe, a socket or a device, or a link to one."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a link to nothing, which opening will tell
        return False


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _training_part(names: list[str]) -> tuple[list[str], str, list[str]]:
    """(names to learn from, the folder they lie in, notes): only train/ where it lies beside test/."""
    tops = {name.split("/")[0] for name in names if "/" in name}
    flat = [name for name in names if "/" not in name]
    train = sorted(top for top in tops if top.lower() in _TRAIN)
    others = sorted(top for top in tops if top.lower() in _OTHER_SPLITS)
    if flat or len(train) != 1 or set(train + others) != tops:
        return list(names), "", []
    kept = [name for name in names if name.startswith(train[0] + "/")]
    rest = len(names) - len(kept)
    told = f"only {train[0]}/ is read; {rest:,} pictures in {', '.join(f'{one}/' for one in others)} are not"
    return kept, train[0] + "/", [told] if others else []


def _labels(names: list[str]) -> dict[str, str | None] | None:
    """Name -> the sub-folder it lies in, below the one that holds them all; None without sub-folders."""
    parents = [PurePosixPath(name).parent.parts for name in names]
    if not parents:
        return None
    depth = len(os.path.commonprefix(parents))
    found = [parts[depth] if len(parts) > depth else None for parts in parents]
    return None if not any(found) else dict(zip(names, found, strict=True))


# --- metadata
@dataclass(frozen=True, slots=True, eq=False)
class _Metadata:
    """The other columns of a metadata file, and its rows by the name of the picture.

    pictureless: rows that name no file, of records whose picture is missing.
    """

    columns: Columns
    rows: dict[str, int]
    pictureless: list[int]


def _metadata(
    folder: Path, part: str, found: _Found, encoding: str | None, delimiter: str | None
) -> _Metadata | None:
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
            return _read_metadata(folder, base, there[0], found, encoding, delimiter)
    return None


def _read_metadata(
    folder: Path, base: str, name: str, found: _Found, encoding: str | None, delimiter: str | None
) -> _Metadata:
    path = folder / base / name
    stream = open_file(find(path), Reading(None, None, encoding, delimiter))
    blocks = list(stream.blocks)
    columns = {head: join([block[head] for block in blocks]) for head in stream.names} if blocks else {}
    key = next((one for one in KEYS if one in stream.names), None)
    if key is None:
        raise DataError(
            f'{path} has no column "file_name".{nearest("file_name", stream.names)}',
            f"Its columns are: {', '.join(stream.names)}.",
            'Name the picture of each row, from the folder of this file, in a column "file_name".',
        )
    by_key = {_key(one): one for one in (*found.names, *found.left_out)}
    rows: dict[str, int] = {}
    pictureless: list[int] = []
    cells = to_list(as_text(columns.pop(key))) if columns else []
    for row, cell in enumerate(cells):
        if cell is None or not cell.strip():
            pictureless.append(row)
            continue
        where = f"{path}, record {row + 1:,}"
        picture = by_key.get(_key(base + _inside(cell, where)))
        if picture is None or found.left_out.get(picture, "").startswith("a link"):
            raise _not_there(where, cell, picture is not None, by_key)
        if picture in rows:
            raise DataError(
                f"{where}: {cell} has a row already, {rows[picture] + 1:,}.",
                "Expected: one row for each picture.",
                "Take one of the rows away.",
            )
        rows[picture] = row
    return _Metadata(columns, rows, pictureless)


def _key(name: str) -> str:
    """A name as it is compared: some systems take letters with accents apart."""
    return unicodedata.normalize("NFC", str(PurePosixPath(name)))


def _inside(cell: str, where: str) -> str:
    """The name in a cell. Raises DataError where it leads out of the folder."""
    name = cell.strip().replace("\\", "/")
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or ".." in PurePosixPath(name).parts:
        raise DataError(
            f"{where}: {cell} leads out of the folder.",
            "Expected: the name of a picture inside of it.",
            "Copy the picture into the folder, and name it from there.",
        )
    return name


def _not_there(where: str, cell: str, is_link: bool, names: dict[str, str]) -> DataError:
    if is_link:
        return DataError(
            f"{where}: {cell} is a link out of the folder.",
            "Expected: a file in it.",
            "Copy the picture into the folder.",
        )
    return DataError(
        f"{where}: there is no picture {cell}.{nearest(cell, list(names)[:5000])}",
        "Expected: the name of a picture in the folder, from where this file lies.",
        "Correct the name, or take the row away.",
    )


# --- records
def _blocks(
    folder: Path,
    names: list[str],
    labels: dict[str, str | None] | None,
    metadata: _Metadata | None,
    heads: tuple[str, ...],
    left_out: dict[str, str],
    notes: list[str],
) -> Iterator[Columns]:
    """Records of whole pictures, and at the end a note of what was left out."""
    root, some = folder.resolve(), False

    def records(paths: list[str | None], kept: list[str | None], index: list[int]) -> Columns:
        columns = [of_files(paths, "image")]
        if labels is not None:
            columns.append(from_strings([None if name is None else labels[name] for name in kept]))
        if metadata is not None:
            columns += [take(column, np.array(index)) for column in metadata.columns.values()]
        return dict(zip(heads, columns, strict=True))

    rows = {} if metadata is None or not rows_of(metadata.columns) else metadata.rows
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(names), _BLOCK):
            part = names[start : start + _BLOCK]
            wrong = list(pool.map(fault, (str(root / name) for name in part)))
            left_out |= {name: why for name, why in zip(part, wrong, strict=True) if why}
            kept = [name for name, why in zip(part, wrong, strict=True) if not why]
            if kept:
                some = True
                index = [rows.get(name, -1) for name in kept]
                yield records([str(root / name) for name in kept], [*kept], index)
    told = _told(left_out)
    if not some:
        raise DataError(
            f"none of the pictures in {folder} can be used: {told}.",
            "Expected: whole, still pictures.",
            "Copy them again, or name another folder.",
        )
    if metadata is not None and metadata.pictureless:
        index = metadata.pictureless
        yield records([None] * len(index), [None] * len(index), index)
    if left_out:
        files = "file was" if len(left_out) == 1 else "files were"
        notes.append(f"{len(left_out):,} {files} left out: {told}")


def _told(left_out: dict[str, str]) -> str:
    some = sorted(left_out.items())[:_SHOWN]
    shown = ", ".join(f"{name.encode(errors='backslashreplace').decode()} ({why})" for name, why in some)
    return shown + (f" and {len(left_out) - _SHOWN:,} more" if len(left_out) > _SHOWN else "")
