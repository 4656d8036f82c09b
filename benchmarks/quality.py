"""Sampan's quality on the papers' four tables: fits, measures, prints each figure beside its floors and the
peers'.

    quality.py --data D --python PATH                     # 3 seeds, 3 minutes, 2 threads, all four tables
    quality.py --data D --set adult --made a.csv b.csv    # measures rows that are made already

Each seed is two fits: one on the training rows for every measure but one, and one on half of all rows for the
share of made rows nearer to what was learned (--no-nearer leaves it out). Made rows = learned rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from child import environment
from floors import KINDS
from measures import all_measures, nearer_share
from published import AIMS, PUBLISHED
from tables import NAMES, Table, load, read

HERE = Path(__file__).resolve().parent
# name in the results, title, better when greater, digits, name among the published figures
ROWS = (
    ("shape_error", "Shape error %", False, 2, "shape_error"),
    ("trend_error_shared", "Trend error %, shared edges", False, 2, None),
    ("trend_error", "Trend error %, sdmetrics' edges", False, 2, "trend_error"),
    ("c2st_xgb", "XGBoost C2ST", True, 3, "c2st_xgb"),
    ("alpha_precision", "alpha-precision %", True, 2, "alpha_precision"),
    ("beta_recall", "beta-recall %", True, 2, "beta_recall"),
    ("auc", "AUC, trained on made", True, 3, "auc"),
    ("rmse", "RMSE of log, trained on made", False, 3, "auc"),
    ("nearer_share", "nearer to learned % (ties half)", False, 2, None),
    ("nearer_share_strict", "nearer to learned % (ties none)", False, 2, "nearer_share_strict"),
    ("fit_wall_seconds", "seconds of fitting", False, 0, "training_seconds"),
)
PEERS = ("TabSyn", "TabDiff", "TabPC", "CTGAN", "Independent")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--set", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--python", help="interpreter that has sampan")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--processor-clock", action="store_true", help="count the minutes of the processor, not of the wall"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2))
    parser.add_argument("--options", default="{}", help="JSON object of more arguments to sampan.fit")
    parser.add_argument(
        "--made", nargs="+", help="files of made rows to measure instead of fitting; one --set"
    )
    parser.add_argument(
        "--made-half", nargs="+", default=[], help="the same from fits on half (--write-half)"
    )
    parser.add_argument("--no-nearer", action="store_true", help="leave out the second fit of each seed")
    parser.add_argument("--full", action="store_true", help="search all 36 settings of the utility measure")
    parser.add_argument("--work", type=Path, help="folder to keep made rows in; temporary when left out")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for quality-SET.json")
    args = parser.parse_args()
    if args.made and len(args.set) != 1:
        parser.error("--made measures one table: name it with --set")
    if not args.made and not args.python:
        parser.error("--python PATH (the interpreter that has sampan) or --made FILE is needed")
    for name in args.set:
        try:
            table = load(name, args.data)
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")
            continue
        with tempfile.TemporaryDirectory() as temporary:
            work = (args.work or Path(temporary)).resolve()
            work.mkdir(parents=True, exist_ok=True)
            runs = measured_files(table, args) if args.made else fitted(table, work, args)
        if not args.made:
            args.out.mkdir(parents=True, exist_ok=True)
            settings = {
                "minutes": args.minutes,
                "threads": args.threads,
                "processor_clock": args.processor_clock,
                "options": json.loads(args.options),
            }
            stored = {"table": name, **settings, "utility_settings": 36 if args.full else 4, "runs": runs}
            (args.out / f"quality-{name}.json").write_text(json.dumps(stored, indent=1))
        show(table, runs, HERE / "results" / "floors.json", full=args.full)


def measured_files(table: Table, args: argparse.Namespace) -> list[dict[str, float]]:
    """The measures of rows that were made elsewhere, one entry for each file."""
    runs: list[dict[str, float]] = [
        all_measures(table.train, read(path), table.test, table.roles, quick=not args.full)
        for path in args.made
    ]
    learned, held = table.halves()
    for run, path in zip(runs, args.made_half, strict=False):
        run |= nearer_share(read(path), learned, held, table.roles)
    return runs


def fitted(table: Table, work: Path, args: argparse.Namespace) -> list[dict[str, float]]:
    """Fits and measures every seed in turn."""
    runs = []
    learned, held = table.halves()
    for seed in args.seeds:
        made, report = fit(table.train, work / f"{table.name}-{seed}", seed, args)
        run = report | all_measures(
            table.train, made, table.test, table.roles, quick=not args.full, seed=seed
        )
        if not args.no_nearer:
            made, report = fit(learned, work / f"{table.name}-half-{seed}", seed, args)
            run |= nearer_share(made, learned, held, table.roles)
            run["half_fit_wall_seconds"] = report["fit_wall_seconds"]
        runs.append(run)
        told = {key: round(run[key], 4) for key, *_ in ROWS if key in run}
        print(table.name, "seed", seed, json.dumps(told), flush=True)
    return runs


def fit(rows: pd.DataFrame, stem: Path, seed: int, args: argparse.Namespace) -> tuple[pd.DataFrame, dict]:
    """One child process: as many made rows as it was given, and its report."""
    train, made, report = (stem.with_name(stem.name + end) for end in ("-train.csv", "-made.csv", ".json"))
    rows.to_csv(train, index=False)
    command = [args.python, str(HERE / "fit_one.py"), "--train", str(train), "--rows", str(len(rows))]
    command += ["--minutes", str(args.minutes), "--seed", str(seed), "--options", args.options]
    command += ["--out", str(made), "--report", str(report)]
    if args.processor_clock:
        command.append("--processor-clock")
    subprocess.run(command, check=True, env=environment(args.threads))
    return read(made), json.loads(report.read_text())


def show(table: Table, runs: list[dict[str, float]], floors_file: Path, full: bool) -> None:
    """The table of one data set, in Markdown."""
    floors = json.loads(floors_file.read_text()).get(table.name, {}) if floors_file.exists() else {}
    for kind in ("test", "half"):
        if kind not in floors:
            floors[kind] = [KINDS[kind](table, not full, 0)]
    both = f"{len(table.train)}, {len(table.test)}"
    half = (len(table.train) + len(table.test)) // 2
    print(f"\n### {table.name}: {len(table.train)} training rows, {len(runs)} seeds\n")
    head = [
        "measure",
        "Sampan",
        "aim",
        f"floor: test (rows {both})",
        f"floor: halves (rows {half}, {half})",
    ]
    print("| " + " | ".join([*head, *PEERS]) + " |")
    print("|---" * (len(head) + len(PEERS)) + "|")
    for key, title, greater, digits, published in ROWS:
        if not any(key in run for run in runs):
            continue
        if key in ("auc", "rmse"):
            title += f" ({36 if full else 4} settings)"
        aim = AIMS.get(key, {}).get(table.name)
        cells = [title, spread([run[key] for run in runs if key in run], digits)]
        cells.append("" if aim is None else f"{'>=' if greater else '<='} {aim:g}")
        cells += [spread([f[key] for f in floors[kind] if key in f], digits) for kind in ("test", "half")]
        figures = PUBLISHED.get(published or "", {}).get(table.name, {})
        cells += [f"{figures[peer]:.{digits}f}" if peer in figures else "" for peer in PEERS]
        print("| " + " | ".join(cells) + " |")
    print(
        "\nFloors are real rows in the place of made ones: the test rows against the training rows, and one"
    )
    print(
        "random half of all rows against the other. Neither has as many rows as Sampan made, so the noise of"
    )
    print("sampling differs a little. Peers: as published, see published.py.")


def spread(values: list[float], digits: int) -> str:
    """Mean and, of more than one value, standard deviation."""
    if not values:
        return ""
    mean = f"{np.mean(values):.{digits}f}"
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else mean


if __name__ == "__main__":
    main()
