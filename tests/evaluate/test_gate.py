"""A gate says what it is written to say, and never passes over what it does not know."""

from __future__ import annotations

import pytest

from sampan.errors import RequestError
from sampan.evaluate.gate import DEFAULT_GATE, NAMES, decide, parse
from sampan.evaluate.score import QUESTIONS, Score

SCORES = [
    Score("shape", "look", 0.9, "lower", True, low=0.8, high=1.0, floor=0.5, unit="%"),
    Score("trend", "look", 2.0, "lower", False, floor=0.9, unit="%"),
    Score("utility", "work", 0.90, "higher", True, floor=0.91),
    Score("membership", "found", 0.51, "lower", None, low=0.49, high=0.53, reference=0.5),
    Score("copies", "found", 0.0, "lower", True, floor=0.0, unit="%"),
]


@pytest.mark.parametrize(
    "gate, passed",
    [
        ("shape", True),
        ("trend", False),
        ("membership", None),
        ("shape <= 1.5*floor", False),
        ("shape <= 2*floor", True),
        ("floor <= shape < 2*floor", True),
        ("utility >= floor - 0.02", True),
        ("utility >= floor - .001", False),
        ("membership.high <= .55 and membership.low > .48", True),
        ("not trend > 3*floor", True),
        ("not (trend > 2*floor)", False),
        ("NOT trend AND (shape or trend)", True),
        ("shape - floor * 2 < 0", True),
        ("(shape - floor) * 2 < .7", False),
        ("-shape > -1 and 8 / 2 / 2 = shape + 1.1", True),
        ("copies <= 1.5*floor", True),
        ("copies/floor < 2", None),  # nothing over nothing
        ("shape/copies > 1e9", True),
        ("c2st >= .9", None),
        ("c2st >= .9 and trend", False),
        ("c2st >= .9 or shape", True),
        ("useful", True),
        ("private", None),
        ("fair", None),
        ("useful and fair", None),
        ("not fair", None),
        ("faithful", False),
        ("utility.reference < 1", None),
    ],
)
def test_a_gate_has_three_values(gate: str, passed: bool | None) -> None:
    assert decide(gate, SCORES).passed is passed


def test_the_default_passes_over_what_was_not_asked_and_only_the_default() -> None:
    asked = [score for score in SCORES if score.name != "trend" and score.question != "found"]
    decision = decide(DEFAULT_GATE, asked)
    assert decision.passed is True
    assert [(atom.text, atom.counted) for atom in decision.atoms][-1] == ("fair", False)
    assert decide("faithful and fair", asked).passed is None
    assert decide(DEFAULT_GATE, []).passed is None


def test_a_question_needs_enough_that_was_decided() -> None:
    private = decide("private", SCORES).atoms[0]
    assert private.holds is None and private.scores == ("membership",)
    near = Score("near", "found", 50.0, "lower", True, floor=50.0, unit="%")
    private = decide("private", [*SCORES, near]).atoms[0]
    assert private.holds is True and private.scores == ("membership",)
    alone = decide(DEFAULT_GATE, [SCORES[0], SCORES[3]])
    assert alone.passed is None
    assert [atom.why for atom in alone.atoms] == ["", "not asked", "undecided", "not asked"]


def test_every_atom_says_what_it_read() -> None:
    decision = decide("faithful and not ((trend - 1) > (2*floor)) or c2st >= .9", SCORES)
    faithful, trend, c2st = decision.atoms
    assert (faithful.why, faithful.scores) == ("failed", ("trend",))
    assert trend.text == "(trend - 1) > (2*floor)"
    assert trend.figures == (("trend", 2.0), ("trend.floor", 0.9))
    assert (trend.holds, trend.wanted, trend.in_order) == (False, False, True)
    assert (c2st.why, c2st.scores, c2st.in_order) == ("missing", ("c2st",), None)


@pytest.mark.parametrize(
    "gate, taught",
    [
        (" ", "The gate is empty"),
        ("shpe < 1", 'Did you mean "shape"'),
        ("privat", 'Did you mean "private"'),
        ("shape.flor < 1", 'Did you mean "floor"'),
        ("shape.low", "neither true nor false"),
        ("1.5", "neither true nor false"),
        ("shape + 1", "neither true nor false"),
        ("private > 1", "cannot be compared"),
        ("(shape and trend) < 1", "A number or a score was expected"),
        ("floor < 1", "Whose floor"),
        ("shape < trend*floor", "that of shape or trend"),
        ("shape <= 1.5floor", "A sign is missing"),
        ("shape trend", "A sign is missing"),
        ("shape and", "expected after this"),
        ("(shape", "closing bracket"),
        ("shape)", "closes nothing"),
        ("shape # 1", "no meaning"),
    ],
)
def test_what_cannot_be_read_is_taught(gate: str, taught: str) -> None:
    with pytest.raises(RequestError, match=taught) as caught:
        parse(gate)
    if gate.strip():
        what = caught.value.what.splitlines()
        assert what[1].strip() == gate and what[2].strip() == "^"


def test_a_score_of_ones_own_may_be_named() -> None:
    mine = Score("taste", "look", 0.2, "lower", True)
    assert decide("taste <= .3", [mine]).passed is True
    assert "taste" not in NAMES and set(NAMES.values()) == set(QUESTIONS)
