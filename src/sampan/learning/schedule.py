"""Schedule: how many steps there will be, at which share of the rate, and how long they take."""

from __future__ import annotations

import math

from sampan.learning.budget import Budget
from sampan.learning.pace import Pace
from sampan.learning.state import State

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


def plan(state: State, budget: Budget, used: float) -> None:
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
