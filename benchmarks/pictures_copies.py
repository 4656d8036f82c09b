"""How surely the judge tells copies from other real pictures where few pictures were learned from.

    pictures_copies.py --data D [--seen 140] [--unseen 60] [--seeds 5]

Each time so many pictures are drawn as seen ones, and three sets of made ones judged: the seen ones with
noise of 12 of 255, half of them mirrored; other real pictures; other real pictures with a tenth of noisy
copies. D holds mnist/mnist.npz and elpv/elpv-64.npz; what is not there is skipped, and said.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from sampan.evaluate.eyes.picture import PictureEye
from sampan.evaluate.eyes.picture.features import learn_features
from sampan.evaluate.found import found_cells
from sampan.evaluate.sides import Side, Sides
from sampan.field import Points

NOISE = 12.0
STEPS = 150
WORDS = {True: "passed", False: "failed", None: "undecided"}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the data sets")
    parser.add_argument("--seen", type=int, default=140)
    parser.add_argument("--unseen", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name, pictures, labels in sets(Path(args.data)):
        found: dict[str, Counter[str]] = {}
        shares: dict[str, list[float]] = {}
        for seed in range(args.seeds):
            rng = np.random.default_rng(seed)
            order = rng.permutation(len(pictures))
            seen, unseen, real = np.split(
                order[: 2 * args.seen + args.unseen], [args.seen, args.seen + args.unseen]
            )
            net = learn_features(
                pictures[seen], None if labels is None else labels[seen], steps=STEPS, seed=seed
            )
            for kind, made in made_from(pictures[seen], pictures[real], rng).items():
                stacks = pictures[seen], pictures[unseen], made
                bare = Sides(*(Side(len(stack), {}, {}) for stack in stacks), {}, {}, {}, seed)
                views = [Points("picture", stack, np.ones(len(stack), dtype=bool)) for stack in stacks]
                scores, _ = found_cells(bare.with_points("picture", PictureEye(net), views))
                score = next(score for score in scores if score.measure == "copies")
                found.setdefault(kind, Counter())[WORDS[score.passed]] += 1
                shares.setdefault(kind, []).append(score.value)
        for kind, counts in found.items():
            told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
            print(f"{name:6} {kind:18} {np.mean(shares[kind]):5.1f} % copies  {told}", flush=True)


def sets(folder: Path) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Name, pictures and labels of each set that is there."""
    out: list[tuple[str, np.ndarray, np.ndarray | None]] = []
    mnist, elpv = folder / "mnist" / "mnist.npz", folder / "elpv" / "elpv-64.npz"
    if mnist.exists():
        with np.load(mnist) as held:
            out.append(("mnist", held["x_train"][:10_000, None], held["y_train"][:10_000].astype(np.int64)))
    if elpv.exists():
        with np.load(elpv) as held:
            out.append(("elpv", held["x"][:, None], None))
    for path in (mnist, elpv):
        if not path.exists():
            print(f"skipped: there is no {path}")
    return out


def made_from(seen: np.ndarray, real: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The three sets of made pictures."""
    noisy = np.clip(seen + rng.normal(0, NOISE, seen.shape), 0, 255).astype(np.uint8)
    noisy[: len(noisy) // 2] = noisy[: len(noisy) // 2, ..., ::-1]
    mixed = real.copy()
    mixed[: len(seen) // 10] = noisy[: len(seen) // 10]
    return {"copies": noisy, "other real": real, "a tenth of copies": mixed}


if __name__ == "__main__":
    main()
