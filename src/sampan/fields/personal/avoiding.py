"""Invented data that avoid those of a whole table: what one column makes up is nobody's in another."""

from __future__ import annotations

from dataclasses import replace

from sampan.fields.personal.field import PersonalCodec
from sampan.fields.personal.names import nobodys_names
from sampan.fields.personal.numbers import learn_hkid, nobodys_phones
from sampan.fields.shape import Shape


def avoiding(codec: PersonalCodec, texts: list[str]) -> PersonalCodec:
    """The codec, which makes none of `texts` any more: cells of its kind out of every column of a table.

    Where so many are taken that no others can be told to be free, the codec stays as it is.
    """
    style, free = codec.style, codec.free
    if codec.what == "name":
        style, free = nobodys_names(style, texts)
    elif codec.what == "phone":
        free = nobodys_phones(style, texts)
    elif codec.what == "hkid":
        free = learn_hkid(texts, "")[1]
    elif codec.what in ("account", "passport", "id number") and style.get("alphabets"):
        places = [frozenset(place) for place in style["alphabets"]]
        fit = [text for text in texts if len(text) == len(places)]
        fit = [text for text in fit if all(a in b for a, b in zip(text, places, strict=True))]
        free = Shape.free_of(fit, style["alphabets"]).free
        style = style | {"modulus": free.modulus}
    # one number of all is what stands where none is known to be free
    return (
        codec
        if free.modulus == 1 < codec.free.modulus or not free.count
        else replace(codec, style=style, free=free)
    )
