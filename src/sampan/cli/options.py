"""Options that several commands share, and what --help says about them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sampan.cli.parser import Parser, UsageError
from sampan.errors import known_name

TYPES = """\
type words (--type COLUMN=WORD, or a schema file):
  number                        amounts, counts, measurements
  category, category:ordered    names; on a scale, in the order of numbers or letters
  category:S<M<L                names on a scale that you say, from the least to the greatest
  moment, moment:%d/%m/%Y       dates, times, both; how they are written
  identifier                    unique names of records, never learned
  identifier:key                whom or what several rows are of, as --key
  personal:name                 personal data, replaced by invented ones
                                (or e-mail, phone, address, ...)
  phrases                       text that says a few things, with personal data
                                inside of it, which are replaced
  image, image:64, image:64x96  pictures; of which height and width
  constant, omitted             one value; left empty
  number:exact, category:exact, moment:exact
                                as --exact: one person's own values may come back
"""

REPLACE = """\
what -o replaces:
  A file of rows or a picture that exists is replaced: the same command makes
  it again.
  So is a folder of made pictures, unless it holds anything else.
  A schema file and a table of a database may hold what no command can make
  again; they are replaced only with --replace. No file that is read ever is.
"""


def whole_number(text: str) -> int:
    """A whole number as people write it: 1000, 1_000, "1,000", 1e6."""
    plain = text.replace(",", "").replace("_", "")
    try:
        return int(plain)
    except ValueError:
        value = float(plain)
        if not math.isfinite(value) or value != int(value):
            raise
        return int(value)


whole_number.__name__ = "whole number"  # what argparse calls it in a complaint


def number(text: str) -> float:
    return float(text)


number.__name__ = "number"


def shared() -> Parser:
    """Of every command."""
    options = Parser(add_help=False)
    options.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options.add_argument("--quiet", action="store_true", help="say only what came out")
    options.add_argument("--debug", action="store_true", help="show where in the program an error arose")
    return options


def learning() -> Parser:
    """Of commands that learn a model."""
    options = Parser(add_help=False)
    options.add_argument("--minutes", type=number, metavar="M", help="minutes to learn for (1)")
    options.add_argument("--steps", type=whole_number, metavar="S", help="an exact number of steps instead")
    options.add_argument(
        "--family",
        metavar="WORD",
        help="autoregressive (unless said; diffusion for pictures, latent for those above 64 pixels), "
        "diffusion, vae, gan, latent or auto",
    )
    options.add_argument("--seed", type=whole_number, metavar="S", help="one seed, one result (0)")
    options.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="RULE",
        dest="rules",
        help="what holds between columns: 'total = net + vat', 'sku fixes price' (others are found)",
    )
    options.add_argument(
        "--no-rule",
        action="append",
        default=[],
        metavar="RULE",
        dest="no_rules",
        help="a rule that is not to be kept, or a column, 'COLUMN = ...', or all",
    )
    return options


def typing() -> Parser:
    """Of commands that find out what each column of a table is."""
    options = Parser(add_help=False)
    options.add_several("--type", "COLUMN=WORD", "what a column is; see below", dest="types")
    options.add_argument("--schema", metavar="FILE", help="a schema file, as `sampan schema` writes it")
    options.add_several("--keep", "COLUMN", "learn personal data as they are")
    options.add_several(
        "--personal", "COLUMN[=WHAT]", "replace it by invented values (WHAT: name, phone, address, ...)"
    )
    options.add_several("--exact", "COLUMN", "one person's own values may be made again")
    options.add_argument(
        "--key",
        metavar="COLUMN",
        help="rows of one value belong together and are made together (found)",
    )
    return options


def reading() -> Parser:
    """Of commands that read a table."""
    options = Parser(add_help=False)
    options.add_argument(
        "--sheet", metavar="NAME", help="of a workbook; or the table of a database, the file of a zip"
    )
    options.add_argument(
        "--header", metavar="ROW", help="the row that names the columns: 4, 4-5 for two, 0 for none (found)"
    )
    options.add_argument(
        "--keep-totals", action="store_true", help="keep rows of totals and notes below a table (left out)"
    )
    return options


def reading_of(args: argparse.Namespace) -> dict[str, Any]:
    """How `sampan.data.read` is to read the table of a command."""
    return {"sheet": args.sheet, "header": args.header, "keep_totals": args.keep_totals or None}


def judging(parser: Parser) -> None:
    """What the judge is told, and what its page shows."""
    parser.add_argument("--target", metavar="COLUMN", help="the column that work would predict (guessed)")
    parser.add_several("--protected", "COLUMN[,COLUMN]", "nobody must be treated differently by it (guessed)")
    parser.add_argument(
        "--show-real",
        action="store_true",
        help="a report with real records in it, not to be handed on",
    )


def replacing() -> Parser:
    """Of commands that write what may exist already."""
    options = Parser(add_help=False)
    options.add_argument(
        "--replace", action="store_true", help="replace what no command can make again; see below"
    )
    return options


def add_table(parser: Parser, *, optional: bool = False) -> None:
    """The table that a command reads."""
    parser.add_argument(
        "table",
        nargs="?" if optional else None,
        metavar="TABLE",
        help="a path, a URL, - for standard input, or a packaged table (census, digits)",
    )


def add_model(parser: Parser) -> None:
    """The model that a command uses."""
    parser.add_argument("model", metavar="MODEL", help="a model folder or a run folder")
    parser.add_argument(
        "--digest", metavar="sha256:...", help="refuse any model but this one (`sampan show` prints it)"
    )


def add_given(parser: Parser) -> None:
    """What every record has."""
    parser.add_several("--given", "COLUMN=VALUE", "fix a column (COLUMN=: missing)")


def add_rows_out(parser: Parser) -> None:
    """Where rows go."""
    parser.add_argument(
        "-o",
        metavar="FILE",
        dest="out",
        default="-",
        help="where to; its ending says how (-: CSV; new/: a folder, for pictures; new.png: one)",
    )
    add_safe_csv(parser)


def add_safe_csv(parser: Parser) -> None:
    """How cells of CSV are written that a spreadsheet would compute."""
    parser.add_argument(
        "--safe-csv",
        action="store_true",
        help="an apostrophe before cells of CSV that a spreadsheet would compute (=, +, -, @)",
    )


def types_of(args: argparse.Namespace) -> dict[str, str]:
    """Column -> type word: those of the schema file, overruled by --type, --personal, --keep and --exact."""
    words = said_of(args)
    if not args.exact:
        return words
    from sampan.guess import exact_types

    return words | {name: str(word) for name, word in exact_types(args.exact, words).items()}


def said_of(args: argparse.Namespace) -> dict[str, str]:
    """The same without --exact, which a recipe has to be asked about: it says what those columns are."""
    words: dict[str, str] = {}
    if args.schema is not None:
        from sampan.run.schema_file import read_schema_file

        words = read_schema_file(args.schema)
    typed = pairs(args.types, words, "--type")
    told = {**{name: word for name, word in words.items() if name not in args.keep}, **typed}
    if args.personal:
        from sampan.guess import personal_types

        called = {name: what for name, _, what in (_parted(text) for text in args.personal)}
        told |= personal_types(called, typed)
    if args.key is None:
        return told
    from sampan.guess import key_types

    return told | {name: str(word) for name, word in key_types(args.key, told).items()}


def _parted(text: str) -> tuple[str, str, str]:
    """A column, an equals sign and what it holds; the sign after which a kind of personal data stands."""
    name, sign, what = text.rpartition("=")
    return (name, sign, what.strip()) if sign else (text, "", "")


def given_of(args: argparse.Namespace, known: Mapping[str, Any]) -> dict[str, str | None]:
    """Column -> value of --given, None where it is to be missing."""
    return {name: value or None for name, value in pairs(args.given, known, "--given").items()}


def pairs(texts: Sequence[str], known: Mapping[str, Any], option: str) -> dict[str, str]:
    """Column -> value of COLUMN=VALUE; where a known column's name holds "=", the longest such name."""
    out = {}
    for text in texts:
        if "=" not in text:
            example = "age=number" if option == "--type" else "churn=yes"
            raise UsageError(
                f"{option} {text!r} has no equals sign.",
                "Expected: a column, an equals sign, and what it is to be.",
                f"For example: {option} {example}",
            )
        cuts = [place for place, letter in enumerate(text) if letter == "="]
        cut = next((place for place in reversed(cuts) if text[:place] in known), cuts[0])
        name = text[:cut] if text[:cut] in known else known_name(text[:cut], known)
        out[name] = text[cut + 1 :]
    return out
