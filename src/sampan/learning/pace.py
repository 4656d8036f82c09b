"""Pace: the settings of the loop, each with its reason; how many steps there are, and at which rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sampan.learning.budget import Budget
from sampan.learning.state import State


@dataclass(frozen=True)
class Pace:
    """The settings of the loop.

    - rate: peak learning rate of AdamW, for tables and biases.
    - inner_rate: the same of Muon, for the matrices of linear layers.
    - decay: weight decay there, for tables of up to `few` rows, less in proportion for longer ones, as a
      prior weighs less beside more data (with .01 half of Magic was learned no better, and more by heart).
    - floor: share of the rate left at the end of the cosine. warm: steps of linear warm-up.
    - batch: rows a step; small tables take smaller batches, or an epoch would be two steps.
    - ema: longest memory of the average of the weights, as a share of the steps planned.
    - looks: how often the held-out rows are scored. parts: in how many parts, for the luck of a look.
    - patience: looks without a better score before it is enough. surely: steps that no lull ends where fewer
      than `scarce` rows are held out, which go up and down by chance.
    - last: length of the last stretch, taken from the best weights with the rate going down, as a share of
      the steps that led to them.
    - slack: a score this much higher than the best, relatively, still counts as equal to it; so does one
      whose excess is within one standard error over the parts: with 555 held-out rows, Shoppers stopped
      after 35 seconds at a C2ST of .81 without this, after 65 at .94 with it.
    - most: no luck excuses a larger relative excess.
    """

    rate: float = 4e-3
    inner_rate: float = 0.02
    decay: float = 0.3
    few: int = 15_000
    floor: float = 0.02
    warm: int = 50
    batch: int = 2048
    ema: float = 0.998
    looks: int = 30
    parts: int = 8
    patience: int = 5
    scarce: int = 500
    surely: int = 250
    last: float = 0.5
    slack: float = 5e-4
    most: float = 5e-3


LOOKING = 1.06
"""Held-out looks and checkpoints take a few hundredths of the time."""


def share_of_rate(state: State, pace: Pace) -> float:
    """Linear warm-up, then a cosine from 1 to the floor; or the straight way down of the last stretch."""
    if state.anneal is not None:
        begin, length, share = state.anneal
        return share * max(pace.floor, 1 - (state.step - begin) / length)
    total = state.planned or 10**9
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, state.step / total)))
    warm = min(1.0, (state.step + 1) / min(pace.warm, max(1, total // 10)))
    return warm * (pace.floor + (1 - pace.floor) * cosine)


def plan_steps(state: State, budget: Budget, used: float) -> None:
    """Plan the steps once the first ones are timed; again where the machine turns out busier or freer.

    - used: seconds.
    """
    if budget.plan:
        decided = dict(budget.plan).get(state.step)
        if decided is not None and state.anneal is None:
            _decide(state, decided)
    elif budget.steps is None and budget.seconds is not None:
        pace = sum(state.timings) / len(state.timings)
        fit = state.step + max(1, int((budget.seconds * 0.97 - used) / (pace * LOOKING)))
        if state.planned is None:
            if len(state.timings) >= 20 or used > min(4.0, budget.seconds / 8):
                _decide(state, fit)
        elif not 0.93 < fit / state.planned < 1.07 and state.step % 20 == 0 and state.anneal is None:
            _decide(state, max(state.step + 1, fit))
    state.history.planned = state.planned or 0


def _decide(state: State, steps: int) -> None:
    state.planned = steps
    state.history.plan.append((state.step, steps))


def seconds_left(state: State, budget: Budget, used: float) -> float | None:
    """What the steps to come will take, by the latest ones; None before they are planned."""
    if state.planned is None:
        return None
    latest = list(state.timings)[-50:]
    left = (state.planned - state.step) * sum(latest) / len(latest) * LOOKING
    if budget.seconds is not None and budget.steps is None:
        left = min(left, max(0.0, budget.seconds - used))
    return left
