"""A report as a figure: the main scores, or those that are named, each beside its floor."""

from __future__ import annotations

import sys

import pytest

from sampan.errors import MissingExtra, RequestError
from tests.evaluate.report.toy import toy_mixed


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match="plot"):
        toy_mixed().plot()


def test_the_main_scores_and_whatever_failed_are_drawn() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed(bad=True)
    figure = report.plot()
    told = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"Single columns", "Recall (scan)", "20.0 %", "Copies (scan)", "Exact copies"} <= told
    assert len(figure.axes) == 12 and "Precision (scan)" not in told
    one = report.plot("precision[scan]", language="zh")
    assert {text.get_text() for text in one.axes[0].texts} == {"生成的落在真實之處（scan）", "91.0 %"}
    with pytest.raises(RequestError, match='Did you mean "recall'):
        report.plot("recall[scn]")


def test_a_dot_lies_at_the_figure_and_a_line_at_the_floor() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed()
    score = next(score for score in report.scores if score.name == "shape")
    lines = [line.get_xdata() for line in report.plot("shape").axes[0].lines]
    assert [score.value] in [list(xs) for xs in lines] and [score.floor] * 2 in [list(xs) for xs in lines]
