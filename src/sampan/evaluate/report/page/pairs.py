"""Pairs: every pair of columns, as a map of how far made rows and real rows are from what was learned."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import Cell, heat_map
from sampan.evaluate.report.page.scores import known, named_parts
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Part

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

MAPPED = 24
"""Columns in the map of pairs: those of the furthest pairs. More do not fit on a sheet."""

LEAST_FULL = 4.0
"""Per cent at which a cell of the map has its full colour, at least: errors near 0 stay pale."""


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
