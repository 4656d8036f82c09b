"""The check as one page to look at: every column real against made, worst first, and the pairs as a map.

The page is one HTML file without script and without anything fetched: it opens from a disk, in an e-mail,
on a phone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from html import escape

import numpy as np

from sampan.column import Column, floats
from sampan.evaluate.check import Check, ColumnCheck, percent
from sampan.evaluate.columns import Kind, missing_rate, shared_codes
from sampan.evaluate.report.charts import Cell, Legend, bars, brief, heat_map, histogram

MAPPED = 40
"""Columns in the map of pairs, at most: those of the worst pairs."""

FULL_COLOUR = 20.0
"""Per cent at which a cell of the map has its full colour: the same on every page, so that pages compare."""

Ticks = Mapping[str, Callable[[float], str]]

_STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6776;
  --line: #dfe3e8; --real: #aab4c0; --made: #d9480f; }
@media (prefers-color-scheme: dark) { :root { --page: #11161c; --card: #1a2129; --ink: #e8ecf1;
  --soft: #9aa6b4; --line: #2d3742; --real: #5f6c7b; --made: #ff8a4c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system,
  "Segoe UI", Roboto, "Helvetica Neue", "PingFang HK", "PingFang SC", "Microsoft JhengHei",
  "Microsoft YaHei", "Noto Sans CJK HK", "Noto Sans CJK SC", "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 16px 56px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 4px; }
p { margin: 0 0 12px; max-width: 88ch; }
.soft { color: var(--soft); }
.verdict { font-size: 17px; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr)); gap: 12px;
  margin-top: 18px; }
.tile, .card, .map { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 14px 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.2; font-weight: 650;
  font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); gap: 12px; }
.card { padding: 12px 14px 10px; min-width: 0; }
.card h3 { font-size: 15px; margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.card p { font-size: 13px; line-height: 1.4; margin: 0 0 10px; font-variant-numeric: tabular-nums; }
.card svg { max-width: 340px; }
.card.far { border-color: var(--made); }
.far .figure { color: var(--made); font-weight: 650; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 14px; font-size: 14px; }
.key i { display: inline-block; width: 14px; height: 11px; margin-right: 7px; border-radius: 2px; }
.key .real { background: var(--real); }
.key .made { border: 2px solid var(--made); }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
svg text.name { fill: var(--ink); }
svg text.figure { fill: var(--ink); font-size: 9px; }
svg text.dark { fill: #1c1208; }
.real { fill: var(--real); }
.made, .heat { fill: var(--made); }
.line { fill: none; stroke: var(--made); stroke-width: 1.6; stroke-linejoin: round; }
.axis { stroke: var(--line); }
.break { stroke: var(--card); stroke-width: 3; }
.cell { fill: none; stroke: var(--line); stroke-width: .5; }
.own { fill: none; stroke: var(--soft); }
.pairs { display: grid; gap: 12px 28px; }
.map { overflow-x: auto; padding: 14px; }
ol { margin: 4px 0; padding-left: 22px; }
li { margin-bottom: 8px; overflow-wrap: anywhere; }
li span { display: block; font-variant-numeric: tabular-nums; }
@media (min-width: 900px) { .pairs { grid-template-columns: minmax(0, 2.2fr) minmax(220px, 1fr); } }
"""


def picture(
    real: Mapping[str, Column],
    made: Mapping[str, Column],
    kinds: Mapping[str, Kind],
    check: Check,
    *,
    title: str = "Real rows and made rows",
    ticks: Ticks | None = None,
) -> str:
    """The whole page as HTML.

    ticks: how a number of a column is written on its axis, where a plain number will not do (a moment that
    the caller has turned into a number).
    """
    ticks = ticks or {}
    cards = "".join(
        _card(column, real[column.name], made[column.name], check, ticks.get(column.name, brief))
        for column in check.columns
        if column.name in kinds
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        f"<h1>{escape(title)}</h1>{_summary(check)}"
        "<h2>Every column, furthest first</h2>"
        '<p class="soft">The error of a number is the largest gap between the two cumulative shares; that of '
        "a category is the share of the rows that would have to change value.</p>"
        f'<div class="key">{_key()}</div><div class="cards">{cards}</div>'
        f"{_map(check)}</main></body></html>\n"
    )


def _summary(check: Check) -> str:
    tiles = [
        ("Single columns, mean error", check.column_error, check.column_floor),
        ("Pairs of columns, mean error", check.pair_error, check.pair_floor),
        ("Exact copies of a training row", check.copies, check.copies_floor),
    ]
    drawn = "".join(
        f'<div class="tile"><span class="soft">{name}</span><b>{percent(value)}</b>'
        f'<span class="soft">{_beside(floor)}</span></div>'
        for name, value, floor in tiles
        if not math.isnan(value)
    )
    return (
        f'<p class="verdict">{escape(check.verdict)}</p>'
        f'<p class="soft">{check.rows:,} rows of each kind compared. An error of 0 % means the same; the '
        "figure for real rows says how far rows that the model never saw lie from the rows it learned.</p>"
        f'<div class="tiles">{drawn}</div>'
    )


def _beside(floor: float) -> str:
    if math.isnan(floor):
        return "no real rows kept aside"
    return f"real rows: {percent(floor)}".replace(" %", "\N{NO-BREAK SPACE}%")


def _key() -> str:
    return '<span><i class="real"></i>real</span><span><i class="made"></i>made</span>'


def _card(column: ColumnCheck, real: Column, made: Column, check: Check, tick: Callable[[float], str]) -> str:
    far = " far" if check.stands_out(column) else ""
    match column.kind:
        case "number":
            drawing = histogram(floats(real), floats(made), tick, Legend())
        case "category":
            (seen, new), labels = shared_codes(real, made)
            drawing = bars(seen, new, labels, Legend())
    gone = missing_rate(real), missing_rate(made)
    blank = f" · missing {gone[0]:.1f} % real, {gone[1]:.1f} % made" if any(gone) else ""
    name = escape(column.name)
    told = f'<span class="figure">{percent(column.error)}</span> · {_beside(column.floor)}{blank}'
    return (
        f'<section class="card{far}"><h3 title="{name}">{name}</h3><p class="soft">{told}</p>'
        f"{drawing}</section>"
    )


# --- all pairs
def _mapped(check: Check) -> list[str]:
    """The columns of the map: those of the worst pairs, in order of their mean pair error."""
    total: dict[str, list[float]] = {}
    for pair in check.pairs:
        total.setdefault(pair.a, []).append(pair.error)
        total.setdefault(pair.b, []).append(pair.error)
    worst = dict.fromkeys(name for pair in check.pairs for name in (pair.a, pair.b))
    kept = list(worst)[:MAPPED]
    return sorted(kept, key=lambda name: -float(np.mean(total[name])))


def _map(check: Check) -> str:
    """Every pair as a cell, the darker the further; on the diagonal the columns themselves."""
    names = _mapped(check)
    if not names:
        return ""
    place = {name: i for i, name in enumerate(names)}
    cells: dict[tuple[int, int], Cell] = {}
    for pair in check.pairs:
        if pair.a in place and pair.b in place:
            i, j = place[pair.a], place[pair.b]
            cell = Cell(pair.error, _told(f"{pair.a} and {pair.b}", pair.error, pair.floor))
            cells[i, j] = cells[j, i] = cell
    for column in check.columns:
        if column.name in place:
            i = place[column.name]
            cells[i, i] = Cell(column.error, _told(column.name, column.error, column.floor), own=True)
    few = f" The {MAPPED} columns of the furthest pairs are shown." if _left_out(check, names) else ""
    worst = "".join(
        f'<li>{escape(pair.a)} and {escape(pair.b)}<span class="soft">{percent(pair.error)} · '
        f"{_beside(pair.floor)}</span></li>"
        for pair in check.pairs[:8]
    )
    return (
        "<h2>Every pair of columns</h2>"
        '<p class="soft">The stronger the colour, the further the made pair is from the real one; full '
        f"colour is {FULL_COLOUR:.0f} % or more. On the diagonal, the column by itself.{few}</p>"
        f'<div class="pairs"><div class="map">{heat_map(names, cells, FULL_COLOUR)}</div>'
        f'<div><p class="soft">Furthest above what real rows show</p><ol>{worst}</ol></div></div>'
    )


def _left_out(check: Check, names: Iterable[str]) -> bool:
    return len({name for pair in check.pairs for name in (pair.a, pair.b)}) > len(list(names))


def _told(text: str, error: float, floor: float) -> str:
    return f"{text}: {percent(error)}, {_beside(floor)}"
