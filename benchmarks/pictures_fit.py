"""One fit of Sampan on MNIST in its own interpreter, as a person would: made digits, and halves completed.

    pictures_fit.py --data D --family diffusion --minutes 10 --out made.npz [--options '{"guidance": 1.0}']

made.npz holds `pictures` (uint8 (n, 1, 28, 28)), the `labels` that each was asked to be, `filled`, unseen
digits whose right half was transparent and made up, their labels `filled_labels`, and `kept`, the share of
given pixels that came back bit-identical. Measured by pictures_measures.py.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import sampan as sp
from sampan.families import FAMILIES, diffusion
from sampan.learning import clock
from sampan.media.picture import read_picture


def png(grey: np.ndarray, opaque: np.ndarray | None = None) -> bytes:
    """A grey picture, with an alpha channel where only some of it is given, as PNG."""
    out = io.BytesIO()
    Image.fromarray(grey if opaque is None else np.stack([grey, opaque], axis=2)).save(out, "PNG")
    return out.getvalue()


def column(records) -> list[bytes]:
    """The pictures of any kind of frame."""
    cells = records["picture"]
    return cells.to_pylist() if hasattr(cells, "to_pylist") else list(cells)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--options", default="{}", help="JSON object of the family's settings")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--steps", type=int, help="so many steps instead of minutes")
    parser.add_argument(
        "--full-rate-steps", type=int, help="of a diffusion: steps that matrices learn at the full rate"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--processor-clock", action="store_true", help="count the minutes of the processor, not of the wall"
    )
    parser.add_argument("--rows", type=int, default=2000, help="digits to make")
    parser.add_argument("--halves", type=int, default=500, help="unseen digits to complete")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="folder to save the model in")
    parser.add_argument("--load", type=Path, help="a model to take instead of learning one")
    parser.add_argument("--guidance", type=float, help="of a diffusion, instead of its own, for making")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.full_rate_steps:
        diffusion.FULL_RATE_STEPS = args.full_rate_steps
    if args.processor_clock:
        clock.now = time.process_time
    with np.load(args.data / "mnist" / "mnist.npz") as held:
        x, y, x_test, y_test = (held[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    if args.load:
        model = sp.load(args.load)
    else:
        rows = {"picture": x, "label": y.astype(str)}
        family = FAMILIES[args.family](**json.loads(args.options))
        minutes = None if args.steps else args.minutes
        model = sp.fit(rows, family=family, minutes=minutes, steps=args.steps, seed=args.seed)
    if args.guidance is not None:
        model.model.guidance = args.guidance
    card = model.card
    steps = card.history["steps"]
    print(f"{card.family}: {card.weights:,} weights, {steps:,} steps, {card.cpu_seconds:.0f} s of processor")
    if args.model:
        model.save(args.model)
    begun = time.process_time()
    labels = np.arange(args.rows) % 10
    made = model.sample(given={"label": labels.astype(str)}, seed=args.seed)
    pictures = np.stack([read_picture(cell, "a made digit").values[:, :, 0] for cell in column(made)])[
        :, None
    ]
    seconds = time.process_time() - begun
    print(f"{args.rows / seconds:.0f} digits made a second of processor")
    left = np.zeros((28, 28), np.uint8)
    left[:, :14] = 255
    # the file is in the order of its labels
    chosen = np.random.default_rng(args.seed).choice(len(x_test), args.halves, replace=False)
    halves = [png(digit, left) for digit in x_test[chosen]]
    whole = model.fill({"picture": halves, "label": [None] * len(halves)}, seed=args.seed)
    filled = np.stack([read_picture(cell, "a made digit").values[:, :, 0] for cell in column(whole)])[:, None]
    kept = float((filled[:, 0, :, :14] == x_test[chosen, :, :14]).mean())
    print(f"{100 * kept:.4f} % of the given pixels came back bit-identical")
    np.savez_compressed(
        args.out,
        pictures=pictures,
        labels=labels,
        filled=filled,
        filled_labels=y_test[chosen].astype(np.int64),
        kept=kept,
    )


if __name__ == "__main__":
    main()
