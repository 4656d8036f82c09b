"""The tests for what the type of a column says, or that it says the same in every row."""

from __future__ import annotations

from arro3.core import DataType

from sampan import media
from sampan.arrow_type import name_of
from sampan.column import file_kind, order_of, stands_for
from sampan.errors import DataError
from sampan.fields import FIELDS
from sampan.fields.category import Category
from sampan.fields.constant import Constant
from sampan.fields.identifier import Identifier
from sampan.fields.mask import masked
from sampan.fields.omitted import Omitted
from sampan.guess.look import ENOUGH, Found, Look
from sampan.media import medium_of_cells


def of_media(look: Look) -> Found | None:
    """Files of a medium: paths of which a folder's reader said it, or bytes that begin as such files do."""
    medium = medium_of_cells(look.column)
    if medium is None:
        return None
    named = bool(file_kind(look.column))
    reason = f"files of a folder ({medium.word})" if named else f"bytes of encoded {medium.many}"
    return Found(FIELDS[medium.word](), reason)


def unsuited(look: Look) -> Found | None:
    """Bytes of no medium are left out; of other types that no field learns, it is said at once."""
    kind = look.column.type
    if DataType.is_binary(kind) or DataType.is_large_binary(kind):
        what = f"bytes that are no {' and no '.join(medium.many for medium in media.MEDIA)}"
        return Found(
            Omitted(what),
            what,
            f"holds {what}; it is left empty. To learn them, turn them into text first.",
        )
    try:
        name_of(kind)
    except DataError as error:
        raise DataError(
            f'"{look.name}" holds cells of the Arrow type {str(kind).strip()}.',
            "One value in each cell: text, a number, yes/no, a date or a time; or lists of these.",
            f'Leave out the column "{look.name}", or turn it into text.',
        ) from error
    return None


_CALLED = {
    "array": "arrays",
    "bytes": "bytes",
    "complex": "complex numbers",
    "dict": "dicts",
    "fraction": "fractions",
    "frozenset": "sets",
    "interval": "intervals",
    "list": "lists",
    "set": "sets",
    "tuple": "tuples",
    "uuid": "UUIDs",
    "whole": "whole numbers beyond 64 bits",
}

_REPEATED = 5  # rows for each different cell, on average: fewer, and learning them whole were copying


def of_objects(look: Look) -> Found | None:
    """Lists, sets, UUIDs: cells that text stands for, learned whole where they repeat."""
    kind = stands_for(look.column)
    if not kind:
        return None
    called = _CALLED.get(kind, "structs" if kind.startswith('["struct"') else "lists")
    number = len(look.distinct)
    if kind in ("uuid", "whole") and number > look.rows / _REPEATED:
        notice = (
            ""
            if number == look.rows
            else (
                f"{look.rows - number:,} of its {called} repeat; every made record has one of its own. "
                f'To repeat real ones: --type "{look.name}=category"'
            )
        )
        return Found(Identifier(), f"{called} that name the record", notice)
    recognised = look.recognised
    if recognised is None and number <= max(ENOUGH, look.rows / _REPEATED):
        return Found(Category(), f"{number:,} different {called}, learned whole")
    why = f"{called} that look like personal data" if recognised else f"{called}, another in most rows"
    parts = "real and imaginary parts" if kind == "complex" else "parts"
    return Found(
        Omitted(why),
        why,
        f'holds {why}; it is left empty. To learn them whole: --type "{look.name}=category"; or give '
        f"their {parts} as columns of their own.",
    )


def ordered(look: Look) -> Found | None:
    """Categories whose type says that they lie on a scale."""
    values = order_of(look.column)
    if not values or look.rows == 0 or len(look.distinct) > Category.limit:
        return None
    return Found(
        Category(values, ordered=True), f"{len(look.distinct):,} categories in the order of their type"
    )


def constant(look: Look) -> Found | None:
    if not look.rows:
        return Found(Constant(), "every cell is missing")
    if len(look.distinct) == 1 and not look.gone and look.inside is None:
        return Found(Constant(), f'the same in every row, like "{masked(str(look.distinct[0]))}"')
    return None


def yes_or_no(look: Look) -> Found | None:
    if DataType.is_boolean(look.column.type):
        return Found(Category(), "yes or no")
    values = look.numbers
    if values is not None and look.is_whole and values.size == 2 and values.tolist() in ([0, 1], [-1, 1]):
        low, high = values.astype(int).tolist()
        return Found(Category(), f"yes or no, written {low} and {high}")
    return None
