"""Progress: where a learning stands, as it is told after every step, and the answer that ends it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import final

from sampan.learning import clock
from sampan.learning.budget import Budget
from sampan.learning.state import History

STOP = "stop"
"""What `on_step` answers to end the learning, as Ctrl-C does: the best that was learned is kept."""

OnStep = Callable[["Progress"], object]
"""Called after every step. Of other answers than `STOP`, text is refused; a moved bar's goes on."""


@dataclass(frozen=True)
class Progress:
    """Where the learning stands, for a progress bar: passed to `on_step` after every step.

    - total: steps planned, None while the first steps are being timed.
    - left: seconds, an estimate that within a stage never grows.
    - loss: of the step, in nats a record for most families.
    - held_out: of the last look, None before the first.
    """

    step: int
    total: int | None
    seconds: float
    left: float | None
    loss: float
    held_out: float | None


def of_stage(on_step: OnStep, before: History, budget: Budget, later: float) -> OnStep:
    """`on_step` for a stage: its steps and seconds as parts of the whole learning.

    - before: the stages that are over; budget: of this one.
    - later: the share of those that follow, in shares of this one.
    """

    def told(progress: Progress) -> object:
        left, total = progress.left, progress.total
        return on_step(
            replace(
                progress,
                step=before.steps + progress.step,
                total=None if total is None else before.steps + round(total * (1 + later)),
                seconds=before.seconds + progress.seconds,
                left=None if left is None else left + later * (budget.seconds or progress.seconds + left),
                held_out=None if before.steps else progress.held_out,
            )
        )

    return told


EVERY = 0.2
"""Seconds between two changes of the line."""


@final
class Bar:
    """An `on_step` that shows what it is told, where a person looks at standard error, and passes it on."""

    def __init__(self, on_step: OnStep, *, shown: bool) -> None:
        looked_at = sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel.")
        self.on_step, self.shown = on_step, shown and looked_at
        self._last, self._wide, self._first = 0.0, 0, None

    def __enter__(self) -> Bar:
        return self

    def __call__(self, progress: Progress) -> object:
        """Show and pass on where the learning stands; what that answers."""
        if self.shown and clock.now() - self._last >= EVERY:
            self._last = clock.now()
            self._write(self._line(progress))
        return self.on_step(progress)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave an empty line: what was learned, the model says itself."""
        if self._wide:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r{line:<{self._wide}}")
        sys.stderr.flush()
        self._wide = len(line)

    def _line(self, progress: Progress) -> str:
        total = "" if progress.total is None else f" of {progress.total:,}"
        parts = [f"Learning: step {progress.step:,}{total}"]
        if progress.held_out is not None:
            self._first = progress.held_out if self._first is None else self._first
            parts.append(f"held-out score {progress.held_out:.2f} (at first {self._first:.2f})")
        if progress.left is not None:
            parts.append(f"{progress.left:,.0f} s left")
        return ", ".join(parts)
