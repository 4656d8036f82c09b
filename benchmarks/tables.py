"""The four tables that the papers measure on, with their splits and the role of every column.

The splits are those of the TabSyn and TabDiff repositories: Adult has the official test file; Shoppers and
Beijing are shuffled with seed 1234, nine tenths to learn from and one tenth to test on, with the next seed
when a category never falls into the nine tenths. Magic comes already split four to one, so its test set is
twice the papers'. Two departures, both harmless to every measure here: numbers are not rounded to float32,
and the first row of Magic, which the papers lose by reading it as a header, is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = ("adult", "shoppers", "magic", "beijing")

CLAIMS = "claims"
"""A fifth table, of vehicle insurance claims (fraud/fraud_oracle.csv), which the papers do not have."""

ADULT_COLUMNS = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex "
    "capital-gain capital-loss hours-per-week native-country income"
).split()


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column of a table is to the measures: a number, a category, and which one is to be
    predicted."""

    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    target: str

    @property
    def predicts_number(self) -> bool:
        """Whether the target is a number, so that the utility measure is a regression."""
        return self.target in self.numbers


@dataclass(frozen=True, slots=True)
class Table:
    """A real data set: the rows to learn from, the rows kept aside, and the role of every column."""

    name: str
    train: pd.DataFrame
    test: pd.DataFrame
    roles: Roles

    def halves(self, seed: int = 1234) -> tuple[pd.DataFrame, pd.DataFrame]:
        """All real rows, train and test together, shuffled and cut in two: one half to learn from, one held
        out.

        This is the split for the share of made rows nearer to what was learned: only with halves of one
        size is 50 % what an honest model scores.
        """
        rows = pd.concat([self.train, self.test], ignore_index=True)
        order = np.random.RandomState(seed).permutation(len(rows))
        middle = len(rows) // 2
        learned, held = rows.iloc[order[:middle]], rows.iloc[order[middle : 2 * middle]]
        return learned.reset_index(drop=True), held.reset_index(drop=True)


def load(name: str, data: str | Path) -> Table:
    """The table called `name` out of the folder `data`; FileNotFoundError where the folder does not hold
    it."""
    folder = Path(data)
    if name == "adult":
        train, test = (_adult(folder / "adult" / f"{part}.csv") for part in ("train", "test"))
        target = "income"
        numbers = ["age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
    elif name == "magic":
        train, test = (pd.read_csv(folder / "magic" / f"{part}.csv") for part in ("train", "test"))
        target = "class"
        numbers = [column for column in train.columns if column != target]
    elif name == "shoppers":
        rows = pd.read_csv(folder / "shoppers" / "online_shoppers.csv")
        target = "Revenue"
        numbers = list(rows.columns[:10])
        train, test = _split(rows, [c for c in rows.columns if c not in numbers and c != target])
    elif name == "beijing":
        rows = pd.read_csv(folder / "beijing" / "pm25.csv").drop(columns="No").dropna().reset_index(drop=True)
        target = "pm2.5"
        numbers = [target, "DEWP", "TEMP", "PRES", "Iws", "Is", "Ir"]
        train, test = _split(rows, [c for c in rows.columns if c not in numbers])
    elif name == CLAIMS:
        # the policy number counts the rows, so that it says their year and month
        rows = pd.read_csv(folder / "fraud" / "fraud_oracle.csv", encoding="utf-8-sig")
        rows = rows.drop(columns="PolicyNumber")
        target, numbers = "FraudFound_P", ["Age"]
        train, test = _split(rows, [target])
    else:
        raise ValueError(f"no table called {name!r}; there are {', '.join(NAMES)}")
    categories = tuple(column for column in train.columns if column not in numbers)
    return Table(name, train, test, Roles(tuple(numbers), categories, target))


def read(path: str | Path) -> pd.DataFrame:
    """A made table from CSV or Parquet, with "?" and "None" kept as the text that they are."""
    if str(path).endswith(".parquet"):
        return pd.read_parquet(path)
    return pd.read_csv(path, keep_default_na=False, na_values=[""], skipinitialspace=True)


def like(made: pd.DataFrame, real: pd.DataFrame, roles: Roles) -> pd.DataFrame:
    """The made rows in the order and types of the real ones, so that "3", 3 and 3.0 are one category.

    Nothing is repaired: a category that no real row holds stays what it is, and a number that cannot be
    read is an error.
    """
    lost = [column for column in real.columns if column not in made.columns]
    if lost:
        raise ValueError(f"the made table lacks the columns {lost}")
    made = made[list(real.columns)].reset_index(drop=True).copy()
    for column in roles.numbers:
        made[column] = pd.to_numeric(made[column]).astype(float)
    for column in roles.categories:
        spelling = {_spell(value): value for value in real[column].unique()}
        values = [_spell(value) for value in made[column]]
        if all(value in spelling for value in values):
            made[column] = pd.Series([spelling[v] for v in values], dtype=real[column].dtype)
        else:
            made[column] = pd.Series([spelling.get(v, v) for v in values], dtype=object)
    return made


def _spell(value: object) -> str:
    """One spelling per category, whatever type the writer of a file gave it."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    text = str(value).strip()
    return text.lower() if text.lower() in ("true", "false") else text.removesuffix(".0")


def _adult(path: Path) -> pd.DataFrame:
    """One file of the census table; the test file ends its labels with a full stop, which is no category."""
    rows = pd.read_csv(path, header=None, names=ADULT_COLUMNS, skipinitialspace=True)
    rows["income"] = rows["income"].str.strip().str.rstrip(".")
    return rows


def _split(rows: pd.DataFrame, categories: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nine tenths and one tenth; the order is shuffled on, not begun again, when a category was missed."""
    learned = int(len(rows) * 0.9)
    order = np.arange(len(rows))
    seed = 1234
    while True:
        np.random.RandomState(seed).shuffle(order)
        train, test = rows.iloc[order[:learned]], rows.iloc[order[learned:]]
        if all(train[c].nunique() == rows[c].nunique() for c in categories):
            return train.reset_index(drop=True), test.reset_index(drop=True)
        seed += 1
