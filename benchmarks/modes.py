"""Four families learn the same worlds of two numbers: how many modes they find, and a picture of it.

25 Gaussians on a grid (Lin et al. 2018, arXiv:1712.04086, section 4.1, with 20,000 records), and a spiral. A
mode is found when it holds at least a fifth of its share of the made points; a point is good when it lies
within four standard deviations of a mode. Needs sampan and matplotlib:

    modes.py [--minutes 1] [--families diffusion vae ...] [--picture docs/pictures/families.png]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import sampan as sp
from sampan.learning import clock

HERE = Path(__file__).parent
ROWS = 20_000
SPREAD = 0.05


def grid(rng: np.random.Generator) -> pd.DataFrame:
    """25 Gaussians on a grid of five by five."""
    centre = rng.integers(0, 5, (ROWS, 2)) - 2.0
    return pd.DataFrame(np.round(centre + SPREAD * rng.normal(size=(ROWS, 2)), 3), columns=["x", "y"])


def spiral(rng: np.random.Generator) -> pd.DataFrame:
    """Two turns of a spiral."""
    turn = np.sqrt(rng.random(ROWS)) * 4 * np.pi
    points = np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1) / (2 * np.pi)
    return pd.DataFrame(np.round(points + 0.06 * rng.normal(size=(ROWS, 2)), 3), columns=["x", "y"])


def modes(made: pd.DataFrame) -> tuple[int, float]:
    """(modes found, share of good points)."""
    points = made[["x", "y"]].to_numpy(float)
    centre = np.clip(np.round(points), -2, 2)
    near = np.linalg.norm(points - centre, axis=1) < 4 * SPREAD
    place = ((centre[:, 0] + 2) * 5 + centre[:, 1] + 2).astype(int)
    counts = np.bincount(place[near], minlength=25)
    return int((counts >= 0.2 * len(points) / 25).sum()), float(near.mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="of processor time for each fit")
    parser.add_argument("--families", nargs="+", default=["autoregressive", "diffusion", "vae", "gan"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "modes.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clock.now = time.process_time
    rng = np.random.default_rng(args.seed)
    worlds = {"25 Gaussians": grid(rng), "a spiral": spiral(rng)}
    panels: dict[str, dict[str, pd.DataFrame]] = {
        name: {"real": world.sample(4_000, random_state=0)} for name, world in worlds.items()
    }
    found: dict[str, dict[str, float]] = {}
    for kind in args.families:
        for name, world in worlds.items():
            model = sp.fit(world, minutes=args.minutes, seed=args.seed, family=kind)
            made = model.sample(ROWS, seed=args.seed)
            panels[name][kind] = made.sample(4_000, random_state=0)
            if name == "25 Gaussians":
                count, good = modes(made)
                found[kind] = {"modes": count, "good": round(good, 4), "seconds": model.card.cpu_seconds}
                print(kind, found[kind], flush=True)
            elif kind == "vae":
                ends = world.iloc[[int(np.argmin(world["x"])), int(np.argmax(world["x"]))]]
                panels[name]["way"] = model.between(ends.iloc[:1], ends.iloc[1:], steps=60)
    args.out.write_text(json.dumps(found, indent=1))
    if args.picture:
        draw(panels, args.picture)


def draw(panels: dict[str, dict[str, pd.DataFrame]], path: Path) -> None:
    """A row of panels for each world: the real points, then what each family makes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    kinds = [kind for kind in next(iter(panels.values())) if kind != "way"]
    figure, axes = plt.subplots(len(panels), len(kinds), figsize=(2.4 * len(kinds), 2.6 * len(panels)))
    for row, (world, made) in zip(axes, panels.items(), strict=True):
        for axis, kind in zip(row, kinds, strict=True):
            points, colour = made[kind], "#334155" if kind == "real" else "#0f766e"
            axis.scatter(points["x"], points["y"], s=0.6, c=colour, linewidths=0)
            if kind == "vae" and "way" in made:
                axis.plot(made["way"]["x"], made["way"]["y"], c="#c2410c", lw=1)
            axis.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xticks=[], yticks=[], aspect="equal")
            axis.set_title(world if kind == "real" else kind, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
