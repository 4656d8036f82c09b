"""(value, interval, floor, power) -> state -> sentence: the table is whole, and nothing says too much."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest

from sampan.evaluate.gate import DEFAULT_GATE, NAMES, POINTS, RECORD, decide
from sampan.evaluate.report.sentences import excess_told, score_told, verdict
from sampan.evaluate.report.words import LANGUAGES, words
from sampan.evaluate.score import Part, Score
from sampan.evaluate.state import STATES, Excess, Reading, State, passes, read, standing_of, warning
from tests.evaluate.report.toy import FACTS, toy_report, toy_scores

# value, interval, margin, far, what the score's own test says, whether the intervals meet -> state, passes
TABLE: list[tuple[Excess, bool, State, bool | None]] = [
    (Excess(0.03, 0.02, 0.04, 0.05, 0.2, True), False, "slight", True),
    (Excess(0.05, 0.04, 0.06, 0.05, 0.2, True), False, "nearly", None),
    (Excess(0.051, 0.041, 0.061, 0.05, 0.2, True), True, "nearly", None),
    (Excess(0.08, 0.07, 0.09, 0.05, 0.2, True), True, "nearly", False),
    (Excess(0.30, 0.28, 0.32, 0.05, 0.2, True), True, "fails", False),
    (Excess(0.30, 0.28, 0.32, sure=True), True, "fails", False),
    (Excess(0.02, 0.01, 0.03, 0.05, 0.2, False), True, "slight", True),
    (Excess(0.01, -0.01, 0.03, 0.05, 0.2, False), False, "holds", True),
    (Excess(-0.04, -0.06, -0.02, 0.05, 0.2, False), True, "holds", True),
    (Excess(0.30, 0.20, 0.40, 0.05, 0.2, None), True, "fails", False),
    (Excess(0.30, 0.05, 0.55, 0.05, 0.2, None), False, "beyond", None),
    (Excess(0.15, 0.10, 0.20, 0.05, 0.2, None), True, "beyond", None),
    (Excess(0.04, 0.01, 0.07, 0.05, 0.2, None), True, "beyond", None),
    (Excess(0.04, -0.1, 0.18, 0.05, 0.2, None), False, "unknown", None),
    (Excess(-0.04, -0.06, -0.02, 0.05, 0.2, None), True, "unknown", None),
    (Excess(math.nan, math.nan, math.nan), False, "unknown", None),
]


@pytest.mark.parametrize(("excess", "apart", "state", "passed"), TABLE)
def test_the_table(excess: Excess, apart: bool, state: State, passed: bool | None) -> None:
    assert read(excess, apart=apart) == Reading(state, passed)


def test_better_than_real_is_a_gain_only_where_that_means_something() -> None:
    better = Excess(-0.04, -0.06, -0.02, 0.05, 0.2, None)
    assert read(better, gains=True) == Reading("gain", True)
    assert read(dataclasses.replace(better, sure=False), gains=True) == Reading("gain", True)


def test_every_combination_has_a_state_and_none_that_contradicts_its_interval() -> None:
    grid = [-0.3, -0.08, -0.04, 0.0, 0.04, 0.08, 0.3]
    met = set()
    for value, half, sure, apart, gains in itertools.product(
        grid, (0.01, 0.05, 0.5), (True, False, None), (True, False), (True, False)
    ):
        excess = Excess(value, value - half, value + half, 0.05, 0.2, sure)
        found = read(excess, apart=apart, gains=gains)
        met.add(found.state)
        if excess.low > 0:
            assert found.state not in ("holds", "gain", "unknown")
        if excess.high < 0 and sure is not True:
            assert found.state not in ("nearly", "fails", "beyond", "slight")
        assert not (found.state in ("beyond", "unknown") and found.passed is not None)
        assert not (found.state in ("holds", "gain", "slight") and found.passed is not True)
        assert not (found.state == "fails" and found.passed is not False)
    assert met == set(STATES)


def made_up(name: str, state: State) -> Score:
    """A score of a name, in a state."""
    far = 0.1
    excess, apart = {
        "gain": (Excess(-0.2, -0.3, -far, 0.05, 0.2, None), False),
        "holds": (Excess(0.0, -far, far, 0.05, 0.2, False), False),
        "slight": (Excess(0.03, 0.02, 0.04, 0.05, 0.2, True), False),
        "nearly": (Excess(0.1, 0.08, 0.12, 0.05, 0.2, True), False),
        "fails": (Excess(0.4, 0.3, 0.5, 0.05, 0.2, True), True),
        "beyond": (Excess(0.1, 0.01, 0.19, 0.05, 0.2, None), False),
        "unknown": (Excess(0.1, -far, 0.3, 0.05, 0.2, None), False),
    }[state]
    other = {"success": 3.0, "control": 1.0, "gain": -excess.value, "gain_low": -excess.high}
    facts = {"worst": "age", **other, "gain_high": -excess.low, "rare_made": 5.0, "rare_seen": 5.0}
    ends = (0.2, 0.3, 0.6, 0.5, 0.7) if apart else (0.2, 0.8, 0.6, 0.1, 0.9)
    question = "work" if state == "gain" else NAMES.get(name, "look")
    passed = read(excess, apart=apart, gains=state == "gain").passed
    facts |= FACTS.get(name, {})
    return Score(
        name, question, 0.25, "higher", passed, ends[0], ends[1], *ends[2:], facts=facts, excess=excess
    )  # fmt: skip


CLAIMS = {
    "en": (
        "no harm",
        "no worse",
        "cannot tell",
        "No group is lost",
        "guesses:",
        "too small to tell",
        "no more",
    ),
    "zh-Hant": ("沒有發現", "不比偶然", "分不出", "沒有群體", "瞎猜：", "小得與運氣難分"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_sentence_of_every_score_is_said_in_its_state(state: State, language: str) -> None:
    table = words(language)
    known = [score.name for score in toy_scores()]
    assert set(known) == set(RECORD)
    for name in known:
        score = made_up(name, state)
        assert score.state == state
        told = score_told(score, table)
        assert told and "{" not in told
        if state in ("nearly", "fails", "beyond", "unknown"):
            claimed = [claim for claim in CLAIMS[language] if claim.lower() in told.lower()]
            assert not claimed, (name, state, told)
        if state in ("fails", "nearly"):
            assert excess_told(score, table)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_so_it_is_with_columns_of_points(state: State, language: str) -> None:
    for name in POINTS:
        told = score_told(made_up(name, state).of("scan"), words(language))
        assert told and "{" not in told
        if state in ("fails", "beyond", "unknown", "nearly"):
            assert not told.startswith(("No ", "沒有"))


def test_a_loss_whose_interval_lies_below_nothing_is_never_no_harm() -> None:
    """Once: "No harm was found" beside a gain of -.098 (-.156 to -.028)."""
    facts = {"target": "y", "rare": "yes", "gain": -0.098, "gain_low": -0.156, "gain_high": -0.028}
    loss = Excess(0.098, 0.028, 0.156, 0.03, 0.12)
    score = Score("augmentation", "work", 0.5, "higher", None, floor=0.598, facts=facts, excess=loss)
    assert score.state == "beyond"
    assert "did harm here" in score_told(score, words()) and "-0.156" in score_told(score, words())
    assert "造成損害" in score_told(score, words("zh"))


def test_a_hair_does_not_turn_the_words_around() -> None:
    """Once: the same data passed at .880 and failed at .879, with words that contradict each other."""
    told = set()
    for value in (0.881, 0.880, 0.879):
        excess = Excess(0.93 - value, 0.92 - value, 0.94 - value, 0.05, 0.2, True)
        score = Score(
            "c2st", "look", value, "higher", value >= 0.88, floor=0.93, excess=excess, facts={"worst": "age"}
        )
        assert score.settled().passed is None
        told.add(score_told(score, words()).replace(f"{value:.3f}", ""))
    assert len(told) == 1 and "a little" in told.pop()


def privacy(**passed: bool | None) -> list[Score]:
    names = ("copies", "near", "membership", "membership_tpr", "singling_out", "linkability", "inference")
    return [Score(name, "found", 0.0, "lower", passed.get(name), -1.0, 1.0, 0.0, unit="%") for name in names]


def test_private_holds_only_if_enough_attacks_see_the_leak_that_is_planted() -> None:
    one = privacy(near=True)
    assert standing_of(one) == "undecided" and passes(one) is None
    most = privacy(copies=True, near=True, membership=True, inference=True)
    assert standing_of(most) == "passed" and decide("private", most).passed is True
    no_copies = privacy(near=True, membership=True, inference=True, linkability=True)
    assert decide("private", no_copies).passed is None
    no_attack = privacy(copies=True, membership_tpr=True)
    assert decide("private", no_attack[:1] + no_attack[3:4]).passed is None
    found = [*most[:-1], dataclasses.replace(most[-1], passed=None, value=5.0, low=2.0, high=8.0)]
    assert found[-1].state == "beyond"
    decision = decide("private", found)
    assert decision.passed is None and decision.atoms[0].scores
    report = dataclasses.replace(toy_report(), scores=tuple(found), gate="private", passed=None)
    assert "lies beyond its floor" in "\n".join(report.lines())
    report = dataclasses.replace(report, gate=DEFAULT_GATE)
    assert "is not known: Guessing a secret, 5.00 % (2.00 – 8.00 %), lies beyond" in verdict(report, words())
    assert decide("private", [*most[:-1], dataclasses.replace(most[-1], passed=False)]).passed is False


def test_one_hint_may_be_luck_and_several_are_not() -> None:
    held = privacy(copies=True, near=True, membership=True, inference=True)
    hint = [dataclasses.replace(score, value=3.0, low=1.0, high=5.0) for score in held]
    assert hint[1].state == hint[2].state == "slight"
    assert passes([*held[:1], hint[1], *held[2:]]) is True
    several = [held[0], hint[1], hint[2], *held[3:]]
    decision = decide("private", several)
    assert passes(several) is None and standing_of(several) == "nearly"
    assert decision.passed is None and set(decision.atoms[0].scores) >= {"near", "membership"}
    report = dataclasses.replace(toy_report(), scores=tuple(several), gate="private", passed=None)
    assert "too many lie beyond" in "\n".join(report.lines())
    whole = verdict(dataclasses.replace(report, gate=DEFAULT_GATE), words())
    assert "Somebody might be found in the made rows: no attack is proven" in whole


def test_a_small_fault_is_called_small_in_the_headline() -> None:
    """Once: "do not look like the real ones" beside a C2ST of .997, for 1.5 % of rows that break a rule."""
    excess = Excess(1.5, 1.2, 1.8, 0.5, 5.0, True)
    few = Score(
        "rules", "look", 1.5, "lower", False, 1.2, 1.8, 0.0, 0.0, 0.2, unit="%", excess=excess,
        facts={"rules": 6.0, "worst": "a <= b"},
    )  # fmt: skip
    scores = tuple(few if score.name == "rules" else score for score in toy_scores())
    report = dataclasses.replace(toy_report(), scores=scores, passed=decide(DEFAULT_GATE, scores).passed)
    assert report.passed is False
    assert verdict(report, words()) == (
        "Nearly, but not passed. The made rows look almost like the real ones: "
        "1.50 % of made rows break a rule that always holds in the real ones (a <= b)."
    )
    assert "a fault, though a small one: Impossible rows" in "\n".join(report.lines())
    assert "只差少許" in verdict(report, words("zh"))
    assert "Worse than real rows by 1.50 points (1.20 – 1.80 points)" in "\n".join(report.lines())
    assert '<article class="tile nearly">' in report.to_html()


def test_a_score_without_a_test_of_its_own_is_read_off_its_figures() -> None:
    far = Score("recall", "look", 6.0, "higher", None, 0.0, 13.0, 85.0, 72.0, 98.0, unit="%")
    assert far.state == "fails" and far.settled().passed is False  # intervals that do not meet
    assert dataclasses.replace(far, floor=8.0, floor_low=1.0, floor_high=15.0).state == "unknown"
    assert dataclasses.replace(far, floor=math.nan, floor_low=math.nan).settled().passed is None
    assert far.settled().settled() == far.settled()


def test_a_part_without_power_that_lies_beyond_its_floor_warns() -> None:
    fine = Part("all rows", 50.2, 50.0, 48.0, 52.4, 61.0, True)
    blind = Part("closest 1 %", 75.0, 50.0, 55.0, 95.0, 60.0, None)
    assert warning([fine]) is None
    found = warning([fine, blind])
    assert found is not None and found.of == "closest 1 %" and found.low == 5.0
    score = Score("near", "found", 50.2, "lower", None, 48.0, 52.4, 50.0, unit="%", excess=found)
    assert score.state == "beyond" and score.settled().passed is None
    assert "closest 1 %" in score_told(score, words())


def test_a_part_that_fails_by_itself_is_what_is_told() -> None:
    excess = Excess(40.0, 35.0, 45.0, 5.0, 20.0, True, of="age × born")
    score = Score("trend", "look", 4.2, "lower", False, 3.9, 4.5, 4.4, 4.1, 4.7, unit="%", excess=excess)
    assert "age × born by itself is worse than real rows by 40.0 points" in score_told(score, words())
    assert "單看 age × born" in score_told(score, words("zh"))
    scores = tuple(score if each.name == "trend" else each for each in toy_scores())
    report = dataclasses.replace(toy_report(), scores=scores, passed=decide(DEFAULT_GATE, scores).passed)
    assert "Pairs of columns, age × born is worse than real rows by 40.0 points" in verdict(report, words())
