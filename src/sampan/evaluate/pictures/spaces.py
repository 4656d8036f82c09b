"""Spaces: where a copy lies close to what it copies, also when it was mirrored, moved or cropped.

pixels      small and slightly blurred, so that noise does not hide a copy
features    what a network sees, which the disturbances that it learned under change little
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sampan.evaluate.distances import nearest
from sampan.evaluate.eyes.picture.features import FeatureNet, features
from sampan.evaluate.eyes.picture.stack import fitted, in_blocks, moved, resized

LONGEST = 12
"""Pixels along the longer side of a small picture: noise averages out, a shift by one is 8 % of a side."""

CHANNELS = 4
"""Channels compared one by one; of more, their mean."""

CROPPED = 0.1
"""Share of each side that a crop leaves out."""

WORK = 20_000_000
"""Pairs of pictures compared, so that 60,000 seen ones take seconds."""

MOST_MADE, FEWEST_MADE, MOST_SEEN = 2_000, 300, 60_000

Views = list[np.ndarray]
"""The same pictures seen in several ways: float32 (rows, d) each, the plain one first."""


@dataclass(frozen=True, eq=False)
class Space:
    """One space of comparison.

    made, unseen: their views. seen: the plain view, float32 (rows, d); views: more of some of its rows, for
    those of 60,000 pictures would take a gigabyte.
    """

    name: str
    made: Views
    seen: np.ndarray
    unseen: Views
    views: Callable[[np.ndarray], Views]


@dataclass(frozen=True, eq=False)
class Spaces:
    """The pictures that are compared.

    made, seen, unseen: their positions. left_out: positions among these seen ones of some that, each left out
    in turn, are real pictures that the rest never saw. each: the spaces.
    """

    made: np.ndarray
    seen: np.ndarray
    unseen: np.ndarray
    left_out: np.ndarray
    each: Sequence[Space]


def spaces(
    made: np.ndarray,
    seen: np.ndarray,
    unseen: np.ndarray | None,
    net: FeatureNet,
    rng: np.random.Generator,
) -> Spaces:
    """Both spaces of three stacks of pictures; fewer made and unseen ones where there are many seen."""
    most = int(min(MOST_MADE, max(FEWEST_MADE, WORK / max(len(seen), 1))))
    others = made[:0] if unseen is None else unseen
    places = [some(len(side), top, rng) for side, top in ((made, most), (seen, MOST_SEEN), (others, most))]
    a, b, c = (side[place] for side, place in zip((made, seen, others), places, strict=True))
    left_out = some(len(b), most, rng)
    return Spaces(
        places[0], places[1], places[2], left_out, (pixel_space(a, b, c), feature_space(a, b, c, net))
    )


def pixel_space(made: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> Space:
    """Small blurred pixels, with the views in which a copy is still a copy."""
    plain = small(seen).flatten(1).numpy()
    return Space(
        "pixels", pixel_views(made), plain, pixel_views(unseen), lambda rows: pixel_views(seen[rows])
    )


def feature_space(made: np.ndarray, seen: np.ndarray, unseen: np.ndarray, net: FeatureNet) -> Space:
    """Features of pictures and of their mirror images."""

    def views(side: np.ndarray) -> Views:
        flips = (side, side[..., ::-1], side[..., ::-1, :], side[..., ::-1, ::-1])
        return [features(net, flip) for flip in flips]

    plain = features(net, seen)
    return Space("features", views(made), plain, views(unseen), lambda rows: views(seen[rows]))


def small(pictures: np.ndarray) -> Tensor:
    """Pictures shrunk and slightly blurred: float32 (rows, channels, height, width)."""
    size = fitted(pictures.shape[-2], pictures.shape[-1], LONGEST)
    out = []
    for block in in_blocks(pictures):
        block = block if block.shape[1] <= CHANNELS else block.mean(dim=1, keepdim=True)
        out.append(_blurred(resized(block, *size)))
    channels = pictures.shape[1] if pictures.shape[1] <= CHANNELS else 1
    return torch.cat(out) if out else torch.zeros(0, channels, *size)


def pixel_views(pictures: np.ndarray) -> Views:
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


def over_views(
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


def some(rows: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most so many positions of rows, drawn without replacement, in order."""
    return np.arange(rows) if rows <= most else np.sort(rng.choice(rows, most, replace=False))
