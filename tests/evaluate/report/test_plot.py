"""A report as a figure: the main scores, or those that are named, each beside its floor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from sampan.errors import MissingExtra, RequestError
from tests.evaluate.report.toy import toy_mixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def told(figure: Figure) -> dict[str, str]:
    """The title of each score that is drawn, and its figure."""
    figure.draw_without_rendering()
    (ax,) = figure.axes
    (beside,) = ax.child_axes
    return {
        name.get_text(): value.get_text()
        for name, value in zip(ax.get_yticklabels(), beside.get_yticklabels(), strict=True)
    }


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match="plot"):
        toy_mixed().plot()


def test_the_main_scores_and_whatever_failed_are_drawn() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed(bad=True)
    drawn = told(report.plot())
    assert len(drawn) == 12 and "Precision (scan)" not in drawn
    assert drawn["Recall (scan)"] == "20.0 %" and drawn["Copies (scan)"] == "30.0 %" and drawn["Exact copies"]
    assert told(report.plot("precision[scan]", language="zh")) == {"生成的落在真實之處（scan）": "91.0 %"}
    with pytest.raises(RequestError, match='Did you mean "recall'):
        report.plot("recall[scn]")


def test_a_dot_lies_among_the_ends_of_its_score() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed()
    score = next(score for score in report.scores if score.name == "shape")
    (dot,) = report.plot("shape").axes[0].lines
    ends = score.low, score.high, score.floor_low, score.floor_high
    assert dot.get_xdata() == pytest.approx([(score.value - min(ends)) / (max(ends) - min(ends))])
