"""Rows that are no records: totals, notes below a table, repeated names, blank rows. They are left out, said.

A row of totals is told by a word for it beside what a total is: fewer cells than other rows have, or a number
that is the sum of its column. A category called "Total" that other rows share stays. `--keep-totals`
(keep_totals=True) keeps every row.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType

from sampan.column import Column, codes, file_kind, floats, is_mark, is_text, missing
from sampan.data.stream import Columns, rows_of, to_list

_LONGEST = 60
_LAST = 20
"""Rows at the end among which totals and notes are looked for without other evidence."""

_FEW = 8
"""Rows below which a sum may be one by chance."""

_TOTAL = (
    r"(?:grand|sub|overall|running|page|column|sheet|final|net|group)?[ -]?totals?|sums?|in all|altogether"
    r"|summe|gesamt(?:summe|betrag)?|zwischensumme|insgesamt|total g[ée]n[ée]ral|sous[ -]total|totale|totaal"
    r"|suma|razem|totalt|総計|итого|всего|합계|소계|총계|계"
    r"|合計|合计|總計|总计|小計|小计|共計|共计|總和|总和|合共|總數|总数|總額|总额|累計|累计|本頁合計|本页合计|年度合計"
)
_MEAN = r"average|averages|mean|avg|median|平均|平均值|均值|durchschnitt|moyenne"
_WORD = re.compile(rf"(?:{_TOTAL}|{_MEAN})", re.IGNORECASE)
_BEGINS = re.compile(
    rf"({_TOTAL})(?:\s*[:：(（/-].*|\s+(?:for|of|in|by|\(|hkd|usd|eur|gbp|rmb|cny|us\$|hk\$|\$"
    r"|sales|amount|revenue|value|costs?|qty|quantity|count|units|hours|rows|records).*)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r".*[\s:：/_-](total|totals|subtotal|sub-total)|.*?(合計|合计|小計|小计|總計|总计)", re.IGNORECASE
)
_NOTE = re.compile(
    r"[*※#†(（\[]|sources?\b|notes?\b|remarks?\b|printed\b|generated\b|exported\b|prepared\b|as (?:of|at)\b"
    r"|end of\b|page\b|-{2,}|={2,}|created\b|copyright|©|confidential|disclaimer"
    r"|[資资]料[來来]源|[數数]據[來来]源|数据来源|來源|来源|註|注|備註|备注|說明|说明|製表|制表|列印|打印|完\b|以上",
    re.IGNORECASE,
)


def total_word(cell: object) -> str | None:
    """The word for a total (or a mean) that a cell says; None where it says none.

    >>> total_word("Grand Total:"), total_word("小計"), total_word("East Total"), total_word("Totally Spies")
    ('Grand Total', '小計', 'Total', None)
    """
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", cell).strip().strip("*=-–—_ ").rstrip(":：").strip()
    bare = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)
    if _WORD.fullmatch(bare):
        return bare
    match = _BEGINS.fullmatch(text) or _ENDS.fullmatch(bare)
    return None if match is None else next(group for group in match.groups() if group)


def is_note(cell: object) -> bool:
    """Whether a cell begins as what is written below a table does: "Source: ...", "資料來源：", "* ..."."""
    return isinstance(cell, str) and _NOTE.match(cell.strip()) is not None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that may be no record. filled: how many of its cells hold something."""

    place: int
    cells: dict[str, object]
    filled: int


def without_totals(columns: Columns, blanks: bool = True) -> tuple[Columns, list[str]]:
    """The rows that are records, and notes on those that are not. blanks: whether blank rows are none."""
    rows = rows_of(columns)
    if rows < 3 or len(columns) < 2 or any(file_kind(column) for column in columns.values()):
        return columns, []
    gone = {name: missing(column) for name, column in columns.items()}
    empty = np.zeros(rows, dtype=np.int64)
    for cells in gone.values():
        empty += cells
    out = np.zeros(rows, dtype=bool)
    notes: list[str] = []
    blank = empty == len(columns)
    if blanks and blank.any() and not blank.all() and _is_more_than_chance(blank, gone):
        out |= blank
        notes.append(_told(int(blank.sum()), "blank row", ""))
    again = _names_again(columns, out)
    if again.any():
        out |= again
        notes.append(_told(int(again.sum()), "row", " that repeats the names of the columns"))
    usual = int(np.median(empty[~out])) if not out.all() else 0
    odd = np.flatnonzero(~out & (empty > usual))
    last = np.flatnonzero(~out)[-_LAST:]
    if odd.size > max(1000, rows // 5):
        odd = odd[-1000:]
    places = np.union1d(odd, last)
    looked = _rows(columns, gone, places)
    ends = [row for row in looked if row.place in set(last.tolist())]
    footers = _footers(ends, len(columns), usual, int((~out).sum()), empty)
    for row in footers:
        out[row.place] = True
    totals = _totals(columns, [row for row in looked if not out[row.place]], usual, empty, ~out)
    for place in totals:
        out[place] = True
    if totals:
        said = ", ".join(sorted({f'"{word}"' for word in totals.values() if word})[:3])
        shown = f" ({said or 'sums of their columns'})"
        notes.append(_told(len(totals), "row", f" of totals{shown}"))
    if footers:
        notes.append(_told(len(footers), "row", " below the table, of one text each," if len(footers) > 1 else
                           " below the table, of one text,"))  # fmt: skip
    if not out.any() or out.all():
        return columns, []
    kept = Array.from_numpy(~out)
    return {name: compute.filter(column, kept) for name, column in columns.items()}, notes


def _told(count: int, what: str, which: str) -> str:
    many = count > 1
    which = which.replace("repeats", "repeat") if many else which
    return (
        f"{count:,} {what}{'s' * many}{which} {'are' if many else 'is'} left out; to keep "
        f"{'them' if many else 'it'}: --keep-totals"
    )


def _is_more_than_chance(blank: np.ndarray, gone: dict[str, np.ndarray]) -> bool:
    """Whether rows are blank as those of a sheet are, and not because every column lacks cells by itself."""
    full = ~blank
    if len(gone) < 3 or blank.mean() > 0.2:
        return False
    by_chance = float(np.prod([cells[full].mean() for cells in gone.values()]))
    return float(blank.mean()) > 10 * by_chance


def _names_again(columns: Columns, out: np.ndarray) -> np.ndarray:
    """The rows that say what the columns are called, as sheets do that were printed on pages."""
    found = ~out
    for name, column in columns.items():
        if not is_text(column):
            return np.zeros(len(out), dtype=bool)
        places = np.flatnonzero(found)
        cells = compute.take(column, Array.from_numpy(places)) if places.size < len(out) else column
        index, distinct = codes(cells)
        at = distinct.index(name) if name in distinct else -2
        found = np.zeros(len(out), dtype=bool)
        found[places[index == at]] = True
        if not found.any():
            return found
    return found


def _rows(columns: Columns, gone: dict[str, np.ndarray], places: np.ndarray) -> list[_Row]:
    index = Array.from_numpy(places.astype(np.int64))
    cells = {name: to_list(compute.take(column, index)) for name, column in columns.items()}
    filled = np.sum([~one[places] for one in gone.values()], axis=0)
    return [
        _Row(place, {name: column[at] for name, column in cells.items()}, int(filled[at]))
        for at, place in enumerate(places.tolist())
    ]


def _footers(ends: list[_Row], width: int, usual: int, rows: int, empty: np.ndarray) -> list[_Row]:
    """The last rows that hold one text and nothing else, where no other row does."""
    if width - usual < 3:
        return []
    found: list[_Row] = []
    for row in reversed(ends):
        texts = [cell for cell in row.cells.values() if cell is not None]
        if row.filled != 1 or not isinstance(texts[0], str) or total_word(texts[0]) is not None:
            if row.filled == 0 or (total_word(_first(row)) is not None and len(found) < _LAST):
                continue
            break
        found.append(row)
    alone = int((empty >= width - 1).sum()) - int((empty == width).sum())
    noted = all(is_note(_first(row)) for row in found)
    return found if noted or alone <= len(found) + 1 else []


def _first(row: _Row) -> object:
    return next((cell for cell in row.cells.values() if cell is not None), None)


def _totals(
    columns: Columns, looked: list[_Row], usual: int, empty: np.ndarray, kept: np.ndarray
) -> dict[int, str]:
    """The rows of totals, by their places, each with its word ("" where only its sums tell)."""
    found: dict[int, str] = {}
    ends = set(np.flatnonzero(kept)[-3:].tolist())
    fuller: dict[tuple[str, str], int] = {}
    rest = kept.copy()
    for row in looked:
        texts = [(name, cell) for name, cell in row.cells.items() if isinstance(cell, str)]
        labels = ((name, total_word(cell)) for name, cell in texts[:5])
        label = next(((name, word) for name, word in labels if word), None)
        if label is None:
            continue
        name, word = label
        key = (name, str(row.cells[name]))
        if key not in fuller:
            fuller[key] = _in_full_rows(columns[name], key[1], empty, usual)
        if empty[row.place] > usual and not fuller[key] or row.place in ends and fuller[key] == 1:
            found[row.place] = word
            rest[row.place] = False
    for row in reversed(looked):
        if row.place in found or row.place not in ends or row.filled == 0:
            continue
        if empty[row.place] > usual and _is_sums(columns, row, rest):
            found[row.place] = ""
            rest[row.place] = False
    return found


def _in_full_rows(column: Column, cell: str, empty: np.ndarray, usual: int) -> int:
    """How many rows that are as full as others have this word: those are records of a category."""
    index, distinct = codes(column)
    return int(((index == distinct.index(cell)) & (empty <= usual)).sum())


def _is_sums(columns: Columns, row: _Row, kept: np.ndarray) -> bool:
    """Whether a row has numbers alone, one of them the sum of its column, and none of its texts."""
    sums = 0
    others = kept.copy()
    others[row.place] = False
    for name, cell in row.cells.items():
        if cell is None or (isinstance(cell, str) and is_mark(cell)):
            continue
        values = _numbers(columns[name])
        if values is None or np.isnan(values[row.place]):
            return False
        rest = values[others & ~np.isnan(values)]
        if len(rest) < _FEW:
            return False
        total = float(rest.sum())
        alike = abs(values[row.place] - total) <= 1e-6 * abs(total) + 0.01
        sums += bool(alike and abs(total) > float(np.abs(rest).max()))
    return bool(sums)


def _numbers(column: Column) -> np.ndarray | None:
    """The numbers of a column, NaN where it has none; None where it holds anything else."""
    if is_text(column):
        from sampan.fields.number.spelling import Spelling  # fields take torch, which reading needs only here

        spelling = Spelling.find(column)
        return None if spelling is None else spelling.parse(column)
    kind = column.type
    return floats(column) if DataType.is_numeric(kind) or DataType.is_decimal(kind) else None
