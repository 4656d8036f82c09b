"""Rows to look at: the closest pairs, and made rows at random."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sampan.evaluate.report.shown import Drawn
from sampan.evaluate.report.words import Words

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

EXAMPLES, EXAMPLE_COLUMNS = 6, 60
"""Made rows, and columns of them, that are shown."""


def closest(report: Report, words: Words, show_real: bool) -> str:
    """The made rows nearest to a learned one, and how near; the cells only with `show_real`."""
    if not report.closest:
        return ""
    heads = "".join(
        f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in ("distance", "unseen", "equal")
    )
    rows, details = [], []
    for number, pair in enumerate(report.closest, 1):
        title = words.say("page.pair", {"number": number})
        equal = sum(pair.made[name] == pair.seen.get(name) for name in pair.made)
        rows.append(
            f'<tr><th scope="row">{title}</th><td>{words.figure(pair.distance)}</td>'
            f"<td>{words.figure(pair.unseen)}</td><td>{equal} / {len(pair.made)}</td></tr>"
        )
        if show_real:
            cells = "".join(
                f"<tr{' class=same' * (pair.made[name] == pair.seen.get(name))}>"
                f'<th scope="row">{escape(name)}</th>'
                f"<td>{_cell(pair.made[name])}</td><td>{_cell(pair.seen.get(name, ''))}</td></tr>"
                for name in pair.made
            )
            top = "".join(
                f'<th scope="col">{words.say(f"figure.{name}")}</th>' for name in ("column", "made", "seen")
            )
            details.append(
                f"<details><summary>{title}{words.say('figure.colon')}{words.figure(pair.distance)}</summary>"
                f'<div class="scroll"><table class="text"><thead><tr>{top}</tr></thead>'
                f"<tbody>{cells}</tbody></table></div></details>"
            )
    hidden = "" if show_real else f" {words.say('page.closest_redacted')}"
    return (
        f'<p class="soft">{words.say("page.closest_note")}{hidden}</p><div class="scroll"><table>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f'<div class="pairwise">{"".join(details)}</div>'
    )


def _cell(cell: str | Drawn) -> str:
    return cell if isinstance(cell, Drawn) else escape(cell)


def examples(report: Report, words: Words) -> str:
    """Made rows side by side, their columns one below the other: that fits a phone and a sheet of paper."""
    shown = report.examples[:EXAMPLES]
    if not shown:
        return ""
    names = list(shown[0])
    heads = "".join(
        f'<th scope="col">{words.say("page.example", {"number": i})}</th>' for i in range(1, len(shown) + 1)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{_cell(row.get(name, ''))}</td>" for row in shown)
        + "</tr>"
        for name in names[:EXAMPLE_COLUMNS]
    )
    fill = {"shown": EXAMPLE_COLUMNS, "all": len(names)}
    cut = words.say("page.examples_cut", fill) if len(names) > EXAMPLE_COLUMNS else ""
    return (
        f'<p class="soft">{words.say("page.examples_note")} {cut}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{words.say("page.examples")}">'
        f'<table class="text"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
