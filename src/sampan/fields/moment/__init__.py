"""Moment: dates, times of day and date-times, with or without a zone, in the form that they came in.

A moment is a period (trend), a weekday and a time of day (cycles), each of few ordered symbols, so that what
depends on them can be learned. Noise leaves say which observed day of that period and weekday, and which
observed time of that symbol: no day or time is made that the column never held, none outside its range.
"""

from __future__ import annotations

from sampan.fields.moment.codec import MomentCodec
from sampan.fields.moment.field import Moment
from sampan.fields.moment.parts import is_temporal

__all__ = ["Moment", "MomentCodec", "is_temporal"]
