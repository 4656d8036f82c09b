"""Columns: every column of numbers or categories, real against made."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import Legend, bars, brief, histogram, share
from sampan.evaluate.report.page.scores import known, named_parts
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Part

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

DRAWN = 48
"""Columns drawn one by one, the furthest first: twelve rows of four, three sheets of paper."""


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
