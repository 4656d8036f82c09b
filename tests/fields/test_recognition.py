"""Personal data are recognised by what their cells are, however often they repeat."""

from __future__ import annotations

import random

import pytest
from arro3 import compute
from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.errors import RequestError
from sampan.fields import Category, Personal
from sampan.fields.personal import judged
from sampan.fields.personal.signs import mainland_check
from sampan.guess import guess, personal_types
from tests.fields.people import number_column, recognise, rows_of, text_column

KINDS = {
    "han": ("name", "客戶姓名", "customer_name"),
    "romanised": ("name", "英文姓名", "English name"),
    "west": ("name", "姓名", "client name"),
    "hkid": ("hkid", "身份證號碼", "HKID no"),
    "account": ("account", "戶口號碼", "account_no"),
    "phone": ("phone", "電話", "phone"),
    "plain phone": ("phone", "手提電話", "mobile"),
    "e-mail": ("e-mail", "電郵", "email"),
    "address": ("address", "住址", "home address"),
    "flat": ("address", "地址", "address"),
}
REPEATED = {
    (count, repeats): rows_of(count, repeats, count) for count, repeats in ((150, 1), (100, 8), (30, 50))
}


@pytest.mark.parametrize("size", REPEATED, ids=str)
@pytest.mark.parametrize("what", KINDS)
def test_personal_data_are_found_however_often_they_repeat(what: str, size: tuple[int, int]) -> None:
    kind, han, latin = KINDS[what]
    for name in (han, latin, "c1", "Column 3", "", "資料"):
        for stray in (None, "總計 Total"):
            found = recognise(name, text_column(REPEATED[size], what, stray))
            assert found is not None and found.what == kind, (name, stray)


@pytest.mark.parametrize("size", REPEATED, ids=str)
def test_telephone_numbers_stored_as_numbers(size: tuple[int, int]) -> None:
    column = number_column(REPEATED[size], "plain phone")
    gaps = compute.cast(compute.cast(column, DataType.float64()), DataType.float64())
    for name in ("mobile", "聯絡電話", "c7", ""):
        for one in (column, gaps):
            field = guess({name: one}).fields[name]
            assert isinstance(field, Personal) and field.what == "phone", name
    assert recognise("population", column) is None  # an amount by its name


SOUTHERN = {
    "malay": lambda a, b: f"{a} {'bin' if len(b) % 2 else 'binti'} {b}",
    "filipino": lambda a, b: f"{a} {b[0]}. Dela {b}",
    "indian": lambda a, b: f"{a} {b}",
    "initials": lambda a, b: f"{'Dr ' if len(a) % 2 else ''}{a[0]}.{a[1].upper()}. {b}",
    "ticket": lambda a, b: f"{b.upper()}/{a.upper()} MR",
}
GIVEN = "Azman Norhayati Kavita Ramesh Jonalyn Reynaldo Siti Deepak Marites Suresh Hafiz Meera".split()
FAMILY = "Iyengar Villanueva Pangilinan Razak Krishnan Bautista Sulaiman Chakraborty Manalo Hegde".split()


@pytest.mark.parametrize("kind", SOUTHERN)
def test_names_of_southern_asia_and_of_tickets(kind: str) -> None:
    names = [SOUTHERN[kind](a, b) for a in GIVEN for b in FAMILY[: 4 + len(a) % 3]]
    for name in ("who", "c1", ""):
        found = recognise(name, from_strings(names * 5))
        assert found is not None and found.what == "name", name


def test_names_under_a_heading_of_things_and_names_cut_short_are_said() -> None:
    names = [f"{a} {b}" for a in GIVEN for b in FAMILY[:4]]
    short = [
        f"{a}{gap}{letter}" for a in ("Grace", "Emma", "Noah") for gap in (" ", "") for letter in "ABCDE"
    ]
    greek = [
        f"{a} {b}" for a in ("Μαρία", "Νίκος", "Ελένη", "Κώστας") for b in ("Νικολάου", "Γεωργίου", "Ιωάννου")
    ]
    thai = [f"{a} {b}" for a in ("สมชาย", "วิชัย", "กมล", "นภา") for b in ("ใจดี", "สุขใจ", "แสงทอง")]
    known = [("product", names), ("model", names), ("by", short), ("c1", greek + thai)]
    for name, texts in known:
        found = guess({name: from_strings(texts * 5)})
        assert found.fields[name] == Category()
        assert any("looks like names" in notice for notice in found.notices), name
    bins = [f"{a} bin {b}" for a in ("waste", "garden", "paper") for b in ("large", "small", "green")]
    assert judged("c1", from_strings(bins * 9)) is None


def test_handles_are_user_names() -> None:
    handles = [f"@{a.lower()}_{b.lower()}{len(b)}" for a in GIVEN[:5] for b in FAMILY[:5]]
    found = recognise("c1", from_strings(handles * 4))
    assert found is not None and found.what == "username"


def test_mainland_and_social_security_numbers() -> None:
    rng = random.Random(1)
    bodies = [
        f"440106{rng.randrange(1950, 2005)}{rng.randrange(1, 13):02d}15{rng.randrange(1000):03d}"
        for _ in range(50)
    ]
    mainland = from_strings([body + mainland_check(body) for body in bodies] * 4)
    social = [
        f"{rng.randrange(100, 600)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}" for _ in range(60)
    ]
    for column in (mainland, from_strings(social * 3)):
        found = recognise("x", column)
        assert found is not None and found.what == "id number"


def test_a_few_people_are_said_and_replaced_on_request() -> None:
    column = from_strings(["陳大文", "李小明", "高層單位", "黃志強"] * 60)
    found = guess({"c1": column})
    assert found.fields["c1"] == Category()
    assert any("looks like names" in notice and '--personal "c1"' in notice for notice in found.notices)
    assert guess({"c1": column}, types=personal_types(["c1"], {})).fields["c1"] == Personal("name")
    assert guess({"業主": column}).fields["業主"] == Personal("name")


def _many(*values: str) -> Column:
    return from_strings(list(values) * 40)


def ordinary() -> list[tuple[str, Column]]:
    rng = random.Random(3)
    prices = [rng.randrange(20, 90) * 100_000 + 2 * 10**7 for _ in range(60)]
    return [
        ("地區", _many("沙田", "黃大仙", "元朗", "灣仔", "觀塘", "葵青", "大埔", "荃灣", "屯門", "油尖旺")),
        ("c1", _many("沙田", "黃大仙", "元朗", "灣仔", "觀塘", "葵青", "大埔", "荃灣", "屯門", "油尖旺")),
        ("c1", _many("Wong Tai Sin", "Sha Tin", "Tai Po", "Yuen Long", "Kwun Tong", "Wan Chai", "Sai Kung")),
        ("c1", _many("北京", "上海", "廣州", "深圳", "武漢", "南京", "西安", "黃山", "石家莊")),
        ("c1", _many("白酒", "黃油", "馬鈴薯", "高麗菜", "金針菇", "牛肉", "雞蛋", "米", "麵粉", "豆腐")),
        ("c1", _many("經理", "文員", "會計師", "司機", "教師", "護士", "工程師", "保安", "廚師", "程式員")),
        ("c1", _many("高級", "中級", "初級", "金卡", "銀卡", "白金卡")),
        ("屋苑", _many("太古城", "美孚新邨", "沙田第一城", "海怡半島", "黃埔花園", "康怡花園")),
        ("c1", _many("New York", "Los Angeles", "San Jose", "Fort Worth", "Las Vegas", "El Paso")),
        ("c1", _many("Red shirt", "Blue shirt", "Wool hat", "Long scarf", "Green apple", "Iron Man mug")),
        ("c1", _many("Sales manager", "Data engineer", "Chief cook", "Head nurse", "Truck driver")),
        ("c1", _many("January", "February", "March", "April", "May", "June", "July", "August")),
        ("model", _many("Audi A4", "BMW X5", "Ford Focus", "Honda Civic", "Kia Rio", "Opel Astra")),
        ("brand", _many("Jack Daniels", "Johnnie Walker", "Jim Beam", "Jose Cuervo", "Captain Morgan")),
        ("workclass", _many("Private", "Self-emp", "State-gov", "Never-worked", "Without-pay", "Local-gov")),
        ("c1", _many("978-3-16-148410-0", "978-0-306-40615-7", "979-0-060-11561-5", "978-1-86197-271-2")),
        ("c1", _many("2023-2024", "2022-2023", "2021-2022", "2020-2021", "2019-2020", "2018-2019")),
        ("c1", Array([20240101 + rng.randrange(28) for _ in range(300)], DataType.int64())),
        ("price", Array(prices * 4, DataType.int64())),
        ("c1", Array(prices * 4, DataType.int64())),
        ("quantity", Array([rng.randrange(10**7, 10**8) for _ in range(60)] * 4, DataType.int64())),
        ("c1", Array([rng.randrange(10**7, 10**8) for _ in range(60)] * 4, DataType.int64())),
        ("order", Array([65_000_000 + row for row in range(60)] * 4, DataType.int64())),
        ("c1", _many("AB-1234", "CD-2345", "EF-3456", "GH-4567", "IJ-5678", "KL-6789")),
        ("account type", _many("savings", "current", "fixed deposit", "margin", "joint")),
        ("account", Array([rng.randrange(1, 4500) for _ in range(300)], DataType.int64())),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "column"), ordinary(), ids=str)
def test_ordinary_columns_are_left_alone_and_not_suspected(name: str, column: Column) -> None:
    assert judged(name, column) is None


def test_wrong_requests() -> None:
    column = {"c1": _many("x", "y")}
    with pytest.raises(RequestError, match='no column "c2"'):
        guess(column, types=personal_types(["c2"], {}))
    with pytest.raises(RequestError, match='Did you mean "phone"'):
        guess(column, types=personal_types({"c1": "phon"}, {}))
    with pytest.raises(RequestError, match="which personal data"):
        guess(column, types=personal_types(["c1"], {}))
    with pytest.raises(RequestError, match="also given the type"):
        personal_types(["c1"], {"c1": "number"})
