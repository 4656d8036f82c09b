"""The trade along training: how indistinguishable made rows are, and how near they lie to what was learned.

A model of one half of a table is fitted for more and more steps. Printed for each: the XGBoost C2ST against
the learned half and against the other one, which it never saw, and the share of made rows nearer to the
learned half (50 is ideal). A model that only copies would score 1 and 100 %.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from measures import c2st, nearer_share
from quality import fit
from tables import NAMES, load

HERE = Path(__file__).parent


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--python", required=True, help="interpreter that has sampan")
    parser.add_argument("--set", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--steps", type=int, nargs="+", default=(100, 200, 400, 800))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "trade.json")
    args = parser.parse_args()
    args.minutes, args.processor_clock = 10.0, True
    found = json.loads(args.out.read_text()) if args.out.exists() else {}
    for name in args.set:
        table = load(name, args.data)
        learned, held = table.halves()
        print(f"\n### {name}: {len(learned)} rows learned\n")
        print("| steps | seconds | C2ST to learned | C2ST to unseen | nearer to learned % |")
        print("|---|---|---|---|---|")
        print(f"| unseen real rows | | {c2st(learned, held, table.roles):.3f} | | |")
        found[name] = []
        for steps in args.steps:
            args.options = json.dumps({"steps": steps})
            with tempfile.TemporaryDirectory() as work:
                made, report = fit(learned, Path(work) / "half", args.seed, args)
            row = {
                "steps": steps,
                "seconds": report["fit_wall_seconds"],
                "c2st_learned": c2st(learned, made, table.roles),
                "c2st_unseen": c2st(held, made, table.roles),
                **nearer_share(made, learned, held, table.roles),
            }
            found[name].append(row)
            print(
                f"| {steps} | {row['seconds']:.0f} | {row['c2st_learned']:.3f} | {row['c2st_unseen']:.3f} "
                f"| {row['nearer_share']:.1f} |",
                flush=True,
            )
        args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
