"""Statements: card accounts over six months, of which what holds in some rows must hold in as many made ones.

    python benchmarks/statements.py [--minutes 3] [--rows 4000] [--seeds 3] [--steps N]

balance' = balance - paid + bought, and interest of 1 to 3 % on what is carried on. A seventh of people pays
the bill in full, a fifth its least (5 %, at least 50), a tenth nothing; others a share; most do as they did
the month before. Printed for each seed: the share of bills paid in full, at their least and not at all, and
of balances carried on without interest, real and made; how well gradient-boosted trees tell made rows from
unseen ones (C2ST: 2 (1 - AUC), 1 where they cannot), beside real rows against real ones; with --plain also
with no rule kept.

Needs Sampan's environment with pandas and scikit-learn. Set OMP_NUM_THREADS to the cores that may be used.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

import sampan as sp

RESULTS = Path(__file__).parent / "results" / "statements.json"
MONTHS = range(1, 7)
FULL, LEAST, NOTHING = 1 / 7, 0.2, 0.1


def least_of(balance: np.ndarray) -> np.ndarray:
    """The least payment: 5 % of the balance, at least 50, at most all of it."""
    return np.minimum(balance, np.maximum(50, np.round(balance * 0.05, 2)))


def world(rows: int, seed: int) -> pd.DataFrame:
    """Accounts, one a row."""
    rng = np.random.default_rng(seed)
    odds = [FULL, LEAST, NOTHING, 1 - FULL - LEAST - NOTHING]
    habit, income = rng.choice(4, rows, p=odds), rng.lognormal(9.5, 0.5, rows)
    balance = np.round(rng.gamma(2, income / 6), 2)
    out = {"income": np.round(income, -2), "limit": np.round(income * rng.choice([1, 2, 3], rows), -3)}
    for month in MONTHS:
        how = np.where(rng.random(rows) < 0.7, habit, rng.choice(4, rows, p=odds))
        ways = [balance, least_of(balance), 0 * balance]
        part = np.round(balance * rng.beta(2, 3, rows), 2)
        paid = np.select([how == 0, how == 1, how == 2], ways, part)
        bought = np.round(rng.gamma(1.5, income / 12) * (rng.random(rows) < 0.9), 2)
        out |= {f"balance_{month}": balance, f"paid_{month}": paid, f"bought_{month}": bought}
        carried = balance - paid
        interest = np.where(carried > 0, np.round(carried * rng.uniform(0.01, 0.03, rows), 2), 0)
        balance = np.round(carried + bought + interest, 2)
    return pd.DataFrame(out | {f"balance_{MONTHS.stop}": balance})


def shares(rows: pd.DataFrame) -> dict[str, float]:
    """In how many of all months each law holds."""
    found: dict[str, list[float]] = {}
    for month in MONTHS:
        names = (f"balance_{month}", f"paid_{month}", f"bought_{month}", f"balance_{month + 1}")
        balance, paid, bought, after = (rows[name].to_numpy(float) for name in names)
        full = np.isclose(paid, balance, atol=0.001) & (balance > 0)
        laws = {
            "full": full,
            "least": np.isclose(paid, least_of(balance), atol=0.006) & ~full,
            "nothing": paid == 0,
            "no interest": np.isclose(after, balance - paid + bought, atol=0.006),
        }
        for law, true in laws.items():
            found.setdefault(law, []).append(float(true.mean()))
    return {law: round(float(np.mean(own)), 4) for law, own in found.items()}


def c2st(real: pd.DataFrame, made: pd.DataFrame) -> float:
    """2 (1 - AUC) of boosted trees that tell two tables apart, of rows that they did not learn."""
    rows = pd.concat([real, made[real.columns]]).to_numpy(float)
    side = np.r_[np.zeros(len(real)), np.ones(len(made))]
    judge = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    odds = cross_val_predict(judge, rows, side, cv=3, method="predict_proba")[:, 1]
    return round(2 * (1 - max(float(roc_auc_score(side, odds)), 0.5)), 3)


def fitted(
    table: pd.DataFrame, seed: int, minutes: float, steps: int | None, rules: bool
) -> tuple[sp.Generator, float]:
    """A model, and the processor seconds that it took."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        no = [] if rules else ["all"]
        how = {"minutes": minutes} if steps is None else {"steps": steps}
        model = sp.fit(table, seed=seed, no_rules=no, progress=False, **how)
    return model, round(time.process_time() - start, 1)


def main() -> None:
    """Print and keep the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--plain", action="store_true", help="and with no rule kept")
    asked = parser.parse_args()
    out = []
    for seed in range(asked.seeds):
        learned, unseen, other = (world(asked.rows, 10 * seed + place) for place in range(3))
        found = {"seed": seed, "floor": c2st(unseen, other), "real": shares(unseen)}
        print(json.dumps(found), flush=True)
        for rules in (True, False) if asked.plain else (True,):
            model, seconds = fitted(learned, seed, asked.minutes, asked.steps, rules)
            made = model.sample(asked.rows, seed=seed)
            own = {"rules": rules, "seconds": seconds, "c2st": c2st(unseen, made), "made": shares(made)}
            print(json.dumps(own), flush=True)
            out.append(found | own)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
