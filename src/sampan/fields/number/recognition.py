"""Which columns hold amounts and which names in digits, and what is said of how they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from arro3.core import DataType

from sampan.column import Column, codes, floats, is_mark, is_text
from sampan.errors import DataError
from sampan.fields.mask import FEW, SHARE, masked_number, notice_of_slips
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


Found = tuple[Spelling | None, str, str]
"""(how the numbers are spelled, the reason, a notice or "")."""


def amounts(look: Look) -> Found | None:
    """A column of numbers that measure or count."""
    numbers = look.once(written)
    if numbers.values is None or not numbers.values.size:
        return None
    reason = f"{'whole numbers' if numbers.are_whole else 'numbers'}, {_middle(numbers.values)}"
    spelling = numbers.spelling
    if spelling is None:
        return None, reason, _rounded(look)
    if spelling != Spelling(least=spelling.least, most=spelling.most, exponent=spelling.exponent):
        example = next(text for text in look.distinct if not is_mark(text))
        comma = " (decimal comma)" if spelling.decimal == "," else ""
        reason = f'numbers written like "{masked_number(example.strip())}"{comma}'
    return spelling, reason + look.marks_said, _notation_said(look.name, spelling)


def amounts_but_for_slips(look: Look) -> Found | None:
    """The same of a column in which a few cells are no numbers ("TBC")."""
    if not look.is_text or look.rows < 1 / SHARE:
        return None
    found = Spelling.nearly(look.column, FEW, SHARE)
    if found is None or not found[1]:
        return None
    spelling, slips = found
    rest = look.without(slips)
    inner = None if names_record(rest) or names_things(rest) else amounts(rest)
    if inner is None:
        return None
    said = notice_of_slips(look.name, slips, "number", look.column)
    return spelling, inner[1], " ".join(filter(None, (inner[2], said)))


def spelling_of(name: str, column: Column) -> tuple[Spelling | None, str]:
    """How a column that was called numbers writes them, and what is to be said of cells that are none."""
    if not is_text(column):
        return None, ""
    found = Spelling.nearly(column)
    if found is not None:
        return found[0], notice_of_slips(name, found[1], "number", column)
    plain = Spelling()
    texts = [text for text in codes(column)[1] if not is_mark(text)]
    strange = next((text for text in texts if plain.read(text) is None), None)
    if strange is not None or not texts:  # leading zeros may be lost: the user asked for numbers
        raise DataError(
            f'"{name}" was called a number and holds {strange!r}.' if texts else f'"{name}" holds no number.',
            "Numbers that are all written alike, or nothing.",
            f'Mend the cells, or type: --type "{name}=category"',
        )
    return plain, ""


def _rounded(look: Look) -> str:
    """What is to be said of decimals with more digits than a number that is learned has."""
    if not DataType.is_decimal(look.column.type):
        return ""
    longest = max((len(text.strip("-0").replace(".", "")) for text in map(str, look.distinct)), default=0)
    if longest <= 15:
        return ""
    return (
        f"its numbers have up to {longest} digits, of which 15 are learned: made ones are rounded to that. "
        f'To make every digit: --type "{look.name}=category"'
    )


def _notation_said(name: str, spelling: Spelling) -> str:
    """What is to be said of numbers that are not all written alike; "" where they are."""
    said = []
    if spelling.notations:
        units = {each.suffix.strip(): each.factor for each in spelling.notations}
        one = next((word for word, factor in units.items() if factor == 1 and word), "")
        told = ", ".join(f'1 "{word}" = {factor:,}' for word, factor in units.items() if factor > 1)
        words = " and ".join(f'"{word}"' if word else "no unit" for word in units)
        said.append(
            f"its numbers are written with {words}: learned as one number{f', in {one}' if one else ''}"
            f"{f' ({told})' if told else ''}, and written as its size calls for."
        )
    if spelling.loose:
        words = ", ".join(f'"{word}"' for word in spelling.loose)
        usual = f'with "{spelling.prefix.strip()}"' if spelling.prefix.strip() else "without it"
        said.append(f"only some of its numbers begin with {words}: all are made {usual}.")
    if spelling.negative:
        said.append(f'a number that ends in "{spelling.negative.strip()}" is taken as negative.')
    return f'{" ".join(said)} To learn them as texts: --type "{name}=category"' if said else ""


def _middle(values: np.ndarray) -> str:
    """Where most of some sorted numbers lie, to two digits: the smallest and the largest are somebody's.

    >>> _middle(np.arange(17.0, 91.0)), _middle(np.array([1785.0, 1990.0, 2024.0]))
    ('mostly 21 to 86', 'mostly 1806 to 2021')
    >>> _middle(np.arange(7.0).repeat(9)), _middle(np.arange(13) + 0.75)
    ('mostly 0 to 6', 'mostly 1.4 to 12')
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "none of them finite"
    ends = np.quantile(finite, (0.05, 0.95))
    whole = bool((finite == np.round(finite)).all())
    years = whole and 1500 <= ends[0] <= ends[1] < 2200
    if whole:
        ends = np.round(ends)  # of what is counted nobody has 1.8
    low, high = (float(f"{value:.{4 if years else 2}g}") for value in ends)
    return f"about {_said(low)}" if low == high else f"mostly {_said(low)} to {_said(high)}"


def _said(value: float) -> str:
    """A number for people: whole ones in full; up to four digits without a comma, for it may be a year."""
    if abs(value) < 1e4:
        return f"{value:.6g}"
    whole = abs(value) < 1e15 and value == round(value)
    return f"{value:,.0f}" if whole else f"{value:,.6g}"
