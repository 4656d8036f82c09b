"""More of the same: three pictures of one digit are shown; is what is made of that digit, and is it new?

    python benchmarks/pictures_more.py [--family diffusion] [--minutes 2] [--without-labels] [--load MODEL]

1,497 of the packaged digits are learned. For each of the ten digits, three times: three of the other 300 are
shown, and 32 are made. A support-vector classifier that learned all the real digits reads what was made.
New: how far a made picture lies from the nearest of its three examples, beside how far other real ones of
the same digit do; a copy is nearer to an example than 1 % of those. Spread: how far made pictures lie from
each other, beside real ones.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.svm import SVC

import sampan as sp
from sampan.data import Table, read
from sampan.media.picture import read_picture

SHOWN, MADE, TRIALS = 3, 32, 3
STRENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def pixels_of(table: Table) -> np.ndarray:
    """float (rows, 64), in 0..16."""
    cells = table.columns["picture"].to_pylist()
    return np.stack([read_picture(cell, "a digit").values[..., 0].ravel() for cell in cells]) * (16 / 255)


def mean_gap(rows: np.ndarray) -> float:
    """The mean distance of two of them."""
    far = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    return float(far[np.triu_indices(len(rows), 1)].mean())


def measured(model: sp.Generator, apart: Table, reader: SVC, strength: float) -> dict[str, float]:
    """The figures of one strength."""
    rng = np.random.default_rng(0)
    pixels, labels = pixels_of(apart), np.array(apart.columns["label"].to_pylist())
    right, far, floor, spread, real_spread = [], [], [], [], []
    begun = time.perf_counter()
    for digit in sorted(set(labels)):
        for trial in range(TRIALS):
            own = rng.permutation(np.flatnonzero(labels == digit))
            shown, others = own[:SHOWN], own[SHOWN:]
            examples = {"picture": [apart.columns["picture"][int(row)].as_py() for row in shown]}
            made = pixels_of(read(model.more(examples, MADE, strength=strength, seed=trial)))
            right.append((reader.predict(made) == digit).mean())
            to = pixels[shown]
            far.append(np.linalg.norm(made[:, None] - to[None], axis=2).min(axis=1))
            floor.append(np.linalg.norm(pixels[others][:, None] - to[None], axis=2).min(axis=1))
            spread.append(mean_gap(made))
            real_spread.append(mean_gap(pixels[others]))
    bound = float(np.quantile(np.concatenate(floor), 0.01))
    gaps = np.concatenate(far)
    return {
        "strength": strength,
        "read as shown": round(float(np.mean(right)), 3),
        "worst digit": round(float(np.mean(np.reshape(right, (-1, TRIALS)), axis=1).min()), 3),
        "distance to an example": round(float(gaps.mean()), 2),
        "of real ones": round(float(np.concatenate(floor).mean()), 2),
        "nearer than 1 % of real ones": round(float((gaps < bound).mean()), 3),
        "spread": round(float(np.mean(spread)), 2),
        "spread of real ones": round(float(np.mean(real_spread)), 2),
        "seconds": round(time.perf_counter() - begun, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--without-labels", action="store_true")
    parser.add_argument("--load", type=Path)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--strengths", type=float, nargs="+", default=STRENGTHS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    whole = read(sp.datasets.path("digits"))
    order = np.random.default_rng(0).permutation(len(whole))
    seen, apart = whole.take(np.sort(order[300:])), whole.take(np.sort(order[:300]))
    reader = SVC(C=10.0, gamma=0.001).fit(pixels_of(whole), whole.columns["label"].to_pylist())
    if args.load:
        model = sp.load(args.load)
    else:
        types = {"label": "omitted"} if args.without_labels else {}
        model = sp.fit(seen, family=args.family, minutes=args.minutes, types=types)
    if args.save:
        model.save(args.save)
    held = SVC(C=10.0, gamma=0.001).fit(pixels_of(seen), seen.columns["label"].to_pylist())
    known = held.score(pixels_of(apart), apart.columns["label"].to_pylist())
    told = {"family": model.card.family, "seconds of learning": model.card.seconds}
    print(json.dumps({**told, "a classifier of the learned ones reads the others": round(float(known), 3)}))
    for strength in args.strengths:
        print(json.dumps(measured(model, apart, reader, strength)), flush=True)


if __name__ == "__main__":
    main()
