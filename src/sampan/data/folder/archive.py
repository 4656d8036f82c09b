"""A zipped folder of files of a medium, unpacked to scratch that goes when the program ends.

What is in an archive is never trusted. Only such files and their metadata are unpacked, under their own names
below the new folder; a name that leads out of it, a link, a password, and an archive that would fill the
disk are errors before a byte is written. The sizes that an archive declares bound what is written: reading
stops there.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from sampan import scratch
from sampan.data.folder.metadata import METADATA
from sampan.data.limits import size
from sampan.errors import DataError
from sampan.media import medium_of_ending

MOST_OF_ONE = 1 << 30
"""Bytes of a file: a picture as large as may be unpacked, of three channels of 16 bits."""

MOST_TIMES, SURELY = 100, 1 << 30
"""An archive that grows so many times, to more bytes than these, is no folder of photographs."""

_LEFT = 0.9
"""Share of the disk's free room that may be taken."""


def unzipped(path: Path, encoding: str | None = None) -> Path | None:
    """The folder of files of a medium that a zip file holds, unpacked; None for any other file.

    encoding: of the names in an archive that does not say. Raises DataError for what cannot be unpacked
    safely.
    """
    if path.suffix.lower() != ".zip" or not path.is_file() or not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path, metadata_encoding=encoding) as archive:
            members = [member for member in archive.infolist() if _is_wanted(member)]
            if not any(_name(member).name not in METADATA for member in members):
                return None
            _refuse(path, members)
            home = scratch.new_file() / path.name  # so that whatever is said of a file names the archive
            for member in members:
                target = home / _name(member)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as packed, open(target, "xb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, LookupError) as error:
        raise DataError(
            f"{path} is damaged, or packed in a way that is not known here ({error}).",
            "A complete zip file is expected.",
            "Copy or download it again, or unpack it yourself and name the folder.",
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be unpacked to {scratch.folder().parent}: {error.strerror or error}.",
            "Room for its files, and the right to write there, are expected.",
            "Unpack it yourself, and name the folder.",
        ) from error
    inside = list(home.iterdir())  # the folder that was zipped, where nothing lies beside it
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else home


def _name(member: zipfile.ZipInfo) -> PurePosixPath:
    """Its name; some programs part folders as Windows does."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    name = _name(member)
    if member.is_dir() or name.name.startswith(".") or "__MACOSX" in name.parts:
        return False
    return name.name in METADATA or medium_of_ending(name.suffix) is not None


def _refuse(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Raise DataError for members that must not be unpacked."""
    seen: set[str] = set()
    for member in members:
        name = str(_name(member))
        if _name(member).is_absolute() or PureWindowsPath(name).drive or ".." in _name(member).parts:
            raise _refused(path, f"{name}, which leads out of the folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _refused(path, f"{name}, which is a link")
        if member.flag_bits & 1:
            raise _refused(path, f"{name}, which needs a password")
        if member.file_size > MOST_OF_ONE:
            raise _refused(path, f"{name}, which unpacks to {size(member.file_size)}")
        if name in seen:
            raise _refused(path, f"{name} twice")
        seen.add(name)
    whole = sum(member.file_size for member in members)
    if whole > SURELY and whole > MOST_TIMES * path.stat().st_size:
        raise _refused(path, f"files that unpack to {size(whole)}")
    place = scratch.folder()
    free = shutil.disk_usage(place).free
    if whole > _LEFT * free:
        raise DataError(
            f"{path} unpacks to {size(whole)}, and {place.parent} has room for {size(free)}.",
            "Room for its files is expected there.",
            f"Free {size(whole - _LEFT * free)} there, or work in a folder on a larger disk (TMPDIR names "
            "one), or unpack it yourself and name the folder.",
        )


def _refused(path: Path, what: str) -> DataError:
    return DataError(
        f"{path} holds {what}.",
        "Expected: the files of a folder, as a zip file of an ordinary kind.",
        "If you trust it, unpack it yourself, and name the folder.",
    )
