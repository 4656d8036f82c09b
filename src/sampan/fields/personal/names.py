"""Invented names: of people, of the accounts made out of them, of companies, and of streets."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

import numpy as np

from sampan.fields.identifier import FreeNumbers
from sampan.fields.personal.draw import NOTHING, SAMPLE, Draw, Learned, Style
from sampan.fields.personal.pools import case_of, in_case, is_han, pool_of

# --- names
_TITLES = frozenset(
    (
        "mr mrs ms miss mx dr prof professor master rev sir dame lady lord capt col major madam "
        "mme mlle herr frau"
    ).split()
)


def learn_name(texts: list[str], locale: str) -> Learned:
    """The style of names of people."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    first, last = pool_of(locale, "first_name", "last_name")
    comma = 2 * sum("," in text for text in sample) > len(sample)
    titles: Counter[str] = Counter()
    middles = 0
    loud = 0
    for text in sample:
        words = re.sub(r"\(.*?\)|\"", " ", text).replace(",", " , ").split()
        titled = [word for word in words if word.rstrip(".").lower() in _TITLES]
        titles[titled[0] if titled else ""] += 1
        plain = [word for word in words if word not in titled]
        given = plain[plain.index(",") + 1 :] if "," in plain else plain[:-1]
        middles += len(given) > 1
        loud += len(plain) > 1 and plain[0].isupper() and len(plain[0]) > 1 and not plain[-1].isupper()
    han = sum(map(is_han, "".join(sample))) > 0
    style = {
        "first": first,
        "last": last,
        "order": "joined" if han and locale[:2] in ("zh", "ja", "ko") else "comma" if comma else "plain",
        "gap": " " if 2 * sum(" " in text.strip() for text in sample) > len(sample) else "",
        "loud": 2 * loud > len(sample),
        "titles": {title: count for title, count in titles.items() if title == "" or count > 1},
        "middle": middles / len(sample),
        "case": case_of(sample),
    }
    return style, NOTHING


def make_name(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented names of people."""
    first, last = draw.of(style["first"], draw.first), draw.of(style["last"], draw.last)
    if style["order"] == "joined":
        return [family + style["gap"] + given for given, family in zip(first, last, strict=True)]
    middle = draw.of(style["first"])
    double = (draw.rng.random(draw.count) < style["middle"]).tolist()
    given = [f"{a} {b}" if both else a for a, b, both in zip(first, middle, double, strict=True)]
    titles = list(style["titles"])
    chosen = draw.weighted(list(style["titles"].values())) if titles else np.zeros(draw.count, dtype=np.int64)
    spaced = [f"{title} " if title else "" for title in titles] or [""]
    title = [spaced[place] for place in chosen.tolist()]
    if style["loud"]:
        made = [f"{t}{b.upper()} {a}" for t, a, b in zip(title, given, last, strict=True)]
    elif style["order"] == "comma":
        made = [f"{b}, {t}{a}" for t, a, b in zip(title, given, last, strict=True)]
    else:
        made = [f"{t}{a} {b}" for t, a, b in zip(title, given, last, strict=True)]
    return in_case(made, style["case"])


def learn_part(part: str) -> Callable[[list[str], str], Learned]:
    """What learns the style of first or of last names."""

    def learn(texts: list[str], locale: str) -> Learned:
        (pool,) = pool_of(locale, f"{part}_name")
        return {"pool": pool, "case": case_of(texts[:SAMPLE])}, NOTHING

    return learn


def make_first(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented first names."""
    return in_case(draw.of(style["pool"], draw.first), style["case"])


def make_last(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented last names."""
    return in_case(draw.of(style["pool"], draw.last), style["case"])


# --- what is made of a name: e-mail addresses, user names, web pages
_RESERVED = ("example.com", "example.org", "example.net", "mail.example", "post.example", "home.example")


def _plain(words: list[str]) -> list[str]:
    """Words in the letters a to z."""
    flat = [unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower() for word in words]
    return [re.sub(r"[^a-z]", "", word) or "x" for word in flat]


def learn_account(texts: list[str], locale: str) -> Learned:
    """E-mail addresses, user names and web addresses: the style of a name as part of one."""
    latin = locale[:2] not in ("zh", "ja", "ko", "ru")
    first, last = pool_of(locale if latin else "en_GB", "first_name", "last_name")
    sample = texts[:SAMPLE]
    mails = [text.rpartition("@")[0] or text for text in sample]
    marks = Counter(next((letter for letter in text if letter in "._-"), "") for text in mails)
    held = {_domain(text) for text in texts}
    # a domain that the data never use, so that nothing made can be in the data
    domain = next((name for name in _RESERVED if name not in held), f"x{len(held)}.example")
    secure = 2 * sum(text.lower().startswith("http://") for text in sample) <= len(sample)
    taken = max((len(digits) for text in mails for digits in re.findall(r"\d+$", text)), default=0)
    style = {
        "first": first,
        "last": last,
        "mark": marks.most_common(1)[0][0],
        "domain": domain,
        "start": "https://" if secure else "http://",
        "case": case_of(mails) if case_of(mails) == "upper" else "lower",
        "digits": taken,
    }
    return style, NOTHING


def _domain(text: str) -> str:
    """The domain of an e-mail or web address, in lower case."""
    bare = re.sub(r"^[a-z]+://(www\.)?", "", text.strip().lower()).rpartition("@")[2]
    return re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(">")


def _accounts(draw: Draw, style: Style) -> list[str]:
    first = draw.of(_plain(style["first"]), draw.first)
    last = draw.of(_plain(style["last"]), draw.last)
    mark = style["mark"]
    words = zip(first, last, draw.suffixes(), strict=True)
    return [f"{a}{mark}{b}{number}" for a, b, number in words]


def make_mail(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented e-mail addresses."""
    at = "@" + style["domain"]
    return in_case([name + at for name in _accounts(draw, style)], style["case"])


def make_user(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented user names."""
    # more digits than any user name of the data ends in, so that none comes back
    pad = "0" * max(0, style["digits"] - 3)
    first = draw.of(_plain(style["first"]), draw.first)
    last = draw.of(_plain(style["last"]), draw.last)
    words = zip(first, last, draw.suffixes(), strict=True)
    return in_case([f"{a[0]}{style['mark']}{b}{pad}{number}" for a, b, number in words], style["case"])


def make_url(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented web addresses."""
    start = f"{style['start']}{style['domain']}/"
    return [start + name for name in _accounts(draw, style)]


# --- companies and addresses
def learn_company(texts: list[str], locale: str) -> Learned:
    """The style of names of companies."""
    (pool,) = pool_of(locale, "company")
    held = set(texts)
    return {
        "pool": [name for name in pool if name not in held] or pool,
        "case": case_of(texts[:SAMPLE]),
    }, NOTHING


def make_company(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented names of companies."""
    return in_case(draw.of(style["pool"]), style["case"])


def learn_address(texts: list[str], locale: str) -> Learned:
    """The style of addresses."""
    sample = texts[:SAMPLE]
    streets, cities, codes = pool_of(locale, "street_name", "city", "postcode")
    if locale.startswith("zh"):
        streets = [street if street[-1] in "路街道巷" else street + "路" for street in streets]
        number = "{number}號" if locale == "zh_TW" else "{number}号"
        style = "{city}{street}" + number
    else:
        gap = "\n" if 2 * sum("\n" in text for text in sample) > len(sample) else ", "
        single = 2 * sum("," in text or "\n" in text for text in sample) <= len(sample)
        coded = 2 * sum(bool(re.search(r"\d[A-Z0-9 -]*$", text)) for text in sample) > len(sample)
        style = "{number} {street}"
        if not single:
            style += gap + "{city}" + (gap + "{code}" if coded else "")
    return {
        "streets": streets,
        "cities": cities,
        "codes": codes,
        "style": style,
        "case": case_of(sample),
    }, NOTHING


def make_address(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented addresses."""
    parts = {
        "number": draw.rng.integers(1, 300, draw.count).tolist(),
        "street": draw.of(style["streets"]),
        "city": draw.of(style["cities"]),
        "code": draw.of(style["codes"]),
    }
    # cut once, so that no row looks at the template
    pieces = re.split(r"\{(\w+)\}", style["style"])
    columns = [
        parts[piece] if place % 2 else [piece] * draw.count for place, piece in enumerate(pieces) if piece
    ]
    return in_case(["".join(map(str, row)) for row in zip(*columns, strict=True)], style["case"])
