"""Every measure of real rows against real rows: what a perfect model would score, as far as the data allow
it.

Two floors, since no real table has a second sample of its own size. `test`: the real test rows against the
training rows. `half`: two random halves of all real rows. Sampling noise falls with the number of rows, so
a perfect model that makes as many rows as it learned from would do somewhat better in Shape and Trend than
either (a factor of about 0.7 for the halves). `shuffled`: every column of the training rows shuffled by
itself, which keeps each column and loses everything between them: what no learning at all scores.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from measures import all_measures, nearer_share, utility
from tables import NAMES, Table, load


def test_floor(table: Table, quick: bool, seed: int) -> dict[str, float]:
    """The test rows in the place of made rows; utility is of a model trained on the real training rows."""
    out = all_measures(table.train, table.test, table.test, table.roles, quick=True, seed=seed)
    real = real_utility(table, quick, seed)
    learned, held = _halves_of(table.train, seed)
    return out | real | nearer_share(table.test, learned, held, table.roles)


def real_utility(table: Table, quick: bool, seed: int) -> dict[str, float]:
    """The utility of the real training rows themselves."""
    return utility(table.train, table.test, table.train, table.roles, quick=quick, seed=seed)


def half_floor(table: Table, quick: bool, seed: int) -> dict[str, float]:
    """One random half of all real rows in the place of made rows, the other as what was learned."""
    learned, held = table.halves(1234 + seed)
    return all_measures(learned, held, table.test, table.roles, quick=quick, seed=seed)


def shuffled(table: Table, quick: bool, seed: int) -> dict[str, float]:
    """Each training column shuffled by itself."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame(
        {c: table.train[c].to_numpy()[rng.permutation(len(table.train))] for c in table.train}
    )
    return all_measures(table.train, made, table.test, table.roles, quick=quick, seed=seed)


def _halves_of(rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    order = np.random.default_rng(seed).permutation(len(rows))
    middle = len(rows) // 2
    first, second = rows.iloc[order[:middle]], rows.iloc[order[middle : 2 * middle]]
    return first.reset_index(drop=True), second.reset_index(drop=True)


KINDS = {"test": test_floor, "half": half_floor, "shuffled": shuffled}


def main() -> None:
    """The command line: prints and stores the floors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument(
        "--set", action="append", choices=NAMES, help="may be repeated; all four when left out"
    )
    parser.add_argument(
        "--kind", action="append", choices=sorted(KINDS), help="may be repeated; all when left out"
    )
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--full", action="store_true", help="search all 36 settings of the utility measure, not 4"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "floors.json")
    args = parser.parse_args()
    stored = json.loads(args.out.read_text()) if args.out.exists() else {}
    for name in args.set or NAMES:
        try:
            table = load(name, args.data)
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")
            continue
        for kind in args.kind or KINDS:
            runs = [KINDS[kind](table, not args.full, seed) for seed in range(args.seeds)]
            stored.setdefault(name, {})[kind] = runs
            mean = {k: round(float(np.mean([run[k] for run in runs])), 4) for k in runs[0]}
            print(
                name,
                kind,
                json.dumps({k: v for k, v in mean.items() if not k.startswith("seconds")}),
                flush=True,
            )
            args.out.parent.mkdir(parents=True, exist_ok=True)
            args.out.write_text(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main()
