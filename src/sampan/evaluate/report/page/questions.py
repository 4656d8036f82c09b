"""Questions: each with what was asked, what must be known of it, and its scores."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import mark
from sampan.evaluate.report.page.scores import legend, table
from sampan.evaluate.report.sentences import ORDER, counted, notes, skipped
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Question, Score

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report


def question_section(report: Report, question: Question, words: Words) -> str:
    """A question: what it asks, what must be known before its figures, and its scores."""
    every = report.of(question)
    scores = [score for score in every if not score.column]
    about = f'<p class="soft">{words.say(f"question.{question}.about")}</p>'
    why = skipped(report, question, words)
    apart = "".join(
        f'<p class="soft"><a href="#points-{i}">{escape(_of(shown.column, every, words))}</a></p>'
        for i, shown in enumerate(report.shown, 1)
        if any(score.column == shown.column for score in every)
    )
    if not every:
        standing = f"{mark('skipped', words.say('state.skipped'))}<span>{words.say('state.skipped')}</span>"
        return f'{about}<p class="state">{standing}</p><p>{escape(why)}</p>'
    # a question may be asked in part, where the extra of one of its scores is not installed
    noted = "".join(f'<p class="notice">{escape(told)}</p>' for told in (why, *notes(scores, words)) if told)
    if not scores:
        return f"{about}{noted}{apart}"
    asked = [name for name in ORDER if any(not score.column for score in report.of(name))]
    key = legend(scores, words) if question == asked[0] else ""  # once is enough: all drawings are read alike
    return f"{about}{noted}{key}{table(scores, words)}{apart}"


def _of(column: str, scores: Sequence[Score], words: Words) -> str:
    """How many scores of a column of points passed; they stand in its own section."""
    told = counted([score for score in scores if score.column == column], words)
    return words.say("page_points.also", {"column": column, "told": told})
