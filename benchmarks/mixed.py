"""Does a table lose by having a picture beside it? Handwritten digits with six columns that go with them.

    mixed.py --data D --python PATH [--minutes M]      # in the measuring environment; PATH has sampan

MNIST (D/mnist/mnist.npz): the picture, its label, its ink, the width and the height of what is drawn, its
slant, and the loops in it. The six columns alone are learned by the family that tables have, and with the
picture by the one that pictures have, in as many minutes of one processor thread each. Printed: XGBoost C2ST
and Shape error of the six columns as made alone, as made beside the picture, and of unseen real rows in their
place.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

LEARNED, UNSEEN = 10_000, 5_000
COLUMNS = ("label", "ink", "wide", "high", "slant", "loops")


def columns_of(pictures: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """The six columns of pictures, uint8 (rows, high, wide)."""
    drawn = pictures > 127
    y, x = np.mgrid[: pictures.shape[1], : pictures.shape[2]]
    mass = pictures.astype(float)
    total = mass.sum(axis=(1, 2)).clip(min=1)
    middle_x, middle_y = ((mass * place).sum(axis=(1, 2)) / total for place in (x, y))
    away_x = x[None] - middle_x[:, None, None]
    away_y = y[None] - middle_y[:, None, None]
    slant = (mass * away_x * away_y).sum(axis=(1, 2)) / (mass * away_y**2).sum(axis=(1, 2)).clip(min=1)
    return pd.DataFrame(
        {
            "label": labels.astype(str),
            "ink": (mass.mean(axis=(1, 2))).round(1),
            "wide": drawn.any(axis=1).sum(axis=1),
            "high": drawn.any(axis=2).sum(axis=1),
            "slant": slant.round(2),
            "loops": [str(loops(one)) for one in drawn],
        }
    )


def loops(drawn: np.ndarray) -> int:
    """Pieces of ground that ink shuts in."""
    from scipy import ndimage

    ground, count = ndimage.label(~np.pad(drawn, 1))
    sizes = np.bincount(ground.ravel(), minlength=count + 1)[1:]
    return int(min((sizes >= 3).sum() - 1, 2))


def halves(data: Path, seed: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """(columns learned, their pictures, columns never seen)."""
    with np.load(data / "mnist" / "mnist.npz") as held:
        pictures, labels = held["x_train"], held["y_train"]
    order = np.random.default_rng(seed).permutation(len(pictures))
    learned, unseen = order[:LEARNED], order[LEARNED : LEARNED + UNSEEN]
    both = [columns_of(pictures[index], labels[index]) for index in (learned, unseen)]
    return both[0], pictures[learned], both[1]


def fit(args: argparse.Namespace) -> None:
    """Learn and make, in Sampan's environment."""
    import time

    import torch

    import sampan as sp
    from sampan.learning import clock

    torch.set_num_threads(1)
    clock.now = time.process_time
    table, pictures, _ = halves(args.data, args.seed)
    rows: dict[str, object] = {name: table[name].to_numpy() for name in table}
    if args.fit == "both":
        rows["picture"] = pictures
    types = {"loops": "category", "label": "category"}
    model = sp.fit(rows, minutes=args.minutes, seed=args.seed, types=types)
    made = model.sample(args.rows, seed=args.seed)
    pd.DataFrame({name: made[name].to_pylist() for name in COLUMNS}).to_csv(args.out, index=False)
    card = model.card
    print(
        json.dumps({"family": card.family, "steps": card.history["steps"], "cpu_seconds": card.cpu_seconds})
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--python", help="interpreter that has sampan[pictures,pandas]")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2))
    parser.add_argument("--rows", type=int, default=UNSEEN)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--fit", choices=("alone", "both"), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "mixed.json")
    args = parser.parse_args()
    if args.fit:
        fit(args)
        return
    from measures import c2st, shape_and_trend_error
    from tables import Roles

    roles = Roles(("ink", "wide", "high", "slant"), ("label", "loops"), "label")
    found: list[dict[str, object]] = []
    for seed in args.seeds:
        table, _, unseen = halves(args.data, seed)
        real = table.iloc[: args.rows].reset_index(drop=True)
        for how in ("alone", "both", "floor"):
            one: dict[str, object] = {"seed": seed, "how": how}
            made = unseen.iloc[: args.rows].reset_index(drop=True)
            if how != "floor":
                with tempfile.TemporaryDirectory() as folder:
                    out = Path(folder) / "made.csv"
                    told = [
                        "--data",
                        str(args.data),
                        "--minutes",
                        str(args.minutes),
                        "--rows",
                        str(args.rows),
                    ]
                    told += ["--seed", str(seed), "--fit", how, "--out", str(out)]
                    done = subprocess.run(
                        [str(args.python), __file__, *told], stdout=subprocess.PIPE, text=True, check=True
                    )
                    one |= json.loads(done.stdout.splitlines()[-1])
                    made = pd.read_csv(out, dtype={"label": str, "loops": str})
            one["c2st"] = round(c2st(real, made, roles, seed=seed), 4)
            one["shape"] = round(shape_and_trend_error(real, made, roles)["shape_error"], 3)
            found.append(one)
            print(json.dumps(one), flush=True)
    for how in ("alone", "both", "floor"):
        scores = np.array([[one["c2st"], one["shape"]] for one in found if one["how"] == how], dtype=float)
        mean, spread = scores.mean(axis=0), scores.std(axis=0)
        print(f"{how:6} C2ST {mean[0]:.3f} +- {spread[0]:.3f}, Shape {mean[1]:.2f} %")
    args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    sys.exit(main())
