"""The ground: public names, one version, the packaged tables, and a README that tells the truth."""

from __future__ import annotations

import csv
import gzip
import importlib.metadata
import inspect
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import sampan
from sampan import datasets, errors
from sampan.data import read
from sampan.fields import Image
from sampan.space import Real

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPTIONS = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
DOCUMENTED = [
    name
    for name in sampan.__all__
    if inspect.ismodule(value := getattr(sampan, name, None)) or inspect.isclass(value) or callable(value)
]
"""The public names that can carry a docstring; a plain value, such as the version, cannot."""


def test_public_names_are_listed_once_in_order_and_exist() -> None:
    assert len(set(sampan.__all__)) == len(sampan.__all__)
    assert [name for name in sampan.__all__ if not hasattr(sampan, name)] == []


def test_nothing_public_is_left_out_of_the_list() -> None:
    ours = {
        name
        for name, value in vars(sampan).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and getattr(value, "__module__", "").startswith("sampan")
    }
    assert ours - set(sampan.__all__) == set()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_public_name_is_documented(name: str) -> None:
    value = getattr(sampan, name)
    text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    assert text and text.strip().splitlines()[0].rstrip().endswith((".", ":"))


def test_the_version_has_one_source() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert sampan.__version__ == importlib.metadata.version("sampan") == declared
    elsewhere = [
        file.name
        for file in (ROOT / "src").rglob("*.py")
        if re.search(rf"""["']{re.escape(declared)}["']""", file.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []


def test_the_packaged_table_of_text_is_whole() -> None:
    with gzip.open(datasets.path("census"), "rt", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert len(set(header)) == len(header) > 1
    assert all(column.isidentifier() for column in header)
    assert len(rows) >= 1_000 and {len(row) for row in rows} == {len(header)}
    assert all(cell == cell.strip() and cell != "?" for row in rows for cell in row)


@pytest.mark.parametrize("name", datasets.names())
def test_a_packaged_table_says_where_it_comes_from(name: str) -> None:
    page = Path(datasets.__file__).with_name("README.md").read_text(encoding="utf-8")
    section = page.split(f"`{datasets.path(name).name}`")[1].split("\n## ")[0]
    assert "**Source**" in section and "**Licence**" in section and "**Changes made here**" in section


def test_the_census_is_the_one_described() -> None:
    with gzip.open(datasets.path("census"), "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8_000 and len(rows[0]) == 15
    with_holes = {column for row in rows for column, cell in row.items() if not cell}
    assert with_holes == {"workclass", "occupation", "native_country"}
    assert {row["income"] for row in rows} == {"<=50K", ">50K"}


def test_the_digits_are_the_ones_described() -> None:
    table = read(datasets.path("digits"))
    assert list(table.columns) == ["picture", "label"] and len(table) == 1_797
    assert sorted(set(table.columns["label"].to_pylist())) == list("0123456789")
    codec = Image().fit(table.columns["picture"])
    assert codec.spaces == {"": Real(1, (8, 8))}
    levels = np.unique(codec.encode(table.columns["picture"])[""])
    assert levels.tolist() == np.round(np.arange(17) * 255 / 16).tolist()


def test_an_unknown_table_is_refused_with_the_nearest() -> None:
    with pytest.raises(errors.RequestError, match='Did you mean "census"'):
        datasets.path("cencus")


def test_the_docs_list_every_exit_code() -> None:
    def children(kind: type[errors.SampanError]) -> set[type[errors.SampanError]]:
        return {kind}.union(*(children(child) for child in kind.__subclasses__()))

    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", OPTIONS, re.MULTILINE)}
    assert {kind.exit_code for kind in children(errors.SampanError)} <= listed


def test_the_tree_names_every_file_and_no_other() -> None:
    """A folder's `__init__.py` is told by the folder's own line."""
    block = DESIGN.split("<!-- tree -->")[1].split("```")[1].removeprefix("text\n")
    named, folders = [], []
    for line in block.splitlines():
        name, depth = line.split()[0], (len(line) - len(line.lstrip())) // 2
        folders = [*folders[:depth], name] if name.endswith("/") else folders[:depth]
        named.append("".join(folders) + name * (not name.endswith("/")))
    assert [name for name in named if not (ROOT / name).exists() or named.count(name) > 1] == []
    there = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "src" / "sampan").rglob("*")
        if file.is_file() and file.name != "__init__.py" and file.suffix != ".pyc"
    }
    assert there - set(named) == set()


def test_every_core_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))
    for requirement in project["dependencies"]:
        name = re.split(r"[><=!~ ]", requirement)[0].replace("-", ".")
        parent, _, child = name.rpartition(".")
        forms = rf"(from|import) {re.escape(name)}\b" + (
            rf"|from {parent} import .*\b{child}\b" if child else ""
        )
        assert re.search(rf"^\s*({forms})", sources, re.MULTILINE), f"{requirement} is not imported anywhere"


def test_the_readme_names_only_targets_that_make_has() -> None:
    pages = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^\$ make (\w+)|`make (\w+)`", pages, re.MULTILINE)) != set()
    for line, inline in re.findall(r"^\$ make (\w+)|`make (\w+)`", pages, re.MULTILINE):
        assert (line or inline) in targets
