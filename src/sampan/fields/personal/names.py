"""Invented names: of people, of the accounts made out of them, and of companies."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from sampan.fields.personal.draw import NOTHING, SAMPLE, Draw, Learned, Style, beside
from sampan.fields.personal.lexicon import HAN_TITLES, TITLES, cantonese, first_names, romanised, syllables
from sampan.fields.personal.pools import case_of, in_case, is_han, pool_of
from sampan.fields.shape import FreeNumbers


# --- names
def learn_name(texts: list[str], locale: str) -> Learned:
    """The style of names of people, and which pairs of first and last name are nobody's here."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    han = sum(map(is_han, "".join(sample))) > 0
    chinese = not han and _is_romanised(sample)
    first, last = romanised_pool(sample) if chinese else pool_of(locale, "first_name", "last_name")
    comma = 2 * sum("," in text for text in sample) > len(sample)
    titles: Counter[str] = Counter()
    middles, loud, ahead = 0, 0, 0
    for text in sample:
        words = re.sub(r"\(.*?\)|\"", " ", text).replace(",", " , ").split()
        titled = [word for word in words if word.rstrip(".").lower() in TITLES]
        titles[titled[0] if titled else ""] += 1
        plain = [word for word in words if word not in titled]
        given = plain[plain.index(",") + 1 :] if "," in plain else plain[:-1]
        middles += len(given) > 1
        loud += len(plain) > 1 and plain[0].isupper() and len(plain[0]) > 1 and not plain[-1].isupper()
        ahead += bool(plain) and plain[0].lower() in romanised()
    joined = han and locale[:2] in ("zh", "ja", "ko")
    after = Counter(next((title for title in HAN_TITLES if text.endswith(title)), "") for text in sample)
    if joined:
        titles = after
    order = "joined" if joined else "comma" if comma else "plain"
    if chinese and order == "plain" and 2 * ahead > len(sample):
        order = "family first"
    style = {
        "first": first,
        "last": last,
        "order": order,
        "gap": " " if 2 * sum(" " in text.strip() for text in sample) > len(sample) else "",
        "loud": 2 * loud > len(sample),
        "titles": {title: count for title, count in titles.items() if title == "" or count > 1},
        "middle": 0.0 if chinese or joined else middles / len(sample),
        "case": case_of(sample),
    }
    return nobodys_names(style, texts)


def nobodys_names(style: Style, texts: list[str]) -> Learned:
    """A style, with more names where there are many people, and the pairs that nobody of `texts` bears."""
    first, last = style["first"], style["last"]
    free = beside(borne(texts, first, last), len(first) * len(last))
    if style["order"] == "joined" and free.modulus == 1 and len(texts) > len(first):
        first = _more_given(first)  # as many people as Faker has names
        free = beside(borne(texts, first, last), len(first) * len(last))
    return style | {"first": first}, free


def _is_romanised(sample: list[str]) -> bool:
    """Whether most names are Chinese ones in Latin letters."""
    some = sample[:500]
    own = [set(re.findall(r"[a-z-]+", text.lower())) & romanised() for text in some]
    western = [set(re.findall(r"[a-z]+", text.lower())) & first_names() - romanised() for text in some]
    return sum(bool(a and not b) for a, b in zip(own, western, strict=True)) > 0.5 * len(some)


def romanised_pool(sample: list[str]) -> list[list[str]]:
    """Given names and surnames of Hong Kong in Latin letters, joined as the sample joins them."""
    hyphen = 2 * sum("-" in text for text in sample) > len(sample)
    small = hyphen and sum(bool(re.search("-[a-z]", text)) for text in sample) > 0.25 * len(sample)
    sounds = syllables()
    given = [
        f"{a}{'-' if hyphen else ' '}{b.lower() if small else b}" for a in sounds for b in sounds if a != b
    ]
    return [given, list(cantonese())]


def _more_given(given: list[str]) -> list[str]:
    """More Chinese given names, of the same characters."""
    letters = sorted({letter for name in given for letter in name})[:160]
    return sorted({*given, *(a + b for a in letters for b in letters if a != b)})


def borne(texts: list[str], first: list[str], last: list[str]) -> np.ndarray:
    """The pairs of first and last names that people of the data bear, however it is written: int64."""
    firsts = {_folded(name): place for place, name in enumerate(first)}
    lasts = {_folded(name): place for place, name in enumerate(last)}
    found = set()
    for text in texts:
        for given, family in _readings(text):
            if given in firsts and family in lasts:
                found.add(firsts[given] * len(last) + lasts[family])
    return np.array(sorted(found), dtype=np.int64)


def _folded(name: str) -> str:
    return " ".join(name.replace("-", " ").casefold().split())


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Every way in which a text may be a given and a family name."""
    plain = re.sub(r"\(.*?\)|\"", " ", text)
    han = "".join(filter(is_han, plain))
    for title in HAN_TITLES:
        han = han.removesuffix(title)
    for cut in (1, 2):
        if len(han) > cut:
            yield han[cut:], han[:cut]
            yield han[:cut], han[cut:]
    words = [word for word in re.split(r"[\s,]+", plain) if word and word.rstrip(".").lower() not in TITLES]
    words = [word for word in words if not is_han(word[0])][:6]
    for cut in range(1, len(words)):
        head, tail = _folded(" ".join(words[:cut])), _folded(" ".join(words[cut:]))
        yield from ((head, tail), (tail, head))
        yield from ((_folded(words[0]), tail), (_folded(words[cut]), head))  # with a middle name


def make_name(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented names of people."""
    first, last = draw.of(style["first"], draw.first), draw.of(style["last"], draw.last)
    if style["order"] == "joined":
        titles = list(style["titles"]) or [""]
        after = [titles[place] for place in draw.weighted(list(style["titles"].values()) or [1])]
        parts = zip(last, first, after, strict=True)
        return [family + style["gap"] + given + title for family, given, title in parts]
    middle = draw.of(style["first"])
    double = (draw.random() < style["middle"]).tolist()
    given = [f"{a} {b}" if both else a for a, b, both in zip(first, middle, double, strict=True)]
    titles = list(style["titles"])
    chosen = draw.weighted(list(style["titles"].values())) if titles else np.zeros(draw.count, dtype=np.int64)
    spaced = [f"{title} " if title else "" for title in titles] or [""]
    title = [spaced[place] for place in chosen.tolist()]
    form = {"family first": "{t}{b} {a}", "comma": "{b}, {t}{a}"}.get(style["order"], "{t}{a} {b}")
    if style["loud"]:
        form, last = "{t}{b} {a}", [name.upper() for name in last]
    made = [form.format(t=t, a=a, b=b) for t, a, b in zip(title, given, last, strict=True)]
    return in_case(made, style["case"])


def learn_part(part: str) -> Callable[[list[str], str], Learned]:
    """What learns the style of first or of last names."""

    def learn(texts: list[str], locale: str) -> Learned:
        (pool,) = pool_of(locale, f"{part}_name")
        held = {text.strip().casefold() for text in texts}
        other = [name for name in pool if name.casefold() not in held]
        # a first name alone is nobody's; but where there are others enough, none of the data's comes back
        return {"pool": other if len(other) >= 20 else pool, "case": case_of(texts[:SAMPLE])}, NOTHING

    return learn


def make_part(part: str) -> Callable[[Draw, Style, FreeNumbers], list[str]]:
    """What invents first or last names."""
    return lambda draw, style, free: in_case(draw.of(style["pool"], getattr(draw, part)), style["case"])


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


def _accounts(draw: Draw, style: Style, letters: int | None = None, pad: str = "") -> list[str]:
    """Names of accounts, out of so many letters of a first name (all if None) and a last name."""
    first = draw.of(_plain(style["first"]), draw.first)
    last = draw.of(_plain(style["last"]), draw.last)
    words = zip(first, last, draw.suffixes(), strict=True)
    return [f"{a[:letters]}{style['mark']}{b}{pad}{number}" for a, b, number in words]


def make_mail(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented e-mail addresses."""
    at = "@" + style["domain"]
    return in_case([name + at for name in _accounts(draw, style)], style["case"])


def make_user(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented user names: with more digits than any of the data's ends in, so that none comes back."""
    return in_case(_accounts(draw, style, 1, "0" * max(0, style["digits"] - 3)), style["case"])


def make_url(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented web addresses."""
    start = f"{style['start']}{style['domain']}/"
    return [start + name for name in _accounts(draw, style)]


# --- companies
def learn_company(texts: list[str], locale: str) -> Learned:
    """The style of names of companies."""
    pool, last = pool_of(locale, "company", "last_name")
    held = {text.strip().casefold() for text in texts}
    other = [name for name in pool if name.casefold() not in held]
    if len(other) < 50:  # as many companies as Faker has names
        end = "" if locale[:2] in ("zh", "ja") else " & "
        made = [f"{a}{end}{b}{'有限公司' if not end else ' Ltd'}" for a in last[:60] for b in last[-60:]]
        other += [name for name in made if name.casefold() not in held]
    return {"pool": other or pool, "case": case_of(texts[:SAMPLE])}, NOTHING


def make_company(draw: Draw, style: Style, free: FreeNumbers) -> list[str]:
    """Invented names of companies."""
    return in_case(draw.of(style["pool"]), style["case"])
