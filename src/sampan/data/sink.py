"""Where made records go: files of every kind, URLs, database tables and standard output.

Writing takes blocks of columns, needs memory for one of them, and never leaves a half-written file: it
writes beside the target and renames at the end.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from arro3.core import RecordBatch, RecordBatchReader
from arro3.io import write_csv, write_ipc, write_ndjson, write_parquet

from sampan import scratch
from sampan.data.databases import database_of, write_database
from sampan.data.files import openpyxl_for
from sampan.data.folder.writing import pictures_in, write_album
from sampan.data.formulas import inert_blocks
from sampan.data.objects import restored
from sampan.data.stream import Columns, as_batch, normal, rows_of
from sampan.errors import RequestError, SampanError, StoreError
from sampan.media.picture import SUFFIXES, suffix_of

_EXCEL_ROWS = 1_048_576
_ROW_GROUP = 1 << 17
"""Rows of a Parquet row group: the writer holds one in memory."""


class _Sink:
    """A file-like target that keeps the error a Rust writer would turn into a panic."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.handle, self.error = handle, None
        self.error: BaseException | None

    def write(self, data: bytes) -> int:
        """Write, or do nothing once something has gone wrong: the blocks then end at once."""
        self._safely(lambda: self.handle.write(data))
        return len(data)

    def flush(self) -> None:
        """Flush likewise."""
        self._safely(self.handle.flush)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Asked for by the Rust side when it wraps an object, never used by the writers here."""
        raise io.UnsupportedOperation("a sink cannot seek")

    def _safely(self, act: Callable[[], object]) -> None:
        if self.error is None:
            try:
                act()
            except BaseException as error:  # Ctrl-C too: raised again when the writer has come back
                self.error = error


class _Blocks:
    """Blocks on their way to a Rust writer, as record batches of one schema, counted."""

    def __init__(self, blocks: Iterable[Columns], sink: _Sink) -> None:
        self.rows, self.sink = 0, sink
        self._rest = iter(blocks)
        self._first = next(self._rest, None)
        if self._first is None:
            raise StoreError(
                "There is nothing to write: no block of rows came.",
                "Expected: at least one block, even of no rows.",
                "Ask for one row or more.",
            )
        self.first = {name: normal(column) for name, column in self._first.items()}

    def __iter__(self) -> Iterator[Columns]:
        """The blocks; they end early, without an error, where sink.error says why."""
        try:
            for block in itertools.chain([self._first or {}], self._rest):
                if self.sink.error is not None:
                    return
                block = {name: normal(column) for name, column in block.items()}
                self.rows += rows_of(block)
                yield block
        except GeneratorExit:
            raise
        except BaseException as error:
            self.sink.error = self.sink.error or error

    def reader(self, nested: bool = False) -> RecordBatchReader:
        """The blocks as an Arrow stream that is pulled; nested: with lists as lists, not as JSON."""
        batch = _restored_batch if nested else as_batch
        return RecordBatchReader.from_batches(batch(self.first).schema, map(batch, self))


def _restored_batch(block: Columns) -> RecordBatch:
    return as_batch({name: restored(column) for name, column in block.items()})


def _csv(delimiter: str) -> Callable[[_Blocks, _Sink], None]:
    return lambda blocks, sink: write_csv(blocks.reader(), sink, header=True, delimiter=delimiter)  # type: ignore[arg-type]


def _parquet(blocks: _Blocks, sink: _Sink) -> None:
    write_parquet(blocks.reader(nested=True), sink, compression="zstd(1)", max_row_group_size=_ROW_GROUP)  # type: ignore[arg-type]


def _ipc(blocks: _Blocks, sink: _Sink) -> None:
    write_ipc(blocks.reader(nested=True), sink)  # type: ignore[arg-type]


def _json_lines(blocks: _Blocks, sink: _Sink) -> None:
    write_ndjson(blocks.reader(nested=True), sink, explicit_nulls=True)  # type: ignore[arg-type]


def _json_array(blocks: _Blocks, sink: _Sink) -> None:
    between = b"[\n"
    for block in blocks:
        lines = io.BytesIO()
        write_ndjson(_restored_batch(block), lines, explicit_nulls=True)
        text = lines.getvalue().rstrip(b"\n").replace(b"}\n{", b"},\n{")
        if text:
            sink.write(between + text)
            between = b",\n"
    sink.write(b"\n]\n" if between == b",\n" else b"[]\n")


def _excel(blocks: _Blocks, sink: _Sink) -> None:
    openpyxl = openpyxl_for("Writing an Excel file")
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("data")

    def cell(value: Any) -> Any:
        match value:
            case str() if value.startswith("="):  # text, not a formula
                kept = WriteOnlyCell(sheet, value)
                kept.data_type = "s"
                return kept
            case bytes():
                return value.hex()
            case float() if value in (float("inf"), float("-inf")):
                return str(value)
            case int() if abs(value) > 2**53:  # a sheet counts in doubles
                return str(value)
            case _:
                return value.isoformat() if getattr(value, "tzinfo", None) else value

    sheet.append([cell(name) for name in blocks.first])
    for block in blocks:
        if blocks.rows >= _EXCEL_ROWS:
            raise RequestError(
                f"An Excel sheet cannot hold {blocks.rows:,} rows.",
                f"Expected: at most {_EXCEL_ROWS - 1:,}.",
                "Write Parquet or CSV instead: give a name that ends in .parquet or .csv.",
            )
        for row in zip(*(column.to_pylist() for column in block.values()), strict=True):
            sheet.append([cell(value) for value in row])
    if sink.error is None:
        book.save(sink.handle)


_HOLDS_BYTES = frozenset((".parquet", ".pq", ".arrow", ".feather", ".ipc"))
"""Endings of files that can hold pictures among other columns."""

_JPEG = {".jpeg": ".jpg", ".jfif": ".jpg", ".jpe": ".jpg", ".tiff": ".tif"}
"""Endings that mean the same as another."""

_WRITERS: dict[str, Callable[[_Blocks, _Sink], None]] = {
    ".csv": _csv(","),
    ".txt": _csv(","),
    ".tsv": _csv("\t"),
    ".tab": _csv("\t"),
    ".parquet": _parquet,
    ".pq": _parquet,
    ".arrow": _ipc,
    ".feather": _ipc,
    ".ipc": _ipc,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json_array,
    ".xlsx": _excel,
}


def write_stream(
    target: str | Path,
    blocks: Iterable[Columns],
    *,
    replace: bool = False,
    rows: int | None = None,
    safe: bool = False,
) -> int:
    """Write blocks of columns to a file, a URL, a database table, a folder or `-` (CSV); return the rows.

    Records with pictures go to a folder (`write_pictures`) where the target ends in a slash, is a folder or
    has no ending; Parquet, Arrow and databases hold them too. One record's picture goes to a file such as
    new.png, without its other columns.

    The blocks are pulled one by one and must agree in names and types. What was at the target stays as
    it was unless everything was written. replace: whether a table that a database has already may be
    replaced; a file of that name is. rows: how many will come, where that is known. safe: write text cells of
    CSV that a spreadsheet would compute so that it does not (`sampan.data.formulas`).
    Raises StoreError, RequestError, or what the blocks raise.
    """
    text = str(target)
    if safe:
        blocks = inert_blocks(text, blocks)
    if text == "-":
        sys.stdout.flush()
        blocks = _without_pictures(text, blocks)
        return _write(_WRITERS[".csv"], blocks, sys.stdout.buffer, "standard output")
    database = database_of(text)
    if database is not None:
        plain = ({name: normal(column) for name, column in block.items()} for block in blocks)
        return write_database(database, plain, replace=replace)
    name = PurePosixPath(text.split("?")[0]) if "://" in text else PurePosixPath(Path(text).as_posix())
    packed = name.suffix.lower() == ".gz"
    suffix = (PurePosixPath(name.stem) if packed else name).suffix.lower()
    special = (
        "://" not in text and os.path.exists(text) and not os.path.isfile(text) and not os.path.isdir(text)
    )
    if special:  # /dev/stdout, a named pipe
        with told(text), open(text, "wb") as handle:
            return _write(_WRITERS.get(suffix, _WRITERS[".csv"]), blocks, handle, text)
    is_folder = text.endswith(("/", os.sep)) or Path(text).expanduser().is_dir()
    if "://" not in text and (is_folder or not suffix):
        pictures, blocks = _looked_at(blocks)
        if pictures:
            return write_pictures(blocks, text)
        if is_folder:
            raise _no_pictures(text)
    if suffix in SUFFIXES and "://" not in text:
        if rows is not None and rows > 1:
            raise _many(text)
        pictures, blocks = _looked_at(blocks)
        if pictures:
            return _replace(Path(text).expanduser(), _one_picture(text, suffix, pictures), blocks, packed)
    if suffix in _WRITERS and suffix not in _HOLDS_BYTES:
        blocks = _without_pictures(text, blocks)
    if suffix not in _WRITERS:
        raise RequestError(
            f"{text} does not say which kind of file to write: {suffix or 'no ending'} is not known.",
            f"Expected: a name that ends in one of {' '.join(_WRITERS)} (or .gz after it).",
            f"Type: -o {name.stem or 'new'}.csv",
        )
    if "://" in text:
        return _upload(text, _WRITERS[suffix], blocks, packed)
    return _replace(Path(text).expanduser(), _WRITERS[suffix], blocks, packed)


def write_pictures(blocks: Iterable[Columns], folder: str | Path) -> int:
    """Write records with pictures to a folder; return how many rows.

    000001.png and so on, metadata.csv with the names (`file_name`) and the other columns, and
    contact-sheet.png, an overview of the first 64. A folder of pictures that were made earlier is replaced,
    one that holds anything else refused. Raises StoreError, RequestError, or what the blocks raise.
    """
    pictures, blocks = _looked_at(blocks)
    if not pictures:
        raise _no_pictures(str(folder))
    path = Path(folder).expanduser()
    with told(str(path)):
        return write_album(path, blocks, pictures)


def _one_picture(text: str, suffix: str, pictures: list[str]) -> Callable[[_Blocks, _Sink], None]:
    """What writes the picture of the only record. Raises RequestError where there is more or none."""

    def write(blocks: _Blocks, sink: _Sink) -> None:
        for block in blocks:
            if blocks.rows > 1 or len(pictures) > 1:
                raise _many(text)
            cell = block[pictures[0]].to_pylist()[0]
            own = _JPEG.get(suffix, suffix)
            if suffix_of(cell) != own:
                raise RequestError(
                    f"{text} was asked for, and the picture to write is no {own[1:].upper()}.",
                    f"Expected: a name that ends in {suffix_of(cell)}.",
                    f"Type: -o {Path(text).with_suffix(suffix_of(cell))}",
                )
            sink.write(cell)

    return write


def _many(text: str) -> RequestError:
    return RequestError(
        f"{text} holds one picture, and there are more to write.",
        "Expected: a folder.",
        "Type: -o new/",
    )


def _no_pictures(folder: str) -> RequestError:
    path = Path(folder).expanduser()
    return RequestError(
        f"{folder} is a folder, which pictures go to, and the records hold none.",
        "Expected: the name of a file.",
        f"Type: -o {path / 'new' if path.is_dir() else path}.csv",
    )


def _looked_at(blocks: Iterable[Columns]) -> tuple[list[str], Iterable[Columns]]:
    """The columns that hold pictures, by the first block; and all of the blocks."""
    rest = iter(blocks)
    first = next(rest, None)
    if first is None:
        return [], []
    return pictures_in(first), itertools.chain([first], rest)


def _without_pictures(text: str, blocks: Iterable[Columns]) -> Iterable[Columns]:
    """The blocks. Raises RequestError where they hold pictures, which a target of text cannot."""
    pictures, blocks = _looked_at(blocks)
    if not pictures:
        return blocks
    place = "standard output" if text == "-" else text
    raise RequestError(
        f'{place} cannot hold the pictures in the column "{pictures[0]}".',
        f"Expected: a folder, or a file that ends in one of {' '.join(sorted(_HOLDS_BYTES))}.",
        f"Type: -o {'new' if text == '-' else Path(text).stem}/",
    )


def _write(
    writer: Callable[[_Blocks, _Sink], None], blocks: Iterable[Columns], handle: IO[bytes], label: str
) -> int:
    sink = _Sink(handle)
    counted = _Blocks(blocks, sink)
    try:
        writer(counted, sink)
    except (SampanError, OSError):
        raise
    except Exception as error:
        if sink.error is None:
            raise StoreError(
                f"{label} could not be written: {error}.",
                "Expected: columns that this kind of file can hold.",
                "Try another kind: Parquet (.parquet) holds every type.",
            ) from error
    sink.flush()
    if sink.error is not None:
        raise sink.error
    return counted.rows


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


def _replace(
    path: Path, writer: Callable[[_Blocks, _Sink], None], blocks: Iterable[Columns], packed: bool
) -> int:
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
    writer: Callable[[_Blocks, _Sink], None],
    blocks: Iterable[Columns],
    raw: IO[bytes],
    packed: bool,
    label: str,
) -> int:
    if not packed:
        return _write(writer, blocks, raw, label)
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=5, mtime=0) as handle:
        return _write(writer, blocks, handle, label)  # type: ignore[arg-type]


def _upload(
    url: str, writer: Callable[[_Blocks, _Sink], None], blocks: Iterable[Columns], packed: bool
) -> int:
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
