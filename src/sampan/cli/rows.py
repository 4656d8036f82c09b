"""Rows on their way out of a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampan.cli.output import result
from sampan.cli.parser import UsageError
from sampan.letters import plain
from sampan.screen import Screen, in_words, several

if TYPE_CHECKING:
    from sampan.column import Column
    from sampan.data import Columns
    from sampan.provenance import Provenance


def write_rows(
    args: argparse.Namespace,
    screen: Screen,
    what: str,
    blocks: Iterator[Columns],
    rows: int,
    provenance: Provenance,
) -> dict[str, Any]:
    """Blocks to the file asked for, with a bar, saying which model made them where it can."""
    from sampan.data import write_stream
    from sampan.data.stream import rows_of
    from sampan.media import media_in, medium_of_ending

    if args.out == "-" and args.json:
        raise UsageError(
            "--json is given without a file for the rows.",
            "Expected: -o FILE, because standard output holds the JSON object.",
            f"Type: sampan {args.command} ... --json -o new.csv",
        )

    refuse_own_source(args)

    only: Columns = {}

    def passing() -> Iterator[Columns]:
        count = 0
        for block in blocks:
            count += rows_of(block)
            if rows == 1:
                only.update(block)
            stage.update(count, rows, note=f"{count:,} of {several(rows, 'row')}")
            yield _shown(block) if args.out == "-" and sys.stdout.isatty() else block

    with screen.stage(what) as stage:
        count = write_stream(
            args.out,
            passing(),
            replace=args.replace,
            rows=rows,
            safe=getattr(args, "safe_csv", False),
            provenance=provenance,
        )
    elapsed = stage.elapsed
    if args.out != "-":
        screen.say(f"{several(count, 'row')} in {in_words(elapsed)}, in {args.out}")
        if medium_of_ending(Path(args.out).suffix):  # of the record only the file of the medium is written
            files = media_in(only)
            for name, column in only.items():
                if name not in files:
                    screen.say(f"  {plain(name)}: {plain(str(column[0].as_py()))}")
        result(args, args.out)
    return {"out": args.out, "rows": count, "seconds": round(elapsed, 2)}


def _shown(block: Columns) -> Columns:
    """A block for a terminal, which must not obey what a cell says; files and pipes get it as it is."""
    from sampan.column import from_strings

    def shown(column: Column) -> Column:
        cells = column.to_pylist()
        if not any(isinstance(cell, str) for cell in cells):
            return column
        return from_strings([plain(cell) if isinstance(cell, str) else None for cell in cells])

    return {plain(name): shown(column) for name, column in block.items()}


def refuse_own_source(args: argparse.Namespace) -> None:
    """Raises UsageError where -o names a file that the command reads, or one of a model's own."""
    for folder in (args.out, os.path.dirname(args.out) or "."):
        if os.path.isfile(os.path.join(folder, "manifest.json")):
            raise UsageError(
                f"-o {args.out} lies in a model folder, whose files are the model's own.",
                "Expected: a file in another folder, so that the model stays whole.",
                f"Type: -o {os.path.basename(args.out) if folder != args.out else 'new.csv'}",
            )
    for source in (
        getattr(args, name, None) for name in ("table", "given_file", "schema", "made", "seen", "unseen")
    ):
        if source and "://" not in source and os.path.exists(args.out) and os.path.exists(source):
            if os.path.samefile(source, args.out):
                raise UsageError(
                    f"-o {args.out} is the file that is read.",
                    "Expected: another file, so that your data stay as they are.",
                    "Type another name after -o.",
                )
