"""Contract checks that every field must pass, ours and a stranger's alike.

    from sampan.testing import check_field
    def test_colour(): check_field(Colour(), column)

A failed promise raises AssertionError in plain words. The checks look at behaviour only. Two things may be
promised beyond the contract, by attributes of the codec that are False where absent: `unique` (no made
value comes twice) and `fresh` (no made value equals one of the column).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, file_kind, join, missing, take
from sampan.errors import SampanError
from sampan.field import Codec, Field, Labels, Points, Rows, Scale
from sampan.space import Choice, Real
from sampan.testing.cells import expect, first, noise_of, plain, points_of, same, shown
from sampan.testing.conditions import check_allow

_DRAWS = 4000
"""Random leaf points drawn where a share is measured: resolves 0.03 with certainty."""


def check_field(field: Field, column: Column, seed: int = 0) -> None:
    """Fit the field on a column and hold its codec to every promise of `sampan.field.Codec`.

    Raises AssertionError naming the first promise that is broken.

    >>> from sampan.column import from_strings
    >>> from sampan.fields.category import Category
    >>> check_field(Category(), from_strings(["a", "b", "a", None]))
    """
    rng = np.random.default_rng(seed)
    codec = field.fit(column)
    expect(codec.kind == field.kind, f"the codec's kind is {codec.kind!r}, the field's {field.kind!r}")
    _check_describe(codec)
    _check_encode(codec, column)
    made = _check_round_trip(codec, column, rng, seed)
    _check_random_symbols(codec, column, rng, seed)
    _check_state(codec, column, rng, seed)
    _check_log_share(codec, column, made, rng, seed)
    check_allow(codec, column, made, rng, seed)
    _check_view(codec, column, made)


def _at_waist(leaves: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Encoded leaves as a model gives them: levels as real numbers."""
    return {
        name: values.astype(np.float32) / 127.5 - 1 if values.dtype == np.uint8 else values
        for name, values in leaves.items()
    }


def _made_type(column: Column) -> DataType:
    """The Arrow type that made cells have: the column's, or bytes for paths of files."""
    return DataType.binary() if file_kind(column) else column.type


def _is_exact(codec: Codec) -> bool:
    """Whether symbols say all of a value; real numbers are rounded on their way to it."""
    return not codec.noise and not any(isinstance(space, Real) for space in codec.spaces.values())


def _alone(column: Column) -> np.ndarray:
    """Which cells hold a value that no other does: another may be made in its place (fields/unshared.py)."""
    index, distinct = codes(plain(column))
    return np.append(np.bincount(index[index >= 0], minlength=len(distinct)) == 1, False)[index]


def _check_describe(codec: Codec) -> None:
    line = codec.describe()
    expect(line.strip() and "\n" not in line, f"describe() must be one line that says something: {line!r}")


def _check_encode(codec: Codec, column: Column) -> None:
    leaves = codec.encode(column)
    expect(not set(codec.noise) & set(codec.spaces), "a leaf is both learned and noise")
    expect(
        set(leaves) == set(codec.spaces),
        f"encode gave the leaves {sorted(leaves)}, spaces declares {sorted(codec.spaces)}",
    )
    for name, space in codec.spaces.items():
        values = leaves[name]
        match space:
            case Choice(size=size, grid=grid):
                expect(values.dtype == np.int64, f"leaf {name!r} is {values.dtype}, a Choice leaf is int64")
                expect(values.shape == (len(column), *grid), f"leaf {name!r} has the shape {values.shape}")
                if values.size:
                    low, high = int(values.min()), int(values.max())
                    expect(
                        0 <= low and high < size,
                        f"leaf {name!r} holds symbols {low} to {high}, its Choice has {size}",
                    )
            case Real(channels=channels, grid=grid):
                levels = values.dtype == np.uint8 and bool(grid)
                expect(
                    values.dtype == np.float32 or levels,
                    f"leaf {name!r} is {values.dtype}, a Real is float32, or uint8 on a grid",
                )
                shape = (len(column), channels, *grid)
                expect(values.shape == shape, f"leaf {name!r} has the shape {values.shape}, not {shape}")
                expect(np.isfinite(values).all(), f"leaf {name!r} holds numbers that are not finite")
    expect(not codec.unknown(column).any(), "unknown() names cells that encode took")
    empty = codec.encode(column.slice(0, 0))
    expect(all(len(values) == 0 for values in empty.values()), "encode of no rows gave rows")


def _check_round_trip(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> Column:
    """What decodes from the column's own symbols; checked against the column."""
    leaves = _at_waist(codec.encode(column)) | noise_of(codec, len(column), rng)
    rows = Rows(0, len(column), seed)
    made = codec.decode(leaves, rows)
    expect(len(made) == len(column), f"decode gave {len(made)} rows for {len(column)}")
    wanted = _made_type(column)
    expect(made.type == wanted, f"decode gave the type {made.type}, fit was given {column.type}")
    expect(
        same(made, codec.decode(leaves, rows)).all(), "decode gave two results for the same leaves and rows"
    )
    gone = missing(column)
    revived = gone & ~missing(made)
    expect(not revived.any(), "a missing cell came back with a value")
    try:
        again = _at_waist(codec.encode(made))
    except SampanError as error:
        raise AssertionError(f"what was decoded cannot be encoded again: {error.what}") from error
    omitted = not codec.spaces and made.null_count == len(made)
    other_seed = codec.decode(leaves, Rows(0, len(column), seed + 1))
    invents = getattr(codec, "fresh", False) or not same(made, other_seed).all()
    for name, symbols in again.items():
        changed = symbols.reshape(len(column), -1) != leaves[name].reshape(len(column), -1)
        if changed.any():
            row = first(changed.any(axis=1))
            raise AssertionError(
                f"{shown(column, row)} came back as {shown(made, row)}, which has other symbols in {name!r}"
            )
    if _is_exact(codec) and not omitted and not invents:
        changed = ~same(made, column) & ~_alone(column)
        if changed.any():
            row = first(changed)
            raise AssertionError(f"{shown(column, row)} came back as {shown(made, row)}")
    if invents:
        expect((missing(made) == gone).all(), "an invented column is null elsewhere than its symbols say")
    if getattr(codec, "unique", False):
        index, distinct = codes(as_text(made))
        expect((index >= 0).sum() == len(distinct), "made values that were promised unique come twice")
        next_block = codec.decode(leaves, Rows(len(column), len(column), seed))
        index, distinct = codes(as_text(join([made, next_block])))
        expect((index >= 0).sum() == len(distinct), "made values repeat from one block of rows to the next")
    if getattr(codec, "fresh", False):
        shared = set(codes(as_text(made))[1]) & set(codes(as_text(column))[1])
        expect(not shared, f"made values equal values of the column, such as {next(iter(shared), None)!r}")
    return made


def _check_random_symbols(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> None:
    leaves = points_of(codec, 500, rng)
    made = codec.decode(leaves, Rows(0, 500, seed))
    expect(
        len(made) == 500 and made.type == _made_type(column),
        "decode of random symbols gave another length or type",
    )
    expect(
        column.null_count or codec.spaces or not made.null_count or made.null_count == 500,
        "decode made some cells missing, and no leaf says which",
    )
    if _is_exact(codec) and codec.spaces:
        again = codec.encode(made)
        for name, symbols in again.items():  # on a grid, symbols that no value has may mean another's
            expect(
                (symbols == leaves[name]).all() or len(codec.spaces) > 1 or codec.dimensions > 0,
                f"encode(decode(symbols)) gave other symbols in {name!r}",
            )
    one = codec.decode({name: values[:1] for name, values in leaves.items()}, Rows(0, 1, seed))
    expect(len(one) == 1, "decode of one row gave another number of rows")


def _check_state(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> None:
    values, arrays = codec.state()
    try:
        text = json.dumps(values, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"state() is not plain JSON: {error}") from None
    for name, array in arrays.items():
        plain = isinstance(array, np.ndarray) and array.dtype.kind in "biuf"
        expect(plain, f"state() array {name!r} is {getattr(array, 'dtype', type(array))}: numbers only")
    back = type(codec).from_state(json.loads(text), {name: array.copy() for name, array in arrays.items()})
    values_back, arrays_back = back.state()
    expect(
        json.dumps(values_back, sort_keys=True) == json.dumps(values, sort_keys=True),
        "state() of a restored codec differs",
    )
    expect(set(arrays_back) == set(arrays), "a restored codec has other arrays")
    for name, array in arrays.items():
        other = arrays_back[name]
        expect(
            other.dtype == array.dtype and np.array_equal(other, array, equal_nan=array.dtype.kind == "f"),
            f"array {name!r} of a restored codec differs",
        )
    expect(dict(back.spaces) == dict(codec.spaces), "a restored codec has other spaces")
    expect(tuple(back.noise) == tuple(codec.noise), "a restored codec has other noise leaves")
    expect(back.describe() == codec.describe(), "a restored codec describes itself otherwise")
    before, after = codec.encode(column), back.encode(column)
    for name in codec.spaces:
        expect(np.array_equal(before[name], after[name]), f"a restored codec encodes {name!r} otherwise")
    leaves = points_of(codec, 200, rng)
    rows = Rows(0, 200, seed)
    expect(
        same(codec.decode(leaves, rows), back.decode(leaves, rows)).all(),
        "a restored codec decodes otherwise",
    )


def _check_log_share(codec: Codec, column: Column, made: Column, rng: np.random.Generator, seed: int) -> None:
    share = codec.log_share(column)
    expect(share.shape == (len(column),) and share.dtype == np.float64, "log_share is not float64 (rows,)")
    expect(not np.isnan(share).any() and (share <= 1e-9).all(), "log_share holds NaN or is above 0")
    if not codec.noise:
        return
    picks = rng.permutation(len(made))[:12]
    if picks.size == 0:
        return
    chosen = take(made, picks)  # made, because a codec may keep fewer values than it saw
    symbols = codec.encode(chosen)
    claimed = np.exp(codec.log_share(chosen))
    leaves = {name: np.repeat(values, _DRAWS, axis=0) for name, values in symbols.items()}
    total = picks.size * _DRAWS
    drawn = codec.decode(leaves | noise_of(codec, total, rng), Rows(0, total, seed))
    wanted = take(chosen, np.repeat(np.arange(picks.size), _DRAWS))
    measured = same(drawn, wanted).reshape(picks.size, _DRAWS).mean(axis=1)
    slack = 5 * np.sqrt(claimed * (1 - claimed) / _DRAWS) + 2 / _DRAWS
    for row in np.flatnonzero(np.abs(measured - claimed) > slack):
        raise AssertionError(
            f"log_share says that {shown(chosen, int(row))} is {claimed[row]:.4f} of its symbols; "
            f"uniform noise gives {measured[row]:.4f}"
        )


def _check_view(codec: Codec, column: Column, made: Column) -> None:
    """A codec shows the column, what it makes and no rows at all in one way."""
    kinds = set()
    for part in (column, made, column.slice(0, 0)):
        view = codec.view(part)
        kinds.add(type(view))
        match view:
            case Scale(values, tick):
                expect(
                    values.dtype == np.float64 and values.shape == (len(part),),
                    "the numbers of a view are not float64 (rows,)",
                )
                expect(np.isnan(values[missing(part)]).all(), "a missing cell has a number in the view")
                known = values[~np.isnan(values)]
                if tick is not None and known.size:
                    expect(isinstance(tick(float(known[0])), str), "the ticks of a view are not text")
            case Labels(labels):
                expect(len(labels) == len(part), "the labels of a view are not (rows,)")
                expect(missing(labels)[missing(part)].all(), "a missing cell has a label in the view")
            case Points(_, cells, there):
                expect(there.shape == (len(part),), "what a view says is there is not (rows,)")
                expect(len(cells) == there.sum(), "a view has not one cell for each row that is there")
                expect(not there[missing(part)].any(), "a missing cell is there in the view")
            case None:
                pass
    expect(len(kinds) == 1, "one column is seen in two ways, as numbers here and as labels there")


# --- conditions
