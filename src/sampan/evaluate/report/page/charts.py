"""Charts: drawings in inline SVG, so that a page needs no script and fetches nothing.

Every drawing takes its colours from the page's style by class (`real`, `made`, `band`, `line`, ...), so one
drawing serves light, dark and paper. Text stays text: it can be found, copied and read aloud, and it is drawn
in whatever font the machine has for its script.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from sampan.evaluate.report.scale import ends_of

WIDE = 260.0
"""Width of a drawing in its own units, about pixels on a laptop."""

BARS = 32
"""Bars of a histogram; fewer where there are fewer distinct values."""

LEVELS = 7
"""Categories drawn one by one; the rest are drawn together."""

HIDDEN_BELOW = 10
"""Real rows that a category needs to be drawn by name in a redacted drawing, and that an end of an axis has
beyond it: a value that fewer hold is somebody's."""

STANDARD_ERRORS = 1.96
"""Half the width of the band of chance: 19 times of 20."""


@dataclass(frozen=True, slots=True)
class Legend:
    """The words of a drawing. spike, others: with {seen} and {made}, and {count}, to fill in."""

    spike: str = "{seen} real, {made} made"
    others: str = "{count} others"
    empty: str = "Nothing to draw: every cell is missing."
    label: str = ""


Tick = Callable[[float], str]


# --- one column of numbers
def histogram(
    real: np.ndarray,
    made: np.ndarray,
    tick: Tick,
    legend: Legend,
    *,
    band: bool = False,
    redacted: bool = False,
) -> str:
    """Real rows as filled bars, made rows as an outline over them.

    band: draw how far another sample of as many real rows as made ones strays by chance. redacted: gather the
    outermost 1 % at each end, ten rows at least, and end the axis at round numbers: no single row shows.
    """
    real, made = real[np.isfinite(real)], made[np.isfinite(made)]
    if not real.size or not made.size:
        return empty(legend)
    edges, below, above = _edges(real, made, redacted)
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
    chance = ""
    if band:
        spread = STANDARD_ERRORS * np.sqrt(shares[0] * (1 - shares[0]) * (1 / real.size + 1 / made.size))
        ends = [(height - top) * np.clip((shares[0] + s) / limit, 0.0, 1.0) for s in (-spread, spread)]
        chance = "".join(
            f'<rect class="band" x="{i * step:.1f}" y="{height - high:.1f}" width="{step:.1f}" '
            f'height="{high - low:.1f}"/>'
            for i, (low, high) in enumerate(zip(*ends, strict=True))
            if high - low >= 0.5
        )
    outline = "".join(f"V{height - h:.1f}H{(i + 1) * step:.1f}" for i, h in enumerate(heights[1]))
    cut = "".join(
        _cut_bar(i * step, step, top, float(shares[0][i]), float(shares[1][i]), legend)
        for i in np.flatnonzero(np.maximum(*shares) > limit)
    )
    whole = len(edges) - 1 == round(edges[-1] - edges[0]) and edges[0] % 1 == 0.5
    ends_at = (edges[0] + 0.5, edges[-1] - 0.5) if whole else (edges[0], edges[-1])
    low = ("≤ " if below else "") + tick(float(ends_at[0]))
    high = ("≥ " if above else "") + tick(float(ends_at[1]))
    return (
        f'<svg viewBox="0 0 {width:.0f} {height + 18:.0f}" role="img"{_label(legend)}>{bars}{chance}'
        f'<path class="line" d="M0 {height}{outline}V{height}"/>{cut}'
        f'<line class="axis" x1="0" x2="{width:.0f}" y1="{height}" y2="{height}"/>'
        f'<text x="0" y="{height + 14}">{escape(low)}</text>'
        f'<text x="{width:.0f}" y="{height + 14}" text-anchor="end">{escape(high)}</text></svg>'
    )


def _edges(real: np.ndarray, made: np.ndarray, redacted: bool) -> tuple[np.ndarray, bool, bool]:
    """Edges of a histogram, and whether its first and last bar also hold what lies beyond.

    Few distinct whole numbers get a bar each. A long tail is gathered in the outermost bar.
    """
    both = np.concatenate([real, made])
    low, high = float(both.min()), float(both.max())
    near, far = (float(value) for value in np.quantile(real, [0.01, 0.99]))
    if redacted:
        near, far = _hidden_ends(real)
        first, last = (near, far) if near < far else (near - 0.5, far + 0.5)
    elif low == high:
        return np.array([low - 0.5, high + 0.5]), False, False
    else:
        reach = (far - near) or (high - low) / 4
        first, last = max(low, near - reach / 2), min(high, far + reach / 2)
    if high - low < BARS and (both == np.round(both)).all():
        if redacted:
            # a lone smallest or largest value is somebody: it goes into the bar beside it
            first, last = math.floor(first), math.ceil(last)
        else:
            first, last = low, high
        return np.arange(first, last + 2) - 0.5, first > low, last < high
    part = np.linspace(0, 1, BARS + 1)
    return first * (1 - part) + last * part, first > low, last < high


def _hidden_ends(real: np.ndarray) -> tuple[float, float]:
    """Where the axis of a redacted drawing ends: at values that ten rows at least lie at or beyond.

    Where the values are not few whole ones, at round ones near by, so that no cell stands there.
    """
    values = np.sort(real)
    beyond = min(max(HIDDEN_BELOW - 1, values.size // 100), (values.size - 1) // 2)
    near, far = float(values[beyond]), float(values[values.size - 1 - beyond])
    if far - near < BARS and (values == np.round(values)).all():
        return near, far
    step = _round_step((far - near) / 20 or abs(near) / 20 or 1.0)
    return math.floor(near / step) * step, math.ceil(far / step) * step


def _round_step(size: float) -> float:
    """1, 2 or 5 times a power of ten, the next not below `size`.

    >>> _round_step(0.03), _round_step(7.0)
    (0.05, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(size))
    return next(
        float(f"{times * power:.6g}") for times in (1, 2, 5, 10) if times * power >= size * (1 - 1e-9)
    )


def _limit(shares: list[np.ndarray]) -> float:
    """The share at the top of a histogram: the largest, unless one bar would flatten all the others."""
    order = np.sort(np.maximum(*shares))[::-1]
    if len(order) > 2 and order[0] > 4 * order[1] > 0:
        return float(2.5 * order[1])
    return float(order[0])


def _cut_bar(left: float, step: float, top: float, real: float, made: float, legend: Legend) -> str:
    """The mark on a bar that is taller than the drawing, and its true shares."""
    middle = left + step / 2
    x, anchor = (left, "start") if middle < 0.3 * WIDE else (middle, "middle")
    if middle > 0.7 * WIDE:
        x, anchor = left + step, "end"
    told = legend.spike.format(seen=share(real), made=share(made))
    return (
        f'<path class="break" d="M{left - 3:.1f} {top + 15}L{left + step + 3:.1f} {top + 9}"/>'
        f'<text x="{x:.1f}" y="{top - 3}" text-anchor="{anchor}">{escape(told)}</text>'
    )


def share(part: float) -> str:
    """A share in per cent, short.

    >>> share(0.1234), share(0.0001), share(0.0)
    ('12.3 %', '<0.1 %', '0 %')
    """
    if 0 < part < 0.0005:
        return "<0.1 %"
    return f"{100 * part:.1f} %" if part else "0 %"


# --- one column of categories
def bars(
    real: np.ndarray, made: np.ndarray, labels: Sequence[Any], legend: Legend, *, redacted: bool = False
) -> str:
    """The most frequent categories, real above made, and the rest together.

    real, made: codes of the cells, -1 where missing; a code is a place in `labels`. redacted: categories of
    few real rows are drawn with the rest.
    """
    counts = [np.bincount(codes[codes >= 0], minlength=len(labels)) for codes in (real, made)]
    if not counts[0].sum() or not counts[1].sum():
        return empty(legend)
    shares = [count / count.sum() for count in counts]
    order = np.argsort(-np.maximum(shares[0], shares[1]), kind="stable")
    order = order[np.maximum(counts[0], counts[1])[order] > 0]
    named = order[counts[0][order] >= HIDDEN_BELOW] if redacted else order
    kept = named if len(named) == len(order) <= LEVELS + 1 else named[:LEVELS]
    rows = [(str(labels[i]), float(shares[0][i]), float(shares[1][i])) for i in kept]
    if len(kept) < len(order):
        rest = np.setdiff1d(order, kept)
        told = legend.others.format(count=f"{len(rest):,}")
        rows.append((told, float(shares[0][rest].sum()), float(shares[1][rest].sum())))
    tallest = max(max(a, b) for _, a, b in rows)
    names = [shortened(name, 15) for name, _, _ in rows]
    label = 18.0 + 6.6 * max(2, *map(places, names))  # signs such as <= are wider than letters
    reach, pitch = WIDE - label - 47.0, 19.0
    drawn = []
    for i, (name, a, b) in enumerate(rows):
        y, long = i * pitch, [max(reach * part / tallest, 0.5 * (part > 0)) for part in (a, b)]
        told = f"{name}: " + legend.spike.format(seen=share(a), made=share(b))
        drawn.append(
            f"<g><title>{escape(told)}</title>"
            f'<text class="name" x="{label - 8:.1f}" y="{y + 12}" text-anchor="end">'
            f"{escape(names[i])}</text>"
            f'<rect class="real" x="{label:.1f}" y="{y + 1}" width="{long[0]:.1f}" height="7"/>'
            f'<rect class="made" x="{label:.1f}" y="{y + 9}" width="{long[1]:.1f}" height="5"/>'
            f'<text x="{label + max(long) + 5:.1f}" y="{y + 12}">{escape(share(b))}</text></g>'
        )
    size = f"0 0 {WIDE:.0f} {len(rows) * pitch:.0f}"
    return f'<svg viewBox="{size}" role="img"{_label(legend)}>{"".join(drawn)}</svg>'


def empty(legend: Legend) -> str:
    """What stands where there is nothing to draw."""
    return f'<p class="soft">{escape(legend.empty)}</p>'


def _label(legend: Legend) -> str:
    return f' aria-label="{escape(legend.label)}"' if legend.label else ""


# --- pairs of columns
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a map: how far, and what is told of it. own: it lies on the diagonal."""

    value: float
    told: str
    own: bool = False


def heat_map(
    names: Sequence[str], cells: Mapping[tuple[int, int], Cell], full: float, *, label: str = ""
) -> str:
    """Cells in rows and columns of the same names, the stronger the colour, the larger the value.

    cells: by row and column. full: the value at which the colour is full. With few names every cell also
    shows its figure.
    """
    longest = max((places(shortened(name, 20)) for name in names), default=0)
    size, left, head = 26.0, 12.0 + 6.2 * longest, 16.0 + 4.5 * longest
    figures = len(names) <= 18
    drawn = [_cell(place, cell, size, left, head, full, figures) for place, cell in cells.items()]
    for i, name in enumerate(names):
        short, middle = escape(shortened(name, 20)), (i + 0.5) * size
        drawn.append(
            f'<text class="name" x="{left - 8:.1f}" y="{head + middle + 4:.1f}" text-anchor="end">'
            f"{short}</text>"
            f'<text class="name" transform="translate({left + middle + 3:.1f} {head - 8:.1f}) rotate(-45)">'
            f"{short}</text>"
        )
    side = len(names) * size
    width, height = left + side + 4.5 * longest, head + side + 4
    room = f'style="min-width:{width * 0.85:.0f}px;max-width:{width * 1.3:.0f}px"'
    frame = f'viewBox="0 0 {width:.0f} {height:.0f}" role="img"{_label(Legend(label=label))}'
    return f"<svg {frame} {room}>{''.join(drawn)}</svg>"


def _cell(
    place: tuple[int, int], cell: Cell, size: float, left: float, head: float, full: float, figures: bool
) -> str:
    x, y = left + place[1] * size, head + place[0] * size
    strength = min(cell.value / full, 1.0) * 0.95
    dark = " dark" if strength > 0.55 else ""
    centre = f'x="{x + size / 2:.1f}" y="{y + size / 2 + 3.5:.1f}"'
    figure = (
        f'<text class="figure{dark}" {centre} text-anchor="middle">{cell.value:.1f}</text>' if figures else ""
    )
    square = f'x="{x:.1f}" y="{y:.1f}" width="{size}" height="{size}"'
    inner = f'x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{size - 1}" height="{size - 1}"'
    return (
        f'<g><title>{escape(cell.told)}</title><rect class="heat" {square} fill-opacity="{strength:.3f}"/>'
        f'<rect class="{"own" if cell.own else "cell"}" {inner}/>{figure}</g>'
    )


# --- one score
def gauge(
    value: tuple[float, float, float],
    floor: tuple[float, float, float],
    reference: float,
    state: str,
    label: str,
    unit: str = "",
) -> str:
    """A figure with its interval on a scale, over the band of what real rows reach.

    value, floor: the figure and the two ends of its interval, NaN where not known. reference: what
    independent columns reach. The scale spans all that is known beside a floor, else all that the figure
    could be (`unit` says). state: a class, for the colour.
    """
    if not math.isfinite(value[0]):
        return ""
    low, high = ends_of((*value, *floor, reference), floor[0], unit)
    room = (high - low) * 0.06 or max(abs(low), 1.0) * 0.05
    low, high = low - room, high + room
    width, middle = 200.0, 13.0

    def at(figure: float) -> float:
        return (figure - low) / (high - low) * width

    drawn = [f'<line class="axis" x1="0" x2="{width:.0f}" y1="{middle}" y2="{middle}"/>']
    if math.isfinite(floor[1]) and math.isfinite(floor[2]):
        wide = max(at(floor[2]) - at(floor[1]), 1.0)
        drawn.append(f'<rect class="floor" x="{at(floor[1]):.1f}" y="4" width="{wide:.1f}" height="18"/>')
    if math.isfinite(floor[0]):
        drawn.append(f'<path class="tick" d="M{at(floor[0]):.1f} 2V24"/>')
    if math.isfinite(reference):
        x = at(reference)
        drawn.append(f'<path class="reference" d="M{x:.1f} {middle - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z"/>')
    if math.isfinite(value[1]) and math.isfinite(value[2]):
        drawn.append(f'<path class="whisker" d="M{at(value[1]):.1f} {middle}H{at(value[2]):.1f}"/>')
    drawn.append(f'<circle class="dot" cx="{at(value[0]):.1f}" cy="{middle}" r="4.5"/>')
    return (
        f'<svg class="gauge {state}" viewBox="0 0 200 26" role="img" aria-label="{escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )


_MARKS = {
    "passed": '<circle cx="10" cy="10" r="9"/><path d="M5.6 10.4l3 3l5.8-6.4"/>',
    "failed": '<rect x="1.6" y="1.6" width="16.8" height="16.8" rx="3"/>'
    '<path d="M6.4 6.4l7.2 7.2m0-7.2l-7.2 7.2"/>',
    "nearly": '<path d="M10 1.8l8.6 15.6h-17.2z"/><path d="M10 7.4v4.6m0 2.2v.6"/>',
    "undecided": '<circle cx="10" cy="10" r="8.2"/><path d="M6 10h8"/>',
    "skipped": '<circle cx="10" cy="10" r="8.2" stroke-dasharray="2.4 2.6"/>',
}


def mark(state: str, label: str) -> str:
    """A tick, triangle, cross, dash or empty ring: states that differ by shape and not by colour alone."""
    frame = f'class="mark {state}" viewBox="0 0 20 20" role="img" aria-label="{escape(label)}"'
    return f"<svg {frame}>{_MARKS[state]}</svg>"


# --- words and numbers on drawings
def brief(value: float) -> str:
    """A number in a few characters.

    Up to four digits without a comma: a year is no amount.

    >>> brief(0.125), brief(1994.0), brief(19945.0), brief(1234567.0), brief(-2.5e12), brief(3e-7)
    ('0.125', '1994', '19,945', '1.23 M', '-2.5e+12', '3e-07')
    """
    size = abs(value)
    if 1e6 <= size < 1e9:
        return f"{value / 1e6:.3g} M"
    if 1e3 <= size < 1e4:
        return f"{value:.0f}"
    if 1e4 <= size < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def shortened(text: str, most: int) -> str:
    """The text, cut where it is wider than so many places."""
    wide = 0
    for i, character in enumerate(text):
        wide += places(character)
        if wide > most:
            return text[:i].rstrip() + "…"
    return text


def places(text: str) -> int:
    """About how wide a text is drawn, in letters; 年 and its like count twice."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
