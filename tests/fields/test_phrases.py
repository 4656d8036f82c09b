"""Text with personal data inside of it: the phrases are learned, the data are not."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from sampan.column import Column, from_strings
from sampan.errors import WhereError
from sampan.field import Compare, In, Rows
from sampan.fields import Category, Phrases
from sampan.fields.personal.pieces import gapped, shown
from sampan.guess import guess
from sampan.testing import check_field
from tests.fields.people import people

PEOPLE = people(60, seed=4)


def remarks(rows: int = 400) -> list[str | None]:
    rng = random.Random(1)
    found: list[str | None] = []
    for _ in range(rows):
        one = rng.choice(PEOPLE)
        found.append(
            rng.choice(
                [
                    f"業主{one['han']}，可於六點後睇樓，電話{one['plain phone']}",
                    f"聯絡{one['han']}先生 {one['phone']} 或 {one['e-mail']}",
                    f"Call Mr {one['romanised'].title()} at {one['phone']}; ID {one['hkid']}",
                    f"pay to {one['account']}",
                    "交吉 vacant",
                    "key at office since 2024-05-01",
                    None,
                ]
            )
        )
    return found


def secrets() -> set[str]:
    return {
        one[what] for one in PEOPLE for what in ("han", "phone", "plain phone", "e-mail", "hkid", "account")
    }


def made_of(column: Column, rows: int = 400) -> list[str | None]:
    codec = Phrases().fit(column)
    leaves = {"": np.resize(codec.encode(column)[""], rows)}
    leaves |= {name: np.full(rows, 0.5) for name in codec.noise}
    return codec.decode(leaves, Rows(0, rows, 0)).to_pylist()


def test_contract() -> None:
    check_field(Phrases(), from_strings(remarks()))
    check_field(Phrases(), from_strings(["no person in here", "nor here"] * 40))


def test_no_real_piece_is_made_or_kept() -> None:
    column = from_strings(remarks())
    made = made_of(column)
    whole = "\n".join(cell for cell in made if cell is not None)
    values, arrays = Phrases().fit(column).state()
    kept = json.dumps(values, ensure_ascii=False) + arrays["inner.bytes"].tobytes().decode()
    assert not [secret for secret in secrets() if secret in whole or secret in kept]
    assert "交吉 vacant" in made and "key at office since 2024-05-01" in made
    assert {gapped(cell)[0] for cell in made if cell} == {gapped(cell)[0] for cell in remarks() if cell}
    pieces = [piece for cell in made if cell for piece in gapped(cell)[1]]
    assert len({piece for what, piece in pieces if what == "phone"}) > 100


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("電話91234567搵陳先生", "電話[phone]搵[last name]先生"),
        ("聯絡人：陳大文，+852 9123 4567", "聯絡人：[name]，[phone]"),
        ("Ask for Peter Wong (6123-4567)", "Ask for [full name] ([phone])"),
        ("鎖匙在 CHAN Ying Fung，電話91234567", "鎖匙在 [full name]，電話[phone]"),
        ("Mei Foo, keys with NG Pui Wai 9123 4567", "Mei Foo, keys with [full name] [phone]"),
        ("業主 CHAN Tai Man，放租", "業主 [full name]，放租"),
        ("Viewed by John Smith, j@site.org", "Viewed by [full name], [e-mail]"),
        ("請致電 Peter CHAN Tai Man 91234567", "請致電 [full name] [phone]"),
        (
            "Lok Fu, Ap Lei Chau 及 Wong Tai Sin 均可，電 91234567",
            "Lok Fu, Ap Lei Chau 及 Wong Tai Sin 均可，電 [phone]",
        ),
        ("Sea View, Star House, Call Back 91234567", "Sea View, Star House, Call Back [phone]"),
        ("身份證A123456(3)已核對", "身份證[hkid]已核對"),
        ("mail to ann.lee@site.org, thanks", "mail to [e-mail], thanks"),
        ("order 2024-05-01 10:30, $1,550,000 and 12,345,678 units", ""),
        ("1,288呎 連車位 2019-2021 翻新", ""),
        ("Flat 3, 12/F, version 10.0.19045.3803", ""),
        ("要求先生產樣品，小姐姐風格", ""),
        ("高層海景 有匙 可租", ""),
    ],
)
def test_what_is_taken_out(text: str, left: str) -> None:
    assert shown(gapped(text)[0]) == (left or text)


def test_guessed_and_said_and_kept_on_request() -> None:
    column = from_strings(remarks())
    for types in ({}, {"remarks": "category"}):
        found = guess({"remarks": column}, types=types)
        assert found.fields["remarks"] == Phrases()
        assert any("phone" in notice and '--keep "remarks"' in notice for notice in found.notices)
    assert guess({"remarks": column}, keep=["remarks"]).fields["remarks"] == Category(exact=True)
    mixed = [one["e-mail" if place % 2 else "phone"] for place, one in enumerate(PEOPLE)] * 5
    assert guess({"contact": from_strings(mixed)}).fields["contact"] == Phrases()
    plain = from_strings(["red shoes 42", "blue shoes 43", "socks 12345678", "Mr Kipling cakes"] * 50)
    assert isinstance(guess({"product": plain}).fields["product"], Category)
    assert any("name of column 1" in notice for notice in guess({"ann@site.org": plain}).notices)


def test_phrases_can_be_asked_for_and_people_cannot() -> None:
    codec = Phrases().fit(from_strings(remarks()))
    assert codec.allow(Compare("==", "交吉 vacant"))
    with pytest.raises(WhereError, match="made anew"):
        codec.allow(In(("call 9123 4567",)))


def test_initials_hide_no_last_name() -> None:
    for name in ("A.B. Leung", "A. B. Leung", "John A. Smith", "J.Smith"):
        for text in (f"seen by Dr {name} today", f"Mr {name}", f"call owner {name}, 9123 4567"):
            left = shown(gapped(text)[0])
            assert "Leung" not in left and "Smith" not in left, left
