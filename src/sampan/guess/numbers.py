"""The test for numbers: amounts, or names in digits; what is said of how they are written."""

from __future__ import annotations

import numpy as np
from arro3.core import DataType

from sampan.column import is_mark
from sampan.fields.category import Category
from sampan.fields.identifier import Identifier
from sampan.fields.mask import masked_number
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.guess.look import ENOUGH, IDENTITY, Found, Look

_COUNTED = frozenset("year month day hour minute week age rank level grade count 年 月 日 年齡 年龄".split())


def of_numbers(look: Look) -> Found | None:
    """Amounts; whole numbers that only name something are identifiers or categories."""
    values = look.numbers
    if values is None or not values.size:
        return None
    if look.is_whole and values.size == look.held and values.size > 2:
        consecutive = values[-1] - values[0] == values.size - 1
        counted = look.words & _COUNTED
        if consecutive and (look.last in IDENTITY or (values.size >= ENOUGH and not counted)):
            return Found(Identifier(), "counts the rows")
        if look.last in IDENTITY or (values.size >= ENOUGH and values[0] >= 1e7 and not counted):
            return Found(Identifier(), "whole numbers that never repeat and name the record")
    if look.is_whole and look.last == "number" and values.size >= max(ENOUGH, 0.99 * look.held):
        return Found(Identifier(), 'hardly ever repeats and is named "number"')
    if look.is_whole and look.is_named_code:
        return Found(Category(), f'{values.size:,} whole numbers that name something ("{look.last}")')
    reason = f"{'whole numbers' if look.is_whole else 'numbers'}, {_middle(values)}"
    if look.spelling is None:
        return Found(Number(), reason, _rounded(look))
    plain = Spelling(least=look.spelling.least, most=look.spelling.most, exponent=look.spelling.exponent)
    if look.spelling != plain:
        example = next(text for text in look.distinct if not is_mark(text))
        comma = " (decimal comma)" if look.spelling.decimal == "," else ""
        reason = f'numbers written like "{masked_number(example.strip())}"{comma}'
    notice = _notation_said(look.name, look.spelling)
    return Found(Number(spelling=look.spelling), reason + look.missing_words(), notice)


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
