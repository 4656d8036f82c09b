"""Rest: what no law says of a column, as a ratio to what it hangs on: that which says least of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from sampan.rules.quantities import Cells
from sampan.rules.solved import parts_of
from sampan.where.quantity import Quantity
from sampan.where.reckoning import reckoned
from sampan.where.term import Apply, Of, Term, columns_of

Table = Mapping[str, Quantity]

LESS = 0.8
"""Of what a cell says of all other columns, the most that a ratio may say to be learned in its place."""

BINS = 12
"""Stretches of equally many rows in which numbers are compared."""

MOST_ROWS = 4_000
"""Rows that are looked at."""


def ratio_of(cell: Quantity, base: Term | None, unit: Term | None, table: Table) -> np.ndarray:
    """What is left of a cell beside its base, in units of another: float64 (rows,), NaN where untold."""
    left = cell.numbers if base is None else cell.numbers - reckoned(base, table).numbers
    if unit is None:
        return left
    one = reckoned(unit, table).numbers
    with np.errstate(all="ignore"):
        ratio = left / one
    return np.where(np.isfinite(ratio) & (np.abs(ratio) < 2.0**200), ratio, np.nan)


def simplest(
    column: str, laws: Sequence[Term], cells: Cells, left: np.ndarray
) -> tuple[Term | None, Term | None, np.ndarray]:
    """(base, unit, ratio) of what no law says: that which says least of all other columns."""
    rows = np.flatnonzero(left)
    others = {
        name: cells[name].numbers[rows]
        for name in cells
        if name != column and cells[name].kind == "number" and not cells[name].gone[rows].all()
    }
    sums = [term for term in laws if len(set(columns_of(term))) > 1]
    base = sums[0] if sums else None
    best: tuple[float, Term | None, np.ndarray] | None = None
    if base is not None:
        own = ratio_of(cells[column], base, None, cells)
        best = hang(own[rows], others) / LESS, None, own
    plain = hang(cells[column].numbers[rows], others) * LESS
    for unit in _units(laws):
        ratio = ratio_of(cells[column], base, unit, cells)
        if np.isfinite(ratio[rows]).mean() < 0.9:
            continue
        score = hang(ratio[rows], others)
        if best is None or score < best[0]:
            best = score, unit, ratio
    if best is None or (base is None and best[0] > plain):
        return None, None, np.full(left.shape, np.nan)
    return base, best[1], best[2]


def _units(laws: Sequence[Term]) -> list[Term]:
    """What something may be a share of: the columns of the laws, and parts of their sums."""
    out: dict[Term, None] = {}
    for term in laws:
        for name in columns_of(term):
            out[Of(name)] = None
    return [*out, *(part for term in laws for part in _parts(term))]


def _parts(term: Term) -> list[Term]:
    """The sums of two or more, but not of all, of what a sum adds and takes away."""
    signed = parts_of(term)
    out: list[Term] = []
    for size in range(2, min(len(signed), 5)):
        for chosen in combinations(signed, size):
            (first, sign), *others = sorted(chosen, key=lambda part: -part[1])
            whole: Term = Of(first)
            for name, turn in others:
                whole = Apply("+" if turn > 0 else "-", (whole, Of(name)))
            out += [whole] if sign > 0 else []
    return out


def hang(values: np.ndarray, others: Mapping[str, np.ndarray]) -> float:
    """How much some numbers say of other columns: mutual information in nats, summed over these.

    What luck alone would show is taken off. NaN: missing.
    """
    rows = np.linspace(0, len(values) - 1, min(len(values), MOST_ROWS)).astype(np.int64)
    own = _bins(values[rows])
    return sum(_information(own, _bins(other[rows])) for other in others.values())


def _bins(values: np.ndarray) -> np.ndarray:
    """Which of equally full stretches each number lies in; the last is that of missing ones."""
    there = values[np.isfinite(values)]
    if not there.size:
        return np.zeros(values.shape, dtype=np.int64)
    edges = np.unique(np.quantile(there, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), edges.size + 1)


def _information(first: np.ndarray, second: np.ndarray) -> float:
    high = int(second.max()) + 1
    count = np.bincount(first * high + second, minlength=(int(first.max()) + 1) * high)
    joint = count.reshape(-1, high) / first.size
    joint = joint[joint.any(axis=1)][:, joint.any(axis=0)]
    alone = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    found = float((joint[there] * np.log(joint[there] / alone[there])).sum())
    luck = (joint.shape[0] - 1) * (joint.shape[1] - 1) / (2 * first.size)
    return max(0.0, found - luck)
