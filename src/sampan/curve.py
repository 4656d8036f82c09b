"""Curve: how a model learned, on the one scale in which a terminal, a notebook and a figure draw it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Curve:
    """The looks at a learning: after how many steps, and the scores of rows learned from and held out.

    - steps, training, held: of each look; lower scores are better.
    - best: the step whose weights were kept.

    A score stands at the square root of how far it is above the lowest, so that the slow end is seen beside
    the steep start.
    """

    steps: tuple[int, ...]
    training: tuple[float, ...]
    held: tuple[float, ...]
    best: int

    @classmethod
    def of(cls, history: Mapping[str, Any]) -> Curve:
        """The curve of a card's history, as far as its scores are numbers."""
        names = ("training", "held_out")
        looks = [one for one in history.get("looks", []) if None not in (one[names[0]], one[names[1]])]
        training, held = (tuple(one[name] for one in looks) for name in names)
        return cls(tuple(one["step"] for one in looks), training, held, history.get("best_step", 0))

    @property
    def low(self) -> float:
        """The lowest score of both; 0 where there is none."""
        return min((*self.training, *self.held), default=0.0)

    @property
    def high(self) -> float:
        """The highest score of both."""
        return max((*self.training, *self.held), default=1.0)

    @property
    def kept(self) -> float:
        """The held-out score of the weights that were kept; NaN where nobody looked."""
        return dict(zip(self.steps, self.held, strict=True)).get(self.best, min(self.held, default=math.nan))

    def heights(self, scores: Iterable[float]) -> list[float]:
        """Where scores stand, from 0 for the lowest to 1 for the highest.

        >>> curve = Curve((1, 2, 3), (5.0, 2.0, 1.25), (5.0, 2.0, 1.0), 3)
        >>> curve.heights(curve.held)
        [1.0, 0.5, 0.0]
        """
        reach = (self.high - self.low) or 1.0
        return [max(0.0, (score - self.low) / reach) ** 0.5 for score in scores]

    def along(self, places: int) -> list[float]:
        """The heights of held-out scores at so many even steps, each of the last look before it.

        >>> Curve((1, 2, 10), (5.0, 2.0, 1.25), (5.0, 2.0, 1.0), 10).along(4)
        [1.0, 0.5, 0.5, 0.0]
        """
        if not self.steps:
            return []
        places = max(2, min(places, self.steps[-1]))
        heights, out, look = self.heights(self.held), [], 0
        for place in range(places):
            step = self.steps[0] + (self.steps[-1] - self.steps[0]) * place / (places - 1)
            while look + 1 < len(self.steps) and self.steps[look + 1] <= step:
                look += 1
            out.append(heights[look])
        return out

    def told(self) -> str:
        """It in words: where it began, what was kept."""
        ends = f"{self.held[0]:.2f} at first, {self.kept:.2f} kept (of step {self.best:,})"
        return f"held-out score: {ends}; lower is better"
