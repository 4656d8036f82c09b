"""A cell that a person gave: a value as one row of the column that it fixes, checked before any work."""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Mapping
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType

from sampan.arrow_type import nulls
from sampan.column import Column, from_numpy, from_strings, missing, stands_for, take
from sampan.data.objects import cell_that_stands
from sampan.errors import RequestError
from sampan.field import Codec, Missing, Rows, Scale
from sampan.schema import Layout
from sampan.space import Batch


def one_of(codec: Codec, name: str) -> Column:
    """One cell that a codec makes: an example of the type and the form of its column."""
    leaves = {leaf: tensor.numpy() for leaf, tensor in Batch.empty(codec.spaces, 1).values.items()}
    leaves |= {leaf: np.zeros(1) for leaf in codec.noise}
    return codec.decode(leaves, Rows(0, 1, 0, name))


def _typed(codec: Codec, name: str) -> str:
    """A cell of a column as it is given on the command line, whole for a shell."""
    said = f"{name}={one_of(codec, name)[0].as_py()}"
    return f"--given {said}" if re.fullmatch(r"[\w=.:+-]+", said) else f'--given "{said}"'


def spread(column: Column, size: int) -> Column:
    """A one-row column repeated for every row of a block."""
    return column if len(column) == size else take(column, np.zeros(size, dtype=np.int64))


def says_missing(value: object) -> bool:
    """Whether a value stands for a missing cell: None, NaN, and what pandas and NumPy call NaT and NA.

    >>> says_missing(None), says_missing(float("nan")), says_missing(np.datetime64("NaT")), says_missing("")
    (True, True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, float | np.generic | decimal.Decimal):
        return bool(value != value)
    return False


def cell_of(codec: Codec, name: str, value: Any, kind: DataType) -> Column:
    """A given value as a one-row column of the Arrow type that the model makes."""
    if says_missing(value):
        return nulls(1, kind)
    stood = cell_that_stands(value, stands_for(one_of(codec, name)))
    if stood is not None:
        return stood
    if isinstance(value, bytes):
        return Array([value], DataType.binary())
    if isinstance(value, datetime.timedelta | np.timedelta64) and DataType.is_duration(kind):
        return compute.cast(from_numpy(np.array([value], dtype="m8[ns]")), kind)
    if codec.dimensions and (cell := codec.literal(value)) is not None:
        return cell
    text = value if isinstance(value, str) else str(value)
    try:
        if (cell := codec.literal(value)) is not None:
            return cell
        if DataType.is_string(kind) or DataType.is_large_string(kind):
            return Array([text], kind)
        if (DataType.is_decimal(kind) or DataType.is_integer(kind)) and not isinstance(value, bool):
            return _exactly(text.strip(), kind)
        if isinstance(value, str) or DataType.is_temporal(kind):
            column = Array([text.strip()], DataType.string()).cast(kind)
            if column.null_count:
                raise ValueError(value)
            return column
        return Array([value], kind)
    except Exception as error:
        raise RequestError(
            f"{value!r} is given for the column {name!r}.",
            f"A value such as the column's own is expected ({codec.describe()}).",
            f"For example: {_typed(codec, name)}",
        ) from error


def _exactly(text: str, kind: DataType) -> Column:
    """The number that a text spells as one cell of a decimal or integer type. Raises where it does not fit.

    A float is what it prints as: 12.1 is 12.10 in a column of two decimals, and 12.105 is refused.
    """
    number = decimal.Decimal(text)
    digits = str(int(number)) if number == number.to_integral_value() else f"{number:f}"
    column = compute.cast(from_strings([digits]), kind)
    if column[0].as_py() != number:
        raise ValueError(text)
    return column


BEYOND = 0.1
"""How far beyond a column's range a given value may lie, as a share of it, and still be taken for its end."""


def refuse_impossible(layout: Layout, known: Mapping[str, Column]) -> None:
    """Raises RequestError for one value that no record could have: an age of 120, a fraction of a person.

    known: cells that hold for every record. A model would take such a value for the nearest that it knows.
    """
    for name, column in known.items():
        codec = layout.codecs[name]
        examples = codec.examples()
        if len(column) != 1 or missing(column).any() or examples is None:
            continue
        view, seen = codec.view(column), codec.view(examples)
        if not (isinstance(view, Scale) and isinstance(seen, Scale)):
            continue
        value, values = float(view.values[0]), np.asarray(seen.values)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        slack = BEYOND * (high - low)
        whole = view.tick is None and bool((values == np.round(values)).all())
        outside = not low - slack <= value <= high + slack
        if np.isnan(value) or not (outside or (whole and value != round(value))):
            continue
        near = np.unique(values)[[max(0, int(np.searchsorted(np.unique(values), value)) - 1)]]
        said = view.tick or (lambda number: f"{number:,.12g}")
        raise RequestError(
            f"{column[0].as_py()} is given for the column {name!r}, which no record could have.",
            f"{'A whole number' if whole else 'A value'} from {said(low)} to {said(high)} is expected "
            f"({codec.describe()}).",
            f"For example, the nearest: {said(float(near[0]))}",
        )


def refuse_missing(layout: Layout, known: Mapping[str, Column]) -> None:
    """Raises RequestError where a cell is given as missing in a column that never had a missing one."""
    for name, column in known.items():
        gone = missing(column)
        if gone.any() and not layout.codecs[name].allow(Missing()):
            row = "" if len(column) == 1 else f" (in row {int(gone.argmax()) + 1} of {len(column)})"
            codec = layout.codecs[name]
            raise RequestError(
                f"a missing cell is given for the column {name!r}{row}, which had none when it was learned.",
                f"A value is expected ({codec.describe()}).",
                f"For example: {_typed(codec, name)}; left out, it is made up.",
            )
