"""The most memory that learning from large pictures takes: random colour pictures, some steps.

    pictures_memory.py [--side 256] [--steps 4] [--family diffusion] [--pictures 200]

Pictures are decoded to levels beforehand, so that what grows with their number are three bytes a pixel, on
disk from 256 MB on; this prints what the network and its gradients take besides.
"""

from __future__ import annotations

import argparse
import resource

import numpy as np

import sampan as sp


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--pictures", type=int, default=200)
    args = parser.parse_args()
    pictures = np.random.default_rng(0).integers(
        0, 255, (args.pictures, args.side, args.side, 3), dtype=np.uint8
    )
    rows = {"picture": pictures, "label": np.array(["a", "b"] * (args.pictures // 2))}
    types = {"picture": f"image:{args.side}x{args.side}"}
    model = sp.fit(rows, types=types, steps=args.steps, seed=0, family=args.family)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux counts in KiB
    print(f"{model.layout.spaces['picture']}, {args.family}: {peak:.2f} GiB at most")


if __name__ == "__main__":
    main()
