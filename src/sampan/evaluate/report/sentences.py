"""Sentences: what a report says, chosen by the state of what it speaks of, so that nothing is said that was
not measured.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sampan.evaluate.gate import DEFAULT_GATE, WORDS, Atom
from sampan.evaluate.report.words import Words
from sampan.evaluate.score import Question, Score
from sampan.evaluate.state import HINTS, Standing, hints, standing, standing_of

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

ORDER: tuple[Question, ...] = ("look", "given", "work", "found", "treated")
"""The questions in the order in which a report tells them: likeness first, then what follows from it."""


NAMED = 3
"""Scores that a sentence names; of more it says how many there are."""

RANK: dict[str, int] = {
    "fails": 0,
    "nearly": 1,
    "beyond": 2,
    "slight": 3,
    "holds": 4,
    "gain": 5,
    "unknown": 6,
}
"""Which score tells a question best: what is worst and known comes first."""


def state(passed: bool | None) -> Standing:
    """The word for a value of a decision."""
    return "undecided" if passed is None else "passed" if passed else "failed"


def whole(report: Report) -> Standing:
    """The word for the whole: what only small faults, or what is not known, keep from passing is told so."""
    if report.passed is True or report.gate.split() != DEFAULT_GATE.split():
        return state(report.passed)
    held = {standing_of(report.of(name)) for name in ORDER}
    return "failed" if "failed" in held else "nearly" if "nearly" in held else "undecided"


def verdict(report: Report, words: Words) -> str:
    """The result in one sentence."""
    decision = report.decision
    if report.gate.split() != DEFAULT_GATE.split():
        wrong = False if report.passed is False else None
        atoms = [
            # of a question its scores are told; a comparison tells by itself what it wants
            f"{atom.text} ({atom_told(atom, report, words)})" if atom.text.lower() in WORDS else atom.text
            for atom in decision.atoms
            if atom.in_order is wrong
        ]
        fill = {"atoms": words.several(atoms)}
        return words.say(f"verdict.gate_{state(report.passed)}", fill)
    if report.passed is True:
        row = words.say("verdict.rowwise") + words.say("figure.stop").rstrip() if report.rowwise else ""
        return " ".join(filter(None, [words.say("verdict.default_passed"), row]))
    told: list[str] = []
    for kind in ("failed", "nearly", "undecided"):  # what is worst is said first, and why
        short = kind == "undecided" and bool(told)
        for name in ORDER:
            if standing_of(report.of(name)) == kind:
                told.append(because(name, report.of(name), words, short))
    if not told:
        return words.say("verdict.default_nothing")
    told += [words.say("verdict.rowwise")] * report.rowwise
    fill = {"told": words.say("figure.stop").join(told)}
    return words.say(f"verdict.default_{whole(report)}", fill)


def because(question: Question, scores: Sequence[Score], words: Words, short: bool = False) -> str:
    """What a question found that does not hold, and by which score; `short`: only what."""
    one = headline(scores)
    held = standing_of(scores)
    unknown = [score for score in scores if score.passed is None]
    told = [one] if one is not None and one.state in ("fails", "nearly", "beyond", "slight") else unknown
    columns = {score.column for score in told}
    column = columns.pop() if len(columns) == 1 else ""
    key = f"verdict.points_{question}_{held}" if column else ""
    key = key if key in words.table else f"verdict.{question}_{held}"
    sentence = words.say(key, {"records": words.records_of(column)})
    if short:
        return sentence
    hinted = hints(scores)
    if one is not None and one.state == "slight" and len(hinted) >= HINTS:
        which = [f"{words.title(each.name)} {words.figure(each.value, each.unit)}" for each in hinted]
        reason = words.say("verdict.hints", {"scores": words.several(which, NAMED)})
    elif one is None or one.state in ("holds", "gain", "slight", "unknown"):
        undecided = [words.title(score.name) for score in unknown]
        reason = words.say("verdict.undecided_because", {"scores": words.several(undecided, NAMED)})
    else:
        beyond = "_beyond" if one.state == "beyond" else ""
        key = f"generic.reason_part{beyond}" if _part(one) else f"generic.reason{beyond}"
        key = key if beyond or _part(one) else words.key(one, "reason", key)
        reason = words.say(key, filled(one, words))
    return words.say("verdict.because", {"sentence": sentence, "reason": reason})


def atom_told(atom: Atom, report: Report, words: Words) -> str:
    """Why a piece of the gate is as it is: which scores, or which figures."""
    named = by_weight(score for score in report.scores if score.name in atom.scores)  # as the headline does
    scores = words.several([words.title(score.name) for score in named], NAMED)
    match atom.why:
        case "not asked":
            return words.say("atom.skipped" if atom.counted else "atom.skipped_neutral")
        case "missing":
            return words.say("atom.missing", {"scores": words.several(atom.scores or (atom.text,))})
        case "no figure":
            return words.say("atom.no_figure")
    if atom.text.lower() in WORDS:
        some = "some" if atom.holds and atom.scores else state(atom.holds)
        failed = [score for score in named if score.passed is False]
        if atom.holds is False and all(score.state == "nearly" for score in failed):
            return words.say("atom.question_small", {"scores": scores})
        if atom.holds is None:
            for kind in ("nearly", "beyond", "slight"):
                of_kind = [words.title(score.name) for score in named if score.state == kind]
                if len(of_kind) >= (HINTS if kind == "slight" else 1):
                    return words.say(f"atom.question_{kind}", {"scores": words.several(of_kind, NAMED)})
        return words.say(f"atom.question_{some}", {"scores": scores})
    units = {score.name: score.unit for score in report.scores}
    told = [
        words.say("atom.figure", {"name": name, "value": words.figure(value, units.get(_score_in(name), ""))})
        for name, value in atom.figures
    ]
    return words.say("figure.comma").join(told)


def _score_in(name: str) -> str:
    """The score of a figure: `recall[picture]` of `recall[picture].floor`; a column may hold a full stop.

    >>> _score_in("recall[a.b].floor"), _score_in("shape")
    ('recall[a.b]', 'shape')
    """
    measure, bracket, rest = name.partition("[")
    return f"{measure}[{rest.rpartition(']')[0]}]" if bracket else name.partition(".")[0]


def score_told(score: Score, words: Words) -> str:
    """What a score found, in plain words, by its state."""
    hint = "_found" if score.question == "found" and score.state == "slight" and not score.column else ""
    key = words.key(score, score.state, f"generic.{score.state}{hint}")
    if _part(score):
        key = "generic.part_beyond" if score.state == "beyond" else "generic.part"
    fill = filled(score, words)
    try:
        return words.say(key, fill)
    except KeyError:  # a sentence of one fact that this score does not tell
        return words.say(f"generic.{score.state}", fill)


def _part(score: Score) -> tuple[str, float] | None:
    """The part that fails by itself and by how much, where the figures of the whole do not show it."""
    if score.state not in ("fails", "nearly", "beyond"):
        return None
    if score.excess is not None and score.excess.of:
        return score.excess.of, score.excess.value
    sign = 1.0 if score.better == "lower" else -1.0
    failed = [(part.name, sign * (part.value - part.floor)) for part in score.parts if part.passed is False]
    if not failed or not sign * (score.value - score.floor) <= 0:
        return None
    return max(failed, key=lambda part: part[1])


def filled(score: Score, words: Words) -> dict[str, str]:
    """What the sentences of a score fill in."""
    fill: dict[str, str] = {} if not score.column else words.of_column(score.column)
    fill |= {
        name: value if isinstance(value, str) else f"{value:,.0f}" if value % 1 == 0 else f"{value:.3g}"
        for name, value in score.facts.items()
    }
    fill |= {
        name: words.figure(getattr(score, name), score.unit)
        for name in ("value", "floor", "low", "high", "reference")
    }
    if (part := _part(score)) is not None:
        unit = "points" if score.unit == "%" else score.unit
        fill |= {"of": part[0], "excess": words.figure(part[1], unit)}
    fill["title"] = words.title(score.name)
    fill["records"] = words.records_of(score.column)
    fill["ends"] = bracketed(score.low, score.high, score.unit, words)
    fill.setdefault("worst", score.parts[0].name if score.parts else "")
    if score.name == "rules":
        fill["worst"] = words.law(fill["worst"])
    return fill


def bracketed(low: float, high: float, unit: str, words: Words) -> str:
    """An interval in brackets; nothing where there is none."""
    ends = words.interval(low, high, unit)
    return f" ({ends})" if ends else ""


def excess_told(score: Score, words: Words) -> str:
    """How much worse than real rows, measured on both together; nothing where the score has no such test."""
    excess = score.excess
    known = excess is not None and all(map(math.isfinite, (excess.low, excess.high, excess.margin)))
    if excess is None or not known or excess.margin <= 0:
        return ""
    unit = "points" if score.unit == "%" else score.unit
    fill = {
        "records": words.records_of(score.column),
        "of": excess.of,
        "excess": words.figure(excess.value, unit),
        "ends": bracketed(excess.low, excess.high, unit, words),
        "margin": words.figure(excess.margin, unit),
    }
    if excess.low <= 0:
        return words.say("figure.excess_none", fill) if excess.sure is False else ""
    told = words.say("figure.excess_of" if excess.of else "figure.excess", fill)
    if not math.isfinite(excess.chance):
        return told
    chance = "< 0.0001" if excess.chance < 0.0001 else f"{excess.chance:.2g}"
    return f"{told} {words.say('figure.chance', {'chance': chance})}"


def advice(score: Score, words: Words) -> str:
    """What to do about a score that failed, or nearly; nothing about others."""
    if score.state not in ("fails", "nearly"):
        return ""
    key = words.key(score, "advice", *[] if score.column else ["generic.advice"])
    return words.say(key) if key in words.table else ""


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
    key = f"skipped.{why}"
    return words.say(key) if key in words.table else why


def counted(scores: Sequence[Score], words: Words) -> str:
    """How many scores of a question passed, of all that were asked, and what became of the others.

    They are counted by the marks that stand before them.
    """
    marks = Counter(standing(score) for score in scores)
    if marks["undecided"] == len(scores):
        return words.say("figure.passed_none")
    told = [words.say("figure.passed_of", {"passed": marks["passed"], "all": len(scores)})]
    for kind in ("nearly", "failed", "undecided"):
        told += [words.say(f"figure.{kind}_more", {"count": marks[kind]})] if marks[kind] else []
    return words.say("figure.comma").join(told)


def by_weight(scores: Iterable[Score]) -> list[Score]:
    """The scores with that first which tells the most: what is worst and known."""
    return sorted(scores, key=lambda score: (RANK[score.state], -_size(score)))


def headline(scores: Iterable[Score]) -> Score | None:
    """The score that stands for a question: the one that decided it."""
    return next(iter(by_weight(score for score in scores if math.isfinite(score.value))), None)


def _size(score: Score) -> float:
    """How large a fault is, as a multiple of one that is no more small; 0 where there is none to tell."""
    excess = score.excess if score.state in ("fails", "nearly") else None
    return excess.value / excess.far if excess is not None and 0 < excess.far < math.inf else 0.0


def limits(report: Report, words: Words) -> list[str]:
    """What the report does not say."""
    unseen = report.sizes["unseen"]
    told = [words.say("limit.floor", {"unseen": f"{unseen:,}"}) if unseen else words.say("limit.no_floor")]
    for state in ("unknown", "beyond"):
        which = [words.title(score.name) for score in report.scores if score.state == state]
        key = "limit.undecided" if state == "unknown" else "limit.beyond"
        told += [words.say(key, {"scores": words.several(which)})] if which else []
    told += [words.say("limit.rowwise")] if report.rowwise else []
    out = [words.say(f"question.{name}.title") for name in ORDER if not report.of(name)]
    if out:
        told.append(words.say("limit.skipped", {"questions": words.say("figure.comma").join(out)}))
    for shown in report.shown:
        fill = {"file": shown.file, "rows": f"{shown.compared:,}", **words.of_column(shown.column)}
        told.append(words.say("limit.file" if shown.file else "limit.features", fill))
        if any(score.name == f"copies[{shown.column}]" for score in report.scores):
            told.append(words.say("limit.part", fill))
    if report.of("found"):
        told.append(words.say("limit.attacks"))
    if any(
        side.rows < report.sizes[name]
        for name, side in zip(("seen", "unseen", "made"), report.sides.each, strict=True)
    ):
        told.append(words.say("limit.sample"))
    return [*told, words.say("limit.no_proof"), words.say("limit.purpose")]
