"""One modality a file: its words, its guess, its codec, its view. This list is all that others know of them.

A field is found by its `kind`; a model on disk names kinds, never classes. Where two fields claim a column on
the same ground, the one that stands first has it.
"""

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

_LIST: tuple[tuple[type[Field], type[Codec]], ...] = (
    (Image, ImageCodec),
    (Constant, ConstantCodec),
    (Moment, MomentCodec),
    (Identifier, IdentifierCodec),
    (Category, CategoryCodec),
    (Number, NumberCodec),
    (Personal, PersonalCodec),
    (Phrases, PhrasesCodec),
    (Omitted, OmittedCodec),
)

FIELDS: dict[str, type[Field]] = {field.kind: field for field, _ in _LIST}
CODECS: dict[str, type[Codec]] = {codec.kind: codec for _, codec in _LIST}
