"""Days and times of day as numbers, taken apart and put together by the calendar."""

from __future__ import annotations

import numpy as np

SECOND = 1_000_000_000  # in nanoseconds, the unit of a time of day here
CLOCK = 86_400 * SECOND


def days_of(year: np.ndarray, month: np.ndarray, date: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970 (rows,), and which rows are days of the calendar, of the years 1 to 9999."""
    right = (month >= 1) & (month <= 12) & (date >= 1) & (year >= 1) & (year <= 9999)
    months = ((year - 1970) * 12 + month - 1)[...]
    months = np.where(right, months, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    following = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    right &= date <= following - first
    return np.where(right, first + date - 1, 0), right


def calendar(days: np.ndarray) -> dict[str, np.ndarray]:
    """Year, month, date and weekday of days since 1970."""
    moments = days.astype("M8[D]")
    months = moments.astype("M8[M]").astype(np.int64)
    year = months // 12 + 1970
    date = days - moments.astype("M8[M]").astype("M8[D]").astype(np.int64) + 1
    years = {"Y": year, "y": year % 100, "E": year - 1911}
    return {**years, "m": months % 12 + 1, "d": date, "w": (days + 3) % 7}


def clock(nano: np.ndarray) -> dict[str, np.ndarray]:
    """Hour, minute, second and the rest of nanoseconds of a day."""
    second = nano // SECOND
    hour = second // 3600
    parts = {"H": hour, "I": (hour + 11) % 12 + 1, "M": second // 60 % 60, "S": second % 60}
    return {**parts, "f": nano % SECOND, "noon": hour // 12}


def minutes_of(text: str) -> int:
    """Minutes east of UTC: '+08:00' is 480."""
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = int(digits[:2]) * 60 + int(digits[2:])
    return -size if text[0] == "-" else size
