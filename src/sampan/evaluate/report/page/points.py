"""Points: a column of cells that are looked at, such as pictures: made beside real, scores, closest pairs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.page.charts import mark
from sampan.evaluate.report.page.scores import legend, table
from sampan.evaluate.report.sentences import state
from sampan.evaluate.report.shown import Drawn, PointPair, Shown
from sampan.evaluate.report.words import Words

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report


def points(report: Report, shown: Shown, words: Words, show_real: bool) -> str:
    """A column of points. show_real: with cells that were learned from, and with copies of them."""
    scores = [score for score in report.scores if score.column == shown.column]
    figures = ""
    if scores:
        title = words.say("page_points.figures")
        drawn = legend(scores, words, shown.column) + table(scores, words)
        figures = f"<h3>{title}</h3>{_learned(shown, words)}{drawn}"
    return (
        f"{_copying(report, shown, words)}{_sheets(shown, words, show_real)}"
        f"{figures}{_closest(shown, words, show_real)}{_walk(shown, words)}"
    )


def grid(cells: Sequence[Drawn], medium: str, told: str, row: bool = False) -> str:
    """Cells side by side; in one row where they follow each other. told: what they are, for who listens."""
    kind = f"cells {medium}{' row' * row}"
    drawn = "".join(f"<div>{cell}</div>" for cell in cells)
    return f'<div class="{kind}" role="img" aria-label="{escape(told)}">{drawn}</div>'


def _fill(shown: Shown, words: Words) -> dict[str, str]:
    return {name: escape(text) for name, text in words.of_column(shown.column).items()}


def _copying(report: Report, shown: Shown, words: Words) -> str:
    score = next((score for score in report.scores if score.name == f"copies[{shown.column}]"), None)
    if score is None:
        return ""
    standing = state(score.passed)
    fill = {"share": words.figure(score.value, "%"), **_fill(shown, words)}
    kind = "notice alarm" if score.passed is False else "notice"
    sign = mark(standing, words.say(f"state.{standing}"))
    return f'<p class="{kind}">{sign} {words.say(f"page_points.copying_{standing}", fill)}</p>'


def _sheets(shown: Shown, words: Words, show_real: bool) -> str:
    sides = {"seen": shown.seen, "made": shown.made} if show_real else {"made": shown.made}
    fill = _fill(shown, words)
    drawn = ""
    for side, cells in sides.items():
        told = words.say(f"page_points.alt_{side}", {**fill, "count": len(cells)})
        caption = f"<figcaption>{words.say(f'page_points.sheet_{side}')}</figcaption>"
        drawn += f"<figure>{grid(cells, shown.medium, told)}{caption}</figure>" if cells else ""
    title = words.say("page_points.sheets" if show_real else "page_points.sheets_made", fill)
    return f'<h3>{title}</h3><div class="sheets">{drawn}</div>' if drawn else ""


def _learned(shown: Shown, words: Words) -> str:
    """What the eye learned to look at, for whoever compares figures."""
    facts = {"features": words.say(f"learned.{shown.learned_from.split()[0]}", _fill(shown, words))}
    if shown.file is not None:
        facts["file"] = escape(shown.file.partition(",")[0])  # its SHA-256 is told below
    colon = words.say("figure.colon")
    told = [f"{words.say(f'page_points.{name}')}{colon}{value}" for name, value in facts.items()]
    return f'<p class="soft">{" · ".join(told)}</p>'


def _closest(shown: Shown, words: Words, show_real: bool) -> str:
    if not shown.closest:
        return ""
    fill = _fill(shown, words)
    note = words.say("page_points.closest_note" if show_real else "page_points.closest_made", fill)
    drawn = "".join(_pair(pair, words, show_real) for pair in shown.closest)
    return (
        f"<h3>{words.say('page_points.closest', fill)}</h3>"
        f'<p class="soft">{note}</p><div class="closest">{drawn}</div>'
    )


def _pair(pair: PointPair, words: Words, show_real: bool) -> str:
    # a copy of a real cell is a real cell
    made = "" if pair.close.copied and not show_real else f"<div>{pair.made}</div>"
    seen = f"<div>{pair.seen}</div>" if show_real else ""
    kind = ' class="copied"' if pair.close.copied else ""
    space = words.table.get(f"space.{pair.close.space}", pair.close.space)
    fill = {"ratio": f"{pair.close.ratio:.2f}", "bound": f"{pair.close.bound:.2f}", "space": space}
    told = words.say("page_points.pair_copied" if pair.close.copied else "page_points.pair", fill)
    return f'<figure{kind}><div class="two">{made}{seen}</div><figcaption>{told}</figcaption></figure>'


def _walk(shown: Shown, words: Words) -> str:
    if not shown.walk:
        return ""
    fill = _fill(shown, words)
    told = words.say("page_points.alt_walk", {**fill, "count": len(shown.walk)})
    drawn = grid(shown.walk, shown.medium, told, row=True)
    return (
        f"<h3>{words.say('page_points.walk')}</h3>"
        f'<p class="soft">{words.say("page_points.walk_note", fill)}</p>{drawn}'
    )
