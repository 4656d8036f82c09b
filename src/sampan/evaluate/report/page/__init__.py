"""Page: a report as one HTML file, without script and without anything fetched.

It opens from a disk, in an e-mail and on a phone, in light and dark, and prints to A4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from sampan.evaluate.report.page.columns import columns, pairs
from sampan.evaluate.report.page.head import head
from sampan.evaluate.report.page.points import points
from sampan.evaluate.report.page.rows import closest, examples
from sampan.evaluate.report.page.scores import question_section
from sampan.evaluate.report.sentences import ORDER, limits
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
        ("notes", words.say("page.notes"), _notes(report, words)),
        (
            "limits",
            words.say("page.limits"),
            _listed(limits(report, words)),
        ),
        ("made-by", words.say("page.made_by"), _made_by(report, words)),
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


def _listed(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _notes(report: Report, words: Words) -> str:
    """What was changed, left out or guessed on the way from the data to the made rows."""
    if not report.notes:
        return ""
    listed = _listed([words.typed(note) for note in report.notes])
    return f'<p class="soft">{words.say("page.notes_note")}</p>{listed}'


def _made_by(report: Report, words: Words) -> str:
    """Where the made rows come from, and how this report was made."""
    facts: Mapping[str, Any] = report.made_by or {}
    rows = [(words.table.get(f"by.{name}", name), _fact(value)) for name, value in facts.items()]
    fill = {"seconds": f"{report.seconds:,.0f}", "seed": report.seed}
    rows.append((words.say("by.judge"), words.say("by.judge_value", fill)))
    unknown = "" if facts else f"<p>{words.say('by.unknown')}</p>"
    told = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f'{unknown}<dl class="by">{told}</dl>'


def _fact(value: Any) -> str:
    """A value of a model's card, as text."""
    match value:
        case str():
            return value
        case bool() | None:
            return json.dumps(value)
        case float() | np.floating():
            return f"{float(value):.6g}"
        case Mapping():
            return ", ".join(f"{key} {_fact(inner)}" for key, inner in value.items())
        case Sequence():
            return ", ".join(_fact(inner) for inner in value)
        case _:
            return str(value)
