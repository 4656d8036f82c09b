"""Expression: what a gate says, as a tree of plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a score: of `recall[picture]`, or of every score called `recall`."""

    score: str
    figure: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Two terms joined by + - * or /."""

    sign: str
    left: Term
    right: Term


Term = Number | Figure | Sum


@dataclass(frozen=True, slots=True)
class Comparison:
    """Terms in a chain of comparisons: `terms[i] signs[i] terms[i + 1]` for every i."""

    text: str
    terms: tuple[Term, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A score, or a word for a question, that should have passed."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """True where all parts are."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """True where any part is."""

    parts: tuple[Expression, ...]


Expression = Comparison | Named | Not | Both | Either
