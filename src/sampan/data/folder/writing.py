"""A folder of made pictures: one file each, metadata.csv with the other columns, and an overview to look at.

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

from sampan import scratch
from sampan.column import from_strings
from sampan.data.folder.reading import CONTACT_SHEET, METADATA
from sampan.data.stream import Columns, as_batch, normal, rows_of, to_list, unique_names
from sampan.errors import StoreError
from sampan.media.picture import contact_sheet, holds_pictures, suffix_of

_ON_SHEET = 64
_OURS = re.compile(rf"\d{{6,}}(-\d+)?\.\w+|{re.escape(METADATA[0])}|{re.escape(CONTACT_SHEET)}")


def pictures_in(block: Mapping[str, object]) -> list[str]:
    """The columns of a block that hold encoded pictures."""
    return [name for name, column in block.items() if holds_pictures(column)]  # type: ignore[arg-type]


def write_album(folder: Path, blocks: Iterable[Columns], pictures: list[str]) -> int:
    """Write records with pictures to a folder; return how many. `pictures` names their columns.

    It is written beside its place and renamed at the end; a folder that this wrote earlier is replaced.
    """
    _restore(folder)
    _refuse_foreign(folder)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    with scratch.unfinished(part):
        part.mkdir()
        rows = _write(part, blocks, pictures)
        _put(part, folder)
        return rows


def _refuse_foreign(folder: Path) -> None:
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
            "Expected: a folder for the pictures.",
            "Choose another name.",
        )
    foreign = sorted(entry.name for entry in folder.iterdir() if not _OURS.fullmatch(entry.name))
    if foreign:
        raise StoreError(
            f"the folder {folder} holds what is not made pictures: {foreign[0]}.",
            "Expected: a new or empty folder, or one of pictures made earlier, which is replaced.",
            f"Choose another name, for example: {folder / 'new'}/",
        )


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


def _write(part: Path, blocks: Iterable[Columns], pictures: list[str]) -> int:
    rows, shown = 0, []
    with open(part / METADATA[0], "wb") as metadata:
        for block in blocks:
            heads = _heads(block, pictures)
            names: Columns = {}
            for place, column in enumerate(pictures):
                cells = to_list(block[column])
                more = f"-{place + 1}" if place else ""
                names[column] = from_strings(_write_files(part, cells, rows + 1, more))
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
        (part / CONTACT_SHEET).write_bytes(contact_sheet(shown))
    return rows


def _write_files(part: Path, cells: Sequence[bytes | None], first: int, more: str) -> list[str | None]:
    """The names of the files that hold some pictures, None where a cell is null."""
    names: list[str | None] = []
    for row, cell in enumerate(cells, first):
        names.append(None if cell is None else f"{row:06d}{more}{suffix_of(cell)}")
        if cell is not None:
            (part / str(names[-1])).write_bytes(cell)
    return names


def _heads(block: Columns, pictures: list[str]) -> dict[str, str]:
    """Column -> its name in metadata.csv: "file_name" for the first pictures, which come first."""
    first, *more = pictures
    others = [name for name in block if name != first]
    wanted = ["file_name", *(f"{name}_file_name" if name in more else name for name in others)]
    return dict(zip([first, *others], unique_names(wanted)[0], strict=True))
