"""Stage: something under way - how far it is, and what is said about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampan.learning.clock import Countdown
from sampan.screen.words import in_words

if TYPE_CHECKING:
    from sampan.media import Sheet


_LATE = 5.0
"""Seconds after its time at which a stage says that it is late."""


@dataclass(eq=False)
class Stage:
    """Something under way: how far it is, and what is said about it."""

    name: str
    expected: float | None = None  # seconds, where nothing better is known
    done: float = 0.0
    total: float | None = None
    left: float | None = None
    note: str = ""
    even: bool = True  # whether what is done says how long the rest takes
    sheet: Sheet | None = None  # some files of what comes of it, for screens that show such
    begun: float = field(default_factory=time.monotonic)
    countdown: Countdown = field(default_factory=Countdown)

    def turn(self, name: str, expected: float | None = None) -> None:
        """From now on something else is under way, under the same bar."""
        self.name, self.expected, self.note = name, expected, ""
        self.done, self.total, self.left = 0.0, None, None
        self.begun, self.countdown = time.monotonic(), Countdown()

    def update(
        self, done: float | None = None, total: float | None = None, left: float | None = None, note: str = ""
    ) -> None:
        """How far it is now: `done` of `total`, `left` seconds, and a few words."""
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.left = left
        self.note = note or self.note

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begun

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None where nobody knows."""
        if self.total:
            return min(1.0, self.done / self.total)
        if self.expected:
            return min(0.99, self.elapsed / self.expected)
        return None

    @property
    def remaining(self) -> float | None:
        """Seconds left, None where nobody knows; never more than were told before."""
        estimate = self._estimate()
        return None if estimate is None else self.countdown.told(self.elapsed, estimate)

    def _estimate(self) -> float | None:
        """Seconds left by the latest reckoning."""
        if self.left is not None:
            return max(0.0, self.left)
        share = self.share
        if self.even and self.total and share and self.elapsed > 1:
            return self.elapsed * (1 / share - 1)
        return max(0.0, self.expected - self.elapsed) if self.expected else None

    def status(self) -> str:
        """Where it stands, in a few words.

        >>> Stage("learning", done=1, total=4, left=90, note="held-out 12.3").status()
        '25 %, 1 min 30 s left, held-out 12.3'
        """
        share, left = self.share, self.remaining
        parts = []
        if share is not None:
            parts.append(f"{share:.0%}".replace("%", " %"))
        if share == 1.0:
            pass
        elif left is None:
            parts.append(f"{in_words(self.elapsed)} so far")
        elif left > 0:
            parts.append(f"{in_words(left)} left")
        elif self.expected and self.elapsed - self.expected > _LATE:
            parts.append(f"longer than planned, {in_words(self.elapsed)} so far")
        else:
            parts.append("a moment more")
        return ", ".join([*parts, self.note] if self.note else parts)
