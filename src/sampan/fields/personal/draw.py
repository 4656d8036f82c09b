"""What all invented data are drawn from: a style, free numbers, and the draws of some people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.field import Rows
from sampan.fields.scattered import hashed, key_of
from sampan.fields.shape import FreeNumbers, scatter

SAMPLE = 5_000
"""Cells looked at to find a style."""

Style = dict[str, Any]
"""What was learned about how a column writes one kind of personal data: JSON values."""

Learned = tuple[Style, FreeNumbers]
"""A style, and the numbers that may be made where it makes numbers."""

NOTHING = FreeNumbers(1, 1, np.zeros(1, dtype=np.int64))
"""The free numbers of a kind that makes none."""


def beside(used: np.ndarray, size: int) -> FreeNumbers:
    """Numbers of range(size) not in use; any, where so many are in use that none can be told to be free."""
    free = FreeNumbers.beside(used, size)
    return free if free.count else FreeNumbers(size, 1, np.zeros(1, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which first and last names go together: none that a person of the data bears.

    free: numbers of range(firsts * lasts), of which the quotient by `lasts` says the first name.
    """

    free: FreeNumbers
    firsts: int
    lasts: int


class Draw:
    """The random draws of some people: each person's own, and those of one column.

    people: their numbers, int64 (people,). salt: what keeps two columns from drawing alike. voice: columns
    with the same one speak of the same person. pairs: the names that a person may have; any, where None.

    A draw depends on the seed and the person's number alone, not on who else is drawn.
    """

    def __init__(self, people: np.ndarray, seed: int, salt: str, voice: str, pairs: Pairs | None) -> None:
        self.count = len(people)
        self.index = people
        self._rows = Rows(0, 0, seed)
        self._salt = salt
        self._calls = 0
        self.key = key_of(self._rows, salt)
        if pairs is None or not pairs.free.count:
            self.first, self.last = self._level(f"first {voice}"), self._level(f"last {voice}")
        else:
            # the same for every column that speaks of this person
            numbers = pairs.free.pick(people % pairs.free.count, key_of(self._rows, f"person {voice}"))
            self.first = (numbers // pairs.lasts + 0.5) / pairs.firsts
            self.last = (numbers % pairs.lasts + 0.5) / pairs.lasts

    def _level(self, purpose: str) -> np.ndarray:
        """A number of [0, 1) for each person: float64 (people,)."""
        return hashed(self.index, key_of(self._rows, purpose))

    def random(self) -> np.ndarray:
        """Another number of [0, 1) for each person: float64 (people,)."""
        self._calls += 1
        return self._level(f"{self._calls} of {self._salt}")

    def integers(self, low: int, high: int) -> np.ndarray:
        """A whole number from low to below high for each person: int64 (people,)."""
        return low + (self.random() * (high - low)).astype(np.int64)

    def of(self, pool: Sequence[Any], at: np.ndarray | None = None) -> list[Any]:
        """One of the pool for each person; `at` in [0, 1) says which."""
        at = self.random() if at is None else at
        return np.array(pool, dtype=object)[(at * len(pool)).astype(np.int64)].tolist()

    def weighted(self, weights: Sequence[float]) -> np.ndarray:
        """A place in the list for each person, in proportion to its weight: int64 (people,)."""
        edges = np.cumsum(np.array(weights) / np.sum(weights))
        return np.minimum(np.searchsorted(edges, self.random(), side="right"), len(edges) - 1)

    def numbers(self, free: FreeNumbers) -> np.ndarray:
        """A free number for each person, distinct while there are enough: int64 (people,)."""
        return free.pick(self.index % free.count, self.key)

    def suffixes(self) -> list[str]:
        """Digits that differ for every person: four, then more."""
        out = np.empty(self.count, dtype=object)
        begin, width = 0, 4
        while True:
            here = (self.index >= begin) & (self.index < begin + 10**width)
            if here.any():
                numbers = scatter(self.index[here] - begin, 10**width, self.key)
                out[here] = [f"{number:0{width}d}" for number in numbers.tolist()]
            begin += 10**width
            if not (self.index >= begin).any():
                return out.tolist()
            width += 3
