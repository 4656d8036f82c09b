"""Instants: moments as microseconds since 1970, which rules reckon with, and the cells that say them."""

from __future__ import annotations

import numpy as np
from arro3 import compute
from arro3.core import DataType

from sampan.column import Column, from_strings
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.directives import SECOND
from sampan.fields.moment.parts import is_temporal, of_instants
from sampan.fields.zone import DAY, Zone

MICROS = 1_000_000


def local(values: np.ndarray, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """The days since 1970 and the nanoseconds of the day that clocks of a zone show: int64 (rows,) each."""
    second, rest = values // MICROS, values % MICROS * 1_000
    if zone:
        second = Zone(zone).local(second)
    return second // DAY, second % DAY * SECOND + rest


def column_of(values: np.ndarray, kind: DataType, form: DateFormat | None, zone: str, offset: int) -> Column:
    """Microseconds, in UTC where a zone or an offset is known, as a column of moments.

    form, zone, offset: how texts write them, and by which clock.
    """
    if is_temporal(kind) or form is None:
        return of_instants(values // MICROS, values % MICROS * 1_000, kind)
    shown = Zone.fixed(offset).name if "z" in form.names else zone
    day, nano = local(values, shown)
    column = from_strings(form.write(day, nano, np.full(len(values), offset)))
    return compute.cast(column, kind) if column.type != kind else column
