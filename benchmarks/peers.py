"""Quality against seconds of processor time on Adult: CTGAN, TVAE, mostlyai-engine and, where given, Sampan.

Each is fitted on one thread in the interpreter that holds it and measured here. A peer whose interpreter is
not given is left out; what results/peers-adult.json already holds of the others is kept and printed beside.

    peers.py --data D --ctgan-python PATH --mostly-python PATH [--sampan-python PATH]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from child import environment
from measures import all_measures
from tables import load, read

HERE = Path(__file__).resolve().parent
BUDGETS = (15.0, 60.0, 180.0, 600.0)
COLUMNS = ("shape_error", "trend_error_shared", "c2st_xgb", "auc", "alpha_precision", "beta_recall")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--ctgan-python", help="interpreter with ctgan and torch")
    parser.add_argument("--mostly-python", help="interpreter with mostlyai-engine")
    parser.add_argument("--sampan-python", help="interpreter with sampan")
    parser.add_argument("--budgets", type=float, nargs="+", default=BUDGETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--work", type=Path, help="folder to keep the made rows in; a temporary one when left out"
    )
    parser.add_argument("--out", type=Path, default=HERE / "results" / "peers-adult.json")
    args = parser.parse_args()
    table = load("adult", args.data)
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    interpreters = {"ctgan": args.ctgan_python, "tvae": args.ctgan_python, "mostlyai": args.mostly_python}
    with tempfile.TemporaryDirectory() as temporary:
        work = (args.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        train = work / "adult-train.csv"
        table.train.to_csv(train, index=False)

        def measured(peer: str, snapshots: list[dict[str, float]], folder: Path) -> None:
            for snapshot in snapshots:
                made = read(folder / f"made-{snapshot['budget']:g}.csv")
                measures = all_measures(table.train, made, table.test, table.roles, quick=True)
                results.setdefault(peer, {})[f"{snapshot['budget']:g}"] = snapshot | measures
                args.out.write_text(json.dumps(results, indent=1))
                print(peer, json.dumps({k: round(measures[k], 4) for k in COLUMNS}), flush=True)

        for peer, python in interpreters.items():
            if not python:
                continue
            folder = work / peer
            command = [python, str(HERE / "peer_one.py"), "--peer", peer, "--train", str(train)]
            command += ["--categories", json.dumps(table.roles.categories), "--rows", str(len(table.train))]
            command += ["--budgets", *map(str, args.budgets), "--seed", str(args.seed), "--out", str(folder)]
            subprocess.run(command, check=True, env=environment(1))
            measured(peer, json.loads((folder / "report.json").read_text())["snapshots"], folder)
        if args.sampan_python:
            folder = work / "sampan"
            folder.mkdir(exist_ok=True)
            for budget in args.budgets:
                made, report = folder / f"made-{budget:g}.csv", folder / f"report-{budget:g}.json"
                command = [args.sampan_python, str(HERE / "fit_one.py"), "--train", str(train)]
                command += ["--rows", str(len(table.train)), "--minutes", str(budget / 60)]
                command += ["--seed", str(args.seed), "--out", str(made), "--report", str(report)]
                command.append("--processor-clock")
                subprocess.run(command, check=True, env=environment(1))
                told = json.loads(report.read_text())
                measured(
                    "sampan", [told | {"budget": budget, "cpu_seconds": told["fit_cpu_seconds"]}], folder
                )
    show(results)


def show(results: dict[str, dict[str, dict[str, float]]]) -> None:
    """One line for each generator and budget."""
    names = ("budget s", "CPU s", "Shape %", "Trend* %", "C2ST", "AUC", "alpha %", "beta %", "rows/CPU s")
    print("| generator | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for peer, runs in results.items():
        for budget, run in sorted(runs.items(), key=lambda item: float(item[0])):
            cells = [budget, f"{run['cpu_seconds']:.0f}"]
            cells += [f"{run[k]:.3f}" if k in ("c2st_xgb", "auc") else f"{run[k]:.2f}" for k in COLUMNS]
            print(f"| {peer} | " + " | ".join([*cells, f"{run['rows_per_cpu_second']:.0f}"]) + " |")
    print("* edges of the bins shared by both tables. AUC: 4 settings searched, not 36.")


if __name__ == "__main__":
    main()
