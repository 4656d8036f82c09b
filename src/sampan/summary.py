"""Summary: a model at a glance, as lines for a console, HTML for a notebook, a figure of how it learned."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sampan.card import Card
from sampan.column import Column
from sampan.curve import Curve
from sampan.figure import letters, new_figure
from sampan.flags import in_python
from sampan.letters import plain
from sampan.media import Medium

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 8
"""Columns that a line names: a screen holds no more."""

ENDS = {
    "budget": "ended by its budget",
    "enough": "ended when held-out rows gained no more",
    "interrupted": "stopped before its end",
}
"""Why a learning ended, as a person reads it."""

UNNAMED = "data"
"""What a table is called that came as a frame."""

WIDE, HIGH = 480, 100
"""Pixels of the learning curve in a notebook, at most."""

BLUE, GREY = "#0b5cad", "#8893a5"
"""Of the curve of rows that were held out, and of that of rows learned from."""

_STYLE = (
    "border-collapse:collapse;font:13px system-ui,sans-serif;margin:.5em 0",
    "padding:.15em .7em .15em 0;text-align:left;vertical-align:top",
    "padding:.15em .7em .15em 0;text-align:left;color:#667",
)

_WHOLE = "font:13px system-ui,sans-serif;max-width:100%;overflow-x:auto"
"""As wide as a notebook is; a wide table is scrolled inside of it."""


def heading(card: Card) -> str:
    """What a model is called: by its file, or, of a frame, which has no name, by its columns."""
    names = list(card.columns)
    told = ", ".join(_cut(name, 16) for name in names[:3]) + ", …" * (len(names) > 3)
    return f"Generator of {told if card.source == UNNAMED else card.source}"


def lines_of(card: Card) -> list[str]:
    """A model in a few lines of 110 letters at most."""
    names = list(card.columns)
    told = ", ".join(_cut(name, 24) for name in names[:COLUMNS])
    more = f", and {len(names) - COLUMNS} more" if len(names) > COLUMNS else ""
    lines = [
        f"{_cut(heading(card), 60)}: {_several(len(names), 'column')}, "
        f"learned from {_several(card.learned_from, 'row')}",
        f"  columns  {_cut(told + more, 98)}",
        f"  family   {card.family}, {card.weights:,} weights",
        f"  learned  {_learned(card)}",
    ]
    if card.rules:
        lines.append(f"  rules    {_several(len(card.rules), 'rule')} between columns: model.rules")
    if card.notes:
        lines.append(f"  notes    {len(card.notes)} on what was changed, left out or guessed: model.notes")
    return [plain(line).replace("\n", "\\n") for line in lines]


def html_of(card: Card, rows: Mapping[str, Column], media: Mapping[str, Medium]) -> str:
    """A model as a notebook shows it: what it is, its columns, how it learned, some made rows.

    rows: made ones, column -> a few cells. media: the columns whose cells are files, which are shown as such.
    """
    parts = [
        f"<b>{html.escape(heading(card))}</b>",
        _table(
            [
                ("family", f"{card.family}, {card.weights:,} weights, seed {card.seed}"),
                ("learned", f"{_learned(card)}; {card.rows_told()}"),
                ("energy", f"about {card.energy_wh} Wh (an estimate)"),
            ]
        ),
        _curve(card),
        f"<details><summary>{_several(len(card.columns), 'column')}</summary>"
        f"{_table(list(card.columns.items()))}</details>",
    ]
    if rows:
        cells = {name: column for name, column in rows.items() if name not in media}
        parts += ["made rows", _rows(cells)] if cells else []
        parts += [
            f"{media[name].many}<br>{_files(rows[name], media[name])}" for name in rows if name in media
        ]
    if card.rules:
        rules = "".join(f"<li>{html.escape(rule)}</li>" for rule in card.rules)
        told = f"{_several(len(card.rules), 'rule')} between columns"
        parts.append(f"<details><summary>{told}</summary><ul>{rules}</ul></details>")
    if card.notes:
        notes = "".join(f"<li>{html.escape(in_python(note))}</li>" for note in card.notes)
        parts.append(
            f"<details><summary>{_several(len(card.notes), 'note')}</summary><ul>{notes}</ul></details>"
        )
    return plain(f'<div style="{_WHOLE}">{"".join(parts)}</div>')


def figure_of(card: Card) -> Figure:
    """The learning curve as a matplotlib figure. Raises MissingExtra."""
    figure, axes = new_figure("Plotting a model", 6.0, 3.0)
    curve = Curve.of(card.history)
    axes.plot(curve.steps, curve.training, label="rows learned from", color=GREY)
    axes.plot(curve.steps, curve.held, label="rows held out", color=BLUE)
    axes.axvline(curve.best, color=BLUE, linestyle=":", label="kept")
    low = curve.low  # the scale of every drawing of it, with the scores themselves as ticks
    axes.set_yscale(
        "function",
        functions=(lambda score: np.sqrt(np.maximum(score - low, 0)), lambda height: low + np.square(height)),
    )
    axes.set_ylim(low, max(curve.high, low + 1e-9))
    axes.set_yticks([round(low + (curve.high - low) * height**2, 3) for height in (0, 0.25, 0.5, 0.75, 1)])
    axes.set_xlabel("steps")
    axes.set_ylabel("score (lower is better)")
    title = f"{heading(card)}, {card.family}"
    axes.set_title(title, **letters(title))
    axes.legend(frameon=False)
    return figure


def _learned(card: Card) -> str:
    history = card.history
    ended = ENDS.get(history["ended"], str(history["ended"]))
    return f"{card.seconds / 60:.2f} minutes, {_several(history['steps'], 'step')}, {ended}"


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _table(pairs: list[tuple[str, str]]) -> str:
    table, cell, head = _STYLE
    rows = "".join(
        f'<tr><th style="{head}">{html.escape(name)}</th><td style="{cell}">{html.escape(text)}</td></tr>'
        for name, text in pairs
    )
    return f'<table style="{table}">{rows}</table>'


def _rows(rows: Mapping[str, Column]) -> str:
    """Cells in a table, long ones cut."""
    table, cell, head = _STYLE
    names = "".join(f'<th style="{head}">{html.escape(name)}</th>' for name in rows)
    cells = [[_text(value) for value in column.to_pylist()] for column in rows.values()]
    body = "".join(
        f"<tr>{''.join(f'<td style={chr(34)}{cell}{chr(34)}>{value}</td>' for value in row)}</tr>"
        for row in zip(*cells, strict=True)
    )
    return f'<table style="{table}"><tr>{names}</tr>{body}</table>'


def _text(value: Any) -> str:
    return "" if value is None else html.escape(_cut(str(value), 40))


def _files(column: Column, medium: Medium) -> str:
    cells = [cell for cell in column.to_pylist() if cell is not None]
    return medium.sheet(cells).html() if cells else ""


def _curve(card: Card) -> str:
    """The curve as a small drawing; nothing where there are fewer than two looks."""
    curve = Curve.of(card.history)
    if len(curve.held) < 2:
        return ""
    last = curve.steps[-1] or 1

    def line(scores: tuple[float, ...], colour: str) -> str:
        points = " ".join(
            f"{WIDE * step / last:.1f},{4 + (HIGH - 8) * (1 - height):.1f}"
            for step, height in zip(curve.steps, curve.heights(scores), strict=True)
        )
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'

    best = f"{WIDE * curve.best / last:.1f}"
    return (
        f'<svg viewBox="0 0 {WIDE} {HIGH}" style="width:100%;max-width:{WIDE}px" role="img" '
        f'aria-label="learning curve">{line(curve.training, GREY)}{line(curve.held, BLUE)}'
        f'<line x1="{best}" x2="{best}" y1="0" y2="{HIGH}" stroke="{BLUE}" stroke-dasharray="2 3"/></svg>'
        f'<div style="color:#667">by steps: <span style="color:{BLUE}">rows held out</span>, '
        f'<span style="color:{GREY}">rows learned from</span>, dotted what was kept; {curve.told()}</div>'
    )
