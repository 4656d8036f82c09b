"""A model at a glance: in a console, in a notebook, as a figure."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

import sampan as sp
from sampan.curve import Curve
from sampan.summary import HIGH, heading


def png(level: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 8), level).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    wide = {f"a column with a rather long name, number {place}": [1, 2] * 40 for place in range(40)}
    return sp.fit(
        {"<b>coin</b>": ["heads & tails", "<script>"] * 40, "picture": [png(9), png(200)] * 40} | wide,
        steps=24,
    )


def test_no_name_drives_a_terminal_or_makes_a_line_of_its_own() -> None:
    odd = "a\nb\x1b[2J\u202e"
    model = sp.fit({odd: [1, 2] * 40, "b": [odd, "x"] * 40}, steps=2)
    assert len(repr(model).splitlines()) == 4
    for text in (repr(model), model._repr_html_()):
        assert not {"\x1b", "\u202e"} & set(text)


class Page(HTMLParser):
    """The tags of a page, and what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in ("img", "br", "polyline", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("polyline", "line"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_lines_fit_a_screen(model: sp.Generator) -> None:
    lines = repr(model).splitlines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 110
    assert "42 columns" in lines[0]
    assert "and 34 more" in lines[1] or lines[1].endswith("…")


def test_a_notebook_shows_columns_the_curve_rows_and_pictures(model: sp.Generator) -> None:
    page = Page(model._repr_html_())
    assert page.open == []
    assert {"table", "svg", "img"} <= page.seen
    assert not {"script", "link", "iframe"} & page.seen
    assert "heads & tails" in page.text or "<script>" in page.text  # made cells, as text
    assert not re.search(r"https?://", model._repr_html_())


def test_a_model_is_called_by_its_file_or_by_its_columns(model: sp.Generator) -> None:
    assert repr(model).startswith("Generator of <b>coin</b>, picture, a column with a…, …: 42 columns")
    assert "Generator of data" not in model._repr_html_() and "overflow-x:auto" in model._repr_html_()
    named = replace(model.card, source="people.csv")
    assert heading(named) == "Generator of people.csv"


def test_every_drawing_of_the_curve_is_the_same(model: sp.Generator) -> None:
    """In a notebook, a figure and a terminal a score stands at one height, and the kept one at one place."""
    pytest.importorskip("matplotlib")
    curve = Curve.of(model.card.history)
    heights = curve.heights(curve.held)
    assert min(min(heights), min(curve.heights(curve.training))) == 0.0 and max(heights) <= 1.0
    drawn = re.findall(r'<polyline points="([^"]+)"', model._repr_html_())[1]
    high = [float(point.split(",")[1]) for point in drawn.split()]
    assert high == pytest.approx([4 + (HIGH - 8) * (1 - height) for height in heights], abs=0.06)
    axes = model.plot().axes[0]
    score = next(line for line in axes.get_lines() if line.get_label() == "rows held out")
    ends = axes.transData.transform([(0, curve.low), (0, curve.high)])[:, 1]
    places = axes.transData.transform(score.get_xydata())[:, 1]
    assert (places - ends[0]) / (ends[1] - ends[0]) == pytest.approx(heights, abs=1e-3)
    kept = next(line for line in axes.get_lines() if line.get_label() == "kept")
    assert kept.get_xdata()[0] == curve.best
    assert f"{curve.kept:.2f} kept (of step {curve.best:,})" in Page(model._repr_html_()).text
    assert [curve.along(40)[0], curve.along(40)[-1]] == [heights[0], heights[-1]]


def test_a_figure_shows_how_it_learned(model: sp.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    curve = model.plot().axes[0].get_lines()
    assert len(curve[0].get_xdata()) == len(model.card.history["looks"])
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(sp.MissingExtra, match="matplotlib"):
        model.plot()
