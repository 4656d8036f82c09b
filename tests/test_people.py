"""Nothing of the people of a table stands in anything that is made, saved or said of it."""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stderr
from pathlib import Path

import pandas as pd
import pytest

import sampan as sp
from sampan.cli.line import main
from sampan.fields.personal.pieces import gapped
from tests.fields.people import rows_of

WHATS = ["han", "romanised", "hkid", "account", "phone", "plain phone", "e-mail", "address"]
ROWS = rows_of(50, 4, seed=9)
SECRETS = {row[what] for row in ROWS for what in WHATS}


def frame() -> pd.DataFrame:
    """The people under no telling headings, remarks about them, and an amount."""
    table = pd.DataFrame([{f"c{place}": row[what] for place, what in enumerate(WHATS)} for row in ROWS])
    table["c5"] = table["c5"].astype("int64")
    table["remarks"] = [
        f"業主{row['han']}，電話{row['plain phone']}，{row['e-mail']}" if place % 2 else "交吉 vacant"
        for place, row in enumerate(ROWS)
    ]
    table["amount"] = [place * 7 % 50 for place in range(len(ROWS))]
    return table


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sp.fit(frame(), steps=2)


def test_nothing_of_anyone_is_made_or_saved(model: sp.Generator, tmp_path: Path) -> None:
    made = model.sample(300, seed=1)
    model.save(tmp_path / "model")
    made.to_csv(tmp_path / "made.csv")
    whole = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    whole += "\n".join(model.notes).encode()
    escaped = {secret.encode("unicode_escape") for secret in SECRETS}
    assert not [secret for secret in SECRETS if secret.encode() in whole]
    assert not [secret for secret in escaped if secret in whole]
    assert made.groupby("c2")[["c0", "c1", "c3", "c4", "c5", "c6", "c7"]].nunique().max().max() == 1


def test_what_is_filled_keeps_what_is_there(model: sp.Generator) -> None:
    table = frame().head(20)
    holed = table.copy()
    holed.loc[::2, "c4"] = None
    holed.loc[:, "c7"] = None
    filled = model.fill(holed)
    assert filled["c2"].tolist() == table["c2"].tolist()
    assert filled["c4"].tolist()[1::2] == table["c4"].tolist()[1::2]
    assert not set(filled["c4"].tolist()[::2]) & SECRETS and not set(filled["c7"]) & SECRETS
    assert (filled.groupby("c2")["c7"].nunique() == 1).all()  # one person, one address


def test_asked_for_by_hand(tmp_path: Path) -> None:
    few = pd.DataFrame(
        {"who": ["Aq Rst", "Bn Uvw", "Cm Xyz"] * 20, "amount": [row % 30 for row in range(60)]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert set(sp.fit(few, steps=2).sample(50)["who"]) <= set(few["who"])
        asked = sp.fit(few, steps=2, personal={"who": "name"})
    assert not set(asked.sample(50)["who"]) & set(few["who"])
    few.to_csv(tmp_path / "few.csv", index=False)
    said = io.StringIO()
    for option, code in (("who=name", 0), ("who", 4), ("whom=name", 4), ("who=nmae", 4)):
        with redirect_stderr(said):
            assert main(["schema", str(tmp_path / "few.csv"), "--personal", option, "--quiet"]) == code, (
                option
            )
    assert 'Did you mean "name"' in said.getvalue() and 'Did you mean "who"' in said.getvalue()


def test_remarks_keep_their_phrases(model: sp.Generator) -> None:
    made = model.sample(300, seed=2)["remarks"].dropna()
    assert {gapped(text)[0] for text in made} == {gapped(text)[0] for text in frame()["remarks"]}
