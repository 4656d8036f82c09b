"""State: what may be said of a score, from its figures alone, so that no sentence says more than is known.

What counts is the excess: how much worse made rows read than real rows that were never seen, with its 95 %
interval, beside the margin under which a difference does not matter. `sure` is what the score's own test
says, which is far stricter than the interval (one false alarm in thousands): True, they are worse; False,
no more than luck, and the test has power; None, it has no power: too few rows, or a planted leak unnoticed.

    sure     excess                               state      passes
    True     all of its interval in the margin    slight     yes
    True     interval on both sides of it         nearly     not known
    True     beyond it, but not by far            nearly     no
    True     far beyond it                        fails      no
    False    interval above 0                     slight     yes
    False    interval below 0, a gain             gain       yes
    False    interval around 0                    holds      yes
    None     far, and the intervals do not meet   fails      no
    None     interval above 0                     beyond     not known
    None     interval below 0, a gain             gain       yes
    None     interval around 0, or none           unknown    not known

A grade near the margin so moves from slight over nearly to fails, and a hair never turns the words around.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sampan.evaluate.score import Part, Question, Score

State = Literal["gain", "holds", "slight", "nearly", "fails", "beyond", "unknown"]
"""What may be said of a score; `beyond` is not known, yet a finding: its interval lies beyond the floor."""

STATES: tuple[State, ...] = ("gain", "holds", "slight", "nearly", "fails", "beyond", "unknown")

Standing = Literal["passed", "nearly", "failed", "undecided", "skipped"]
"""What may be said of a question, and of a whole report."""

FAR = 4.0
"""A fault is small until it is so many times what does not matter."""


@dataclass(frozen=True, slots=True)
class Excess:
    """How much worse made rows read than real ones, as measured on both together; above 0 is worse.

    low, high: its 95 % interval. margin: what does not matter. far: from where a fault is no more a small
    one. sure: what the score's own test says, see the module. chance: that luck alone reads so much (NaN
    where the test does not tell). of: the part that it speaks of, "" for the whole.
    """

    value: float
    low: float
    high: float
    margin: float = 0.0
    far: float = 0.0
    sure: bool | None = None
    chance: float = math.nan
    of: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A state, and what it counts for in a gate."""

    state: State
    passed: bool | None


def read(excess: Excess, *, apart: bool = False, gains: bool = False) -> Reading:
    """The state of an excess: the table above, line by line.

    apart: the intervals of made and of real rows do not meet. gains: to be better than real rows is worth a
    word of its own.

    >>> read(Excess(0.05, 0.04, 0.06, margin=0.05, far=0.2, sure=True))
    Reading(state='nearly', passed=None)
    >>> read(Excess(0.098, 0.028, 0.156, margin=0.05))
    Reading(state='beyond', passed=None)
    """
    if excess.sure is True:
        if excess.high <= excess.margin:
            return Reading("slight", True)
        if excess.low <= excess.margin < excess.far:
            return Reading("nearly", None)
        return Reading("nearly" if excess.value <= excess.far else "fails", False)
    better: State = "gain" if gains else "holds"
    if excess.sure is False:
        if excess.low > 0:
            return Reading("slight", True)
        return Reading(better if excess.high < 0 else "holds", True)
    if apart and excess.value > excess.far:
        return Reading("fails", False)
    if excess.low > 0:
        return Reading("beyond", None)
    if excess.high < 0 and gains:
        return Reading("gain", True)
    return Reading("unknown", None)


def excess_of(score: Score) -> Excess:
    """The excess of a score: as it was measured, else its figures' difference, whose ends add as errors do.

    A score without an excess of its own failed by a test that knows no "nearly".
    """
    if score.excess is not None:
        return score.excess
    sign = 1.0 if score.better == "lower" else -1.0
    value = sign * (score.value - score.floor)
    ends = (score.low, score.high) if sign > 0 else (score.high, score.low)
    floor = (score.floor_low, score.floor_high) if sign > 0 else (score.floor_high, score.floor_low)
    down, up = (abs(end - score.value) if math.isfinite(end) else math.nan for end in ends)
    more, less = (abs(end - score.floor) if math.isfinite(end) else 0.0 for end in (floor[1], floor[0]))
    sure = None if score.passed is None else not score.passed
    none = -math.inf if sure else 0.0  # whatever such a test fails has failed
    return Excess(value, value - math.hypot(down, more), value + math.hypot(up, less), none, none, sure)


def warning(parts: Iterable[Part]) -> Excess | None:
    """The largest excess of a part whose test has no power and whose interval lies beyond its floor."""
    found = [
        Excess(part.value - part.floor, part.low - part.floor, part.high - part.floor, of=part.name)
        for part in parts
        if part.passed is None and part.low > part.floor
    ]
    return max(found, key=lambda excess: excess.value, default=None)


def together(parts: Iterable[Part]) -> tuple[bool | None, Excess | None]:
    """Whether variants of one attack pass together, and the warning that keeps this from being known.

    One of them that would have noticed a leak, and did not, is enough, unless another one warns.
    """
    held = list(parts)
    verdicts, warned = [part.passed for part in held], warning(held)
    whole = False if False in verdicts else True if True in verdicts and warned is None else None
    return whole, warned if whole is None else None


def decided(enough: bool, fails: bool, noticed: bool) -> bool | None:
    """Whether an attack found nothing: one that would not notice a planted leak lets nobody pass."""
    return None if not enough else False if fails else True if noticed else None


def all_of(values: Iterable[bool | None]) -> bool | None:
    """And, as Kleene has it: false and unknown is false, true and unknown is unknown."""
    held = list(values)
    return False if False in held else None if None in held else True


def reading(score: Score) -> Reading:
    """What may be said of a score, and what it counts for."""
    excess = excess_of(score)
    meet = (
        max(score.low, score.floor_low) <= min(score.high, score.floor_high)
        if all(map(math.isfinite, (score.low, score.high, score.floor_low, score.floor_high)))
        else True
    )
    return read(excess, apart=not meet, gains=score.question == "work")


ATTACKS = frozenset({"membership", "singling_out", "linkability", "inference", "near"})
"""What looks for more than copies."""


HINTS = 2
"""Of seven intervals of 95 % so many lie beyond the floor by luck in about one judgement in fifty."""


def standing(score: Score) -> Standing:
    """The word and the mark of one score."""
    match score.state:
        case "slight" if score.question == "found":
            return "nearly"  # where people could be found, what lies beyond the floor is shown
        case "gain" | "holds" | "slight":
            return "passed"
        case "nearly":
            return "nearly"
        case "fails":
            return "failed"
        case "beyond" | "unknown":
            return "undecided"


def standing_of(scores: Iterable[Score]) -> Standing:
    """What may be said of a question by its scores.

    It holds only if enough was decided: at least half of the scores, and of those of each column of points;
    and where people could be found, the copies and at least one attack that sees the leak planted for it.
    What failed by little is told apart, and so are hints: among seven intervals one may lie beyond the floor
    by luck, several do not.
    """
    held = list(scores)
    if not held:
        return "skipped"
    states = [score.state for score in held]
    if "fails" in states:
        return "failed"
    if any(score.passed is False for score in held):
        return "nearly"
    if "nearly" in states or len(hints(held)) >= HINTS:
        return "nearly"
    if "beyond" in states or not enough(held):
        return "undecided"
    return "passed"


def hints(scores: Iterable[Score]) -> list[Score]:
    """The attacks that passed and whose interval lies beyond what strangers give."""
    return [score for score in scores if score.question == "found" and score.state == "slight"]


def passes(scores: Iterable[Score]) -> bool | None:
    """The same as a gate counts it."""
    held = list(scores)
    if any(score.passed is False for score in held):
        return False
    return True if standing_of(held) == "passed" else None


def enough(scores: Iterable[Score]) -> bool:
    """Whether enough of a question's scores were decided to say that it holds."""
    held = list(scores)
    decided = [score for score in held if score.passed is not None]
    for column in (
        "",
        *{score.column for score in held},
    ):  # each column of points by itself, and all together
        own = [score for score in held if score.column == column or not column]
        if 2 * sum(score.passed is not None for score in own) < len(own) or not decided:
            return False
    asked: set[Question] = {score.question for score in held}
    if "found" not in asked:
        return True
    copied = [score.passed is not None for score in held if score.measure == "copies"]
    return bool(copied) and all(copied) and any(score.measure in ATTACKS for score in decided)
