"""Limits of what is read: a file that would take all memory, or for ever, is refused before it does.

Each is far beyond what people have, and each can be set in the environment: SAMPAN_LIMIT_COLUMNS=50000.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, fields

from sampan.errors import DataError, RequestError, nearest

PREFIX = "SAMPAN_LIMIT_"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what is read. Sizes are in bytes.

    columns: of a table. unpacked: what one archive, workbook or packed part may grow to. times: how many
    times its own size, where that is more than `surely`. value: one value that many rows may share (a page of
    a Parquet dictionary), which unpacking would repeat. strings: the texts of a workbook, which are all held.
    merged: merged cells of a sheet. seconds: that a view of a database may
    compute. input: what is taken from standard input, which need not end.
    """

    columns: int = 20_000
    unpacked: int = 4 << 30
    times: int = 100
    surely: int = 32 << 20
    value: int = 32 << 20
    strings: int = 256 << 20
    merged: int = 100_000
    seconds: int = 5
    input: int = 64 << 30


def limits() -> Limits:
    """The limits as they are set. Raises RequestError for a setting that is no number, or no limit.

    >>> limits().columns
    20000
    """
    known = {PREFIX + one.name.upper(): one.name for one in fields(Limits)}
    said: dict[str, int] = {}
    for name, text in os.environ.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            raise RequestError(
                f"{name} is set in the environment and is no limit.{nearest(name, known)}",
                f"The limits are: {', '.join(known)}.",
                f"Type: unset {name}",
            )
        plain = text.replace("_", "").replace(",", "")
        if not plain.isdecimal() or not int(plain[:18]):
            raise RequestError(
                f"{name} is set to {text!r} in the environment.",
                "Expected: a whole number above 0.",
                f"Type for instance: export {name}={getattr(Limits(), known[name])}",
            )
        said[known[name]] = int(plain[:18])
    return Limits(**said)


def to_raise(name: str, value: int) -> str:
    """What to type to have another limit."""
    return f"If you trust it, raise the limit: export {PREFIX}{name.upper()}={value}"


def refuse_wide(label: str, width: int) -> None:
    """Raise DataError for a table of more columns than may be."""
    most = limits().columns
    if width > most:
        expected = f"Expected: at most {most:,}."
        raise DataError(f"{label} has {width:,} columns.", expected, to_raise("columns", 2 * width))


def size(count: float) -> str:
    """Bytes for people.

    >>> size(4 << 30), size(2_000_000)
    ('4.3 GB', '2.0 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


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
