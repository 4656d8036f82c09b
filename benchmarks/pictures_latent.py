"""Diffusion in a latent space beside diffusion over pixels, of 128 x 128 pictures, in the same budget.

    pictures_latent.py --family latent diffusion --minutes 5 [--options '{"places": 16}'] [--out FOLDER]

The pictures are crops of the two photographs that scikit-learn ships with (a temple, a flower; which of the
two is their label). The left third of each photograph is held out. Each family learns for so many minutes
of one processor thread, makes as many pictures of either label, and is measured beside crops that were
learned from: with the judge's distances in features that a small network learned of these crops; and,
because that network sees pictures of at most 64 pixels, by how steep made pictures are pixel by pixel, and
how much steeper at the edges of squares of 8 pixels than elsewhere. Both are 1 for real pictures. The floors
are other crops of the same parts of the photographs, and crops of the part that was held out.

FOLDER gets figures.json and sheet.png: a row of held-out pictures; for `latent` the same ones as their codes
give them back; and two rows that each family made, temples on the left and flowers on the right.
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
from sklearn.datasets import load_sample_images

import sampan as sp
from sampan.evaluate.distances import frechet, kernel_distance, neighbours
from sampan.evaluate.eyes.picture.features import classified, features, learn_features
from sampan.families import FAMILIES
from sampan.families.latent import LatentGrids
from sampan.learning import clock

SIDE = 128
CUT = 192
"""Columns of pixels that are held out."""

ACROSS = 12
"""Pictures of a row of the sheet."""


def crops(each: int, held_out: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Square crops of 128 to 192 pixels, reduced to 128: uint8 (rows, 128, 128, 3), and which photograph."""
    out = []
    for photograph in load_sample_images().images:
        part = photograph[:, :CUT] if held_out else photograph[:, CUT:]
        for _ in range(each):
            size = int(rng.integers(SIDE, 193))
            top, left = (int(rng.integers(0, length - size + 1)) for length in part.shape[:2])
            crop = Image.fromarray(part[top : top + size, left : left + size])
            out.append(np.asarray(crop.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(out), np.arange(2).repeat(each)


def steepness(pictures: np.ndarray) -> float:
    """The mean difference of neighbouring pixels, in levels."""
    levels = pictures.astype(np.float32)
    return float(np.mean([np.abs(np.diff(levels, axis=axis)).mean() for axis in (2, 3)]))


def squares(pictures: np.ndarray, side: int = 8) -> float:
    """How much more pixels differ at the edges of squares than elsewhere."""
    ratios = []
    for axis in (2, 3):
        steps = np.abs(np.diff(pictures.astype(np.float32), axis=axis))
        edge = np.arange(steps.shape[axis]) % side == side - 1
        ratios.append(steps.compress(edge, axis).mean() / steps.compress(~edge, axis).mean())
    return float(np.mean(ratios))


def given_back(model: LatentGrids, pictures: np.ndarray) -> np.ndarray:
    """Pictures as their codes give them back, uint8 (rows, channels, height, width)."""
    (name,) = model.coding.names
    net = model.coding.net(name)
    values = torch.from_numpy(pictures).float() / 127.5 - 1
    with torch.no_grad():
        parts = [
            net.decode(net.encode(part)[0], torch.zeros_like(part), torch.zeros_like(part[:, :1]).bool())
            for part in values.split(64)
        ]
    return ((torch.cat(parts) + 1) * 127.5).round().clamp(0, 255).byte().numpy()


def column(records) -> np.ndarray:
    """The pictures of a frame: uint8 (rows, channels, height, width)."""
    cells = records["picture"]
    cells = cells.to_pylist() if hasattr(cells, "to_pylist") else list(cells)
    return np.stack([np.asarray(Image.open(io.BytesIO(cell))) for cell in cells]).transpose(0, 3, 1, 2)


def sheet(rows: list[np.ndarray], path: Path) -> None:
    """Rows of pictures under each other, as a PNG."""
    whole = np.concatenate(
        [np.concatenate(list(row[:ACROSS].transpose(0, 2, 3, 1)), axis=1) for row in rows], axis=0
    )
    Image.fromarray(whole).save(path)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--family", nargs="+", default=["latent", "diffusion"])
    parser.add_argument("--options", default="{}", help="JSON object of the latent family's settings")
    parser.add_argument("--minutes", type=float, default=5.0, help="of the processor, for each family")
    parser.add_argument("--pictures", type=int, default=1500, help="to learn from, of each photograph")
    parser.add_argument("--rows", type=int, default=96, help="to make, of each label")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/latent"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    clock.now = time.process_time
    rng = np.random.default_rng(args.seed)
    learned, labels = crops(args.pictures, False, rng)
    again, _ = crops(args.rows, False, rng)
    unseen, _ = crops(args.rows, True, rng)
    stacks = {
        "other crops (floor)": again.transpose(0, 3, 1, 2),
        "held-out crops (floor)": unseen.transpose(0, 3, 1, 2),
    }
    rows = [stacks["held-out crops (floor)"][:: 2 * args.rows // ACROSS]]
    figures: dict[str, dict[str, float]] = {name: {} for name in stacks}
    for word in args.family:
        family = FAMILIES[word](**(json.loads(args.options) if word == "latent" else {}))
        photographs = np.array(["temple", "flower"])
        model = sp.fit(
            {"picture": learned, "label": photographs[labels]},
            types={"picture": f"image:{SIDE}x{SIDE}"},
            family=family,
            minutes=args.minutes,
            seed=args.seed,
        )
        card, begun = model.card, clock.now()
        print(f"{word}: {card.weights:,} weights, {card.history['steps']:,} steps, {card.cpu_seconds:.0f} s")
        made = column(model.sample(given={"label": photographs.repeat(args.rows)}, seed=args.seed))
        figures[word] = {"seconds": card.cpu_seconds, "made a second": len(made) / (clock.now() - begun)}
        stacks[word] = made
        if isinstance(model.model, LatentGrids):
            real = stacks["held-out crops (floor)"]
            back = given_back(model.model, real)
            rows.append(back[:: 2 * args.rows // ACROSS])
            wrong = np.abs(back.astype(float) - real)
            of_mean = np.abs(real - learned.mean(axis=0).transpose(2, 0, 1))
            figures[word] |= {
                "given back: levels off": wrong.mean(),
                "the mean picture: levels off": of_mean.mean(),
                "given back: PSNR": 10 * np.log10(255**2 / np.square(wrong).mean()),
                "given back: steep": steepness(back) / steepness(real),
                "stage 1 ended at step": card.history["looks"][-1]["step"],
            }
        half = ACROSS // 2
        for start in (0, half):
            rows.append(np.concatenate([made[start:][:half], made[args.rows + start :][:half]]))
        sheet(rows, args.out / "sheet.png")
    pictures = learned.transpose(0, 3, 1, 2)
    net = learn_features(pictures, labels, steps=300, seed=args.seed)
    base = features(net, pictures[rng.choice(len(pictures), 2 * args.rows, replace=False)])
    asked = np.arange(2).repeat(args.rows)
    steep = steepness(pictures[:: max(1, len(pictures) // 400)])
    for name, stack in stacks.items():
        own = features(net, stack)
        near = neighbours(base, own)
        figures[name] |= {
            "frechet": frechet(base, own),
            "kernel": kernel_distance(base, own, np.random.default_rng(0))[0],
            "precision": near.precision,
            "recall": near.recall,
            "coverage": near.coverage,
            "read as asked": float((classified(net, stack).argmax(axis=1) == asked).mean()),
            "steep": steepness(stack) / steep,
            "squares": squares(stack),
        }
    for name, found in figures.items():
        print(name)
        print("".join(f"    {figure:30}{value:10.4f}\n" for figure, value in found.items()))
    (args.out / "figures.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
