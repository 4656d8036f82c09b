"""Comparable columns: what a check can compare, with amounts, dates and times as numbers.

A table out of a text file holds text. Its model knows which of it are amounts ("HK$ 1,234.50"), moments
("3 Feb 2024") or names, so its codecs say how each column is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sampan.column import Column, from_numpy
from sampan.evaluate.columns import Kind
from sampan.field import Codec, Labels, Points, Scale


@dataclass(frozen=True)
class Comparable:
    """Tables whose columns can be compared.

    tables: in the order given, the columns of `kinds` only. ticks: how a number is written where it stands
    for something else, such as a day. left_out: columns that are invented, constant or not learned: there
    is nothing to compare. rows: of every table. points: column of points -> the view of every table.
    """

    tables: list[dict[str, Column]]
    kinds: dict[str, Kind]
    ticks: dict[str, Callable[[float], str]]
    left_out: list[str]
    rows: list[int]
    points: dict[str, list[Points]] = field(default_factory=dict)


def comparable(codecs: Mapping[str, Codec], tables: Sequence[Mapping[str, Column]]) -> Comparable:
    """The tables with every learned column as numbers, as categories or as points."""
    rows = [max((len(column) for column in table.values()), default=0) for table in tables]
    found = Comparable([{} for _ in tables], {}, {}, [], rows)
    for name, codec in codecs.items():
        views = [codec.view(table[name]) for table in tables]
        for table, view in zip(found.tables, views, strict=True):
            match view:
                case Scale(values, tick):
                    found.kinds[name] = "number"
                    table[name] = from_numpy(values)
                    if tick is not None:
                        found.ticks[name] = tick
                case Labels(column):
                    found.kinds[name] = "category"
                    table[name] = column
                case Points():
                    found.points.setdefault(name, []).append(view)
                case None:
                    pass
        if name not in found.kinds and name not in found.points:
            found.left_out.append(name)
    return found
