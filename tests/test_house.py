"""Nothing of one person stands in anything that a default run writes: the grep."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import stat
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sampan import run
from sampan.errors import RequestError
from sampan.run import look
from sampan.run.recipe import Recipe, read_recipe

SURNAMES = (
    "Chan Wong Lam Cheung Ng Leung Kwok Yip Tsang Fung Lau Ho Mak Poon Siu Tang Yeung Hui Kong Lo".split()
)
GIVEN = "Ka Wai Siu Ming Tai Man Mei Ling Chi Keung Hoi Yan Yuen Ting Pak Ho".split()
CITIES = ["Sha Tin", "Tai Po", "Mong Kok"]


def hkid(number: int) -> str:
    """An identity number with its check digit."""
    digits = f"{number:06d}"
    weights = [
        36 * 9,
        (ord("A") - 55) * 8,
        *(int(d) * w for d, w in zip(digits, range(7, 1, -1), strict=True)),
    ]
    check = -sum(weights) % 11
    return f"A{digits}({'A' if check == 10 else check})"


def people(folder: Path, count: int = 40, rows: int = 6) -> tuple[Path, dict[str, set]]:
    """A table of people with several rows each, and what one person alone holds: texts, numbers, dates."""
    rng = np.random.default_rng(11)
    numbers = (rng.choice(900_000, count, replace=False) + 100_000).tolist()
    names = [
        f"{SURNAMES[i % 20]} {GIVEN[2 * (i % 8)]} {GIVEN[2 * (i * 3 // 8 % 8) + 1]}" for i in range(count)
    ]
    phones = [f"+852 9{n % 1000:03d} {n // 7 % 10_000:04d}" for n in numbers]
    mails = [f"{name.split()[0].lower()}.{n}@mailbox.hk" for name, n in zip(names, numbers, strict=True)]
    spent = np.round(rng.lognormal(7, 0.8, count * rows), 2)
    spent[5], spent[50] = 987_654.32, 0.07
    days = rng.choice(29_000, count * rows, replace=False)
    opened = [str(dt.date(1930, 1, 1) + dt.timedelta(days=int(day))) for day in days]
    born = [str(dt.date(1941, 1, 5) + dt.timedelta(days=who * 977 % 22_000)) for who in range(count)]
    lone = "Peng Chau Pier Cottage"
    path = folder / "customers.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow("customer_name hkid phone email birth_date spent opened city remarks".split())
        for row in range(count * rows):
            who = row % count
            city = lone if row == 77 else CITIES[who % 3]
            note = f"called back on {phones[who]}" if row % 5 == 0 else ("ok", "sent", "returned")[row % 3]
            person = [names[who], hkid(numbers[who]), phones[who], mails[who], born[who]]
            out.writerow([*person, spent[row], opened[row], city, note])
    texts = {*names, *map(hkid, numbers), *phones, *mails, lone, "987654.32", "987,654", "0.07"}
    texts |= {phone.replace(" ", "") for phone in phones}
    return path, {"texts": texts, "numbers": {987_654.32, 0.07}, "dates": {*opened, *born}, "born": set(born)}


def found_in(folder: Path, secrets: dict[str, set]) -> list[tuple[str, str]]:
    """(file, what of somebody stands in it) for every file below a folder, also inside of arrays."""
    told = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        held = path.read_bytes()
        # made rows show days of a calendar, of which some are somebody's by chance
        dates = secrets["dates"] if path.suffix in (".toml", ".json") else set()
        for text in secrets["texts"] | dates:
            plain = [text.encode(), json.dumps(text)[1:-1].encode()]
            if any(
                one in held and re.search(rb"(?<![\d.])" + re.escape(one) + rb"(?!\d)", held) for one in plain
            ):
                told.append((str(path.relative_to(folder)), text))
        if path.suffix == ".safetensors":
            for name, array in load_file(path).items():
                if array.dtype == np.float64:
                    told += [(name, str(one)) for one in secrets["numbers"] & set(array.ravel().tolist())]
    return told


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[run.Run, dict[str, set]]:
    """A default run over such people, of few steps."""
    look.LOOK_SECONDS = 0.3
    place = tmp_path_factory.mktemp("house")
    path, secrets = people(place)
    return run.make(path, steps=20, folder=place / "run", seed=3), secrets


def test_the_grep_finds_what_is_there(tmp_path: Path) -> None:
    path, secrets = people(tmp_path)
    found = {text for _, text in found_in(tmp_path, secrets)}
    assert len(found) > 160 and {"987654.32", "0.07", "Peng Chau Pier Cottage"} <= found
    save_file({"a": np.array([1.0, 987_654.32])}, tmp_path / "model.safetensors")
    assert ("a", "987654.32") in found_in(tmp_path, secrets)
    assert len(secrets["dates"]) >= 270 and path.exists()


def test_nothing_of_anyone_stands_in_what_a_default_run_writes(made) -> None:
    done, secrets = made
    files = {str(path.relative_to(done.folder)) for path in done.folder.rglob("*") if path.is_file()}
    assert {"new.csv", "log.txt", "schema.toml", "recipe.toml", "report.html", "report.json"} <= files
    assert {"model/model.json", "model/columns.safetensors", "model/weights.safetensors"} <= files
    assert found_in(done.folder, secrets) == []
    with open(done.folder / "new.csv", encoding="utf-8", newline="") as file:
        cells = [row["birth_date"] for row in csv.DictReader(file)]
    more = done.generator.sample(6_000, seed=7)
    cells += list(map(str, more["birth_date"]))
    # a birth date is one draw for all rows of a person, so that few rows are few draws: these are a thousand
    assert sum(day in secrets["born"] for day in cells) <= 0.01 * len(cells)  # of 22,000 days 40 are
    opened = list(map(str, more["opened"]))
    assert sum(day in secrets["dates"] for day in opened) <= 0.02 * len(opened)  # of 29,000 days 280 are
    assert max(Counter(opened).values()) < 30  # and none is where made rows come to an end
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert not list(done.folder.rglob(".*")) and not (done.folder / "checkpoint").exists()


@pytest.mark.parametrize(("language", "marked"), [("en", "do not hand it on"), ("zh-Hant", "請勿外傳")])
def test_real_rows_are_shown_on_request_and_marked(made, language, marked) -> None:
    done, secrets = made
    plain = (done.folder / "report.html").read_text(encoding="utf-8")
    assert done.report is not None and marked not in plain and marked not in done.report.to_html(language)
    whole = done.report.to_html(language, show_real=True)
    assert marked in whole and sum(text in whole for text in secrets["texts"]) > 3
    assert found_in(done.folder, secrets) == []


def test_what_was_left_out_or_replaced_is_in_the_report(made) -> None:
    done, _ = made
    told = json.loads((done.folder / "report.json").read_text(encoding="utf-8"))["notes"]
    assert any("hkid" in note and "--keep" in note for note in told)
    assert "What was changed, left out or guessed" in (done.folder / "report.html").read_text("utf-8")


def test_a_target_that_no_judge_can_use_is_refused_before_learning(made, tmp_path) -> None:
    done, _ = made
    for said, told in (
        ({"target": "citty"}, "does not exist"),
        ({"target": "hkid"}, "is taken for personal"),
        ({"protected": ["city", "nobody"]}, "does not exist"),
    ):
        with pytest.raises(RequestError, match=told):
            run.make(done.recipe.source, steps=5, folder=tmp_path / "new", **said)
    assert not (tmp_path / "new").exists()


def test_target_and_protected_are_kept_in_the_recipe(tmp_path) -> None:
    recipe = Recipe(
        "a",
        "a",
        "d",
        1,
        0,
        None,
        "vae",
        {"size": 64},
        0,
        1.0,
        None,
        {"x": "number"},
        target="x",
        protected=["y, z", "é"],
    )
    recipe.write(tmp_path / "recipe.toml")
    assert read_recipe(tmp_path / "recipe.toml") == recipe
