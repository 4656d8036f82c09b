"""Invented numbers: telephones, identity and payment cards, bank accounts, passports, networks."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from sampan.fields.personal.draw import NOTHING, SAMPLE, Draw, Learned, Style, beside
from sampan.fields.personal.pools import in_case
from sampan.fields.personal.signs import HKID, IBAN, mainland_check, mainland_sound
from sampan.fields.shape import FreeNumbers, Shape, shape_from_state


# --- numbers written in groups
def _digit_matrix(numbers: np.ndarray, width: int) -> np.ndarray:
    """The decimal digits of numbers: int64 (rows, width)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def _shapes(texts: list[str], most: int = 8) -> dict[str, int]:
    """How the digits of texts are grouped, '#' for each, with how often: the commonest shapes."""
    shapes = Counter(re.sub(r"[0-9]", "#", text) for text in texts)
    # letters (an extension, a remark) are no style but content
    tidy = [
        (shape, n)
        for shape, n in shapes.most_common(50)
        if not re.search(r"[^\W\d_]", shape) and "#" in shape
    ]
    return dict(tidy[:most])


def _fill(shape: str, digits: np.ndarray) -> list[str]:
    """Digits (rows, number of '#') put into a shape."""
    out = np.empty((len(digits), len(shape)), dtype=np.uint32)
    used = 0
    for place, letter in enumerate(shape):
        if letter == "#":
            out[:, place] = digits[:, used] + ord("0")
            used += 1
        else:
            out[:, place] = ord(letter)
    return out.view(f"U{len(shape)}").reshape(-1).tolist()


def _spread(
    draw: Draw, shapes: Sequence[str], weights: Sequence[float], fill: Callable[..., list[str]]
) -> list[str]:
    """Rows shared among shapes by weight; fill(shape number, rows) gives the texts of some rows."""
    out = np.empty(draw.count, dtype=object)
    chosen = draw.weighted(weights)
    for place in range(len(shapes)):
        here = np.flatnonzero(chosen == place)
        if here.size:
            out[here] = fill(place, here)
    return out.tolist()


# --- telephone numbers
_DRAMA_MOBILE = ("7700900",)
_DRAMA_FIXED = tuple(
    "1632960 1134960 1144960 1154960 1164960 1174960 1184960 1214960 1314960 1414960 1514960 1614960 "
    "2079460 1914980 2920180".split()
)
_AREAS = (
    "201 202 203 206 212 213 214 215 216 303 305 310 312 313 314 402 404 405 408 410 412 415 416 503 504 "
    "512 513 514 602 604 612 613 614 615 617 619 702 703 704 713 714 716 718 801 804 808 813 816 901 916"
)
_MAINLAND = tuple("130 131 132 133 135 136 137 138 139 150 151 152 158 159 176 177 180 186 188 189".split())


_EXTENSION = re.compile(r"\s*(?:x|ext\.?|#)\s*\d+\s*$", re.IGNORECASE)


def _plan(numbers: list[str]) -> tuple[str, list[str], int, str]:
    """(country, leads, digits after the lead, digits before it) that most numbers (bare digits) follow."""
    rows = len(numbers)

    def most(pattern: str) -> list[str]:
        found = [match[1] for match in map(re.compile(pattern).fullmatch, numbers) if match]
        return found if len(found) > 0.6 * rows else []

    if found := most(r"(?:00)?(?:852)?([235679]\d{7})"):
        leads = Counter(number[0] for number in found)
        return "HK", sorted(lead for lead, n in leads.items() if n >= 0.01 * rows), 7, "852"
    if most(r"(?:00)?(?:86)?(1[3-9]\d{9})"):
        return "CN", list(_MAINLAND), 8, "86"
    if found := most(r"(?:0|(?:00)?440?)([1-3578]\d{8,9})"):
        mobile = 2 * sum(number[0] == "7" for number in found) > len(found)
        return "GB", list(_DRAMA_MOBILE if mobile else _DRAMA_FIXED), 3, "44"
    if most(r"(?:00)?1?([2-9]\d{2}[2-9]\d{6})"):
        return "US", [area + "55501" for area in _AREAS.split()], 2, "1"
    return "", [], 0, ""


def learn_phone(texts: list[str], locale: str) -> Learned:
    """The style of telephone numbers."""
    texts = [_EXTENSION.sub("", text) for text in texts]
    shapes = _shapes(texts) or {"#### ####": 1}
    bare = [re.sub(r"\D", "", text) for text in texts]
    country, leads, after, _ = _plan(bare)
    if country == "":
        length = Counter(map(len, bare)).most_common(1)[0][0]
        same = [number for number in bare if len(number) == length] if length > 5 else ["20000000"]
        after = max(4, min(len(same[0]) - 3, 9))
        kept = Counter(number[: len(number) - after] for number in same)
        leads = [lead for lead, _ in kept.most_common(200)]
    national = len(leads[0]) + after
    fitting = {shape: n for shape, n in shapes.items() if shape.count("#") >= national}
    fitting = fitting or {"#" * national: 1}
    before: list[str] = []
    for shape in fitting:
        extra = shape.count("#") - national
        heads = Counter(
            re.sub(r"\D", "", text)[:extra] for text in texts[:SAMPLE] if re.sub(r"[0-9]", "#", text) == shape
        )
        before.append(heads.most_common(1)[0][0] if heads and extra else "0" * extra)
    style = {
        "shapes": list(fitting),
        "weights": list(fitting.values()),
        "before": before,
        "leads": leads,
        "after": after,
    }
    return style, nobodys_phones(style, texts)


def nobodys_phones(style: Style, texts: list[str]) -> FreeNumbers:
    """The telephone numbers of a style that are none of `texts`."""
    leads, after = style["leads"], style["after"]
    place = {lead: row for row, lead in enumerate(leads)}
    national = len(leads[0]) + after
    bare = [re.sub(r"\D", "", _EXTENSION.sub("", text)) for text in texts]
    ends = [number[-national:] for number in bare if len(number) >= national]
    used = [place[end[:-after]] * 10**after + int(end[-after:]) for end in ends if end[:-after] in place]
    return beside(np.unique(np.array(used, dtype=np.int64)), len(leads) * 10**after)


def make_phone(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented telephone numbers."""
    numbers = draw.numbers(free)
    after = style["after"]
    leads = np.array([[int(digit) for digit in lead] for lead in style["leads"]], dtype=np.int64)
    digits = np.hstack([leads[numbers // 10**after], _digit_matrix(numbers % 10**after, after)])

    def fill(place: int, rows: np.ndarray) -> list[str]:
        before = np.array([int(digit) for digit in style["before"][place]], dtype=np.int64)
        whole = np.hstack([np.broadcast_to(before, (len(rows), len(before))), digits[rows]])
        return _fill(style["shapes"][place], whole)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- Hong Kong identity cards
_UNISSUED = "IOQU"
"""Letters that begin no Hong Kong identity card number."""


def learn_hkid(texts: list[str], locale: str) -> Learned:
    """The style of Hong Kong identity card numbers."""
    matches = [match for match in map(HKID.fullmatch, texts[:SAMPLE]) if match]
    shapes = Counter((m[2], m[4], m[5], m[7], "lower" if m[1].islower() else "upper") for m in matches)
    shapes = shapes or Counter({("", "", "(", ")", "upper"): 1})
    used = [
        _UNISSUED.index(match[1].upper()) * 10**6 + int(match[3])
        for match in map(HKID.fullmatch, texts)
        if match and match[1].upper() in _UNISSUED
    ]
    free = beside(np.unique(np.array(used, dtype=np.int64)), len(_UNISSUED) * 10**6)
    common = shapes.most_common(6)
    return {"shapes": [list(shape) for shape, _ in common], "weights": [n for _, n in common]}, free


def make_hkid(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented Hong Kong identity card numbers."""
    numbers = draw.numbers(free)
    digits = _digit_matrix(numbers % 10**6, 6)
    letter = numbers // 10**6
    codes = np.array([ord(sign) - 55 for sign in _UNISSUED])[letter]
    check = -(36 * 9 + codes * 8 + digits @ np.arange(7, 1, -1)) % 11
    signs = [_UNISSUED[place] for place in letter.tolist()]
    checks = ["0123456789A"[place] for place in check.tolist()]
    bodies = [f"{number % 10**6:06d}" for number in numbers.tolist()]

    def fill(place: int, rows: np.ndarray) -> list[str]:
        gap, late, opening, closing, case = style["shapes"][place]
        made = [f"{signs[r]}{gap}{bodies[r]}{late}{opening}{checks[r]}{closing}" for r in rows.tolist()]
        return in_case(made, case)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- payment cards
_TEST_PREFIX = {"2": "222300", "3": "378282", "4": "400000", "5": "555555", "6": "601111"}
"""First six digits that issuers publish for testing, by the first digit."""


def learn_card(texts: list[str], locale: str) -> Learned:
    """The style of payment card numbers."""
    shapes: Counter[tuple[str, str]] = Counter()
    for text in texts[:: max(1, len(texts) // SAMPLE)]:
        shape = re.sub(r"[0-9]", "#", text.strip())
        digits = re.sub(r"\D", "", text)
        if 12 <= len(digits) <= 19 and not re.search(r"[^\W\d_]", shape):
            shapes[shape, _TEST_PREFIX.get(digits[0], "400000")] += 1
    common = shapes.most_common(8) or [(("#### #### #### ####", "400000"), 1)]
    tails = [re.sub(r"\D", "", text) for text in texts]
    used = [
        int(digits[6:-1][-9:])
        for digits in tails
        if len(digits) >= 12 and digits[:6] in _TEST_PREFIX.values()
    ]
    middle = min(min(shape.count("#") for (shape, _), _ in common) - 7, 9)
    inside = np.array(used, dtype=np.int64)
    free = beside(np.unique(inside % 10**middle), 10**middle)
    return {
        "shapes": [shape for (shape, _), _ in common],
        "prefixes": [prefix for (_, prefix), _ in common],
        "weights": [n for _, n in common],
        "middle": middle,
    }, free


def make_card(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented payment card numbers."""
    numbers = draw.numbers(free)

    def fill(place: int, rows: np.ndarray) -> list[str]:
        shape = style["shapes"][place]
        length = shape.count("#")
        digits = np.zeros((len(rows), length), dtype=np.int64)
        digits[:, :6] = [int(digit) for digit in style["prefixes"][place]]
        digits[:, length - 1 - style["middle"] : length - 1] = _digit_matrix(numbers[rows], style["middle"])
        doubled = digits[:, ::-1][:, 1::2] * 2
        total = digits[:, ::-1][:, 2::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
        digits[:, -1] = -total % 10
        return _fill(shape, digits)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- bank accounts
def learn_iban(texts: list[str], locale: str) -> Learned:
    """The style of bank accounts."""
    bare = [text.replace(" ", "").upper() for text in texts]
    sound = [text for text in bare if IBAN.fullmatch(text)] or ["GB82WEST12345698765432"]
    shapes = Counter(text[:2] + re.sub(r"[A-Z]", "X", re.sub(r"[0-9]", "#", text[4:])) for text in sound)
    common = shapes.most_common(4)
    bodies = []
    for shape, _ in common:
        body = shape[2:]
        # no bank's letters are X alone; where a bank has digits, 9999 is no bank's
        bodies.append(body if "X" in body else "9999" + body[4:])
    digits = min(min(body.count("#") for body in bodies), 12)
    tails = [int("".join(re.findall(r"\d", text[4:]))[-digits:] or 0) for text in sound]
    free = beside(np.unique(np.array(tails, dtype=np.int64)), 10**digits)
    return {
        "countries": [shape[:2] for shape, _ in common],
        "bodies": bodies,
        "weights": [n for _, n in common],
        "digits": digits,
        "spaced": 2 * sum(" " in text for text in texts) > len(texts),
    }, free


def make_iban(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented bank accounts."""
    numbers = draw.numbers(free)

    def fill(place: int, rows: np.ndarray) -> list[str]:
        body, country = style["bodies"][place], style["countries"][place]
        digits = _digit_matrix(numbers[rows], style["digits"])
        room = np.zeros((len(rows), body.count("#")), dtype=np.int64)
        room[:, room.shape[1] - style["digits"] :] = digits
        texts = _fill(body, room)
        remainder = np.zeros(len(rows), dtype=np.int64)
        used = 0
        for letter in body + country + "00":
            if letter == "#":
                remainder = (remainder * 10 + room[:, used]) % 97
                used += 1
            else:
                value = int(letter, 36)
                remainder = (remainder * (10 if value < 10 else 100) + value) % 97
        made = [f"{country}{98 - r:02d}{text}" for r, text in zip(remainder.tolist(), texts, strict=True)]
        if style["spaced"]:
            made = [" ".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in made]
        return made

    return _spread(draw, style["bodies"], style["weights"], fill)


# --- identity numbers: those of mainland China, and others by their shape only
_UNUSED = 99
"""First digits of no region of mainland China."""

_BORN = dt.date(1955, 1, 1)
_DAYS = 18_000


def learn_identity(texts: list[str], locale: str) -> Learned:
    """The style of identity numbers."""
    if 2 * sum(map(mainland_sound, texts)) <= len(texts):
        style, free = learn_shape(texts, locale)
        return {"mainland": False} | style, free
    used = []
    for text in texts:
        if mainland_sound(text) and text.startswith(str(_UNUSED)):
            days = (dt.date(int(text[6:10]), int(text[10:12]), 1) - _BORN).days + int(text[12:14]) - 1
            used.append((int(text[2:6]) * _DAYS + days % _DAYS) * 1000 + int(text[14:17]))
    return {"mainland": True}, beside(np.unique(np.array(used, dtype=np.int64)), 10**4 * _DAYS * 1000)


def make_identity(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented identity numbers."""
    if not style["mainland"]:
        return make_shape(draw, style, free)
    made = []
    for number in draw.numbers(free).tolist():
        rest, order = divmod(number, 1000)
        region, days = divmod(rest, _DAYS)
        body = f"{_UNUSED}{region:04d}{_BORN + dt.timedelta(days=days):%Y%m%d}{order:03d}"
        made.append(body + mainland_check(body))
    return made


# --- passports and accounts: their shape only
def learn_shape(texts: list[str], locale: str) -> Learned:
    """The style of passport and account numbers."""
    plain = all(text.isdecimal() and text[0] != "0" for text in texts)
    shape = Shape.of(texts, numeric=plain)
    return {
        "alphabets": list(shape.alphabets),
        "modulus": shape.free.modulus,
        "longest": shape.longest,
    }, shape.free


def make_shape(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented passport and account numbers."""
    return shape_from_state(style, {"remainders": free.remainders}).make(draw.index, draw.key)


# --- networks
def learn_ip(texts: list[str], locale: str) -> Learned:
    """The style of network addresses."""
    return {"six": 2 * sum(":" in text for text in texts) > len(texts)}, NOTHING


def make_ip(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented network addresses."""
    numbers = draw.integers(0, 1 << 32).tolist()
    if style["six"]:
        return [f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}" for number in numbers]
    nets = ("192.0.2.", "198.51.100.", "203.0.113.")
    return [nets[number % 3] + str(number // 3 % 254 + 1) for number in numbers]
