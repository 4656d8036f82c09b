"""The kinds of personal data that can be invented: how each is learned and how it is made."""

from __future__ import annotations

from collections.abc import Callable

from sampan.fields.personal.addresses import learn_address, make_address
from sampan.fields.personal.draw import Draw, Learned, Style
from sampan.fields.personal.names import (
    learn_account,
    learn_company,
    learn_name,
    learn_part,
    make_company,
    make_first,
    make_last,
    make_mail,
    make_name,
    make_url,
    make_user,
)
from sampan.fields.personal.numbers import (
    learn_card,
    learn_hkid,
    learn_iban,
    learn_identity,
    learn_ip,
    learn_phone,
    learn_shape,
    make_card,
    make_hkid,
    make_iban,
    make_identity,
    make_ip,
    make_phone,
    make_shape,
)
from sampan.fields.shape import FreeNumbers

LEARN: dict[str, Callable[[list[str], str], Learned]] = {
    "name": learn_name,
    "first name": learn_part("first"),
    "last name": learn_part("last"),
    "e-mail": learn_account,
    "phone": learn_phone,
    "address": learn_address,
    "hkid": learn_hkid,
    "card number": learn_card,
    "passport": learn_shape,
    "id number": learn_identity,
    "account": learn_shape,
    "company": learn_company,
    "iban": learn_iban,
    "url": learn_account,
    "ip": learn_ip,
    "username": learn_account,
}
MAKE: dict[str, Callable[[Draw, Style, FreeNumbers], list[str]]] = {
    "name": make_name,
    "first name": make_first,
    "last name": make_last,
    "e-mail": make_mail,
    "phone": make_phone,
    "address": make_address,
    "hkid": make_hkid,
    "card number": make_card,
    "passport": make_shape,
    "id number": make_identity,
    "account": make_shape,
    "company": make_company,
    "iban": make_iban,
    "url": make_url,
    "ip": make_ip,
    "username": make_user,
}
WHATS = tuple(LEARN)
"""The kinds of personal data that can be invented."""

NUMBERED = frozenset(["e-mail", "url", "username", "passport", "account", "id number"])
"""Those whose every row has digits of its own."""

COUNTED = frozenset(["hkid", "card number", "iban"])
"""Those that are numbers of a range, none of them in the data."""
