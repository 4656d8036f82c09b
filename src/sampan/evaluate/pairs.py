"""How near each made pair of columns is to the real pair: 0 % is the same, 100 % could not be further.

    number, number      100 * |Pearson r of the real pair - Pearson r of the made pair| / 2
    any other pair      100 * total variation distance of the two joint tables of shares

In a joint table a number is cut at ten bins of equal width. Both tables share the edges, which are those of
the real column with the two outer bins open. The "Trend" of sdmetrics' QualityReport cuts each table at
edges of its own instead: one far value in either then moves every edge, and two random halves of the same
real table can score 15 % error. With shared edges the mixed pairs agree with its ContingencySimilarity
called on its own, and the other pairs agree with "Trend" itself, provided that its two thresholds are 0:
by default, since 0.32, the report leaves out pairs that are only weakly related in the real table.
`array_pair_errors(..., own_edges=True, levels=None)` reproduces the official figure, to
compare with.

A missing cell is a level of its own in a joint table and is left out of a correlation. Where a correlation
is undefined (a constant column, fewer than two rows) it counts as 0. A category with many values keeps its
50 most frequent; the rest count as one level, "other".
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from sampan.column import Column, floats
from sampan.evaluate.columns import Kind, shared_codes

BINS = 10
"""Bins of a number in a joint table, as in the papers on tables."""

LEVELS = 50
"""Most frequent values that a category keeps in a joint table."""


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


def cut_alone(values: np.ndarray, bins: int = BINS) -> np.ndarray:
    """A float array cut at edges between its own least and greatest value, as sdmetrics' report does it.

    The greatest value is a level of its own, together with what is missing.
    """
    finite = values[np.isfinite(values)]
    edges = np.histogram_bin_edges(finite, bins=bins) if finite.size else np.zeros(bins + 1)
    return np.searchsorted(edges, values, side="right")


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


def joint_error(
    real: tuple[np.ndarray, np.ndarray], made: tuple[np.ndarray, np.ndarray], sizes: tuple[int, int]
) -> float:
    """100 * the total variation distance of two joint tables, each given as the codes of its two columns."""
    cells = [a * sizes[1] + b for a, b in (real, made)]
    size = sizes[0] * sizes[1]
    if size > 4 * (real[0].size + made[0].size) + 1_000:  # most cells of the table would be empty
        _, place = np.unique(np.concatenate(cells), return_inverse=True)
        cells, size = [place[: real[0].size], place[real[0].size :]], int(place.max(initial=0)) + 1
    shares = [np.bincount(cell, minlength=size) / max(cell.size, 1) for cell in cells]
    return 50.0 * float(np.abs(shares[0] - shares[1]).sum())


def pair_errors(
    real: Mapping[str, Column], made: Mapping[str, Column], kinds: Mapping[str, Kind]
) -> dict[tuple[str, str], float]:
    """How far every pair of the columns named in `kinds` is from the real pair, in that order."""
    real_arrays: dict[str, np.ndarray] = {}
    made_arrays: dict[str, np.ndarray] = {}
    for name, kind in kinds.items():
        match kind:
            case "number":
                real_arrays[name], made_arrays[name] = floats(real[name]), floats(made[name])
            case "category":
                (real_arrays[name], made_arrays[name]), _ = shared_codes(real[name], made[name])
    return array_pair_errors(real_arrays, made_arrays, kinds)


def array_pair_errors(
    real: Mapping[str, np.ndarray],
    made: Mapping[str, np.ndarray],
    kinds: Mapping[str, Kind],
    *,
    levels: int | None = LEVELS,
    own_edges: bool = False,
) -> dict[tuple[str, str], float]:
    """The same of arrays: float64 of a number (NaN missing), shared codes of a category (-1 missing).

    levels=None and own_edges=True: the official "Trend" of sdmetrics, artefact included, for comparison.
    """
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    far = np.zeros((len(numbers), len(numbers)))
    if numbers:
        real_r, made_r = (
            correlations(np.stack([side[name] for name in numbers], axis=1)) for side in (real, made)
        )
        far = 50.0 * np.abs(real_r - made_r)
    index = {name: i for i, name in enumerate(numbers)}
    cut: dict[str, tuple[np.ndarray, np.ndarray, int]] = {}
    for name, kind in kinds.items():
        match kind:
            case "number" if own_edges:
                cut[name] = cut_alone(real[name]), cut_alone(made[name]), BINS + 2
            case "number":
                cut[name] = binned(real[name], made[name])
            case "category":
                cut[name] = levelled(real[name], made[name], levels)
    errors: dict[tuple[str, str], float] = {}
    for a, b in itertools.combinations(kinds, 2):
        if a in index and b in index:
            errors[a, b] = float(far[index[a], index[b]])
        else:
            (real_a, made_a, size_a), (real_b, made_b, size_b) = cut[a], cut[b]
            errors[a, b] = joint_error((real_a, real_b), (made_a, made_b), (size_a, size_b))
    return errors
