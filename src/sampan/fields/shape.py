"""Shape: texts written in the letters and digits of others, numbered, in an order that a key scatters."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from sampan.checked import ListOf, Record, Text, Whole, array_of
from sampan.errors import StoreError
from sampan.fields.scattered import mix

DIGITS, UPPER, _LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"

_UUID = re.compile(r"\{?[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}\}?")
_LARGEST = 1 << 62  # numbers of a shape stay below, so that they fit int64

_CHUNK = 100_000


def scatter(index: np.ndarray, size: int, key: int) -> np.ndarray:
    """A keyed permutation of range(size): index int64 in it -> int64 in it.

    A Feistel network over the next power of four, walked until it lands inside (Black and Rogaway, 2002).

    >>> sorted(scatter(np.arange(10), 10, key=7).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = np.uint64((1 << half) - 1)
    shift = np.uint64(half)
    keys = np.random.default_rng([key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF]).integers(
        0, 1 << 63, 4, np.uint64
    )

    def once(x: np.ndarray) -> np.ndarray:
        left, right = x >> shift, x & mask
        for round_key in keys:
            left, right = right, left ^ (mix(right ^ round_key) & mask)
        return left << shift | right

    out = once(np.asarray(index).astype(np.uint64))
    outside = np.flatnonzero(out >= np.uint64(size))
    while outside.size:
        again = once(out[outside])
        out[outside] = again
        outside = outside[again >= np.uint64(size)]
    return out.astype(np.int64)


@dataclass(frozen=True, eq=False)
class FreeNumbers:
    """Numbers of range(size) none of which is in use: those with certain remainders modulo `modulus`."""

    size: int
    modulus: int
    remainders: np.ndarray

    @classmethod
    def beside(cls, used: np.ndarray, size: int) -> Self:
        """Free of the numbers in use; none at all where those fill an eighth of the range or more."""
        if used.size == 0:
            return cls(size, 1, np.zeros(1, dtype=np.int64))
        if size < 8 * used.size:
            return cls(size, 1, np.zeros(0, dtype=np.int64))
        modulus = 2 * used.size + 1
        free = np.flatnonzero(np.bincount(used % modulus, minlength=modulus) == 0)
        each = size // modulus
        wanted = min(free.size, max(64, -(-4 * used.size // each)), 65_536)
        chosen = free[np.linspace(0, free.size - 1, wanted).astype(np.int64)]
        return cls(size, modulus, np.unique(chosen))

    @classmethod
    def of_state(
        cls, size: int, modulus: int, arrays: Mapping[str, np.ndarray], name: str = "remainders"
    ) -> Self:
        """The numbers that a state describes. Raises StoreError where they contradict each other."""
        free = array_of(arrays, name, "i")
        below = 0 < modulus <= size and ((free >= 0) & (free < modulus)).all()
        if not below or np.unique(free).size < free.size:
            raise StoreError.of_model(
                "what is stored of numbers that are free contradicts itself.",
                "Different remainders below a modulus that is within the range.",
            )
        return cls(size, modulus, free)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.remainders) * (self.size // self.modulus)

    def pick(self, index: np.ndarray, key: int) -> np.ndarray:
        """The index-th of them in a scattered order: int64 in range(size), distinct for distinct indices."""
        place = scatter(index, self.count, key)
        return place // len(self.remainders) * self.modulus + self.remainders[place % len(self.remainders)]


@dataclass(frozen=True, eq=False)
class Counting:
    """Identifiers that count up: prefix, number (padded with zeros to `width`), suffix."""

    prefix: str
    suffix: str
    width: int
    start: int

    def make(self, index: np.ndarray, key: int) -> list[str]:
        """The index-th identifiers after the last of the data."""
        return [
            f"{self.prefix}{number:0{self.width}d}{self.suffix}" for number in (self.start + index).tolist()
        ]


@dataclass(frozen=True, eq=False)
class Shape:
    """Identifiers of one length: which characters may stand in each place, and which numbers are free.

    longest: the length that none of the data's identifiers exceeds, so that longer ones are new.
    """

    alphabets: Sequence[str]
    free: FreeNumbers
    longest: int

    @classmethod
    def of(cls, texts: list[str], numeric: bool, most: str = "") -> Self:
        """The shape of the texts: the narrowest that has room for ten times as many.

        most: the largest number that the column's type holds, where its numbers may be as long.
        """
        found = cls.free_of(texts, _below(_alphabets(texts, numeric, 0), most))
        for loose in (1, 2):
            if found.free.count >= 10 * len(texts):
                break
            wider = cls.free_of(texts, _below(_alphabets(texts, numeric, loose), most))
            found = wider if wider.free.count > found.free.count else found
        return found

    @classmethod
    def free_of(cls, texts: list[str], alphabets: Sequence[str]) -> Self:
        """A shape that makes none of the texts."""
        fitting = [text for text in texts if len(text) == len(alphabets)]
        size = _size(alphabets)
        if not alphabets:  # nothing but empty text: all that are made have digits added
            return cls(alphabets, FreeNumbers(1, 1, np.zeros(0, dtype=np.int64)), 0)
        used = [np.zeros(0, dtype=np.int64)]
        for begin in range(0, len(fitting), _CHUNK):
            used.append(_read(fitting[begin : begin + _CHUNK], alphabets))
        longest = max(map(len, texts), default=0)
        return cls(alphabets, FreeNumbers.beside(np.unique(np.concatenate(used)), size), longest)

    def make(self, index: np.ndarray, key: int) -> list[str]:
        """The index-th identifiers of the shape; where it is used up, with more digits at the end."""
        out = np.empty(len(index), dtype=object)
        begin = 0
        extra = 0
        while True:
            if extra == 0:
                alphabets, count = self.alphabets, self.free.count
            else:
                alphabets = [*self.alphabets, *[DIGITS] * extra]
                count = _size(alphabets)
            here = (index >= begin) & (index < begin + count)
            if here.any():
                inner = index[here] - begin
                numbers = self.free.pick(inner, key) if extra == 0 else scatter(inner, count, key)
                out[here] = _write(numbers, alphabets, key)
            begin += count
            if not (index >= begin).any():
                return out.tolist()
            extra = max(extra, self.longest - len(self.alphabets)) + 1


def counter(texts: list[str]) -> Counting | None:
    """The sequence that fills most of its range, or None where the texts are none."""
    low, high = min(texts), max(texts)
    prefix = os.path.commonprefix([low, high]).rstrip(DIGITS)
    suffix = low[len(low.rstrip(_non_digits(low))) :]
    if len(low) <= len(prefix) + len(suffix) or not all(text.endswith(suffix) for text in texts):
        return None
    middles = [text[len(prefix) : len(text) - len(suffix)] for text in texts]
    if not all(middle.isdecimal() and middle.isascii() and len(middle) <= 18 for middle in middles):
        return None
    lengths = set(map(len, middles))
    padded = any(middle[0] == "0" and len(middle) > 1 for middle in middles)
    if padded and len(lengths) > 1:
        shortest = min(lengths)  # 0998 ... 1000 ... 12000: padded to four, then longer
        if any(middle[0] == "0" and len(middle) > shortest for middle in middles):
            return None
    numbers = np.unique(np.array(middles, dtype=np.int64))
    if 2 * numbers.size <= int(numbers[-1] - numbers[0]) + 1:
        return None
    return Counting(prefix, suffix, min(lengths) if padded else 0, int(numbers[-1]) + 1)


def _non_digits(text: str) -> str:
    return "".join(set(text) - set(DIGITS))


def _points(texts: list[str], length: int) -> np.ndarray:
    """The code points of texts of one length: uint32 (rows, length)."""
    return np.array(texts, dtype=f"U{length}").view(np.uint32).reshape(len(texts), length)


def _alphabets(texts: list[str], numeric: bool, loose: int) -> list[str]:
    """Which characters may stand in each place, after the texts of the commonest length.

    loose: 0 keeps to the characters seen where they are few; 1 allows their whole class (digits, letters of
    that case, hexadecimal digits); 2 also in places where one digit stood always.
    """
    sample = texts[:: max(1, len(texts) // _CHUNK)]
    length = Counter(map(len, sample)).most_common(1)[0][0]
    if length == 0:
        return []
    sample = [text for text in sample if len(text) == length]
    seen = [np.unique(places).tolist() for places in _points(sample, length).T]
    chars = ["".join(map(chr, places)) for places in seen]
    uuid = all(map(_UUID.fullmatch, sample))
    letters = {letter for place in chars if len(place) > 1 for letter in place if letter.isalpha()}
    hexadecimal = bool(letters) and letters <= set("abcdefABCDEF")
    found: list[str] = []
    hex_digits = 0
    for place, held in enumerate(chars):
        if uuid and held[0] in DIGITS + _LOWER + UPPER:
            hex_digits += 1
            if hex_digits in (13, 17):  # the version and the variant say what kind of UUID it is
                found.append(held)
                continue
            case = "ABCDEF" if any(letter in letters for letter in "ABCDEF") else "abcdef"
            found.append(DIGITS + case)
        elif not held.isascii() or not held.isalnum():
            found.append(held)
        elif len(held) == 1 and len(sample) > 1 and not (loose == 2 and held.isdecimal()):
            found.append(held)
        elif len(held) < 5 and len(sample) >= 100 and not loose:
            found.append(held)
        else:
            digits = DIGITS if any(letter in DIGITS for letter in held) else ""
            if digits and "0" not in held and (len(sample) >= 100 or (numeric and place == 0)):
                digits = DIGITS[1:]
            if hexadecimal and (digits or len(sample) < 100):
                digits += "".join(
                    case for case in ("abcdef", "ABCDEF") if any(letter in letters for letter in case)
                )
            else:
                for case in (UPPER, _LOWER):
                    digits += case if any(letter in case for letter in held) else ""
            found.append(digits)
    return found


def _below(alphabets: list[str], most: str) -> list[str]:
    """The characters of each place without those that would make a number of as many digits larger.

    >>> _below(["123", "0123456789", "05"], "255")
    ['1', '0123456789', '05']
    """
    if len(alphabets) != len(most):
        return alphabets
    out = list(alphabets)
    for place, top in enumerate(most):
        lower = "".join(digit for digit in out[place] if digit < top)
        # as many numbers as can be: smaller here, or as large here and smaller at the next place
        after = alphabets[place + 1] if place + 1 < len(most) else ""
        narrow = (1 + len(lower)) * sum(digit < most[place + 1] for digit in after)
        if lower and len(lower) * len(after) >= narrow:
            out[place] = lower
            return out
        out[place] = "".join(digit for digit in out[place] if digit <= top)
        if not out[place]:
            return alphabets  # none of that length fits: it is said where they are made
        if top not in out[place]:
            return out
        if place:
            out[place] = top
    return out


def _counted(alphabets: Sequence[str]) -> list[int]:
    """The places, last first, whose characters spell the number; those before it are drawn."""
    places: list[int] = []
    size = 1
    for place in reversed(range(len(alphabets))):
        if size * len(alphabets[place]) > _LARGEST:
            break
        size *= len(alphabets[place])
        places.append(place)
    return places


def _size(alphabets: Sequence[str]) -> int:
    """How many numbers a shape can spell."""
    size = 1
    for place in _counted(alphabets):
        size *= len(alphabets[place])
    return size


def _write(numbers: np.ndarray, alphabets: Sequence[str], key: int) -> list[str]:
    """Numbers spelled in the characters of each place, the last place counting fastest."""
    out = np.empty((len(numbers), len(alphabets)), dtype=np.uint32)
    rest = numbers.astype(np.int64)
    counted = _counted(alphabets)
    for place in counted:
        table = np.array([ord(letter) for letter in alphabets[place]], dtype=np.uint32)
        rest, digit = np.divmod(rest, len(table))
        out[:, place] = table[digit]
    for place in set(range(len(alphabets))) - set(counted):
        table = np.array([ord(letter) for letter in alphabets[place]], dtype=np.uint32)
        salt = np.uint64((key ^ (place + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
        drawn = mix(numbers.astype(np.uint64) ^ salt) % np.uint64(len(table))
        out[:, place] = table[drawn.astype(np.int64)]
    return out.view(f"U{len(alphabets)}").reshape(-1).tolist() if len(alphabets) else [""] * len(numbers)


def _read(texts: list[str], alphabets: Sequence[str]) -> np.ndarray:
    """The numbers that the texts spell; texts that no number spells are left out."""
    if not texts or not alphabets:
        return np.zeros(0, dtype=np.int64)
    points = _points(texts, len(alphabets))
    numbers = np.zeros(len(texts), dtype=np.int64)
    spelled = np.ones(len(texts), dtype=bool)
    for place in reversed(_counted(alphabets)):
        table = np.array([ord(letter) for letter in alphabets[place]])
        order = np.argsort(table)
        found = np.searchsorted(table[order], points[:, place]).clip(0, len(table) - 1)
        spelled &= table[order][found] == points[:, place]
        numbers = numbers * len(table) + order[found]
    return numbers[spelled]


COUNTER = Record(
    {
        "prefix": Text(1_000),
        "suffix": Text(1_000),
        "width": Whole(0, 1_000),
        "start": Whole(-(1 << 62), 1 << 62),
    }
)

_SHAPE = Record(
    {
        "alphabets": ListOf(Text(100_000), most=10_000),
        "modulus": Whole(1, 1 << 62),
        "longest": Whole(0, 100_000),
    }
)


def shape_from_state(values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Shape:
    """The shape whose state this is, checked."""
    _SHAPE.check({name: values.get(name) for name in _SHAPE.kinds}, "its shape")
    alphabets = values["alphabets"]
    size = _size(alphabets) if all(alphabets) else 0
    return Shape(alphabets, FreeNumbers.of_state(size, values["modulus"], arrays), values["longest"])


def show_place(alphabet: str) -> str:
    """One character that stands for all that may stand in a place."""
    if len(alphabet) == 1:
        return alphabet
    if alphabet.isdecimal():
        return "#"
    return "^" if set(alphabet) <= set(DIGITS + "abcdefABCDEF") else "?"
