"""The field of numbers: what a user declares, and how a column is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sampan import arrow_type
from sampan.column import Column, short_float
from sampan.errors import DataError
from sampan.field import SAID, Claim, Field
from sampan.fields.holders import LEAST, Holders
from sampan.fields.number.codec import NumberCodec, cells_of
from sampan.fields.number.lattice import spread_numbers
from sampan.fields.number.recognition import amounts, amounts_but_for_slips, spelling_of
from sampan.fields.number.spelling import Spelling
from sampan.fields.quantiles import cut
from sampan.look import Ground, Look

SYMBOLS = 128
"""Symbols of one column.

Unseen real rows passed through 128, 256, 512 or 1,024 scored alike on Magic, Shoppers and Beijing (C2ST .97
to 1.00, the floor), and networks learned as well with 128 as with 256, at half the price of a head.
"""

VALUES = 65_536
"""Distinct values that a codec keeps: beyond them, the quantiles of the column at that many points."""


WHOLE = 12
"""Parts of a row: one that is shared out between 2, 3 or 4 numbers gives each a whole number of them."""


@dataclass(frozen=True)
class Number(Field):
    """A column of numbers.

    symbols: at most so many symbols; a coarser column learns faster from little data.
    spelling: how text spells the numbers ("HK$ 1,234.50"); None for a column of Arrow numbers.
    exact: whether a number that a single record held may be made again as it is.
    """

    kind: ClassVar[str] = "number"
    words = (("number", "amounts, counts, measurements"),)
    plural: ClassVar[str] = "numbers"
    symbols: int = SYMBOLS
    spelling: Spelling | None = None
    exact: bool = False

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim | None:
        """Numbers, in the spelling of the column."""
        if setting:
            return None
        spelling, notice = spelling_of(look.name, look.column)
        return Claim(cls(spelling=spelling), SAID, notice)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """Amounts: in every cell, or in all but a few."""
        tests = {Ground.CELLS: amounts, Ground.MOST: amounts_but_for_slips}
        found = look.once(tests[ground]) if ground in tests else None
        return None if found is None else Claim(cls(spelling=found[0]), *found[1:])

    def fit(self, column: Column, persons: np.ndarray | None = None) -> NumberCodec:
        """Learn the quantiles, the spikes and the values. Raises DataError if nothing is a number.

        persons: whose row each is, where several are one person's.
        """
        values, gone = cells_of(column, self.spelling)
        seen = values[~gone]
        if seen.size == 0:
            raise DataError(
                f"none of the {len(column)} cells is a number.",
                "A number column needs at least one number.",
                "Give the column another type, --type COLUMN=category for instance.",
            )
        distinct, holders = Holders.found(seen, None if persons is None else persons[~gone])
        values = distinct
        if distinct.size > VALUES:  # more would only cost memory
            places, holders = holders.thinned(VALUES)
            values = distinct[places]
        first = cut(holders.rows, self.symbols)
        weights = holders.rows * WHOLE
        if not self.exact and len(column) >= LEAST:
            values, weights, first = spread_numbers(
                values, holders, first, unit=WHOLE, room=VALUES, short=short_float(column.type)
            )
        return NumberCodec(
            values=values,
            counts=weights,
            first=first,
            distinct=int(distinct.size),
            has_missing=bool(gone.any()) or not values.size,
            dtype=arrow_type.name_of(column.type),
            spelling=self.spelling,
        )
