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

WIDE = 260.0
"""Width of a drawing in its own units, about pixels on a laptop."""

BARS = 32
"""Bars of a histogram; fewer where there are fewer distinct values."""

LEVELS = 7
"""Categories drawn one by one; the rest are drawn as "other"."""

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
            drawing = _histogram(floats(real), floats(made), tick)
        case "category":
            drawing = _bars(real, made)
    gone = missing_rate(real), missing_rate(made)
    blank = f" · missing {gone[0]:.1f} % real, {gone[1]:.1f} % made" if any(gone) else ""
    name = escape(column.name)
    told = f'<span class="figure">{percent(column.error)}</span> · {_beside(column.floor)}{blank}'
    return (
        f'<section class="card{far}"><h3 title="{name}">{name}</h3><p class="soft">{told}</p>'
        f"{drawing}</section>"
    )


# --- one column
def _edges(real: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, bool, bool]:
    """Edges of a histogram, and whether its first and last bar also hold what lies beyond.

    Few distinct whole numbers get a bar each. A long tail is gathered in the outermost bar.
    """
    both = np.concatenate([real, made])
    low, high = float(both.min()), float(both.max())
    if low == high:
        return np.array([low - 0.5, high + 0.5]), False, False
    if high - low < BARS and (both == np.round(both)).all():
        return np.arange(low, high + 2) - 0.5, False, False
    near, far = (float(value) for value in np.quantile(real, [0.01, 0.99]))
    reach = (far - near) or (high - low) / 4
    first, last = max(low, near - reach / 2), min(high, far + reach / 2)
    part = np.linspace(0, 1, BARS + 1)
    edges = first * (1 - part) + last * part
    return edges, first > low, last < high


def _histogram(real: np.ndarray, made: np.ndarray, tick: Callable[[float], str]) -> str:
    """Real rows as filled bars, made rows as an outline over them."""
    real, made = real[np.isfinite(real)], made[np.isfinite(made)]
    if not real.size or not made.size:
        return _empty()
    edges, below, above = _edges(real, made)
    shares = []
    for values in (real, made):
        place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        shares.append(np.bincount(place, minlength=len(edges) - 1) / values.size)
    width, height, top = WIDE, 100.0, 14.0
    limit = _limit(shares)
    step = width / (len(edges) - 1)
    heights = [(height - top) * np.minimum(share / limit, 1.0) for share in shares]
    bars = "".join(
        f'<rect class="real" x="{i * step + 0.4:.1f}" y="{height - h:.1f}" '
        f'width="{max(step - 0.8, 0.6):.1f}" height="{h:.1f}"/>'
        for i, h in enumerate(heights[0])
        if h > 0
    )
    outline = "".join(f"V{height - h:.1f}H{(i + 1) * step:.1f}" for i, h in enumerate(heights[1]))
    cut = "".join(
        _cut_bar(i * step, step, top, float(shares[0][i]), float(shares[1][i]))
        for i in np.flatnonzero(np.maximum(*shares) > limit)
    )
    whole = len(edges) - 1 == round(edges[-1] - edges[0]) and edges[0] % 1 == 0.5
    ends = (edges[0] + 0.5, edges[-1] - 0.5) if whole else (edges[0], edges[-1])
    low, high = ("≤ " if below else "") + tick(float(ends[0])), ("≥ " if above else "") + tick(float(ends[1]))
    return (
        f'<svg viewBox="0 0 {width:.0f} {height + 18:.0f}" role="img">{bars}'
        f'<path class="line" d="M0 {height}{outline}V{height}"/>{cut}'
        f'<line class="axis" x1="0" x2="{width:.0f}" y1="{height}" y2="{height}"/>'
        f'<text x="0" y="{height + 14}">{escape(low)}</text>'
        f'<text x="{width:.0f}" y="{height + 14}" text-anchor="end">{escape(high)}</text></svg>'
    )


def _limit(shares: list[np.ndarray]) -> float:
    """The share at the top of a histogram: the largest, unless one bar would flatten all the others."""
    order = np.sort(np.maximum(*shares))[::-1]
    if len(order) > 2 and order[0] > 4 * order[1] > 0:
        return float(2.5 * order[1])
    return float(order[0])


def _cut_bar(left: float, step: float, top: float, real: float, made: float) -> str:
    """The mark on a bar that is taller than the drawing, and its true shares."""
    at_end = left > WIDE / 2
    x, anchor = (left - 4, "end") if at_end else (left + step + 4, "start")
    return (
        f'<path class="break" d="M{left - 3:.1f} {top + 15}L{left + step + 3:.1f} {top + 9}"/>'
        f'<text x="{x:.1f}" y="{top - 3}" text-anchor="{anchor}">'
        f"{escape(f'{_share(real)} real, {_share(made)} made')}</text>"
    )


def _share(share: float) -> str:
    """A share in per cent, short.

    >>> _share(0.1234), _share(0.0001), _share(0.0)
    ('12.3 %', '<0.1 %', '0 %')
    """
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.1f} %" if share else "0 %"


def _bars(real: Column, made: Column) -> str:
    """The most frequent categories, real above made, and the rest together."""
    (real_index, made_index), distinct = shared_codes(real, made)
    counts = [np.bincount(index[index >= 0], minlength=len(distinct)) for index in (real_index, made_index)]
    if not counts[0].sum() or not counts[1].sum():
        return _empty()
    shares = [count / count.sum() for count in counts]
    order = np.argsort(-np.maximum(shares[0], shares[1]), kind="stable")
    kept = order if len(order) <= LEVELS + 1 else order[:LEVELS]
    rows = [(str(distinct[i]), float(shares[0][i]), float(shares[1][i])) for i in kept]
    if len(kept) < len(order):
        rest = order[len(kept) :]
        rows.append((f"{len(rest):,} others", float(shares[0][rest].sum()), float(shares[1][rest].sum())))
    tallest = max(max(a, b) for _, a, b in rows)
    label, reach, pitch = 103.0, 110.0, 19.0
    drawn = []
    for i, (name, a, b) in enumerate(rows):
        y, long = i * pitch, [max(reach * share / tallest, 0.5 * (share > 0)) for share in (a, b)]
        drawn.append(
            f"<g><title>{escape(f'{name}: {_share(a)} real, {_share(b)} made')}</title>"
            f'<text class="name" x="{label - 8}" y="{y + 12}" text-anchor="end">'
            f"{escape(_shortened(name, 14))}</text>"
            f'<rect class="real" x="{label}" y="{y + 1}" width="{long[0]:.1f}" height="7"/>'
            f'<rect class="made" x="{label}" y="{y + 9}" width="{long[1]:.1f}" height="5"/>'
            f'<text x="{label + max(long) + 5:.1f}" y="{y + 12}">{escape(_share(b))}</text></g>'
        )
    return f'<svg viewBox="0 0 {WIDE:.0f} {len(rows) * pitch:.0f}" role="img">{"".join(drawn)}</svg>'


def _empty() -> str:
    return '<p class="soft">Nothing to draw: every cell is missing.</p>'


def brief(value: float) -> str:
    """A number in a few characters.

    >>> brief(0.125), brief(90.0), brief(1234567.0), brief(-2.5e12), brief(3e-7)
    ('0.125', '90', '1.23 M', '-2.5e+12', '3e-07')
    """
    size = abs(value)
    if 1e6 <= size < 1e9:
        return f"{value / 1e6:.3g} M"
    if 1e3 <= size < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _shortened(text: str, places: int) -> str:
    """The text, cut where it is too wide; 年 and its like count twice."""
    wide = 0
    for i, character in enumerate(text):
        wide += 2 if ord(character) > 0x2E7F else 1
        if wide > places:
            return text[:i].rstrip() + "…"
    return text


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
    cells: list[tuple[int, int, float, float, str]] = []
    for pair in check.pairs:
        if pair.a in place and pair.b in place:
            i, j = place[pair.a], place[pair.b]
            text = f"{pair.a} and {pair.b}"
            cells += [(i, j, pair.error, pair.floor, text), (j, i, pair.error, pair.floor, text)]
    for column in check.columns:
        if column.name in place:
            i = place[column.name]
            cells.append((i, i, column.error, column.floor, column.name))
    size, label, head = 26.0, 132.0, 96.0
    figures = len(names) <= 18
    drawn = [_cell(cell, size, label, head, figures) for cell in cells]
    for name, i in place.items():
        short, middle = escape(_shortened(name, 20)), (i + 0.5) * size
        drawn.append(
            f'<text class="name" x="{label - 8}" y="{head + middle + 4}" text-anchor="end">{short}</text>'
            f'<text class="name" transform="translate({label + middle + 3} {head - 8}) rotate(-45)">'
            f"{short}</text>"
        )
    side = len(names) * size
    width, height = label + side + 66, head + side + 4
    few = f" The {MAPPED} columns of the furthest pairs are shown." if _left_out(check, names) else ""
    worst = "".join(
        f'<li>{escape(pair.a)} and {escape(pair.b)}<span class="soft">{percent(pair.error)} · '
        f"{_beside(pair.floor)}</span></li>"
        for pair in check.pairs[:8]
    )
    frame = f'viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
    room = f'style="min-width:{width * 0.85:.0f}px;max-width:{width * 1.3:.0f}px"'
    return (
        "<h2>Every pair of columns</h2>"
        '<p class="soft">The stronger the colour, the further the made pair is from the real one; full '
        f"colour is {FULL_COLOUR:.0f} % or more. On the diagonal, the column by itself.{few}</p>"
        f'<div class="pairs"><div class="map"><svg {frame} {room}>{"".join(drawn)}</svg>'
        f'</div><div><p class="soft">Furthest above what real rows show</p><ol>{worst}</ol></div></div>'
    )


def _left_out(check: Check, names: Iterable[str]) -> bool:
    return len({name for pair in check.pairs for name in (pair.a, pair.b)}) > len(list(names))


def _cell(
    cell: tuple[int, int, float, float, str], size: float, label: float, head: float, figures: bool
) -> str:
    row, column, error, floor, text = cell
    x, y = label + column * size, head + row * size
    told = escape(f"{text}: {percent(error)}, {_beside(floor)}")
    strength = min(error / FULL_COLOUR, 1.0) * 0.95
    dark = " dark" if strength > 0.55 else ""
    figure = (
        f'<text class="figure{dark}" x="{x + size / 2}" y="{y + size / 2 + 3.5}" text-anchor="middle">'
        f"{error:.1f}</text>"
        if figures
        else ""
    )
    square = f'x="{x}" y="{y}" width="{size}" height="{size}"'
    inner = f'x="{x + 0.5}" y="{y + 0.5}" width="{size - 1}" height="{size - 1}"'
    return (
        f'<g><title>{told}</title><rect class="heat" {square} fill-opacity="{strength:.3f}"/>'
        f'<rect class="{"own" if row == column else "cell"}" {inner}/>{figure}</g>'
    )
