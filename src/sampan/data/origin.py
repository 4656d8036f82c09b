"""Where bytes come from: a path, a URL or standard input, unpacked if compressed, and re-readable.

Everything that can be wrong before a format matters (missing, a folder, unreadable, empty, cut short)
is said here.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shlex
import shutil
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sampan import scratch
from sampan.data.limits import limits, size, to_raise
from sampan.errors import DataError, nearest


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


_PACKED: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": (".gz", gzip.open),
    b"BZh": (".bz2", bz2.open),
    b"\xfd7zXZ": (".xz", lzma.open),
}

READ_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What reading raises when bytes cannot be had (a cut-off .gz is an EOFError)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A readable thing and its names.

    label: as the user wrote it. name: its stem. suffix: lower case, without that of the compression.
    path: the local file whose bytes are exactly what `open` gives, which Rust may read by itself, if any.
    """

    label: str
    name: str
    suffix: str
    path: Path | None
    open: Callable[[], IO[bytes]]
    keep: Any = None  # what must live as long as this does (a temporary file)

    def head(self, size: int) -> bytes:
        """The first bytes; fewer where there are fewer."""
        try:
            with self.open() as handle:
                return _at_most(handle, size)
        except READ_ERRORS as error:
            raise unreadable(self.label, error) from error

    def on_disk(self) -> Path:
        """A local file with the bytes, for readers that need to jump about in it."""
        if self.path is not None:
            return self.path
        path = scratch.new_file()
        with open(path, "xb") as copy:
            try:
                with self.open() as handle:
                    shutil.copyfileobj(handle, copy)
            except READ_ERRORS as error:
                raise unreadable(self.label, error) from error
        return path  # it stays for as long as this process may read it: a Stream may be read late


def _at_most(handle: IO[bytes], size: int) -> bytes:
    pieces, left = [], size
    while left and (piece := handle.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def unreadable(label: str, error: BaseException) -> DataError:
    """The error for bytes that could not be had."""
    if isinstance(error, PermissionError):
        return DataError(
            f"{label} may not be read: permission denied.",
            "Expected: a file that you are allowed to read.",
            f"Type: chmod u+r {label}",
        )
    if isinstance(error, EOFError | zlib.error | lzma.LZMAError | gzip.BadGzipFile | zipfile.BadZipFile):
        return DataError(
            f"{label} is damaged: its compressed data breaks off or is garbled ({error}).",
            "Expected: a complete compressed file.",
            "Copy or download it again; `gzip -t FILE` (or `unzip -t FILE`) says whether it is whole.",
        )
    return DataError(
        f"{label} could not be read: {error}.",
        "Expected: a file or URL that can be opened and read.",
        "Check the name and the disk or network that it is on.",
    )


def find(source: str | Path) -> Origin:
    """The Origin that a path, a URL or `-` names. Raises DataError when nothing readable is there."""
    text = str(source)
    if text == "-":
        return _standard_input()
    if "://" in text:
        return _remote(text)
    return _local(text)


def _local(text: str) -> Origin:
    path = Path(text).expanduser()
    if path.is_dir():
        files = sorted(entry.name for entry in path.iterdir() if entry.is_file() and entry.name[0] != ".")
        shown = ", ".join(files[:5]) + (", ..." if len(files) > 5 else "")
        raise DataError(
            f"{text} is a folder, not a file.",
            f"Expected: one file of records. The folder holds: {shown or 'no files'}.",
            f"Name the file, for example: {path / files[0]}" if files else "Name a file that holds records.",
        )
    if not path.exists():
        raise _missing(text, path)
    refuse_special(text, path)
    return _unpacked(text, path.name, lambda: open(path, "rb"), path)


def refuse_special(text: str, path: Path) -> None:
    """Raises DataError for a pipe, a socket or a device: opening one may wait for ever, or never end."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise unreadable(text, error) from error
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    kind = next((word for test, word in (*kinds, (stat.S_ISBLK, "a device")) if test(mode)), None)
    if kind is not None:
        raise DataError(
            f"{text} is {kind}, not a file.",
            "Expected: a file, or records piped in when the source is -.",
            f"Type: sampan make - < {shlex.quote(text)}" if kind == "a pipe" else "Name a file of records.",
        )


def _missing(text: str, path: Path) -> DataError:
    folder = path.parent
    if not folder.is_dir():
        return DataError(
            f"{text} does not exist: there is no folder {folder}.",
            f"Expected: a file. Paths start from {os.getcwd()}.",
            "Check the spelling of the folder, or give the whole path.",
        )
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    hint = nearest(path.name, names)
    return DataError(
        f"{text} does not exist.",
        f"Expected: a file in {folder.resolve()}.{hint}",
        f"Type: ls {folder}" if not hint else "Use that name, or give the whole path.",
    )


def _remote(url: str) -> Origin:
    import fsspec  # comes with torch; imported here because few need it

    try:
        system, inner = fsspec.core.url_to_fs(url)
        if not system.isfile(inner):
            raise DataError(
                f"{url} does not exist or is not one file.",
                "Expected: the URL of one file of records.",
                "Check the URL, and that you are signed in to where it points.",
            )
    except DataError:
        raise
    except (ImportError, ValueError) as error:  # a scheme whose driver is not installed, or is unknown
        raise DataError(
            f"{url} cannot be opened: {error}.",
            "Expected: a URL whose kind is known here: http, s3, gs, az, memory, ... or a database.",
            "Install the driver that the message names, or download the file and give its path.",
        ) from error
    except Exception as error:
        raise unreadable(url, error) from error
    name = PurePosixPath(inner.split("?")[0]).name or "data"
    return _unpacked(url, name, lambda: system.open(inner, "rb"), None)


def _standard_input() -> Origin:
    """Standard input, copied to a scratch file: guessing needs to look at it twice."""
    if sys.stdin is None or sys.stdin.isatty():
        raise DataError(
            "Standard input is the keyboard.",
            "Expected: records piped in when the source is -.",
            "Type: cat FILE | sampan make -",
        )
    path = scratch.new_file()
    most, whole = limits().input, 0
    with open(path, "xb") as spool:
        while piece := sys.stdin.buffer.read(1 << 20):
            whole += len(piece)
            if whole > most or (whole == len(piece) == 1 << 20 and not any(piece)):
                raise DataError(
                    "Standard input does not end"
                    + (f" after {size(most)}." if any(piece) else ", or is no text."),
                    "Expected: records of a table.",
                    to_raise("input", 10 * most) if any(piece) else "Type: cat FILE | sampan make -",
                )
            spool.write(piece)
    return _unpacked("standard input", "stdin", lambda: open(path, "rb"), path)


def _unpacked(
    label: str, name: str, opener: Callable[[], IO[bytes]], path: Path | None, keep: Any = None
) -> Origin:
    origin = Origin(label, PurePosixPath(name).stem, PurePosixPath(name).suffix.lower(), path, opener, keep)
    start = origin.head(6)
    if not start:
        raise empty(label)
    for magic, (suffix, unpack) in _PACKED.items():
        if start.startswith(magic):
            inner = PurePosixPath(name[: -len(suffix)] if name.lower().endswith(suffix) else name)
            packed = Origin(
                label,
                inner.stem,
                inner.suffix.lower(),
                None,
                partial(_open_packed, label, unpack, opener, path.stat().st_size if path else 0),
                keep,
            )
            if not packed.head(1):
                raise empty(label)
            if path is not None:
                _refuse_bomb(packed, opener, unpack)
            return packed
    return origin


def _open_packed(
    label: str, unpack: Callable[..., Any], opener: Callable[[], IO[bytes]], packed: int
) -> IO[bytes]:
    return io.BufferedReader(_Growing(label, unpack(opener()), packed), 1 << 18)


_GROWN = 1 << 29
"""Bytes up to which a packed file may grow to many times its own size: it is read piece by piece."""

_BEGINNING = 1 << 24
"""Unpacked bytes by which a packed file is taken for what it is."""


def _refuse_bomb(origin: Origin, opener: Callable[[], IO[bytes]], unpack: Callable[..., Any]) -> None:
    """Raises DataError for a packed file that grows too far, where its beginning already grows that fast.

    Unpacking alone takes a tenth of what cutting it into cells takes, so it is refused that much sooner.
    """
    times = limits().times
    try:
        with opener() as packed:
            unpacked = sum(map(len, pieces(unpack(packed), 1 << 18, _BEGINNING)))
            fast = unpacked >= _BEGINNING and packed.tell() * times < unpacked
        if fast:
            for _ in pieces(origin.open()):
                pass
    except READ_ERRORS as error:
        raise unreadable(origin.label, error) from error


class _Growing(io.RawIOBase):
    """What is unpacked, until it has grown to far more than what is packed (0 where that is not known)."""

    def __init__(self, label: str, inner: IO[bytes], packed: int) -> None:
        self._label, self._inner, self._packed, self._read = label, inner, packed, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._read = self._inner.seek(offset, whence)
        return self._read

    def readinto(self, buffer: Any) -> int:
        piece = self._inner.read(len(buffer))
        buffer[: len(piece)] = piece
        self._read += len(piece)
        most = limits()
        if self._packed and self._read > max(_GROWN, most.times * self._packed):
            raise DataError(
                f"{self._label} has {size(self._packed)} and unpacks to more than {size(self._read)}.",
                f"Expected: at most {size(_GROWN)}, or {most.times} times what it has.",
                to_raise("times", 100 * most.times),
            )
        return len(piece)

    def close(self) -> None:
        self._inner.close()
        super().close()


def damaged(label: str, what: str, why: object) -> DataError:
    """The error for a file that is not what it seems to be: "Parquet", "Excel"."""
    reason = str(why).removeprefix("called `Result::unwrap()` on an `Err` value: ")
    return DataError(
        f"{label} is damaged or no {what} file: {' '.join(reason.split())[:200]}.",
        f"Expected: a complete {what} file.",
        "Copy it again, for it may have been cut short, or write it again in the program that made it.",
    )


def empty(label: str) -> DataError:
    """The error for a source of no bytes."""
    return DataError(
        f"{label} is empty.",
        "Expected: a header and at least one row.",
        "Check that the program that wrote it finished.",
    )


class Feed:
    """A file-like object over pieces of bytes that keeps the Python error a Rust reader would swallow.

    A reader that is handed an error goes on to panic or to reword it; so reading ends instead, and whoever
    drives the reader looks at `error` afterwards.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.error: BaseException | None = None
        self.last = b""
        self._pieces, self._piece, self._at = pieces, b"", 0

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes (one piece if negative); b'' at the end or after an error."""
        try:
            while self._at >= len(self._piece):
                self._piece, self._at = next(self._pieces), 0
                self.last = (self.last + self._piece[-8:])[-8:]
        except StopIteration:
            return b""
        except BaseException as error:  # Ctrl-C too: it is raised again by whoever drives the reader
            self.error = error
            return b""
        end = len(self._piece) if size < 0 else self._at + size
        out = self._piece[self._at : end]
        self._at += len(out)
        return out

    def seek(self, offset: int, whence: int = 0) -> int:
        """Asked for by the Rust side when it wraps an object, never used on a stream."""
        raise io.UnsupportedOperation("a stream cannot seek")


def pieces(handle: IO[bytes], size: int = 1 << 20, most: int | None = None) -> Iterator[bytes]:
    """The bytes of a file, or so many of them at least, a piece at a time; it is closed at the end."""
    with handle:
        done = 0
        while (most is None or done < most) and (piece := handle.read(size)):
            yield piece
            done += len(piece)
