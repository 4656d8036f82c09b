"""The user's own frames, read: pandas, Polars, pyarrow, dicts of vectors, any Arrow stream.

pandas is read column by column without pyarrow, which need not be installed. What a frame was is
remembered as an opaque mapping, so that new rows come back in the same dtypes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from arro3.core import Array, DataType, RecordBatchReader
from arro3.core import Table as ArrowTable

from sampan.column import Column, from_numpy
from sampan.data.frames.cells import cells_of, is_nothing, of_cells
from sampan.data.frames.pandas import of_pandas, of_series, ordered_as
from sampan.data.stream import Columns, Stream, normal, of_arrow, said_of, told_normal, unique_names
from sampan.errors import DataError
from sampan.media import files_of_array
from sampan.provenance import KEY, read_provenance


def open_frame(frame: Any) -> tuple[Stream, str, Mapping[str, Any]] | None:
    """The Stream of a frame, its native kind and what to remember of it; None where it is no frame."""
    home = type(frame).__module__.split(".")[0]
    if home == "polars" and hasattr(frame, "collect"):
        frame = frame.collect()
    if home == "pandas" and hasattr(frame, "columns"):
        return of_pandas(frame)
    if isinstance(frame, Mapping):
        return _of_mapping(frame)
    if home == "polars" and hasattr(frame, "columns"):
        return _of_polars(frame)
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return _of_arrow(frame, "pyarrow" if home == "pyarrow" else "arrow")
    return None


def _of_arrow(frame: Any, native: str) -> tuple[Stream, str, Mapping[str, Any]]:
    try:
        if hasattr(frame, "__arrow_c_stream__"):
            reader = RecordBatchReader.from_arrow(frame)
        else:
            reader = RecordBatchReader.from_arrow(ArrowTable.from_arrow(frame))
        schema = reader.schema
    except Exception as error:
        raise _unusable(frame, error) from error
    names, notes = unique_names(schema.names)
    kinds = list(frame.schema.types) if hasattr(getattr(frame, "schema", None), "types") else schema.types
    blocks = of_arrow(reader, names, notes, lambda error: _unusable(frame, error))
    scales = _scales(frame, names)
    if scales:
        blocks = (
            block | {name: ordered_as(block[name], scales[name]) for name in scales} for block in blocks
        )
    stream = Stream(names, blocks, notes, provenance=read_provenance(said_of(schema).get(KEY)))
    return stream, native, dict(zip(names, kinds, strict=True))


def _scales(frame: Any, names: Sequence[str]) -> dict[str, Column]:
    """The values of a pyarrow table's ordered dictionaries, in their order."""
    kinds = getattr(getattr(frame, "schema", None), "types", ())
    found: dict[str, Column] = {}
    for name, kind, place in zip(names, kinds, range(len(names)), strict=False):
        if getattr(kind, "ordered", False) and hasattr(frame, "column"):
            column = frame.column(place)
            whole = column.unify_dictionaries() if hasattr(column, "unify_dictionaries") else column
            chunk = whole.chunk(0) if hasattr(whole, "chunk") and whole.num_chunks else whole
            if hasattr(chunk, "dictionary"):
                found[name] = normal(Array.from_arrow(chunk.dictionary))
    return found


def _unusable(frame: Any, error: BaseException) -> DataError:
    return DataError(
        f"This {type(frame).__name__} cannot be taken as a table: {error}.",
        "Expected: named columns of equal length, of types that Arrow has.",
        "Convert the column that the message names, or leave it out.",
    )


def _of_polars(frame: Any) -> tuple[Stream, str, Mapping[str, Any]]:
    import polars

    kinds = dict(frame.schema)
    # Arrow's all-null columns cannot be handed over by the C interface's older readers
    hollow = [name for name, kind in kinds.items() if kind == polars.Null]
    boxed = [name for name, kind in kinds.items() if kind == polars.Object]
    plain = frame.with_columns(
        *(polars.lit(None, polars.String).alias(name) for name in boxed),
        *(polars.col(name).cast(polars.String) for name in hollow),
    )
    stream, _, _ = _of_arrow(plain.rechunk() if hollow or boxed else frame, "polars")
    if boxed:
        block = next(stream.blocks, {})
        for name, called in zip(kinds, stream.names, strict=True):
            if name in boxed:
                cells = cells_of(frame[name].to_list())
                gone = np.array([is_nothing(cell) for cell in cells], dtype=bool)
                block[called], said = of_cells(cells, gone)
                stream.notes.extend([said.format(f'"{called}"')] if said else [])
        stream = Stream(stream.names, iter([block]), stream.notes)
    return stream, "polars", dict(zip(stream.names, kinds.values(), strict=True))


def _of_mapping(frame: Mapping[Any, Any]) -> tuple[Stream, str, Mapping[str, Any]]:
    names, notes = unique_names(frame)
    block: Columns = {}
    for name, values in zip(names, frame.values(), strict=True):
        try:
            block[name], said = _of_vector(values)
            notes.extend([said.format(f'"{name}"')] if said else [])
        except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
            raise DataError(
                f"The column {name!r} is a {type(values).__name__} and cannot be read: {error}.",
                "Expected: a list, a NumPy vector, a pandas or Polars series, an Arrow array; or pictures as "
                "uint8 (rows, height, width, channels).",
                "Convert it, or leave it out.",
            ) from error
    lengths = {name: len(column) for name, column in block.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in list(lengths.items())[:6])
        raise DataError(
            f"The columns differ in length: {told}.",
            "Expected: one value of every column for each row.",
            "Mend it.",
        )
    stream = Stream(names, iter([block] if block else []), notes)
    return stream, "arrow", {name: column.type for name, column in block.items()}


def _of_vector(values: Any) -> tuple[Column, str]:
    """A vector of any kind as a column, and what is to be said where its cells were changed."""
    if isinstance(values, Array):
        return told_normal(values)
    if hasattr(values, "__arrow_c_array__"):
        return told_normal(Array.from_arrow(values))
    if type(values).__module__.split(".")[0] == "pandas":
        return of_series(values)
    if hasattr(values, "__arrow_c_stream__"):
        return told_normal(Array.from_arrow(values))
    if isinstance(values, np.ndarray) and values.ndim != 1:
        files = files_of_array(values)
        if files is not None:
            return Array(files, DataType.binary()), ""
        raise ValueError(f"it has {values.ndim} dimensions")
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufmMU":
        return normal(from_numpy(values)), ""
    cells = values.astype(object) if isinstance(values, np.ndarray) else cells_of(list(values))
    gone = np.array([is_nothing(cell) for cell in cells], dtype=bool)
    return of_cells(cells, gone)
