"""Page: a report on pictures as one HTML file, without script and without anything fetched.

It has the look of the report on tables, and opens with what no figure replaces: real beside made.
"""

from __future__ import annotations

import base64
import math
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from sampan.evaluate.eyes.picture.png import png
from sampan.evaluate.eyes.picture.stack import fitted, floats, resized
from sampan.evaluate.pictures.sentences import limits, said_of, verdict, what_of, whole
from sampan.evaluate.report.page.charts import gauge, mark, places
from sampan.evaluate.report.page.head import LONG
from sampan.evaluate.report.sentences import excess_told, state
from sampan.evaluate.report.words import DASH, Words
from sampan.evaluate.score import Score
from sampan.evaluate.state import Standing
from sampan.evaluate.state import standing as standing_of_score

if TYPE_CHECKING:
    from sampan.evaluate.pictures.report import PictureReport

ACROSS = 8
"""Pictures in a row of a contact sheet."""

SHOWN = 96
"""Longest side of a picture on the page, in its own pixels."""

_HEADS = ("value", "floor", "reference")
"""The figures of a score that are shown beside each other."""

_STYLE = """
.sheets { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 28px; margin-top: 28px; }
.sheets figcaption, .closest figcaption { font-size: 13px; color: var(--soft); margin-top: 6px; }
.sheets figure, .closest figure { margin: 0; min-width: 0; }
img { image-rendering: pixelated; display: block; width: 100%; height: auto; background: var(--wash); }
.closest { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 200px), 1fr)); gap: 22px;
  margin-top: 16px; }
.closest .two { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }
.closest .copied figcaption { color: var(--fail); font-weight: 600; }
.alarm { color: var(--fail); font-weight: 600; }
@media screen and (max-width: 620px) { .sheets { grid-template-columns: minmax(0, 1fr); } }
@media print { .closest figure, .sheets figure { break-inside: avoid; } }
"""


def page(report: PictureReport, words: Words, show_real: bool = False) -> str:
    """The report as HTML. show_real: with pictures that were learned from, and with copies of them."""
    style = files("sampan.evaluate.report.page").joinpath("style.css").read_text(encoding="utf-8") + _STYLE
    footer = words.say("note.sensitive" if show_real else "note.redacted")
    body = (
        f"{_head(report, words, show_real)}{_sheets(report, words, show_real)}"
        f"{_closest(report, words, show_real)}"
        f"{_walk(report, words)}{_figures(report, words)}"
        f"{_notes(report, words)}{_limits(report, words)}"
        f"<footer><p>{footer}</p></footer>"
    )
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title)} {DASH} {words.say('page.kind')}</title>"
        f"<style>{style}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def sheet(pictures: np.ndarray, across: int = ACROSS, gap: int = 1) -> np.ndarray:
    """Pictures as one, row by row with gaps: uint8 (channels, height, width)."""
    rows, channels, height, width = pictures.shape
    down = math.ceil(rows / across)
    out = np.full((channels, down * (height + gap) - gap, across * (width + gap) - gap), 255, np.uint8)
    for i, picture in enumerate(pictures):
        y, x = i // across * (height + gap), i % across * (width + gap)
        out[:, y : y + height, x : x + width] = picture
    return out


def shrunk(pictures: np.ndarray, longest: int = SHOWN) -> np.ndarray:
    """Pictures at most so large, to be shown: uint8."""
    size = fitted(pictures.shape[-2], pictures.shape[-1], longest)
    if size == pictures.shape[-2:] or not len(pictures):
        return pictures
    return (resized(floats(pictures), *size) * 255).round().byte().numpy()


def _image(picture: np.ndarray, told: str) -> str:
    data = base64.b64encode(png(picture)).decode()
    return f'<img alt="{escape(told)}" src="data:image/png;base64,{data}">'


def _head(report: PictureReport, words: Words, show_real: bool) -> str:
    standing, said = whole(report), verdict(report, words)
    long = " long" * (places(said) > LONG)
    facts = {name: f"{report.rows[name]:,}" for name in ("seen", "unseen", "made")}
    facts["features"] = words.say(f"learned.{report.learned_from.split()[0]}")
    if report.features_file is not None:
        facts["file"] = escape(report.features_file.partition(",")[0])  # its SHA-256 is told below
    facts |= {"seconds": f"{report.seconds:,.0f}", "seed": str(report.seed)}
    told = "".join(
        f"<div><dt>{words.say(f'sides.{name}')}</dt><dd>{value}</dd></div>" for name, value in facts.items()
    )
    real = f'<p class="notice real">{words.say("note.shows_rows")}</p>' if show_real else ""
    return (
        f'<header><p class="kind"><span>Sampan</span><span>{words.say("page.kind")}</span></p>'
        f"<h1>{escape(report.title)}</h1>"
        f'<div class="verdict {standing}{long}">{_mark(standing, words)}'
        f"<p>{escape(said)}</p></div>"
        f'<dl class="facts">{told}</dl>{_copying(report, words)}{real}</header>'
    )


def _mark(standing: Standing, words: Words) -> str:
    return mark(standing, words.say(f"state.{standing}"))


def _copying(report: PictureReport, words: Words) -> str:
    score = report.score("copies")
    if score is None:
        return ""
    standing = state(score.passed)
    told = words.say(f"copying.{standing}", {"share": words.figure(score.value, "%")})
    kind = "notice alarm" if score.passed is False else "notice"
    return f'<p class="{kind}">{_mark(standing, words)} {escape(told)}</p>'


def _sheets(report: PictureReport, words: Words, show_real: bool) -> str:
    sides = {"seen": report.seen, "made": report.made} if show_real else {"made": report.made}
    drawn = "".join(
        f"<figure>{_image(sheet(shrunk(pictures)), words.say(f'page.alt_{side}', {'count': len(pictures)}))}"
        f"<figcaption>{words.say(f'page.sheet_{side}')}</figcaption></figure>"
        for side, pictures in sides.items()
        if len(pictures)
    )
    title = words.say("page.sheets" if show_real else "page.sheets_made")
    inner = f'<h2>{title}</h2><div class="sheets">{drawn}</div>'
    return f'<section id="pictures" class="part">{inner}</section>'


def _closest(report: PictureReport, words: Words, show_real: bool) -> str:
    if not report.closest:
        return ""
    drawn = []
    made, seen = shrunk(report.closest_made), shrunk(report.closest_seen)
    for i, pair in enumerate(report.closest):
        # a copy of a real picture is a real picture
        left = "" if pair.copied and not show_real else _image(made[i], words.say("page.alt_own"))
        right = _image(seen[i], words.say("page.alt_learned")) if show_real else ""
        kind = ' class="copied"' if pair.copied else ""
        fill = {
            "ratio": f"{pair.ratio:.2f}",
            "bound": f"{pair.bound:.2f}",
            "space": words.say(f"space.{pair.space}"),
        }
        told = words.say("page.pair_copied" if pair.copied else "page.pair", fill)
        drawn.append(
            f'<figure{kind}><div class="two">{left}{right}</div><figcaption>{told}</figcaption></figure>'
        )
    return (
        f'<section id="closest" class="part"><h2>{words.say("page.closest")}</h2>'
        f'<p class="soft">{words.say("page.closest_note" if show_real else "page.closest_made")}</p>'
        f'<div class="closest">{"".join(drawn)}</div></section>'
    )


def _walk(report: PictureReport, words: Words) -> str:
    if not len(report.walk):
        return ""
    told = words.say("page.alt_walk", {"count": len(report.walk)})
    drawn = _image(sheet(shrunk(report.walk), across=len(report.walk)), told)
    return (
        f'<section id="walk" class="part"><h2>{words.say("page.walk")}</h2>'
        f'<p class="soft">{words.say("page.walk_note")}</p>{drawn}</section>'
    )


def _figures(report: PictureReport, words: Words) -> str:
    heads = "".join(f"<span>{words.say(f'figure.{name}')}</span>" for name in _HEADS)
    rows = "".join(_score(score, words) for score in report.scores)
    return (
        f'<section id="figures" class="part"><h2>{words.say("page.figures")}</h2>'
        f'<p class="soft">{words.say("page.figures_note")}</p>'
        f'<div class="scores"><div class="heads" aria-hidden="true"><span></span><span></span>{heads}'
        f"<span></span></div>{rows}</div></section>"
    )


def _score(score: Score, words: Words) -> str:
    standing = standing_of_score(score)
    paired = excess_told(score, words)
    paired = f'<p class="soft">{escape(paired)}</p>' if paired else ""
    title = words.title(score.name)
    ends = ((score.low, score.high), (score.floor_low, score.floor_high), (math.nan, math.nan))
    figures = "".join(
        f"<div><dt>{words.say(f'figure.{name}')}</dt><dd>{words.figure(getattr(score, name), score.unit)}"
        + (f"<small>{words.interval(low, high, score.unit)}</small>" if math.isfinite(low) else "")
        + "</dd></div>"
        for name, (low, high) in zip(_HEADS, ends, strict=True)
    )
    drawing = gauge(
        (score.value, score.low, score.high),
        (score.floor, score.floor_low, score.floor_high),
        score.reference,
        standing,
        f"{title}{words.say('figure.colon')}{words.figure(score.value, score.unit)}",
    )
    return (
        f'<article class="score {standing}">{_mark(standing, words)}'
        f'<div class="name"><h3>{escape(title)} <code>{score.name}</code></h3>'
        f'<p class="soft">{escape(what_of(score, words))} {words.say(f"figure.{score.better}")}</p></div>'
        f'<dl>{figures}</dl><div class="drawing">{drawing}</div>'
        f'<div class="told"><p>{escape(said_of(score, words))}</p>{paired}</div></article>'
    )


def _notes(report: PictureReport, words: Words) -> str:
    if not report.notes:
        return ""
    listed = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    return f'<section id="notes" class="part"><h2>{words.say("page.notes")}</h2><ul>{listed}</ul></section>'


def _limits(report: PictureReport, words: Words) -> str:
    listed = "".join(f"<li>{escape(line)}</li>" for line in limits(report, words))
    return f'<section id="limits" class="part"><h2>{words.say("page.limits")}</h2><ul>{listed}</ul></section>'
