"""Grouped: new records of a table whose rows belong together, whole groups of them.

A row of each group says how many rows the group has and what is constant in it; its first row is drawn beside
that, as first rows are; the others beside what is constant, in which row of the group they are, and what goes
forward from row to row. So many rows are made as were asked for: groups are chosen that add up to them, and
where none do (every group has 8 rows, and 100 are asked for), the last group ends early.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from sampan.ability import Conditionals
from sampan.column import Column, codes, floats, join, missing, take
from sampan.data import Columns
from sampan.field import Rows
from sampan.fields.identity import Identity
from sampan.fields.invented import InventedCodec
from sampan.fields.people import speaking
from sampan.groups.groups import Groups
from sampan.groups.standing import Standing
from sampan.making.beside import beside, event_of
from sampan.making.cell import spread
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.randomness import Purpose, generator_of
from sampan.rules.quantities import Cells, put
from sampan.space import Batch
from sampan.where import Formula

SPARE = 24
"""Groups that are drawn beyond those that are likely to be needed, among which some add up to the rows."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """How groups are made of a model. where: a condition that every row meets."""

    learned: Learned
    groups: Groups
    seed: int
    where: Formula | None = None

    def blocks(self, given: Given) -> Iterator[Columns]:
        """The records, what is given of them held to; every block holds whole groups."""
        columns = {name: column for name, column in given.columns.items() if name not in given.hidden}
        alike = all(len(column) == 1 for column in columns.values())
        if not alike and self.groups.key in columns:  # rows of one key may stand anywhere
            return iter([self._named(columns, given.rows)])
        own = Given(given.layout, given.rows, columns, {name: given.leaves[name] for name in given.leaves})
        return (self._block(part, alike) for part in own.parts(self.learned.block))

    def _block(self, given: Given, alike: bool) -> Columns:
        rng = generator_of(self.seed, Purpose.SAMPLE, given.start)
        columns = dict(given.columns)
        if alike and self.groups.key in columns:  # all are rows of one
            return self._rows(columns, _of_sizes(np.array([given.rows]), self.groups.back), given.start, rng)
        if alike:
            return self._free(columns, given.rows, given.start, rng)
        columns = {name: spread(column, given.rows) for name, column in columns.items()}
        return self._beside_each(columns, given.rows, given.start, rng)

    def _named(self, columns: Mapping[str, Column], rows: int) -> Columns:
        """Records of which the key is given: how many rows each group has is known, too."""
        columns = {name: spread(column, rows) for name, column in columns.items()}
        standing = self.groups.standing(columns, self.learned.codecs)
        return self._rows(columns, standing, 0, generator_of(self.seed, Purpose.SAMPLE, 0))

    def _free(self, columns: Mapping[str, Column], rows: int, start: int, rng: torch.Generator) -> Columns:
        """Records of which the same is given, or nothing: groups are drawn until there are enough rows."""
        pieces: list[dict[str, Column]] = []
        sizes = np.zeros(0, dtype=np.int64)
        while sizes.sum() < rows:
            left = rows - int(sizes.sum())
            count = min(left, int(1.1 * left / self.groups.mean)) + SPARE
            firsts = self._likely_firsts(columns, count, start + len(pieces), rng)
            pieces.append(firsts)
            sizes = np.concatenate([sizes, self._sizes_of(firsts)])
        chosen, own = fitting(sizes, rows)
        firsts = {name: take(join([piece[name] for piece in pieces]), chosen) for name in pieces[0]}
        return self._rows(columns, _of_sizes(own, self.groups.back), start, rng, firsts)

    def _beside_each(
        self, columns: Mapping[str, Column], rows: int, start: int, rng: torch.Generator
    ) -> Columns:
        """Records of each of which something is given, but not whose they are.

        Rows one after another are of one group, as long as they may be: until it has its rows, or another
        value is given of what is constant.
        """
        firsts = self._firsts(columns, rows, None, start, rng)
        sizes, fixed = self._sizes_of(firsts), np.zeros(rows, dtype=np.int64)
        for name in self.groups.constants:
            if name in columns:
                index = codes(columns[name])[0] + 1
                _, fixed = np.unique(fixed * (int(index.max()) + 1) + index, return_inverse=True)
        ends = np.append(np.flatnonzero(np.diff(fixed)) + 1, rows)
        begins, place = [], 0
        while place < rows:
            begins.append(place)
            place = min(place + int(sizes[place]), int(ends[np.searchsorted(ends, place, side="right")]))
        own = np.diff([*begins, rows])
        standing = _of_sizes(own, back=False)
        firsts = {name: take(column, np.array(begins)) for name, column in firsts.items()}
        return self._rows(columns, standing, start, rng, firsts)

    # --- rows whose groups are known
    def _rows(
        self,
        columns: Mapping[str, Column],
        standing: Standing,
        start: int,
        rng: torch.Generator,
        firsts: Mapping[str, Column] | None = None,
    ) -> Columns:
        """Records in their groups. columns: what is given, of one row or of each. firsts: the first rows."""
        layout = self.learned.layout
        first = standing.firsts
        if firsts is None:
            own = _some(columns, first)
            firsts = self._firsts(own, first.size, standing.sizes, start, rng)
        rest = np.flatnonzero(standing.place > 1)
        firsts, known = dict(firsts), self._known(columns, firsts, standing, rest)
        if rest.size:
            onward = self._onward(columns, firsts, known, standing, rest, start, rng)
            firsts = self._begun_anew(columns, firsts, onward, standing, start, rng)
            known = self._known(columns, firsts, standing, rest)
            known |= {name: take(column, rest) for name, column in onward.items()}
            made = self._drawn(known, rest.size, start + 1, rng)
        else:
            made = {name: column.slice(0, 0) for name, column in firsts.items()}
        back = np.empty(standing.rows, dtype=np.int64)
        back[np.concatenate([first, rest])] = np.arange(standing.rows)
        out = {name: take(join([firsts[name], made[name]]), back) for name in layout.codecs}
        return out | self._invented(out, columns, standing, start)

    def _known(
        self,
        columns: Mapping[str, Column],
        firsts: Mapping[str, Column],
        standing: Standing,
        rest: np.ndarray,
    ) -> dict[str, Column]:
        """What is known of the rows that are no first ones."""
        group = standing.group[rest]
        out = self._constant(firsts, group)
        out |= self.groups.told(standing.size[rest], standing.place[rest])
        out |= {name: take(firsts[column], group) for name, column in self.groups.alike}
        return out | _some(columns, rest)

    def _onward(
        self,
        columns: Mapping[str, Column],
        firsts: Mapping[str, Column],
        known: Mapping[str, Column],
        standing: Standing,
        rest: np.ndarray,
        start: int,
        rng: torch.Generator,
    ) -> dict[str, Column]:
        """The columns that go forward, in all rows of the groups."""
        codecs, free = self.learned.codecs, [one for one in self.groups.onward if one.column not in columns]
        drawn: dict[str, Column] = {}
        if any(one.codec is not None for one in free):
            drawn = self._drawn(known, rest.size, start + 2, rng, held=False)
        out = {}
        for one in free:
            steps = np.full(standing.rows, one.always)
            if one.codec is not None:
                steps[rest] = floats(drawn[one.name])
            begin = take(firsts[one.column], standing.group)
            first = Cells(codecs, {one.column: begin})[one.column]
            cells = None
            if one.codec is not None:
                own = put(begin, rest, drawn[one.column], np.arange(rest.size))
                cells = Cells(codecs, {one.column: own})[one.column]
            luck = torch.rand(standing.sizes.size, generator=rng, dtype=torch.float64).numpy()
            walked = one.walked(codecs[one.column], first, steps, standing, luck, cells)
            if walked is not None:
                out[one.column] = walked
        return out

    def _begun_anew(
        self,
        columns: Mapping[str, Column],
        firsts: dict[str, Column],
        onward: Mapping[str, Column],
        standing: Standing,
        start: int,
        rng: torch.Generator,
    ) -> dict[str, Column]:
        """The first rows, drawn again beside where the group starts if it had to start elsewhere."""
        own = {name: take(column, standing.firsts) for name, column in onward.items()}
        moved = np.zeros(standing.sizes.size, dtype=bool)
        for name, column in own.items():
            index = codes(join([firsts[name], column]))[0]
            moved |= index[: moved.size] != index[moved.size :]
        some = np.flatnonzero(moved)
        if not some.size:
            return firsts
        known = self._constant(firsts, some)
        known |= self.groups.told(standing.sizes[some], np.ones(some.size, dtype=np.int64))
        known |= _some(columns, standing.firsts[some])
        known |= {name: take(column, some) for name, column in own.items()}
        again = self._drawn(known, some.size, start + 3, rng)
        place = np.arange(moved.size)
        place[some] = moved.size + np.arange(some.size)
        return {name: take(join([column, again[name]]), place) for name, column in firsts.items()}

    # --- draws
    def _firsts(
        self,
        columns: Mapping[str, Column],
        count: int,
        sizes: np.ndarray | None,
        start: int,
        rng: torch.Generator,
    ) -> dict[str, Column]:
        """First rows of so many groups. sizes: how many rows each has, where that is known."""
        known = {} if sizes is None else self._sized(sizes)
        return self._begun(columns, self._drawn({**known, **columns}, count, start + 4, rng), start, rng)

    def _likely_firsts(
        self, columns: Mapping[str, Column], count: int, start: int, rng: torch.Generator
    ) -> dict[str, Column]:
        """About so many first rows, as many groups of each size as there are among groups.

        Rows are drawn as rows are, of which large groups have more. So where something is given of them, one
        of a size is kept as often as groups of that size are rarer among rows.
        """
        if not columns and self.where is None:
            level = (torch.randperm(count, generator=rng) + torch.rand(count, generator=rng)).numpy() / count
            return self._firsts(columns, count, self.groups.sizes(level), start, rng)
        drawn = self._drawn(columns, 3 * count, start + 4, rng)
        model, layout, (name, codec) = self.learned.asked, self.learned.layout, self.groups.size
        if model.can(Conditionals):
            nothing = Batch.empty(layout.spaces, 1)
            odds = model.conditional(nothing, layout.names[name, ""]).double().exp().numpy()[0]
            weight = self.groups.likelier(odds)[codec.encode(drawn[name])[""]]
        else:
            weight = 1.0 / self._sizes_of(drawn)
        kept = torch.rand(3 * count, generator=rng).numpy() < weight / weight.max()
        some = np.flatnonzero(kept)[:count]
        drawn = {own: take(column, some) for own, column in drawn.items()}
        return self._begun(columns, drawn, start, rng)

    def _begun(
        self,
        columns: Mapping[str, Column],
        drawn: Mapping[str, Column],
        start: int,
        rng: torch.Generator,
    ) -> dict[str, Column]:
        """First rows of the groups that some rows are of.

        What is constant comes from these, which may be any of the group's: of these most was learned.
        """
        sizes = self._sizes_of(drawn)
        known = {**self._sized(sizes), **self.groups.told(sizes, np.ones_like(sizes))}
        known |= self._constant(drawn, np.arange(sizes.size))
        for onward in self.groups.onward:
            begun = onward.begun(self.learned.codecs[onward.column], 1)
            if begun is not None:
                known[onward.column] = begun
        return self._drawn({**known, **columns}, sizes.size, start, rng)

    def _sized(self, sizes: np.ndarray) -> dict[str, Column]:
        name = self.groups.size[0]
        return {name: self.groups.told(sizes, sizes)[name]}

    def _constant(self, firsts: Mapping[str, Column], group: np.ndarray) -> dict[str, Column]:
        """What is constant and learned, in rows of groups."""
        return {
            name: take(firsts[name], group)
            for name in self.groups.constants
            if not isinstance(self.learned.codecs[name], InventedCodec)
        }

    def _drawn(
        self, known: Mapping[str, Column], rows: int, start: int, rng: torch.Generator, held: bool = True
    ) -> dict[str, Column]:
        """Rows beside what is known of each. held: whether a condition must be met in them."""
        given = Given.of(self.learned.layout, known, rows)
        event = event_of(self.learned, self.where, given) if held and self.where is not None else None
        parts = []
        for part in given.parts(self.learned.block):
            parts.append(beside(self.learned, part, Rows(start, part.rows, self.seed), rng, event))
        return {name: join([part[name] for part in parts]) for name in parts[0]}

    def _sizes_of(self, firsts: Mapping[str, Column]) -> np.ndarray:
        """How many rows the groups of some first rows have."""
        return np.maximum(1, np.nan_to_num(floats(firsts[self.groups.size[0]]), nan=1.0)).astype(np.int64)

    def _invented(
        self, made: Mapping[str, Column], columns: Mapping[str, Column], standing: Standing, start: int
    ) -> dict[str, Column]:
        """What is invented, of whom each row speaks; missing where it was drawn so."""
        rows, codecs = Rows(start, standing.rows, self.seed), self.learned.codecs
        people = {**self._people(rows, standing), **speaking(codecs, columns, rows)}
        out = {}
        for name, codec in codecs.items():
            if not isinstance(codec, InventedCodec) or name in columns:
                continue
            gone = missing(made[name])
            if name == self.groups.key or name in self.groups.constants:
                gone = gone[standing.firsts][standing.group]
            leaves = {leaf: gone.astype(np.int64) for leaf in codec.spaces}
            out[name] = codec.decode(leaves, Rows(start, standing.rows, self.seed, name, people))
        return out

    def _people(self, rows: Rows, standing: Standing) -> dict[str, np.ndarray]:
        """Of what is constant in groups, whom each row speaks of, as `fields.identity` has it."""
        codecs, out = self.learned.codecs, {}
        key = _identity(codecs[self.groups.key])
        each = Rows(rows.start, standing.sizes.size, rows.seed)
        for name in (self.groups.key, *self.groups.constants):
            identity = _identity(codecs[name])
            if identity is None or identity.sizes is None or identity.group in out:
                continue
            own = key is not None and identity.group == key.group
            people = rows.start + np.arange(each.count) if own else identity.people(each)
            out[identity.group] = people[standing.group]
        return out


def _identity(codec: object) -> Identity | None:
    return codec.identity if isinstance(codec, InventedCodec) else None


def _some(columns: Mapping[str, Column], index: np.ndarray) -> dict[str, Column]:
    """Some rows of columns; one row that holds for all stays so."""
    return {name: column if len(column) == 1 else take(column, index) for name, column in columns.items()}


def _of_sizes(sizes: np.ndarray, back: bool) -> Standing:
    """Groups of such sizes, one after another. back: the last row of each first."""
    group = np.repeat(np.arange(sizes.size), sizes)
    place = np.arange(group.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    return Standing(group, sizes[group] + 1 - place if back else place)


def fitting(sizes: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """(groups that add up to so many rows, how many rows each has): int64 (chosen,) each.

    sizes: of groups in the order in which they were drawn, at least as many rows together. Of the last few
    others are taken, such that all are whole; where none add up, the last one ends early.

    >>> fitting(np.array([4, 3, 5, 2]), 9)[0].tolist(), fitting(np.array([4, 4, 4]), 9)[1].tolist()
    ([0, 1, 3], [4, 4, 1])
    """
    reach = np.cumsum(sizes)
    last = int(np.searchsorted(reach, rows))
    for kept in range(last, max(-1, last - 5), -1):
        left = rows - (int(reach[kept - 1]) if kept else 0)
        others = np.arange(kept, sizes.size)
        found = others[sizes[others] == left]
        if found.size:
            return np.append(np.arange(kept), found[0]), np.append(sizes[:kept], left)
        where = {int(size): int(place) for place, size in zip(others[::-1], sizes[others[::-1]], strict=True)}
        for place in others.tolist():
            mate = where.get(left - int(sizes[place]))
            if mate is not None and mate != place:
                pair = np.array(sorted([place, mate]))
                return np.append(np.arange(kept), pair), np.append(sizes[:kept], sizes[pair])
    own = sizes[: last + 1].copy()
    own[last] -= int(reach[last]) - rows
    return np.arange(last + 1), own
