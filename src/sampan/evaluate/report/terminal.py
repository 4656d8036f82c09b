"""A report in a terminal: lines of plain text, in line whatever the script."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sampan.evaluate.report.sentences import (
    ORDER,
    advice,
    atom_told,
    counted,
    excess_told,
    notes,
    score_told,
    skipped,
    state,
    verdict,
)
from sampan.evaluate.report.words import Words
from sampan.evaluate.state import standing, standing_of

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

_MARKS = {"passed": "+", "nearly": "~", "failed": "x", "undecided": "?", "skipped": "-"}


def lines(report: Report, words: Words) -> list[str]:
    """Verdict, gate, and every question with its scores; sentences and advice where something failed."""
    out = [verdict(report, words), ""]
    atoms = [
        (
            f"  {_MARKS[state(atom.in_order) if atom.counted else 'skipped']} {atom.text}",
            words.say("state.skipped" if atom.why == "not asked" else f"atom.{state(atom.holds)}"),
            atom_told(atom, report, words),
        )
        for atom in report.decision.atoms
    ]
    out += [f"{words.say('page.gate')}{words.say('figure.colon')}{report.gate}"]
    out += aligned(atoms, ("<", "<", "<"))
    met = {standing(score) for score in report.scores} | {standing_of(report.of(name)) for name in ORDER}
    key = [f"{mark} {words.say(f'state.{name}')}" for name, mark in _MARKS.items() if name in met]
    out += ["", "   ".join(key)]
    heads = tuple(words.say(f"figure.{name}") for name in ("value", "interval", "floor"))
    for question in ORDER:
        scores = report.of(question)
        told = counted(scores, words) if scores else words.say("state.skipped")
        head = f"{words.say(f'question.{question}.title')}  {told}"
        out += ["", f"{_MARKS[standing_of(scores)]} {head}"]
        why = skipped(report, question, words)
        out += [f"  {told}" for told in (why, *notes(scores, words)) if told]
        if not scores:
            continue
        rows = [
            (
                f"  {_MARKS[standing(score)]} {words.title(score.name)}",
                words.figure(score.value, score.unit),
                words.interval(score.low, score.high, score.unit),
                words.figure(score.floor, score.unit),
            )
            for score in scores
        ]
        out += aligned([("", *heads), *rows], ("<", ">", ">", ">"))
        for score in scores:
            if score.state in ("fails", "nearly", "beyond"):
                told = [score_told(score, words), excess_told(score, words), advice(score, words)]
                if score.column:  # its sentence speaks of no column and gives no figure
                    told[0] = f"{words.title(score.name)}{words.say('figure.colon')}{told[0]}"
                out += [f"  {line}" for line in told if line]
    for shown in report.shown:
        if shown.file is not None:
            fill = {"file": shown.file, "rows": f"{shown.compared:,}", **words.of_column(shown.column)}
            out += ["", words.say("limit.file", fill)]
    return out


def width(text: str) -> int:
    """Places on a terminal: 年 and its like take two.

    >>> width("年a")
    3
    """
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def aligned(rows: list[tuple[str, ...]], sides: tuple[str, ...]) -> list[str]:
    """Rows of cells, in line. sides: "<" or ">" for each column.

    >>> aligned([("a", "1"), ("年", "10")], ("<", ">"))
    ['a    1', '年  10']
    """
    wide = [max(width(row[i]) for row in rows) for i in range(len(sides))] if rows else []
    out = []
    for row in rows:
        cells = [
            cell + " " * (room - width(cell)) if side == "<" else " " * (room - width(cell)) + cell
            for cell, room, side in zip(row, wide, sides, strict=True)
        ]
        out.append("  ".join(cells).rstrip())
    return out
