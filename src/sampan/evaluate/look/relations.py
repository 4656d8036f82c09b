"""Relations: what holds between numbers, dates among them, in every row.

    a = b, a <= b, a < b                equality and order
    c = a + b, c = a * b                sums, differences and products
    c = k * a + m                       a share, a tax, another unit
    c = days from a to b                also hours, full years
    c rises (falls) with a              steps: an age and a birth date, a grade and its marks

All up to the last digit that the column on the left is written with.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from sampan.evaluate.look.law import STEPS, SUPPORT, Broken, Law, holds, spread
from sampan.evaluate.sides import Side

NUMBERS = 40
"""Number columns among which relations are looked for, the first ones."""

HUGE = 1e150
"""Numbers whose squares would overflow take no part in arithmetic."""

STRAIGHT = 1e-6
"""How far, as a share of its spread, a column may lie from a straight line to be worth a closer look."""

UNITS = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3_600.0,
    "days": 86_400.0,
    "weeks": 604_800.0,
    "months": 2_629_746.0,
    "years": 31_556_952.0,
}
"""Stretches of time in seconds, of which a number may count another one."""


def relations(seen: Side, names: Sequence[str], moments: frozenset[str] = frozenset()) -> list[Law]:
    """The laws among number columns. moments: those of the names that are dates or times."""
    alike = list(_equal(seen, names))
    twins = {law.columns[1] for law in alike}
    names = [name for name in names if name not in twins]
    sums = list(_arithmetic(seen, [name for name in names if name not in moments]))
    lines = list(_straight(seen, names, moments))
    spans = list(_spans(seen, names, moments))
    tree = _joined(names, [law.columns for law in lines])
    steps = [law for law in _steps(seen, names) if len({tree[name] for name in law.columns}) > 1]
    return [*alike, *sums, *lines, *spans, *steps, *_orders(seen, names)]


# --- equality and order
def _equal(seen: Side, names: Sequence[str]) -> Iterator[Law]:
    """Each column that equals another one, named second."""
    twins: set[str] = set()
    for a, b in itertools.combinations(names, 2):
        x, y = seen.numbers[a], seen.numbers[b]
        if b in twins or not holds(np.equal, x, y):
            continue
        both = ~(np.isnan(x) | np.isnan(y))
        support = float(both.sum()) * spread(_codes(x[both]))
        if support >= SUPPORT:
            twins.add(b)
            yield Law(f"{a} = {b}", support, _off(a, b, np.not_equal), (a, b))


def _orders(seen: Side, names: Sequence[str]) -> Iterator[Law]:
    for a, b in itertools.permutations(names, 2):
        x, y = seen.numbers[a], seen.numbers[b]
        if not holds(np.less_equal, x, y):
            continue
        both = ~(np.isnan(x) | np.isnan(y))
        x, y = x[both], y[both]
        support = float(x.size - np.searchsorted(np.sort(x), y, side="right").mean()) if x.size else 0.0
        if support < SUPPORT:
            continue
        # many rows at one smallest gap above 0 say that the two may not meet
        gap = y - x
        if gap.min() > 0 and (gap == gap.min()).sum() >= SUPPORT:
            yield Law(f"{a} < {b}", support, _off(a, b, np.greater_equal), (a, b))
        else:
            yield Law(f"{a} <= {b}", support, _off(a, b, np.greater), (a, b))


def _off(a: str, b: str, wrong: Callable[..., np.ndarray]) -> Broken:
    def broken(side: Side) -> np.ndarray:
        x, y = side.numbers[a], side.numbers[b]
        return wrong(x, y) & ~(np.isnan(x) | np.isnan(y))

    return broken


# --- sums and products
def _arithmetic(seen: Side, names: Sequence[str]) -> Iterator[Law]:
    """c = a + b (which is also a = c - b) and c = a * b."""
    table = np.stack([seen.numbers[name] for name in names], axis=1) if names else np.zeros((0, 0))
    finite = np.where(np.isfinite(table), np.abs(table), 0.0).max(axis=0, initial=0.0)
    usable = [i for i in range(len(names)) if 0 < finite[i] < HUGE]
    slack = np.array([slack_of(table[:, i]) for i in range(len(names))])
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
                support = float(speaks.sum()) * spread(_codes(z[speaks]))
                if support >= SUPPORT:
                    three = (names[a], names[b], names[c])
                    yield Law(f"{three[2]} = {three[0]} {sign} {three[1]}", support, broken, three)


def slack_of(values: np.ndarray) -> float:
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


# --- straight lines
def _straight(seen: Side, names: Sequence[str], moments: frozenset[str]) -> list[Law]:
    """c = k * a + m, of the two the one with more digits on the left; moments only with moments.

    Of columns that all lie on one line, only as many laws as bind them, those of the shortest slopes.
    """
    found: dict[frozenset[str], tuple[int, Law]] = {}
    order = sorted(names, key=lambda name: slack_of(seen.numbers[name]) or math.inf)
    for c, a in itertools.permutations(order, 2):
        if frozenset((a, c)) in found or (a in moments) != (c in moments):
            continue
        x, z = seen.numbers[a], seen.numbers[c]
        line = _line(x[: STEPS[0]], z[: STEPS[0]], slack_of(z))
        if line is None or line == (1.0, 0.0):
            continue
        broken = _bent(a, c, *line, slack_of(z))
        if broken(seen).any():
            continue
        there = ~np.isnan(x + z)
        support = float(there.sum()) * spread(_codes(z[there]))
        if support >= SUPPORT:
            k, m = line
            told = f"{k:.9g} * {a}" if k != 1.0 else a
            if m:
                told += f" {'+' if m > 0 else '-'} {abs(m):.9g}"
            found[frozenset((a, c))] = len(told), Law(f"{c} = {told}", support, broken, (a, c))
    out: list[Law] = []
    for _, law in sorted(found.values(), key=lambda one: one[0]):
        tree = _joined(names, [law.columns for law in out])
        if len({tree[name] for name in law.columns}) > 1:
            out.append(law)
    return out


def _joined(names: Sequence[str], pairs: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """name -> the first of those that the pairs join it to."""
    tree = {name: name for name in names}
    for first, second in pairs:
        kept, gone = tree[first], tree[second]
        tree = {name: kept if root == gone else root for name, root in tree.items()}
    return tree


def _line(x: np.ndarray, z: np.ndarray, slack: float) -> tuple[float, float] | None:
    """The slope and the intercept, each in as few digits as will do; None where the points bend."""
    there = np.isfinite(x + z)
    x, z = x[there], z[there]
    if x.size < SUPPORT or np.unique(x[:100]).size < 4 or np.unique(z[:100]).size < 4:
        return None
    if max(np.abs(x).max(), np.abs(z).max()) > HUGE:
        return None
    wide, middle = x.std(), x.mean()
    k = float(((x - middle) * (z - z.mean())).mean() / wide**2)
    m = float(z.mean() - k * middle)
    if np.abs(z - k * x - m).max() > slack * 1.5 + STRAIGHT * z.std():
        return None
    tolerance = slack + 1e-9 * np.abs(z).max()
    for zero in (True, False):
        for digits in range(1, 10):
            slope = float(f"{k:.{digits}g}")
            rest = 0.0 if zero else float(f"{np.median(z - slope * x):.{digits}g}")
            if np.abs(z - slope * x - rest).max() <= tolerance:
                return (slope, rest) if slope else None
    return None


def _bent(a: str, c: str, k: float, m: float, slack: float) -> Broken:
    def broken(side: Side) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            guess = k * side.numbers[a] + m
            return np.abs(side.numbers[c] - guess) > slack + 1e-9 * np.abs(guess) + 1e-12

    return broken


# --- stretches between moments
def _spans(seen: Side, names: Sequence[str], moments: frozenset[str]) -> Iterator[Law]:
    """c = k * (b - a), exactly or cut to full units."""
    days = [name for name in names if name in moments]
    for a, b in itertools.permutations(days, 2):
        gap = seen.numbers[b] - seen.numbers[a]
        for c in names:
            if c in moments:
                continue
            z = seen.numbers[c]
            there = np.isfinite(gap + z)
            x, y = gap[there], z[there]
            if y.size < SUPPORT or np.unique(y).size < 3 or not (x * y).sum() > 0 or (y < 0).any():
                continue
            support = float(y.size) * spread(_codes(y))
            k, slack = float((x * y).sum() / (x * x).sum()), slack_of(z)
            if support < SUPPORT:
                continue
            for told, low, high in (
                ("{c} = {unit} from {a} to {b}", slack, slack),
                ("{c} = full {unit} from {a} to {b}", 0.01, 1.01),
            ):
                k_of = k if low == slack else _floor_slope(x, y)
                over = k_of * x - y
                if (over < -low - 1e-9 * np.abs(y)).any() or (over > high + 1e-9 * np.abs(y)).any():
                    continue
                name = told.format(a=a, b=b, c=c, unit=_unit(k_of))
                yield Law(name, support, _astray(a, b, c, k_of, low, high), (a, b, c))
                break


def _unit(slope: float) -> str:
    """What a slope of 1 / seconds counts."""
    for unit, seconds in UNITS.items():
        if slope > 0 and abs(slope * seconds - 1.0) < 0.005:
            return unit
    return f"{slope:.6g} times the seconds"


def _floor_slope(x: np.ndarray, y: np.ndarray) -> float:
    """The slope between those that each row allows, were y the full units in x."""
    there = x > 0
    if not there.any():
        return 0.0
    low, high = (y[there] / x[there]).max(), ((y[there] + 1) / x[there]).min()
    return float((low + high) / 2)


def _astray(a: str, b: str, c: str, k: float, low: float, high: float) -> Broken:
    def broken(side: Side) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            over = k * (side.numbers[b] - side.numbers[a]) - side.numbers[c]
            return (over < -low - 1e-6) | (over > high + 1e-6)  # False where any is missing

    return broken


# --- steps
def _steps(seen: Side, names: Sequence[str]) -> Iterator[Law]:
    """c rises with a, or falls, without one exception."""
    for a, c in itertools.permutations(names, 2):
        x, z = seen.numbers[a], seen.numbers[c]
        for told, sign in (("rises", 1.0), ("falls", -1.0)):
            if not all(_climbs(x[:rows], sign * z[:rows]) for rows in (*STEPS, len(x))):
                continue
            there = np.isfinite(x + z)
            # the finer column says of the coarser one where it must lie, not the other way round
            if np.unique(x[there]).size < np.unique(z[there]).size:
                continue
            broken = _between(x[there], z[there], a, c)
            shuffled = np.random.default_rng(len(z)).permutation(z[there])
            support = float(broken(Side(len(shuffled), {a: x[there], c: shuffled}, {})).sum())
            if support >= SUPPORT:
                yield Law(f"{c} {told} with {a}, without exception", support, broken, (a, c))


def _climbs(x: np.ndarray, z: np.ndarray) -> bool:
    there = np.isfinite(x + z)
    x, z = x[there], z[there]
    if z.size < SUPPORT or z.min() == z.max() or x.min() == x.max():
        return False
    order = np.lexsort((z, x))
    return bool((np.diff(z[order]) >= 0).all())


def _between(x: np.ndarray, z: np.ndarray, a: str, c: str) -> Broken:
    """Broken where c lies outside what the seen rows on both sides of a hold."""
    order = np.argsort(x, kind="stable")
    steps, first = np.unique(x[order], return_index=True)
    low = np.minimum.reduceat(z[order], first)
    high = np.maximum.reduceat(z[order], first)

    def broken(side: Side) -> np.ndarray:
        at, held = side.numbers[a], side.numbers[c]
        left = (np.searchsorted(steps, at, side="right") - 1).clip(0)
        right = np.searchsorted(steps, at, side="left").clip(max=steps.size - 1)
        inside = (at >= steps[0]) & (at <= steps[-1])
        least, most = np.minimum(low[left], low[right]), np.maximum(high[left], high[right])
        return inside & ((held < least) | (held > most))

    return broken


def _codes(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1]
