"""Turned: a rule whose result is given and whose parts are drawn, met by another value of one of the parts.

`total = net + tax`, `net = price * count` with the total given: no turning round of one rule says the price,
as the tax follows from it as well. So the values that the price can take are tried, beside the count that was
drawn; where none fits, the count is drawn again. Where all parts together take few values, every combination
is tried before anything is drawn, and a total that none of them makes is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from sampan.column import Column, take
from sampan.field import Codec, Missing
from sampan.rules.plan import Plan
from sampan.rules.quantities import Cells, put

Complete = Callable[[Mapping[str, Column]], tuple[dict[str, Column], np.ndarray]]
"""The columns with what follows from others, and the rows in which a claim fails."""

VALUES = 2_048
"""Values of one column that are tried for a row, evenly chosen from all of them where they are more."""

TOGETHER = 262_144
"""Cells that are tried at once."""

MOST = 1_048_576
"""Cells that are tried in all: they are few where a network has learned the rule nearly."""

COMBINATIONS = 65_536
"""Of all values of several columns, the most that are tried for one given record."""

RECORDS = 16
"""Given records that are asked beforehand."""


def narrowed(plan: Plan) -> Plan:
    """The part of a plan that its open equations follow from: an order needs no such help."""
    equations = tuple(claim for claim in plan.open if claim.equates)
    made: dict[str, list[str]] = {}
    for step in plan.computed:
        made.setdefault(step.column, []).extend(step.by)
    todo = [name for claim in equations for name in claim.columns]
    seen: dict[str, None] = {}
    while todo:
        name = todo.pop()
        if name not in seen:
            seen[name] = None
            todo.extend(made.get(name, ()))
    computed = tuple(step for step in plan.computed if step.column in seen)
    drawn = tuple(name for name in seen if name in plan.drawn)
    return replace(plan, computed=computed, drawn=drawn, open=equations)


def turned(
    plan: Plan, codecs: Mapping[str, Codec], made: Mapping[str, Column], complete: Complete
) -> tuple[dict[str, Column], np.ndarray]:
    """Rows in which a claim fails, with another value of one column: the columns, and where none is enough.

    Of the values that fit, a row takes the nearest to the one that was drawn.
    """
    rows = len(next(iter(made.values())))
    out, wrong = dict(made), np.ones(rows, dtype=bool)
    for name in narrowed(plan).drawn:
        examples = codecs[name].examples()
        if examples is None or not len(examples) or not wrong.any():
            continue
        if len(examples) > VALUES:
            examples = take(examples, np.linspace(0, len(examples) - 1, VALUES).astype(np.int64))
        far = _distances(codecs[name], made[name], examples)
        some = np.flatnonzero(wrong)[: MOST // len(examples)]
        for start in range(0, some.size, step := max(1, TOGETHER // len(examples))):
            part = some[start : start + step]
            tried = {other: take(out[other], np.repeat(part, len(examples))) for other in out}
            tried[name] = take(examples, np.tile(np.arange(len(examples)), part.size))
            found, bad = complete(tried)
            cost = np.where(bad.reshape(part.size, -1), np.inf, far(part))
            best = cost.argmin(axis=1)
            good = np.isfinite(cost[np.arange(part.size), best])
            place = (np.arange(part.size) * len(examples) + best)[good]
            out = {other: put(out[other], part[good], found[other], place) for other in out}
            wrong[part[good]] = False
    return out, wrong


def _distances(codec: Codec, drawn: Column, examples: Column) -> Callable[[np.ndarray], np.ndarray]:
    """How far each value lies from the one that was drawn, for some rows: float64 (rows, values)."""
    cells = [Cells({"": codec}, {"": column})[""] for column in (drawn, examples)]
    if any(one.kind == "text" for one in cells):
        return lambda rows: np.ones((rows.size, 1))
    own, others = (np.nan_to_num(one.numbers) for one in cells)
    return lambda rows: np.abs(own[rows, None] - others)


def combinations(plan: Plan, codecs: Mapping[str, Codec]) -> dict[str, Column] | None:
    """Every combination of what the drawn columns of a plan can be; None where they are too many, or may be
    missing."""
    names, columns = plan.drawn, list[Column]()
    for name in names:
        examples = codecs[name].examples()
        if examples is None or codecs[name].allow(Missing()):
            return None
        columns.append(examples)
    if not names or np.prod([float(len(column)) for column in columns]) > COMBINATIONS:
        return None
    places = np.meshgrid(*(np.arange(len(column)) for column in columns), indexing="ij")
    return {
        name: take(column, place.ravel()) for name, column, place in zip(names, columns, places, strict=True)
    }
