"""Rare findings: do made pictures help a detector that has seen few?

    pictures_rare.py cells --data D [--minutes 16] [--few 30] [--picture docs/pictures/elpv.png]
    pictures_rare.py micronuclei --wheel mnfinder-1.2.3-py3-none-any.whl [--few 10]

cells: D holds elpv/elpv-64.npz (ELPV: Buerhop et al. 2018; Deitsch et al. 2019), 2,624 electroluminescence
pictures of solar cells, 64 x 64; the finding is a defect, of a probability of at least 2/3. Half of all
cells, with their defects, are kept for testing.

micronuclei: `pip download --no-deps mnfinder==1.2.3` fetches a package whose wheel holds fluorescence
pictures of human RPE1 cells with nuclei and micronuclei outlined by hand (DiPeso et al. 2023,
doi:10.1101/2023.05.04.539483; MIT licence). A micronucleus, a piece of a chromosome left outside the
nucleus, is what the micronucleus test of genetic toxicology counts. Pictures are 48 x 48 around each nucleus;
the finding is a micronucleus in it. Pictures of two days in the laboratory are kept for testing.

Of what is not kept, all pictures without the finding and `few` with it are learned from. A detector learns
from these alone and with made pictures of both kinds, each with plain augmentation; the gain is in average
precision on what was kept, with its interval over seeds and test pictures. --only-rare gives it made findings
alone. --folder writes the same pictures as folders, seen/ and unseen/, for the commands of a person
(docs/rare-findings.md), and ends.
"""

from __future__ import annotations

import argparse
import io
import json
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from pictures_augmentation import augmentation
from PIL import Image
from scipy import ndimage

import sampan as sp
from sampan.families import FAMILIES
from sampan.learning import clock
from sampan.media.picture import as_png, contact_sheet, read_picture

DEFECTIVE = 0.6

SIDE, INSIDE = 48, 21
"""Pixels of a picture of a nucleus; a micronucleus at most so far from its middle counts as in it."""

SMALLEST_NUCLEUS, SMALLEST = 150, 6
"""Pixels of a nucleus and of a micronucleus below which an outline is a speck."""

DAYS, KEPT_DAYS = ("2022-03-18", "2022-04-14", "2022-05-25"), ("2022-05-26", "2022-05-27")

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Pictures (uint8), whether each has the finding (int64), and whether each is kept for testing (bool)."""


def cells(args: argparse.Namespace, rng: np.random.Generator) -> Cells:
    """Solar cells."""
    with np.load(args.data / "elpv" / "elpv-64.npz") as held:
        x, found = held["x"], (held["defect_probability"] >= DEFECTIVE).astype(np.int64)
    kept = np.zeros(len(x), dtype=bool)
    kept[rng.permutation(len(x))[len(x) // 2 :]] = True
    return x, found, kept


def micronuclei(args: argparse.Namespace, rng: np.random.Generator) -> Cells:
    """Nuclei of human cells."""
    pictures, found, kept = [], [], []
    with zipfile.ZipFile(args.wheel) as wheel:
        for name in sorted(wheel.namelist()):
            day = next((day for day in DAYS + KEPT_DAYS if f"/{day}_RPE1/images/" in name), None)
            if day is None or not name.endswith(".tif") or "/test-data/" in name:
                continue
            bright = np.asarray(Image.open(io.BytesIO(wheel.read(name))), dtype=np.float32)
            low, high = np.percentile(bright, [1, 99.8])
            grey = np.sqrt(np.clip((bright - low) / (high - low), 0, 1))  # dim specks beside bright nuclei
            outlines = []
            for kind in ("nucleus_masks", "mn_masks"):
                path = name.replace("/images/", f"/{kind}/").replace(".tif", ".png")
                mask = np.asarray(Image.open(io.BytesIO(wheel.read(path))).convert("RGB")).max(axis=2)
                outlines.append(ndimage.label(mask > 127)[0])
            nuclei, small = outlines
            middles = np.array(
                [
                    middle
                    for middle, size in zip(
                        ndimage.center_of_mass(small > 0, small, range(1, small.max() + 1)),
                        np.bincount(small.ravel())[1:],
                        strict=True,
                    )
                    if size >= SMALLEST
                ]
            ).reshape(-1, 2)
            sizes = np.bincount(nuclei.ravel())[1:]
            places = ndimage.center_of_mass(nuclei > 0, nuclei, range(1, nuclei.max() + 1))
            for (y, x), size in zip(places, sizes, strict=True):
                top, left = round(y) - SIDE // 2, round(x) - SIDE // 2
                if size < SMALLEST_NUCLEUS or min(top, left) < 0:
                    continue
                cut = (slice(top, top + SIDE), slice(left, left + SIDE))
                if grey[cut].shape != (SIDE, SIDE):
                    continue
                inside = np.abs(middles - [y, x]).max(axis=1) <= INSIDE
                if not inside.any() and small[cut].any():
                    continue  # one that is cut by the edge, or a speck: neither with nor without
                pictures.append((grey[cut] * 255).round().astype(np.uint8))
                found.append(int(inside.any()))
                kept.append(day in KEPT_DAYS)
    return np.stack(pictures), np.array(found, np.int64), np.array(kept)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("cells", "micronuclei"))
    parser.add_argument("--data", type=Path, help="folder with the data sets")
    parser.add_argument("--wheel", type=Path, help="of mnfinder")
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--options", default="{}", help="JSON object of the family's settings")
    parser.add_argument("--minutes", type=float, default=16.0, help="of one processor thread, to learn")
    parser.add_argument("--few", type=int, default=30)
    parser.add_argument("--made", type=int, default=200, help="pictures to make, of each kind")
    parser.add_argument("--only-rare", action="store_true", help="make no pictures without the finding")
    parser.add_argument("--model", type=Path, help="folder to save the model in")
    parser.add_argument("--load", type=Path, help="a model to take instead of learning one")
    parser.add_argument("--seeds", type=int, default=5, help="of detectors")
    parser.add_argument("--steps", type=int, default=300, help="of each detector")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="file for the figures as JSON")
    parser.add_argument("--folder", type=Path, help="write the pictures as folders instead")
    parser.add_argument("--picture", type=Path, help="file for real findings above made ones")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clock.now = time.process_time
    rng = np.random.default_rng(args.seed)
    x, found, kept = {"cells": cells, "micronuclei": micronuclei}[args.what](args, rng)
    learned = rng.permutation(np.flatnonzero(~kept))
    rare = learned[found[learned] == 1][: args.few]
    seen = np.concatenate([learned[found[learned] == 0], rare])
    words = np.where(found == 1, "finding", "nothing")
    print(
        f"{len(seen) - len(rare)} pictures without the finding and {len(rare)} with it to learn from, "
        f"{(found[kept] == 0).sum()} and {found[kept].sum()} to test on"
    )
    if args.folder:
        for name, rows in (("seen", seen), ("unseen", np.flatnonzero(kept))):
            for row in rows:
                path = args.folder / name / words[row] / f"{row:05d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(as_png(x[row][:, :, None]))
        return
    if args.load:
        model = sp.load(args.load)
    else:
        family = FAMILIES[args.family](**json.loads(args.options))
        rows = {"picture": x[seen], "label": words[seen]}
        model = sp.fit(rows, family=family, minutes=args.minutes, seed=args.seed)
    steps = model.card.history["steps"]
    print(f"{steps} steps in {model.card.cpu_seconds:.0f} s of processor", flush=True)
    if args.model:
        model.save(args.model)
    pictures, labels = [], []
    for word in ("finding",) if args.only_rare else ("finding", "nothing"):
        made = model.sample(args.made, given={"label": word}, seed=args.seed)["picture"]
        pictures += list(made) if hasattr(made, "iloc") else made.to_pylist()
        labels += [int(word == "finding")] * args.made
    stack = np.stack([read_picture(cell, "a made picture").values[:, :, 0] for cell in pictures])
    if args.picture:
        real = [as_png(picture[:, :, None]) for picture in x[rare[:20]]]
        args.picture.write_bytes(contact_sheet([*real, *pictures[: 40 - len(real)]], columns=10))
    told = augmentation(
        (stack[:, None], np.array(labels)),
        (x[seen][:, None], found[seen]),
        (x[kept][:, None], found[kept]),
        rare=1,
        seeds=args.seeds,
        steps=args.steps,
        seed=args.seed,
    )
    print(
        f"average precision {told.alone:.3f} with plain augmentation, {told.with_made:.3f} with "
        f"{len(pictures)} made pictures (guessing {told.reference:.3f})\n"
        f"gain {told.gain:+.3f}, 95 % interval {told.low:+.3f} to {told.high:+.3f}"
    )
    if args.out:
        figures = {name: getattr(told, name) for name in ("alone", "with_made", "gain", "low", "high")}
        figures |= {"precisions": told.precisions, "precisions_alone": told.precisions_alone}
        figures |= {"what": args.what, "few": args.few, "made": len(pictures), "steps": steps}
        figures |= {"cpu_seconds": model.card.cpu_seconds, "family": args.family, "seed": args.seed}
        args.out.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
