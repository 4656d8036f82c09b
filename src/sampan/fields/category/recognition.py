"""Which columns hold one of a set of values: by type, as yes or no, as names in digits, as a mixture."""

from __future__ import annotations

import re

from arro3.core import DataType

from sampan.column import LONGEST, order_of
from sampan.fields.mask import SHOWN, masked
from sampan.fields.number.recognition import names_things, written
from sampan.fields.objects import called, come_back, name_records
from sampan.fields.personal.recognition import recognised
from sampan.look import Look

Found = tuple[str, str]
"""(the reason, a notice or "")."""

_SEEN = 20  # rows that say a category before a reason names it: a schema file is handed on
_AMOUNT = re.compile(r"[-+]?(?=[\d,.]*\d%?\Z)[\d,]*(?:\.\d+)?%?")  # linear: what is looked at ends in a digit


def scale(look: Look, limit: int) -> tuple[str, ...]:
    """The values of a column whose type says that they lie on a scale; none where it does not."""
    values = order_of(look.column)
    return values if values and look.rows and len(look.distinct) <= limit else ()


def objects(look: Look) -> Found | None:
    """Lists, sets and the like that repeat, learned whole."""
    things = called(look)
    if not things or name_records(look) or look.once(recognised) or not come_back(look):
        return None
    return f"{len(look.distinct):,} different {things}, learned whole", ""


def named(look: Look) -> Found | None:
    """Yes or no, or whole numbers that name something."""
    if DataType.is_boolean(look.column.type):
        return "yes or no", ""
    numbers = look.once(written)
    values = numbers.values
    if values is not None and numbers.are_whole and values.tolist() in ([0, 1], [-1, 1]):
        low, high = values.astype(int).tolist()
        return f"yes or no, written {low} and {high}", ""
    reason = names_things(look)
    return (reason, "") if reason else None


def mixture(look: Look) -> Found | None:
    """Numbers among words: said, because a single typing error turns amounts into names."""
    if not look.is_text:
        return None
    plain = [len(text) <= LONGEST and _AMOUNT.fullmatch(text) is not None for text in look.texts]
    if not any(plain) or all(plain) or re.match(r"0\d", look.texts[plain.index(True)]):
        return None
    word = look.texts[plain.index(False)]
    form = masked(word)
    amounts = sum(plain)
    notice = ""
    if amounts >= 0.9 * len(plain) and amounts > 10:
        notice = (
            f'{amounts:,} of its {len(plain):,} values are numbers, but one like "{form}" in row '
            f"{look.row_of(word):,} is none, so it is learned as a category. Mend that cell to have numbers."
        )
    return f'a mixture of numbers and words such as "{form}"', notice


def rest(look: Look) -> Found:
    """Whatever no other field claims: values that are equal or not."""
    few = 0 < len(look.distinct) <= 3 and int(look.counts.min()) >= _SEEN
    few = few and all(len(str(value)) <= SHOWN for value in look.distinct)
    shown = ": " + ", ".join(f'"{value}"' for value in look.distinct) if few else ""
    return f"{len(look.distinct):,} values{shown}", ""
