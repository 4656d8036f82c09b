"""Personal data: found where there are some and nowhere else, replaced in the style of the column."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from arro3.core import Array, DataType
from faker import Faker

from sampan.checked import Wrong
from sampan.column import Column, from_strings
from sampan.errors import RequestError, WhereError
from sampan.field import Compare, Rows
from sampan.fields.personal import WHATS, Personal, hkid_check, iban_sound, luhn
from sampan.fields.personal.signs import mainland_check, mainland_sound
from sampan.look import Ground, Look
from sampan.schema import Schema
from sampan.testing import check_field
from tests.fields.people import recognise

WORD = random.Random(0)


def many(what: str, locale: str = "en_GB", rows: int = 150) -> list[str]:
    faker = Faker(locale)
    faker.seed_instance(1)
    return [str(getattr(faker, what)()) for _ in range(rows)]


def hkids(shape: str = "{0}{1}({2})") -> list[str]:
    rows = [("ABCDKRZ"[i % 7], f"{WORD.randrange(10**6):06d}") for i in range(120)]
    return [shape.format(letter, digits, hkid_check(letter, digits)) for letter, digits in rows]


HK_PHONES = [
    f"+852 {WORD.choice('23569')}{WORD.randrange(1000):03d} {WORD.randrange(10000):04d}" for _ in range(150)
]
COMMA = [
    f"{b}, {'Mr' if i % 2 else 'Miss'}. {a}"
    for i, (a, b) in enumerate(zip(many("first_name"), many("last_name"), strict=True))
]
BODIES = [f"44010619{50 + i % 50}{1 + i % 12:02d}15{i:03d}" for i in range(150)]
MAINLAND = [body + mainland_check(body) for body in BODIES]
TEXTS: dict[str, tuple[str, list[str]]] = {
    "name": ("name", many("name")),
    "name tw": ("name", many("name", "zh_TW")),
    "name cn": ("name", many("name", "zh_CN")),
    "name comma": ("name", COMMA),
    "first name": ("first name", many("first_name")),
    "last name": ("last name", [text.upper() for text in many("last_name")]),
    "e-mail": ("e-mail", many("email")),
    "phone hk": ("phone", HK_PHONES),
    "phone uk": ("phone", many("phone_number")),
    "phone us": ("phone", many("phone_number", "en_US")),
    "phone cn": ("phone", many("phone_number", "zh_CN")),
    "phone de": ("phone", [f"+49 30 {WORD.randrange(10**6, 10**7)}" for _ in range(100)]),
    "address": ("address", many("address")),
    "address tw": ("address", many("address", "zh_TW")),
    "hkid": ("hkid", hkids()),
    "hkid bare": ("hkid", [text.lower() for text in hkids("{0}{1}{2}")]),
    "card number": ("card number", many("credit_card_number")),
    "passport": ("passport", [f"K{WORD.randrange(10**8):08d}" for _ in range(150)]),
    "account": (
        "account",
        [f"012-{WORD.randrange(10**6):06d}-{WORD.randrange(1000):03d}" for _ in range(150)],
    ),
    "id number": ("id number", MAINLAND),
    "id number us": ("id number", many("ssn", "en_US")),
    "company": ("company", many("company")),
    "iban": ("iban", many("iban")),
    "iban de": ("iban", many("iban", "de_DE")),
    "url": ("url", many("url")),
    "ip": ("ip", many("ipv4")),
    "ipv6": ("ip", many("ipv6")),
    "username": ("username", many("user_name")),
}


def made(name: str, rows: int = 1000, seed: int = 0) -> list[str]:
    what, texts = TEXTS[name]
    codec = Personal(what).fit(from_strings(texts))
    return [str(text) for text in codec.decode({}, Rows(0, rows, seed)).to_pylist()]


@pytest.mark.parametrize("name", TEXTS)
def test_contract(name: str) -> None:
    what, texts = TEXTS[name]
    check_field(Personal(what), from_strings([*texts, None]))


def test_every_kind_is_tested() -> None:
    assert {what for what, _ in TEXTS.values()} == set(WHATS)


def test_numbers_of_an_integer_column() -> None:
    check_field(Personal("phone"), Array([61230000 + 13 * i for i in range(100)], DataType.int64()))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("name comma", r"[\w'’-]+, (Mr|Miss)\. [\w'’-]+"),
        ("name tw", r"[\u4e00-\u9fff]{2,4}"),
        ("last name", r"[A-Z'’ -]+"),
        ("e-mail", r"[a-z._]+\d{4,}@(mail|post|home)\.example"),  # the data hold example.com, .org and .net
        ("phone hk", r"\+852 [23569]\d{3} \d{4}"),
        ("phone us", r"\D*(00)?1?\D*[2-9]\d\d\D*555\D*01\d\d"),
        ("phone cn", r"1[3-9]\d{9}"),
        ("phone de", r"\+49 3\d \d{7}"),
        ("hkid", r"[IOQU]\d{6}\([0-9A]\)"),
        ("hkid bare", r"[ioqu]\d{6}[0-9a]"),
        ("passport", r"K\d{8}"),
        ("iban", r"GB\d\dXXXX\d{14}"),
        ("ip", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("ipv6", r"2001:db8::[0-9a-f]+:[0-9a-f]+"),
        ("url", r"https?://\w+\.example/.+|https?://example\.\w+/.+"),
    ],
)
def test_style_is_kept_and_reserved_ranges_are_used(name: str, shape: str) -> None:
    strange = [text for text in made(name) if not re.fullmatch(shape, text)]
    assert strange == []


def test_check_digits_are_right() -> None:
    assert hkid_check("A", "123456") == "3" and hkid_check("AB", "987654") == "3"
    assert all(hkid_check(text[0], text[1:7]) == text[8] for text in made("hkid"))
    assert all(luhn(text) for text in made("card number"))
    assert all(iban_sound(text) for text in made("iban") + made("iban de"))
    assert all(mainland_sound(text) and text.startswith("99") for text in made("id number"))


NEW = [
    "e-mail",
    "hkid",
    "phone hk",
    "phone cn",
    "card number",
    "passport",
    "username",
    "account",
    "id number",
]
NEW += ["name", "name tw", "name cn", "name comma", "address", "address tw", "company"]


@pytest.mark.parametrize("name", NEW)
def test_nothing_of_the_data_comes_back(name: str) -> None:
    assert not set(made(name, 5000)) & set(TEXTS[name][1])


@pytest.mark.parametrize("name", ["e-mail", "hkid", "username", "passport", "phone hk", "iban"])
def test_distinct_where_the_data_are(name: str) -> None:
    texts = made(name, 20_000)
    assert len(set(texts)) == len(texts)


def test_columns_about_one_person_agree() -> None:
    people = [f"{a} {b}" for a in ("Ann", "Bob", "Eve", "Joe") for b in ("Lee", "Ray", "Fox", "Day")]
    columns = {
        "customer name": from_strings(people),
        "customer surname": from_strings([name.split()[1] for name in people]),
        "e-mail": from_strings([f"{name.lower().replace(' ', '.')}@site.org" for name in people]),
        "agent name": from_strings(people[::-1]),
    }
    found = {name: recognise(name, column) for name, column in columns.items()}
    fields = {name: Personal(one.what, person=one.person) for name, one in found.items() if one is not None}
    layout = Schema(fields).fit(columns)
    made = {name: column.to_pylist() for name, column in layout.decode({}, Rows(0, 50, 3)).items()}
    names, last, mails, others = made.values()
    for name, family, mail in zip(names, last, mails, strict=True):
        assert name.endswith(family) and re.sub("[^a-z]", "", family.lower()) in mail
    assert sum(a == b for a, b in zip(names, others, strict=True)) < 5


def test_block_by_block_is_the_same_rows() -> None:
    codec = Personal("hkid").fit(from_strings(hkids()))
    assert codec.decode({}, Rows(100, 5, 0)).to_pylist() != codec.decode({}, Rows(0, 5, 0)).to_pylist()


def test_wrong_requests() -> None:
    with pytest.raises(RequestError, match='Did you mean "e-mail"'):
        Personal("email")
    with pytest.raises(RequestError, match='no locale "xx_YY"'):
        Personal("name", locale="xx_YY").fit(from_strings(["Ann Lee"]))
    with pytest.raises(WhereError, match="made anew"):
        Personal("name").fit(from_strings(["Ann Lee"])).allow(Compare("==", "Ann Lee"))


# --- finding them
@pytest.mark.parametrize(
    ("column", "name", "what", "person"),
    [
        ("customer_name", "name", "name", "customer"),
        ("Name", "name", "name", ""),
        ("Name", "name comma", "name", ""),
        ("姓名", "name tw", "name", ""),
        ("客戶姓名", "name tw", "name", "客戶"),
        ("firstName", "first name", "first name", ""),
        ("Agent Surname", "last name", "last name", "agent"),
        ("Email", "e-mail", "e-mail", ""),
        ("anything", "e-mail", "e-mail", ""),
        ("電郵", "e-mail", "e-mail", ""),
        ("phone", "phone hk", "phone", ""),
        ("x", "phone hk", "phone", ""),
        ("手机号码", "phone cn", "phone", ""),
        ("聯絡電話", "phone hk", "phone", ""),
        ("home_phone", "phone us", "phone", ""),
        ("home address", "address", "address", ""),
        ("地址", "address tw", "address", ""),
        ("HKID", "hkid", "hkid", ""),
        ("身份證號碼", "hkid", "hkid", ""),
        ("document", "hkid", "hkid", ""),
        ("card_no", "card number", "card number", ""),
        ("number", "card number", "card number", ""),
        ("passport_no", "passport", "passport", ""),
        ("employer", "company", "company", ""),
        ("account", "iban", "iban", ""),
        ("client_ip", "ip", "ip", "client"),
        ("website", "url", "url", ""),
        ("username", "username", "username", ""),
    ],
)
def test_personal_data_are_found(column: str, name: str, what: str, person: str) -> None:
    found = recognise(column, from_strings([*TEXTS[name][1], None]))
    assert found is not None and found.what == what and found.why and 0.5 < found.confidence <= 1
    assert found.person == person
    claim = Personal.recognise(Look(column, from_strings([*TEXTS[name][1], None])), Ground.PEOPLE)
    assert claim is not None and claim.field == Personal(what, person=person)


def numbers(low: int, high: int, rows: int = 200) -> list[str]:
    return [str(WORD.randrange(low, high)) for _ in range(rows)]


def ordinary() -> list[tuple[str, Column]]:
    products = ["Red shirt", "Blue shirt", "Wool hat", "Long scarf"] * 50
    return [
        ("name", from_strings(products)),
        ("product_name", from_strings([f"{text} {i}" for i, text in enumerate(products)])),
        ("product name", from_strings(many("name"))),
        ("file_name", from_strings(many("file_name"))),
        ("amount", from_strings(numbers(10**7, 10**8))),
        ("income", Array([WORD.randrange(10**7, 10**8) for _ in range(200)], DataType.int64())),
        ("order_id", from_strings(numbers(10**15, 10**16))),
        ("id", Array([WORD.randrange(4 * 10**15, 5 * 10**15) for _ in range(200)], DataType.int64())),
        ("date", from_strings(many("date"))),
        ("version", from_strings(["1.2.3", "1.10.0", "2.0.1"])),
        ("time", from_strings(many("time"))),
        ("city", from_strings(many("city"))),
        ("country", from_strings(many("country"))),
        ("comment", from_strings(many("sentence"))),
        ("sex", from_strings(["Male", "Female"] * 50)),
        ("occupation", from_strings(many("job"))),
        ("phone", from_strings(["iPhone", "Android", "none"] * 30)),
        ("phone", from_strings(["yes", "no"] * 30)),
        ("phone_service", from_strings(["Yes", "No"] * 30)),
        ("cell", from_strings(["A1", "B2", "C3"] * 30)),
        ("address_count", from_strings(["1", "2", "3"] * 30)),
        ("card_type", from_strings(["visa", "amex"] * 30)),
        ("uuid", from_strings(many("uuid4"))),
        ("email_opt_in", from_strings(["1", "0"] * 30)),
        ("price", Array([WORD.random() * 100 for _ in range(100)], DataType.float64())),
        ("latitude", from_strings(many("latitude"))),
        ("fnlwgt", from_strings(numbers(10**4, 10**6))),
        ("delta", from_strings([f"+{WORD.randrange(100)}.{WORD.randrange(100)}" for _ in range(100)])),
        ("zip", from_strings([f"{WORD.randrange(10**5):05d}" for _ in range(100)])),
        ("company_size", from_strings(["1-10", "11-50"] * 20)),
        ("empty", from_strings([None, None])),
        ("flag", Array([True, False] * 20, DataType.bool())),
    ]


@pytest.mark.parametrize(
    ("name", "column"), ordinary(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_ordinary_columns_are_left_alone(name: str, column: Column) -> None:
    assert recognise(name, column) is None


def test_a_million_names_are_quick() -> None:
    import time

    codec = Personal("name").fit(from_strings(many("name")))
    begin = time.perf_counter()
    made_names = codec.decode({}, Rows(0, 200_000, 0))
    assert len(made_names) == 200_000 and time.perf_counter() - begin < 5
    assert np.unique(np.array(made_names.to_pylist())).size > 20_000


def test_a_style_with_more_digits_than_a_number_has_is_refused() -> None:
    """10 to the power of what a damaged model says would take for ever."""
    codec = Personal("phone").fit(from_strings([f"+852 9123 45{place:02d}" for place in range(40)]))
    values, arrays = codec.state()
    assert 0 < values["style"]["after"] < 100
    with pytest.raises(Wrong, match="its style.after"):
        type(codec).from_state({**values, "style": {**values["style"], "after": 10**9}}, arrays)
