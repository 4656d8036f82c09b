"""The format of dates that texts are written in, found among those that people use."""

from __future__ import annotations

import re

from sampan.fields.moment.dateformat import DateFormat, Read

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


def find(texts: list[str]) -> tuple[DateFormat, DateFormat | None] | None:
    """The format of all these texts, and another that would read them differently; None if there is none.

    >>> find(["05/01/2024", "13/01/2024"])
    (DateFormat(text='%d/%m/%Y'), None)
    >>> find(["05/01/2024", "06/01/2024"])
    (DateFormat(text='%d/%m/%Y'), DateFormat(text='%m/%d/%Y'))
    """
    if not texts or not all(4 <= len(text) <= 40 for text in texts):
        return None
    few = texts[:: max(1, len(texts) // 50)]
    found: list[tuple[DateFormat, Read]] = []
    for candidate in _candidates(few):
        if DateFormat(candidate).lenient.read(few).wrong.any():
            continue
        fitted, read = DateFormat(candidate).fitting(texts)
        if read.wrong.any() or not _likely(fitted, read):
            continue
        if not found:
            found.append((fitted, read))
        elif (read.day != found[0][1].day).any() or (read.nano != found[0][1].nano).any():
            return found[0][0], fitted
    return (found[0][0], None) if found else None


def nearly(texts: list[str], most: int = 5) -> DateFormat | None:
    """The format of all but at most so many of these texts, the rarest of them last.

    >>> nearly([*(f"2024-05-{day}" for day in range(10, 28)), "TBC"])
    DateFormat(text='%Y-%m-%d')
    """
    pieces = 2 * most + 1  # more than half of them hold none of the odd ones
    if len(texts) >= 3 * pieces:
        parts = [texts[start::pieces] for start in range(pieces)]
    else:
        parts = [texts[:-odd] for odd in range(1, most + 1) if len(texts) - odd >= 3]
    for part in parts:
        found = find(part)
        if found is None:
            continue
        fitted, read = found[0].fitting(texts)
        if 0 < int(read.wrong.sum()) <= most:
            return fitted
    return None


def _likely(form: DateFormat, read: Read) -> bool:
    """Whether most years are such as records have: eight digits may be anything."""
    low, high = -62_091, 84_370  # 1800 and 2201
    if "E" in form.names and "年" not in form.text:
        low = -6_940  # 1951: three numbers with dots may be a version
    return form.is_clock or float(((read.day >= low) & (read.day < high)).mean()) >= 0.9


def _candidates(few: list[str]) -> list[str]:
    """Formats that read a few texts, the likeliest first: a date, then what is left as a time and a zone."""
    out = [text for text in _WHOLE if _fits(text, few)]
    if any(text[0].isdigit() or text[0] in "上下" for text in few):
        out += [time for time in _TIMES if ":" in time + few[0] and _fits(time, few)]
    for date in _DATES:
        reader = DateFormat(date).lenient.reader
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
    return all(map(DateFormat(text).lenient.reader.fullmatch, few))
