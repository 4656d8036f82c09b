"""Pictures of every kind become levels and come back; what is wrong with a file is said."""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from arro3.core import Array, DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.checked import Wrong
from sampan.column import Column, file_kind, from_strings, of_files, take
from sampan.errors import DataError, MissingExtra, RequestError, StoreError, WhereError
from sampan.field import Compare, In, Missing, Rows
from sampan.fields.image import Image, ImageCodec, codec
from sampan.fields.image.framing import covered, framed
from sampan.guess import guess
from sampan.media.picture import fault, read_picture
from sampan.space import Choice, Real
from sampan.testing import check_field


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(high: int, wide: int, channels: int = 3) -> np.ndarray:
    """A picture that survives JPEG and resizing: uint8 (high, wide, channels)."""
    rows, columns = np.mgrid[0:high, 0:wide]
    planes = [rows / high, columns / wide, (rows + columns) / (high + wide)][:channels]
    return np.round(255 * np.stack(planes, axis=2)).astype(np.uint8)


def encoded(picture: np.ndarray | PIL.Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image = PIL.Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    image.save(out, form, **options)
    return out.getvalue()


def column(*cells: bytes | None) -> Column:
    return Array(list(cells), DataType.binary())


def pixels(cell: bytes) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(cell)))


def at_waist(levels: np.ndarray) -> np.ndarray:
    return levels.astype(np.float32) / 127.5 - 1


GREY = [encoded(random(8, 8, seed=seed)) for seed in range(12)]
COLOUR = [encoded(random(9 + seed, 14, 3, seed=seed)) for seed in range(12)]
CLEAR = [encoded(random(8, 12, 4, seed=seed)) for seed in range(12)]


# --- the contract, and round trips
@pytest.mark.parametrize(
    "field, cells",
    [
        (Image(), GREY),
        (Image(), [*GREY, None, None]),
        (Image(), COLOUR),
        (Image(12, 20, framing="pad"), [*COLOUR, *GREY]),
        (Image(8, 8, 1, "stretch"), [*COLOUR, None]),
        (Image(8, 12, 4), CLEAR),
    ],
    ids=["grey", "missing", "colour", "pad", "stretch", "clear"],
)
def test_contract(field: Image, cells: list[bytes | None]) -> None:
    check_field(field, column(*cells))


def test_contract_of_files(tmp_path: Path) -> None:
    paths: list[str | None] = [None]
    for number, cell in enumerate(GREY):
        paths.append(str(tmp_path / f"貓 {number}.png"))
        Path(str(paths[-1])).write_bytes(cell)
    check_field(Image(), of_files(paths, "image"))


@settings(max_examples=40, deadline=None)
@given(
    high=st.integers(1, 40),
    wide=st.integers(1, 40),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    channels=st.sampled_from([1, 2, 3, 4, 5]),
    framing=st.sampled_from(["crop", "pad", "stretch"]),
    seed=st.integers(0, 99),
)
def test_any_shape_becomes_the_one_asked_for_and_levels_come_back_exactly(
    high: int, wide: int, shape: tuple[int, int], channels: int, framing: Any, seed: int
) -> None:
    made = ImageCodec(*shape, channels, framing, None, count=1, missing=0)
    own = ImageCodec(high, wide, channels, framing, None, count=1, missing=0)
    levels = random(1, channels, high, wide, seed=seed)
    cells = own.decode({"": at_waist(levels)}, Rows(0, 1, 0))
    assert (own.encode(cells)[""] == levels).all()
    assert made.encode(cells)[""].shape == (1, channels, *shape)
    assert made.encode(cells)[""].dtype == np.uint8


def test_state_comes_back_and_nonsense_is_refused() -> None:
    learned = Image(8, 12, framing="pad").fit(column(*COLOUR, None))
    values, arrays = learned.state()
    back = ImageCodec.from_state(json.loads(json.dumps(values)), arrays)
    assert back.state() == learned.state() and back.describe() == learned.describe()
    for wrong in (
        {"height": 0},
        {"framing": "x"},
        {"window": [2, 1]},
        {"missing": -1},
        {"channels": 1 << 20},
    ):
        with pytest.raises((StoreError, Wrong), match=f"contradicts|{next(iter(wrong))}"):
            ImageCodec.from_state(values | wrong, {})


def test_what_is_made_is_clipped_and_never_more_than_a_pixel_off() -> None:
    learned = Image().fit(column(*GREY))
    made = learned.decode({"": np.full((3, 1, 8, 8), 7.0, np.float32)}, Rows(0, 3, 0))
    assert (pixels(made[0].as_py()) == 255).all() and made.type == DataType.binary()
    assert pixels(learned.decode({"": np.full((1, 1, 8, 8), np.nan)}, Rows(0, 1, 0))[0].as_py()).max() == 128


# --- what is learned
@pytest.mark.parametrize(
    "shape, learned",
    [
        ((28, 28), (28, 28)),
        ((8, 8), (8, 8)),
        ((300, 400), (48, 64)),
        ((1000, 100), (64, 8)),
        ((3, 3), (4, 4)),
    ],
)
def test_the_shape_is_taken_from_the_data(shape: tuple[int, int], learned: tuple[int, int]) -> None:
    found = Image().fit(column(*[encoded(random(*shape))] * 3))
    assert found.spaces == {"": Real(1, learned)}
    assert f"{learned[0]} x {learned[1]} grey" in found.describe()


def test_one_side_says_the_other() -> None:
    cells = column(encoded(random(300, 400)))
    assert Image(height=30).fit(cells).spaces[""] == Real(1, (30, 40))
    assert Image(width=32).fit(cells).spaces[""] == Real(1, (24, 32))


def test_grey_by_what_is_seen_and_not_by_the_file() -> None:
    grey = encoded(np.repeat(random(8, 8, 1), 3, axis=2))
    assert Image().fit(column(grey, *GREY)).spaces[""] == Real(1, (8, 8))
    assert Image().fit(column(grey, encoded(random(8, 8, 3)))).spaces[""] == Real(3, (8, 8))


def test_missing_pictures_are_learned_or_refused() -> None:
    learned = Image().fit(column(*GREY, None))
    assert learned.spaces["there"] == Choice(2) and "7.7 % missing" in learned.describe()
    assert learned.encode(column(GREY[0], None))["there"].tolist() == [1, 0]
    with pytest.raises(DataError, match="1 of 2 cells are missing"):
        Image().fit(column(*GREY)).encode(column(GREY[0], None))
    with pytest.raises(DataError, match="none of the 2 cells holds a picture"):
        Image().fit(column(None, None))


def test_only_presence_can_be_asked() -> None:
    learned = Image().fit(column(*GREY, None))
    assert learned.holds(Missing(), column(GREY[0], None)).tolist() == [False, True]
    assert learned.allow(Missing())[0].symbols["there"].tolist() == [True, False]
    for condition in (Compare("==", "cat"), In(("cat",))):
        with pytest.raises(WhereError, match="label"):
            learned.allow(condition)


@pytest.mark.parametrize(
    "word, field",
    [
        ("image", Image()),
        ("image:64", Image(64, 64)),
        ("image:64x96", Image(64, 96)),
        ("image:128x96x1", Image(128, 96, 1)),
        ("image:64x64:pad", Image(64, 64, framing="pad")),
        ("image:stretch", Image(framing="stretch")),
    ],
)
def test_type_words(word: str, field: Image) -> None:
    found = guess({"x": column(*GREY)}, types={"x": word}).fields["x"]
    assert found == field and guess({"x": column(*GREY)}, types={"x": found.word}).fields["x"] == field


@pytest.mark.parametrize("word", ["image:64y96", "image:64x64:fit", "image:x", "image:0", "image:64x99999"])
def test_wrong_type_words(word: str) -> None:
    with pytest.raises(RequestError):
        guess({"x": column(*GREY)}, types={"x": word})


def test_guesses_pictures_by_their_bytes_and_paths_only_where_a_reader_said_so() -> None:
    found = guess({"x": column(*GREY), "file": from_strings(["a.png"] * 12)})
    assert found.fields["x"] == Image() and found.fields["file"].kind != "image"
    named = of_files(["a.png"] * 12, "image")
    assert guess({"file": named}).fields["file"] == Image()
    assert file_kind(take(named, np.array([1, -1]))) == "image"
    assert guess({"x": Array([b"abc", b"de"] * 12, DataType.binary())}).fields["x"].kind == "omitted"
    with pytest.raises(DataError, match="are no pictures"):
        Image().fit(Array([1, 2], DataType.int64()))


# --- kinds of files
def of_one(cell: bytes, **options: Any) -> np.ndarray:
    """A single picture as it is learned, at its own size: (height, width, channels)."""
    size = read_picture(cell, "it", pages=options.get("channels")).shape
    learned = Image(*size, **options).fit(column(cell))
    return learned.encode(column(cell))[""][0].transpose(1, 2, 0)


@pytest.mark.parametrize("turn", range(1, 9))
def test_rotation_by_the_camera(turn: int) -> None:
    upright = smooth(24, 40)
    stored = [
        *(upright, upright[:, ::-1], upright[::-1, ::-1], upright[::-1]),
        *(upright.transpose(1, 0, 2), upright.transpose(1, 0, 2)[:, ::-1]),
        *(upright.transpose(1, 0, 2)[::-1, ::-1], upright.transpose(1, 0, 2)[::-1]),
    ]
    # what a camera stores for each note is what the note undoes: 6 and 8 undo each other
    held = np.ascontiguousarray(stored[{6: 8, 8: 6}.get(turn, turn) - 1])
    exif = PIL.Image.Exif()
    exif[0x0112] = turn
    assert (of_one(encoded(held, exif=exif)) == upright).all()
    loose = of_one(encoded(held, "JPEG", exif=exif, quality=95)).astype(int)
    assert abs(loose - upright).max() < 12


def test_a_large_photograph_is_the_same_unpacked_small(tmp_path: Path) -> None:
    cell = encoded(smooth(900, 1200), "JPEG", quality=95)
    levels = Image(48, 64).fit(column(cell)).encode(column(cell))[""][0].transpose(1, 2, 0).astype(int)
    assert abs(levels - smooth(48, 64)).mean() < 4
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    turned = encoded(smooth(900, 1200), "JPEG", exif=exif)
    assert Image().fit(column(turned)).spaces[""] == Real(3, (64, 48))


def test_palette_one_bit_grey_with_alpha_and_cmyk() -> None:
    base = random(8, 12, 3) // 64 * 64
    few = PIL.Image.fromarray(base).quantize(256)
    assert (of_one(encoded(few)) == np.asarray(few.convert("RGB"))).all()
    bits = PIL.Image.fromarray(random(8, 12) > 127)
    assert sorted(np.unique(of_one(encoded(bits)))) == [0, 255]
    grey = np.dstack([random(8, 12), np.full((8, 12), 255, np.uint8)])
    assert (of_one(encoded(PIL.Image.fromarray(grey))) == grey[..., :1]).all()
    inks = PIL.Image.fromarray(smooth(16, 24)).convert("CMYK")
    for form in ("TIFF", "JPEG"):
        found = of_one(encoded(inks, form)).astype(int)
        assert abs(found - smooth(16, 24)).max() < 25, form


def test_transparency_lies_on_white_or_is_learned() -> None:
    values = random(8, 12, 4)
    alpha = values[..., 3:].astype(float) / 255
    on_white = np.round(values[..., :3] * alpha + 255 * (1 - alpha))
    assert abs(of_one(encoded(values), channels=3) - on_white).max() <= 1
    assert (of_one(encoded(values), channels=4) == values).all()
    assert (of_one(GREY[0], channels=4)[..., 3] == 255).all()


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits(form: str) -> None:
    deep = np.linspace(1000, 3000, 32 * 32).reshape(32, 32).astype(np.uint16)
    cell = encoded(PIL.Image.fromarray(deep), form)
    learned = Image().fit(column(cell, cell))
    levels = learned.encode(column(cell))[""][0, 0]
    assert levels[0, 0] == 0 and levels[-1, -1] == 255 and (np.diff(levels.ravel().astype(int)) >= 0).all()
    assert abs(levels.astype(float) - (deep - 1000) / 2000 * 255).max() < 1.5
    assert "values from 1,00" in learned.describe()
    again = learned.encode(learned.decode({"": at_waist(levels[None, None])}, Rows(0, 1, 0)))[""]
    assert (again == levels).all()
    with pytest.raises(DataError, match="16-bit"):
        Image(32, 32).fit(column(*GREY)).encode(column(cell))


def test_fractions_and_numbers_that_are_none() -> None:
    deep = np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16)
    deep[3, 4] = np.nan
    cell = encoded(PIL.Image.fromarray(deep), "TIFF")
    learned = Image().fit(column(cell))
    levels = learned.encode(column(cell))[""][0, 0]
    assert levels[0, 0] == 0 and levels[-1, -1] == 255
    mask = learned.known(column(cell))
    assert mask is not None and np.argwhere(~mask[0]).tolist() == [[3, 4]]


def test_pages_are_channels_where_they_are_said_to_be() -> None:
    first, *others = (PIL.Image.fromarray(random(8, 8, seed=page)) for page in range(5))
    cell = encoded(first, "TIFF", save_all=True, append_images=others)
    found = of_one(cell, channels=5)
    assert (found == np.dstack([random(8, 8, seed=page) for page in range(5)])).all()
    with pytest.raises(DataError, match="5 pictures in one file") as error:
        Image().fit(column(cell))
    assert "image:HEIGHTxWIDTHx5" in error.value.fix
    with pytest.raises(DataError, match="has one page, and 5 channels"):
        Image(8, 8, 5).fit(column(GREY[0]))


def test_a_telephone_writes_two_pictures_and_means_one() -> None:
    first, second = (PIL.Image.fromarray(smooth(16, 16 + 8 * extra)) for extra in range(2))
    cell = encoded(first, "MPO", save_all=True, append_images=[second])
    assert of_one(cell).shape == (16, 16, 3)


# --- what is wrong
def png_header(wide: int, high: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    head = b"IHDR" + struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = [(13, head), (len(body) - 4, body), (0, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", size) + chunk + struct.pack(">I", zlib.crc32(chunk)) for size, chunk in chunks
    )


MOVING = encoded(
    PIL.Image.fromarray(random(8, 8)),
    "GIF",
    save_all=True,
    append_images=[PIL.Image.fromarray(random(8, 8, seed=1))],
)
WRONG = {
    "truncated": (encoded(random(64, 64, 3))[:3000], "truncated"),
    "truncated photograph": (encoded(random(64, 64, 3), "JPEG")[:2500], "truncated"),
    "text": (b"not a picture at all", "is no picture"),
    "empty": (b"", "is no picture"),
    "bomb": (png_header(20_000, 20_000), "too large to unpack"),
    "smaller bomb": (png_header(10_000, 10_000), "too large to unpack"),
    "animated": (MOVING, "animated: 2 pictures"),
    "garbled": (GREY[0][:40] + b"\0\0\0\0" + GREY[0][44:], "damaged"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_used_is_named(name: str, tmp_path: Path) -> None:
    cell, words = WRONG[name]
    path = tmp_path / "wrong.jpg"
    path.write_bytes(cell)
    learned = Image(8, 8, 1).fit(column(*GREY))
    for given_column, label in (
        (column(*GREY[:3], cell), "in row 4"),
        (from_strings([str(path)]), str(path)),
    ):
        for act in (learned.encode, Image().fit):
            with pytest.raises(DataError, match=words) as error:
                act(given_column)
            assert label in error.value.what and error.value.fix
    assert fault(str(path))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_file_that_is_not_there_or_has_no_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        Image().fit(from_strings([str(tmp_path / "no.png")]))
    assert fault(str(tmp_path / "no.png")) == "does not exist"
    for form in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        (tmp_path / "whole").write_bytes(encoded(random(20, 20, 3), form))
        assert fault(str(tmp_path / "whole")) == "", form
    trailing = encoded(random(20, 20, 3), "JPEG") + b"what a telephone appends" * 10
    (tmp_path / "whole").write_bytes(trailing)
    assert fault(str(tmp_path / "whole")) == ""


# --- holes
def holed(high: int, wide: int, top: int, left: int, size: int, channels: int = 3) -> np.ndarray:
    alpha = np.full((high, wide, 1), 255, dtype=np.uint8)
    alpha[top : top + size, left : left + size] = 0
    return np.concatenate([random(high, wide, channels), alpha], axis=2)


def test_transparent_pixels_are_to_be_made_up() -> None:
    learned = Image(8, 8, 3).fit(column(*COLOUR))
    assert learned.known(column(*COLOUR)) is None
    mask = learned.known(column(COLOUR[0], encoded(holed(8, 8, 2, 3, 2))))
    assert mask is not None and mask.shape == (2, 8, 8) and mask[0].all()
    assert np.argwhere(~mask[1]).tolist() == [[2, 3], [2, 4], [3, 3], [3, 4]]
    assert Image(8, 12, 4).fit(column(*CLEAR)).known(column(*CLEAR)) is None
    gone = Image().fit(column(*GREY, None)).known(column(GREY[0], None))
    assert gone is not None and gone[0].all() and not gone[1].any()


def test_a_reduced_pixel_is_known_only_if_all_that_it_covers_is() -> None:
    learned = Image(8, 8, 3).fit(column(*COLOUR))
    mask = learned.known(column(encoded(holed(64, 64, 37, 11, 1))))
    assert mask is not None and not mask[0, 4, 1] and mask[0].sum() >= 64 - 16
    for framing in ("crop", "pad", "stretch"):
        wide = ImageCodec(8, 8, 3, framing, None, count=1, missing=0)
        other = wide.known(column(encoded(holed(16, 32, 7, 15, 2))))
        assert other is not None and not other.all() and other.any()


@given(
    shape=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    seed=st.integers(0, 50),
)
@settings(max_examples=60, deadline=None)
def test_no_hole_is_too_small_for_the_mask(shape: tuple[int, int], size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    opaque = rng.random(shape) > 0.02
    mask = covered(opaque, size)
    rows = np.minimum(((np.arange(size[0]) + 0.5) * shape[0] / size[0]).astype(int), shape[0] - 1)
    columns = np.minimum(((np.arange(size[1]) + 0.5) * shape[1] / size[1]).astype(int), shape[1] - 1)
    assert mask.shape == size and not (mask & ~opaque[np.ix_(rows, columns)]).any()
    holes = ~opaque
    for row, place in np.argwhere(holes):
        assert not mask[row * size[0] // shape[0], place * size[1] // shape[1]]
    assert mask.all() or holes.any()


@pytest.mark.parametrize("framing", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("shape", [(8, 8), (40, 40), (30, 50), (5, 7)])
@pytest.mark.parametrize("channels", [1, 3])
def test_holes_are_filled_and_nothing_else_changes(
    framing: Any, shape: tuple[int, int], channels: int
) -> None:
    learned = ImageCodec(8, 8, channels, framing, None, count=1, missing=1)
    picture = holed(*shape, shape[0] // 2, shape[1] // 2, 2)
    cells = column(encoded(picture), None, COLOUR[0])
    made = {
        "": np.full((3, channels, 8, 8), at_waist(np.array(77)), np.float32),
        "there": np.ones(3, np.int64),
    }
    first, second, third = learned.complete(cells, made).to_pylist()
    found = pixels(first)
    opaque = picture[..., 3] == 255
    assert found.shape == (*shape, 3)
    assert (found[opaque] == picture[opaque][:, :3]).all() and (found[~opaque] == 77).all()
    assert pixels(second).shape[:2] == (8, 8) and (pixels(second) == 77).all()
    assert (pixels(third) == pixels(COLOUR[0])).all()


def test_half_transparent_pixels_stay_as_they_are() -> None:
    picture = holed(8, 8, 2, 2, 2)
    picture[6, 6, 3] = 200
    learned = Image(8, 8, 3).fit(column(*COLOUR))
    [found] = learned.complete(column(encoded(picture)), {"": np.zeros((1, 3, 8, 8), np.float32)}).to_pylist()
    opaque = picture[..., 3] >= 128
    assert (pixels(found)[opaque] == picture[opaque]).all() and (
        pixels(found)[2, 2] == [128, 128, 128, 255]
    ).all()


def test_a_hole_that_the_crop_cut_away_is_refused() -> None:
    learned = Image(8, 8, 3).fit(column(*COLOUR))
    with pytest.raises(DataError, match="row 2 has a hole where the crop of 8 x 8 does not reach"):
        learned.complete(
            column(COLOUR[0], encoded(holed(8, 30, 3, 0, 2))), {"": np.zeros((2, 3, 8, 8), np.float32)}
        )


def test_a_hole_at_an_edge_that_rounding_cut_off_is_filled() -> None:
    learned = ImageCodec(8, 12, 3, "crop", None, count=1, missing=0)
    picture = holed(99, 150, 40, 0, 20)
    made = np.full((1, 3, 8, 12), at_waist(np.array(77)), np.float32)
    [found] = learned.complete(column(encoded(picture)), {"": made}).to_pylist()
    opaque = picture[..., 3] == 255
    assert (pixels(found)[opaque] == picture[opaque][:, :3]).all() and (pixels(found)[~opaque] == 77).all()


def test_a_hole_that_only_the_crop_cut_away_is_not_forgotten() -> None:
    learned = Image(8, 8, 3).fit(column(*COLOUR))
    mask = learned.known(column(encoded(holed(8, 30, 3, 0, 2))))
    assert mask is not None and mask.all()


def test_whole_pictures_of_finer_values_stay_as_they_are() -> None:
    deep = encoded(PIL.Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8)))
    learned = Image().fit(column(deep, None))
    made = {"": np.zeros((2, 1, 8, 8), np.float32), "there": np.ones(2, np.int64)}
    first, second = learned.complete(column(deep, None), made).to_pylist()
    assert first == deep and (pixels(second) == 128).all()
    fractions = np.full((8, 8), 0.5, np.float32)
    fractions[2, 2] = np.nan
    cell = encoded(PIL.Image.fromarray(fractions), "TIFF")
    with pytest.raises(DataError, match="16-bit numbers or fractions"):
        Image().fit(column(cell)).complete(column(cell), made)


def test_without_pillow_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(GREY[0])
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    assert guess({"x": column(*GREY)}).fields["x"] == Image()
    for act in (lambda: Image().fit(column(*GREY)), lambda: fault(str(tmp_path / "a.png"))):
        with pytest.raises(MissingExtra, match="extra 'pictures'"):
            act()


def test_framing_is_centred() -> None:
    taken, placed = framed((10, 30), (8, 8), "crop")
    assert (taken.left, taken.width, taken.height) == (10, 10, 10) and (placed.height, placed.width) == (8, 8)
    learned = Image(8, 8, 1, "pad").fit(column(encoded(np.zeros((8, 16), np.uint8))))
    levels = learned.encode(column(encoded(np.zeros((8, 16), np.uint8))))[""][0, 0]
    assert levels[:2].min() == levels[6:].min() == 255 and levels[2:6].max() == 0


# --- many
def test_many_lie_on_disk_and_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = column(*GREY * 30)
    learned = Image().fit(cells)
    in_memory = learned.encode(cells)[""]
    monkeypatch.setattr(codec, "MOST_MEMORY", 1000)
    on_disk = learned.encode(cells)[""]
    assert isinstance(on_disk, np.memmap) and (on_disk == in_memory).all() and on_disk.flags.writeable


# --- DICOM
def dicom(values: np.ndarray, **tags: Any) -> bytes:
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.PatientName = "Chan^Tai Man"
    data.Rows, data.Columns = values.shape[-2:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, int(values.dtype.kind == "i")
    data.PixelData = values.astype("<i2" if values.dtype.kind == "i" else "<u2").tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()


def test_a_slice_is_seen_through_its_window() -> None:
    pytest.importorskip("pydicom")
    units = np.linspace(-1000, 1000, 256).reshape(16, 16).round().astype(np.int16)
    lung = {"RescaleSlope": 1, "RescaleIntercept": -24, "WindowCenter": [-24, 40], "WindowWidth": [1000, 80]}
    levels = of_one(dicom(units, **lung))[..., 0].astype(float)
    assert levels[0, 0] == 0 and levels[-1, -1] == 255
    assert abs(levels - np.clip((units + 500) / 1000 * 255, 0, 255)).max() < 1.5
    other = of_one(dicom(units, **lung, PhotometricInterpretation="MONOCHROME1"))[..., 0]
    assert abs(255 - levels - other).max() <= 1
    plain = Image().fit(column(dicom(units), dicom(units)))
    assert plain.window is not None and plain.window[0] < -950 and plain.window[1] > 950
    assert "Chan" not in json.dumps(plain.state()[0]) + plain.describe()


def test_a_slice_that_cannot_be_used(tmp_path: Path) -> None:
    pytest.importorskip("pydicom")
    moving = dicom(np.zeros((3, 8, 8), np.int16), NumberOfFrames=3)
    with pytest.raises(DataError, match="animated: 3 pictures"):
        Image().fit(column(moving))
    cut = dicom(np.zeros((16, 16), np.int16))[:-100]
    with pytest.raises(DataError, match="damaged") as error:
        Image().fit(column(cut))
    assert "Chan" not in str(error.value)
