"""DateFormat: how a text column writes dates and times, so that made ones are written the same way.

The directives are those of `strftime` (%Y %y %m %d %b %B %a %A %H %I %M %S %p %z), and besides
%-m  without a leading zero        %^b  in capitals               %P  am, pm       %q  上午, 下午
%E   year of the Republic (民國)    %3f  three digits of a second   %f  as many digits as it takes
%:z  +08:00                        %#z  +08                       %s  %Q  seconds, milliseconds since 1970
[.%6f]  a fraction that is left out where it is zero
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from sampan.column import codes, from_strings
from sampan.errors import RequestError

SECOND = 1_000_000_000  # in nanoseconds, the unit of a time of day here
CLOCK = 86_400 * SECOND

_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTH_OF = {name[:size].lower(): place for place, name in enumerate(_MONTHS, 1) for size in (3, 9)}
_MONTH_OF["sept"] = 9
_NOON = {"am": 0, "a.m.": 0, "上午": 0, "pm": 1, "p.m.": 1, "下午": 1}
_TOKEN = re.compile(
    r"\[(?P<mark>[.,])%(?P<digits>[1-9]?)f\]|%(?P<flag>[-^]?)(?P<size>[1-9:#]?)(?P<name>[A-Za-z%])"
)
_WIDTH = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2}
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
_OF_DAY, _OF_TIME, _OF_BOTH = frozenset("YyEmdbBaA"), frozenset("HIMSfpPq"), frozenset("sQ")


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
        return None if self.flag == "-" else _WIDTH.get(self.name)

    @property
    def pattern(self) -> str:
        """The regular expression of what it reads, in one group."""
        if not self.name:
            return re.escape(self.letters)
        if self.name == "f":
            digits = f"([0-9]{{{self.size}}})" if self.size else "([0-9]{1,9})"
            return f"(?:{re.escape(self.letters)}{digits})?" if self.letters else digits
        if self.name in _WIDTH:
            width = _WIDTH[self.name]
            return f"([0-9]{{1,{width}}})" if self.flag == "-" else f"([0-9]{{{width}}})"
        return f"({_PATTERN[self.name]})"


class Read(NamedTuple):
    """What some texts say: days since 1970, nanoseconds of the day, minutes east of UTC; which are wrong."""

    day: np.ndarray
    nano: np.ndarray
    offset: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True)
class DateFormat:
    """One way to write a date, a time of day, or both; `text` is its directives."""

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The directives and the letters between them. Raises RequestError for one that is not known."""
        out: list[Token] = []
        place = 0
        text = self.text.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M")
        for match in _TOKEN.finditer(text):
            if match.start() > place:
                out.append(Token("", letters=text[place : match.start()]))
            place = match.end()
            if match["mark"]:
                out.append(Token("f", size=match["digits"], letters=match["mark"]))
            elif match["name"] == "%":
                out.append(Token("", letters="%"))
            elif match["name"] in _WIDTH or match["name"] in _PATTERN or match["name"] == "f":
                out.append(Token(match["name"], match["flag"], match["size"]))
            else:
                raise RequestError(
                    f"{match[0]!r} in the format {self.text!r} is not known.",
                    "Known: " + " ".join("%" + name for name in [*_WIDTH, "f", *_PATTERN]),
                    "Write a format such as %Y-%m-%d %H:%M",
                )
        if place < len(text):
            out.append(Token("", letters=text[place:]))
        if not any(token.name for token in out):
            raise RequestError(
                f"{self.text!r} is no format for dates: it has no directive.",
                "Directives such as %Y, %m, %d, %H, %M.",
                "Write a format such as %d/%m/%Y",
            )
        return tuple(out)

    @property
    def names(self) -> frozenset[str]:
        """The directives that it has."""
        return frozenset(token.name for token in self.tokens)

    @property
    def is_clock(self) -> bool:
        """Whether it writes a time of day and no date."""
        return not self.names & (_OF_DAY | _OF_BOTH)

    @property
    def is_universal(self) -> bool:
        """Whether what it writes is in UTC, by a "Z" at its end or by counting seconds since 1970."""
        last = self.tokens[-1]
        return bool(self.names & _OF_BOTH) or (not last.name and last.letters.strip() in ("Z", "UTC", "GMT"))

    @property
    def digits(self) -> int:
        """How many digits it writes, where it writes nothing else and always so many; else 0."""
        widths = [token.width for token in self.tokens]
        return 0 if None in widths else sum(width or 0 for width in widths)

    # --- reading
    @cached_property
    def _reader(self) -> re.Pattern[str]:
        return re.compile("".join(token.pattern for token in self.tokens))

    def read(self, texts: list[str]) -> Read:
        """What each text says; what cannot be read, or is no day of the calendar, is marked wrong."""
        parts = self._fixed(texts)
        if parts is not None:
            return self._moments(parts, len(texts))
        if self._halves and len(texts) > 1000:
            return self._split(texts, *self._halves)
        return self._moments(self._each(texts), len(texts))

    @cached_property
    def _halves(self) -> tuple[DateFormat, str, DateFormat] | None:
        """The date's format, the letters between, the time's; None where they do not follow one another."""
        kinds = [token.name in _OF_DAY if token.name else None for token in self.tokens]
        if True not in kinds or False not in kinds or self.names & _OF_BOTH:
            return None
        last, first = len(kinds) - 1 - kinds[::-1].index(True), kinds.index(False)
        between = self.tokens[first - 1].letters
        if first - last != 2 or between not in (" ", "T"):
            return None
        head = "".join(token.text for token in self.tokens[: last + 1])
        return DateFormat(head), between, DateFormat("".join(token.text for token in self.tokens[first:]))

    def _split(self, texts: list[str], head: DateFormat, between: str, tail: DateFormat) -> Read:
        """What many texts say, each distinct date and each distinct time read once."""
        inner = sum(token.letters.count(between) for token in tail.tokens)
        cut = [text.rsplit(between, inner + 1) for text in texts]
        wrong = np.array([len(part) < 2 for part in cut], dtype=bool)
        reads = []
        for form, column in (
            (head, [part[0] for part in cut]),
            (tail, [between.join(part[1:]) for part in cut]),
        ):
            index, distinct = codes(from_strings(column))
            reads.append(Read(*(part[index] for part in form.read(distinct))))
        day, clock = reads
        return Read(day.day, clock.nano, clock.offset, wrong | day.wrong | clock.wrong)

    def _fixed(self, texts: list[str]) -> dict[str, np.ndarray] | None:
        """The parts where every text has the same digits in the same places: no loop over texts."""
        widths = [len(token.letters) if not token.name else token.width for token in self.tokens]
        if not texts or any(width is None for width in widths):
            return None
        whole = sum(width or 0 for width in widths)
        if not all(len(text) == whole for text in texts):
            return None
        try:
            letters = np.array(texts, dtype=f"S{whole}").view(np.uint8).reshape(len(texts), whole)
        except UnicodeEncodeError:
            return None
        wrong = np.zeros(len(texts), dtype=bool)
        parts = {"wrong": wrong}
        place = 0
        for token, width in zip(self.tokens, widths, strict=True):
            block = letters[:, place : place + (width or 0)]
            place += width or 0
            if not token.name:
                if not token.letters.isascii():
                    return None
                wrong |= (block != np.frombuffer(token.letters.encode(), np.uint8)).any(axis=1)
                continue
            digits = block.astype(np.int64) - ord("0")
            wrong |= ((digits < 0) | (digits > 9)).any(axis=1)
            scale = 9 if token.name == "f" else width or 0
            parts[token.name] = digits @ 10 ** np.arange(scale - 1, scale - 1 - (width or 0), -1)
        return parts

    def _each(self, texts: list[str]) -> dict[str, np.ndarray]:
        """The parts by a regular expression: a loop over (distinct) texts."""
        named = [token for token in self.tokens if token.name]
        nothing = (None,) * len(named)
        matches = list(map(self._reader.fullmatch, texts))
        parts = {"wrong": np.array([match is None for match in matches], dtype=bool)}
        columns = zip(*(match.groups() if match else nothing for match in matches), strict=True)
        for token, column in zip(named, columns, strict=False):
            if token.name in "bB":
                numbers = [_MONTH_OF.get(cell.lower(), 0) if cell else 0 for cell in column]
            elif token.name in "pPq":
                numbers = [_NOON[cell.lower()] if cell else 0 for cell in column]
            elif token.name == "f":
                numbers = [int(cell.ljust(9, "0")) if cell else 0 for cell in column]
            elif token.name == "z":
                numbers = [_minutes(cell) if cell else 0 for cell in column]
            elif token.name in "aA":
                continue
            else:
                numbers = [int(cell) if cell else 0 for cell in column]
            parts[token.name] = np.array(numbers, dtype=np.int64)
        return parts

    def _moments(self, parts: dict[str, np.ndarray], rows: int) -> Read:
        wrong = parts["wrong"]
        nothing = np.zeros(rows, dtype=np.int64)
        offset = parts.get("z", nothing)
        if "s" in parts or "Q" in parts:
            unit = 1 if "s" in parts else 1000
            ticks = parts["s"] if "s" in parts else parts["Q"]
            day = ticks // (86_400 * unit)
            return Read(day, ticks % (86_400 * unit) * (SECOND // unit), offset, wrong)
        day = nothing
        if not self.is_clock:
            if "Y" in parts:
                year = parts["Y"]
            elif "E" in parts:
                year = parts["E"] + 1911
            elif "y" in parts:
                year = parts["y"] + np.where(parts["y"] < 69, 2000, 1900)  # as POSIX has it
            else:
                year = nothing + 1970
            month = parts.get("m", parts.get("b", parts.get("B", nothing + 1)))
            date = parts.get("d", nothing + 1)
            day, right = days_of(year, month, date)
            wrong = wrong | ~right
        hour = parts.get("H", nothing)
        if "I" in parts:
            noon = next((parts[name] for name in "pPq" if name in parts), nothing)
            wrong = wrong | (parts["I"] < 1) | (parts["I"] > 12)
            hour = parts["I"] % 12 + 12 * noon
        minute, second = parts.get("M", nothing), parts.get("S", nothing)
        wrong = wrong | (hour > 23) | (minute > 59) | (second > 59) | (np.abs(offset) > 18 * 60)
        nano = (hour * 3600 + minute * 60 + second) * SECOND + parts.get("f", nothing)
        return Read(day, nano, offset, wrong)

    # --- writing
    def write(self, day: np.ndarray, nano: np.ndarray, offset: np.ndarray) -> list[str]:
        """The texts (rows,): each piece is written once per distinct day, time or offset."""
        texts = np.full(len(day), "", dtype=object)
        for piece in self._pieces:
            names = {token.name for token in piece} - {""}
            if names & _OF_BOTH:
                unit = 1 if "s" in names else 1000
                ticks = day * (86_400 * unit) + nano // (SECOND // unit)
                texts = texts + np.array(list(map(str, ticks.tolist())), dtype=object)
                continue
            of = nano if names & _OF_TIME else offset if "z" in names else day
            distinct, index = np.unique(of, return_inverse=True)
            parts = _calendar(distinct) if of is day else _clock(distinct) if of is nano else {"z": distinct}
            columns = [_written(token, parts, distinct.size) for token in piece]
            table = np.array(list(map("".join, zip(*columns, strict=True))), dtype=object)
            texts = texts + table[index.reshape(-1)]
        return texts.tolist()

    @property
    def _pieces(self) -> list[list[Token]]:
        """Runs of tokens that depend on the same thing; letters join the run before them."""
        pieces: list[list[Token]] = []
        held: object = None
        for token in self.tokens:
            of = next((kind for kind in (_OF_DAY, _OF_TIME, _OF_BOTH) if token.name in kind), token.name)
            if pieces and (not token.name or held == "" or (of == held and of is not _OF_BOTH)):
                pieces[-1].append(token)
                held = of if held == "" else held
            else:
                pieces.append([token])
                held = of
        return pieces

    # --- finding
    @property
    def lenient(self) -> Self:
        """The same format, where a leading zero may be left out unless digits follow upon digits."""
        tokens = list(self.tokens)
        for place, token in enumerate(tokens):
            around = tokens[max(place - 1, 0) : place] + tokens[place + 1 : place + 2]
            if token.name in "mdHI" and token.name and not any(near.name in _WIDTH for near in around):
                tokens[place] = token._replace(flag="-")
            if token.name == "f":
                tokens[place] = token._replace(size="")
        return type(self)("".join(token.text for token in tokens))

    def fitted(self, texts: list[str]) -> Self:
        """The same format with the leading zeros, the digits of a second and the capitals of some texts."""
        loose = self.lenient
        matches = [match.groups() for match in map(loose._reader.fullmatch, texts) if match]
        if not matches:
            return self
        columns = iter(zip(*matches, strict=True))
        tokens: list[Token] = []
        for token in loose.tokens:
            if not token.name:
                tokens.append(token)
                continue
            cells = [cell for cell in next(columns) if cell]
            if token.flag == "-" and all(len(cell) == _WIDTH[token.name] for cell in cells):
                token = token._replace(flag="")
            elif token.name == "f":
                sizes = {len(cell) for cell in cells}
                token = token._replace(size=str(sizes.pop()) if len(sizes) == 1 else "")
                if token.letters and len(cells) == len(matches):  # never left out
                    tokens.append(Token("", letters=token.letters))
                    token = token._replace(letters="")
                elif token.letters and not cells:  # never there
                    continue
            elif token.name in "bB" and all(cell.isupper() for cell in cells):
                token = token._replace(flag="^")
            elif token.name == "p" and all(cell.islower() for cell in cells):
                token = token._replace(name="P")
            elif token.name == "z":
                sizes = {len(cell) for cell in cells} - {1}
                token = token._replace(size={6: ":", 3: "#"}.get(min(sizes, default=6), ""))
            tokens.append(token)
        return type(self)("".join(token.text for token in tokens))

    def fitting(self, texts: list[str]) -> tuple[Self, Read]:
        """`fitted` to these texts, and what they say; a part of many texts tells, if it is right for all."""
        few = self.fitted(texts[:: max(1, len(texts) // 2000)])
        read = few.read(texts)
        if read.wrong.any() and len(texts) > 2000:
            few = self.fitted(texts)
            read = few.read(texts)
        return few, read

    @classmethod
    def find(cls, texts: list[str]) -> tuple[Self, Self | None] | None:
        """The format of all these texts, and another that would read them differently; None if there is none.

        >>> DateFormat.find(["05/01/2024", "13/01/2024"])
        (DateFormat(text='%d/%m/%Y'), None)
        >>> DateFormat.find(["05/01/2024", "06/01/2024"])
        (DateFormat(text='%d/%m/%Y'), DateFormat(text='%m/%d/%Y'))
        """
        if not texts or not all(4 <= len(text) <= 40 for text in texts):
            return None
        few = texts[:: max(1, len(texts) // 50)]
        found: list[tuple[Self, Read]] = []
        for candidate in _candidates(few):
            if cls(candidate).lenient.read(few).wrong.any():
                continue
            fitted, read = cls(candidate).fitting(texts)
            if read.wrong.any() or not fitted._likely(read):
                continue
            if not found:
                found.append((fitted, read))
            elif (read.day != found[0][1].day).any() or (read.nano != found[0][1].nano).any():
                return found[0][0], fitted
        return (found[0][0], None) if found else None

    @classmethod
    def nearly(cls, texts: list[str], most: int = 5) -> Self | None:
        """The format of all but at most so many of these texts, the rarest of them last.

        >>> DateFormat.nearly([*(f"2024-05-{day}" for day in range(10, 28)), "TBC"])
        DateFormat(text='%Y-%m-%d')
        """
        pieces = 2 * most + 1  # more than half of them hold none of the odd ones
        if len(texts) >= 3 * pieces:
            parts = [texts[start::pieces] for start in range(pieces)]
        else:
            parts = [texts[:-odd] for odd in range(1, most + 1) if len(texts) - odd >= 3]
        for part in parts:
            found = cls.find(part)
            if found is None:
                continue
            fitted, read = found[0].fitting(texts)
            if 0 < int(read.wrong.sum()) <= most:
                return fitted
        return None

    def _likely(self, read: Read) -> bool:
        """Whether most years are such as records have: eight digits may be anything."""
        low, high = -62_091, 84_370  # 1800 and 2201
        if "E" in self.names and "年" not in self.text:
            low = -6_940  # 1951: three numbers with dots may be a version
        return self.is_clock or float(((read.day >= low) & (read.day < high)).mean()) >= 0.9


_DATES = [
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d %B %Y", "%d-%b-%y", "%d %b %y", "%d%b%Y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%a, %d %b %Y", "%A, %d %B %Y", "%A, %B %d, %Y"),
    *("%a %d %b %Y", "%d-%B-%Y", "%Y-%b-%d", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y"),
    *("%y-%m-%d", "%d.%m.%y", "%E/%m/%d", "%E-%m-%d", "%E.%m.%d"),
    *("%Y年%m月%d日", "%Y年%m月", "民國%E年%m月%d日", "民國 %E年%m月%d日"),
    *("民國%E年%m月", "%E年%m月%d日", "中華民國%E年%m月%d日", "民国%E年%m月%d日"),
    *("%Y-%m", "%Y/%m", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%b %y"),
]
_TIMES = [
    *("%H:%M", "%H:%M:%S[.%f]", "%H:%M:%S[,%f]", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p"),
    *("%I %p", "%I%p", "%H%M%S[.%f]", "%H%M", "%q%I:%M", "%q%I:%M:%S", "%q %I:%M", "%q %I:%M:%S"),
    *("%q%I時%M分", "%H時%M分", "%H时%M分", "%H點%M分", "%H点%M分"),
    *("%H時%M分%S秒", "%H时%M分%S秒", "%H點%M分%S秒", "%H点%M分%S秒"),
]
_ZONES = [
    *(("", ""), ("Z", "Z"), (" UTC", " UTC"), (" GMT", " GMT")),
    *(("%z", "(?:Z|[-+][0-9]{2}:?(?:[0-9]{2})?)"), (" %z", " [-+][0-9]{2}:?(?:[0-9]{2})?")),
]
_WHOLE = [
    *("%a %b %d %H:%M:%S %Y", "%H:%M %d/%m/%Y", "%H:%M:%S %d/%m/%Y", "%H:%M %m/%d/%Y", "%H:%M:%S %m/%d/%Y"),
    "%d/%b/%Y:%H:%M:%S %z",
]


def _candidates(few: list[str]) -> list[str]:
    """Formats that read a few texts, the likeliest first: a date, then what is left as a time and a zone."""
    out = [text for text in _WHOLE if _fits(text, few)]
    if any(text[0].isdigit() or text[0] in "上下" for text in few):
        out += [time for time in _TIMES if ":" in time + few[0] and _fits(time, few)]
    for date in _DATES:
        reader = DateFormat(date).lenient._reader
        starts = [reader.match(text) for text in few]
        if not all(starts):
            continue
        rests = [text[match.end() :] for text, match in zip(few, starts, strict=True) if match]
        if not any(rests):
            out.append(date)
            continue
        for gap in (" ", "T", ", ", "  ", "_", "-", ""):
            if not all(rest.startswith(gap) for rest in rests):
                continue
            for zone, pattern in _ZONES:
                ends = [re.search(rf"(?:{pattern})$", rest) for rest in rests]
                if not all(ends):
                    continue
                clocks = [
                    rest[len(gap) : match.start()] for rest, match in zip(rests, ends, strict=True) if match
                ]
                out += [date + gap + time + zone for time in _TIMES if _fits(time, clocks)]
    return out


def _fits(text: str, few: list[str]) -> bool:
    """Whether a format's letters and digits fit all these texts."""
    return all(map(DateFormat(text).lenient._reader.fullmatch, few))


def _minutes(text: str) -> int:
    """Minutes east of UTC: '+08:00' is 480."""
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = int(digits[:2]) * 60 + int(digits[2:])
    return -size if text[0] == "-" else size


def days_of(year: np.ndarray, month: np.ndarray, date: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970 (rows,), and which rows are days of the calendar, of the years 1 to 9999."""
    right = (month >= 1) & (month <= 12) & (date >= 1) & (year >= 1) & (year <= 9999)
    months = ((year - 1970) * 12 + month - 1)[...]
    months = np.where(right, months, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    following = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    right &= date <= following - first
    return np.where(right, first + date - 1, 0), right


def _calendar(days: np.ndarray) -> dict[str, np.ndarray]:
    """Year, month, date and weekday of days since 1970."""
    moments = days.astype("M8[D]")
    months = moments.astype("M8[M]").astype(np.int64)
    year = months // 12 + 1970
    date = days - moments.astype("M8[M]").astype("M8[D]").astype(np.int64) + 1
    years = {"Y": year, "y": year % 100, "E": year - 1911}
    return {**years, "m": months % 12 + 1, "d": date, "w": (days + 3) % 7}


def _clock(nano: np.ndarray) -> dict[str, np.ndarray]:
    """Hour, minute, second and the rest of nanoseconds of a day."""
    second = nano // SECOND
    hour = second // 3600
    parts = {"H": hour, "I": (hour + 11) % 12 + 1, "M": second // 60 % 60, "S": second % 60}
    return {**parts, "f": nano % SECOND, "noon": hour // 12}


def _written(token: Token, parts: dict[str, np.ndarray], rows: int) -> list[str]:
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
        words = _MONTHS if name in "bB" else _WEEKDAYS
        words = [word[:3] for word in words] if name in "ba" else words
        words = [word.upper() for word in words] if token.flag == "^" else words
        return [words[place] for place in (parts["m"] - 1 if name in "bB" else parts["w"]).tolist()]
    width = 0 if token.flag == "-" or name == "E" else _WIDTH[name]
    return [f"{value:0{width}d}" for value in parts[name].tolist()]
