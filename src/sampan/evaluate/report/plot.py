"""Plot: the main scores of a report beside their floors, as a matplotlib figure for a notebook or a paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sampan.errors import RequestError, nearest
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Score
from sampan.evaluate.state import standing
from sampan.figure import fonts, new_figure

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
    family, there = fonts(), range(len(scores))
    for place, score in enumerate(scores):
        _draw(ax, place, score)
    ax.set(xlim=(-0.06, 1.06), ylim=(len(scores) - 0.4, -0.6), xticks=[])
    ax.set_yticks(there, [words.title(score.name) for score in scores], fontfamily=family)
    beside = ax.secondary_yaxis("right")
    beside.set_yticks(there, [words.figure(score.value, score.unit) for score in scores], fontfamily=family)
    for label, score in zip(beside.get_yticklabels(), scores, strict=True):
        label.set_color(_colour(score))
    for side in (ax, beside):
        side.tick_params(length=0)
        side.spines[:].set_visible(False)
    ax.set_title(report.title, fontfamily=family, fontweight="bold", loc="left")
    key = [words.say(f"key.{name}") for name in ("made", "interval", "floor")]
    told = "● {} — {}   | {}".format(*key)
    figure.supxlabel(told, x=0.01, ha="left", fontfamily=family, size=8, color=COLOURS["undecided"])
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


def _colour(score: Score) -> str:
    return COLOURS.get(standing(score), COLOURS["undecided"])


def _draw(ax: Axes, place: int, score: Score) -> None:
    """One score on a scale of its own: the floor and its range in grey, made rows as a dot and a line."""
    held = (score.value, score.low, score.high, score.floor, score.floor_low, score.floor_high)
    ends = [figure for figure in held if math.isfinite(figure)]
    wide = max(ends) - min(ends) or 1.0
    value, low, high, floor, floor_low, floor_high = ((figure - min(ends)) / wide for figure in held)
    ax.hlines(place, 0, 1, color="#d9dee4", lw=0.8, zorder=0)
    if math.isfinite(floor_low + floor_high):
        ax.barh(place, floor_high - floor_low, 0.6, floor_low, color="#b0bbc7", alpha=0.6)
    if math.isfinite(floor):
        ax.vlines(floor, place - 0.4, place + 0.4, color="#14191f", lw=1.2)
    if math.isfinite(low + high):
        ax.hlines(place, low, high, color=_colour(score), lw=2)
    ax.plot([value], [place], "o", color=_colour(score), ms=5)
