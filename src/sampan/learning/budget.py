"""Budget: how long to learn, and the one place where minutes or steps become it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sampan.errors import RequestError
from sampan.learning.state import History, Precision

MINUTES = 1.0
"""For how long is learned where nothing is said."""


@dataclass(frozen=True)
class Budget:
    """How long to learn.

    - seconds: wall-clock, start to end; the number of steps is planned from the first ones measured.
    - steps: exactly so many steps instead (a run that must be repeated to the last bit says this), in float32
      unless `precision` says otherwise.
    - plan, precision: what an earlier run decided by the clock (`History.plan`, `History.precision`), so that
      it can be repeated to the last bit: then no clock is asked.
    """

    seconds: float | None = MINUTES * 60
    steps: int | None = None
    plan: tuple[tuple[int, int], ...] = ()
    precision: Precision | None = None

    def __post_init__(self) -> None:
        for name, value in (("seconds", self.seconds), ("steps", self.steps)):
            if value is not None and not 0 < value < math.inf:
                raise RequestError(
                    f"a training budget of {value} {name} was asked for.",
                    "A positive, finite number is expected.",
                    "For example: --minutes 1",
                )
        if self.seconds is None and self.steps is None:
            raise RequestError(
                "a training budget with neither seconds nor steps was asked for.",
                "One of them is expected.",
                "For example: --minutes 1",
            )

    @classmethod
    def of(cls, minutes: float | None = None, steps: int | None = None) -> Budget:
        """Minutes, steps or both, as a person says them; one minute where nothing is said.

        >>> Budget.of(steps=50).seconds, Budget.of(2.0).seconds, Budget.of().seconds
        (None, 120.0, 60.0)
        """
        if minutes is None:
            return cls(steps=steps) if steps is None else cls(seconds=None, steps=steps)
        if isinstance(minutes, bool | str) or not hasattr(minutes, "__float__"):
            raise RequestError(
                f"minutes={minutes!r} was asked for.",
                "A number of minutes is expected.",
                "For example: minutes=1.",
            )
        return cls(seconds=minutes * 60, steps=steps)

    def part(self, share: float) -> Budget:
        """A share of it, for one family of a tournament; what a clock decided was of the winner alone."""
        if self.steps is not None:
            return Budget(seconds=None, steps=max(1, round(self.steps * share)), precision=self.precision)
        return Budget(seconds=(self.seconds or MINUTES * 60) * share)

    def left(self, before: History, later: float) -> Budget:
        """What is left after some stages for the next, whose followers take `later` times its own share."""
        steps, seconds = self.steps, self.seconds
        if steps is not None:
            steps = max(1, round((steps - before.steps) / (1 + later)))
        if seconds is not None:
            seconds = max(1e-3, (seconds - before.seconds) / (1 + later))
        plan = tuple(
            (step - before.steps, end - before.steps) for step, end in self.plan if step > before.steps
        )
        precision = before.precision if before.steps else self.precision
        return Budget(seconds=seconds, steps=steps, plan=plan, precision=precision)
