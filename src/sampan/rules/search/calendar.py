"""What follows from dates: stretches between them, ages, their parts, one instant on clocks of two zones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sampan.rules.rule import Fixes
from sampan.rules.search.candidate import Candidate, true_of
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet, dense, spread, variety
from sampan.rules.truth import joint
from sampan.where.formula import Relation
from sampan.where.quantity import DAY, HOUR, Quantity, codes_of, instant, wall_clock
from sampan.where.reckoning import reckoned
from sampan.where.term import Apply, Duration, Moment, Number, Of, Reckoning, Term, Text

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1), ("week", 604_800))
"""What a number may count between two moments, in seconds."""

MOST_DAYS = 60
"""Days that are tried as the one on which ages were counted."""

YEARS = (365.25, 365.2425, 365)
"""Days of a year, as who divides days counts them."""

YEAR = 365.25 * 86_400
"""Seconds of a year."""

PARTS: tuple[tuple[Reckoning, float], ...] = (
    *(("year", 0), ("month", 0), ("day", 0), ("quarter", 0), ("hour", 0), ("minute", 0)),
    *(("weekday", 0), ("weekday", 1)),
)
"""Parts of a moment that a number may be, and what is added: some count Monday as 1."""

FIXING: tuple[tuple[Reckoning, ...], ...] = (
    *(("weekday",), ("month",), ("hour",), ("quarter",), ("year",), ("year", "quarter"), ("year", "month")),
    ("date",),
)
"""Parts of a moment that may fix a label."""

ZONES = (
    *("UTC", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Kolkata", "Asia/Singapore", "Australia/Sydney"),
    *("Europe/London", "Europe/Paris", "Europe/Athens", "America/New_York", "America/Chicago"),
    *("America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Pacific/Auckland"),
)
"""Zones whose clocks two columns may show; many others agree with one of them."""


def spans(sheet: Sheet) -> Iterator[Candidate]:
    """Numbers that count days, hours or years from one moment to another, or to one moment for all."""
    numbers = [name for name in sheet.numbers if sheet.distinct(name) >= 3][: sheet.most[1]]
    for first, last in itertools.permutations(sheet.moments, 2):
        a, b = sheet.moments[first], sheet.moments[last]
        gap, known = (b.values - a.values) / 1e6, ~(a.gone | b.gone)
        for name in numbers:
            yield from _span(sheet, name, first, last, gap, known)
    for born in sheet.moments:
        for name in numbers:
            yield from _age(sheet, name, born)


def _span(
    sheet: Sheet, name: str, first: str, last: str, gap: np.ndarray, known: np.ndarray
) -> Iterator[Candidate]:
    z = sheet.numbers[name]
    rows = known & ~np.isnan(z)
    x, y = gap[rows], z[rows]
    if y.size < SUPPORT or not (x * y).sum() > 0 or (y.min() < 0) != (x.min() < 0) and y.min() < -1:
        return
    support = float(y.size) * variety(y)
    # seconds of which it counts one: the same in all rows but for what is cut off
    seconds = float((x * x).sum() / (x * y).sum())
    if support < SUPPORT or not 0.5 < seconds < 2 * YEAR:
        return
    stretch = Apply("-", (Of(last), Of(first)))
    terms: list[Term] = []
    if 0.8 * YEAR < seconds < 1.2 * YEAR:
        terms += [Apply("age", (Of(first), Of(last)))]
        terms += [_cut("floor", Apply("/", (stretch, Duration(days * 86_400)))) for days in YEARS]
    for unit, size in UNITS:
        if not 0.6 < seconds / size < 1.6:
            continue
        counted: Term = stretch if unit == "day" else Apply("/", (stretch, Duration(size)))
        whole: Term = Apply("/", (stretch, Duration(size)))
        if unit == "day":
            terms += [counted, Apply("-", (Apply("date", (Of(last),)), Apply("date", (Of(first),))))]
            terms += [Apply("+", (counted, Number(1)))]
        cells = sheet.cells[name]
        digits = cells.scale if cells.exact else 0
        terms += [counted, _cut("floor", whole), Apply("round", (whole, Number(digits))), _cut("ceil", whole)]
    yield from _first(sheet, name, terms, support)


def _cut(op: Reckoning, term: Term) -> Apply:
    return Apply(op, (term,))


def _first(sheet: Sheet, name: str, terms: list[Term], support: float) -> Iterator[Candidate]:
    """The first of some terms that a column equals."""
    for term in terms:
        claim = Relation(Of(name), "==", term)
        if true_of(claim, sheet):
            yield Candidate(claim, support, 1)
            return


def _age(sheet: Sheet, name: str, born: str) -> Iterator[Candidate]:
    """Whole years from a column to one day for all rows, which is not known: where all rows leave a day."""
    z, cells = sheet.numbers[name], sheet.moments[born]
    rows = ~(cells.gone | np.isnan(z))
    y, days = z[rows], cells.values[rows] // DAY
    if y.size < SUPPORT or (y < 0).any() or (y != np.round(y)).any() or variety(y) * y.size < SUPPORT:
        return
    if y.max() > 150 or np.corrcoef(y[:HEAD], days[:HEAD])[0, 1] > -0.9:
        return
    low, high = float((days + y * 365.25).max()), float((days + (y + 1) * 365.25).min())
    if low > high + 2:
        return
    # calendars put a leap day here or there, so that the ends are not sure
    tried = np.arange(int(low) - 2, int(max(high, low)) + 4)
    for day in sorted(tried.tolist(), key=lambda day: abs(day - (low + high) / 2))[:MOST_DAYS]:
        at = Moment(str(np.datetime64(int(day), "D")))
        stretch = Apply("/", (Apply("-", (at, Of(born))), Duration(YEAR)))
        for term in (Apply("age", (Of(born), at)), _cut("floor", stretch)):
            claim = Relation(Of(name), "==", term)
            if true_of(claim, sheet):
                yield Candidate(claim, float(y.size) * variety(y), 2)
                return


# --- parts
def parts(sheet: Sheet) -> Iterator[Candidate]:
    """Numbers that are the year, the month, the hour of a moment; labels that one of them fixes; its day."""
    made = {name: _Made(sheet, name) for name in sheet.moments}
    for moment, name in itertools.product(sheet.moments, sheet.numbers):
        z = sheet.numbers[name]
        for op, more in PARTS:
            cells = made[moment].of(op)
            known = ~(cells.gone | np.isnan(z))
            wrong = known & (cells.values + more != z)
            if wrong[:HEAD].any() or wrong.any():
                continue
            support = float(known.sum()) * variety(z[known])
            if support >= SUPPORT:
                term: Term = Apply(op, (Of(moment),))
                term = Apply("+", (term, Number(int(more)))) if more else term
                yield Candidate(Relation(Of(name), "==", term), support, 1)
                break
    for day, moment in itertools.permutations(sheet.moments, 2):
        cells, z = made[moment].of("date"), sheet.moments[day]
        known = ~(cells.gone | z.gone)
        if (known & (cells.values != z.values))[:HEAD].any() or not (z.values[known] % DAY == 0).all():
            continue
        if (sheet.moments[moment].values[known] % DAY == 0).all():
            continue
        claim = Relation(Of(day), "==", Apply("date", (Of(moment),)))
        support = float(known.sum()) * spread(sheet.codes[day][known])
        if support >= SUPPORT and true_of(claim, sheet):
            yield Candidate(claim, support, 1)


@dataclass(frozen=True, eq=False)
class _Made:
    """The parts of one column, each reckoned once."""

    sheet: Sheet
    name: str
    kept: dict[Reckoning, Quantity]

    def __init__(self, sheet: Sheet, name: str) -> None:
        object.__setattr__(self, "sheet", sheet)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "kept", {})

    def of(self, op: Reckoning) -> Quantity:
        if op not in self.kept:
            self.kept[op] = reckoned(Apply(op, (Of(self.name),)), self.sheet.cells)
        return self.kept[op]


def labels(sheet: Sheet, but: set[str]) -> Iterator[Candidate]:
    """Columns of a few values that a part of a moment fixes: the name of a weekday, a season, a fiscal year.

    but: columns that are reckoned already.
    """
    few = [name for name in sheet.codes if name not in sheet.moments and sheet.distinct(name) <= 400]
    few = [name for name in few if name not in but][: 2 * sheet.most[1]]
    for moment in sheet.moments:
        made = _Made(sheet, moment)
        done: set[str] = set()
        for ops in FIXING:
            cells = [made.of(op) for op in ops]
            there = np.logical_and.reduce([~one.gone for one in cells])
            cause = np.full(sheet.rows, -1, dtype=np.int64)
            cause[there] = dense(joint([codes_of(one)[there] for one in cells]))
            for name in few:
                support = 0.0 if name in done else _support(cause, sheet.codes[name])
                if support >= SUPPORT:
                    done.add(name)
                    by = tuple(Apply(op, (Of(moment),)) for op in ops)
                    yield Candidate(Fixes(by, name), support, 2)


def _support(cause: np.ndarray, effect: np.ndarray) -> float:
    """Breaks that luck would make where a part of a moment fixes a label; 0 where it does not.

    A part of which nothing varies, or of which each value is met once, fixes nothing.
    """
    known = (cause >= 0) & (effect >= 0)
    if not _fixes(cause[known][:HEAD], effect[known][:HEAD]):
        return 0.0
    groups = np.unique(cause[known]).size
    seen = int(known.sum()) - groups
    if groups < 2 or seen < 4 * groups or not _fixes(cause[known], effect[known]):
        return 0.0
    return seen * spread(effect[known])


def _fixes(cause: np.ndarray, effect: np.ndarray) -> bool:
    """Whether rows that agree in the one agree in the other, of codes from 0."""
    if not cause.size:
        return False
    table = np.empty(int(cause.max()) + 1, dtype=np.int64)
    table[cause] = effect  # the last row of each stays
    return bool((table[cause] == effect).all())


# --- clocks
def clocks(sheet: Sheet, but: set[frozenset[str]]) -> Iterator[Candidate]:
    """Two columns that show one instant on the clocks of two zones, of which one keeps summer time."""
    for a, b in itertools.combinations(sheet.moments, 2):
        x, y = sheet.moments[a], sheet.moments[b]
        known = ~(x.gone | y.gone)
        gaps = np.unique((y.values - x.values)[known][:HEAD])
        if frozenset((a, b)) in but or not 2 <= gaps.size <= 4 or (gaps % (HOUR // 4)).any():
            continue
        if np.abs(gaps).max() > 26 * HOUR or known.sum() < SUPPORT:
            continue
        term = _clock(a, b, x.values[known][:HEAD], y.values[known][:HEAD])
        if term is not None and true_of(term, sheet):
            yield Candidate(term, float(known.sum()), 2)


def _clock(a: str, b: str, x: np.ndarray, y: np.ndarray) -> Relation | None:
    """`b = local(utc(a, zone), zone)`; UTC itself is not said."""
    at: dict[str, np.ndarray] = {}
    for zone, (name, other, values, wanted) in itertools.product(ZONES, ((a, b, x, y), (b, a, y, x))):
        if zone != "UTC" and (wall_clock(values, zone) == wanted).all():
            return Relation(Of(other), "==", Apply("local", (Of(name), Text(zone))))
        if name == a:
            at[zone] = instant(values, zone)
    for one, two in itertools.permutations(ZONES, 2):
        # the hour that clocks show twice may be either
        if one != "UTC" and two != "UTC" and (wall_clock(at[one], two) == y).mean() > 0.999:
            return Relation(Of(b), "==", Apply("local", (Apply("utc", (Of(a), Text(one))), Text(two))))
    return None
