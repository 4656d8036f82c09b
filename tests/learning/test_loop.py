"""The training loop: learning, and its end before its time."""

from __future__ import annotations

import math

import pytest

from sampan.errors import RequestError
from sampan.learning.progress import Progress
from tests.learning.toy import WORLD, model_of, run, same


def test_learning_lowers_the_held_out_score_towards_the_entropy() -> None:
    history = run(model_of(), steps=200)
    entropy = -sum(p * math.log(p) for p in WORLD.table.ravel().tolist() if p > 0)
    first, last = history.looks[0].held_out, history.looks[-1].held_out
    assert last < first
    assert last == pytest.approx(entropy, abs=0.12)
    assert history.steps == history.planned == 200


def test_one_seed_one_model() -> None:
    one, two, other = model_of(), model_of(), model_of()
    run(one), run(two), run(other, seed=1)
    assert same(one, two)
    assert not same(one, other)


def test_an_answer_stops_as_ctrl_c_does_and_what_was_learned_is_kept() -> None:
    def answer(progress: Progress) -> str | None:
        return "stop" if progress.step == 20 else None

    def ctrl_c(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    one, other, first = model_of(), model_of(), model_of()
    for model, on_step in ((one, answer), (other, ctrl_c)):
        history = run(model, on_step=on_step)
        assert (history.ended, history.steps, bool(history.looks)) == ("interrupted", 20, True)
    assert same(one, other) and not same(one, first)


def test_other_answers_are_nobodys_business() -> None:
    """A bar that is moved answers as well; tqdm's says True."""
    assert run(model_of(), steps=3, on_step=lambda progress: True).ended == "budget"


def test_an_answer_in_other_words_is_refused() -> None:
    with pytest.raises(RequestError, match="on_step answered 'Stop'"):
        run(model_of(), steps=3, on_step=lambda progress: "Stop")
