"""judge(): what was made, beside what real rows reach, as one report with one decision."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from sampan.column import Column, take
from sampan.data import Table, digest, read
from sampan.errors import DataError, MissingExtra, RequestError, nearest
from sampan.evaluate.comparable import comparable
from sampan.evaluate.found import Close, found
from sampan.evaluate.gate import DEFAULT_GATE, NAMES, decide, parse
from sampan.evaluate.given import given
from sampan.evaluate.learners import one_thread
from sampan.evaluate.look import look
from sampan.evaluate.pictures import PictureReport, compare_pictures, picture_in
from sampan.evaluate.pictures.comparison import SECONDS, walked
from sampan.evaluate.pictures.judgement import OWN_NAMES
from sampan.evaluate.report import ClosePair, Report
from sampan.evaluate.score import QUESTIONS, Question, Score
from sampan.evaluate.sides import Sides, sides
from sampan.evaluate.treated import treated
from sampan.evaluate.work import work
from sampan.generator import Generator, load
from sampan.learning.learn import held_out
from sampan.learning.schema import read_schema
from sampan.schema import Layout

SHOWN = 10
"""Made rows, and closest pairs, that a report shows."""

DRAWN = 20_000
"""Rows of each side that a report keeps for its drawings."""

MADE = 256
"""Pictures that are made unless said otherwise: the judge needs some hundreds, and each takes its time."""

TOGETHER = "belong together"
"""What a note says where several rows do: they are compared one by one, and no word may claim more."""

FEWEST = 10
"""Rows that a side needs before anything can be said."""


def judge(
    made: Any,
    *,
    seen: Any,
    unseen: Any = None,
    n: int | None = None,
    types: Mapping[str, str] | None = None,
    target: str | None = None,
    protected: Sequence[str] = (),
    gate: str = DEFAULT_GATE,
    questions: Collection[Question] = QUESTIONS,
    title: str | None = None,
    features: str | Path | None = None,
    seconds: float = SECONDS,
    seed: int = 0,
    on_question: Callable[[Question], None] = lambda question: None,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> Report | PictureReport:
    """Judge made rows beside real ones, and decide.

    Do they look right? Would work done on them hold? Could someone be found in them? Who is treated
    differently? Does `given` hold?

    Records with pictures are judged by their pictures, and a PictureReport says so: `questions`, `target` and
    `protected` are for other records.

    made: a frame, a path, or a model (a Generator or its folder), which then makes `n` rows itself, as many
    as it learned from unless said, and at most 256 pictures. seen: the rows that were learned from. unseen:
    real rows that were not; they set the floor of every figure. A model whose own table is given as `seen`
    knows which rows it kept aside, so `unseen` may be left out; other rows without `unseen` have no floor.
    types: column -> type word where the guess from the seen rows is wrong; a model knows its own. target:
    the column that work would predict, protected: the columns by which nobody must be treated differently;
    both are guessed unless said. gate: an expression over the scores (see `sampan.evaluate.gate`). seed: one
    seed, one report. on_question: called with each question that is waited for; two are asked at a time.
    features: a safetensors file of Inception v3, in whose features pictures are compared then. seconds: for
    the judge of pictures to learn what to look at; on_stage: called with what it learns, steps done and
    planned.

    Raises DataError for tables that do not match, RequestError for a gate or a question that cannot be read,
    both before any long work.

    >>> import sampan as sp
    >>> rows = {"coin": ["heads", "tails"] * 60, "value": [1, 2] * 60}
    >>> report = sp.judge(rows, seen=rows, questions=["look"], gate="shape <= 1")
    >>> report.passed
    True
    """
    begun = time.monotonic()
    _readable(gate, questions, OWN_NAMES)
    learned = _table(seen)
    model = _model(made)
    apart = None if unseen is None else _table(unseen)
    if model is None:
        given_rows = _table(made)
        schema = read_schema(learned, types=types or {})
        layout = schema.fit(learned.columns)
        name = title or given_rows.name
        # of rows that came as a file only this is known: how they were learned is not
        notes = [note for note in schema.notices if TOGETHER in note]
    else:
        layout, notes = model.layout, model.notes
        if apart is None and model.card.digest == digest(learned.columns):
            kept, held = held_out(len(learned), model.card.seed)
            apart = learned.take(np.sort(held)) if len(held) >= FEWEST else None  # too few say nothing
            learned = learned.take(np.sort(kept))
        rows = len(learned) if picture_in(layout.codecs) is None else min(MADE, len(learned))
        given_rows = _table(model.sample(n or rows, seed=seed))
        name = title or model.card.source
    if apart is None:
        apart = learned.take(np.zeros(0, dtype=np.int64))
    tables = {"seen": learned, "unseen": apart, "made": given_rows}
    if picture_in(layout.codecs) is not None:
        _refuse_for_pictures(questions, target, protected)
        return compare_pictures(
            tables,
            layout,
            title=name,
            gate=gate,
            features=features,
            seconds=seconds,
            seed=seed,
            walk=None if model is None else walked(model, seed),
            on_stage=on_stage,
        )
    if features is not None:
        raise RequestError(
            "a file of features was given, and the records hold no pictures.",
            "It is for comparing pictures.",
            "Leave it out.",
        )
    _readable(gate, questions)
    return compare(
        tables,
        layout,
        title=name,
        target=target,
        protected=protected,
        gate=gate,
        questions=questions,
        made_by=None if model is None else made_by(model),
        notes=notes,
        seed=seed,
        begun=begun,
        on_question=on_question,
    )


def compare(
    tables: Mapping[str, Table],
    layout: Layout,
    *,
    title: str,
    target: str | None = None,
    protected: Sequence[str] = (),
    gate: str = DEFAULT_GATE,
    questions: Collection[Question] = QUESTIONS,
    made_by: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    seed: int = 0,
    begun: float | None = None,
    on_question: Callable[[Question], None] = lambda question: None,
) -> Report:
    """`judge` with everything found: the three tables, and what their columns are.

    tables: "seen", "unseen" (it may be empty) and "made". notes: what was changed, left out or guessed about
    the data. begun: when the judgement began by
    time.monotonic(), now unless said.
    """
    begun = time.monotonic() if begun is None else begun
    _readable(gate, questions)
    _refuse(tables, layout)
    learned, given_rows = tables["seen"], tables["made"]
    compared = comparable(layout.codecs, [learned.columns, tables["unseen"].columns, given_rows.columns])
    three = sides(compared, seed)
    scores, close, skipped = _asked(three, questions, target, protected, on_question)
    rng = three.rng("shown")
    shown = np.sort(rng.choice(three.made.rows, min(SHOWN, three.made.rows), replace=False))
    few = three.rng("drawn")
    return Report(
        title=title,
        scores=tuple(scores),
        sides=replace(
            three,
            seen=three.seen.some(DRAWN, few),
            unseen=three.unseen.some(DRAWN, few),
            made=three.made.some(DRAWN, few),
        ),
        gate=gate,
        passed=decide(gate, scores).passed,
        closest=tuple(_pair(pair, given_rows, learned) for pair in close),
        examples=tuple(_cells(given_rows.columns, shown)),
        made_by=made_by,
        rows={name: len(table) for name, table in tables.items()},
        seconds=round(time.monotonic() - begun, 2),
        seed=seed,
        skipped=tuple(skipped),
        notes=tuple(notes),
        rowwise=any(TOGETHER in note for note in notes),
    )


def _refuse_for_pictures(
    questions: Collection[Question], target: str | None, protected: Sequence[str]
) -> None:
    """Raise RequestError for what the judge of pictures cannot be asked."""
    asked = {
        "questions": set(questions) != set(QUESTIONS),
        "a target": target is not None,
        "protected columns": bool(protected),
    }
    for what, is_asked in asked.items():
        if is_asked:
            raise RequestError(
                f"{what} cannot be chosen for records with pictures.",
                "They are judged by their pictures: do they look right, are they new, do they help?",
                "Leave it out, or judge a table without the column of pictures.",
            )


def _readable(gate: str, questions: Collection[str], more: Sequence[str] = ()) -> None:
    """Raise RequestError for a gate or a question that cannot be read, before any work.

    more: names that a gate may hold beside those of scores of tables.
    """
    parse(gate, {**NAMES, **dict.fromkeys(more, "look")})
    for question in questions:
        if question not in QUESTIONS:
            raise RequestError(
                f"there is no question {question!r}.",
                f"The questions are: {', '.join(get_args(Question))}.{nearest(question, QUESTIONS)}",
                "Use these words.",
            )


def _asked(
    three: Sides,
    questions: Collection[Question],
    target: str | None,
    protected: Sequence[str],
    on_question: Callable[[Question], None],
) -> tuple[list[Score], list[Close], list[tuple[Question, str]]]:
    """The scores of the questions, the closest pairs, and which questions could not be asked and why."""
    close: list[Close] = []

    def could_be_found() -> list[Score]:
        scores, pairs = found(three, shown=SHOWN)
        close.extend(pairs)
        return scores

    ask: dict[Question, Callable[[], list[Score]]] = {
        "look": lambda: look(three),
        "work": lambda: work(three, target=target),
        "found": could_be_found,
        "treated": lambda: treated(three, protected=protected, target=target),
        "given": lambda: given(three),
    }
    # what was said in words is refused before the first long question
    for name in (*protected, *([target] if target else [])):
        if name not in three.kinds:
            raise RequestError(
                f"there is no column {name!r} to compare.",
                f"The columns are: {', '.join(three.kinds)}.{nearest(name, three.kinds)}",
                "Use one of these names.",
            )

    def answered(question: Question) -> tuple[list[Score], str | None]:
        """The scores of a question, or why there are none."""
        if question == "found" and not three.unseen.rows:
            return [], "no_unseen"
        try:
            answer = ask[question]()
        except MissingExtra:
            return look(three, trained=False) if question == "look" else [], "no_extra"
        reasons: dict[str, str] = {"work": "no_target", "treated": "no_protected"}
        why = reasons.get(question)
        return answer, None if answer else why

    scores: list[Score] = []
    skipped: list[tuple[Question, str]] = []
    # trees and sorting leave the interpreter's lock alone, so two questions at a time use two cores
    pool = ThreadPoolExecutor(min(2, os.cpu_count() or 1), initializer=one_thread)
    try:
        asked: list[Question] = [question for question in QUESTIONS if question in questions]
        answers: dict[Question, Future[tuple[list[Score], str | None]]] = {
            question: pool.submit(answered, question) for question in asked
        }
        for question, answer in answers.items():
            on_question(question)
            found_, why = answer.result()
            scores.extend(score.settled() for score in found_)
            if why is not None:
                skipped.append((question, why))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return scores, close, skipped


def _table(data: Any) -> Table:
    return data if isinstance(data, Table) else read(data)


def _model(made: Any) -> Generator | None:
    """The model that was given instead of rows: itself, or its folder."""
    if isinstance(made, Generator):
        return made
    if isinstance(made, str | Path) and Path(made).is_dir() and (Path(made) / "model.json").exists():
        return load(made)
    return None


def _refuse(tables: Mapping[str, Table], layout: Layout) -> None:
    """Raise DataError where a side lacks rows or columns."""
    for side, table in tables.items():
        if len(table) < FEWEST and (side != "unseen" or len(table)):
            raise DataError(
                f"the {side} table {table.name!r} has {len(table)} row{'s' * (len(table) != 1)}.",
                f"At least {FEWEST} are expected to judge by; hundreds to judge well.",
                "Give a longer table.",
            )
        for name in layout.codecs:
            if name not in table.columns:
                raise DataError(
                    f"the {side} table {table.name!r} lacks the column {name!r}.",
                    f"The columns of the seen table are all expected: {', '.join(layout.codecs)}."
                    f"{nearest(name, table.columns)}",
                    "Add the column, or leave it out of the other tables.",
                )


def _cells(columns: Mapping[str, Column], index: np.ndarray) -> list[dict[str, str]]:
    """Some rows as text cells."""
    taken = {name: take(column, index).to_pylist() for name, column in columns.items()}
    return [
        {name: "" if cells[row] is None else str(cells[row]) for name, cells in taken.items()}
        for row in range(len(index))
    ]


def _pair(pair: Close, made: Table, seen: Table) -> ClosePair:
    return ClosePair(
        _cells(made.columns, np.array([pair.made]))[0],
        _cells(seen.columns, np.array([pair.seen]))[0],
        pair.distance,
        pair.unseen,
    )


def made_by(model: Generator) -> dict[str, Any]:
    """What a report tells of the model."""
    card = model.card
    return {
        "source": card.source,
        "family": card.family,
        "seed": card.seed,
        "rows": card.rows["learned"],
        "minutes": round(card.seconds / 60, 2),
        "digest": card.digest,
        "energy_wh": card.energy_wh,
        "versions": dict(card.versions),
    }
