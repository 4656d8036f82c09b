"""Generator: a learned joint distribution of records, which makes them, completes them, says their odds.

Long because it is what a person holds: each call with its arguments in words; the work is done in `making`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, SupportsIndex, overload

import numpy as np
import torch

from sampan import store, summary
from sampan.ability import MakesMore, Restyles
from sampan.card import Card, versions
from sampan.data import Columns, Table, empty_table, to_native
from sampan.data.frames import kept_of, with_provenance
from sampan.device import Asked, device_named, device_of
from sampan.errors import Notice, SampanError
from sampan.families import FAMILIES, able
from sampan.family import Family, Model
from sampan.field import Codec
from sampan.fields import CODECS
from sampan.flags import in_python
from sampan.making import likelihood, points
from sampan.making.fill import fills, refilled
from sampan.making.frame import F, Frame, Own
from sampan.making.learned import Learned
from sampan.making.records import end_to_end, examples_in, is_one, single, table_of, together, whole
from sampan.making.request import How, Kind, Request
from sampan.making.stream import stream
from sampan.provenance import Provenance
from sampan.rules.rule import Rule
from sampan.schema import Layout
from sampan.where import Formula
from sampan.whole_numbers import count_of, seed_of, whole_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Where = str | Formula | Mapping[str, Any] | None
"""A condition, as a caller may say it."""

ROWS_SHOWN = 5
"""Made rows that a notebook shows of a model."""


@dataclass(frozen=True, eq=False, repr=False)
class Generator(Generic[F]):
    """A learned joint distribution of records, with its card. Made by `fit` or `load`.

    - layout, family, model: what was learned of each column, how, and the network of all of them.
    - card: where it comes from.
    - like: an empty table of the kind that came in, so that the same kind of frame goes out.
    - loaded: the digest of the model folder that it came out of.
    """

    layout: Layout
    family: Family
    model: Model
    card: Card
    like: Table | None = None
    loaded: str | None = None

    def __post_init__(self) -> None:
        if self.layout.kept.rules:
            self.model.forbid(self.layout.pairs())

    @cached_property
    def digest(self) -> str:
        """What names this very model, "sha256:...": of the files that `save` writes."""
        return self.loaded or store.digest_of_files(self._packed())

    def provenance(self, kind: Kind, seed: int) -> Provenance:
        """What records say that are made by such a request: see `sampan.provenance`."""
        software = f"sampan {versions()['sampan']}"
        return Provenance(software, self.digest, self.card.family, kind, seed)

    @property
    def learned(self) -> Learned:
        """What was learned, as everything that makes records takes it."""
        types = {} if self.like is None else {name: c.type for name, c in self.like.columns.items()}
        brief = self.card.history.get("precision") == "bfloat16"
        return Learned(self.layout, Asked(self.model), brief, types)

    def __repr__(self) -> str:
        return "\n".join(summary.lines_of(self.card))

    def _repr_html_(self) -> str:
        """What a notebook shows: the family, the learning curve, the columns, a few made rows."""
        try:
            rows = together(list(self.blocks(ROWS_SHOWN)))
        except SampanError:  # a model of one's own that makes nothing by itself
            rows = {}
        return summary.html_of(self.card, rows, self.layout.media)

    def plot(self) -> Figure:
        """The learning curve as a matplotlib figure. Raises MissingExtra without matplotlib."""
        return summary.figure_of(self.card)

    @property
    def notes(self) -> list[str]:
        """What was changed, left out or guessed when it was learned, in plain sentences."""
        return [in_python(note) for note in self.card.notes]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What holds between its columns, in every record that it makes (see `sampan.rules`)."""
        return self.layout.kept.rules

    # --- making -------------------------------------------------------------------------------------------
    def stream(
        self, request: Request, *, on_notes: Callable[[list[str]], None] | None = None
    ) -> Iterator[Columns]:
        """What a request asks for, as a stream of Arrow columns, a block of rows at a time.

        - request: what is asked for (`sampan.making.request`).
        - on_notes: called before the work with what is to be said of the request's records; a warning unless
          given.
        """
        return stream(self.learned, request, _warn if on_notes is None else on_notes)

    def sample(
        self,
        n: SupportsIndex | None = None,
        *,
        given: Any = None,
        where: Where = None,
        seed: SupportsIndex = 0,
    ) -> F:
        """New records, in the kind of frame that the model was learned from.

        - n: how many; 1 unless said, or one for each row of `given`.
        - given: column -> value that every record has, or a frame of n rows with the columns that are fixed;
          what is given comes back identical, and so does a pandas index. None, NaN, NaT and NA mean a missing
          cell here, as an empty cell of a frame does (`fill` makes those up); a column that never had one
          refuses it.
        - where: a condition such as 'age > 65 and balance < 1000' (see `sampan.where`).
        - seed: one seed, one result.
        """
        beside = None if given is None or is_one(given) else whole(given)
        blocks = self.blocks(n, given=given if beside is None else beside, where=where, seed=seed)
        return self._native(together(list(blocks)), self.provenance("sample", seed_of(seed)), beside)

    def blocks(
        self,
        n: SupportsIndex | None = None,
        *,
        given: Any = None,
        where: Where = None,
        seed: SupportsIndex = 0,
    ) -> Iterator[Columns]:
        """`sample` as a stream of Arrow columns, a block of rows at a time, in constant memory."""
        alike = given is None or is_one(given)
        said, records = (given or {}, None) if alike else ({}, whole(given).columns)
        count = None if n is None else count_of(n)
        return self.stream(Request("sample", count, said, records, where, seed_of(seed)))

    def restyle(
        self,
        records: Any,
        strength: float = 0.5,
        *,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> F:
        """The pictures of some records made anew in the model's style, their layout kept.

        - records: a frame or a dict; columns beside the pictures may be left out, and are held to where they
          are there.
        - strength: how far it is taken from what is there, above 0 and at most 1 (nothing of it is left).
        - given: column -> value that every record has.
        - seed: one seed, one result.

        Raises FamilyCannot for a family that makes records from nothing.
        """
        able(self.model, Restyles)  # before a picture is read
        request = Request(
            "restyle", None, given or {}, examples_in(self.learned, records), None, seed_of(seed), strength
        )
        return self._made(request)

    def more(
        self,
        examples: Any,
        n: SupportsIndex = 10,
        *,
        strength: float | None = None,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> F:
        """More of the same: n new records of the kinds that some examples show.

        - examples: records with pictures: a frame, a dict of columns, or a folder. What is not said beside
          the pictures (a label) is read off them, of all together; what is said is held to. They need not be
          of a kind that has a label: each picture is in turn a model for a new one.
        - n: how many.
        - strength: how far a new picture is taken from its model, above 0 and at most 1 (nothing of it is
          left but what labels say); 0.8 unless said, 0.5 where the model knows no labels.
        - given: column -> value that every new record has.
        - seed: one seed, one result.

        Raises FamilyCannot for a family that reads nothing off a record.
        """
        able(self.model, MakesMore)  # before a picture is read
        request = Request(
            "more",
            count_of(n),
            given or {},
            examples_in(self.learned, examples),
            None,
            seed_of(seed),
            strength,
        )
        return self._made(request)

    def walk(
        self,
        n: SupportsIndex = 12,
        *,
        given: Mapping[str, Any] | None = None,
        seed: SupportsIndex = 0,
    ) -> F:
        """n records on a way from one made record to another: each is like its neighbours.

        - n: how many.
        - given: column -> value that all have; what beside pictures is not given is drawn once.
        - seed: one seed, one result.

        Raises FamilyCannot for a family that has no such way.
        """
        return self._made(Request("walk", count_of(n), given or {}, seed=seed_of(seed)))

    # --- the latent space ---------------------------------------------------------------------------------
    def embed(self, records: Any) -> np.ndarray:
        """Each record as a point of the model's latent space: float32 (rows, latent).

        - records: a frame, a dict or a file; every column of the model is expected.

        Near points are alike in what the model makes of them. Raises FamilyCannot for a family without a
        latent space, DataError for records that lack a column.
        """
        return points.embedded(self.learned, whole(records))

    def between(self, first: Any, last: Any, steps: SupportsIndex = 9, *, seed: SupportsIndex = 0) -> F:
        """Records on the way from one record to another through the latent space: `steps` rows.

        - first, last: a dict of column -> value, or one row of a frame; every column is expected.
        - steps: how many rows. The first and the last are the model's own picture of the two.
        - seed: one seed, one result.

        The way keeps to where records are: it is the one through the points of 2,048 made records whose
        records change by the smallest hops, as a straight line would cross places where no record was ever
        encoded. Every cell takes the middle of what it could be, so that neighbours are alike.
        """
        count = whole_number(steps, "steps", "For example: steps=9.")
        ends = end_to_end([single(self.learned, record) for record in (first, last)])
        return self._made(Request("between", count, records=ends, seed=seed_of(seed)))

    def near(self, record: Any, spread: float = 0.3, n: SupportsIndex = 10, *, seed: SupportsIndex = 0) -> F:
        """Variations of a record: n records from around its point of the latent space.

        - record: a dict of column -> value, or one row of a frame; every column is expected.
        - spread: how far around, 1 for as far as records of the whole data are spread; 0 gives what the model
          cannot tell from the record.
        - n: how many.
        - seed: one seed, one result.
        """
        one = single(self.learned, record)
        return self._made(Request("near", count_of(n), records=one, seed=seed_of(seed), strength=spread))

    # --- filling ------------------------------------------------------------------------------------------
    @overload
    def fill(
        self, records: Frame[Own], *, how: How = "draw", times: None = None, seed: SupportsIndex = 0
    ) -> Own: ...
    @overload
    def fill(
        self, records: Frame[Own], *, how: How = "draw", times: SupportsIndex, seed: SupportsIndex = 0
    ) -> list[Own]: ...
    @overload
    def fill(
        self, records: Any, *, how: How = "draw", times: SupportsIndex | None = None, seed: SupportsIndex = 0
    ) -> Any: ...
    def fill(
        self,
        records: Any,
        *,
        how: How = "draw",
        times: SupportsIndex | None = None,
        seed: SupportsIndex = 0,
    ) -> Any:
        """The records with their missing cells made up from the others; what is there stays as it is.

        - records: a frame, a dict or a file. Columns that they lack raise DataError, unless a picture is
          there: what is beside it may be left out, and is made up.
        - how: "draw" takes one value by chance, as likely as the model expects it: the filled records are
          spread and hang together as real ones do. "likeliest" takes the best single value for each cell by
          itself (the mean of a number, rounded to one that can be made; the commonest category): nearer to
          what was lost on average, less spread than it, and the same whatever the seed.
        - times: a list of so many frames, each a draw of its own (multiple imputation: analyse each, and pool
          the results).
        - seed: one seed, one result.

        A cell is filled with a value: "missing" is not drawn again. It is written as the column writes its
        own; a column whose type cannot hold what is made (fractions among whole numbers) takes a type that
        holds both. Pictures come back as they are, but for what is transparent, which is made up. Columns
        that the model does not know, the order of rows and columns, and a pandas index stay as they are.

        A value that was never learned (a new category) stays as it is; the rest of its row is filled as if
        it were not known, and a `sampan.Notice` says so.
        """
        table = table_of(self.learned, records)
        streams = self.fills(table, how=how, times=times, seed=seed)
        made = self.provenance("fill", seed_of(seed))
        frames = [
            with_provenance(refilled(self.learned, records, table, together(list(one))), made)
            for one in streams
        ]
        return frames[0] if times is None else frames

    def fills(
        self,
        table: Table,
        *,
        how: How = "draw",
        times: SupportsIndex | None = None,
        seed: SupportsIndex = 0,
        on_notes: Callable[[list[str]], None] | None = None,
    ) -> list[Iterator[Columns]]:
        """`fill` as streams of Arrow columns: one, or one for each of `times`; on_notes as in `stream`."""
        count = None if times is None else whole_number(times, "fills", "For example: times=5.")
        request = Request("fill", records=table.columns, how=how, seed=seed_of(seed))
        return fills(self.learned, request, count, _warn if on_notes is None else on_notes)

    def log_prob(self, records: Any, *, orders: SupportsIndex = 4, seed: SupportsIndex = 0) -> np.ndarray:
        """Nats per record: log p of each record's cells, float64 (rows,).

        - records: a frame, a dict or a file; every column of the model is expected.
        - orders: how many random orders of the columns it is the mean of, each exact under the model's chain
          rule.
        - seed: one seed, one result.

        Constants, identifiers, personal data and omitted text count nothing. A record with a value that was
        never learned (a new category, a missing cell where none ever was) has no probability: -inf, and a
        `sampan.Notice` that names it.
        """
        seed, orders = seed_of(seed), whole_number(orders, "orders of the columns")
        return likelihood.likelihood(self.learned, whole(records), orders, seed)

    # --- on disk ------------------------------------------------------------------------------------------
    def save(self, path: str | Path) -> None:
        """Write the model to a folder: JSON and safetensors, with checksums."""
        store.save(path, self._packed())

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle` and `copy`: the bytes that `save` writes, checked as those of a folder are."""
        contents = self._packed()
        own = {type(codec) for codec in self.layout.codecs.values()} - set(CODECS.values())
        families = {type(self.family)} - set(FAMILIES.values())
        device = device_of(self.model).type
        return _restored, (contents, tuple(own), tuple(families), device, self.like)

    # --- inside -------------------------------------------------------------------------------------------
    def _packed(self) -> dict[str, bytes]:
        """The files of the model: name -> bytes."""
        frame = None if self.like is None else kept_of(self.like.native, self.like.dtypes)
        return store.packed(self.layout, self.family, self.model, self.card, frame)

    def _made(self, request: Request) -> F:
        """What a request asks for, in the kind of frame that was learned from."""
        made = together(list(self.stream(request)))
        return self._native(made, self.provenance(request.kind, request.seed))

    def _native(self, columns: Columns, provenance: Provenance, beside: Table | None = None) -> Any:
        """The columns as the kind of frame that was learned from, else as the one whose rows were given."""
        like = self.like if self.like is not None else Table(columns, self.card.source, "file", 0)
        if beside is not None:
            if self.like is None and beside.native in ("pandas", "polars", "pyarrow"):
                like = replace(like, native=beside.native, dtypes=beside.dtypes)
            like = replace(like, index=beside.index)
        return to_native(columns, like, provenance)


def _warn(notes: list[str]) -> None:
    warnings.warn(Notice.of(notes, "What was not filled as asked"), stacklevel=5)


def load(
    path: str | Path, *, device: str | None = None, digest: str | None = None, **classes: Any
) -> Generator:
    """The model in a folder as a Generator.

    path: a model folder, or the run folder that `sampan make` wrote. device: "cpu" or "cuda"; a graphics
    card, where there is one, unless said. digest: "sha256:..." as `sampan show` prints it; any other model is
    refused. codecs, families: classes of your own that it was made with (`sampan.store.load`).
    """
    place = device_named(device)
    stored = store.load(path, digest=digest, **classes)
    like = empty_table(stored.frame, stored.card.source)
    model = stored.model.to(place)
    return Generator(stored.layout, stored.family, model, stored.card, like, stored.digest)


def _restored(
    contents: Mapping[str, bytes],
    codecs: tuple[type[Codec], ...],
    families: tuple[type[Family], ...],
    device: str,
    like: Table | None,
) -> Generator:
    """What `Generator.__reduce__` took apart; on a processor where the device it had is not there."""
    layout, family, model, card, digest, _ = store.unpacked(contents, codecs=codecs, families=families)
    place = "cpu" if device == "cuda" and not torch.cuda.is_available() else device
    return Generator(layout, family, model.to(device_named(place)), card, like, digest)
