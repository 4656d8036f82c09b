"""Settled: drawn leaves into columns in which every rule holds.

What a rule computes is computed. A row in which a rule then fails is drawn again: first which value inside a
symbol, as the rest of the row stays as it was drawn; then the symbols of the columns that the rule is about,
from what the model expects beside the rest. Few rows need it, and no other row changes.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch

from sampan.column import Column, take
from sampan.errors import LateNotice, RequestError
from sampan.field import Rows
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.randomness import Purpose, generator_of
from sampan.rules.held import Group
from sampan.rules.quantities import merged, put
from sampan.space import Batch

INSIDE, ANEW = 16, 40
"""Times that values inside of symbols are drawn again, and symbols."""

SOFT = 4
"""Times that symbols are drawn for rows of which only what holds in some rows is wanting."""

COPIES, TOGETHER = 64, 4_096
"""Draws for one row at once, and for all of them, where few rows are left."""


def settled(
    learned: Learned,
    given: Given,
    batch: Batch,
    arrays: Mapping[str, np.ndarray],
    rows: Rows,
    rng: torch.Generator,
    beside: Mapping[str, Column] | None = None,
    present: Mapping[str, np.ndarray] | None = None,
    failing: np.ndarray | None = None,
    tries: int = ANEW,
) -> dict[str, Column]:
    """The columns of some rows, what is given of them in its place and every rule held to.

    batch: what the model was told. arrays: every leaf that was drawn, noise included. beside: the given cells
    as they are, where some are missing. present: leaf -> bool (size,), the symbols that are not "missing" of
    leaves that may not be. failing: marked where no draw is found in which every rule holds. tries: how often
    symbols are drawn again. Raises RequestError for such rows, unless they may be marked.
    """
    made = given.over(learned.layout.decode(arrays, rows, given.columns if beside is None else beside))
    for group in learned.layout.held.groups:
        own = _Held(learned, given, batch, arrays, rows, group, present or {})
        made |= own.columns(made, rng, failing, tries)
    return made


def settled_leaves(
    learned: Learned,
    leaves: Mapping[str, torch.Tensor],
    columns: Mapping[str, Column],
    rows: Rows,
    rng: torch.Generator | None,
) -> dict[str, Column]:
    """The columns of leaves that a model made in one go, beside columns that stay as they are.

    Without rng each cell is the middle of what it could be.
    """
    layout = learned.layout
    arrays = learned.with_noise(leaves, rows.count, rng)
    given = Given(layout, rows.count, columns, {})
    again = generator_of(rows.seed, Purpose.BETWEEN, rows.start) if rng is None else rng
    made = settled(learned, given, Batch.empty(layout.spaces, rows.count), arrays, rows, again)
    return {name: made[name] for name in layout.codecs}


class _Held:
    """One group of rules in the making of some rows."""

    def __init__(
        self,
        learned: Learned,
        given: Given,
        batch: Batch,
        arrays: Mapping[str, np.ndarray],
        rows: Rows,
        group: Group,
        present: Mapping[str, np.ndarray],
    ) -> None:
        self.present = present
        self.learned, self.given, self.batch, self.group, self.rows = learned, given, batch, group, rows
        self.arrays = dict(arrays)
        self.known = {name: given.known(name) for name in group.columns}

    def columns(
        self, made: Mapping[str, Column], rng: torch.Generator, failing: np.ndarray | None, tries: int
    ) -> dict[str, Column]:
        """The columns of the group, with no row left in which a rule fails and that is not marked."""
        out, wrong = self.group.complete(made, self.known)
        hopeless = self.group.contradicted(out, self.known)  # what is there stays as it is
        wrong &= ~hopeless
        for attempt in range(INSIDE + tries):
            some = np.flatnonzero(wrong)
            if not some.size:
                break
            if attempt == INSIDE + SOFT and self.group.has_habits:
                out, wrong = self._loosely(made, out, wrong)
                continue
            if attempt < INSIDE:
                found, bad = self._again(made, some, self._inside(some, rng, attempt))
            elif attempt == INSIDE:  # as they were drawn, for another value of one column
                found, bad = {name: take(out[name], some) for name in out}, np.ones(some.size, dtype=bool)
            else:
                some = np.repeat(some, max(1, min(COPIES, TOGETHER // some.size)))
                found, bad = self._again(made, some, self._anew(some, rng))
            if attempt >= INSIDE and bad.any():
                found, bad = self._turned(found, bad, some)
            good, first = np.unique(some[~bad], return_index=True)  # of several draws for a row, the first
            out = {name: put(out[name], good, found[name], np.flatnonzero(~bad)[first]) for name in out}
            wrong[good] = False
        if failing is not None:
            failing |= wrong | hopeless
        elif wrong.any():
            out = self._lent(out, wrong, rng)
        return out

    def _loosely(
        self, made: Mapping[str, Column], out: Mapping[str, Column], wrong: np.ndarray
    ) -> tuple[dict[str, Column], np.ndarray]:
        """The rows that are left as they were first drawn, where it is habits alone that fail in them."""
        some = np.flatnonzero(wrong)
        found, bad = self.group.complete(
            {name: take(made[name], some) for name in self.group.columns},
            {name: flags[some] for name, flags in self.known.items()},
            loose=True,
        )
        out = {name: put(out[name], some[~bad], found[name], np.flatnonzero(~bad)) for name in out}
        wrong = wrong.copy()
        wrong[some] = bad
        return out, wrong

    def _turned(
        self, found: Mapping[str, Column], bad: np.ndarray, some: np.ndarray
    ) -> tuple[dict[str, Column], np.ndarray]:
        """Rows of which some are bad, these met by other values of a column where that can be."""
        lost = np.flatnonzero(bad)
        known = {name: flags[some[lost]] for name, flags in self.known.items()}
        fixed, still = self.group.turned({name: take(found[name], lost) for name in found}, known)
        out = {name: put(found[name], lost[~still], fixed[name], np.flatnonzero(~still)) for name in found}
        bad = bad.copy()
        bad[lost] = still
        return out, bad

    def _inside(self, some: np.ndarray, rng: torch.Generator, attempt: int) -> dict[str, np.ndarray]:
        """The leaves of some rows, with other values inside of the group's symbols.

        In the later attempts what is to lie below something comes from ever nearer to the lower end of its
        symbol, and what is to lie above from the higher: symbols that can keep an order come to keep it.
        """
        layout, narrow = self.learned.layout, 4.0 ** -max(0, attempt - INSIDE // 2)
        out = {}
        for name in self.group.columns:
            codec = layout.every[name]
            for leaf in codec.spaces:
                out[layout.names[name, leaf]] = self.arrays[layout.names[name, leaf]][some]
            for leaf in codec.noise:
                level = torch.rand(len(some), generator=rng, dtype=torch.float64).numpy()
                pull = self.group.pull.get(name, 0)
                if pull:
                    level = level * narrow if pull < 0 else 1 - (1 - level) * narrow
                out[layout.names[name, leaf]] = np.minimum(level, 1 - 2.0**-53)
        return out

    def _anew(self, some: np.ndarray, rng: torch.Generator) -> dict[str, np.ndarray]:
        """The leaves of some rows, with the group's drawn anew beside all others."""
        layout, rows = self.learned.layout, torch.from_numpy(some)
        spaces = layout.spaces
        values = {leaf: torch.from_numpy(self.arrays[leaf][some]) for leaf in spaces}
        known = {leaf: torch.ones_like(self.batch.known[leaf][rows]) for leaf in spaces}
        for name in self.group.columns:
            for leaf in layout.leaves_of(name):
                known[leaf] = self.batch.known[leaf][rows]
        return self.learned.drawn(Batch(values, known), rng)

    def _again(
        self, made: Mapping[str, Column], some: np.ndarray, drawn: Mapping[str, np.ndarray]
    ) -> tuple[dict[str, Column], np.ndarray]:
        """The group's columns of some rows out of leaves drawn again, and in which of these a rule fails."""
        layout, rows = self.learned.layout, self.rows
        own: dict[str, Column] = {}
        lacks = np.zeros(len(some), dtype=bool)
        for name in self.group.columns:
            codec, known = layout.every[name], self.known[name][some]
            leaves = {leaf: drawn[layout.names[name, leaf]] for leaf in (*codec.spaces, *codec.noise)}
            fresh = codec.decode(leaves, Rows(rows.start, len(some), rows.seed, name))
            own[name] = merged(fresh, take(made[name], some), known)
            for leaf in layout.leaves_of(name):
                if leaf in self.present:
                    lacks |= ~self.present[leaf][drawn[leaf]] & ~known
        out, bad = self.group.complete(own, {name: flags[some] for name, flags in self.known.items()})
        return out, bad | lacks

    def _lent(self, out: Mapping[str, Column], wrong: np.ndarray, rng: torch.Generator) -> dict[str, Column]:
        """What was drawn for other rows in place of what no draw was found for, where nothing is given of it.

        They are told, by a LateNotice. Raises RequestError where something is given, or no row holds to the
        rules.
        """
        good = np.flatnonzero(~wrong)
        said, count = "; ".join(claim.said for claim in self.group.claims[:3]), int(wrong.sum())
        if not good.size or any(flags.any() for flags in self.known.values()):
            raise RequestError(
                f"{count:,} of {len(wrong):,} records that keep the rules ({said}) were not found.",
                "Rules that most learned records hold to, and given values that can stand beside them, are "
                "expected.",
                "Give other values, or learn without the rule.",
            )
        note = (
            f"{count:,} of {len(wrong):,} rows: no draw was found that keeps the rules ({said}), so their "
            f"columns ({', '.join(self.group.columns)}) are those of other made rows."
        )
        warnings.warn(LateNotice.of([note], "What was not made as it was drawn"), stacklevel=2)
        lender = good[torch.randint(good.size, (int(wrong.sum()),), generator=rng).numpy()]
        index = np.arange(len(wrong))
        index[wrong] = lender
        return {name: take(column, index) for name, column in out.items()}
