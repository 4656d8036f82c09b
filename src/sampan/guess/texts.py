"""The tests for texts: names of records, prose, what hardly ever repeats, numbers among words."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from sampan.column import LONGEST, is_text
from sampan.fields.category import Category
from sampan.fields.identifier import Identifier
from sampan.fields.mask import masked
from sampan.fields.omitted import Omitted
from sampan.guess.look import ENOUGH, IDENTITY, Found, Look

_AMOUNT = re.compile(r"[-+]?(?=[\d,.]*\d%?\Z)[\d,]*(?:\.\d+)?%?")  # linear: what is looked at ends in a digit

_PROSE = 40  # letters: the average beyond which text that seldom repeats is prose

_WORDS = 6.0


def _shape(text: str) -> str:
    """A text with each run of digits as 9, of capitals as A, of other letters as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))


def name_of_record(look: Look) -> Found | None:
    """Text that never repeats, of one shape or named an identifier."""
    if not is_text(look.column) or len(look.distinct) != look.rows or look.rows < 3:
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
        return Found(Identifier(), f'never repeats and is named "{look.last}"')
    if hexadecimal or (digits and alike) or even:
        return Found(Identifier(), f'never repeats and has one shape, like "{masked(look.texts[0])}"')
    return None


def prose(look: Look) -> Found | None:
    """Text that people wrote."""
    if not is_text(look.column) or len(look.distinct) < max(ENOUGH, 0.5 * look.rows) or not look.texts:
        return None
    some = look.texts[:5000]
    length = float(np.mean([len(text) for text in some]))
    words = float(np.mean([len(text.split()) for text in some]))
    long = (length > _PROSE and words >= 3) or (length > _PROSE / 2 and _is_han(some))
    if words < _WORDS and not long:
        return None
    return Found(
        Omitted("free text"),
        f"free text, {length:.0f} letters on average",
        f'free text is left empty. To learn it as it is: --type "{look.name}=category"',
    )


_CODE = re.compile(r"[A-Za-z.:/-]*[0-9][A-Za-z0-9.:/-]*")


def never_twice(look: Look) -> Found | None:
    """Another text in nearly every row: a model of a table would copy it."""
    if not is_text(look.column) or len(look.distinct) < max(ENOUGH, 0.95 * look.rows):
        return None
    if len({len(text) for text in look.texts}) == 1 and all(map(_CODE.fullmatch, look.texts)):
        return Found(
            Identifier(),
            f'hardly ever repeats and has one shape, like "{masked(look.texts[0])}"',
            "its codes hardly ever repeat: new ones of their shape take their place. "
            f'To learn them as they are: --type "{look.name}=category"',
        )
    return Found(
        Omitted("another text in nearly every row"),
        "another text in nearly every row",
        "holds another text in nearly every row, which would be copied and not learned; it is left "
        f'empty. To learn it all the same: --type "{look.name}=category"',
    )


def _is_han(texts: list[str]) -> bool:
    """Whether texts are mostly written without blanks, as Chinese is: fewer letters say as much."""
    letters = "".join(texts[:500])
    return sum("\u3040" <= letter <= "\u9fff" for letter in letters) > 0.5 * len(letters)


def mixture(look: Look) -> Found | None:
    """Numbers among words: said, because a single typing error turns amounts into names."""
    if not is_text(look.column):
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
            f"{_row(look, word):,} is none, so it is learned as a category. Mend that cell to have numbers."
        )
    return Found(Category(), f'a mixture of numbers and words such as "{form}"', notice)


def _row(look: Look, text: str) -> int:
    """The first row, counted from one, whose cell says this."""
    index, distinct = look.codes
    place = next(place for place, one in enumerate(distinct) if one.strip() == text)
    return int(np.argmax(index == place)) + 1
