"""Eye: what the judge knows of cells that no number and no word compares - pictures, texts, molecules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np

SECONDS = 40.0
"""For eyes to learn what to look at, at most."""

Views = list[np.ndarray]
"""The same cells seen in several ways: float32 (cells, d) each, the plain one first."""


@dataclass(frozen=True)
class Learning:
    """How eyes learn what to look at.

    seconds: at most, of all columns together. steps: exactly so many of each instead, for a judgement that
    repeats. file: of features in which likeness is measured then, so that it compares with figures of others.
    seed: of every draw. on_stage: called with what is done, steps done and planned.
    """

    seconds: float = SECONDS
    steps: int | None = None
    file: str | Path | None = None
    seed: int = 0
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None


class Eye(ABC):
    """What has learned, from seen cells of one column, to see cells as vectors that are near when alike.

    It never sees a part of the model that is judged. Cells are arrays as `field.Points` has them.
    """

    medium: ClassVar[str]
    """Of what: the name in `field.Points`."""

    spaces: ClassVar[tuple[str, ...]]
    """Names of the spaces in which cells are compared; likeness is measured in the first."""

    @classmethod
    @abstractmethod
    def learn(cls, seen: np.ndarray, labels: np.ndarray | None, learning: Learning) -> Self:
        """The eye for a column. labels: int64 (cells,), -1 unknown."""

    @property
    @abstractmethod
    def learned_from(self) -> Literal["labels", "cells alone"]:
        """What the features were learned from."""

    @property
    def file(self) -> str | None:
        """The file of features in which likeness is measured instead, with its SHA-256."""
        return None

    @abstractmethod
    def plain(self, cells: np.ndarray, space: str) -> np.ndarray:
        """Cells as vectors: float32 (cells, d)."""

    @abstractmethod
    def views(self, cells: np.ndarray, space: str) -> Views:
        """Cells as vectors, plain and in every disguise under which a copy is still a copy."""

    def of_file(self, cells: np.ndarray, on_step: Callable[[int, int], None]) -> np.ndarray:
        """Cells in the features of the file. Asked only of an eye that has one."""
        raise NotImplementedError(f"the eye for a {self.medium} reads no file of features")

    @abstractmethod
    def prints(self, cells: np.ndarray) -> np.ndarray:
        """Fingerprints, uint64 (cells,): cells that are nearly the same differ in few bits."""

    @abstractmethod
    def show(self, cells: np.ndarray) -> list[str]:
        """Each cell as a piece of HTML, small and without script."""
