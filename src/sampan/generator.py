"""Generator: a learned joint distribution of records, which makes them, completes them, says their odds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import torch
from arro3.core import Array
from torch import Tensor

from sampan import store, summary
from sampan.ability import MakesMore, Restyles
from sampan.arrow_type import nulls
from sampan.card import Card
from sampan.column import Column, join, take
from sampan.data import Columns, Table, read, to_native, with_columns
from sampan.device import Asked, device_named, device_of
from sampan.errors import DataError, Notice, RequestError, SampanError, known_name
from sampan.families import FAMILIES, able
from sampan.family import Family, Model
from sampan.field import Codec, Rows
from sampan.fields import CODECS
from sampan.making.batch import at_waist, drawn_leaves, one_of, sound, spread
from sampan.making.conditions import Event, draw_inside, settle
from sampan.making.fill import How, checked_how, filling, gaps, strangers, told
from sampan.making.given import cell_of, refuse_impossible, refuse_missing
from sampan.making.way import evenly_along, looks, shortest_way
from sampan.randomness import Purpose, generator_of, seed_of_copy
from sampan.schema import Layout
from sampan.space import Batch, Choice, Real, widened
from sampan.where import Formula
from sampan.where import read as read_where

if TYPE_CHECKING:
    from matplotlib.figure import Figure
from sampan.whole_numbers import count_of, seed_of, whole_number

BLOCK = 32_768
"""Rows drawn together, and the unit that a seed fixes: the more, the more rows share a pass."""

BIG_BLOCK = 256
"""The same for records that hold a picture."""

ROWS_SHOWN = 5
"""Made rows that a notebook shows of a model."""

MORE, MORE_UNTOLD = 0.8, 0.5
"""How far new pictures lie from the examples that they are liked to, unless said (docs/pictures.md): where
the model knows kinds of pictures (symbols without a scale), and where only the examples say what is meant."""

MOST_EXAMPLES = 1_000
"""Examples that say which kind is meant."""


@dataclass(frozen=True, eq=False, repr=False)
class Generator:
    """A learned joint distribution of records, with its card. Made by `fit` or `load`.

    like: an empty table of the kind that came in, so that the same kind of frame goes out.
    """

    layout: Layout
    family: Family
    model: Model
    card: Card
    like: Table | None = None

    @property
    def asked(self) -> Asked:
        """The model, wherever it computes."""
        return Asked(self.model)

    @property
    def block(self) -> int:
        """Rows drawn together."""
        return BLOCK if self.model.rows_of_a_step is None else BIG_BLOCK

    def __repr__(self) -> str:
        return "\n".join(summary.lines_of(self.card))

    def _repr_html_(self) -> str:
        """What a notebook shows: the family, the learning curve, the columns, a few made rows."""
        try:
            rows = _together(list(self.blocks(ROWS_SHOWN)))
        except SampanError:  # a model of one's own that makes nothing by itself
            rows = {}
        return summary.html_of(self.card, rows, self.layout.media)

    def plot(self) -> Figure:
        """The learning curve as a matplotlib figure. Raises MissingExtra without matplotlib."""
        return summary.figure_of(self.card)

    @property
    def notes(self) -> list[str]:
        """What was changed, left out or guessed when it was learned, in plain sentences."""
        return list(self.card.notes)

    # --- making -------------------------------------------------------------------------------------------
    def sample(
        self,
        n: SupportsIndex | None = None,
        *,
        given: Any = None,
        where: str | Formula | Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """New records, in the kind of frame that the model was learned from.

        n: how many; 1 unless said, or one for each row of `given`. given: column -> value that every record
        has, or a frame of n rows with the columns that are fixed; what is given comes back identical, and
        so does a pandas index. None, NaN, NaT and NA mean a missing cell here, as an empty cell of a frame
        does (`fill` makes those up); a column that never had one refuses it.
        where: a condition such as 'age > 65 and balance < 1000' (see `sampan.where`). seed: one seed, one
        result.
        """
        beside = None
        if given is not None and not (isinstance(given, Mapping) and not _holds_rows(given)):
            given = beside = _whole(given)
        made = _together(list(self.blocks(n, given=given, where=where, seed=seed)))
        return self._native(made, beside)

    def blocks(
        self,
        n: SupportsIndex | None = None,
        *,
        given: Any = None,
        where: str | Formula | Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Iterator[dict[str, Column]]:
        """`sample` as a stream of Arrow columns, a block of rows at a time, in constant memory."""
        seed = seed_of(seed)
        known, count = self._given(given, n)
        refuse_missing(self.layout, known)
        if isinstance(given, Mapping) and not _holds_rows(given):
            refuse_impossible(self.layout, known)
        self.layout.encode(known)  # refuse unknown values before any work
        event = None if where is None else settle(read_where(where), self.layout.codecs, known)
        for start, size, part in self._parts(known, count):
            yield self._block(part, size, start, seed, event)

    def restyle(
        self,
        records: Any,
        strength: float = 0.5,
        *,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """The pictures of some records made anew in the model's style, their layout kept.

        records: a frame or a dict; columns beside the pictures may be left out, and are held to where they
        are there. strength: how far it is taken from what is there, above 0 and at most 1 (nothing of it
        is left). given: column -> value that every record has. Raises FamilyCannot for a family that makes
        records from nothing.
        """
        return self._native(_together(list(self.restyled(records, strength, given=given, seed=seed))))

    def restyled(
        self,
        records: Any,
        strength: float = 0.5,
        *,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Iterator[dict[str, Column]]:
        """`restyle` as a stream of Arrow columns; columns of a table that the model lacks are left out."""
        able(self.model, Restyles)  # before a picture is read
        seed, strength = seed_of(seed), checked_strength(strength)
        known, count = self._with_pictures(records, given)

        def passing() -> Iterator[dict[str, Column]]:
            for start, size, part in self._parts(known, count):
                batch = self._start(part, size)
                for leaf in self._rough():
                    batch.known[leaf].fill_(False)  # type: ignore[attr-defined]  # a tensor of this batch alone
                rng = generator_of(seed, Purpose.RESTYLE, start)
                yield self._changed(
                    self.asked.restyle(batch, strength, rng), part, Rows(start, size, seed), rng
                )

        return passing()

    def more(
        self,
        examples: Any,
        n: SupportsIndex = 10,
        *,
        strength: float | None = None,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """More of the same: n new records of the kinds that some examples show.

        examples: records with pictures: a frame, a dict of columns, or a folder. What is not told beside the
        pictures (a label) is read off them, of all together; what is told is held to. They need not be of a
        kind that has a label: each picture is in turn a model for a new one. strength: how far a new picture
        is taken from its model, above 0 and at most 1 (nothing of it is left but what labels say); 0.8
        unless said, 0.5 where the model knows no labels. given: column -> value that every new record has.
        Raises FamilyCannot for a family that reads nothing off a record.
        """
        blocks = self.more_like(examples, n, strength=strength, given=given, seed=seed)
        return self._native(_together(list(blocks)))

    def more_like(
        self,
        examples: Any,
        n: SupportsIndex = 10,
        *,
        strength: float | None = None,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Iterator[dict[str, Column]]:
        """`more` as a stream of Arrow columns; columns of a table that the model lacks are left out."""
        able(self.model, MakesMore)  # before a picture is read
        wanted, seed = count_of(n), seed_of(seed)
        kinds = any(isinstance(space, Choice) and not space.ordered for space in self.layout.spaces.values())
        far = checked_strength((MORE if kinds else MORE_UNTOLD) if strength is None else strength)
        known, count = self._with_pictures(examples, given)
        if count > MOST_EXAMPLES:
            raise RequestError(
                f"{count:,} examples were given.",
                f"At most {MOST_EXAMPLES:,} are expected: three say what is meant.",
                "Give some of them; to make the like of a whole folder, learn from it: sampan make FOLDER",
            )
        for name in self._owners():
            if known[name].null_count:
                raise RequestError(
                    f"{known[name].null_count} of {count} examples have no {name}.",
                    "A picture for each example is expected.",
                    "Leave the others out.",
                )
        batch = self._start(known, count)

        def passing() -> Iterator[dict[str, Column]]:
            for start in range(0, wanted, self.block):
                size = min(self.block, wanted - start)
                which = np.arange(start, start + size) % count
                part = {
                    name: column if len(column) == 1 else take(column, which)
                    for name, column in known.items()
                }
                rng = generator_of(seed, Purpose.MORE, start)
                leaves = self.asked.more(batch, torch.from_numpy(which), far, rng)
                yield self._changed(leaves, part, Rows(start, size, seed), rng)

        return passing()

    def _parts(self, known: Mapping[str, Column], count: int) -> Iterator[tuple[int, int, dict[str, Column]]]:
        """What is given of each block of rows: (first row, rows, columns); one-row columns hold for all."""
        for start in range(0, count, self.block):
            size = min(self.block, count - start)
            part = {
                name: column if len(column) == 1 and count != 1 else column.slice(start, size)
                for name, column in known.items()
            }
            yield start, size, part

    def _rough(self) -> list[str]:
        """The leaves of the pictures."""
        return [leaf for leaf, space in self.layout.spaces.items() if isinstance(space, Real) and space.grid]

    def _owners(self) -> list[str]:
        """The columns of the pictures."""
        rough = set(self._rough())
        return [name for name in self.layout.codecs if rough & set(self.layout.leaves_of(name))]

    def _with_pictures(self, records: Any, given: Mapping[str, Any] | None) -> tuple[dict[str, Column], int]:
        """The columns of records that hold pictures, with what is given for all, and how many records."""
        if isinstance(records, str | Path):
            records = read(records)
        if isinstance(records, Table):
            own = {name: records.columns[name] for name in self.layout.codecs if name in records.columns}
            records = replace(records, columns=own)
        known, count = self._given(records, None)
        known |= self._given(given, None)[0]
        lacking = [name for name in self._owners() if name not in known]
        if lacking or not self._rough():
            raise RequestError(
                f"the records lack the column {lacking[0]!r}."
                if lacking
                else "this model knows no pictures.",
                f"The model's columns are: {', '.join(self.layout.codecs)}.",
                "Give a picture for each record.",
            )
        return known, count

    def _changed(
        self, leaves: Mapping[str, Tensor], part: Mapping[str, Column], rows: Rows, rng: torch.Generator
    ) -> dict[str, Column]:
        """The columns of leaves that were made out of records, whose own columns but the pictures stay."""
        arrays = {leaf: tensor.cpu().numpy() for leaf, tensor in leaves.items()}
        arrays |= {
            leaf: torch.rand(rows.count, generator=rng).double().numpy() for leaf in self.layout.noise()
        }
        made = self.layout.decode(arrays, rows)
        kept = set(part) - set(self._owners())
        return {name: spread(part[name], rows.count) if name in kept else made[name] for name in made}

    def walk(
        self,
        n: SupportsIndex = 12,
        *,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """n records on a way from one made record to another: each is like its neighbours.

        given: column -> value that all have; what beside pictures is not given is drawn once. Raises
        FamilyCannot for a family that has no such way.
        """
        return self._native(self.way(n, given=given, seed=seed))

    def way(
        self, n: SupportsIndex = 12, *, given: Mapping[str, Any] | None = None, seed: SupportsIndex = 0
    ) -> dict[str, Column]:
        """`walk` as Arrow columns."""
        count, seed = count_of(n), seed_of(seed)
        known, _ = self._given(given, count)
        rng = generator_of(seed, Purpose.WALK)
        leaves = self.asked.walk(self._start(known, count), rng)
        return self._changed(leaves, known, Rows(0, count, seed), rng)

    # --- the latent space ---------------------------------------------------------------------------------
    def embed(self, records: Any) -> np.ndarray:
        """Each record as a point of the model's latent space: float32 (rows, latent).

        Near points are alike in what the model makes of them. Raises FamilyCannot for a family without a
        latent space, DataError for records that lack a column.
        """
        table = _whole(records)
        parts = [
            self.asked.encode(self._records(table, start)).float().numpy()
            for start in range(0, len(table), self.block)
        ]
        return np.concatenate(parts)

    def between(self, first: Any, last: Any, steps: SupportsIndex = 9, *, seed: SupportsIndex = 0) -> Any:
        """Records on the way from one record to another through the latent space: `steps` rows.

        first, last: a dict of column -> value, or one row of a frame; every column is expected. The first and
        the last row are the model's own picture of the two. The way keeps to where records are: it is the
        one through the points of 2,048 made records whose records change by the smallest hops, as a straight
        line would cross places where no record was ever encoded. Every cell takes the middle of what it
        could be, so that neighbours are alike.
        """
        count, seed = whole_number(steps, "steps", "For example: steps=9."), seed_of(seed)
        ends = [self._single(record) for record in (first, last)]
        z = torch.cat([self.asked.encode(self._records(end, 0)) for end in ends])
        anchors = self._made_points(2048, generator_of(seed, Purpose.BETWEEN))
        points = torch.cat([z[:1], anchors, z[1:]])
        look = looks(self.asked.decode(points, self._start({}, len(points)), None), self.layout.spaces)
        way = shortest_way(look)
        return self._native(self._decoded(evenly_along(points[way], look[way], count), None, seed))

    def near(
        self, record: Any, spread: float = 0.3, n: SupportsIndex = 10, *, seed: SupportsIndex = 0
    ) -> Any:
        """Variations of a record: n records from around its point of the latent space.

        spread: how far around, 1 for as far as records of the whole data are spread; 0 gives what the model
        cannot tell from the record.
        """
        count, seed = count_of(n), seed_of(seed)
        if not 0 <= spread < float("inf"):
            raise RequestError(
                f"variations with a spread of {spread} were asked for.",
                "A number from 0 on is expected; 1 is as far as the data are spread.",
                "For example: spread=0.3",
            )
        centre = self.asked.encode(self._records(self._single(record), 0))
        rng = generator_of(seed, Purpose.NEAR)
        scale = self._made_points(1024, rng).std(dim=0, keepdim=True)
        noise = torch.randn(count, centre.shape[1], generator=rng)
        return self._native(self._decoded(centre + spread * scale * noise, rng, seed))

    def _made_points(self, count: int, rng: torch.Generator) -> Tensor:
        """The latent points of so many made records."""
        nothing = Batch.empty(self.layout.spaces, count)
        return self.asked.encode(replace(nothing, values=self.asked.sample(nothing, rng)).whole())

    def _single(self, record: Any) -> Table:
        """One whole record as a table of one row."""
        if getattr(record, "ndim", None) == 1 and hasattr(record, "to_dict"):
            record = record.to_dict()  # a pandas Series: one row of a frame
        columns, rows = self._given(record, None)
        if rows != 1:
            raise RequestError(
                f"{rows} records were given.",
                "One record is expected.",
                "Give a dict, or one row of a frame.",
            )
        return Table(columns, "record", "dict", 1)

    def _records(self, table: Table, start: int) -> Batch:
        """A block of whole records at the waist, everything known."""
        lacking = [
            name for name in self.layout.codecs if name not in table.columns and self.layout.leaves_of(name)
        ]
        if lacking:
            raise DataError(
                f"the records lack the column {lacking[0]!r}.",
                f"The model's columns are all expected: {', '.join(self.layout.codecs)}.",
                "Add the column.",
            )
        size = min(self.block, len(table) - start)
        own = {
            name: table.columns[name].slice(start, size)
            for name in self.layout.codecs
            if name in table.columns
        }
        return self._start(own, size)

    def _decoded(self, z: Tensor, rng: torch.Generator | None, seed: int) -> dict[str, Column]:
        """The records at latent points, as columns."""
        size = len(z)
        leaves = self.asked.decode(z, self._start({}, size), rng)
        arrays = {leaf: tensor.numpy() for leaf, tensor in leaves.items()}
        for leaf in self.layout.noise():
            arrays[leaf] = (
                np.full(size, 0.5) if rng is None else torch.rand(size, generator=rng).double().numpy()
            )
        return self.layout.decode(arrays, Rows(0, size, seed))

    # --- filling ------------------------------------------------------------------------------------------
    def fill(
        self,
        records: Any,
        *,
        how: How = "draw",
        times: SupportsIndex | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """The records with their missing cells made up from the others; what is there stays as it is.

        how: "draw" takes one value by chance, as likely as the model expects it: the filled records are
        spread and hang together as real ones do. "likeliest" takes the best single value for each cell by
        itself (the mean of a number, rounded to one that can be made; the commonest category): nearer to
        what was lost on average, less spread than it, and the same whatever the seed. times: a list of so
        many frames, each a draw of its own (multiple imputation: analyse each, and pool the results).

        A cell is filled with a value: "missing" is not drawn again. It is written as the column writes its
        own; a column whose type cannot hold what is made (fractions among whole numbers) takes a type that
        holds both. Columns of the model that the records
        lack raise DataError, unless a picture is there: what is beside it may be left out, and is made up.
        Pictures come back as they are, but for what is transparent, which is made up. Columns that the model
        does not know, the order of rows and columns, and a pandas index stay as they are.

        A value that was never learned (a new category) stays as it is; the rest of its row is filled as if
        it were not known, and a `sampan.Notice` says so.
        """
        if isinstance(records, Mapping) and not _holds_rows(records):
            records = Table({name: self._literal(name, cell) for name, cell in records.items()}, "", "", 1)
        table = self._with_room(_whole(records))
        notes: list[str] = []
        blocks = self.fills(table, how=how, times=times, seed=seed, on_notes=notes.extend)
        if notes:
            warnings.warn(Notice.of(notes, "What was not filled as asked"), stacklevel=2)
        frames = [self._refilled(records, table, _together(list(one))) for one in blocks]
        return frames[0] if times is None else frames

    def _refilled(self, records: Any, table: Table, made: dict[str, Column]) -> Any:
        """The records as the kind of frame that they are, with the columns that were filled."""
        other = {name for name, column in made.items() if column.type != table.columns[name].type}
        like = replace(table, dtypes=_forget(table.dtypes, other))
        if len(table.columns) == len(getattr(records, "columns", ())):  # and no column was added
            codecs = self.layout.codecs
            changed = {
                name: column
                for name, column in made.items()
                if name in codecs
                and (codecs[name].dimensions or gaps(codecs[name], table.columns[name]).any())
            }
            frame = with_columns(records, changed, like)
            if frame is not None:
                return frame
        return to_native(made, like)

    def filled(self, table: Table, *, how: How = "draw", seed: SupportsIndex = 0) -> Iterator[Columns]:
        """`fill` as a stream of Arrow columns, a block of rows at a time."""
        return self.fills(table, how=how, seed=seed)[0]

    def fills(
        self,
        table: Table,
        *,
        how: How = "draw",
        times: SupportsIndex | None = None,
        seed: SupportsIndex = 0,
        on_notes: Callable[[list[str]], None] = lambda notes: None,
    ) -> list[Iterator[Columns]]:
        """`fill` as streams of Arrow columns: one, or one for each of `times`.

        on_notes: called before the work with what is to be said of the table, where there is anything.
        """
        how, first = checked_how(how), seed_of(seed)
        count = 1 if times is None else whole_number(times, "fills", "For example: times=5.")
        if count > 1 and how == "likeliest":
            raise RequestError(
                f"{count} fills with the likeliest values were asked for.",
                "They would all be the same; several fills are draws.",
                "Leave the number of fills out, or draw: how='draw', --how draw.",
            )
        table = self._with_room(table)
        ready = filling(self.layout, self.asked, table.columns, self._brief)
        if ready.strange:
            on_notes(ready.notes)
        seeds = [first, *(seed_of_copy(first, number) for number in range(1, count))]
        return [ready.blocks(len(table), self.block, how, seed) for seed in seeds]

    def _with_room(self, table: Table) -> Table:
        """The table with empty columns for what the model knows beside a picture and the records lack."""
        codecs = self.layout.codecs
        if not any(name in codecs and codecs[name].dimensions for name in table.columns):
            return table
        room = {name: nulls(len(table), self._type(name)) for name in codecs if name not in table.columns}
        return replace(table, columns={**table.columns, **room}) if room else table

    def log_prob(self, records: Any, *, orders: SupportsIndex = 4, seed: SupportsIndex = 0) -> np.ndarray:
        """Nats per record: log p of each record's cells, float64 (rows,).

        The mean over `orders` random orders of the columns, each exact under the model's chain rule.
        Constants, identifiers, personal data and omitted text count nothing. A record with a value that was
        never learned (a new category, a missing cell where none ever was) has no probability: -inf, and a
        `sampan.Notice` that names it.
        """
        seed, orders = seed_of(seed), whole_number(orders, "orders of the columns")
        table = _whole(records)
        own = {name: table.columns[name] for name in self.layout.codecs if name in table.columns}
        lacking = [name for name in self.layout.codecs if name not in own]
        if lacking:
            raise DataError(
                f"the records lack the column {lacking[0]!r}.",
                f"The model's columns are all expected: {', '.join(self.layout.codecs)}.",
                "Add the column.",
            )
        strange = {name: codec.unknown(own[name]) for name, codec in self.layout.codecs.items()}
        strange = {name: cells for name, cells in strange.items() if cells.any()}
        never = np.logical_or.reduce([*strange.values(), np.zeros(len(table), dtype=bool)])
        if strange:
            strangers(self.layout, own)  # refuses a column of which nothing is known
            notes = told(own, strange, "the model gives its record no probability (-inf).")
            warnings.warn(Notice.of(notes, "What was never learned"), stacklevel=2)
            own = {
                name: sound(column, strange[name]) if name in strange else column
                for name, column in own.items()
            }
        out = self.layout.log_share(own)
        values = self.layout.encode(own)
        for start in range(0, len(table), BLOCK):
            part = {
                name: widened(tensor[start : start + BLOCK], self.layout.spaces[name])
                for name, tensor in values.items()
            }
            size = min(BLOCK, len(table) - start)
            records = replace(Batch.empty(self.layout.spaces, size), values=part)
            rng = generator_of(seed, Purpose.LOG_PROB, start)
            out[start : start + BLOCK] += self.asked.log_prob(records, rng, orders).numpy()
        return np.where(never, -np.inf, out)

    # --- on disk ------------------------------------------------------------------------------------------
    def save(self, path: str | Path) -> None:
        """Write the model to a folder: JSON and safetensors, with checksums."""
        store.save(path, self.layout, self.family, self.model, self.card)

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle` and `copy`: the bytes that `save` writes, checked as those of a folder are."""
        contents = store.packed(self.layout, self.family, self.model, self.card)
        own = {type(codec) for codec in self.layout.codecs.values()} - set(CODECS.values())
        families = {type(self.family)} - set(FAMILIES.values())
        device = device_of(self.model).type
        return _restored, (contents, tuple(own), tuple(families), device, self.like)

    # --- inside -------------------------------------------------------------------------------------------
    def _native(self, columns: dict[str, Column], beside: Table | None = None) -> Any:
        """The columns as the kind of frame that was learned from, else as the one whose rows were given."""
        like = self.like if self.like is not None else Table(columns, self.card.source, "file", 0)
        if beside is not None:
            if self.like is None and beside.native in ("pandas", "polars", "pyarrow"):
                like = replace(like, native=beside.native, dtypes=beside.dtypes)
            like = replace(like, index=beside.index)
        return to_native(columns, like)

    def _given(self, given: Any, n: SupportsIndex | None) -> tuple[dict[str, Column], int]:
        """The given columns and the number of rows; one-row columns hold for every record."""
        if given is None:
            return {}, count_of(1 if n is None else n)
        if isinstance(given, Mapping) and not _holds_rows(given):
            columns = self.layout.codecs
            known = {
                name: self._literal(name, value)
                for name, value in ((known_name(said, columns), value) for said, value in given.items())
            }
            return known, count_of(1 if n is None else n)
        table = _whole(given)
        if n is not None and count_of(n) != len(table):
            raise RequestError(
                f"{n} records were asked for, with {len(table)} rows given.",
                "One record for each given row is made.",
                "Leave n out, or give as many rows.",
            )
        known = {}
        for name, column in table.columns.items():
            self.layout.codec(name)
            known[name] = column
        return known, len(table)

    def _literal(self, name: str, value: Any) -> Column:
        """A given value as a one-row column of the type that the model makes."""
        return cell_of(self.layout.codec(name), name, value, self._type(name))

    def _type(self, name: str) -> Any:
        """The Arrow type that a column is made in."""
        if self.like is not None and name in self.like.columns:
            return self.like.columns[name].type
        return one_of(self.layout.codecs[name], name).type

    def _start(self, known: Mapping[str, Column], size: int) -> Batch:
        """The block's leaves with what is known."""
        return at_waist(self.layout, known, size)

    def _block(
        self, known: Mapping[str, Column], size: int, start: int, seed: int, event: Event | None
    ) -> dict[str, Column]:
        rng = generator_of(seed, Purpose.SAMPLE, start)
        batch = self._start(known, size)
        noise: dict[str, np.ndarray] = {}
        if event is not None:
            noises, applies = list(self.layout.noise()), event.of(start, size)
            batch, noise = draw_inside(self.asked, batch, event.inside, noises, rng, applies)
        arrays = drawn_leaves(self.layout, self.asked, batch, noise, size, rng, self._brief)
        made = self.layout.decode(arrays, Rows(start, size, seed), known)
        for name, column in known.items():  # what is given in part comes back whole
            codec = self.layout.codecs[name]
            if codec.known(column) is None:
                made[name] = spread(codec.opened(column), size)
            else:
                own = {leaf: arrays[self.layout.names[name, leaf]] for leaf in codec.spaces}
                made[name] = codec.complete(spread(column, size), own)
        return made

    @property
    def _brief(self) -> bool:
        """Whether it was learned, and so computes, in bfloat16."""
        return self.card.history.get("precision") == "bfloat16"


def checked_strength(strength: float) -> float:
    """How far a picture may be taken from what it was. Raises RequestError outside (0, 1]."""
    if not 0 < strength <= 1:
        raise RequestError(
            f"a strength of {strength} was asked for.",
            "A number above 0 and at most 1 is expected: 1 leaves nothing of what was there.",
            "For example: 0.6",
        )
    return strength


def load(
    path: str | Path, *, device: str | None = None, digest: str | None = None, **classes: Any
) -> Generator:
    """The model in a folder as a Generator.

    path: a model folder, or the run folder that `sampan make` wrote. device: "cpu" or "cuda"; a graphics
    card, where there is one, unless said. digest: "sha256:..." as `sampan show` prints it; any other model is
    refused. codecs, families: classes of your own that it was made with (`sampan.store.load`).
    """
    place = device_named(device)
    layout, family, model, card = store.load(path, digest=digest, **classes)
    return Generator(layout, family, model.to(place), card)


def _restored(
    contents: Mapping[str, bytes],
    codecs: tuple[type[Codec], ...],
    families: tuple[type[Family], ...],
    device: str,
    like: Table | None,
) -> Generator:
    """What `Generator.__reduce__` took apart; on a processor where the device it had is not there."""
    layout, family, model, card = store.unpacked(contents, codecs=codecs, families=families)
    place = "cpu" if device == "cuda" and not torch.cuda.is_available() else device
    return Generator(layout, family, model.to(device_named(place)), card, like)


def _whole(records: Any) -> Table:
    """Records of which every row counts. Raises DataError where reading kept only a sample of them."""
    table = records if isinstance(records, Table) else read(records)
    if table.rows_seen > len(table):
        raise DataError(
            f"the records have {table.rows_seen:,} rows, more than are held in memory at once.",
            f"At most {len(table):,} rows of this table are expected.",
            "Give them in parts.",
        )
    return table


def _holds_rows(given: Mapping[str, Any]) -> bool:
    """Whether a dict holds columns, and not the values of one record."""
    return any(isinstance(value, (list, tuple, np.ndarray, Array)) for value in given.values())


def _together(blocks: list[dict[str, Column]]) -> dict[str, Column]:
    return {name: join([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}


def _forget(dtypes: Mapping[str, Any], other: Collection[str]) -> dict[str, Any]:
    """What to remember of a frame once some columns are of another type: of those, the label at most."""
    kept = {name: dtype for name, dtype in dtypes.items() if name not in other}
    labels = {name: dtypes[name] for name in other if isinstance(dtypes.get(name), tuple)}
    return kept | {name: (label, None) for name, (label, _) in labels.items()}
