"""Does one person's value come back? Descriptions of one column, read off made rows: how many fit exactly one
person who was learned from, and how many exactly one of as many strangers.

    singled_out.py --data D                     # run with an interpreter that has sampan[pandas]
    singled_out.py --data D --fit --steps 300   # rows out of a model, not out of the codecs alone

A description is "the only one with this value", for each value that one made row alone holds, and for
columns with an order "at most the least" and "at least the greatest". The strangers are the other half of
the same draw, or of the rows. Printed for each kind of column: the descriptions that fit one person, in per
cent, and the difference with its interval of 95 %: one that gives nobody away holds 0 or lies below it.
Beside it the same with `exact`.

Without --fit, made columns are the codecs' own: the learned column as symbols, in another order, and back.
That takes seconds, and a model adds little to one column. `--people FILES` adds tables in which a person has
several rows (--key says which column tells whose); there a description fits one person, not one row.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from tables import load

import sampan as sp
from sampan.data import read
from sampan.field import CountsPeople, Rows, Scale
from sampan.guess import guess
from sampan.schema import Layout, Schema

HERE = Path(__file__).resolve().parent
ROWS = 4_000
"""Rows of each side of the drawn columns."""

Draw = Callable[[np.random.Generator, int], np.ndarray]


def _days(first: str, days: np.ndarray) -> np.ndarray:
    return np.datetime64(first) + days.astype("timedelta64[D]")


def _codes(rng: np.random.Generator, rows: int) -> np.ndarray:
    return np.array([f"C{code:05d}" for code in rng.zipf(1.4, rows) % 20_000])


KINDS: dict[str, Draw] = {
    "whole numbers": lambda rng, n: rng.integers(0, 2 * n, n),
    "ages": lambda rng, n: np.clip(rng.normal(40, 18, n), 0, 105).astype(int),
    "decimals": lambda rng, n: rng.normal(0, 1, n).round(4),
    "decimals without end": lambda rng, n: rng.normal(0, 1, n),
    "money": lambda rng, n: rng.lognormal(7, 1, n).round(2),
    "negative, heavy tail": lambda rng, n: -(rng.pareto(1.1, n) * 500).round(1),
    "half of them round": lambda rng, n: np.where(
        rng.random(n) < 0.5, rng.integers(1, 99, n) * 100, rng.integers(1, 9_999, n)
    ),
    "int64 beyond 2**53": lambda rng, n: 2**60 + rng.integers(0, 4 * n, n) * 3,
    "uint64": lambda rng, n: rng.integers(2**63, 2**63 + 4 * n, n, dtype=np.uint64),
    "float32": lambda rng, n: rng.lognormal(3, 1, n).round(1).astype(np.float32),
    "numbers as text": lambda rng, n: np.array([f"HK$ {x:,.1f}" for x in rng.lognormal(6, 1, n)]),
    "categories, few": lambda rng, n: np.array(list("abcdefghij"))[np.minimum(rng.zipf(2.5, n), 10) - 1],
    "categories, many": _codes,
    "yes or no, one yes": lambda rng, n: np.arange(n) == rng.integers(0, n),
    "dates of birth": lambda rng, n: _days("1935-01-01", rng.integers(0, 28_000, n)),
    "business days": lambda rng, n: _days(
        "1990-01-01", rng.integers(0, 1_600, n) * 7 + rng.integers(0, 5, n)
    ),
    "dates as text": lambda rng, n: np.array(
        [f"{day:%d/%m/%Y}" for day in pd.to_datetime(_days("1950-03-01", rng.integers(0, 20_000, n)))]
    ),
    "months": lambda rng, n: (np.datetime64("1900-01", "M") + rng.integers(0, 1_400, n)).astype("M8[D]"),
    "date-times": lambda rng, n: np.datetime64("2015-01-01") + rng.integers(0, 10**8, n).astype("m8[s]"),
    "times of day": lambda rng, n: np.array(
        [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in rng.integers(0, 86_400, n).tolist()]
    ),
}


@dataclass(frozen=True)
class Sides:
    """Rows to learn from, as many of strangers, and whose each row is."""

    learned: pd.DataFrame
    strangers: pd.DataFrame
    owners: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, rows: pd.DataFrame, owner: np.ndarray | None, rng: np.random.Generator) -> Sides:
        """Two random halves, a person's rows on one side."""
        owner = np.arange(len(rows)) if owner is None else owner
        people = rng.permutation(np.unique(owner))
        half = len(people) // 2
        two = [np.isin(owner, people[begin : begin + half]) for begin in (0, half)]
        learned, strangers = (rows[at].reset_index(drop=True) for at in two)
        return cls(learned, strangers, (owner[two[0]], owner[two[1]]))


def made_by_codecs(learned: pd.DataFrame, exact: bool, seed: int) -> tuple[Layout, pd.DataFrame]:
    """As many rows as were learned, each column through its codec alone."""
    table = read(learned)
    fields = guess(table.columns).fields
    if exact:
        fields = {
            name: replace(field, exact=True) if isinstance(field, CountsPeople) else field  # type: ignore[type-var]
            for name, field in fields.items()
        }
    layout = Schema(fields).fit(table.columns)
    rng, rows = np.random.default_rng(seed), len(learned)
    made = {}
    for name, codec in layout.codecs.items():
        order = rng.permutation(rows)
        leaves = {leaf: symbols[order] for leaf, symbols in codec.encode(table.columns[name]).items()}
        leaves |= {leaf: rng.random(rows) for leaf in codec.noise}
        made[name] = codec.decode(leaves, Rows(0, rows, seed, name))
    return layout, made


def made_by_model(learned: pd.DataFrame, exact: bool, seed: int, steps: int) -> tuple[Layout, pd.DataFrame]:
    """As many rows as were learned, out of a model."""
    names = [
        name
        for name, field in guess(read(learned).columns).fields.items()
        if exact and isinstance(field, CountsPeople)
    ]
    model = sp.fit(learned, steps=steps, seed=seed, exact=names)
    return model.layout, read(model.sample(len(learned), seed=seed)).columns


def descriptions(layout: Layout, made: dict, sides: Sides) -> Iterator[tuple[str, str, np.ndarray]]:
    """(column, kind of description, bool (descriptions, 2): whether each fits one learned, one stranger)."""
    tables = [read(side).columns for side in (sides.learned, sides.strangers)]
    for name, codec in layout.codecs.items():
        if codec.kind not in ("number", "category", "moment"):
            continue
        view = codec.view(made[name])
        scale = [codec.view(side[name]).values for side in (made, *tables)] if isinstance(view, Scale) else []
        cells = scale
        if not scale or pd.api.types.is_integer_dtype(sides.learned[name]):  # every digit counts
            cells = [pd.Series(table[name].to_pylist()).astype(object) for table in (made, *tables)]
            every = pd.concat(cells)
            index = pd.factorize(every.astype(str).where(every.notna()))[0]
            cells = np.split(
                np.where(index < 0, np.nan, index), np.cumsum([len(cell) for cell in cells])[:-1]
            )
        values, counts = np.unique(cells[0][~np.isnan(cells[0])], return_counts=True)
        alone = [_alone(side, owner) for side, owner in zip(cells[1:], sides.owners, strict=True)]
        once = values[counts == 1]
        yield name, "this value", np.stack([np.isin(once, own) for own in alone], axis=1)
        if scale and values.size:
            fits = [
                [_one(owner[side <= np.nanmin(scale[0])]), _one(owner[side >= np.nanmax(scale[0])])]
                for side, owner in zip(scale[1:], sides.owners, strict=True)
            ]
            yield name, "the ends", np.array(fits).T


def _alone(cells: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """The values that one person alone has."""
    kept = ~np.isnan(cells)
    pairs = pd.DataFrame({"value": cells[kept], "owner": owner[kept]}).drop_duplicates()
    counts = pairs["value"].value_counts()
    return counts.index[counts == 1].to_numpy()


def _one(owner: np.ndarray) -> bool:
    return np.unique(owner).size == 1


def tables_of(args: argparse.Namespace) -> Iterator[tuple[str, Callable[[int], Sides]]]:
    """What is asked, by name, each with its halves for a seed."""
    rows = args.rows

    def drawn(draw: Draw) -> Callable[[int], Sides]:
        def sides(seed: int) -> Sides:
            rng = np.random.default_rng(seed)
            two = [pd.DataFrame({"v": draw(rng, rows), "w": rng.integers(0, 2, rows)}) for _ in range(2)]
            return Sides(two[0], two[1], (np.arange(rows), np.arange(rows)))

        return sides

    for name, draw in KINDS.items():
        yield name, drawn(draw)
    for name in ("adult", "magic"):
        try:
            table = load(name, args.data)
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")
            continue
        yield name, lambda seed, table=table: Sides.of(table.train, None, np.random.default_rng(seed))
    for path in args.people:
        table = pd.read_csv(path)
        owner = pd.factorize(table.iloc[:, args.key], use_na_sentinel=False)[0]
        yield (
            Path(path).name,
            lambda seed, table=table, owner=owner: Sides.of(table, owner, np.random.default_rng(seed)),
        )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument(
        "--people", nargs="*", default=[], help="CSV files in which a person has several rows"
    )
    parser.add_argument(
        "--key", type=int, default=1, help="which column of those says whose a row is: 0, 1, ..."
    )
    parser.add_argument("--only", nargs="*", default=[], help="of all that is asked, these")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--fit", action="store_true", help="make rows by a model")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "singled-out.json")
    args = parser.parse_args()
    warnings.simplefilter("ignore", sp.Notice)
    found: dict[str, dict[str, dict[str, float]]] = {}
    print(
        f"{'':24}{'description':14}{'asked':>7}{'learned':>9}{'strangers':>10}  difference, 95 %      exact"
    )
    for title, sides in tables_of(args):
        if args.only and title not in args.only:
            continue
        parts: dict[tuple[str, bool], list[np.ndarray]] = {}
        for seed in range(args.seeds):
            half = sides(seed)
            for exact in (False, True):
                made = (
                    made_by_model(half.learned, exact, seed, args.steps)
                    if args.fit
                    else made_by_codecs(half.learned, exact, seed)
                )
                for _, what, fits in descriptions(*made, half):
                    parts.setdefault((what, exact), []).append(fits)
        found[title] = {}
        for what in ("this value", "the ends"):
            if not sum(map(len, parts.get((what, False), ()))):
                continue
            kept, exact = (_summed(np.concatenate(parts[what, state])) for state in (False, True))
            found[title][what] = kept | {"exact": exact["difference"]}
            interval = f"{kept['difference']:+.2f} ({kept['low']:+.2f} to {kept['high']:+.2f})"
            print(
                f"{title:24}{what:14}{kept['asked']:7.0f}{kept['learned']:9.2f}{kept['strangers']:10.2f}"
                f"{interval:>28}{exact['difference']:+9.2f}",
                flush=True,
            )
    args.out.write_text(json.dumps(found, indent=1))


def _summed(fits: np.ndarray) -> dict[str, float]:
    """Shares in per cent, and their difference with its interval."""
    apart = fits[:, 0].astype(float) - fits[:, 1]
    error = 196 * apart.std() / max(len(apart), 1) ** 0.5
    learned, strangers = 100 * fits[:, 0].mean(), 100 * fits[:, 1].mean()
    out = {"asked": len(fits), "learned": learned, "strangers": strangers, "difference": learned - strangers}
    out |= {"low": learned - strangers - error, "high": learned - strangers + error}
    return {name: round(float(value), 3) for name, value in out.items()}


if __name__ == "__main__":
    main()
