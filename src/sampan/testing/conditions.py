"""The checks of conditions: the boxes of a codec hold just the cells that satisfy them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from sampan.arrow_type import as_text
from sampan.column import Column, is_text, join, missing, take
from sampan.errors import WhereError
from sampan.field import Between, Box, Codec, Compare, Condition, In, Missing, Rows
from sampan.space import Choice
from sampan.testing.cells import expect, first, points_of, shown
from sampan.where import Atom, evaluate

_GIVEN = 300
"""Decoded cells that are asked about as if they had been given."""


def inside(box: Box, leaves: dict[str, np.ndarray]) -> np.ndarray:
    """Which leaf points lie in a box: bool (rows,)."""
    count = len(next(iter(leaves.values())))
    held = np.ones(count, dtype=bool)
    for name, mask in box.symbols.items():
        held &= mask[leaves[name]]
    for name, (low, high) in box.noise.items():
        held &= (leaves[name] >= low) & (leaves[name] < high)
    return held


def check_allow(codec: Codec, column: Column, made: Column, rng: np.random.Generator, seed: int) -> None:
    """Boxes that do not overlap and hold just what satisfies a condition, whatever is asked."""
    leaves = points_of(codec, 2000, rng)
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
                expect(
                    isinstance(space, Choice) and mask.dtype == bool and mask.shape == (space.size,),
                    f"{condition}: a box has a wrong mask for leaf {name!r}",
                )
            expect(set(box.noise) <= set(codec.noise), f"{condition}: a box names a leaf that is no noise")
            times += inside(box, leaves)
        expect((times <= 1).all(), f"{condition}: boxes overlap")
        return times == 1

    for condition, right in ((Missing(), gone), (Missing(negated=True), ~gone)):
        held = event(condition)
        if held is None:
            raise AssertionError(f"{condition} was refused; every column can be asked")
        expect(np.array_equal(held, right), f"{condition}: the boxes disagree with the decoded values")
        _check_holds(codec, condition, drawn, held)

    present = take(made, rng.permutation(np.flatnonzero(~missing(made)))[:6])
    literals = list(dict.fromkeys(present.to_pylist()))
    everything = join([drawn, made])  # so that a few odd draws do not change what the text means
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
                row = first(wrong)
                raise AssertionError(
                    f"{condition}: a point that decodes to {shown(drawn, row)} is "
                    f"{'inside' if held[row] else 'outside'} the boxes"
                )
        _check_holds(codec, condition, drawn, held)
    for literal in literals:
        _check_order(event, literal, gone)
    for low, high in itertools.combinations(literals, 2):
        _check_between(event, low, high, gone)


def _check_holds(codec: Codec, condition: Condition, drawn: Column, held: np.ndarray) -> None:
    """What a codec says of cells that it made, where it says anything, is what its boxes say of them."""
    some = min(len(drawn), _GIVEN)
    own = codec.holds(condition, drawn.slice(0, some))
    if own is None:
        return
    expect(own.dtype == bool and own.shape == (some,), f"{condition}: holds is not bool (rows,)")
    wrong = own != held[:some]
    if wrong.any():
        row = first(wrong)
        raise AssertionError(
            f"{condition} holds for {shown(drawn, row)} by its boxes or by `holds`, and not by both"
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
        expect(less is None and more is None, f"{literal!r}: < is refused and > is not, or the other way")
        return
    parts = less.astype(int) + equal + more
    expect(np.array_equal(parts, (~gone).astype(int)), f"<, == and > {literal!r} do not split the column")
    for op, strict in (("<=", less), (">=", more)):
        held = event(Compare(op, literal))
        expect(
            held is not None and np.array_equal(held, strict | equal),
            f"{op} {literal!r} is not {op[0]} or ==",
        )


def _check_between(event: Any, low: Any, high: Any, gone: np.ndarray) -> None:
    """between is >= and <=, and its opposite is what is left."""
    between, above, below = (
        event(Between(low, high)),
        event(Compare(">=", low)),
        event(Compare("<=", high)),
    )
    if between is not None and above is not None and below is not None:
        expect(np.array_equal(between, above & below), f"between {low!r} and {high!r} is not >= and <=")
        outside = event(Between(low, high, negated=True))
        expect(
            outside is not None and np.array_equal(outside, ~between & ~gone),
            f"not between {low!r} and {high!r} is not what is left of the cells that hold something",
        )
