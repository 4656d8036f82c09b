"""Three figures about machines: made rows per second, a million rows by 30 columns, 300,000 distinct values.

    speed.py sampling --data D --sampan-python P --ctgan-python P --mostly-python P
    speed.py million --sampan-python P
    speed.py distinct --sampan-python P

Each fit is a child process, so that its peak memory is its own. Sampling is counted in seconds of processor
time on one thread; the time to the first training step is wall clock, on as many threads as --threads says.
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
from tables import load

ROUNDS = "8"
HERE = Path(__file__).resolve().parent


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("sampling", "million", "distinct"))
    parser.add_argument("--data", help="folder with the real tables, for sampling")
    parser.add_argument("--sampan-python", help="interpreter with sampan")
    parser.add_argument("--ctgan-python", help="interpreter with ctgan and torch")
    parser.add_argument("--mostly-python", help="interpreter with mostlyai-engine")
    parser.add_argument("--minutes", type=float, default=1.0, help="of each fit")
    parser.add_argument("--threads", type=int, default=2, help="for million and distinct; sampling has one")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the million")
    parser.add_argument("--options", default="{}", help="JSON object of more arguments to sampan.fit")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "speed.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        if args.what == "sampling":
            if not args.data:
                parser.error("sampling needs --data")
            result = sampling(work, args)
        elif not args.sampan_python:
            parser.error(f"{args.what} needs --sampan-python")
        else:
            result = million(work, args) if args.what == "million" else distinct(work, args)
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    results[args.what] = results.get(args.what, {}) | result
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(results, indent=1))
    print(json.dumps(result, indent=1))


def sampling(work: Path, args: argparse.Namespace) -> dict[str, dict]:
    """Rows per second of processor time of every generator given, after a fit on Adult, one after another.

    As many rows as the training table has, made eight times; the median of the last seven counts, from the
    call to the finished frame, decoding included.
    """
    table = load("adult", args.data)
    train = work / "train.csv"
    table.train.to_csv(train, index=False)
    seconds = args.minutes * 60
    out: dict[str, dict] = {}
    for peer, python in (("ctgan", args.ctgan_python), ("mostlyai", args.mostly_python)):
        if not python:
            continue
        command = [
            python,
            str(HERE / "peer_one.py"),
            "--peer",
            peer,
            "--train",
            str(train),
            "--rounds",
            ROUNDS,
        ]
        command += ["--categories", json.dumps(table.roles.categories), "--rows", str(len(table.train))]
        command += ["--budgets", str(seconds), "--out", str(work / peer)]
        subprocess.run(command, check=True, env=environment(1), stdout=subprocess.DEVNULL)
        told = json.loads((work / peer / "report.json").read_text())
        out[peer] = told["snapshots"][-1] | {"peak_megabytes": told["peak_megabytes"]}
    if args.sampan_python:
        more = ["--rounds", ROUNDS, "--out", str(work / "made.csv")]
        out["sampan"] = sampan(train, len(table.train), 1, args, work, more)
    for peer, told in out.items():
        print(f"{peer}: {told['rows_per_cpu_second']:.0f} rows per second of processor time", flush=True)
    return out


def million(work: Path, args: argparse.Namespace) -> dict:
    """A million rows by 30 columns: seconds to the first training step, and the most memory held."""
    path = work / "million.csv"
    wide(args.rows).to_csv(path, index=False)
    megabytes = path.stat().st_size / 2**20
    told = sampan(path, args.rows, args.threads, args, work, [])
    return told | {"table_rows": args.rows, "file_megabytes": round(megabytes)}


def wide(rows: int, seed: int = 0) -> pd.DataFrame:
    """30 columns of the kinds that tables have, all depending on three hidden numbers of each row."""
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((rows, 3))
    columns: dict[str, object] = {}
    for k in range(10):  # continuous, some with heavy tails
        value = hidden[:, k % 3] * (1 + k / 10) + rng.standard_normal(rows)
        columns[f"real_{k}"] = np.round(np.exp(value) if k % 2 else value, 4)
    for k in range(6):  # whole numbers, one with many noughts
        count = rng.poisson(np.exp(hidden[:, k % 3] * 0.5 + k / 2))
        columns[f"count_{k}"] = np.where(rng.random(rows) < 0.6, 0, count) if k == 0 else count
    for k, size in enumerate((2, 2, 3, 5, 8, 12, 20, 50, 200, 1000)):  # categories, small to large
        scores = rng.standard_normal(size) * 2
        place = hidden[:, k % 3] + rng.standard_normal(rows) * 0.5
        code = np.searchsorted(np.sort(scores)[:-1], place)
        columns[f"kind_{k}"] = np.char.add("c", code.astype(str))
    day = (np.clip(hidden[:, 0] + 3, 0, 6) / 6 * 3000).astype(int)
    columns["day"] = (np.datetime64("2015-01-01") + day).astype(str)
    columns["flag"] = np.where(hidden[:, 1] > 0.7, "yes", "no")
    holes = np.where(rng.random(rows) < 0.2, np.nan, np.round(hidden[:, 2] * 10, 1))
    columns["with_holes"] = holes
    columns["id"] = np.char.add("R", np.char.zfill(rng.permutation(rows).astype(str), 8))
    return pd.DataFrame(columns)


def distinct(work: Path, args: argparse.Namespace) -> dict:
    """What 300,000 distinct values in one column cost: memory beside the same table with 1,000 of them."""
    rows, out = 600_000, {}
    rng = np.random.default_rng(0)
    amount, kind = np.round(rng.lognormal(size=rows), 2), rng.choice(["a", "b", "c"], rows)
    for many in (1_000, 300_000):
        # Every value occurs at least once and few occur often, as with streets or products.
        code = np.concatenate([np.arange(many), (many * rng.random(rows - many) ** 3).astype(int)])
        name = np.char.add("value ", np.char.zfill(rng.permutation(code).astype(str), 6))
        path = work / f"distinct-{many}.csv"
        pd.DataFrame({"amount": amount, "kind": kind, "name": name}).to_csv(path, index=False)
        more = ["--out", str(work / "made.csv")]
        told = sampan(path, 10_000, args.threads, args, work, more)
        made = pd.read_csv(work / "made.csv")
        told["invented"] = int((~made["name"].isin(np.unique(name))).sum())
        out[str(many)] = told
    out["growth_megabytes"] = out["300000"]["peak_megabytes"] - out["1000"]["peak_megabytes"]
    return out


def sampan(
    train: Path, rows: int, threads: int, args: argparse.Namespace, work: Path, more: list[str]
) -> dict:
    """One fit of Sampan in a child process, and its report."""
    report = work / "report.json"
    command = [args.sampan_python, str(HERE / "fit_one.py"), "--train", str(train), "--rows", str(rows)]
    command += ["--minutes", str(args.minutes), "--options", args.options, "--report", str(report), *more]
    subprocess.run(command, check=True, env=environment(threads))
    return json.loads(report.read_text())


if __name__ == "__main__":
    main()
