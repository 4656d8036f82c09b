"""The truth of a rule: in which rows of a table it holds, and of which it says something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sampan.column import Column
from sampan.rules.rule import Fixes
from sampan.where.evaluation import decided
from sampan.where.formula import Formula
from sampan.where.quantity import Quantities, codes_of
from sampan.where.reckoning import reckoned


def truth(
    claim: Formula | Fixes,
    columns: Mapping[str, Column],
    cells: Quantities | None = None,
    of: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows keep a claim, and of which it says something: bool (rows,) each.

    Where columns fix another, a row keeps it that holds what most rows hold with the same cells there.
    cells: the columns as quantities, where they have been read before. of: how many of the first rows say
    what is fixed; of the others those are asked of which these say it.
    """
    cells = Quantities(columns) if cells is None else cells
    if not isinstance(claim, Fixes):
        return decided(claim, columns, cells)
    causes = [codes_of(cells[one] if isinstance(one, str) else reckoned(one, cells)) for one in claim.by]
    effect = codes_of(cells[claim.of])
    known = np.logical_and.reduce([code >= 0 for code in (*causes, effect)])
    group, held = joint([code[known] for code in causes]), effect[known]
    said = known.size if of is None else int(known[:of].sum())
    wanted = np.full(int(group.max(initial=-1)) + 1, -1, dtype=np.int64)
    own = usual(group[:said], held[:said])
    wanted[: own.size] = own
    true, asked = np.zeros(known.size, dtype=bool), known.copy()
    true[known] = held == wanted[group]
    asked[known] = wanted[group] >= 0
    return true, asked


def joint(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Several codes from 0 as one, that is not much larger than there are rows."""
    out = codes[0]
    for code in codes[1:]:
        out = out * (int(code.max(initial=0)) + 1) + code
        if int(out.max(initial=0)) > 4 * out.size:
            out = np.unique(out, return_inverse=True)[1]
    return np.unique(out, return_inverse=True)[1] if int(out.max(initial=0)) > 4 * out.size else out


def usual(group: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Of each group, from 0, the code that most of its rows hold; -1 of one that has no row."""
    out = np.full(int(group.max(initial=-1)) + 1, -1, dtype=np.int64)
    out[group] = held
    odd = out[group] != held
    if not odd.any():
        return out
    mixed = np.isin(group, group[odd])
    group, held = group[mixed], held[mixed]
    size = int(held.max()) + 1
    pairs, times = np.unique(group * size + held, return_counts=True)
    order = np.argsort(times, kind="stable")  # the most frequent of each group comes last, and stays
    out[pairs[order] // size] = pairs[order] % size
    return out
