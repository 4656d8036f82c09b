"""judge_pictures(): made pictures beside real ones, as one report with one decision."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from sampan.errors import DataError
from sampan.evaluate.eyes.picture.features import features as features_of
from sampan.evaluate.eyes.picture.features import learn_features
from sampan.evaluate.eyes.picture.inception import WIDTH, Inception, inception_features, read_inception
from sampan.evaluate.eyes.picture.stack import check_labels, check_stacks
from sampan.evaluate.gate import DEFAULT_GATE, NAMES, decide, parse
from sampan.evaluate.look.likeness import MOST_ROWS as LIKENESS_ROWS
from sampan.evaluate.look.likeness import likeness
from sampan.evaluate.pictures.augmentation import Augmentation, augmentation
from sampan.evaluate.pictures.copies import copies
from sampan.evaluate.pictures.near import near
from sampan.evaluate.pictures.repeats import repeats
from sampan.evaluate.pictures.report import PictureReport
from sampan.evaluate.pictures.spaces import spaces
from sampan.evaluate.score import Score

SHOWN, CLOSEST = 48, 12
"""Pictures of each side, and closest pairs, on the page."""

MOST_ROWS = 20_000
"""Pictures of each side whose features are taken."""

OWN_NAMES = ("frechet", "kernel", "density", "repeats")
"""Scores that only pictures have, which a gate may name."""


def judge_pictures(
    made: np.ndarray,
    *,
    seen: np.ndarray,
    unseen: np.ndarray | None = None,
    made_labels: np.ndarray | None = None,
    seen_labels: np.ndarray | None = None,
    unseen_labels: np.ndarray | None = None,
    rare: int | None = None,
    title: str = "Made pictures",
    gate: str = DEFAULT_GATE,
    features: str | Path | None = None,
    seconds: float = 60.0,
    steps: int | None = None,
    seed: int = 0,
    walk: np.ndarray | None = None,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> PictureReport:
    """Judge made pictures beside real ones, and decide.

    Do they look right? Were pictures learned by heart? Do they help where a class is rare?

    made, seen, unseen: uint8 (rows, channels, height, width), from 8 x 8 to 256 x 256, of any number of
    channels; seen were learned from, unseen are real and were not, and set the floor of every figure.
    labels: int64 (rows,), -1 unknown. rare: the class of the last question, the rarest unless said. gate:
    an expression over the scores (see `sampan.evaluate.gate`). features: a file of the weights of Inception
    v3, in whose features the likeness is measured then, so that it compares with figures of others (see
    `inception.py`); copies are looked for in the judge's own all the same. seconds: for learning, about two
    thirds for the features and one third for the last question. steps: exactly so many for each instead,
    for a judgement that repeats. walk: pictures on a way from one to another, like `made`, to be shown.
    on_stage: called with "features" or "augmentation", steps done and planned.

    Raises DataError for pictures that do not match, RequestError for a gate that cannot be read, both before
    any long work.
    """
    begun = time.monotonic()
    parse(gate, {**NAMES, **dict.fromkeys(OWN_NAMES, "look")})
    sides = {"seen": seen, "made": made} | ({} if unseen is None else {"unseen": unseen})
    check_stacks(**sides)
    labels = {"seen": seen_labels, "made": made_labels, "unseen": unseen_labels}
    for name, side in sides.items():
        given = labels[name]
        if given is not None:
            check_labels(name, given, side)
    network = None if features is None else read_inception(features)
    rng = np.random.default_rng(seed)
    net = learn_features(
        seen,
        seen_labels,
        seconds=seconds * 2 / 3,
        steps=steps,
        seed=seed,
        on_step=lambda done, planned: on_stage("features", done, planned),
    )
    if network is None:
        some = [None if side is None else _some(side, MOST_ROWS, rng) for side in (made, seen, unseen)]
        own, learned, other = [
            np.zeros((0, net.width), np.float32) if side is None else features_of(net, side) for side in some
        ]
        scores = likeness(own, learned, other, rng)
    else:
        scores = _in_features_of(network, sides, rng, on_stage)
    scores += repeats(made, seen, unseen, rng)
    compared = spaces(made, seen, unseen, net, rng)
    copied, pairs = copies(compared, shown=CLOSEST)
    scores += copied + near(compared, rng)
    skipped = {} if unseen is not None else {"found": "no_unseen"}
    helped: Augmentation | None = None
    if unseen is None or seen_labels is None or made_labels is None or unseen_labels is None:
        skipped["work"] = "no_labels"
    else:
        try:
            helped = augmentation(
                (made, made_labels),
                (seen, seen_labels),
                (unseen, unseen_labels),
                rare=rare,
                seconds=seconds / 3,
                steps=steps,
                seed=seed,
                on_step=lambda done, planned: on_stage("augmentation", done, planned),
            )
            scores.append(helped.score())
        except DataError:
            if rare is not None:
                raise
            skipped["work"] = "no_rare"
    scores = [score.settled() for score in scores]
    return PictureReport(
        title=title,
        scores=tuple(scores),
        gate=gate,
        passed=decide(gate, scores).passed,
        made=_some(made, SHOWN, rng),
        walk=made[:0] if walk is None else walk,
        seen=_some(seen, SHOWN, rng),
        closest=tuple(pairs),
        closest_made=made[[pair.made for pair in pairs]],
        closest_seen=seen[[pair.seen for pair in pairs]],
        helped=helped,
        learned_from="labels" if net.classes else "pictures alone",
        rows={"seen": len(seen), "unseen": 0 if unseen is None else len(unseen), "made": len(made)},
        skipped=skipped,
        seconds=round(time.monotonic() - begun, 2),
        seed=seed,
        features_file=None if network is None else network.told,
        compared=int(scores[0].facts.get("rows", 0)) if scores else 0,
    )


def _in_features_of(
    network: Inception,
    sides: Mapping[str, np.ndarray],
    rng: np.random.Generator,
    on_stage: Callable[[str, int, int], None],
) -> list[Score]:
    """The likeness in the features of a file; of each side no more than are compared."""
    rows = min(LIKENESS_ROWS, *map(len, sides.values()))
    done = 0

    def told(count: int, planned: int) -> None:
        on_stage("features of the file", done + count, planned * len(sides))

    seen: dict[str, np.ndarray] = {}
    for name, side in sides.items():
        seen[name] = inception_features(network, _some(side, rows, rng), told)
        done += rows
    other = seen.get("unseen", np.zeros((0, WIDTH), np.float32))
    variance = float(seen["seen"].var(axis=0).mean())
    return likeness(seen["made"], seen["seen"], other, rng, variance=variance)


def _some(pictures: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    if len(pictures) <= most:
        return pictures
    return pictures[np.sort(rng.choice(len(pictures), most, replace=False))]
