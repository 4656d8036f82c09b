"""Copies: has the model learned pictures by heart, and does it give them back?

Two tests, in two spaces each: small blurred pixels, where a copy may also be mirrored or moved, and features.

    copies    absolute. The distance of a picture to its nearest seen one, divided by the distance of that
              seen one to its own nearest seen neighbours, is near 1 for real pictures however crowded the
              place is. A copy is a picture whose ratio lies below what real ones practically ever reach; the
              bound is set by real pairs: unseen pictures against seen ones, and seen ones against the rest.
    near      relative. A made picture lies nearer to a seen picture than to an unseen one, as many of both,
              with a chance of one half. It needs no bound, and notices what is too weak for the other.

With few seen pictures, such as 140, the first decides: there the second compares few rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS, percent
from sampan.evaluate.pictures.distances import nearest
from sampan.evaluate.pictures.features import FeatureNet, features
from sampan.evaluate.pictures.fingerprints import fingerprints, twins
from sampan.evaluate.pictures.stack import fitted, floats, moved, resized
from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, wilson

LONGEST = 12
"""Pixels along the longer side of a small picture: noise averages out, and a shift by one is 8 % of a side."""

CHANNELS = 4
"""Channels compared one by one; of more, their mean."""

CROPPED = 0.1
"""Share of each side that a crop leaves out."""

NEIGHBOURS = 3
"""Seen neighbours of a seen picture whose mean distance is the yardstick."""

BOUND = 4.5
"""Standard deviations below the median of log ratios that real pictures practically never reach: were the
logarithms normal, 3 in a million."""

WORK = 30_000_000
"""Pairs of pictures compared, so that 60,000 seen ones take seconds."""

MOST_MADE, FEWEST_MADE = 2_000, 300
MOST_SEEN = 60_000
MARGIN = 5.0
"""Points above one half of the relative test that are let pass."""

LUCK = 0.2
"""Above this chance copies are no more than real pictures are of each other; between it and the alarm, a
person has to look."""

PLANTED = 0.1
"""Share of made pictures replaced by learned ones to see whether the test would notice."""

Views = list[np.ndarray]
"""The same pictures seen in several ways: float32 (rows, d) each, the plain one first."""


@dataclass(frozen=True, eq=False)
class Space:
    """One space of comparison: views of made and unseen pictures, and seen and unseen ones as they are."""

    name: str
    made: Views
    seen: Views
    unseen: Views


@dataclass(frozen=True, slots=True)
class PicturePair:
    """A made picture and the seen one nearest to it.

    made, seen: positions of the rows. ratio: its distance over that of the seen one to its own neighbours;
    bound: below it no real picture is expected. space: where the ratio is lowest.
    """

    made: int
    seen: int
    ratio: float
    bound: float
    space: str

    @property
    def copied(self) -> bool:
        """Whether the made picture is a copy of the seen one."""
        return self.ratio < self.bound


def copies(
    made: np.ndarray,
    seen: np.ndarray,
    unseen: np.ndarray | None,
    net: FeatureNet,
    rng: np.random.Generator,
    *,
    shown: int = 12,
) -> tuple[list[Score], list[PicturePair]]:
    """The scores copies, near and repeats, and the made pictures closest to seen ones."""
    most = int(min(MOST_MADE, max(FEWEST_MADE, WORK / max(len(seen), 1))))
    places = [_some(len(made), most, rng), _some(len(seen), MOST_SEEN, rng)]
    others = np.zeros((0, *made.shape[1:]), np.uint8) if unseen is None else unseen
    places.append(_some(len(others), most, rng))
    chosen = [stack[place] for stack, place in zip((made, seen, others), places, strict=True)]
    spaces = [pixel_space(*chosen), feature_space(*chosen, net)]
    absolute, pairs = _absolute(spaces, rng, shown)
    pairs = [
        PicturePair(int(places[0][p.made]), int(places[1][p.seen]), p.ratio, p.bound, p.space) for p in pairs
    ]
    relative = [_relative(spaces, rng)] if len(others) else []
    return [absolute, *relative, _repeats(made, seen, unseen, rng)], pairs


# --- the two spaces
def pixel_space(made: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> Space:
    """Small blurred pixels, with the views in which a copy is still a copy."""
    return Space("pixels", *(_pixel_views(side) for side in (made, seen, unseen)))


def feature_space(made: np.ndarray, seen: np.ndarray, unseen: np.ndarray, net: FeatureNet) -> Space:
    """Features of pictures and of their mirror images."""

    def views(side: np.ndarray) -> Views:
        flips = (side, side[..., ::-1], side[..., ::-1, :], side[..., ::-1, ::-1])
        return [features(net, flip) for flip in flips]

    return Space("features", views(made), views(seen), views(unseen))


def small(pictures: np.ndarray) -> Tensor:
    """Pictures shrunk and slightly blurred: float32 (rows, channels, height, width)."""
    size = fitted(*pictures.shape[-2:], LONGEST)
    out = []
    for start in range(0, len(pictures), 2_000):
        block = floats(pictures[start : start + 2_000])
        block = block if block.shape[1] <= CHANNELS else block.mean(dim=1, keepdim=True)
        out.append(_blurred(resized(block, *size)))
    channels = pictures.shape[1] if pictures.shape[1] <= CHANNELS else 1
    return torch.cat(out) if out else torch.zeros(0, channels, *size)


def _pixel_views(pictures: np.ndarray) -> Views:
    """Plain, mirrored, upside down and turned by half; each also moved by a pixel, and cropped."""
    plain = small(pictures)
    height, width = pictures.shape[-2:]
    down, right = max(1, round(CROPPED * height)), max(1, round(CROPPED * width))
    crops = (
        [small(pictures[..., down : height - down, right : width - right])] if min(height, width) > 8 else []
    )
    crops = [resized(crop, *plain.shape[-2:]) for crop in crops]
    moves = [moved(plain, y, x) for y, x in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    out = []
    for view in (plain, *moves, *crops):
        for axes in ((), (3,), (2,), (2, 3)):
            out.append(view.flip(axes).flatten(1).numpy() if axes else view.flatten(1).numpy())
    return out


def _blurred(pictures: Tensor) -> Tensor:
    """Each pixel half itself, half its neighbours, along both sides."""
    for axis in (-1, -2):
        if pictures.shape[axis] < 3:
            continue
        ends = (1, 1, 0, 0) if axis == -1 else (0, 0, 1, 1)
        wide = functional.pad(pictures, ends, mode="replicate")
        size = pictures.shape[axis]
        pictures = sum(w * wide.narrow(axis, k, size) for k, w in enumerate((0.25, 0.5, 0.25)))  # type: ignore[assignment]
    return pictures


# --- the absolute test
def _absolute(spaces: list[Space], rng: np.random.Generator, shown: int) -> tuple[Score, list[PicturePair]]:
    parts, hits_of, real_of, chances = [], [], [], []
    closest: list[tuple[float, PicturePair]] = []
    made_rows, real_rows = len(spaces[0].made[0]), 0
    for space in spaces:
        made, real, bound, place = ratios(space, rng)
        hit, stray = made < bound, real < bound
        real_rows = len(real)
        chance = fisher(int(hit.sum()), len(made), int(stray.sum()), len(real))
        enough = min(len(made), len(real)) >= FEWEST_ROWS
        planted = int(hit.sum()) + round(PLANTED * len(made))
        noticed = fisher(min(planted, len(made)), len(made), int(stray.sum()), len(real)) < ALARM
        passed = None
        if enough:
            passed = False if chance < ALARM else True if chance > LUCK and noticed else None
        low, high = wilson(int(hit.sum()), len(made))
        parts.append(
            Part(
                space.name,
                percent(int(hit.sum()), len(made)),
                percent(int(stray.sum()), len(real)),
                low,
                high,
                passed=passed,
            )
        )
        hits_of.append(hit)
        real_of.append(stray)
        chances.append(chance)
        depth = np.log(np.maximum(made, 1e-6)) - math.log(bound)
        closest += [
            (float(depth[i]), PicturePair(i, int(place[i]), float(made[i]), bound, space.name))
            for i in range(len(made))
        ]
    hit, stray = np.any(hits_of, axis=0), np.any(real_of, axis=0)
    low, high = wilson(int(hit.sum()), made_rows)
    floor_low, floor_high = wilson(int(stray.sum()), real_rows)
    verdicts = [part.passed for part in parts]
    score = Score(
        "copies",
        "found",
        100.0 * float(hit.mean()),
        "lower",
        False if False in verdicts else None if None in verdicts else True,
        low,
        high,
        100.0 * float(stray.mean()),
        floor_low,
        floor_high,
        unit="%",
        facts={"rows": float(made_rows), "floor_rows": float(real_rows), "p_value": min(chances)},
        parts=tuple(sorted(parts, key=lambda part: -part.value)),
    )
    best: dict[int, tuple[float, PicturePair]] = {}
    for depth_, pair in closest:
        if pair.made not in best or depth_ < best[pair.made][0]:
            best[pair.made] = depth_, pair
    order = sorted(best.values(), key=lambda one: one[0])
    return score, [pair for _, pair in order[:shown]]


def ratios(space: Space, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Of made and of real pictures the ratio, the bound, and the seen picture nearest to each made one.

    Real ratios are those of unseen pictures and, each left out in turn, of at most 2,000 seen ones.
    """
    seen = space.seen[0]
    left_out = _some(len(seen), MOST_MADE, rng)
    near_place, near = _over_views([view[left_out] for view in space.seen], seen, NEIGHBOURS + 2, left_out)
    known: dict[int, tuple[np.ndarray, np.ndarray]] = {
        int(row): (near_place[i], near[i]) for i, row in enumerate(left_out)
    }

    def yardsticks(places: np.ndarray) -> None:
        """Learn the neighbours of seen pictures that are asked about for the first time."""
        new = np.array([row for row in np.unique(places) if int(row) not in known], np.int64)
        if new.size:
            place, far = _over_views([view[new] for view in space.seen], seen, NEIGHBOURS + 2, new)
            known.update({int(row): (place[i], far[i]) for i, row in enumerate(new)})

    def ratio(places: np.ndarray, distances: np.ndarray, own: np.ndarray | None) -> np.ndarray:
        yardsticks(places)
        out = np.empty(len(places))
        for i, (row, distance) in enumerate(zip(places, distances, strict=True)):
            place, far = known[int(row)]
            keep = place != own[i] if own is not None else np.ones(len(place), bool)
            out[i] = distance / max(float(far[keep][:NEIGHBOURS].mean()), 1e-9)
        return out

    made_place, made_far = _over_views(space.made, seen, 1)
    made = ratio(made_place[:, 0], made_far[:, 0], None)
    real = ratio(near_place[:, 0], near[:, 0], left_out)
    if len(space.unseen[0]):
        place, far = _over_views(space.unseen, seen, 1)
        real = np.concatenate([ratio(place[:, 0], far[:, 0], None), real])
    return made, real, bound_of(real), made_place[:, 0]


def bound_of(real: np.ndarray) -> float:
    """The ratio that real pictures practically never fall below: far below the median, by the lower half.

    The spread is taken between the median and the lower decile, so that a few true twins among real pictures
    do not widen it.
    """
    logs = np.log(np.maximum(real, 1e-6))
    middle, low = np.quantile(logs, [0.5, 0.1])
    return float(np.exp(middle - BOUND * max(middle - low, 0.02) / 1.2816))


def _over_views(
    views: Views, others: np.ndarray, most: int, own: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others under whichever view brings each nearest, each other once: (rows, most).

    own: of each row its own place among the others, which does not count.
    """
    found = [nearest(view, others, min(most + 1, len(others))) for view in views]
    place = np.concatenate([one[0] for one in found], axis=1)
    far = np.concatenate([one[1] for one in found], axis=1)
    if own is not None:
        far = np.where(place == own[:, None], np.inf, far)
    order = np.lexsort((far, place), axis=1)
    place, far = np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)
    again = np.zeros(place.shape, bool)
    again[:, 1:] = place[:, 1:] == place[:, :-1]
    far = np.where(again, np.inf, far)
    order = np.argsort(far, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)


# --- the relative test
def _relative(spaces: list[Space], rng: np.random.Generator) -> Score:
    rows = min(len(spaces[0].seen[0]), len(spaces[0].unseen[0]))
    keep = _some(len(spaces[0].seen[0]), rows, rng)
    parts, chances = [], []
    for space in spaces:
        seen, unseen = space.seen[0][keep], space.unseen[0]
        value, error = _share(*(_over_views(space.made, side, 1) for side in (seen, unseen)), len(seen))
        # real pictures: each unseen one left out, against one seen picture fewer
        fewer = rng.permutation(len(seen))[: max(1, len(seen) - 1)]
        floor, _ = _share(
            _over_views(space.unseen, seen[fewer], 1),
            _over_views(space.unseen, unseen, 1, np.arange(len(unseen))),
            len(fewer),
        )
        chance = 0.5 * math.erfc((value - 50.0) / error / math.sqrt(2.0)) if error > 0 else 1.0
        passed = None
        if min(rows, len(space.made[0])) >= FEWEST_ROWS:
            passed = not (chance < ALARM and value > 50.0 + MARGIN)
        low, high = max(0.0, value - 1.96 * error), min(100.0, value + 1.96 * error)
        parts.append(Part(space.name, value, floor, low, high, passed=passed))
        chances.append(chance)
    worst = max(parts, key=lambda part: part.value)
    verdicts = [part.passed for part in parts]
    # one half is the floor that always holds; what unseen pictures did this time is told beside it
    low, high = wilson(round(worst.floor / 100 * rows), rows)
    return Score(
        "near",
        "found",
        worst.value,
        "lower",
        False if False in verdicts else None if None in verdicts else True,
        worst.low,
        worst.high,
        worst.floor,
        low,
        high,
        50.0,
        "%",
        {"rows": float(rows), "p_value": min(chances)},
        tuple(sorted(parts, key=lambda part: -part.value)),
    )


def _share(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], rows: int
) -> tuple[float, float]:
    """The per cent that lie nearer to the first side, ties one half, and how far luck moves it.

    Made pictures that share one nearest real one fall together, so luck is reckoned over the real ones.
    """
    near, far = first[1][:, 0], second[1][:, 0]
    share = float(np.mean((near < far) + 0.5 * (near == far)))
    place = np.where(near < far, first[0][:, 0], rows + second[0][:, 0])
    shared = np.bincount(place[near != far]).astype(np.float64)
    return 100.0 * share, 100.0 * math.sqrt(float((shared**2).sum())) / 2 / len(near)


# --- made pictures that repeat each other
def _repeats(
    made: np.ndarray, seen: np.ndarray, unseen: np.ndarray | None, rng: np.random.Generator
) -> Score:
    """The share of made pictures with a twin among the made, as many real ones beside them."""
    real = unseen if unseen is not None and len(unseen) else seen
    rows = min(len(made), len(real), 10_000)
    prints = [fingerprints(side[_some(len(side), rows, rng)]) for side in (made, real)]
    made_hits, real_hits = (int(twins(side).sum()) for side in prints)
    across = int(twins(prints[0], fingerprints(seen[_some(len(seen), 20_000, rng)])).sum())
    # twins come in pairs at least, so half as many rows are free to fall
    chance = fisher(made_hits // 2, rows // 2, real_hits // 2, rows // 2)
    low, high = wilson(made_hits, rows)
    floor_low, floor_high = wilson(real_hits, rows)
    value, floor = percent(made_hits, rows), percent(real_hits, rows)
    passed = None
    if rows >= FEWEST_ROWS:
        passed = not (chance < ALARM and value > floor + MARGIN)
    facts: dict[str, str | float] = {"rows": float(rows), "p_value": chance, "of_seen": percent(across, rows)}
    return Score(
        "repeats",
        "look",
        value,
        "lower",
        passed,
        low,
        high,
        floor,
        floor_low,
        floor_high,
        unit="%",
        facts=facts,
    )


def _some(rows: int, most: int, rng: np.random.Generator) -> np.ndarray:
    return np.arange(rows) if rows <= most else np.sort(rng.choice(rows, most, replace=False))
