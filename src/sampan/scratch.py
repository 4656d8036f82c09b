"""Scratch: where a user's data lie unpacked while they are worked on; what a killed process left is cleaned.

    with within(folder): ...      scratch of a run lies beside what it makes
    folder()                      this process's own folder, which only its user may open
    with unfinished(path): ...    a file or folder on its way, which is nobody's if the process dies
    with alone(folder): ...       nobody else works in it
    sweep()                       takes away what dead processes left

Every process that writes such things holds a lock on a small file in the user's own cache folder, and the
file lists them. The system lets go of a lock when a process dies, however it dies; so the next start finds
the file, sees that nobody holds it, and takes away what it lists.
"""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sampan.errors import StoreError

try:
    import fcntl
except ImportError:  # Windows: a file that is open there cannot be removed, which says as much as a lock
    fcntl = None

FOLDER = re.compile(r"\.sampan-[0-9a-f]{16}")
"""What a folder of scratch is called."""

OURS = re.compile(rf"{FOLDER.pattern}|\..+\.(part|new|old)")
"""Names that a list may name: whatever stands in it, nothing else is ever taken away."""

_near: contextvars.ContextVar[Path | None] = contextvars.ContextVar("near", default=None)
_lock = threading.RLock()


class _Held:
    """The lock file of this process, and the list in it."""

    def __init__(self, home: Path) -> None:
        self.pid = os.getpid()
        self.paths: list[str] = []
        self.folders: dict[Path, Path] = {}
        self.made: set[Path] = set()  # folders around them that were not there
        while True:
            self.place = home / f"{secrets.token_hex(8)}.lock"
            self.file: IO[str] = open(self.place, "x", encoding="utf-8")  # noqa: SIM115  # held until the end
            if _lock_of(self.file) and self.place.exists():
                break
            self.file.close()  # another process took it for one that was left, between the two calls
        atexit.register(self.end)

    def note(self) -> None:
        """Write the list down."""
        self.file.seek(0)
        self.file.write(json.dumps(self.paths))
        self.file.truncate()
        self.file.flush()

    def end(self) -> None:
        """Take away what this process made, and its lock. A child that a fork made leaves both alone."""
        if self.pid != os.getpid():
            return
        for path in self.paths:
            _remove(Path(path))
        self.file.close()
        self.place.unlink(missing_ok=True)


_held: _Held | None = None


def _homes() -> list[Path]:
    """Where the folder for the lock files may be, the best first."""
    said = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    names = [Path(said) / "sampan"] if said else []
    with contextlib.suppress(RuntimeError):  # a user without a home
        names.append(Path.home() / ".cache" / "sampan")
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return [*names, Path(tempfile.gettempdir()) / f"sampan-{user}"]


def home() -> Path:
    """The folder for the lock files, and for scratch that belongs to no run: the user's alone."""
    for place in _homes():
        with contextlib.suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(place):
                return place
    return Path(tempfile.mkdtemp(prefix="sampan-"))


def _is_own(place: Path) -> bool:
    """Whether a folder is this user's, no link, and can be written; others are kept out of it."""
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or not os.access(place, os.W_OK | os.X_OK):
        return False
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return False
    if found.st_mode & 0o077:
        place.chmod(0o700)
    return True


def _own() -> _Held:
    global _held
    if _held is None or _held.pid != os.getpid():
        sweep()
        _held = _Held(home())
    return _held


@contextlib.contextmanager
def within(place: Path) -> Iterator[None]:
    """For the length of the block scratch lies in this folder, which a run writes into; gone at the end."""
    token = _near.set(place.absolute())
    try:
        yield
    finally:
        _near.reset(token)
        with _lock:
            if _held is not None and _held.pid == os.getpid():
                made = _held.folders.pop(place.absolute(), None)
                if made is not None:
                    _remove(made)
                    _held.paths.remove(str(made))
                    _held.note()
                if place.absolute() in _held.made:
                    with contextlib.suppress(OSError):  # it holds something now
                        place.rmdir()


def folder() -> Path:
    """The scratch folder of this process, where the block `within` says or in the user's cache folder."""
    with _lock:
        own = _own()
        near = _near.get() or _roomy()
        made = own.folders.get(near)
        if made is None or not made.is_dir():
            if not near.exists():
                near.mkdir(parents=True)
                own.made.add(near)
            made = near / f".sampan-{secrets.token_hex(8)}"
            own.paths.append(str(made))
            own.note()  # first the list, then the folder: a kill between the two leaves nothing
            made.mkdir(mode=0o700)
            own.folders[near] = made
        return made


def _roomy() -> Path:
    """Where scratch of no run lies: in TMPDIR where that is set, or in the user's cache folder."""
    said = os.environ.get("TMPDIR")
    return Path(said).absolute() if said and Path(said).is_dir() else home()


def new_file(suffix: str = "") -> Path:
    """A path in the scratch folder that nothing has."""
    return folder() / f"{secrets.token_hex(8)}{suffix}"


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[None]:
    """For the length of the block the file or folder `path` is on its way, and goes if the process dies.

    What is there at the end goes as well: the block gives what is finished its own name. The name must begin
    with a dot and end in .part, .new or .old.
    """
    path = path.absolute()
    assert OURS.fullmatch(path.name), path
    with _lock:
        own = _own()
        own.paths.append(str(path))
        own.note()
    try:
        yield
    finally:
        _remove(path)
        with _lock:
            own.paths.remove(str(path))
            own.note()


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """For the length of the block no other process works in this folder. Raises StoreError where one does."""
    if fcntl is None:
        yield
        return
    opened = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"another process works in {place} now.",
                "A run that nobody is working on is expected.",
                "Wait for it to end, or stop it; then type the same command again.",
            ) from error
        except OSError:
            pass  # a disk that knows no locks
        yield
    finally:
        os.close(opened)


def sweep() -> None:
    """Take away what processes of this user left that are dead. Nothing of one that lives is touched."""
    locks: list[Path] = []
    for place in _homes():
        with contextlib.suppress(OSError):
            if _is_own(place):
                locks += place.glob("*.lock")
    for place in locks:
        if _held is not None and place == _held.place:
            continue
        with contextlib.suppress(OSError, ValueError), open(place, "r+", encoding="utf-8") as file:
            if not _lock_of(file):
                continue
            text = file.read()
            paths = json.loads(text) if text else []
            for path in paths if isinstance(paths, list) else []:
                if isinstance(path, str) and os.path.isabs(path) and OURS.fullmatch(Path(path).name):
                    _remove(Path(path))
            place.unlink(missing_ok=True)


def _lock_of(file: IO[str]) -> bool:
    """Whether nobody else holds the file; if so, we do until it is closed."""
    if fcntl is None:
        return _alone(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


def _alone(file: IO[str]) -> bool:
    """The same on Windows, by a lock on the first byte."""
    import msvcrt

    try:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return True
    except OSError:
        return False


def _remove(path: Path) -> None:
    """Take away a file or a folder; a link goes, and what it leads to stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
