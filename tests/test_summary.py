"""A model at a glance: in a console, in a notebook, as a figure."""

from __future__ import annotations

import io
import re
import sys
from html.parser import HTMLParser

import pytest
from PIL import Image

import sampan as sp


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
        if tag not in ("img", "br", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("polyline",):
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


def test_a_figure_shows_how_it_learned(model: sp.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    curve = model.plot().axes[0].get_lines()
    assert len(curve[0].get_xdata()) == len(model.card.history["looks"])
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(sp.MissingExtra, match="matplotlib"):
        model.plot()
