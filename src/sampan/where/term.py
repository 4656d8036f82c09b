"""Term: what a condition compares: a column, a number, or what is reckoned from them; a closed set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Reckoning = Literal[
    "+", "-", "*", "/", "neg", "round", "floor", "ceil", "abs", "min", "max",
    "year", "quarter", "month", "day", "weekday", "hour", "minute", "date", "age",
]  # fmt: skip
"""What is done with terms: arithmetic; parts of a moment (weekday: Monday is 0; date: the day that it lies
in); age: whole years from one moment to another."""


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
