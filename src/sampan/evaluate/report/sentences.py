"""Sentences: what a report says, chosen by the state of what it speaks of, so that nothing is said that was
not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from sampan.evaluate.gate import DEFAULT_GATE, WORDS, Atom
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Question, Score

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

State = Literal["passed", "failed", "undecided", "skipped"]

ORDER: tuple[Question, ...] = ("look", "given", "work", "found", "treated")
"""The questions in the order in which a report tells them: likeness first, then what follows from it."""


def state(passed: bool | None) -> State:
    """The word for a value of a decision."""
    return "undecided" if passed is None else "passed" if passed else "failed"


def state_of(scores: Sequence[Score]) -> State:
    """The state of a question: failed where any score is, passed where any passed and none failed."""
    if not scores:
        return "skipped"
    values = {score.passed for score in scores}
    return state(False if False in values else True if True in values else None)


def verdict(report: Report, words: Words) -> str:
    """The result in one sentence."""
    decision = report.decision
    if report.gate.split() != DEFAULT_GATE.split():
        wrong = False if report.passed is False else None
        atoms = [atom.text for atom in decision.atoms if atom.in_order is wrong]
        fill = {"atoms": words.several(atoms)}
        return words.say(f"verdict.gate_{state(report.passed)}", fill)
    failed = [words.say(f"verdict.{name}") for name in ORDER if state_of(report.of(name)) == "failed"]
    fill = {"failed": words.say("figure.stop").join(failed)}
    return words.say(f"verdict.default_{state(report.passed)}", fill)


def atom_told(atom: Atom, report: Report, words: Words) -> str:
    """Why a piece of the gate is as it is: which scores, or which figures."""
    scores = words.several([words.title(name) for name in atom.scores])
    match atom.why:
        case "not asked":
            return words.say("atom.skipped" if atom.counted else "atom.skipped_neutral")
        case "missing":
            return words.say("atom.missing", {"scores": words.several(atom.scores or (atom.text,))})
        case "no figure":
            return words.say("atom.no_figure")
    if atom.text.lower() in WORDS:
        some = "some" if atom.holds and atom.scores else state(atom.holds)
        return words.say(f"atom.question_{some}", {"scores": scores})
    units = {score.name: score.unit for score in report.scores}
    told = [
        words.say(
            "atom.figure", {"name": name, "value": words.figure(value, units.get(name.split(".")[0], ""))}
        )
        for name, value in atom.figures
    ]
    return words.say("figure.comma").join(told)


def score_told(score: Score, words: Words) -> str:
    """What a score found, in plain words."""
    standing = state(score.passed)
    key = words.either(f"score.{score.name}.{standing}", f"generic.{standing}")
    fill: dict[str, str] = {
        name: value if isinstance(value, str) else f"{value:,.0f}" if value % 1 == 0 else f"{value:.3g}"
        for name, value in score.facts.items()
    }
    fill |= {
        name: words.figure(getattr(score, name), score.unit)
        for name in ("value", "floor", "low", "high", "reference")
    }
    fill.setdefault("worst", score.parts[0].name if score.parts else "")
    try:
        return words.say(key, fill)
    except KeyError:  # a sentence of one fact that this score does not tell
        return words.say(f"generic.{standing}", fill)


def advice(score: Score, words: Words) -> str:
    """What to do about a score that failed; nothing about others."""
    if score.passed is not False:
        return ""
    return words.say(words.either(f"score.{score.name}.advice", "generic.advice"))


def notes(scores: Sequence[Score], words: Words) -> list[str]:
    """What a reader must know of a question before its figures: what was guessed for it."""
    facts = {name: value for score in scores for name, value in score.facts.items()}
    told = []
    if "yes" in (facts.get("guessed"), facts.get("target_guessed")):
        told.append(words.say("question_note.target", facts))
    if facts.get("protected_guessed") == "yes":
        told.append(words.say("question_note.protected", facts))
    if facts.get("tested_on") == "seen":
        told.append(words.say("question_note.tested_on_seen"))
    return told


def skipped(report: Report, question: Question, words: Words) -> str:
    """Why a question was not asked; nothing where no reason is known."""
    why = dict(report.skipped).get(question, "")
    return words.table.get(f"skipped.{why}", why)


def counted(scores: Sequence[Score], words: Words) -> str:
    """How many scores of a question passed."""
    decided = [score for score in scores if score.passed is not None]
    undecided = len(scores) - len(decided)
    if not decided:
        return words.say("figure.passed_none")
    fill = {"passed": sum(bool(score.passed) for score in decided), "decided": len(decided)}
    told = words.say("figure.passed_of", fill)
    if not undecided:
        return told
    return told + words.say("figure.comma") + words.say("figure.undecided_more", {"count": undecided})


def headline(scores: Iterable[Score]) -> Score | None:
    """The score that stands for a question: the first that failed, else the first that passed, else any."""
    rank = {False: 0, True: 1, None: 2}
    known = [score for score in scores if math.isfinite(score.value)]
    return min(known, key=lambda score: rank[score.passed], default=None)


def limits(report: Report, words: Words) -> list[str]:
    """What the report does not say."""
    unseen = report.sizes["unseen"]
    told = [words.say("limit.floor", {"unseen": f"{unseen:,}"}) if unseen else words.say("limit.no_floor")]
    undecided = [words.title(score.name) for score in report.scores if score.passed is None]
    if undecided:
        told.append(words.say("limit.undecided", {"scores": words.several(undecided)}))
    out = [words.say(f"question.{name}.title") for name in ORDER if not report.of(name)]
    if out:
        told.append(words.say("limit.skipped", {"questions": words.say("figure.comma").join(out)}))
    if report.of("found"):
        told.append(words.say("limit.attacks"))
    if any(
        side.rows < report.sizes[name]
        for name, side in zip(("seen", "unseen", "made"), report.sides.each, strict=True)
    ):
        told.append(words.say("limit.sample"))
    return [*told, words.say("limit.no_proof"), words.say("limit.purpose")]
