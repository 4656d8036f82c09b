"""Countdown: the time left as a person is told it, which goes down and never up.

An estimate of what is left jumps with every busy moment of a machine. A person who reads "2 min left" and
then "3 min left" believes neither.
"""

from __future__ import annotations

SETTLE = 10.0
"""Seconds in which most of a gap is closed where less is left than was told."""


class Countdown:
    """What to tell, from estimates that jump. One object for one stretch of work."""

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
