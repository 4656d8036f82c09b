"""A folder of made files of a medium: one a record, metadata.csv with the other columns, and an overview.

It is what `sampan.data.folder.reading` reads, so that made records go wherever real ones did.
"""

from __future__ import annotations

import contextlib
import glob
import io
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from arro3.io import write_csv

from sampan import media, scratch
from sampan.column import from_strings
from sampan.data.folder.metadata import METADATA
from sampan.data.stream import Columns, as_batch, normal, rows_of, to_list, unique_names
from sampan.errors import StoreError
from sampan.media import Medium

_ON_SHEET = 64


def write_folder(folder: Path, blocks: Iterable[Columns], found: Mapping[str, Medium]) -> int:
    """Write records with files of a medium to a folder; return how many. found: their columns.

    It is written beside its place and renamed at the end; a folder that this wrote earlier is replaced.
    """
    _restore(folder)
    medium = next(iter(found.values()))
    _refuse_foreign(folder, medium)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    with scratch.unfinished(part):
        part.mkdir()
        rows = _write(part, blocks, found)
        _put(part, folder)
        return rows


def _refuse_foreign(folder: Path, medium: Medium) -> None:
    if not folder.exists():
        if folder.parent.is_dir():
            return
        raise StoreError(
            f"{folder} cannot be written: there is no folder {folder.parent}.",
            "Expected: a place in a folder that exists.",
            f"Type: mkdir -p {folder.parent}",
        )
    if not folder.is_dir():
        raise StoreError(
            f"{folder} is a file.",
            f"Expected: a folder for the {medium.many}.",
            "Choose another name.",
        )
    foreign = sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name))
    if foreign:
        raise StoreError(
            f"the folder {folder} holds what is not made {medium.many}: {foreign[0]}.",
            f"Expected: a new or empty folder, or one of {medium.many} made earlier, which is replaced.",
            f"Choose another name, for example: {folder / 'new'}/",
        )


def _is_ours(name: str) -> bool:
    """Whether a file is called as one that was made earlier."""
    sheets = {medium.sheet_name for medium in media.MEDIA}
    return name == METADATA[0] or name in sheets or re.fullmatch(r"\d{6,}(-\d+)?\.\w+", name) is not None


def _restore(folder: Path) -> None:
    """An older folder back under its name, where a kill came between the two renames of `_put`."""
    if folder.name and folder.parent.is_dir() and not folder.exists():
        for old in folder.parent.glob(f".{glob.escape(folder.name)}.*.old"):
            with contextlib.suppress(OSError):
                os.replace(old, folder)
                return


def _put(part: Path, folder: Path) -> None:
    """The finished folder to its place, what was there out of the way first and away at the end."""
    if not folder.exists():
        os.replace(part, folder)
        return
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    os.replace(folder, old)
    try:
        os.replace(part, folder)
    except OSError:
        os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(part: Path, blocks: Iterable[Columns], found: Mapping[str, Medium]) -> int:
    rows, shown, medium = 0, [], next(iter(found.values()))
    with open(part / METADATA[0], "wb") as metadata:
        for block in blocks:
            heads = _heads(block, [*found])
            names: Columns = {}
            for place, column in enumerate(found):
                cells = to_list(block[column])
                more = f"-{place + 1}" if place else ""
                names[column] = from_strings(_write_files(part, cells, rows + 1, more, found[column]))
                if not place:
                    shown += [cell for cell in cells if cell is not None][: _ON_SHEET - len(shown)]
            plain = {heads[name]: normal(names.get(name, block[name])) for name in heads}
            lines = io.BytesIO()
            write_csv(as_batch(plain), lines, header=not metadata.tell())
            metadata.write(lines.getbuffer())
            rows += rows_of(block)
        metadata.flush()
        os.fsync(metadata.fileno())
    if shown:
        (part / medium.sheet_name).write_bytes(medium.sheet(shown).data)
    return rows


def _write_files(
    part: Path, cells: Sequence[bytes | None], first: int, more: str, medium: Medium
) -> list[str | None]:
    """The names of the files that hold some cells, None where a cell is null."""
    names: list[str | None] = []
    for row, cell in enumerate(cells, first):
        names.append(None if cell is None else f"{row:06d}{more}{medium.ending_of(cell)}")
        if cell is not None:
            (part / str(names[-1])).write_bytes(cell)
    return names


def _heads(block: Columns, files: list[str]) -> dict[str, str]:
    """Column -> its name in metadata.csv: "file_name" for the first files, which come first."""
    first, *more = files
    others = [name for name in block if name != first]
    wanted = ["file_name", *(f"{name}_file_name" if name in more else name for name in others)]
    return dict(zip([first, *others], unique_names(wanted)[0], strict=True))
