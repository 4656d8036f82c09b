"""A toy judgement: customers learned from, kept aside and made, and scores as a judge would give them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from sampan.evaluate.found import ClosePoints
from sampan.evaluate.gate import DEFAULT_GATE, decide
from sampan.evaluate.report import ClosePair, Report
from sampan.evaluate.report.shown import Drawn, PointPair, Shown
from sampan.evaluate.score import Part, Score
from sampan.evaluate.sides import Side, Sides

PLACES = [
    "Central",
    "Kowloon",
    "Sha Tin",
    "Tuen Mun",
    "沙田及馬鞍山新市鎮",
    "Islands",
    "Sai Kung",
    "North",
    "Tai Po",
]


def customers(rows: int, seed: int, drift: float = 0.0) -> Side:
    """Rows of one side; drift moves income and the district away from the real ones."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(44, 15, rows), 18, 91).round()
    income = np.exp(rng.normal(10.1 + drift, 0.55, rows)) + 120 * age
    hours = np.where(rng.random(rows) < 0.62, 40.0, rng.integers(5, 70, rows))
    joined = 1.4e9 + 3e8 * rng.random(rows)
    balance = np.where(rng.random(rows) < 0.12, np.nan, income * rng.random(rows))
    weights = np.array([30.0, 22, 15, 9, 8, 6, 5, 3, 2]) ** (1 - drift / 2)
    return Side(
        rows,
        {
            "age": age,
            "income": income,
            "hours_per_week": hours,
            "joined": joined,
            "balance": balance,
            "visits": rng.poisson(2 + 2 * (age > 50), rows).astype(float),
        },
        {
            "district": rng.choice(9, rows, p=weights / weights.sum()),
            "sex": rng.integers(0, 2, rows),
            "年資": rng.choice(5, rows, p=[0.3, 0.3, 0.2, 0.15, 0.05]),
            "churned": (rng.random(rows) < 0.2 + 0.1 * (age < 30)).astype(np.int64),
        },
    )


def toy_sides(rows: int = 1500, unseen: int = 750, drift: float = 0.0) -> Sides:
    """The three tables."""
    three = customers(rows, 1), customers(unseen, 2), customers(rows, 3, drift)
    return Sides(
        *three,
        {**dict.fromkeys(three[0].numbers, "number"), **dict.fromkeys(three[0].codes, "category")},  # type: ignore[arg-type]
        {
            "district": PLACES,
            "sex": ["f", "m"],
            "年資": ["不足一年", "一至三年", "三至五年", "五至十年", "十年以上"],
            "churned": ["no", "yes"],
        },
        {"joined": lambda value: (dt.date(1970, 1, 1) + dt.timedelta(seconds=value)).isoformat()},
        seed=7,
    )


def _parts(names: list[str], value: float, floor: float, spread: float, seed: int) -> tuple[Part, ...]:
    """Parts about a mean, the worst first."""
    rng = np.random.default_rng(seed)
    parts = []
    for name in names:
        own, real = value * rng.lognormal(0, spread), floor * rng.lognormal(0, spread)
        parts.append(Part(name, own, real, own * 0.8, own * 1.2, passed=own < 3.2 * real))
    return tuple(sorted(parts, key=lambda part: part.floor - part.value))


FACTS: dict[str, dict[str, str | float]] = {
    "groups": {"key": "customer", "groups": 500.0, "floor_groups": 250.0, "worst": "sex"},
    "rules": {"rules": 6.0},
    "utility": {"target": "churned", "guessed": "yes"},
    "ranking": {"reversed": ""},
    "importance": {"top_made": "age, income", "top_real": "age, income"},
    "augmentation": {"target": "churned", "rare": "yes", "gain": 0.02, "gain_low": -0.09, "gain_high": 0.13},
    "representation": {"group": "sex=f", "share_made": 49.5, "share_real": 50.0},
    "outcome": {"group": "sex=f", "positive": "yes", "rate_made": 21.6, "rate_real": 20.0},
    "parity": {"column": "sex"},
    "odds": {"column": "sex"},
}


def toy_scores(bad: bool = False) -> tuple[Score, ...]:
    """Every score of every question. bad: the columns drift and some people can be found."""
    names = list(toy_sides(10, 5).kinds)
    pairs = [f"{a} × {b}" for i, a in enumerate(names) for b in names[i + 1 :]]
    worse = 3.1 if bad else 0.95

    def attack(name: str, value: float, power: float, parts: tuple[str, ...]) -> Score:
        every = tuple(
            Part(part, risk, 0.0, risk - 1.6, risk + 1.6, power, True)
            for part, risk in zip(parts, (value, value * 0.7, -0.4), strict=False)
        )
        return Score(
            name, "found", value, "lower", True, value - 1.6, value + 1.6, 0.0, unit="%",
            facts={"success": 2.1 + value, "control": 2.1, "tries": 1000.0, "worst": parts[0]}, parts=every,
        )  # fmt: skip

    whole, same = (0.61, 2.1) if bad else (0.97, 0.0)
    scores = (
        Score("shape", "look", 1.3 * worse, "lower", not bad, 1.1 * worse, 1.5 * worse, 1.35, 1.2, 1.55,
              unit="%", parts=_parts(names, 1.3 * worse, 1.35, 0.5, 4)),
        Score("trend", "look", 2.4 * worse, "lower", not bad, 2.2 * worse, 2.6 * worse, 2.3, 2.1, 2.5, 11.8,
              unit="%", parts=_parts(pairs, 2.4 * worse, 2.3, 0.45, 5)),
        Score("c2st", "look", whole, "higher", not bad, whole - 0.02, whole + 0.02, 0.98, 0.96, 1.0, 0.12,
              parts=(Part("income", 0.4), Part("district", 0.2))),
        Score("precision", "look", 94.8, "higher", True, 94.1, 95.5, 95.1, 94.4, 95.8, 71.0, "%"),
        Score("recall", "look", 50.2, "higher", True, 49.0, 51.4, 49.6, 48.5, 50.7, 22.0, "%"),
        Score("coverage", "look", 96.0, "higher", True, 95.2, 96.8, 96.4, 95.6, 97.2, 80.3, "%"),
        Score("absence", "look", 0.4, "lower", True, 0.1, 0.9, 0.5, 0.2, 1.0, unit="%"),
        Score("rules", "look", 0.0, "lower", True, 0.0, 0.2, 0.0, 0.0, 0.2, 3.5, "%"),
        Score("groups", "look", 0.0, "lower", True, 0.0, 0.7, 0.0, 0.0, 1.3, unit="%"),
        Score("given", "given", 3.9, "lower", True, 3.2, 4.6, 3.7, 3.1, 4.4, 14.0, "%"),
        Score("utility", "work", 0.913, "higher", True, 0.905, 0.921, 0.918, 0.911, 0.925, 0.5,
              parts=(Part("boosted trees", 0.913, 0.918), Part("logistic regression", 0.897, 0.899))),
        Score("ranking", "work", 1.0, "higher", True, 0.8, 1.0, 1.0, 0.8, 1.0),
        Score("importance", "work", 0.94, "higher", True, 0.90, 0.97, 0.96, 0.93, 0.98, 0.1),
        Score("augmentation", "work", 0.62, "higher", None, 0.48, 0.75, 0.60, 0.47, 0.73),
        Score("copies", "found", same, "lower", not bad, same * 0.7, same * 1.3 + 0.2, 0.0, 0.0, 0.3,
              unit="%", parts=(Part("exact", same, 0.0, power=2.0, passed=not bad),)),
        Score("near", "found", 51.3, "lower", True, 49.0, 53.6, 50.0, 47.5, 52.5, unit="%"),
        Score("membership", "found", 0.512, "lower", True, 0.49, 0.534, 0.5,
              parts=(Part("density ratio", 0.512, 0.5, 0.49, 0.534, 0.71),
                     Part("classifier", 0.507, 0.5, 0.485, 0.529, 0.68))),
        Score("membership_tpr", "found", 1.3, "lower", True, 0.6, 2.2, 1.0, unit="%"),
        attack("singling_out", 0.6, 8.3, ("all columns", "a few columns", "one column")),
        attack("linkability", 0.3, 9.5, ("two halves",)),
        attack("inference", 1.2, 11.0, ("income", "district", "age")),
        Score("representation", "treated", 0.9, "lower", True, 0.4, 1.5, 1.0, 0.5, 1.6, unit="points",
              parts=(Part("sex = f", 0.9, 1.0), Part("sex = m", 0.9, 1.0))),
        Score("outcome", "treated", 1.6, "lower", True, 0.5, 2.7, 1.5, 0.5, 2.6, unit="points"),
        Score("parity", "treated", 0.031, "lower", True, 0.012, 0.05, 0.028, 0.01, 0.046),
        Score("odds", "treated", 0.044, "lower", True, 0.015, 0.073, 0.04, 0.012, 0.07),
    )  # fmt: skip
    return tuple(replace(score, facts={**score.facts, **FACTS.get(score.name, {})}) for score in scores)


def cells(sides: Sides, side: Side, row: int) -> dict[str, str]:
    """One row as text."""
    out = {}
    for name in sides.kinds:
        value = side.column(name)[row]
        if side.missing(name)[row]:
            out[name] = ""
        elif name in side.codes:
            out[name] = str(sides.labels[name][int(value)])
        else:
            out[name] = sides.ticks[name](value) if name in sides.ticks else f"{value:.10g}"
    return out


def toy_report(bad: bool = False, gate: str = DEFAULT_GATE, *, without: tuple[str, ...] = ()) -> Report:
    """A whole report. without: questions that were not asked."""
    sides = toy_sides(drift=0.35 if bad else 0.0)
    scores = tuple(score for score in toy_scores(bad) if score.question not in without)
    closest = tuple(
        ClosePair(
            {**cells(sides, sides.made, i), "sex": "f"},
            {**cells(sides, sides.seen, i), "sex": "f"},
            0.02 * (i + 1),
            0.021 * (i + 2),
        )
        for i in range(10)
    )
    return Report(
        "customers.csv",
        scores,
        sides,
        gate,
        decide(gate, scores).passed,
        closest,
        tuple(cells(sides, sides.made, i) for i in range(20, 28)),
        {
            "family": "autoregressive",
            "created": "2026-01-31T09:30:00+00:00",
            "digest": "sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069",
            "seed": 0,
            "minutes": 2.0,
            "energy_wh": 0.33,
            "versions": {"sampan": "0.1.0", "torch": "2.13.0"},
        },
        {"seen": 12000, "unseen": 3000, "made": 12000},
        21.4,
        7,
        tuple((question, "no_protected") for question in without),  # type: ignore[misc]
    )


def toy_points(column: str = "scan", bad: bool = False) -> tuple[Score, ...]:
    """Every score of a column of points. bad: they look wrong and some are copies."""
    far, own, same = (30.0, 20.0, 30.0) if bad else (8.1, 85.0, 0.0)
    scores = (
        Score("frechet", "look", far, "lower", not bad, far - 2, far + 2, 7.9, 7.0, 9.0),
        Score("kernel", "look", 0.01, "lower", True, 0.0, 0.02, 0.01, 0.0, 0.02),
        Score("precision", "look", 91.0, "higher", True, 88.0, 93.0, 92.0, 90.0, 94.0, unit="%"),
        Score("recall", "look", own, "higher", not bad, own - 4, own + 4, 86.0, 84.0, 88.0, unit="%"),
        Score("density", "look", 0.98, "higher", True, 0.9, 1.05, 1.0, 0.95, 1.05),
        Score("coverage", "look", 88.0, "higher", True, 80.0, 93.0, 90.0, 88.0, 92.0, unit="%"),
        Score("repeats", "look", 0.5, "lower", True, 0.1, 1.2, 0.4, 0.1, 1.1, unit="%"),
        Score("copies", "found", same, "lower", not bad, 0.8 * same, same + 6, 0.0, 0.0, 1.0, unit="%",
              parts=(Part("pixels", same, 0.0), Part("features", 0.0, 0.0))),
        Score("near", "found", 52.0, "lower", True, 48.0, 56.0, 50.0, 46.0, 54.0, unit="%"),
    )  # fmt: skip
    return tuple(score.of(column) for score in scores)


def drawn(cell: str) -> Drawn:
    """A cell of a column of points, drawn."""
    return Drawn(f'<img alt="" src="data:,{cell}">')


def toy_shown(column: str = "scan", bad: bool = False, file: str | None = None) -> Shown:
    """What is shown of a column of points: 48 cells of each side, 12 pairs; 4 are copies where bad."""
    made, seen, walk = (
        tuple(drawn(f"{side}{i}") for i in range(count))
        for side, count in (("made", 48), ("seen", 48), ("walk", 12))
    )
    pairs = tuple(
        PointPair(
            drawn(f"near{i}"),
            drawn(f"learned{i}"),
            ClosePoints(i, i + 50, (0.3 if bad else 0.8) + 0.1 * i, 0.62, "pixels"),
        )
        for i in range(12)
    )
    return Shown(column, "picture", made, seen, walk, pairs, "labels", file, 200)


def toy_mixed(bad: bool = False, gate: str = DEFAULT_GATE, column: str = "scan") -> Report:
    """Customers with a picture each. bad: of the pictures only."""
    plain = toy_report(gate=gate)
    scores = (*plain.scores, *toy_points(column, bad))
    rows = tuple({column: drawn(f"row{i}"), **row} for i, row in enumerate(plain.examples))
    return replace(
        plain,
        scores=scores,
        shown=(toy_shown(column, bad),),
        examples=rows,
        passed=decide(gate, scores).passed,
    )


def toy_pictures(bad: bool = False) -> Report:
    """Pictures without anything beside them."""
    none = Side(0, {}, {})
    scores = toy_points(bad=bad)
    return Report(
        "scans", scores, Sides(none, none, none, {}, {}, {}),
        DEFAULT_GATE, decide(DEFAULT_GATE, scores).passed,
        rows={"seen": 200, "unseen": 200, "made": 200},
        shown=(toy_shown(bad=bad, file="net.safetensors, sha256 0"),),
        skipped=(("work", "no_target"), ("treated", "no_protected")),
    )  # fmt: skip
