"""Do made pictures help a classifier to find a rare class, where real ones are few? For pictures_rare.py.

A classifier learns from all the seen pictures but for the rare class, of which it gets few, once with and
once without made pictures; both see the classes equally often, take as many steps, and disturb every picture
(shifts, brightness, contrast, noise; mirrors too where mirrored pictures look like others). So made pictures
are compared with what plain augmentation gives already. Where a class has made pictures, every second one of
it that the classifier meets is one of them: real ones must not drown in them, and made pictures of the other
classes keep the signs that a picture was made from being taken for signs of the rare class. Tested on unseen
pictures, over several seeds, each with other few pictures of the rare class.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from sampan.errors import DataError
from sampan.evaluate.distances import nearest
from sampan.evaluate.eyes.picture.features import FeatureNet, Pace, classified, disturbed
from sampan.evaluate.eyes.picture.pixels import pixel_views
from sampan.evaluate.eyes.picture.stack import floats
from sampan.evaluate.work.skill import average_precision

FEWEST_TESTED = 10
"""Unseen pictures of the rare class below which nothing is measured."""

DRAWS = 500
"""Bootstrap draws of the gain."""

TRIED, FEWEST_STEPS, MOST_STEPS = 5, 60, 400
"""Steps that are timed, and the fewest and most of a classifier."""

ALIKE = 1.1
"""How much farther from others a mirrored picture may lie than the picture itself, to look like one."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What made pictures of a rare class gain.

    rare: its label. real, made: its pictures learned from, and tested: unseen ones. with_made, alone: mean
    over seeds of the average precision of the rare class against the rest; reference: that of guessing.
    gain: their difference; low, high: its 95 % interval, over seeds and test pictures. accuracy_*: over all
    classes. precisions, precisions_alone, accuracies, accuracies_alone: of every seed. flips: whether
    pictures were also mirrored.
    """

    rare: int
    real: int
    made: int
    tested: int
    with_made: float
    alone: float
    gain: float
    low: float
    high: float
    accuracy_with_made: float
    accuracy_alone: float
    reference: float
    precisions: tuple[float, ...]
    precisions_alone: tuple[float, ...]
    accuracies: tuple[float, ...]
    accuracies_alone: tuple[float, ...]
    flips: bool


def rarest(labels: np.ndarray, unseen_labels: np.ndarray) -> int | None:
    """The rarest class of which there are unseen pictures enough to test on."""
    values, counts = np.unique(labels[labels >= 0], return_counts=True)
    for value in values[np.argsort(counts, kind="stable")]:
        if (unseen_labels == value).sum() >= FEWEST_TESTED:
            return int(value)
    return None


def augmentation(
    made: tuple[np.ndarray, np.ndarray],
    seen: tuple[np.ndarray, np.ndarray],
    unseen: tuple[np.ndarray, np.ndarray],
    *,
    rare: int | None = None,
    few: int | None = None,
    seeds: int = 5,
    seconds: float = 60.0,
    steps: int | None = None,
    seed: int = 0,
    pace: Pace = Pace(width=16, batch=64, longest=32),  # noqa: B008
    on_step: Callable[[int, int], None] = lambda done, planned: None,
) -> Augmentation:
    """The gain of made pictures, each side as pictures and labels (-1 unknown: left out).

    rare: the class, the rarest unless said. few: real pictures of it to learn from, all unless said. seconds:
    about how long; steps: of each of the 2 x seeds classifiers, instead. Raises DataError where there is
    nothing to learn or to test on.
    """
    sides = []
    for pictures, labels in (made, seen, unseen):
        sides.append((pictures[labels >= 0], labels[labels >= 0].astype(np.int64)))
    made, seen, unseen = sides
    rare = rarest(seen[1], unseen[1]) if rare is None else rare
    classes = np.unique(seen[1])
    tested = int((unseen[1] == rare).sum())
    own = np.flatnonzero(made[1] == rare)
    every = np.flatnonzero(np.isin(made[1], classes))
    if rare is None or rare not in classes or len(classes) < 2 or tested < FEWEST_TESTED or not len(own):
        raise DataError(
            f"the class {rare} has {tested} unseen pictures and {len(own)} made ones; "
            f"there are {len(classes)} classes.",
            f"At least {FEWEST_TESTED} unseen pictures, one made one and 2 classes are expected.",
            "Keep more pictures of the rare class aside, or make some of it.",
        )
    flips = mirrored(seen[0])
    known = np.isin(unseen[1], classes)
    test, truth = unseen[0][known], np.searchsorted(classes, unseen[1][known])
    place = int(np.searchsorted(classes, rare))
    there = np.flatnonzero(seen[1] == rare)
    rest = np.flatnonzero(seen[1] != rare)
    count = len(there) if few is None else min(few, len(there))
    if steps is None:
        steps = _affordable(seen[0], len(classes), flips, pace, seconds / (2 * seeds))
    found: list[list[np.ndarray]] = []
    for again in range(seeds):
        rng = np.random.default_rng([seed, again])
        chosen = np.concatenate([rest, rng.choice(there, count, replace=False)])
        x, y = seen[0][chosen], np.searchsorted(classes, seen[1][chosen])
        both = (
            np.concatenate([x, made[0][every]]),
            np.concatenate([y, np.searchsorted(classes, made[1][every])]),
        )
        pair = []
        for arm, (pictures, code) in enumerate(((x, y), both)):
            real = np.arange(len(pictures)) < len(x)
            net = _learned(pictures, code, real, len(classes), steps, seed + again, flips, pace)
            pair.append(classified(net, test))
            on_step(2 * again + arm + 1, 2 * seeds)
        found.append(pair)
    return _told(found, truth, place, rare, count, len(own), flips, seed)


def _told(
    found: list[list[np.ndarray]],
    truth: np.ndarray,
    place: int,
    rare: int,
    real: int,
    made: int,
    flips: bool,
    seed: int,
) -> Augmentation:
    rng = np.random.default_rng(seed)
    weight = np.concatenate(
        [np.ones((1, len(truth))), rng.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), DRAWS)]
    ).astype(np.float32)
    is_rare = truth == place
    # (seeds, arms, draws + 1)
    precisions = np.array(
        [[average_precision(is_rare, log[:, place], weight) for log in pair] for pair in found]
    )
    right = np.array([[float((log.argmax(axis=1) == truth).mean()) for log in pair] for pair in found])
    gains = precisions[:, 1] - precisions[:, 0]
    seeds = len(found)
    drawn = rng.integers(0, seeds, (DRAWS, seeds))
    again = np.array([gains[drawn[i], i + 1].mean() for i in range(DRAWS)])
    low, high = np.quantile(again, [0.025, 0.975])
    alone, with_made = precisions[:, 0, 0], precisions[:, 1, 0]
    return Augmentation(
        rare,
        real,
        made,
        int(is_rare.sum()),
        float(with_made.mean()),
        float(alone.mean()),
        float(gains[:, 0].mean()),
        float(low),
        float(high),
        float(right[:, 1].mean()),
        float(right[:, 0].mean()),
        float(is_rare.mean()),
        tuple(with_made.tolist()),
        tuple(alone.tolist()),
        tuple(right[:, 1].tolist()),
        tuple(right[:, 0].tolist()),
        flips,
    )


def mirrored(pictures: np.ndarray, most: int = 1_000) -> bool:
    """Whether a mirrored picture looks like one of the others: then mirrors are a fair augmentation."""
    some = pictures[np.random.default_rng(0).permutation(len(pictures))[:most]]
    plain, flipped = pixel_views(some)[:2]
    own = np.arange(len(some))
    far = []
    for view in (plain, flipped):
        place, distance = nearest(view, plain, 2)
        far.append(np.where(place[:, 0] == own, distance[:, -1], distance[:, 0]).mean())
    return bool(far[1] <= ALIKE * far[0])


def _affordable(pictures: np.ndarray, classes: int, flips: bool, pace: Pace, seconds: float) -> int:
    """Steps of one classifier that fit in the seconds, by a few of them; few enough still teach something."""
    code, real = np.arange(len(pictures)) % classes, np.ones(len(pictures), dtype=bool)
    _learned(pictures, code, real, classes, 2, 0, flips, pace)
    begun = time.monotonic()
    _learned(pictures, code, real, classes, TRIED, 0, flips, pace)
    return int(np.clip(seconds * TRIED / (time.monotonic() - begun), FEWEST_STEPS, MOST_STEPS))


def _learned(
    pictures: np.ndarray,
    code: np.ndarray,
    real: np.ndarray,
    classes: int,
    steps: int,
    seed: int,
    flips: bool,
    pace: Pace,
) -> FeatureNet:
    """A classifier that has met every class equally often, and of each as many real ones as made ones."""
    rng, views = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        channels, height, width = pictures.shape[1:]
        net = FeatureNet(channels, height, width, classes, pace)
    optimiser = torch.optim.AdamW(net.parameters(), lr=pace.rate, weight_decay=pace.decay)
    kind = 2 * code + real  # of each class its made pictures, then its real ones
    count = np.bincount(kind, minlength=2 * classes)
    kinds = (count.reshape(classes, 2) > 0).sum(axis=1)
    share = 1.0 / (count[kind] * kinds[code])
    share /= share.sum()
    net.train()
    for step in range(steps):
        rows = rng.choice(len(pictures), pace.batch, p=share)
        x = floats(pictures[rows])
        if flips:
            turn = torch.from_numpy(rng.random(len(rows)) < 0.5)
            x[turn] = x[turn].flip(3)
        optimiser.param_groups[0]["lr"] = pace.rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = functional.cross_entropy(
            net.head(net(disturbed(x, views, pace))), torch.from_numpy(code[rows])
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return net.eval()
