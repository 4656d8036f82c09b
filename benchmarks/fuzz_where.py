"""Conditions: right ones, wrong ones, and ones that no person would write."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzz import Case
from fuzz_models import apart

from sampan import generator

COLUMNS = ["age", "income", "score", "joined", "seen", "city", "flag", "home town", "clock", "key", "same"]


def learned(place: Path) -> Path:
    """A small model of every kind of column that can be asked about."""
    import datetime as dt

    import numpy as np

    import sampan as sp

    rng = np.random.default_rng(0)
    n = 400
    table = {
        "age": rng.integers(17, 91, n).tolist(),
        "income": rng.gamma(2, 30_000, n).round(2).tolist(),
        "score": rng.random(n).tolist(),
        "joined": [
            (dt.date(2005, 1, 1) + dt.timedelta(days=int(d))).isoformat() for d in rng.integers(0, 6_000, n)
        ],
        "seen": [
            (dt.datetime(2020, 1, 1) + dt.timedelta(minutes=int(d))).isoformat()
            for d in rng.integers(0, 10**6, n)
        ],
        "city": [f"c{k}" for k in rng.integers(0, 60, n)],
        "flag": rng.integers(0, 2, n).astype(bool).tolist(),
        "home town": [["New York", "O'Hare", "HK", ""][k] for k in rng.integers(0, 4, n)],
        "clock": [f"{h:02d}:{m:02d}" for h, m in rng.integers(0, 24, (n, 2))],
        "key": [f"K{k:06d}" for k in rng.permutation(900_000)[:n]],
        "same": ["one"] * n,
    }
    apart(lambda: sp.fit(table, steps=2, types={"key": "identifier", "same": "constant"}).save(place))
    return place


# --- conditions that grow out of a grammar
def _name(rng: random.Random) -> str:
    name = rng.choice(COLUMNS) if rng.random() < 0.97 else rng.choice(["nothing", "AGE", "", "x" * 300, "年"])
    return f"`{name}`" if " " in name or rng.random() < 0.1 else f'"{name}"' if rng.random() < 0.05 else name


def _value(rng: random.Random) -> str:
    common = [
        *(
            "20",
            "65",
            "0.5",
            "-3",
            "+4",
            "1e5",
            "1_000",
            "007",
            ".5",
            "5.",
            "1e999",
            "-1e999",
            "1e-400",
            "0",
            "1",
        ),
        *(
            "2010-01-01",
            "2024-02-30",
            "2020-05",
            "2020",
            "2020-03-04T10:20",
            "2020-03-04T10:20:30.123456+08:00",
        ),
        *(
            "0001-01-01",
            "9999-12-31",
            "0001-01-01T00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "10:20",
            "25:00",
        ),
        *(
            "c1",
            "c59",
            "yes",
            "true",
            "False",
            "'New York'",
            "'O''Hare'",
            "HK",
            "''",
            "'x y'",
            "missing",
            "nan",
            "inf",
        ),
        *(
            "9" * 400,
            "9" * 18,
            "9" * 19,
            "-" + "9" * 20,
            "1" * 1_001,
            "9223372036854775808",
            "２０",
            "٣",
            "1e",
            "0x1f",
        ),
        *(
            "'" + "x" * 5_000 + "'",
            "'" + "9" * 5_000 + "'",
            "'\\'",
            "'\n'",
            "'%s{0}'",
            "'\U0001f600'",
            "`age`",
            "one",
        ),
    ]
    return rng.choice(common)


_FITTING = {
    **dict.fromkeys(("age", "income"), "20 65 30.5 1e4 0 -1 33000 9e9".split()),
    "score": "0.5 .25 0 1 0.999 1e-9".split(),
    "joined": "2010-01-01 2012-05 2015 2005-01-01 2020-12-31 1990-01-01".split(),
    "seen": "2020-03-04T10:20 2020-06 2021 2020-01-01 2021-11-25T01:02:03+08:00".split(),
    "city": "c1 c2 c59 'c3' c10".split(),
    "flag": "true false yes 1".split(),
    "home town": ["'New York'", "HK", '"O\'Hare"'.replace('"', "'").replace("O'H", "O''H")],
    "clock": "10:20 23:00 '00:10'".split(),
}


def _pair(rng: random.Random) -> tuple[str, Callable[[], str]]:
    """A column, and values that mostly fit it."""
    name = rng.choice(list(_FITTING))
    shown = f"`{name}`" if " " in name or rng.random() < 0.1 else name
    return shown, lambda: rng.choice(_FITTING[name]) if rng.random() < 0.95 else _value(rng)


def _condition(rng: random.Random) -> str:
    if rng.random() < 0.7:
        name, value = _pair(rng)
        match rng.randrange(5):
            case 0:
                several = ", ".join(value() for _ in range(rng.randrange(1, 5)))
                return f"{name} {rng.choice(['', 'not '])}in ({several})"
            case 1:
                return f"{name} is {rng.choice(['', 'not '])}missing"
            case _:
                return f"{name} {rng.choice(['=', '!=', '<', '<=', '>', '>='])} {value()}"
    name, op = _name(rng), rng.choice(["=", "==", "!=", "<>", "<", "<=", ">", ">=", "≥", "≠", "＜"])
    match rng.randrange(9):
        case 0 | 1 | 2:
            return f"{name} {op} {_value(rng)}"
        case 3:
            return (
                f"{_value(rng)} {rng.choice(['<', '<='])} {name} {rng.choice(['<', '<=', '='])} {_value(rng)}"
            )
        case 4:
            several = ", ".join(_value(rng) for _ in range(rng.randrange(1, 6)))
            return f"{name} {rng.choice(['', 'not '])}in ({several})"
        case 5:
            return f"{name} {rng.choice(['', 'not '])}between {_value(rng)} and {_value(rng)}"
        case 6:
            return f"{name} is {rng.choice(['', 'not '])}{rng.choice(['missing', 'null', 'na'])}"
        case 7:
            return f"{_value(rng)} {op} {name}"
        case _:
            return f"{name}{op}{rng.choice(['5000 +- 500', '20 ± 3', '20 +-', '-5 +- -1', '1 +- 1e999'])}"


def _formula(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.3:
        return _condition(rng)
    match rng.randrange(4):
        case 0:
            return f"not ({_formula(rng, depth - 1)})"
        case 1:
            return f"({_formula(rng, depth - 1)})"
        case _:
            word = rng.choice([" and ", " or ", " && ", " || ", "\nAND "])
            return word.join(_formula(rng, depth - 1) for _ in range(rng.randrange(2, 5)))


def _broken(rng: random.Random) -> str:
    text = list(_formula(rng, 3))
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(3):
            case 0:
                text.insert(at, rng.choice("()[]'\"`‘“<>=!&|,.+-\0\t\n%\\年\ud83d" + "aZ09"))
            case 1 if len(text) > 1:
                text.pop(at - 1)
            case _:
                text[at:] = text[at:][::-1][: rng.randrange(200)]
    return "".join(text).replace("\ud83d", "\ufffd").replace("\0", "\x01")


# --- conditions that grow without end
def _long(rng: random.Random) -> str:
    count = rng.choice([200, 1_000, 3_000, 8_000])
    name, word = rng.choice(COLUMNS[:6]), rng.choice([" and ", " or "])
    op = rng.choice(["=", "!=", "<", ">", ">=", "between"])
    value = {
        "age": lambda k: str(k),
        "income": lambda k: str(k * 11),
        "score": lambda k: f"{k / count:.5f}",
        "joined": lambda k: f"{2005 + k % 16}-{k % 12 + 1:02d}-{k % 28 + 1:02d}",
        "seen": lambda k: f"2020-{k % 12 + 1:02d}-{k % 28 + 1:02d}T{k % 24:02d}:{k % 60:02d}",
        "city": lambda k: f"c{k}",
    }
    match rng.randrange(9):
        case 0:
            return "(" * count + f"{name} = 1" + ")" * rng.choice([count, count, 0, count - 1])
        case 1:
            return "not " * count + f"{name} = 1"
        case 2:
            return "not (" * count + f"{name} = 1" + ")" * count
        case 3:
            return f"{name} in ({', '.join(value[name](k) for k in range(count))})"
        case 4:
            return f"{name} {op} " + rng.choice(
                ["9" * count, "x" * count, "'" * count, "-" * count, "1e" + "9" * count]
            )
        case 5:
            names = [rng.choice(COLUMNS[:6]) for _ in range(count)]
            return word.join(f"{one} {'<>='[k % 3]} {value[one](k)}" for k, one in enumerate(names))
        case 6:
            parts = (
                f"({' or '.join(f'{one} > {value[one](k)}' for one in COLUMNS[:4])})"
                for k in range(count // 40)
            )
            return " and ".join(parts)
        case 7:
            parts = (
                f"({' and '.join(f'{one} < {value[one](k)}' for one in COLUMNS[:5])})"
                for k in range(count // 40)
            )
            return " or ".join(parts)
        case _:
            if op == "between":
                return word.join(
                    f"{name} between {value[name](k)} and {value[name](k + 3)}" for k in range(count)
                )
            return word.join(f"{name} {op} {value[name](k)}" for k in range(count))


def conditions(count: int, seed: int) -> Iterator[str]:
    """So many conditions, each kind as often as it is worth."""
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        kind = index % 10
        yield _long(rng) if kind == 0 else _broken(rng) if kind < 4 else _formula(rng, rng.randrange(1, 4))


def cases(count: int, seed: int, place: Path) -> Iterator[Case]:
    """Each condition asks a model for two rows; every fifth beside values that are given."""
    model = learned(place / "model")
    held = generator.load(model)  # once, and not in every child
    generator.load = lambda *path, **options: held
    for index, text in enumerate(conditions(count, seed)):
        given = ["--given", "age=30", "--given", "city=c1"] if index % 5 == 0 else []
        argv = ["sample", str(model), "-n", "2", "--quiet", f"--where={text}", *given]
        yield Case(f"{index} {text[:90]!r} ({len(text):,})", argv, frozenset({0, 4}))
