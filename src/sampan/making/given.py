"""Given: what is known of some records before a model is asked, each cell of it encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from sampan.column import Column, take
from sampan.families import refuse_pattern
from sampan.family import Model
from sampan.making.cell import spread
from sampan.rules.quantities import merged
from sampan.schema import Layout
from sampan.space import Batch, widened


@dataclass(frozen=True, eq=False)
class Given:
    """Columns of which all or some cells are known, of one row for all records or one for each.

    leaves: the same, encoded. hidden: column -> which of its cells are not known after all: bool (rows,).
    start: the number of the first record.
    """

    layout: Layout
    rows: int
    columns: Mapping[str, Column]
    leaves: Mapping[str, Tensor]
    hidden: Mapping[str, np.ndarray] = field(default_factory=dict)
    start: int = 0

    @classmethod
    def of(
        cls,
        layout: Layout,
        columns: Mapping[str, Column],
        rows: int,
        hidden: Mapping[str, np.ndarray] | None = None,
        strict: bool = False,
    ) -> Given:
        """The columns and what follows from them by rules, encoded.

        strict: whether cells that contradict a rule are refused. Raises what the codecs raise for cells that
        they do not know.
        """
        found, gone = layout.held.deduced(columns, hidden or {}, strict)
        columns, hidden = {**columns, **found}, {**(hidden or {}), **gone}
        for name in found.keys() - gone.keys():
            hidden.pop(name, None)
        return cls(layout, rows, columns, layout.encode(columns), hidden)

    def parts(self, size: int) -> Iterator[Given]:
        """The records in blocks of so many."""
        for start in range(0, self.rows, size):
            rows = slice(start, min(start + size, self.rows))
            yield Given(
                self.layout,
                rows.stop - start,
                {name: self._part(column, rows) for name, column in self.columns.items()},
                {
                    leaf: values if self._for_all(len(values)) else values[rows]
                    for leaf, values in self.leaves.items()
                },
                {name: cells[rows] for name, cells in self.hidden.items()},
                self.start + start,
            )

    def some(self, rows: np.ndarray) -> Given:
        """Some of the records, each as often as its row is named."""
        return Given(
            self.layout,
            rows.size,
            {
                name: column if self._for_all(len(column)) else take(column, rows)
                for name, column in self.columns.items()
            },
            {
                leaf: values if self._for_all(len(values)) else values[rows]
                for leaf, values in self.leaves.items()
            },
            {name: cells[rows] for name, cells in self.hidden.items()},
            self.start,
        )

    @property
    def sure(self) -> dict[str, Column]:
        """The columns of which every cell is known."""
        return {name: column for name, column in self.columns.items() if name not in self.hidden}

    def _for_all(self, rows: int) -> bool:
        """Whether what has so many rows holds for every record."""
        return rows == 1 != self.rows

    def _part(self, column: Column, rows: slice) -> Column:
        return column if self._for_all(len(column)) else column.slice(rows.start, rows.stop - rows.start)

    def batch(self) -> Batch:
        """The records at the waist."""
        nothing = Batch.empty(self.layout.spaces, self.rows)
        values, known = dict(nothing.values), dict(nothing.known)
        for name, column in self.columns.items():
            shown = self.layout.every[name].known(column)  # of pictures with holes, which of their pixels
            for leaf in self.layout.leaves_of(name):
                space = self.layout.spaces[leaf]
                values[leaf] = widened(self.leaves[leaf], space).expand(values[leaf].shape).clone()
                known[leaf][:] = True
                if name in self.hidden:
                    there = torch.from_numpy(~self.hidden[name])
                    known[leaf] &= there.view(-1, *(1 for _ in space.grid))
                if shown is not None and leaf == self.layout.names[name, ""]:
                    known[leaf] &= torch.from_numpy(shown)
        return Batch(values, known)

    def known(self, name: str) -> np.ndarray:
        """Which cells of a column are given: bool (rows,)."""
        if name not in self.columns:
            return np.zeros(self.rows, dtype=bool)
        return ~self.hidden[name] if name in self.hidden else np.ones(self.rows, dtype=bool)

    def over(self, made: Mapping[str, Column]) -> dict[str, Column]:
        """Made columns with what is given in its place; of cells that may be given in part, as they are."""
        out = dict(made)
        for name, column in self.columns.items():
            codec = self.layout.every[name]
            if codec.known(column) is None:
                whole = spread(codec.contents(column), self.rows)
                out[name] = merged(made[name], whole, self.known(name)) if name in self.hidden else whole
        return out

    def refuse(self, model: Model, size: int) -> None:
        """Raise FamilyCannot where a model cannot make up what is unknown of one of the records."""
        if self.columns and type(model).refuses is not Model.refuses:
            for part in self.parts(size):
                refuse_pattern(model, part.batch().known)
