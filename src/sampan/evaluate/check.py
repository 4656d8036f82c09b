"""The check after every run: how near the made rows are, each figure beside what real rows reach.

The floor of a figure is the same figure for rows that were kept aside and never seen by the model. Made
rows and rows kept aside are compared, in equal numbers, with the same random sample of the training rows,
so a made error near its floor means: as near as real rows are to each other.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array

from sampan.column import Column, floats
from sampan.evaluate.columns import ColumnError, Kind, column_errors, shared_codes
from sampan.evaluate.hashes import row_hashes
from sampan.evaluate.pairs import pair_errors

NEAR, FAIR = 1.25, 2.0
"""Made error / floor up to which the verdict is "as close as real rows", and "close"."""

FEWEST_ROWS = 50
"""Below so many rows in each sample, chance is larger than anything worth reporting."""

Table = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """One column: its error and missing rate (made minus real), each beside its floor, in per cent.

    floor, missing_floor: NaN where no rows were kept aside.
    """

    name: str
    kind: Kind
    error: float
    floor: float
    missing: float
    missing_floor: float


@dataclass(frozen=True, slots=True)
class PairCheck:
    """One pair of columns: its error beside its floor (NaN where no rows were kept aside), in per cent."""

    a: str
    b: str
    error: float
    floor: float


@dataclass(frozen=True, slots=True)
class Check:
    """How near made rows are to real ones. columns and pairs come worst first (error minus floor).

    rows: how many rows each sample holds. copies, copies_floor: per cent of made rows, and of rows kept
    aside, that equal some training row in every column that was checked.
    """

    rows: int
    columns: tuple[ColumnCheck, ...]
    pairs: tuple[PairCheck, ...]
    copies: float
    copies_floor: float

    @property
    def column_error(self) -> float:
        """Mean over the columns, in per cent ("Shape" error in the papers)."""
        return _mean([column.error for column in self.columns])

    @property
    def column_floor(self) -> float:
        """The same of rows kept aside."""
        return _mean([column.floor for column in self.columns])

    @property
    def pair_error(self) -> float:
        """Mean over the pairs, in per cent ("Trend" error in the papers)."""
        return _mean([pair.error for pair in self.pairs])

    @property
    def pair_floor(self) -> float:
        """The same of rows kept aside."""
        return _mean([pair.floor for pair in self.pairs])

    @property
    def chance(self) -> float:
        """By how much, in per cent, two samples of one distribution differ at most, 19 times of 20.

        Of a Kolmogorov-Smirnov statistic with `rows` rows each: 100 * 1.36 * sqrt(2 / rows).
        """
        return 136.0 * math.sqrt(2.0 / max(self.rows, 1))

    def stands_out(self, one: ColumnCheck | PairCheck) -> bool:
        """Whether an error is more than twice its floor, and above it by more than chance explains."""
        return one.error > FAIR * one.floor and one.error - one.floor > self.chance

    @property
    def look_at(self) -> list[str]:
        """Columns that stand out by themselves, worst first."""
        return [column.name for column in self.columns if self.stands_out(column)]

    @property
    def verdict(self) -> str:
        """The result in plain words.

        "As close as real rows" when the mean errors of columns and of pairs are both at most 1.25 times
        their floors and no column stands out; "close" up to 2 times; else "not close yet".
        """
        if not self.columns:
            return "There is no column to compare."
        if self.rows < FEWEST_ROWS:
            return f"Too few rows to judge: {self.rows} in each sample, {FEWEST_ROWS} are needed."
        if math.isnan(self.column_floor):
            return "No rows were kept aside, so there is nothing to measure these errors against."
        worst = max(_ratio(self.column_error, self.column_floor), _ratio(self.pair_error, self.pair_floor))
        outliers = self.look_at
        if worst <= NEAR and not outliers:
            return "The made rows are as close to the real ones as real rows are to each other."
        if worst <= FAIR:
            start = "The made rows are close to the real ones"
        else:
            far = f": {worst:.1f} times as far as real rows" if math.isfinite(worst) else ""
            start = f"The made rows are not close yet{far}"
        if not outliers:
            return start + "."
        few = ", ".join(outliers[:5]) + (f" and {len(outliers) - 5} more" if len(outliers) > 5 else "")
        return f"{start}; look at {'this column' if len(outliers) == 1 else 'these columns'}: {few}."

    @property
    def copies_verdict(self) -> str:
        """What the share of exact copies means, in plain words."""
        if math.isnan(self.copies_floor):
            return "No rows were kept aside to compare this with."
        # what a binomial share strays by, 19 times of 20; at least that of a share of 1 %
        allowance = 196.0 * math.sqrt(max(self.copies_floor, 1.0) / 100 / max(self.rows, 1))
        if self.copies <= NEAR * self.copies_floor + allowance:
            return "No more than among real rows that the model never saw."
        return "More than among real rows that the model never saw: it may have learned rows by heart."

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values; null where there is no floor."""

        def plain(value: float) -> float | None:
            return None if math.isnan(value) else round(value, 6)

        return {
            "rows": self.rows,
            "verdict": self.verdict,
            "column_error": plain(self.column_error),
            "column_floor": plain(self.column_floor),
            "pair_error": plain(self.pair_error),
            "pair_floor": plain(self.pair_floor),
            "exact_copies": plain(self.copies),
            "exact_copies_floor": plain(self.copies_floor),
            "look_at": self.look_at,
            "columns": [
                {
                    "name": column.name,
                    "kind": column.kind,
                    "error": plain(column.error),
                    "floor": plain(column.floor),
                    "missing": plain(column.missing),
                    "missing_floor": plain(column.missing_floor),
                }
                for column in self.columns
            ],
            "pairs": [
                {"a": pair.a, "b": pair.b, "error": plain(pair.error), "floor": plain(pair.floor)}
                for pair in self.pairs
            ],
        }

    def lines(self, worst: int = 3) -> list[str]:
        """The check as plain text for a terminal: verdict, means, and the worst columns and pairs."""
        table = [
            ("Error in %, 0 is the same", "made", "real rows"),
            ("  single columns, mean", percent(self.column_error), percent(self.column_floor)),
        ]
        if self.pairs:
            table.append(("  pairs of columns, mean", percent(self.pair_error), percent(self.pair_floor)))
        table += [
            (f"  furthest column: {column.name}", percent(column.error), percent(column.floor))
            for column in self.columns[:worst]
        ]
        table += [
            (f"  furthest pair: {pair.a} x {pair.b}", percent(pair.error), percent(pair.floor))
            for pair in self.pairs[:worst]
        ]
        gaps = sorted(self.columns, key=lambda column: -abs(column.missing))
        table += [
            (f"  missing cells of {column.name}", f"{column.missing:+.2f} %", _signed(column.missing_floor))
            for column in gaps[:1]
            if abs(column.missing) > max(1.0, 2 * abs(column.missing_floor))
        ]
        table.append(("  exact copies of a training row", percent(self.copies), percent(self.copies_floor)))
        return [self.verdict, *_aligned(table), f"Exact copies: {self.copies_verdict}"]


def check(
    real: Table,
    aside: Table,
    made: Table,
    kinds: Mapping[str, Kind],
    *,
    most_rows: int = 100_000,
    seed: int = 0,
) -> Check:
    """Compare made rows with the training rows, beside rows kept aside.

    real: the training rows. aside: rows that the model never saw (may be empty: then there is no floor).
    kinds: the columns to compare; the caller has turned moments into numbers. The samples hold as many rows
    as the shortest of the three tables, at most `most_rows`; copies are looked for among all rows.
    """
    sizes = [_rows(table, kinds) for table in (real, aside, made)]
    rows = min([size for size in sizes if size] + [most_rows]) if sizes[0] and sizes[2] else 0
    rng = np.random.default_rng(seed)
    real_sample, made_sample = sample(real, kinds, rows, rng), sample(made, kinds, rows, rng)
    of_made = column_errors(real_sample, made_sample, kinds)
    pairs_made = pair_errors(real_sample, made_sample, kinds)
    if sizes[1]:
        aside_sample = sample(aside, kinds, rows, rng)
        of_aside = column_errors(real_sample, aside_sample, kinds)
        pairs_aside = pair_errors(real_sample, aside_sample, kinds)
    else:
        of_aside = dict.fromkeys(kinds, ColumnError(math.nan, math.nan))
        pairs_aside = dict.fromkeys(pairs_made, math.nan)
    columns = [
        ColumnCheck(
            name,
            kind,
            of_made[name].error,
            of_aside[name].error,
            of_made[name].missing,
            of_aside[name].missing,
        )
        for name, kind in kinds.items()
    ]
    pairs = [PairCheck(a, b, error, pairs_aside[a, b]) for (a, b), error in pairs_made.items()]
    of_copies = copies(real, [made, aside], kinds)
    return Check(
        rows,
        tuple(sorted(columns, key=_excess)),
        tuple(sorted(pairs, key=_excess)),
        of_copies[0],
        of_copies[1],
    )


def sample(
    table: Table, names: Sequence[str] | Mapping[str, Any], rows: int, rng: np.random.Generator
) -> Table:
    """So many rows of a table, drawn without replacement; of the named columns only."""
    size = _rows(table, names)
    if rows == size:
        return {name: table[name] for name in names}
    index = Array.from_numpy(np.sort(rng.choice(size, rows, replace=False)))
    return {name: compute.take(table[name], index) for name in names}


def copies(real: Table, others: Sequence[Table], kinds: Mapping[str, Kind]) -> list[float]:
    """Of each other table, the per cent of rows that equal some real row in all columns; NaN without rows."""
    first, *rest = _hashed([real, *others], kinds)
    known = np.unique(first)
    return [100.0 * float(np.isin(other, known).mean()) if other.size else math.nan for other in rest]


def _hashed(tables: Sequence[Table], kinds: Mapping[str, Kind]) -> list[np.ndarray]:
    """The hashes of every row of every table."""
    cells: list[list[np.ndarray]] = [[] for _ in tables]
    for name, kind in kinds.items():
        columns = [table[name] for table in tables]
        found = [floats(column) for column in columns] if kind == "number" else shared_codes(*columns)[0]
        for own, column in zip(cells, found, strict=True):
            own.append(column)
    return [row_hashes(own, _rows(table, kinds)) for own, table in zip(cells, tables, strict=True)]


def percent(value: float) -> str:
    """A figure in per cent for people; a dash where there is none.

    >>> percent(0.6284), percent(float("nan"))
    ('0.63 %', '-')
    """
    return "-" if math.isnan(value) else f"{value:.2f} %"


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2f} %"


def _rows(table: Table, names: Sequence[str] | Mapping[str, Any]) -> int:
    return next((len(table[name]) for name in names if name in table), 0)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _ratio(error: float, floor: float) -> float:
    """error / floor; 1 where both are 0 or there is no pair at all."""
    if math.isnan(error) or error <= floor:
        return 1.0
    return error / floor if floor > 0 else math.inf


def _excess(one: ColumnCheck | PairCheck) -> float:
    """Sorts worst first: how far an error lies above its floor."""
    return -(one.error - (0.0 if math.isnan(one.floor) else one.floor))


def _width(text: str) -> int:
    """Places on a terminal: 年 and its like take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def _aligned(table: list[tuple[str, str, str]]) -> list[str]:
    """Rows of text and two figures, in line; long names are cut."""
    cut = [(text if _width(text) <= 56 else _cut(text, 53) + "...", *figures) for text, *figures in table]
    wide = max(_width(text) for text, *_ in cut)
    return [f"{text}{' ' * (wide - _width(text))}  {a:>9}  {b:>9}" for text, a, b in cut]


def _cut(text: str, places: int) -> str:
    while _width(text) > places:
        text = text[:-1]
    return text
