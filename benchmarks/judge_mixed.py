"""Does the judge find a fault in a record of pictures and columns, wherever it is, and in real records none?

    judge_mixed.py [--trials 5] [--rows 400] [--alarms 0] [--out FILE]

Each trial deals scikit-learn's 1,797 digits into seen, unseen and "made" records at random: a digit with what
it shows and five more columns, of which age follows what it shows and ink the picture. Faults are planted in
the made records: one age in all of them (the table), turned or blurred digits (pictures), digits shuffled
among the records (only their connection). Printed for each: how often the gate "faithful" failed, and
which scores did. --alarms: so many trials more with real records alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits

import sampan as sp

Rows = dict[str, np.ndarray]
STEPS = 60
"""For the eye to learn."""


def deal(trial: int, rows: int) -> list[Rows]:
    """Seen, unseen and made records."""
    held = load_digits()
    pictures = (held.images * (255 / 16)).round().astype(np.uint8)  # type: ignore[union-attr]
    digits = held.target  # type: ignore[union-attr]
    order = np.random.default_rng([trial, 7]).permutation(len(digits))
    return [
        related(pictures[place], digits[place], np.random.default_rng([trial, side]))
        for side, place in enumerate(np.split(order[: 3 * rows], 3))
    ]


def related(pictures: np.ndarray, digits: np.ndarray, rng: np.random.Generator) -> Rows:
    """A digit, what it shows, and what follows from either."""
    age = np.clip(np.round(30 + 3 * digits + rng.normal(0, 8, len(digits))), 18, 90)
    return {
        "picture": pictures,
        "label": np.char.add("digit ", digits.astype(str)),
        "ink": np.round(pictures.mean(axis=(1, 2)) + rng.normal(0, 4, len(digits)), 1),
        "age": age,
        "even": np.where(digits % 2 == 0, "yes", "no"),
        "amount": np.round(np.exp(2 + age / 60 + rng.normal(0, 0.5, len(digits))), 2),
        "group": rng.choice(list("abc"), len(digits)),
    }


def blurred(rows: Rows) -> Rows:
    """Each pixel the mean of itself and its four neighbours."""
    x = rows["picture"].astype(float)
    around = [np.roll(x, step, axis) for step in (1, -1) for axis in (1, 2)]
    return {**rows, "picture": ((x + sum(around)) / 5).astype(np.uint8)}


def shuffled(rows: Rows) -> Rows:
    """Right pictures and a right table that have nothing to do with each other."""
    return {**rows, "picture": np.random.default_rng(1).permutation(rows["picture"])}


FAULTS: Mapping[str, Callable[[Rows], Rows]] = {
    "none: real records": lambda rows: rows,
    "table: age 7 in all": lambda rows: {**rows, "age": np.full(len(rows["age"]), 7.0)},
    "pictures: turned": lambda rows: {**rows, "picture": rows["picture"][:, ::-1]},
    "pictures: blurred": blurred,
    "connection: shuffled": shuffled,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400, help="of each side, at most 599")
    parser.add_argument("--alarms", type=int, default=0, help="trials more of real records")
    parser.add_argument("--out", type=Path, help="file for the counts as JSON")
    args = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Counter[str]] = {name: Counter() for name in FAULTS}
    for trial in range(args.trials + args.alarms):
        seen, unseen, made = deal(trial, args.rows)
        faults = FAULTS if trial < args.trials else dict(list(FAULTS.items())[:1])
        for name, fault in faults.items():
            begun = time.process_time()
            report = sp.judge(fault(made), seen=seen, unseen=unseen, gate="faithful", steps=STEPS, seed=trial)
            failed = [score.name for score in report.scores if score.passed is False]
            found[name].update(["trials", *(["faithful failed"] * (report.passed is False)), *failed])
            spent = time.process_time() - begun
            print(f"{trial} {name}: {report.passed}, {spent:.0f} s of processor", flush=True)
    for name, counts in found.items():
        told = ", ".join(f"{score} {count}" for score, count in counts.most_common())
        print(f"\n{name}\n    {told}")
    if args.out:
        args.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
