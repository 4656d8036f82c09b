"""The field and the codec of personal data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from sampan.arrow_type import name_of, named
from sampan.checked import Amount, ListOf, Plain, Record, Table, Text, Truth, Whole
from sampan.column import LONGEST, Column, missing
from sampan.errors import DataError, RequestError, nearest
from sampan.field import SAID, Claim, Field, Rows
from sampan.fields.identity import ALONE, Identity
from sampan.fields.invented import InventedCodec, cell_texts
from sampan.fields.personal import names, numbers
from sampan.fields.personal.addresses import learn_address, make_address
from sampan.fields.personal.draw import SAMPLE, Draw, Learned, Pairs, Style
from sampan.fields.personal.pools import locale_of
from sampan.fields.personal.recognition import judged, recognised
from sampan.fields.personal.signs import is_total
from sampan.fields.shape import FreeNumbers, Shape
from sampan.look import Ground, Look

KINDS: dict[
    str, tuple[Callable[[list[str], str], Learned], Callable[[Draw, Style, FreeNumbers], list[str]]]
] = {
    "name": (names.learn_name, names.make_name),
    "first name": (names.learn_part("first"), names.make_part("first")),
    "last name": (names.learn_part("last"), names.make_part("last")),
    "e-mail": (names.learn_account, names.make_mail),
    "phone": (numbers.learn_phone, numbers.make_phone),
    "address": (learn_address, make_address),
    "hkid": (numbers.learn_hkid, numbers.make_hkid),
    "card number": (numbers.learn_card, numbers.make_card),
    "passport": (numbers.learn_shape, numbers.make_shape),
    "id number": (numbers.learn_identity, numbers.make_identity),
    "account": (numbers.learn_shape, numbers.make_shape),
    "company": (names.learn_company, names.make_company),
    "iban": (numbers.learn_iban, numbers.make_iban),
    "url": (names.learn_account, names.make_url),
    "ip": (numbers.learn_ip, numbers.make_ip),
    "username": (names.learn_account, names.make_user),
}
"""The kinds of personal data that can be invented: what learns the style of each, and what makes it."""

WHATS = tuple(KINDS)
"""What they are called."""

_NUMBERED = frozenset(["e-mail", "url", "username", "passport", "account", "id number"])
"""Those whose every row has digits of its own."""

_COUNTED = frozenset(["hkid", "card number", "iban"])
"""Those that are numbers of a range, none of them in the data."""


@dataclass(frozen=True)
class Personal(Field):
    """A column of personal data, replaced and never learned.

    what: one of `WHATS`. locale: Faker's locale, such as en_GB or zh_TW; "" guesses it from the script.
    person: columns with the same word here speak of the same person. key: whether rows of one value belong
    together, and are made together.
    """

    kind: ClassVar[str] = "personal"
    words = (("personal:name", "personal data, replaced by invented ones (or e-mail, phone, address, ...)"),)
    invents: ClassVar[bool] = True
    what: str
    locale: str = ""
    person: str = ""
    key: bool = False

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            raise RequestError(
                f'"{self.what}" is no kind of personal data that Sampan can invent.'
                + nearest(self.what, WHATS),
                f"Known kinds: {', '.join(WHATS)}.",
                'For example: Personal("e-mail")',
            )

    @property
    def setting(self) -> str:
        """What it is, and whether it is a key."""
        return f"{self.what},key" if self.key else self.what

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim:
        """What somebody says it is, or what its cells show."""
        setting, key = setting.removesuffix(",key"), setting.endswith(",key")
        found = judged(look.name, look.column)
        if found is not None and setting in ("", found.what):
            return Claim(cls(found.what, person=found.person, key=key), SAID)
        if not setting:
            raise RequestError(
                f'nothing tells which personal data "{look.name}" holds.',
                "What it is, after a colon.",
                f'Type for instance: --personal "{look.name}=name"',
            )
        return Claim(cls(setting, key=key), SAID)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """What its cells surely give away of people."""
        found = look.once(recognised) if ground is Ground.PEOPLE else None
        if found is None or not found.is_sure:
            return None
        return Claim(
            cls(found.what, person=found.person),
            f"{found.what}: {found.why}",
            f"looks like personal data ({found.what}): invented values take its place. "
            f'To keep it: --keep "{look.name}"',
        )

    def fit(self, column: Column) -> PersonalCodec:
        """Learn the style. Raises DataError where no cell holds anything."""
        texts = cell_texts(column)
        if not texts:
            raise DataError(
                f"none of the {len(column)} cells holds a value.",
                "A column of personal data needs at least one, to take its style from.",
                "Give the column another type: --type COLUMN=constant",
            )
        gone = bool(missing(column).any()) or len(texts) < len(column)
        style, free = learned(self.what, texts, self.locale)
        return PersonalCodec(self.what, self.person, style, free, gone, name_of(column.type))


def learned(what: str, texts: list[str], locale: str = "") -> Learned:
    """The style of some cells, of which each counts once, however often it repeats."""
    texts = [text[:LONGEST] for text in dict.fromkeys(texts)]
    own = [text for text in texts if not is_total(text)] or texts
    return KINDS[what][0](own, locale or locale_of(own[:SAMPLE]))


@dataclass(frozen=True, eq=False)
class PersonalCodec(InventedCodec):
    """The style of a column of personal data.

    style: plain values, as `KINDS[what]` learned them. free: the numbers that may be made, where it makes
    numbers, or names, which are numbers of pairs. dtype: the word for the column's Arrow type. identity: whom
    the rows speak of. pairs: the names of these people, where another column says them.
    """

    kind: ClassVar[str] = "personal"
    noun: ClassVar[str] = "personal data"
    what: str
    person: str
    style: Style
    free: FreeNumbers
    has_missing: bool
    dtype: str
    identity: Identity = ALONE
    pairs: Pairs | None = None

    @property
    def unique(self) -> bool:
        """Whether no two made values are equal (up to some millions of rows)."""
        if self.identity.sizes is not None:
            return False
        return self.what in _NUMBERED or (self.what in _COUNTED and self.free.count >= 1_000_000)

    @property
    def fresh(self) -> bool:
        """Whether no made value can equal one of the data."""
        return self.what in _NUMBERED | _COUNTED

    def texts(self, rows: Rows) -> Sequence[str]:
        """Invented values, those of the row numbers, or of whom the rows speak."""
        people, place = np.unique(self.identity.of(rows), return_inverse=True)
        salt = f"{self.what} {self.identity.salt or self.person}"
        voice, pairs = self.identity.voice or self.person, self.pairs
        if self.what == "name":
            firsts, lasts = len(self.style["first"]), len(self.style["last"])
            fitting = self.free.size == firsts * lasts  # older models know no pairs
            pairs = Pairs(self.free, firsts, lasts) if fitting else None
        draw = Draw(people, rows.seed, salt, voice, pairs)
        made = np.array(KINDS[self.what][1](draw, self.style, self.free), dtype=object)
        return made[place].tolist()

    def avoiding(self, texts: list[str]) -> PersonalCodec:
        """The codec, which makes none of `texts` any more: cells of its kind out of every column of a table.

        Where so many are taken that no others can be told to be free, it stays as it is.
        """
        style, free = self.style, self.free
        if self.what == "name":
            style, free = names.nobodys_names(style, texts)
        elif self.what == "phone":
            free = numbers.nobodys_phones(style, texts)
        elif self.what == "hkid":
            free = numbers.learn_hkid(texts, "")[1]
        elif self.what in ("account", "passport", "id number") and style.get("alphabets"):
            places = [frozenset(place) for place in style["alphabets"]]
            fit = [text for text in texts if len(text) == len(places)]
            fit = [text for text in fit if all(a in b for a, b in zip(text, places, strict=True))]
            free = Shape.free_of(fit, style["alphabets"]).free
            style = style | {"modulus": free.modulus}
        # one number of all is what stands where none is known to be free
        full = free.modulus == 1 < self.free.modulus or not free.count
        return self if full else replace(self, style=style, free=free)

    def misfit(self, rows: Rows) -> DataError:
        """The column is no text."""
        return DataError(
            f"an invented {self.what} does not fit a column of {self.dtype}.",
            "Personal data are text.",
            "Turn the column into text before learning.",
        )

    def describe(self) -> str:
        """What is replaced, and by what."""
        line = f"personal data ({self.what}), replaced by invented ones"
        return line + ("; some missing" if self.has_missing else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The style as JSON; the free remainders as an array."""
        values = {name: getattr(self, name) for name in ("what", "person", "style", "has_missing", "dtype")}
        values |= {"size": self.free.size, "modulus": self.free.modulus} | self.identity.to_json()
        arrays = {"remainders": self.free.remainders}
        if self.pairs is not None:
            free = self.pairs.free
            values["pairs"] = [free.size, free.modulus, self.pairs.firsts, self.pairs.lasts]
            arrays["pairs"] = free.remainders
        return values, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        _STATE.check({name: values.get(name) for name in _STATE.kinds}, "its state")
        _STYLE.check(values.get("style"), "its style")
        for name in ("digits", "middle", "after"):  # how many digits a number has, or a share of the names
            Amount(0, 100).check(values["style"].get(name, 0), f"its style.{name}")
        named(values["dtype"])
        free = FreeNumbers.of_state(values["size"], values["modulus"], arrays)
        pairs = None
        if "pairs" in values:
            ListOf(Whole(1, 1 << 62), least=4, most=4).check(values["pairs"], "its pairs")
            size, modulus, firsts, lasts = values["pairs"]
            if size != firsts * lasts:
                raise ValueError("the names of a column of personal data contradict each other")
            pairs = Pairs(FreeNumbers.of_state(size, modulus, arrays, "pairs"), firsts, lasts)
        what, person, style, dtype = (values[name] for name in ("what", "person", "style", "dtype"))
        identity = Identity.from_json(values)
        return cls(what, person, style, free, values["has_missing"], dtype, identity, pairs)


_STATE = Record(
    {
        "what": Text(100, WHATS),
        "person": Text(),
        "size": Whole(1, 1 << 62),
        "modulus": Whole(1, 1 << 62),
        "has_missing": Truth(),
        "dtype": Text(100),
    }
)
_STYLE = Table(Plain(1 << 40))
