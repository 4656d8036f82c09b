"""Formula: conditions on columns, joined by and, or and not; a closed set."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sampan.errors import WhereError, nearest
from sampan.field import Compare, Condition, literals_of
from sampan.where.term import MOST_DEPTH, Of, Term, columns_of, depth, renamed

EXAMPLE = "For example: age > 65 and churn = yes"
"""What to type, where an error knows nothing better."""

MOST_LEVELS = 100
"""Levels of brackets and negations."""

MOST_CONDITIONS = 10_000
"""Conditions on one column in a formula."""

MOST_VALUES = 100_000
"""Values in all the lists of a formula."""

MOST_LETTERS, MOST_DIGITS = 10_000, 1_000
"""Letters of one value, and digits of one number."""


class Word(str):
    """A word of a condition that nothing quotes: where it names a column the column, else a value.

    `checkin < checkout` compares two columns, `churn < yes` one with a value: `resolved` knows.
    """

    __slots__ = ()


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


@dataclass(frozen=True, slots=True)
class Relation:
    """Two terms compared, at least one of which asks about a column: op one of == != < <= > >=."""

    left: Term
    op: str
    right: Term


Formula = Atom | Relation | And | Or | Not


def check_size(formula: Formula) -> None:
    """Raise WhereError for a formula that is deeper or longer than any that a person asks for.

    What comes after it is linear in the formula, or counts its own steps.
    """
    level: list[Formula] = [formula]
    conditions = values = 0
    for _ in range(MOST_LEVELS + 1):
        below: list[Formula] = []
        for one in level:
            match one:
                case Atom(_, condition):
                    conditions += 1
                    values += _check_values(condition)
                case Relation(left, _, right):
                    conditions += 1
                    if max(depth(left), depth(right)) > MOST_DEPTH:
                        raise _too_large(f"more than {MOST_DEPTH} levels of arithmetic")
                case Not(part):
                    below.append(part)
                case And(parts) | Or(parts):
                    below.extend(parts)
        if conditions > MOST_CONDITIONS or len(below) > 4 * MOST_CONDITIONS:
            raise _too_large(f"more than {MOST_CONDITIONS:,} conditions")
        if values > MOST_VALUES:
            raise _too_large(f"more than {MOST_VALUES:,} values")
        if not below:
            return
        level = below
    raise _too_large(f"more than {MOST_LEVELS} levels")


def _too_large(what: str) -> WhereError:
    return WhereError(
        f"The condition has {what}.",
        f"At most {MOST_CONDITIONS:,} conditions, {MOST_VALUES:,} values, {MOST_LEVELS} levels are expected.",
        "Use `between` for many values in a row, or sample once for each part.",
    )


def _check_values(condition: Condition) -> int:
    """How many values a condition has. Raises WhereError for one that is no size to compare with."""
    values = literals_of(condition)
    for value in values:
        if isinstance(value, int) and value.bit_length() > MOST_DIGITS * 3.33:
            raise WhereError(
                "A number in the condition is too long to be one.",
                f"At most {MOST_DIGITS:,} digits are expected.",
                EXAMPLE,
            )
        if isinstance(value, str | bytes) and len(value) > MOST_LETTERS:
            raise WhereError(
                f"A value in the condition is of {len(value):,} letters.",
                f"At most {MOST_LETTERS:,} are expected.",
                EXAMPLE,
            )
    return len(values)


def positive(formula: Formula, negated: bool = False) -> Formula:
    """The same formula (or its negation) without Not, with nested And and Or flattened."""
    match formula:
        case Atom(column, condition):
            return Atom(column, _negate(condition)) if negated else formula
        case Relation(left, op, right):
            return Relation(left, _NEGATED[op], right) if negated else formula
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
        case Relation(left, _, right):
            return list(dict.fromkeys([*columns_of(left), *columns_of(right)]))
        case Not(part):
            return asked(part)
        case And(parts) | Or(parts):
            return list(dict.fromkeys(name for part in parts for name in asked(part)))


def resolved(
    formula: Formula, known: Iterable[str], is_value: Callable[[str, str], bool] = lambda column, word: False
) -> Formula:
    """The formula with each column under its full name, and bare words that name a column as that column.

    Blanks around a name that is there need not be said. is_value: whether a word is a value of a column; then
    it is meant as one, whatever a column is called (`sex = female` beside a column `female`).

    >>> resolved(Atom("age", Compare(">", 65)), [" age", "sex"]).column
    ' age'
    >>> resolved(Atom("low", Compare("<", Word("high"))), ["low", "high"])
    Relation(left=Of(column='low'), op='<', right=Of(column='high'))
    """
    there = set(known)
    bare: dict[str, list[str]] = {}
    for name in there:
        bare.setdefault(name.strip(), []).append(name)

    def full(column: str) -> str:
        found = bare.get(column.strip(), [])
        return column if column in there or len(found) != 1 else found[0]

    def one(part: Formula) -> Formula:
        match part:
            case Atom(column, Compare(op, Word() as word)):
                name, other = full(column), full(word)
                if other in there and other != name and not is_value(name, word):
                    return Relation(Of(name), op, Of(str(other)))
                return replace(part, column=name)
            case Atom(column):
                return replace(part, column=full(column))
            case Relation(left, op, right):
                return Relation(renamed(left, full), op, renamed(right, full))
            case Not(inner):
                return Not(one(inner))
            case And(parts) | Or(parts):
                return type(part)(tuple(one(inner) for inner in parts))

    return one(formula)


def check_columns(formula: Formula, known: Iterable[str]) -> None:
    """Raise WhereError where a formula asks about a column that is not there."""
    known = list(known)
    there = set(known)
    for column in asked(formula):
        if column not in there:
            same = [name for name in known if name.casefold() == column.casefold()]
            hint = (
                f' Did you mean "{same[0]}"?'
                if same
                else apart(column, there) or nearest(column[:200], known)
            )
            few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            raise WhereError(f'There is no column "{column}".{hint}', f"The columns are: {few}", EXAMPLE)


def apart(word: str, known: Collection[str]) -> str:
    """What to type where a word is columns joined by + - / without blanks: such a word may be a name."""
    parts = re.split(r"([-+/])", word)
    if len(parts) < 3 or not any(part in known for part in parts[::2]):
        return ""
    return f" Did you mean {' '.join(parts)}, with blanks?"
