"""Personal: names, addresses, telephone, identity and card numbers, replaced by invented ones.

Nothing of a person is learned but the column's style: order and case of names, how digits are grouped, the
country of a telephone number. Where a range is reserved for fiction or tests, invented values come from it
and can belong to nobody: e-mail and web addresses under example.com, British numbers that Ofcom keeps for
drama, North American 555-01xx, documentation networks, letters that Hong Kong issues to no identity card,
test prefixes of card issuers, letters of no bank. Hong Kong and mainland telephone numbers have no such
range: theirs avoid the remainders of the numbers in the data (see `identifier`), so none of those comes
back, but one may belong to somebody. Names are pairs that nobody in the data bears, addresses lie in streets
that it does not name: one may be, by chance, a stranger's, as any name is. No list of the data's values,
hashed or not, is kept to rule that out, because such a list would itself be personal data.

Columns that share `person` speak of one person: first name, full name and e-mail address agree. Which rows
speak of one person is found by `fields.people`.
"""

from __future__ import annotations

from sampan.fields.personal.field import WHATS, Personal, PersonalCodec
from sampan.fields.personal.recognition import Recognised, judged, recognised, suspected, what_of
from sampan.fields.personal.signs import hkid_check, iban_sound, luhn

__all__ = [
    "WHATS",
    "Personal",
    "PersonalCodec",
    "Recognised",
    "hkid_check",
    "iban_sound",
    "judged",
    "luhn",
    "recognised",
    "suspected",
    "what_of",
]
