"""A report as a figure: the main scores, or those that are named, each beside its floor."""

from __future__ import annotations

import math
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sampan.errors import MissingExtra, Notice, RequestError
from sampan.figure import draws
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
    assert told(report.plot("precision[scan]", language="zh")) == {"生成的落在真實範圍（scan）": "91.0 %"}
    with pytest.raises(RequestError, match='Did you mean "recall'):
        report.plot("recall[scn]")


def test_a_dot_lies_among_the_ends_of_its_score() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed()
    score = next(score for score in report.scores if score.name == "shape")
    (dot,) = report.plot("shape").axes[0].lines
    ends = score.low, score.high, score.floor_low, score.floor_high
    assert dot.get_xdata() == pytest.approx([(score.value - min(ends)) / (max(ends) - min(ends))])


def test_without_a_floor_a_line_runs_over_all_that_the_figure_could_be_and_says_so() -> None:
    pytest.importorskip("matplotlib")
    report = toy_mixed()
    nan = math.nan
    bare = [replace(one, floor=nan, floor_low=nan, floor_high=nan, passed=None) for one in report.scores]
    figure = replace(report, scores=tuple(bare)).plot("shape", "c2st")
    ax = figure.axes[0]
    shape, c2st = (next(one for one in bare if one.name == name) for name in ("shape", "c2st"))
    assert [dot.get_xdata()[0] for dot in ax.lines] == pytest.approx([shape.value / 100, c2st.value])
    assert [text.get_text() for text in ax.texts] == ["0 %, best", "100.0 %", "0", "1.000, best"]
    assert "unseen=" in figure.get_supxlabel() and "never seen, and" not in figure.get_supxlabel()


def test_chinese_headings_warn_of_no_font(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Where a font has the letters it is used in a weight that it has; where none has, English is drawn."""
    pytest.importorskip("matplotlib")
    report = replace(toy_mixed(), title="客戶 2026")
    if not draws("客戶"):
        with pytest.warns(Notice, match="no font"):
            assert "Recall (scan)" in told(report.plot(language="zh-Hant"))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report.plot(language="zh-Hant").savefig(tmp_path / "zh.png")
    assert not [line for line in caplog.messages if "findfont" in line]


def test_without_a_font_of_the_letters_a_figure_is_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("sampan.figure.FONTS", ("DejaVu Sans",))
    with pytest.warns(Notice, match="no font"):
        assert "Recall (scan)" in told(toy_mixed().plot(language="zh-Hant"))
