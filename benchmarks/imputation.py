"""Imputation: a fifth of the cells of a table is knocked out; how near comes what each method puts there?

    python benchmarks/imputation.py --data D      (German credit: D/german/german.csv, UCI, CC BY 4.0)

nRMSE: the root of the mean squared error of a number column, in standard deviations of it, the mean over the
columns. right: the share of knocked-out categories that came back. Beside Sampan (one draw; the likeliest
value; the mean and the commonest value of several draws) stand the median and the commonest value, which
look at no other column, and scikit-learn's IterativeImputer over numbers and one-hot categories. Every method
learns from the same table with holes; with --unseen, from four fifths of the rows, whole, and the holes are
in the others.

Needs Sampan's environment with pandas and scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # which makes the next line work
from sklearn.impute import IterativeImputer

import sampan as sp

HERE = Path(__file__).parent
NUMBERS = ("duration", "amount", "rate", "residence", "age", "credits", "liable")
COLUMNS = (
    "status duration history purpose amount savings employment rate personal debtors residence property "
    "age plans housing credits job liable phone foreign risk"
).split()


def holes(table: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """Which cells are knocked out, each by chance alone: bool, of the table's shape."""
    flags = np.random.default_rng(seed).random(table.shape) < share
    return pd.DataFrame(flags, columns=table.columns)


def common(learned: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """The median of each number, the commonest of each category."""
    return lost.fillna(
        {name: learned[name].median() if name in NUMBERS else learned[name].mode()[0] for name in lost}
    )


def iterative(learned: pd.DataFrame, lost: pd.DataFrame, seed: int) -> pd.DataFrame:
    """scikit-learn's IterativeImputer as it comes; a category is the one-hot column that ends up largest."""
    kinds = [name for name in lost if name not in NUMBERS]
    values = {name: sorted(learned[name].dropna().unique()) for name in kinds}

    def wide(table: pd.DataFrame) -> pd.DataFrame:
        out = table[list(NUMBERS)].astype(float)
        for name in kinds:
            for value in values[name]:
                hot = (table[name] == value).astype(float)
                out[f"{name}={value}"] = hot.mask(table[name].isna())
        return out

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge in its ten rounds
        imputer = IterativeImputer(random_state=seed).fit(wide(learned))
        full = pd.DataFrame(imputer.transform(wide(lost)), columns=wide(lost).columns, index=lost.index)
    out = lost.copy()
    for name in NUMBERS:
        out[name] = out[name].fillna(full[name])
    for name in kinds:
        scores = full[[f"{name}={value}" for value in values[name]]].to_numpy()
        best = pd.Series(np.array(values[name], dtype=object)[scores.argmax(axis=1)], index=lost.index)
        out[name] = out[name].fillna(best)
    return out


def middle(draws: list[pd.DataFrame]) -> pd.DataFrame:
    """Of several fills the mean of each number and the commonest of each category."""
    out = draws[0].copy()
    for name in out:
        cells = pd.concat([one[name] for one in draws], axis=1)
        out[name] = cells.mean(axis=1) if name in NUMBERS else cells.mode(axis=1)[0]
    return out


def scores(full: pd.DataFrame, table: pd.DataFrame, gone: pd.DataFrame) -> dict[str, float]:
    """nRMSE over the knocked-out numbers, the share of right ones of the categories."""
    errors = [
        np.sqrt(((full[name] - table[name])[gone[name]].astype(float) ** 2).mean()) / table[name].std()
        for name in NUMBERS
    ]
    kinds = [name for name in table if name not in NUMBERS]
    right = np.concatenate([(full[name] == table[name])[gone[name]] for name in kinds])
    return {"nrmse": float(np.mean(errors)), "right": float(right.mean())}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with german/german.csv")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--unseen", action="store_true", help="learn from four fifths of the rows, whole; fill the others"
    )
    parser.add_argument("--out", type=Path, default=HERE / "results" / "imputation.json")
    args = parser.parse_args()
    table = pd.read_csv(Path(args.data) / "german" / "german.csv", header=None, names=COLUMNS)
    table = table.astype({name: object for name in table if name not in NUMBERS})
    table = table.assign(risk=table["risk"].astype(str))
    found: dict[str, list[dict[str, float]]] = {}
    for seed in range(args.seeds):
        truth, learned = table, None
        if args.unseen:
            order = np.random.default_rng([seed, 1]).permutation(len(table))
            cut = len(table) * 4 // 5
            learned, truth = table.iloc[order[:cut]], table.iloc[order[cut:]].reset_index(drop=True)
        gone = holes(truth, args.share, seed)
        lost = truth.mask(gone)
        learned = lost if learned is None else learned
        begun = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sp.Notice)
            model = sp.fit(learned, minutes=args.minutes, seed=seed)
        print(f"seed {seed}: learned in {time.monotonic() - begun:.0f} s", flush=True)
        draws = model.fill(lost, times=args.draws, seed=seed)
        filled = {
            "median, commonest": common(learned, lost),
            "IterativeImputer": iterative(learned, lost, seed),
            "Sampan, one draw": draws[0],
            "Sampan, likeliest": model.fill(lost, how="likeliest"),
            f"Sampan, middle of {args.draws} draws": middle(draws),
        }
        for name, full in filled.items():
            found.setdefault(name, []).append(scores(full, truth, gone))
    print("\n| method | nRMSE | right categories |\n|---|---|---|")
    for name, runs in found.items():
        told = [
            f"{np.mean([run[key] for run in runs]):.3f} ± {np.std([run[key] for run in runs]):.3f}"
            for key in ("nrmse", "right")
        ]
        print(f"| {name} | {told[0]} | {told[1]} |")
    told = json.loads(args.out.read_text()) if args.out.exists() else {}
    told["unseen" if args.unseen else "holed"] = {
        "minutes": args.minutes,
        "share": args.share,
        "found": found,
    }
    args.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
