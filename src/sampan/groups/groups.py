"""Groups: what was learned of rows that belong together, under one key.

A row of a group is learned with columns beside it that no table shows: how many rows its group has, as which
of them it stands, and of columns in which the rows of a group are alike, what the first row of its group
holds. So groups are made one row after another, each beside what is constant (`sampan.making.grouped`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.checked import ListOf, Maybe, Plain, Record, Table, Text, Truth, Whole
from sampan.column import Column, codes, from_numpy, take
from sampan.errors import DataError
from sampan.field import Codec, Scale
from sampan.fields.invented import InventedCodec
from sampan.fields.number import Number, NumberCodec
from sampan.groups.onward import Onward
from sampan.groups.standing import Standing
from sampan.rules.quantities import Cells

MOST = 10_000
"""Rows of a group at most."""

STEADY = 0.995
"""Share of the rows that agree with the first of their group in a column that is constant."""

ALIKE = 0.3
"""Correlation with the first row of the group from which on that row says much of a column."""

LEAST = 20
"""Groups below which nothing is taken for some unless somebody says so."""

NEAR = 24
"""Places up to which each is learned by itself; of later ones one in a few is."""

GROUPS = Record(
    {
        "key": Text(),
        "constants": ListOf(Text(), most=100_000),
        "groups": Whole(1),
        "rows": Whole(1),
        "by": Maybe(Text()),
        "back": Truth(),
        "size": Record({"name": Text(), "codec": Table(Plain())}),
        "place": Record({"name": Text(), "codec": Table(Plain())}),
        "alike": ListOf(ListOf(Text(), 2, 2), most=100_000),
        "onward": ListOf(Table(Plain()), most=100_000),
    }
)
"""What a model file says of groups."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows under one key.

    constants: the other columns that are the same in all rows of a group. groups, rows: how many were
    learned. by: the column in whose order the rows of a group stand, None for the order of the table; back:
    whether tables have the last of them first. size, place: the names and codecs of how many rows a group
    has, and of as which of them a row stands. alike: (name, column): columns that hold what the first row of
    the group holds. onward: columns that go forward.
    """

    key: str
    constants: tuple[str, ...]
    groups: int
    rows: int
    by: str | None
    back: bool
    size: tuple[str, NumberCodec]
    place: tuple[str, NumberCodec]
    alike: tuple[tuple[str, str], ...] = ()
    onward: tuple[Onward, ...] = ()

    @classmethod
    def learned(cls, key: str, columns: Mapping[str, Column], codecs: Mapping[str, Codec]) -> Groups:
        """What a table teaches. Raises DataError where the key's rows are no groups."""
        standing = Standing.of(columns[key])
        _refuse(key, standing)
        cells = Cells(codecs, columns)
        others = [name for name in codecs if name != key and codecs[name].dimensions == 0]
        constants = tuple(name for name in others if _constant(columns[name], standing))
        vary = [name for name in others if name not in constants]
        by, back = _order(vary, codecs, cells, standing)
        if by is not None or back:
            standing = Standing.of(columns[key], None if by is None else cells[by].numbers, back)
        taken = set(codecs)

        def name_of(wanted: str) -> str:
            while wanted in taken:
                wanted += "'"
            taken.add(wanted)
            return wanted

        onward, alike = [], []
        for name in vary:
            if not codecs[name].spaces or isinstance(codecs[name], InventedCodec):
                continue
            wanted = name_of(f"step of {name}")
            found = Onward.found(name, wanted, codecs[name], cells[name], standing, standing.group)
            if found is not None:
                onward.append(found)
            steady = found is not None and found.start is not None
            if not steady and (found is not None or _alike(codecs[name], columns[name], standing)):
                alike.append((name_of(f"{name} in the first row of {key}"), name))
        size = Number().fit(from_numpy(standing.sizes))
        place = Number(exact=True).fit(from_numpy(_landmark(standing.place)))
        sizes, places = (name_of(f"rows of one {key}"), size), (name_of(f"place in {key}"), place)
        count = standing.sizes.size
        return cls(key, constants, count, standing.rows, by, back, sizes, places, tuple(alike), tuple(onward))

    @property
    def mean(self) -> float:
        """Rows of the average group."""
        return self.rows / self.groups

    def codecs(self, codecs: Mapping[str, Codec]) -> dict[str, Codec]:
        """The columns that are learned and not shown, beside those of the table."""
        out: dict[str, Codec] = dict([self.size, self.place])
        out |= {name: codecs[column] for name, column in self.alike}
        return out | {one.name: one.codec for one in self.onward if one.codec is not None}

    def standing(self, columns: Mapping[str, Column], codecs: Mapping[str, Codec]) -> Standing:
        """Which group each row of a table is of. Its key must be there."""
        by = None
        if self.by is not None and self.by in columns:
            by = Cells(codecs, columns)[self.by].numbers
        return Standing.of(columns[self.key], by, self.back)

    def hidden(self, columns: Mapping[str, Column], codecs: Mapping[str, Codec]) -> dict[str, Column]:
        """The columns that are learned and not shown, of whole groups; nothing where the key is not there."""
        if self.key not in columns:
            return {}
        standing, cells = self.standing(columns, codecs), Cells(codecs, columns)
        out = self.told(standing.size, standing.place)
        first = standing.firsts[standing.group]
        out |= {name: take(columns[column], first) for name, column in self.alike if column in columns}
        for one in self.onward:
            if one.codec is not None and one.column in columns:
                out[one.name] = one.steps(cells[one.column], standing)
        return out

    def told(self, size: np.ndarray, place: np.ndarray) -> dict[str, Column]:
        """Sizes of groups and places in them as the columns that are learned: int64 (rows,) each."""
        return {self.size[0]: from_numpy(size), self.place[0]: from_numpy(_landmark(place))}

    def sizes(self, level: np.ndarray) -> np.ndarray:
        """How many rows groups have, at levels of [0, 1): int64."""
        codec = self.size[1]
        reach = np.cumsum(codec.counts.astype(np.float64))
        place = np.searchsorted(reach, level * reach[-1], side="right")
        return codec.values[place.clip(0, codec.values.size - 1)].astype(np.int64)

    def likelier(self, odds: np.ndarray) -> np.ndarray:
        """By how much each symbol of the sizes is likelier among groups than some odds have it.

        At most sixteen times, and at least a sixteenth.
        """
        codec = self.size[1]
        share = np.add.reduceat(codec.counts.astype(np.float64), codec.first[:-1])
        return np.clip(share / share.sum() / np.maximum(odds, 1e-9), 1 / 16, 16.0)

    @property
    def said(self) -> str:
        """What becomes of groups, in a sentence or two."""
        what = f'"{self.key}": rows of one value belong together, {self.mean:.3g} on average, and are made '
        what += "together, each group with as many rows as groups have"
        if self.constants:
            what += f"; the same in all rows of a group: {_listed(self.constants)}"
        if self.onward:
            what += f"; from row to row these go forward: {_listed([one.column for one in self.onward])}"
        return what + (
            ". Beyond that the rows of a group are made one by one beside what is constant: what else goes "
            "from row to row (running totals, trends) will not hold."
        )

    # --- on disk
    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one."""
        names = ("key", "groups", "rows", "by", "back")
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        values |= {"constants": list(self.constants), "alike": [list(pair) for pair in self.alike]}
        arrays: dict[str, np.ndarray] = {}
        for word, (name, codec) in (("size", self.size), ("place", self.place)):
            own, tables = codec.state()
            values[word] = {"name": name, "codec": own}
            arrays |= {f"{word}.{key}": table for key, table in tables.items()}
        values["onward"] = []
        for number, one in enumerate(self.onward):
            own, tables = one.state()
            values["onward"].append(own)
            arrays |= {f"onward.{number}.{key}": table for key, table in tables.items()}
        return values, arrays

    @classmethod
    def from_state(
        cls, values: dict[str, Any], arrays: dict[str, np.ndarray], codecs: Mapping[str, Codec]
    ) -> Groups:
        """What `state` described, of such columns. Raises what its parts raise where it is damaged."""

        def own(word: str) -> dict[str, np.ndarray]:
            start = f"{word}."
            return {key.removeprefix(start): one for key, one in arrays.items() if key.startswith(start)}

        told = {
            word: (values[word]["name"], NumberCodec.from_state(values[word]["codec"], own(word)))
            for word in ("size", "place")
        }
        onward = [
            Onward.from_state(one, own(f"onward.{number}")) for number, one in enumerate(values["onward"])
        ]
        alike = [(name, column) for name, column in values["alike"]]
        spoken = {values["key"], *values["constants"], *(column for _, column in alike)}
        spoken |= {one.column for one in onward} | ({values["by"]} if values["by"] is not None else set())
        hidden = [
            told["size"][0],
            told["place"][0],
            *(name for name, _ in alike),
            *(one.name for one in onward),
        ]
        if not codecs.keys() >= spoken or codecs.keys() & set(hidden) or len(set(hidden)) < len(hidden):
            raise ValueError("groups speak of a column that is not there")
        return cls(
            values["key"],
            tuple(values["constants"]),
            values["groups"],
            values["rows"],
            values["by"],
            values["back"],
            told["size"],
            told["place"],
            tuple(alike),
            tuple(onward),
        )


def constants_of(key: Column, columns: Mapping[str, Column]) -> list[str]:
    """The columns that are the same in all rows of one key."""
    standing = Standing.of(key)
    return [name for name, column in columns.items() if _constant(column, standing)]


def usual_groups(standing: Standing) -> bool:
    """Whether some rows are groups as people have them: several, of a few rows each."""
    count, rows = standing.sizes.size, standing.rows
    return count >= LEAST and 1.3 * count <= rows <= 100 * count and not _lacks(standing)


def _constant(column: Column, standing: Standing) -> bool:
    index = codes(column)[0]
    several = standing.size > 1
    if not several.any() or np.unique(index).size < 2:
        return False
    agrees = index == index[standing.firsts][standing.group]
    return float(agrees[several & (standing.place > 1)].mean()) >= STEADY


def _refuse(key: str, standing: Standing) -> None:
    """Raise DataError for a key whose rows are no groups."""
    why = _lacks(standing)
    if why:
        raise DataError(
            f'the key "{key}" has {why}.',
            f"A column that names whom or what several rows are of: 5 values at least, each in {MOST:,} rows "
            "at most.",
            "Name another column with --key, or leave it out: rows are then made one by one.",
        )


def _lacks(standing: Standing) -> str:
    """What keeps rows from being groups; nothing where they are."""
    count, most = standing.sizes.size, int(standing.sizes.max(initial=0))
    if standing.rows < 1.05 * count:
        return f"{count:,} values in {standing.rows:,} rows: hardly any has two rows"
    if count < 5:
        return f"{count} values: too few groups to learn what groups are like"
    return f"a value that stands in {most:,} rows" if most > MOST else ""


def _order(
    names: list[str], codecs: Mapping[str, Codec], cells: Cells, standing: Standing
) -> tuple[str | None, bool]:
    """(the column in whose order the rows of a group stand, whether tables have the last row first)."""
    moments = []
    for name in names:
        if codecs[name].span() is None or cells[name].kind != "moment":
            continue
        values = cells[name].numbers[standing.order]
        steps = np.diff(values)[standing.follows[1:]]
        steps = steps[~np.isnan(steps)]
        if steps.size and steps.any():
            moments.append((name, (steps >= 0).mean(), (steps <= 0).mean()))
    if not moments or max(up for _, up, _ in moments) >= STEADY:
        return None, False
    if max(down for _, _, down in moments) >= STEADY:
        return None, True
    return moments[0][0], False


def _landmark(place: np.ndarray) -> np.ndarray:
    """Places, of the later ones one in a few."""
    far = np.rint(NEAR * 1.25 ** np.rint(np.log(np.maximum(place, 1) / NEAR) / np.log(1.25)))
    return np.where(place <= NEAR, place, np.maximum(far, NEAR)).astype(np.int64)


def _alike(codec: Codec, column: Column, standing: Standing) -> bool:
    """Whether rows are like the first of their group, beyond chance."""
    first = standing.firsts[standing.group]
    later = np.flatnonzero(standing.place > 1)
    view = codec.view(column)
    if isinstance(view, Scale):
        values = np.asarray(view.values, dtype=np.float64)
        ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
        own, other = ranks[later], ranks[first[later]]
        there = ~np.isnan(values[later]) & ~np.isnan(values[first[later]])
        own, other = own[there], other[there]
        if own.size < 50 or own.std() == 0 or other.std() == 0:
            return False
        return bool(np.corrcoef(own, other)[0, 1] >= ALIKE)
    index = codes(column)[0]
    if later.size < 50:
        return False
    share = np.bincount(index[later] + 1) / later.size
    chance = float((share**2).sum())
    return (
        chance < 1 and (float((index[later] == index[first[later]]).mean()) - chance) / (1 - chance) >= ALIKE
    )


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(f'"{name}"' for name in names[:6]) + more
