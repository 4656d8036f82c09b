"""Schema -> Layout: names to fields as declared, and names to codecs as learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sampan.column import Column, join
from sampan.errors import DataError, RequestError, SampanError, StoreError, nearest, typed
from sampan.field import Codec, CountsPeople, Field, Missing, NamesGroups, Rows
from sampan.fields.holders import repeated_records
from sampan.fields.identifier import Identifier
from sampan.fields.invented import InventedCodec
from sampan.fields.people import People, speaking
from sampan.groups.groups import Groups
from sampan.groups.standing import Standing
from sampan.leaf import leaf_names
from sampan.media import Medium
from sampan.rules.held import Held
from sampan.rules.kept import Kept
from sampan.rules.symbols import pairs_of
from sampan.rules.wish import NONE, Wish
from sampan.space import Choice, Space


@dataclass(frozen=True)
class Schema:
    """What every column means: names to fields, in the order of the table.

    notices: what was guessed against the odds, and what a person should know before learning.
    """

    fields: Mapping[str, Field]
    notices: Sequence[str] = ()

    @property
    def key(self) -> str:
        """The column whose value is the same in rows that belong together; "" for none."""
        return next((name for name, field in self.fields.items() if is_key(field)), "")

    @property
    def ungrouped(self) -> Schema:
        """The same of rows that are made one by one."""
        if not self.key:
            return self
        alone = replace(self.fields[self.key], key=False)  # type: ignore[type-var]  # fields are dataclasses
        return replace(self, fields={**self.fields, self.key: alone})

    @property
    def media(self) -> dict[str, Medium]:
        """The columns whose cells are files of a medium."""
        return {name: field.medium for name, field in self.fields.items() if field.medium is not None}

    def fit(
        self,
        columns: Mapping[str, Column],
        persons: np.ndarray | None = None,
        apart: Mapping[str, Column] | None = None,
        on_column: Callable[[int, int], None] = lambda done, of: None,
        rules: Wish = NONE,
    ) -> Layout:
        """Learn every codec from the training rows. Raises DataError that names the column.

        persons: whose row each is, any whole numbers (rows,); found in the columns unless said. A value that
        only one of them has is not made again. apart: columns of rows that nothing is learned from; the names
        and keys in them may not be invented either. on_column: called with how many columns of how many are
        learned. rules: what is said of rules between columns, which hold in every record that is made.
        """
        for name in self.fields:
            if name not in columns:
                raise DataError(
                    f"the schema has a column {name!r} that the data lacks.",
                    f"The data's columns are: {', '.join(columns)}.{nearest(name, columns)}",
                    "Correct the schema, or leave the column out of it.",
                )
        codecs: dict[str, Codec] = {}
        held = {name: field for name, field in self.fields.items() if isinstance(field, CountsPeople)}
        every = dict(columns)
        for name, field in self.fields.items():
            if apart is not None and field.invents:
                every[name] = join([columns[name], apart[name]])
        for name, field in self.fields.items():
            if name not in held:
                codecs[name] = _named(name, field.fit, every[name])
                on_column(len(codecs), len(self.fields))
        people = People.of(codecs, every)
        if persons is None and self.key:
            persons = Standing.of(columns[self.key]).group
        if persons is None and held:
            persons = people.first(len(next(iter(columns.values())))).owners
        if persons is None and held:
            persons = repeated_records({name: columns[name] for name in self.fields})
        for name, field in held.items():
            codecs[name] = _named(name, field.fit, columns[name], persons)
            on_column(len(codecs), len(self.fields))
        bound = people.bound({name: codecs[name] for name in self.fields}, every)
        exact = frozenset(name for name, field in held.items() if field.exact)
        groups = Groups.learned(self.key, columns, bound) if self.key else None
        settled, said = rules.settled({name: columns[name] for name in self.fields}, bound)
        kept = Kept.learned(settled, columns, bound, persons, exact)
        return Layout(bound, kept, groups, said=tuple(said))


def is_key(field: Field) -> bool:
    """Whether rows with one value of a field belong together, and are made together."""
    return isinstance(field, NamesGroups) and field.key


def as_key(field: Field) -> Field:
    """The field of a column by whose value rows belong together: never learned."""
    if isinstance(field, NamesGroups):
        return replace(field, key=True)  # type: ignore[type-var]  # fields are frozen dataclasses
    return Identifier(key=True)


def _named(name: str, fit: Callable[..., Codec], *given: Any) -> Codec:
    """What fitting a column gives; an error names it."""
    try:
        return fit(*given)
    except SampanError as error:
        raise error.of_column(name) from error


@dataclass(frozen=True, eq=False)
class Layout:
    """What was learned about every column: names to codecs.

    kept: the rules between columns. groups: what is known of rows that belong together. read: whether it
    comes out of a file, so that what makes no sense in it is the file's fault. said: what a person should
    know of the rules.
    """

    codecs: Mapping[str, Codec]
    kept: Kept = Kept()
    groups: Groups | None = None
    read: bool = False
    said: Sequence[str] = ()

    @cached_property
    def every(self) -> Mapping[str, Codec]:
        """The codecs of all columns, those too that are learned for a rule or of a group and not shown."""
        return {**self.codecs, **self.kept.codecs, **self.of_groups}

    @cached_property
    def of_groups(self) -> Mapping[str, Codec]:
        """The codecs of columns that say of a row how it stands in its group, and are not shown."""
        return {} if self.groups is None else self.groups.codecs(self.codecs)

    def grouped(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Columns of whole groups, with those beside them that say how each row stands in its group."""
        beside = {} if self.groups is None else self.groups.hidden(columns, self.codecs)
        return {**columns, **beside}

    @cached_property
    def held(self) -> Held:
        """The rules as they are kept when records are made."""
        return self.kept.held(self.codecs)

    def pairs(self) -> dict[tuple[str, str], Tensor]:
        """(leaf, other leaf) -> which symbols of both rules let stand in one record, if not all."""
        out: dict[tuple[str, str], Tensor] = {}
        for group in self.held.groups:
            for claim in group.bound:
                for first, second, allowed in pairs_of(claim, self.every):
                    key = self.names[first], self.names[second]
                    own = torch.tensor(allowed)
                    out[key] = out[key] & own if key in out else own
        return out

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """(column, codec's leaf) -> the record's name for it."""
        return leaf_names(self.every)

    @property
    def media(self) -> dict[str, Medium]:
        """The columns whose cells are files of a medium."""
        return {name: codec.medium for name, codec in self.codecs.items() if codec.medium is not None}

    @property
    def spaces(self) -> dict[str, Space]:
        """Every learned leaf of the record."""
        return {
            self.names[name, leaf]: replace(space, late=True)
            if name in self._late and isinstance(space, Choice)
            else space
            for name, codec in self.every.items()
            for leaf, space in codec.spaces.items()
        }

    @cached_property
    def _late(self) -> frozenset[str]:
        """The columns that come about by others, whatever is drawn for them."""
        return frozenset(habit.column for habit in self.kept.habits)

    @property
    def notes(self) -> list[str]:
        """What learning the columns changed or left out, each with the column's name; and of the rules."""
        same = set() if self.groups is None else {self.groups.key, *self.groups.constants}
        own = [
            f'"{name}": {typed(note, name)}'
            for name, codec in self.codecs.items()
            for note in codec.notes
            if not (name in same and isinstance(codec, InventedCodec))  # its identity is its group's
        ]
        return [*([] if self.groups is None else [self.groups.said]), *own, *self.said]

    def leaves_of(self, column: str) -> list[str]:
        """The record's names of one column's learned leaves."""
        return [self.names[column, leaf] for leaf in self.every[column].spaces]

    def noise(self) -> Iterator[str]:
        """The record's names of all noise leaves."""
        for name, codec in self.every.items():
            for leaf in codec.noise:
                yield self.names[name, leaf]

    def encode(self, columns: Mapping[str, Column]) -> dict[str, Tensor]:
        """Leaf -> (rows, ...) for the columns that are there, and for those that rules add to them.

        Symbols come in the smallest integers that hold them, levels (uint8) and real numbers as they are.
        """
        out: dict[str, Tensor] = {}
        for name, column in {**columns, **self.kept.hidden(columns, self.codecs)}.items():
            codec = self.every[name] if name in self.every else self.codec(name)
            try:
                leaves = codec.encode(column)
            except SampanError as error:
                raise error.of_column(name) from error
            for leaf, values in leaves.items():
                out[self.names[name, leaf]] = _narrow(values)
        return out

    def decode(
        self, leaves: Mapping[str, np.ndarray], rows: Rows, known: Mapping[str, Column] | None = None
    ) -> dict[str, Column]:
        """All columns of the rows from all of their leaves, noise leaves included; those not shown, too.

        known: cells that are given, of one row for all or of every row: rows that name one person have the
        same invented cells beside that name.
        """
        out: dict[str, Column] = {}
        name = next(iter(self.codecs), "")
        try:
            people = {**rows.people, **speaking(self.codecs, known or {}, rows)}
            for name, codec in self.every.items():
                own = {leaf: leaves[self.names[name, leaf]] for leaf in (*codec.spaces, *codec.noise)}
                out[name] = codec.decode(own, Rows(rows.start, rows.count, rows.seed, name, people))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if not self.read:
                raise
            raise StoreError(
                f"the column {name!r} of the model cannot be made ({type(error).__name__}).",
                "A model as it was saved is expected; what it holds of this column contradicts itself.",
                "Restore the model folder from a copy, or learn the model again.",
            ) from error
        return out

    def codec(self, name: str) -> Codec:
        """The codec of a column. Raises RequestError with the nearest name."""
        if name not in self.codecs:
            raise RequestError(
                f"there is no column {name!r}.",
                f"The model's columns are: {', '.join(self.codecs)}.{nearest(name, self.codecs)}",
                "Use one of these names.",
            )
        return self.codecs[name]

    def present(self) -> dict[str, np.ndarray]:
        """Leaf -> bool (size,), True for symbols that are not "missing"; only leaves that can say it."""
        out: dict[str, np.ndarray] = {}
        for name, codec in self.every.items():
            if not codec.spaces:
                continue
            boxes = codec.allow(Missing(negated=True))
            for leaf in codec.spaces:
                if boxes and all(leaf in box.symbols for box in boxes):
                    mask = np.logical_or.reduce([box.symbols[leaf] for box in boxes])
                    if not mask.all():
                        out[self.names[name, leaf]] = mask
        return out

    def log_share(self, columns: Mapping[str, Column]) -> np.ndarray:
        """log p(values | their symbols), summed over the columns: float64 (rows,)."""
        return np.sum([self.codecs[name].log_share(column) for name, column in columns.items()], axis=0)


def _narrow(values: np.ndarray) -> Tensor:
    if values.dtype == np.uint8 or values.dtype.kind == "f":  # levels (on disk, perhaps), real numbers
        return torch.from_numpy(values)
    top = int(values.max(initial=0))
    kind = np.uint8 if top < 256 else np.int16 if top < 32_768 else np.int32
    return torch.from_numpy(values.astype(kind))
