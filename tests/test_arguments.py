"""Arguments of a wrong kind are refused in three lines, before any work, wherever a person may give one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.errors import SampanError

TABLE = {"a": ["x", "y", "z"] * 20, "b": [1, 2] * 30}
ODD: list[Any] = [5, 1.5, b"x", object, {"a": object()}, np.float64(3), {5: 1}]


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    return sp.fit(TABLE, steps=2)


def fits(**said: Any) -> Callable[[sp.Generator, Any], object]:
    """A fit that says one odd thing."""
    (name,) = said
    return lambda model, odd: sp.fit(TABLE, steps=1, **{name: odd})


def judges(name: str) -> Callable[[sp.Generator, Any], object]:
    """A judgement that says one odd thing."""
    return lambda model, odd: sp.judge(TABLE, seen=TABLE, **{name: odd})


CALLS: dict[str, Callable[[sp.Generator, Any], object]] = {
    "personal": fits(personal=None),
    "exact": fits(exact=None),
    "keep": fits(keep=None),
    "device": fits(device=None),
    "stream": lambda model, odd: model.stream(odd),
    "save": lambda model, odd: model.save(odd),
    "load": lambda model, odd: sp.load(odd),
    "read": lambda model, odd: sp.read(odd),
    "gate": judges("gate"),
    "questions": judges("questions"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_what_is_of_a_wrong_kind_is_refused(call: str, odd: Any, model: sp.Generator) -> None:
    if call in ("read", "keep", "exact") and isinstance(odd, dict) or call == "device" and odd == 5:
        return  # a dict is a table, or names; a number may be that of a card
    with pytest.raises(SampanError) as caught:
        CALLS[call](model, odd)
    error = caught.value
    assert error.what and error.expected and error.fix


@pytest.mark.parametrize("odd", [1.5, "x", b"x", None, [1]])
def test_a_seed_of_a_judgement_is_a_whole_number(odd: Any) -> None:
    with pytest.raises(sp.RequestError, match="the seed is"):
        sp.judge(TABLE, seen=TABLE, seed=odd)


@pytest.mark.parametrize("path", ["x" * 5000, "b > 1 or " * 500, "~nobody-of-this-name/x.csv"])
def test_what_no_system_can_look_for_is_refused(path: str) -> None:
    with pytest.raises(sp.DataError, match="cannot be looked for"):
        sp.read(path)


def test_a_frame_that_counts_its_columns_is_asked_by_their_numbers() -> None:
    frame = pd.DataFrame({0: ["x", "y"] * 30, 1: range(60)})
    model = sp.fit(frame, steps=2, keep=[0], types={1: "number"})
    assert list(model.sample(5, given={0: "y"}, seed=1)[0]) == ["y"] * 5
    assert len(model.sample(3, where={0: "x"}, seed=1)) == 3


def test_one_question_may_be_said_alone() -> None:
    report = sp.judge(TABLE, seen=TABLE, questions="look", gate="shape <= 1")
    assert report.passed and {score.question for score in report.scores} == {"look"}
