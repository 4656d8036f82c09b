"""Plot: the main scores of a report beside their floors, as a matplotlib figure for a notebook or a paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sampan.errors import MissingExtra, RequestError, nearest
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Score
from sampan.evaluate.state import standing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sampan.evaluate.report.report import Report

MAIN = ("frechet", "recall", "shape", "trend", "c2st", "given", "utility", "copies", "membership", "outcome")
"""The measures that are drawn unless others are named; whatever failed is drawn beside them."""

COLOURS = {"passed": "#0b5fa5", "nearly": "#8a6100", "failed": "#b23a06", "undecided": "#56616e"}
"""Of a score by how it stands, as on the page in the light."""

FONTS = (
    *("DejaVu Sans", "Noto Sans CJK HK", "Noto Sans CJK TC", "PingFang HK", "Microsoft JhengHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
)
"""Tried letter by letter, where they are installed, so that the name of a column is drawn in any script."""


def plot(report: Report, words: Words, names: tuple[str, ...] = ()) -> Figure:
    """The scores of these names, else the main ones. Raises MissingExtra, RequestError for no such score."""
    try:
        import matplotlib
        from matplotlib import font_manager, pyplot
    except ModuleNotFoundError as error:
        raise MissingExtra("matplotlib", "plot", "Plotting a report") from error
    scores = _chosen(report, names)
    fonts = [name for name in FONTS if name in font_manager.get_font_names()]
    with matplotlib.rc_context({"font.family": fonts or ["sans-serif"], "font.size": 9}):
        figure, axes = pyplot.subplots(len(scores), 1, figsize=(6.4, 0.9 + 0.34 * len(scores)), squeeze=False)
        pyplot.close(figure)  # a notebook would show it twice: as what is open, and as what is returned
        for (ax,), score in zip(axes, scores, strict=True):
            _draw(ax, score, words)
        figure.suptitle(report.title, x=0.02, ha="left", weight="bold")
        key = [words.say(f"key.{name}") for name in ("made", "interval", "floor")]
        figure.text(0.02, 0.02, "● {} — {}   ▏ {}".format(*key), color=COLOURS["undecided"], size=8)
        high = figure.get_figheight()
        figure.subplots_adjust(left=0.38, right=0.84, top=1 - 0.5 / high, bottom=0.35 / high)
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


def _draw(ax: Any, score: Score, words: Words) -> None:
    """One score on a scale of its own: the floor and its range in grey, made rows as a dot and a line."""
    held = (score.value, score.low, score.high, score.floor, score.floor_low, score.floor_high)
    ends = [figure for figure in held if math.isfinite(figure)]
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    colour = COLOURS.get(standing(score), COLOURS["undecided"])
    ax.set(xlim=(min(ends) - room, max(ends) + room), ylim=(-1, 1), yticks=[], xticks=[])
    ax.axhline(0, color="#d9dee4", lw=0.8, zorder=0)
    if math.isfinite(score.floor_low) and math.isfinite(score.floor_high):
        ax.axvspan(score.floor_low, score.floor_high, ymin=0.2, ymax=0.8, color="#b0bbc7", alpha=0.6, lw=0)
    if math.isfinite(score.floor):
        ax.plot([score.floor] * 2, [-0.8, 0.8], color="#14191f", lw=1.2)
    if math.isfinite(score.low) and math.isfinite(score.high):
        ax.plot([score.low, score.high], [0, 0], color=colour, lw=2)
    ax.plot([score.value], [0], "o", color=colour, ms=5)
    ax.spines[:].set_visible(False)
    beside = {"transform": ax.transAxes, "va": "center"}
    ax.text(-0.03, 0.5, words.title(score.name), ha="right", **beside)
    ax.text(
        1.03, 0.5, words.figure(score.value, score.unit), ha="left", color=colour, weight="bold", **beside
    )
