"""Media: what a file of a medium is - recognised, read, written, shown. Pictures are the first.

Whatever reads, makes or shows files asks here which medium something is of, and that medium everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

import numpy as np

from sampan.column import Column, file_kind, holds_bytes
from sampan.media.medium import HEAD, Fault, Medium, Patience, Sheet
from sampan.media.picture import PICTURES

MEDIA: tuple[Medium, ...] = (PICTURES,)
"""Every medium. Of two that could claim a file, the first one does."""

_LOOKED_AT = 20
"""Cells of a column of bytes by which it is recognised."""


def medium_of_bytes(cell: bytes) -> Medium | None:
    """The medium of which these bytes are a file, by how they begin."""
    return next((medium for medium in MEDIA if medium.recognises(cell[:HEAD])), None)


def medium_of_ending(ending: str) -> Medium | None:
    """The medium whose files are called so.

    >>> medium_of_ending(".JPG") is PICTURES, medium_of_ending(".csv")
    (True, None)
    """
    return next((medium for medium in MEDIA if ending.lower() in medium.endings), None)


def medium_of_file(path: PurePath) -> Medium | None:
    """The medium that a file is called as; one without an ending (scanners write such) is looked at.

    >>> medium_of_file(PurePath("貓.JPG")) is PICTURES, medium_of_file(PurePath("notes.txt"))
    (True, None)
    """
    if path.suffix:
        return medium_of_ending(path.suffix)
    try:
        with open(path, "rb") as file:
            return medium_of_bytes(file.read(HEAD))
    except OSError:
        return None


def medium_of_cells(column: Column) -> Medium | None:
    """The medium of a column: of files whose paths it holds, or of its bytes by how the first ones begin."""
    kind = file_kind(column)
    if kind:
        return next((medium for medium in MEDIA if medium.word == kind), None)
    if not holds_bytes(column):
        return None
    cells = column.slice(0, min(len(column), 1000)).to_pylist()
    return medium_of_list([cell for cell in cells if cell is not None][:_LOOKED_AT])


def medium_of_list(cells: list[bytes]) -> Medium | None:
    """The one medium of which all of these are files; None where there is none, or no cell."""
    found = medium_of_bytes(cells[0]) if cells else None
    return found if found and all(found.recognises(cell[:HEAD]) for cell in cells) else None


def media_in(columns: Mapping[str, Column]) -> dict[str, Medium]:
    """The columns that hold files of a medium, their paths or their bytes."""
    found = {name: medium_of_cells(column) for name, column in columns.items()}
    return {name: medium for name, medium in found.items() if medium is not None}


def files_of_array(values: np.ndarray) -> list[bytes] | None:
    """The files that an array of several records means, one for each; None where it means none."""
    return next((files for medium in MEDIA if (files := medium.of_array(values)) is not None), None)


def sheet_in(folder: Path) -> str | None:
    """The name of the overview that lies in a folder, None where there is none."""
    return next((medium.sheet_name for medium in MEDIA if (folder / medium.sheet_name).exists()), None)


__all__ = [
    "MEDIA",
    "PICTURES",
    "Fault",
    "Medium",
    "Patience",
    "Sheet",
    "files_of_array",
    "media_in",
    "medium_of_bytes",
    "medium_of_cells",
    "medium_of_ending",
    "medium_of_file",
    "medium_of_list",
    "sheet_in",
]
