"""Head: the verdict, the gate piece by piece, how much was compared, and a tile for each question."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import mark, places
from sampan.evaluate.report.page.scores import gauge_of, known
from sampan.evaluate.report.sentences import (
    ORDER,
    atom_told,
    counted,
    headline,
    skipped,
    state,
    verdict,
    whole,
)
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Question
from sampan.evaluate.state import standing_of

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

LONG = 220
"""Letters above which a verdict is set smaller."""


def head(report: Report, words: Words, show_real: bool) -> str:
    """The top of the page, as far down as the tiles."""
    standing, said = whole(report), verdict(report, words)
    long = " long" * (places(said) > LONG)
    sizes = {name: f"{report.sizes[name]:,}" for name in ("seen", "unseen", "made")}
    sizes |= {"seconds": f"{report.seconds:,.0f}", "seed": str(report.seed)}
    facts = "".join(
        f"<div><dt>{words.say(f'sides.{n}')}</dt><dd>{told}</dd></div>" for n, told in sizes.items()
    )
    note, kind = ("shows_rows", "notice real") if show_real else ("redacted", "notice")
    warned = f'<p class="{kind}">{words.say(f"note.{note}")}</p>'
    tiles = "".join(_tile(report, question, words) for question in ORDER)
    return (
        f'<header><p class="kind"><span>Sampan</span><span>{words.say("page.kind")}</span></p>'
        f"<h1>{escape(report.title)}</h1>"
        f'<div class="verdict {standing}{long}">{mark(standing, words.say(f"state.{standing}"))}'
        f"<p>{escape(said)}</p></div>"
        f'{_gate(report, words)}<dl class="facts">{facts}</dl>{warned}</header>'
        f'<section class="tiles" aria-label="{words.say("page.summary")}">{tiles}</section>'
    )


def _gate(report: Report, words: Words) -> str:
    rows = []
    for atom in report.decision.atoms:
        standing = state(atom.in_order) if atom.counted else "skipped"
        held = words.say("state.skipped" if atom.why == "not asked" else f"atom.{state(atom.holds)}")
        negated = "" if atom.wanted else f" ({words.say('atom.negated')})"
        rows.append(
            f"<li>{mark(standing, words.say(f'state.{standing}'))}<code>{escape(atom.text)}</code>"
            f"<span><b>{held}</b>{negated}{words.say('figure.colon')}"
            f"{escape(atom_told(atom, report, words))}</span></li>"
        )
    return (
        f'<section class="gate"><h2>{words.say("page.gate")}</h2>'
        f'<p class="expression"><code>{escape(report.gate)}</code>'
        f'<span class="soft">{words.say("page.gate_note")}</span></p><ul>{"".join(rows)}</ul></section>'
    )


def _tile(report: Report, question: Question, words: Words) -> str:
    scores = report.of(question)
    standing = standing_of(scores)
    title = words.say(f"question.{question}.title")
    head = f"{mark(standing, words.say(f'state.{standing}'))}<span>{words.say(f'state.{standing}')}</span>"
    one = headline(scores)
    if one is None:
        inner = f'<p class="soft">{escape(skipped(report, question, words))}</p>'
    else:
        floor = f"{words.say('figure.floor')} {words.figure(one.floor, one.unit)}" if known(one.floor) else ""
        inner = (
            f'<p class="which">{escape(words.title(one.name))}</p>'
            f'<p class="big">{words.figure(one.value, one.unit)}</p>{gauge_of(one, words)}'
            f'<p class="soft">{floor}</p>'
        )
    told = f'<p class="soft count">{counted(scores, words)}</p>' if scores else ""
    return (
        f'<article class="tile {standing}"><h2><a href="#{question}">{title}</a></h2>'
        f'<p class="state">{head}</p>{inner}{told}</article>'
    )
