"""A pandas frame and its series, read column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType

from sampan.column import Column, from_numpy, from_strings, in_order
from sampan.data.frames.cells import Cells, of_cells, of_objects
from sampan.data.stream import Columns, Stream, normal, of_instants, to_list, told_normal, unique_names
from sampan.provenance import KEY, read_provenance


def of_pandas(frame: Any) -> tuple[Stream, str, Mapping[str, Any]]:

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
        block[name], mixed = of_series(series if boxed is None else boxed)
        remembered[name] = (label, series.dtype if boxed is None else Cells("Timestamp"))
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


def ordered_as(column: Column, values: Column) -> Column:
    """The column with its values in order, where they are such as can be told as text."""
    try:
        return in_order(column, to_list(compute.cast(values, DataType.string())))
    except Exception:  # Arrow's casts have errors of their own
        return column


def _boxed(series: Any) -> Any:
    """Objects that are all pandas timestamps, as the moments that they are; None for any other series."""
    import pandas

    if not (isinstance(series.dtype, np.dtype) and series.dtype.kind == "O"):
        return None
    if {type(cell) for cell in series[series.notna()]} != {pandas.Timestamp}:
        return None
    found = pandas.Series(series.tolist()).infer_objects()
    return None if found.dtype.kind == "O" else found


def of_series(series: Any) -> tuple[Column, str]:
    """A pandas series as a column, and what is to be said where its objects were changed."""
    import pandas

    dtype: Any = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufmM":
        return told_normal(from_numpy(series.to_numpy()))
    gone = series.isna().to_numpy()
    if isinstance(dtype, pandas.CategoricalDtype):
        if not len(dtype.categories):
            return from_strings([None] * len(series)), ""
        values, mixed = of_series(pandas.Series(dtype.categories))
        index = series.cat.codes.to_numpy().astype(np.int64)
        taken = compute.take(values, from_numpy(np.maximum(index, 0), index < 0))
        return (ordered_as(taken, values) if dtype.ordered else taken), mixed
    if isinstance(dtype, pandas.DatetimeTZDtype):
        bare = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        zone = str(dtype.tz).removeprefix("UTC") if str(dtype.tz)[:4] in ("UTC+", "UTC-") else str(dtype.tz)
        column = from_numpy(bare)
        return told_normal(of_instants(column, DataType.timestamp(dtype.unit, tz=zone)))  # type: ignore[arg-type]
    masked = getattr(dtype, "numpy_dtype", None)
    if masked is not None and not hasattr(dtype, "pyarrow_dtype"):
        return normal(from_numpy(series.to_numpy(dtype=masked, na_value=0), gone)), ""
    if hasattr(dtype, "pyarrow_dtype"):
        import pyarrow

        return told_normal(Array.from_arrow(pyarrow.chunked_array(pyarrow.array(series))))
    if isinstance(dtype, pandas.StringDtype):
        cells = series.to_numpy(dtype=object, na_value=None)
        return from_strings(cells.tolist()), ""
    if isinstance(dtype, pandas.SparseDtype):
        return of_series(series.sparse.to_dense())
    if isinstance(dtype, pandas.IntervalDtype):
        return of_objects(series.to_numpy(dtype=object), gone), ""
    if not isinstance(dtype, np.dtype):  # periods, and what other packages define
        return from_strings([None if lost else str(v) for v, lost in zip(series, gone, strict=True)]), ""
    return of_cells(series.to_numpy(), gone)
