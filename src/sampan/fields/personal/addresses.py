"""Invented addresses: those of Hong Kong out of its own places, others out of Faker's.

None of them is one of the data's: their streets and estates are others, or, where the data name nearly all
of them, their house numbers are.
"""

from __future__ import annotations

import re
from collections import Counter

from sampan.fields.personal import lexicon
from sampan.fields.personal.draw import NOTHING, SAMPLE, Draw, Learned, Style
from sampan.fields.personal.pools import case_of, in_case, is_han, pool_of

_HK = re.compile(
    "香港|九龍|新界|[邨]|" + "|".join(sorted(word for word in lexicon.HK_WORDS if is_han(word[0])))
    + "|" + "|".join(sorted({*lexicon.HK_ESTATES, *lexicon.HK_STREETS}))
)  # fmt: skip
_HK_EN = re.compile(
    r"\bhong kong\b|\bkowloon\b|\bnew territories\b|\bnt\b|\b\d{1,2}/F\b|"
    + "|".join(re.escape(name) for name in sorted({*lexicon.HK_STREETS_EN, *lexicon.HK_DISTRICTS_EN})),
    re.IGNORECASE,
)
_TAIL = re.compile("[0-9A-Za-z]+[號号座樓楼室期閣阁].*")
_PLAIN_TAIL = re.compile("[#@號号座樓楼室期閣阁 ,，-]+")
_ENOUGH = 12
"""Streets that the data do not name: with fewer, house numbers are new instead."""


def learn_address(texts: list[str], locale: str) -> Learned:
    """The style of addresses."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    han = sum(any(map(is_han, text)) for text in sample) > 0.5 * len(sample)
    own = sum(bool((_HK if han else _HK_EN).search(text)) for text in sample) > 0.3 * len(sample)
    if own:
        style = _hong_kong(sample, texts) if han else _hong_kong_in_english(sample, texts)
    else:
        style = _elsewhere(sample, texts, locale)
    return style | {"case": case_of(sample)}, NOTHING


def _other(pool: list[str], texts: list[str]) -> tuple[list[str], int]:
    """(places that no address of the data names, or all where too few are left; the first house number)."""
    whole = "\n".join(texts).casefold()
    other = [name for name in dict.fromkeys(pool) if name.casefold() not in whole]
    if len(other) >= _ENOUGH:
        return other, 1
    numbers = [int(digits) for digits in re.findall(r"\d{1,6}", whole)]
    return list(dict.fromkeys(pool)), max(numbers, default=0) + 1


def _hong_kong(sample: list[str], texts: list[str]) -> Style:
    """District, street and number, or estate, with block, floor and flat as the data write them."""
    tails: Counter[str] = Counter()
    districts = 0
    for text in sample:
        match = _TAIL.search(text)
        tail = re.sub("[A-Za-z]+", "@", re.sub("[0-9]+", "#", match[0])) if match else ""
        if tail and _PLAIN_TAIL.fullmatch(tail):
            tails[tail] += 1
        districts += bool(
            re.match("香港|九龍|新界|" + "|".join(name[2:] for name in lexicon.HK_DISTRICTS), text)
        )
    common = dict(tails.most_common(8)) or {"#號#樓@室": 1}
    streets, first = _other(list(lexicon.HK_STREETS), texts)
    estates, also = _other(list(lexicon.HK_ESTATES), texts)
    pieces = ["{district}"] if 2 * districts > len(sample) else []
    forms = [
        "".join([*pieces, "{street}" if re.match("#[號号]", tail) else "{estate}", _slots(tail)])
        for tail in common
    ]
    return {
        "pools": {"district": list(lexicon.HK_DISTRICTS), "street": streets, "estate": estates},
        "forms": forms,
        "weights": list(common.values()),
        "least": max(first, also),
    }


def _slots(tail: str) -> str:
    """A tail such as "#號@座#樓@室" with a slot for each number and letter."""
    tail = re.sub("#(?=[號号])", "{number}", tail)
    tail = re.sub("#(?=[座期閣阁])", "{block}", tail)
    tail = re.sub("@(?=[座期閣阁])", "{wing}", tail)
    return tail.replace("#", "{floor}").replace("@", "{letter}")


def _hong_kong_in_english(sample: list[str], texts: list[str]) -> Style:
    """Flat, floor, number and street, district: those that most of the data have."""

    def most(pattern: str) -> bool:
        return sum(bool(re.search(pattern, text, re.IGNORECASE)) for text in sample) > 0.5 * len(sample)

    named = (
        "|".join(re.escape(name) for name in lexicon.HK_DISTRICTS_EN) + "|kowloon|hong kong|new territories"
    )
    streets, first = _other(list(lexicon.HK_STREETS_EN), texts)
    pieces = [
        *(["Flat {letter}"] if most(r"\bflat\b|\brm\b|\broom\b|\bunit\b") else []),
        *(["{floor}/F"] if most(r"\d/F\b") else []),
        *(["Block {block}"] if most(r"\bbl(oc)?k\b|\btower\b") else []),
        "{number} {street}",
        *(["{district}"] if most(rf"({named})[.\s]*$") else []),
    ]
    gap = "\n" if 2 * sum("\n" in text for text in sample) > len(sample) else ", "
    return {
        "pools": {"district": list(lexicon.HK_DISTRICTS_EN), "street": streets},
        "forms": [gap.join(pieces)],
        "weights": [1],
        "least": first,
    }


def _elsewhere(sample: list[str], texts: list[str], locale: str) -> Style:
    """Number, street, city and postcode of Faker's locale."""
    streets, cities, codes = pool_of(locale, "street_name", "city", "postcode")
    if locale.startswith("zh"):
        streets = [street if street[-1] in "路街道巷" else street + "路" for street in streets]
        form = "{district}{street}{number}" + ("號" if locale == "zh_TW" else "号")
    else:
        gap = "\n" if 2 * sum("\n" in text for text in sample) > len(sample) else ", "
        single = 2 * sum("," in text or "\n" in text for text in sample) <= len(sample)
        coded = 2 * sum(bool(re.search(r"\d[A-Z0-9 -]*$", text)) for text in sample) > len(sample)
        form = "{number} {street}"
        if not single:
            form += gap + "{district}" + (gap + "{code}" if coded else "")
    streets, first = _other(streets, texts)
    return {
        "pools": {"district": cities, "street": streets, "code": codes},
        "forms": [form],
        "weights": [1],
        "least": first,
    }


def make_address(draw: Draw, style: Style, free: object) -> list[str]:
    """Invented addresses."""
    if "forms" not in style:  # of a model of an earlier version
        pools = {"district": style["cities"], "street": style["streets"], "code": style["codes"]}
        form = style["style"].replace("{city}", "{district}")
        style = {"pools": pools, "forms": [form], "weights": [1], "least": 1, "case": style["case"]}
    least = style["least"]
    parts = {name: draw.of(pool) for name, pool in style["pools"].items()}
    parts["number"] = draw.integers(least, least + 300).tolist()
    parts["floor"] = draw.integers(1, 40).tolist()
    parts["block"] = draw.integers(least, least + 40).tolist()
    parts["letter"], parts["wing"] = draw.of([*"ABCDEFGH"]), draw.of([*"ABCDEF"])
    forms = [re.split(r"\{(\w+)\}", form) for form in style["forms"]]
    chosen = draw.weighted(style["weights"]).tolist()
    made = [
        "".join(str(parts[piece][row]) if place % 2 else piece for place, piece in enumerate(forms[form]))
        for row, form in enumerate(chosen)
    ]
    return in_case(made, style["case"])
