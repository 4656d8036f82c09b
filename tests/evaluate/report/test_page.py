"""The page says what was measured, in both languages, whole, escaped and without fetching anything."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sampan.evaluate.report import Report
from sampan.evaluate.report.words import LANGUAGES, words
from sampan.evaluate.score import QUESTIONS, Score
from sampan.evaluate.sides import Side, Sides
from tests.evaluate.report.toy import toy_report, toy_scores

NASTY = '<script>"年資"&\'</script>'
REPORTS = {
    "good": toy_report(),
    "bad": toy_report(bad=True, without=("treated",)),
    "gated": toy_report(True, "shape <= 1.5*floor and not (trend > 2*floor) and c2st.low >= .5"),
}


class Reader(HTMLParser):
    """Collects tags, ids and text, and fails where a tag is closed that is not open."""

    void = {"meta", "br", "link", "img"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    @property
    def told(self) -> str:
        return " ".join(self.text).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_well_formed_and_stands_alone(name: str, language: str) -> None:
    page = REPORTS[name].to_html(language)
    read = Reader(page)
    assert f'<html lang="{language}">' in page
    assert not re.search(r"https?:|url\(|@import|\bsrc=|href=\"(?!#)|<script|\bon\w+=", page)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', page)
    assert not re.search(r"\{\w*\}", read.told)
    ids = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    links = {(attrs["href"] or "")[1:] for tag, attrs in read.tags if tag == "a"}
    assert links <= ids and len(links) >= 9


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_can_be_heard(name: str) -> None:
    tags = Reader(REPORTS[name].to_html()).tags
    drawings = [attrs for tag, attrs in tags if tag == "svg"]
    assert len(drawings) > 30 and all(d.get("role") == "img" and d.get("aria-label") for d in drawings)
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert all("scope" in attrs for tag, attrs in tags if tag == "th")


def test_sentences_follow_the_state() -> None:
    good, bad, gated = (Reader(REPORTS[name].to_html()).told for name in REPORTS)
    assert "Passed. By everything that could be decided" in good and "Do not hand these rows on" not in good
    assert (
        "The made rows do not look like the real ones: Single columns, 4.03 % beside 1.35 % for real" in bad
    )
    assert "A trained judge can tell made rows from real ones: 0.610 beside 0.980" in bad
    assert "Do not hand these rows on" in bad
    assert "The column to predict was guessed: churned. Name another with target=." in bad
    assert "Whether made rows help or harm is not known: the gain is 0.02 (-0.09 to 0.13)" in bad
    assert "No column was named as protected." in bad and "Not asked: Who is treated differently?" in bad
    assert "What the gate demands does not hold: shape <= 1.5*floor and trend > 2*floor." in gated
    assert "the gate wants the opposite" in gated and "trend.floor 2.30 %" in gated
    assert "c2st.low 0.590" in gated


def test_a_question_that_was_asked_in_part_says_so() -> None:
    scores = tuple(score for score in toy_scores() if score.name != "c2st")
    report = dataclasses.replace(REPORTS["good"], scores=scores, skipped=(("look", "no_extra"),))
    for told in (Reader(report.to_html()).told, "\n".join(report.lines())):
        assert "What trains models was left out" in told and "Single columns" in told


def test_chinese_is_chinese() -> None:
    told = Reader(REPORTS["bad"].to_html("zh-HK")).told
    assert (
        "未通過。生成資料不像真實資料：單欄為 4.03 %，真實資料為 1.35 %；有人可以在生成資料中被認出：完全相同"
        in told
    )
    assert "經訓練的評判模型能分出生成資料" in told
    assert not re.search(r"\b(passed|failed|made rows|real rows)\b", told)


def test_columns_come_worst_first_and_each_is_drawn() -> None:
    report = REPORTS["bad"]
    cards = [a for tag, a in Reader(report.to_html()).tags if (a.get("class") or "").split()[:1] == ["card"]]
    titles = [a["title"] for tag, a in Reader(report.to_html()).tags if tag == "h3" and "title" in a]
    shape = next(score for score in report.scores if score.name == "shape")
    assert titles == [part.name for part in shape.parts] and len(cards) == len(report.sides.kinds)
    assert sum("far" in (card["class"] or "") for card in cards) == sum(
        p.passed is False for p in shape.parts
    )


def test_the_map_shows_made_above_and_real_below() -> None:
    page = REPORTS["good"].to_html()
    cells = re.findall(r'<text class="figure[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([\d.]+)<', page)
    places = sorted({float(x) for x, _, _ in cells})
    columns = {x: i for i, x in enumerate(places)}
    rows = {y: i for i, y in enumerate(sorted({float(y) for _, y, _ in cells}))}
    shown = {(rows[float(y)], columns[float(x)]): value for x, y, value in cells}
    names = list(REPORTS["good"].sides.kinds)
    trend = next(score for score in REPORTS["good"].scores if score.name == "trend")
    for part in trend.parts:
        i, j = (names.index(name) for name in part.name.split(" × "))
        assert shown[i, j] == f"{part.value:.1f}" and shown[j, i] == f"{part.floor:.1f}"
    assert len(shown) == len(names) * (len(names) - 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_holds_no_value_of_a_real_row_unless_asked_and_then_says_so(language: str) -> None:
    report = REPORTS["good"]
    whole, redacted = report.to_html(language, show_real=True), report.to_html(language)
    secrets = {pair.seen["income"] for pair in report.closest}
    assert all(secret in whole for secret in secrets)
    assert not any(secret in redacted for secret in secrets)
    assert "0.042" in redacted  # distances are kept
    assert words(language).say("note.shows_rows") in Reader(whole).told
    assert words(language).say("note.shows_rows") not in Reader(redacted).told
    assert json.dumps(report.to_json()).count(next(iter(secrets))) == 0


def test_a_drawing_names_no_rare_value_and_no_extreme_unless_asked() -> None:
    rng = np.random.default_rng(0)
    codes = np.append(rng.integers(0, 2, 500), 2)
    wealth = np.append(rng.normal(0, 1, 500), 987_654_321.0)
    steps = np.append(rng.integers(3, 9, 500), 23).astype(float)
    side = Side(501, {"wealth": wealth, "steps": steps}, {"job": codes})
    kinds = {"wealth": "number", "steps": "number", "job": "category"}
    sides = Sides(side, side, side, kinds, {"job": ["clerk", "nurse", "governor"]}, {})  # type: ignore[arg-type]
    report = Report("t", (), sides, "private", None)
    whole, redacted = report.to_html(show_real=True), report.to_html()
    assert "governor" in whole and ">23<" in whole
    assert "governor" not in redacted and ">≥ 8<" in redacted and ">23<" not in redacted
    assert "988 M" not in redacted and "987" not in redacted


def test_a_drawing_of_few_rows_ends_at_round_numbers() -> None:
    pay = np.sort(np.random.default_rng(3).uniform(20_000, 90_000, 40)).round(2)
    side = Side(40, {"pay": pay}, {})
    told = Reader(
        Report("t", (), Sides(side, side, side, {"pay": "number"}, {}, {}), "shape", None).to_html()
    )
    ends = re.findall(r"[≤≥] ([\d,]+)", told.told)
    assert len(ends) == 2 and all(float(end.replace(",", "")) % 500 == 0 for end in ends)


def test_what_was_changed_or_left_out_is_on_the_page_and_in_the_json() -> None:
    note = '"remarks": free text is left empty. To learn it as it is: --type "remarks=category"'
    report = dataclasses.replace(REPORTS["good"], notes=(note,))
    assert note in Reader(dataclasses.replace(report, shell=True).to_html()).told
    assert 'types={"remarks": "category"}' in Reader(report.to_html()).told and report.to_json()["notes"] == [
        note
    ]
    assert "left out or guessed" not in Reader(REPORTS["good"].to_html()).told


def test_names_are_escaped() -> None:
    rng = np.random.default_rng(1)
    side = Side(60, {}, {NASTY: rng.integers(0, 3, 60), "b": rng.integers(0, 3, 60)})
    values = ["<b>x</b>", "y %s", "{z}"]
    sides = Sides(side, side, side, {NASTY: "category", "b": "category"}, {NASTY: values, "b": values}, {})
    row = {NASTY: "<i>", "b": "{0}"}
    report = Report("<Voyage> & more", toy_scores(), sides, "shape", True, (), (row, row))
    read = Reader(report.to_html())
    assert {"script", "voyage", "i"} & {tag for tag, attrs in read.tags if not attrs.get("class")} == set()
    assert NASTY in read.text and "<Voyage> & more" in read.text and "{0}" in read.text


@pytest.mark.parametrize("rows", [0, 1])
def test_the_least_that_can_be_judged_is_a_page(rows: int) -> None:
    empty = np.full(rows, math.nan)
    side = Side(rows, {"gone": empty}, {"none": np.full(rows, -1)})
    sides = Sides(
        side, side.take(np.zeros(0, np.int64)), side, {"gone": "number", "none": "category"}, {"none": []}, {}
    )
    scores = tuple(Score(f"new_{name}", name, math.nan, "lower", None) for name in QUESTIONS)
    report = Report("t", scores, sides, "faithful", None)
    read = Reader(report.to_html())
    assert "Undecided, so not passed" in read.told and "Nothing to draw" in read.told
    assert "No real rows were kept aside." in read.told and "new_look" in read.told
    assert Reader(Report("t", (), sides, "faithful", None).to_html("zh")).open == []


def test_more_columns_than_fit_are_cut_and_said() -> None:
    rng = np.random.default_rng(2)
    names = [f"c{i:03d}" for i in range(120)]
    side = Side(50, {name: rng.normal(size=50) for name in names}, {})
    sides = Sides(side, side, side, dict.fromkeys(names, "number"), {}, {})  # type: ignore[arg-type]
    report = Report("wide", (), sides, "shape", None, examples=(dict.fromkeys(names, "1"),))
    told = Reader(report.to_html()).told
    assert "The first 48 of 120 columns are drawn." in told
    assert "The first 60 of 120 columns are shown." in told


def test_an_unknown_fact_in_a_card_is_shown_as_it_is() -> None:
    report = dataclasses.replace(REPORTS["good"], made_by={"family": "x", "colour": {"a": [1, 2.5, None]}})
    assert "a 1, 2.5, null" in Reader(report.to_html()).told


def test_a_notebook_shows_the_page_in_a_frame_that_runs_nothing() -> None:
    frame = REPORTS["good"]._repr_html_()
    assert frame.startswith("<iframe srcdoc=") and 'sandbox=""' in frame
    assert Reader(frame).tags[0][1]["srcdoc"] == REPORTS["good"].to_html()


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_can_be_read_in_light_and_in_the_dark() -> None:
    """The contrast that WCAG 2 asks of text (AA), 4.5 to 1, of every colour of words on every ground."""
    page = REPORTS["good"].to_html()
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{[^}]*#[^}]*\}", page)
    )
    assert set(light) == set(dark)
    for theme in (light, dark):
        for ink in ("ink", "soft", "fail", "made"):
            for ground in ("page", "wash"):
                one, two = sorted((_luminance(theme[ink]), _luminance(theme[ground])))
                assert (two + 0.05) / (one + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_drives_a_terminal_or_turns_a_line(language: str) -> None:
    odd = dataclasses.replace(toy_report(), title="a\x00\x1b[2J\u202eb")
    for text in (odd.to_html(language), repr(odd), odd._repr_html_()):
        assert not {"\x00", "\x1b", "\u202e"} & set(text)
