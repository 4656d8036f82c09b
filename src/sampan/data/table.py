"""A Table: whatever holds records, read; and new rows in the kind of frame that the records came in.

A Table is named Arrow columns. Text files stay text here: what a column means is for the schema to say.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType
from arro3.core import Field as ArrowField
from arro3.core import Schema as ArrowSchema
from arro3.core import Table as ArrowTable
from arro3.io import read_ipc_stream, write_ipc_stream

from sampan.column import join
from sampan.data.databases import database_of, open_database
from sampan.data.files import open_file
from sampan.data.folder.archive import unzipped
from sampan.data.folder.reading import open_folder, open_one
from sampan.data.frames import open_frame, recalled, to_frame, with_index, with_provenance
from sampan.data.heading import header_rows
from sampan.data.origin import Reading, find
from sampan.data.stream import BLOCK, Columns, Stream, as_table, part, rows_of
from sampan.data.totals import without_totals
from sampan.errors import DataError
from sampan.provenance import Provenance

MOST_ROWS = 5_000_000
"""Rows kept of a larger table: more than a model of a table can look at in an hour of two cores."""

MOST_BYTES = 1 << 30
"""Bytes kept of a larger table: a fit holds them, their symbols and a copy while joining, so about 3 GB."""

CONTAINERS = frozenset((".xlsx", ".xlsm", ".zip"))
"""Endings of files that hold several tables, beside those of databases."""


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of equal length, and where they came from.

    native: the kind of frame that came in, and that new rows should come back as. rows_seen: rows in the
    source, of which this may be a sample. notes: what was assumed, in plain words.
    provenance: which model made the rows, where they say so.
    dtypes, index: what `to_native` needs to give the same dtypes and the same pandas index back; of no
    meaning elsewhere.
    """

    columns: Columns
    name: str
    native: str
    rows_seen: int
    notes: tuple[str, ...] = ()
    dtypes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    index: Any = field(default=None, repr=False)
    provenance: Provenance | None = None

    def __len__(self) -> int:
        return rows_of(self.columns)

    def take(self, index: np.ndarray) -> Table:
        """The rows of an index, or those where a mask is True."""
        rows = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        chosen = Array.from_numpy(np.ascontiguousarray(rows))
        called = None if self.index is None else self.index.take(rows)
        columns = {name: compute.take(c, chosen) for name, c in self.columns.items()}
        return replace(self, columns=columns, index=called)

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle` and `copy`: Arrow's own stream of bytes, for what cannot be pickled otherwise."""
        fields = [ArrowField(name, kind) for name, kind in self.dtypes.items() if isinstance(kind, DataType)]
        kinds = ArrowTable.from_batches([], schema=ArrowSchema(fields))
        others = {name: kind for name, kind in self.dtypes.items() if not isinstance(kind, DataType)}
        rest = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        rest |= {"columns": {}, "dtypes": others}
        return _restored, (_to_ipc(as_table(self.columns)), _to_ipc(kinds), rest)

    def head(self, count: int = 5) -> Table:
        """The first rows."""
        index = None if self.index is None else self.index[:count]
        return replace(self, columns=part(self.columns, 0, min(count, len(self))), index=index)


def _to_ipc(table: ArrowTable) -> bytes:
    file = io.BytesIO()
    write_ipc_stream(table, file)
    return file.getvalue()


def _restored(content: bytes, kinds: bytes, rest: Mapping[str, Any]) -> Table:
    """What `Table.__reduce__` took apart."""
    table = read_ipc_stream(io.BytesIO(content)).read_all()
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    dtypes = {field.name: field.type for field in read_ipc_stream(io.BytesIO(kinds)).schema}
    return Table(**{**rest, "columns": columns, "dtypes": {**rest["dtypes"], **dtypes}})


def read(
    source: Any,
    *,
    name_hint: str | None = None,
    table: str | None = None,
    max_rows: int | None = None,
    seed: int = 0,
    on_rows: Callable[[int], None] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header: int | str | tuple[int, int] | None = None,
    keep_totals: bool | None = None,
) -> Table:
    """Read a table from a frame, a dict of arrays, a path, a URL, a database, `-`, or files of a medium.

    Such files (pictures) are a folder of them, zipped or not, or a single one (`sampan.data.folder.reading`).
    table, sheet: which table of a database, sheet of a workbook or file of an archive. header: the row that
    names the columns where another is found, 0 where none does, "4-5" where two do. keep_totals: whether rows
    of totals and notes below a table stay; of files they are left out unless that is said. max_rows: keep a
    uniform random sample of so many rows, drawn with `seed` while streaming; unless given, as many as
    MOST_ROWS and MOST_BYTES allow. on_rows: called with the number of rows read so far. encoding, delimiter:
    of a text file, instead of finding them out. Raises DataError.
    """
    how = Reading(sheet or table, header_rows(header), encoding, delimiter)
    stream, name, native, dtypes = _open(source, how)
    if max_rows is not None and max_rows < 1:
        raise DataError(f"max_rows is {max_rows}.", "Expected: one row or more.", "Leave it out to read all.")
    columns, seen = _gather(stream, max_rows, seed, on_rows)
    if not columns:
        raise DataError(
            f"{_told(source)} has {len(stream.names)} columns but no rows.",
            "Expected: a header and at least one row.",
            "Check that the program or query that made it found any rows.",
        )
    held = rows_of(columns)
    notes = list(stream.notes)
    is_frame = not isinstance(source, str | Path)
    index = stream.index if seen == held else None
    if keep_totals is False or (keep_totals is None and not is_frame):
        columns, told = without_totals(columns, blanks=not is_frame)
        notes += told
    if seen > held:
        notes.append(f"a random sample of {held:,} of its {seen:,} rows is used (seed {seed})")
    return Table(
        columns,
        name_hint or name,
        native,
        seen,
        tuple(notes),
        dtypes,
        index if rows_of(columns) == held else None,
        stream.provenance,
    )


def batches(
    source: Any,
    size: int = BLOCK,
    *,
    table: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | str | tuple[int, int] | None = None,
) -> Iterator[Columns]:
    """Blocks of `size` rows (the last may be shorter) of anything that `read` takes, in constant memory.

    Rows of totals stay, because only a whole table tells them.
    """
    stream, _, _, _ = _open(source, Reading(table, header_rows(header), encoding, delimiter))
    held: list[Columns] = []
    count = 0
    for block in stream.blocks:
        held.append(block)
        count += rows_of(block)
        if count < size:
            continue
        whole = _joined(held)
        cut = count - count % size
        for start in range(0, cut, size):
            yield part(whole, start, size)
        held, count = [part(whole, cut, count - cut)] if count > cut else [], count - cut
    if count:
        yield _joined(held)


def holds_tables(source: str | Path) -> bool:
    """Whether a source is of a kind that holds several tables: a workbook, a database, a zip file."""
    text = str(source)
    suffix = Path(text.split("?")[0].split("#")[0]).suffix.lower()
    return database_of(text) is not None or suffix in CONTAINERS


def empty_table(kept: Mapping[str, Any] | None, name: str) -> Table | None:
    """A table without rows or columns of the kind of frame that was kept; None of a file, or none.

    kept: see `sampan.data.frames.kept`.
    """
    kind = recalled(kept)
    return None if kind is None else Table({}, name, kind[0], 0, dtypes=kind[1])


def provenance_of(source: str | Path) -> Provenance | None:
    """Which model made the rows of a file, as far as the file says; no row is read. Raises DataError."""
    return _open(source, Reading())[0].provenance


def to_native(columns: Columns, like: Table, provenance: Provenance | None = None) -> Any:
    """The columns as a frame of the kind that `like` was read from, in its dtypes.

    provenance: which model made them; pandas and Arrow frames have room for it (see `sampan.provenance`).

    What came from a file comes back as pandas if that is installed, else Polars, else an Arrow table,
    with text that is all numbers as numbers. Where there are as many rows as in `like`, they keep its index.
    """
    frame = to_frame(columns, like.native, like.dtypes)
    frame = frame if like.index is None else with_index(frame, like.index)
    return frame if provenance is None else with_provenance(frame, provenance)


def _open(source: Any, how: Reading) -> tuple[Stream, str, str, Mapping[str, Any]]:
    """The Stream of a source, its name, its native kind and what to remember of its dtypes."""
    if isinstance(source, Table):
        stream = Stream(
            tuple(source.columns),
            iter([source.columns] if len(source) else []),
            list(source.notes),
            source.index,
            source.provenance,
        )
        return stream, source.name, source.native, source.dtypes
    if isinstance(source, str | Path):
        text = str(source)
        database = database_of(text) if "://" in text else None
        if database is not None:
            stream = open_database(database, how.table)
            named = how.table or database.table or (database.path.stem if database.path else "data")
            return stream, named, "file", {}
        folder = _place(text)
        if "://" not in text and text != "-":
            inside = folder if folder.is_dir() else unzipped(folder, how.encoding)
            if inside is not None:
                files = open_folder(inside, how.encoding, how.delimiter)
            else:
                files = open_one(folder)
            if files is not None:
                named = folder.resolve() if folder.is_dir() else folder
                return files, named.stem if inside not in (None, folder) else named.name, "file", {}
        origin = find(source)
        return open_file(origin, how), how.table or origin.name, "file", {}
    opened = open_frame(source)
    if opened is None:
        raise DataError(
            f"{_told(source)} is no table.",
            "Expected: a pandas, Polars or Arrow frame, a dict of arrays, a path or a URL.",
            _way_to_a_frame(source),
        )
    stream, native, dtypes = opened
    return stream, "data", native, dtypes


def _place(text: str) -> Path:
    """The path that a text is. Raises DataError for one that the system cannot look for."""
    try:
        place = Path(text).expanduser()
        place.is_dir()
        return place
    except (OSError, RuntimeError) as error:  # too long; no home of that user
        raise DataError(
            f"{text[:100]}{'…' * (len(text) > 100)} cannot be looked for: "
            f"{getattr(error, 'strerror', None) or error}.",
            "Expected: the path of a file, a folder, a URL or a database.",
            "Check its name.",
        ) from error


def _way_to_a_frame(source: Any) -> str:
    """What to type so that something becomes a table."""
    if hasattr(source, "to_frame"):
        return "A single column becomes a table with .to_frame()."
    if isinstance(source, list | np.ndarray):
        return "Try pandas.DataFrame(...) around it."
    return 'Try sampan.fit(pandas.DataFrame(...)) or sampan.fit("records.csv").'


def _told(source: Any) -> str:
    return str(source) if isinstance(source, str | Path) else f"This {type(source).__name__}"


def _joined(blocks: list[Columns]) -> Columns:
    return {name: join([block[name] for block in blocks]) for name in blocks[0]}


def _gather(
    stream: Stream, max_rows: int | None, seed: int, on_rows: Callable[[int], None] | None
) -> tuple[Columns, int]:
    """All rows of a stream, or a uniform sample of them, in their order; and how many there were.

    Every row draws a number; the `most` rows with the smallest numbers are a uniform sample, whatever the
    blocks. Rows above the current `most`-th smallest can never come back, so they are let go at once.
    """
    rng = np.random.default_rng(seed)
    held: list[tuple[Columns, np.ndarray]] = []
    seen, kept, limit, most = 0, 0, 1.0, max_rows
    bytes_held = 0
    for block in stream.blocks:
        count = rows_of(block)
        if not count:
            continue
        if most is None:
            per_row = max(1.0, sum(column.nbytes for column in block.values()) / count)
            most = max(1, min(MOST_ROWS, int(MOST_BYTES / per_row)))
        seen += count
        draws = rng.random(count)
        chosen = draws < limit
        if chosen.all():
            held.append((block, draws))
        elif chosen.any():
            held.append((_rows(block, chosen), draws[chosen]))
        kept += int(chosen.sum())
        bytes_held += sum(column.nbytes for column in block.values()) * int(chosen.sum()) // count
        if max_rows is None and bytes_held > 1.25 * MOST_BYTES:  # later rows are larger than the first
            most = max(1, min(most, int(kept * MOST_BYTES / bytes_held)))
            held, limit = _smallest(held, most)
            kept = sum(len(draws) for _, draws in held)
            bytes_held = sum(column.nbytes for block, _ in held for column in block.values())
        if kept > 1.25 * most:
            held, limit = _smallest(held, most)
            kept = most
        if on_rows is not None:
            on_rows(seen)
    if most is not None and kept > most:
        held, _ = _smallest(held, most)
    if not held:
        return {}, seen
    blocks = [dict(block) for block, _ in held]
    held.clear()  # so that each column's pieces are let go as soon as they are joined
    return {name: join([block.pop(name) for block in blocks]) for name in tuple(blocks[0])}, seen


def _rows(block: Columns, chosen: np.ndarray) -> Columns:
    mask = Array.from_numpy(chosen)
    return {name: compute.filter(column, mask) for name, column in block.items()}


def _smallest(
    held: list[tuple[Columns, np.ndarray]], most: int
) -> tuple[list[tuple[Columns, np.ndarray]], float]:
    """The rows with the `most` smallest draws, and the largest draw among them (ties: none in practice)."""
    draws = np.concatenate([numbers for _, numbers in held])
    limit = float(np.partition(draws, most - 1)[most - 1])
    out = []
    for block, numbers in held:
        chosen = numbers <= limit
        if chosen.any():
            out.append((block if chosen.all() else _rows(block, chosen), numbers[chosen]))
    return out, limit
