"""Where made records go: files of every kind, URLs, database tables and standard output.

Writing takes blocks of columns, needs memory for one of them, and never leaves a half-written file: it
writes beside the target and renames at the end.
"""

from __future__ import annotations

import gzip
import itertools
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from sampan import media, scratch
from sampan.data.databases import database_of, write_database
from sampan.data.disk import told
from sampan.data.folder.writing import write_folder
from sampan.data.formulas import inert_blocks
from sampan.data.stream import Columns, normal
from sampan.data.writers import HOLDS_BYTES, WRITERS, Blocks, Sink, Writer, signed, write
from sampan.errors import RequestError, StoreError
from sampan.media import Medium, media_in, medium_of_ending
from sampan.provenance import Provenance


def write_stream(
    target: str | Path,
    blocks: Iterable[Columns],
    *,
    replace: bool = False,
    rows: int | None = None,
    safe: bool = False,
    provenance: Provenance | None = None,
) -> int:
    """Write blocks of columns to a file, a URL, a database table, a folder or `-` (CSV); return the rows.

    Records with files of a medium (pictures) go to a folder (`write_files`) where the target ends in a slash,
    is a folder or has no ending; Parquet, Arrow and databases hold them too. One record's file goes to a file
    such as new.png, without its other columns.

    The blocks are pulled one by one and must agree in names and types. What was at the target stays as
    it was unless everything was written. replace: whether a table that a database has already may be
    replaced; a file of that name is. rows: how many will come, where that is known. safe: write text cells of
    CSV that a spreadsheet would compute so that it does not (`sampan.data.formulas`). provenance: which model
    made the rows; Parquet and Arrow files say it.
    Raises StoreError, RequestError, or what the blocks raise.
    """
    text = str(target)
    if safe:
        blocks = inert_blocks(text, blocks)
    if text == "-":
        sys.stdout.flush()
        blocks = _without_files(text, blocks)
        return write(WRITERS[".csv"], blocks, sys.stdout.buffer, "standard output")
    database = database_of(text)
    if database is not None:
        plain = ({name: normal(column) for name, column in block.items()} for block in blocks)
        return write_database(database, plain, replace=replace)
    name = PurePosixPath(text.split("?")[0]) if "://" in text else PurePosixPath(Path(text).as_posix())
    packed = name.suffix.lower() == ".gz"
    suffix = (PurePosixPath(name.stem) if packed else name).suffix.lower()
    plain_path = os.path.isfile(text) or os.path.isdir(text)
    if "://" not in text and os.path.exists(text) and not plain_path:  # /dev/stdout, a named pipe
        with told(text), open(text, "wb") as handle:
            return write(WRITERS.get(suffix, WRITERS[".csv"]), blocks, handle, text)
    is_folder = text.endswith(("/", os.sep)) or Path(text).expanduser().is_dir()
    if "://" not in text and (is_folder or not suffix):
        found, blocks = _looked_at(blocks)
        if found:
            return _folder(text, blocks, found)
        if is_folder:
            raise _no_files(text)
    medium = medium_of_ending(suffix)
    if medium is not None and "://" not in text:
        if rows is not None and rows > 1:
            raise _many(text, medium)
        found, blocks = _looked_at(blocks)
        if found:
            return _replace(Path(text).expanduser(), _one_file(text, suffix, found), blocks, packed)
    if suffix in WRITERS and suffix not in HOLDS_BYTES:
        blocks = _without_files(text, blocks)
    if suffix not in WRITERS:
        raise RequestError(
            f"{text} does not say which kind of file to write: {suffix or 'no ending'} is not known.",
            f"Expected: a name that ends in one of {' '.join(WRITERS)} (or .gz after it).",
            f"Type: -o {name.stem or 'new'}.csv",
        )
    if "://" in text:
        return _upload(text, signed(WRITERS[suffix], provenance), blocks, packed)
    return _replace(Path(text).expanduser(), signed(WRITERS[suffix], provenance), blocks, packed)


def write_files(blocks: Iterable[Columns], folder: str | Path) -> int:
    """Write records with files of a medium, such as pictures, to a folder; return how many rows.

    000001.png and so on, metadata.csv with the names (`file_name`) and the other columns, and an overview of
    the first 64 (contact-sheet.png). A folder of such files that were made earlier is replaced, one that
    holds anything else refused. Raises StoreError, RequestError, or what the blocks raise.
    """
    found, blocks = _looked_at(blocks)
    if not found:
        raise _no_files(str(folder))
    return _folder(str(folder), blocks, found)


def _folder(folder: str, blocks: Iterable[Columns], found: Mapping[str, Medium]) -> int:
    path = Path(folder).expanduser()
    with told(str(path)):
        return write_folder(path, blocks, found)


def _one_file(text: str, suffix: str, found: Mapping[str, Medium]) -> Writer:
    """What writes the file of the only record. Raises RequestError where there is more or none."""
    (name, medium), *more = found.items()

    def write_it(blocks: Blocks, sink: Sink) -> None:
        for block in blocks:
            if blocks.rows > 1 or more:
                raise _many(text, medium)
            cell = block[name].to_pylist()[0]
            own = medium.endings.get(suffix, suffix)
            if medium.ending_of(cell) != own:
                raise RequestError(
                    f"{text} was asked for, and the {medium.one} to write is no {own[1:].upper()}.",
                    f"Expected: a name that ends in {medium.ending_of(cell)}.",
                    f"Type: -o {Path(text).with_suffix(medium.ending_of(cell))}",
                )
            sink.write(cell)

    return write_it


def _many(text: str, medium: Medium) -> RequestError:
    return RequestError(
        f"{text} holds one {medium.one}, and there are more to write.",
        "Expected: a folder.",
        "Type: -o new/",
    )


def _no_files(folder: str) -> RequestError:
    path = Path(folder).expanduser()
    kinds = ", ".join(medium.many for medium in media.MEDIA)
    return RequestError(
        f"{folder} is a folder, which {kinds} go to, and the records hold none.",
        "Expected: the name of a file.",
        f"Type: -o {path / 'new' if path.is_dir() else path}.csv",
    )


def _looked_at(blocks: Iterable[Columns]) -> tuple[dict[str, Medium], Iterable[Columns]]:
    """The columns that hold files of a medium, by the first block; and all of the blocks."""
    rest = iter(blocks)
    first = next(rest, None)
    if first is None:
        return {}, []
    return media_in(first), itertools.chain([first], rest)


def _without_files(text: str, blocks: Iterable[Columns]) -> Iterable[Columns]:
    """The blocks. Raises RequestError where they hold files of a medium, which a target of text cannot."""
    found, blocks = _looked_at(blocks)
    if not found:
        return blocks
    place = "standard output" if text == "-" else text
    name, medium = next(iter(found.items()))
    raise RequestError(
        f'{place} cannot hold the {medium.many} in the column "{name}".',
        f"Expected: a folder, or a file that ends in one of {' '.join(sorted(HOLDS_BYTES))}.",
        f"Type: -o {'new' if text == '-' else Path(text).stem}/",
    )


def _replace(path: Path, writer: Writer, blocks: Iterable[Columns], packed: bool) -> int:
    if not path.parent.is_dir():
        raise StoreError(
            f"{path} cannot be written: there is no folder {path.parent}.",
            "Expected: a folder that exists.",
            f"Type: mkdir -p {path.parent}",
        )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with told(str(path)), scratch.unfinished(part):
        with open(part, "wb") as raw:
            rows = _packed(writer, blocks, raw, packed, str(path))
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(part, path)
    return rows


def _packed(
    writer: Writer,
    blocks: Iterable[Columns],
    raw: IO[bytes],
    packed: bool,
    label: str,
) -> int:
    if not packed:
        return write(writer, blocks, raw, label)
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=5, mtime=0) as handle:
        return write(writer, blocks, handle, label)  # type: ignore[arg-type]


def _upload(url: str, writer: Writer, blocks: Iterable[Columns], packed: bool) -> int:
    """Write a scratch file and put it: an object store shows a file only when it is whole."""
    import fsspec

    path = scratch.folder() / f".{os.urandom(8).hex()}.part"
    with scratch.unfinished(path), told(url):
        with open(path, "wb") as raw:
            rows = _packed(writer, blocks, raw, packed, url)
        try:
            system, inner = fsspec.core.url_to_fs(url)
            system.put_file(str(path), inner)
        except OSError:
            raise
        except Exception as error:
            raise StoreError(
                f"{url} could not be written: {error}.",
                "Expected: a URL that can be written to.",
                "Check the URL and that you are signed in, or write to a local file.",
            ) from error
    return rows
