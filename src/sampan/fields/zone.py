"""Zone: how far local clocks stand from UTC, for whole arrays of seconds at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from sampan.errors import DataError

DAY = 86_400
_FIRST, _LAST = -62_135_510_400, 253_402_214_400  # seconds: the years 1 to 9999, less a day at both ends


@dataclass(frozen=True)
class Zone:
    """A time zone by its name ("Asia/Hong_Kong", "UTC", "+08:00"), or none at all ("").

    The way back from local time is a function that never decreases: an hour that happens twice is the first
    of the two, and an hour that a change of clocks leaves out is the moment of the change.
    """

    name: str

    @classmethod
    def fixed(cls, minutes: int) -> Zone:
        """The zone that is always so far east of UTC.

        >>> Zone.fixed(-90).name
        '-01:30'
        """
        return cls(f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}")

    @cached_property
    def _rule(self) -> tzinfo:
        if self.name in ("", "Z", "UTC"):
            return UTC
        fixed = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", self.name)
        if fixed:
            size = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
            return timezone(-size if fixed[1] == "-" else size)
        try:
            return ZoneInfo(self.name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise DataError(
                f"the time zone {self.name!r} is not known on this machine.",
                "A zone of the IANA database, such as Asia/Hong_Kong.",
                "Type: pip install tzdata",
            ) from error

    @property
    def moves(self) -> bool:
        """Whether the distance from UTC may change."""
        return not isinstance(self._rule, timezone)

    def _offset(self, second: int) -> int:
        """Seconds east of UTC at one moment."""
        second = min(max(second, _FIRST), _LAST)
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)
        shift = moment.astimezone(self._rule).utcoffset()
        return int(shift.total_seconds()) if shift is not None else 0

    def _around(self, first: int, last: int) -> tuple[int, int, int]:
        """(the change, seconds east before it, seconds east after it) between two moments."""
        before, after = self._offset(first), self._offset(last)
        while last - first > 1 and before != after:
            middle = (first + last) // 2
            first, last = (middle, last) if self._offset(middle) == before else (first, middle)
        return last, before, after

    def _tables(self, days: np.ndarray, margin: int) -> np.ndarray:
        """`_around` for each row's day, a margin of seconds on both sides: int64 (rows, 3)."""
        distinct, index = np.unique(days, return_inverse=True)
        rows = [self._around(day * DAY - margin, (day + 1) * DAY + margin) for day in distinct.tolist()]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)[index.reshape(-1)]

    def local(self, seconds: np.ndarray) -> np.ndarray:
        """Local seconds from seconds in UTC: int64 (rows,)."""
        if not self.moves:
            return seconds + self._offset(0)
        change, before, after = self._tables(seconds // DAY, 0).T
        return seconds + np.where(seconds < change, before, after)

    def universal(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds in UTC from local seconds: int64 (rows,)."""
        if not self.moves:
            return seconds - self._offset(0)
        # a local day lies within the UTC days around it; zones reach from -12 to +14 hours
        change, before, after = self._tables(seconds // DAY, DAY).T
        early, late = seconds - before, seconds - after
        return np.where(early < change, early, np.maximum(late, change))
