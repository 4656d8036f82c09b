"""State: where a training stands between two steps, in plain values that a checkpoint holds; its history."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor

from sampan.card import HISTORY
from sampan.checked import Amount, ListOf, Maybe, Record, Table, Text, Truth, Whole

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


RECENT = 200
"""Steps whose seconds are kept."""


@dataclass
class State:
    """What changes from step to step, but for weights.

    - step: steps taken; planned: how many there will be, None while the first are being timed.
    - since, since_steps: the sum of losses since the last look, and of how many.
    - every: steps between two looks, None before the first.
    - over: whether this stage has ended and another follows.
    - anneal: (first step, length, share of the rate) of the last stretch; turned: the look it began at.
    - best_scores: of the best look, in parts. timings: seconds of the latest steps.
    """

    history: History
    step: int = 0
    planned: int | None = None
    since: float = 0.0
    since_steps: int = 0
    every: int | None = None
    over: bool = False
    anneal: tuple[int, int, float] | None = None
    turned: int = 0
    best_scores: Tensor = field(  # any look is better than none
        default_factory=lambda: torch.full((1,), 1e30, dtype=torch.float64)
    )
    timings: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "history": asdict(self.history),
            "since": [self.since, self.since_steps],
            "anneal": self.anneal,
            "best_scores": self.best_scores.tolist(),
            "timings": list(self.timings),
            **{name: getattr(self, name) for name in _AS_THEY_ARE},
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> State:
        """Out of checked JSON values, in which a null stands for what is no number."""
        told = plain["history"]
        since, since_steps = (math.nan if one is None else one for one in plain["since"])
        scores = [math.nan if one is None else one for one in plain["best_scores"]]
        return cls(
            History(**{**told, "looks": [Look(**look) for look in told["looks"]]}),
            since=since,
            since_steps=int(since_steps),
            anneal=None if plain["anneal"] is None else tuple(plain["anneal"]),
            best_scores=torch.tensor(scores, dtype=torch.float64),
            timings=deque(plain["timings"], RECENT),
            **{name: plain[name] for name in _AS_THEY_ARE},
        )


_AS_THEY_ARE = ("step", "planned", "every", "over", "turned")
_COUNT = Whole(0)
STATE = Record(
    {
        "history": HISTORY,
        "step": _COUNT,
        "planned": Maybe(Whole(1)),
        "since": ListOf(Maybe(Amount()), 2, 2),
        "every": Maybe(Whole(1)),
        "over": Truth(),
        "anneal": Maybe(ListOf(Amount(), 3, 3)),
        "turned": _COUNT,
        "best_scores": ListOf(Maybe(Amount()), 1),
        "origin": Table(Text()),
        "timings": ListOf(Amount()),
    },
    {"sum": _COUNT},
)
"""What a checkpoint may say beside its tensors: a state, where it began, and a checksum."""
