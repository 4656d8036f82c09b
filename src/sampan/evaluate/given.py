"""Does `given` hold? What the other columns are where one of them is given, beside the data's own.

A condition is one value of a category, or one of four ranges of a number with a quarter of the seen rows
each. For every condition that has enough rows on all sides, and for every other column: how far the made rows
that meet it are from the seen ones that do, in equal numbers (Kolmogorov-Smirnov or total variation distance,
in per cent), beside how far the unseen ones are. The score is the mean over conditions and columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.columns import levelled
from sampan.evaluate.look.chance import (
    DEALS,
    FEWEST_ROWS,
    GROSS,
    MOST_ROWS,
    RESAMPLES,
    Beyond,
    equal_rows,
    interval,
    weighed,
)
from sampan.evaluate.score import NAN, Score, parts_of
from sampan.evaluate.sides import Side, Sides, stacked

MARGIN = 1.0
"""Points above the floor that do not matter: one in a hundred of the rows that meet a condition."""

PART_MARGIN = 10.0
"""The same of one condition by itself: one row in ten, on average over all other columns."""

ENOUGH = 100
"""Rows that meet a condition on every side; a distance then strays by some 12 points at most."""

MOST_MEETING = 3_000
"""Rows of a condition that are compared."""

MOST_CONDITIONS = 100
MOST_COLUMNS = 40
"""Conditions and columns that are measured; drawn where there are more."""

LEVELS = 100
"""Values that a category keeps, and steps (seen quantiles) by which a number is compared."""

RANGES = 4

Conditioned = Mapping[tuple[str, str], Side]
"""(column, label of a value) -> rows made under that `given`."""


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition and the rows that meet it, as positions in the stacked tables.

    column: the place of the column that is given. seen, unseen, made: equally many positions (unseen may be
    none); asked: whether the made ones were made under this `given`.
    """

    name: str
    column: int
    seen: np.ndarray
    unseen: np.ndarray
    made: np.ndarray
    asked: bool


@dataclass(frozen=True, eq=False)
class Cells:
    """All columns of the stacked tables as codes that follow each other: counted by one bincount.

    codes: int64 (rows, columns), those of column j from starts[j]; the first of each is "missing".
    """

    codes: np.ndarray
    starts: np.ndarray
    size: int
    is_number: np.ndarray

    def count(self, rows: np.ndarray) -> np.ndarray:
        """How often every code occurs among some rows."""
        counts = np.bincount(self.codes[rows].ravel(), minlength=self.size)
        counts[self.starts] = 0  # what is missing is another score
        return counts

    def far(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The distance of two counts, of every column, in per cent."""
        totals = [np.add.reduceat(counts, self.starts) for counts in (first, second)]
        widths = np.diff([*self.starts, self.size])
        gap = first / np.repeat(np.maximum(totals[0], 1), widths)
        gap = gap - second / np.repeat(np.maximum(totals[1], 1), widths)
        # the shares of a column sum to 1 on both sides, so the running sum is back at 0 where the next begins
        both = (totals[0] > 0) & (totals[1] > 0)
        gap[np.repeat(~both, widths)] = 0.0
        steps = 100.0 * np.maximum.reduceat(np.abs(np.cumsum(gap)), self.starts)
        shares = 50.0 * np.add.reduceat(np.abs(gap), self.starts)
        alone = np.where((totals[0] > 0) == (totals[1] > 0), 0.0, 100.0)
        return np.where(both, np.where(self.is_number, steps, shares), alone)


def given(sides: Sides, conditioned: Conditioned | None = None) -> list[Score]:
    """The score `given`; nothing where no condition has enough rows or there is no other column.

    conditioned: rows made under a `given`; they stand in for the made rows that happen to meet it.
    Parts: conditions, each the mean over all other columns. Reference: independent columns.
    """
    rows = equal_rows(sides.sizes, MOST_ROWS)
    if len(sides.kinds) < 2 or not sides.seen.rows or not sides.made.rows:
        return []
    rng = sides.rng("given")
    tables = [side.some(rows, rng) for side in sides.each]
    names = list(sides.kinds)
    if len(names) > MOST_COLUMNS:
        names = [names[i] for i in np.sort(rng.choice(len(names), MOST_COLUMNS, replace=False))]
    asked = {
        key: side.some(MOST_MEETING, rng) for key, side in (conditioned or {}).items() if key[0] in names
    }
    found = _conditions(sides, names, tables, asked, rng)
    if not found:
        return []
    cells = _cells(sides, names, stacked(*tables, *asked.values()), tables[0].rows)
    others = np.array([[place != one.column for place in range(len(names))] for one in found])
    known = bool(tables[1].rows)
    counted = [cells.count(one.seen) for one in found]

    def far(sides: Iterable[np.ndarray]) -> np.ndarray:
        return np.array([cells.far(c, cells.count(rows)) for c, rows in zip(counted, sides, strict=True)])

    made = far(one.made for one in found)
    unseen = far(one.unseen for one in found) if known else np.full_like(made, NAN)
    by_condition = _means(made - unseen, others)
    value, floor = float(made[others].mean()), float(unseen[others].mean())
    passed, excess, fine = None, None, None
    if known and rows >= FEWEST_ROWS:
        luck = _luck(cells, found, counted, others, rng)
        whole = Beyond(value - floor, value - floor, luck[1])
        each = Beyond(by_condition, by_condition, luck[0])
        passed, bad, excess = weighed(whole, each, [one.name for one in found], MARGIN, PART_MARGIN, GROSS)
        fine = ~bad
    loose = np.arange(tables[0].rows, tables[0].rows + tables[1].rows) if known else np.arange(rows)
    apart = far(rng.choice(loose, one.seen.size) for one in found)
    ends = interval(value, _spread(cells, found, others, "made", rng))
    floor_ends = interval(floor, _spread(cells, found, others, "unseen", rng) if known else NAN)
    of_made, of_unseen = _means(made, others), _means(unseen, others)
    order = np.argsort(-(by_condition if known else of_made), kind="stable").tolist()
    worst = order[0]
    gaps = np.where(others[worst], made[worst] - (unseen[worst] if known else 0.0), -np.inf)
    facts: dict[str, str | float] = {
        "rows": float(rows),
        "conditions": float(len(found)),
        "columns": float(len(names)),
        "asked": float(sum(one.asked for one in found)),
        "worst": found[worst].name,
        "worst_column": sides.owner(names[int(np.argmax(gaps))]),
    }
    parts = parts_of([one.name for one in found], order, of_made, of_unseen, passed=fine)
    figures = (*ends, floor, *floor_ends, float(apart[others].mean()))
    return [Score("given", "given", value, "lower", passed, *figures, "%", facts, parts, excess)]


def _means(far: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The mean of every row over the columns that are not the given one."""
    return np.where(others, far, 0.0).sum(axis=1) / others.sum(axis=1)


def _conditions(
    sides: Sides,
    names: list[str],
    tables: list[Side],
    asked: Conditioned,
    rng: np.random.Generator,
) -> list[Condition]:
    """The conditions with enough rows; at most MOST_CONDITIONS, drawn where there are more."""
    starts = np.cumsum([0, *(side.rows for side in (*tables, *asked.values()))])
    stand_in = {
        key: np.arange(starts[3 + i], starts[4 + i]) for i, key in enumerate(asked) if asked[key].rows
    }
    found: list[Condition] = []
    for place, name in enumerate(names):
        if name in sides.parts:
            continue  # nobody gives a component
        columns = [side.column(name) for side in tables]
        met: list[tuple[str, str, list[np.ndarray]]]
        match sides.kinds[name]:
            case "category":
                met = _by_value(sides.labels.get(name, []), columns)
            case "number":
                met = _by_range(columns, sides.ticks.get(name, lambda value: f"{value:.6g}"))
        for text, label, rows in met:
            rows = [start + positions for start, positions in zip(starts, rows, strict=False)]
            own = stand_in.get((name, label))
            if own is not None:
                rows[2] = own
            sizes = [rows[0].size, rows[2].size, *([rows[1].size] if tables[1].rows else [])]
            count = min(*sizes, MOST_MEETING)
            if count < ENOUGH:
                continue
            seen, unseen, made = (rng.permutation(positions)[:count] for positions in rows)
            found.append(Condition(f"{name} {text}", place, seen, unseen, made, own is not None))
    if len(found) > MOST_CONDITIONS:
        kept = np.sort(rng.choice(len(found), MOST_CONDITIONS, replace=False))
        found = [found[i] for i in kept]
    return found


def _by_value(labels: list, columns: list[np.ndarray]) -> list[tuple[str, str, list[np.ndarray]]]:
    counts = np.bincount(columns[0][columns[0] >= 0], minlength=1)
    kept = [code for code in np.argsort(-counts, kind="stable")[:LEVELS].tolist() if counts[code] >= ENOUGH]
    out = []
    for code in kept:
        label = str(labels[code]) if code < len(labels) else str(code)
        out.append((f"= {label}", label, [np.flatnonzero(column == code) for column in columns]))
    return out


def _by_range(
    columns: list[np.ndarray], tick: Callable[[float], str]
) -> list[tuple[str, str, list[np.ndarray]]]:
    there = columns[0][np.isfinite(columns[0])]
    if there.size < ENOUGH:
        return []
    edges = np.unique(np.quantile(there, np.arange(1, RANGES) / RANGES, method="inverted_cdf"))
    ends = [-np.inf, *edges.tolist(), np.inf]
    out = []
    for low, high in zip(ends[:-1], ends[1:], strict=True):
        if low == -np.inf:
            text = f"<= {tick(high)}"
        elif high == np.inf:
            text = f"> {tick(low)}"
        else:
            text = f"> {tick(low)}, <= {tick(high)}"
        out.append((text, text, [np.flatnonzero((column > low) & (column <= high)) for column in columns]))
    return out


def _cells(sides: Sides, names: list[str], both: Side, seen: int) -> Cells:
    codes, sizes = [], []
    for name in names:
        column = both.column(name)
        match sides.kinds[name]:
            case "category":
                first, rest, size = levelled(column[:seen], column[seen:], LEVELS)
                code = (np.concatenate([first, rest]) + 1) % size  # missing was the last
            case "number":
                known = column[:seen][~np.isnan(column[:seen])]
                there = np.unique(known)
                if there.size > LEVELS:
                    steps = np.arange(1, LEVELS) / LEVELS
                    there = np.unique(np.quantile(known, steps, method="inverted_cdf"))
                code = np.where(np.isnan(column), 0, 1 + np.searchsorted(there, column))
                size = there.size + 2
        codes.append(code)
        sizes.append(size)
    starts = np.cumsum([0, *sizes[:-1]])
    is_number = np.array([sides.kinds[name] == "number" for name in names])
    return Cells(np.stack(codes, axis=1) + starts, starts, int(sum(sizes)), is_number)


def _luck(
    cells: Cells,
    found: list[Condition],
    counted: list[np.ndarray],
    others: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """What dealing made and unseen rows out anew does: to every condition (deals, conditions), to the mean.

    A row that meets several conditions falls to the same hand in all of them, near enough: the hands follow
    one random key for each row.
    """
    singles, whole = [], []
    for _ in range(DEALS):
        keys = rng.random(len(cells.codes))
        gaps = np.empty(others.shape)
        for i, one in enumerate(found):
            pool = np.concatenate([one.made, one.unseen])
            pool = pool[np.argpartition(keys[pool], one.made.size)]
            hands = cells.count(pool[: one.made.size]), cells.count(pool[one.made.size :])
            gaps[i] = cells.far(counted[i], hands[0]) - cells.far(counted[i], hands[1])
        singles.append(_means(gaps, others))
        whole.append(float(gaps[others].mean()))
    return np.array(singles), np.array(whole)


def _spread(
    cells: Cells, found: list[Condition], others: np.ndarray, whose: str, rng: np.random.Generator
) -> float:
    """The bootstrap standard deviation of the score (each row counts a Poisson number of times)."""
    out = []
    for _ in range(RESAMPLES):
        times = rng.poisson(1.0, len(cells.codes))
        far = np.empty(others.shape)
        for i, one in enumerate(found):
            rows = one.made if whose == "made" else one.unseen
            first, second = (np.repeat(side, times[side]) for side in (one.seen, rows))
            far[i] = cells.far(cells.count(first), cells.count(second))
        out.append(float(far[others].mean()))
    return float(np.std(out))
