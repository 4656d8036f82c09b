"""How far each family's conditionals lie from the truth, on worlds of symbols where the truth is known.

For every leaf and every condition that holds in at least 2 % of the records: the largest error of one
probability. Worlds are those of the tests; run from the project's root with an interpreter that has sampan:

    python benchmarks/worlds.py [--families gan] [--worlds xor "two ways" weather] [--steps 2500]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

import numpy as np
import torch

from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.vae import VAE
from sampan.family import Family, Model
from sampan.learning.budget import Budget
from sampan.learning.loop import train

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.worlds import WORLDS, World  # noqa: E402

FAMILIES: dict[str, Family] = {
    "autoregressive": Autoregressive(size=32, depth=2, dropout=0.0),
    "diffusion": Diffusion(size=32, depth=2, dropout=0.0),
    "vae": VAE(size=32, depth=2, latent=4, hidden=32),
    "gan": GAN(size=64, depth=2, noise=8, start=2.0, batch=512),
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for kind, name in itertools.product(args.families, args.worlds):
        world, begun = WORLDS[name], time.process_time()
        torch.manual_seed(args.seed)
        model = FAMILIES[kind].build(world.spaces)
        budget = Budget(seconds=None, steps=args.steps)
        train(
            model,
            world.draw(200_000, args.seed),
            world.draw(2_000, args.seed + 1),
            budget=budget,
            seed=args.seed,
        )
        worst, leaf, given = max(errors(model, world), key=lambda found: found[0])
        seconds = time.process_time() - begun
        print(
            f"{kind}, {name}: {100 * worst:.1f} points off in p({leaf} | {given}), {seconds:.0f} s",
            flush=True,
        )


def errors(model: Model, world: World) -> list[tuple[float, str, dict[str, int]]]:
    """(largest error of a probability, leaf, condition) of every conditional that can be known."""
    return [
        (
            float(np.abs(model.conditional(world.asked(given), leaf).exp().numpy()[0] - truth).max()),
            leaf,
            given,
        )
        for leaf, given, truth in world.conditionals()
    ]


if __name__ == "__main__":
    main()
