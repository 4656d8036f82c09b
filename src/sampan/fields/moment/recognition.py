"""Which columns hold dates and times, and how these are written."""

from __future__ import annotations

import re

import numpy as np
from arro3.core import DataType

from sampan.column import Column, codes, is_nothing, is_text, with_nulls
from sampan.fields.mask import FEW, SHARE, masked, notice_of_slips
from sampan.fields.moment.dateformat import DateFormat, Read
from sampan.fields.moment.parts import is_temporal, texts_of, unread
from sampan.fields.number.recognition import amounts_but_for_slips, written
from sampan.look import ENOUGH, Look

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


Found = tuple[str, str, str]
"""(the format, the reason, a notice or "")."""

_EPOCH = frozenset("timestamp epoch unix unixtime ts time datetime created updated modified at".split())
_DATE = frozenset("date day dt dob birth birthday birthdate datum ymd yyyymmdd 日期 生日 年月日".split())
_CLOCKS = frozenset(
    """time hhmm clock dep arr departure arrival start end begin finish open close 時間 时间 時刻 时刻 開始
    开始 結束 结束 起飛 起飞 到達 到达 出發 出发""".split()
)
_MONTHLY = frozenset("month ym yyyymm period mth 年月 月份 期間 期间".split())
_DIGITS_ONLY = re.compile(r"[0-9]{1,6}")


def moments(look: Look) -> Found | None:
    """A column of dates or times, by its type, its name or its cells."""
    if is_temporal(look.column.type):
        return "", "dates or times by their type", ""
    whole = DataType.is_integer(look.column.type)
    if not (look.is_text or whole) or not look.texts:
        return None
    numbers = look.once(written)
    if numbers.are_whole and look.words & _EPOCH and numbers.values is not None:
        low, high = float(numbers.values[0]), float(numbers.values[-1])
        for form, unit in (("%s", 1), ("%Q", 1000)):
            if 3e8 * unit <= low and high <= 4.2e9 * unit:
                size = "milliseconds" if unit > 1 else "seconds"
                return form, f"{size} since 1970, by name and size", ""
    if whole or numbers.are_whole or _DIGITS_ONLY.fullmatch(look.texts[0]):
        found = _of_digits(look)
        if found is not None:
            return found
    if whole or numbers.are_whole:
        if len(look.texts[0]) != 8 or not (look.words & _DATE or len(look.texts) >= ENOUGH):
            return None
    elif numbers.values is not None and not look.words & _DATE:
        return None  # 2024.01 is a number unless its name says otherwise
    return _by_format(look)


def _by_format(look: Look) -> Found | None:
    """Text in one of the ways in which dates and times are written."""
    found = find(look.texts)
    if found is None:
        return None
    form, other = found
    reason = f'{"times" if form.is_clock else "dates"} written like "{masked(look.texts[0])}" ({form.text})'
    notice = (
        ""
        if other is None
        else (
            f"the dates can be read as {form.text} or as {other.text}; taken as {form.text}. "
            f'For the other: --type "{look.name}=moment:{other.text}"'
        )
    )
    return form.text, reason + look.marks_said, notice


def _of_digits(look: Look) -> Found | None:
    """Times of day such as 930 and months such as 202403: as numbers, 1078 and 202457 were made of them."""
    texts = look.texts
    if not all(map(_DIGITS_ONLY.fullmatch, texts)):
        return None
    digits = {len(text) for text in texts}
    if look.words & _CLOCKS and len(texts) >= 8 and max(digits) == 4:
        padded = not look.is_text or digits == {4}
        form = DateFormat("%H%M" if padded else "%-H%M")
        read = form.read([text.zfill(4) for text in texts] if padded else texts)
        if not read.wrong.any():
            return form.text, f"times of day written like 0930 ({form.text}), by name and digits", ""
    enough = 3 if look.words & (_MONTHLY | _DATE) else ENOUGH
    if digits == {6} and len(texts) >= min(enough, 12):
        form = DateFormat("%Y%m")
        read = form.read(texts)
        if not read.wrong.any() and all("1900" <= text[:4] <= "2100" for text in texts):
            return form.text, "months written like 202403 (%Y%m)", ""
    return None


def moments_but_for_slips(look: Look) -> Found | None:
    """The same of a column in which a few cells are none ("2024-13-45"); not where the rest are amounts."""
    if not look.is_text or look.rows < 1 / SHARE or look.once(amounts_but_for_slips) is not None:
        return None
    if not _nearly_all_have_digits(look):
        return None
    order = np.argsort(-look.counts, kind="stable").tolist()
    texts = [look.distinct[place].strip() for place in order if not is_nothing(look.distinct[place])]
    form = nearly(texts, FEW)
    slips = slips_of(look.column, form.text) if form is not None else {}
    inner = moments(look.without(slips)) if slips else None
    if inner is None:
        return None
    said = notice_of_slips(look.name, slips, "date or time", look.column)
    return inner[0], inner[1], " ".join(filter(None, (inner[2], said)))


def _nearly_all_have_digits(look: Look) -> bool:
    """Whether nearly all cells hold digits, as dates do: quick to see, where finding a format is not."""
    without = [re.search(r"[0-9]", text) is None and not is_nothing(text) for text in look.distinct]
    odd = int(look.counts[np.array(without, dtype=bool)].sum()) if without else 0
    return odd <= SHARE * look.rows and len(look.distinct) - sum(without) >= 3


def slips_of(column: Column, form: str) -> dict[str, int]:
    """The cells that a format does not read, where they are few enough to be slips; else none."""
    if is_temporal(column.type) or not is_text(column) or not form:
        return {}
    index, distinct = codes(with_nulls(column, ~unread(column, DateFormat(form).lenient)))
    often = np.bincount(index[index >= 0], minlength=len(distinct)).tolist()
    slips = dict(zip(distinct, often, strict=True))
    return slips if len(slips) <= FEW and sum(often) <= SHARE * len(column) else {}


def format_of(column: Column) -> str:
    """How a column that was called moments writes them; "" where no format says it."""
    if is_temporal(column.type):
        return ""
    texts = texts_of(column)
    found = find(texts)
    form = found[0] if found else nearly(texts, FEW)
    return form.text if form else ""
