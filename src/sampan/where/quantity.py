"""Quantity: the cells of a column, or what was reckoned from them, as numbers without a digit lost.

A number with decimals is a whole number of its last digit (1,234.50 is 123450 of scale 2), so that money is
added and compared as people do it. Moments are microseconds since 1970, stretches of time microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from arro3 import compute
from arro3.core import DataType

from sampan.column import Column, codes, floats, integers, is_text, missing, stands_for
from sampan.errors import WhereError

DAY = 86_400_000_000
"""Microseconds of a day."""

MOST_DECIMALS = 9
"""Decimals up to which a column counts as written in them."""

LARGEST = 2**62
"""Above it whole numbers are reckoned as floats, as their sum might not fit."""

NOISE = 1e-9
"""How far, as a share of themselves, numbers may lie apart that are equal but for how floats are reckoned."""

Kind = Literal["number", "moment", "duration", "text"]


@dataclass(frozen=True, eq=False)
class Quantity:
    """Cells that can be reckoned with.

    values: int64, in units of 10 ** -scale where they are numbers, or float64 (rows,), or () for a constant;
    of text, the strings. gone: which are missing, alike in shape. size: float64, the largest number on the
    way to a float, so that what is left of a difference is not taken for more than it is. zone: of a moment
    that knows its zone: in which parts of it are told. place: of cells of text, which of its texts each is.
    """

    kind: Kind
    values: np.ndarray
    gone: np.ndarray
    scale: int = 0
    size: np.ndarray | None = None
    zone: str = ""
    place: np.ndarray | None = None

    @property
    def exact(self) -> bool:
        """Whether no digit was lost."""
        return self.values.dtype.kind == "i"

    @property
    def most(self) -> int:
        """The largest whole number in it, without its sign."""
        if not self.values.size:
            return 0
        return max(abs(int(self.values.max())), abs(int(self.values.min())))

    @property
    def numbers(self) -> np.ndarray:
        """As float64, NaN where missing: a number itself, a moment or a stretch in seconds."""
        unit = 1e6 if self.kind != "number" else 10.0**self.scale if self.exact else 1.0
        return np.where(self.gone, np.nan, self.values / unit)

    def loose(self) -> Quantity:
        """The same as floats, of scale 0."""
        if not self.exact:
            return self
        values = self.values / 10.0**self.scale
        return replace(self, values=values, scale=0, size=np.abs(values))

    def of_scale(self, scale: int) -> Quantity:
        """The same exact numbers in smaller units; as floats where they would not fit."""
        if not self.exact or scale == self.scale:
            return self
        more = 10 ** (scale - self.scale)
        if self.most * more >= LARGEST:
            return self.loose()
        return replace(self, values=self.values * more, scale=scale)


def constant(value: float, kind: Kind = "number") -> Quantity:
    """One number beside columns: exact as its shortest decimals say it."""
    out = number(np.array([value], dtype=np.int64 if isinstance(value, int) else np.float64))
    shape = {"values": out.values.reshape(()), "gone": np.zeros((), dtype=bool)}
    return replace(out, kind=kind, **shape, size=None if out.size is None else out.size.reshape(()))


def number(values: np.ndarray, gone: np.ndarray | None = None) -> Quantity:
    """Numbers as they are counted: whole, or in decimals where floats are written in them."""
    if values.dtype.kind in "iu":
        gone = np.zeros(len(values), dtype=bool) if gone is None else gone
        if values.dtype.kind == "u" and values.size and int(values.max()) >= LARGEST:
            return Quantity("number", values.astype(np.float64), gone, size=values.astype(np.float64))
        return Quantity("number", values.astype(np.int64), gone)
    gone = np.isnan(values) | (False if gone is None else gone)
    there = values[~gone]
    scale = decimals(there)
    if scale is None:
        return Quantity("number", np.where(gone, 0.0, values), gone, size=np.abs(np.where(gone, 0.0, values)))
    whole = np.zeros(len(values), dtype=np.int64)
    whole[~gone] = np.round(there * 10.0**scale).astype(np.int64)
    return Quantity("number", whole, gone, scale)


def step_of(cells: Quantity) -> int:
    """Of how many of its last digits each number of a column is a multiple: 500 of a limit in whole 500s.

    >>> step_of(number(np.array([1500.0, 4000.0]))), step_of(number(np.array([0.5, 1.25])))
    (500, 25)
    """
    there = cells.values[~cells.gone]
    if cells.kind != "number" or not cells.exact or not there.size:
        return 1
    return max(1, int(np.gcd.reduce(np.abs(there))))


def decimals(values: np.ndarray) -> int | None:
    """How many decimals floats are written in, up to noise in their last bits; None where they bear no end.

    >>> decimals(np.array([59.699999999999996, 1.5])), decimals(np.array([1 / 3]))
    (1, None)
    """
    if not np.isfinite(values).all():
        return None
    for scale in range(MOST_DECIMALS + 1):
        for rows in (500, values.size):  # most scales are ruled out by a few rows
            scaled = values[:rows] * 10.0**scale
            whole = np.round(scaled)
            if scaled.size and np.abs(whole).max() > 2.0**52:
                return None
            if (np.abs(scaled - whole) > np.minimum(1e-3, 1e-12 * np.abs(scaled) + 1e-15)).any():
                break
        else:
            return scale
    return None


def quantity(column: Column) -> Quantity:
    """A column as its Arrow type has it. Text is numbers where every cell spells one, moments where every
    cell is one as ISO 8601 writes it, else text."""
    kind, gone = column.type, missing(column)
    if DataType.is_integer(kind) or kind == DataType.bool():
        return number(integers(column), gone)
    if DataType.is_numeric(kind):
        return number(floats(column), gone)
    if DataType.is_temporal(kind):
        return _temporal(column, gone)
    if is_text(column) and not stands_for(column):
        return _spelled(column, gone)
    index, distinct = codes(column)
    return _texts(index, [str(value) for value in distinct])


def _temporal(column: Column, gone: np.ndarray) -> Quantity:
    kind = column.type
    if DataType.is_date(kind):
        days = integers(compute.cast(compute.cast(column, DataType.date32()), DataType.int32()))
        return Quantity("moment", days * DAY, gone)
    if DataType.is_timestamp(kind):
        zone = str(kind.tz or "")
        micro = compute.cast(column, DataType.timestamp("us", tz=kind.tz))
        return Quantity("moment", integers(compute.cast(micro, DataType.int64())), gone, zone=zone)
    if DataType.is_duration(kind):
        micro = compute.cast(column, DataType.duration("us"))
        return Quantity("duration", integers(compute.cast(micro, DataType.int64())), gone)
    # a time of day: since midnight
    micro = compute.cast(column, DataType.time64("us"))
    return Quantity("duration", integers(compute.cast(micro, DataType.int64())), gone)


def _spelled(column: Column, gone: np.ndarray) -> Quantity:
    index, distinct = codes(column)
    texts = [str(value) for value in distinct]
    try:
        values = [_number(text) for text in texts]
    except ValueError:
        pass
    else:
        whole = all(isinstance(value, int) and abs(value) < LARGEST for value in values)
        table = np.array([*values, 0], dtype=np.int64 if whole else np.float64)
        return number(table[index], gone)
    try:
        moments = [micros(text) for text in texts]
    except ValueError:
        return _texts(index, texts)
    return Quantity("moment", np.array([*moments, 0], dtype=np.int64)[index], gone)


def _number(text: str) -> int | float:
    """A number that a text spells, thousands apart or not. Raises ValueError."""
    plain = text.strip().replace(",", "")
    if plain.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        raise ValueError(text)
    try:
        return int(plain)
    except ValueError:
        return float(plain)


def _texts(index: np.ndarray, texts: list[str]) -> Quantity:
    table = np.array([*texts, ""], dtype=object)
    return Quantity("text", table[index], index < 0, place=index)


def micros(text: str) -> int:
    """A date or a moment in ISO 8601 as microseconds since 1970. Raises ValueError.

    >>> micros("1970-01-02")
    86400000000
    """
    said = datetime.fromisoformat(text.strip())
    zoned = said.replace(tzinfo=UTC) if said.tzinfo is None else said
    return (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def codes_of(cells: Quantity) -> np.ndarray:
    """A number for each cell that is the same where cells are: int64 (rows,), from 0, -1 where missing."""
    if cells.place is not None:
        return cells.place
    values = cells.values
    code = np.full(len(values), -1, dtype=np.int64)
    there = values[~cells.gone]
    if there.size and there.dtype.kind == "i":
        low, unit = int(there.min()), DAY if cells.kind == "moment" and not (there % DAY).any() else 1
        if (int(there.max()) - low) // unit <= 4 * there.size:  # close together: nothing is to be sorted
            code[~cells.gone] = (there - low) // unit
            return code
    if there.dtype == object:
        there = there.astype(str)
    code[~cells.gone] = np.unique(there, return_inverse=True)[1]
    return code


class Quantities(Mapping[str, Quantity]):
    """The columns of a table as quantities, each read when it is first asked for."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._read: dict[str, Quantity] = {}

    def __getitem__(self, name: str) -> Quantity:
        if name not in self._read:
            self._read[name] = quantity(self._columns[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


# --- zones
HOUR = 3_600_000_000
QUARTER = HOUR // 4


def wall_clock(values: np.ndarray, zone: str) -> np.ndarray:
    """What clocks in a zone showed at instants: both in microseconds since 1970, int64 (rows,)."""
    return values + _offsets(values, _zone(zone), instants=True)


def instant(values: np.ndarray, zone: str) -> np.ndarray:
    """When clocks in a zone showed moments, the first time where they showed them twice: the way back."""
    return values - _offsets(values, _zone(zone), instants=False)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise WhereError(
            f"There is no time zone {name[:60]!r}.",
            "A zone of the IANA database is expected.",
            "Such as: local(sent, 'Asia/Hong_Kong')",
        ) from None


def _offsets(values: np.ndarray, zone: ZoneInfo, instants: bool) -> np.ndarray:
    """How far local clocks are ahead of UTC; zones change on quarters of an hour."""
    slots, place = np.unique(values // QUARTER, return_inverse=True)
    start = datetime(1970, 1, 1, tzinfo=UTC if instants else None)
    out = np.zeros(slots.size, dtype=np.int64)
    for spot, slot in enumerate(slots.tolist()):
        try:
            at = start + timedelta(minutes=15 * slot)
            local = at.astimezone(zone) if instants else at.replace(tzinfo=zone)
            out[spot] = round((local.utcoffset() or timedelta()).total_seconds()) * 1_000_000
        except OverflowError:  # before the year 1, after the year 9999
            pass
    return out[place].reshape(values.shape)
