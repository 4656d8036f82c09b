"""About: what was changed on the way, what the report does not say, and where the made rows come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sampan.evaluate.report.sentences import limits
from sampan.evaluate.report.words import Words

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report


def notes(report: Report, words: Words) -> str:
    """What was changed, left out or guessed on the way from the data to the made rows."""
    if not report.notes:
        return ""
    listed = "".join(f"<li>{escape(words.typed(note))}</li>" for note in report.notes)
    return f'<p class="soft">{words.say("page.notes_note")}</p><ul>{listed}</ul>'


def limits_(report: Report, words: Words) -> str:
    """What the report does not say."""
    return "<ul>" + "".join(f"<li>{escape(told)}</li>" for told in limits(report, words)) + "</ul>"


def made_by(report: Report, words: Words) -> str:
    """Where the made rows come from, and how this report was made."""
    facts: Mapping[str, Any] = report.made_by or {}
    rows = [(words.table.get(f"by.{name}", name), _fact(value)) for name, value in facts.items()]
    fill = {"seconds": f"{report.seconds:,.0f}", "seed": report.seed}
    rows.append((words.say("by.judge"), words.say("by.judge_value", fill)))
    unknown = "" if facts else f"<p>{words.say('by.unknown')}</p>"
    told = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f'{unknown}<dl class="by">{told}</dl>'


def _fact(value: Any) -> str:
    """A value of a model's card, as text."""
    match value:
        case str():
            return value
        case bool() | None:
            return json.dumps(value)
        case float() | np.floating():
            return f"{float(value):.6g}"
        case Mapping():
            return ", ".join(f"{key} {_fact(inner)}" for key, inner in value.items())
        case Sequence():
            return ", ".join(_fact(inner) for inner in value)
        case _:
            return str(value)
