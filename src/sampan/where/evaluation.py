"""The evaluation of a formula: which rows of finished columns satisfy it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from arro3.core import DataType

from sampan.column import Column, codes, floats, integers, is_text, missing
from sampan.errors import WhereError
from sampan.field import Between, Compare, Condition, In, Missing, literals_of
from sampan.where.formula import And, Atom, Formula, Not, Or, Relation, check_columns, positive, resolved
from sampan.where.quantity import Quantities
from sampan.where.reckoning import holds

_WHOLE = re.compile(r"[+-]?\d+")


def evaluate(formula: Formula, columns: Mapping[str, Column]) -> np.ndarray:
    """Which rows satisfy the formula, by comparing the values themselves: bool (rows,).

    Knows no codec, so it can judge what came out of one. Text is compared as numbers or as moments where
    every value of the column and every value of the condition is one; other text is equal or not, and of
    none is it known which is greater.
    """
    return decided(formula, columns)[0]


def decided(
    formula: Formula, columns: Mapping[str, Column], quantities: Quantities | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows satisfy the formula, and of which it says something: bool (rows,) each.

    It says nothing where a cell is missing on which it depends (Kleene's three values): `a > 1 or b = 2` is
    so where b is 2, whatever a is. quantities: the same columns, where they have been read before.
    """
    formula = resolved(formula, columns, lambda name, word: _has(columns.get(name), word))
    check_columns(formula, columns)
    quantities = Quantities(columns) if quantities is None else quantities
    true, known = _decided(positive(formula), columns, quantities)
    rows = max((len(column) for column in columns.values()), default=0)
    return np.broadcast_to(true, (rows,)), np.broadcast_to(known, (rows,))


def _has(column: Column | None, word: str) -> bool:
    """Whether a text column holds a word."""
    return column is not None and is_text(column) and word in codes(column)[1]


def _decided(
    formula: Formula, table: Mapping[str, Column], quantities: Quantities
) -> tuple[np.ndarray, np.ndarray]:
    match formula:
        case And(parts) | Or(parts):
            pairs = [_decided(part, table, quantities) for part in parts]
            true = np.stack(np.broadcast_arrays(*(true for true, _ in pairs)))
            false = np.stack(np.broadcast_arrays(*(known & ~true for true, known in pairs)))
            every, some = np.logical_and.reduce, np.logical_or.reduce
            yes, no = (every(true), some(false)) if isinstance(formula, And) else (some(true), every(false))
            return np.asarray(yes), np.asarray(yes | no)
        case Not(part):
            return _decided(positive(part, True), table, quantities)
        case Relation():
            return holds(formula, quantities)
        case Atom(column, condition):
            cells = table[column]
            known = np.ones(len(cells), dtype=bool) if isinstance(condition, Missing) else ~missing(cells)
            return _holds(condition, cells), known


def _holds(condition: Condition, column: Column) -> np.ndarray:
    gone = missing(column)
    if isinstance(condition, Missing):
        return gone != condition.negated
    literals = literals_of(condition)
    kind = column.type
    if DataType.is_numeric(kind) or kind == DataType.bool():
        values = integers(column) if DataType.is_integer(kind) else floats(column)
        return compare(condition, values, [_asked_number(value) for value in literals]) & ~gone
    index, distinct = codes(column)
    if not distinct:
        return np.zeros(len(column), dtype=bool)
    unordered = isinstance(condition, In) or (isinstance(condition, Compare) and condition.op in ("==", "!="))
    keys, wanted = _comparable(distinct, literals, unordered and is_text(column))
    number = next((value for value in literals if isinstance(value, int | float)), None)
    if not unordered and number is not None and isinstance(keys[0], str):
        odd = next((value for value in distinct if not _is_number(value)), distinct[0])
        raise WhereError(
            f"{number!r} is compared with a column that holds {odd!r}.",
            "A column whose every value is a number.",
            "Compare with text in quotes, or turn the column into numbers first.",
        )
    if not unordered and is_text(column) and isinstance(keys[0], str):
        raise WhereError(
            f'"{literals[0]}" is compared by size with text, which has no order.',
            "Numbers or dates; or categories whose order was said before learning.",
            'Type for instance: --type "size=category:S<M<L"; or use == or in.',
        )
    held = compare(condition, np.array(keys, dtype=object), wanted)
    return held.astype(bool)[np.maximum(index, 0)] & ~gone


def compare(condition: Condition, values: np.ndarray, literals: list[Any]) -> np.ndarray:
    """Which values satisfy a condition, whose literals are in `literals`: bool (rows,).

    Whole numbers are compared with whole numbers, or those beyond 2**53 would lose digits on the way.
    """
    if values.dtype.kind in "iu":
        literals = [_whole(value) for value in literals]
    elif values.dtype.kind == "f":
        literals = [_as_float(value) for value in literals]
    match condition:
        case Compare(op, _):
            value = literals[0]
            match op:
                case "==":
                    return values == value
                case "!=":
                    return values != value
                case "<":
                    return values < value
                case "<=":
                    return values <= value
                case ">":
                    return values > value
                case _:
                    return values >= value
        case Between(_, _, negated):
            return ((values >= literals[0]) & (values <= literals[1])) != negated
        case In(_, negated):
            wanted = set(literals)  # equal numbers are one, whatever their type
            inside = np.fromiter(
                (value in wanted for value in values.tolist()), dtype=bool, count=len(values)
            )
            return inside != negated
        case Missing(negated):
            return np.full(len(values), negated)


def _comparable(distinct: list[Any], literals: list[Any], text: bool) -> tuple[list[Any], list[Any]]:
    """Values and literals as things that compare: all numbers, else all moments, else all text."""
    known = set(distinct) if text else set()
    exact = text and any(isinstance(value, str) and value in known for value in literals)
    for read_one in () if exact else (number_of, _moment):
        try:
            return [read_one(value) for value in distinct], [read_one(value) for value in literals]
        except ValueError:
            continue
    values = [str(value) for value in distinct]
    return values, [_text_of(value, values) for value in literals]


def _text_of(literal: Any, values: list[str]) -> str:
    """A literal as text; `true` finds True and TRUE as well."""
    word = str(literal)
    if isinstance(literal, bool):
        return next((value for value in values if value.casefold() == word.casefold()), word)
    return word


def _whole(value: Any) -> Any:
    """A literal without a fraction as a whole number, any other as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_float(value: Any) -> Any:
    """A whole number as the float that it is compared as: infinity beyond all floats. Others as they are."""
    if not isinstance(value, int):
        return value
    return float(value) if value.bit_length() <= 1_023 else float("inf") if value > 0 else float("-inf")


def _asked_number(value: Any) -> float:
    """A literal that is compared with numbers. Raises WhereError."""
    try:
        return number_of(value)
    except ValueError:
        raise WhereError(
            f"{value!r} is compared with a column of numbers.",
            "A number is expected.",
            "Write a number, such as: age > 65",
        ) from None


def number_of(value: Any) -> float:
    """A number, or text that is one; whole ones keep every digit. Raises ValueError."""
    if isinstance(value, str):
        value = value.strip().replace(",", "")
        if _WHOLE.fullmatch(value):
            return int(value)
    elif isinstance(value, int | np.integer):
        return int(value)
    try:
        return float(value)
    except TypeError:
        raise ValueError(value) from None


def _is_number(value: Any) -> bool:
    try:
        number_of(value)
    except ValueError:
        return False
    return True


def _moment(value: Any) -> dt.datetime:
    """A moment of a date, a date-time, or ISO text; without a zone. Raises ValueError."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value.strip())
    if isinstance(value, dt.datetime):
        try:
            return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
        except OverflowError:  # before the year 1, after the year 9999
            raise ValueError(value) from None
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    raise ValueError(value)
