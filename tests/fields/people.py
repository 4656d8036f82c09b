"""Invented people for tests: customers with several rows each, in two scripts."""

from __future__ import annotations

import random

from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.fields.personal import Recognised, hkid_check, judged

_HAN_LAST, _HAN_FIRST = "陳李黃張梁林何吳王鄭", "大文小明美玲志強家豪嘉欣詠詩偉傑俊淑芬穎彤子軒"
_LAST = "Chan Wong Lee Cheung Lam Ho Ng Leung Yeung Kwok".split()
_GIVEN = "Tai Siu Ka Mei Wing Chi Man Ming Ling Ho Yan Keung".split()
_WEST = "Oliver Amelia Harry Isla Jack Emily Charlie Ava Thomas Jessica".split()
_WEST_LAST = "Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright".split()
_STREETS = "彌敦道 皇后大道中 大涌橋路 青山公路 英皇道".split()


def people(count: int, seed: int = 0) -> list[dict[str, str]]:
    """So many people, each with their own values."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        letter, digits = rng.choice("ABCDEGHKMPRVYZ"), f"{rng.randrange(10**6):06d}"
        last, given = rng.choice(_LAST), f"{rng.choice(_GIVEN)} {rng.choice(_GIVEN)}"
        phone = f"{rng.choice('25679')}{rng.randrange(10**7):07d}"
        found.append(
            {
                "han": rng.choice(_HAN_LAST) + "".join(rng.sample(_HAN_FIRST, 2)),
                "romanised": f"{last.upper()} {given}",
                "west": f"{rng.choice(_WEST)} {rng.choice(_WEST_LAST)}",
                "hkid": f"{letter}{digits}({hkid_check(letter, digits)})",
                "account": f"012-{rng.randrange(1000):03d}-{rng.randrange(10**6):06d}-{rng.randrange(10)}",
                "phone": f"{phone[:4]} {phone[4:]}",
                "plain phone": phone,
                "e-mail": f"{last.lower()}{number}@mail{number % 7}.hk",
                "address": f"九龍{rng.choice(_STREETS)}{rng.randrange(1, 900)}號{rng.randrange(1, 40)}樓"
                f"{rng.choice('ABCD')}室",
                "flat": f"Flat {rng.choice('ABCD')}, {rng.randrange(1, 40)}/F, {number + 1} Nathan Road",
            }
        )
    return found


def rows_of(count: int, repeats: int, seed: int = 0) -> list[dict[str, str]]:
    """Every person in so many rows, in a random order."""
    rows = people(count, seed) * repeats
    random.Random(seed).shuffle(rows)
    return rows


def text_column(rows: list[dict[str, str]], what: str, stray: str | None = None) -> Column:
    """One value of every row, and a stray cell at the end where one is asked for."""
    return from_strings([row[what] for row in rows] + ([] if stray is None else [stray]))


def number_column(rows: list[dict[str, str]], what: str) -> Column:
    """The same as whole numbers."""
    return Array([int(row[what]) for row in rows], DataType.int64())


def recognise(name: str, column: Column) -> Recognised | None:
    """What a column surely holds of people."""
    found = judged(name, column)
    return found if found is not None and found.is_sure else None
