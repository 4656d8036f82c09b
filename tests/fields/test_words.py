"""The words of fields: each says itself, and is read back; the help and a schema file know them all."""

from __future__ import annotations

import pytest

from sampan.cli.options import TYPES
from sampan.column import from_strings
from sampan.field import Field
from sampan.fields import CODECS, FIELDS, Category, Constant, Identifier, Image, Moment, Number, Omitted
from sampan.fields.personal import Personal
from sampan.fields.phrases import Phrases
from sampan.guess import guess
from sampan.run.schema_file import schema_text

WORDS: list[tuple[Field, str]] = [
    (Category(), "category"),
    (Category(exact=True), "category:exact"),
    (Category(ordered=True), "category:ordered"),
    (Category(ordered=True, exact=True), "category:ordered,exact"),
    (Category(("S", "M"), ordered=True), "category:S<M"),
    (Moment("%d/%m/%Y"), "moment:%d/%m/%Y"),
    (Moment("%d/%m/%Y", exact=True), "moment:%d/%m/%Y,exact"),
    (Identifier(), "identifier"),
    (Identifier("A-##"), "identifier:A-##"),
    (Personal("name"), "personal:name"),
    (Phrases(), "phrases"),
    (Phrases(exact=True), "phrases:exact"),
    (Image(32, 48, 3, "pad"), "image:32x48x3:pad"),
    (Constant(), "constant"),
    (Omitted(), "omitted"),
    (Omitted("long"), "omitted:long"),
]


@pytest.mark.parametrize(("field", "word"), WORDS, ids=[word for _, word in WORDS])
def test_the_word_of_a_field_gives_the_field_again(field: Field, word: str) -> None:
    assert field.word == word
    cells = from_strings(["03/04/2024", "28/05/2024", None])
    assert guess({"x": cells}, types={"x": word}).fields["x"] == field


def test_a_number_is_read_back_in_the_spelling_of_its_column() -> None:
    cells = from_strings(["$1,200", "$950"])
    (field,) = guess({"x": cells}, types={"x": Number(exact=True).word}).fields.values()
    assert isinstance(field, Number) and field.exact and field.spelling is not None
    assert field.spelling.prefix == "$" and field.word == "number:exact"


def test_every_field_has_words_which_the_help_and_a_schema_file_say() -> None:
    help_ = " ".join(TYPES.split())
    header = schema_text({}, {}).replace("\n# ", " ")
    for kind, field in FIELDS.items():
        assert field.words and field.words[0][0].startswith(kind)
        for words, _ in field.words:
            assert words in header, words
            assert all(word in help_ for word in words.split(", ")), words


def test_a_field_and_its_codec_have_one_kind() -> None:
    assert list(FIELDS) == list(CODECS)
