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

from sampan.evaluate.pictures.png import png
from sampan.evaluate.pictures.sentences import COPYING, FAILED, SENTENCES, SKIPPED, VERDICTS, Told
from sampan.evaluate.pictures.stack import fitted, floats, resized
from sampan.evaluate.report.charts import gauge, mark
from sampan.evaluate.report.sentences import state
from sampan.evaluate.report.words import words
from sampan.evaluate.score import Score

if TYPE_CHECKING:
    from sampan.evaluate.pictures.report import PictureReport

ACROSS = 8
"""Pictures in a row of a contact sheet."""

SHOWN = 96
"""Longest side of a picture on the page, in its own pixels."""

_WORDS = words("en")

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


def page(report: PictureReport, redact: bool = False) -> str:
    """The report as HTML. redact: without real pictures."""
    style = files("sampan.evaluate.report").joinpath("style.css").read_text(encoding="utf-8") + _STYLE
    body = (
        f"{_head(report)}{_sheets(report, redact)}{_closest(report, redact)}{_figures(report)}"
        f"{_limits(report)}<footer><p>{_footer(redact)}</p></footer>"
    )
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title)}: test report on made pictures</title><style>{style}</style></head>\n"
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


def _head(report: PictureReport) -> str:
    standing = state(report.passed)
    failed = [
        words_
        for question, words_ in FAILED.items()
        if any(score.passed is False for score in report.scores if score.question == question)
    ]
    listed = "; ".join(failed) or "the gate does not hold"
    verdict = VERDICTS[standing].format(failed=listed[0].upper() + listed[1:])
    facts = {
        "learned from": f"{report.rows['seen']:,}",
        "never seen": f"{report.rows['unseen']:,}",
        "made": f"{report.rows['made']:,}",
        "features learned from": report.learned_from,
        "seconds": f"{report.seconds:,.0f}",
        "seed": str(report.seed),
    }
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return (
        '<header><p class="kind"><span>Sampan</span><span>Test report on made pictures</span></p>'
        f"<h1>{escape(report.title)}</h1>"
        f'<div class="verdict {standing}">{mark(standing, standing)}<p>{escape(verdict)}</p></div>'
        f'<dl class="facts">{told}</dl>{_copying(report)}</header>'
    )


def _copying(report: PictureReport) -> str:
    score = report.score("copies")
    if score is None:
        return ""
    told = COPYING[state(score.passed)].format(share=_WORDS.figure(score.value, "%"))
    kind = "notice alarm" if score.passed is False else "notice"
    return f'<p class="{kind}">{mark(state(score.passed), state(score.passed))} {escape(told)}</p>'


def _sheets(report: PictureReport, redact: bool) -> str:
    sides = [("made", report.made, "Made, drawn at random")]
    if not redact:
        sides.insert(0, ("real", report.seen, "Real, learned from, drawn at random"))
    drawn = "".join(
        f"<figure>{_image(sheet(shrunk(pictures)), f'{len(pictures)} {name} pictures')}"
        f"<figcaption>{told}</figcaption></figure>"
        for name, pictures, told in sides
        if len(pictures)
    )
    inner = f'<h2>Real beside made</h2><div class="sheets">{drawn}</div>'
    return f'<section id="pictures" class="part">{inner}</section>'


def _closest(report: PictureReport, redact: bool) -> str:
    if not report.closest:
        return ""
    drawn = []
    made, seen = shrunk(report.closest_made), shrunk(report.closest_seen)
    for i, pair in enumerate(report.closest):
        left = _image(made[i], "made")
        right = "" if redact else _image(seen[i], "learned from")
        kind = ' class="copied"' if pair.copied else ""
        told = f"{pair.ratio:.2f} (copies: below {pair.bound:.2f}), {pair.space}"
        told = f"copy: {told}" if pair.copied else told
        drawn.append(
            f'<figure{kind}><div class="two">{left}{right}</div><figcaption>{told}</figcaption></figure>'
        )
    about = (
        "The made pictures closest to one that was learned from, made on the left, the learned one on the "
        "right. The figure is their distance, also mirrored, moved or cropped, as a multiple of the distance "
        "between the learned picture and its own neighbours."
    )
    return (
        f'<section id="closest" class="part"><h2>The closest pairs</h2><p class="soft">{about}</p>'
        f'<div class="closest">{"".join(drawn)}</div></section>'
    )


def _figures(report: PictureReport) -> str:
    heads = "".join(f"<span>{name}</span>" for name in ("made", "real, unseen", "reference"))
    rows = "".join(_score(score) for score in report.scores)
    return (
        '<section id="figures" class="part"><h2>The figures beside their floors</h2>'
        '<p class="soft">The floor is what real pictures that were never learned reach, in the same numbers. '
        "The bar is the 95 % interval.</p>"
        f'<div class="scores"><div class="heads" aria-hidden="true"><span></span><span></span>{heads}'
        f"<span></span></div>{rows}</div></section>"
    )


def _score(score: Score) -> str:
    standing = state(score.passed)
    told = SENTENCES.get(score.name, Told(score.name, "", "", "", ""))
    fill = {
        name: value if isinstance(value, str) else f"{value:,.0f}" if value % 1 == 0 else f"{value:+.3f}"
        for name, value in score.facts.items()
    }
    figures = "".join(
        f"<div><dt>{name}</dt><dd>{_WORDS.figure(value, score.unit)}"
        + (f"<small>{_WORDS.interval(low, high, score.unit)}</small>" if math.isfinite(low) else "")
        + "</dd></div>"
        for name, value, low, high in (
            ("made", score.value, score.low, score.high),
            ("real, unseen", score.floor, score.floor_low, score.floor_high),
            ("reference", score.reference, math.nan, math.nan),
        )
    )
    drawing = gauge(
        (score.value, score.low, score.high),
        (score.floor, score.floor_low, score.floor_high),
        score.reference,
        standing,
        f"{told.title}: {_WORDS.figure(score.value, score.unit)}",
    )
    said = {"passed": told.passed, "failed": told.failed, "undecided": told.undecided}[standing]
    return (
        f'<article class="score {standing}">{mark(standing, standing)}'
        f'<div class="name"><h3>{escape(told.title)} <code>{score.name}</code></h3>'
        f'<p class="soft">{escape(told.what.format(**fill))} {score.better.capitalize()} is better.</p></div>'
        f'<dl>{figures}</dl><div class="drawing">{drawing}</div>'
        f'<div class="told"><p>{escape(said.format(**fill))}</p></div></article>'
    )


def _limits(report: PictureReport) -> str:
    told = [SKIPPED.get(why, why) for why in report.skipped.values()]
    told += [
        "The features are those of a small network of these very pictures: distances compare with those of "
        "this report and not with published ones.",
        "That no copy was found is no proof that there is none: a part of a picture may be copied.",
    ]
    listed = "".join(f"<li>{escape(line)}</li>" for line in told)
    return (
        f'<section id="limits" class="part"><h2>What this report does not say</h2><ul>{listed}</ul></section>'
    )


def _footer(redact: bool) -> str:
    if redact:
        return "Real pictures are left out of this copy."
    return "This page shows real pictures that were learned from. Keep it as safe as them."
