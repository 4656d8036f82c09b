"""Names: the words of a gate, those for whole questions and those of scores and their figures."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sampan.evaluate.score import Question

DEFAULT_GATE = "faithful and useful and private and fair"
"""Everything that was asked. Only here does a question that was not asked count neither way: whoever writes a
gate and names a question wants it asked."""

WORDS: Mapping[str, tuple[Question, ...]] = {
    "faithful": ("look", "given"),
    "useful": ("work",),
    "private": ("found",),
    "fair": ("treated",),
}
"""Words for whole questions: true when every score of theirs that was decided passed, and enough were decided
to say so (see `sampan.evaluate.state.enough`)."""

RECORD: Mapping[str, Question] = {
    **dict.fromkeys(
        ("shape", "trend", "c2st", "precision", "recall", "coverage", "absence", "rules", "groups"), "look"
    ),
    "given": "given",
    **dict.fromkeys(("utility", "ranking", "importance", "augmentation"), "work"),
    **dict.fromkeys(
        (
            "copies",
            "near",
            "membership",
            "membership_tpr",
            "singling_out",
            "linkability",
            "inference",
        ),
        "found",
    ),
    **dict.fromkeys(("representation", "outcome", "parity", "odds"), "treated"),
}
"""The scores of a whole record, and of its columns of numbers and categories."""

POINTS: Mapping[str, Question] = {
    **dict.fromkeys(("frechet", "kernel", "precision", "recall", "density", "coverage", "repeats"), "look"),
    **dict.fromkeys(("copies", "near"), "found"),
}
"""The scores of one column of points, which carry its name: `recall[picture]`."""

NAMES: Mapping[str, Question] = {**RECORD, **POINTS}
"""The scores that a gate may name before anything is measured, so that a slip of the pen costs no minute."""

FIGURES = ("value", "floor", "low", "high", "reference", "floor_low", "floor_high")
"""What `score.figure` may be; all but `value` also stand alone, for the score that is compared."""

_PARTS = re.compile(r"(?P<measure>\w+)(?:\[(?P<column>[^\]]*)\])?(?:\.(?P<figure>\w+))?")


def parts_of(name: str) -> tuple[str, str | None, str]:
    """The measure, the column and the figure of a name; no column where it has no brackets.

    >>> parts_of("Recall[my picture].floor"), parts_of("shape")
    (('recall', 'my picture', 'floor'), ('shape', None, ''))
    """
    found = _PARTS.fullmatch(name)
    assert found is not None  # by the grammar
    column = found["column"]
    return (
        found["measure"].lower(),
        None if column is None else column.strip(),
        (found["figure"] or "").lower(),
    )
