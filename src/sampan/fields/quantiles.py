"""Symbols as stretches of sorted values with as many rows each, and which value of a stretch a share means.

Numbers, moments and rare categories use them alike: distinct values in order with a count each, `first` where
each symbol begins among them, and a noise leaf, uniform on [0, 1), that falls on a value of the symbol in
proportion to its count.
"""

from __future__ import annotations

import numpy as np

from sampan.field import Box


def cut(counts: np.ndarray, symbols: int) -> np.ndarray:
    """Where each of at most so many symbols begins among the distinct values: int64 (symbols used + 1,).

    A value that fills a symbol's share of the rows stands alone; every run between two such spikes is cut
    into symbols in proportion to its rows.

    >>> cut(np.array([1, 1, 90, 1, 1, 1, 1]), 4).tolist()
    [0, 2, 3, 5, 7]
    """
    first, room = _cut_once(counts, symbols), symbols
    while first.size - 1 > symbols and room > 1:
        room = max(1, room - (first.size - 1 - symbols))
        first = _cut_once(counts, room)
    return first


def _cut_once(counts: np.ndarray, symbols: int) -> np.ndarray:
    """`cut`, with a few symbols too many where runs between spikes round up."""
    if counts.size <= symbols:
        return np.arange(counts.size + 1)
    spike = np.zeros(counts.size, dtype=bool)
    while True:  # taking the spikes out makes the share of the others smaller: until nothing changes
        share = counts[~spike].sum() / max(1, symbols - int(spike.sum()))
        found = counts >= max(share, 2)
        if not (found & ~spike).any():
            break
        spike |= found
    room, rest = symbols - int(spike.sum()), int(counts[~spike].sum())
    change = np.flatnonzero(np.diff(spike.astype(np.int8))) + 1
    starts: list[int] = []
    for begin, end in zip([0, *change], [*change, counts.size], strict=True):
        if spike[begin]:
            starts.extend(range(begin, end))
            continue
        run = counts[begin:end]
        pieces = min(run.size, max(1, round(room * run.sum() / max(rest, 1))))
        middle = np.cumsum(run) - run / 2
        label = np.minimum((middle * pieces / run.sum()).astype(np.int64), pieces - 1)
        starts.extend([int(begin), *(begin + np.flatnonzero(np.diff(label)) + 1).tolist()])
    return np.array([*starts, counts.size], dtype=np.int64)


def rows_before(counts: np.ndarray) -> np.ndarray:
    """How many rows lie before each place: float64 (places + 1,)."""
    return np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])


def single(first: np.ndarray) -> tuple[int, ...]:
    """The symbols that are one value alone: the spikes of a column. first: where each symbol begins."""
    return tuple(np.flatnonzero(np.diff(first) == 1).tolist())


def nearest_of(table: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The place of the entry of a sorted table that is nearest to each value; the higher of two as near."""
    right = np.searchsorted(table, values).clip(0, table.size - 1)
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(values - table[left]) < np.abs(table[right] - values), left, right)


def pick(share: np.ndarray, start: np.ndarray, end: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The place between start and end that a share of their rows in [0, 1) falls on.

    It falls on a place exactly when low <= share < high, as `runs` computes them: the sum that finds it may
    round over a border, so the border is asked once more.
    """
    base, width = before[start], before[end] - before[start]
    place = np.searchsorted(before, base + share * width, side="right") - 1
    place = np.clip(place, start, end - 1)
    place = place - ((share < (before[place] - base) / width) & (place > start))
    return place + ((share >= (before[place + 1] - base) / width) & (place < end - 1))


def runs(held: np.ndarray, before: np.ndarray, start: int, end: int) -> list[tuple[float, float]]:
    """The intervals of [0, 1) on which `pick` gives held places."""
    base, width = before[start], before[end] - before[start]
    step = np.diff(np.concatenate([[0], held[start:end].astype(np.int8), [0]]))
    borders = zip(np.flatnonzero(step == 1), np.flatnonzero(step == -1), strict=True)
    return [
        (float((before[start + low] - base) / width), float((before[start + high] - base) / width))
        for low, high in borders
    ]


def boxes_of(held: np.ndarray, first: np.ndarray, before: np.ndarray, missing: bool | None) -> list[Box]:
    """Where a symbol and its noise leaf "which" give held values (bool over the distinct values).

    One box of whole symbols, and one for each run of held values inside a symbol that is cut. missing:
    whether the symbol after the last, "missing", is held; None where the column has none.
    """
    inside = np.add.reduceat(held.astype(np.int64), first[:-1])
    spans = np.diff(first)
    whole = np.append(inside == spans, [] if missing is None else [missing]).astype(bool)
    boxes = [Box({"": whole}, {})] if whole.any() else []
    for symbol in np.flatnonzero((inside > 0) & (inside < spans)):
        only = np.zeros(whole.size, dtype=bool)
        only[symbol] = True
        for span in runs(held, before, int(first[symbol]), int(first[symbol + 1])):
            boxes.append(Box({"": only}, {"which": span}))
    return boxes
