"""Foreign: Arrow columns of types and values that a table does not hold, read as what they can be.

Other programs write moments that no calendar has, zones that no list of zones has, decimals of 76 digits,
runs, views and intervals. A library that meets them later gives up in its own words, or loses digits. What
is changed is said.
"""

from __future__ import annotations

import arro3.compute as compute
from arro3.core import DataType

from sampan.column import Column, codes, integers, missing, with_nulls

_FIRST, _LAST = -62_135_596_800, 253_402_300_800
"""Seconds since 1970 in which the years 1 to 9999 lie, the only ones that a calendar here has."""
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DECIMALS = tuple(f"arro3.core.DataType<Decimal{bits}(" for bits in (32, 64, 256))
_DIGITS = 38
"""Digits of a decimal number of 128 bits."""

_CALENDAR = "{} holds moments that no calendar has (before the year 1, after 9999): read as missing"
_LONG = "{} holds decimal numbers of more than 38 digits: taken as text, with every digit"


def of_foreign(column: Column) -> tuple[Column, str]:
    """The column as a table can hold it, and what is to be said of it ("{}" stands for its name), or "".

    >>> of_foreign(Column(["a"], DataType.string()))[1]
    ''
    """
    kind = column.type
    if DataType.is_dictionary(kind) and kind.value_type is not None and _is_foreign(kind.value_type):
        return of_foreign(compute.cast(column, kind.value_type))
    if DataType.is_interval(kind):
        said = "the stretches of time of {} are taken as text, and come back as that"
        return compute.cast(column, DataType.string()), said
    if _is_runs(kind) and kind.value_type is not None:
        return of_foreign(compute.cast(column, kind.value_type))
    if (DataType.is_list_view(kind) or DataType.is_large_list_view(kind)) and kind.value_type is not None:
        large = DataType.is_large_list_view(kind)
        return compute.cast(column, (DataType.large_list if large else DataType.list)(kind.value_type)), ""
    if _is_decimal(kind):
        return _decimal(column)
    if not DataType.is_temporal(kind):
        return column, ""
    column, said = _in_known_zone(column)
    whole = _of_calendar(column)
    if whole is column:
        return column, said
    return whole, f"{said}; it {_CALENDAR.removeprefix('{} ')}" if said else _CALENDAR


def _is_foreign(kind: DataType) -> bool:
    return DataType.is_temporal(kind) or _is_decimal(kind)


def _is_runs(kind: DataType) -> bool:
    return "DataType<RunEndEncoded(" in str(kind)  # arro3 has no question for it


def _is_decimal(kind: DataType) -> bool:
    return str(kind).strip().startswith(_DECIMALS)


def _decimal(column: Column) -> tuple[Column, str]:
    """Decimals of another width as decimal128 where they fit, to the last digit; else as text."""
    texts = compute.cast(column, DataType.string())
    values = codes(texts)[1]
    fractions = max((len(text.partition(".")[2]) for text in values if "e" not in text.lower()), default=0)
    exact = fractions <= _DIGITS and not any("e" in text.lower() for text in values)
    if exact:
        plain = compute.cast(texts, DataType.decimal128(_DIGITS, fractions))
        if plain.null_count == column.null_count:
            return plain, ""
    return texts, _LONG


def _in_known_zone(column: Column) -> tuple[Column, str]:
    """Moments of a zone that is not known as moments in UTC, which they are as well."""
    kind = column.type
    if not DataType.is_timestamp(kind) or kind.tz is None:
        return column, ""
    instants = compute.cast(column, DataType.int64())
    try:
        compute.cast(compute.cast(Column([0], DataType.int64()), kind), DataType.string())
        return column, ""
    except Exception:  # the library has errors of its own
        zone = (kind.tz if len(kind.tz) < 40 else f"{kind.tz[:39]}…").replace("{", "").replace("}", "")
        known = kind.tz.upper() == "UTC"
        said = "" if known else f"{{}} holds moments of a zone {zone!r}, which is not known: taken as of UTC"
        return compute.cast(instants, DataType.timestamp(kind.time_unit or "us", tz="UTC")), said


def _of_calendar(column: Column) -> Column:
    """The column without moments that no calendar has: null instead; itself where there are none."""
    kind = column.type
    if DataType.is_timestamp(kind):
        unit = _UNITS[str(kind.time_unit)]
        low, high = _FIRST * unit, _LAST * unit
    elif DataType.is_date(kind):
        unit = 86_400_000 if DataType.is_date64(kind) else 1
        low, high = _FIRST // 86_400 * unit, _LAST // 86_400 * unit
    elif DataType.is_time(kind):
        low, high = 0, 86_400 * _UNITS[str(kind.time_unit)]
    else:
        return column
    if low < -(2**63):  # nanoseconds reach from 1677 to 2262
        return column
    values = integers(compute.cast(column, DataType.int32()) if kind.bit_width == 32 else column)
    wrong = ~missing(column) & ((values < low) | (values >= high))
    return with_nulls(column, wrong) if wrong.any() else column
