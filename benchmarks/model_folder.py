"""Savers and readers of one model folder at once: how many fail?

    model_folder.py [--savers 2] [--readers 2] [--saves 400]

Each saver replaces the model so many times; the readers load it all the while. Printed: saves and reads,
those that failed or gave a model that nobody saved, and what is left in the folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import sampan as sp
from sampan.store import digest_of


def _saves(model: sp.Generator, folder: Path, times: int) -> tuple[int, int]:
    failed = 0
    for _ in range(times):
        try:
            model.save(folder)
        except sp.SampanError as error:
            failed += 1
            print(error, flush=True)
    return times, failed


def _reads(folder: Path, digests: set[str], done: Path) -> tuple[int, int]:
    count = failed = 0
    while not done.exists():
        count += 1
        try:
            sp.load(folder).sample(2)
            failed += digest_of(folder) not in digests
        except sp.SampanError as error:
            failed += 1
            print(error, flush=True)
    return count, failed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--savers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--saves", type=int, default=400)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    place = Path(tempfile.mkdtemp(prefix="model-folder-"))
    folder, done = place / "model", place / "done"
    models, digests = [], set()
    for first in range(args.savers):
        models.append(sp.fit({"value": [first, first + 1] * 50, "word": ["a", "b"] * 50}, steps=2))
        models[-1].save(folder)
        digests.add(digest_of(folder))
    pipes: list[tuple[str, int, int]] = []
    for index in range(args.savers + args.readers):
        what = "saves" if index < args.savers else "reads"
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            found = (0, 1)
            try:
                saver = index < args.savers
                found = _saves(models[index], folder, args.saves) if saver else _reads(folder, digests, done)
            finally:
                os.write(into, "{} {}".format(*found).encode())
                os._exit(0)
        os.close(into)
        pipes.append((what, child, out))
    total = {"saves": [0, 0], "reads": [0, 0]}
    for what, child, out in pipes:
        os.waitpid(child, 0)
        if what == "saves" and child == pipes[args.savers - 1][1]:
            done.touch()
        count, failed = map(int, os.read(out, 100).split())
        total[what][0] += count
        total[what][1] += failed
    left = sorted({one.name for one in folder.iterdir()})
    for what, (count, failed) in total.items():
        print(f"{what}: {failed} of {count:,} failed")
    print("in the folder:", ", ".join(left))
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
