"""Page: a report as one HTML file, without script and without anything fetched.

It opens from a disk, in an e-mail and on a phone, in light and dark, and prints to A4.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from sampan.evaluate.report.charts import (
    Cell,
    Legend,
    bars,
    brief,
    gauge,
    heat_map,
    histogram,
    mark,
    places,
    share,
)
from sampan.evaluate.report.sentences import (
    ORDER,
    advice,
    atom_told,
    counted,
    excess_told,
    headline,
    limits,
    notes,
    score_told,
    skipped,
    state,
    verdict,
    whole,
)
from sampan.evaluate.report.words import DASH, Words
from sampan.evaluate.score import Part, Question, Score
from sampan.evaluate.state import standing as standing_of_score
from sampan.evaluate.state import standing_of

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

DRAWN = 48
"""Columns drawn one by one, the furthest first: twelve rows of four, three sheets of paper."""

MAPPED = 24
"""Columns in the map of pairs: those of the furthest pairs. More do not fit on a sheet."""

LEAST_FULL = 4.0
"""Per cent at which a cell of the map has its full colour, at least: errors near 0 stay pale."""

PARTS = 12
"""Parts of a score that the page lists; the JSON holds all."""

EXAMPLES, EXAMPLE_COLUMNS = 6, 60
"""Made rows, and columns of them, that are shown."""


LONG = 220
"""Letters above which a verdict is set smaller."""

NO_BREAK = "\N{NO-BREAK SPACE}"

_UNIT = re.compile(r"(?<=\d) %")
"""Where a line must not break."""


def page(report: Report, words: Words, show_real: bool = False) -> str:
    """The report as HTML. show_real: also what single real rows hold, for a copy that stays in the house."""
    style = files("sampan.evaluate.report").joinpath("style.css").read_text(encoding="utf-8")
    sections = [
        ("columns", words.say("page.columns"), _columns(report, words, show_real)),
        ("pairs", words.say("page.pairs"), _pairs(report, words)),
        *((name, words.say(f"question.{name}.title"), _question(report, name, words)) for name in ORDER),
        ("closest", words.say("page.closest"), _closest(report, words, show_real)),
        ("examples", words.say("page.examples"), _examples(report, words)),
        ("notes", words.say("page.notes"), _notes(report, words)),
        ("limits", words.say("page.limits"), _limits(report, words)),
        ("made-by", words.say("page.made_by"), _made_by(report, words)),
    ]
    kept = [section for section in sections if section[2]]
    links = "".join(f'<a href="#{place}">{escape(title)}</a>' for place, title, _ in kept)
    body = "".join(
        f'<section id="{place}" class="part"><h2>{escape(title)}</h2>{inner}</section>'
        for place, title, inner in kept
    )
    whole = (
        f'{_head(report, words, show_real)}<nav aria-label="{words.say("page.contents")}">{links}</nav>{body}'
        f"<footer><p>{words.say('note.sensitive' if show_real else 'note.safe')}</p></footer>"
    )
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title)} {DASH} {words.say('page.kind')}</title>"
        f"<style>{style}</style></head>\n"
        f"<body><main>{_UNIT.sub(NO_BREAK + '%', whole)}</main></body></html>\n"
    )


# --- the verdict
def _head(report: Report, words: Words, show_real: bool) -> str:
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
            f'<p class="big">{words.figure(one.value, one.unit)}</p>{_gauge(one, words)}'
            f'<p class="soft">{floor}</p>'
        )
    told = f'<p class="soft count">{counted(scores, words)}</p>' if scores else ""
    return (
        f'<article class="tile {standing}"><h2><a href="#{question}">{title}</a></h2>'
        f'<p class="state">{head}</p>{inner}{told}</article>'
    )


def known(figure: float) -> bool:
    """Whether there is a figure."""
    return math.isfinite(figure)


def _gauge(score: Score, words: Words) -> str:
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
    )


# --- columns and pairs
def _parts_of(report: Report, name: str) -> dict[str, Part]:
    return {part.name: part for score in report.scores if score.name == name for part in score.parts}


def _columns(report: Report, words: Words, show_real: bool) -> str:
    """Every column real against made, in the order of the parts of `shape`, which come worst first."""
    sides, errors = report.sides, _parts_of(report, "shape")
    names = [name for name in errors if name in sides.kinds]
    names += [name for name in sides.kinds if name not in errors]
    if not names:
        return ""
    cards = "".join(_card(report, name, errors.get(name), words, show_real) for name in names[:DRAWN])
    fill = {"shown": DRAWN, "all": len(names)}
    cut = f'<p class="soft">{words.say("page.columns_cut", fill)}</p>' if len(names) > DRAWN else ""
    key = (
        f'<p class="key" aria-hidden="true"><span><i class="real"></i>{words.say("key.real")}</span>'
        f'<span><i class="made"></i>{words.say("key.made")}</span>'
        f'<span><i class="band"></i>{words.say("figure.band")}</span></p>'
    )
    return f'<p class="soft">{words.say("page.columns_note")}</p>{key}<div class="cards">{cards}</div>{cut}'


def _card(report: Report, name: str, error: Part | None, words: Words, show_real: bool) -> str:
    sides = report.sides
    match sides.kinds[name]:
        case "number":
            legend = _legend(words, "figure.histogram", name)
            seen, made = sides.seen.numbers[name], sides.made.numbers[name]
            tick = sides.ticks.get(name, brief)
            drawing = histogram(seen, made, tick, legend, band=True, redacted=not show_real)
        case "category":
            legend = _legend(words, "figure.bars", name)
            seen, made = sides.seen.codes[name], sides.made.codes[name]
            drawing = bars(seen, made, sides.labels[name], legend, redacted=not show_real)
    told = []
    if error is not None:
        fill = {"value": words.figure(error.value, "%"), "floor": words.figure(error.floor, "%")}
        plain = words.say("figure.beside", fill) if known(error.floor) else fill["value"]
        told.append(f'<span class="figure">{plain}</span>')
    gone = [float(side.missing(name).mean()) if side.rows else 0.0 for side in (sides.seen, sides.made)]
    if any(gone):
        told.append(words.say("figure.missing", {"seen": share(gone[0]), "made": share(gone[1])}))
    far = " far" if error is not None and error.passed is False else ""
    title = escape(name)
    return (
        f'<article class="card{far}"><h3 title="{title}">{title}</h3>'
        f'<p class="soft">{" · ".join(told)}</p>{drawing}</article>'
    )


def _legend(words: Words, key: str, name: str) -> Legend:
    return Legend(
        words.say("figure.spike"),
        words.say("figure.others"),
        words.say("figure.empty"),
        words.say(key, {"name": name}),
    )


def _pairs(report: Report, words: Words) -> str:
    """The parts of `trend` as a map: made above the diagonal, real rows below it."""
    parts = _parts_of(report, "trend")
    names = list(report.sides.kinds)
    held = {
        (a, b): parts[told]
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if (told := f"{a} × {b}") in parts
    }
    worst = sorted(held.items(), key=lambda one: -_excess(one[1]))
    mapped = list(dict.fromkeys(name for pair, _ in worst for name in pair))[:MAPPED]
    if len(mapped) < 2:
        return ""
    place = {name: i for i, name in enumerate(name for name in names if name in mapped)}
    drawn = [(pair, part) for pair, part in worst if pair[0] in place and pair[1] in place]
    figures = [f for _, part in drawn for f in (part.value, part.floor) if known(f)]
    full = max(LEAST_FULL, math.ceil(max(figures, default=0.0)))
    cells: dict[tuple[int, int], Cell] = {}
    for (a, b), part in drawn:
        i, j = sorted((place[a], place[b]))
        fill = {"value": words.figure(part.value, "%"), "floor": words.figure(part.floor, "%")}
        told = f"{part.name}{words.say('figure.colon')}{words.say('figure.beside', fill)}"
        cells[i, j] = Cell(part.value, told)
        if known(part.floor):
            cells[j, i] = Cell(part.floor, told)
    note = "page.pairs_note" if any(known(part.floor) for _, part in drawn) else "page.pairs_no_floor"
    cut = words.say("page.pairs_cut", {"shown": len(place)}) if len(place) < len(names) else ""
    listed = "".join(
        f"<li>{escape(a)} × {escape(b)}<span>{words.figure(part.value, '%')}"
        f"<small>{words.say('figure.floor')} {words.figure(part.floor, '%')}</small></span></li>"
        for (a, b), part in worst[:8]
    )
    drawing = heat_map(list(place), cells, full, label=words.say("figure.map"))
    return (
        f'<p class="soft">{words.say(note, {"full": f"{full:.0f} %"})} {cut}</p>'
        f'<div class="pairs"><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{words.say("page.pairs")}">{drawing}</div>'
        f'<div class="worst"><h3>{words.say("page.pairs_worst")}</h3><ol>{listed}</ol></div></div>'
    )


def _excess(part: Part) -> float:
    return part.value - (part.floor if known(part.floor) else 0.0)


# --- the questions
def _question(report: Report, question: Question, words: Words) -> str:
    scores = report.of(question)
    about = f'<p class="soft">{words.say(f"question.{question}.about")}</p>'
    if not scores:
        why = skipped(report, question, words)
        standing = f"{mark('skipped', words.say('state.skipped'))}<span>{words.say('state.skipped')}</span>"
        return f'{about}<p class="state">{standing}</p><p>{escape(why)}</p>'
    columns = "".join(
        f"<span>{words.say(f'figure.{name}')}</span>" for name in ("value", "floor", "reference")
    )
    asked = [name for name in ORDER if report.of(name)]
    # once is enough: the drawings of all questions are read alike
    key = question == asked[0] and (
        f'<p class="key" aria-hidden="true"><span><i class="dot"></i>{words.say("key.made")}</span>'
        f'<span><i class="whisker"></i>{words.say("key.interval")}</span>'
        f'<span><i class="floor"></i>{words.say("key.floor")}</span>'
        f'<span><i class="reference"></i>{words.say("key.reference")}</span></p>'
    )
    rows = "".join(_score(score, words) for score in scores)
    heads = f'<div class="heads" aria-hidden="true"><span></span><span></span>{columns}<span></span></div>'
    # a question may be asked in part, where the extra of one of its scores is not installed
    said = [skipped(report, question, words), *notes(scores, words)]
    noted = "".join(f'<p class="notice">{escape(told)}</p>' for told in said if told)
    return f'{about}{noted}{key or ""}<div class="scores">{heads}{rows}</div>'


def _score(score: Score, words: Words) -> str:
    standing = standing_of_score(score)
    interval = words.interval(score.low, score.high, score.unit)
    floor_interval = words.interval(score.floor_low, score.floor_high, score.unit)
    figures = "".join(
        f"<div><dt>{words.say(f'figure.{name}')}</dt><dd>{words.figure(value, score.unit)}"
        + (f"<small>{ends}</small>" if ends else "")
        + "</dd></div>"
        for name, value, ends in (
            ("value", score.value, interval),
            ("floor", score.floor, floor_interval),
            ("reference", score.reference, ""),
        )
    )
    what = words.table.get(f"score.{score.name}.what", "")
    better = words.say(f"figure.{score.better}")
    todo = advice(score, words)
    todo = f'<p class="advice">{escape(todo)}</p>' if todo else ""
    paired = excess_told(score, words)
    paired = f'<p class="soft">{escape(paired)}</p>' if paired else ""
    code = f" <code>{escape(score.name)}</code>" if words.title(score.name) != score.name else ""
    return (
        f'<article class="score {standing}">{mark(standing, words.say(f"exactly.{score.state}"))}'
        f'<div class="name"><h3>{escape(words.title(score.name))}{code}</h3>'
        f'<p class="soft">{escape(what)} {better}</p></div>'
        f'<dl>{figures}</dl><div class="drawing">{_gauge(score, words)}</div>'
        f'<div class="told"><p>{escape(score_told(score, words))}</p>{paired}{todo}'
        f"{_parts(score, words)}</div>"
        "</article>"
    )


def _parts(score: Score, words: Words) -> str:
    """The parts of a score as a table; open where an attack says what it would have found."""
    if not score.parts:
        return ""
    shown, laws = score.parts[:PARTS], score.name == "rules"
    power = any(known(part.power) for part in score.parts)
    ends = any(known(part.low) for part in shown)
    heads = ["part", "value", *["interval"] * ends, "floor", *["power"] * power]
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
            f'<tr><th scope="row">{escape(words.law(part.name) if laws else part.name)}{sign}</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    top = "".join(f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in heads)
    left = len(score.parts) - len(shown)
    more = f'<p class="soft">{words.say("figure.parts_more", {"count": f"{left:,}"})}</p>' if left else ""
    what = words.table.get(f"score.{score.name}.parts", "")
    about = f'<p class="soft">{what}</p>' if what else ""
    return (
        f"<details{' open' if power else ''}><summary>{words.say('figure.parts')}</summary>{about}"
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{more}</details>"
    )


# --- rows to look at
def _closest(report: Report, words: Words, show_real: bool) -> str:
    if not report.closest:
        return ""
    heads = "".join(
        f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in ("distance", "unseen", "equal")
    )
    rows, details = [], []
    for number, pair in enumerate(report.closest, 1):
        title = words.say("page.pair", {"number": number})
        equal = sum(pair.made[name] == pair.seen.get(name) for name in pair.made)
        rows.append(
            f'<tr><th scope="row">{title}</th><td>{words.figure(pair.distance)}</td>'
            f"<td>{words.figure(pair.unseen)}</td><td>{equal} / {len(pair.made)}</td></tr>"
        )
        if show_real:
            cells = "".join(
                f"<tr{' class=same' * (pair.made[name] == pair.seen.get(name))}>"
                f'<th scope="row">{escape(name)}</th>'
                f"<td>{escape(pair.made[name])}</td><td>{escape(pair.seen.get(name, ''))}</td></tr>"
                for name in pair.made
            )
            top = "".join(
                f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in ("column", "made", "seen")
            )
            details.append(
                f"<details><summary>{title}{words.say('figure.colon')}{words.figure(pair.distance)}</summary>"
                f'<div class="scroll"><table class="text"><thead><tr>{top}</tr></thead>'
                f"<tbody>{cells}</tbody></table></div></details>"
            )
    hidden = "" if show_real else f" {words.say('page.closest_redacted')}"
    return (
        f'<p class="soft">{words.say("page.closest_note")}{hidden}</p><div class="scroll"><table>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f'<div class="pairwise">{"".join(details)}</div>'
    )


def _examples(report: Report, words: Words) -> str:
    """Made rows side by side, their columns one below the other: that fits a phone and a sheet of paper."""
    shown = report.examples[:EXAMPLES]
    if not shown:
        return ""
    names = list(shown[0])
    heads = "".join(
        f'<th scope="col">{words.say("page.example", {"number": i})}</th>' for i in range(1, len(shown) + 1)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(str(row.get(name, '')))}</td>" for row in shown)
        + "</tr>"
        for name in names[:EXAMPLE_COLUMNS]
    )
    fill = {"shown": EXAMPLE_COLUMNS, "all": len(names)}
    cut = words.say("page.examples_cut", fill) if len(names) > EXAMPLE_COLUMNS else ""
    return (
        f'<p class="soft">{words.say("page.examples_note")} {cut}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{words.say("page.examples")}">'
        f'<table class="text"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _notes(report: Report, words: Words) -> str:
    """What was changed, left out or guessed on the way from the data to the made rows."""
    if not report.notes:
        return ""
    listed = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    return f'<p class="soft">{words.say("page.notes_note")}</p><ul>{listed}</ul>'


def _limits(report: Report, words: Words) -> str:
    return "<ul>" + "".join(f"<li>{escape(told)}</li>" for told in limits(report, words)) + "</ul>"


def _made_by(report: Report, words: Words) -> str:
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
