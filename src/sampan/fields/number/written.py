"""The numbers that a column writes, and whether they are amounts or names in digits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from arro3.core import DataType

from sampan.column import floats
from sampan.fields.number.spelling import Spelling
from sampan.look import ENOUGH, Look

IDENTITY = frozenset("id ids uuid guid key index idx rowid serial no nr pk 編號 编号 序號 序号".split())
"""Last words of the names of columns that name the record."""

_NOMINAL = frozenset(
    """code codes type types kind category cat class group cluster label flag zip zipcode postcode postal plz
    pincode fips icd sku isbn region district branch department dept store ward browser system systems os
    status gender sex race 代碼 代码 類型 类型 類別 类别 郵遞區號 邮编 區號""".split()
)
_COUNTED = frozenset("year month day hour minute week age rank level grade count 年 月 日 年齡 年龄".split())


@dataclass(frozen=True, eq=False)
class Written:
    """The numbers of a column.

    spelling: how text writes them; None for a column of another type. values: the distinct ones in order;
    None where the column holds no numbers. held: how many cells hold something that is no mark of absence.
    """

    spelling: Spelling | None
    values: np.ndarray | None
    held: int

    @property
    def are_whole(self) -> bool:
        """Whether they are plain whole numbers: "$5" and "5.0" are amounts."""
        if self.values is None or not np.isfinite(self.values).all():
            return False
        if self.spelling is not None and replace(self.spelling, lenient=False) != Spelling():
            return False
        return bool((self.values == np.round(self.values)).all())


def written(look: Look) -> Written:
    """The numbers of a column, if it holds any."""
    spelling, values = None, None
    if look.is_text:
        spelling = Spelling.find(look.column)
        values = None if spelling is None else spelling.parse(look.column)
    elif DataType.is_numeric(look.column.type) or DataType.is_decimal(look.column.type):
        values = floats(look.column)
    marks = set(look.marks)
    pairs = zip(look.distinct, look.counts.tolist(), strict=True)
    held = look.rows - (sum(count for value, count in pairs if value in marks) if marks else 0)
    return Written(spelling, None if values is None else np.unique(values[~np.isnan(values)]), held)


def names_record(look: Look) -> str:
    """Why whole numbers are names of the records and no amounts; "" where they are not."""
    numbers = look.once(written)
    values = numbers.values
    if values is None or not numbers.are_whole:
        return ""
    if values.size == numbers.held and values.size > 2:
        consecutive = values[-1] - values[0] == values.size - 1
        counted = look.words & _COUNTED
        if consecutive and (look.last in IDENTITY or (values.size >= ENOUGH and not counted)):
            return "counts the rows"
        if look.last in IDENTITY or (values.size >= ENOUGH and values[0] >= 1e7 and not counted):
            return "whole numbers that never repeat and name the record"
    if look.last == "number" and values.size >= max(ENOUGH, 0.99 * numbers.held):
        return 'hardly ever repeats and is named "number"'
    return ""


def names_things(look: Look) -> str:
    """Why whole numbers are names of things and no amounts; "" where they are not."""
    numbers = look.once(written)
    named = look.last in _NOMINAL | (IDENTITY - {"index", "no", "nr"})
    if numbers.values is None or not numbers.values.size or not numbers.are_whole or not named:
        return ""
    return f'{numbers.values.size:,} whole numbers that name something ("{look.last}")'
