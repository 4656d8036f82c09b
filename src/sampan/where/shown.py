"""Formulas as text, which the notation reads back: what a person is told, and what a request keeps."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np

from sampan.field import Between, Compare, Condition, In, Missing
from sampan.where.formula import And, Atom, Formula, Not, Or, Relation, Word
from sampan.where.term import Apply, Duration, Moment, Number, Of, Term, Text

_NAME = re.compile(r"[^\W\d][\w.]*")
_RESERVED = {"and", "or", "not", "in", "between", "is", "true", "false", "if", "then", "fixes"}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_TIGHT = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3}


def show(formula: Formula, plain: bool = False) -> str:
    """The formula as text that `parse` reads back.

    plain: without the backquotes that say that the second of two compared words is a column; who knows the
    columns (`resolved`) needs none.

    >>> from sampan.where.notation import parse
    >>> show(parse("18<=age<65 && !(`home town` in ['New York'])"))
    "age >= 18 and age < 65 and not `home town` in ('New York')"
    >>> show(parse("total = round((net + vat) * 1.1, 2)"))
    'total = round((net + vat) * 1.1, 2)'
    """
    match formula:
        case Atom(column, condition):
            return f"{name_of(column)} {_show_condition(condition)}"
        case Relation(left, op, right):
            sign, quoted = (
                "=" if op == "==" else op,
                isinstance(left, Of) and isinstance(right, Of) and not plain,
            )
            other = "`" + right.column.replace("`", "``") + "`" if quoted else show_term(right)  # type: ignore[union-attr]
            return f"{show_term(left)} {sign} {other}"
        case And(parts):
            return " and ".join(f"({show(p, plain)})" if isinstance(p, Or) else show(p, plain) for p in parts)
        case Or(parts):
            return " or ".join(show(part, plain) for part in parts)
        case Not(part):
            inner = show(part, plain)
            return f"not ({inner})" if isinstance(part, And | Or) else f"not {inner}"


def name_of(column: str) -> str:
    """The name of a column as it stands in a condition: in backquotes where it must."""
    plain = _NAME.fullmatch(column) and column.lower() not in _RESERVED
    return column if plain else "`" + column.replace("`", "``") + "`"


def show_term(term: Term, tight: int = 0) -> str:
    """A term as text. tight: how closely what stands around it binds, so that brackets stand where needed."""
    match term:
        case Of(column):
            return name_of(column)
        case Number(value):
            return repr(value)
        case Moment(text):
            return text if "T" in text or len(text) == 10 else f"'{text}'"
        case Duration(seconds):
            fits = [one for one in _UNITS if seconds and not seconds % one[1]]
            if (not fits or fits[0][1] < 86_400 < abs(seconds)) and not abs(seconds) * 10_000 % 86_400:
                fits = [_UNITS[1]]  # 365.2425 days
            unit, size = fits[0] if fits else _UNITS[-1]
            count = seconds // size if not seconds % size else seconds / size
            count = int(count) if count == int(count) else count
            return f"{count!r} {unit}{'s' * (abs(count) != 1)}"
        case Text(value):
            return _show_value(value)
        case Apply("neg", (inner,)):
            out = f"- {show_term(inner, _TIGHT['neg'])}"
            return f"({out})" if tight else out
        case Apply(op, (left, right)) if op in _TIGHT:
            own = _TIGHT[op]
            # what follows a sign binds closer than it: a - (b - c), and sums stay in the order they have
            out = f"{show_term(left, own)} {op} {show_term(right, own + 1)}"
            return f"({out})" if own < tight else out
        case Apply(op, parts):
            return f"{op}({', '.join(show_term(part) for part in parts)})"


def _show_condition(condition: Condition) -> str:
    match condition:
        case Compare(op, value):
            return f"{'=' if op == '==' else op} {_show_value(value)}"
        case In(values, negated):
            return f"{'not ' * negated}in ({', '.join(map(_show_value, values))})"
        case Between(low, high, negated):
            return f"{'not ' * negated}between {_show_value(low)} and {_show_value(high)}"
        case Missing(negated):
            return f"is {'not ' * negated}missing"


def _show_value(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
