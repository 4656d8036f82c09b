"""Sides: the three tables that a judgement compares, every column as numbers, as codes or as points.

    seen      rows that the model learned from
    unseen    real rows that it never saw: they set the floor
    made      rows that it made

Every question reads these arrays and nothing else, so none knows what a column means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from sampan.column import Column, floats, from_numpy
from sampan.evaluate.columns import Kind, shared_codes
from sampan.evaluate.eyes import EYES, Eye, Learning
from sampan.field import Codec, Labels, Points, Scale
from sampan.randomness import rng_of

Name = Literal["seen", "unseen", "made"]

COMPONENTS = 8
"""Leading components of each space that stand for a column of points beside numbers and categories."""


@dataclass(frozen=True, eq=False)
class Side:
    """One table.

    numbers: column -> float64 (rows,), NaN where missing. codes: column -> int64 (rows,), -1 where missing;
    a code means the same value on all sides. places: column of points -> int64 (rows,), where each cell
    stands among all of the column's cells, -1 where missing.
    """

    rows: int
    numbers: Mapping[str, np.ndarray]
    codes: Mapping[str, np.ndarray]
    places: Mapping[str, np.ndarray] = field(default_factory=dict)

    def take(self, index: np.ndarray) -> Side:
        """The rows of an index (int64 or bool), in its order."""
        index = np.flatnonzero(index) if index.dtype == bool else index
        return Side(
            len(index),
            {name: values[index] for name, values in self.numbers.items()},
            {name: codes[index] for name, codes in self.codes.items()},
            {name: places[index] for name, places in self.places.items()},
        )

    def some(self, rows: int, rng: np.random.Generator) -> Side:
        """At most so many rows, drawn without replacement and kept in order."""
        if rows >= self.rows:
            return self
        return self.take(np.sort(rng.choice(self.rows, rows, replace=False)))

    def column(self, name: str) -> np.ndarray:
        """One column: float64 for a number, int64 codes for a category."""
        return self.numbers[name] if name in self.numbers else self.codes[name]

    def missing(self, name: str) -> np.ndarray:
        """Which cells of a column are missing: bool (rows,)."""
        if name in self.numbers:
            return np.isnan(self.numbers[name])
        return (self.codes[name] if name in self.codes else self.places[name]) < 0


def stacked(first: Side, *others: Side) -> Side:
    """Tables one below the other."""
    sides = (first, *others)
    return Side(
        sum(side.rows for side in sides),
        {name: np.concatenate([side.numbers[name] for side in sides]) for name in first.numbers},
        {name: np.concatenate([side.codes[name] for side in sides]) for name in first.codes},
        {name: np.concatenate([side.places[name] for side in sides]) for name in first.places},
    )


@dataclass(frozen=True, eq=False)
class Cells:
    """All cells of a column of points, those of seen, unseen and made rows one below another.

    eye: what looks at them. parts: the cells of each side, as the codec has them. plain: space -> vectors,
    float32 (cells, d). components: name -> one number for each cell, float64 (cells,): "features 1" first.
    """

    eye: Eye
    parts: tuple[np.ndarray, ...]
    plain: Mapping[str, np.ndarray]
    components: Mapping[str, np.ndarray]

    def take(self, places: np.ndarray) -> np.ndarray:
        """The cells at some places."""
        out = np.empty((len(places), *self.parts[0].shape[1:]), dtype=self.parts[0].dtype)
        start = 0
        for part in self.parts:
            here = (places >= start) & (places < start + len(part))
            out[here] = part[places[here] - start]
            start += len(part)
        return out


def looked_at(eye: Eye, parts: Sequence[np.ndarray]) -> Cells:
    """The cells of each side, seen ones first, as an eye sees them."""
    plain = {space: np.concatenate([eye.plain(part, space) for part in parts]) for space in eye.spaces}
    components: dict[str, np.ndarray] = {}
    for space, vectors in plain.items():
        for place, column in enumerate(leading(vectors, len(parts[0])).T):
            components[f"{space} {place + 1}"] = column
    return Cells(eye, tuple(parts), plain, components)


def leading(vectors: np.ndarray, seen: int, most: int = COMPONENTS) -> np.ndarray:
    """The principal components of vectors, of which the first so many are seen and say which they are.

    float64 (rows, at most `most`), those of the largest variance first; one that does not vary is left out.
    """
    base = vectors[:seen].astype(np.float64)
    middle = base.mean(axis=0)
    spread, axes = np.linalg.eigh(np.atleast_2d(np.cov(base, rowvar=False)))
    kept = np.argsort(-spread)[:most]
    kept = kept[spread[kept] > 1e-9 * max(float(spread.sum()), 1e-300)]
    return (vectors - middle) @ axes[:, kept]


@dataclass(frozen=True, eq=False)
class Sides:
    """The three tables of a judgement.

    kinds: the columns of numbers and categories, in order. labels: of each category, the value of every
    code. ticks: how the number of a moment is written. seed: every draw of a question comes from it. points:
    the columns of points. parts: of a number that is a component of a column of points, that column. key:
    the column by whose value rows belong together, "" for none; groups: which group each row of the whole
    sides is of, int64 (rows,) each.
    """

    seen: Side
    unseen: Side
    made: Side
    kinds: Mapping[str, Kind]
    labels: Mapping[str, list[Any]]
    ticks: Mapping[str, Callable[[float], str]]
    seed: int = 0
    points: Mapping[str, Cells] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    groups: tuple[np.ndarray, ...] = ()

    @cached_property
    def whole(self) -> Sides:
        """The record as numbers and categories alone: of each column of points its leading components.

        Without columns where a column of points is the whole record: what is asked of it by itself says all.
        """
        if not self.points or (not self.kinds and len(self.points) == 1):
            return self
        named = {
            f"{name} {component}": (name, values)
            for name, cells in self.points.items()
            for component, values in cells.components.items()
        }

        def spread(side: Side) -> Side:
            own = {
                part: np.append(values, np.nan)[side.places[name]]  # the last place stands for -1
                for part, (name, values) in named.items()
            }
            return Side(side.rows, {**side.numbers, **own}, side.codes)

        seen, unseen, made = map(spread, self.each)
        kinds: dict[str, Kind] = {**self.kinds, **dict.fromkeys(named, "number")}
        parts = {part: name for part, (name, _) in named.items()}
        return replace(self, seen=seen, unseen=unseen, made=made, kinds=kinds, points={}, parts=parts)

    def with_points(self, name: str, eye: Eye, views: Sequence[Points]) -> Sides:
        """The same with a column of points more, given as seen, unseen and made ones."""
        sides, start = [], 0
        for side, view in zip(self.each, views, strict=True):
            places = np.full(side.rows, -1, dtype=np.int64)
            places[view.there] = start + np.arange(len(view.cells))
            sides.append(replace(side, places={**side.places, name: places}))
            start += len(view.cells)
        seen, unseen, made = sides
        points = {**self.points, name: looked_at(eye, [view.cells for view in views])}
        return replace(self, seen=seen, unseen=unseen, made=made, points=points)

    def owner(self, name: str) -> str:
        """The column of the record that a column belongs to: itself but for a component."""
        return self.parts.get(name, name)

    @property
    def numbers(self) -> list[str]:
        """The names of the number columns."""
        return [name for name, kind in self.kinds.items() if kind == "number"]

    @property
    def categories(self) -> list[str]:
        """The names of the category columns."""
        return [name for name, kind in self.kinds.items() if kind == "category"]

    @property
    def each(self) -> tuple[Side, Side, Side]:
        """seen, unseen, made."""
        return self.seen, self.unseen, self.made

    def some(self, rows: int, rng: np.random.Generator) -> Sides:
        """The same with at most so many rows of each side."""
        seen, unseen, made = (side.some(rows, rng) for side in self.each)
        return replace(self, seen=seen, unseen=unseen, made=made)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Rows of seen, unseen and made."""
        return self.seen.rows, self.unseen.rows, self.made.rows

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator of its own for a purpose: one question's draws do not move another's."""
        return rng_of(self.seed, purpose)

    def with_made(self, made: Side) -> Sides:
        """The same with other made rows: how a known leak is planted."""
        return replace(self, made=made)


@dataclass(frozen=True)
class Comparable:
    """Tables whose columns can be compared: amounts, dates and times as numbers, though a file holds text.

    tables: in the order given, the columns of `kinds` only. ticks: how a number is written where it stands
    for something else, such as a day. left_out: columns that are invented, constant or not learned: there
    is nothing to compare. rows: of every table. points: column of points -> the view of every table.
    """

    tables: list[dict[str, Column]]
    kinds: dict[str, Kind]
    ticks: dict[str, Callable[[float], str]]
    left_out: list[str]
    rows: list[int]
    points: dict[str, list[Points]] = field(default_factory=dict)


def comparable(codecs: Mapping[str, Codec], tables: Sequence[Mapping[str, Column]]) -> Comparable:
    """The tables with every learned column as numbers, as categories or as points."""
    rows = [max((len(column) for column in table.values()), default=0) for table in tables]
    found = Comparable([{} for _ in tables], {}, {}, [], rows)
    for name, codec in codecs.items():
        views = [codec.view(table[name]) for table in tables]
        for table, view in zip(found.tables, views, strict=True):
            match view:
                case Scale(values, tick):
                    found.kinds[name] = "number"
                    table[name] = from_numpy(values)
                    if tick is not None:
                        found.ticks[name] = tick
                case Labels(column):
                    found.kinds[name] = "category"
                    table[name] = column
                case Points():
                    found.points.setdefault(name, []).append(view)
                case None:
                    pass
        if name not in found.kinds and name not in found.points:
            found.left_out.append(name)
    return found


def sides(tables: Comparable, learning: Learning = Learning()) -> Sides:  # noqa: B008
    """The sides of comparable tables, given in the order seen, unseen, made.

    learning: of the eyes for columns of points, and the seed of every draw. Eyes are told the first column of
    categories.
    """
    numbers: list[dict[str, np.ndarray]] = [{}, {}, {}]
    codes: list[dict[str, np.ndarray]] = [{}, {}, {}]
    labels: dict[str, list[Any]] = {}
    for name, kind in tables.kinds.items():
        columns: list[Column] = [table[name] for table in tables.tables]
        match kind:
            case "number":
                for side, column in zip(numbers, columns, strict=True):
                    side[name] = floats(column)
            case "category":
                indices, labels[name] = shared_codes(*columns)
                for side, index in zip(codes, indices, strict=True):
                    side[name] = index
    seen, unseen, made = (Side(*parts) for parts in zip(tables.rows, numbers, codes, strict=True))
    out = Sides(seen, unseen, made, tables.kinds, labels, tables.ticks, learning.seed)
    shared = replace(learning, seconds=learning.seconds / max(1, len(tables.points)))
    label = next(iter(out.categories), None)
    for name, views in tables.points.items():
        own = None if label is None else seen.codes[label][views[0].there]
        out = out.with_points(name, EYES[views[0].eye].learn(views[0].cells, own, shared), views)
    return out


NAMED = 10
"""Real rows that a value needs before a report names it: one that fewer hold is somebody's."""


def round_near(value: float, reach: float) -> float:
    """A round number near a value, off by a fortieth of `reach` at most: a cell itself stands in no report.

    >>> round_near(57_123.4, 21_000.0), round_near(3.0, 0.0)
    (57000.0, 3.0)
    """
    if not reach > 0 or not np.isfinite(reach):
        return value
    step = float(10.0 ** np.floor(np.log10(reach / 20)))
    return float(f"{round(value / step) * step:.12g}")


def independent(side: Side, rng: np.random.Generator, parts: Mapping[str, str] | None = None) -> Side:
    """The rows with every column shuffled by itself: what no learning of dependences at all would give.

    parts: as in `Sides`: the components of one column stay together.
    """
    parts = parts or {}
    numbers = {name: rng.permutation(cells) for name, cells in side.numbers.items() if name not in parts}
    codes = {name: rng.permutation(codes) for name, codes in side.codes.items()}
    order = {name: rng.permutation(side.rows) for name in dict.fromkeys(parts.values())}
    together = {part: side.numbers[part][order[name]] for part, name in parts.items()}
    return Side(side.rows, {**numbers, **together}, codes)


def planted(side: Side, leak: Side, share: float, rng: np.random.Generator) -> Side:
    """The rows with a share of them replaced by rows of `leak`, copied verbatim: a leak that is known."""
    count = min(max(1, round(share * side.rows)), leak.rows, side.rows)
    kept = side.take(np.sort(rng.permutation(side.rows)[count:]))
    return stacked(kept, leak.take(np.sort(rng.permutation(leak.rows)[:count])))
