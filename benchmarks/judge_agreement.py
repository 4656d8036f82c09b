"""Does the judge agree with sdmetrics where the definitions are the same, and what does each cost?

    python benchmarks/judge_agreement.py --data D [--sets adult magic] [--rows 100000 --columns 30]

Prints, for real rows judged as "made" (training rows against test rows), Shape, Trend and detection of both
and the difference, then the seconds of processor time of both on a table of so many rows and columns. Needs
the measuring environment with Sampan in it.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from measures import alpha_precision_beta_recall, shape_and_trend_error, trend_error_shared
from sdmetrics.single_table import LogisticDetection
from sdmetrics_measures import array_error, array_pair_errors, logistic_detection
from tables import NAMES, Roles, load

from sampan.evaluate.columns import Kind
from sampan.evaluate.look.neighbours import embedded, figures, habitat, nearest
from sampan.evaluate.sides import Side


def sides(real: pd.DataFrame, made: pd.DataFrame, roles: Roles) -> tuple[Side, Side, dict, dict]:
    """Both tables as arrays, the kind of every column, and the labels of every category."""
    kinds: dict[str, Kind] = {}
    labels: dict[str, list] = {}
    numbers: list[dict[str, np.ndarray]] = [{}, {}]
    codes: list[dict[str, np.ndarray]] = [{}, {}]
    for name in real.columns:
        if name in roles.numbers:
            kinds[name] = "number"
            for side, frame in zip(numbers, (real, made), strict=True):
                side[name] = frame[name].to_numpy(float)
        else:
            kinds[name] = "category"
            index, distinct = pd.factorize(pd.concat([real[name], made[name]]))
            labels[name] = list(distinct)
            codes[0][name], codes[1][name] = index[: len(real)], index[len(real) :]
    one, other = (Side(len(f), n, c) for f, n, c in zip((real, made), numbers, codes, strict=True))
    return one, other, kinds, labels


def arrays(side: Side, kinds: dict[str, Kind]) -> dict[str, np.ndarray]:
    """The columns of a side by name."""
    return {name: side.column(name) for name in kinds}


def shape_error(real: Side, made: Side, kinds: dict[str, Kind]) -> float:
    """Mean over the columns, in per cent."""
    return float(
        np.mean([array_error(real.column(name), made.column(name), kind) for name, kind in kinds.items()])
    )


def trend_error(real: Side, made: Side, kinds: dict[str, Kind], own_edges: bool) -> float:
    """Mean over the pairs, in per cent, every value of a category kept."""
    found = array_pair_errors(
        arrays(real, kinds), arrays(made, kinds), kinds, levels=None, own_edges=own_edges
    )
    return float(np.mean(list(found.values())))


def agreement(name: str, data: str) -> None:
    """One line for each figure of one real table."""
    table = load(name, data)
    real, made, roles = table.train, table.test, table.roles
    # indicators for every category, whatever its values look like in the file
    text = dict.fromkeys(roles.categories, str)
    real, made = real.astype(text), made.astype(text)
    for column in roles.categories:  # sdmetrics' detection stops at a value that no training row holds
        made = made[made[column].isin(real[column].unique())]
    made = made.reset_index(drop=True)
    ours, theirs, kinds, labels = sides(real, made, roles)
    official = shape_and_trend_error(real, made, roles)
    np.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the regression's hundred steps do not always suffice
        detection = float(LogisticDetection.compute(real.copy(), made.copy()))
        mine = logistic_detection(ours, theirs, kinds, labels, seed=0)
    rows = min(len(real), len(made), 5_000)
    cut = real[:rows], made[:rows]
    one, other, _, _ = sides(*cut, roles)
    x, y = embedded(one, [other], kinds)
    home = habitat(x)
    near = figures(home, nearest(x, y), y)
    published = alpha_precision_beta_recall(*cut, roles)
    lines = [
        ("Shape", shape_error(ours, theirs, kinds), official["shape_error"], 1e-6),
        ("Trend, own edges", trend_error(ours, theirs, kinds, True), official["trend_error"], 1e-6),
        (
            "Trend, shared edges",
            trend_error(ours, theirs, kinds, False),
            trend_error_shared(real, made, roles),
            1e-6,
        ),
        ("detection, logistic", mine, detection, 1e-6),
        ("alpha-precision, 5,000 rows", near[0], published["alpha_precision"], 0.1),
        ("beta-recall, 5,000 rows", near[1], published["beta_recall"], 0.1),
    ]
    for what, found, wanted, most in lines:
        verdict = "agrees" if abs(found - wanted) <= most else "DIFFERS"
        print(f"{name:10s} {what:28s} {found:14.8f} {wanted:14.8f} {abs(found - wanted):.1e} {verdict}")


def wide(rows: int, columns: int, seed: int) -> tuple[pd.DataFrame, Roles]:
    """A table, half of it numbers and half categories, all of them loosely related."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=rows)
    frame = {}
    for i in range(columns // 2):
        frame[f"n{i}"] = common * rng.random() + rng.normal(size=rows)
    for i in range(columns - columns // 2):
        levels = 2 + 3 * i
        code = (levels * (1 / (1 + np.exp(-common - rng.normal(size=rows))))).astype(int)
        frame[f"c{i}"] = np.array([f"v{k}" for k in range(levels + 1)])[code]
    table = pd.DataFrame(frame)
    numbers = tuple(name for name in table if name.startswith("n"))
    return table, Roles(numbers, tuple(name for name in table if name not in numbers), "c0")


def cost(rows: int, columns: int) -> None:
    """Seconds of sdmetrics' QualityReport and of the same figures here, one after the other."""
    (real, roles), (made, _) = wide(rows, columns, 0), wide(rows, columns, 1)
    begun = time.process_time()
    official = shape_and_trend_error(real, made, roles)
    theirs = time.process_time() - begun
    begun = time.process_time()
    one, other, kinds, _ = sides(real, made, roles)
    encoded = time.process_time() - begun
    shape, trend = shape_error(one, other, kinds), trend_error(one, other, kinds, True)
    ours = time.process_time() - begun
    print(f"\n{rows:,} x {columns}: QualityReport {theirs:.1f} s, here {ours:.1f} s ({encoded:.1f} encoding)")
    print(
        f"one {theirs / ours:.1f}th of the time; Shape differs by {abs(shape - official['shape_error']):.1e}"
    )
    print(f"Trend (own edges) differs by {abs(trend - official['trend_error']):.1e}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", required=True)
    parser.add_argument("--sets", nargs="*", default=list(NAMES))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=30)
    given = parser.parse_args()
    print(f"{'table':10s} {'figure':28s} {'here':>14s} {'there':>14s} difference")
    for name in given.sets:
        agreement(name, given.data)
    cost(given.rows, given.columns)


if __name__ == "__main__":
    main()
