"""Spelling: how a text column writes its numbers, so that made numbers are written the same way.

"HK$ 1,200.50", "1.234,56", "(1,200)", "12.5%" and "１２" are all numbers. A percentage keeps its own unit:
"12.5%" is 12.5, because dividing by a hundred would lose the last digit of some.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Self

import numpy as np
from arro3 import compute
from arro3.core import Array, DataType

from sampan.column import LONGEST, MARKS, Column, codes, floats, from_strings, is_mark, is_text, take
from sampan.errors import DataError
from sampan.fields.number import units

_MONEY = (
    r"(?:(?:HK|US|NT|A|C|S|NZ|R|MOP)?\$|[€£¥₩₹₽₺₫฿]|RM|Rs\.?|kr\.?|zł|"
    r"HKD|USD|EUR|GBP|JPY|CNY|RMB|TWD|AUD|CAD|CHF|SGD|KRW|INR|NZD|MOP|THB)"
)
_BEFORE = re.compile(rf"(?:{_MONEY}|人民幣|人民币|港幣|港币|[@±])[ \u00a0]?")
_AFTER = re.compile(  # a unit: a word or a few without digits
    rf"-|[ \u00a0]?(?:{_MONEY}|[^\s0-9(),.+\-@=:;_*#|<>\[\]{{}}'\"\\]"
    r"[^0-9(),+\-@=:;_*#|<>\[\]{}'\"\\]{0,19})"
)
_ABOUT = re.compile(r"(?:大約|大约|約|约|近|~|≈|ca\.?|about|approx\.?|circa)[ \u00a0]?")
_SEPARATED = [  # (decimal mark, thousands separator): the first that fits every number of a column is taken
    *((".", ""), (".", ","), (",", ""), (",", "."), (".", "'"), (".", "’"), (",", "'")),
    *((mark, space) for space in " \u00a0\u202f" for mark in ".,"),
]
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}
_NARROW_TO_WIDE = {code - 0xFEE0: code for code in range(0xFF01, 0xFF5F)}
_SHAPE = re.compile(
    rf"(?P<about>{_ABOUT.pattern})?(?P<open>\()?(?P<outer>[-+])?(?:(?P<prefix>{_BEFORE.pattern})(?P<inner>[-+])?)?"
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
    negative: what negative ones end in, where that says so ("DR", "-"). loose: what some numbers begin with
    and others do not, read and not written ("約"). notations: the suffixes of a column that has several, by
    size. lenient: the column has a few cells that are no numbers; such are missing.
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
    negative: str = ""
    loose: tuple[str, ...] = ()
    notations: tuple[units.Notation, ...] = ()
    lenient: bool = False

    def __post_init__(self) -> None:
        """What came out of a file as lists becomes what it was."""
        object.__setattr__(self, "loose", tuple(map(str, self.loose)))
        object.__setattr__(self, "notations", tuple(units.Notation(*each) for each in self.notations))
        if any(type(each.factor) is not int or each.factor < 1 for each in self.notations):
            raise ValueError("a unit that is no whole number of another")

    @classmethod
    def find(cls, column: Column) -> Self | None:
        """The spelling of a text column; None where some cell is neither a number nor marked missing.

        Digits that start with a superfluous 0 ("00501"), and whole numbers beyond 2**53, are codes, not
        numbers: as numbers they would not come back as they were.

        >>> found = Spelling.find(from_strings(["$1,200", "$950", "N/A"]))
        >>> found == Spelling(prefix="$", thousands=",")
        True
        """
        found = cls.nearly(column, most=0)
        return found[0] if found else None

    @classmethod
    def nearly(cls, column: Column, most: int = 5, share: float = 0.01) -> tuple[Self, dict[str, int]] | None:
        """The spelling of a column of which a few cells may be no numbers; and these, with their rows.

        most: at most so many different ones, in at most such a share of the rows.

        >>> column = from_strings([*(f"{number} kg" for number in range(5, 300)), "to weigh"])
        >>> spelling, strays = Spelling.nearly(column)
        >>> spelling.suffix, spelling.lenient, strays
        (' kg', True, {'to weigh': 1})
        """
        if not is_text(column):
            return None
        index, distinct = codes(column)
        often = np.bincount(index[index >= 0], minlength=len(distinct)).tolist()
        room = share * sum(often) if most else 0.0
        strays = {text: count for text, count in zip(distinct, often, strict=True) if len(text) > LONGEST}
        if len(strays) > most or sum(strays.values()) > room:
            return None
        numbers = [text for text in distinct if text.strip().lower() not in MARKS]
        if numbers and all(map(_PLAIN.fullmatch, numbers)):
            after = [len(text) - text.find(".") - 1 if "." in text else 0 for text in numbers]
            return cls(least=min(after), most=max(after)), {}
        found: list[tuple[re.Match[str], int]] = []
        wide = 0
        for raw, count in zip(distinct, often, strict=True):
            if raw in strays:
                continue
            text = raw.strip()
            plain = text if text.isascii() else text.translate(_WIDE).strip()
            if is_mark(text) or is_mark(plain):
                continue
            match = _SHAPE.fullmatch(plain)
            if match is None or not units.in_order(match):
                strays[raw] = count
                if len(strays) > most or sum(strays.values()) > room:
                    return None
                continue
            wide += count if any("\uff10" <= letter <= "\uff19" for letter in text) else 0
            found.append((match, count))
        if strays and most:  # what ends otherwise than nearly all numbers is none either
            usual, often_so = units.usual_suffix(found)
            if often_so >= (1 - share) * sum(count for _, count in found):
                odd = {match.string: count for match, count in found if units.suffix_of(match) not in usual}
                strays |= odd
                found = [(match, count) for match, count in found if match.string not in odd]
        if len(strays) > most or sum(strays.values()) > room:
            return None
        minus = "\u2212" if any("\u2212" in raw for raw in distinct) else "-"
        spelling = cls._of(found, wide, minus) if found else None
        if spelling is None:
            return None
        return (replace(spelling, lenient=True), strays) if strays else (spelling, {})

    @classmethod
    def _of(cls, found: list[tuple[re.Match[str], int]], wide: int, minus: str) -> Self | None:
        """The one spelling that all these numbers share, or None."""
        digits = [match for match, _ in found if match["body"].lower() not in _ENDLESS]
        bodies = [match["body"] for match in digits]
        for decimal, thousands in _SEPARATED:
            fits = re.compile(units.body_of(decimal, thousands)).fullmatch
            if all(map(fits, bodies)):
                break
        else:
            return None
        pairs = zip(bodies, digits, strict=True)
        if any(units.is_code(body, match["power"], decimal, thousands) for body, match in pairs):
            return None
        prefix, suffix = units.affixes(found, "prefix"), units.affixes(found, "suffix")
        if len({text.strip() for text in prefix} - {""}) > 1:
            return None
        negative = units.negative_of(suffix)
        positive = Counter({text: rows for text, rows in suffix.items() if text != negative or not negative})
        several = len({text.strip() for text in positive}) > 1
        if not several and not units.is_unit(next(iter(positive), "")):
            return None
        after = [len(body.partition(decimal)[2]) for body in bodies] or [0]
        powers = [match["power"] for match in digits if match["power"]]
        if powers:
            after += [0, 17]  # repr decides
        above = [m for m in digits if not m["open"] and "-" not in (m["outer"], m["inner"])]
        signed = [match for match in above if match["outer"] or match["inner"]]
        about = Counter({"": 0})
        for match, count in found:
            about[(match["about"] or "").strip()] += count
        begins = {text.strip() for text in prefix}
        loose = set(about) | (begins if len(begins) > 1 else set())
        spelling = cls(
            prefix=prefix.most_common(1)[0][0] if prefix else "",
            suffix=positive.most_common(1)[0][0] if positive else "",
            thousands=thousands,
            decimal=decimal,
            least=min(after),
            most=max(after),
            exponent=powers[0][0] if powers else "",
            brackets=any(match["open"] for match in digits),
            inner=bool(prefix.most_common(1)[0][0].strip() if prefix else "")
            and any(match["inner"] for match in digits),
            plus=len(signed) * 2 > len(above),
            wide=wide * 2 > sum(count for _, count in found),
            minus=minus,
            negative=negative,
            loose=tuple(sorted(loose - {""})),
        )
        return spelling._with_notations(found, positive) if several else spelling

    def _with_notations(self, found: list[tuple[re.Match[str], int]], suffixes: Counter[str]) -> Self | None:
        """The spelling with what each of several suffixes means, and the sizes that are written so."""
        meant = units.factors({text.strip() for text in suffixes})
        if meant is None or self.exponent:
            return None
        forms: dict[str, Counter[str]] = {}
        for text, count in suffixes.items():
            forms.setdefault(text.strip(), Counter())[text] += count
        bare = tuple(units.Notation(word, size, 0, 0, 0) for word, size in meant.items())
        plain = replace(self, suffix="", negative="", notations=bare)
        rows = [(match, count) for match, count in found if match["body"].lower() not in _ENDLESS]
        rows = [(match, count) for match, count in rows if units.suffix_of(match) in meant]
        sizes = np.array([abs(plain.read(match.string) or 0.0) for match, _ in rows])
        ends = np.array([units.suffix_of(match) for match, _ in rows])
        meant = {word: size for word, size in meant.items() if (ends == word).any()}
        # units in order of size, and words for one unit in order of what is written so
        words = sorted(meant, key=lambda word: (meant[word], float(np.median(sizes[ends == word]))))
        kinds = np.array([words.index(end) for end in ends.tolist()])
        counts = np.array([count for _, count in rows], dtype=np.float64)
        begin = units.starts(sizes, kinds, counts, len(words))
        notations = []
        for place, word in enumerate(words):
            bodies = [match["body"] for match, _ in rows if units.suffix_of(match) == word]
            after = [len(body.partition(self.decimal)[2]) for body in bodies] or [0]
            form = forms[word].most_common(1)[0][0]
            notations.append(units.Notation(form, meant[word], begin[place], min(after), max(after)))
        return replace(self, suffix="", notations=tuple(notations))

    @cached_property
    def _reader(self) -> re.Pattern[str]:
        before = "|".join(re.escape(part.strip()) for part in (self.prefix, *self.loose) if part.strip())
        ends = {self.suffix, self.negative, *(each.suffix for each in self.notations)}
        after = "|".join(re.escape(part) for part in sorted({end.strip() for end in ends}, key=len)[::-1])
        prefix = rf"(?:{before})[ \u00a0]?"
        begin = (
            rf"(?:{prefix})*(\()?([-+])?(?:{prefix})?([-+])?" if before else r"(\()?([-+])?[ \u00a0]?([-+])?"
        )
        digits = rf"({units.body_of(self.decimal, self.thousands)})(e[-+]?[0-9]+)?|(inf|infinity|∞)"
        return re.compile(rf"{begin}(?:{digits})[ \u00a0]?({after})?(\))?", re.IGNORECASE)

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
        opened, outer, inner, body, power, endless, end, closed = match.groups()
        if (opened is None) != (closed is None):
            return None
        factor = 1
        if self.notations:
            known = {each.suffix.strip(): each.factor for each in self.notations} | {self.negative.strip(): 1}
            factor = known.get(end or "", 1 if not end else 0)
            if not factor:  # another case: "KG"
                factor = next((one for word, one in known.items() if word.lower() == str(end).lower()), 1)
        size = float("inf")
        if endless is None:
            digits = body.replace(self.thousands or "\0", "").replace(self.decimal, ".") + (power or "")
            size = float(digits) if factor == 1 else float(Decimal(digits) * factor)
        below = bool(self.negative) and (end or "").lower() == self.negative.strip().lower()
        return -size if (opened is not None) ^ (outer == "-") ^ (inner == "-") ^ below else size

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
            if number is None and self.lenient:
                continue
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
        suffix, digits = self.suffix, "inf"
        if value not in (float("inf"), float("-inf")):
            suffix, digits = self._written(abs(value))
        below = value < 0
        if below and self.negative:
            suffix = self.negative
        signed = below and not self.brackets and not self.negative
        sign = self.minus if signed else "+" if value > 0 and self.plus else ""
        text = self.prefix + sign + digits if self.inner else sign + self.prefix + digits
        text += suffix
        text = f"({text})" if below and self.brackets and not self.negative else text
        return text.translate(_NARROW_TO_WIDE) if self.wide else text

    def _written(self, size: float) -> tuple[str, str]:
        """The suffix and the digits of a number that is not negative, in the notation of its size."""
        if not self.notations:
            return self.suffix, self._digits(size)
        usual = [each for each in self.notations if each.start <= size] or [self.notations[0]]
        exact = Decimal(repr(size))
        for each in reversed(usual):  # in a smaller unit, where this one would need more digits than it has
            inside = exact / each.factor
            if inside == round(inside, each.most):
                return each.suffix, replace(self, least=each.least, most=each.most)._digits(float(inside))
        each = usual[-1]
        return each.suffix, replace(self, least=each.least, most=15)._digits(float(exact / each.factor))

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
