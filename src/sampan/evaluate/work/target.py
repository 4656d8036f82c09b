"""Target: the column that people would predict, named or guessed, as classes or as a number."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sampan.errors import RequestError, nearest
from sampan.evaluate.sides import NAMED, Side, Sides, round_near

CLASSES = 20
"""The most values that a target is told apart in; the rest of a longer list count as one class more."""

FEWEST_RARE = 20
"""Rows that a class needs among the seen ones to be asked about by itself; fewer teach no model anything."""

TAIL = 0.05
"""The share of a number's rows that its rare tail holds."""

OUTCOMES = frozenset(
    (
        "target label class outcome result response y status income revenue churn churned exited attrition "
        "default defaulted fraud fraudulent survived survival died death mortality diagnosis disease "
        "approved purchased purchase bought converted conversion clicked subscribed deposit risk grade "
        "decision readmitted cancelled canceled claim"
    ).split()
)
"""Words, in the name of a column, by which people call what they predict."""

OUTCOMES_CHINESE = tuple(
    (
        "目標 标签 標籤 類別 结果 結果 收入 流失 違約 违约 詐騙 欺诈 欺詐 生還 死亡 "
        "診斷 诊断 核准 批核 購買 购买 轉化 風險 风险"
    ).split()
)


@dataclass(frozen=True, eq=False)
class Target:
    """A column to predict.

    guessed: nobody named it. classes: the name of every class, empty for a number. codes: of a category, the
    class of each of its codes (-1: no class). middle: of a number with two values, what lies between them.
    """

    name: str
    guessed: bool
    classes: tuple[str, ...]
    codes: np.ndarray | None = None
    middle: float = 0.0

    def values(self, side: Side) -> np.ndarray:
        """The truth of each row: float64, the class or the number; NaN where it is missing."""
        if self.codes is not None:
            table = np.append(self.codes, -1).astype(np.float64)  # the last place stands for -1
            table[table < 0] = np.nan
            return table[side.codes[self.name]]
        numbers = side.numbers[self.name]
        if self.classes:
            return np.where(np.isnan(numbers), np.nan, (numbers > self.middle).astype(np.float64))
        return numbers

    def named(self, sides: Sides) -> list[str]:
        """The names of the classes that enough real rows hold to be named in a report."""
        real = np.concatenate([self.values(sides.seen), self.values(sides.unseen)])
        counts = np.bincount(real[~np.isnan(real)].astype(np.int64), minlength=len(self.classes))
        return [name for name, count in zip(self.classes, counts.tolist(), strict=True) if count >= NAMED]

    def rare(self, seen: Side) -> tuple[str, tuple[float, float] | None]:
        """The rarest class with enough seen rows, or the longer tail: its name and what it lies between."""
        truth = self.values(seen)
        truth = truth[~np.isnan(truth)]
        if self.classes:
            counts = np.bincount(truth.astype(np.int64), minlength=len(self.classes))
            enough = np.flatnonzero(counts >= FEWEST_RARE)
            if len(enough) == 0 or np.count_nonzero(counts) < 2:
                return "", None
            rare = int(enough[np.argmin(counts[enough])])
            return self.classes[rare], (rare - 0.5, rare + 0.5)
        if len(truth) * TAIL < FEWEST_RARE:
            return "", None
        low, half, high = np.quantile(truth, [TAIL, 0.5, 1 - TAIL])
        if not low < high or not np.isfinite([low, high]).all():
            return "", None
        low, high = (round_near(float(end), float(high - low)) for end in (low, high))
        if high - half >= half - low:
            return f"> {high:.6g}", (float(high), np.inf)
        return f"< {low:.6g}", (-np.inf, float(low))

    def is_rare(self, side: Side, rare: tuple[float, float]) -> np.ndarray:
        """Which rows are of the rare class or tail: float64 1 or 0, NaN where the target is missing."""
        truth = self.values(side)
        there = (truth > rare[0]) & (truth < rare[1])
        return np.where(np.isnan(truth), np.nan, there.astype(np.float64))


def chosen(sides: Sides, target: str | None, but: Collection[str] = ()) -> Target | None:
    """The target: as named, else guessed among the columns that are not in `but`; None where there is none.

    Guessed: the last column with 2 to 20 values whose name is a word for an outcome, else the last category
    with 2 to 20 values, else the last number.
    """
    if target is not None:
        if target not in sides.kinds:
            raise RequestError(
                f"There is no column {target!r} to predict.",
                f"The columns that are compared: {', '.join(sides.kinds)}.",
                nearest(target, sides.kinds) or "Name one of them as the target.",
            )
        return _as_target(sides, target, guessed=False)
    names = [name for name in sides.kinds if name not in but and name not in sides.parts]
    fitting = {name: found for name in names if (found := _as_target(sides, name, guessed=True))}
    few = [name for name, found in fitting.items() if 2 <= len(found.classes) <= CLASSES]
    ways = (
        [name for name in few if sounds_like_outcome(name)],
        [name for name in few if sides.kinds[name] == "category"],
        [name for name, found in fitting.items() if not found.classes],
        few,
    )
    for way in ways:
        if way:
            return fitting[way[-1]]
    return None


def sounds_like_outcome(name: str) -> bool:
    """Whether a column's name is or holds a word for what people predict.

    >>> sounds_like_outcome("loan_status"), sounds_like_outcome("HasChurned"), sounds_like_outcome("classy")
    (True, True, False)
    """
    return bool(OUTCOMES & words(name)) or any(word in name for word in OUTCOMES_CHINESE)


def words(name: str) -> set[str]:
    """The words of a column's name, in lower case.

    >>> sorted(words("maritalStatus-2"))
    ['marital', 'status']
    """
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {part.lower() for part in parts}


def _as_target(sides: Sides, name: str, guessed: bool) -> Target | None:
    if sides.kinds[name] == "category":
        codes = np.concatenate([sides.seen.codes[name], sides.unseen.codes[name]])
        counts = np.bincount(codes[codes >= 0], minlength=len(sides.labels[name]))
        present = np.flatnonzero(counts)
        if len(present) < 2 or (guessed and len(present) > CLASSES):
            return None
        labels = sides.labels[name]
        if len(present) <= CLASSES:
            kept = present
        else:
            kept = np.sort(np.argsort(-counts, kind="stable")[:CLASSES])
        place = np.full(len(labels), -1 if len(present) <= CLASSES else CLASSES, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        others = () if len(present) <= CLASSES else ("other",)
        return Target(name, guessed, (*(str(labels[code]) for code in kept), *others), place)
    numbers = np.concatenate([sides.seen.numbers[name], sides.unseen.numbers[name]])
    values = np.unique(numbers[np.isfinite(numbers)])
    if len(values) < 2:
        return None
    if len(values) == 2:  # yes and no written as 1 and 0
        return Target(name, guessed, (f"{values[0]:g}", f"{values[1]:g}"), middle=float(values.mean()))
    return Target(name, guessed, ())
