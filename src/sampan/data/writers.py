"""Writers: blocks of records as the bytes of a file of each kind, by one block of memory."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from arro3.core import RecordBatch, RecordBatchReader
from arro3.io import write_csv, write_ipc, write_ndjson, write_parquet

from sampan.data.objects import restored
from sampan.data.stream import Columns, as_batch, normal, rows_of, saying
from sampan.errors import MissingExtra, RequestError, SampanError, StoreError
from sampan.provenance import Provenance

_EXCEL_ROWS = 1_048_576
_ROW_GROUP = 1 << 17
"""Rows of a Parquet row group: the writer holds one in memory."""


class Sink:
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


class Blocks:
    """Blocks on their way to a Rust writer, as record batches of one schema, counted."""

    def __init__(self, blocks: Iterable[Columns], sink: Sink) -> None:
        self.rows, self.sink = 0, sink
        self.provenance: Provenance | None = None
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
        plain = _restored_batch if nested else as_batch
        schema = saying(plain(self.first).schema, self.provenance)
        return RecordBatchReader.from_batches(schema, (plain(block).with_schema(schema) for block in self))


def _restored_batch(block: Columns) -> RecordBatch:
    return as_batch({name: restored(column) for name, column in block.items()})


def _csv(delimiter: str) -> Writer:
    return lambda blocks, sink: write_csv(blocks.reader(), sink, header=True, delimiter=delimiter)  # type: ignore[arg-type]


def _parquet(blocks: Blocks, sink: Sink) -> None:
    write_parquet(blocks.reader(nested=True), sink, compression="zstd(1)", max_row_group_size=_ROW_GROUP)  # type: ignore[arg-type]


def _ipc(blocks: Blocks, sink: Sink) -> None:
    write_ipc(blocks.reader(nested=True), sink)  # type: ignore[arg-type]


def _json_lines(blocks: Blocks, sink: Sink) -> None:
    write_ndjson(blocks.reader(nested=True), sink, explicit_nulls=True)  # type: ignore[arg-type]


def _json_array(blocks: Blocks, sink: Sink) -> None:
    between = b"[\n"
    for block in blocks:
        lines = io.BytesIO()
        write_ndjson(_restored_batch(block), lines, explicit_nulls=True)
        text = lines.getvalue().rstrip(b"\n").replace(b"}\n{", b"},\n{")
        if text:
            sink.write(between + text)
            between = b",\n"
    sink.write(b"\n]\n" if between == b",\n" else b"[]\n")


def _excel(blocks: Blocks, sink: Sink) -> None:
    openpyxl = MissingExtra.module("openpyxl", "excel", "Writing an Excel file")
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


HOLDS_BYTES = frozenset((".parquet", ".pq", ".arrow", ".feather", ".ipc"))
"""Endings of files that can hold files of a medium among other columns."""


Writer = Callable[[Blocks, Sink], None]

WRITERS: dict[str, Writer] = {
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


def signed(writer: Writer, provenance: Provenance | None) -> Writer:
    """A writer whose files say which model made their rows, where files of their kind have room for it."""
    if provenance is None:
        return writer

    def write_it(blocks: Blocks, sink: Sink) -> None:
        blocks.provenance = provenance
        writer(blocks, sink)

    return write_it


def write(writer: Writer, blocks: Iterable[Columns], handle: IO[bytes], label: str) -> int:
    """Write the blocks to a handle; return the rows. Raises StoreError, or what the blocks raise."""
    sink = Sink(handle)
    counted = Blocks(blocks, sink)
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
