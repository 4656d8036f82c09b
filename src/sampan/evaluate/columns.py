"""Columns as codes that can be counted, alone or in pairs, and how far counts lie apart.

    number              100 * Kolmogorov-Smirnov statistic   largest gap between the two cumulative shares
    category            100 * total variation distance       half the sum of the differences of the shares
    number, number      100 * half the difference of Pearson's r
    any other pair      100 * total variation distance of the two joint tables of shares

0 % is the same, 100 % could not be further. Columns are compared over the cells that are not missing, as in
sdmetrics 0.32 (KSComplement and TVComplement, "Shape" in the papers on tables).

In a joint table a number is cut at ten bins of equal width. Both tables share the edges, which are those of
the real column with the two outer bins open. The "Trend" of sdmetrics' QualityReport cuts each table at
edges of its own instead: one far value in either then moves every edge, and two random halves of the same
real table can score 15 % error. With shared edges the mixed pairs agree with its ContingencySimilarity
called on its own, and the other pairs agree with "Trend" itself, provided that its two thresholds are 0:
by default, since 0.32, the report leaves out pairs that are only weakly related in the real table.

A missing cell is a level of its own in a joint table and is left out of a correlation. Where a correlation
is undefined (a constant column, fewer than two rows) it counts as 0. A category with many values keeps its
50 most frequent; the rest count as one level, "other".
"""

from __future__ import annotations

from typing import Any, Literal

import arro3.compute as compute
import numpy as np
from arro3.core import DataType

from sampan.column import Column, codes

Kind = Literal["number", "category"]

BINS = 10
"""Bins of a number in a joint table, as in the papers on tables."""

LEVELS = 50
"""Most frequent values that a category keeps in a joint table."""


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


def correlations(table: np.ndarray) -> np.ndarray:
    """Pearson's r of every two columns over the rows in which both are finite: (rows, k) -> (k, k)."""
    known = np.isfinite(table)
    if not known.any():
        return np.zeros((table.shape[1], table.shape[1]))
    count = np.maximum(known.sum(0), 1)
    # scaled before squared: values near 1e308 must not overflow, nor far-off means cancel
    largest = np.max(np.abs(np.where(known, table, 0.0)), axis=0)
    x = np.where(known, table, 0.0) / np.where(largest > 0, largest, 1.0)
    x = np.where(known, x - x.sum(0) / count, 0.0)
    spread = np.sqrt((x * x).sum(0) / count)
    constant = spread < 1e-14
    x = np.where(constant, 0.0, x / np.where(constant, 1.0, spread))
    held = known.astype(np.float64)
    rows = np.maximum(held.T @ held, 1.0)
    mean, square = x.T @ held / rows, (x * x).T @ held / rows
    spread_of = np.sqrt(np.maximum(square - mean * mean, 0.0))
    covariance = x.T @ x / rows - mean * mean.T
    scale = spread_of * spread_of.T
    undefined = scale < 1e-12
    return np.where(undefined, 0.0, covariance / np.where(undefined, 1.0, scale)).clip(-1.0, 1.0)


def binned(real: np.ndarray, made: np.ndarray, bins: int = BINS) -> tuple[np.ndarray, np.ndarray, int]:
    """Two float arrays cut at shared edges over the real range, NaN the last level; and how many levels."""
    finite = real[np.isfinite(real)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if np.isfinite(high - low):
        edges = np.linspace(low, high, bins + 1)[1:-1]  # to the last digit those of np.histogram
    else:
        part = np.arange(1, bins) / bins
        edges = low * (1 - part) + high * part
    cut = [np.searchsorted(edges, side, side="right") for side in (real, made)]
    return np.where(np.isnan(real), bins, cut[0]), np.where(np.isnan(made), bins, cut[1]), bins + 1


def levelled(
    real: np.ndarray, made: np.ndarray, levels: int | None = LEVELS
) -> tuple[np.ndarray, np.ndarray, int]:
    """Two arrays of shared codes with few levels: the most frequent real values, "other", missing.

    levels: how many values are kept; None keeps them all.
    """
    distinct = 1 + max(int(real.max(initial=-1)), int(made.max(initial=-1)))
    levels = distinct if levels is None else levels
    counts = np.bincount(real[real >= 0], minlength=distinct)
    kept = np.argsort(-counts, kind="stable")[:levels]
    place = np.full(distinct + 1, levels)
    place[kept] = np.arange(kept.size)
    place[-1] = levels + 1  # code -1, missing
    return place[real], place[made], levels + 2
