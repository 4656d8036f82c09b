"""judge(): what was made, beside what real rows reach, as one report with one decision.

Long because the one public function says what each of its arguments means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from sampan.column import Column, take
from sampan.data import Table, digest, read
from sampan.errors import DataError, FamilyCannot, RequestError, names_of, nearest
from sampan.evaluate.asked import Answers, asked
from sampan.evaluate.eyes import EYES, SECONDS, Learning
from sampan.evaluate.gate import DEFAULT_GATE, decide, parse
from sampan.evaluate.report import ClosePair, Report
from sampan.evaluate.report.shown import Drawn, PointPair, Shown
from sampan.evaluate.score import QUESTIONS, Question
from sampan.evaluate.sides import Comparable, Side, Sides, comparable, sides
from sampan.field import Codec, Points
from sampan.generator import Generator, load
from sampan.groups.standing import Standing
from sampan.learning.learn import group_of, held_out
from sampan.learning.schema import read_schema
from sampan.making.request import Request
from sampan.randomness import rng_of
from sampan.schema import Layout
from sampan.whole_numbers import seed_of

EXAMPLES, CELLS, WALKED = 10, 48, 12
"""What a report shows: made rows, made cells of a column of points, and cells on a way between two."""

DRAWN = 20_000
"""Rows of each side that a report keeps for its drawings."""

MADE = 256
"""Records with pictures that are made unless said otherwise: the judge needs some hundreds, and each takes
its time."""

MOST = {"seen": 60_000, "unseen": 20_000, "made": 20_000}
"""Records with points of each side that are looked at: an eye looks at every one."""

TOGETHER = "belong together"
"""What a note says where several rows do: they are compared one by one, and no word may claim more."""

NOBODY = np.zeros(0, dtype=np.int64)

FEWEST = 10
"""Rows that a side needs before anything can be said."""


def judge(
    made: Any,
    *,
    seen: Any = None,
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
    steps: int | None = None,
    seed: int = 0,
    on_question: Callable[[Question], None] = lambda question: None,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> Report:
    """Judge made rows beside real ones, and decide.

    Do they look right? Would work done on them hold? Could someone be found in them? Who is treated
    differently? Does `given` hold? A record is judged whole, whatever its columns hold: of pictures an eye
    learns first, from seen ones, what to look at.

    - made: a frame, a path, or a model (a Generator or its folder), which then makes `n` rows itself, as many
      as it learned from unless said, and at most 256 with pictures.
    - seen: the rows that were learned from; without them nothing can be judged.
    - unseen: real rows that were not; they set the floor of every figure. A model whose own table is given as
      `seen` knows which rows it kept aside, so `unseen` may be left out; other rows without have no floor.
    - types: column -> type word where the guess from the seen rows is wrong; a model knows its own.
    - target: the column that work would predict, guessed unless said.
    - protected: the columns by which nobody must be treated differently, guessed unless said.
    - gate: an expression over the scores (see `sampan.evaluate.gate`).
    - questions: those that are asked, all unless said.
    - title: what was judged, in words.
    - features: a safetensors file of Inception v3, in whose features pictures are compared then.
    - seconds: for eyes to learn what to look at, at most.
    - steps: exactly so many instead, for a judgement that repeats to the last digit.
    - seed: one seed, one report.
    - on_question: called with each question that is waited for; two are asked at a time.
    - on_stage: called with what an eye does, steps done and planned.

    Raises DataError for tables that do not match, RequestError for no seen rows and for a gate or a question
    that cannot be read, all before any long work.

    >>> import sampan as sp
    >>> rows = {"coin": ["heads", "tails"] * 60, "value": [1, 2] * 60}
    >>> report = sp.judge(rows, seen=rows, questions=["look"], gate="shape <= 1")
    >>> report.passed
    True
    """
    begun, seed, protected = time.monotonic(), seed_of(seed), names_of(protected, "protected")
    if target is not None:
        (target,) = names_of(target if isinstance(target, str) else [target], "target")
    questions = [questions] if isinstance(questions, str) else questions  # type: ignore[assignment]
    _readable(gate, questions)
    learned = _real(seen)
    model = _model(made)
    apart = None if unseen is None else _table(unseen)
    walk = None
    if model is None:
        given_rows = _table(made)
        schema = read_schema(learned, types=types or {})
        layout = schema.fit(learned.columns)
        name = title or given_rows.name
        # of rows that came as a file only this is known: how they were learned is not
        notes = [note for note in schema.notices if TOGETHER in note]
    else:
        layout, notes = model.layout, model.card.notes
        if apart is None and model.card.digest == digest(learned.columns):
            kept, held = held_out(len(learned), model.card.seed, group_of(layout, learned.columns))
            apart = learned.take(np.sort(held)) if len(held) >= FEWEST else None  # too few say nothing
            learned = learned.take(np.sort(kept))
        rows = min(MADE, len(learned)) if _has_points(layout) else len(learned)
        given_rows = _table(model.sample(n or rows, seed=seed))
        walk = walked(model, seed)
        name = title or model.card.source
    return compare(
        {"seen": learned, "unseen": learned.take(NOBODY) if apart is None else apart, "made": given_rows},
        layout,
        title=name,
        target=target,
        protected=protected,
        gate=gate,
        questions=questions,
        made_by=None if model is None else made_by(model),
        notes=notes,
        learning=Learning(seconds, steps, features, seed, on_stage),
        walk=walk,
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
    learning: Learning = Learning(),  # noqa: B008
    walk: Mapping[str, Column] | None = None,
    begun: float | None = None,
    on_question: Callable[[Question], None] = lambda question: None,
) -> Report:
    """`judge` with everything found: the three tables, and what their columns are.

    tables: "seen", "unseen" (it may be empty) and "made". notes: what was changed, left out or guessed about
    the data. learning: of eyes, and the seed of all draws. walk: records of `walked`, to be shown. begun:
    when the judgement began by time.monotonic(), now unless said.
    """
    begun = time.monotonic() if begun is None else begun
    _readable(gate, questions)
    codecs, left_out = _shared(tables, layout)
    _refuse(tables, codecs)
    tables = {side: _looked_at(table, side, layout, learning.seed) for side, table in tables.items()}
    compared = comparable(codecs, [tables[side].columns for side in ("seen", "unseen", "made")])
    _refuse_points(compared, tables, gate, learning)
    three = _grouped(sides(compared, learning), layout, tables)
    answers = asked(
        three, questions, target=target, protected=protected, learning=learning, on_question=on_question
    )
    rng = three.rng("shown")
    shown = np.sort(rng.choice(three.made.rows, min(EXAMPLES, three.made.rows), replace=False))
    return Report(
        title=title,
        scores=tuple(answers.scores),
        sides=replace(three.some(DRAWN, three.rng("drawn")), points={}),
        gate=gate,
        passed=decide(gate, answers.scores).passed,
        closest=tuple(
            ClosePair(
                _cells(tables["made"], three, three.made, np.array([pair.made]))[0],
                _cells(tables["seen"], three, three.seen, np.array([pair.seen]))[0],
                pair.distance,
                pair.unseen,
            )
            for pair in answers.close
        ),
        examples=tuple(_cells(tables["made"], three, three.made, shown)),
        shown=tuple(_shown(three, name, answers, layout, walk) for name in three.points),
        made_by=made_by,
        rows={name: len(table) for name, table in tables.items()},
        seconds=round(time.monotonic() - begun, 2),
        seed=learning.seed,
        skipped=tuple(answers.skipped),
        notes=(*notes, *left_out),
        rowwise=not three.key and any(TOGETHER in note for note in notes),
    )


def _grouped(three: Sides, layout: Layout, tables: Mapping[str, Table]) -> Sides:
    """The sides, and which rows of each belong together."""
    if layout.groups is None:
        return three
    key = layout.groups.key
    groups = [Standing.of(tables[side].columns[key]).group for side in ("seen", "unseen", "made")]
    return replace(three, key=key, groups=tuple(groups))


def walked(generator: Generator, seed: int) -> Mapping[str, Column] | None:
    """Records on a way from one made record to another; None where there is none, or nothing to see."""
    if not _has_points(generator.layout):
        return None
    try:
        return next(generator.stream(Request("walk", WALKED, seed=seed)))
    except FamilyCannot:
        return None


def _has_points(layout: Layout) -> bool:
    """Whether an eye has to look at a column: one whose cells lie on a grid."""
    return any(codec.dimensions for codec in layout.codecs.values())


def _looked_at(table: Table, side: str, layout: Layout, seed: int) -> Table:
    """At most so many records as eyes look at, at random."""
    if not _has_points(layout) or len(table) <= MOST[side]:
        return table
    return table.take(np.sort(rng_of(seed, f"looked at {side}").permutation(len(table))[: MOST[side]]))


def _shown(
    three: Sides, name: str, answers: Answers, layout: Layout, walk: Mapping[str, Column] | None
) -> Shown:
    """What the report shows of a column of points."""
    cells = three.points[name]
    rng = three.rng(f"shown {name}")

    def drawn(places: np.ndarray) -> tuple[Drawn, ...]:
        return tuple(map(Drawn, cells.eye.show(cells.take(places))))

    def some(side: Side) -> tuple[Drawn, ...]:
        places = side.places[name][side.places[name] >= 0]
        return drawn(np.sort(rng.choice(places, min(CELLS, len(places)), replace=False)))

    pairs = answers.cells.get(name, ())
    both = zip(
        pairs,
        drawn(three.made.places[name][np.array([pair.made for pair in pairs], dtype=np.int64)]),
        drawn(three.seen.places[name][np.array([pair.seen for pair in pairs], dtype=np.int64)]),
        strict=True,
    )
    way = None if walk is None else layout.codecs[name].view(walk[name])
    likened = next((score for score in answers.scores if score.name == f"frechet[{name}]"), None)
    return Shown(
        name,
        cells.eye.medium,
        some(three.made),
        some(three.seen),
        tuple(map(Drawn, cells.eye.show(way.cells))) if isinstance(way, Points) else (),
        tuple(PointPair(made, seen, pair) for pair, made, seen in both),
        cells.eye.learned_from,
        cells.eye.file,
        int(likened.facts["rows"]) if likened else 0,
    )


def _readable(gate: str, questions: Collection[str]) -> None:
    """Raise RequestError for a gate or a question that cannot be read, before any work."""
    parse(gate)
    if not isinstance(questions, Iterable):
        raise RequestError(
            f"the questions are a {type(questions).__name__}.",
            f"A list of these words is expected: {', '.join(get_args(Question))}.",
            'For example: questions=["look"]',
        )
    for question in questions:
        if not isinstance(question, str) or question not in QUESTIONS:
            raise RequestError(
                f"there is no question {question!r}.",
                f"The questions are: {', '.join(get_args(Question))}.{nearest(str(question), QUESTIONS)}",
                "Use these words.",
            )


def _table(data: Any) -> Table:
    return data if isinstance(data, Table) else read(data)


def _real(seen: Any) -> Table:
    if seen is None:
        raise RequestError(
            "made rows are to be judged, but no real rows to judge them by are given.",
            "Expected: seen=, the rows that were learned from, and better also unseen=, rows that were not.",
            "Type for instance: sp.judge(made, seen=real, unseen=kept_aside)",
        )
    return _table(seen)


def _model(made: Any) -> Generator | None:
    """The model that was given instead of rows: itself, or its folder."""
    if isinstance(made, Generator):
        return made
    if isinstance(made, str | Path) and Path(made).is_dir() and (Path(made) / "model.json").exists():
        return load(made)
    return None


def _shared(tables: Mapping[str, Table], layout: Layout) -> tuple[dict[str, Codec], list[str]]:
    """The columns that are compared, and what to tell of others.

    A folder of pictures without labels is compared with one that has them; a table must have every column.
    """
    lacking = {
        name: side
        for side, table in tables.items()
        for name, codec in layout.codecs.items()
        if name not in table.columns and not codec.dimensions and _has_points(layout)
    }
    notes = [f"The {side} side has no column {name!r}: it was not judged." for name, side in lacking.items()]
    return {name: codec for name, codec in layout.codecs.items() if name not in lacking}, notes


def _refuse(tables: Mapping[str, Table], codecs: Mapping[str, Codec]) -> None:
    """Raise DataError where a side lacks rows or columns."""
    for side, table in tables.items():
        if len(table) < FEWEST and (side != "unseen" or len(table)):
            raise DataError(
                f"the {side} table {table.name!r} has {len(table)} row{'s' * (len(table) != 1)}.",
                f"At least {FEWEST} are expected to judge by; hundreds to judge well.",
                "Give a longer table.",
            )
        for name in codecs:
            if name not in table.columns:
                raise DataError(
                    f"the {side} table {table.name!r} lacks the column {name!r}.",
                    f"The columns of the seen table are all expected: {', '.join(codecs)}."
                    f"{nearest(name, table.columns)}",
                    "Add the column, or leave it out of the other tables.",
                )


def _refuse_points(compared: Comparable, tables: Mapping[str, Table], gate: str, learning: Learning) -> None:
    """Raise, before any eye learns, for too few cells, or a gate or a file for which there are none."""
    parse(gate, columns=compared.points)
    if learning.file is not None and not compared.points:
        raise RequestError(
            "a file of features was given, and the records hold no pictures.",
            "It is for comparing pictures.",
            "Leave it out.",
        )
    for name, views in compared.points.items():
        if views[0].eye not in EYES:
            raise DataError(
                f"the column {name!r} holds points that no eye looks at: {views[0].eye!r}.",
                f"There are eyes for: {', '.join(EYES)}.",
                "Let the view of its codec be a Scale, Labels or None.",
            )
        for side, view in zip(("seen", "unseen", "made"), views, strict=True):
            count = len(view.cells)
            if count < FEWEST and (side != "unseen" or len(tables[side])):
                raise DataError(
                    f"the {side} table {tables[side].name!r} has {count} {view.eye}{'s' * (count != 1)} in "
                    f"the column {name!r}.",
                    f"At least {FEWEST} are expected to judge by; hundreds to judge well.",
                    "Give more rows in which it is not missing.",
                )


def _cells(table: Table, three: Sides, side: Side, index: np.ndarray) -> list[dict[str, str]]:
    """Some rows of a table as cells of text, those of a column of points as its eye shows them."""
    out: dict[str, list[str]] = {}
    for name, column in table.columns.items():
        if name in three.points:
            cells, places = three.points[name], side.places[name][index]
            shown = map(Drawn, cells.eye.show(cells.take(places[places >= 0])))
            out[name] = [next(shown) if place >= 0 else "" for place in places]
        else:
            taken = take(column, index).to_pylist()
            out[name] = ["" if cell is None else str(cell) for cell in taken]
    return [{name: cells[row] for name, cells in out.items()} for row in range(len(index))]


def made_by(model: Generator) -> dict[str, Any]:
    """What a report tells of the model."""
    card = model.card
    return {
        "source": card.source,
        "family": card.family,
        "seed": card.seed,
        "rows": card.learned_from,
        "minutes": round(card.seconds / 60, 2),
        "digest": card.digest,
        "energy_wh": card.energy_wh,
        "versions": dict(card.versions),
    }
