"""The disk: what goes wrong there in words, and small files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sampan import scratch
from sampan.errors import StoreError


@contextlib.contextmanager
def told(
    label: str,
    room: str = "Free some space or write elsewhere; what was there before is untouched.",
    place: str = "Check the folder and its permissions, or write elsewhere.",
) -> Iterator[None]:
    """Errors of the disk as StoreErrors. room: what to type if it is full; place: for anything else."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise StoreError(
            f"{label} could not be written: {error.strerror or error}.",
            f"Expected: room on the disk{_free(label)}."
            if full
            else "Expected: a place where you may write files.",
            room if full else place,
        ) from error


def _free(label: str) -> str:
    """': 3.2 MB are free in FOLDER', where that can be found out."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        path = Path(label).expanduser().absolute()
        place = next(parent for parent in path.parents if parent.is_dir())
        return f": {shutil.disk_usage(place).free / 1e6:,.1f} MB are free in {place}"
    return ""


def written(path: Path) -> contextlib.AbstractContextManager[None]:
    """Errors of the disk while writing `path`, as StoreErrors."""
    return told(str(path), "Free some space there.", "Check the folder and its permissions.")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    with written(path), scratch.unfinished(fresh):
        with open(fresh, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave an empty file under the name
        os.replace(fresh, path)
