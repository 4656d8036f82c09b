"""Embedding: rows as points, so that distances between them can be measured.

A number is scaled to 0..1 by the least and greatest seen value; a category is one indicator for each value,
so that two rows which differ in it are as far apart as sqrt(2) ranges. That is what the papers on tables do
("naive" alpha-precision). Three departures, none of which matters on their tables: a number far outside the
seen range counts as REACH ranges away; a missing number is the seen mean and has an indicator of its own (a
missing category is a value like any other); and there are at most WIDTH indicators in all, so that of a
category with many values the rarest share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sampan.evaluate.columns import Kind, levelled
from sampan.evaluate.sides import Side, stacked

WIDTH = 400
REACH = 5.0


def embedded(scale: Side, others: Sequence[Side], kinds: Mapping[str, Kind]) -> list[np.ndarray]:
    """The points of `scale`, by which all are scaled, and of the others: float32 (rows, dimensions) each."""
    both = stacked(scale, *others)
    ends = np.cumsum([scale.rows, *(side.rows for side in others)])[:-1]
    categories = sum(kind == "category" for kind in kinds.values())
    levels = max(2, WIDTH // max(categories, 1))
    blocks: list[np.ndarray] = []
    for name, kind in kinds.items():
        column = both.column(name)
        match kind:
            case "number":
                blocks += _number(column, scale.rows)
            case "category":
                first, rest, size = levelled(column[: scale.rows], column[scale.rows :], levels)
                codes = np.concatenate([first, rest])
                used = np.flatnonzero(np.bincount(codes, minlength=size))
                blocks.append((codes[:, None] == used).astype(np.float32))
    points = np.hstack(blocks) if blocks else np.zeros((both.rows, 1), dtype=np.float32)
    return np.split(points, ends)


def _number(values: np.ndarray, scale: int) -> list[np.ndarray]:
    """One number as a scaled column, and an indicator where some are missing."""
    finite = values[:scale][np.isfinite(values[:scale])]
    if not finite.size:
        finite = np.zeros(1)
    low, span = finite.min(), finite.max() - finite.min()
    gone = np.isnan(values)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (values - low) / (span if span > 0 else 1.0)
        mean = np.mean((finite - low) / (span if span > 0 else 1.0))
    scaled = np.where(gone, mean, np.clip(np.nan_to_num(scaled), -REACH, 1.0 + REACH))
    out = [scaled[:, None].astype(np.float32)]
    return [*out, gone[:, None].astype(np.float32)] if gone.any() else out
