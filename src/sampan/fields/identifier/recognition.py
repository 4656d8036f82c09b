"""Which columns name records, or whom several of them are of."""

from __future__ import annotations

import re
from collections import Counter

from arro3.core import DataType

from sampan.fields.identifier.keys import is_key, notice_of_key
from sampan.fields.mask import masked
from sampan.fields.number.written import IDENTITY, names_record
from sampan.fields.objects import called, name_records
from sampan.look import ENOUGH, Look

Found = tuple[str, str]
"""(the reason, a notice or "")."""

_CODE = re.compile(r"[A-Za-z.:/-]*[0-9][A-Za-z0-9.:/-]*")


def objects(look: Look) -> Found | None:
    """UUIDs, or whole numbers of any length."""
    things = called(look)
    if not things or not name_records(look):
        return None
    again = look.rows - len(look.distinct)
    notice = f"{again:,} of its {things} repeat; every made record has one of its own. "
    return f"{things} that name the record", f'{notice}To repeat real ones: --type "{look.name}=category"' * (
        again > 0
    )


def keys(look: Look) -> Found | None:
    """The number of somebody or something that several rows are of."""
    plain = look.is_text or DataType.is_integer(look.column.type)
    if not plain or not is_key(look.name, look.column):
        return None
    reason = f"numbers of whom or what a row is of, {len(look.distinct):,} of them"
    return reason, notice_of_key(look.name, look.column)


def numbers(look: Look) -> Found | None:
    """Whole numbers that name the record."""
    reason = names_record(look)
    return (reason, "") if reason else None


def texts(look: Look) -> Found | None:
    """Text that never repeats, of one shape or named an identifier."""
    if not look.is_text or len(look.distinct) != look.rows or look.rows < 3:
        return None
    if look.rows < ENOUGH and look.last not in IDENTITY:
        return None
    lengths = {len(text) for text in look.texts}
    if not look.texts or max(lengths) > 80:
        return None
    some = look.texts[:2000]
    shapes = Counter(_shape(text) for text in some)
    hexadecimal = len(lengths) == 1 and all(re.fullmatch(r"[0-9a-fA-F-]{12,}", text) for text in some)
    alike = sum(count for _, count in shapes.most_common(3)) >= 0.95 * len(some)
    numbered = sum(re.search(r"\d", text) is not None for text in some)
    digits = numbered == len(some)
    even = len(lengths) == 1 and 2 * numbered > len(some)  # X7KQ2A, 9AB3ZW
    even = even and all(re.fullmatch(r"[\w.:/-]+", text) for text in some)
    if look.last in IDENTITY and (digits or hexadecimal or look.rows >= ENOUGH):
        return f'never repeats and is named "{look.last}"', ""
    if hexadecimal or (digits and alike) or even:
        return f'never repeats and has one shape, like "{masked(look.texts[0])}"', ""
    return None


def codes(look: Look) -> Found | None:
    """Codes of one length of which hardly any repeats."""
    if not look.is_text or len(look.distinct) < max(ENOUGH, 0.95 * look.rows):
        return None
    if len({len(text) for text in look.texts}) != 1 or not all(map(_CODE.fullmatch, look.texts)):
        return None
    return (
        f'hardly ever repeats and has one shape, like "{masked(look.texts[0])}"',
        "its codes hardly ever repeat: new ones of their shape take their place. "
        f'To learn them as they are: --type "{look.name}=category"',
    )


def _shape(text: str) -> str:
    """A text with each run of digits as 9, of capitals as A, of other letters as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))
