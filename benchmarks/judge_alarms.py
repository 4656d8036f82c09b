"""Does the judge fail what it should, and only that? Real, shuffled and copied rows, judged as if made.

    judge_alarms.py --data D                     # run with an interpreter that has sampan[judge,pandas]
    judge_alarms.py --data D --set S --made F    # only rows made elsewhere, from the training rows: ctgan.csv

Each trial deals all rows of a table into seen, unseen and "made" rows at random. Real rows should pass; the
same with every column shuffled should fail to look right; the same with 2 % of them copied from the seen rows
should be found out. Printed for each score: how many trials failed of those that were decided.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from tables import NAMES, load

from sampan.data import read
from sampan.evaluate.found import found
from sampan.evaluate.given import given
from sampan.evaluate.look import look
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides, comparable, independent, planted, sides
from sampan.evaluate.treated import treated
from sampan.evaluate.work import work
from sampan.learning.schema import read_schema

HERE = Path(__file__).resolve().parent
COPIED = 0.02


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--set", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--leaks", type=int, default=3, help="trials with shuffled and with copied rows")
    parser.add_argument("--made", nargs="+", default=[], help="CSV files of rows made from the training rows")
    parser.add_argument("--most", type=int, default=60_000, help="rows of a table that are dealt out")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "judge-alarms.json")
    args = parser.parse_args()
    if args.made and len(args.set) != 1:
        parser.error("--made holds rows of one table: name it with --set")
    kept = json.loads(args.out.read_text()) if args.out.exists() else {}
    for name in args.set:
        kept[name] = kept.get(name, {}) | trials(name, args)
        args.out.write_text(json.dumps(kept, indent=1))
        show(name, kept[name])


def trials(name: str, args: argparse.Namespace) -> dict[str, dict[str, list[str]]]:
    """Kind of made rows -> score -> "passed", "failed" or "undecided" for each trial."""
    table = load(name, args.data)
    whole = pd.concat([table.train, table.test], ignore_index=True)
    arrow = [read(frame) for frame in (whole, *(pd.read_csv(path) for path in args.made))]
    layout = read_schema(arrow[0], types={}).fit(arrow[0].columns)
    none = {column: cells.slice(0, 0) for column, cells in arrow[0].columns.items()}
    everything = sides(comparable(layout.codecs, [arrow[0].columns, none, none]))
    out: dict[str, dict[str, list[str]]] = {}

    def judged(kind: str, one: Sides) -> None:
        begun = time.process_time()
        scores = every(one)
        spent = time.process_time() - begun
        for score in scores:
            out.setdefault(kind, {}).setdefault(score.name, []).append(state(score))
        print(f"{name}, {kind}, {one.made.rows} rows: {spent:.1f} s of the processor", flush=True)

    count = 0 if args.made else args.trials
    for trial, (seen, unseen, made) in enumerate(dealt(everything.seen, count, args.most)):
        one = replace(everything, seen=seen, unseen=unseen, made=made, seed=trial)
        judged("real rows", one)
        if trial < args.leaks:
            rng = np.random.default_rng(trial)
            judged("independent columns", one.with_made(independent(made, rng)))
            judged("2 % copied", one.with_made(planted(made, seen, COPIED, rng)))
    for path, rows in zip(args.made, arrow[1:], strict=True):
        parts = [read(frame).columns for frame in (table.train, table.test)]
        judged(Path(path).stem, sides(comparable(layout.codecs, [*parts, rows.columns])))
    return out


def dealt(rows: Side, trials: int, most: int) -> Iterator[tuple[Side, Side, Side]]:
    """Three random thirds of at most so many rows, again and again."""
    for trial in range(trials):
        order = np.random.default_rng([trial, 7]).permutation(rows.rows)[:most]
        first, second, third = np.array_split(order, 3)
        yield rows.take(first), rows.take(second), rows.take(third)


def every(one: Sides) -> list[Score]:
    """The scores of all five questions."""
    return [*look(one), *given(one), *work(one), *found(one)[0], *treated(one)]


def state(score: Score) -> str:
    """The decision as a word."""
    return "undecided" if score.passed is None else "passed" if score.passed else "failed"


def show(name: str, found_: dict[str, dict[str, list[str]]]) -> None:
    """A row for each score: trials that failed of those decided."""
    kinds = list(found_)
    print(f"\n| {name} | " + " | ".join(kinds) + " |\n|---" + "|---" * len(kinds) + "|")
    for score in dict.fromkeys(score for kind in kinds for score in found_[kind]):
        cells = []
        for kind in kinds:
            states = found_[kind].get(score, [])
            decided = [one for one in states if one != "undecided"]
            cells.append(f"{decided.count('failed')} of {len(decided)}")
        print(f"| {score} | " + " | ".join(cells) + " |")
    count = max(len(states) for states in found_["real rows"].values())
    clean = sum(
        all(states[trial] != "failed" for states in found_["real rows"].values() if trial < len(states))
        for trial in range(count)
    )
    print(f"\nReal rows: no score failed in {clean} of {count} trials.\n", flush=True)


if __name__ == "__main__":
    main()
