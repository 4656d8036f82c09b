"""Columns: every column of numbers or categories, real against made, and every two of them as a map."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import Cell, Legend, bars, brief, heat_map, histogram, share
from sampan.evaluate.report.page.scores import known, named_parts
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Part

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

DRAWN = 48
"""Columns drawn one by one, the furthest first: twelve rows of four, three sheets of paper."""

MAPPED = 24
"""Columns in the map of pairs: those of the furthest pairs. More do not fit on a sheet."""

LEAST_FULL = 4.0
"""Per cent at which a cell of the map has its full colour, at least: errors near 0 stay pale."""


def columns(report: Report, words: Words, show_real: bool) -> str:
    """Every column real against made, in the order of the parts of `shape`, which come worst first."""
    sides, errors = report.sides, named_parts(report.scores, "shape")
    kinds = [name for name, kind in sides.kinds.items() if kind in ("number", "category")]
    names = [name for name in errors if name in kinds] + [name for name in kinds if name not in errors]
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
        case _:
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


def pairs(report: Report, words: Words) -> str:
    """The parts of `trend` as a map: made above the diagonal, real rows below it."""
    parts = named_parts(report.scores, "trend")
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
