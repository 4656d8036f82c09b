"""One number out of another: a share, a tax, another unit; up to a cap, from a threshold on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sampan.field import Compare
from sampan.rules.search.arithmetic import countable
from sampan.rules.search.candidate import Candidate, equation, half, roundest, true_of
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet, variety
from sampan.where.formula import Atom, Not, Or, Relation
from sampan.where.reckoning import holds
from sampan.where.term import Apply, Number, Of, Term

EDGE = 0.01
"""Share of rows from which a column's largest or smallest value may be a cap or a floor."""

LEAST_HELD = 20
"""Rows that hold a least payment, which no other amount is near as frequent as."""

SURE = 1e-4
"""How narrow, as a share of itself, the rows must leave a factor."""


def lines(sheet: Sheet) -> Iterator[Candidate]:
    """`y = x * 1.1`, `y = round(x * 0.1, 2)`, `y = x * 1.8 + 32`.

    Of each two columns, the one with more digits on the left where both can be said.
    """
    names = sorted(countable(sheet), key=lambda name: -_scale(name, sheet))
    found: set[frozenset[str]] = set()
    for target, source in itertools.permutations(names, 2):
        if frozenset((target, source)) in found:
            continue
        x, z = sheet.numbers[source], sheet.numbers[target]
        known = ~np.isnan(x + z)
        x, z, reach = x[known], z[known], half(target, sheet)
        line = _proportional(x, z, reach) or _straight(x, z, reach)
        if line is None or line == (1.0, 0.0):
            continue
        claim = equation(target, _term(source, *line), sheet, _digits(target, sheet))
        support = float(z.size) * variety(z)
        if claim is not None and support >= SUPPORT:
            long = len(f"{line[0]!r}") > 6
            rank = 1 + (claim.right != _term(source, *line)) + 2 * long
            if not long:  # else it may read better the other way round
                found.add(frozenset((target, source)))
            yield Candidate(claim, support, rank)


def _scale(name: str, sheet: Sheet) -> int:
    cells = sheet.cells[name]
    return cells.scale if cells.exact else 99


def _digits(name: str, sheet: Sheet) -> int | None:
    cells = sheet.cells[name]
    return cells.scale if cells.exact else None


def _factors(x: np.ndarray, z: np.ndarray, reach: float) -> tuple[float, float]:
    """From which factor to which one `z = x * factor` holds in all of some rows; crossed where none does."""
    there = x != 0
    if not there.any() or (np.abs(z[~there]) > reach + 1e-12).any():
        return 1.0, 0.0
    x, z = x[there], z[there]
    far = reach + 1e-10 * np.abs(z) + 1e-13
    ends = np.stack([(z - far) / x, (z + far) / x])
    return float(ends.min(axis=0).max()), float(ends.max(axis=0).min())


def _factor(x: np.ndarray, z: np.ndarray, reach: float) -> float | None:
    """The roundest factor by which one column is another in all of some rows."""
    for rows in (HEAD // 4, x.size):
        low, high = _factors(x[:rows], z[:rows], reach)
        if low > high:
            return None
    factor = roundest(low, high)
    # a factor that the rows leave wide open is none that they say
    return None if not factor or high - low > max(SURE, 4 * reach) * abs(factor) else factor


def _proportional(x: np.ndarray, z: np.ndarray, reach: float) -> tuple[float, float] | None:
    if x.size < SUPPORT:
        return None
    factor = _factor(x, z, reach)
    return None if factor is None else (factor, 0.0)


def _straight(x: np.ndarray, z: np.ndarray, reach: float) -> tuple[float, float] | None:
    """The slope and the intercept, in as few digits as will do; None where the points bend."""
    if x.size < SUPPORT:
        return None
    for rows in (HEAD, x.size):
        a, b = x[:rows], z[:rows]
        wide = a.std()
        if not wide > 0:
            return None
        slope = float(((a - a.mean()) * (b - b.mean())).mean() / wide**2)
        rest = float(b.mean() - slope * a.mean())
        if np.abs(b - slope * a - rest).max() > 1.5 * reach + 1e-6 * b.std():
            return None
    far = reach + 1e-9 * np.abs(z).max()
    for digits in range(1, 10):
        k = float(f"{slope:.{digits}g}")
        lower, upper = float((z - k * x - far).max()), float((z - k * x + far).min())
        m = roundest(lower, upper)
        if k and m is not None:
            return k, m
    return None


def _term(source: str, factor: float, rest: float) -> Term:
    """`source * factor + rest`, as people say it: a twelfth is / 12."""
    out: Term = Of(source)
    if factor != 1:
        part = 1 / factor
        divided = abs(part - round(part)) < 1e-9 * abs(part) and abs(part) >= 2 and len(f"{factor!r}") > 5
        out = Apply("/", (out, Number(round(part)))) if divided else Apply("*", (out, Number(_plain(factor))))
    if rest:
        out = Apply("+" if rest > 0 else "-", (out, Number(_plain(abs(rest)))))
    return out


def _plain(value: float) -> float:
    """A whole number without its point."""
    return int(value) if value == round(value) and abs(value) < 1e15 else value


# --- in pieces
def capped(sheet: Sheet, but: set[frozenset[str]]) -> Iterator[Candidate]:
    """`y = min(round(x * 5 %, 2), 1500)`, `max(...)`, and nothing below a threshold of x.

    but: pairs of which more is known already.
    """
    names = countable(sheet)
    made: set[str] = set()
    for target, source in itertools.permutations(names, 2):
        if frozenset((target, source)) not in but and not made & {target, source}:
            for one in _capped(sheet, target, source):
                made.add(target)
                yield one


def _capped(sheet: Sheet, target: str, source: str) -> Iterator[Candidate]:
    x, z = sheet.numbers[source], sheet.numbers[target]
    known = ~np.isnan(x + z)
    x, z, reach = x[known], z[known], half(target, sheet)
    least = max(SUPPORT, EDGE * z.size)
    if z.size < 3 * SUPPORT:
        return
    nothing = z == 0 if (z == 0).sum() >= least else np.zeros(z.size, dtype=bool)
    top, bottom = z.max(), z[~nothing].min(initial=z.max())
    capped = (z == top) & ~nothing
    floored = (z == bottom) & ~nothing
    edges = [rows for rows in (capped, floored) if rows.sum() >= least]
    if not (edges or nothing.any()):
        return
    core = ~np.logical_or.reduce([nothing, *edges])
    if core.sum() < 3 * SUPPORT or np.unique(z[core][:HEAD]).size < 5:
        return
    factor = _factor(x[core], z[core], reach)
    if factor is None:
        return
    term = equation_term = _term(source, factor, 0.0)
    guess, digits = factor * x, _digits(target, sheet)
    from_on = _threshold(x, nothing & (np.abs(guess) > reach + 1e-9), ~nothing)
    if from_on is False:
        return
    inside = ~nothing if from_on is not None else np.ones(z.size, dtype=bool)
    rounded = term if digits is None else Apply("round", (equation_term, Number(digits)))
    for base in (term, rounded):
        made = base
        if (capped & (guess > top + reach + 1e-9)).sum() >= SUPPORT:
            made = Apply("min", (made, Number(_plain(float(top)))))
        if (floored & (guess < bottom - reach - 1e-9)).sum() >= SUPPORT:
            made = Apply("max", (made, Number(_plain(float(bottom)))))
        if made == base and from_on is None:
            return
        claim = Relation(Of(target), "==", made)
        support = float(inside.sum()) * variety(z[core])
        if from_on is None:
            if true_of(claim, sheet):
                yield Candidate(claim, support, 2)
                return
            continue
        above = Relation(Of(source), ">=", Number(from_on))
        true, says = holds(claim, sheet.cells)
        there, _ = holds(above, sheet.cells)
        if (true | ~there)[says].all():
            edge = Atom(source, Compare(">=", _plain(from_on)))
            below = Atom(source, Compare("<", _plain(from_on)))
            yield Candidate(Or((Not(edge), claim)), support, 2)
            yield Candidate(Or((Not(below), Atom(target, Compare("==", 0)))), float(nothing.sum()), 2)
            return


def _threshold(x: np.ndarray, nothing: np.ndarray, something: np.ndarray) -> float | None | bool:
    """From which x on there is something; None where there is always; False where x does not part them."""
    if not nothing.any():
        return None
    low, high = float(x[nothing].max()), float(x[something].min())
    if low >= high or nothing.sum() < SUPPORT:
        return False
    edge = roundest(low + (high - low) * 1e-9, high)
    return high if edge is None else edge


def ratios(sheet: Sheet, but: set[frozenset[str]]) -> Iterator[Candidate]:
    """`y = round(x * 0.05, 2)` in some rows: a factor that stands out among all."""
    names = [name for name in countable(sheet) if sheet.distinct(name) >= 50][: sheet.most[1]]
    for target, source in itertools.permutations(names, 2):
        if frozenset((target, source)) in but:
            continue
        x, z, reach = sheet.numbers[source], sheet.numbers[target], half(target, sheet)
        fine = (np.abs(x) > 400 * max(reach, 1e-9)) & (z != 0) & (z != x) & ~np.isnan(x + z)
        if fine.sum() < 100:
            continue
        ratio = z[fine] / x[fine]
        bins, times = np.unique(np.round(ratio, 3), return_counts=True)
        best = int(times.argmax())
        beside = np.delete(times, best)[max(best - 6, 0) : best + 6]
        factor = float(bins[best])
        if not factor or factor == 1 or times[best] < max(0.02 * fine.sum(), 5 * beside.max(initial=0) + 50):
            continue
        core = np.abs(z - factor * x) <= reach + 1e-9 * np.abs(z)
        if core[fine].sum() < 0.9 * times[best] or variety(z[fine & core]) < 0.9:
            continue
        digits = _digits(target, sheet)
        term = _term(source, factor, 0.0)
        made = term if digits is None else Apply("round", (term, Number(digits)))
        floor = _floor(z[fine], factor * x[fine])
        if floor is not None:
            made = Apply("max", (made, Number(_plain(floor))))
        claim = Relation(Of(target), "==", made)
        true, known = holds(claim, sheet.cells)
        yield Candidate(claim, float(times[best]), 6, float(true[known].mean()))


def _floor(z: np.ndarray, made: np.ndarray) -> float | None:
    """The value that many rows hold where a factor makes less: a least payment."""
    values, times = np.unique(z[made < z], return_counts=True)
    most, next_most = np.partition(np.append(times, [0, 0]), -2)[[-1, -2]]
    if most < LEAST_HELD or most < 5 * next_most:
        return None
    value = float(values[times.argmax()])
    return value if (z[made > value * (1 + 1e-9)] == value).mean() < 0.01 else None
