"""Clock: the seconds of a learning that were spent, and those left as a person is told them."""

from __future__ import annotations

import time
from typing import final


def now() -> float:
    """Seconds since whenever: the one clock that learning asks. A benchmark may put another in its place."""
    return time.perf_counter()


@final
class Stopwatch:
    """Seconds since it was made, and before: those of a run that was killed count as well."""

    def __init__(self) -> None:
        self._begun, self._cpu_begun = now(), time.process_time()

    def add(self, seconds: float, cpu_seconds: float) -> None:
        """Count what was spent before."""
        self._begun -= seconds
        self._cpu_begun -= cpu_seconds

    @property
    def seconds(self) -> float:
        """On the wall."""
        return now() - self._begun

    @property
    def cpu_seconds(self) -> float:
        """Of the processor."""
        return time.process_time() - self._cpu_begun


SETTLE = 10.0
"""Seconds in which most of a gap is closed where less is left than was told."""


class Countdown:
    """The time left as a person is told it, which goes down and never up. One for one stretch of work.

    An estimate of what is left jumps with every busy moment of a machine. A person who reads "2 min left" and
    then "3 min left" believes neither.
    """

    def __init__(self) -> None:
        self._told: float | None = None
        self._clock = 0.0

    def told(self, clock: float, estimate: float) -> float:
        """Seconds left to tell at a moment, never more than were told before.

        clock: seconds since whenever, on any clock. estimate: seconds left by the latest reckoning. Where it
        is more than was told, what is told goes down more slowly than the clock, so that both end together;
        where it is less, what is told closes up within seconds.

        >>> left = Countdown()
        >>> moments = (0, 60), (10, 80), (20, 70), (30, 20), (50, 0)
        >>> [round(left.told(clock, estimate)) for clock, estimate in moments]
        [60, 53, 47, 20, 0]
        """
        estimate = max(0.0, estimate)
        if self._told is None:
            self._told, self._clock = estimate, clock
            return estimate
        passed, before = max(0.0, clock - self._clock), self._told
        self._clock = max(self._clock, clock)
        whole = estimate + passed  # what was left at the moment before, as it is reckoned now
        if whole >= before:
            self._told = before * estimate / whole if whole else 0.0
        else:
            self._told = estimate + (before - whole) * max(0.0, 1 - passed / SETTLE)
        self._told = min(before, self._told) if estimate else 0.0
        return self._told
