"""A toy world of people whose best AUC and whose groups are known, as the sides of a judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sampan.evaluate.columns import Kind
from sampan.evaluate.sides import Side, Sides

SHIFT = 1.0
"""How far the score of the ill lies above that of the well: the best AUC is Phi(1 / sqrt 2) = .760."""

BEST_AUC = 0.7602


def people(rows: int, rng: np.random.Generator, rare: float = 0.08) -> Side:
    """Who is ill (a third) has a higher score; one sex in two; a small tribe; a column of noise."""
    ill = (rng.random(rows) < 1 / 3).astype(np.int64)
    return Side(
        rows,
        {"score": rng.normal(size=rows) + SHIFT * ill, "noise": rng.standard_t(2, size=rows)},
        {
            "sex": rng.integers(0, 2, rows),
            "tribe": (rng.random(rows) < rare).astype(np.int64),
            "ill": ill,
        },
    )


def sides_of(
    make: Callable[[int, np.random.Generator], Side],
    made: Callable[[int, np.random.Generator], Side] | None = None,
    rows: int = 1200,
    unseen: int | None = None,
    seed: int = 0,
) -> Sides:
    """Three draws of a world, the made rows of another one where it is given; codes are their own labels."""
    rng = np.random.default_rng(seed)
    tables = make(rows, rng), make(rows if unseen is None else unseen, rng), (made or make)(rows, rng)
    kinds: dict[str, Kind] = dict.fromkeys(tables[0].numbers, "number") | dict.fromkeys(
        tables[0].codes, "category"
    )
    labels: Mapping[str, list[str]] = {
        name: [
            f"{name[0]}{code}" for code in range(1 + max(int(t.codes[name].max(initial=0)) for t in tables))
        ]
        for name in tables[0].codes
    }
    return Sides(*tables, kinds, labels, {}, seed)
