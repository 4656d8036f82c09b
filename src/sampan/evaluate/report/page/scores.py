"""Scores of a question: a row for each, with its figures, its drawing, what it found and where from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import gauge, mark
from sampan.evaluate.report.sentences import (
    ORDER,
    advice,
    counted,
    excess_told,
    notes,
    score_told,
    skipped,
    state,
)
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Part, Question, Score
from sampan.evaluate.state import standing as standing_of_score

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

FIGURES = ("value", "floor", "reference")
"""The figures of a score that stand beside each other."""

PARTS = 12
"""Parts of a score that the page lists; the JSON holds all."""


def known(figure: float) -> bool:
    """Whether there is a figure."""
    return math.isfinite(figure)


def gauge_of(score: Score, words: Words) -> str:
    """A score beside its floor, drawn."""
    told = words.say(
        "figure.gauge",
        {"value": words.figure(score.value, score.unit), "floor": words.figure(score.floor, score.unit)},
    )
    return gauge(
        (score.value, score.low, score.high),
        (score.floor, score.floor_low, score.floor_high),
        score.reference,
        standing_of_score(score),
        told,
        score.unit,
    )


def legend(scores: Sequence[Score], words: Words, column: str = "") -> str:
    """What the marks of the drawings stand for. column: of points, if the scores are of one."""
    marks = [("dot", "made"), ("whisker", "interval"), ("floor", "floor")]
    marks += [("reference", "reference")] * _referred(scores)
    fill = {"records": escape(words.records_of(column))}
    told = "".join(
        f'<span><i class="{kind}"></i>{words.say(f"key.{name}", fill)}</span>' for kind, name in marks
    )
    return f'<p class="key" aria-hidden="true">{told}</p>'


def _referred(scores: Sequence[Score]) -> bool:
    """Whether any has a reference, which is left out where none has."""
    return any(known(score.reference) for score in scores)


def table(scores: Sequence[Score], words: Words) -> str:
    """Scores one below the other, under the names of their figures."""
    shown = FIGURES if _referred(scores) else FIGURES[:-1]
    columns = "".join(f"<span>{words.say(f'figure.{name}')}</span>" for name in shown)
    columns += "<span></span>" * (len(FIGURES) - len(shown))
    heads = f'<div class="heads" aria-hidden="true"><span></span><span></span>{columns}<span></span></div>'
    return f'<div class="scores">{heads}{"".join(_score(score, words, shown) for score in scores)}</div>'


def named_parts(scores: Sequence[Score], name: str) -> dict[str, Part]:
    """The parts of the score of a name, by what they are of."""
    return {part.name: part for score in scores if score.name == name for part in score.parts}


def _score(score: Score, words: Words, shown: Sequence[str]) -> str:
    standing = standing_of_score(score)
    figures = _figures(score, words, shown)
    what = words.table.get(words.key(score, "what"), "").format_map(words.of_column(score.column))
    title = words.table.get(words.key(score, "title"), score.measure)
    better = words.say(f"figure.{score.better}")
    todo = advice(score, words)
    todo = f'<p class="advice">{escape(todo)}</p>' if todo else ""
    paired = excess_told(score, words)
    paired = f'<p class="soft">{escape(paired)}</p>' if paired else ""
    code = f" <code>{escape(score.name)}</code>" if title != score.name else ""
    return (
        f'<article class="score {standing}">{mark(standing, words.say(f"exactly.{score.state}"))}'
        f'<div class="name"><h3>{escape(title)}{code}</h3>'
        f'<p class="soft">{escape(what)} {better}</p></div>'
        f'<dl>{figures}</dl><div class="drawing">{gauge_of(score, words)}</div>'
        f'<div class="told"><p>{escape(score_told(score, words))}</p>{paired}{todo}'
        f"{_parts(score, words)}</div>"
        "</article>"
    )


def _figures(score: Score, words: Words, shown: Sequence[str]) -> str:
    """Its figures, each with its interval; a reference that it lacks is left out."""
    ends = {"value": (score.low, score.high), "floor": (score.floor_low, score.floor_high)}
    cells = []
    for name in FIGURES:
        figure = getattr(score, name)
        if name not in shown or (name == "reference" and not known(figure)):
            cells.append("<div></div>")
            continue
        interval = words.interval(*ends.get(name, (math.nan, math.nan)), score.unit)
        told = words.figure(figure, score.unit) + (f"<small>{interval}</small>" if interval else "")
        cells.append(f"<div><dt>{words.say(f'figure.{name}')}</dt><dd>{told}</dd></div>")
    return "".join(cells)


def _parts(score: Score, words: Words) -> str:
    """The parts of a score as a table; open where an attack says what it would have found."""
    if not score.parts:
        return ""
    shown = score.parts[:PARTS]
    power = any(known(part.power) for part in score.parts)
    ends = any(known(part.low) for part in shown)
    planted = "torn" if score.measure == "rules" else "power"
    heads = ["part", "value", *["interval"] * ends, "floor", *[planted] * power]
    rows = []
    for part in shown:
        cells = [words.figure(part.value, score.unit)]
        cells += [words.interval(part.low, part.high, score.unit)] * ends
        cells += [words.figure(part.floor, score.unit)]
        cells += [words.figure(part.power, score.unit)] * power
        sign = (
            mark(state(part.passed), words.say(f"state.{state(part.passed)}")) if part.passed is False else ""
        )
        rows.append(
            f'<tr><th scope="row">{escape(_name(part.name, score, words))}{sign}</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    top = "".join(f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in heads)
    left = len(score.parts) - len(shown)
    more = f'<p class="soft">{words.say("figure.parts_more", {"count": f"{left:,}"})}</p>' if left else ""
    what = words.table.get(words.key(score, "parts"), "")
    about = f'<p class="soft">{what}</p>' if what else ""
    return (
        f"<details{' open' if power else ''}><summary>{words.say('figure.parts')}</summary>{about}"
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{more}</details>"
    )


def _name(part: str, score: Score, words: Words) -> str:
    """What a part is called: a law, a space that cells are compared in, or as it is."""
    if score.column:
        return words.table.get(f"space.{part}", part)
    return words.law(part) if score.name == "rules" else part


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
