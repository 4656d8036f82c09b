"""Records at the waist: what the verbs of a batch keep, and what they hide."""

from __future__ import annotations

import pytest
import torch

from sampan.space import Batch, Choice, Real, joined, rows_of

SPACES = {"kind": Choice(3), "words": Choice(5, (4,)), "picture": Real(2, (3, 6)), "size": Real()}


def test_an_empty_batch_has_the_shapes_of_its_spaces_and_knows_nothing() -> None:
    batch = Batch.empty(SPACES, 7)
    assert batch.rows == 7
    assert {name: tuple(tensor.shape) for name, tensor in batch.values.items()} == {
        "kind": (7,),
        "words": (7, 4),
        "picture": (7, 2, 3, 6),
        "size": (7, 1),
    }
    assert {name: tuple(flags.shape[1:]) for name, flags in batch.known.items()} == {
        name: space.grid for name, space in SPACES.items()
    }
    assert not any(flags.any() for flags in batch.known.values())


@pytest.mark.parametrize("size", [1, 3, 10, 64])
def test_pieces_joined_are_the_whole(size: int) -> None:
    rows = torch.arange(10)
    batch = Batch({"a": rows, "b": rows[:, None] * 1.0}, {"a": rows % 2 == 0, "b": rows % 3 == 0})
    pieces = list(batch.pieces(size))
    assert [piece.rows for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    again = Batch(joined([piece.values for piece in pieces]), joined([piece.known for piece in pieces]))
    for name in batch.values:
        assert torch.equal(again.values[name], batch.values[name])
        assert torch.equal(again.known[name], batch.known[name])


def test_records_are_taken_in_any_order_and_several_times() -> None:
    batch = Batch({"a": torch.tensor([5, 6, 7])}, {"a": torch.tensor([True, False, True])})
    some = batch.take(torch.tensor([2, 1, 1]))
    assert some.values["a"].tolist() == [7, 6, 6] and some.known["a"].tolist() == [True, False, False]
    assert batch.take(slice(1, 9)).values["a"].tolist() == [6, 7]


def test_what_is_hidden_of_a_batch_leaves_the_batch_as_it_was() -> None:
    batch = Batch.empty(SPACES, 2).whole()
    part = batch.unknown(["picture"])
    assert not part.known["picture"].any() and part.known["kind"].all()
    assert batch.known["picture"].all() and not any(flags.any() for flags in batch.unknown().known.values())


def test_no_leaf_is_no_record() -> None:
    assert Batch({}, {}).rows == rows_of({}) == 0
