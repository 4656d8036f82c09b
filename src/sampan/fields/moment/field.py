"""The field of moments: what a user declares, and how a column is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sampan import arrow_type
from sampan.column import Column
from sampan.errors import DataError
from sampan.field import SAID, Claim, Codec, Field
from sampan.fields.holders import LEAST, Holders
from sampan.fields.mask import notice_of_slips
from sampan.fields.moment.codec import MomentCodec
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.parts import Parts, is_temporal, parts_of, texts_of, zone_name
from sampan.fields.moment.possible import possible_days, weekdays_matter
from sampan.fields.moment.recognition import find, format_of, moments, moments_but_for_slips, slips_of
from sampan.fields.omitted import Omitted
from sampan.fields.quantiles import cut
from sampan.fields.unshared import POINTS, Spread, spread
from sampan.look import Ground, Look

PERIODS = 256
"""Symbols of the trend: ten years in pieces of two weeks."""

CLOCKS = 288
"""Symbols of a day: five minutes each, if all are as frequent."""

DAYS = 65_536
"""Days that a codec keeps in place of those that one record alone holds: 179 years of them."""

MANY = 0.1
"""Share of rows with a day of their own beyond which weekdays are told apart only where they matter."""

FEW = 3
"""Rows up to which a first or last day is left out, of which not every hour could be made."""

PARTS = 10_000
"""Parts of a row, which may be spread over so many days."""

WHOLE = 12
"""Parts of a row, which is spread over at most four times of day."""

TIMES = 65_536
"""Distinct times of day that a codec keeps: beyond them, the quantiles at that many points."""


@dataclass(frozen=True)
class Moment(Field):
    """A column of dates, times of day or date-times.

    format: how text writes them, in the directives of `dateformat` ("%d/%m/%Y"); "" finds it.
    Columns of an Arrow date, time or timestamp type need none. exact: whether a day or a time that a single
    record holds may be made again as it is. lenient: the column has a few
    cells that are no moments in that format; such are missing.
    """

    kind: ClassVar[str] = "moment"
    words = (("moment, moment:%d/%m/%Y", "dates, times, both; how they are written"),)
    format: str = ""
    exact: bool = False
    lenient: bool = False

    @property
    def setting(self) -> str:
        """The format."""
        return self.format

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim | None:
        """Moments in a format, or in that of the column; the few cells that it does not read are missing."""
        form = setting or format_of(look.column)
        slips = slips_of(look.column, form)
        return Claim(
            cls(form, lenient=bool(slips)),
            SAID,
            notice_of_slips(look.name, slips, "date or time", look.column),
        )

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """Dates and times: in every cell, or in all but a few."""
        tests = {Ground.CELLS: moments, Ground.MOST: moments_but_for_slips}
        found = tests[ground](look) if ground in tests else None
        return None if found is None else Claim(cls(found[0], lenient=ground is Ground.MOST), *found[1:])

    def fit(self, column: Column, persons: np.ndarray | None = None) -> Codec:
        """Learn the days, the times of day and how they are written. Raises DataError if there is none.

        persons: whose row each is, where several are one person's. A column whose only moments are one
        record's is left out.
        """
        form = None if is_temporal(column.type) else self._form(column)
        zone = zone_name(column.type, form)
        parts = parts_of(column, form, zone, self.lenient)
        seen = ~parts.gone
        if not seen.any():
            raise DataError(
                f"none of the {len(column)} cells is a date or a time.",
                "A moment column needs at least one.",
                "Give the column another type, --type COLUMN=category for instance.",
            )
        day, nano = parts.day[seen], parts.nano[seen]
        owners = None if persons is None else persons[seen]
        exact = self.exact or len(column) < LEAST
        days, holders = Holders.found(day, owners)
        weekly, dates = True, Spread(days, holders.rows, cut(holders.rows, PERIODS))
        if not exact:
            weekly, dates = _spread_days(days, holders, dates.first)
        clocks = _times(nano, owners, exact)
        if not dates.ticks.size or not clocks.ticks.size:
            return Omitted("too few rows hold a moment for any to be made").fit(column)
        edges = _edges(day, nano, owners, dates.ticks, clocks.ticks, exact)
        if not exact:
            dates, edges = _trimmed(dates, edges, clocks.ticks, FEW / day.size)
        return MomentCodec(
            dtype=arrow_type.name_of(column.type),
            format="" if form is None else form.text,
            zone=zone,
            has_missing=bool(parts.gone.any()),
            days=dates.ticks.astype(np.int64),
            day_counts=dates.weights.astype(np.int64),
            periods=dates.first,
            times=clocks.ticks.astype(np.int64),
            time_counts=clocks.weights.astype(np.int64),
            clocks=clocks.first,
            edges=edges,
            offsets=_offsets(parts, owners, exact),
            weekly=weekly,
            lone=0.0 if exact else float(holders.rows[holders.singletons].sum() / holders.rows.sum()),
            lenient=self.lenient,
        )

    def _form(self, column: Column) -> DateFormat:
        """The format as given, its zeros and capitals as the column has them, or the one that is found."""
        texts = texts_of(column)
        if self.format:
            return DateFormat(self.format).fitting(texts)[0]
        found = find(texts)
        if found is None:
            shown = ", ".join(map(repr, texts[:3])) or "nothing"
            raise DataError(
                f"no way of writing dates fits the column: it holds {shown}.",
                "Dates or times that are all written alike.",
                'Say how they are written: --type "COLUMN=moment:%d/%m/%Y" (or learn it as text).',
            )
        return found[0]


def _spread_days(days: np.ndarray, holders: Holders, periods: np.ndarray) -> tuple[bool, Spread]:
    """(whether weekdays are told apart, the days that may be made): the rule, over the days that could be."""
    if not holders.singletons.any():
        return True, Spread(days, holders.rows, periods)
    possible = possible_days(days, days[~holders.singletons])
    place = np.searchsorted(possible, days)
    kept = np.flatnonzero(possible[np.minimum(place, possible.size - 1)] == days)
    some = holders.of_some(kept, holders.rows[kept])
    first = np.unique(np.searchsorted(kept, periods))
    # telling weekdays apart makes windows of singletons seven times as wide
    many = holders.rows[holders.singletons].sum() > holders.rows.sum() * MANY
    weekly = not many or weekdays_matter(days, possible)
    classes = np.unique((possible + 3) % 7).size if weekly else 1
    made = spread(
        place[kept].astype(np.uint64), some, first, unit=PARTS, points=None, room=DAYS, classes=classes
    )
    return weekly, Spread(possible[made.ticks.astype(np.int64)], made.weights, made.first)


def _times(nano: np.ndarray, owners: np.ndarray | None, exact: bool) -> Spread:
    """The times of day that may be made."""
    times, holders = Holders.found(nano, owners)
    if times.size > TIMES:
        places, holders = holders.thinned(TIMES)
        times = times[places]
    first = cut(holders.rows, CLOCKS)
    if exact or not holders.singletons.any():
        return Spread(times, holders.rows, first)
    step = max(int(np.gcd.reduce(times - times[0])), 1)
    ticks = ((times - times[0]) // step).astype(np.uint64)
    made = spread(ticks, holders, first, unit=WHOLE, points=POINTS, room=TIMES)
    return Spread(times[0] + made.ticks.astype(np.int64) * step, made.weights, made.first)


def _edges(
    day: np.ndarray,
    nano: np.ndarray,
    owners: np.ndarray | None,
    days: np.ndarray,
    times: np.ndarray,
    exact: bool,
) -> np.ndarray:
    """The first time that is made on the first day, and the last on the last: where two held are."""
    found = [int(times[0]), int(times[-1])]
    order = np.lexsort((nano, day))
    for end, rows in enumerate((order, order[::-1])):
        outer = rows[0]
        others = rows[1:] if owners is None else rows[owners[rows] != owners[outer]]
        limit = outer if exact or not others.size else others[0]
        if days[-end] != day[limit]:
            continue
        shared = day[limit] == day[outer] and nano[limit] == nano[outer]
        # past the second one's own moment: that would give them away as well
        inside = (times < nano[limit])[::-1] if end else times > nano[limit]
        beyond = (times[::-1] if end else times)[inside]
        found[end] = int(nano[limit] if shared or not beyond.size else beyond[0])
    return np.array(found, dtype=np.int64)


def _trimmed(dates: Spread, edges: np.ndarray, times: np.ndarray, few: float) -> tuple[Spread, np.ndarray]:
    """The days without a first or last one of few rows of which only some hours may be made; and the edges.

    few: a share of the rows.
    """
    edges = edges.copy()
    for end, whole in enumerate((times[0], times[-1])):
        if edges[end] == whole or dates.ticks.size < 3 or dates.weights[-end] > dates.weights.sum() * few:
            continue
        stays = np.arange(dates.ticks.size) != (0 if not end else dates.ticks.size - 1)
        first = np.unique(np.searchsorted(np.flatnonzero(stays), dates.first))
        dates, edges[end] = Spread(dates.ticks[stays], dates.weights[stays], first), whole
    return dates, edges


def _offsets(parts: Parts, owners: np.ndarray | None, exact: bool) -> np.ndarray:
    """The minutes east of UTC that texts carry; one that a single record has is told by another clock."""
    seen = ~parts.gone
    offsets, holders = Holders.found(parts.offset[seen], owners)
    shared = offsets[~holders.singletons]
    return offsets if exact or not shared.size else shared
