"""Judging: what a stage shows of a judgement."""

from __future__ import annotations

from collections.abc import Sequence

from sampan.evaluate.score import Question
from sampan.screen import Stage


class Judging:
    """Which question is waited for, and what an eye does.

    Questions take from a moment to a minute, so that how many are answered says nothing of the time left, and
    none is told.
    """

    def __init__(self, stage: Stage, questions: Sequence[Question]) -> None:
        self.stage, self.questions = stage, list(questions)
        stage.even = False

    def question(self, question: Question) -> None:
        """The question that is waited for."""
        place, count = self.questions.index(question), len(self.questions)
        self.stage.update(place, count, note=f"question {place + 1} of {count}, {question}")

    def part(self, what: str, done: int, planned: int) -> None:
        """What an eye does, and how far it is."""
        self.stage.update(note=f"{what}, {done:,} of {planned:,}")
