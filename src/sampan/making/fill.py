"""Filling: records with holes, completed from what is known of them.

How a hole is filled: by one draw from what the model expects there ("draw"), which keeps the spread of the
data and how columns hang together; or by the one value that is nearest to all that it could be
("likeliest"): the mean of a number (rounded to a number that can be made), the commonest category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from sampan.ability import Conditionals
from sampan.column import Column, codes, is_mark, is_text, join, missing, take, with_nulls
from sampan.device import Asked
from sampan.errors import DataError, FamilyCannot, RequestError, nearest
from sampan.field import Codec, Labels, Rows, Scale
from sampan.fields.likeness import Likeness, likeness
from sampan.fields.moment import MomentCodec
from sampan.fields.number import NumberCodec
from sampan.making.batch import at_waist, drawn_leaves, empty, one_of, sound
from sampan.making.conditions import draw_present, draw_until_present
from sampan.randomness import Purpose, generator_of
from sampan.schema import Layout
from sampan.space import Batch

How = Literal["draw", "likeliest"]
"""How a hole is filled."""

DRAWS = 20
"""Draws among which the likeliest value is looked for, where a column has no exact odds of one leaf.

One of records that hold pictures, each of which takes seconds.
"""

TOGETHER = 32_768
"""Rows of several draws that share a pass."""

SHOWN = 5
"""Rows and values that a notice names."""


def checked_how(how: str) -> How:
    """How holes are to be filled. Raises RequestError for another word."""
    match how:
        case "draw" | "likeliest":
            return how
    raise RequestError(
        f"holes are to be filled how={how!r}.{nearest(str(how), ('draw', 'likeliest'))}",
        "Expected: draw (one value as the model expects it, by chance) or likeliest (the best single value).",
        "For example: --how likeliest, or model.fill(records, how='likeliest').",
    )


def gaps(codec: Codec, column: Column) -> np.ndarray:
    """Which cells hold nothing: null, or a word such as "NA" among numbers and moments: bool (rows,)."""
    gone = missing(column)
    if is_text(column) and isinstance(codec, NumberCodec | MomentCodec):
        index, distinct = codes(column)
        gone |= np.array([*map(is_mark, distinct), False], dtype=bool)[index]
    return gone


def strangers(layout: Layout, columns: Mapping[str, Column]) -> dict[str, np.ndarray]:
    """Column -> the cells whose value the model never learned: bool (rows,); only columns that have some.

    Raises DataError where a column holds no value that the model knows: then it is not the same column.
    """
    found: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        codec = layout.codecs[name]
        gone = gaps(codec, column)
        strange = codec.unknown(column) & ~gone
        if strange.any():
            if (strange | gone).all():
                layout.encode({name: column.slice(int(strange.argmax()), 1)})  # raises, with the reason
            found[name] = strange
    return found


def told(columns: Mapping[str, Column], strange: Mapping[str, np.ndarray], what: str) -> list[str]:
    """A sentence for each column that holds values never learned: which rows, which values, what happens."""
    notes = []
    for name, cells in strange.items():
        rows = np.flatnonzero(cells)
        _, values = codes(take(columns[name], rows))
        said = ", ".join(f'"{value}"' for value in values[:SHOWN])
        said += f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        which = ", ".join(f"{row + 1:,}" for row in rows[:SHOWN].tolist())
        which += f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
        notes.append(f'"{name}": row{"s" * (len(rows) > 1)} {which}: {said} was never learned; {what}')
    return notes


@dataclass(frozen=True, eq=False)
class Filling:
    """A table whose holes are to be filled, looked at once.

    gone: column -> the cells to fill. strange: column -> the cells whose value was never learned: they stay,
    and the rest of their row is filled as if they were not known. alike: how made cells are written.
    """

    layout: Layout
    asked: Asked
    brief: bool
    columns: Mapping[str, Column]
    gone: Mapping[str, np.ndarray]
    strange: Mapping[str, np.ndarray]
    alike: Mapping[str, Likeness]
    present: Mapping[str, np.ndarray]

    @property
    def notes(self) -> list[str]:
        """What is to be said of it, in plain sentences."""
        what = "the cell stays as it is, and the rest of its row is filled as if it were not known."
        return told(self.columns, self.strange, what)

    def blocks(self, rows: int, size: int, how: How, seed: int) -> Iterator[dict[str, Column]]:
        """The filled table, so many rows at a time."""
        for begin in range(0, rows, size):
            yield self._block(slice(begin, min(begin + size, rows)), how, seed)

    def _block(self, rows: slice, how: How, seed: int) -> dict[str, Column]:
        begin, size = rows.start, rows.stop - rows.start
        part = {name: column.slice(begin, size) for name, column in self.columns.items()}
        hidden = {name: self._hidden(name, rows) for name in self.layout.codecs}
        whole = {name: sound(part[name], cells) for name, cells in hidden.items() if not cells.all()}
        batch = at_waist(self.layout, whole, size, {name: ~cells for name, cells in hidden.items()})
        made: dict[str, Column] = {}
        if how == "likeliest":
            made = self._expected(batch, rows)
        wanted = [name for name in self.layout.codecs if name not in made and hidden[name].any()]
        votes = how == "likeliest" and any(not self._invented(name) for name in wanted)
        votes = votes and not any(codec.dimensions for codec in self.layout.codecs.values())
        luck = 0 if how == "likeliest" else seed  # the likeliest is no matter of luck
        draws = self._drawn(batch, rows, luck, DRAWS if votes else 1)
        arrays = draws[0]
        own = {name: part[name] for name in self.layout.codecs}
        decoded = [self.layout.decode(one, Rows(begin, size, seed), own) for one in draws]
        for name in wanted:
            made[name] = middle(self.layout.codecs[name], [one[name] for one in decoded])
        return {
            name: self._whole_again(name, column, made, arrays, decoded[0], rows)
            for name, column in part.items()
        }

    def _hidden(self, name: str, rows: slice) -> np.ndarray:
        """The cells of a block that the model is not told: missing, or never learned."""
        hidden = self.gone[name][rows]
        return hidden | self.strange[name][rows] if name in self.strange else hidden

    def _invented(self, name: str) -> bool:
        """Whether what stands in a hole of a column says nothing of the record: no vote can better it."""
        codec = self.layout.codecs[name]
        return codec.dimensions > 0 or codec.view(one_of(codec, name)) is None

    def _drawn(self, batch: Batch, rows: slice, seed: int, count: int) -> list[dict[str, np.ndarray]]:
        """All leaves of a block, what is unknown drawn so many times; the first draw lacks nothing."""
        size, rng = rows.stop - rows.start, generator_of(seed, Purpose.FILL, rows.start)
        whole = batch
        if not self.asked.exact:
            whole = draw_until_present(self.asked, whole, self.present, rng)
        if self.asked.can(Conditionals):
            whole = draw_present(self.asked, whole, self.present, rng)
        draws = [drawn_leaves(self.layout, self.asked, whole, {}, size, rng, self.brief)]
        while len(draws) < count:  # several copies of a short block share a pass
            copies = min(count - len(draws), max(1, TOGETHER // size))
            every = torch.arange(size).repeat(copies)
            leaves = drawn_leaves(
                self.layout, self.asked, batch.take(every), {}, size * copies, rng, self.brief
            )
            for copy in range(copies):
                part = slice(copy * size, (copy + 1) * size)
                draws.append({leaf: array[part] for leaf, array in leaves.items()})
        return draws

    def _expected(self, batch: Batch, rows: slice) -> dict[str, Column]:
        """The likeliest cells of the columns whose odds are exact; rows without a hole hold anything."""
        out: dict[str, Column] = {}
        if not self.asked.exact:
            return out
        for name, codec in self.layout.codecs.items():
            holes = np.flatnonzero(self.gone[name][rows])
            if not holes.size or set(codec.spaces) != {""} or codec.dimensions:
                continue
            leaf, some = self.layout.names[name, ""], batch.take(torch.from_numpy(holes))
            try:
                odds = self.asked.conditional(some, leaf).double().exp().numpy()
            except FamilyCannot:
                continue
            if leaf in self.present:
                odds = odds * self.present[leaf]
            cells = codec.expected(odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-300))
            if cells is not None:
                place = np.zeros(rows.stop - rows.start, dtype=np.int64)
                place[holes] = np.arange(holes.size)
                out[name] = take(cells, place)
        return out

    def _whole_again(
        self,
        name: str,
        column: Column,
        made: Mapping[str, Column],
        arrays: Mapping[str, np.ndarray],
        decoded: Mapping[str, Column],
        rows: slice,
    ) -> Column:
        """One column of a block with its holes filled."""
        codec = self.layout.codecs.get(name)
        if codec is None:
            return column
        if codec.dimensions:
            if empty(column):
                return decoded[name]
            if codec.known(column) is None:
                return codec.opened(column)
            return codec.complete(
                column, {leaf: arrays[self.layout.names[name, leaf]] for leaf in codec.spaces}
            )
        if name not in self.alike:
            return column
        return self.alike[name].fill(column, made.get(name, decoded[name]), self.gone[name][rows])


def filling(layout: Layout, asked: Asked, columns: Mapping[str, Column], brief: bool) -> Filling:
    """What is to be filled in the columns of a table. Raises DataError for one that the model cannot use.

    brief: whether the model computes in bfloat16.
    """
    lacking = [name for name in layout.codecs if name not in columns]
    if lacking:
        raise DataError(
            f"the records to fill lack the column {lacking[0]!r}.",
            f"The model's columns are all expected: {', '.join(layout.codecs)}."
            f"{nearest(lacking[0], columns)}",
            "Add the column, with empty cells where it is to be made up.",
        )
    own = {name: columns[name] for name in layout.codecs}
    gone = {name: gaps(codec, own[name]) for name, codec in layout.codecs.items()}
    strange = strangers(layout, own)
    hidden = {name: cells | strange[name] if name in strange else cells for name, cells in gone.items()}
    layout.encode({name: sound(own[name], cells) for name, cells in hidden.items() if not cells.all()})
    alike = {
        name: likeness(
            codec,
            with_nulls(own[name], strange[name]) if name in strange else own[name],
            one_of(codec, name).type,
        )
        for name, codec in layout.codecs.items()
        if gone[name].any()
    }
    return Filling(layout, asked, brief, columns, gone, strange, alike, layout.present())


def middle(codec: Codec, drawn: Sequence[Column]) -> Column:
    """One cell for each row out of several draws of it.

    The mean of a number, the middle moment, the commonest category; the first where none can be compared.
    Of all but the first, some may be missing: they do not count.
    """
    view = codec.view(drawn[0]) if len(drawn) > 1 and not codec.dimensions else None
    rows = np.arange(len(drawn[0]))
    match view:
        case Scale():
            values = np.stack([np.asarray(codec.view(one).values) for one in drawn])  # type: ignore[union-attr]
            if isinstance(codec, NumberCodec):
                return codec.nearest_to(np.nanmean(values, axis=0))
            there = (~np.isnan(values)).sum(axis=0)
            chosen = np.argsort(values, axis=0, kind="stable")[there // 2, rows]  # NaN comes last
        case Labels():
            index = codes(join(list(drawn)))[0].reshape(len(drawn), -1)
            votes = (index[:, None] == index[None]).sum(axis=1)
            chosen = np.where(index < 0, 0, votes).argmax(axis=0)
        case _:
            return drawn[0]
    return take(join(list(drawn)), chosen * len(rows) + rows)
