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
from sampan.fields.moment.directives import (
    MONTH_OF,
    NOON,
    OF_BOTH,
    OF_DAY,
    OF_TIME,
    SECOND,
    WIDTH,
    Token,
    calendar,
    clock,
    days_of,
    minutes_of,
    tokens_of,
    written,
)


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
        return tokens_of(self.text)

    @property
    def names(self) -> frozenset[str]:
        """The directives that it has."""
        return frozenset(token.name for token in self.tokens)

    @property
    def is_clock(self) -> bool:
        """Whether it writes a time of day and no date."""
        return not self.names & (OF_DAY | OF_BOTH)

    @property
    def is_universal(self) -> bool:
        """Whether what it writes is in UTC, by a "Z" at its end or by counting seconds since 1970."""
        last = self.tokens[-1]
        return bool(self.names & OF_BOTH) or (not last.name and last.letters.strip() in ("Z", "UTC", "GMT"))

    @property
    def digits(self) -> int:
        """How many digits it writes, where it writes nothing else and always so many; else 0."""
        widths = [token.width for token in self.tokens]
        return 0 if None in widths else sum(width or 0 for width in widths)

    # --- reading
    @cached_property
    def reader(self) -> re.Pattern[str]:
        """What reads one text, a group for each directive."""
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
        kinds = [token.name in OF_DAY if token.name else None for token in self.tokens]
        if True not in kinds or False not in kinds or self.names & OF_BOTH:
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
        matches = list(map(self.reader.fullmatch, texts))
        parts = {"wrong": np.array([match is None for match in matches], dtype=bool)}
        columns = zip(*(match.groups() if match else nothing for match in matches), strict=True)
        for token, column in zip(named, columns, strict=False):
            if token.name in "bB":
                numbers = [MONTH_OF.get(cell.lower(), 0) if cell else 0 for cell in column]
            elif token.name in "pPq":
                numbers = [NOON[cell.lower()] if cell else 0 for cell in column]
            elif token.name == "f":
                numbers = [int(cell.ljust(9, "0")) if cell else 0 for cell in column]
            elif token.name == "z":
                numbers = [minutes_of(cell) if cell else 0 for cell in column]
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
            if names & OF_BOTH:
                unit = 1 if "s" in names else 1000
                ticks = day * (86_400 * unit) + nano // (SECOND // unit)
                texts = texts + np.array(list(map(str, ticks.tolist())), dtype=object)
                continue
            of = nano if names & OF_TIME else offset if "z" in names else day
            distinct, index = np.unique(of, return_inverse=True)
            parts = calendar(distinct) if of is day else clock(distinct) if of is nano else {"z": distinct}
            columns = [written(token, parts, distinct.size) for token in piece]
            table = np.array(list(map("".join, zip(*columns, strict=True))), dtype=object)
            texts = texts + table[index.reshape(-1)]
        return texts.tolist()

    @property
    def _pieces(self) -> list[list[Token]]:
        """Runs of tokens that depend on the same thing; letters join the run before them."""
        pieces: list[list[Token]] = []
        held: object = None
        for token in self.tokens:
            of = next((kind for kind in (OF_DAY, OF_TIME, OF_BOTH) if token.name in kind), token.name)
            if pieces and (not token.name or held == "" or (of == held and of is not OF_BOTH)):
                pieces[-1].append(token)
                held = of if held == "" else held
            else:
                pieces.append([token])
                held = of
        return pieces

    # --- as a column has it
    @property
    def lenient(self) -> Self:
        """The same format, where a leading zero may be left out unless digits follow upon digits."""
        tokens = list(self.tokens)
        for place, token in enumerate(tokens):
            around = tokens[max(place - 1, 0) : place] + tokens[place + 1 : place + 2]
            if token.name in "mdHI" and token.name and not any(near.name in WIDTH for near in around):
                tokens[place] = token._replace(flag="-")
            if token.name == "f":
                tokens[place] = token._replace(size="")
        return type(self)("".join(token.text for token in tokens))

    def fitted(self, texts: list[str]) -> Self:
        """The same format with the leading zeros, the digits of a second and the capitals of some texts."""
        loose = self.lenient
        matches = [match.groups() for match in map(loose.reader.fullmatch, texts) if match]
        if not matches:
            return self
        columns = iter(zip(*matches, strict=True))
        tokens: list[Token] = []
        for token in loose.tokens:
            if not token.name:
                tokens.append(token)
                continue
            cells = [cell for cell in next(columns) if cell]
            if token.flag == "-" and all(len(cell) == WIDTH[token.name] for cell in cells):
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
