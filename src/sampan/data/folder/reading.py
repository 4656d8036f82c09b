"""A folder of files of one medium, or a single file, read as a table: a record each, labelled by sub-folder.

    cats/a.jpg  cats/b.jpg  dogs/c.jpg      -> picture, label
    a.jpg  b.jpg  metadata.csv              -> picture, and the columns of metadata.csv (or metadata.jsonl)
    train/...  test/...                     -> what is in train/; the rest is for a judge

The column of the files is called as the medium calls one (`picture`), holds paths and says so
(`sampan.column.of_files`); the files are opened when they are learned. Metadata names a file in its column
`file_name` or `file`, from where the metadata lies (`sampan.data.folder.metadata`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import numpy as np

from sampan import media
from sampan.column import from_strings, of_files, take
from sampan.data.folder.metadata import Found, Metadata, read_metadata
from sampan.data.stream import Columns, Stream, rows_of, unique_names
from sampan.errors import DataError
from sampan.media import Medium, medium_of_file

_TRAIN = frozenset(("train", "training"))
_OTHER_SPLITS = frozenset("test testing val valid validation dev eval holdout".split())
_BLOCK = 1024
_SHOWN = 5


def open_folder(folder: Path, encoding: str | None = None, delimiter: str | None = None) -> Stream | None:
    """The Stream of a folder of files of a medium; None where there is no such file in it.

    Each file is looked at, and one that is not whole is left out with a note. Raises DataError for metadata
    that name what is not there.
    """
    found = _walk(folder)
    if found is None:
        return None
    medium = found.medium
    names, part, notes = _training_part(found)
    metadata = read_metadata(folder, part, found, encoding, delimiter)
    sheet = part + medium.sheet_name
    if metadata is not None and sheet in names and sheet not in metadata.rows:
        names.remove(sheet)
        notes.append(f"{medium.sheet_name} is an overview and no record")
    labels = _labels(names)
    columns: Columns = dict(metadata.columns) if metadata is not None else {}
    if labels is not None and "label" in columns:
        labels = None
        notes.append("the labels are those of the metadata, not the names of the folders")
    heads = [medium.one] if labels is None else [medium.one, "label"]
    heads, renamed = unique_names([*heads, *columns])
    notes += renamed
    return Stream(heads, _blocks(folder, names, labels, metadata, heads, found, notes), notes)


def open_one(path: Path) -> Stream | None:
    """The Stream of one file of a medium: a record with one column; None for any other file.

    Nothing beside the file is looked at. Raises DataError where it is not whole.
    """
    medium = medium_of_file(path) if path.is_file() else None
    if medium is None:
        return None
    wrong = medium.fault(str(path))
    if wrong:
        raise DataError(
            f"{path} cannot be used: {wrong}.",
            f"Expected: a whole, still {medium.one}.",
            "Copy it again, or name another file.",
        )
    return Stream((medium.one,), iter([{medium.one: of_files([str(path.absolute())], medium.word)}]), [])


def _walk(folder: Path) -> Found | None:
    """The files of the medium that most files are of; None where there is none of any."""
    names: dict[Medium, list[str]] = {medium: [] for medium in media.MEDIA}
    left_out: dict[str, str] = {}
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
            medium = medium_of_file(here / name)
            if medium is None:
                continue
            if any("\ud800" <= letter <= "\udfff" for letter in inside):
                left_out[inside] = "its name is not UTF-8"
            # one that leads in a circle leads to itself (`Path.resolve` raises there)
            elif (here / name).is_symlink() and home not in Path(os.path.realpath(here / name)).parents:
                left_out[inside] = "a link out of the folder"
            else:
                names[medium].append(inside)
    most = max(media.MEDIA, key=lambda medium: len(names[medium]))  # of as many, the first of the list
    left_out |= {
        name: f"a {medium.one} among {most.many}"
        for medium, others in names.items()
        if medium is not most
        for name in others
    }
    return Found(most, sorted(names[most]), left_out) if names[most] else None


def _is_special(path: Path) -> bool:
    """Whether something is there that is no file: a pipe, a socket or a device, or a link to one."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a link to nothing, which opening will tell
        return False


def _training_part(found: Found) -> tuple[list[str], str, list[str]]:
    """(names to learn from, the folder they lie in, notes): only train/ where it lies beside test/."""
    names = found.names
    tops = {name.split("/")[0] for name in names if "/" in name}
    flat = [name for name in names if "/" not in name]
    train = sorted(top for top in tops if top.lower() in _TRAIN)
    others = sorted(top for top in tops if top.lower() in _OTHER_SPLITS)
    if flat or len(train) != 1 or set(train + others) != tops:
        return list(names), "", []
    kept = [name for name in names if name.startswith(train[0] + "/")]
    rest = len(names) - len(kept)
    where = ", ".join(f"{one}/" for one in others)
    told = f"only {train[0]}/ is read; {rest:,} {found.medium.many} in {where} are not"
    return kept, train[0] + "/", [told] if others else []


def _labels(names: list[str]) -> dict[str, str | None] | None:
    """Name -> the sub-folder it lies in, below the one that holds them all; None without sub-folders."""
    parents = [PurePosixPath(name).parent.parts for name in names]
    if not parents:
        return None
    depth = len(os.path.commonprefix(parents))
    found = [parts[depth] if len(parts) > depth else None for parts in parents]
    return None if not any(found) else dict(zip(names, found, strict=True))


# --- records
def _blocks(
    folder: Path,
    names: list[str],
    labels: dict[str, str | None] | None,
    metadata: Metadata | None,
    heads: tuple[str, ...],
    found: Found,
    notes: list[str],
) -> Iterator[Columns]:
    """Records of whole files, and at the end a note of what was left out."""
    root, some, medium, left_out = folder.resolve(), False, found.medium, found.left_out

    def records(paths: list[str | None], kept: list[str | None], index: list[int]) -> Columns:
        columns = [of_files(paths, medium.word)]
        if labels is not None:
            columns.append(from_strings([None if name is None else labels[name] for name in kept]))
        if metadata is not None:
            columns += [take(column, np.array(index)) for column in metadata.columns.values()]
        return dict(zip(heads, columns, strict=True))

    rows = {} if metadata is None or not rows_of(metadata.columns) else metadata.rows
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(names), _BLOCK):
            part = names[start : start + _BLOCK]
            wrong = list(pool.map(medium.fault, (str(root / name) for name in part)))
            left_out |= {name: why for name, why in zip(part, wrong, strict=True) if why}
            kept = [name for name, why in zip(part, wrong, strict=True) if not why]
            if kept:
                some = True
                index = [rows.get(name, -1) for name in kept]
                yield records([str(root / name) for name in kept], [*kept], index)
    told = _told(left_out)
    if not some:
        raise DataError(
            f"none of the {medium.many} in {folder} can be used: {told}.",
            f"Expected: whole, still {medium.many}.",
            "Copy them again, or name another folder.",
        )
    if metadata is not None and metadata.fileless:
        index = metadata.fileless
        yield records([None] * len(index), [None] * len(index), index)
    if left_out:
        files = "file was" if len(left_out) == 1 else "files were"
        notes.append(f"{len(left_out):,} {files} left out: {told}")


def _told(left_out: dict[str, str]) -> str:
    some = sorted(left_out.items())[:_SHOWN]
    shown = ", ".join(f"{name.encode(errors='backslashreplace').decode()} ({why})" for name, why in some)
    return shown + (f" and {len(left_out) - _SHOWN:,} more" if len(left_out) > _SHOWN else "")
