"""Progress: where a learning stands, as it is told after every step, and the answer that ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sampan.learning.budget import Budget
from sampan.learning.history import History

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
