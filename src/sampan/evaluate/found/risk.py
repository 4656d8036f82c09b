"""Risk: what an attack gains from the made rows beyond what it tells of people the model never saw.

The same attack is run on seen rows and on as many unseen ones. What it gets right about the latter follows
from the world as it is and not from anybody's record, so only the surplus is a risk (Giomi et al. 2023):

    risk = (success on seen - success on unseen) / (1 - success on unseen)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, stacked
from sampan.evaluate.state import decided

MARGIN = 1.0
"""Per cent of risk that is let pass: an attacker who is right about one person in a hundred more than about
strangers can trust none of the guesses."""


PLANTED = 0.1
"""Share of made rows replaced by learned ones to see whether an attack would notice. What these attacks look
for is blunter than a search for copies, and with 2 % most would be silent."""


@dataclass(frozen=True, eq=False)
class Leak:
    """Made rows and copied ones in one table, so that what is measured once serves both.

    rows: made rows, then copies of learned rows. plain: which are the made rows. leaky: which are the made
    rows once a share of them has been replaced by the copies. These come last, so where an attack takes the
    first of several that are equally near, the planted leak is rather harder to see than a true one.
    """

    rows: Side
    plain: slice
    leaky: slice


def leak(made: Side, seen: Side, most: int, rng: np.random.Generator) -> Leak:
    """At most so many made rows, in random order, and the copies that would replace the first of them.

    The copies are of any learned rows, not only of those that are attacked: a large table's leak is as hard
    to see as in truth.
    """
    size = min(most, made.rows)
    own = made.take(rng.permutation(made.rows)[:size])
    count = min(max(1, round(PLANTED * size)), seen.rows, size)
    copied = seen.take(rng.permutation(seen.rows)[:count])
    return Leak(stacked(own, copied), slice(0, size), slice(count, size + count))


@dataclass(frozen=True, slots=True)
class Tries:
    """What became of an attack's tries: how many there were on each side and how many succeeded.

    hits, rows: the same counted over real rows, each once, by which luck is reckoned: seen, then unseen.
    """

    tries: int
    seen: int
    unseen: int
    hits: tuple[int, int]
    rows: tuple[int, int]

    @property
    def chance(self) -> float:
        """How often luck alone would favour seen rows so much (Fisher's exact test)."""
        return fisher(self.hits[0], self.rows[0], self.hits[1], self.rows[1])

    @property
    def fails(self) -> bool:
        """Whether seen rows are found out more often, by more than luck and by more than nothing."""
        return self.tries > 0 and self.chance < ALARM and self.risk[0] > MARGIN

    @property
    def risk(self) -> tuple[float, float, float]:
        """The risk in per cent and its 95 % interval, both rates as Wilson's (1927).

        Below 0 where luck favours unseen rows; NaN without a try.

        >>> tuple(round(figure, 1) for figure in Tries(100, 60, 20, (60, 20), (100, 100)).risk)
        (50.0, 35.9, 61.8)
        """
        if not self.tries:
            return NAN, NAN, NAN
        (low, high), (low_other, high_other) = wilson(self.seen, self.tries), wilson(self.unseen, self.tries)
        rate, other = (low + high) / 2, (low_other + high_other) / 2
        left = 100.0 - other  # above 0: the middle of an interval never is 100
        half = math.hypot((high - low) / 2 / left, (100.0 - rate) * (high_other - low_other) / 2 / left**2)
        middle = (rate - other) / left
        plain = (self.seen - self.unseen) / (self.tries - self.unseen) if self.unseen < self.tries else 0.0
        return 100.0 * plain, 100.0 * min(plain, middle - half), min(100.0, 100.0 * max(plain, middle + half))

    def without(self, plain: Tries) -> Tries:
        """These tries less the surplus that is there already.

        So a leak that is almost seen, or luck, does not help a planted one to be noticed.
        """
        seen = self.seen - plain.seen + plain.unseen
        hits = self.hits[0] - plain.hits[0] + plain.hits[1]
        return replace(
            self,
            seen=min(max(seen, 0), self.tries),
            hits=(min(max(hits, 0), self.rows[0]), self.hits[1]),
        )


def risk(
    name: Literal["singling_out", "linkability", "inference"],
    attacks: Mapping[str, tuple[Tries, Tries]],
    rows: int,
) -> Score:
    """The score of an attack's variants, each as tried on the made rows and on those with a planted leak.

    A variant that would not have noticed the leak is undecided, and so is the whole where none would have.
    The value is the largest risk among those that failed, else among those without power whose interval lies
    beyond 0 all the same, which is a finding, else that passed, else of all.
    """
    parts = []
    for title, (plain, leaky) in attacks.items():
        value, low, high = plain.risk
        enough = min(rows, plain.tries) >= FEWEST_ROWS
        passed = decided(enough, plain.fails, leaky.without(plain).fails)
        parts.append(Part(title, value, 0.0, low, high, leaky.risk[0], passed))
    rank = {False: 0, True: 2, None: 3}

    def worse(part: Part) -> tuple[int, float]:
        warns = part.passed is None and part.low > 0
        return 1 if warns else rank[part.passed], -part.value if attacks[part.name][0].tries else math.inf

    parts.sort(key=worse)
    worst = parts[0]
    plain = attacks[worst.name][0]
    facts: dict[str, str | float] = {
        "rows": float(rows),
        "tries": float(plain.tries),
        "success": percent(plain.seen, plain.tries),
        "control": percent(plain.unseen, plain.tries),
        "p_value": plain.chance,
        "power": worst.power,
        "worst": worst.name,
    }
    held = (worst.value, "lower", worst.passed, worst.low, worst.high, 0.0)
    return Score(name, "found", *held, unit="%", facts=facts, parts=tuple(parts))
