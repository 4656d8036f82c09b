"""The values of a category as conditions compare them: text, yes or no, numbers, moments, a scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import DataType, dictionary_dictionary, dictionary_indices

from sampan.arrow_type import as_text
from sampan.column import Column, floats
from sampan.errors import WhereError, nearest
from sampan.field import Compare, Condition, In, Missing, literals_of
from sampan.where.evaluation import compare

YES = frozenset(["true", "yes", "y", "t", "1", "on", "是", "有", "真"])

_NO = frozenset(["false", "no", "n", "f", "0", "off", "否", "無", "无", "沒有", "没有", "假"])


def codes_of(column: Column) -> tuple[np.ndarray, list[str]]:
    """Index of each cell's text among the distinct ones, -1 where null or NaN; and those texts."""
    encoded = compute.dictionary_encode(as_text(column))
    indices = floats(dictionary_indices(encoded))  # NaN where null
    texts = [str(text) for text in dictionary_dictionary(encoded).to_pylist()]
    index = np.where(np.isnan(indices), -1, indices).astype(np.int64)
    if DataType.is_floating(column.type) and "NaN" in texts:
        bad = texts.index("NaN")
        index = np.where(index == bad, -1, np.where(index > bad, index - 1, index))
        texts.pop(bad)
    return index, texts


def _number(value: Any) -> float:
    """A number, or text that is one. Raises ValueError."""
    word = str(value).strip().replace(",", "")
    return {"true": 1.0, "false": 0.0}[word.lower()] if word.lower() in ("true", "false") else float(word)


def numbers_of(values: Sequence[Any]) -> list[float] | None:
    """All as numbers, or None where one is none."""
    try:
        return [_number(value) for value in values]
    except ValueError:
        return None


def _moments(values: Sequence[Any]) -> list[dt.datetime] | None:
    """All as moments without a zone, or None where one is none."""
    found = []
    for value in values:
        try:
            moment = dt.datetime.fromisoformat(str(value).strip())
            found.append(moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None))
        except (ValueError, OverflowError):
            return None
    return found


def some_of(values: Sequence[str], most: int = 8) -> str:
    """The first few values for a message, the beginning of those that are long."""
    listed = ", ".join(f'"{value[:60]}{"…" * (len(value) > 60)}"' for value in values[:most])
    return listed + (f" and {len(values) - most:,} more" if len(values) > most else "")


@dataclass(frozen=True, eq=False)
class Values:
    """Distinct values as text (M), the word for their Arrow type, and whether they are in order."""

    texts: list[str]
    dtype: str
    ordered: bool

    @cached_property
    def place(self) -> dict[str, int]:
        """Text -> where it stands among them."""
        return {text: place for place, text in enumerate(self.texts)}

    @cached_property
    def truth(self) -> np.ndarray | None:
        """Which values mean yes: bool (M,); None where the column is no yes/no column."""
        words = [text.strip().lower() for text in self.texts]
        if len(words) > 8 or not all(word in YES or word in _NO for word in words):
            return None
        return np.array([word in YES for word in words])

    @cached_property
    def as_numbers(self) -> np.ndarray | None:
        """The values as numbers: float64 (M,); None where one is none."""
        numbers = numbers_of(self.texts)
        return None if numbers is None else np.array(numbers)

    @cached_property
    def as_moments(self) -> list[dt.datetime] | None:
        """The values as moments without a zone; None where one is none."""
        return _moments(self.texts)

    @cached_property
    def by_size(self) -> bool:
        """Whether the order of the values is that of the numbers that they are."""
        numbers = self.as_numbers
        return numbers is not None and bool((np.diff(numbers) > 0).all())

    @property
    def is_text(self) -> bool:
        """Whether the values are text, and not numbers or moments by their Arrow type."""
        return "string" in self.dtype

    def equal(self, literal: Any) -> np.ndarray:
        """Which values a literal means: bool (M,). "yes", True, 1 and "1" all mean "Y" in a yes/no column."""
        found = np.zeros(len(self.texts), dtype=bool)
        exact = isinstance(literal, str) or not self.is_text
        word = literal.isoformat() if isinstance(literal, dt.date | dt.time) else str(literal)
        if exact and word in self.place:
            found[self.place[word]] = True
            return found
        if self.as_numbers is not None:
            number = numbers_of([literal])
            if number is not None:
                found |= self.as_numbers == number[0]
        elif word in self.place:
            found[self.place[word]] = True
        if found.any():
            return found
        if self.truth is not None:
            plain = word.strip().lower().removesuffix(".0")
            if plain in YES:
                return self.truth
            if plain in _NO:
                return ~self.truth
        if self.as_numbers is None:
            moments = None if self.as_moments is None else _moments([literal])
            if self.as_moments is not None and moments is not None:
                found = np.array([moment == moments[0] for moment in self.as_moments])
        return found

    def holds(self, condition: Condition) -> np.ndarray:
        """Which values satisfy a condition: bool (M,)."""
        match condition:
            case Missing(negated):
                return np.full(len(self.texts), negated)
            case Compare("==" | "!=" as op, literal):
                return self.equal(literal) != (op == "!=")
            case In(literals, negated):
                inside = [self.equal(literal) for literal in literals]
                return np.any(inside, axis=0) != negated if inside else np.full(len(self.texts), negated)
            case _:
                return compare(condition, *self._scale(literals_of(condition)))

    def _scale(self, literals: list[Any]) -> tuple[np.ndarray, list[Any]]:
        """Values and literals as things that compare: places on a scale, numbers, moments or text."""
        if self.ordered and not self.by_size:
            found = [np.flatnonzero(self.equal(literal)) for literal in literals]
            for literal, places in zip(literals, found, strict=True):
                if not places.size:
                    raise WhereError(
                        f'"{literal}" is not on the scale of the column.' + nearest(str(literal), self.texts),
                        f"The scale: {some_of(self.texts)}.",
                        "Compare with one of its values.",
                    )
            return np.arange(len(self.texts)), [int(places[0]) for places in found]
        for read in (numbers_of, _moments):
            keys, wanted = read(self.texts), read(literals)
            if keys is not None and wanted is not None:
                return np.array(keys), wanted
        number = next((value for value in literals if isinstance(value, int | float)), None)
        if number is not None and self.is_text:
            odd = next(text for text in self.texts if numbers_of([text]) is None)
            raise WhereError(
                f'{number!r} is compared with a column that holds "{odd}".',
                "A column whose every value is a number.",
                "Compare with text in quotes.",
            )
        if not self.is_text:
            raise WhereError(
                f"{literals[0]!r} is compared with a column of {self.dtype}.",
                f"Values such as {some_of(self.texts, 3)}.",
                "Write a value of that kind.",
            )
        raise WhereError(
            f'"{literals[0]}" is compared by size with categories that have no order.',
            "Categories whose order was said before learning, from the least to the greatest.",
            'Learn again with an order, such as --type "COLUMN=category:S<M<L"; or use == or in.',
        )
