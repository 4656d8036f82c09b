"""Page: a report as one HTML file, without script and without anything fetched.

It opens from a disk, in an e-mail and on a phone, in light and dark, and prints to A4.
"""

from __future__ import annotations

import re
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.about import limits_, made_by, notes
from sampan.evaluate.report.page.columns import columns, pairs
from sampan.evaluate.report.page.head import head
from sampan.evaluate.report.page.points import points
from sampan.evaluate.report.page.rows import closest, examples
from sampan.evaluate.report.page.scores import question_section
from sampan.evaluate.report.sentences import ORDER
from sampan.evaluate.report.words import DASH, Words
from sampan.letters import plain

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

NO_BREAK = "\N{NO-BREAK SPACE}"

_UNIT = re.compile(r"(?<=\d) %")
"""Where a line must not break."""


def page(report: Report, words: Words, show_real: bool = False) -> str:
    """The report as HTML. show_real: also what single real rows hold, for a copy that stays in the house."""
    style = files("sampan.evaluate.report.page").joinpath("style.css").read_text(encoding="utf-8")
    shown = [
        (
            f"points-{i}",
            words.say("page_points.title", words.of_column(one.column)),
            points(report, one, words, show_real),
        )
        for i, one in enumerate(report.shown, 1)
    ]
    sections = [
        *shown,
        ("columns", words.say("page.columns"), columns(report, words, show_real)),
        ("pairs", words.say("page.pairs"), pairs(report, words)),
        *(
            (name, words.say(f"question.{name}.title"), question_section(report, name, words))
            for name in ORDER
        ),
        ("closest", words.say("page.closest"), closest(report, words, show_real)),
        ("examples", words.say("page.examples"), examples(report, words)),
        ("notes", words.say("page.notes"), notes(report, words)),
        ("limits", words.say("page.limits"), limits_(report, words)),
        ("made-by", words.say("page.made_by"), made_by(report, words)),
    ]
    kept = [section for section in sections if section[2]]
    links = "".join(f'<a href="#{place}">{escape(title)}</a>' for place, title, _ in kept)
    body = "".join(
        f'<section id="{place}" class="part"><h2>{escape(title)}</h2>{inner}</section>'
        for place, title, inner in kept
    )
    whole = (
        f'{head(report, words, show_real)}<nav aria-label="{words.say("page.contents")}">{links}</nav>{body}'
        f"<footer><p>{words.say('note.sensitive' if show_real else 'note.safe')}</p></footer>"
    )
    return plain(
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title)} {DASH} {words.say('page.kind')}</title>"
        f"<style>{style}</style></head>\n"
        f"<body><main>{_UNIT.sub(NO_BREAK + '%', whole)}</main></body></html>\n"
    )
