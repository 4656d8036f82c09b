"""How near each made column is to the real one: 0 % is the same distribution, 100 % has nothing in common.

    number      100 * Kolmogorov-Smirnov statistic   largest gap between the two cumulative shares
    category    100 * total variation distance       half the sum of the differences of the shares

Both are over the cells that are not missing, as in sdmetrics 0.32 (KSComplement and TVComplement, "Shape"
in the papers on tables); the difference of the missing rates stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import arro3.compute as compute
import numpy as np
from arro3.core import DataType

from sampan.column import Column, codes, floats, missing

Kind = Literal["number", "category"]


@dataclass(frozen=True, slots=True)
class ColumnError:
    """How far one made column is from the real one, in per cent.

    error: KS statistic or total variation distance, times 100. missing: made missing rate minus the real
    one, in percentage points.
    """

    error: float
    missing: float


def number_error(real: np.ndarray, made: np.ndarray) -> float:
    """100 * the two-sample Kolmogorov-Smirnov statistic of two float arrays; NaN is left out.

    Both without a value: 0. One without: 100.

    >>> number_error(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    50.0
    """
    real, made = np.sort(real[~np.isnan(real)]), np.sort(made[~np.isnan(made)])
    if not real.size or not made.size:
        return 0.0 if real.size == made.size else 100.0
    steps = np.concatenate([real, made])
    below_real = np.searchsorted(real, steps, side="right") / real.size
    below_made = np.searchsorted(made, steps, side="right") / made.size
    return 100.0 * float(np.abs(below_real - below_made).max())


def category_error(real: np.ndarray, made: np.ndarray) -> float:
    """100 * the total variation distance of two code arrays; -1 (missing) is left out.

    Both without a value: 0. One without: 100.

    >>> category_error(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]))
    25.0
    """
    real, made = real[real >= 0], made[made >= 0]
    if not real.size or not made.size:
        return 0.0 if real.size == made.size else 100.0
    size = int(max(real.max(), made.max())) + 1
    shares = [np.bincount(side, minlength=size) / side.size for side in (real, made)]
    return 50.0 * float(np.abs(shares[0] - shares[1]).sum())


def shared_codes(*columns: Column) -> tuple[list[np.ndarray], list[Any]]:
    """Index of each cell among the distinct values of all the columns (-1 where null), and those values."""
    seen: dict[Any, int] = {}
    indices: list[np.ndarray] = []
    for column in columns:
        if column.type == DataType.bool():  # Arrow cannot dictionary-encode it
            column = compute.cast(column, DataType.string())
        index, distinct = codes(column)
        place = np.array([seen.setdefault(value, len(seen)) for value in distinct] + [-1], dtype=np.int64)
        indices.append(place[index])  # the last place stands for -1
    return indices, list(seen)


def missing_rate(column: Column) -> float:
    """The share of cells that are null, in per cent (0 for no rows)."""
    return 100.0 * float(missing(column).mean()) if len(column) else 0.0


def column_error(real: Column, made: Column, kind: Kind) -> ColumnError:
    """How far one made column is from the real one."""
    match kind:
        case "number":
            error = number_error(floats(real), floats(made))
        case "category":
            error = category_error(*shared_codes(real, made)[0])
    return ColumnError(error, missing_rate(made) - missing_rate(real))


def column_errors(
    real: Mapping[str, Column], made: Mapping[str, Column], kinds: Mapping[str, Kind]
) -> dict[str, ColumnError]:
    """How far every column named in `kinds` is from the real one, in that order."""
    return {name: column_error(real[name], made[name], kind) for name, kind in kinds.items()}


def array_error(real: np.ndarray, made: np.ndarray, kind: Kind) -> float:
    """The error of one column as arrays: float64 of a number, shared codes of a category."""
    match kind:
        case "number":
            return number_error(real, made)
        case "category":
            return category_error(real, made)


def ranks(values: np.ndarray) -> tuple[np.ndarray, int]:
    """The place of every number among the distinct ones, in order; -1 where NaN. And how many there are.

    >>> ranks(np.array([0.5, np.nan, 0.1, 0.5]))[0].tolist()
    [1, -1, 0, 1]
    """
    there = ~np.isnan(values)
    distinct, place = np.unique(values[there], return_inverse=True)
    out = np.full(values.size, -1, dtype=np.int64)
    out[there] = place
    return out, distinct.size


def counts_error(real: np.ndarray, made: np.ndarray, kind: Kind) -> float:
    """The error of one column as counts of its values, those of a number in order (see `ranks`).

    >>> counts_error(np.array([1, 1, 0]), np.array([0, 1, 1]), "number")
    50.0
    """
    totals = real.sum(), made.sum()
    if not totals[0] or not totals[1]:
        return 0.0 if totals[0] == totals[1] else 100.0
    gap = real / totals[0] - made / totals[1]
    match kind:
        case "number":
            return 100.0 * float(np.abs(np.cumsum(gap)).max())
        case "category":
            return 50.0 * float(np.abs(gap).sum())
