"""Omitted: a column that is known and not learned; it comes back empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import named, nulls, of_text, word_of
from sampan.checked import Record, Text, only
from sampan.column import Column, holds_bytes
from sampan.field import SAID, Box, Claim, Codec, Condition, Field, Leaves, Missing, Rows
from sampan.fields.objects import called
from sampan.fields.personal.recognition import recognised
from sampan.look import ENOUGH, Ground, Look
from sampan.media import MEDIA
from sampan.space import Space


@dataclass(frozen=True)
class Omitted(Field):
    """A column that is left empty in what is made.

    reason: why, in a few words for the user ("long free text").
    """

    kind: ClassVar[str] = "omitted"
    words = (("omitted", "known and left empty"),)
    reason: str = "left out on request"

    @property
    def setting(self) -> str:
        """Why, where it is not that somebody said so."""
        return self.reason if self.reason != type(self).reason else ""

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim:
        """Left out, for whatever reason."""
        return Claim(cls(setting) if setting else cls(), SAID)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """Bytes, objects that would be copied, prose, texts of which hardly any repeats."""
        match ground:
            case Ground.TYPE:
                return _bytes(look) or _objects(look)
            case Ground.PROSE:
                return _prose(look)
            case Ground.UNIQUE:
                return _copies(look)
            case _:
                return None

    def fit(self, column: Column) -> OmittedCodec:
        """Keep the Arrow type and nothing else."""
        return OmittedCodec(self.reason, word_of(column))


_LONG = 40  # letters: the average beyond which text that seldom repeats is prose
_WORDS = 6.0


def _bytes(look: Look) -> Claim | None:
    if not holds_bytes(look.column):
        return None
    why = f"bytes that are no {' and no '.join(medium.many for medium in MEDIA)}"
    return Claim(
        Omitted(why), why, f"holds {why}; it is left empty. To learn them, turn them into text first."
    )


def _objects(look: Look) -> Claim | None:
    """Objects that others do not learn: they look like somebody's, or hardly repeat."""
    things = called(look)
    if not things:
        return None
    somebody = look.once(recognised) is not None
    why = f"{things} that look like personal data" if somebody else f"{things}, another in most rows"
    parts = "real and imaginary parts" if things == "complex numbers" else "parts"
    return Claim(
        Omitted(why),
        why,
        f'holds {why}; it is left empty. To learn them whole: --type "{look.name}=category"; or give '
        f"their {parts} as columns of their own.",
    )


def _prose(look: Look) -> Claim | None:
    """Text that people wrote."""
    if not look.is_text or len(look.distinct) < max(ENOUGH, 0.5 * look.rows) or not look.texts:
        return None
    some = look.texts[:5000]
    length = float(np.mean([len(text) for text in some]))
    words = float(np.mean([len(text.split()) for text in some]))
    long = (length > _LONG and words >= 3) or (length > _LONG / 2 and _is_han(some))
    if words < _WORDS and not long:
        return None
    return Claim(
        Omitted("free text"),
        f"free text, {length:.0f} letters on average",
        f'free text is left empty. To learn it as it is: --type "{look.name}=category"',
    )


def _is_han(texts: list[str]) -> bool:
    """Whether texts are mostly written without blanks, as Chinese is: fewer letters say as much."""
    letters = "".join(texts[:500])
    return sum("\u3040" <= letter <= "\u9fff" for letter in letters) > 0.5 * len(letters)


def _copies(look: Look) -> Claim | None:
    """Another text in nearly every row: a model of a table would copy it."""
    if not look.is_text or len(look.distinct) < max(ENOUGH, 0.95 * look.rows):
        return None
    why = "another text in nearly every row"
    return Claim(
        Omitted(why),
        why,
        f"holds {why}, which would be copied and not learned; it is left "
        f'empty. To learn it all the same: --type "{look.name}=category"',
    )


@dataclass(frozen=True, eq=False)
class OmittedCodec(Codec):
    """The Arrow type of an omitted column, and the reason."""

    kind: ClassVar[str] = "omitted"
    reason: str
    dtype: str

    @property
    def spaces(self) -> Mapping[str, Space]:
        """No leaf: nothing is learned."""
        return {}

    def encode(self, column: Column) -> Leaves:
        """No leaf."""
        return {}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """Nulls of the column's type."""
        return of_text(nulls(rows.count, DataType.string()), self.dtype)

    def allow(self, condition: Condition) -> list[Box]:
        """Every record where missing is asked for, else none."""
        return [Box({}, {})] if condition == Missing() else []

    def describe(self) -> str:
        """That it is left empty, and why."""
        return f"not learned, left empty: {self.reason}"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Reason and type as JSON."""
        return {"reason": self.reason, "dtype": self.dtype}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        Record({"reason": Text(10_000), "dtype": Text(100)}).check(values, "its state")
        only(arrays, ())
        named(values["dtype"])
        return cls(values["reason"], values["dtype"])
