"""Clock: the seconds of a learning, those on the wall and those of the processor."""

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
