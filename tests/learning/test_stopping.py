"""Stopping: learning ends where held-out records gain nothing, and not for a lull that is chance."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from sampan.families.autoregressive import Autoregressive
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.learning.progress import Progress
from tests.learning.toy import HELD, VALUES, WORLD, model_of


def test_enough_is_found_when_held_out_rows_stop_gaining() -> None:
    few = {name: tensor[:60] for name, tensor in VALUES.items()}
    torch.manual_seed(0)  # weights begin from it, and not from whatever test ran before
    history = train(
        Autoregressive(size=64, depth=2).build(WORLD.spaces),
        few,
        HELD,
        budget=Budget(seconds=None, steps=1_500),
        seed=0,
        pace=Pace(patience=4),
    )
    assert history.ended == "enough"
    assert history.steps < 1_500
    best = min(history.looks, key=lambda look: look.held_out)
    kept = next(look for look in history.looks if look.step == history.best_step)
    # later weights are kept as long as the held-out rows cannot tell them from the best
    assert best.step <= kept.step
    assert kept.held_out < best.held_out * 1.005


def test_a_lull_of_few_steps_ends_nothing_where_few_rows_are_held_out() -> None:
    """A slow machine plans few steps, so that looks lie close: what they say of 40 rows is mostly chance."""
    few = {name: tensor[:60] for name, tensor in VALUES.items()}

    def turn(held: dict[str, Tensor], pace: Pace) -> int:
        """The step after which the last stretch begins, which is not waited for."""

        def stop(progress: Progress) -> str | None:
            return None if progress.total == 600 else "stop"

        budget = Budget(seconds=None, steps=600)
        return train(model_of(), few, held, budget=budget, seed=0, pace=pace, on_step=stop).steps

    scarce = {name: tensor[:40] for name, tensor in HELD.items()}
    quick = Pace(patience=1, surely=0)
    assert turn(scarce, quick) < 250 <= turn(scarce, replace(quick, surely=250))
    many = replace(quick, scarce=40, surely=250)  # as many are held out as are enough: nothing is other
    assert turn(scarce, many) == turn(scarce, quick)
