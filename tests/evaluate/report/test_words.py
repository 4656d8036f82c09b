"""Both languages say the same things, and every score has its words."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

import sampan.evaluate
from sampan.errors import RequestError
from sampan.evaluate.found import found
from sampan.evaluate.gate import NAMES, RECORD
from sampan.evaluate.given import given
from sampan.evaluate.look import look
from sampan.evaluate.report.sentences import atom_told, counted, headline
from sampan.evaluate.report.words import LANGUAGES, percentage, words
from sampan.evaluate.score import QUESTIONS, Score
from sampan.evaluate.state import STATES, standing, standing_of
from sampan.evaluate.treated import treated
from sampan.evaluate.work import work
from tests.evaluate.report.toy import toy_mixed, toy_sides

FILLED = {"value", "floor", "low", "high", "reference", "worst", "ends", "title"}


def fills(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_languages_have_the_same_keys_and_fill_in_the_same() -> None:
    first, *others = (words(language).table for language in LANGUAGES)
    for other in others:
        assert set(first) ^ set(other) == set()
        assert {key for key in first if fills(first[key]) != fills(other[key])} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_score_and_question_has_its_words(language: str) -> None:
    table = words(language).table
    told = {
        f"score.{name}.{part}" for name in RECORD for part in ("title", "what", "holds", "fails", "advice")
    }
    told |= {f"question.{name}.{part}" for name in QUESTIONS for part in ("title", "about")}
    told |= {f"verdict.{name}_{kind}" for name in QUESTIONS for kind in ("failed", "nearly", "undecided")}
    told |= {f"{place}.{state}" for place in ("generic", "exactly") for state in STATES}
    assert told - set(table) == set()
    more = {f"score.{name}.{part}" for name in RECORD for part in (*STATES, "parts", "reason")}
    assert {key for key in table if key.startswith("score.")} - told - more == set()


def test_every_score_that_a_question_makes_may_be_named_in_a_gate() -> None:
    """Read off the sources: scores are made as Score("name", ...) or name="..."."""
    home = Path(sampan.evaluate.__file__).parent
    made = set()
    for file in home.rglob("*.py"):
        made |= set(re.findall(r"\bScore\(\s*(?:name=)?\"(\w+)\"", file.read_text(encoding="utf-8")))
    assert made - set(NAMES) == set()


def test_the_questions_tell_what_the_sentences_fill_in() -> None:
    """With the questions themselves: every sentence of every score can be said, whatever its state."""
    pytest.importorskip("sklearn")
    sides = toy_sides(600, 300)
    three = tuple(np.arange(side.rows) // 3 for side in sides.each)
    scores = [
        *look(replace(sides, key="customer", groups=three)),
        *given(sides),
        *found(sides)[0],
        *work(sides, target="churned"),
        *treated(sides, protected=["sex"], target="churned"),
    ]
    held = {score.name: set(score.facts) for score in scores}
    assert {score.question for score in scores} == set(QUESTIONS)
    assert set(held) == set(RECORD)
    table = words().table
    for name in RECORD:
        for part in STATES:
            wanted = fills(table.get(f"score.{name}.{part}", ""))
            assert wanted - FILLED - held.get(name, set()) == set(), (name, part)


@pytest.mark.parametrize("tag", ["zh", "zh-HK", "ZH-TW", "zh-Hant"])
def test_traditional_chinese_has_several_names(tag: str) -> None:
    assert words(tag).language == "zh-Hant"


def test_another_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(RequestError, match="zh-Hant") as caught:
        words("zh-Hand")
    assert 'Did you mean "zh-Hant"' in caught.value.what


def test_figures_are_written_for_people() -> None:
    english = words()
    assert english.figure(0.4567, "%") == "0.46 %"
    assert english.figure(1.2, "points") == "1.20 points"
    assert english.figure(math.nan, "%") == "–" == english.figure(math.inf)
    assert english.figure(1.6e-53) == "1.6e-53"
    assert english.interval(0.1, math.nan, "%") == ""
    assert percentage(9.996) == "10.0" and percentage(-0.001) == ">-0.01"
    assert words("zh").several(["甲", "乙", "丙"]) == "甲、乙及丙"


LAWS = {
    "price is one value for each product": "每個 product 只有一個 price",
    "post is one value for each street and town": "每對 street 與 town 只有一個 post",
    "age = full years from born to checkin": "age = born 至 checkin 的足年數",
    "nights = days from come to go": "nights = come 至 go 的日數",
    "fee is 0 where kept = yes, and only there": "kept = yes 時 fee 為 0，也只在此時",
    "told is missing where fee is 0": "fee 為 0 時 told 缺值",
    "points: multiples of 25": "points：25 的倍數",
    "price: at most 1 decimal": "price：最多 1 位小數",
    "net = qty * price": "net = qty * price",
}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_told_in_the_language_of_the_report(law: str) -> None:
    assert words().law(law) == law
    assert words("zh").law(law) == LAWS[law]


def test_the_count_of_a_question_is_of_all_its_scores_by_their_marks() -> None:
    floor = {"floor": 1.0, "floor_low": 0.9, "floor_high": 1.1}

    def score(name: str, passed: bool | None, value: float) -> Score:
        return Score(name, "look", value, "lower", passed, value - 0.1, value + 0.1, **floor)

    scores = [score("shape", True, 1.0), score("trend", False, 9.0), score("c2st", None, math.nan)]
    assert counted(scores, words()) == "1 of 3 passed, 1 failed, 1 not known"
    assert counted(scores, words("zh")) == "3 項中 1 項通過、1 項未通過、1 項未能判斷"
    assert counted(scores[2:], words()) == "nothing could be decided"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_marks_are_explained_and_the_gate_names_first_what_the_headline_names(language: str) -> None:
    report, told = toy_mixed(bad=True), words(language)
    lines = report.lines(language)
    met = {standing(score) for score in report.scores} | {standing_of(report.of(name)) for name in QUESTIONS}
    key = next(line for line in lines if line.startswith("+ "))
    assert all(told.say(f"state.{name}") in key for name in met)
    worst = headline(report.of("look"))
    assert worst is not None
    (atom,) = [atom for atom in report.decision.atoms if atom.text == "faithful"]
    failed = [score for score in report.scores if score.name in atom.scores]
    first = headline(failed)
    assert first is not None
    assert atom_told(atom, report, told).startswith(told.title(first.name))
