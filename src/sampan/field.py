"""Field and Codec: what a column means, and what was learned about it. Fields never see a model.

A field is declared (by the user or guessed from the data); `Field.fit` reads a column and returns the
codec, which turns domain values into leaves at the waist and back. Long because it is read as a whole by
who writes a field: all that one may be asked, in the words of the answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from sampan.column import Column, file_kind, join, missing, take
from sampan.errors import DataError
from sampan.look import Ground, Look
from sampan.media import Medium, medium_of_cells
from sampan.randomness import rng_of
from sampan.space import Space

Leaves = Mapping[str, np.ndarray]
"""Leaf name -> array (rows, ...). The empty name is a codec's only or main leaf."""


# --- conditions on one column: the atoms of `where` (a closed set; missing cells satisfy none but Missing)
@dataclass(frozen=True, slots=True)
class Compare:
    """`column op value`, op one of == != < <= > >=."""

    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class In:
    """`column in (values)`, or not in them when `negated`."""

    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """`column between low and high`, both included, or outside them when `negated`."""

    low: Any
    high: Any
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """`column is missing`, or is not when `negated`."""

    negated: bool = False


Condition = Compare | In | Between | Missing


def literals_of(condition: Condition) -> list[Any]:
    """The values that a condition compares with."""
    match condition:
        case Compare(_, value):
            return [value]
        case In(values, _):
            return list(values)
        case Between(low, high, _):
            return [low, high]
        case Missing():
            return []


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A product set of leaf values: a record is inside when each named leaf is.

    symbols: Choice leaf -> bool (size,), True where allowed. A leaf that is not named is free.
    noise: noise leaf -> (low, high), the half-open interval of [0, 1) that is allowed.
    The boxes that a codec returns for one condition do not overlap.
    """

    symbols: Mapping[str, np.ndarray]
    noise: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Which made rows are being decoded, so that a codec can make what no leaf holds.

    start: index of the first; count: how many; seed: the user's; column: its name, so that two columns do
    not draw alike. people: of groups of columns that speak of one person (`fields.identity`), whom each row
    speaks of, where that is given: int64 (count,) each. The same rows always come in the same blocks, so
    anything drawn from `rng` depends on the seed and the row alone, not on the batch size.
    """

    start: int
    count: int
    seed: int
    column: str = ""
    people: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator of its own for this block, column and purpose."""
        return rng_of(self.seed, f"{self.column}/{purpose}", self.start)


# --- how a column is looked at beside another (a closed set)
@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Cells as numbers, of which near ones are alike.

    values: float64 (rows,), NaN where missing. tick: such a number as people write it ("2024-05-01"); None
    for a number that needs no other writing.
    """

    values: np.ndarray
    tick: Callable[[float], str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Cells that are equal or not and nothing else, as they are."""

    column: Column


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Cells that no number and no word compares; an eye of the judge makes vectors of them, near where cells
    are alike (`evaluate.eyes`).

    eye: its name ("picture"). cells: those that are there, as the codec has them, (cells, ...). there: which
    rows they are, bool (rows,).
    """

    eye: str
    cells: np.ndarray
    there: np.ndarray


View = Scale | Labels | Points


class Codec(ABC):
    """What was learned about one column: spaces at the waist, and the way there and back.

    Plain values and arrays only, so it saves as JSON and safetensors. Made by `Field.fit`.
    """

    kind: ClassVar[str]
    """The name under which it is stored; unique among fields."""

    medium: ClassVar[Medium | None] = None
    """What its made cells are files of (`sampan.media`); None where they are values."""

    @property
    @abstractmethod
    def spaces(self) -> Mapping[str, Space]:
        """Leaf -> space, for a model to learn. May be empty (constants, identifiers)."""

    @property
    def noise(self) -> Sequence[str]:
        """Leaves that are independent of all else, uniform on [0, 1): nobody learns them.

        They say which value inside a symbol; the codec lays them out so that uniform is right.
        """
        return ()

    @abstractmethod
    def encode(self, column: Column) -> Leaves:
        """Leaf -> int64 (rows, *grid) for each learned Choice leaf (noise leaves are not encoded), and for
        each Real leaf float32 (rows, channels, *grid), or uint8 for one of many cells: the level l there
        stands for l / 127.5 - 1.

        Raises DataError, naming the value and the nearest known one, where a value was never seen
        and no known symbol can stand for it (a new category). Numbers go to the nearest symbol.
        """

    def unknown(self, column: Column) -> np.ndarray:
        """Which cells `encode` would refuse, so that all others can be served: bool (rows,).

        A category that was never seen, a text that is no number, a missing cell where none ever was. None,
        unless a codec knows better. Raises DataError where the column as a whole is of no use to the codec.
        """
        return np.zeros(len(column), dtype=bool)

    @abstractmethod
    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """The column (rows.count,), in the Arrow type that `fit` was given; what was given as paths of files
        comes as their bytes. `leaves` has all of `spaces` and `noise`."""

    def expected(self, odds: np.ndarray) -> Column | None:
        """The one cell that stands best for all it could be: the mean of a number, the commonest category.

        odds: of the symbols of its only leaf, float64 (rows, size), none of them for "missing". None, unless
        a codec knows better: then such a cell is looked for among draws.
        """
        return None

    def examples(self) -> Column | None:
        """Every value that can be made, at least once; None where they are too many, or invented."""
        return None

    def nearest_to(self, values: np.ndarray) -> Column | None:
        """The cells that lie nearest to numbers on the scale of its view: float64 (rows,).

        None, unless a codec knows better: what lies between two of its cells is none of them.
        """
        return None

    # --- its cells as what rules reckon with (`sampan.rules`)
    def plain(self, column: Column) -> Column:
        """The cells as an Arrow column of numbers or moments where texts spell them; else as they are."""
        return column

    def of_numbers(self, values: np.ndarray) -> Column | None:
        """The cells that say some numbers: whole (int64) or not (float64), as `plain` has them; of moments,
        microseconds since 1970, in UTC where a zone is known (rows,).

        None, unless a codec knows better: its cells are no numbers.
        """
        return None

    def span(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The least and the greatest of these numbers in each symbol of the main leaf, but for "missing".

        None, unless a codec knows better.
        """
        return None

    def makes(self, values: np.ndarray, drawn: bool) -> np.ndarray:
        """Which of such numbers may stand in a made cell: bool (rows,).

        Those within the range that is made, on the steps that the column counts in. drawn: where no leaf says
        which of several values of a symbol it is, one of those that are made.
        """
        return np.ones(len(values), dtype=bool)

    @property
    def dimensions(self) -> int:
        """Of the grid that its cells lie on: 0 for scalars, 2 for pictures."""
        return max((len(space.grid) for space in self.spaces.values()), default=0)

    def literal(self, value: object) -> Column | None:
        """The cell that a given value says, where it is not the cell itself (the path of a picture, a moment
        as a person writes it), as a column of one row.

        None, unless a codec knows better: the value is the cell.
        """
        return None

    # --- cells on a grid, which may be given in part
    def contents(self, column: Column) -> Column:
        """The cells themselves, where a column may only say where they are (paths of files)."""
        return column

    def known(self, column: Column) -> np.ndarray | None:
        """Which places of the main leaf's grid are given: bool (rows, *grid); None where all are.

        Of a missing cell, none are. A codec whose values may be there in part (a picture with a hole, a text
        with a gap) says more.
        """
        gone = missing(column)
        if not self.dimensions or not gone.any():
            return None
        grid = self.spaces[""].grid
        return np.broadcast_to(~gone.reshape(-1, *(1 for _ in grid)), (len(column), *grid)).copy()

    def complete(self, column: Column, leaves: Leaves) -> Column:
        """The column with what `known` says is not given taken from made leaves, and all else as it was."""
        made = self.decode(leaves, Rows(0, len(column), 0))
        place = np.arange(len(column))
        return take(join([column, made]), np.where(missing(column), place + len(column), place))

    @abstractmethod
    def allow(self, condition: Condition) -> list[Box]:
        """The boxes of leaf values that satisfy a condition; empty where nothing can.

        The union is exact: decode of any point inside satisfies the condition, of any point outside
        does not. Literals may be text from a command line: `age > "65"` must work for a number.
        Raises WhereError where the condition makes no sense for this column.
        """

    def holds(self, condition: Condition, column: Column) -> np.ndarray | None:
        """Which cells satisfy a condition, by their own values and not their symbols: bool (rows,).

        Asked of columns that are given, whose values may lie inside a symbol or never have been seen. It
        agrees with `allow` on what `decode` makes, and raises WhereError as `allow` does. None, unless a
        codec knows better: the cells are compared as the numbers, moments or text that they are.
        """
        return None

    def near(self, condition: Condition) -> str:
        """What can be made and lies nearest to what a condition that nothing satisfies asks for, in words.

        "" unless a codec knows better.
        """
        return ""

    def log_share(self, column: Column) -> np.ndarray:
        """log p(value | its symbols) under the noise leaves, float64 (rows,): 0 where symbols say all."""
        return np.zeros(len(column))

    def view(self, column: Column) -> View | None:
        """How cells are compared with others of the column, real or made; the same kind for every column.

        Cells that mean nothing here are missing: nothing is refused. None, unless a codec says otherwise:
        there is nothing to compare, because the values are invented, constant or not learned.
        """
        return None

    @abstractmethod
    def describe(self) -> str:
        """One plain line for people: '73 whole numbers, 17 to 90' or '9 categories, 5.6 % missing'."""

    @property
    def notes(self) -> Sequence[str]:
        """What learning this column changed or left out, in plain sentences, without the column's name.

        They join what reading and guessing had to say: `Generator.notes`, the card, the report.
        """
        return ()

    @abstractmethod
    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal codec."""

    @classmethod
    @abstractmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described. Raises StoreError or a plain KeyError/ValueError if damaged."""


def refuse_missing(gone: np.ndarray, called: str = "missing") -> None:
    """Raise DataError where cells are missing in a column that had none when it was learned."""
    if gone.any():
        raise DataError(
            f"{int(gone.sum()):,} of {gone.size:,} cells are {called}.",
            "The column had no missing cell when the model was learned.",
            "Fill them, or learn again from data in which some are missing.",
        )


# --- what a column is taken for
@dataclass(frozen=True)
class Claim:
    """A field for one column, why in plain words, and what a person should know first where there is such."""

    field: Field
    reason: str
    notice: str = ""


class Field(ABC):
    """What a column means, as the user declares it: a frozen dataclass of plain values."""

    kind: ClassVar[str]
    """The word for it in a schema file and on the command line: 'number', 'category', 'moment', ..."""

    words: ClassVar[Sequence[tuple[str, str]]] = ()
    """For the help: the type words that name it, and what they say."""

    dimensions: ClassVar[int] = 0
    """Of the grid that its codec's cells lie on: 0 for scalars, 2 for pictures."""

    medium: ClassVar[Medium | None] = None
    """What its cells are files of (`sampan.media`); None where they are values."""

    invents: ClassVar[bool] = False
    """Whether its codec makes up values that must be nobody's: then it is fitted to the rows kept apart too,
    so that what is taken there is not made either."""

    plural: ClassVar[str] = ""
    """What a notice calls its cells where they may be somebody's and come back ("numbers"); "" where they
    cannot."""

    @property
    def side(self) -> int:
        """Cells along the longest side of that grid, as far as the declaration says; 0 where it does not."""
        return 0

    # --- its words
    @property
    def setting(self) -> str:
        """What its type word says after the kind, which `of_setting` reads; "" for nothing."""
        return ""

    @property
    def word(self) -> str:
        """The type word that gives this field again: "category:S<M<L", "moment:%d/%m/%Y,exact"."""
        settings = [self.setting] if self.setting else []
        if isinstance(self, CountsPeople) and self.exact:
            settings.append("exact")
        return f"{self.kind}:{','.join(settings)}" if settings else self.kind

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim | None:
        """The field that a type word asks for, with what only the column can say; None for no such setting.

        setting: what stands after the kind and a colon; "" for nothing.
        Raises RequestError or DataError where the column does not suit.
        """
        return None if setting else Claim(cls(), SAID)

    # --- its guess
    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """Its claim on a column that nobody said anything of, if it has one on this ground.

        Unless a field knows better, files of its medium: paths of which a folder's reader said it, or bytes
        that begin as such files do.
        """
        if ground is not Ground.TYPE or cls.medium is None or medium_of_cells(look.column) is not cls.medium:
            return None
        named = bool(file_kind(look.column))
        word = f"files of a folder ({cls.medium.word})" if named else f"bytes of encoded {cls.medium.many}"
        return Claim(cls(), word)

    def guarded(self, look: Look) -> Claim | None:
        """What takes its place where it would make again what is somebody's; None where it may stay."""
        return None

    @abstractmethod
    def fit(self, column: Column) -> Codec:
        """Learn the codec from a column (the training rows only). Raises DataError if it does not suit."""


SAID = "as you said"
"""The reason for a field that a person asked for."""


@runtime_checkable
class NamesGroups(Protocol):
    """A field whose values may name whom or what several rows are of (`sampan.groups`)."""

    key: bool
    """Whether rows of one value belong together, and are made together."""


@runtime_checkable
class CountsPeople(Protocol):
    """A field under the rule for one person's values (`fields.unshared`), which asks whose row each is."""

    exact: bool
    """Whether a value that one person alone holds may be made again."""

    def fit(self, column: Column, persons: np.ndarray | None = None) -> Codec:
        """`Field.fit`. persons: whose row each is, any whole numbers (rows,); None where no two are one's."""
        ...
