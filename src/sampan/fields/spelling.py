"""Spelling: how a text column writes its numbers, so that made numbers are written the same way.

"HK$ 1,200.50", "1.234,56", "(1,200)", "12.5%" and "１２" are all numbers. A percentage keeps its own unit:
"12.5%" is 12.5, because dividing by a hundred would lose the last digit of some.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from arro3 import compute
from arro3.core import Array, DataType

from sampan.column import LONGEST, MARKS, Column, codes, floats, from_strings, is_mark, is_text, take
from sampan.errors import DataError

_MONEY = (
    r"(?:(?:HK|US|NT|A|C|S|NZ|R|MOP)?\$|[€£¥₩₹₽₺₫฿]|RM|Rs\.?|kr\.?|zł|"
    r"HKD|USD|EUR|GBP|JPY|CNY|RMB|TWD|AUD|CAD|CHF|SGD|KRW|INR|NZD|MOP|THB)"
)
_BEFORE = re.compile(rf"(?:{_MONEY}|人民幣|人民币|港幣|港币)[ \u00a0]?")
_AFTER = re.compile(rf"[ \u00a0]?(?:{_MONEY}|[%‰元円圓]|pct)")
_SEPARATED = [  # (decimal mark, thousands separator): the first that fits every number of a column is taken
    *((".", ""), (".", ","), (",", ""), (",", "."), (".", "'"), (".", "’"), (",", "'")),
    *((mark, space) for space in " \u00a0\u202f" for mark in ".,"),
]
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}
_NARROW_TO_WIDE = {code - 0xFEE0: code for code in range(0xFF01, 0xFF5F)}
_SHAPE = re.compile(
    rf"(?P<open>\()?(?P<outer>[-+])?(?:(?P<prefix>{_BEFORE.pattern})(?P<inner>[-+])?)?"
    r"(?P<body>[0-9][0-9.,'’ \u00a0\u202f]*(?<![ \u00a0\u202f'’,])|[.,][0-9]+|inf|infinity|∞)"
    rf"(?P<power>e[-+]?[0-9]+)?(?P<suffix>{_AFTER.pattern})?(?P<close>\))?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?")  # most columns: no need to look closer
_ENDLESS = ("inf", "infinity", "∞")


@dataclass(frozen=True)
class Spelling:
    """How one column writes numbers.

    prefix, suffix: around the digits, blank included ("HK$ ", "%"). thousands, decimal: the marks.
    least, most: digits after the decimal mark. exponent: "e" or "E" where some numbers are written so.
    brackets: negative numbers stand in them. inner: the sign follows the prefix ("$-5").
    plus: positive numbers carry a sign. wide: full-width digits. minus: the sign of negative ones.
    """

    prefix: str = ""
    suffix: str = ""
    thousands: str = ""
    decimal: str = "."
    least: int = 0
    most: int = 0
    exponent: str = ""
    brackets: bool = False
    inner: bool = False
    plus: bool = False
    wide: bool = False
    minus: str = "-"

    @classmethod
    def find(cls, column: Column) -> Self | None:
        """The spelling of a text column; None where some cell is neither a number nor marked missing.

        Digits that start with a superfluous 0 ("00501"), and whole numbers beyond 2**53, are codes, not
        numbers: as numbers they would not come back as they were.

        >>> found = Spelling.find(from_strings(["$1,200", "$950", "N/A"]))
        >>> found == Spelling(prefix="$", thousands=",")
        True
        """
        if not is_text(column):
            return None
        index, distinct = codes(column)
        if any(len(text) > LONGEST for text in distinct):
            return None
        numbers = [text for text in distinct if text.strip().lower() not in MARKS]
        if numbers and all(map(_PLAIN.fullmatch, numbers)):
            after = [len(text) - text.find(".") - 1 if "." in text else 0 for text in numbers]
            return cls(least=min(after), most=max(after))
        often = np.bincount(index[index >= 0], minlength=len(distinct)).tolist()
        found: list[tuple[re.Match[str], int]] = []
        wide = 0
        for raw, count in zip(distinct, often, strict=True):
            text = raw.strip()
            if text.isascii():
                plain = text
            else:
                plain = text.translate(_WIDE).strip()
                wide += count if any("\uff10" <= letter <= "\uff19" for letter in text) else 0
            if is_mark(text) or is_mark(plain):
                continue
            match = _SHAPE.fullmatch(plain)
            if match is None or (match["open"] is None) != (match["close"] is None):
                return None
            if match["outer"] and (match["inner"] or match["open"]):
                return None
            found.append((match, count))
        minus = "\u2212" if any("\u2212" in raw for raw in distinct) else "-"
        return cls._of(found, wide, minus) if found else None

    @classmethod
    def _of(cls, found: list[tuple[re.Match[str], int]], wide: int, minus: str) -> Self | None:
        """The one spelling that all these numbers share, or None."""
        digits = [match for match, _ in found if match["body"].lower() not in _ENDLESS]
        bodies = [match["body"] for match in digits]
        for decimal, thousands in _SEPARATED:
            fits = re.compile(_body(decimal, thousands)).fullmatch
            if all(map(fits, bodies)):
                break
        else:
            return None
        pairs = zip(bodies, digits, strict=True)
        if any(_is_code(body, match["power"], decimal, thousands) for body, match in pairs):
            return None
        prefixes, suffixes = _affixes(found, "prefix"), _affixes(found, "suffix")
        if prefixes is None or suffixes is None:
            return None
        after = [len(body.partition(decimal)[2]) for body in bodies] or [0]
        powers = [match["power"] for match in digits if match["power"]]
        if powers:
            after += [0, 17]  # repr decides
        above = [m for m in digits if not m["open"] and "-" not in (m["outer"], m["inner"])]
        signed = [match for match in above if match["outer"] or match["inner"]]
        return cls(
            prefix=prefixes,
            suffix=suffixes,
            thousands=thousands,
            decimal=decimal,
            least=min(after),
            most=max(after),
            exponent=powers[0][0] if powers else "",
            brackets=any(match["open"] for match in digits),
            inner=bool(prefixes) and any(match["inner"] for match in digits),
            plus=len(signed) * 2 > len(above),
            wide=wide * 2 > sum(count for _, count in found),
            minus=minus,
        )

    @cached_property
    def _reader(self) -> re.Pattern[str]:
        affix = [f"(?:{re.escape(part.strip())})?[ \u00a0]?" for part in (self.prefix, self.suffix)]
        return re.compile(
            rf"(\()?([-+])?{affix[0]}([-+])?"
            rf"(?:({_body(self.decimal, self.thousands)})(e[-+]?[0-9]+)?|(inf|infinity|∞))"
            rf"[ \u00a0]?{affix[1]}(\))?",
            re.IGNORECASE,
        )

    def read(self, text: str) -> float | None:
        """The number that a text spells; NaN where it says "missing", None where it is no number."""
        if len(text) > LONGEST:
            return None
        plain = text.strip() if text.isascii() else text.translate(_WIDE).strip()
        if is_mark(plain) or is_mark(text):
            return float("nan")
        match = self._reader.fullmatch(plain)
        if match is None:
            return None
        opened, outer, inner, body, power, endless, closed = match.groups()
        if (opened is None) != (closed is None):
            return None
        size = float("inf")
        if endless is None:
            size = float(body.replace(self.thousands or "\0", "").replace(self.decimal, ".") + (power or ""))
        return -size if (opened is not None) ^ (outer == "-") ^ (inner == "-") else size

    def parse(self, column: Column) -> np.ndarray:
        """The numbers of a column, NaN where missing: float64 (rows,).

        Raises DataError where a text is neither a number in this spelling nor a mark of missingness.
        """
        if not is_text(column):
            return floats(column)
        index, distinct = codes(column)
        if all(map(_PLAIN.fullmatch, distinct)) and self.decimal == ".":
            return np.array([*map(float, distinct), np.nan])[index]
        table = np.full(len(distinct) + 1, np.nan)  # the last is for nulls, whose index is -1
        for row, text in enumerate(distinct):
            number = self.read(text)
            if number is None:
                raise DataError(
                    f"{text!r} is no number.",
                    f"The column's numbers are written like {self._text(1234.5 if self.most else 1234.0)!r}.",
                    "Mend the cell, or learn the column as text: --type COLUMN=category",
                )
            table[row] = number
        return table[index]

    def write(self, values: np.ndarray) -> Column:
        """The numbers as text, null where NaN: utf8 (rows,)."""
        distinct, index = np.unique(values, return_inverse=True)  # NaN are one value, the last
        gone = np.isnan(distinct)
        if gone.all():
            return compute.cast(Array([None] * len(values), DataType.string()), DataType.string())
        texts = from_strings([self._text(value) for value in distinct[~gone].tolist()])
        return take(texts, np.where(np.isnan(values), -1, index.reshape(-1)))

    def _text(self, value: float) -> str:
        if value in (float("inf"), float("-inf")):
            digits = "inf"
        else:
            digits = self._digits(abs(value))
        sign = self.minus if value < 0 and not self.brackets else "+" if value > 0 and self.plus else ""
        text = self.prefix + sign + digits if self.inner else sign + self.prefix + digits
        text += self.suffix
        text = f"({text})" if value < 0 and self.brackets else text
        return text.translate(_NARROW_TO_WIDE) if self.wide else text

    def _digits(self, size: float) -> str:
        """A number that is not negative, in as few digits as say exactly it."""
        if self.least == self.most <= 15 and size < 1e15:
            text = f"{size:.{self.most}f}"
        else:
            text = repr(size)
            if "e" in text and self.exponent:
                return text.replace("e", self.exponent).replace(".", self.decimal)
            if "e" in text:
                text = np.format_float_positional(size, trim="-")
            whole, _, after = text.partition(".")
            if len(after) > self.most:
                whole, _, after = f"{size:.{self.most}f}".partition(".")
            after = after.rstrip("0").ljust(self.least, "0")
            text = f"{whole}.{after}" if after else whole
        whole, dot, after = text.partition(".")
        if self.thousands and len(whole) > 3:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        return whole + (self.decimal if dot else "") + after


def _body(decimal: str, thousands: str) -> str:
    """The regular expression of unsigned digits with these marks."""
    mark, group = re.escape(decimal), re.escape(thousands)
    whole = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if thousands else "[0-9]+"
    return rf"(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)"


def _is_code(body: str, power: str | None, decimal: str, thousands: str) -> bool:
    """Whether digits would not come back as they were: 00501, or more whole digits than a float holds."""
    whole, mark, _ = body.partition(decimal)
    if len(whole) > 1 and whole[0] == "0":
        return True
    if len(whole) < 16 or mark or power:
        return False
    exact = int(whole.replace(thousands, "") if thousands else whole)
    return int(float(exact)) != exact


def _affixes(found: list[tuple[re.Match[str], int]], part: str) -> str | None:
    """The prefix or suffix that the numbers share; None where they have several, or only some have one.

    A bare 0 may go without.
    """
    seen: Counter[str] = Counter()
    for match, count in found:
        text = match[part] or ""
        if text or match["body"].strip("0.,"):
            seen[text] += count
    if not seen:
        return ""
    if len({text.strip() for text in seen}) > 1:
        return None
    return seen.most_common(1)[0][0]
