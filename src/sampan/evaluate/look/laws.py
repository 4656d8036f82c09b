"""Laws: what holds in every row of a table, found in the rows themselves.

    b is one value for each a           functional dependency, also for each a and b together
    a and b: pairs that never occur     values that should meet by chance and never do
    a <= b, a = b                       order and equality of numbers
    c = a + b, c = a * b                sums, differences and products
    b is 0 where a is                   counts and their amounts
    a and b are never both not 0        either, or
    a is missing where b is             and only there
    never missing                       in the columns that have no hole

A law is kept only if it forbids something: were the columns that it binds shuffled, it would be expected to
break in at least SUPPORT rows, and it broke in none. (Discovery of dependencies: Papenbrock et al. 2015; here
the search ends at two columns on the left.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.sides import Side, Sides

SUPPORT = 30.0
"""Expected breaks among shuffled columns. That none occurs by luck has then a chance of e ** -30; a law that
one row in n of the real table breaks is still found now and then, which the floor shows."""

MOST = 100
FEW_VALUES = 250
"""Distinct values up to which a number takes part in dependencies."""

PAIR_COLUMNS = 30
"""Columns of which pairs are tried on the left, those with the fewest values first."""

NUMBERS = 40
"""Number columns among which orders and sums are looked for, the first ones."""

CELLS = 2_000_000
"""Largest table from two values to a third."""

STEPS = (500, 5_000)
"""Rows on which a candidate is tried first: most fail there, and cost nothing more."""

Broken = Callable[[Side], np.ndarray]


@dataclass(frozen=True, eq=False)
class Law:
    """What holds in every row: its name, the breaks expected were columns shuffled, and who breaks it."""

    name: str
    support: float
    broken: Broken


@dataclass(frozen=True, eq=False)
class Discrete:
    """A column of few values: how its cells become codes 0 .. size - 1, of which 0 is missing.

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


def laws(sides: Sides) -> list[Law]:
    """What holds in every seen row, the laws that forbid most first; at most MOST."""
    seen = sides.seen
    names = [name for name in sides.numbers if not np.isnan(seen.numbers[name]).all()][:NUMBERS]
    found = [
        *_dependencies(seen, sides),
        *_orders(seen, names),
        *_arithmetic(seen, names),
        *_zeros(seen, names),
        *_holes(seen, list(sides.kinds)),
    ]
    return sorted(found, key=lambda law: -law.support)[:MOST]


# --- values that follow from others
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
                if 0 < values.size <= FEW_VALUES:
                    out.append(Discrete(name, values.size + 2, values))
    return out


def _dependencies(seen: Side, sides: Sides) -> Iterator[Law]:
    columns = _discrete(seen, sides)
    codes = [column.codes(seen) for column in columns]
    spread = [_spread(code) for code in codes]
    follows: set[tuple[int, int]] = set()
    for a, b in itertools.permutations(range(len(columns)), 2):
        if spread[b] <= 0:
            continue
        groups = int(np.count_nonzero(np.bincount(codes[a], minlength=1)))
        support = (seen.rows - groups) * spread[b]
        if support >= SUPPORT and _determines(codes[a], columns[a].size, codes[b]):
            follows.add((a, b))
            yield Law(
                f"{columns[b].name} is one value for each {columns[a].name}",
                support,
                _dependence(seen, (columns[a],), columns[b]),
            )
    few = sorted(range(len(columns)), key=lambda i: columns[i].size)[:PAIR_COLUMNS]
    few = sorted(i for i in few if spread[i] > 0)
    for a, b in itertools.combinations(few, 2):
        size = columns[a].size * columns[b].size
        if size > CELLS or (a, b) in follows or (b, a) in follows:
            continue
        joint = codes[a] * columns[b].size + codes[b]
        counts = np.bincount(joint, minlength=size).reshape(columns[a].size, columns[b].size)
        if columns[a].values is None and columns[b].values is None:
            yield from _never_together(seen, columns[a], columns[b], counts)
        repeated = seen.rows - int(np.count_nonzero(counts))
        for c in few:
            if c in (a, b) or (a, c) in follows or (b, c) in follows or repeated * spread[c] < SUPPORT:
                continue
            if _determines(joint, size, codes[c]):
                name = f"{columns[c].name} is one value for each {columns[a].name} and {columns[b].name}"
                yield Law(
                    name,
                    repeated * spread[c],
                    _dependence(seen, (columns[a], columns[b]), columns[c]),
                )


def _spread(code: np.ndarray) -> float:
    """The chance that two rows differ."""
    shares = np.bincount(code) / max(code.size, 1)
    return 1.0 - float((shares * shares).sum())


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

        yield Law(f"{a.name} and {b.name}: pairs that never occur", float(wanted[never].sum()), broken)


# --- numbers
def _orders(seen: Side, names: list[str]) -> Iterator[Law]:
    for a, b in itertools.permutations(names, 2):
        x, y = seen.numbers[a], seen.numbers[b]
        if _holds(lambda x, y: x <= y, x, y):
            both = ~(np.isnan(x) | np.isnan(y))
            x, y = x[both], y[both]
            if np.array_equal(x, y):
                support = float(x.size - np.sum(_chances(x) * x.size)) if a < b else 0.0
                if support >= SUPPORT:
                    yield Law(f"{a} = {b}", support, _unequal(a, b))
                continue
            support = float(x.size - np.searchsorted(np.sort(x), y, side="right").mean()) if x.size else 0.0
            if support >= SUPPORT:
                yield Law(f"{a} <= {b}", support, _greater(a, b))


def _chances(values: np.ndarray) -> np.ndarray:
    """The squared share of every distinct value."""
    _, counts = np.unique(values, return_counts=True)
    return (counts / values.size) ** 2


def _unequal(a: str, b: str) -> Broken:
    def broken(side: Side) -> np.ndarray:
        x, y = side.numbers[a], side.numbers[b]
        return (x != y) & ~(np.isnan(x) | np.isnan(y))

    return broken


def _greater(a: str, b: str) -> Broken:
    return lambda side: side.numbers[a] > side.numbers[b]  # False where either is missing


def _holds(true: Callable[..., np.ndarray], *columns: np.ndarray) -> bool:
    """Whether something holds in every row in which nothing is missing, and there is such a row."""
    for rows in (*STEPS, len(columns[0])):
        part = [column[:rows] for column in columns]
        there = ~np.isnan(np.sum(part, axis=0)) if len(part) > 1 else ~np.isnan(part[0])
        if (there & ~true(*part)).any():
            return False
        if rows >= len(columns[0]):
            return bool(there.any())
    return False


def _arithmetic(seen: Side, names: list[str]) -> Iterator[Law]:
    """c = a + b (which is also a = c - b) and c = a * b, up to the last digit that c is written with."""
    table = np.stack([seen.numbers[name] for name in names], axis=1) if names else np.zeros((0, 0))
    finite = np.where(np.isfinite(table), np.abs(table), 0.0).max(axis=0, initial=0.0)
    # numbers whose squares would overflow take no part
    usable = [i for i in range(len(names)) if 0 < finite[i] < 1e150]
    slack = np.array([_slack(table[:, i]) for i in range(len(names))])
    varied = [i for i in usable if np.unique(table[:2_000, i]).size > 2]
    head = table[: STEPS[0]]
    for a, b in itertools.combinations(varied, 2):
        for sign, combine in (("+", np.add), ("*", np.multiply)):
            guess = combine(head[:, a], head[:, b])
            off = np.abs(head - guess[:, None]) > slack + 1e-9 * np.abs(guess)[:, None]
            for c in np.flatnonzero(~off.any(axis=0)).tolist():
                if c in (a, b) or c not in varied:
                    continue
                x, y, z = table[:, a], table[:, b], table[:, c]
                broken = _unsummed(names[a], names[b], names[c], combine, float(slack[c]))
                if broken(seen).any():
                    continue
                # only rows where both count say anything: x + 0 is x, x * 1 is x
                idle = (0.0,) if sign == "+" else (0.0, 1.0)
                speaks = ~(np.isin(x, idle) | np.isin(y, idle) | np.isnan(x + y + z))
                support = float(speaks.sum()) * _spread(np.unique(z[speaks], return_inverse=True)[1])
                if support >= SUPPORT:
                    yield Law(f"{names[c]} = {names[a]} {sign} {names[b]}", support, broken)


def _slack(values: np.ndarray) -> float:
    """Half of the last decimal that a column is written with, at most the sixth; 0 for whole numbers."""
    there = values[np.isfinite(values)][:2_000]
    if not there.size or np.abs(there).max() > 1e9:
        return 0.0
    for decimals in range(7):
        if np.allclose(there, np.round(there, decimals), rtol=0, atol=1e-9):
            return 0.5000001 * 10.0**-decimals if decimals else 0.0
    return 0.0


def _unsummed(a: str, b: str, c: str, combine: Callable[..., np.ndarray], slack: float) -> Broken:
    def broken(side: Side) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            guess = combine(side.numbers[a], side.numbers[b])
            off = np.abs(side.numbers[c] - guess)
            return off > slack + 1e-9 * np.abs(guess)  # False where any is missing

    return broken


def _zeros(seen: Side, names: list[str]) -> Iterator[Law]:
    zero = {name: seen.numbers[name] == 0 for name in names}
    there = {name: ~(zero[name] | np.isnan(seen.numbers[name])) for name in names}
    rows = max(seen.rows, 1)
    for a, b in itertools.permutations(names, 2):
        support = float(zero[a].sum()) * float(there[b].sum()) / rows
        if support >= SUPPORT and not (zero[a] & there[b]).any():
            yield Law(f"{b} is 0 where {a} is", support, _not_zero_where(a, b))
    for a, b in itertools.combinations(names, 2):
        support = float(there[a].sum()) * float(there[b].sum()) / rows
        if support >= SUPPORT and not (there[a] & there[b]).any():
            yield Law(f"{a} and {b} are never both other than 0", support, _both(a, b))


def _not_zero_where(a: str, b: str) -> Broken:
    def broken(side: Side) -> np.ndarray:
        other = side.numbers[b]
        return (side.numbers[a] == 0) & (other != 0) & ~np.isnan(other)

    return broken


def _both(a: str, b: str) -> Broken:
    def broken(side: Side) -> np.ndarray:
        x, y = side.numbers[a], side.numbers[b]
        return (x != 0) & (y != 0) & ~np.isnan(x) & ~np.isnan(y)

    return broken


# --- holes
def _holes(seen: Side, names: list[str]) -> Iterator[Law]:
    gone = {name: seen.missing(name) for name in names}
    counts = {name: int(mask.sum()) for name, mask in gone.items()}
    holed = [name for name in names if 0 < counts[name] < seen.rows]
    for a, b in itertools.combinations(holed, 2):
        support = 2.0 * counts[a] * (seen.rows - counts[a]) / seen.rows
        if counts[a] == counts[b] and support >= SUPPORT and np.array_equal(gone[a], gone[b]):
            yield Law(f"{a} is missing where {b} is, and only there", support, _one_missing(a, b))
    whole = [name for name in names if not counts[name]]
    if whole and seen.rows >= SUPPORT:
        yield Law(f"never missing: {_few(whole)}", float(seen.rows), _any_missing(whole))


def _one_missing(a: str, b: str) -> Broken:
    return lambda side: side.missing(a) != side.missing(b)


def _any_missing(names: Iterable[str]) -> Broken:
    kept = list(names)

    def broken(side: Side) -> np.ndarray:
        out = np.zeros(side.rows, dtype=bool)
        for name in kept:
            out |= side.missing(name)
        return out

    return broken


def _few(names: list[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
