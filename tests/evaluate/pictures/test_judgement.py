"""One call, one report: JSON, a page that fetches nothing, PNGs that are what they were."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from functools import cache

import numpy as np
import pytest

from sampan.errors import DataError, RequestError
from sampan.evaluate.eyes.picture.png import png
from sampan.evaluate.pictures import PictureReport, judge_pictures
from sampan.evaluate.pictures.page import sheet
from sampan.evaluate.pictures.sentences import picture_words
from sampan.evaluate.report.words import LANGUAGES
from tests.evaluate.eyes.picture.digits import digits, touched

SEEN, UNSEEN, REAL = digits(200, 200, 200)


def _judged(made: np.ndarray, **more: object) -> PictureReport:
    return judge_pictures(
        made,
        seen=SEEN[0],
        unseen=UNSEEN[0],
        seen_labels=SEEN[1],
        steps=20,
        **more,  # type: ignore[arg-type]
    )


@cache
def good() -> PictureReport:
    return _judged(REAL[0], title="<Good> & real", made_labels=REAL[1], unseen_labels=UNSEEN[1])


@cache
def copied() -> PictureReport:
    return _judged(touched(SEEN[0]))


def test_real_pictures_pass_and_copies_fail() -> None:
    bad, real = copied().score("copies"), good().score("copies")
    assert real is not None and real.passed is True
    assert bad is not None and bad.passed is False and copied().passed is False
    assert "Copying: failed" in copied().to_html() and "Copying: passed" in good().to_html()
    assert len({score.name for score in good().scores}) == len(good().scores) == 10


def test_the_json_is_plain_and_holds_no_picture() -> None:
    told = json.loads(json.dumps(copied().to_json(), allow_nan=False))
    assert told["copying"] == "failed" and told["rows"] == {"seen": 200, "unseen": 200, "made": 200}
    assert told["closest"][0]["copied"] is True and len(told["closest"]) == 12


def test_the_page_opens_with_real_beside_made_and_fetches_nothing() -> None:
    page = good().to_html(show_real=True)
    assert "&lt;Good&gt; &amp; real" in page and "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []
    assert (
        page.index("Real beside made") < page.index("The closest pairs") < page.index("beside their floors")
    )
    assert page.count("<img") == 2 + 2 * 12
    for data in re.findall(r"base64,([^\"]+)", page):
        assert base64.b64decode(data).startswith(b"\x89PNG")
    for score in good().scores:
        assert f"<code>{score.name}</code>" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_no_real_picture_unless_asked_and_says_which(language: str) -> None:
    plain, whole = good().to_html(language), good().to_html(language, show_real=True)
    marked = picture_words(language).say("note.shows_rows")
    assert plain.count("<img") == 1 + 12 and marked not in plain
    assert whole.count("<img") == 2 + 2 * 12 and marked in whole
    copies = sum(pair.copied for pair in copied().closest)
    assert copies and copied().to_html().count("<img") == 1 + 12 - copies  # a copy is a real picture


def test_what_was_not_asked_is_said() -> None:
    report = judge_pictures(REAL[0], seen=SEEN[0], steps=2)
    assert report.passed is None and set(report.skipped) == {"found", "work"}
    assert report.learned_from == "pictures alone" and "no labels" in report.to_html()
    assert report.score("near") is None


def test_a_gate_may_name_what_only_pictures_have() -> None:
    gate = "frechet <= 3*floor and copies <= 5"
    assert judge_pictures(REAL[0], seen=SEEN[0], unseen=UNSEEN[0], steps=5, gate=gate).passed is True
    with pytest.raises(RequestError, match="frechet"):
        judge_pictures(REAL[0], seen=SEEN[0], gate="frechett <= 1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words_of_every_score(language: str) -> None:
    first, table = picture_words().table, picture_words(language).table
    assert set(first) ^ set(table) == set()
    fills = [
        {key: set(re.findall(r"{(\w+)}", text)) for key, text in held.items()} for held in (first, table)
    ]
    assert fills[0] == fills[1]
    page, lines = good().to_html(language), good().lines(language)
    assert f'lang="{language}"' in page and len(lines) == 12
    for score in good().scores:
        assert picture_words(language).title(score.name) in page
    assert "{" not in page.split("</style>")[1]


def test_a_chinese_page_holds_no_english_sentence() -> None:
    body = good().to_html("zh-HK", show_real=True).split("</style>")[1]
    text = re.sub(r"<svg.*?</svg>|<code>.*?</code>|<[^>]+>", " ", body, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{3,}", text)) <= {
        "Sampan",
        "Good",
        "show",
        "real",
        "Fréchet",
        "chet",
        "amp",
    }
    assert "抄襲：通過" in text and "真實與生成對照" in text


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (REAL[0][:, 0], "shape"),
        (REAL[0] / 255, "float64"),
        (REAL[0][:5], "5 made pictures"),
        (REAL[0][..., :7], "Resize"),
    ],
)
def test_pictures_that_do_not_match_are_refused(made: np.ndarray, told: str) -> None:
    with pytest.raises(DataError, match=told):
        judge_pictures(made, seen=SEEN[0])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_holds_the_picture(channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (channels, 5, 7), dtype=np.uint8)
    data = png(picture)
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (width, height, depth, kind) == (7, 5, 8, {1: 0, 2: 0, 3: 2, 4: 6}[channels])
    start = data.index(b"IDAT")
    (size,) = struct.unpack(">I", data[start - 4 : start])
    lines = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + size]), np.uint8).reshape(5, -1)
    assert (lines[:, 0] == 0).all()
    if channels != 2:
        assert (lines[:, 1:].reshape(5, 7, channels).transpose(2, 0, 1) == picture).all()


def test_a_sheet_holds_every_picture() -> None:
    out = sheet(np.arange(5, dtype=np.uint8)[:, None, None, None].repeat(2, 2).repeat(3, 3), across=3)
    assert out.shape == (1, 5, 11)
    assert [out[0, 0, 0], out[0, 0, 4], out[0, 3, 4], out[0, 3, 8]] == [0, 1, 4, 255]


@pytest.mark.parametrize("unseen", [24, 40])
def test_noise_fails_however_few_pictures_were_kept_aside(unseen: int) -> None:
    """Once: recall 0 to 13 % beside 72 to 98 %, and "too little is known"."""
    (seen, _), (aside, _), (real, _) = digits(200, unseen, 40)
    noise = np.random.default_rng(0).integers(0, 256, real.shape, dtype=np.uint8)
    bad = judge_pictures(noise, seen=seen, unseen=aside, steps=40)
    assert bad.passed is False
    recall = bad.score("recall")
    assert recall is not None and recall.state == "fails" and recall.high < recall.floor_low
    assert "do not look like the real ones: " in bad.to_html()
    good = judge_pictures(real, seen=seen, unseen=aside, steps=40)
    assert not [score.name for score in good.scores if score.passed is False], good.lines()
