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


MIXED = [
    *SCORES,
    Score("recall", "look", 49.0, "higher", True, floor=50.0, unit="%"),
    Score("recall[picture]", "look", 80.0, "higher", True, floor=95.0, unit="%"),
    Score("recall[scan of it]", "look", 20.0, "higher", False, floor=90.0, unit="%"),
    Score("frechet[picture]", "look", 3.0, "lower", True, floor=1.0),
    Score("frechet[scan of it]", "look", 9.0, "lower", False, floor=1.0),
]


@pytest.mark.parametrize(
    "gate, passed",
    [
        ("recall >= 40", False),
        ("recall >= 20", True),
        ("recall[picture] >= 40", True),
        ("recall[picture].floor >= 95 and frechet[ scan of it ] < 10", True),
        ("frechet <= 3*floor", False),
        ("frechet[picture] <= 3*floor", True),
        ("not frechet > 10", True),
        ("not frechet > 5", False),
        ("frechet", False),
        ("frechet[picture]", True),
        ("not frechet", False),
        ("recall / frechet > 2", True),  # column by column: the whole record has no frechet
        ("recall[sound] > 1", None),
        ("faithful", False),
    ],
)
def test_a_name_speaks_of_every_score_of_it_and_brackets_of_one(gate: str, passed: bool | None) -> None:
    assert decide(gate, MIXED).passed is passed


def test_each_column_is_an_atom_of_its_own_where_there_are_several() -> None:
    assert [atom.text for atom in decide("not (Recall < 1.5 * recall.floor)", MIXED).atoms] == [
        "Recall < 1.5 * recall.floor",
        "recall[picture] < 1.5 * recall[picture].floor",
        "recall[scan of it] < 1.5 * recall[scan of it].floor",
    ]
    (alone,) = decide("recall >= 1 + trend", MIXED[1:2] + MIXED[6:7]).atoms
    assert alone.text == "recall >= 1 + trend" and dict(alone.figures) == {
        "recall[picture]": 80.0,
        "trend": 2.0,
    }


def test_a_column_that_is_not_there_is_refused_once_they_are_known() -> None:
    assert parse("recall[sound] > 1")
    assert parse("RECALL[sound] > 1", columns=["sound"])
    for gate, taught in (
        ("recall[pictre] > 1", 'Did you mean "picture"'),
        ("frecht[picture] > 1", 'Did you mean "frechet"'),
        ("recall[picture].flor > 1", 'Did you mean "floor"'),
        ("faithful[picture]", "without brackets"),
    ):
        with pytest.raises(RequestError, match=taught):
            parse(gate, columns=["picture"])
    with pytest.raises(RequestError, match="the records hold none"):
        parse("frechet < 3", columns=[])


def test_a_score_of_ones_own_may_be_named() -> None:
    mine = Score("taste", "look", 0.2, "lower", True)
    assert decide("taste <= .3", [mine]).passed is True
    assert "taste" not in NAMES and set(NAMES.values()) == set(QUESTIONS)
