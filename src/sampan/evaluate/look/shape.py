"""Shape: how far single columns are from the real ones, over all columns ("Shape" in the papers on tables).

A number by the Kolmogorov-Smirnov statistic, a category by total variation distance, over the cells that are
not missing, in per cent; the score is their mean (sdmetrics' KSComplement and TVComplement, upside down).
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.columns import counts_error, ranks
from sampan.evaluate.look.chance import contest, contest_score
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides, stacked

MARGIN = 0.5
"""Points above the floor that do not matter: half a row in a hundred has another value, column by column."""

PART_MARGIN = 5.0
"""The same of one column by itself: one row in twenty."""


def shape(sides: Sides) -> list[Score]:
    """The score `shape`; parts: every column. Nothing where there is no column.

    It has no reference: independent columns are right, column by column.
    """
    names = list(sides.kinds)
    if not names:
        return []
    both = stacked(*sides.each)
    codes: list[np.ndarray] = []
    sizes: list[int] = []
    for name, kind in sides.kinds.items():
        match kind:
            case "number":
                code, size = ranks(both.numbers[name])
            case "category":
                code = both.codes[name]
                size = int(code.max(initial=-1)) + 1
        codes.append(code + 1)  # 0: missing
        sizes.append(size + 1)

    def tally(rows: np.ndarray, watched: bool) -> list[np.ndarray]:
        return [np.bincount(code[rows], minlength=size)[1:] for code, size in zip(codes, sizes, strict=True)]

    def gap(first: list[np.ndarray], second: list[np.ndarray], watched: bool) -> np.ndarray:
        return np.array(
            [counts_error(a, b, kind) for a, b, kind in zip(first, second, sides.kinds.values(), strict=True)]
        )

    found = contest(sides.sizes, tally, gap, np.arange(len(names)), sides.rng("shape"))
    worst = names[int(np.argmax(np.nan_to_num(found.made - found.unseen, nan=0.0)))]
    facts = {"columns": float(len(names)), "worst": worst}
    return [contest_score("shape", found, names, MARGIN, PART_MARGIN, facts=facts)]
