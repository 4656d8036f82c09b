"""Slips: the few cells of a column that are not of its kind ("TBC", "2024-13-45"), taken as missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sampan.column import Column, codes, is_text, with_nulls
from sampan.fields.mask import masked
from sampan.fields.moment import Moment, is_nothing, is_temporal, unread
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.guess.look import Found, Look, joined
from sampan.guess.moments import of_moments
from sampan.guess.numbers import of_numbers

_SHOWN = re.compile(r"[A-Za-z?!/. -]{1,8}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[?!*#]+")


def told_of_slips(name: str, strays: Mapping[str, int], kind: str, column: Column) -> str:
    """What is said of the few cells of a column that are not of its kind: how many, and which."""
    if not strays:
        return ""
    number = sum(strays.values())
    index, distinct = codes(column)
    rows = {text: int(np.argmax(index == distinct.index(text))) + 1 for text in strays}
    forms = {text: text if _SHOWN.fullmatch(text) else masked(text) for text in strays}
    shown = ", ".join(f'"{forms[text]}" in row {row:,}' for text, row in rows.items())
    are, called = ("cell is", "is") if number == 1 else ("cells are", "are")
    thing = "number" if kind == "number" else "date or time"
    return (
        f"{number:,} {are} no {thing} ({shown}) and {called} taken as missing. "
        f'To learn every cell as it is: --type "{name}=category"'
    )


def odd_moments(column: Column, form: str) -> dict[str, int]:
    """The cells that a format does not read, where they are few enough to be slips; else none."""
    if is_temporal(column.type) or not is_text(column) or not form:
        return {}
    index, distinct = codes(with_nulls(column, ~unread(column, DateFormat(form).lenient)))
    often = np.bincount(index[index >= 0], minlength=len(distinct)).tolist()
    strays = dict(zip(distinct, often, strict=True))
    return strays if len(strays) <= STRAYS and sum(often) <= _STRAY_SHARE * len(column) else {}


STRAYS, _STRAY_SHARE = 5, 0.01
"""Different cells, and share of all, up to which what does not fit a column is a slip."""


def but_for_slips(look: Look) -> Found | None:
    """Numbers or moments but for a few slips ("TBC", "2024-13-45"), which are taken as missing."""
    if not is_text(look.column) or look.rows < 1 / _STRAY_SHARE:
        return None
    found = Spelling.nearly(look.column, STRAYS, _STRAY_SHARE)
    if found is not None and found[1]:
        inner = of_numbers(look.without(found[1]))
        if inner is not None and isinstance(inner.field, Number):
            field = replace(inner.field, spelling=found[0])
            said = told_of_slips(look.name, found[1], "number", look.column)
            return replace(inner, field=field, notice=joined(inner.notice, said))
    if not _may_be_moments(look):
        return None
    order = np.argsort(-look.counts, kind="stable").tolist()
    texts = [look.distinct[place].strip() for place in order if not is_nothing(look.distinct[place])]
    form = DateFormat.nearly(texts, STRAYS)
    strays = odd_moments(look.column, form.text) if form is not None else {}
    inner = of_moments(look.without(strays)) if strays else None
    if inner is None or not isinstance(inner.field, Moment):
        return None
    notice = joined(inner.notice, told_of_slips(look.name, strays, "moment", look.column))
    return replace(inner, field=replace(inner.field, lenient=True), notice=notice)


def _may_be_moments(look: Look) -> bool:
    """Whether nearly all cells hold digits, as dates do: quick to see, where finding a format is not."""
    without = [re.search(r"[0-9]", text) is None and not is_nothing(text) for text in look.distinct]
    odd = int(look.counts[np.array(without, dtype=bool)].sum()) if without else 0
    return odd <= _STRAY_SHARE * look.rows and len(look.distinct) - sum(without) >= 3
