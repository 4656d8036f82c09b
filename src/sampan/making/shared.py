"""Shared: what all rows of a group have in common, put where it is missing in some of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sampan.column import Column, take
from sampan.groups.standing import Standing
from sampan.making.holes import gaps
from sampan.making.learned import Learned


def shared(learned: Learned, columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns with what another row of the group says in the holes of what is constant in groups."""
    groups, out = learned.layout.groups, dict(columns)
    if groups is None or groups.key not in columns:
        return out
    standing = Standing.of(columns[groups.key])
    for name in groups.constants:
        gone = gaps(learned.codecs[name], columns[name])
        if not gone.any():
            continue
        source = np.full(standing.sizes.size, -1, dtype=np.int64)
        there = np.flatnonzero(~gone)[::-1]  # the first one says it
        source[standing.group[there]] = there
        found = source[standing.group]
        index = np.where(gone & (found >= 0), found, np.arange(standing.rows))
        out[name] = take(columns[name], index)
    return out


def one_for_all(
    learned: Learned, columns: Mapping[str, Column], filled: Mapping[str, Column]
) -> dict[str, Column]:
    """The columns with the holes of constant ones filled by what was made for the first such row of a group.

    filled: the same table, each row completed by itself.
    """
    groups, out = learned.layout.groups, dict(columns)
    if groups is None or groups.key not in columns:
        return out
    standing = Standing.of(columns[groups.key])
    for name in groups.constants:
        gone = gaps(learned.codecs[name], columns[name])
        if gone.any():
            index = np.where(gone, standing.firsts[standing.group], np.arange(standing.rows))
            out[name] = take(filled[name], index)
    return out


def lacks(learned: Learned, columns: Mapping[str, Column]) -> bool:
    """Whether something that rows of a group have in common is missing in all of them."""
    groups = learned.layout.groups
    if groups is None or groups.key not in columns:
        return False
    return any(gaps(learned.codecs[name], columns[name]).any() for name in groups.constants)
