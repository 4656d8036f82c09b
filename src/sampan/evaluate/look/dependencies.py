"""Dependencies: one column's value fixes another's, and values that never meet.

A column is discrete where its values come back, whatever their number: a price that a product has, one of 500
products, follows from it as a country does from a city. (Discovery of dependencies: Papenbrock et al. 2015;
here the search ends at two columns on the left.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.look.law import STEPS, SUPPORT, Broken, Law, spread
from sampan.evaluate.sides import Side, Sides

COLUMNS = 80
"""Columns of which every two are tried, those with the fewest values first."""

PAIR_COLUMNS, PAIR_VALUES = 30, 250
"""Columns of which pairs are tried on the left, those with the fewest values first, and how many at most."""

MOST_PAIRED = 30
"""Laws with two columns on the left that are kept: of one cause there are many, all but the same."""

CELLS = 2_000_000
"""Largest table from two values to a third."""


@dataclass(frozen=True, eq=False)
class Discrete:
    """A column whose values come back: how its cells become codes 0 .. size - 1, of which 0 is missing.

    The last code stands for every number that the seen column does not hold.
    """

    name: str
    size: int
    values: np.ndarray | None = None

    def codes(self, side: Side) -> np.ndarray:
        """The code of every cell."""
        if self.values is None:
            return np.minimum(side.codes[self.name] + 1, self.size - 1)
        cells = side.numbers[self.name]
        place = np.searchsorted(self.values, cells).clip(max=max(self.values.size - 1, 0))
        known = self.values[place] == cells
        return np.where(np.isnan(cells), 0, np.where(known, place + 1, self.size - 1))


def _discrete(seen: Side, sides: Sides) -> list[Discrete]:
    out = []
    for name, kind in sides.kinds.items():
        match kind:
            case "category":
                size = int(seen.codes[name].max(initial=-1)) + 3
                if size <= seen.rows / 2 + 3:
                    out.append(Discrete(name, size))
            case "number":
                cells = seen.numbers[name]
                values = np.unique(cells[~np.isnan(cells)])
                if values.size:
                    out.append(Discrete(name, values.size + 2, values))
    return sorted(out, key=lambda column: column.size)[:COLUMNS]


def dependencies(seen: Side, sides: Sides, but: Sequence[Law] = ()) -> Iterator[Law]:
    """One value for each of another column, or of two others; and values that never meet.

    but: laws that are known already. What they fix is not told again.
    """
    columns = _discrete(seen, sides)
    bound = [set(law.columns) for law in but]
    place = {name: i for i, name in enumerate(sides.kinds)}
    codes = [column.codes(seen) for column in columns]
    usual = [int(np.bincount(code).argmax()) for code in codes]
    # what always follows from a column's most frequent value, or from its holes, is a law of that value alone
    telling = [(code != 0) & (code != often) for code, often in zip(codes, usual, strict=True)]
    repeats = [_repeats(code[mask]) for code, mask in zip(codes, telling, strict=True)]
    apart = [spread(code) for code in codes]
    follows: set[tuple[int, int]] = set()
    for a, b in itertools.permutations(range(len(columns)), 2):
        support = repeats[a] * apart[b]
        if support >= SUPPORT and _determines(codes[a], columns[a].size, codes[b]):
            follows.add((a, b))
            names = (columns[a].name, columns[b].name)
            if set(names) not in bound:
                broken = _dependence(seen, (columns[a],), columns[b])
                yield Law(f"{names[1]} is one value for each {names[0]}", support, broken, names)
    few = [i for i in range(len(columns)) if apart[i] > 0 and columns[i].size <= PAIR_VALUES][:PAIR_COLUMNS]
    paired: list[Law] = []
    for a, b in itertools.combinations(few, 2):
        size = columns[a].size * columns[b].size
        if size > CELLS or (a, b) in follows or (b, a) in follows:
            continue
        joint = codes[a] * columns[b].size + codes[b]
        counts = np.bincount(joint, minlength=size).reshape(columns[a].size, columns[b].size)
        if columns[a].values is None and columns[b].values is None:
            yield from _never_together(seen, columns[a], columns[b], counts)
        repeated = _repeats(joint[telling[a] & telling[b]])
        for c in range(len(columns)):
            first, second = sorted((a, b), key=lambda i: place[columns[i].name])
            names = (columns[first].name, columns[second].name, columns[c].name)
            if c in (a, b) or (a, c) in follows or (b, c) in follows or repeated * apart[c] < SUPPORT:
                continue
            if set(names) not in bound and _determines(joint, size, codes[c]):
                name = f"{names[2]} is one value for each {names[0]} and {names[1]}"
                broken = _dependence(seen, (columns[a], columns[b]), columns[c])
                paired.append(Law(name, repeated * apart[c], broken, names))
    yield from sorted(paired, key=lambda law: -law.support)[:MOST_PAIRED]


def _repeats(code: np.ndarray) -> int:
    """Rows less distinct values."""
    return code.size - np.unique(code).size


def _determines(cause: np.ndarray, size: int, effect: np.ndarray) -> bool:
    """Whether rows that agree in the one agree in the other."""
    table = np.empty(size, dtype=np.int64)
    for rows in (*STEPS, cause.size):
        table[cause[:rows]] = effect[:rows]  # the last row of each value stays
        if (table[cause[:rows]] != effect[:rows]).any():
            return False
        if rows >= cause.size:
            break
    return True


def _joint(columns: tuple[Discrete, ...], side: Side) -> tuple[np.ndarray, np.ndarray]:
    """The codes of several columns as one, and where all of them are values that the seen column holds."""
    joint = np.zeros(side.rows, dtype=np.int64)
    known = np.ones(side.rows, dtype=bool)
    for column in columns:
        code = column.codes(side)
        joint = joint * column.size + code
        known &= code < column.size - 1
    return joint, known


def _dependence(seen: Side, causes: tuple[Discrete, ...], effect: Discrete) -> Broken:
    table = np.full(int(np.prod([cause.size for cause in causes])), -1, dtype=np.int64)
    table[_joint(causes, seen)[0]] = effect.codes(seen)

    def broken(side: Side) -> np.ndarray:
        joint, known = _joint(causes, side)
        wanted = table[joint]
        return known & (wanted >= 0) & (wanted != effect.codes(side))

    return broken


def _never_together(seen: Side, a: Discrete, b: Discrete, counts: np.ndarray) -> Iterator[Law]:
    """Two categories' values that should meet SUPPORT times by chance and never do."""
    wanted = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(seen.rows, 1)
    never = (counts == 0) & (wanted >= SUPPORT)
    if never.any():

        def broken(side: Side) -> np.ndarray:
            return never[a.codes(side), b.codes(side)]

        yield Law(
            f"{a.name} and {b.name}: pairs that never occur",
            float(wanted[never].sum()),
            broken,
            (a.name, b.name),
        )
