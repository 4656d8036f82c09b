"""Reckoning: what a term is worth in each row of a table, and which rows a relation holds for.

A number beside a stretch of time counts days: `nights = checkout - checkin`, `due = sent + 30`. What is
rounded and lies half-way may be rounded either way: programs differ in it, and both are right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sampan.errors import WhereError
from sampan.where.formula import Relation
from sampan.where.quantity import (
    DAY,
    HOUR,
    LARGEST,
    NOISE,
    Quantity,
    constant,
    instant,
    micros,
    wall_clock,
)
from sampan.where.term import Apply, Duration, Moment, Number, Of, Term, Text

Quantities = Mapping[str, Quantity]

MINUTE = HOUR // 60

MOST_DIGITS = 12
"""Decimals that `round` keeps at most."""


def reckoned(term: Term, table: Quantities, away: bool = True) -> Quantity:
    """A term in every row of a table: numbers, moments, stretches of time or text, and where it is missing.

    A constant has no rows: its arrays are of shape (). What is divided by nothing is missing.
    away: which way goes what is rounded and lies half-way: away from 0, or towards it.
    Raises WhereError where what a part is cannot be reckoned with (`start + start` of two moments).
    """
    match term:
        case Of(column):
            return table[column]
        case Number(value):
            return constant(value)
        case Moment(text):
            return Quantity("moment", np.array(micros(text)), np.zeros((), dtype=bool))
        case Duration(seconds):
            return Quantity("duration", np.array(round(seconds * 1e6)), np.zeros((), dtype=bool))
        case Text(value):
            return Quantity("text", np.array(value, dtype=object), np.zeros((), dtype=bool))
        case Apply("local" | "utc" as op, (inner, Text(zone))):
            moment = _of_kind(reckoned(inner, table, away), ("moment",), op)
            turn = wall_clock if op == "local" else instant
            return replace(moment, values=turn(moment.values, zone), zone="")
        case Apply("round", (inner, *digits)):
            kept = digits[0].value if digits and isinstance(digits[0], Number) else 0
            return _round(reckoned(inner, table, away), int(kept), away)
        case Apply(op, parts):
            return _apply(op, [reckoned(part, table, away) for part in parts])


def holds(relation: Relation, table: Quantities) -> tuple[np.ndarray, np.ndarray]:
    """Where a relation holds, and where it says something: no cell that it asks about is missing."""
    true, known = _compared(relation, table, True)
    if (true[known]).all() or not (_rounds(relation.left) or _rounds(relation.right)):
        return true, known
    other, _ = _compared(relation, table, False)
    return (true & other) if relation.op == "!=" else (true | other), known


def _compared(relation: Relation, table: Quantities, away: bool) -> tuple[np.ndarray, np.ndarray]:
    left, right = reckoned(relation.left, table, away), reckoned(relation.right, table, away)
    known = ~(left.gone | right.gone)
    return compare(left, relation.op, right) & known, known


def _rounds(term: Term) -> bool:
    return isinstance(term, Apply) and (term.op == "round" or any(map(_rounds, term.parts)))


# --- two quantities beside each other
def compare(left: Quantity, op: str, right: Quantity) -> np.ndarray:
    """Where `left op right` is so, also of cells that are missing: bool. op: == != < <= > >=."""
    left, right = _alike(left, right, "compare")
    if left.kind == "text":
        if op not in ("==", "!="):
            raise WhereError(
                "Texts are compared by size, and have no order.",
                "Numbers or dates are expected on both sides of < and >.",
                "Type = or !=, or turn the columns into numbers first.",
            )
        same = np.asarray(left.values == right.values, dtype=bool)
        return same if op == "==" else ~same
    x, y = left.values, right.values
    if left.exact and right.exact:
        near = x == y
    else:
        reach = NOISE * np.maximum(np.abs(x), np.abs(y))
        for side in (left, right):
            if side.size is not None:
                reach = reach + 1e-13 * side.size
        near = np.abs(x - y) <= reach
    match op:
        case "==":
            return near
        case "!=":
            return ~near
        case "<":
            return (x < y) & ~near
        case "<=":
            return (x < y) | near
        case ">":
            return (x > y) & ~near
        case _:
            return (x > y) | near


def _alike(left: Quantity, right: Quantity, op: str) -> tuple[Quantity, Quantity]:
    """Two quantities of one kind and one scale. Raises WhereError where they have nothing in common."""
    kinds = {left.kind, right.kind}
    if kinds == {"text", "moment"}:
        left, right = _as_moment(left), _as_moment(right)
    elif kinds == {"number", "duration"}:
        left, right = _days(left), _days(right)
    if left.kind != right.kind:
        _refuse(op, (left, right))
    if left.kind == "text":
        return left, right
    scale = max(left.scale, right.scale)
    left, right = left.of_scale(scale), right.of_scale(scale)
    return (left, right) if left.exact and right.exact else (left.loose(), right.loose())


def _as_moment(one: Quantity) -> Quantity:
    """A quoted date beside moments."""
    if one.kind != "text" or one.values.shape:
        return one
    try:
        return Quantity("moment", np.array(micros(str(one.values))), one.gone)
    except ValueError:
        return one


def _days(one: Quantity) -> Quantity:
    """A number as so many days; anything else as it is."""
    return (
        one if one.kind != "number" else _times(one, Quantity("duration", np.array(DAY), np.zeros((), bool)))
    )


# --- what is reckoned
def _apply(op: str, parts: Sequence[Quantity]) -> Quantity:
    match op:
        case "neg" | "abs":
            one = _of_kind(parts[0], ("number", "duration"), op)
            return replace(one, values=-one.values if op == "neg" else np.abs(one.values))
        case "+":
            return _plus(parts[0], parts[1])
        case "-":
            return _minus(parts[0], parts[1])
        case "*":
            return _times(parts[0], parts[1])
        case "/":
            return _over(parts[0], parts[1])
        case "floor" | "ceil":
            return _whole(_of_kind(parts[0], ("number",), op), op)
        case "min" | "max":
            return _least(op, parts)
        case "age":
            return _age(*(_of_kind(_as_moment(part), ("moment",), op) for part in parts))
        case _:
            return _part(op, parts[0])


def _of_kind(one: Quantity, kinds: tuple[str, ...], op: str) -> Quantity:
    if one.kind not in kinds:
        _refuse(op, (one,))
    return one


_WORDS = {"number": "a number", "moment": "a date", "duration": "a stretch of time", "text": "text"}


def _refuse(op: str, parts: Sequence[Quantity]) -> None:
    given = " and ".join(_WORDS[part.kind] for part in parts)
    told = f"`{op}` is given {given}" if op != "compare" else f"{given} are compared"
    raise WhereError(
        f"{told[0].upper()}{told[1:]}.",
        "Numbers with numbers, dates with dates; to a date a number of days, or 3 hours, is added.",
        "For example: checkout - checkin >= 2 days, total = net * 1.1, year(day) = 2024",
    )


def _joined(kind: str, left: Quantity, right: Quantity, values: np.ndarray, scale: int = 0) -> Quantity:
    size = None
    if values.dtype.kind == "f":
        size = np.abs(values)
        for side in (left, right):
            size = np.maximum(size, 0.0 if side.size is None else side.size)
    return Quantity(kind, values, left.gone | right.gone, scale, size)  # type: ignore[arg-type]


def _plus(left: Quantity, right: Quantity) -> Quantity:
    if right.kind == "moment":
        left, right = right, left
    if left.kind == "moment" and right.kind in ("number", "duration"):
        return _shift(left, _days(right), 1)
    left, right = _summed(left, right, "+")
    return _joined(left.kind, left, right, left.values + right.values, left.scale)


def _minus(left: Quantity, right: Quantity) -> Quantity:
    left, right = (
        (_as_moment(left), _as_moment(right)) if "moment" in (left.kind, right.kind) else (left, right)
    )
    if left.kind == "moment" and right.kind in ("number", "duration"):
        return _shift(left, _days(right), -1)
    if left.kind == "moment" and right.kind == "moment":
        return Quantity("duration", left.values - right.values, left.gone | right.gone)
    left, right = _summed(left, right, "-")
    return _joined(left.kind, left, right, left.values - right.values, left.scale)


def _shift(moment: Quantity, stretch: Quantity, sign: int) -> Quantity:
    far = stretch.values if stretch.exact else np.round(stretch.values).astype(np.int64)
    return replace(moment, values=moment.values + sign * far, gone=moment.gone | stretch.gone)


def _summed(left: Quantity, right: Quantity, op: str) -> tuple[Quantity, Quantity]:
    left, right = _alike(left, right, op)
    if left.kind not in ("number", "duration"):
        _refuse(op, (left, right))
    if left.exact and left.most + right.most >= LARGEST:
        left, right = left.loose(), right.loose()
    return left, right


def _times(left: Quantity, right: Quantity) -> Quantity:
    if {left.kind, right.kind} - {"number", "duration"} or left.kind == right.kind == "duration":
        _refuse("*", (left, right))
    kind = "duration" if "duration" in (left.kind, right.kind) else "number"
    if left.exact and right.exact and left.most * right.most < LARGEST:
        out = _joined(kind, left, right, left.values * right.values, left.scale + right.scale)
        return out if kind == "number" else _even(out)
    left, right = left.loose(), right.loose()
    return _joined(kind, left, right, left.values * right.values)


def _even(stretch: Quantity) -> Quantity:
    """A stretch of time in whole microseconds."""
    if not stretch.scale:
        return stretch
    return replace(stretch, values=_halves(stretch.values, 10**stretch.scale, True), scale=0)


def _over(left: Quantity, right: Quantity) -> Quantity:
    if (left.kind, right.kind) == ("number", "duration") or {left.kind, right.kind} - {"number", "duration"}:
        _refuse("/", (left, right))
    kind = "number" if left.kind == right.kind else "duration"
    gone = left.gone | right.gone | (right.values == 0)
    low = np.where(right.values == 0, 1, right.values)
    if left.exact and right.exact and left.scale >= right.scale and not np.any((left.values % low)[~gone]):
        out = Quantity(kind, np.where(gone, 0, left.values // low), gone, left.scale - right.scale)
        return out if kind == "number" else _even(out)
    x, y = left.loose(), replace(right, values=low).loose()
    values = np.where(gone, 0.0, x.values / y.values)
    if kind == "duration":
        return Quantity(kind, np.round(values).astype(np.int64), gone)
    return Quantity(kind, values, gone, size=np.abs(values))


def _halves(values: np.ndarray, unit: int, away: bool) -> np.ndarray:
    """Whole numbers divided by a whole unit, to the nearest whole; halves away from 0, or towards it."""
    size = np.abs(values)
    lower, rest = size // unit, size % unit
    up = 2 * rest >= unit if away else 2 * rest > unit
    return np.sign(values) * (lower + up)


def _round(one: Quantity, digits: int, away: bool) -> Quantity:
    if one.kind == "duration":
        one = _over(one, Quantity("duration", np.array(DAY), np.zeros((), bool)))
    _of_kind(one, ("number",), "round")
    digits = min(digits, MOST_DIGITS)
    if one.exact:
        if one.scale <= digits:
            return one
        values = _halves(one.values, 10 ** (one.scale - digits), away)
        return _settled(replace(one, values=values, scale=digits), digits)
    scaled = one.values * 10.0**digits
    reach = NOISE * np.abs(scaled) + 1e-9
    size = np.floor(np.abs(scaled) + 0.5 + (reach if away else -reach))
    return _settled(replace(one, values=np.sign(scaled) * size, scale=digits), digits)


def _settled(one: Quantity, digits: int) -> Quantity:
    """A rounded number as a whole one of its last digit; before the point, of one."""
    values = one.values
    if values.dtype.kind == "f":
        if values.size and np.abs(values).max() >= 2.0**53:
            values = values / 10.0**digits
            return Quantity("number", values, one.gone, size=np.abs(values))
        values = values.astype(np.int64)
    if digits < 0:
        values = values * 10**-digits
    return Quantity("number", values, one.gone, max(digits, 0))


def _whole(one: Quantity, op: str) -> Quantity:
    if one.exact:
        unit = 10**one.scale
        values = one.values // unit if op == "floor" else -(-one.values // unit)
        return Quantity("number", values, one.gone)
    reach = NOISE * np.abs(one.values)
    values = np.floor(one.values + reach) if op == "floor" else np.ceil(one.values - reach)
    return _settled(replace(one, values=values), 0)


def _least(op: str, parts: Sequence[Quantity]) -> Quantity:
    """The smaller or the larger of several."""
    choose = np.minimum if op == "min" else np.maximum
    out = parts[0]
    for part in parts[1:]:
        left, right = _alike(out, part, op)
        _of_kind(left, ("number", "duration", "moment"), op)
        out = _joined(left.kind, left, right, choose(left.values, right.values), left.scale)
    return out


# --- parts of a moment
def _part(op: str, one: Quantity) -> Quantity:
    """year(...), hour(...) and their kin; of a moment that knows its zone, as its clocks show it."""
    one = _as_moment(one)
    if one.kind == "duration" and op in ("hour", "minute"):  # a time of day
        return _told(one, one.values % DAY // HOUR if op == "hour" else one.values % HOUR // MINUTE)
    _of_kind(one, ("moment",), op)
    values = wall_clock(one.values, one.zone) if one.zone and one.zone != "UTC" else one.values
    days = values // DAY
    match op:
        case "date":
            return replace(one, values=days * DAY, zone="")
        case "hour":
            return _told(one, values % DAY // HOUR)
        case "minute":
            return _told(one, values % HOUR // MINUTE)
        case "weekday":
            return _told(one, (days + 3) % 7)  # 1970 began on a Thursday
        case "day":
            dates = days.astype("datetime64[D]")
            return _told(one, (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    parts: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "year": lambda count: count // 12 + 1970,
        "quarter": lambda count: count % 12 // 3 + 1,
        "month": lambda count: count % 12 + 1,
    }
    return _told(one, parts[op](months))


def _told(one: Quantity, values: np.ndarray) -> Quantity:
    return Quantity("number", np.asarray(values, dtype=np.int64), one.gone)


def _age(born: Quantity, at: Quantity) -> Quantity:
    """Whole years from one moment to another: a birthday counts from its day on."""
    first, last = (_part("date", one) for one in (born, at))
    years = _part("year", last).values - _part("year", first).values
    birthday = [_part("month", one).values * 100 + _part("day", one).values for one in (first, last)]
    return Quantity("number", years - (birthday[1] < birthday[0]), born.gone | at.gone)
