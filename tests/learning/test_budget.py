"""Budgets: seconds are kept, and what makes no sense is refused."""

from __future__ import annotations

import math
import time

import pytest

from sampan.errors import RequestError
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.learning.progress import Progress
from tests.learning.toy import HELD, VALUES, model_of


def test_a_budget_of_seconds_is_kept() -> None:
    begun = time.monotonic()
    seen: list[Progress] = []
    history = train(
        model_of(),
        VALUES,
        HELD,
        budget=Budget(seconds=2.0),
        seed=0,
        pace=Pace(patience=99),
        on_step=seen.append,
    )
    assert time.monotonic() - begun < 4.0  # a busy machine may finish its last steps late
    assert history.planned == history.steps > 20
    assert seen[0].step == 1 and seen[-1].left == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("wrong", [{"seconds": 0.0}, {"seconds": math.nan}, {"seconds": None}, {"steps": -5}])
def test_a_budget_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RequestError):
        Budget(**wrong)  # type: ignore[arg-type]
