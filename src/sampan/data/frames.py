"""The user's own frames, in and out: pandas, Polars, pyarrow, any Arrow stream, or a dict of arrays.

pandas is read column by column without pyarrow, which need not be installed. What a frame was is
remembered as an opaque mapping, so that new rows come back in the same dtypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType, RecordBatchReader
from arro3.core import Table as ArrowTable

from sampan.column import Column, codes, from_numpy, from_strings, is_text, missing
from sampan.data.stream import (
    Columns,
    Stream,
    as_table,
    from_values,
    normal,
    of_arrow,
    of_instants,
    to_list,
    unique_names,
)
from sampan.errors import DataError, MissingExtra
from sampan.picture import as_png


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
    stream = Stream(names, of_arrow(reader, names, notes, lambda error: _unusable(frame, error)), notes)
    return stream, native, dict(zip(names, kinds, strict=True))


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
    stream, _, _ = _of_arrow(
        frame.with_columns(polars.col(hollow).cast(polars.String)) if hollow else frame, "polars"
    )
    return stream, "polars", dict(zip(stream.names, kinds.values(), strict=True))


def _of_mapping(frame: Mapping[Any, Any]) -> tuple[Stream, str, Mapping[str, Any]]:
    names, notes = unique_names(frame)
    block: Columns = {}
    for name, values in zip(names, frame.values(), strict=True):
        try:
            block[name] = _of_vector(values)
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


def _of_vector(values: Any) -> Column:
    if isinstance(values, Array):
        return normal(values)
    if hasattr(values, "__arrow_c_array__"):
        return normal(Array.from_arrow(values))
    if type(values).__module__.split(".")[0] == "pandas":
        return _of_series(values)[0]
    if hasattr(values, "__arrow_c_stream__"):
        return normal(Array.from_arrow(values))
    if isinstance(values, np.ndarray) and values.ndim in (3, 4) and values.dtype == np.uint8:
        return _of_levels(values)
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise ValueError(f"it has {values.ndim} dimensions")
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufmMU":
        return normal(from_numpy(values))
    return _of_objects(
        np.asarray(list(values), dtype=object) if not isinstance(values, np.ndarray) else values
    )


def _of_levels(pictures: np.ndarray) -> Column:
    """Pictures as levels, uint8 (rows, height, width) or (rows, height, width, channels), as encoded ones."""
    with_channels = pictures if pictures.ndim == 4 else pictures[..., None]
    return Array([as_png(picture) for picture in with_channels], DataType.binary())


def _of_objects(values: np.ndarray, gone: np.ndarray | None = None) -> Column:
    """A column of Python objects; None, and what `gone` says, is null."""
    cells = values.astype(object)
    if gone is None:
        gone = np.array([cell is None or cell != cell for cell in cells], dtype=bool)
    cells[gone] = None
    listed = cells.tolist()
    if any(issubclass(kind, np.generic) for kind in set(map(type, listed))):
        listed = [cell.item() if isinstance(cell, np.generic) else cell for cell in listed]
    return from_values(listed)


def _of_pandas(frame: Any) -> tuple[Stream, str, Mapping[str, Any]]:
    import pandas

    labels = list(frame.columns)
    plain = ["_".join(map(str, label)) if isinstance(label, tuple) else label for label in labels]
    names, notes = unique_names(plain)
    if not isinstance(frame.index, pandas.RangeIndex) and any(name is not None for name in frame.index.names):
        notes.append("the row index was left out; reset_index() makes columns of it")
    remembered: dict[str, Any] = {}
    block: Columns = {}
    for place, (name, label) in enumerate(zip(names, labels, strict=True)):
        series = frame.iloc[:, place]
        block[name], mixed = _of_series(series)
        remembered[name] = (label, series.dtype)
        if mixed:
            notes.append(f"{name!r} mixes text with other values: all are taken as text")
    return Stream(names, iter([block]), notes), "pandas", remembered


def _of_series(series: Any) -> tuple[Column, bool]:
    """A pandas series as a column, and whether objects of several kinds became text."""
    import pandas

    dtype: Any = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufmM":
        return normal(from_numpy(series.to_numpy())), False
    gone = series.isna().to_numpy()
    if isinstance(dtype, pandas.CategoricalDtype):
        if not len(dtype.categories):
            return from_strings([None] * len(series)), False
        values, mixed = _of_series(pandas.Series(dtype.categories))
        index = series.cat.codes.to_numpy().astype(np.int64)
        return compute.take(values, from_numpy(np.maximum(index, 0), index < 0)), mixed
    if isinstance(dtype, pandas.DatetimeTZDtype):
        bare = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        zone = str(dtype.tz).removeprefix("UTC") if str(dtype.tz)[:4] in ("UTC+", "UTC-") else str(dtype.tz)
        column = from_numpy(bare)
        return of_instants(column, DataType.timestamp(dtype.unit, tz=zone)), False  # type: ignore[arg-type]
    masked = getattr(dtype, "numpy_dtype", None)
    if masked is not None and not hasattr(dtype, "pyarrow_dtype"):
        return normal(from_numpy(series.to_numpy(dtype=masked, na_value=0), gone)), False
    if hasattr(dtype, "pyarrow_dtype"):
        import pyarrow

        return normal(Array.from_arrow(pyarrow.chunked_array(pyarrow.array(series)))), False
    if isinstance(dtype, pandas.StringDtype):
        cells = series.to_numpy(dtype=object, na_value=None)
        return from_strings(cells.tolist()), False
    if isinstance(dtype, pandas.SparseDtype):
        return _of_series(series.sparse.to_dense())
    if not isinstance(dtype, np.dtype):  # periods, intervals, and what other packages define
        return from_strings([None if lost else str(v) for v, lost in zip(series, gone, strict=True)]), False
    column = _of_objects(series.to_numpy(), gone)
    kinds = {type(cell) for cell in series.to_numpy()[~gone]} if is_text(column) else set()
    return column, len(kinds) > 1


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
            return as_table({name: _back(column, remembered.get(name)) for name, column in columns.items()})
        case _:
            typed = {name: read_numbers(column) for name, column in columns.items()}
            for maker in (_to_pandas, _to_polars):
                try:
                    return maker(typed, {})
                except MissingExtra:
                    continue
            return as_table(typed)


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
    if not is_text(column) or column.null_count == len(column):
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
    frame = polars.DataFrame(as_table(columns))
    casts = []
    for name, kind in remembered.items():
        if name not in frame.columns or frame.schema[name] == kind or kind == polars.Null:
            continue
        cell = polars.col(name)
        casts.append(cell.str.json_decode(kind) if kind.is_nested() else cell.cast(kind))
    return frame.with_columns(casts)


def _to_pyarrow(columns: Columns, remembered: Mapping[str, Any]) -> Any:
    import pyarrow

    table = pyarrow.table(as_table(columns))
    for place, name in enumerate(table.column_names):
        kind = remembered.get(name)
        if kind is None or kind == table.schema.types[place]:
            continue
        if pyarrow.types.is_nested(kind) or pyarrow.types.is_null(kind):
            continue
        cells = table.column(place)
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


def _tuples(labels: list[Any]) -> bool:
    return bool(labels) and all(isinstance(label, tuple) for label in labels)


def _to_series(column: Column, dtype: Any) -> Any:
    """A column as a pandas series, of the dtype it once had where its values allow that."""
    import pandas

    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return pandas.Series(_texts(column) if is_text(column) else _objects(to_list(column)), dtype=object)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _to_category(column, dtype)
    plain = _plain_series(column)
    if dtype is None or plain.dtype == dtype:
        return plain
    try:
        return plain.astype(dtype)
    except (ValueError, TypeError, OverflowError):  # whole numbers or yes/no that now have missing cells
        return plain


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
    out[:] = values
    return out
