"""An archive that would fill the memory, refused before it is unpacked."""

from __future__ import annotations

import zipfile

from sampan.data.limits import limits, size, to_raise
from sampan.errors import DataError


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


def damaged(label: str, why: object) -> DataError:
    """The error for a workbook that cannot be read."""
    reason = " ".join(str(why).split())[:200]
    return DataError(
        f"{label} is damaged or no Excel file: {reason}.",
        "Expected: a complete Excel workbook (.xlsx).",
        "Copy it again, or open it in a spreadsheet program and save it again.",
    )
