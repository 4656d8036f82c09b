"""Sampling under a condition is exact: held to a model whose every conditional is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pytest
import torch
from arro3.core import Array, DataType
from torch import Tensor

from sampan.ability import Conditionals
from sampan.column import Column, from_strings, take
from sampan.device import Asked
from sampan.errors import WhereError
from sampan.family import Model, Player
from sampan.field import Between, Box, Codec, Compare, Condition, Field, In, Leaves, Missing, Rows
from sampan.fields.category import Category
from sampan.fields.moment import Moment
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.making.conditions import draw_inside, draw_present, settle
from sampan.space import Batch, Choice, Space
from sampan.testing import check_field
from sampan.where import parse
from sampan.where.evaluation import compare
from tests.worlds import WORLDS, World

ROWS = 20_000


class Truth(Model, Conditionals):
    """A model that knows its world's conditionals to the last digit."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.spaces = world, world.spaces

    def players(self) -> tuple[Player, ...]:
        return ()

    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        values, known = dict(given.values), dict(given.known)
        for leaf in self.spaces:
            chance = self.conditional(Batch(values, known), leaf).exp()
            drawn = torch.multinomial(chance, 1, generator=rng)[:, 0]
            values[leaf] = torch.where(known[leaf], values[leaf], drawn)
            known[leaf] = torch.ones_like(known[leaf])
        return values

    def conditional(self, given: Batch, leaf: str) -> Tensor:
        out = []
        seen: dict[tuple[tuple[str, int], ...], Tensor] = {}
        for row in range(len(given.values[leaf])):
            known = {n: int(given.values[n][row]) for n in self.spaces if n != leaf and given.known[n][row]}
            key = tuple(known.items())
            if key not in seen:
                seen[key] = torch.from_numpy(self.world.conditional(leaf, known)).clamp(min=1e-300).log()
            out.append(seen[key])
        return torch.stack(out)


def nothing(world: World, rows: int) -> Batch:
    return Batch(
        {name: torch.zeros(rows, dtype=torch.long) for name in world.spaces},
        {name: torch.zeros(rows, dtype=torch.bool) for name in world.spaces},
    )


def mask(size: int, *symbols: int) -> np.ndarray:
    out = np.zeros(size, dtype=bool)
    out[list(symbols)] = True
    return out


def made_and_true(world: World, boxes: list[Box], noise_share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The joint distribution of made records, and the world's own inside the boxes."""
    rng = torch.Generator().manual_seed(0)
    model = Truth(world)
    batch, _ = draw_inside(Asked(model), nothing(world, ROWS), boxes, ["heat/which"], rng)
    made = model.sample(batch, rng)
    flat = np.ravel_multi_index([made[name].numpy() for name in world.spaces], world.table.shape)
    true = world.table * noise_share
    return np.bincount(flat, minlength=true.size) / ROWS, (true / true.sum()).ravel()


def test_two_columns_at_once() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 0, 1, 2, 3), "ice": mask(2, 0)}, {})]
    share = np.zeros(world.table.shape)
    share[:, :4, 0] = 1
    made, true = made_and_true(world, boxes, share)
    assert 0.5 * np.abs(made - true).sum() < 0.02
    assert made[share.ravel() == 0].sum() == 0


def test_either_of_two_columns() -> None:
    world = WORLDS["weather"]
    first = Box({"season": mask(3, 2)}, {})
    second = Box({"season": mask(3, 0, 1), "ice": mask(2, 1)}, {})
    share = np.zeros(world.table.shape)
    share[2] = 1
    share[:2, :, 1] = 1
    made, true = made_and_true(world, [first, second], share)
    assert 0.5 * np.abs(made - true).sum() < 0.02


def test_a_bound_that_cuts_a_symbol_weighs_it_by_what_is_left_of_it() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 0, 1)}, {}), Box({"heat": mask(12, 2)}, {"heat/which": (0.0, 0.25)})]
    share = np.zeros(world.table.shape)
    share[:, :2] = 1
    share[:, 2] = 0.25
    made, true = made_and_true(world, boxes, share)
    assert 0.5 * np.abs(made - true).sum() < 0.02


def test_noise_stays_inside_its_interval() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 4)}, {"heat/which": (0.5, 0.75)})]
    rng = torch.Generator().manual_seed(1)
    batch, noise = draw_inside(Asked(Truth(world)), nothing(world, 500), boxes, ["heat/which"], rng)
    assert (batch.values["heat"] == 4).all()
    assert ((noise["heat/which"] >= 0.5) & (noise["heat/which"] < 0.75)).all()


def test_given_values_weigh_as_they_should() -> None:
    """p(c | a given, condition on b and c) of the xor world."""
    world = WORLDS["xor"]
    batch = nothing(world, ROWS)
    batch.values["a"][:] = 1
    batch.known["a"][:] = True
    boxes = [Box({"b": mask(2, 0)}, {}), Box({"b": mask(2, 1), "c": mask(2, 1)}, {})]
    out, _ = draw_inside(Asked(Truth(world)), batch, boxes, [], torch.Generator().manual_seed(2))
    share = (out.values["b"] == 1).float().mean()
    assert float(share) == pytest.approx(0.05 / 0.55, abs=0.01)
    assert (out.values["a"] == 1).all()


def test_one_record_at_a_time_is_drawn_as_exactly_as_many_at_once() -> None:
    """A record is accepted by its own weight and not by how it compares with the others of its block."""
    world = WORLDS["xor"]
    boxes = [Box({"b": mask(2, 0)}, {}), Box({"b": mask(2, 1), "c": mask(2, 1)}, {})]
    batch = nothing(world, 1)
    batch.values["a"][:] = 1
    batch.known["a"][:] = True
    alone = [
        int(
            draw_inside(Asked(Truth(world)), batch, boxes, [], torch.Generator().manual_seed(seed))[0].values[
                "b"
            ]
        )
        for seed in range(1_500)
    ]
    assert np.mean(alone) == pytest.approx(0.05 / 0.55, abs=0.03)


def test_what_is_given_may_contradict_the_condition() -> None:
    world = WORLDS["xor"]
    batch = nothing(world, 3)
    batch.known["b"][1] = True
    with pytest.raises(WhereError, match="row 2 of 3"):
        draw_inside(Asked(Truth(world)), batch, [Box({"b": mask(2, 1)}, {})], [], torch.Generator())


# --- what is given is compared by its own value
PRICES = from_strings([f"${value:.2f}" for value in np.arange(0, 400, 0.25)])
DAYS = from_strings([f"{1 + day % 28:02d}/{1 + day % 12:02d}/{1990 + day % 30}" for day in range(4_000)])
NAMES = from_strings([f"name {row % 900}" for row in range(2_000)])
SPELLING = Spelling.find(PRICES)


@pytest.mark.parametrize(
    ("field", "column", "cell", "holds", "fails"),
    [
        (Number(spelling=SPELLING), PRICES, "$100.25", "c = 100.25 and c < 100.5", "c = 100.5"),
        (Number(spelling=SPELLING), PRICES, "$100.26", "c > 100.25", "c <= 100.25"),
        (Number(), Array(range(5_000), DataType.int64()), 7, "c in (7, 9)", "c in (6, 8)"),
        (Moment(), DAYS, "03/04/1995", "c = 1995-04-03", "c >= 1995-04-04"),
        (Moment(), DAYS, "03/04/1995", "c < 1995-04-04", "not c < 1995-04-04"),
        (Category(), NAMES, "name 17", "c = 'name 17'", "c = 'name 18'"),
    ],
)
def test_a_given_value_is_compared_by_itself_and_not_by_its_symbol(
    field: Field, column: Column, cell: object, holds: str, fails: str
) -> None:
    codecs: dict[str, Codec] = {"c": field.fit(column)}
    given = {"c": Array([cell], column.type)}
    event = settle(parse(holds), codecs, given)
    assert [(dict(box.symbols), dict(box.noise)) for box in event.inside] == [({}, {})]
    with pytest.raises(WhereError, match="contradicts"):
        settle(parse(fails), codecs, given)
    with pytest.raises(WhereError, match="contradicts"):
        settle(parse("c is missing"), codecs, given)


MARKS = "DCBA"  # a school's, the best last


class Marks(Codec):
    """Marks of a school, whose order is not that of their letters: a codec that Sampan has never seen."""

    kind: ClassVar[str] = "marks"

    @property
    def spaces(self) -> Mapping[str, Space]:
        return {"": Choice(4, ordered=True)}

    def encode(self, column: Column) -> Leaves:
        return {"": np.array([MARKS.index(mark) for mark in column.to_pylist()], dtype=np.int64)}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        return take(from_strings(list(MARKS)), leaves[""])

    def _satisfied(self, condition: Condition, symbols: np.ndarray) -> np.ndarray:
        match condition:
            case Compare(_, mark):
                marks = [mark]
            case Between(low, high):
                marks = [low, high]
            case In(several):
                marks = list(several)
            case Missing():
                marks = []
        return compare(condition, symbols, [MARKS.index(mark) for mark in marks])

    def allow(self, condition: Condition) -> list[Box]:
        mask = self._satisfied(condition, np.arange(4))
        return [Box({"": mask}, {})] if mask.any() else []

    def describe(self) -> str:
        return "marks, D to A"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        return cls()


class OrderedMarks(Marks):
    """The same, and it says how marks that are given compare."""

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        return self._satisfied(condition, self.encode(column)[""])


class LooseMarks(Marks):
    """The same, and what it says of given marks is not what its boxes say."""

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        return ~self._satisfied(condition, self.encode(column)[""])


@dataclass(frozen=True)
class School(Field):
    kind: ClassVar[str] = "marks"
    codec: type[Codec]

    def fit(self, column: Column) -> Codec:
        return self.codec.from_state({}, {})


def test_a_codec_that_knows_how_given_cells_compare_is_asked() -> None:
    given = {"c": from_strings(["A"])}
    event = settle(parse("c > 'B'"), {"c": OrderedMarks()}, given)
    assert [(dict(box.symbols), dict(box.noise)) for box in event.inside] == [({}, {})]
    with pytest.raises(WhereError, match="no order"):
        settle(parse("c > 'B'"), {"c": Marks()}, given)  # as plain text, A comes before B


def test_what_holds_for_given_cells_is_held_to_the_boxes() -> None:
    column = from_strings(list("ABCDAABB"))
    check_field(School(Marks), column)
    check_field(School(OrderedMarks), column)
    with pytest.raises(AssertionError, match="by its boxes or by `holds`"):
        check_field(School(LooseMarks), column)


def test_each_given_row_leaves_its_own_boxes() -> None:
    ages, yes = Array([20, 40, 20, 60] * 25, DataType.int64()), from_strings(["yes", "no"] * 50)
    codecs: dict[str, Codec] = {"age": Number().fit(ages), "churn": Category().fit(yes)}
    given = {"age": Array([20, 40, 20], DataType.int64())}
    event = settle(parse("(age > 30 and churn = no) or (age < 30 and churn = yes)"), codecs, given)
    chosen = [[event.inside[place] for place in np.flatnonzero(row)] for row in event.of(0, 3)]
    known = codecs["churn"].encode(from_strings(["yes", "no", "yes"]))[""]
    for (box,), symbol in zip(chosen, known, strict=True):
        assert list(box.symbols) == ["churn"]
        assert np.flatnonzero(box.symbols["churn"]).tolist() == [symbol]


# --- several cells that could be missing, and are to be filled
@pytest.mark.parametrize("ice_missing", [0, 1])
def test_cells_filled_together_are_drawn_as_none_of_them_is_missing(ice_missing: int) -> None:
    """Symbols of three leaves stand for "missing"; drawn one after another they would ignore the later."""
    world = WORLDS["weather"]
    present = {"season": mask(3, 1, 2), "heat": mask(12, *range(3, 9)), "ice": mask(2, 1 - ice_missing)}
    share = np.einsum("a,b,c->abc", *[held.astype(float) for held in present.values()])
    true = world.table * share
    model = Truth(world)
    batch = draw_present(Asked(model), nothing(world, ROWS), present, torch.Generator().manual_seed(5))
    assert all(flag.all() for flag in batch.known.values())
    flat = np.ravel_multi_index([batch.values[name].numpy() for name in world.spaces], true.shape)
    made = np.bincount(flat, minlength=true.size) / ROWS
    assert 0.5 * np.abs(made - (true / true.sum()).ravel()).sum() < 0.02
    assert made[share.ravel() == 0].sum() == 0


def test_filling_leaves_what_is_known() -> None:
    world = WORLDS["weather"]
    batch = nothing(world, 400)
    batch.values["season"][::2] = 2
    batch.known["season"][::2] = True
    out = draw_present(
        Asked(Truth(world)), batch, {"season": mask(3, 0, 1)}, torch.Generator().manual_seed(6)
    )
    assert (out.values["season"][::2] == 2).all() and (out.values["season"][1::2] < 2).all()
    assert not out.known["heat"].any()
