"""Plot: the main scores of a report beside their floors, as a matplotlib figure for a notebook or a paper."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from sampan.errors import Notice, RequestError, nearest
from sampan.evaluate.report.scale import ends_of
from sampan.evaluate.report.words import Words
from sampan.evaluate.report.words import words as words_in
from sampan.evaluate.score import Score
from sampan.evaluate.state import standing
from sampan.figure import draws, letters, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sampan.evaluate.report.report import Report

MAIN = ("frechet", "recall", "shape", "trend", "c2st", "given", "utility", "copies", "membership", "outcome")
"""The measures that are drawn unless others are named; whatever failed is drawn beside them."""

COLOURS = {"passed": "#0b5fa5", "nearly": "#8a6100", "failed": "#b23a06", "undecided": "#56616e"}
"""Of a score by how it stands, as on the page in the light."""


def plot(report: Report, words: Words, names: tuple[str, ...] = ()) -> Figure:
    """The scores of these names, else the main ones. Raises MissingExtra, RequestError for no such score."""
    scores = _chosen(report, names)
    figure, ax = new_figure("Plotting a report", 6.4, 0.9 + 0.34 * len(scores))
    if not draws(words.title("shape")):
        told = (
            "no font on this machine has its letters, so it is in English; install one, such as Noto Sans CJK"
        )
        warnings.warn(Notice.of([told], f"A figure in {words.language}"), stacklevel=3)
        words = replace(words, language="en", table=words_in("en").table)
    there = range(len(scores))
    for place, score in enumerate(scores):
        _draw(ax, place, score, words)
    ax.set(xlim=(-0.06, 1.06), ylim=(len(scores) - 0.4, -0.6), xticks=[])
    titles = [words.title(score.name) for score in scores]
    ax.set_yticks(there, titles, **letters(*titles))
    beside = ax.secondary_yaxis("right")
    told = [words.figure(score.value, score.unit) for score in scores]
    beside.set_yticks(there, told, **letters(*told))
    for label, score in zip(beside.get_yticklabels(), scores, strict=True):
        label.set_color(_colour(score))
    for side in (ax, beside):
        side.tick_params(length=0)
        side.spines[:].set_visible(False)
    ax.set_title(report.title, loc="left", **letters(report.title, weight="bold"))
    key = _key(scores, words)
    figure.supxlabel(key, x=0.01, ha="left", size=8, color=COLOURS["undecided"], **letters(key))
    return figure


def _chosen(report: Report, names: tuple[str, ...]) -> list[Score]:
    known = {score.name: score for score in report.scores if math.isfinite(score.value)}
    for name in names:
        if name not in known:
            raise RequestError(
                f"this report holds no score {name!r} to plot.",
                f"Its scores are: {', '.join(known)}.{nearest(name, known)}",
                "Use one of these names, or none for the main ones.",
            )
    if names:
        return [known[name] for name in names]
    chosen = [score for score in known.values() if score.measure in MAIN or standing(score) == "failed"]
    chosen = chosen or list(known.values())
    if not chosen:
        raise RequestError(
            "this report holds no figure.", "A score is expected.", "Ask a question: questions="
        )
    return chosen


def _key(scores: list[Score], words: Words) -> str:
    """What the marks are; where no real rows set a floor, that, and what the lines are then."""
    made, interval, floor = (words.say(f"key.{name}") for name in ("made", "interval", "floor"))
    floors = [math.isfinite(score.floor) for score in scores]
    told = f"● {made} — {interval}" + (f"   | {floor}" if any(floors) else "")
    return (
        told
        if all(floors)
        else f"{told}\n{words.say('key.no_floor' if not any(floors) else 'key.some_floor')}"
    )


def _colour(score: Score) -> str:
    return COLOURS.get(standing(score), COLOURS["undecided"])


def _draw(ax: Axes, place: int, score: Score, words: Words) -> None:
    """One score on a scale of its own: the floor and its range in grey, made rows as a dot and a line.

    Without a floor the ends of the scale are written, and which of them is better.
    """
    held = (score.value, score.low, score.high, score.floor, score.floor_low, score.floor_high)
    start, end = ends_of(held, score.floor, score.unit)
    value, low, high, floor, floor_low, floor_high = ((figure - start) / (end - start) for figure in held)
    ax.hlines(place, 0, 1, color="#d9dee4", lw=0.8, zorder=0)
    if math.isfinite(floor_low + floor_high):
        ax.barh(place, floor_high - floor_low, 0.6, floor_low, color="#b0bbc7", alpha=0.6)
    if not math.isfinite(floor):
        better = "left" if score.better == "lower" else "right"
        for side, at, figure in (("left", 0.0, start), ("right", 1.0, end)):
            told = words.figure(figure, score.unit)
            told = words.say("key.better", {"value": told}) if side == better else told
            small = {"size": 6, "color": COLOURS["undecided"], "ha": side, "va": "top"}
            ax.text(at, place + 0.14, told, **small, **letters(told))
    if math.isfinite(floor):
        ax.vlines(floor, place - 0.4, place + 0.4, color="#14191f", lw=1.2)
    if math.isfinite(low + high):
        ax.hlines(place, low, high, color=_colour(score), lw=2)
    ax.plot([value], [place], "o", color=_colour(score), ms=5)
