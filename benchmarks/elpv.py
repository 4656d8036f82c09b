"""Rare defects of solar cells: do made ones help a detector that has seen 30?

    elpv.py --data D [--minutes 10] [--few 30] [--seeds 5] [--made 300] [--picture docs/pictures/elpv.png]

D holds elpv/elpv-64.npz (ELPV: Buerhop et al. 2018; Deitsch et al. 2019), 2,624 electroluminescence pictures
of solar cells, 64 x 64. A cell counts as defective where its probability is at least 2/3. Half of all cells,
with their defects, are kept for testing; of the other half all sound cells and 30 defective ones are learned
from. A detector learns from these alone and with made defective cells, each with plain augmentation; the gain
is in average precision on the unseen half, with its interval over seeds and test pictures.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

import sampan as sp
import sampan.train
from sampan.evaluate.pictures import augmentation
from sampan.families import FAMILIES
from sampan.picture import as_png, contact_sheet, read_picture

DEFECTIVE = 0.6


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--options", default="{}", help="JSON object of the family's settings")
    parser.add_argument("--minutes", type=float, default=10.0, help="of processor time, to learn")
    parser.add_argument("--few", type=int, default=30)
    parser.add_argument("--made", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=240.0, help="for the detectors")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="file for the figures as JSON")
    parser.add_argument("--picture", type=Path, help="file for real cells above made ones")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clock = time.process_time
    sampan.train.time = SimpleNamespace(monotonic=clock, perf_counter=clock, process_time=clock)
    with np.load(args.data / "elpv" / "elpv-64.npz") as held:
        x, wrong = held["x"], (held["defect_probability"] >= DEFECTIVE).astype(np.int64)
    rng = np.random.default_rng(args.seed)
    order = rng.permutation(len(x))
    learned, unseen = order[: len(x) // 2], order[len(x) // 2 :]
    seen = np.concatenate([learned[wrong[learned] == 0], learned[wrong[learned] == 1][: args.few]])
    words = np.where(wrong == 1, "defective", "sound")
    print(
        f"{(wrong[seen] == 0).sum()} sound and {wrong[seen].sum()} defective cells to learn from, "
        f"{(wrong[unseen] == 0).sum()} and {wrong[unseen].sum()} to test on"
    )
    family = FAMILIES[args.family](**json.loads(args.options))
    rows = {"picture": x[seen], "label": words[seen]}
    model = sp.fit(rows, family=family, minutes=args.minutes, seed=args.seed)
    print(f"{model.card.history['steps']} steps in {model.card.cpu_seconds:.0f} s of processor", flush=True)
    cells = model.sample(args.made, given={"label": "defective"}, seed=args.seed)["picture"].to_pylist()
    made = np.stack([read_picture(cell, "a made cell").values[:, :, 0] for cell in cells])
    if args.picture:
        real = [as_png(picture[:, :, None]) for picture in x[seen[-16:]]]
        args.picture.write_bytes(contact_sheet([*real, *cells[:16]]))
    found = augmentation(
        (made[:, None], np.ones(len(made), np.int64)),
        (x[seen][:, None], wrong[seen]),
        (x[unseen][:, None], wrong[unseen]),
        rare=1,
        seeds=args.seeds,
        seconds=args.seconds,
        seed=args.seed,
    )
    print(
        f"average precision {found.alone:.3f} with plain augmentation, {found.with_made:.3f} with "
        f"{found.made} made cells (guessing {found.reference:.3f})\n"
        f"gain {found.gain:+.3f}, 95 % interval {found.low:+.3f} to {found.high:+.3f}"
    )
    if args.out:
        told = {name: getattr(found, name) for name in ("alone", "with_made", "gain", "low", "high")}
        told |= {"precisions": found.precisions, "precisions_alone": found.precisions_alone}
        told |= {"minutes": args.minutes, "family": args.family, "seed": args.seed, "few": args.few}
        args.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
