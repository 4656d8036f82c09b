"""One modality per file. A field is found by its `kind`; a model on disk names kinds, never classes."""

from __future__ import annotations

from sampan.field import Codec, Field
from sampan.fields.category import Category, CategoryCodec
from sampan.fields.constant import Constant, ConstantCodec
from sampan.fields.identifier import Identifier, IdentifierCodec
from sampan.fields.image import Image, ImageCodec
from sampan.fields.moment import Moment, MomentCodec
from sampan.fields.number import Number, NumberCodec
from sampan.fields.omitted import Omitted, OmittedCodec
from sampan.fields.personal import Personal, PersonalCodec
from sampan.fields.phrases import Phrases, PhrasesCodec

FIELDS: dict[str, type[Field]] = {
    field.kind: field
    for field in (Number, Category, Moment, Identifier, Personal, Phrases, Image, Constant, Omitted)
}
CODECS: dict[str, type[Codec]] = {
    codec.kind: codec
    for codec in (
        NumberCodec,
        CategoryCodec,
        MomentCodec,
        IdentifierCodec,
        PersonalCodec,
        PhrasesCodec,
        ImageCodec,
        ConstantCodec,
        OmittedCodec,
    )
}
