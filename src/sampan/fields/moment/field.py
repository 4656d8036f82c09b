"""The field of moments: what a user declares, and how a column is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sampan.column import Column
from sampan.errors import DataError
from sampan.field import Field
from sampan.fields import arrow_type
from sampan.fields.dateformat import DateFormat
from sampan.fields.moment.codec import MomentCodec
from sampan.fields.moment.parts import is_temporal, parts_of, texts_of, zone_name
from sampan.fields.quantiles import cut

PERIODS = 256
"""Symbols of the trend: ten years in pieces of two weeks."""

CLOCKS = 288
"""Symbols of a day: five minutes each, if all are as frequent."""

TIMES = 65_536
"""Distinct times of day that a codec keeps: beyond them, the quantiles at that many points."""


@dataclass(frozen=True)
class Moment(Field):
    """A column of dates, times of day or date-times.

    format: how text writes them, in the directives of `sampan.fields.dateformat` ("%d/%m/%Y"); "" finds it.
    Columns of an Arrow date, time or timestamp type need none.
    """

    kind: ClassVar[str] = "moment"
    format: str = ""

    def fit(self, column: Column) -> MomentCodec:
        """Learn the days, the times of day and how they are written. Raises DataError if there is none."""
        form = None if is_temporal(column.type) else self._form(column)
        zone = zone_name(column.type, form)
        parts = parts_of(column, form, zone)
        seen = ~parts.gone
        if not seen.any():
            raise DataError(
                f"none of the {len(column)} cells is a date or a time.",
                "A moment column needs at least one.",
                "Give the column another type, --type COLUMN=category for instance.",
            )
        day, nano = parts.day[seen], parts.nano[seen]
        days, day_counts = np.unique(day, return_counts=True)
        times, time_counts = np.unique(nano, return_counts=True)
        if times.size > TIMES:
            order = np.linspace(0, nano.size - 1, TIMES).round().astype(np.int64)
            times, time_counts = np.unique(np.sort(nano)[order], return_counts=True)
        return MomentCodec(
            dtype=arrow_type.name_of(column.type),
            format="" if form is None else form.text,
            zone=zone,
            has_missing=bool(parts.gone.any()),
            days=days,
            day_counts=day_counts.astype(np.int64),
            periods=cut(day_counts, PERIODS),
            times=times,
            time_counts=time_counts.astype(np.int64),
            clocks=cut(time_counts, CLOCKS),
            edges=np.array([nano[day == days[0]].min(), nano[day == days[-1]].max()], dtype=np.int64),
            offsets=np.unique(parts.offset[seen]),
        )

    def _form(self, column: Column) -> DateFormat:
        """The format as given, its zeros and capitals as the column has them, or the one that is found."""
        texts = texts_of(column)
        if self.format:
            return DateFormat(self.format).fitting(texts)[0]
        found = DateFormat.find(texts)
        if found is None:
            shown = ", ".join(map(repr, texts[:3])) or "nothing"
            raise DataError(
                f"no way of writing dates fits the column: it holds {shown}.",
                "Dates or times that are all written alike.",
                'Say how they are written: --type "COLUMN=moment:%d/%m/%Y" (or learn it as text).',
            )
        return found[0]
