"""Who is treated differently? Groups of people, and models that decide about them, made beside real."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides, round_near
from sampan.evaluate.treated.gap import gaps
from sampan.evaluate.treated.grouping import groupings, protected_columns
from sampan.evaluate.treated.outcome import outcome
from sampan.evaluate.treated.representation import representation
from sampan.evaluate.work.bench import bench
from sampan.evaluate.work.target import Target, chosen

MOST_ROWS = 9_000
"""Rows to learn from: a gap between groups is known no better with more, for test rows limit it."""


def treated(sides: Sides, *, protected: Sequence[str] = (), target: str | None = None) -> list[Score]:
    """The scores `representation`, `outcome`, `parity` and `odds`; those that do not apply are left out.

    protected: the columns by which people must not be treated differently, guessed by name where none is
    given. target: the column that holds what becomes of people, guessed where it is not named. RequestError:
    there is no such column.
    """
    predicted = chosen(sides, target, but=protected)
    columns = protected_columns(sides, protected, predicted.name if predicted else None)
    facts: dict[str, str | float] = {
        "protected": ", ".join(columns),
        "protected_guessed": "no" if protected else "yes",
    }
    groups = groupings(sides, columns)
    scores = [representation(groups, sides.rng("treated representation"), facts)]
    if groups and predicted is not None:
        which, name = _positive(predicted, sides)
        guessed = "yes" if predicted.guessed else "no"
        facts |= {"target": predicted.name, "target_guessed": guessed, "positive": name}

        def positives(*tables: Side) -> list[np.ndarray]:
            truths = (predicted.values(side) for side in tables)
            return [np.where(np.isnan(y), np.nan, (y > which[0]) & (y < which[1])) for y in truths]

        known = positives(*sides.each)
        scores.append(outcome(groups, known, sides.rng("treated outcome"), facts))
        ground = bench(sides, predicted, sides.rng("treated"), MOST_ROWS)
        if ground is not None:
            on_bench = groupings(ground.sides, columns)
            truths = positives(*ground.sides.each)
            scores += gaps(ground, on_bench, truths, sides.rng("treated gap"), facts)
    return [score for score in scores if score is not None]


def _positive(target: Target, sides: Sides) -> tuple[tuple[float, float], str]:
    """The outcome that is counted: between which values it lies, and its name.

    Of classes, the rarest with enough real rows (who earns much, who fell ill); of a number, its upper half.
    """
    real = np.concatenate([target.values(sides.seen), target.values(sides.unseen)])
    real = real[~np.isnan(real)]
    if not target.classes:
        ends = np.quantile(real, [0.25, 0.5, 0.75]) if real.size else np.zeros(3)
        middle = round_near(float(ends[1]), float(ends[2] - ends[0]))
        written = sides.ticks.get(target.name, lambda value: f"{value:g}")(middle)
        return (middle, np.inf), f"> {written}"
    counts = np.bincount(real.astype(np.int64), minlength=len(target.classes))
    enough = np.flatnonzero(counts >= min(100, counts.max()))
    rare = int(enough[np.argmin(counts[enough])])
    return (rare - 0.5, rare + 0.5), target.classes[rare]
