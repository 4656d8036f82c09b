"""Report: a whole judgement, as a page, as JSON, as JUnit XML and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from sampan import letters
from sampan.evaluate.gate import Decision, decide
from sampan.evaluate.report.junit import junit
from sampan.evaluate.report.page import page
from sampan.evaluate.report.plot import plot
from sampan.evaluate.report.sentences import verdict
from sampan.evaluate.report.shown import Drawn, Shown
from sampan.evaluate.report.terminal import lines
from sampan.evaluate.report.words import Words, words
from sampan.evaluate.score import QUESTIONS, Question, Score, plain
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import standing_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class ClosePair:
    """A made row and the learned row that it lies nearest to, as text cells by column.

    distance: between the two. unseen: from the same made row to the nearest row that was never seen, NaN
    where there is none.
    """

    made: Mapping[str, str | Drawn]
    seen: Mapping[str, str | Drawn]
    distance: float
    unseen: float


@dataclass(frozen=True, eq=False)
class Report:
    """A judgement of made rows, whatever their columns hold.

    - title: what was judged.
    - scores: in any order; that of one column of points, such as pictures, carries its name.
    - sides: for the drawings; a sample will do.
    - gate: the expression that decides.
    - passed: what it says, None where too little is known.
    - closest: the pairs of rows for a person to look at, nearest first.
    - examples: made rows at random, by column a text or a drawing.
    - made_by: where the rows come from, where a model was judged.
    - rows: how many of "seen", "unseen" and "made".
    - seconds, seed: of the judgement.
    - skipped: each question that was not asked, and why (a word of [skipped] in the report's word files, or a
      sentence).
    - notes: what was changed, left out or guessed about the data.
    - rowwise: whether several rows belong together, which no score looks at.
    - shown: what a person looks at of each column of points.
    - shell: whether what is to be typed is said as flags of the command line, else as arguments of Python.
    """

    title: str
    scores: tuple[Score, ...]
    sides: Sides
    gate: str
    passed: bool | None
    closest: tuple[ClosePair, ...] = ()
    examples: tuple[Mapping[str, str | Drawn], ...] = ()
    made_by: Mapping[str, Any] | None = None
    rows: Mapping[str, int] | None = None
    seconds: float = 0.0
    seed: int = 0
    skipped: tuple[tuple[Question, str], ...] = ()
    notes: tuple[str, ...] = ()
    rowwise: bool = False
    shown: tuple[Shown, ...] = ()
    shell: bool = False

    @cached_property
    def decision(self) -> Decision:
        """What the gate says, piece by piece."""
        return decide(self.gate, self.scores)

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many rows were learned from, never seen, and made."""
        sides = self.sides
        return self.rows or {"seen": sides.seen.rows, "unseen": sides.unseen.rows, "made": sides.made.rows}

    def of(self, question: Question) -> tuple[Score, ...]:
        """The scores of a question."""
        return tuple(score for score in self.scores if score.question == question)

    def _words(self, language: str = "en") -> Words:
        """The words that this report is told in: rows, pictures, or records that hold both."""
        media = {shown.column: shown.medium for shown in self.shown}
        alone = set(media.values()) if self.sides.kinds.keys() <= media.keys() else set()
        records = "rows" if not media else alone.pop() if len(alone) == 1 else "mixed"
        return replace(words(language), records=records, media=media, shell=self.shell)

    def to_json(self) -> dict[str, Any]:
        """All that was measured as plain JSON values; of rows only how near they lie, never the cells."""
        return {
            "title": self.title,
            "verdict": verdict(self, self._words()),
            "passed": self.passed,
            "gate": {
                "text": self.gate,
                "atoms": [
                    {
                        **asdict(atom),
                        "figures": {name: plain(value) for name, value in atom.figures},
                        "scores": list(atom.scores),
                    }
                    for atom in self.decision.atoms
                ],
            },
            "questions": {
                name: {"state": standing_of(self.of(name)), "skipped": dict(self.skipped).get(name)}
                for name in QUESTIONS
            },
            "scores": [score.to_json() for score in self.scores],
            "closest": [
                {"distance": plain(pair.distance), "unseen": plain(pair.unseen)} for pair in self.closest
            ],
            "shown": [shown.to_json() for shown in self.shown],
            "rows": dict(self.sizes),
            "seconds": plain(self.seconds),
            "seed": self.seed,
            "made_by": dict(self.made_by or {}),
            "notes": list(self.notes),
        }

    def to_html(self, language: str = "en", show_real: bool = False) -> str:
        """The report as one page.

        It may be handed on: no cell that few real rows hold is on it.

        - language: "en" or "zh-Hant".
        - show_real: with the real rows nearest to made ones, real cells beside made ones, every category and
          the ends of every axis, for whoever may see the data; it says so.
        """
        return page(self, self._words(language), show_real)

    def to_junit(self) -> str:
        """The report as JUnit XML: a test case for every score, and one for the gate."""
        return junit(self, self._words())

    def lines(self, language: str = "en") -> list[str]:
        """The report as lines of plain text."""
        return lines(self, self._words(language))

    def plot(self, *names: str, language: str = "en") -> Figure:
        """The main scores beside their floors, as a matplotlib figure: `report.plot().savefig("report.png")`.

        - names: of the scores to draw instead.
        - language: "en" or "zh-Hant".

        Raises MissingExtra where matplotlib is not installed, RequestError for a score that is not there.
        """
        return plot(self, self._words(language), names)

    def _repr_html_(self) -> str:
        """The page in a notebook, in a frame of its own so that its style stays inside."""
        return letters.plain(
            f'<iframe srcdoc="{escape(self.to_html(), quote=True)}" title="{escape(self.title, quote=True)}" '
            'style="width:100%;height:80vh;border:0" sandbox=""></iframe>'
        )

    def __repr__(self) -> str:
        return letters.plain("\n".join(self.lines()))
