"""One person keeps one invented identity over their rows, and no made cell is a real person's."""

from __future__ import annotations

import json
import random
from collections import Counter

import numpy as np
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, from_strings
from sampan.field import Rows
from sampan.fields import CODECS
from sampan.fields.people import People
from sampan.fields.personal import hkid_check
from sampan.guess import guess
from sampan.schema import Layout
from tests.fields.people import people, rows_of

WHATS = ["han", "romanised", "hkid", "account", "phone", "e-mail", "address"]


def table(rows: list[dict[str, str]]) -> dict[str, Column]:
    """The people of the rows, under no telling headings, and an amount."""
    columns = {f"c{place}": from_strings([row[what] for row in rows]) for place, what in enumerate(WHATS)}
    columns["mobile"] = Array([int(row["plain phone"]) for row in rows], DataType.int64())
    return columns | {"amount": Array([row * 3 % 101 for row in range(len(rows))], DataType.int64())}


def made_of(layout: Layout, count: int, seed: int = 0, **given: Column) -> dict[str, list]:
    leaves = {layout.names[name, ""]: np.zeros(count, dtype=np.int64) for name in ("amount",)}
    leaves |= {leaf: np.full(count, 0.5) for leaf in layout.noise()}
    made = layout.decode(leaves, Rows(0, count, seed), given)
    return {name: column.to_pylist() for name, column in made.items() if name != "amount"}


@pytest.fixture(scope="module", params=[(240, 8), (60, 2), (30, 50)], ids=str)
def learned(request: pytest.FixtureRequest) -> tuple[dict[str, Column], Layout]:
    columns = table(rows_of(*request.param))
    return columns, guess(columns).schema.fit(columns)


def test_nobody_comes_back_and_people_keep_one_identity(learned: tuple[dict[str, Column], Layout]) -> None:
    columns, layout = learned
    assert sum(codec.kind == "personal" for codec in layout.codecs.values()) == len(WHATS) + 1
    rows = len(columns["c0"])
    made = made_of(layout, rows)
    for name, cells in made.items():
        assert not set(map(str, cells)) & set(map(str, columns[name].to_pylist())), name
    identities = Counter(zip(*made.values(), strict=True))
    for name, cells in made.items():  # every value is of one identity: bijections all over
        assert len(set(cells)) == len(identities), name
    assert all(hkid_check(text[0], text[1:7]) == text[8] for text in made["c2"])
    assert all(
        str(plain) == phone.replace(" ", "") for plain, phone in zip(made["mobile"], made["c4"], strict=True)
    )
    real = Counter(columns["c2"].to_pylist())
    assert abs(np.mean(list(identities.values())) / np.mean(list(real.values())) - 1) < 0.1
    assert max(identities.values()) <= 2 * max(real.values())


def test_one_seed_one_result_and_other_blocks_other_people(learned: tuple[dict[str, Column], Layout]) -> None:
    columns, layout = learned
    assert made_of(layout, 50) == made_of(layout, 50) != made_of(layout, 50, seed=1)
    if len(set(columns["c2"].to_pylist())) == 30:
        return  # few people with many rows each are a fixed set
    codec = layout.codecs["c2"]
    here, there = (set(codec.decode({}, Rows(start, 64, 0)).to_pylist()) for start in (0, 64))
    assert not here & there


def test_what_is_given_names_the_person(learned: tuple[dict[str, Column], Layout]) -> None:
    _, layout = learned
    given = from_strings(["陳一心", "李二美", None, "陳一心"] * 5)
    made = made_of(layout, 20, c0=given)
    first, second = made["c2"][0], made["c2"][1]
    assert made["c2"][0::4] == made["c2"][3::4] == [first] * 5 and second == made["c2"][5] != first


def test_the_model_folder_holds_no_real_value_and_loads(learned: tuple[dict[str, Column], Layout]) -> None:
    columns, layout = learned
    again = {}
    for name, codec in layout.codecs.items():
        values, arrays = codec.state()
        text = json.dumps(values, ensure_ascii=False)
        if codec.kind == "personal":
            real = {str(cell) for cell in columns[name].to_pylist()}
            assert not [cell for cell in real if cell in text], name
        again[name] = CODECS[codec.kind].from_state(json.loads(text), arrays)
    assert made_of(Layout(again), 40) == made_of(layout, 40)


def test_agents_accounts_and_families_beside_people() -> None:
    """A person has two accounts, an agent has many people, and a family one address."""
    some, agents = people(120), ["Ann Lee", "Bob Ray", "Eve Fox", "Joe Day", "Kim Poe", "Lou Orr", "Max Roe"]
    rows = [
        (
            person["hkid"],
            f"012-{345678 + 17 * place}-{account:03d}",
            agents[place % 7],
            some[place // 2]["address"],
        )
        for place, person in enumerate(some)
        for account in (1, 2)
        for _ in range(4)
    ]
    random.Random(2).shuffle(rows)
    names = ("hkid", "account_no", "agent_name", "address")
    columns = {name: from_strings([row[place] for row in rows]) for place, name in enumerate(names)}
    layout = guess(columns).schema.fit(columns)
    made = {name: column.to_pylist() for name, column in layout.decode({}, Rows(0, len(rows), 0)).items()}
    of_person = {name: {} for name in names}
    for row in zip(*made.values(), strict=True):
        for name, cell in zip(names, row, strict=True):
            of_person[name].setdefault(row[0], set()).add(cell)
    assert np.mean([len(found) for found in of_person["account_no"].values()]) > 1.7
    assert all(len(found) == 1 for name in ("agent_name", "address") for found in of_person[name].values())
    assert len(set(made["account_no"])) > 1.7 * len(of_person["hkid"])
    assert len(set(made["agent_name"])) <= 7 and len(set(made["address"])) < 0.8 * len(of_person["hkid"])


def test_rows_of_one_person_stand_together_where_the_data_have_them_so() -> None:
    ordered = [row for row in people(100) for _ in range(6)]
    columns = table(ordered)
    made = made_of(guess(columns).schema.fit(columns), 300)["c2"]
    changes = sum(a != b for a, b in zip(made, made[1:], strict=False))
    assert changes == len(set(made)) - 1


def test_every_row_another_person_stays_so() -> None:
    columns = table(people(300))
    made = made_of(guess(columns).schema.fit(columns), 500)
    assert all(len(set(made[name])) == 500 for name in ("c2", "c3", "c4", "c5"))


def test_a_line_of_totals_is_no_person() -> None:
    rows = rows_of(100, 4)
    columns = table(rows)
    total = {"c0": "總計 Total"}
    columns = {
        name: from_strings([*column.to_pylist(), total.get(name)])
        for name, column in columns.items()
        if name.startswith("c")
    }
    layout = guess(columns).schema.fit(columns)
    leaves = {
        layout.names[name, leaf]: np.zeros(400, dtype=np.int64)
        for name in columns
        for leaf in layout.codecs[name].spaces
    }
    made = {name: column.to_pylist() for name, column in layout.decode(leaves, Rows(0, 400, 0)).items()}
    assert len(set(zip(*made.values(), strict=True))) == len(set(made["c2"])) == pytest.approx(100, abs=3)


@pytest.mark.parametrize("repeats", [1, 6])
def test_first_and_last_names_alone(repeats: int) -> None:
    rng = random.Random(5)
    first = "Ann Bob Eve Joe Kim Lou Max Sue Tom Zoe".split()
    last = "Lee Ray Fox Day Poe Orr Roe Cox Kay May".split()
    pairs = rng.sample([(a, b) for a in first for b in last], 60) * repeats
    rng.shuffle(pairs)
    columns = {
        "first_name": from_strings([a for a, _ in pairs]),
        "last_name": from_strings([b for _, b in pairs]),
    }
    layout = guess(columns).schema.fit(columns)
    persons = People.of(layout.codecs, columns).owners
    assert (None if persons is None else len(np.unique(persons))) == (None if repeats == 1 else 60)
    made = layout.decode({}, Rows(0, len(pairs), 0))
    people = Counter(zip(*(column.to_pylist() for column in made.values()), strict=True))
    assert not set(people) & set(pairs) and len(people) == pytest.approx(60, abs=6)


def test_what_all_rows_of_one_person_hold_is_one_persons() -> None:
    rows = rows_of(120, 6)
    born = {
        person["hkid"]: f"{1940 + 7 * place % 60}-{1 + place % 12:02d}-{1 + place % 28:02d}"
        for place, person in enumerate(people(120, 0))
    }
    columns = {
        "hkid": from_strings([row["hkid"] for row in rows]),
        "born": from_strings([born[row["hkid"]] for row in rows]),
        "note": from_strings(["rare" if row["hkid"] == rows[0]["hkid"] else "usual" for row in rows]),
    }
    layout = guess(columns).schema.fit(columns)
    note = layout.codecs["note"]
    made = note.decode({"": np.arange(500) % note.spaces[""].size}, Rows(0, 500, 0)).to_pylist()
    assert "rare" not in made and "usual" in made
    real, codec = set(born.values()), layout.codecs["born"]
    rng = np.random.default_rng(0)
    leaves = {leaf: np.resize(cells, 2_000) for leaf, cells in codec.encode(columns["born"]).items()}
    leaves |= {leaf: rng.random(2_000) for leaf in codec.noise}
    cells = codec.decode(leaves, Rows(0, 2_000, 0)).to_pylist()
    assert np.mean([cell in real for cell in cells]) < 0.3  # 120 days of 60 years; of the rows alone it is 1


def test_what_goes_one_to_one_with_a_person_names_the_person() -> None:
    rows = rows_of(12, 20)
    numbers = {row["hkid"]: f"S{place * 37 % 1000:03d}-{place}" for place, row in enumerate(people(12, 0))}
    columns = {
        "c1": from_strings([row["hkid"] for row in rows]),
        "c2": Array([int(row["plain phone"]) for row in rows], DataType.int64()),
        "c3": from_strings([numbers[row["hkid"]] for row in rows]),
        "c4": from_strings(["north" if row["hkid"] < "K" else "south" for row in rows]),
    }
    found = guess(columns)
    assert [found.fields[name].kind for name in columns] == ["personal", "personal", "identifier", "category"]
    assert any("one to one" in notice and '--keep "c3"' in notice for notice in found.notices)
    layout = found.schema.fit(columns)
    leaves = {leaf: np.zeros(240, dtype=np.int64) for leaf in layout.spaces}
    leaves |= {leaf: np.full(240, 0.5) for leaf in layout.noise()}
    made = {name: column.to_pylist() for name, column in layout.decode(leaves, Rows(0, 240, 0)).items()}
    for name in ("c1", "c2", "c3"):
        assert not set(made[name]) & set(columns[name].to_pylist())
    assert len(set(zip(made["c1"], made["c2"], made["c3"], strict=True))) == len(set(made["c1"]))


def test_a_person_is_told_by_the_column_that_names_them_in_most_rows() -> None:
    rows = rows_of(60, 6)
    phones = [None if place % 6 == 0 else row["phone"] for place, row in enumerate(rows)]
    columns = {"phone": from_strings(phones), "hkid": from_strings([row["hkid"] for row in rows])}
    layout = guess(columns).schema.fit(columns)
    persons = People.of(layout.codecs, columns).owners
    assert persons is not None and len(np.unique(persons)) == 60
    leaves = {leaf: np.zeros(360, dtype=np.int64) for leaf in layout.spaces}
    made = layout.decode(leaves, Rows(0, 360, 0))["hkid"].to_pylist()
    assert len(set(made)) == pytest.approx(60, abs=1)


def test_nobody_of_one_column_comes_back_in_another() -> None:
    rng = random.Random(11)
    syllables = ["Ka", "Ho", "Siu", "Ming", "Wing", "Yan", "Mei", "Ling", "Tsz", "Hei"]
    family = ["CHAN", "WONG", "LEE", "HO", "LAM"]

    def name() -> str:
        return " ".join([rng.choice(family), *rng.sample(syllables, 2)])

    everybody = sorted({name() for _ in range(2_000)})
    rng.shuffle(everybody)
    tellers, others = everybody[:40], everybody[40:]
    phones = [f"9{place:03d} {rng.randrange(10_000):04d}" for place in range(600)]
    columns = {
        "patient": from_strings([rng.choice(tellers) for _ in range(600)]),
        "tel": from_strings([f"9{rng.randrange(1000):03d} {rng.randrange(10_000):04d}" for _ in range(600)]),
        "next of kin": from_strings([others[row % len(others)] for row in range(600)]),
        "their phone": from_strings(phones),
        "remarks": from_strings([f"ask Mr {others[-1 - row % 50]}, {phones[row]}" for row in range(600)]),
        "amount": Array([row * 3 % 101 for row in range(600)], DataType.int64()),
    }
    layout = guess(columns).schema.fit(columns)
    leaves = {leaf: np.zeros(3_000, dtype=np.int64) for leaf in layout.spaces}
    leaves |= {leaf: np.full(3_000, 0.5) for leaf in layout.noise()}
    made = layout.decode(leaves, Rows(0, 3_000, 0))
    whole = "\n".join(str(cell) for cell in made["remarks"].to_pylist())
    cells = {str(cell) for name in ("patient", "next of kin") for cell in made[name].to_pylist()}
    assert len(cells) > 300 and not cells & set(everybody)
    assert not {str(cell) for cell in made["tel"].to_pylist()} & set(phones)
    assert not [text for text in [*others, *phones] if text in whole]
