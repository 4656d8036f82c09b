"""Sentences: what a report on pictures says of each score, chosen by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampan.evaluate.gate import DEFAULT_GATE
from sampan.evaluate.report.sentences import because, filled, state
from sampan.evaluate.report.words import Words, words
from sampan.evaluate.score import Question, Score
from sampan.evaluate.state import Standing, standing_of

if TYPE_CHECKING:
    from sampan.evaluate.pictures.report import PictureReport

ASKED: tuple[Question, ...] = ("look", "work", "found")
"""The questions that are asked of pictures."""


def picture_words(language: str = "en") -> Words:
    """The words of a report on pictures. Raises RequestError for a language without words.

    >>> picture_words("zh").title("copies"), picture_words().title("copies")
    ('抄襲', 'Copies')
    """
    return words(language, "sampan.evaluate.pictures")


def facts_of(score: Score, words: Words) -> dict[str, str]:
    """What the sentences of a score fill in."""
    return {
        name: value if isinstance(value, str) else f"{value:,.0f}" if value % 1 == 0 else f"{value:+.3f}"
        for name, value in score.facts.items()
    }


def what_of(score: Score, words: Words) -> str:
    """What a score measures; nothing of one without words."""
    return words.table.get(f"score.{score.name}.what", "").format_map(facts_of(score, words))


def said_of(score: Score, words: Words) -> str:
    """What was found, by its state."""
    key = words.either(f"score.{score.name}.{score.state}", f"generic.{score.state}")
    return words.say(key, {**filled(score, words), **facts_of(score, words)})


def whole(report: PictureReport) -> Standing:
    """The word for the whole, as in a report on tables."""
    if report.passed is True or report.gate.split() != DEFAULT_GATE.split():
        return state(report.passed)
    held = {standing_of(scores) for scores in of_each(report).values()}
    return "failed" if "failed" in held else "nearly" if "nearly" in held else "undecided"


def of_each(report: PictureReport) -> dict[Question, list[Score]]:
    """The scores of every question that is asked of pictures."""
    return {name: [score for score in report.scores if score.question == name] for name in ASKED}


def verdict(report: PictureReport, words: Words) -> str:
    """The result in one sentence, with the score that decided."""
    if report.passed is True:
        return words.say("verdict.default_passed")
    told = []
    for kind in ("failed", "nearly", "undecided"):
        told += [
            because(name, held, words) for name, held in of_each(report).items() if standing_of(held) == kind
        ]
    listed = words.say("figure.stop").join(told) or words.say("verdict.gate")
    return words.say(f"verdict.default_{whole(report)}", {"told": listed})


def limits(report: PictureReport, words: Words) -> list[str]:
    """What the report does not say."""
    told = [words.table.get(f"skipped.{why}", why) for why in report.skipped.values()]
    if report.features_file is None:
        told.append(words.say("limit.features"))
    else:
        rows = f"{report.compared:,}"
        told.append(words.say("limit.file", {"file": report.features_file, "rows": rows}))
    return [*told, words.say("limit.part")]
