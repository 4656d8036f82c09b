"""Contract checks that every field must pass, ours and a stranger's alike.

    from sampan.testing import check_field
    def test_colour(): check_field(Colour(), column)

A failed promise raises AssertionError in plain words. The checks look at behaviour only. Two things may be
promised beyond the contract, by attributes of the codec that are False where absent: `unique` (no made
value comes twice) and `fresh` (no made value equals one of the column).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from arro3 import compute
from arro3.core import ChunkedArray, DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, file_kind, from_strings, is_text, missing
from sampan.errors import SampanError, WhereError
from sampan.field import (
    Between,
    Box,
    Codec,
    Compare,
    Condition,
    Field,
    In,
    Labels,
    Missing,
    Points,
    Rows,
    Scale,
)
from sampan.space import Choice, Real
from sampan.where import Atom, evaluate

_DRAWS = 4000
"""Random leaf points drawn where a share is measured: resolves 0.03 with certainty."""

_GIVEN = 300
"""Decoded cells that are asked about as if they had been given."""


def check_field(field: Field, column: Column, seed: int = 0) -> None:
    """Fit the field on a column and hold its codec to every promise of `sampan.field.Codec`.

    Raises AssertionError naming the first promise that is broken.

    >>> from sampan.column import from_strings
    >>> from sampan.fields.category import Category
    >>> check_field(Category(), from_strings(["a", "b", "a", None]))
    """
    rng = np.random.default_rng(seed)
    codec = field.fit(column)
    _expect(codec.kind == field.kind, f"the codec's kind is {codec.kind!r}, the field's {field.kind!r}")
    _check_describe(codec)
    _check_encode(codec, column)
    made = _check_round_trip(codec, column, rng, seed)
    _check_random_symbols(codec, column, rng, seed)
    _check_state(codec, column, rng, seed)
    _check_log_share(codec, column, made, rng, seed)
    _check_allow(codec, column, made, rng, seed)
    _check_view(codec, column, made)


# --- the pieces
def _expect(holds: Any, otherwise: str) -> None:
    """Assert that survives `python -O`."""
    if not holds:
        raise AssertionError(otherwise)


def _points(codec: Codec, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random values of every leaf, uniform over symbols and noise: what no model would dare to draw."""
    leaves: dict[str, np.ndarray] = {}
    for name, space in codec.spaces.items():
        match space:
            case Choice(size=size, grid=grid):
                leaves[name] = rng.integers(0, size, (count, *grid))
            case _:
                leaves[name] = rng.normal(size=(count, space.channels, *space.grid)).astype(np.float32)
    return leaves | _noise(codec, count, rng)


def _noise(codec: Codec, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: rng.random(count) for name in codec.noise}


def _same(a: Column, b: Column) -> np.ndarray:
    """Which cells hold the same (null equals null): bool (rows,)."""
    index, _ = codes(_as_text(_joined(a, b)))
    return index[: len(a)] == index[len(a) :]


def _as_text(column: Column) -> Column:
    """As text whose equality is that of the cells; bytes as hexadecimal digits."""
    if not (DataType.is_binary(column.type) or DataType.is_large_binary(column.type)):
        return as_text(column)
    return from_strings([None if cell is None else cell.hex() for cell in column.to_pylist()])


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
    index, distinct = codes(_as_text(column))
    return np.append(np.bincount(index[index >= 0], minlength=len(distinct)) == 1, False)[index]


def _joined(a: Column, b: Column) -> Column:
    return ChunkedArray([a, b]).combine_chunks()


def _show(column: Column, row: int) -> str:
    return repr(column.slice(row, 1).to_pylist()[0])


def _first(flags: np.ndarray) -> int:
    return int(np.flatnonzero(flags)[0])


def _check_describe(codec: Codec) -> None:
    line = codec.describe()
    _expect(line.strip() and "\n" not in line, f"describe() must be one line that says something: {line!r}")


def _check_encode(codec: Codec, column: Column) -> None:
    leaves = codec.encode(column)
    _expect(not set(codec.noise) & set(codec.spaces), "a leaf is both learned and noise")
    _expect(
        set(leaves) == set(codec.spaces),
        f"encode gave the leaves {sorted(leaves)}, spaces declares {sorted(codec.spaces)}",
    )
    for name, space in codec.spaces.items():
        values = leaves[name]
        match space:
            case Choice(size=size, grid=grid):
                _expect(values.dtype == np.int64, f"leaf {name!r} is {values.dtype}, a Choice leaf is int64")
                _expect(values.shape == (len(column), *grid), f"leaf {name!r} has the shape {values.shape}")
                if values.size:
                    low, high = int(values.min()), int(values.max())
                    _expect(
                        0 <= low and high < size,
                        f"leaf {name!r} holds symbols {low} to {high}, its Choice has {size}",
                    )
            case Real(channels=channels, grid=grid):
                levels = values.dtype == np.uint8 and bool(grid)
                _expect(
                    values.dtype == np.float32 or levels,
                    f"leaf {name!r} is {values.dtype}, a Real is float32, or uint8 on a grid",
                )
                shape = (len(column), channels, *grid)
                _expect(values.shape == shape, f"leaf {name!r} has the shape {values.shape}, not {shape}")
                _expect(np.isfinite(values).all(), f"leaf {name!r} holds numbers that are not finite")
    _expect(not codec.unknown(column).any(), "unknown() names cells that encode took")
    empty = codec.encode(column.slice(0, 0))
    _expect(all(len(values) == 0 for values in empty.values()), "encode of no rows gave rows")


def _check_round_trip(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> Column:
    """What decodes from the column's own symbols; checked against the column."""
    leaves = _at_waist(codec.encode(column)) | _noise(codec, len(column), rng)
    rows = Rows(0, len(column), seed)
    made = codec.decode(leaves, rows)
    _expect(len(made) == len(column), f"decode gave {len(made)} rows for {len(column)}")
    wanted = _made_type(column)
    _expect(made.type == wanted, f"decode gave the type {made.type}, fit was given {column.type}")
    _expect(
        _same(made, codec.decode(leaves, rows)).all(), "decode gave two results for the same leaves and rows"
    )
    gone = missing(column)
    revived = gone & ~missing(made)
    _expect(not revived.any(), "a missing cell came back with a value")
    try:
        again = _at_waist(codec.encode(made))
    except SampanError as error:
        raise AssertionError(f"what was decoded cannot be encoded again: {error.what}") from error
    omitted = not codec.spaces and made.null_count == len(made)
    other_seed = codec.decode(leaves, Rows(0, len(column), seed + 1))
    invents = getattr(codec, "fresh", False) or not _same(made, other_seed).all()
    for name, symbols in again.items():
        changed = symbols.reshape(len(column), -1) != leaves[name].reshape(len(column), -1)
        if changed.any():
            row = _first(changed.any(axis=1))
            raise AssertionError(
                f"{_show(column, row)} came back as {_show(made, row)}, which has other symbols in {name!r}"
            )
    if _is_exact(codec) and not omitted and not invents:
        changed = ~_same(made, column) & ~_alone(column)
        if changed.any():
            row = _first(changed)
            raise AssertionError(f"{_show(column, row)} came back as {_show(made, row)}")
    if invents:
        _expect((missing(made) == gone).all(), "an invented column is null elsewhere than its symbols say")
    if getattr(codec, "unique", False):
        index, distinct = codes(as_text(made))
        _expect((index >= 0).sum() == len(distinct), "made values that were promised unique come twice")
        next_block = codec.decode(leaves, Rows(len(column), len(column), seed))
        index, distinct = codes(as_text(_joined(made, next_block)))
        _expect((index >= 0).sum() == len(distinct), "made values repeat from one block of rows to the next")
    if getattr(codec, "fresh", False):
        shared = set(codes(as_text(made))[1]) & set(codes(as_text(column))[1])
        _expect(not shared, f"made values equal values of the column, such as {next(iter(shared), None)!r}")
    return made


def _check_random_symbols(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> None:
    leaves = _points(codec, 500, rng)
    made = codec.decode(leaves, Rows(0, 500, seed))
    _expect(
        len(made) == 500 and made.type == _made_type(column),
        "decode of random symbols gave another length or type",
    )
    _expect(
        column.null_count or codec.spaces or not made.null_count or made.null_count == 500,
        "decode made some cells missing, and no leaf says which",
    )
    if _is_exact(codec) and codec.spaces:
        again = codec.encode(made)
        for name, symbols in again.items():  # on a grid, symbols that no value has may mean another's
            _expect(
                (symbols == leaves[name]).all() or len(codec.spaces) > 1 or codec.dimensions > 0,
                f"encode(decode(symbols)) gave other symbols in {name!r}",
            )
    one = codec.decode({name: values[:1] for name, values in leaves.items()}, Rows(0, 1, seed))
    _expect(len(one) == 1, "decode of one row gave another number of rows")


def _check_state(codec: Codec, column: Column, rng: np.random.Generator, seed: int) -> None:
    values, arrays = codec.state()
    try:
        text = json.dumps(values, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"state() is not plain JSON: {error}") from None
    for name, array in arrays.items():
        plain = isinstance(array, np.ndarray) and array.dtype.kind in "biuf"
        _expect(plain, f"state() array {name!r} is {getattr(array, 'dtype', type(array))}: numbers only")
    back = type(codec).from_state(json.loads(text), {name: array.copy() for name, array in arrays.items()})
    values_back, arrays_back = back.state()
    _expect(
        json.dumps(values_back, sort_keys=True) == json.dumps(values, sort_keys=True),
        "state() of a restored codec differs",
    )
    _expect(set(arrays_back) == set(arrays), "a restored codec has other arrays")
    for name, array in arrays.items():
        other = arrays_back[name]
        _expect(
            other.dtype == array.dtype and np.array_equal(other, array, equal_nan=array.dtype.kind == "f"),
            f"array {name!r} of a restored codec differs",
        )
    _expect(dict(back.spaces) == dict(codec.spaces), "a restored codec has other spaces")
    _expect(tuple(back.noise) == tuple(codec.noise), "a restored codec has other noise leaves")
    _expect(back.describe() == codec.describe(), "a restored codec describes itself otherwise")
    before, after = codec.encode(column), back.encode(column)
    for name in codec.spaces:
        _expect(np.array_equal(before[name], after[name]), f"a restored codec encodes {name!r} otherwise")
    leaves = _points(codec, 200, rng)
    rows = Rows(0, 200, seed)
    _expect(
        _same(codec.decode(leaves, rows), back.decode(leaves, rows)).all(),
        "a restored codec decodes otherwise",
    )


def _check_log_share(codec: Codec, column: Column, made: Column, rng: np.random.Generator, seed: int) -> None:
    share = codec.log_share(column)
    _expect(share.shape == (len(column),) and share.dtype == np.float64, "log_share is not float64 (rows,)")
    _expect(not np.isnan(share).any() and (share <= 1e-9).all(), "log_share holds NaN or is above 0")
    if not codec.noise:
        return
    picks = rng.permutation(len(made))[:12]
    if picks.size == 0:
        return
    chosen = compute.take(made, _rows_of(picks))  # made, because a codec may keep fewer values than it saw
    symbols = codec.encode(chosen)
    claimed = np.exp(codec.log_share(chosen))
    leaves = {name: np.repeat(values, _DRAWS, axis=0) for name, values in symbols.items()}
    total = picks.size * _DRAWS
    drawn = codec.decode(leaves | _noise(codec, total, rng), Rows(0, total, seed))
    wanted = compute.take(chosen, _rows_of(np.repeat(np.arange(picks.size), _DRAWS)))
    measured = _same(drawn, wanted).reshape(picks.size, _DRAWS).mean(axis=1)
    slack = 5 * np.sqrt(claimed * (1 - claimed) / _DRAWS) + 2 / _DRAWS
    for row in np.flatnonzero(np.abs(measured - claimed) > slack):
        raise AssertionError(
            f"log_share says that {_show(chosen, int(row))} is {claimed[row]:.4f} of its symbols; "
            f"uniform noise gives {measured[row]:.4f}"
        )


def _rows_of(index: np.ndarray) -> Column:
    return Column.from_numpy(index.astype(np.int64))


def _check_view(codec: Codec, column: Column, made: Column) -> None:
    """A codec shows the column, what it makes and no rows at all in one way."""
    kinds = set()
    for shown in (column, made, column.slice(0, 0)):
        view = codec.view(shown)
        kinds.add(type(view))
        match view:
            case Scale(values, tick):
                _expect(
                    values.dtype == np.float64 and values.shape == (len(shown),),
                    "the numbers of a view are not float64 (rows,)",
                )
                _expect(np.isnan(values[missing(shown)]).all(), "a missing cell has a number in the view")
                known = values[~np.isnan(values)]
                if tick is not None and known.size:
                    _expect(isinstance(tick(float(known[0])), str), "the ticks of a view are not text")
            case Labels(labels):
                _expect(len(labels) == len(shown), "the labels of a view are not (rows,)")
                _expect(missing(labels)[missing(shown)].all(), "a missing cell has a label in the view")
            case Points(_, cells, there):
                _expect(there.shape == (len(shown),), "what a view says is there is not (rows,)")
                _expect(len(cells) == there.sum(), "a view has not one cell for each row that is there")
                _expect(not there[missing(shown)].any(), "a missing cell is there in the view")
            case None:
                pass
    _expect(len(kinds) == 1, "one column is seen in two ways, as numbers here and as labels there")


# --- conditions
def inside(box: Box, leaves: dict[str, np.ndarray]) -> np.ndarray:
    """Which leaf points lie in a box: bool (rows,)."""
    count = len(next(iter(leaves.values())))
    held = np.ones(count, dtype=bool)
    for name, mask in box.symbols.items():
        held &= mask[leaves[name]]
    for name, (low, high) in box.noise.items():
        held &= (leaves[name] >= low) & (leaves[name] < high)
    return held


def _check_allow(codec: Codec, column: Column, made: Column, rng: np.random.Generator, seed: int) -> None:
    leaves = _points(codec, 2000, rng)
    if not leaves:
        leaves = {"": np.zeros(2000, dtype=np.int64)}  # no leaf: every point is the same
    drawn = codec.decode(leaves, Rows(0, 2000, seed))
    gone = missing(drawn)

    def event(condition: Condition) -> np.ndarray | None:
        """Where the boxes say that the condition holds; None where the codec refuses it."""
        try:
            boxes = codec.allow(condition)
        except WhereError:
            return None
        times = np.zeros(2000, dtype=np.int64)
        for box in boxes:
            for name, mask in box.symbols.items():
                space = codec.spaces.get(name)
                _expect(
                    isinstance(space, Choice) and mask.dtype == bool and mask.shape == (space.size,),
                    f"{condition}: a box has a wrong mask for leaf {name!r}",
                )
            _expect(set(box.noise) <= set(codec.noise), f"{condition}: a box names a leaf that is no noise")
            times += inside(box, leaves)
        _expect((times <= 1).all(), f"{condition}: boxes overlap")
        return times == 1

    for condition, right in ((Missing(), gone), (Missing(negated=True), ~gone)):
        held = event(condition)
        if held is None:
            raise AssertionError(f"{condition} was refused; every column can be asked")
        _expect(np.array_equal(held, right), f"{condition}: the boxes disagree with the decoded values")
        _check_holds(codec, condition, drawn, held)

    present = compute.take(made, _rows_of(rng.permutation(np.flatnonzero(~missing(made)))[:6]))
    literals = list(dict.fromkeys(present.to_pylist()))
    everything = _joined(drawn, made)  # so that a few odd draws do not change what the text means
    everything = as_text(everything) if is_text(made) else everything
    for condition in _samples(literals):
        held = event(condition)
        if held is None:
            continue
        # how text is ordered is the codec's to say (it may spell numbers or dates); equality is not
        equality = not isinstance(condition, Between) and getattr(condition, "op", "==") in ("==", "!=")
        if equality or not is_text(column):
            right = evaluate(Atom("c", condition), {"c": everything})[:2000]
            wrong = held != right
            if wrong.any():
                row = _first(wrong)
                raise AssertionError(
                    f"{condition}: a point that decodes to {_show(drawn, row)} is "
                    f"{'inside' if held[row] else 'outside'} the boxes"
                )
        _check_holds(codec, condition, drawn, held)
    for literal in literals:
        _check_order(event, literal, gone)
    for low, high in itertools.combinations(literals, 2):
        between, above, below = (
            event(Between(low, high)),
            event(Compare(">=", low)),
            event(Compare("<=", high)),
        )
        if between is not None and above is not None and below is not None:
            _expect(np.array_equal(between, above & below), f"between {low!r} and {high!r} is not >= and <=")
            outside = event(Between(low, high, negated=True))
            _expect(
                outside is not None and np.array_equal(outside, ~between & ~gone),
                f"not between {low!r} and {high!r} is not what is left of the cells that hold something",
            )


def _check_holds(codec: Codec, condition: Condition, drawn: Column, held: np.ndarray) -> None:
    """What a codec says of cells that it made, where it says anything, is what its boxes say of them."""
    some = min(len(drawn), _GIVEN)
    own = codec.holds(condition, drawn.slice(0, some))
    if own is None:
        return
    _expect(own.dtype == bool and own.shape == (some,), f"{condition}: holds is not bool (rows,)")
    wrong = own != held[:some]
    if wrong.any():
        row = _first(wrong)
        raise AssertionError(
            f"{condition} holds for {_show(drawn, row)} by its boxes or by `holds`, and not by both"
        )


def _samples(literals: list[Any]) -> list[Condition]:
    """Conditions about values that a column holds."""
    found: list[Condition] = []
    for literal in literals:
        found += [Compare(op, literal) for op in ("==", "!=", "<", "<=", ">", ">=")]
        found += [In((literal,)), In((literal,), negated=True)]
    if len(literals) > 1:
        found += [In(tuple(literals)), In(tuple(literals), negated=True)]
        found += [Between(low, high) for low, high in itertools.combinations(literals[:4], 2)]
    return found


def _check_order(event: Any, literal: Any, gone: np.ndarray) -> None:
    """<, == and > split the cells that hold something; <= and >= are made of them."""
    less, equal, more = (event(Compare(op, literal)) for op in ("<", "==", ">"))
    if less is None or equal is None or more is None:
        _expect(less is None and more is None, f"{literal!r}: < is refused and > is not, or the other way")
        return
    parts = less.astype(int) + equal + more
    _expect(np.array_equal(parts, (~gone).astype(int)), f"<, == and > {literal!r} do not split the column")
    for op, strict in (("<=", less), (">=", more)):
        held = event(Compare(op, literal))
        _expect(
            held is not None and np.array_equal(held, strict | equal),
            f"{op} {literal!r} is not {op[0]} or ==",
        )
