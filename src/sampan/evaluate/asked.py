"""Asked: every question of a judgement, put to three tables, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from sampan.errors import MissingExtra, RequestError, nearest
from sampan.evaluate.eyes import Learning
from sampan.evaluate.found import Close, ClosePoints, found, found_cells
from sampan.evaluate.given import given
from sampan.evaluate.learners import one_thread
from sampan.evaluate.look import look
from sampan.evaluate.score import QUESTIONS, Question, Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.treated import treated
from sampan.evaluate.work import work


@dataclass(frozen=True)
class Answers:
    """What the questions found.

    scores: settled. close: the closest rows; cells: of every column of points, its closest cells. skipped:
    questions that could not be asked (in full), and why.
    """

    scores: list[Score] = field(default_factory=list)
    close: list[Close] = field(default_factory=list)
    cells: dict[str, list[ClosePoints]] = field(default_factory=dict)
    skipped: list[tuple[Question, str]] = field(default_factory=list)


def asked(
    three: Sides,
    questions: Collection[Question],
    *,
    target: str | None,
    protected: Sequence[str],
    learning: Learning,
    on_question: Callable[[Question], None],
) -> Answers:
    """The answers to some questions. Raises RequestError for a column that is not there, before the first.

    Long because which question is asked when, and why not, stands in one place.
    """
    out = Answers()

    def could_be_found() -> list[Score]:
        scores, pairs = found_cells(three)
        out.cells.update(pairs)
        if three.unseen.rows:
            rows, close = found(three)
            out.close.extend(close)
            scores = rows + scores
        return scores

    ask: dict[Question, Callable[[], list[Score]]] = {
        "look": lambda: look(three, on_stage=learning.on_stage),
        "work": lambda: work(three.whole, target=target),
        "found": could_be_found,
        "treated": lambda: treated(three.whole, protected=protected, target=target),
        "given": lambda: given(three.whole),
    }
    for name in (*protected, *([target] if target else [])):
        if name not in three.kinds:
            is_points = f" It holds {three.points[name].eye.medium}s." if name in three.points else ""
            raise RequestError(
                f"there is no column {name!r} to compare as a target or a group.{is_points}",
                f"The columns are: {', '.join(three.kinds)}.{nearest(name, three.kinds)}",
                "Use one of these names.",
            )

    def answered(question: Question) -> tuple[list[Score], str | None]:
        """The scores of a question, and why they are not all."""
        try:
            answer = ask[question]()
        except MissingExtra:
            answer = look(three, trained=False, on_stage=learning.on_stage) if question == "look" else []
            return answer, "no_extra"
        if question == "found" and not three.unseen.rows:
            return answer, "no_unseen"
        reasons = {"work": "no_target", "treated": "no_protected", "given": "no_conditions"}
        return answer, None if answer else reasons.get(question)

    # trees and sorting leave the interpreter's lock alone, so two questions at a time use two cores
    pool = ThreadPoolExecutor(min(2, os.cpu_count() or 1), initializer=one_thread)
    try:
        answers: dict[Question, Future[tuple[list[Score], str | None]]] = {
            question: pool.submit(answered, question) for question in QUESTIONS if question in questions
        }
        for question, answer in answers.items():
            on_question(question)
            scores, why = answer.result()
            out.scores.extend(score.settled() for score in scores)
            if why is not None:
                out.skipped.append((question, why))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return out
