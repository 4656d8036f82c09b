"""The field of categories: which values have a symbol each, which share one, which are not made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sampan.arrow_type import word_of
from sampan.column import Column, order_of
from sampan.errors import DataError, RequestError, nearest
from sampan.field import SAID, Claim, Field
from sampan.fields.category.codec import CategoryCodec
from sampan.fields.category.recognition import mixture, named, objects, rest, scale
from sampan.fields.category.values import codes_of, numbers_of, some_of
from sampan.fields.holders import LEAST, Holders
from sampan.look import Ground, Look

FEW = 64
"""A column of at most so many distinct values gives each its own symbol, however rare."""

SEEN = 5
"""Beyond that, a value needs so many rows for a symbol of its own: fewer teach a model nothing."""

GROUPS = 16
"""The rare values share at most so many symbols."""

_GROUP_ROWS = 200  # a group of rare values has about so many rows, while there are groups left


@dataclass(frozen=True)
class Category(Field):
    """A column that holds one of a set of values, of any Arrow type.

    values: the values that may occur, as text; None takes them from the data. A column with another value
    is refused. ordered: they lie on a scale (ratings): in the order of `values`, else in their natural one.
    limit: at most so many values have a symbol of their own. exact: whether a value that a single record
    holds may be made again.
    """

    kind: ClassVar[str] = "category"
    words = (
        ("category, category:ordered", "names; on a scale, in the order of numbers or letters"),
        ("category:S<M<L", "names on a scale that you say, from the least to the greatest"),
    )
    plural: ClassVar[str] = "categories"
    values: tuple[str, ...] | None = None
    ordered: bool = False
    limit: int = 512
    exact: bool = False

    @property
    def setting(self) -> str:
        """The order of its values."""
        if not self.ordered:
            return ""
        return "<".join(self.values) if self.values is not None and len(self.values) > 1 else "ordered"

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim | None:
        """Names; "ordered", as the type of the column says or naturally; in the order of S<M<L."""
        if setting in ("", "ordered"):
            values = order_of(look.column) if setting else ()
            return Claim(cls(values or None, ordered=bool(setting)), SAID)
        if "<" not in setting:
            return None
        values = tuple(value.strip() for value in setting.split("<"))
        if len(set(values)) < len(values) or "" in values:
            raise RequestError(
                f'"{setting}" is no order of values for "{look.name}": one is empty or comes twice.',
                "Every value once, from the least to the greatest.",
                f'Type for instance: --type "{look.name}=category:low<medium<high"',
            )
        return Claim(cls(values, ordered=True), SAID)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """A scale, things that repeat, yes or no, names in digits, a mixture, and whatever is left."""
        if ground is Ground.TYPE and (values := scale(look, cls.limit)):
            reason = f"{len(look.distinct):,} categories in the order of their type"
            return Claim(cls(values, ordered=True), reason)
        tests = {Ground.TYPE: objects, Ground.CELLS: named, Ground.FORM: mixture, Ground.REST: rest}
        found = tests[ground](look) if ground in tests else None
        return None if found is None else Claim(cls(), *found)

    def guarded(self, look: Look) -> Claim | None:
        """Phrases, where personal data stand inside of its texts."""
        from sampan.fields.phrases import Phrases  # which are categories themselves

        return None if self.exact or self.ordered else Phrases.around(look)

    def fit(self, column: Column, persons: np.ndarray | None = None) -> CategoryCodec:
        """Count the values. Raises DataError for a column of nothing, or with undeclared values.

        persons: whose row each is, where several are one person's.
        """
        index, distinct = codes_of(column)
        if not distinct:
            raise DataError(
                f"none of the {len(column)} cells holds a value.",
                "A category needs at least one value.",
                "Give the column another type: --type COLUMN=constant",
            )
        seen = index >= 0
        holders = Holders.by(index[seen], len(distinct), None if persons is None else persons[seen])
        counts = holders.rows.astype(np.int64)
        if self.values is not None:
            self._check_declared(distinct)
        singles = holders.singletons & (not self.exact and len(column) >= LEAST)
        withheld = int(singles.sum()), int(counts[singles].sum())
        distinct = [text for text, alone in zip(distinct, singles.tolist(), strict=True) if not alone]
        counts = counts[~singles]
        natural = _ranks(distinct)
        if self.values is not None:
            place = {text: row for row, text in enumerate(distinct)}
            order = np.array([place[text] for text in self.values if text in place], dtype=np.int64)
        elif self.ordered:
            order = np.argsort(natural)
        else:
            order = np.lexsort((natural, -counts))
        first = np.arange(len(distinct) + 1)
        if self.ordered and len(distinct) > self.limit:
            raise DataError(
                f"the column has {len(distinct):,} values, too many for an ordered category.",
                f"At most {self.limit:,} values.",
                "Learn it as numbers, or raise `limit`.",
            )
        if not self.ordered and len(distinct) > FEW:
            # by count, declared or not: who is rare is for the rows to say
            order, first = self._grouped(np.lexsort((natural, -counts)), counts, natural)
        return CategoryCodec(
            values=[distinct[place] for place in order.tolist()],
            counts=counts[order],
            first=first,
            missing=int((index < 0).sum()),
            ordered=self.ordered,
            dtype=word_of(column),
            withheld=withheld,
        )

    def _check_declared(self, distinct: list[str]) -> None:
        """Raises DataError where a value was seen that was not declared."""
        assert self.values is not None
        strange = [text for text in distinct if text not in self.values]
        if strange:
            raise DataError(
                f'"{strange[0]}" is in the column and not among the declared values.'
                + nearest(strange[0], self.values),
                f"The declared values: {some_of(self.values)}.",
                "Declare it too, or mend the data.",
            )

    def _grouped(
        self, order: np.ndarray, counts: np.ndarray, natural: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(order, first): frequent values alone, the others cut by rank into groups of about equal rows."""
        sorted_counts = counts[order]
        alone = int(np.searchsorted(-sorted_counts, -SEEN, side="right"))
        alone = min(alone, self.limit)
        rare, rows = order[alone:], sorted_counts[alone:]
        if rare.size == 0:
            return order, np.arange(order.size + 1)
        pieces = int(np.clip(rows.sum() // _GROUP_ROWS, 1, min(GROUPS, rare.size)))
        middle = np.cumsum(rows) - rows / 2
        label = np.minimum((middle * pieces / rows.sum()).astype(np.int64), pieces - 1)
        # inside a group in natural order, so that a comparison cuts it once
        rare = rare[np.lexsort((natural[rare], label))]
        starts = np.flatnonzero(np.diff(label, prepend=-1)) + alone
        first = np.concatenate([np.arange(alone), starts, [order.size]]).astype(np.int64)
        return np.concatenate([order[:alone], rare]), first


def _ranks(texts: list[str]) -> np.ndarray:
    """The place of each text in natural order: numbers by size where all are numbers, else as text."""
    numbers = numbers_of(texts)
    keys: Sequence[Any] = texts if numbers is None else list(zip(numbers, texts, strict=True))
    order = sorted(range(len(texts)), key=keys.__getitem__)
    ranks = np.empty(len(texts), dtype=np.int64)
    ranks[order] = np.arange(len(texts))
    return ranks
