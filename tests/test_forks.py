"""Forks on pictures outside of their own rooms: few, and each has a reason (benchmarks/forks.py)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.forks import MOST, REASONS, forks, unlisted


def test_few_forks_are_left_and_each_has_a_reason() -> None:
    found = forks()
    assert unlisted(found) == []
    assert len(found) <= MOST
    assert len(REASONS) <= MOST


def test_what_counts_as_a_fork(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "one.py").write_text("import picture\n")
    (tmp_path / "two.py").write_text(
        "from sampan.fields.image import Image\n"
        "if isinstance(field, Image): print('pictures')\n"
        "wide = 1 if len(space.grid) == 2 else 0\n"
        "match space:\n"
        "    case Real(grid=(high, wide)): pass\n"
        "print([x for x in y if x.kind == 'image'])\n"
        "show(contact_sheet_of(picture_in(codecs)))\n"
        "print('a picture of 2 x 2 pixels')\n"
        "functional.pixel_shuffle(x)\n"
    )
    assert [(fork.file, fork.line) for fork in forks(tmp_path)] == [
        ("two.py", line) for line in (1, 2, 3, 5, 6, 7)
    ]
