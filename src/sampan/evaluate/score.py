"""Score: one figure of a judgement, beside the floor that real rows set and with its interval.

A figure alone says nothing: two samples of one real table differ too. So a score always carries what real
rows that the model never saw reach under the same measure and in the same numbers of rows (the floor), what
a table of independent columns reaches (the reference), and how far chance alone moves the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

from sampan.evaluate.state import Excess, State, excess_of, reading

Question = Literal["look", "work", "found", "treated", "given"]
"""Does it look right? Would work done on it hold? Could someone be found in it? Who is treated differently?
Does `given` hold?"""

QUESTIONS: tuple[Question, ...] = ("look", "work", "found", "treated", "given")

NAN = math.nan
EXCESS_FIGURES = ("value", "low", "high", "margin", "chance")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a score: a column, a pair of columns, an attack, a group, a learner.

    name: what it is, for people. value, floor: as in the score. low, high: 95 % interval of the value.
    power: what the same attack reads where a known leak was planted (NaN where that makes no sense).
    passed: whether this piece is in order by itself, None where that is not decided.
    """

    name: str
    value: float
    floor: float = NAN
    low: float = NAN
    high: float = NAN
    power: float = NAN
    passed: bool | None = None


def parts_of(
    names: Sequence[str],
    order: Iterable[int],
    value: np.ndarray,
    floor: np.ndarray | None,
    ends: Sequence[np.ndarray] | None = None,
    passed: np.ndarray | None = None,
) -> tuple[Part, ...]:
    """Parts in an order, from arrays with one figure for each name; None: there is no such figure.

    ends: low and high.
    """

    def at(figures: np.ndarray | None, place: int) -> float:
        return NAN if figures is None else float(figures[place])

    low, high = ends or (None, None)
    return tuple(
        Part(
            names[i],
            at(value, i),
            at(floor, i),
            at(low, i),
            at(high, i),
            passed=None if passed is None else bool(passed[i]),
        )
        for i in order
    )


def quantiles(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two ends of the 95 % interval of bootstrap draws (draws, ...)."""
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return low, high


@dataclass(frozen=True, slots=True)
class Score:
    """One figure of a judgement.

    name: its word in a gate, unique in a report; that of one column of points carries its column
    (`recall[picture]`). value: the figure of the made rows; low, high: its 95 %
    interval (bootstrap). floor, floor_low, floor_high: the same figure of real rows that the model never
    saw. reference: of a table of independent columns, or another ceiling. NaN where there is none.
    better: which way is better. unit: "%" or "" or "points". passed: whether made rows are no worse than
    real ones, allowing for chance; None where too little is known to decide. facts: what the sentences of
    the report fill in besides. parts: where the figure comes from, worst first. excess: how much worse than
    real rows, measured on both together, where the score's test does so.
    """

    name: str
    question: Question
    value: float
    better: Literal["lower", "higher"]
    passed: bool | None
    low: float = NAN
    high: float = NAN
    floor: float = NAN
    floor_low: float = NAN
    floor_high: float = NAN
    reference: float = NAN
    unit: str = ""
    facts: Mapping[str, str | float] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    excess: Excess | None = None

    @property
    def measure(self) -> str:
        """What is measured, without the column: "recall" of `recall[picture]`."""
        return self.name.partition("[")[0]

    @property
    def column(self) -> str:
        """The column of points that it speaks of; "" where it is the whole record."""
        return self.name.partition("[")[2].removesuffix("]")

    def of(self, column: str) -> Score:
        """The same of one column of points.

        >>> Score("recall", "look", 50.0, "higher", None).of("picture").name
        'recall[picture]'
        """
        return replace(self, name=f"{self.name}[{column}]")

    def without_floor(self) -> Score:
        """The same where no unseen rows say what real ones reach."""
        return replace(self, floor=NAN, floor_low=NAN, floor_high=NAN, excess=None)

    @property
    def state(self) -> State:
        """What may be said of it."""
        return reading(self).state

    def settled(self) -> Score:
        """The same with `passed` as its state counts: near the margin, what its test says is not enough."""
        excess = excess_of(self)
        return replace(self, passed=reading(self).passed, excess=excess)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values; null where there is no figure."""
        figures = ("value", "low", "high", "floor", "floor_low", "floor_high", "reference")
        return {
            "name": self.name,
            "question": self.question,
            **{name: plain(getattr(self, name)) for name in figures},
            "unit": self.unit,
            "better": self.better,
            "passed": self.passed,
            "state": self.state,
            "excess": self.excess and {name: plain(getattr(self.excess, name)) for name in EXCESS_FIGURES},
            "facts": {k: v if isinstance(v, str) else plain(v) for k, v in self.facts.items()},
            "parts": [
                {k: plain(v) if k not in ("name", "passed") else v for k, v in asdict(part).items()}
                for part in self.parts
            ],
        }


def plain(value: float) -> float | None:
    """A figure as JSON: rounded to 6 places, null where it is not finite.

    >>> plain(0.12345678), plain(math.nan)
    (0.123457, None)
    """
    return round(float(value), 6) if math.isfinite(value) else None
