"""Skill: how well predictions fit the truth, and how far that moves with the rows it is measured on.

    two classes     area under the ROC curve
    more classes    its mean over the classes, each against the rest (Hand and Till 2001 survey these)
    a number        1 - squared error / variance (R2), both on ranks, so that no far value rules the figure

Every function takes weights (draws, rows): a row drawn twice in a bootstrap weighs 2.
"""

from __future__ import annotations

import numpy as np

DRAWS = 200
"""Bootstrap draws of an interval."""

FEWEST_OF_A_CLASS = 10
"""Test rows that a class needs, on either side, for its area under the curve to mean anything."""


def weights(rows: int, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """How often each row is drawn in each bootstrap draw: float32 (draws + 1, rows); first once each.

    By Poisson's law, which is the bootstrap of many rows without their counts tied to each other.
    """
    return np.concatenate([np.ones((1, rows), np.float32), rng.poisson(1.0, (draws, rows))], dtype=np.float32)


def skill(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """The skill under each draw: float64 (draws,). predicted: (rows, classes), or (rows, 1) for a number."""
    if weight is None:
        weight = np.ones((1, len(truth)), np.float32)
    if predicted.shape[1] == 1:
        return explained(truth, predicted[:, 0], weight)
    classes = range(1, 2) if predicted.shape[1] == 2 else range(predicted.shape[1])
    areas = [area(truth == one, predicted[:, one], weight) for one in classes if _enough(truth == one)]
    return np.mean(areas, axis=0) if areas else np.full(len(weight), np.nan)


def measurable(truth: np.ndarray, classes: int) -> bool:
    """Whether there are test rows enough to measure anything."""
    if classes:
        return any(_enough(truth == one) for one in range(classes))
    return len(truth) >= 5 * FEWEST_OF_A_CLASS and bool(np.ptp(truth) > 0)


def area(truth: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The area under the ROC curve under each draw, ties one half; one half where a class is absent.

    >>> area(np.array([False, True, True]), np.array([0.1, 0.1, 0.9]), np.ones((1, 3))).tolist()
    [0.75]
    """
    order, starts = _groups(score)
    sorted_weight, positive = weight[:, order], truth[order]
    up = np.add.reduceat(sorted_weight * positive, starts, axis=1, dtype=np.float64)
    down = np.add.reduceat(sorted_weight * ~positive, starts, axis=1, dtype=np.float64)
    below = np.cumsum(down, axis=1) - down / 2
    pairs = up.sum(axis=1) * down.sum(axis=1)
    return np.where(pairs > 0, (up * below).sum(axis=1) / np.where(pairs > 0, pairs, 1.0), 0.5)


def average_precision(truth: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The sum over thresholds of precision times the recall gained there, under each draw.

    >>> average_precision(np.array([False, True, True]), np.array([0.1, 0.4, 0.9]), np.ones((1, 3))).tolist()
    [1.0]
    """
    order, starts = _groups(-score)
    sorted_weight, positive = weight[:, order], truth[order]
    up = np.add.reduceat(sorted_weight * positive, starts, axis=1, dtype=np.float64)
    all_of = np.add.reduceat(sorted_weight, starts, axis=1, dtype=np.float64)
    taken = np.cumsum(all_of, axis=1)
    precision = np.cumsum(up, axis=1) / np.where(taken > 0, taken, 1.0)
    total = up.sum(axis=1)
    return (precision * up).sum(axis=1) / np.where(total > 0, total, 1.0)


def explained(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The share of the truth's variance that is explained (R2), under each draw; 0 where it does not vary.

    >>> explained(np.array([0.0, 1.0]), np.array([0.0, 0.5]), np.ones((1, 2))).tolist()
    [0.5]
    """
    weight = weight.astype(np.float64)
    total = np.maximum(weight.sum(axis=1), 1e-12)
    error = weight @ (truth - predicted) ** 2
    spread = weight @ truth**2 - (weight @ truth) ** 2 / total
    there = spread > 1e-12 * total
    return np.where(there, 1 - error / np.where(there, spread, 1.0), 0.0)


def _enough(positive: np.ndarray) -> bool:
    return min(int(positive.sum()), int((~positive).sum())) >= FEWEST_OF_A_CLASS


def _groups(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows in rising order of score, and where each distinct score begins."""
    order = np.argsort(score, kind="stable")
    rising = score[order]
    return order, np.concatenate([[0], np.flatnonzero(rising[1:] != rising[:-1]) + 1])
