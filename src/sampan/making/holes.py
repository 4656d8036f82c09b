"""Holes in records: which cells hold nothing, and which a value that was never learned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sampan.column import Column, codes, is_mark, is_text, missing, take
from sampan.field import Codec, Scale
from sampan.schema import Layout

SHOWN = 5
"""Rows and values that a notice names."""


def gaps(codec: Codec, column: Column) -> np.ndarray:
    """Which cells hold nothing: null, or a word such as "NA" among numbers and moments: bool (rows,)."""
    gone = missing(column)
    if is_text(column) and isinstance(codec.view(column.slice(0, 0)), Scale):
        index, distinct = codes(column)
        gone |= np.array([*map(is_mark, distinct), False], dtype=bool)[index]
    return gone


def strangers(layout: Layout, columns: Mapping[str, Column]) -> dict[str, np.ndarray]:
    """Column -> the cells whose value the model never learned: bool (rows,); only columns that have some.

    Raises DataError where a column holds no value that the model knows: then it is not the same column.
    """
    found: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        codec = layout.codecs[name]
        gone = gaps(codec, column)
        strange = codec.unknown(column) & ~gone
        if strange.any():
            if (strange | gone).all():
                layout.encode({name: column.slice(int(strange.argmax()), 1)})  # raises, with the reason
            found[name] = strange
    return found


def sentences(columns: Mapping[str, Column], strange: Mapping[str, np.ndarray], what: str) -> list[str]:
    """A sentence for each column that holds values never learned: which rows, which values, what happens."""
    notes = []
    for name, cells in strange.items():
        rows = np.flatnonzero(cells)
        _, values = codes(take(columns[name], rows))
        said = ", ".join(f'"{value}"' for value in values[:SHOWN])
        said += f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        which = ", ".join(f"{row + 1:,}" for row in rows[:SHOWN].tolist())
        which += f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
        notes.append(f'"{name}": row{"s" * (len(rows) > 1)} {which}: {said} was never learned; {what}')
    return notes


def sound(column: Column, hidden: np.ndarray) -> Column:
    """The column with the cells of `hidden` replaced by its first other one, so that it encodes; callers
    mask them. As it is where there is no other."""
    if not hidden.any() or hidden.all():
        return column
    index = np.arange(len(column))
    index[hidden] = int(np.argmin(hidden))
    return take(column, index)
