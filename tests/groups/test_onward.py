"""Columns that go forward within a group: where made groups start, and that none piles up at an end."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

import sampan as sp


def test_no_made_time_piles_up_where_the_data_end() -> None:
    rng = np.random.default_rng(5)
    days = np.sort(rng.choice(9_000, (300, 5)), axis=1)  # a customer's days reach over the whole span
    table = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(300) + 70_000, 5),
            "city": np.repeat(rng.choice(["Tai Po", "Sha Tin", "Mong Kok"], 300), 5),
            "day": pd.Timestamp("1990-01-01") + pd.to_timedelta(days.reshape(-1), unit="D"),
        }
    )
    model = sp.fit(table, steps=20, key="customer_id", seed=1)
    assert "these go forward" in " ".join(model.notes) and '"day"' in " ".join(model.notes)
    made = model.sample(5_000, seed=2)
    assert made.groupby("customer_id").day.apply(lambda own: own.is_monotonic_increasing).all()
    assert made.day.between(table.day.min(), table.day.max()).all()
    assert max(Counter(made.day).values()) <= 40  # 5,000 rows over 9,000 days; ends once took hundreds
    # few steps learned, and yet no half of the span is left empty
    assert 0.25 <= (made.day > table.day.median()).mean() <= 0.75


def test_equal_steps_stay_equal_where_a_group_starts_elsewhere() -> None:
    rng = np.random.default_rng(6)
    begin = rng.integers(0, 700, 200)
    days = begin[:, None] + 7 * np.arange(6)
    table = pd.DataFrame(
        {
            "patient_id": np.repeat(np.arange(200) + 30_000, 6),
            "sex": np.repeat(rng.choice(["F", "M"], 200), 6),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(days.reshape(-1), unit="D"),
        }
    )
    made = sp.fit(table, steps=5, key="patient_id", seed=1).sample(1_200, seed=2)
    steps = made.groupby("patient_id").day.diff().dropna().dt.days
    assert set(steps) == {7} and made.day.between(table.day.min(), table.day.max()).all()
    assert max(Counter(made.day).values()) <= 40
