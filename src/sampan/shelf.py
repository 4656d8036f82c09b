"""A model folder as files: written and read as one, whatever else happens to it meanwhile.

The new files are written beside the old ones first. Then the manifest is replaced, which is the one moment
of change: from there on a reader takes each file under whichever name has the manifest's checksum. Last, the
new files take their names. A kill at any point, a full disk, another saver and any number of readers leave
and see the old model or the new. All of it happens inside the folder, so a link to it, a shell that stands in
it and a folder that is a mount point stay what they are.

Attachments are what belongs to this very model and is not it: a signature, an adapter, the card of a parent.
Each is a file `attached.NAME`, named in the manifest with its checksum. The digest of a model is of its own
three files alone, so that a signature of the digest may be attached to what it signs. They go with the model:
a new one that is saved there has none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sampan.checked import Record, Table, Text, Wrong, json_of, open_file, short
from sampan.errors import RequestError, StoreError, nearest

FILES = ("model.json", "columns.safetensors", "weights.safetensors")
MANIFEST = "manifest.json"

PATIENCE = 60.0
"""Seconds that a saver waits for another one: saving takes a second at most, but of the largest models."""

READING = 10.0
"""Seconds that a reader tries again, while somebody saves."""

ATTACHMENTS = "attachments"
"""The manifest's word for them."""

MOST_ATTACHMENTS, LARGEST_ATTACHMENT = 64, 1 << 30
"""How many a model may have, and the bytes of one."""

_SUMS = Record({name: Text(64) for name in FILES}, {ATTACHMENTS: Table(Text(64))})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MOST = {
    MANIFEST: 1 << 16,
    "model.json": 1 << 26,
    "columns.safetensors": 1 << 35,
    "weights.safetensors": 1 << 40,
}
T = TypeVar("T")


class Torn(Exception):
    """The files do not belong together: damaged, or being replaced at this very moment."""


# --- writing
def put(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the three files as a model; an older one there is replaced. Raises StoreError."""
    sums = sums_of(contents)
    refuse(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder) as alone:
            if not alone:
                raise StoreError(
                    f"somebody else has been saving into {folder} for {PATIENCE:.0f} seconds.",
                    "One saver at a time is expected; the model there is as it was.",
                    "End the other program, or choose another folder with -o.",
                )
            refuse(folder)  # again: nobody else comes between from here on
            _settle(folder)
            older = attachments(folder) if is_model(folder) else {}
            _change(folder, {**contents, MANIFEST: json.dumps(sums).encode()})
            for name in older:
                _attached(folder, name).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"the model could not be written to {folder} ({error.strerror or error}).",
            f"About {sum(map(len, contents.values())) / 1e6:.0f} MB of room in a folder you may write is "
            "expected.",
            "Free some space, or choose another folder with -o.",
        ) from error


def _change(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put files under their names, among them the manifest, whose replacement is the one moment of change."""
    try:
        for name, content in contents.items():
            _write(folder / _fresh(name), content)
    except BaseException:
        for name in contents:
            (folder / _fresh(name)).unlink(missing_ok=True)
        raise
    _replace(folder / _fresh(MANIFEST), folder / MANIFEST)
    _settle(folder)


# --- attachments
def attach(folder: Path, name: str, content: bytes, *, replace: bool = False) -> None:
    """`sampan.store.attach`, of a folder that is a model's."""
    if not isinstance(content, bytes):
        raise RequestError(
            f"the attachment {short(name)} is a {type(content).__name__}.",
            "Bytes are expected.",
            "For example: text.encode()",
        )
    if not isinstance(name, str) or not _NAME.fullmatch(name) or ".." in name:
        raise RequestError(
            f"an attachment cannot be called {short(name)}.",
            "Up to 64 small letters, digits, dots, hyphens and underscores are expected.",
            "For example: signature.json",
        )
    if len(content) > LARGEST_ATTACHMENT:
        raise RequestError(
            f"the attachment {name} holds {len(content):,} bytes.",
            f"At most {LARGEST_ATTACHMENT:,} are expected.",
            "Keep it elsewhere, and attach its checksum.",
        )
    with _alone(folder) as alone:
        if not alone or not is_model(folder):
            raise StoreError(
                f"nothing can be attached in {folder}"
                + (
                    ": it holds no model."
                    if alone
                    else f": somebody has been saving there for {PATIENCE:.0f} seconds."
                ),
                "A model folder that nobody else is writing to is expected.",
                "Save the model there first.",
            )
        _settle(folder)
        sums = _sums(folder)
        named: dict[str, str] = dict(sums.get(ATTACHMENTS, {}))
        if name in named and not replace:
            raise StoreError(
                f"{folder} has an attachment {name} already.",
                "A name that is free is expected, or the wish to replace it.",
                "Choose another name, or say replace=True.",
            )
        if len(named) >= MOST_ATTACHMENTS and name not in named:
            raise StoreError(
                f"{folder} has {len(named)} attachments already.",
                f"At most {MOST_ATTACHMENTS} are expected.",
                "Replace one of them.",
            )
        named[name] = hashlib.sha256(content).hexdigest()
        manifest = json.dumps({**sums, ATTACHMENTS: named}).encode()
        try:
            _change(folder, {_attached(folder, name).name: content, MANIFEST: manifest})
        except OSError as error:
            raise StoreError(
                f"{name} could not be attached in {folder} ({error.strerror or error}).",
                f"About {len(content) / 1e6:.0f} MB of room in a folder you may write is expected.",
                "Free some space; the model is as it was.",
            ) from error


def attachments(folder: Path) -> dict[str, str]:
    """The attachments of a model: name -> SHA-256 of the content. Raises OSError and Wrong for no model."""
    return dict(_sums(folder).get(ATTACHMENTS, {}))


def _attached(folder: Path, name: str) -> Path:
    """Where an attachment lies."""
    return folder / f"attached.{name}"


def sums_of(contents: Mapping[str, bytes]) -> dict[str, str]:
    """The checksums of a model's three files: name -> SHA-256 in hexadecimal."""
    return {name: hashlib.sha256(contents[name]).hexdigest() for name in FILES}


def refuse(folder: Path) -> None:
    """Raises StoreError where no model may be saved: a file, or a folder that holds anything but a model."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(
            f"{folder} is a file.",
            "A folder to write the model into is expected.",
            "Choose another name with -o.",
        )
    cut_short = {_fresh(name) for name in (*FILES, MANIFEST)} | {_LOCK}  # of a first save that was killed
    # what is there is asked first: another saver may make it a model meanwhile
    if folder.is_dir() and {one.name for one in folder.iterdir()} - cut_short and not is_model(folder):
        raise StoreError(
            f"{folder} holds files that are no Sampan model.",
            "A new or empty folder, or an older model to replace, is expected.",
            "Choose another folder with -o; nothing was overwritten.",
        )


def is_model(folder: Path) -> bool:
    """Whether a folder holds a model: its manifest names a model's files and nothing else."""
    try:
        _sums(folder)
    except (OSError, Wrong):
        return False
    return True


def _sums(folder: Path) -> dict[str, Any]:
    """The checksums in the manifest, those of attachments under `ATTACHMENTS`. Raises OSError and Wrong."""
    with open_file(folder / MANIFEST, _MOST[MANIFEST]) as file:
        sums = _SUMS.check(json_of(file.read(), MANIFEST), MANIFEST)
    named = sums.get(ATTACHMENTS, {})
    if len(named) > MOST_ATTACHMENTS:
        raise Wrong(
            f"{MANIFEST} names {len(named):,} attachments, and at most {MOST_ATTACHMENTS} are expected"
        )
    for name in named:
        if not _NAME.fullmatch(name) or ".." in name:
            raise Wrong(f"{MANIFEST} names an attachment {short(name)}, which none can be called")
    return sums


def _fresh(name: str) -> str:
    """What a file is called until it takes the place of the older one."""
    return f".{name}.new"


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)  # never through a link that somebody left there
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave a manifest whose files never reached the disk


def _replace(fresh: Path, path: Path) -> None:
    """Give a file its name. Windows refuses while somebody reads the older one: tried again for a while."""
    until = time.monotonic() + READING
    while True:
        try:
            os.replace(fresh, path)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _settle(folder: Path) -> None:
    """Give the files that the manifest means their names, also those of a save that was killed half-way."""
    if not is_model(folder):
        return
    for name, expected in _files(folder, _sums(folder)).items():
        fresh = folder / _fresh(name)
        if fresh.is_file() and not fresh.is_symlink() and _sum_of(fresh) == expected:
            _replace(fresh, folder / name)


def _files(folder: Path, sums: Mapping[str, Any]) -> dict[str, str]:
    """Every file that a manifest names, with its checksum."""
    own = {name: sums[name] for name in FILES}
    return own | {_attached(folder, name).name: one for name, one in sums.get(ATTACHMENTS, {}).items()}


def _sum_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- one saver at a time
_LOCK = ".saving"


@contextlib.contextmanager
def _alone(folder: Path, patience: float = PATIENCE) -> Iterator[bool]:
    """Whether nobody saves into the folder until this ends; waits for whoever does, but not for ever.

    The lock goes with the process that holds it, so a kill leaves none. Where a file system knows no locks,
    savers are on their own, as if alone.
    """
    if sys.platform == "win32":  # there a folder has no lock, so a file has
        import msvcrt

        file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)

        def take() -> None:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    else:
        import fcntl

        file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)

        def take() -> None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    try:
        yield _taken(take, patience)
    finally:
        os.close(file)
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                (folder / _LOCK).unlink()


def _taken(take: Callable[[], None], patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            take()
            return True
        except (BlockingIOError, PermissionError):  # the latter on Windows
            if time.monotonic() > until:
                return False
            time.sleep(0.002)
        except OSError:
            return True


# --- reading
class Shelf:
    """The files of a model, open for reading, each checked against the manifest when it is read."""

    def __init__(self, folder: Path, digest: str | None = None) -> None:
        """Raises Torn for a folder without a manifest, StoreError for one of another digest."""
        if digest is not None and not isinstance(digest, str):
            raise RequestError(
                f"the digest is a {type(digest).__name__}.",
                "Text is expected, as `sampan show` prints it.",
                'For example: digest="sha256:..."',
            )
        self.folder = folder
        try:
            self._sums = _sums(folder)
        except (OSError, Wrong) as error:
            raise Torn(str(error)) from error
        self.digest = digest_of(self._sums)
        if digest is not None and digest != self.digest:
            raise StoreError(
                f"{folder} holds another model than was asked for: its digest is {self.digest}.",
                f"The model of the digest {short(digest)} is expected.",
                "Get that model again from where the digest came from, or leave the digest out.",
            )

    def attachment(self, name: str) -> bytes:
        """The content of an attachment. Raises StoreError where there is none, Torn for a damaged one."""
        named = self._sums.get(ATTACHMENTS, {})
        if not isinstance(name, str) or name not in named:
            raise StoreError(
                f"{self.folder} has no attachment {short(name)}.",
                f"It has: {', '.join(named) or 'none'}.{nearest(str(name), named)}",
                "Use one of these names.",
            )
        return self.read(_attached(self.folder, name).name)

    def read(self, name: str, look: Callable[[BinaryIO], None] = lambda file: None) -> bytes:
        """The bytes of a file of the right checksum; `look` may refuse it by its beginning. Raises Torn."""
        told, expected = "", _files(self.folder, self._sums)[name]
        for path in (self.folder / name, self.folder / _fresh(name)):  # the latter where a save was killed
            try:
                with open_file(path, _MOST.get(name, LARGEST_ATTACHMENT)) as file:
                    look(file)
                    data = file.read()
            except FileNotFoundError:
                told = told or f"{name} is not there"
                continue
            except (OSError, Wrong) as error:
                told = told or str(error)
                continue
            if hashlib.sha256(data).hexdigest() == expected:
                return data
            told = f"the checksum of {name} is not that of the manifest"
        raise Torn(told)


def digest_of(sums: Mapping[str, Any]) -> str:
    """The digest of a model: of the checksums of its own three files.

    >>> digest_of({name: "0" * 64 for name in FILES})[:21]
    'sha256:6894852cc0743f'
    """
    whole = "".join(f"{name} {sums[name]}\n" for name in sorted(FILES))
    return f"sha256:{hashlib.sha256(whole.encode()).hexdigest()}"


def together(folder: Path, read: Callable[[], T]) -> T:
    """What `read` finds, tried again while somebody saves. Raises Torn where nobody does."""
    until = time.monotonic() + READING
    while True:
        try:
            return read()
        except Torn:
            if time.monotonic() > until:
                raise
        try:
            with _alone(folder, 0.0) as alone:
                if alone:
                    return read()
        except OSError:  # a folder that this reader cannot lock
            return read()
        time.sleep(0.005)
