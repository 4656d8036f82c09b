"""Summary: a model at a glance, as lines for a console, HTML for a notebook, a figure of how it learned."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sampan.card import Card
from sampan.column import Column
from sampan.figure import new_figure
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

WIDE, HIGH = 320, 80
"""Pixels of the learning curve in a notebook."""

_STYLE = (
    "border-collapse:collapse;font:13px system-ui,sans-serif;margin:.5em 0",
    "padding:.15em .7em .15em 0;text-align:left;vertical-align:top",
    "padding:.15em .7em .15em 0;text-align:left;color:#667",
)


def lines_of(card: Card) -> list[str]:
    """A model in a few lines of 110 letters at most."""
    names = list(card.columns)
    told = ", ".join(_cut(name, 24) for name in names[:COLUMNS])
    more = f", and {len(names) - COLUMNS} more" if len(names) > COLUMNS else ""
    lines = [
        f"Generator of {_cut(card.source, 60)}: {_several(len(names), 'column')}, "
        f"learned from {_several(card.rows['learned'], 'row')}",
        f"  columns  {_cut(told + more, 98)}",
        f"  family   {card.family}, {card.weights:,} weights",
        f"  learned  {_learned(card)}",
    ]
    if card.notes:
        lines.append(f"  notes    {len(card.notes)} on what was changed, left out or guessed: model.notes")
    return lines


def html_of(card: Card, rows: Mapping[str, Column], media: Mapping[str, Medium]) -> str:
    """A model as a notebook shows it: what it is, its columns, how it learned, some made rows.

    rows: made ones, column -> a few cells. media: the columns whose cells are files, which are shown as such.
    """
    parts = [
        f"<b>Generator of {html.escape(card.source)}</b>",
        _table(
            [
                ("family", f"{card.family}, {card.weights:,} weights, seed {card.seed}"),
                ("learned", f"{_learned(card)}, from {_several(card.rows['learned'], 'row')}"),
                ("energy", f"about {card.energy_wh} Wh (an estimate)"),
            ]
        ),
        _curve(card),
        f"<details><summary>{_several(len(card.columns), 'column')}</summary>"
        f"{_table(list(card.columns.items()))}</details>",
    ]
    if rows:
        plain = {name: column for name, column in rows.items() if name not in media}
        parts += ["made rows", _rows(plain)] if plain else []
        parts += [
            f"{media[name].many}<br>{_files(rows[name], media[name])}" for name in rows if name in media
        ]
    if card.notes:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in card.notes)
        parts.append(
            f"<details><summary>{_several(len(card.notes), 'note')}</summary><ul>{notes}</ul></details>"
        )
    return f'<div style="font:13px system-ui,sans-serif">{"".join(parts)}</div>'


def figure_of(card: Card) -> Figure:
    """The learning curve as a matplotlib figure. Raises MissingExtra."""
    figure, axes = new_figure("Plotting a model", 6.0, 3.0)
    steps, training, held = _looks(card)
    axes.plot(steps, training, label="training", color="#8893a5")
    axes.plot(steps, held, label="held out", color="#0b5cad")
    axes.axvline(card.history.get("best_step", 0), color="#0b5cad", linestyle=":", label="kept")
    axes.set_xlabel("steps")
    axes.set_ylabel("score (lower is better)")
    axes.set_title(f"{card.source}, {card.family}")
    axes.legend(frameon=False)
    return figure


def _looks(card: Card) -> tuple[list[int], list[float], list[float]]:
    """Steps, and the two curves, as far as they are numbers."""
    looks = [one for one in card.history.get("looks", []) if None not in (one["training"], one["held_out"])]
    return (
        [one["step"] for one in looks],
        [one["training"] for one in looks],
        [one["held_out"] for one in looks],
    )


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
    """The held-out curve as a small drawing; nothing where there are fewer than two looks."""
    steps, _, held = _looks(card)
    if len(held) < 2:
        return ""
    low, high = min(held), max(held)
    reach, last = (high - low) or 1.0, steps[-1] or 1
    # by the square root, so that the slow end is seen beside the steep start
    points = " ".join(
        f"{WIDE * step / last:.1f},{4 + (HIGH - 8) * (1 - ((score - low) / reach) ** 0.5):.1f}"
        for step, score in zip(steps, held, strict=True)
    )
    return (
        f'<svg width="{WIDE}" height="{HIGH}" role="img" aria-label="learning curve">'
        f'<polyline points="{points}" fill="none" stroke="#0b5cad" stroke-width="2"/></svg>'
        f'<div style="color:#667">held-out score by steps: {held[0]:.2f} at first, {low:.2f} kept</div>'
    )
