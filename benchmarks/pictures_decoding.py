"""Threads or processes: how fast are pictures unpacked and brought to size?

    python benchmarks/pictures_decoding.py [--pictures 2000] [--side 512]

JPEGs cut out of scikit-learn's two sample photographs, in a temporary folder, to 64 x 64 as a model learns
them: as the field does it (`Image`, whose codec unpacks in threads), with one thread and with two, and by
two processes that are spawned, each with one thread, whose levels come back to the first. Starting the
processes counts separately: a fit starts them once.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import PIL.Image
from sklearn.datasets import load_sample_images

from sampan.column import of_files
from sampan.fields import Image
from sampan.fields.image import codec

ROUNDS = 5


def written(place: Path, count: int, side: int) -> list[str]:
    """JPEGs, no two alike."""
    photographs = load_sample_images().images
    rng = np.random.default_rng(0)
    paths = []
    for row in range(count):
        whole = PIL.Image.fromarray(photographs[row % 2])
        size = int(rng.integers(300, 420))
        left, top = int(rng.integers(0, whole.width - size)), int(rng.integers(0, whole.height - size))
        part = whole.crop((left, top, left + size, top + size)).resize((side, side))
        paths.append(str(place / f"{row:05d}.jpg"))
        part.save(paths[-1], quality=90)
    return paths


def levels(paths: list[str], threads: int) -> np.ndarray:
    """uint8 (rows, 3, 64, 64), by so many threads."""
    codec._THREADS = threads
    column = of_files(paths, "image")
    return Image(64, 64).fit(column.slice(0, 8)).encode(column)[""]


def one_thread(paths: list[str]) -> np.ndarray:
    return levels(paths, 1)


def best(acts: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The least seconds of each over some rounds, in turn, so that a busy machine is as busy for all."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            begun = time.perf_counter()
            act()
            spent[name].append(time.perf_counter() - begun)
    return {name: min(rounds) for name, rounds in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--side", type=int, default=512)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        paths = written(Path(place), args.pictures, args.side)
        parts = [paths[start : start + 125] for start in range(0, len(paths), 125)]
        begun = time.perf_counter()
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            list(pool.map(one_thread, [paths[:8], paths[8:16]]))
            starting = time.perf_counter() - begun
            spent = best(
                {
                    "1 thread": lambda: levels(paths, 1),
                    "2 threads": lambda: levels(paths, 2),
                    "2 processes": lambda: np.concatenate(list(pool.map(one_thread, parts))),
                }
            )
    for name, took in spent.items():
        print(f"{name}: {args.pictures / took:,.0f} pictures/s, {spent['1 thread'] / took:.2f} of one thread")
    print(f"processes to threads: {spent['2 threads'] / spent['2 processes']:.2f}")
    print(f"starting the processes: {starting:.1f} s")


if __name__ == "__main__":
    main()
