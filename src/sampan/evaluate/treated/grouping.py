"""Grouping: people divided by one or two columns, named or guessed, that the law or decency protects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.errors import RequestError, nearest
from sampan.evaluate.sides import NAMED, Sides, round_near
from sampan.evaluate.work.target import words

PROTECTED = frozenset(
    (
        "sex gender race races racial ethnicity ethnic age ages dob birth birthday birthdate birthyear "
        "nationality citizenship citizen native religion religious faith marital marriage disability "
        "disabled handicap handicapped pregnant pregnancy orientation caste veteran immigrant"
    ).split()
)
"""Words, in the name of a column, for the grounds that equality laws name (Hong Kong's four ordinances, the
EU Charter's article 21, the US Civil Rights Act)."""

PROTECTED_CHINESE = tuple(
    (
        "性別 性别 種族 种族 族裔 族群 民族 年齡 年龄 歲數 岁数 國籍 国籍 出生 宗教 信仰 婚姻 殘疾 残疾 "
        "殘障 残障 懷孕 怀孕 性取向 性傾向 移民"
    ).split()
)

AGES = frozenset({"age", "ages"})
AGES_CHINESE = ("年齡", "年龄", "歲數", "岁数")

LEVELS = 30
"""Values of a column that are groups of their own, the most frequent; the rest are one group more."""

MOST_PAIRS = 10
"""Pairs of columns that are crossed, in the order of the columns."""

AGE_BANDS = (18.0, 25.0, 35.0, 45.0, 55.0, 65.0)
"""Where ages are cut: coming of age, the labour statistics' decades, and the usual age of retirement."""

FEWEST = 50
"""People that a group needs to be judged. The 95 % interval of a rate among 50 is already 14 points wide to
either side; of fewer, nothing could be said."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups that people fall into, each into one.

    name: of the columns. groups: the name of each. seen, unseen, made: the group of every row, int64 (rows,).
    """

    name: str
    groups: tuple[str, ...]
    seen: np.ndarray
    unseen: np.ndarray
    made: np.ndarray

    @property
    def each(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """seen, unseen, made."""
        return self.seen, self.unseen, self.made

    def counts(self, rows: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        """How many rows, or how much weight, each group has."""
        return np.bincount(rows, weight, minlength=len(self.groups)).astype(np.float64)


def groupings(sides: Sides, columns: Sequence[str]) -> list[Grouping]:
    """Each column by itself, then every two of them crossed."""
    single = [_by_one(sides, name) for name in columns]
    crossed = [_crossed(*pair) for pair in itertools.islice(itertools.combinations(single, 2), MOST_PAIRS)]
    return [grouping for grouping in (*single, *crossed) if len(grouping.groups) > 1]


def _by_one(sides: Sides, name: str) -> Grouping:
    codes, values = _levels(sides, name) if sides.kinds[name] == "category" else _bands(sides, name)
    return _compact(name, [f"{name}={value}" for value in (*values, "missing")], codes)


def _crossed(a: Grouping, b: Grouping) -> Grouping:
    names = [f"{first}, {second}" for first in a.groups for second in b.groups]
    codes = [one * len(b.groups) + other for one, other in zip(a.each, b.each, strict=True)]
    return _compact(f"{a.name} x {b.name}", names, codes)


def _levels(sides: Sides, name: str) -> tuple[list[np.ndarray], list[str]]:
    labels = sides.labels[name]
    real = np.concatenate([sides.seen.codes[name], sides.unseen.codes[name]])
    counts = np.bincount(real[real >= 0], minlength=len(labels))
    kept = np.argsort(-counts, kind="stable")[:LEVELS]
    kept = kept[counts[kept] >= NAMED]  # a group's name stands in a report, which is handed on
    place = np.full(len(labels) + 1, len(kept), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    place[-1] = len(kept) + 1  # stands for -1
    return [place[side.codes[name]] for side in sides.each], [*(str(labels[one]) for one in kept), "other"]


def _bands(sides: Sides, name: str) -> tuple[list[np.ndarray], list[str]]:
    real = np.concatenate([sides.seen.numbers[name], sides.unseen.numbers[name]])
    real = real[np.isfinite(real)]
    ages = sounds_like_age(name) and real.size > 0 and real.min() >= 0 and real.max() <= 130
    cuts = np.array(AGE_BANDS)
    if not ages:
        cuts = _round_quartiles(real) if real.size else np.zeros(0)
    write: Callable[[float], str] = sides.ticks.get(name, lambda value: f"{value:g}")
    values = ["any"]
    if len(cuts):
        between = [f"{write(low)} to <{write(high)}" for low, high in itertools.pairwise(cuts)]
        values = [f"<{write(cuts[0])}", *between, f">={write(cuts[-1])}"]
    codes = []
    for side in sides.each:
        numbers = side.numbers[name]
        codes.append(np.where(np.isnan(numbers), len(values), np.searchsorted(cuts, numbers, "right")))
    return codes, values


def _round_quartiles(real: np.ndarray) -> np.ndarray:
    """Round numbers near the quartiles: a quartile itself is a cell of somebody, and stands in a report.

    >>> _round_quartiles(np.arange(1000.0) + 17.25).tolist()
    [270.0, 520.0, 770.0]
    """
    quartiles = np.quantile(real, [0.25, 0.5, 0.75])
    reach = float(quartiles[2] - quartiles[0])
    return np.unique([round_near(float(one), reach) for one in quartiles])


def _compact(name: str, names: Sequence[str], codes: Sequence[np.ndarray]) -> Grouping:
    """Only the groups that some row falls into."""
    kept = np.flatnonzero(np.bincount(np.concatenate(codes), minlength=len(names)))
    place = np.zeros(len(names), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    seen, unseen, made = (place[rows] for rows in codes)
    return Grouping(name, tuple(names[int(one)] for one in kept), seen, unseen, made)


def protected_columns(sides: Sides, named: Sequence[str], but: str | None = None) -> list[str]:
    """The columns named, else those whose name sounds protected, less the one in `but`.

    RequestError: there is no such column.
    """
    for name in named:
        if name not in sides.kinds:
            raise RequestError(
                f"There is no column {name!r} to protect.",
                f"The columns that are compared: {', '.join(sides.kinds)}.",
                nearest(name, sides.kinds) or "Name one of them.",
            )
    found = list(dict.fromkeys(named)) or [name for name in sides.kinds if sounds_protected(name)]
    return [name for name in found if name != but]


def sounds_protected(name: str) -> bool:
    """Whether a column's name is or holds a word for a protected ground.

    >>> [sounds_protected(name) for name in ("native-country", "Marital_Status", "性別", "page", "traces")]
    [True, True, True, False, False]
    """
    return bool(PROTECTED & words(name)) or any(word in name for word in PROTECTED_CHINESE)


def sounds_like_age(name: str) -> bool:
    """Whether a column's name says that it holds ages.

    >>> sounds_like_age("Age (years)"), sounds_like_age("birth date")
    (True, False)
    """
    return bool(AGES & words(name)) or any(word in name for word in AGES_CHINESE)
