"""The directives of a format of dates: days and times taken apart, read out of a format and written."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from sampan.errors import RequestError

SECOND = 1_000_000_000  # in nanoseconds, the unit of a time of day here
CLOCK = 86_400 * SECOND


def days_of(year: np.ndarray, month: np.ndarray, date: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970 (rows,), and which rows are days of the calendar, of the years 1 to 9999."""
    right = (month >= 1) & (month <= 12) & (date >= 1) & (year >= 1) & (year <= 9999)
    months = ((year - 1970) * 12 + month - 1)[...]
    months = np.where(right, months, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    following = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    right &= date <= following - first
    return np.where(right, first + date - 1, 0), right


def calendar(days: np.ndarray) -> dict[str, np.ndarray]:
    """Year, month, date and weekday of days since 1970."""
    moments = days.astype("M8[D]")
    months = moments.astype("M8[M]").astype(np.int64)
    year = months // 12 + 1970
    date = days - moments.astype("M8[M]").astype("M8[D]").astype(np.int64) + 1
    years = {"Y": year, "y": year % 100, "E": year - 1911}
    return {**years, "m": months % 12 + 1, "d": date, "w": (days + 3) % 7}


def clock(nano: np.ndarray) -> dict[str, np.ndarray]:
    """Hour, minute, second and the rest of nanoseconds of a day."""
    second = nano // SECOND
    hour = second // 3600
    parts = {"H": hour, "I": (hour + 11) % 12 + 1, "M": second // 60 % 60, "S": second % 60}
    return {**parts, "f": nano % SECOND, "noon": hour // 12}


def minutes_of(text: str) -> int:
    """Minutes east of UTC: '+08:00' is 480."""
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = int(digits[:2]) * 60 + int(digits[2:])
    return -size if text[0] == "-" else size


MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTH_OF = {name[:size].lower(): place for place, name in enumerate(MONTHS, 1) for size in (3, 9)}
MONTH_OF["sept"] = 9
NOON = {"am": 0, "a.m.": 0, "上午": 0, "pm": 1, "p.m.": 1, "下午": 1}
_TOKEN = re.compile(
    r"\[(?P<mark>[.,])%(?P<digits>[1-9]?)f\]|%(?P<flag>[-^]?)(?P<size>[1-9:#]?)(?P<name>[A-Za-z%])"
)
WIDTH = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2}
_PATTERN = {
    "E": "[0-9]{1,3}",
    "b": "[A-Za-z]{3,4}",
    "B": "[A-Za-z]{3,9}",
    "a": "[A-Za-z]{3}",
    "A": "[A-Za-z]{6,9}",
    "p": "[AaPp][Mm]",
    "P": "[ap]m",
    "q": "[上下]午",
    "z": "Z|[-+][0-9]{2}(?::?[0-9]{2})?",
    "s": "-?[0-9]{1,12}",
    "Q": "-?[0-9]{1,15}",
}
OF_DAY, OF_TIME, OF_BOTH = frozenset("YyEmdbBaA"), frozenset("HIMSfpPq"), frozenset("sQ")


class Token(NamedTuple):
    """One directive of a format, or the letters between two (name "")."""

    name: str
    flag: str = ""
    size: str = ""
    letters: str = ""  # what stands there as it is; for a fraction that may be left out, its mark

    @property
    def text(self) -> str:
        """As it is written in a format."""
        if not self.name:
            return self.letters.replace("%", "%%")
        inner = f"%{self.flag}{self.size}{self.name}"
        return f"[{self.letters}{inner}]" if self.letters else inner

    @property
    def width(self) -> int | None:
        """How many digits it always takes; None where that varies or they are no digits."""
        if self.name == "f":
            return int(self.size) if self.size and not self.letters else None
        return None if self.flag == "-" else WIDTH.get(self.name)

    @property
    def pattern(self) -> str:
        """The regular expression of what it reads, in one group."""
        if not self.name:
            return re.escape(self.letters)
        if self.name == "f":
            digits = f"([0-9]{{{self.size}}})" if self.size else "([0-9]{1,9})"
            return f"(?:{re.escape(self.letters)}{digits})?" if self.letters else digits
        if self.name in WIDTH:
            width = WIDTH[self.name]
            return f"([0-9]{{1,{width}}})" if self.flag == "-" else f"([0-9]{{{width}}})"
        return f"({_PATTERN[self.name]})"


def tokens_of(text: str) -> tuple[Token, ...]:
    """The directives of a format and the letters between them. Raises RequestError for one not known."""
    out: list[Token] = []
    place = 0
    plain = text.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M")
    for match in _TOKEN.finditer(plain):
        if match.start() > place:
            out.append(Token("", letters=plain[place : match.start()]))
        place = match.end()
        if match["mark"]:
            out.append(Token("f", size=match["digits"], letters=match["mark"]))
        elif match["name"] == "%":
            out.append(Token("", letters="%"))
        elif match["name"] in WIDTH or match["name"] in _PATTERN or match["name"] == "f":
            out.append(Token(match["name"], match["flag"], match["size"]))
        else:
            raise RequestError(
                f"{match[0]!r} in the format {text!r} is not known.",
                "Known: " + " ".join("%" + name for name in [*WIDTH, "f", *_PATTERN]),
                "Write a format such as %Y-%m-%d %H:%M",
            )
    if place < len(plain):
        out.append(Token("", letters=plain[place:]))
    if not any(token.name for token in out):
        raise RequestError(
            f"{text!r} is no format for dates: it has no directive.",
            "Directives such as %Y, %m, %d, %H, %M.",
            "Write a format such as %d/%m/%Y",
        )
    return tuple(out)


def written(token: Token, parts: dict[str, np.ndarray], rows: int) -> list[str]:
    """What one directive writes for each distinct day, time or offset."""
    name = token.name
    if not name:
        return [token.letters] * rows
    if name == "f":
        out = [f"{value:09d}" for value in parts["f"].tolist()]
        out = [text[: int(token.size)] if token.size else text.rstrip("0") or "0" for text in out]
        return [token.letters + text if text.strip("0") else "" for text in out] if token.letters else out
    if name in "pPq":
        words = {"p": ("AM", "PM"), "P": ("am", "pm"), "q": ("上午", "下午")}[name]
        return [words[half] for half in parts["noon"].tolist()]
    if name == "z":
        out = []
        for minutes in parts["z"].tolist():
            hours, rest = divmod(abs(minutes), 60)
            tail = "" if token.size == "#" and not rest else f"{':' if token.size == ':' else ''}{rest:02d}"
            out.append(f"{'-' if minutes < 0 else '+'}{hours:02d}{tail}")
        return out
    if name in "bBaA":
        words = MONTHS if name in "bB" else WEEKDAYS
        words = [word[:3] for word in words] if name in "ba" else words
        words = [word.upper() for word in words] if token.flag == "^" else words
        return [words[place] for place in (parts["m"] - 1 if name in "bB" else parts["w"]).tolist()]
    width = 0 if token.flag == "-" or name == "E" else WIDTH[name]
    return [f"{value:0{width}d}" for value in parts[name].tolist()]
