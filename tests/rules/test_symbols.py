"""Symbols that rules forbid beside each other, and orders that hold where no gap is learned."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import torch

import sampan as sp
from sampan.data import read
from sampan.learning.schema import read_schema
from sampan.rules.wish import Wish

ROWS = 500
RNG = np.random.default_rng(3)


def refunds() -> pd.DataFrame:
    """Wide orders, a limit of a difference, what is nothing or missing together."""
    low = RNG.gamma(2, 1_000, ROWS)
    begin = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 3_000_000, ROWS), unit="min")
    limit = np.round(RNG.gamma(3, 2_000, ROWS), 2)
    used = np.round(limit * RNG.beta(1, 3, ROWS), 2)
    state = RNG.choice(["none", "part"], ROWS)
    back = np.where(state == "none", 0, 1 + np.round(100 * RNG.random(ROWS)))
    return pd.DataFrame(
        {
            "low": low,
            "high": low + RNG.exponential(800, ROWS),
            "begin": begin,
            "end": begin + pd.to_timedelta(RNG.integers(1, 2_500_000, ROWS), unit="min"),
            "limit": limit,
            "used": used,
            "paid": np.floor((limit - used) * RNG.beta(1, 4, ROWS)),
            "state": state,
            "back": back,
            "when": np.where(state == "none", np.datetime64("NaT"), (begin + pd.Timedelta(days=3)).values),
        }
    )


RULES = [
    "low <= high",
    "begin < end",
    "used <= limit",
    "paid <= limit - used",
    "if state = none then back = 0",
    "if state = part then back > 0",
    "if state = none then when is missing",
    "if state = part then when is not missing",
]


def test_orders_and_what_goes_together_hold_in_every_family() -> None:
    data = refunds()
    for family in (sp.Autoregressive(size=16, depth=1), sp.Diffusion(size=16, depth=1), sp.VAE(size=16)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = sp.fit(data, rules=RULES, steps=3, family=family, progress=False)
        assert not model.layout.kept.gaps  # they take too many values
        for given in ({}, {"low": 900.0}, {"state": "none"}, {"end": "2025-05-05T10:00:00"}):
            made = model.sample(80, given=given, seed=1)
            none = made.state == "none"
            assert (made.low <= made.high).all() and (made.begin < made.end).all()
            assert (made.used <= made.limit).all() and (made.paid <= made.limit - made.used + 1e-9).all()
            assert ((made.back == 0) == none).all() and (made.when.isna() == none).all()


def test_pairs_of_symbols_are_forbidden_just_where_no_values_in_them_keep_the_rule() -> None:
    data = pd.DataFrame({"low": np.arange(60) % 10, "high": np.arange(60) % 10 + np.arange(60) % 3})
    data["kind"] = np.where(data.low > 5, "much", "few")
    table = read(data)
    for text, first, second in [
        ("low <= high", "low", "high"),
        ("if kind = few then low < 6", "kind", "low"),
        ("low fixes kind", "low", "kind"),
    ]:
        schema = read_schema(table, types={})
        layout = schema.fit(table.columns, rules=Wish((text,), search=False))
        seen = layout.encode(table.columns)
        if layout.kept.gaps:  # then the order holds without
            assert text == "low <= high"
            continue
        torch.set_warn_always(True)  # what a person is told once in a process fails here each time
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                (((left, right), allowed),) = layout.pairs().items()
        finally:
            torch.set_warn_always(False)
        assert (left, right) == (first, second)
        assert allowed[seen[first].long(), seen[second].long()].all() and not allowed.all()
