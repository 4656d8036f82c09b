"""Is anything stuck, lost or left behind when a run is killed? Twenty kills of one run, each then made good.

    kills.py [--points 20] [--signal KILL|INT|TERM] [--steps 150]

A table that must be unpacked (a JSON array of 400 people) is made with a fixed number of steps, once
undisturbed and then once for each point: killed there (five of the points in the first second), and then
gone on with by `sampan make --resume`, or made anew by the same command where no run had begun. Printed
for each: what was found after the kill, what was done, whether the made rows and the weights are those
of the undisturbed run, and what was left in the working folder, the cache folder and the folder for
temporary files. Exit code 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sampan import datasets

SOON = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Seconds of the points in the first second."""

RUN = frozenset(
    "log.txt recipe.toml schema.toml new.json report.html report.json "
    "model model/columns.safetensors model/manifest.json model/model.json model/weights.safetensors".split()
)
"""All that a finished run of a table holds."""

LINE = (
    "import sys, sampan.learning.checkpoint as t, sampan.run.look as r; "
    "t.SAVE_EVERY = 0.2; r.LOOK_SECONDS = 0.5; "
    "from sampan.cli import main; sys.exit(main(sys.argv[1:]))"
)
"""A command line whose checkpoints come often and whose first look is short, so that kills meet all of it."""

PATIENCE = 600.0
"""Seconds after which something is stuck."""


class Place:
    """A folder to work in, with a cache folder and a folder for temporary files of its own."""

    def __init__(self, root: Path) -> None:
        self.work, self.cache, self.temporary = (root / name for name in ("work", "cache", "tmp"))
        for folder in (self.work, self.cache, self.temporary):
            folder.mkdir(parents=True)
        self.env = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "XDG_CACHE_HOME": str(self.cache),
            "TMPDIR": str(self.temporary),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Sampan with these words."""
        return subprocess.Popen(
            [sys.executable, "-c", LINE, *words],
            cwd=self.work,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # a shell makes what it starts in the background deaf to Ctrl-C
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def left(self, run: Path) -> list[str]:
        """What lies about beside a finished run."""
        inside = {str(path.relative_to(run)) for path in run.rglob("*")} - RUN
        others = {str(path.relative_to(self.work)) for path in self.work.iterdir()} - {
            "people.json",
            run.name,
        }
        files = {
            f"{folder.name}/{path.name}"
            for folder in (self.cache, self.temporary)
            for path in folder.rglob("*")
            if not path.is_dir()
        }
        return sorted(inside | others | files)


def table(path: Path) -> None:
    """400 people of the packaged census as a JSON array."""
    with gzip.open(datasets.path("census"), "rt", encoding="utf-8", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(400), strict=False)]
    path.write_text(json.dumps(rows), encoding="utf-8")


def killed(root: Path, after: float, how: int, steps: int) -> tuple[str, str, Path, Place]:
    """(what was found, what was done, the run, its place) of one kill, made good."""
    place = Place(root)
    table(place.work / "people.json")
    words = ["make", "people.json", "--steps", str(steps), "-o", "run"]
    running = place.start(*words)
    time.sleep(after)
    running.send_signal(how)
    _, told = running.communicate(timeout=PATIENCE)
    run = place.work / "run"
    begun = (run / "recipe.toml").exists()
    found = (
        "finished"
        if running.returncode == 0
        else "a run"
        if begun
        else "a folder"
        if run.exists()
        else "nothing"
    )
    if running.returncode == 0:
        return found, "nothing to do", run, place
    again = place.start(*(["make", "--resume", "run"] if begun else words))
    _, told = again.communicate(timeout=PATIENCE)
    if again.returncode != 0:
        return found, f"STUCK, exit {again.returncode}: {told.strip()}", run, place
    return found, "gone on with" if begun else "made anew", run, place


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--signal", choices=("KILL", "INT", "TERM"), default="KILL")
    parser.add_argument("--steps", type=int, default=150)
    args = parser.parse_args()
    how = signal.Signals[f"SIG{args.signal}"]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        _, _, whole, place = killed(Path(folder) / "whole", 0.0, 0, args.steps)
        took = time.monotonic() - begun
        left = place.left(whole)
        wrong += bool(left)
        print(f"undisturbed: {took:.1f} s; left behind: {', '.join(left) or 'nothing'}", flush=True)
        later = max(1, args.points - len(SOON))
        points = [*SOON, *(1.0 + (took - 1.5) * i / later for i in range(later))][: args.points]
        for number, after in enumerate(points):
            found, done, run, place = killed(Path(folder) / str(number), after, how, args.steps)
            same = all(
                (run / name).exists() and (run / name).read_bytes() == (whole / name).read_bytes()
                for name in ("new.json", "model/weights.safetensors")
            )
            left = place.left(run) if run.exists() else ["no run"]
            wrong += bool(left) or not same
            print(
                f"{args.signal} after {after:5.1f} s: found {found:<9} {done:<14} "
                f"{'the same' if same else 'ANOTHER RESULT'}; left behind: {', '.join(left) or 'nothing'}",
                flush=True,
            )
    print(f"{wrong} of {len(points)} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
