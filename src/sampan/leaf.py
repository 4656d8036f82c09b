"""Leaf names: what a record calls the leaves of its columns.

A codec's leaf "" of column `age` is `age`, its leaf `which` is `age/which`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sampan.field import Codec


def leaf_names(codecs: Mapping[str, Codec]) -> dict[tuple[str, str], str]:
    """(column, codec's leaf) -> the record's name for it, no two alike.

    Where a column is called as another's leaf would be (`x/which` beside `x`), the slashes of all columns are
    doubled. A codec's own leaf has none, so an odd number of slashes ends in the one that parts the two.
    """
    leaves = [(column, leaf) for column, codec in codecs.items() for leaf in (*codec.spaces, *codec.noise)]
    plain = {(column, leaf): _joined(column, leaf) for column, leaf in leaves}
    if len(set(plain.values())) == len(plain):
        return plain
    return {(column, leaf): _joined(column.replace("/", "//"), leaf) for column, leaf in leaves}


def _joined(column: str, leaf: str) -> str:
    return f"{column}/{leaf}" if leaf else column
