"""Medium: what a file of a medium is - how it is recognised, read, written and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from rich.console import RenderableType

HEAD = 132
"""Bytes at the beginning of a file by which every medium is recognised."""


class Fault(Exception):
    """What is wrong with a file, in a few words, and what to do about it."""

    def __init__(self, reason: str, fix: str = "Copy or export it again, or take it out.") -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix


@dataclass(frozen=True, eq=False)
class Sheet(ABC):
    """Some files of a medium at a glance: a file itself, its name, and what a terminal shows of it."""

    name: str
    data: bytes

    @abstractmethod
    def drawn(self, environment: Mapping[str, str] | None = None) -> RenderableType:
        """What rich prints. environment: of a terminal that may be sent more than letters; None where a line
        is drawn over what was printed."""

    @abstractmethod
    def html(self) -> str:
        """What a notebook or a page shows of it: HTML without script, and nothing fetched."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long files of a medium take to learn, from what was measured.

    minutes: until made ones are like real ones, about. size: of what is learned, in words ("28 x 28 pixels").
    before: what made ones are long before ("blurs or noise"). smaller: a type word that takes less. source:
    the page with the measurements.
    """

    minutes: float
    size: str
    before: str
    smaller: str
    source: str


class Medium(ABC):
    """A kind of file that a cell of a record can be: one file in `media/`, and one line in `MEDIA`."""

    word: ClassVar[str]
    """The field that learns it, as a type word: "image"."""

    one: ClassVar[str]
    """What people call a file of it, and a reader the column of them: "picture"."""

    many: ClassVar[str]
    """The same of several."""

    endings: ClassVar[Mapping[str, str]]
    """What the names of its files end in -> the usual one of those that mean the same: ".jpeg" -> ".jpg"."""

    sheet_name: ClassVar[str]
    """How the overview is called that lies among made files: no record."""

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Whether the first HEAD bytes of a file are those of this medium."""

    @abstractmethod
    def fault(self, path: str) -> str:
        """What is wrong with a file, in a few words; '' where nothing is. Cheap for whole files."""

    @abstractmethod
    def ending_of(self, cell: bytes) -> str:
        """What the name of a file with these bytes ends in."""

    @abstractmethod
    def sheet(self, cells: Sequence[bytes]) -> Sheet:
        """An overview of some files, for people to look at."""

    def of_array(self, values: np.ndarray) -> list[bytes] | None:
        """The files that an array of several records means; None where it means none of this medium."""
        del values
        return None

    def patience(self, grid: tuple[int, ...], channels: int, family: str, threads: int) -> Patience | None:
        """How long a family takes over cells of so many channels on a grid; None where nobody knows."""
        del grid, channels, family, threads
        return None
