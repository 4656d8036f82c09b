"""Filling: records with holes, completed from what is known of them.

How a hole is filled: by one draw from what the model expects there ("draw"), which keeps the spread of the
data and how columns hang together; or by the one value that is nearest to all that it could be
("likeliest"): the mean of a number (rounded to a number that can be made), the commonest category.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from sampan.ability import Conditionals
from sampan.arrow_type import nulls
from sampan.column import Column, codes, join, take, with_nulls
from sampan.data import Columns, Table, to_native, with_columns
from sampan.data.stream import rows_of
from sampan.errors import FamilyCannot, LateNotice, RequestError
from sampan.field import Codec, Labels, Rows, Scale
from sampan.fields.likeness import Likeness, likeness
from sampan.groups.groups import Groups
from sampan.making.cell import one_of
from sampan.making.conditions import draw_present, draw_until_present
from sampan.making.given import Given
from sampan.making.holes import gaps, sentences, sound, strangers
from sampan.making.learned import Learned
from sampan.making.records import every_column
from sampan.making.request import How, Request
from sampan.making.settled import settled
from sampan.making.shared import lacks, one_for_all, shared
from sampan.randomness import Purpose, generator_of, seed_of_copy
from sampan.rules.quantities import merged
from sampan.rules.way import WayCodec, usual
from sampan.schema import Layout
from sampan.space import Batch

DRAWS = 20
"""Draws among which the likeliest value is looked for, where a column has no exact odds of one leaf.

One of records that hold pictures, each of which takes seconds.
"""

TOGETHER = 32_768
"""Rows of several draws that share a pass."""


@dataclass(frozen=True, eq=False)
class Filling:
    """A table whose holes are to be filled, looked at once.

    gone: column -> the cells to fill. strange: column -> the cells whose value was never learned: they stay,
    and the rest of their row is filled as if they were not known. alike: how made cells are written.
    """

    learned: Learned
    columns: Mapping[str, Column]
    given: Given
    gone: Mapping[str, np.ndarray]
    strange: Mapping[str, np.ndarray]
    alike: Mapping[str, Likeness]
    present: Mapping[str, np.ndarray]

    @property
    def notes(self) -> list[str]:
        """What is to be said of it, in plain sentences."""
        what = "the cell stays as it is, and the rest of its row is filled as if it were not known."
        return sentences(self.columns, self.strange, what)

    def blocks(self, how: How, seed: int) -> Iterator[Columns]:
        """The filled table, a block of rows at a time."""
        for given in self.given.parts(self.learned.block):
            yield self._block(given, how, seed)

    def _block(self, given: Given, how: How, seed: int) -> Columns:
        rows = slice(given.start, given.start + given.rows)
        part = {name: column.slice(given.start, given.rows) for name, column in self.columns.items()}
        batch, layout = given.batch(), self.learned.layout
        made: dict[str, Column] = {}
        if how == "likeliest":
            made = self._expected(batch, rows)
        wanted = [name for name in layout.codecs if name not in made and self._hidden(name, rows).any()]
        wanted += [name for name in layout.kept.codecs if not given.known(name).all()]
        votes = how == "likeliest" and any(not self._invented(name) for name in wanted)
        votes = votes and not any(codec.dimensions for codec in layout.codecs.values())
        luck = 0 if how == "likeliest" else seed  # the likeliest is no matter of luck
        rng = generator_of(luck, Purpose.FILL, given.start)
        draws = self._drawn(batch, rng, DRAWS if votes else 1)
        arrays = draws[0]
        own = {name: part[name] for name in layout.codecs}
        place = Rows(given.start, given.rows, seed)
        failing = np.zeros(given.rows, dtype=bool)
        decoded = [
            settled(
                self.learned, given, batch, one, place, rng, beside=own, present=self.present, failing=failing
            )
            for one in draws
        ]
        if failing.any():
            _warn(np.flatnonzero(failing) + given.start)
        for name in wanted:
            codec, cells = layout.every[name], [one[name] for one in decoded]
            made[name] = usual(cells) if isinstance(codec, WayCodec) else middle(codec, cells)
        if how == "likeliest":  # each likeliest by itself, and then what follows from them; else as drawn
            best = given.over({**decoded[0], **made})
            for group in layout.held.groups:
                found, wrong = group.complete(best, {name: given.known(name) for name in group.columns})
                made |= {name: merged(cells, decoded[0][name], wrong) for name, cells in found.items()}
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
        codec = self.learned.layout.every[name]
        if isinstance(codec, WayCodec):
            return False
        return codec.dimensions > 0 or codec.view(one_of(codec, name)) is None

    def _drawn(self, batch: Batch, rng: torch.Generator, count: int) -> list[dict[str, np.ndarray]]:
        """All leaves of a block, what is unknown drawn so many times; the first draw lacks nothing."""
        size, whole = batch.rows, batch
        asked = self.learned.asked
        if not asked.exact:
            whole = draw_until_present(asked, whole, self.present, rng)
        if asked.can(Conditionals):
            whole = draw_present(asked, whole, self.present, rng)
        draws = [self.learned.drawn(whole, rng)]
        while len(draws) < count:  # several copies of a short block share a pass
            copies = min(count - len(draws), max(1, TOGETHER // size))
            every = torch.arange(size).repeat(copies)
            leaves = self.learned.drawn(batch.take(every), rng)
            for copy in range(copies):
                part = slice(copy * size, (copy + 1) * size)
                draws.append({leaf: array[part] for leaf, array in leaves.items()})
        return draws

    def _expected(self, batch: Batch, rows: slice) -> dict[str, Column]:
        """The likeliest cells of the columns whose odds are exact; rows without a hole hold anything."""
        out: dict[str, Column] = {}
        if not self.learned.asked.exact:
            return out
        for name, codec in self.learned.codecs.items():
            holes = np.flatnonzero(self.gone[name][rows])
            if not holes.size or set(codec.spaces) != {""} or codec.dimensions:
                continue
            leaf, some = self.learned.layout.names[name, ""], batch.take(torch.from_numpy(holes))
            try:
                odds = self.learned.asked.conditional(some, leaf).double().exp().numpy()
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
        codec = self.learned.codecs.get(name)
        if codec is None:
            return column
        if codec.dimensions:
            if column.null_count == len(column):
                return decoded[name]
            if codec.known(column) is None:
                return codec.contents(column)
            return codec.complete(
                column, {leaf: arrays[self.learned.layout.names[name, leaf]] for leaf in codec.spaces}
            )
        if name not in self.alike:
            return column
        return self.alike[name].fill(column, made.get(name, decoded[name]), self.gone[name][rows])


def _warn(rows: np.ndarray) -> None:
    """A Notice that names rows whose holes no value fills that keeps the rules."""
    which = ", ".join(f"{row + 1:,}" for row in rows[:5].tolist()) + (", ..." if len(rows) > 5 else "")
    told = (
        f"row{'s' * (len(rows) > 1)} {which}: what is there breaks a rule of the model, so that nothing in a"
    )
    note = f"{told} hole keeps it; the holes are filled all the same."
    warnings.warn(LateNotice.of([note], "What was filled against a rule"), stacklevel=2)


def filling(learned: Learned, columns: Mapping[str, Column]) -> Filling:
    """What is to be filled in a table. Raises DataError for one that the model cannot use."""
    layout, columns = learned.layout, shared(learned, _with_room(learned, dict(columns)))
    fix = "Add the column, with empty cells where it is to be made up."
    every_column(learned, columns, layout.codecs, fix)
    own = {name: columns[name] for name in layout.codecs}
    gone = {name: gaps(codec, own[name]) for name, codec in layout.codecs.items()}
    strange = strangers(layout, own)
    hidden = {name: cells | strange[name] if name in strange else cells for name, cells in gone.items()}
    there = {name: sound(own[name], cells) for name, cells in hidden.items() if not cells.all()}
    unknown = {name: hidden[name] for name in there}
    if layout.groups is not None:
        there, unknown = _in_groups(layout.groups, layout, there, unknown)
    given = Given.of(layout, there, rows_of(columns), unknown)
    alike = {
        name: likeness(
            codec,
            with_nulls(own[name], strange[name]) if name in strange else own[name],
            one_of(codec, name).type,
        )
        for name, codec in layout.codecs.items()
        if gone[name].any()
    }
    return Filling(learned, columns, given, gone, strange, alike, layout.present())


def fills(
    learned: Learned, request: Request, times: int | None, on_notes: Callable[[list[str]], None]
) -> list[Iterator[Columns]]:
    """The table of a request of the kind `fill`, completed once, or so many times by draws of their own.

    on_notes: called before the work with what is to be said of the table, if anything.
    """
    count = times or 1
    if count > 1 and request.how == "likeliest":
        raise RequestError(
            f"{count} fills with the likeliest values were asked for.",
            "They would all be the same; several fills are draws.",
            "Leave the number of fills out, or draw: --how draw",
        )
    ready = filling(learned, request.records or {})
    ready.given.refuse(learned.asked.model, learned.block)
    if ready.strange:
        on_notes(ready.notes)
    seeds = [request.seed, *(seed_of_copy(request.seed, number) for number in range(1, count))]
    return [_filled(ready, request.how, seed) for seed in seeds]


def _filled(ready: Filling, how: How, seed: int) -> Iterator[Columns]:
    """The filled table, a block of rows at a time; what a group has in common is one draw for all of it."""
    if not lacks(ready.learned, ready.columns):
        return ready.blocks(how, seed)
    blocks = list(ready.blocks(how, seed))
    each = {name: join([block[name] for block in blocks]) for name in blocks[0]}
    return filling(ready.learned, one_for_all(ready.learned, ready.columns, each)).blocks(how, seed)


def _in_groups(
    groups: Groups, layout: Layout, there: Mapping[str, Column], unknown: Mapping[str, np.ndarray]
) -> tuple[dict[str, Column], dict[str, np.ndarray]]:
    """What is known of rows and which of their cells are not, with how each row stands in its group."""
    if groups.key not in there:
        return dict(there), dict(unknown)
    standing = groups.standing(there, layout.codecs)
    told = groups.told(standing.size, standing.place)
    first = standing.firsts[standing.group]
    for name, column in groups.alike:
        if column in there:
            told[name] = take(there[column], first)
            unknown = {**unknown, name: unknown[column][first]}
    nothing = np.zeros(standing.rows, dtype=bool)
    return {**there, **told}, {name: unknown.get(name, nothing) for name in (*there, *told)}


def refilled(learned: Learned, records: Any, table: Table, made: Columns) -> Any:
    """The records as the kind of frame that they are, with the columns that were filled.

    table: what they were read as.
    """
    types = {name: column.type for name, column in table.columns.items()}
    other = {name for name, column in made.items() if types.get(name) != column.type}
    like = replace(table, dtypes=_forget(table.dtypes, other))
    if len(made) == len(getattr(records, "columns", ())):  # and no column was added
        codecs = learned.codecs
        changed = {
            name: column
            for name, column in made.items()
            if name in codecs and (codecs[name].dimensions or gaps(codecs[name], table.columns[name]).any())
        }
        frame = with_columns(records, changed, like)
        if frame is not None:
            return frame
    return to_native(made, like)


def _forget(dtypes: Mapping[str, Any], other: Collection[str]) -> dict[str, Any]:
    """What to remember of a frame once some columns are of another type: of those, the label at most."""
    kept = {name: dtype for name, dtype in dtypes.items() if name not in other}
    labels = {name: dtypes[name] for name in other if isinstance(dtypes.get(name), tuple)}
    return kept | {name: (label, None) for name, (label, _) in labels.items()}


def _with_room(learned: Learned, columns: Columns) -> Columns:
    """The columns, and empty ones for what the model knows beside a picture and the records lack."""
    codecs = learned.codecs
    if not any(name in codecs and codecs[name].dimensions for name in columns):
        return columns
    rows = rows_of(columns)
    return {**columns, **{name: nulls(rows, learned.type_of(name)) for name in codecs if name not in columns}}


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
            mean = codec.nearest_to(np.nanmean(values, axis=0))
            if mean is not None:
                return mean
            there = (~np.isnan(values)).sum(axis=0)
            chosen = np.argsort(values, axis=0, kind="stable")[there // 2, rows]  # NaN comes last
        case Labels():
            index = codes(join(list(drawn)))[0].reshape(len(drawn), -1)
            votes = (index[:, None] == index[None]).sum(axis=1)
            chosen = np.where(index < 0, 0, votes).argmax(axis=0)
        case _:
            return drawn[0]
    return take(join(list(drawn)), chosen * len(rows) + rows)
