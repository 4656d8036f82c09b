"""The user's own frames, in and out: pandas, Polars, pyarrow, any Arrow stream, or a dict of arrays.

pandas is read column by column without pyarrow, which need not be installed. What a frame was is
remembered as an opaque mapping, so that new rows come back in the same dtypes.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType, RecordBatchReader
from arro3.core import Table as ArrowTable

from sampan.column import Column, codes, from_numpy, from_strings, in_order, is_text, missing, stands_for
from sampan.data.objects import objects_of, restored, stood_for
from sampan.data.stream import (
    Columns,
    Stream,
    as_table,
    from_values,
    kind_of,
    normal,
    of_arrow,
    of_instants,
    said_of,
    saying,
    to_list,
    unique_names,
)
from sampan.errors import DataError, MissingExtra
from sampan.media import files_of_array, medium_of_list
from sampan.provenance import KEY, Provenance, read_provenance


def open_frame(frame: Any) -> tuple[Stream, str, Mapping[str, Any]] | None:
    """The Stream of a frame, its native kind and what to remember of it; None where it is no frame."""
    home = type(frame).__module__.split(".")[0]
    if home == "polars" and hasattr(frame, "collect"):
        frame = frame.collect()
    if home == "pandas" and hasattr(frame, "columns"):
        return _of_pandas(frame)
    if isinstance(frame, Mapping):
        return _of_mapping(frame)
    if home == "polars" and hasattr(frame, "columns"):
        return _of_polars(frame)
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return _of_arrow(frame, "pyarrow" if home == "pyarrow" else "arrow")
    return None


# --- in
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
        blocks = (block | {name: _in_order(block[name], scales[name]) for name in scales} for block in blocks)
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
                cells = _objects(frame[name].to_list())
                gone = np.array([_is_nothing(cell) for cell in cells], dtype=bool)
                block[called], said = _of_cells(cells, gone)
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
        return normal(values), ""
    if hasattr(values, "__arrow_c_array__"):
        return normal(Array.from_arrow(values)), ""
    if type(values).__module__.split(".")[0] == "pandas":
        return _of_series(values)
    if hasattr(values, "__arrow_c_stream__"):
        return normal(Array.from_arrow(values)), ""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        files = files_of_array(values)
        if files is not None:
            return Array(files, DataType.binary()), ""
        raise ValueError(f"it has {values.ndim} dimensions")
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufmMU":
        return normal(from_numpy(values)), ""
    cells = values.astype(object) if isinstance(values, np.ndarray) else _objects(list(values))
    gone = np.array([_is_nothing(cell) for cell in cells], dtype=bool)
    return _of_cells(cells, gone)


def _of_objects(values: np.ndarray, gone: np.ndarray | None = None) -> Column:
    """A column of Python objects; None, and what `gone` says, is null."""
    cells = values.astype(object)
    if gone is None:
        gone = np.array([_is_nothing(cell) for cell in cells], dtype=bool)
    cells[gone] = None
    listed = [*cells]
    if any(issubclass(kind, np.generic) for kind in set(map(type, listed))):
        listed = [cell.item() if isinstance(cell, np.generic) else cell for cell in listed]
    kind = kind_of(listed)
    plain = DataType.is_string(kind) or (DataType.is_binary(kind) and not _are_files(listed))
    stood = stood_for(listed) if plain else None
    return from_values(listed, kind) if stood is None else stood


def _is_nothing(cell: Any) -> bool:
    """Whether a Python object says that something is missing: None, NaN, NaT, NA."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float | np.floating | np.datetime64 | decimal.Decimal) and bool(cell != cell)


def _are_files(cells: list[Any]) -> bool:
    """Whether all bytes are files of one medium."""
    there = [cell for cell in cells if cell is not None]
    return not there or medium_of_list(there) is not None


def _of_pandas(frame: Any) -> tuple[Stream, str, Mapping[str, Any]]:

    labels = list(frame.columns)
    plain = ["_".join(map(str, label)) if isinstance(label, tuple) else label for label in labels]
    names, notes = unique_names(plain)
    if _says_something(frame.index):
        notes.append("the row index was left out; reset_index() makes columns of it")
        if frame.index.dtype.kind == "M" and frame.index.is_monotonic_increasing and frame.index.is_unique:
            notes.append(
                "the row index holds times in order: rows of a series belong together and are made one by one"
            )
    remembered: dict[str, Any] = {}
    block: Columns = {}
    for place, (name, label) in enumerate(zip(names, labels, strict=True)):
        series = frame.iloc[:, place]
        boxed = _boxed(series)
        block[name], mixed = _of_series(series if boxed is None else boxed)
        remembered[name] = (label, series.dtype if boxed is None else _Cells("Timestamp"))
        if mixed:
            notes.append(mixed.format(f'"{name}"'))
    made = read_provenance(frame.attrs.get(KEY))
    return Stream(names, iter([block]), notes, frame.index, made), "pandas", remembered


def _says_something(index: Any) -> bool:
    """Whether a pandas index holds more than the numbers of rows."""
    import pandas

    if isinstance(index, pandas.RangeIndex):
        return False
    named = any(name is not None for name in index.names)
    return named or index.nlevels > 1 or index.dtype.kind not in "iu"


def _in_order(column: Column, values: Column) -> Column:
    """The column with its values in order, where they are such as can be told as text."""
    try:
        return in_order(column, to_list(compute.cast(values, DataType.string())))
    except Exception:  # Arrow's casts have errors of their own
        return column


class _Cells(NamedTuple):
    """A series of Python objects whose cells are all of one pandas type."""

    type: str


def _boxed(series: Any) -> Any:
    """Objects that are all pandas timestamps, as the moments that they are; None for any other series."""
    import pandas

    if not (isinstance(series.dtype, np.dtype) and series.dtype.kind == "O"):
        return None
    if {type(cell) for cell in series[series.notna()]} != {pandas.Timestamp}:
        return None
    found = pandas.Series(series.tolist()).infer_objects()
    return None if found.dtype.kind == "O" else found


def _of_series(series: Any) -> tuple[Column, str]:
    """A pandas series as a column, and what is to be said where its objects were changed."""
    import pandas

    dtype: Any = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufmM":
        return normal(from_numpy(series.to_numpy())), ""
    gone = series.isna().to_numpy()
    if isinstance(dtype, pandas.CategoricalDtype):
        if not len(dtype.categories):
            return from_strings([None] * len(series)), ""
        values, mixed = _of_series(pandas.Series(dtype.categories))
        index = series.cat.codes.to_numpy().astype(np.int64)
        taken = compute.take(values, from_numpy(np.maximum(index, 0), index < 0))
        return (_in_order(taken, values) if dtype.ordered else taken), mixed
    if isinstance(dtype, pandas.DatetimeTZDtype):
        bare = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        zone = str(dtype.tz).removeprefix("UTC") if str(dtype.tz)[:4] in ("UTC+", "UTC-") else str(dtype.tz)
        column = from_numpy(bare)
        return of_instants(column, DataType.timestamp(dtype.unit, tz=zone)), ""  # type: ignore[arg-type]
    masked = getattr(dtype, "numpy_dtype", None)
    if masked is not None and not hasattr(dtype, "pyarrow_dtype"):
        return normal(from_numpy(series.to_numpy(dtype=masked, na_value=0), gone)), ""
    if hasattr(dtype, "pyarrow_dtype"):
        import pyarrow

        return normal(Array.from_arrow(pyarrow.chunked_array(pyarrow.array(series)))), ""
    if isinstance(dtype, pandas.StringDtype):
        cells = series.to_numpy(dtype=object, na_value=None)
        return from_strings(cells.tolist()), ""
    if isinstance(dtype, pandas.SparseDtype):
        return _of_series(series.sparse.to_dense())
    if isinstance(dtype, pandas.IntervalDtype):
        return _of_objects(series.to_numpy(dtype=object), gone), ""
    if not isinstance(dtype, np.dtype):  # periods, and what other packages define
        return from_strings([None if lost else str(v) for v, lost in zip(series, gone, strict=True)]), ""
    return _of_cells(series.to_numpy(), gone)


def _of_cells(cells: np.ndarray, gone: np.ndarray) -> tuple[Column, str]:
    """Python objects as a column, and what is to be said where some would come back as another kind."""
    column = _of_objects(cells, gone)
    kinds = sorted({type(cell).__name__ for cell in cells[~gone]})
    if is_text(column) and not stands_for(column) and kinds not in (["str"], []):
        several = (
            f"mixes {', '.join(kinds[:4])}: all" if len(kinds) > 1 else f"holds cells of {kinds[0]}, which"
        )
        return column, f"{{}} {several} are taken as text, and come back as text"
    if len(kinds) > 1 and DataType.is_floating(column.type) and {"int", "float"} <= set(kinds):
        return column, "{} mixes whole numbers with decimals: all come back as decimals"
    return column, ""


# --- out
def to_frame(columns: Columns, native: str, remembered: Mapping[str, Any]) -> Any:
    """The columns as a frame of a kind: 'pandas', 'polars', 'pyarrow', 'arrow', or what is there ('file')."""
    match native:
        case "pandas":
            return _to_pandas(columns, remembered)
        case "polars":
            return _to_polars(columns, remembered)
        case "pyarrow":
            return _to_pyarrow(columns, remembered)
        case "arrow":
            plain = {name: restored(column) for name, column in columns.items()}
            return as_table({name: _back(column, remembered.get(name)) for name, column in plain.items()})
        case _:
            typed = {name: read_numbers(column) for name, column in columns.items()}
            for maker in (_to_pandas, _to_polars):
                try:
                    return maker(typed, {})
                except MissingExtra:
                    continue
            return as_table({name: restored(column) for name, column in typed.items()})


def with_provenance(frame: Any, provenance: Provenance) -> Any:
    """The frame, saying which model made it, where frames of its kind can say it: pandas and Arrow."""
    if hasattr(frame, "attrs"):
        frame.attrs[KEY] = provenance.to_dict()
    elif isinstance(frame, ArrowTable):
        return frame.with_schema(saying(frame.schema, provenance))
    elif hasattr(frame, "replace_schema_metadata"):  # pyarrow's
        return frame.replace_schema_metadata({**(frame.schema.metadata or {}), KEY: provenance.to_text()})
    return frame


def _back(column: Column, kind: Any) -> Column:
    if (
        not isinstance(kind, DataType)
        or kind == column.type
        or DataType.is_nested(kind)
        or DataType.is_null(kind)
    ):
        return column
    return compute.cast(column, kind) if compute.can_cast_types(column.type, kind) else column


def read_numbers(column: Column) -> Column:
    """A text column as numbers where every cell is one and none would lose a digit ("007"), else as it is."""
    if not is_text(column) or column.null_count == len(column) or stands_for(column):
        return column
    for kind in (DataType.int64(), DataType.float64()):
        numbers = compute.cast(column, kind)
        if numbers.null_count != column.null_count:
            continue
        if DataType.is_integer(kind):
            same = to_list(compute.cast(numbers, column.type)) == to_list(column)
            return numbers if same else column
        return numbers
    return column


def _to_polars(columns: Columns, remembered: Mapping[str, Any]) -> Any:
    try:
        import polars
    except ImportError as error:
        raise MissingExtra("polars", "polars", "Making a Polars frame") from error
    frame = polars.DataFrame(as_table({name: restored(column) for name, column in columns.items()}))
    casts: list[Any] = []
    for name, kind in remembered.items():
        if name not in frame.columns or frame.schema[name] == kind:
            continue
        if kind == polars.Object:
            cells = objects_of(columns[name])
            casts.append(polars.Series(name, cells or _texts(columns[name]).tolist(), dtype=kind))
        elif kind == polars.Null:
            casts.append(polars.Series(name, [None] * frame.height, dtype=kind))
        elif not (kind.is_nested() and frame.schema[name] == polars.String):
            casts.append(polars.col(name).cast(kind))
    return frame.with_columns(casts)


def _to_pyarrow(columns: Columns, remembered: Mapping[str, Any]) -> Any:
    import pyarrow

    table = pyarrow.table(as_table({name: restored(column) for name, column in columns.items()}))
    for place, name in enumerate(table.column_names):
        kind = remembered.get(name)
        if kind is None or kind == table.schema.types[place]:
            continue
        cells = table.column(place)
        if pyarrow.types.is_null(kind):
            if cells.null_count == len(cells):
                table = table.set_column(place, name, pyarrow.nulls(len(cells)))
            continue
        if pyarrow.types.is_nested(kind) and pyarrow.types.is_string(cells.type):
            continue
        if pyarrow.types.is_dictionary(kind):
            cells = cells.cast(kind.value_type).dictionary_encode()
        table = table.set_column(place, name, cells.cast(kind))
    return table


def _to_pandas(columns: Columns, remembered: Mapping[str, Any]) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise MissingExtra("pandas", "pandas", "Making a pandas frame") from error
    series, labels = [], []
    for name, column in columns.items():
        label, dtype = remembered.get(name, (name, None))
        labels.append(label)
        series.append(_to_series(column, dtype))
    frame = pandas.DataFrame(dict(enumerate(series)))
    frame.columns = pandas.Index(labels) if not _tuples(labels) else pandas.MultiIndex.from_tuples(labels)
    return frame


def with_index(frame: Any, index: Any) -> Any:
    """A pandas frame with an index of as many rows; whatever else it is, as it is."""
    if type(frame).__module__.split(".")[0] != "pandas" or len(frame) != len(index):
        return frame
    return frame.set_axis(index, axis=0)


def with_columns(frame: Any, changed: Columns, table: Any) -> Any:
    """The user's own frame with some of its columns replaced, and all else as it is: index, dtypes, the rest.

    table: the Table that `frame` was read as. None for a frame of a kind whose rest cannot be kept so.
    """
    home = type(frame).__module__.split(".")[0]
    if table.native == "pandas" and home == "pandas":
        out = frame.copy()
        for place, name in enumerate(table.columns):
            if name in changed:
                _, dtype = table.dtypes.get(name, (name, None))
                out.isetitem(place, _to_series(changed[name], dtype).set_axis(out.index))
        return out
    if table.native == "polars" and not hasattr(frame, "collect"):
        labels = dict(zip(table.columns, frame.columns, strict=True))
        new = _to_polars(changed, {name: table.dtypes[name] for name in changed if name in table.dtypes})
        return frame.with_columns(new[name].alias(labels[name]) for name in changed)
    return None


def _tuples(labels: list[Any]) -> bool:
    return bool(labels) and all(isinstance(label, tuple) for label in labels)


def _to_series(column: Column, dtype: Any) -> Any:
    """A column as a pandas series, of the dtype it once had where its values allow that."""
    import pandas

    nested = objects_of(column) if stands_for(column) else None
    if nested is None and stands_for(column):
        column = restored(column)
        nested = None if is_text(column) else to_list(column)
    if nested is not None:
        series = pandas.Series(_objects(nested), dtype=object)
        return series if dtype is None or dtype == series.dtype else _as(series, dtype)
    if isinstance(dtype, _Cells):
        cells = _plain_series(column)
        return pandas.Series(_objects(list(cells)), dtype=object)
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return pandas.Series(_texts(column) if is_text(column) else _objects(to_list(column)), dtype=object)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _to_category(column, dtype)
    plain = _plain_series(column)
    return plain if dtype is None or plain.dtype == dtype else _as(plain, dtype)


def _as(series: Any, dtype: Any) -> Any:
    """A series in another dtype, where its cells allow that."""
    try:
        return series.astype(dtype)
    except (ValueError, TypeError, OverflowError):  # whole numbers or yes/no that now have missing cells
        return series


def _to_category(column: Column, dtype: Any) -> Any:
    """A categorical series with the categories of `dtype`, or of its own where it holds others."""
    import pandas

    known, _ = _of_series(pandas.Series(dtype.categories))
    places = {value: place for place, value in enumerate(to_list(known))}
    index, values = codes(column)
    if any(value not in places for value in values):
        return _plain_series(column).astype("category")
    lookup = np.array([*(places[value] for value in values), -1], dtype=np.int64)
    return pandas.Series(pandas.Categorical.from_codes(lookup[index], dtype=dtype))


def _plain_series(column: Column) -> Any:
    """A column as the series that pandas itself would make of it, without pyarrow."""
    import pandas

    kind, gone = column.type, missing(column)
    kept = compute.filter(column, from_numpy(~gone)) if gone.any() else column
    if DataType.is_boolean(kind) or DataType.is_integer(kind):
        values = kept.to_numpy()
        if not gone.any():
            return pandas.Series(np.array(values))
        full = np.zeros(len(column), dtype=values.dtype)
        full[~gone] = values
        bits = 8 * values.dtype.itemsize
        series = pandas.Series(full).astype(
            {"b": "boolean", "i": f"Int{bits}", "u": f"UInt{bits}"}[values.dtype.kind]
        )
        series[gone] = pandas.NA
        return series
    if DataType.is_floating(kind):
        full = np.full(len(column), np.nan, dtype=kept.to_numpy().dtype)
        full[~gone] = kept.to_numpy()
        return pandas.Series(full)
    if DataType.is_timestamp(kind) or DataType.is_duration(kind):
        letter = "M" if DataType.is_timestamp(kind) else "m"
        full = np.full(len(column), np.iinfo(np.int64).min, dtype=np.int64)  # NaT
        full[~gone] = compute.cast(kept, DataType.int64()).to_numpy()
        series = pandas.Series(full.view(f"{letter}8[{kind.time_unit}]"))
        zone = getattr(kind, "tz", None)
        if zone is None:
            return series
        return series.dt.tz_localize("UTC").dt.tz_convert(f"UTC{zone}" if zone[0] in "+-" else zone)
    full = np.full(len(column), None, dtype=object)
    full[~gone] = _texts(kept) if is_text(kept) else _objects(to_list(kept))
    return pandas.Series(full, dtype=pandas.Series(["x"]).dtype if is_text(column) else object)


def _texts(column: Column) -> np.ndarray:
    """The cells of a text column as Python objects, each distinct text made once; None where null."""
    index, distinct = codes(column)
    return _objects([*distinct, None])[index]


def _objects(values: list[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    if not any(isinstance(value, list | tuple | np.ndarray) for value in values):
        out[:] = values
        return out
    for place, value in enumerate(values):  # a list is one cell, and no row of cells
        out[place] = value
    return out
