"""Conditions beside what is given: given values settle their part of a formula, the rest is drawn exactly.

A given column is compared by its own values, which may lie inside a symbol or never have been seen. What is
left of the formula, case by case, becomes boxes over the leaves that nobody gave; these are drawn first.
Leaf by leaf, a symbol is drawn from the model's conditional restricted to what some box still allows; the
probability of that restriction is the record's weight. Accepting a record with probability proportional to
its weight makes the accepted ones an exact draw from p(leaves | inside): with a condition on one column the
weight is constant and nothing is ever refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from sampan.column import Column
from sampan.device import Asked
from sampan.errors import WhereError, typed
from sampan.field import Box, Codec, Compare, In
from sampan.space import Batch, Choice
from sampan.where import And, Atom, Formula, Not, Or, Relation, boxes, evaluate
from sampan.where.cover import named
from sampan.where.formula import asked, check_columns, positive

ROUNDS = 400
"""Proposals a record gets before the condition is refused as too rare for what is given."""

PROPOSALS = 16
"""Proposals a record with several missing cells gets before one of them is taken by weight."""


# --- a formula beside what is given
@dataclass(frozen=True, eq=False)
class Event:
    """What is left of a formula once the given columns have settled their part of it.

    inside: boxes over the leaves that are not given. applies: bool (rows, boxes), which of them are for
    which row; one row of it where all records are given the same. The boxes of one row do not overlap.
    check: what made records are to satisfy besides, where boxes do not say all. near: boxes of the records
    that nearly do, by what was drawn for a column and not by what is computed for it.
    """

    inside: list[Box]
    applies: np.ndarray
    check: Formula | None = None
    near: Event | None = None

    def of(self, start: int, size: int) -> np.ndarray:
        """Which boxes apply to a block of rows: bool (size, boxes)."""
        if len(self.applies) == 1:
            return np.repeat(self.applies, size, axis=0)
        return self.applies[start : start + size]


def settle(
    formula: Formula,
    codecs: Mapping[str, Codec],
    given: Mapping[str, Column],
    computed: Collection[str] = (),
) -> Event:
    """The event of a formula beside given columns, each of one row or of as many as are made.

    computed: columns whose cells follow from others, whatever is drawn for them.
    Raises WhereError where a given value contradicts the formula, or where what is left of it is impossible.
    """
    formula = named(formula, codecs)
    check_columns(formula, codecs)
    plain = positive(formula)
    atoms = [atom for atom in _atoms(plain) if _settled(atom, given)]
    rows = max((len(given[name]) for atom in atoms for name in asked(atom)), default=1)
    held = np.ones((len(atoms), rows), dtype=bool)
    for place, atom in enumerate(atoms):
        held[place] = _holds(atom, codecs, given)
    cases, case = np.unique(held, axis=1, return_inverse=True) if atoms else (held, np.zeros(1, np.int64))
    rests = [_rest(plain, given, iter(truth)) for truth in cases.T.tolist()]
    for place, rest in enumerate(rests):
        if rest is False:
            raise _contradiction(int(np.flatnonzero(case.reshape(-1) == place)[0]), rows)
    open_ = [atom for rest in rests if not isinstance(rest, bool) for atom in _atoms(rest)]
    loose = any(isinstance(atom, Relation) or atom.column in computed for atom in open_)
    if not loose:
        return _event(rests, case, codecs)
    near = [_wider(rest, lambda atom: isinstance(atom, Relation) or _equal(atom, computed)) for rest in rests]
    wide = [
        _wider(rest, lambda atom: not isinstance(atom, Atom) or atom.column in computed) for rest in rests
    ]
    return replace(_event(wide, case, codecs), check=plain, near=_event(near, case, codecs))


def _event(rests: Sequence[Formula | bool], case: np.ndarray, codecs: Mapping[str, Codec]) -> Event:
    """The event of what is left of a formula in each case, and which case each row is."""
    found = [[Box({}, {})] if isinstance(rest, bool) else boxes(rest, codecs) for rest in rests]
    owner = np.repeat(np.arange(len(found)), [len(own) for own in found])
    return Event([box for own in found for box in own], owner == case.reshape(-1, 1))


def _wider(formula: Formula | bool, lets: Callable[[Atom | Relation], bool]) -> Formula | bool:
    """A formula (without Not) that holds wherever this one does, without the conditions that are let go."""
    match formula:
        case Atom() | Relation():
            return True if lets(formula) else formula
        case And(parts):
            left = [part for part in (_wider(part, lets) for part in parts) if not isinstance(part, bool)]
            return (left[0] if len(left) == 1 else And(tuple(left))) if left else True
        case Or(parts):
            every = [_wider(part, lets) for part in parts]
            left = [part for part in every if not isinstance(part, bool)]
            return Or(tuple(left)) if len(left) == len(every) else True
        case _:
            return True


def _equal(atom: Atom | Relation, computed: Collection[str]) -> bool:
    """Whether a condition asks a computed column for values: it may hold some that no symbol is of."""
    if isinstance(atom, Relation) or atom.column not in computed:
        return False
    condition = atom.condition
    return isinstance(condition, In) or (isinstance(condition, Compare) and condition.op == "==")


def _contradiction(row: int, rows: int) -> WhereError:
    return WhereError(
        f"what is given contradicts the condition (in row {row + 1} of {rows}).",
        "A condition that the given values can satisfy is expected.",
        "Change the one or the other.",
    )


def _settled(atom: Atom | Relation, given: Mapping[str, Column]) -> bool:
    """Whether all that a condition asks about is given."""
    return all(name in given for name in asked(atom))


def _atoms(formula: Formula) -> list[Atom | Relation]:
    """The conditions of a formula, from left to right."""
    match formula:
        case Atom() | Relation():
            return [formula]
        case Not(part):
            return _atoms(part)
        case And(parts) | Or(parts):
            return [atom for part in parts for atom in _atoms(part)]


def _holds(atom: Atom | Relation, codecs: Mapping[str, Codec], given: Mapping[str, Column]) -> np.ndarray:
    """Which given cells satisfy a condition: bool (rows,). Some codecs know how their cells are compared."""
    if isinstance(atom, Relation):
        return evaluate(atom, {name: given[name] for name in asked(atom)})
    column = given[atom.column]
    try:
        held = codecs[atom.column].holds(atom.condition, column)
    except WhereError as error:
        raise error.told(fix=typed(error.fix, atom.column)) from None
    return evaluate(atom, {atom.column: column}) if held is None else held


def _rest(formula: Formula, given: Mapping[str, Column], truth: Iterator[bool]) -> Formula | bool:
    """A formula (without Not) once its conditions on given columns are known, in the order of `_atoms`."""
    match formula:
        case Atom() | Relation():
            return next(truth) if _settled(formula, given) else formula
        case And(parts) | Or(parts):
            decided = isinstance(formula, Or)  # one part that is true settles an `or`, a false one an `and`
            rest = [_rest(part, given, truth) for part in parts]
            if any(part is decided for part in rest):
                return decided
            left = tuple(part for part in rest if not isinstance(part, bool))
            if len(left) < 2:
                return left[0] if left else not decided
            return Or(left) if decided else And(left)
        case Not(part):
            return _rest(positive(part, True), given, truth)


# --- drawing
def draw_inside(
    model: Asked,
    batch: Batch,
    inside: Sequence[Box],
    noise: Sequence[str],
    rng: torch.Generator,
    applies: np.ndarray | None = None,
) -> tuple[Batch, dict[str, np.ndarray]]:
    """Make known, in every row, the leaves that the boxes name, drawn exactly from inside them.

    applies: which boxes are for which row, bool (rows, boxes); all of them unless given. Returns the batch
    with these leaves known, and noise leaf -> (rows,) values in [0, 1) for the noise leaves that the boxes
    name. Raises WhereError where what is given leaves no box, or nothing was found.
    """
    steps = _steps(model, inside, noise)
    rows = batch.rows
    values = {leaf: tensor.clone() for leaf, tensor in batch.values.items()}
    known = dict(batch.known)
    drawn = {step.leaf: torch.zeros(rows, dtype=torch.float64) for step in steps if step.edges is not None}
    every = np.ones((rows, len(inside)), dtype=bool)
    active = _left_by_given(steps, batch, torch.from_numpy(every if applies is None else applies))
    waiting = torch.arange(rows)
    for _ in range(ROUNDS):
        proposal, weight = _propose(model, batch.take(waiting), steps, active[waiting], rng)
        taken = torch.rand(len(waiting), generator=rng, dtype=torch.float64) < weight
        where = waiting[taken]
        for step in steps:
            if step.edges is not None:
                drawn[step.leaf][where] = proposal[step.leaf][taken]
            else:
                values[step.leaf][where] = proposal[step.leaf][taken].long()
        waiting = waiting[~taken]
        if len(waiting) == 0:
            break
    if len(waiting):
        raise WhereError(
            f"{len(waiting)} of {rows} records satisfying the condition were not found in {ROUNDS} rounds.",
            "A condition that the model gives a probability of at least about 1 in 1000 is expected, "
            "beside what is given.",
            "Loosen the condition, or give the columns values instead.",
        )
    for step in steps:
        if step.edges is None:
            known[step.leaf] = torch.ones_like(known[step.leaf])
    return Batch(values, known), {leaf: tensor.numpy() for leaf, tensor in drawn.items()}


def draw_present(
    model: Asked, batch: Batch, present: Mapping[str, np.ndarray], rng: torch.Generator
) -> Batch:
    """Make known, in every row, the leaves that could say "missing", drawn as none of them says it.

    present: leaf -> bool (size,), True for symbols that are not "missing". Never refuses: a proposal is
    accepted with its weight, which is exact, and a record that accepted none of 16 takes one of them by its
    weight, which is exact where the weights are equal and nearly so else.
    """
    steps = _steps(model, [Box(present, {})], [])
    values, known = dict(batch.values), dict(batch.known)
    waiting = _rows_with_unknown(known, [step.leaf for step in steps])
    odds = torch.zeros(len(waiting), dtype=torch.float64)  # of all proposals so far
    for attempt in range(PROPOSALS):
        if len(waiting) == 0:
            break
        active = torch.ones(len(waiting), 1, dtype=torch.bool)
        proposal, weight = _propose(model, batch.take(waiting), steps, active, rng)
        taken = torch.rand(len(waiting), generator=rng, dtype=torch.float64) < weight
        # those that are refused are too rare among the heavy by 1 - weight: that is put right
        own = weight / (1 - weight).clamp(min=1e-12)
        odds += own
        better = torch.rand(len(waiting), generator=rng, dtype=torch.float64) * odds < own
        kept = taken | better | (attempt == 0)
        for step in steps:
            values[step.leaf] = values[step.leaf].index_copy(0, waiting[kept], proposal[step.leaf][kept])
        waiting, odds = waiting[~taken], odds[~taken]
    for step in steps:
        known[step.leaf] = torch.ones_like(known[step.leaf])
    return Batch(values, known)


def draw_until_present(
    model: Asked, batch: Batch, present: Mapping[str, np.ndarray], rng: torch.Generator
) -> Batch:
    """The same as `draw_present` by drawing whole records until none of these leaves says "missing".

    Exact, and cheap for models whose conditionals are not. A record that 16 draws left with a "missing" stays
    as it was, for `draw_present`.
    """
    values = {leaf: tensor.clone() for leaf, tensor in batch.values.items()}
    known = {leaf: flags.clone() for leaf, flags in batch.known.items()}
    waiting = _rows_with_unknown(known, present)
    for _ in range(PROPOSALS):
        if len(waiting) == 0:
            break
        part = batch.take(waiting)
        drawn = model.sample(part, rng)
        good = torch.ones(len(waiting), dtype=torch.bool)
        for leaf, mask in present.items():
            good &= torch.from_numpy(mask)[drawn[leaf]] | part.known[leaf]
        for leaf in present:
            values[leaf][waiting[good]] = drawn[leaf][good]
            known[leaf][waiting[good]] = True
        waiting = waiting[~good]
    return Batch(values, known)


def _rows_with_unknown(known: Mapping[str, Tensor], leaves: Iterable[str]) -> Tensor:
    """The rows of which one of these leaves is not known: int64 (rows,)."""
    hidden = [~known[leaf] for leaf in leaves]
    return torch.nonzero(torch.stack(hidden).any(dim=0))[:, 0] if hidden else torch.zeros(0)


@dataclass(frozen=True, eq=False)
class _Step:
    """One leaf of the condition: which symbols (or stretches of noise) each box allows."""

    leaf: str
    mask: Tensor  # bool (boxes, symbols or stretches)
    edges: Tensor | None  # noise only: float64 (stretches + 1,)


def _steps(model: Asked, inside: Sequence[Box], noise: Sequence[str]) -> list[_Step]:
    steps = []
    for leaf, space in model.spaces.items():
        if isinstance(space, Choice) and any(leaf in box.symbols for box in inside):
            every = np.ones(space.size, dtype=bool)
            mask = np.stack([np.asarray(box.symbols.get(leaf, every), dtype=bool) for box in inside])
            steps.append(_Step(leaf, torch.from_numpy(mask), None))
    for leaf in noise:
        if any(leaf in box.noise for box in inside):
            spans = [box.noise.get(leaf, (0.0, 1.0)) for box in inside]
            edges = np.unique(np.array([0.0, 1.0, *(edge for span in spans for edge in span)]))
            low, high = np.array(spans).T
            mask = (edges[:-1] >= low[:, None]) & (edges[1:] <= high[:, None])
            steps.append(_Step(leaf, torch.from_numpy(mask), torch.from_numpy(edges)))
    return steps


def _left_by_given(steps: Sequence[_Step], batch: Batch, active: Tensor) -> Tensor:
    """Which boxes each row can still be in, given its known leaves: bool (rows, boxes)."""
    for step in steps:
        if step.edges is None:
            fits = step.mask.T[batch.values[step.leaf]]
            active = active & (fits | ~batch.known[step.leaf][:, None])
    if not active.any(dim=1).all():
        raise _contradiction(int(torch.nonzero(~active.any(dim=1))[0]), len(active))
    return active


def _propose(
    model: Asked, batch: Batch, steps: Sequence[_Step], active: Tensor, rng: torch.Generator
) -> tuple[dict[str, Tensor], Tensor]:
    """Draw every leaf of the condition inside the boxes; the weight is what the restriction cost."""
    rows = len(active)
    values, known = dict(batch.values), dict(batch.known)
    weight = torch.ones(rows, dtype=torch.float64)
    out: dict[str, Tensor] = {}
    begun = torch.zeros(rows, dtype=torch.bool)
    for step in steps:
        allowed = (active.float() @ step.mask.float()) > 0
        if step.edges is None:
            # a leaf that is given is no draw; its box was checked before
            free = torch.nonzero(~known[step.leaf])[:, 0]
            log = model.conditional(Batch(values, known).take(free), step.leaf).double()
            log = log.masked_fill(~allowed[free], -torch.inf)
            mass = torch.ones(rows, dtype=torch.float64)
            mass[free] = log.exp().sum(dim=1)
            # against the largest, so that what is nearly impossible can be drawn as well
            chance = (log - log.amax(dim=1, keepdim=True)).exp().nan_to_num()
            symbol = values[step.leaf].index_copy(0, free, _pick(chance, rng))
            values[step.leaf] = symbol
            drawn = ~known[step.leaf]
            known[step.leaf] = torch.ones_like(known[step.leaf])
            out[step.leaf] = symbol
            # the first draw of a row costs the same at every attempt: it says nothing
            weight *= torch.where(begun, mass, 1.0)
            begun |= drawn
        else:
            width = (step.edges[1:] - step.edges[:-1]) * allowed
            symbol = _pick(width, rng)
            share = torch.rand(rows, generator=rng, dtype=torch.float64)
            out[step.leaf] = step.edges[symbol] + share * (step.edges[symbol + 1] - step.edges[symbol])
            weight *= width.sum(dim=1)
        active = active & step.mask.T[symbol]
    return out, weight * active.any(dim=1)


def _pick(chance: Tensor, rng: torch.Generator) -> Tensor:
    """An index a row with probability proportional to `chance`; rows without any get index 0."""
    reach = chance.cumsum(dim=1)
    level = torch.rand(len(chance), 1, generator=rng, dtype=torch.float64) * reach[:, -1:]
    return torch.searchsorted(reach, level, right=True)[:, 0].clamp(max=chance.shape[1] - 1)
