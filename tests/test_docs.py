"""The pages: every link leads somewhere, the README stays short, and every term has its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sampan.errors import nearest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("src/**/*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _anchors(page: Path) -> set[str]:
    """What a link may name within a page: its headings, as code hosts write them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        near = nearest(there.name, [other.name for other in there.parent.glob("*")])
        assert there.exists(), f"{target} leads nowhere.{near}"
        if anchor and there.suffix == ".md":
            assert anchor in _anchors(there), f"{target}: that page has no such heading"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 9_000


def test_the_glossary_is_short() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| \*\*", design.split("## Glossary")[1].split("\n## ")[0], re.MULTILINE)
    assert 5 <= len(words) <= 15
