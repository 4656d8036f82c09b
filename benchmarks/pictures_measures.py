"""Made digits beside the test digits, and real training digits beside them as the floor.

    pictures_measures.py made.npz --data D --classifier classifier.safetensors [--out figures.json]

made.npz holds `pictures`, uint8 (n, 1, 28, 28), and `labels`, the digit that each was asked to be. The
floor is as many training digits, drawn at random; its accuracy is that of the test digits, for the
classifier knows the training ones. The features are the classifier's layer before the last.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from pictures_classifier import load_classifier, mnist

from sampan.evaluate.distances import frechet, kernel_distance, neighbours
from sampan.evaluate.eyes.picture.features import classified, features


def measures(
    made: np.ndarray, labels: np.ndarray | None, x: np.ndarray, x_test: np.ndarray, y_test: np.ndarray, net
) -> dict[str, dict[str, float]]:
    """Every measure: the figure of made pictures and the floor."""
    rng = np.random.default_rng(0)
    floor = x[rng.choice(len(x), min(len(made), len(x)), replace=False)]
    test = features(net, x_test)
    sides = {"made": features(net, made), "floor": features(net, floor)}
    out: dict[str, dict[str, float]] = {}
    if labels is not None:
        right = float((classified(net, made).argmax(axis=1) == labels).mean())
        known = float((classified(net, x_test).argmax(axis=1) == y_test).mean())
        out["conditional accuracy"] = {"made": right, "floor": known}
    for side, rows in sides.items():
        figures = {"frechet": frechet(test, rows)}
        figures["kernel"] = kernel_distance(test, rows, np.random.default_rng(0))[0]
        near = neighbours(test, rows)
        figures |= {name: getattr(near, name) for name in ("precision", "recall", "density", "coverage")}
        for name, value in figures.items():
            out.setdefault(name, {})[side] = value
    return out


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("made", type=Path, help="an .npz file with `pictures` and `labels`")
    parser.add_argument("--data", required=True, help="folder with the data sets")
    parser.add_argument("--classifier", type=Path, required=True, help="made by pictures_classifier.py")
    parser.add_argument("--out", type=Path, help="file for the figures as JSON")
    args = parser.parse_args()
    torch.set_num_threads(1)
    x, _, x_test, y_test = mnist(args.data)
    with np.load(args.made) as held:
        pictures, labels = held["pictures"], held["labels"] if "labels" in held else None
        filled = (held["filled"], held["filled_labels"]) if "filled" in held else None
    net = load_classifier(args.classifier)
    found = measures(pictures, labels, x, x_test, y_test, net)
    if filled is not None:  # halves that were made up: does the classifier read the true digit?
        read = float((classified(net, filled[0]).argmax(axis=1) == filled[1]).mean())
        known = float((classified(net, x_test).argmax(axis=1) == y_test).mean())
        found["halves read"] = {"made": read, "floor": known}
    print(f"{len(pictures):,} made digits against {len(x_test):,} test digits")
    print(f"{'':22}{'made':>10}{'floor':>10}")
    for name, figures in found.items():
        print(f"{name:22}{figures['made']:10.4f}{figures['floor']:10.4f}")
    if args.out:
        args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
