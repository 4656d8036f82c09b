"""Sentences: what a report on pictures says of each score, chosen by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampan.evaluate.report.sentences import state
from sampan.evaluate.report.words import Words, words
from sampan.evaluate.score import Score

if TYPE_CHECKING:
    from sampan.evaluate.pictures.report import PictureReport

FAILING = ("look", "work", "found")
"""The questions that are asked of pictures."""


def picture_words(language: str = "en") -> Words:
    """The words of a report on pictures. Raises RequestError for a language without words.

    >>> picture_words("zh").title("copies"), picture_words().title("copies")
    ('抄襲', 'Copies')
    """
    return words(language, "sampan.evaluate.pictures")


def facts_of(score: Score, words: Words) -> dict[str, str]:
    """What the sentences of a score fill in."""
    fill = {
        name: value if isinstance(value, str) else f"{value:,.0f}" if value % 1 == 0 else f"{value:+.3f}"
        for name, value in score.facts.items()
    }
    if "says" in fill:
        fill["says"] = words.say(f"gain.{fill['says']}")
    return fill


def what_of(score: Score, words: Words) -> str:
    """What a score measures; nothing of one without words."""
    return words.table.get(f"score.{score.name}.what", "").format_map(facts_of(score, words))


def said_of(score: Score, words: Words) -> str:
    """What was found."""
    standing = state(score.passed)
    key = words.either(f"score.{score.name}.{standing}", "generic.undecided")
    return words.say(key, facts_of(score, words))


def verdict(report: PictureReport, words: Words) -> str:
    """The result in one sentence."""
    failed = [
        words.say(f"verdict.{question}")
        for question in FAILING
        if any(score.passed is False for score in report.scores if score.question == question)
    ]
    listed = words.say("figure.stop").join(failed) or words.say("verdict.gate")
    return words.say(f"verdict.default_{state(report.passed)}", {"failed": listed})


def limits(report: PictureReport, words: Words) -> list[str]:
    """What the report does not say."""
    told = [words.table.get(f"skipped.{why}", why) for why in report.skipped.values()]
    if report.features_file is None:
        told.append(words.say("limit.features"))
    else:
        rows = f"{report.compared:,}"
        told.append(words.say("limit.file", {"file": report.features_file, "rows": rows}))
    return [*told, words.say("limit.part")]
