"""Pictures from end to end: learned, made, filled, restyled, judged; in Python and by what a person types."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import PIL.Image
import pytest

import sampan as sp
from sampan import run
from sampan.cli import main
from sampan.errors import FamilyCannot
from sampan.families import FAMILIES
from sampan.screen import Silent

Cli = Callable[..., tuple[int, str, str]]


def drawn(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A cross or a disc somewhere in 12 x 12 grey pixels, with noise."""
    y, x = np.mgrid[0:12, 0:12]
    down, right = rng.integers(4, 8, 2)
    shape = (y == down) | (x == right) if kind == "cross" else (y - down) ** 2 + (x - right) ** 2 < 10
    return (shape * 180 + rng.integers(0, 60, (12, 12))).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    PIL.Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pixels(cell: bytes | Path) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(cell) if isinstance(cell, bytes) else cell) as image:
        return np.asarray(image.convert("L"))


def with_hole(grey: np.ndarray, hole: np.ndarray) -> bytes:
    alpha = np.where(hole, 0, 255).astype(np.uint8)
    return png(np.stack([grey, grey, grey, alpha], axis=2))


def folder_of(place: Path, each: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for kind in ("cross", "disc"):
        (place / kind).mkdir(parents=True)
        for count in range(each):
            (place / kind / f"{count:03d}.png").write_bytes(png(drawn(kind, rng)))
    return place


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with real/ and other/, pictures of two kinds, and model/, learned from real/ in 40 steps."""
    place = tmp_path_factory.mktemp("pictures")
    folder_of(place / "real", 40, seed=0)
    folder_of(place / "other", 20, seed=1)
    family = sp.Diffusion(size=16, steps=8)
    sp.fit(place / "real", family=family, steps=40, seed=0).save(place / "model")
    return place


@pytest.fixture(scope="session")
def model(home: Path) -> sp.Generator:
    return sp.load(home / "model")


@pytest.fixture
def cli(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """Runs one command in a new folder that has real, other and model; (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    for name in ("real", "other", "model"):
        (tmp_path / name).symlink_to(home / name)
    rng = np.random.default_rng(7)
    (tmp_path / "sketch.png").write_bytes(png(drawn("disc", rng)))
    (tmp_path / "hole.png").write_bytes(
        with_hole(drawn("disc", rng), np.arange(12)[None] + np.zeros((12, 1)) > 6)
    )
    capfd.readouterr()

    def run_(*line: str) -> tuple[int, str, str]:
        code = main(list(line))
        out, err = capfd.readouterr()
        return code, out, err

    return run_


def files_of(place: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(place.iterdir())}


# --- sample
def test_sample_writes_a_folder_that_is_read_again(cli: Cli, tmp_path: Path) -> None:
    code, out, err = cli("sample", "model", "-n", "6", "--given", "label=disc", "-o", "new/")
    assert (code, out) == (0, "") and "6 rows" in err
    names = [f"{row:06d}.png" for row in range(1, 7)]
    assert sorted(files_of(tmp_path / "new")) == [*names, "contact-sheet.png", "metadata.csv"]
    assert pixels(tmp_path / "new" / "000001.png").shape == (12, 12)
    again = sp.read(tmp_path / "new")
    assert again.columns["label"].to_pylist() == ["disc"] * 6 and len(again) == 6
    assert cli("sample", "model", "-n", "6", "--given", "label=disc", "-o", "same/")[0] == 0
    assert files_of(tmp_path / "same") == files_of(tmp_path / "new")


def test_one_picture_is_one_file_and_more_are_not(cli: Cli, tmp_path: Path) -> None:
    code, _, err = cli("sample", "model", "-n", "1", "--given", "label=disc", "-o", "one.png")
    assert code == 0 and "label: disc" in err and pixels(tmp_path / "one.png").shape == (12, 12)
    code, _, err = cli("sample", "model", "-n", "2", "-o", "two.png")
    assert code == 4 and "-o new/" in err and not (tmp_path / "two.png").exists()
    code, _, err = cli("sample", "model", "-n", "1", "-o", "one.jpg")
    assert code == 4 and "-o one.png" in err
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []


def test_one_seed_one_result_at_any_number(model: sp.Generator) -> None:
    one, other = model.sample(300, seed=5), model.sample(280, seed=5)
    assert list(other["picture"])[:256] == list(one["picture"])[:256]
    assert list(model.sample(3, seed=6)["picture"]) != list(one["picture"])[:3]


def test_a_given_picture_comes_back_and_a_label_is_made_up(model: sp.Generator, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(drawn("cross", np.random.default_rng(3))))
    made = model.sample(3, given={"picture": tmp_path / "a.png"}, seed=1)
    assert list(made["picture"]) == [(tmp_path / "a.png").read_bytes()] * 3
    assert set(made["label"]) <= {"cross", "disc"}
    with pytest.raises(sp.DataError, match="nope.png cannot be read: No such file"):
        model.sample(given={"picture": tmp_path / "nope.png"})


# --- fill
@pytest.mark.parametrize("size", [12, 30])
def test_filling_keeps_every_opaque_pixel(model: sp.Generator, size: int) -> None:
    rng = np.random.default_rng(size)
    grey = rng.integers(0, 256, (size, size), dtype=np.uint8)
    hole = rng.random((size, size)) < 0.3
    full = pixels(model.fill({"picture": with_hole(grey, hole)}, seed=2).iloc[0]["picture"])
    assert full.shape == (size, size) and (full[~hole] == grey[~hole]).all()
    assert (full[hole] != grey[hole]).any()


def test_fill_from_the_command_line(cli: Cli, tmp_path: Path) -> None:
    before = (tmp_path / "hole.png").read_bytes()
    code, out, err = cli("fill", "model", "hole.png", "-o", "staged.png", "--seed", "4")
    assert (code, out) == (0, "") and "label: " in err
    with PIL.Image.open(io.BytesIO(before)) as image:
        holed = np.asarray(image)
    staged, opaque = pixels(tmp_path / "staged.png"), holed[..., 3] == 255
    assert (staged[opaque] == holed[..., 0][opaque]).all() and (tmp_path / "hole.png").read_bytes() == before
    first = (tmp_path / "staged.png").read_bytes()
    assert cli("fill", "model", "hole.png", "-o", "staged.png", "--seed", "4")[0] == 0
    assert (tmp_path / "staged.png").read_bytes() == first
    code, _, err = cli("fill", "model", "hole.png", "-o", "hole.png")
    assert code == 2 and "the file that is read" in err


def test_fill_a_folder_whole_pictures_stay_the_files_they_are(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    shutil.copy(tmp_path / "hole.png", tmp_path / "some" / "a.png")
    shutil.copy(tmp_path / "sketch.png", tmp_path / "some" / "b.png")
    (tmp_path / "hole.txt").write_text("not looked at")
    assert cli("fill", "model", "some", "-o", "out/")[0] == 0
    assert (tmp_path / "out" / "000002.png").read_bytes() == (tmp_path / "sketch.png").read_bytes()
    assert len(sp.read(tmp_path / "out").columns["label"].to_pylist()) == 2
    code, _, err = cli("fill", "model", "some", "-o", "out.png")
    assert code == 4 and "-o new/" in err


def test_fill_makes_up_what_a_record_lacks(model: sp.Generator, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(drawn("disc", np.random.default_rng(1))))
    full = model.fill({"picture": [None, (tmp_path / "a.png").read_bytes()], "label": ["disc", None]})
    assert full["label"].to_pylist()[0] == "disc" and full["label"].null_count == 0
    assert pixels(full["picture"].to_pylist()[0]).shape == (12, 12)
    assert full["picture"].to_pylist()[1] == (tmp_path / "a.png").read_bytes()
    with pytest.raises(sp.DataError, match="lack the column 'picture'"):
        model.fill({"label": ["disc"]})


def test_one_file_is_read_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(drawn("disc", np.random.default_rng(1))))
    (tmp_path / "metadata.csv").write_text("file_name,label\na.png,disc\n")
    table = sp.read(tmp_path / "a.png")
    assert table.name == "a.png" and table.columns["picture"].to_pylist() == [str(tmp_path / "a.png")]
    assert list(table.columns) == ["picture"]
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    with pytest.raises(sp.DataError, match="b.png cannot be used"):
        sp.read(tmp_path / "b.png")


# --- restyle
def test_a_small_strength_stays_near_to_the_sketch(cli: Cli, tmp_path: Path, model: sp.Generator) -> None:
    sketch = pixels(tmp_path / "sketch.png").astype(float)
    away = []
    for strength in ("0.1", "1"):
        line = ["restyle", "model", "sketch.png", "--strength", strength, "--given", "label=disc"]
        code, _, err = cli(*line, "-o", "out.png")
        assert code == 0 and "label: disc" in err
        away.append(abs(pixels(tmp_path / "out.png") - sketch).mean())
    assert away[0] < away[1] / 2
    made = model.restyle({"picture": tmp_path / "sketch.png"}, strength=1, given={"label": "disc"})
    assert made.iloc[0]["picture"] == (tmp_path / "out.png").read_bytes()
    assert list(made["label"]) == ["disc"]


def test_restyle_a_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    shutil.copy(tmp_path / "sketch.png", tmp_path / "some")
    shutil.copy(tmp_path / "hole.png", tmp_path / "some")
    assert cli("restyle", "model", "some", "--given", "label=cross", "-o", "out/")[0] == 0
    again = sp.read(tmp_path / "out")
    assert again.columns["label"].to_pylist() == ["cross", "cross"]


@pytest.mark.parametrize("strength", ["0", "1.2", "-1", "nan"])
def test_a_wrong_strength_is_refused_before_the_model_is_loaded(cli: Cli, strength: str) -> None:
    code, _, err = cli("restyle", "nothing", "nothing.png", f"--strength={strength}", "-o", "out.png")
    assert code == 4 and "above 0 and at most 1" in err


@pytest.fixture(scope="session")
def gan(home: Path) -> Path:
    sp.fit(home / "real", family=sp.GAN(size=16), steps=1).save(home / "gan")
    return home / "gan"


@pytest.mark.parametrize("command", ["restyle", "more"])
def test_a_family_that_cannot_is_refused_before_the_picture_is_read(
    cli: Cli, gan: Path, command: str
) -> None:
    code, _, err = cli(command, str(gan), "not-there.png", "-o", "out/")
    assert code == 4 and "cannot" in err and "diffusion" in err and "not-there" not in err
    with pytest.raises(sp.FamilyCannot):
        getattr(sp.load(gan), command)("not-there.png")


# --- more of the same
def test_more_of_the_same(cli: Cli, tmp_path: Path, model: sp.Generator) -> None:
    rng = np.random.default_rng(11)
    (tmp_path / "examples").mkdir()
    for name in "abc":
        (tmp_path / "examples" / f"{name}.png").write_bytes(png(drawn("disc", rng)))
    before = files_of(tmp_path / "examples")
    assert cli("more", "model", "examples", "-n", "8", "-o", "new/")[0] == 0
    made = sp.read(tmp_path / "new")
    assert len(made) == 8 and set(made.columns["label"].to_pylist()) <= {"cross", "disc"}
    assert not set(files_of(tmp_path / "new").values()) & set(before.values())
    again = model.more("examples", 8)
    assert [file for name, file in files_of(tmp_path / "new").items() if name[0] == "0"] == list(
        again["picture"]
    )
    assert files_of(tmp_path / "examples") == before


def test_more_keeps_to_what_is_told_and_nears_its_examples(model: sp.Generator) -> None:
    rng = np.random.default_rng(12)
    cells = [png(drawn("disc", rng)) for _ in range(3)]
    assert set(model.more({"picture": cells, "label": ["cross"] * 3}, 5)["label"]) == {"cross"}
    assert set(model.more({"picture": cells}, 5, given={"label": "cross"})["label"]) == {"cross"}
    away = []
    for strength in (0.1, 1.0):
        made = model.more({"picture": cells}, 6, strength=strength)["picture"]
        pairs = [(pixels(one), pixels(cells[row % 3])) for row, one in enumerate(made)]
        away.append(np.mean([abs(one.astype(float) - other).mean() for one, other in pairs]))
    assert away[0] < away[1] / 2


def test_more_refuses_what_are_no_examples(model: sp.Generator) -> None:
    cell = png(drawn("disc", np.random.default_rng(1)))
    with pytest.raises(sp.RequestError, match="lack the column 'picture'"):
        model.more({"label": ["disc"]})
    with pytest.raises(sp.RequestError, match="1 of 2 examples have no picture"):
        model.more({"picture": [cell, None]})
    with pytest.raises(sp.RequestError, match="2,000 examples were given"):
        model.more({"picture": [cell] * 2000})
    with pytest.raises(sp.RequestError, match="0 records"):
        model.more({"picture": [cell]}, 0)
    with pytest.raises(sp.RequestError, match="above 0 and at most 1"):
        model.more({"picture": [cell]}, strength=2)
    table = sp.fit({"coin": ["heads", "tails"] * 50}, steps=1)
    with pytest.raises(sp.FamilyCannot, match="cannot make more"):
        table.more({"coin": ["heads"]})


def test_an_autoregressive_model_makes_more_too(home: Path) -> None:
    other = sp.fit(home / "real", family=sp.Autoregressive(size=8), steps=4)
    made = other.more(home / "other" / "disc", 5)
    assert len(made) == 5 and pixels(made["picture"][0]).shape == (12, 12)
    assert list(other.more(home / "other" / "disc", 5)["picture"]) == list(made["picture"])


# --- a latent space
def test_a_vae_goes_between_pictures_and_cannot_restyle(cli: Cli, home: Path, tmp_path: Path) -> None:
    vae = sp.fit(home / "real", family=sp.VAE(size=8), steps=20)
    first = {"picture": tmp_path / "sketch.png", "label": "disc"}
    last = {"picture": png(drawn("cross", np.random.default_rng(2))), "label": "cross"}
    way, kin = vae.between(first, last, steps=5), vae.near(first, n=4)
    assert [pixels(cell).shape for cell in way["picture"]] == [(12, 12)] * 5 and len(kin) == 4
    assert vae.embed(sp.read(home / "other")).shape[0] == 40
    same = vae.more({"picture": [tmp_path / "sketch.png"]}, 3, given={"label": "disc"}, strength=1e-6)
    assert len(set(same["picture"])) == 1  # the example as the model has it, three times
    assert len(set(vae.more({"picture": [tmp_path / "sketch.png"]}, 3)["picture"])) == 3
    vae.save("vae")
    code, _, err = cli("restyle", "vae", "sketch.png", "-o", "out.png")
    assert code == 4 and "cannot restyle" in err and not Path("out.png").exists()


# --- a whole run
class _Interrupting(Silent):
    """Ctrl-C once the model is learned."""

    def heading(self, text: str) -> None:
        if text == "Making":
            raise KeyboardInterrupt


def test_a_stopped_run_goes_on_and_its_next_command_works(cli: Cli, tmp_path: Path) -> None:
    with pytest.raises(sp.Stopped, match="learned so far") as told:
        sp.make("real", steps=2, make=12, aside=0.0, folder="made", screen=_Interrupting())
    assert "-n 64 -o new/" in told.value.expected
    assert (tmp_path / "made" / "contact-sheet.png").exists() and not (tmp_path / "made" / "new").exists()
    done = run.resume("made")
    assert done.new == Path("made/new") and done.to_json()["rows"]["made"] == 12
    assert done.report is not None and done.report.passed is not True  # nothing was kept aside
    made = files_of(tmp_path / "made" / "new")
    assert len(made) == 14
    assert done.next.startswith("sampan sample made -n 64 -o more/ --given label=")
    assert cli(*done.next.split()[1:])[0] == 0
    assert len(files_of(tmp_path / "more")) == 66
    assert cli("sample", "made", "-n", "12", "-o", "again/")[0] == 0
    assert files_of(tmp_path / "again") == made
    code, out, _ = cli("judge", "made", "--seconds", "0.5", "--json")
    assert code == 7 and json.loads(out)["rows"] == {"seen": 80, "unseen": 0, "made": 12}


def test_an_unknown_language_is_refused_before_any_work(cli: Cli, tmp_path: Path) -> None:
    code, _, err = cli("make", "not-there", "--language", "zh-Hand", "-o", "made")
    assert code == 4 and 'Did you mean "zh-Hant"' in err and not (tmp_path / "made").exists()


def test_fit_show_and_schema(cli: Cli) -> None:
    code, out, _ = cli("fit", "real", "-o", "small", "--steps", "1")
    assert code == 0 and "Next: sampan sample small -n 64 -o new/ --given label=" in out
    code, out, _ = cli("show", "small")
    assert code == 0 and "80 pictures, 12 x 12 grey" in out and "diffusion" in out
    code, out, _ = cli("schema", "real")
    assert code == 0 and 'picture = "image"' in out and 'label = "category"' in out


# --- judge
def test_judge_folders_of_pictures(cli: Cli, tmp_path: Path) -> None:
    line = [
        "judge",
        "real",
        "--seen",
        "real",
        "--unseen",
        "other/disc",
        "--seconds",
        "1",
        "--questions",
        "found",
    ]
    code, out, err = cli(*line, "--language", "zh-Hant", "-o", "report.html")
    assert code == 7 and "The report is in report.html" in err
    assert '<html lang="zh-Hant">' in (tmp_path / "report.html").read_text()
    assert cli(*line, "--gate", "copies[picture] <= 100", "-o", "report.xml")[0] == 0
    assert cli(*line, "-o", "report.json")[0] == 7  # other/disc has no labels, which is said
    assert "no column 'label'" in (tmp_path / "report.json").read_text()
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()[0]
    assert {"gate", "copies[picture]", "near[picture]"} <= {c.get("name") for c in suite.iter("testcase")}
    failed = {case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None}
    assert "copies[picture]" in failed and "gate" not in failed


def test_judge_refuses_what_cannot_be_compared(home: Path) -> None:
    real = home / "real"
    with pytest.raises(sp.RequestError, match="It holds pictures"):
        sp.judge(real, seen=real, target="picture", steps=1)
    with pytest.raises(sp.DataError, match="has 1 row"):
        sp.judge(real / "disc" / "000.png", seen=real)
    with pytest.raises(sp.DataError, match="lacks the column 'picture'"):
        sp.judge({"label": ["disc"] * 20}, seen=real)


def test_judge_a_model(model: sp.Generator, home: Path) -> None:
    report = sp.judge(model, seen=home / "real", n=24, steps=2, questions=["look"])
    assert dict(report.sizes) == {"seen": 76, "unseen": 0, "made": 24}
    assert len(report.shown[0].walk) == 12 and len(report.shown[0].made) == 24


def test_a_walk_leads_from_one_made_picture_to_another(model: sp.Generator) -> None:
    walk = model.walk(9, given={"label": "disc"}, seed=2)
    steps = np.stack([pixels(cell) for cell in list(walk["picture"])]).astype(float)
    hops = np.abs(np.diff(steps, axis=0)).mean(axis=(1, 2))
    assert set(walk["label"]) == {"disc"} and hops.max() < np.abs(steps[-1] - steps[0]).mean()
    assert np.array_equal(
        steps, [pixels(cell) for cell in model.walk(9, given={"label": "disc"}, seed=2)["picture"]]
    )


@pytest.mark.parametrize("kind", ["vae", "gan"])
def test_every_family_with_a_way_walks_it(kind: str) -> None:
    rng = np.random.default_rng(0)
    rows = {"picture": np.stack([drawn("disc", rng) for _ in range(30)]), "label": ["a", "b"] * 15}
    made = sp.fit(rows, family=FAMILIES[kind](size=32), steps=2).walk(5)
    assert len(set(made["label"].to_pylist())) == 1 and len(made["picture"]) == 5


def test_a_family_without_a_way_says_so() -> None:
    rows = {"picture": np.zeros((30, 8, 8), np.uint8), "label": ["a", "b"] * 15}
    rows["picture"][::2] = 200
    model = sp.fit(rows, family=sp.Autoregressive(size=32), steps=1)
    with pytest.raises(FamilyCannot, match="no way from one record to another"):
        model.walk(3)
