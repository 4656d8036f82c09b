"""A column of points, such as pictures, is shown, told, counted by the gate, and hidden where it is real."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sampan.evaluate.gate import POINTS
from sampan.evaluate.report.sentences import score_told, verdict
from sampan.evaluate.report.words import LANGUAGES, words
from sampan.evaluate.score import Part, Score
from tests.evaluate.report.test_page import NASTY, Reader
from tests.evaluate.report.toy import toy_mixed, toy_pictures, toy_points, toy_report, toy_shown


def test_a_record_of_table_and_pictures_fails_where_its_pictures_do() -> None:
    assert toy_mixed().passed is True and toy_mixed(bad=True).passed is False
    assert toy_mixed(bad=True, gate="fair and useful").passed is True
    assert toy_mixed(bad=True, gate="recall >= 45").passed is False
    assert toy_mixed(bad=True, gate="recall[scan] >= 15 and recall >= 15").passed is True
    assert [atom.text for atom in toy_mixed(gate="recall >= 45").decision.atoms] == [
        "recall >= 45",
        "recall[scan] >= 45",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("show_real", [False, True])
def test_a_page_shows_no_real_cell_unless_asked_and_no_copy(language: str, show_real: bool) -> None:
    page = toy_mixed(bad=True).to_html(language, show_real)
    assert page.count("data:,made") == 48 and page.count("data:,walk") == 12 and page.count("data:,row") == 6
    assert page.count("data:,near") == (12 if show_real else 12 - 4)  # a copy of a real one is a real one
    assert page.count("data:,seen") == 48 * show_real and page.count("data:,learned") == 12 * show_real


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "report", [toy_mixed(), toy_mixed(True), toy_pictures(True)], ids=["good", "bad", "alone"]
)
def test_the_page_is_well_formed_and_says_every_score(report, language: str) -> None:
    page = report.to_html(language)
    read = Reader(page)
    assert not re.search(r"\{\w*\}", read.told) and not re.search(r"https?:|@import|<script", page)
    ids = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    assert {(attrs["href"] or "")[1:] for tag, attrs in read.tags if tag == "a"} <= ids
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    for score in report.scores:
        assert page.count(f"<code>{score.name}</code>") == 1
    grids = [attrs for tag, attrs in read.tags if tag == "div" and attrs.get("role") == "img"]
    assert len(grids) == 2 and all(attrs["aria-label"] for attrs in grids)


def test_what_is_said_names_the_column_and_its_cells() -> None:
    told = Reader(toy_mixed(bad=True).to_html()).told
    assert (
        "The made pictures do not look like the real ones: Fréchet distance (scan), 30.0 beside 7.90" in told
    )
    assert (
        "Learned pictures come back in the made ones: Copies (scan), 30.0 % beside 0 % for real pictures"
        in told
    )
    assert "Copying: failed. 30.0 % of the made pictures are copies" in told
    assert "Of “scan” by itself: 5 of 7 passed, 2 failed." in told and "records learned from" in told
    assert "pictures learned from" in Reader(toy_pictures().to_html()).told
    assert "rows learned from" in Reader(toy_report().to_html()).told
    chinese = Reader(toy_mixed(bad=True).to_html("zh")).told
    assert "學習過的圖片在生成圖片中重現：複製（scan）為 30.0 %，真實圖片為 0 %" in chinese


def test_a_terminal_says_of_which_column_it_speaks() -> None:
    assert "  Recall (scan): Some kinds of real pictures are never made." in toy_mixed(bad=True).lines()


def test_a_file_of_features_is_told_wherever_figures_are() -> None:
    report = toy_pictures()
    for told in (Reader(report.to_html()).told, "\n".join(report.lines()), json.dumps(report.to_json())):
        assert "net.safetensors, sha256 0" in told


def test_machines_read_each_column_by_name() -> None:
    report = toy_mixed(bad=True)
    told = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert {"recall", "recall[scan]"} <= {score["name"] for score in told["scores"]}
    (shown,) = told["shown"]
    assert shown["column"] == "scan" and [pair["copied"] for pair in shown["closest"]].count(True) == 4
    assert "data:," not in json.dumps(told) and "data:," not in "\n".join(report.lines())
    cases = {
        case.get("name"): case for case in ElementTree.fromstring(report.to_junit().encode()).iter("testcase")
    }
    assert cases["copies[scan]"].find("failure") is not None and cases["copies"].find("failure") is None


def test_the_name_of_a_column_is_escaped() -> None:
    assert "<script" not in toy_mixed(bad=True, column=NASTY).to_html(show_real=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_score_of_points_has_its_words(language: str) -> None:
    table = words(language).table
    wanted = {f"points.{name}.{part}" for name in POINTS for part in ("title", "what", "holds", "fails")}
    assert wanted - set(table) == set()
    assert {score.measure for score in toy_points()} == set(POINTS)
    assert all("{" not in score_told(score, words(language)) for score in toy_points(bad=True))


def test_a_headline_names_few_scores_and_counts_the_rest() -> None:
    plain = toy_report()
    unknown = tuple(replace(score, passed=None) for score in plain.scores if score.question == "look")
    told = verdict(replace(plain, scores=unknown, passed=None), words())
    assert "Not decided: Single columns, Pairs of columns, The whole row and 6 more" in told
    assert "另有 6 項" in verdict(replace(plain, scores=unknown, passed=None), words("zh"))


def test_a_medium_without_words_of_its_own_is_called_by_its_name() -> None:
    shown = replace(toy_shown(), medium="molecule")
    told = Reader(replace(toy_mixed(bad=True), shown=(shown,)).to_html()).told
    assert (
        "The made molecule do not look like the real ones" in told and " ," not in told and ", ," not in told
    )


def test_beside_what_failed_a_headline_says_what_is_not_known_and_no_more() -> None:
    report = toy_mixed(bad=True)
    scores = tuple(replace(one, passed=None) if one.question == "work" else one for one in report.scores)
    told = verdict(replace(report, scores=scores), words())
    assert told.endswith("Whether work done on the made rows holds is not known.")
    assert "Not decided" not in told


def test_what_is_not_known_of_rows_is_not_said_of_their_pictures() -> None:
    """Once: copies of pictures were not found, and the headline had it that this is not known."""
    report = toy_mixed()
    for column, told in (
        ("", "Whether somebody could be found"),
        ("scan", "Whether learned pictures come back"),
    ):
        scores = tuple(
            replace(one, passed=None) if one.question == "found" and one.column == column else one
            for one in report.scores
        )
        assert told in verdict(replace(report, scores=scores, passed=None), report._words())


def test_a_part_that_fails_is_named_where_the_whole_does_not_show_it() -> None:
    """Once: "47.3 % of made rows lie nearer to what was learned, where for real rows it is 50.0 %"."""
    parts = (Part("closest 1 %", 100.0, 50.0, passed=False), Part("all rows", 47.3, 50.0, passed=True))
    near = Score("near", "found", 47.3, "lower", False, 39.1, 55.5, 50.0, unit="%", parts=parts).settled()
    told = score_told(near, words())
    assert near.state == "fails" and "closest 1 % by itself is worse than real rows by 50.0 points" in told
