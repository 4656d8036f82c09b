"""Measures one made file against a real table: measure_file.py --data D --set adult --made x.csv.

With --halves the file is taken to come from a model of the learned half alone (written by --write-half)
and only the share of rows nearer to what was learned is printed.
"""

from __future__ import annotations

import argparse
import json

from measures import all_measures, nearer_share
from tables import NAMES, load, read


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--set", required=True, choices=NAMES)
    parser.add_argument("--made", help="CSV or Parquet of made rows")
    parser.add_argument(
        "--full", action="store_true", help="search all 36 settings of the utility measure, not 4"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the folds and splits of the measures")
    parser.add_argument("--halves", action="store_true", help="only the share nearer to the learned half")
    parser.add_argument("--write-train", metavar="CSV", help="write the rows to learn from and stop")
    parser.add_argument(
        "--write-half", metavar="CSV", help="write the half to learn from for --halves and stop"
    )
    args = parser.parse_args()
    table = load(args.set, args.data)
    if args.write_train or args.write_half:
        frame, path = (
            (table.train, args.write_train) if args.write_train else (table.halves()[0], args.write_half)
        )
        frame.to_csv(path, index=False)
        return
    if not args.made:
        parser.error("--made FILE is needed")
    made = read(args.made)
    if args.halves:
        learned, held = table.halves()
        result = nearer_share(made, learned, held, table.roles)
    else:
        result = all_measures(table.train, made, table.test, table.roles, quick=not args.full, seed=args.seed)
    print(json.dumps({k: round(v, 4) for k, v in result.items()}, indent=1))


if __name__ == "__main__":
    main()
