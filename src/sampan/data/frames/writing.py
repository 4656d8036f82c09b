"""Columns back into a frame of the kind that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import DataType
from arro3.core import Table as ArrowTable

from sampan.column import Column, codes, from_numpy, is_text, missing, stands_for
from sampan.data.frames.cells import Cells, cells_of
from sampan.data.frames.kept import typed
from sampan.data.frames.pandas import of_series
from sampan.data.objects import objects_of, restored
from sampan.data.stream import Columns, as_table, saying, to_list
from sampan.errors import MissingExtra
from sampan.provenance import KEY, Provenance


def to_frame(columns: Columns, native: str, remembered: Mapping[str, Any]) -> Any:
    """The columns as a frame of a kind: 'pandas', 'polars', 'pyarrow', 'arrow', or what is there ('file')."""
    remembered = typed(native, remembered)
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
            read = {name: read_numbers(column) for name, column in columns.items()}
            for maker in (_to_pandas, _to_polars):
                try:
                    return maker(read, {})
                except MissingExtra:
                    continue
            return as_table({name: restored(column) for name, column in read.items()})


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
    if not isinstance(kind, DataType) or kind == column.type:
        return column
    if DataType.is_nested(kind) or DataType.is_null(kind):
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
    polars = MissingExtra.module("polars", "polars", "Making a Polars frame")
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
    pandas = MissingExtra.module("pandas", "pandas", "Making a pandas frame")
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
        series = pandas.Series(cells_of(nested), dtype=object)
        return series if dtype is None or dtype == series.dtype else _as(series, dtype)
    if isinstance(dtype, Cells):
        cells = _plain_series(column)
        return pandas.Series(cells_of(list(cells)), dtype=object)
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return pandas.Series(_texts(column) if is_text(column) else cells_of(to_list(column)), dtype=object)
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

    if dtype.categories is None:  # of a model that was loaded: which they were is not kept
        return _plain_series(column).astype(dtype)
    known, _ = of_series(pandas.Series(dtype.categories))
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
    full[~gone] = _texts(kept) if is_text(kept) else cells_of(to_list(kept))
    return pandas.Series(full, dtype=pandas.Series(["x"]).dtype if is_text(column) else object)


def _texts(column: Column) -> np.ndarray:
    """The cells of a text column as Python objects, each distinct text made once; None where null."""
    index, distinct = codes(column)
    return cells_of([*distinct, None])[index]
