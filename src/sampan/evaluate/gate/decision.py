"""Decision: what a gate says of scores, and why."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sampan.evaluate.gate.names import DEFAULT_GATE, NAMES, WORDS
from sampan.evaluate.gate.parser import (
    Both,
    Comparison,
    Either,
    Expression,
    Figure,
    Named,
    Not,
    Number,
    Sum,
    Term,
    parse,
)
from sampan.evaluate.score import QUESTIONS, Score
from sampan.evaluate.state import all_of, hints, passes

Why = Literal["", "failed", "undecided", "not asked", "missing", "no figure"]
"""Why an atom is not true: a score failed (""  for a comparison: its figures tell), no score was decided, the
question was not asked, there is no such score in this report, or a figure of it is not known."""

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Atom:
    """One piece of a gate that is true, false or unknown by itself.

    holds: its value. wanted: False under an odd number of nots, where the gate wants it false. figures: what
    it read, by the name of each. counted: False where the question was not asked and the default gate passes
    over it. why: see `Why`. scores: those that failed or were not decided.
    """

    text: str
    holds: bool | None
    wanted: bool = True
    counted: bool = True
    why: Why = ""
    figures: tuple[tuple[str, float], ...] = ()
    scores: tuple[str, ...] = ()

    @property
    def in_order(self) -> bool | None:
        """Whether it is as the gate wants it; None where that is unknown."""
        return None if self.holds is None else self.holds == self.wanted


@dataclass(frozen=True, slots=True)
class Decision:
    """What a gate says: passed, and its atoms in the order in which they are written."""

    text: str
    passed: bool | None
    atoms: tuple[Atom, ...]


def decide(gate: str, scores: Iterable[Score]) -> Decision:
    """What a gate says of scores. Raises RequestError where it cannot be read.

    >>> shape = Score("shape", "look", 0.9, "lower", True, floor=0.5)
    >>> decide("shape <= 2*floor", [shape]).passed, decide("shape <= floor", [shape]).passed
    (True, False)
    >>> decide("private", [shape]).atoms[0].why
    'not asked'
    """
    held = {score.name: score for score in scores}
    own = {score.measure: score.question for score in held.values()}
    expression = parse(gate, {**NAMES, **own})
    atoms: list[Atom] = []
    forgiving = expression == parse(DEFAULT_GATE)
    passed = _value(expression, held, True, forgiving, atoms)
    if not any(atom.counted for atom in atoms):
        passed = None
    return Decision(gate, passed, tuple(atoms))


def _value(
    expression: Expression, scores: Mapping[str, Score], wanted: bool, forgiving: bool, atoms: list[Atom]
) -> bool | None:
    """True, false or unknown; the atoms met on the way are added to `atoms`."""
    match expression:
        case Comparison():
            found = _compared(expression, scores, wanted)
        case Named(_, name) if name in WORDS:
            found = [_asked(expression, scores, wanted, forgiving)]
        case Named():
            found = _named(expression, scores, wanted)
        case Not(part):
            value = _value(part, scores, not wanted, forgiving, atoms)
            return None if value is None else not value
        case Both(parts):
            return all_of([_value(part, scores, wanted, forgiving, atoms) for part in parts])
        case Either(parts):
            return _any([_value(part, scores, wanted, forgiving, atoms) for part in parts])
    atoms += found
    values = [atom.holds if atom.counted else True for atom in found]
    # of several scores of one name each must be as the gate wants it: under a not, none of them may hold
    return all_of(values) if wanted else _any(values)


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _columns_of(measure: str, scores: Mapping[str, Score]) -> list[str]:
    """The columns of points that have a score of this measure; "" for that of the whole record."""
    return [score.column for score in scores.values() if score.measure == measure]


def _at(name: str, column: str, scores: Mapping[str, Score]) -> str:
    """The name of the score that a name means at a column of points, or "" for the whole record.

    Where that column has none of this name, the one of the whole record is meant, or the only one.
    """
    held = [] if "[" in name else _columns_of(name, scores)
    for place in (column, "", *held[: len(held) == 1]):
        if place in held:
            return f"{name}[{place}]" if place else name
    return name


def _named(named: Named, scores: Mapping[str, Score], wanted: bool) -> list[Atom]:
    """A score by name: one atom for each of that name."""
    columns = [""] if "[" in named.name else _columns_of(named.name, scores)
    found = [scores[name] for column in columns if (name := _at(named.name, column, scores)) in scores]
    if not found:
        return [Atom(named.text, None, wanted, why="missing")]
    atoms = []
    for score in found:
        read = ((score.name, score.value), (f"{score.name}.floor", score.floor))
        figures = tuple((name, value) for name, value in read if math.isfinite(value))
        why: Why = "undecided" if score.passed is None else "" if score.passed else "failed"
        text = named.text if len(found) == 1 else score.name
        atoms.append(Atom(text, score.passed, wanted, True, why, figures))
    return atoms


def _asked(named: Named, scores: Mapping[str, Score], wanted: bool, forgiving: bool) -> Atom:
    """A word for whole questions."""
    asked = [score for score in scores.values() if score.question in WORDS[named.name]]
    failed = tuple(score.name for score in asked if score.passed is False)
    undecided = tuple(score.name for score in asked if score.passed is None)
    if not asked:
        return Atom(named.text, None, wanted, not forgiving, "not asked")
    if failed:
        return Atom(named.text, False, wanted, why="failed", scores=failed)
    of_each = (tuple(score for score in asked if score.question == question) for question in QUESTIONS)
    if not all(passes(scores) for scores in of_each if scores):
        hinted = tuple(score.name for score in hints(asked))
        return Atom(named.text, None, wanted, why="undecided", scores=(*undecided, *hinted))
    return Atom(named.text, True, wanted, scores=undecided)


def _compared(comparison: Comparison, scores: Mapping[str, Score], wanted: bool) -> list[Atom]:
    """A comparison: one atom for each column of points, and the whole record, that has what it names."""
    named = dict.fromkeys(name for term in comparison.terms for name in _names_in(term))
    columns = dict.fromkeys(
        column for name in named if "[" not in name for column in _columns_of(name, scores)
    )
    meant: dict[tuple[str, ...], None] = {}
    for column in columns or [""]:
        meant[tuple(_at(name, column, scores) for name in named)] = None
    meant = {names: None for names in meant if all(name in scores for name in names)} or meant
    return [
        _read(comparison, dict(zip(named, names, strict=True)), scores, wanted, told=len(meant) > 1)
        for names in meant
    ]


def _read(
    comparison: Comparison, meant: Mapping[str, str], scores: Mapping[str, Score], wanted: bool, told: bool
) -> Atom:
    """A comparison of the scores meant. told: whether its text names them in full."""
    text = comparison.text
    for name, full in meant.items() if told else ():
        if name != full:
            text = re.sub(rf"(?<![\w.]){name}(?!\w|\[)", lambda _, full=full: full, text, flags=re.IGNORECASE)
    read: dict[str, float] = {}
    missing: list[str] = []
    values = [_figure(term, meant, scores, read, missing) for term in comparison.terms]
    figures = tuple(read.items())
    if missing:
        return Atom(text, None, wanted, True, "missing", figures, tuple(dict.fromkeys(missing)))
    if any(map(math.isnan, values)):
        return Atom(text, None, wanted, True, "no figure", figures)
    pairs = zip(comparison.signs, values, values[1:], strict=False)
    holds = all(_COMPARE[sign](left, right) for sign, left, right in pairs)
    return Atom(text, holds, wanted, figures=figures)


def _names_in(term: Term) -> list[str]:
    """The scores that a term names."""
    match term:
        case Number():
            return []
        case Figure(score):
            return [score]
        case Sum(_, left, right):
            return _names_in(left) + _names_in(right)


def _figure(
    term: Term,
    meant: Mapping[str, str],
    scores: Mapping[str, Score],
    read: dict[str, float],
    missing: list[str],
) -> float:
    """The value of a term. What it reads goes to `read`, scores that are not there to `missing`."""
    match term:
        case Number(value):
            return value
        case Figure(said, figure):
            name = meant[said]
            if name not in scores:
                missing.append(name)
                return math.nan
            value = float(getattr(scores[name], figure))
            read[name if figure == "value" else f"{name}.{figure}"] = value
            return value
        case Sum(sign, left_term, right_term):
            left, right = (_figure(part, meant, scores, read, missing) for part in (left_term, right_term))
            match sign:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
                case _:
                    # a floor of 0 is common (no copies at all): anything is infinitely far above it
                    if right == 0:
                        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
                    return left / right
