"""The page holds every column, is well formed, and fetches nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.evaluate.check import check
from sampan.evaluate.columns import Kind
from sampan.evaluate.picture import picture

NASTY = '<script>"年資"&\'</script>'
KINDS: dict[str, Kind] = {
    "n": "number",
    NASTY: "category",
    "gone": "number",
    "one": "category",
    "spike": "number",
}


def world(seed: int, shift: float = 0.0) -> dict[str, Column]:
    rng = np.random.default_rng(seed)
    rows = 400
    return {
        "n": Array.from_numpy(rng.lognormal(3, 2, rows) + shift),
        NASTY: from_strings([f"<b>{value}</b>" for value in rng.integers(0, 20, rows)]),
        "gone": Array([None] * rows, DataType.float64()),
        "one": from_strings(["only"] * rows),
        "spike": Array.from_numpy(np.where(rng.random(rows) < 0.95, 0.0, rng.normal(50, 10, rows))),
    }


class Reader(HTMLParser):
    """Collects tags and text, and fails where a tag is closed that is not open."""

    void = {"meta", "br", "link", "img"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    real, aside, made = world(0), world(1), world(2, shift=1000.0)
    return picture(real, made, KINDS, check(real, aside, made, KINDS), title="<Voyage> & more")


def test_the_page_is_well_formed_and_escaped(page: str) -> None:
    read = Reader(page)
    assert read.open == []
    assert not any(tag in ("script", "b", "voyage", "link", "img") and attrs for tag, attrs in read.tags)
    assert "script" not in {tag for tag, _ in read.tags}
    assert NASTY in read.text
    assert "<Voyage> & more" in read.text


def test_nothing_is_fetched(page: str) -> None:
    assert not re.search(r"https?:|url\(|@import|\bsrc=|\bhref=", page)


def test_every_column_has_a_card_and_the_worst_comes_first(page: str) -> None:
    read = Reader(page)
    cards = [attrs["class"] for tag, attrs in read.tags if tag == "section"]
    assert cards == ["card far"] + ["card"] * 4
    titles = [attrs["title"] for tag, attrs in read.tags if tag == "h3"]
    assert titles[0] == "n" and set(titles) == set(KINDS)


def test_every_pair_is_on_the_map(page: str) -> None:
    cells = [attrs for _, attrs in Reader(page).tags if attrs.get("class") == "heat"]
    assert len(cells) == len(KINDS) ** 2
    assert all(0 <= float(cell["fill-opacity"] or -1) <= 1 for cell in cells)


def test_no_drawing_holds_a_number_that_is_none(page: str) -> None:
    assert not re.search(r'="[^"]*\b(nan|inf)\b', page)


def test_a_spike_does_not_flatten_the_rest(page: str) -> None:
    assert re.search(r"9\d\.\d % real, 9\d\.\d % made", page)


def test_ticks_are_written_as_asked() -> None:
    real = {"day": Array.from_numpy(np.arange(100.0) * 10)}
    kinds: dict[str, Kind] = {"day": "number"}
    told = picture(
        real, real, kinds, check(real, real, real, kinds), ticks={"day": lambda value: f"day {value:.0f}"}
    )
    assert ">day 0<" in told and ">day 990<" in told
