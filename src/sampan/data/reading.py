"""How a source is read, where what would be found out is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person said about a source; None where it is found out.

    table: of a database; or the sheet of a workbook, or the file of an archive. header: the first and last
    row that name the columns, (0, 0) where none does. encoding, delimiter: of a text.
    """

    table: str | None = None
    header: tuple[int, int] | None = None
    encoding: str | None = None
    delimiter: str | None = None
