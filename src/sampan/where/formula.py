"""Formula: conditions on columns, joined by and, or and not; a closed set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sampan.errors import WhereError, nearest
from sampan.field import Compare, Condition

EXAMPLE = "For example: age > 65 and churn = yes"
"""What to type, where an error knows nothing better."""

_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition on one column."""

    column: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold (and no cell that it asks about is missing)."""

    part: Formula


Formula = Atom | And | Or | Not


def positive(formula: Formula, negated: bool = False) -> Formula:
    """The same formula (or its negation) without Not, with nested And and Or flattened."""
    match formula:
        case Atom(column, condition):
            return Atom(column, _negate(condition)) if negated else formula
        case Not(part):
            return positive(part, not negated)
        case And(parts) | Or(parts):
            kind = And if isinstance(formula, And) is not negated else Or
            flat: list[Formula] = []
            for part in parts:
                part = positive(part, negated)
                flat.extend(part.parts if isinstance(part, kind) else (part,))
            return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _negate(condition: Condition) -> Condition:
    match condition:
        case Compare(op, value):
            return Compare(_NEGATED[op], value)
        case _:
            return replace(condition, negated=not condition.negated)


def asked(formula: Formula) -> list[str]:
    """The columns that a formula asks about, each once, in order of appearance."""
    match formula:
        case Atom(column):
            return [column]
        case Not(part):
            return asked(part)
        case And(parts) | Or(parts):
            return list(dict.fromkeys(name for part in parts for name in asked(part)))


def check_columns(formula: Formula, known: Iterable[str]) -> None:
    """Raise WhereError where a formula asks about a column that is not there."""
    known = list(known)
    for column in asked(formula):
        if column not in known:
            same = [name for name in known if name.casefold() == column.casefold()]
            hint = f' Did you mean "{same[0]}"?' if same else nearest(column, known)
            few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            raise WhereError(f'There is no column "{column}".{hint}', f"The columns are: {few}", EXAMPLE)
