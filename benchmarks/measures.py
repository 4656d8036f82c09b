"""The measures of the TabSyn, TabDiff and TabPC papers on two tables, each a function of pandas frames and
roles.

Every one is written from its published definition or calls the package that the papers called; where a
paper's code has a quirk that moves the figure, the docstring says whether it is kept.
"""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sdmetrics.single_table.detection.sklearn import ScikitLearnClassifierDetectionMetric
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder
from tables import Roles, like

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer sdmetrics would have another report, with other metadata
    from sdmetrics.reports.single_table import QualityReport

Floats = NDArray[np.float64]

BINS = 10  # equal-width bins of a number beside a category, as sdmetrics has them
ALPHAS = np.linspace(0.0, 1.0, 30)  # synthcity's steps for alpha-precision and beta-recall
GRID = {"max_depth": (5, 10, 20), "min_child_weight": (1, 10), "gamma": (0, 1)}
QUICK_GRID = {"max_depth": (5, 10), "min_child_weight": (10,), "gamma": (1,)}
TREES = (10, 50, 100)
QUICK_TREES = (50, 100)


def all_measures(
    train: pd.DataFrame,
    made: pd.DataFrame,
    test: pd.DataFrame,
    roles: Roles,
    quick: bool = True,
    seed: int = 0,
) -> dict[str, float]:
    """Every measure that one fit allows, by name, with the seconds each took under `seconds_...`.

    `train` is what the model learned, `test` real rows that it never saw. `quick` makes the utility measure
    search 4 settings, not 36. The papers' distance measure needs a fit on half of the rows: call
    `nearer_share` for it.
    """
    made = like(made, train, roles)
    out: dict[str, float] = {"rows_made": len(made), "rows_train": len(train), "rows_test": len(test)}
    out["cells_missing"] = int(made.isna().sum().sum())
    out["cells_unseen"] = int(sum((~made[c].isin(train[c].unique())).sum() for c in roles.categories))

    def timed(name: str, result: dict[str, float], begun: float) -> None:
        out.update(result)
        out[f"seconds_{name}"] = round(time.process_time() - begun, 2)

    begun = time.process_time()
    timed("shape_trend", shape_and_trend_error(train, made, roles), begun)
    begun = time.process_time()
    timed("trend_shared", {"trend_error_shared": trend_error_shared(train, made, roles)}, begun)
    begun = time.process_time()
    timed("c2st", {"c2st_xgb": c2st(train, made, roles, seed=seed)}, begun)
    begun = time.process_time()
    timed("alpha_beta", alpha_precision_beta_recall(train, made, roles, seed=seed), begun)
    begun = time.process_time()
    timed("utility", utility(made, test, train, roles, quick=quick, seed=seed), begun)
    return out


# --- marginals and pairs ---------------------------------------------------------------------------------


def shape_and_trend_error(real: pd.DataFrame, made: pd.DataFrame, roles: Roles) -> dict[str, float]:
    """Shape and Trend error in per cent, 100 (1 - score), straight from sdmetrics' QualityReport.

    Since the papers, sdmetrics leaves pairs out that hardly depend on each other in the real table, and
    takes subsets of rows; both are switched off here, so that every version counts every pair and row as
    theirs did.
    """
    columns = {c: {"sdtype": "numerical" if c in roles.numbers else "categorical"} for c in real.columns}
    report = QualityReport()
    report.real_correlation_threshold = report.real_association_threshold = 0
    report.num_rows_subsample = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report.generate(
            real.reset_index(drop=True), made.reset_index(drop=True), {"columns": columns}, verbose=False
        )
    scores = report.get_properties().set_index("Property")["Score"]
    return {
        "shape_error": 100 * (1 - float(scores["Column Shapes"])),
        "trend_error": 100 * (1 - float(scores["Column Pair Trends"])),
    }


def trend_error_shared(real: pd.DataFrame, made: pd.DataFrame, roles: Roles) -> float:
    """Trend error in per cent with one set of bin edges, the real table's, for both tables.

    sdmetrics cuts a number that is paired with a category at edges between *each table's own* least and
    greatest value, so one outlier moves every bin; two real halves of some tables then differ by 15 %. Here
    the ten bins lie between the real least and greatest value, and the outer two are open. All else is
    sdmetrics': mean over pairs of 1 - |difference of Pearson correlations| / 2 for two numbers, and of 1 -
    total variation otherwise.
    """
    codes_real: dict[str, NDArray[np.int64]] = {}
    codes_made: dict[str, NDArray[np.int64]] = {}
    sizes: dict[str, int] = {}
    for column in real.columns:
        if column in roles.numbers:
            edges = np.histogram_bin_edges(real[column].dropna().to_numpy(float), bins=BINS)[1:-1]
            codes_real[column], codes_made[column] = (
                np.where(frame[column].isna(), BINS, np.digitize(frame[column].to_numpy(float), edges))
                for frame in (real, made)
            )
            sizes[column] = BINS + 1
        else:
            both, names = pd.factorize(pd.concat([real[column], made[column]]).astype(str))
            codes_real[column], codes_made[column] = both[: len(real)], both[len(real) :]
            sizes[column] = len(names)
    rho_real, rho_made = (frame[list(roles.numbers)].corr() for frame in (real, made))
    scores = []
    for a, b in itertools.combinations(real.columns, 2):
        if a in roles.numbers and b in roles.numbers:
            scores.append(1 - abs(float(rho_real.loc[a, b]) - float(rho_made.loc[a, b])) / 2)
            continue
        cells = sizes[a] * sizes[b]
        p, q = (
            np.bincount(codes[a] * sizes[b] + codes[b], minlength=cells) / len(codes[a])
            for codes in (codes_real, codes_made)
        )
        scores.append(1 - np.abs(p - q).sum() / 2)
    # A constant made column has no correlation: sdmetrics leaves such a pair out, and so does this.
    return 100 * (1 - float(np.nanmean(scores)))


# --- a judge that sees whole rows ------------------------------------------------------------------------


class _BoostedDetection(ScikitLearnClassifierDetectionMetric):
    """sdmetrics' detection test with boosted trees for its logistic regression, as the TabPC authors run
    it."""

    name = "XGBoost detection"

    @staticmethod
    def _get_classifier() -> xgb.XGBClassifier:
        return xgb.XGBClassifier(eval_metric="logloss", enable_categorical=True, random_state=0)


def c2st(real: pd.DataFrame, made: pd.DataFrame, roles: Roles, seed: int = 0) -> float:
    """How far boosted trees fail to tell made from real rows: 1 = cannot tell, 0 = always.

    Three stratified folds, 1 - mean over folds of (2 max(AUC, 1/2) - 1). sdmetrics draws its folds from
    NumPy's global generator and TabPC leaves it unseeded; here it is seeded, so that a figure can be had
    again. Categories that are whole numbers or truth values in the file go to the trees as such, the others
    as indicators, again as TabPC has it. sdmetrics stops at a category that no real row holds; here such a
    cell is replaced by the commonest one and the row's number of such cells becomes one more column, so
    that the judge sees it.
    """
    real, made = real.reset_index(drop=True).copy(), made.reset_index(drop=True).copy()
    unseen = pd.Series(0, index=made.index)
    for column in roles.categories:
        strange = ~made[column].isin(real[column].unique())
        if strange.any():
            unseen += strange.astype(int)
            made.loc[strange, column] = real[column].mode().iloc[0]
            made[column] = made[column].astype(real[column].dtype)
    if unseen.any():
        real["cells never seen"], made["cells never seen"] = 0, unseen
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(_BoostedDetection.compute(real, made))
    finally:
        np.random.set_state(before)


# --- distances -------------------------------------------------------------------------------------------


def alpha_precision_beta_recall(
    real: pd.DataFrame, made: pd.DataFrame, roles: Roles, seed: int = 0
) -> dict[str, float]:
    """Alpha-precision and beta-recall in per cent, as synthcity's "naive" variant defines them.

    Rows are numbers and indicators of categories, each scaled to 0..1 by the real table. With c the mean of
    the real rows and R(a) the a-quantile of their distance to c, alpha-precision is 1 - sum |P(made within
    R(a)) - a| / sum a over 30 values of a; 1 where the made rows fill the same shells. beta-recall is the
    same with the share of real rows whose nearest made row is no farther than their nearest other real row
    and lies within the a-quantile of such rows' distance to the mean of the made rows. Real against real
    comes to about 50 %, not 100 %. The definition needs equal numbers of rows: the longer table is cut to a
    random subset.
    """
    rows = min(len(real), len(made))
    x, y = _scaled(real, made, roles)
    rng = np.random.default_rng(seed)
    x, y = (z if len(z) == rows else z[rng.choice(len(z), rows, replace=False)] for z in (x, y))
    centre, made_centre = x.mean(0), y.mean(0)
    radii = np.quantile(np.linalg.norm(x - centre, axis=1), ALPHAS)
    precision = (np.linalg.norm(y - centre, axis=1)[:, None] <= radii).mean(0)
    to_real = NearestNeighbors(n_neighbors=2).fit(x).kneighbors(x)[0][:, 1]
    to_made, nearest = (z[:, 0] for z in NearestNeighbors(n_neighbors=1).fit(y).kneighbors(x))
    depth = np.linalg.norm(y[nearest] - made_centre, axis=1)
    covered = (to_made <= to_real)[:, None] & (depth[:, None] <= np.quantile(depth, ALPHAS))
    out = {
        name: 100 * (1 - float(np.abs(ALPHAS - curve).sum() / ALPHAS.sum()))
        for name, curve in (("alpha_precision", precision), ("beta_recall", covered.mean(0)))
    }
    out["authenticity"] = 100 * float((to_real[nearest] < to_made).mean())
    return out


def nearer_share(
    made: pd.DataFrame, learned: pd.DataFrame, held: pd.DataFrame, roles: Roles
) -> dict[str, float]:
    """The share in per cent of made rows that lie nearer to a learned row than to any held-out one; 50 is
    ideal.

    Distance: sum over numbers of |difference| / (range of the learned table), plus 2 for each category that
    differs (the L1 distance of indicators). `learned` and `held` should be halves of one table, and the
    model fitted on `learned` alone. A row as near to the one as to the other (an exact repeat that both
    hold, say) counts one half here; the papers' code counts it as not nearer, which is
    `nearer_share_strict`.
    """
    if len(learned) != len(held):
        sizes = f"{len(learned)} and {len(held)}"
        raise ValueError(f"halves must be of one size to compare distances, these have {sizes} rows")
    made = like(made, learned, roles)
    to_learned, to_held = (_least_distance(made, real, learned, roles) for real in (learned, held))
    # Two sums of the same terms in another order differ in the last digit: that is a tie.
    ties = np.abs(to_learned - to_held) <= 1e-9
    strict = (to_learned < to_held) & ~ties
    return {
        "nearer_share": 100 * float(strict.mean() + ties.mean() / 2),
        "nearer_share_strict": 100 * float(strict.mean()),
        "ties": 100 * float(ties.mean()),
        "exact_copies": 100 * float((to_learned <= 1e-9).mean()),
        "exact_repeats_of_held": 100 * float((to_held <= 1e-9).mean()),
    }


def _least_distance(rows: pd.DataFrame, others: pd.DataFrame, scale: pd.DataFrame, roles: Roles) -> Floats:
    """For each row the least L1 distance to `others`, in blocks so that memory stays at tens of megabytes."""
    numbers = list(roles.numbers)
    span = (scale[numbers].max() - scale[numbers].min()).replace(0, 1).to_numpy(float)
    a, b = (frame[numbers].fillna(scale[numbers].mean()).to_numpy(float) / span for frame in (rows, others))
    p, q = _indicators(rows, others, roles)
    least = np.empty(len(a))
    for block in _blocks(len(a), len(b)):
        mismatches = len(roles.categories) - (p[block] @ q.T).astype(np.float64)
        least[block] = (cdist(a[block], b, "cityblock") + 2 * mismatches).min(1)
    return least


def _blocks(rows: int, others: int, cells: int = 8_000_000) -> Iterator[slice]:
    step = max(1, cells // max(1, others))
    return (slice(start, start + step) for start in range(0, rows, step))


def _indicators(
    a: pd.DataFrame, b: pd.DataFrame, roles: Roles
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both tables' categories as 0/1 columns over everything either holds, in float32: counts are exact
    there."""
    columns = list(roles.categories)
    x, y = a[columns].astype(str), b[columns].astype(str)
    encoder = OneHotEncoder(sparse_output=False, dtype=np.float32).fit(pd.concat([x, y]))
    return encoder.transform(x), encoder.transform(y)


def _scaled(real: pd.DataFrame, made: pd.DataFrame, roles: Roles) -> tuple[Floats, Floats]:
    """Numbers scaled to 0..1 by the real table, and indicators of the real table's categories."""
    numbers, columns = list(roles.numbers), list(roles.categories)
    low = real[numbers].min().to_numpy(float)
    span = (real[numbers].max() - real[numbers].min()).replace(0, 1).to_numpy(float)
    mean = real[numbers].mean()
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(real[columns].astype(str))
    x, y = (
        np.hstack(
            [
                (t[numbers].fillna(mean).to_numpy(float) - low) / span,
                encoder.transform(t[columns].astype(str)),
            ]
        )
        for t in (real, made)
    )
    return x, y


# --- what the rows are good for --------------------------------------------------------------------------


def utility(
    made: pd.DataFrame,
    test: pd.DataFrame,
    train: pd.DataFrame,
    roles: Roles,
    quick: bool = True,
    seed: int = 0,
) -> dict[str, float]:
    """Boosted trees trained on made rows and tested on real ones: AUC, or RMSE of the logarithm of a number.

    As in the papers: a ninth of the made rows is split off to choose among 36 settings (trees 10, 50, 100;
    depth 5, 10, 20; least child weight 1, 10; gamma 0, 1), the best is scored once on the real test rows.
    `quick` chooses among 4 (trees 50, 100; depth 5, 10; weight 10; gamma 1). 10, 50 and 100 trees are
    prefixes of one fit, which gives the same predictions as three fits. The papers' scaling of numbers is
    left out: trees do not see it. For a number the target is log(clip(y, 1, 20000)), but the papers' code
    forgets the logarithm on the rows that choose: `rmse` keeps that, so that it compares, and `rmse_fair`
    chooses on the logarithm. `train` (real) only says which categories there are.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(made))
    chosen, fitted = order[: len(made) // 9], order[len(made) // 9 :]
    columns = [c for c in roles.categories if c != roles.target]
    numbers = [c for c in roles.numbers if c != roles.target]
    real = pd.concat([train, test])
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore", dtype=np.float32)
    encoder.fit(real[columns].astype(str))
    x, x_test = (
        np.hstack([t[numbers].to_numpy(np.float32), encoder.transform(t[columns].astype(str))])
        for t in (made, test)
    )
    if roles.predicts_number:
        raw = made[roles.target].to_numpy(float)
        y, y_test = (np.log(np.clip(t[roles.target].to_numpy(float), 1, 20000)) for t in (made, test))
        objective = "reg:squarederror"
    else:
        positive = sorted(real[roles.target].astype(str).unique())[-1]
        raw = y = (made[roles.target].astype(str) == positive).to_numpy(float)
        y_test = (test[roles.target].astype(str) == positive).to_numpy(float)
        objective = "binary:logistic"
        if len(np.unique(y[fitted])) < 2 or len(np.unique(y[chosen])) < 2:
            return {"auc": 0.5, "settings": 0}  # only one class was made: nothing to learn from
    learn, choose, final = (
        xgb.DMatrix(x[fitted], y[fitted]),
        xgb.DMatrix(x[chosen]),
        xgb.DMatrix(x_test),
    )
    grid, trees = (QUICK_GRID, QUICK_TREES) if quick else (GRID, TREES)
    tried: list[tuple[float, float, float]] = []  # as the papers choose, as is fair, on the real test rows
    for setting in itertools.product(*grid.values()):
        # 0.3 is XGBoost's default rate, which the papers leave alone.
        parameters = dict(zip(grid, setting, strict=True)) | {
            "objective": objective,
            "eta": 0.3,
            "tree_method": "hist",
        }
        model = xgb.train(parameters, learn, num_boost_round=max(trees))
        for count in trees:
            guess, answer = (model.predict(m, iteration_range=(0, count)) for m in (choose, final))
            if roles.predicts_number:
                tried.append((-_rmse(guess, raw[chosen]), -_rmse(guess, y[chosen]), _rmse(answer, y_test)))
            else:
                score = float(roc_auc_score(y[chosen], guess))
                tried.append((score, score, float(roc_auc_score(y_test, answer))))
    papers, fair = (max(tried, key=lambda t: t[k])[2] for k in (0, 1))
    result = {"rmse": papers, "rmse_fair": fair} if roles.predicts_number else {"auc": papers}
    return result | {"settings": len(tried)}


def _rmse(guess: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean((guess - truth) ** 2)))
