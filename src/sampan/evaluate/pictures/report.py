"""Report: a whole judgement of pictures, as JSON and as one page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sampan.evaluate.pictures.augmentation import Augmentation
from sampan.evaluate.pictures.copies import PicturePair
from sampan.evaluate.pictures.page import page
from sampan.evaluate.pictures.sentences import picture_words, said_of, verdict, what_of
from sampan.evaluate.report.junit import case, suite_of
from sampan.evaluate.report.sentences import state
from sampan.evaluate.score import Score, plain


@dataclass(frozen=True, eq=False)
class PictureReport:
    """A judgement of made pictures.

    title: what was judged. scores: frechet, kernel, precision, recall, density, coverage, repeats, copies,
    near, augmentation, as far as they could be asked. gate: the expression that decides; passed: what it
    says, None where too little is known. made, seen: pictures to show, uint8 (rows, channels, height,
    width). walk: the same, on a way from one made picture to another; may be none. closest: the made
    pictures closest to learned ones, with pictures_made and pictures_seen, row by row. helped: what the
    made pictures gain where a class is rare. learned_from: whether the judge's own features were learned
    from labels. features_file: the file of features in which likeness was measured instead, with its
    SHA-256; None where it was in the judge's own. compared: pictures of each side behind likeness. rows:
    how many of "seen", "unseen" and "made". skipped: question -> why it was not asked. notes: what was
    changed, left out or guessed about the data.
    """

    title: str
    scores: tuple[Score, ...]
    gate: str
    passed: bool | None
    made: np.ndarray
    walk: np.ndarray
    seen: np.ndarray
    closest: tuple[PicturePair, ...]
    closest_made: np.ndarray
    closest_seen: np.ndarray
    helped: Augmentation | None
    learned_from: Literal["labels", "pictures alone"]
    rows: Mapping[str, int]
    skipped: Mapping[str, str]
    seconds: float
    seed: int
    features_file: str | None = None
    compared: int = 0
    notes: tuple[str, ...] = ()

    def score(self, name: str) -> Score | None:
        """The score of a name, None where it was not asked."""
        return next((score for score in self.scores if score.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """All that was measured as plain JSON values; no picture."""
        return {
            "title": self.title,
            "verdict": verdict(self, picture_words()),
            "passed": self.passed,
            "gate": self.gate,
            "copying": state(copied.passed) if (copied := self.score("copies")) else "skipped",
            "scores": [score.to_json() for score in self.scores],
            "closest": [
                {
                    "made": pair.made,
                    "seen": pair.seen,
                    "ratio": plain(pair.ratio),
                    "bound": plain(pair.bound),
                    "space": pair.space,
                    "copied": pair.copied,
                }
                for pair in self.closest
            ],
            "features": self.learned_from,
            "features_file": self.features_file,
            "rows": dict(self.rows),
            "skipped": dict(self.skipped),
            "seconds": plain(self.seconds),
            "seed": self.seed,
            "notes": list(self.notes),
        }

    def lines(self, language: str = "en") -> list[str]:
        """The report as lines of plain text: each score beside its floor."""
        words = picture_words(language)
        fill = {"title": self.title, "gate": self.gate, "state": words.say(f"state.{state(self.passed)}")}
        out = [words.say("line.head", fill), verdict(self, words)]
        for score in self.scores:
            fill = {"name": score.name, "value": f"{score.value:.3g}", "floor": f"{score.floor:.3g}"}
            fill["state"] = words.say(f"exactly.{score.state}")
            out.append(words.say("line.score" if math.isnan(score.floor) else "line.beside", fill))
        if self.features_file is not None:
            out.append(words.say("line.file", {"file": self.features_file}))
        return out

    def to_junit(self) -> str:
        """The report as JUnit XML: a case for every score, and one for the gate."""
        words = picture_words()
        cases = [case("sampan", "gate", self.passed is True, verdict(self, words), "\n".join(self.lines()))]
        for score in self.scores:
            told = said_of(score, words)
            cases.append(
                case(f"sampan.{score.question}", score.name, score.passed, told, what_of(score, words))
            )
        cases += [
            case(f"sampan.{question}", question, None, words.say(f"skipped.{why}"), "")
            for question, why in self.skipped.items()
        ]
        return suite_of(self, self.rows, cases)

    def to_html(self, language: str = "en", show_real: bool = False) -> str:
        """The report as one page. show_real: with pictures that were learned from, and it says so."""
        return page(self, picture_words(language), show_real)
