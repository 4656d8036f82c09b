"""History: what happened while a model learned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Precision = Literal["float32", "bfloat16"]
"""What products of matrices are computed in."""


@dataclass(frozen=True)
class Look:
    """One point of the learning curve: nats per record, training since the last look and held out."""

    step: int
    seconds: float
    training: float
    held_out: float


@dataclass
class History:
    """What happened while learning. Steps count through all stages; looks are those of the first."""

    looks: list[Look] = field(default_factory=list)
    steps: int = 0
    planned: int = 0
    plan: list[tuple[int, int]] = field(default_factory=list)  # (step, steps planned then) by the clock
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    precision: Precision = "float32"
    batch: int = 0
    best_step: int = 0
    ended: Literal["budget", "enough", "interrupted", "nothing to learn"] = "budget"

    def then(self, own: History) -> History:
        """The history of this stage and the next, whose own is given."""
        return replace(
            self,
            steps=self.steps + own.steps,
            planned=self.steps + own.planned,
            plan=self.plan + [(self.steps + step, self.steps + end) for step, end in own.plan],
            seconds=self.seconds + own.seconds,
            cpu_seconds=self.cpu_seconds + own.cpu_seconds,
            best_step=self.steps + own.best_step if own.looks else self.best_step,
            ended=own.ended,
        )
