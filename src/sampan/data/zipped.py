"""A table in a zip file: the only one, or the one that is named."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath
from typing import IO

from sampan.data.databases import DATABASES
from sampan.data.limits import refuse_bomb
from sampan.data.origin import Origin, Reading, damaged
from sampan.errors import DataError, nearest

SUFFIXES = frozenset(
    ".csv .tsv .txt .tab .json .jsonl .ndjson .parquet .pq .arrow .feather .ipc .xlsx .xlsm".split()
).union(DATABASES)
"""Endings of files that are tables."""


def is_workbook(handle: IO[bytes]) -> bool:
    """Whether a zip file is an Excel workbook, whatever it is called."""
    try:
        return "[Content_Types].xml" in zipfile.ZipFile(handle).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def table_in(handle: IO[bytes], origin: Origin, how: Reading) -> Origin:
    """The Origin of the table in a zip file. Raises DataError where there is none, or which is not said."""
    label = origin.label
    try:
        archive = zipfile.ZipFile(handle, metadata_encoding=None)
        refuse_bomb(archive, label, handle.seek(0, 2))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise damaged(label, "zip", error) from error
    members = {_called(member): member for member in archive.infolist() if _is_table(member)}
    names = list(members)
    wanted = how.table
    if wanted is not None:
        names = [
            name for name in members if wanted in (name, PurePosixPath(name).name, PurePosixPath(name).stem)
        ]
    if len(names) != 1:
        listed = ", ".join(f'"{name}"' for name in list(members)[:20]) + (
            ", ..." if len(members) > 20 else ""
        )
        if not members:
            raise DataError(
                f"{label} is a zip file that holds no table.",
                f"Expected: a file in it that ends in one of {' '.join(sorted(SUFFIXES))}.",
                "Unpack it, and name the file or folder that is meant.",
            )
        what = f'{label} holds no table "{wanted}".' if wanted else f"{label} holds {len(members)} tables."
        raise DataError(
            what + (nearest(wanted, members) if wanted else ""),
            f"Expected: one of: {listed}.",
            f'Name it: --sheet "{next(iter(members))}"',
        )
    member = members[names[0]]
    inner = PurePosixPath(names[0])

    def opened() -> IO[bytes]:
        try:
            return archive.open(member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise damaged(label, "zip", error) from error

    return Origin(f"{label}: {names[0]}", inner.stem, inner.suffix.lower(), None, opened, archive)


def _is_table(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    hidden = member.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts
    return not hidden and path.suffix.lower() in SUFFIXES


def _called(member: zipfile.ZipInfo) -> str:
    """Its name; one that does not say its encoding is UTF-8 or as Windows has it in Chinese, or as it is."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename
