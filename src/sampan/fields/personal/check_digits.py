"""Check digits: of Hong Kong identity cards, payment cards and bank accounts."""

from __future__ import annotations

import re

HKID = re.compile(r"\s*([A-Za-z]{1,2})(\s?)(\d{6})(\s?)([(（]?)([0-9Aa])([)）]?)\s*")
"""The form of a Hong Kong identity card number: letters, digits and check digit are groups 1, 3 and 6."""

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
"""The form of an IBAN without blanks."""


def hkid_check(letters: str, digits: str) -> str:
    """The check digit of a Hong Kong identity card number.

    >>> hkid_check("A", "123456")
    '3'
    """
    values = [ord(letter) - 55 for letter in letters.upper().rjust(2)] if len(letters) == 2 else [36]
    values += [ord(letters[-1].upper()) - 55] if len(letters) == 1 else []
    values += map(int, digits)
    return "0123456789A"[
        -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    ]


def hkid_sound(text: str) -> bool:
    """Whether a text is a Hong Kong identity card number with the right check digit."""
    match = HKID.fullmatch(text)
    return match is not None and hkid_check(match[1], match[3]) == match[6].upper()


def luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit of a card number (ISO/IEC 7812-1).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def iban_sound(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616).

    >>> iban_sound("GB82 WEST 1234 5698 7654 32")
    True
    """
    bare = text.replace(" ", "").upper()
    if not IBAN.fullmatch(bare):
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


_MAINLAND = re.compile(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]")


def mainland_check(digits: str) -> str:
    """The check digit of the 17 digits of a mainland Chinese identity number (GB 11643).

    >>> mainland_check("11010519491231002")
    'X'
    """
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(digits))
    return "10X98765432"[total % 11]


def mainland_sound(text: str) -> bool:
    """Whether a text is a mainland Chinese identity number with the right check digit."""
    bare = text.strip()
    return _MAINLAND.fullmatch(bare) is not None and mainland_check(bare[:17]) == bare[17].upper()
