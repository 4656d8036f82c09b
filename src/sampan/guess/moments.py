"""The tests for dates and times."""

from __future__ import annotations

import re

from arro3.core import DataType

from sampan.column import is_text
from sampan.fields.mask import masked
from sampan.fields.moment import Moment, is_temporal
from sampan.fields.moment.dateformat import DateFormat
from sampan.guess.look import ENOUGH, Found, Look

_EPOCH = frozenset("timestamp epoch unix unixtime ts time datetime created updated modified at".split())

_DATE = frozenset("date day dt dob birth birthday birthdate datum ymd yyyymmdd 日期 生日 年月日".split())


def of_moments(look: Look) -> Found | None:
    if is_temporal(look.column.type):
        return Found(Moment(), "dates or times by their type")
    whole = DataType.is_integer(look.column.type)
    if not (is_text(look.column) or whole) or not look.texts:
        return None
    if look.is_whole and look.words & _EPOCH and look.numbers is not None:
        low, high = float(look.numbers[0]), float(look.numbers[-1])
        for form, unit in (("%s", 1), ("%Q", 1000)):
            if 3e8 * unit <= low and high <= 4.2e9 * unit:
                size = "milliseconds" if unit > 1 else "seconds"
                return Found(Moment(form), f"{size} since 1970, by name and size")
    if whole or look.is_whole or _DIGITS_ONLY.fullmatch(look.texts[0]):
        found = _of_digits(look)
        if found is not None:
            return found
    if whole or look.is_whole:
        if len(look.texts[0]) != 8 or not (look.words & _DATE or len(look.texts) >= ENOUGH):
            return None
    elif look.numbers is not None and not look.words & _DATE:
        return None  # 2024.01 is a number unless its name says otherwise
    found = DateFormat.find(look.texts)
    if found is None:
        return None
    form, other = found
    reason = f'{"times" if form.is_clock else "dates"} written like "{masked(look.texts[0])}" ({form.text})'
    if other is None:
        return Found(Moment(form.text), reason + look.missing_words())
    return Found(
        Moment(form.text),
        reason + look.missing_words(),
        f"the dates can be read as {form.text} or as {other.text}; taken as {form.text}. "
        f'For the other: --type "{look.name}=moment:{other.text}"',
    )


_CLOCKS = frozenset(
    """time hhmm clock dep arr departure arrival start end begin finish open close 時間 时间 時刻 时刻 開始
    开始 結束 结束 起飛 起飞 到達 到达 出發 出发""".split()
)

_MONTHLY = frozenset("month ym yyyymm period mth 年月 月份 期間 期间".split())

_DIGITS_ONLY = re.compile(r"[0-9]{1,6}")


def _of_digits(look: Look) -> Found | None:
    """Times of day such as 930 and months such as 202403: as numbers, 1078 and 202457 were made of them."""
    texts = look.texts
    if not all(map(_DIGITS_ONLY.fullmatch, texts)):
        return None
    digits = {len(text) for text in texts}
    if look.words & _CLOCKS and len(texts) >= 8 and max(digits) == 4:
        padded = not is_text(look.column) or digits == {4}
        form = DateFormat("%H%M" if padded else "%-H%M")
        read = form.read([text.zfill(4) for text in texts] if padded else texts)
        if not read.wrong.any():
            return Found(
                Moment(form.text), f"times of day written like 0930 ({form.text}), by name and digits"
            )
    enough = 3 if look.words & (_MONTHLY | _DATE) else ENOUGH
    if digits == {6} and len(texts) >= min(enough, 12):
        form = DateFormat("%Y%m")
        read = form.read(texts)
        if not read.wrong.any() and all("1900" <= text[:4] <= "2100" for text in texts):
            return Found(Moment(form.text), "months written like 202403 (%Y%m)")
    return None
