"""How strong every conditional of made rows is: each column predicted from all others by boosted trees.

Trees learn on real rows, on as many made rows, and on as many other real ones (the floor); real rows that
neither trees nor models ever saw say how well each predicts. A column's skill is, for classes, the mean over
classes (one against the rest) of 2 AUC - 1; for numbers R^2 of their ranks among the learned ones. Its
strength is the skill of made rows over that of real ones: 1 where a column follows from the others as in
reality, 0 where it follows from nothing. The mean over columns is the global utility of TabStruct
(arXiv:2509.11950) with skills that are 0 by chance, where theirs, an accuracy, is not: by theirs half of
a lost conditional goes unseen.

    strength.py --data D --python P [--set claims adult] [--seeds 3] [--ctgan-python P] [--mostly-python P]

A column that the real rows themselves say less than .05 of is left out of the mean, and printed all the same.
Intervals are over seeds, of which each has its own split, fit and made rows: 95 % by Student's t.
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
from scipy.stats import t as student
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import roc_auc_score
from tables import CLAIMS, NAMES, Roles, like, load, read

HERE = Path(__file__).resolve().parent
LEAST = 0.05
"""Skill of real rows from which on a column counts: below, its ratio is one of two chances."""

FEW = 20
"""Tested rows of a class, and of all others, from which on it has an AUC."""

CLASSES = 20
"""Classes that trees tell apart; rarer ones are one."""

TREES = {
    "max_iter": 60,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--set", nargs="+", choices=(*NAMES, CLAIMS), default=("adult", "shoppers", CLAIMS))
    parser.add_argument("--python", help="interpreter with sampan")
    parser.add_argument("--ctgan-python", help="interpreter with ctgan and torch")
    parser.add_argument("--mostly-python", help="interpreter with mostlyai-engine")
    parser.add_argument("--minutes", type=float, default=2.0, help="of each fit, by the processor's clock")
    parser.add_argument("--rows", type=int, default=10_000, help="to learn from, at most two fifths of all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--options", default="{}", help="JSON object of more arguments to sampan.fit")
    parser.add_argument("--work", type=Path, help="folder to keep made rows in; temporary when left out")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for strength-SET.json")
    args = parser.parse_args()
    for name in args.set:
        try:
            table = load(name, args.data)
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")
            continue
        rows = pd.concat([table.train, table.test], ignore_index=True)
        with tempfile.TemporaryDirectory() as temporary:
            work = (args.work or Path(temporary)).resolve()
            work.mkdir(parents=True, exist_ok=True)
            runs = [
                of_seed(rows, table.roles, work / f"{name}-{seed}", seed, args) for seed in range(args.seeds)
            ]
        args.out.mkdir(parents=True, exist_ok=True)
        stored = {"table": name, "minutes": args.minutes, "options": json.loads(args.options), "runs": runs}
        (args.out / f"strength-{name}.json").write_text(json.dumps(stored, indent=1))
        show(name, runs)


def of_seed(
    rows: pd.DataFrame, roles: Roles, stem: Path, seed: int, args: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """who -> column -> skill, of one split: two equal parts of real rows, the rest to test on."""
    order = np.random.RandomState(seed).permutation(len(rows))
    size = min(args.rows, len(rows) * 2 // 5)
    learned, others, tested = (
        rows.iloc[part].reset_index(drop=True)
        for part in (order[:size], order[size : 2 * size], order[2 * size :][: args.rows])
    )
    made = {"real": learned, "others": others} | made_rows(learned, roles, stem, seed, args)
    cells = {who: codes(like(frame, learned, roles), learned, roles) for who, frame in made.items()}
    test, out = codes(like(tested, learned, roles), learned, roles), {}
    for who, own in cells.items():
        out[who] = {
            column: skill(own, test, index, column in roles.numbers) for index, column in enumerate(rows)
        }
        shown = np.mean(list(out[who].values()))
        print(f"{stem.name}: {who}, mean skill {shown:.3f}", flush=True)
    return out


def made_rows(
    learned: pd.DataFrame, roles: Roles, stem: Path, seed: int, args: argparse.Namespace
) -> dict[str, pd.DataFrame]:
    """Who was asked for -> as many made rows as were learned."""
    train, out = stem.with_suffix(".csv"), {}
    learned.to_csv(train, index=False)
    size, env = str(len(learned)), environment(1)
    if args.python:
        path = stem.with_suffix(".made.csv")
        command = [args.python, str(HERE / "fit_one.py"), "--train", str(train), "--rows", size]
        command += ["--minutes", str(args.minutes), "--seed", str(seed), "--options", args.options]
        command += ["--out", str(path), "--report", str(stem.with_suffix(".json")), "--processor-clock"]
        subprocess.run(command, check=True, env=env)
        out["sampan"] = read(path)
    peers = {"ctgan": args.ctgan_python, "tvae": args.ctgan_python, "mostlyai": args.mostly_python}
    for peer, python in peers.items():
        if not python:
            continue
        folder, budget = stem.parent / f"{stem.name}-{peer}", args.minutes * 60
        command = [python, str(HERE / "peer_one.py"), "--peer", peer, "--train", str(train), "--rows", size]
        command += ["--categories", json.dumps(roles.categories), "--budgets", str(budget)]
        command += ["--seed", str(seed), "--out", str(folder)]
        subprocess.run(command, check=True, env=env)
        out[peer] = read(folder / f"made-{budget:g}.csv")
    return out


def codes(frame: pd.DataFrame, learned: pd.DataFrame, roles: Roles) -> np.ndarray:
    """A table as trees take it: ranks of numbers among learned ones, classes by frequency, NaN where none.

    float64 (rows, columns).
    """
    out = np.empty((len(frame), len(learned.columns)))
    for index, column in enumerate(learned):
        if column in roles.numbers:
            known, own = np.sort(learned[column].dropna().to_numpy(float)), frame[column].to_numpy(float)
            middle = (np.searchsorted(known, own) + np.searchsorted(known, own, "right")) / 2 / len(known)
            out[:, index] = np.where(np.isnan(own), np.nan, middle)
        else:
            places = {value: place for place, value in enumerate(learned[column].value_counts().index)}
            out[:, index] = [places.get(value, np.nan) for value in frame[column]]
    return np.minimum(out, CLASSES - 1, where=_is_class(learned, roles), out=out)


def _is_class(learned: pd.DataFrame, roles: Roles) -> np.ndarray:
    return np.array([column not in roles.numbers for column in learned])


def skill(cells: np.ndarray, test: np.ndarray, column: int, number: bool) -> float:
    """How well a column of unseen real rows is predicted by trees that learned on other rows: 0 by chance."""
    rest = [other for other in range(cells.shape[1]) if other != column]
    own, truth = cells[~np.isnan(cells[:, column])], test[~np.isnan(test[:, column])]
    target, answers = own[:, column], truth[:, column]
    if len(np.unique(target)) < 2:
        return 0.0
    if number:
        trees = HistGradientBoostingRegressor(**TREES).fit(own[:, rest], target)
        left = ((answers - trees.predict(truth[:, rest])) ** 2).sum()
        return float(1 - left / ((answers - answers.mean()) ** 2).sum())
    trees = HistGradientBoostingClassifier(**TREES).fit(own[:, rest], target)
    odds = trees.predict_proba(truth[:, rest])
    told = []
    for klass in np.unique(answers):
        is_one = answers == klass
        if min(is_one.sum(), (~is_one).sum()) < FEW:
            continue
        where = np.flatnonzero(trees.classes_ == klass)
        told.append(2 * roc_auc_score(is_one, odds[:, where[0]]) - 1 if len(where) else 0.0)
    return float(np.mean(told)) if told else 0.0


def show(name: str, runs: list[dict[str, dict[str, float]]]) -> None:
    """A line for each column, weakest first, and the mean over those that count."""
    whos = [who for who in runs[0] if who != "real"]
    real = {column: np.mean([run["real"][column] for run in runs]) for column in runs[0]["real"]}
    counted = [column for column in real if real[column] >= LEAST]
    ratios = {
        who: {column: [run[who][column] / run["real"][column] for run in runs] for column in counted}
        for who in whos
    }
    last = whos[-1] if "sampan" not in whos else "sampan"
    print(f"\n### {name}: strength of every conditional, real rows' skill = 1\n")
    titles = ["real" if who == "others" else who for who in whos]
    print("| column | skill of real rows | " + " | ".join(titles) + " |")
    print("|---" * (len(whos) + 2) + "|")
    means = {
        who: [np.mean([ratios[who][column][run] for column in counted]) for run in range(len(runs))]
        for who in whos
    }
    print(f"| mean of {len(counted)} | | " + " | ".join(_interval(means[who]) for who in whos) + " |")
    for column in sorted(counted, key=lambda one: np.mean(ratios[last][one])):
        cells = " | ".join(_interval(ratios[who][column]) for who in whos)
        print(f"| {column} | {real[column]:.3f} | {cells} |")
    for column in (one for one in real if one not in counted):
        print(f"| {column} (not counted) | {real[column]:.3f} |" + " |" * len(whos))


def _interval(values: list[float]) -> str:
    """The mean and half the width of its 95 % interval over the seeds."""
    if len(values) < 2:
        return f"{values[0]:.3f}"
    half = student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5
    return f"{np.mean(values):.3f} ± {half:.3f}"


if __name__ == "__main__":
    main()
