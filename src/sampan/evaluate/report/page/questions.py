"""Questions: each with what was asked, what must be known of it, and its scores."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import mark
from sampan.evaluate.report.page.scores import legend, table
from sampan.evaluate.report.sentences import ORDER, notes, skipped
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Question

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report


def question_section(report: Report, question: Question, words: Words) -> str:
    """A question: what it asks, what must be known before its figures, and its scores."""
    scores = report.of(question)
    about = f'<p class="soft">{words.say(f"question.{question}.about")}</p>'
    if not scores:
        why = skipped(report, question, words)
        standing = f"{mark('skipped', words.say('state.skipped'))}<span>{words.say('state.skipped')}</span>"
        return f'{about}<p class="state">{standing}</p><p>{escape(why)}</p>'
    asked = [name for name in ORDER if report.of(name)]
    key = legend(words) if question == asked[0] else ""  # once is enough: all drawings are read alike
    # a question may be asked in part, where the extra of one of its scores is not installed
    said = [skipped(report, question, words), *notes(scores, words)]
    noted = "".join(f'<p class="notice">{escape(told)}</p>' for told in said if told)
    return f"{about}{noted}{key}{table(scores, words)}"
