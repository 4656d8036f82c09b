"""Term: what a condition compares: a column, a number, or what is reckoned from them; a closed set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Reckoning = Literal[
    "+", "-", "*", "/", "neg", "round", "floor", "ceil", "abs", "min", "max",
    "year", "quarter", "month", "day", "weekday", "hour", "minute", "date", "age", "local", "utc",
]  # fmt: skip
"""What is done with terms: arithmetic; parts of a moment (weekday: Monday is 0; date: the day that it lies
in); age: whole years from one moment to another; local: what clocks of a zone show at an instant of UTC; utc:
the way back."""


MOST_DEPTH = 300
"""Levels of a term: a sum of so many columns is as deep."""


@dataclass(frozen=True, slots=True)
class Of:
    """The cell of a column."""

    column: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, whole or not."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Moment:
    """A date ("2026-11-28") or a moment ("2026-11-28T09:30"), as ISO 8601 writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Duration:
    """A stretch of time, in seconds."""

    seconds: int | float


@dataclass(frozen=True, slots=True)
class Text:
    """A label."""

    value: str


@dataclass(frozen=True, slots=True)
class Apply:
    """What is reckoned from other terms."""

    op: Reckoning
    parts: tuple[Term, ...]


Term = Of | Number | Moment | Duration | Text | Apply


def columns_of(term: Term) -> Iterator[str]:
    """The columns that a term asks about, from left to right, as often as they stand there.

    >>> list(columns_of(Apply("*", (Of("qty"), Apply("round", (Of("price"), Number(2)))))))
    ['qty', 'price']
    """
    match term:
        case Of(column):
            yield column
        case Apply(_, parts):
            for part in parts:
                yield from columns_of(part)
        case _:
            return


def renamed(term: Term, name: Callable[[str], str]) -> Term:
    """The term with other names for its columns."""
    match term:
        case Of(column):
            return Of(name(column))
        case Apply(op, parts):
            return Apply(op, tuple(renamed(part, name) for part in parts))
        case _:
            return term


def depth(term: Term) -> int:
    """Levels of brackets, were all of them written; as many as matter, for a term of any depth."""
    level, count = [term], 0
    while level and count <= MOST_DEPTH:
        level = [part for one in level if isinstance(one, Apply) for part in one.parts]
        count += 1
    return count
