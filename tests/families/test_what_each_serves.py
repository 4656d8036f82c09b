"""What each family serves, what it can do there and which settings count: docs/families.md says it as it is.

`python -m tests.families.test_what_each_serves` prints the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path

import torch

from sampan.ability import Conditionals, Embeds, Likelihood, MakesMore, Restyles, Walks
from sampan.errors import FamilyCannot
from sampan.families import FAMILIES
from sampan.family import Family
from sampan.space import Choice, Real, Space

DOCS = Path(__file__).parents[2] / "docs" / "families.md"

RECORDS: dict[str, Mapping[str, Space]] = {
    "a row: symbols, numbers in steps": {"kind": Choice(3), "level": Choice(48, ordered=True)},
    "a row with real vectors": {"kind": Choice(3), "place": Real(2)},
    "a picture, labels and numbers beside": {"picture": Real(3, (32, 32)), "kind": Choice(3), "x": Real()},
    "pictures of two sizes": {"picture": Real(3, (32, 32)), "thumb": Real(1, (8, 8))},
    "a picture and a map of what is where": {"picture": Real(3, (16, 16)), "map": Choice(4, (16, 16))},
    "a map of 32 x 32 places": {"map": Choice(4, (32, 32))},
    "a picture and a text": {"picture": Real(3, (32, 32)), "text": Choice(64, (80,))},
    "a text of 80 letters": {"text": Choice(64, (80,)), "kind": Choice(3)},
    "a series, numbers beside": {"series": Real(2, (50,)), "kind": Choice(3), "x": Real()},
    "a clip": {"clip": Real(3, (8, 16, 16))},
}

GRID: Mapping[str, Space] = {"picture": Real(1, (8, 8))}

WORDS = {
    Conditionals: "where",
    Likelihood: "log_prob",
    Restyles: "restyle",
    MakesMore: "more",
    Walks: "walk",
    Embeds: "embed",
}


def kinds() -> Iterator[tuple[str, Family]]:
    for kind, family in FAMILIES.items():
        if kind != "auto":  # a question, and no family
            yield kind, family()


def serves(family: Family, spaces: Mapping[str, Space]) -> str:
    """What a family can do with such records beside `sample` and `fill`; a dash where it serves none."""
    try:
        with torch.device("meta"):
            model = family.build(spaces)
    except FamilyCannot:
        return "-"
    return ", ".join(word for ability, word in WORDS.items() if model.can(ability)) or "yes"


def served() -> list[str]:
    names = [kind for kind, _ in kinds()]
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for words, spaces in RECORDS.items():
        lines.append(f"| {words} | {' | '.join(serves(family, spaces) for _, family in kinds())} |")
    return lines


def counts(family: Family, name: str, spaces: Mapping[str, Space]) -> bool:
    """Whether some value of a setting does something over such records."""
    turned = (family, replace(family, **{name: 1}))  # type: ignore[type-var]  # a dataclass
    return any(name not in one.unused(spaces) for one in turned)


def settings() -> list[str]:
    lines = ["| settings that count | over rows and grids | over rows alone |", "|---|---|---|"]
    for kind, family in kinds():
        names = [field.name for field in fields(family)]  # type: ignore[arg-type]  # a dataclass
        unused = [name for name in family.unused(GRID) if not counts(family, name, GRID)]
        both = ", ".join(name for name in names if name not in unused)
        lines.append(f"| {kind} | {both} | {', '.join(name for name in names if name in unused)} |")
    return lines


def test_the_page_says_what_each_family_serves_and_which_settings_count() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for lines in (served(), settings()):
        table = "\n".join(lines)
        assert table in page, f"docs/families.md lacks this table:\n{table}"


if __name__ == "__main__":
    print("\n".join(served()), "\n".join(settings()), sep="\n\n")
