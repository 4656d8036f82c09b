"""The command line: each command a few lines over the public API.

Heavy imports happen inside the commands, so that `sampan --help` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sampan.errors import DataError, RequestError, SampanError, Stopped, StoreError, nearest
from sampan.screen import (
    Screen,
    Silent,
    fitting,
    in_words,
    plain,
    screen_for,
    several,
    sparkline,
    table,
    wrap,
)

if TYPE_CHECKING:
    from sampan.column import Column
    from sampan.data import Columns
    from sampan.generator import Generator

FIRST = """\
the main job:
  sampan make customers.csv         (or: sampan make census, a packaged table)

"""

EXIT_CODES = """\
exit codes:
  0    done
  1    an error that Sampan did not foresee; please report it
  2    the command line could not be read
  3    the data cannot be used as it is
  4    what was asked for cannot be done (an unknown column or category,
       a contradictory --where)
  5    a model, run or file on disk is damaged, foreign or cannot be written
  6    an optional package is needed and not installed
  130  Ctrl-C; what was learned is kept

With --json standard output holds one final object, errors included:
  {"error": {"kind", "what", "expected", "fix", "exit_code"}}
"""

TYPES = """\
type words (--type COLUMN=WORD, or a schema file):
  number                        amounts, counts, measurements
  category, category:ordered    names; on a scale
  moment, moment:%d/%m/%Y       dates, times, both; how they are written
  identifier                    unique names of records, never learned
  personal:name                 personal data, replaced by invented ones
                                (or e-mail, phone, address, ...)
  constant, omitted             one value; left empty
"""

REPLACE = """\
what -o replaces:
  A file of rows that exists is replaced: the same command makes it again.
  A schema file and a table of a database may hold what no command can make
  again; they are replaced only with --replace. No file that is read ever is.
"""


class UsageError(SampanError):
    """The command line could not be read."""

    exit_code = 2


class _Parser(argparse.ArgumentParser):
    """A parser that raises its complaints, in three parts like every other error."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, with the nearest command or option where one was misspelt."""
        hint = ""
        words = message.replace("'", " ").split()
        if "invalid choice:" in message and "COMMAND" in message:
            hint = nearest(words[words.index("choice:") + 1], COMMANDS)
            message = f"there is no command {words[words.index('choice:') + 1]!r}."
        elif message.startswith("unrecognized arguments:"):
            known = [option for action in self._actions for option in action.option_strings]
            wrong = message.removeprefix("unrecognized arguments: ").split()[0]
            hint = nearest(wrong.split("=")[0], known)
            message = f"{wrong!r} is not understood."
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise UsageError(message, f"Expected: {usage}{hint}", f"Type: {self.prog} --help")


# --- options
def _whole(text: str) -> int:
    """A whole number as people write it: 1000, 1_000, "1,000", 1e6."""
    plain = text.replace(",", "").replace("_", "")
    try:
        return int(plain)
    except ValueError:
        value = float(plain)
        if value != int(value):
            raise
        return int(value)


_whole.__name__ = "whole number"


def _number(text: str) -> float:
    return float(text)


_number.__name__ = "number"


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    """The parser of the whole line, and those of the commands."""
    parser = _Parser(
        prog="sampan",
        description="Learns a generative model from your own records and makes new ones.",
        epilog=FIRST + EXIT_CODES,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    shared = _Parser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    shared.add_argument("--quiet", action="store_true", help="say only what came out")
    shared.add_argument("--debug", action="store_true", help="show where in the program an error arose")

    learning = _Parser(add_help=False)
    learning.add_argument("--minutes", type=_number, metavar="M", help="minutes to learn for (1)")
    learning.add_argument("--steps", type=_whole, metavar="S", help="an exact number of steps instead")
    learning.add_argument("--family", metavar="WORD", help="the family of models (autoregressive)")
    learning.add_argument("--seed", type=_whole, metavar="S", help="one seed, one result (0)")

    typing = _Parser(add_help=False)
    typing.add_argument(
        "--type",
        action="append",
        default=[],
        metavar="COLUMN=WORD",
        dest="types",
        help="what a column is; see below",
    )
    typing.add_argument("--schema", metavar="FILE", help="a schema file, as `sampan schema` writes it")
    typing.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="learn personal data as they are",
    )

    replacing = _Parser(add_help=False)
    replacing.add_argument(
        "--replace", action="store_true", help="replace what no command can make again; see below"
    )

    def add(name: str, about: str, *parents: _Parser, epilog: str = "") -> _Parser:
        return commands.add_parser(
            name, help=about, description=about, parents=[*parents, shared], epilog=epilog
        )

    table_help = "a path, a URL, - for standard input, or a packaged table (census)"
    make = add(
        "make", "the main job: read, preview, learn, make, check, save", learning, typing, epilog=TYPES
    )
    make.add_argument("table", nargs="?", metavar="TABLE", help=table_help)
    make.add_argument(
        "-n", type=_whole, metavar="N", dest="rows", help="rows to make (as many as learned from)"
    )
    make.add_argument("-o", metavar="FOLDER", dest="out", help="the run folder (sampan-runs/NAME-TIME)")
    make.add_argument("--aside", type=_number, metavar="SHARE", help="share of rows kept unseen (0.1)")
    make.add_argument("--resume", metavar="RUN", help="go on with a run that was killed or stopped")
    make.add_argument("--recipe", metavar="FILE", help="repeat the run of a recipe.toml")

    fit = add("fit", "learn a model and save it", learning, typing)
    fit.add_argument("table", metavar="TABLE", help=table_help)
    fit.add_argument("-o", metavar="FOLDER", dest="out", required=True, help="the model folder")

    sample = add("sample", "make new records with a model", replacing, epilog=REPLACE)
    sample.add_argument("model", metavar="MODEL", help="a model folder or a run folder")
    sample.add_argument(
        "-n", type=_whole, metavar="N", dest="rows", help="how many (as many as were learned from)"
    )
    sample.add_argument(
        "-o", metavar="FILE", dest="out", default="-", help="where to; its ending says how (-: CSV)"
    )
    sample.add_argument(
        "--given",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="fix a column (COLUMN=: missing)",
    )
    sample.add_argument("--given-file", metavar="FILE", help="a record for each row, its columns fixed")
    sample.add_argument("--where", metavar="EXPR", help='a condition: "age > 65 and balance < 1000"')
    sample.add_argument("--seed", type=_whole, default=0, metavar="S", help="one seed, one result (0)")

    fill = add("fill", "complete what is missing in each record of a table", replacing, epilog=REPLACE)
    fill.add_argument("model", metavar="MODEL", help="a model folder or a run folder")
    fill.add_argument("table", metavar="TABLE", help=table_help)
    fill.add_argument(
        "-o", metavar="FILE", dest="out", default="-", help="where to; its ending says how (-: CSV)"
    )
    fill.add_argument("--seed", type=_whole, default=0, metavar="S", help="one seed, one result (0)")

    show = add("show", "print a model's card: where it comes from and what it is")
    show.add_argument("model", metavar="MODEL", help="a model folder or a run folder")

    schema = add(
        "schema",
        "print what each column of a table is taken for",
        typing,
        replacing,
        epilog=f"{TYPES}\n{REPLACE}",
    )
    schema.add_argument("table", metavar="TABLE", help=table_help)
    schema.add_argument("-o", metavar="FILE", dest="out", help="write it to a file, for --schema")
    return parser, dict(commands.choices)


# --- the commands: each returns the object for --json
def _make(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan import run
    if args.resume is not None:
        told = {
            "TABLE": args.table,
            "-n": args.rows,
            "-o": args.out,
            "--aside": args.aside,
            "--recipe": args.recipe,
        }
        told |= {
            "--minutes": args.minutes,
            "--steps": args.steps,
            "--family": args.family,
            "--seed": args.seed,
        }
        told |= {"--type": args.types or None, "--schema": args.schema, "--keep": args.keep or None}
        extra = next((name for name, value in told.items() if value is not None), None)
        if extra is not None:
            raise UsageError(
                f"{extra} is given together with --resume.",
                "Expected: nothing else, because a resumed run ends where it would have ended.",
                f"Type: sampan make --resume {shlex.quote(args.resume)}",
            )
        done = run.resume(args.resume, screen=screen)
    else:
        done = run.make(
            args.table,
            minutes=args.minutes,
            steps=args.steps,
            make=args.rows,
            folder=args.out,
            types=_types(args),
            keep=args.keep,
            family=args.family,
            seed=args.seed,
            aside=args.aside,
            recipe=args.recipe,
            screen=screen,
        )
    _result(args, f"{done.folder}")
    return done.to_json()


def _fit(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan import run, store
        from sampan.data import read
        from sampan.generator import learn, read_schema
    run.writable(Path(args.out))
    store.refuse(Path(args.out))
    budget = run.budget_of(args.minutes, args.steps)
    family = run.family_of(args.family or "autoregressive")
    seed = args.seed or 0
    with screen.stage("reading") as stage:
        whole = read(
            run.resolve(args.table), seed=seed, on_rows=lambda rows: stage.update(note=several(rows, "row"))
        )
    with screen.stage("looking at each column"):
        schema = read_schema(whole, types=_types(args), keep=args.keep)
    screen.say(f"{several(len(whole), 'row')}, {several(len(whole.columns), 'column')} from {args.table}")
    with screen.stage("learning", None if budget.seconds is None else budget.seconds) as stage:
        generator = learn(whole, schema, family, budget=budget, seed=seed, on_step=run.progress_on(stage))
    generator.save(args.out)
    history = generator.card.history
    screen.say(f"{several(history['steps'], 'step')} in {in_words(history['seconds'])}, in {args.out}")
    if history["ended"] == "interrupted":
        raise Stopped(
            f"Stopped. What was learned so far is kept in {args.out}",
            f"To make rows with it: sampan sample {shlex.quote(args.out)} -n 1000 -o new.csv",
            "To learn on from where it stopped, use sampan make: it keeps checkpoints.",
        )
    screen.say(f"Next: sampan sample {shlex.quote(args.out)} -n 1000 -o new.csv")
    _result(args, args.out)
    return {"model": args.out, "card": generator.card.to_json()}


def _sample(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = _load(args.model, screen)
    given: Any = None
    if args.given and args.given_file:
        raise UsageError(
            "--given and --given-file are given together.",
            "Expected: one of them. A file may hold the column that --given fixes.",
            "Add the column to the file.",
        )
    rows = args.rows
    if args.given:
        given = _pairs(args.given, generator.layout.codecs, "--given")
        given = {name: value if value else None for name, value in given.items()}
    elif args.given_file:
        from sampan.data import read

        with screen.stage(f"reading {args.given_file}"):
            given = read(args.given_file)
            rows = len(given) if rows is None else rows
    rows = generator.card.rows["learned"] if rows is None else rows
    blocks = generator.blocks(rows, given=given, where=args.where, seed=args.seed)
    try:
        return _write(args, screen, "making rows", blocks, rows)
    except DataError as error:  # what was given is a request here, not the user's data
        raise RequestError(error.what, error.expected, error.fix) from error


def _fill(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = _load(args.model, screen)
    from sampan.data import read
    from sampan.run import resolve

    with screen.stage("reading") as stage:
        whole = read(resolve(args.table), on_rows=lambda rows: stage.update(note=several(rows, "row")))
    if whole.rows_seen > len(whole):
        raise RequestError(
            f"{args.table} holds {whole.rows_seen:,} rows, more than are held in memory at once.",
            f"At most {len(whole):,} rows of this table are expected.",
            "Split the table into parts and fill each.",
        )
    holes = sum(column.null_count for column in whole.columns.values())
    screen.say(f"{several(holes, 'missing cell')} in {several(len(whole), 'row')}")
    done = _write(args, screen, "filling", generator.filled(whole, seed=args.seed), len(whole))
    return {**done, "missing_before": holes}


def _show(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = _load(args.model, screen)
    card = generator.card.to_json()
    if not args.json:
        _print(_card_lines(card, screen.width), sys.stdout)
    return card


def _schema(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan.data import read
        from sampan.guess import guess
        from sampan.recipe import schema_text, word_of, write_text
        from sampan.run import resolve
    if args.out is not None:
        _refuse_own_source(args)
        if os.path.exists(args.out) and not args.replace:
            raise StoreError(
                f"{args.out} exists already.",
                "A new file is expected, or --replace: a schema may hold what was corrected by hand.",
                f"Choose another name, or type: sampan schema {shlex.quote(args.table)} "
                f"-o {shlex.quote(args.out)} --replace",
            )
    with screen.stage("reading") as stage:
        whole = read(resolve(args.table), on_rows=lambda rows: stage.update(note=several(rows, "row")))
    with screen.stage("looking at each column"):
        found = guess(whole.columns, types=_types(args), keep=args.keep)
    words = {name: word_of(field) for name, field in found.fields.items()}
    if args.out is not None:
        write_text(Path(args.out), schema_text(words, found.reasons))
        screen.say(f"{several(len(words), 'column')} in {args.out}")
        screen.say(f"Next: correct what is wrong, then: sampan make {args.table} --schema {args.out}")
    elif not args.json:
        _print(schema_text(words, found.reasons).rstrip("\n").split("\n"), sys.stdout)
    for notice in found.notices:
        for line in wrap(f"! {notice}", screen.width, 0, 2):
            screen.say(line, "yellow")
    return {"columns": words, "reasons": found.reasons, "notices": found.notices, "rows": whole.rows_seen}


COMMANDS: dict[str, Callable[[argparse.Namespace, Screen], dict[str, Any]]] = {
    "make": _make,
    "fit": _fit,
    "sample": _sample,
    "fill": _fill,
    "show": _show,
    "schema": _schema,
}

_ON_STDOUT = ("make", "fit")
"""Commands whose story is their output; the others print data or a card there, and the story beside it."""


# --- pieces of commands
def _types(args: argparse.Namespace) -> dict[str, str]:
    """Column -> type word: those of the schema file, overruled by --type."""
    words: dict[str, str] = {}
    if args.schema is not None:
        from sampan.recipe import read_schema_file

        words = read_schema_file(args.schema)
    return {**words, **_pairs(args.types, words, "--type")}


def _pairs(texts: Sequence[str], known: Mapping[str, Any], option: str) -> dict[str, str]:
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
        name = text[:cut] if text[:cut] in known else text[:cut].strip()
        out[name] = text[cut + 1 :]
    return out


def _load(path: str, screen: Screen) -> Generator:
    with screen.stage("loading the model"):
        from sampan.generator import load
        from sampan.run import model_folder

        return load(model_folder(path))


def _write(
    args: argparse.Namespace, screen: Screen, what: str, blocks: Iterator[Columns], rows: int
) -> dict[str, Any]:
    """Blocks to the file asked for, with a bar."""
    from sampan.data import write_stream
    from sampan.data.stream import rows_of

    if args.out == "-" and args.json:
        raise UsageError(
            "--json is given without a file for the rows.",
            "Expected: -o FILE, because standard output holds the JSON object.",
            f"Type: sampan {args.command} ... --json -o new.csv",
        )

    _refuse_own_source(args)

    def passing() -> Iterator[Columns]:
        count = 0
        for block in blocks:
            count += rows_of(block)
            stage.update(count, rows, note=f"{count:,} of {several(rows, 'row')}")
            yield _shown(block) if args.out == "-" and sys.stdout.isatty() else block

    with screen.stage(what) as stage:
        count = write_stream(args.out, passing(), replace=args.replace)
    elapsed = stage.elapsed
    if args.out != "-":
        screen.say(f"{several(count, 'row')} in {in_words(elapsed)}, in {args.out}")
        _result(args, args.out)
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


def _refuse_own_source(args: argparse.Namespace) -> None:
    """Raises UsageError where -o names a file that the command reads."""
    for source in (getattr(args, name, None) for name in ("table", "given_file", "schema")):
        if source and "://" not in source and os.path.exists(args.out) and os.path.exists(source):
            if os.path.samefile(source, args.out):
                raise UsageError(
                    f"-o {args.out} is the file that is read.",
                    "Expected: another file, so that your data stay as they are.",
                    "Type another name after -o.",
                )


def _card_lines(card: Mapping[str, Any], width: int) -> list[str]:
    """The card for people."""
    history = card["history"]
    curve = [look["held_out"] for look in history.get("looks", [])]
    rows = card["rows"]
    unseen = rows["read"] - rows["learned"] - rows["held_out"]
    settings = ", ".join(f"{name} {value}" for name, value in card["settings"].items())
    facts = [
        ("source", card["source"]),
        ("data digest", f"sha256 {card['digest']}"),
        (
            "rows",
            f"{rows['read']:,} read, {rows['learned']:,} learned from, {rows['held_out']:,} said when to "
            f"end, {unseen:,} never seen",
        ),
        ("family", f"{card['family']} ({settings}), {card['weights']:,} weights"),
        ("seed", str(card["seed"])),
        ("created", card["created"]),
        (
            "learned",
            f"{card['seconds'] / 60:.2f} minutes, {history['steps']:,} steps, ended by {history['ended']}, "
            f"{history['precision']}",
        ),
        (
            "energy",
            f"about {card['energy_wh']} Wh (an estimate: {card['cpu_seconds']} s of one core at 10 W)",
        ),
        ("versions", ", ".join(f"{name} {version}" for name, version in card["versions"].items())),
    ]
    if card["parents"]:
        facts.append(("parents", ", ".join(card["parents"])))
    lines = []
    for name, value in facts:
        first, *more = wrap(value, width, 0, 14)
        lines += [f"{name:<13} {first}", *more]
    if curve:
        lines += [
            f"{'curve':<13} {sparkline(curve, min(40, width - 14))}",
            f"{'':<13} held-out nats a record: {curve[0]:.2f} at first, {min(curve):.2f} kept",
            f"{'':<13} (of step {history['best_step']:,}); lower is better",
        ]
    lines += ["", several(len(card["columns"]), "column")]
    lines += table(list(card["columns"].items()), [max(12, width // 3)], width)
    for note in card["notes"]:
        lines += wrap(f"note: {note}", width, 0, 2)
    return lines


def _print(lines: Sequence[str], out: Any) -> None:
    for line in lines:
        print(fitting(line, out), file=out)
    out.flush()


def _result(args: argparse.Namespace, text: str) -> None:
    """What came out, for --quiet: one line that another program can take."""
    if args.quiet and not args.json:
        _print([text], sys.stdout)


# --- errors
def _error_json(error: SampanError) -> dict[str, Any]:
    return {
        "error": {
            "kind": type(error).__name__,
            "what": error.what,
            "expected": error.expected,
            "fix": error.fix,
            "exit_code": error.exit_code,
        }
    }


def _as_sampan(error: BaseException) -> SampanError:
    """Any error as one that can be shown."""
    if isinstance(error, SampanError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Stopped("Stopped.", "Nothing was written.", "To start again, type the same command.")
    if isinstance(error, MemoryError):
        return RequestError(
            f"the memory of this machine is used up ({error or 'MemoryError'}).",
            "Less at once is expected.",
            "Close other programs, or take fewer rows or columns.",
        )
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return StoreError(
            f"{error.filename or 'a file'}: {error.strerror or error}.",
            "Room on the disk is expected." if full else "A file or folder that you may use is expected.",
            "Free some space, or work in another folder." if full else "Check its name and its permissions.",
        )
    bug = SampanError(
        f"{type(error).__name__}: {error}",
        "This is a mistake in Sampan, not yours.",
        "Please report it with what this prints: the same command with --debug at its end",
    )
    return bug


def _report(error: SampanError, as_json: bool) -> None:
    if as_json:
        _print([json.dumps(_error_json(error), ensure_ascii=False)], sys.stdout)
        return
    # three lines; a condition that cannot be read brings one more, with a mark under the place
    lines = [line for part in (error.what, error.expected, error.fix) for line in part.splitlines() if line]
    stream = sys.stderr
    if stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb":
        print(f"\x1b[1;31m{fitting(lines.pop(0), stream)}\x1b[0m", file=stream)
    _print(lines, stream)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """The first Ctrl-C asks to stop and keep what there is; the second leaves at once."""
    pressed = False

    def on_interrupt(signum: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            with contextlib.suppress(OSError):
                os.write(2, b"\x1b[?25h\n" if sys.stderr.isatty() else b"\n")  # the cursor a bar had hidden
            os._exit(130)
        pressed = True
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, on_interrupt)
    except ValueError:  # not the main thread: whoever runs that handles Ctrl-C
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _version() -> str:
    import sampan

    return f"sampan {sampan.__version__}"


def _run(argv: Sequence[str]) -> int:
    parser, parsers = _parser()
    args, rest = parser.parse_known_args(argv)
    if rest:  # the command's own parser knows which options were meant
        (parser if args.command is None else parsers[args.command]).error(
            f"unrecognized arguments: {' '.join(rest)}"
        )
    if args.version:
        _print([_version()], sys.stdout)
        return 0
    if args.command is None:
        parser.print_help()
        return 0
    out = sys.stdout if args.command in _ON_STDOUT else sys.stderr
    screen = Silent() if args.json or args.quiet else screen_for(out)
    done = COMMANDS[args.command](args, screen)
    if args.json:
        _print([json.dumps(done, ensure_ascii=False, allow_nan=False)], sys.stdout)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are told in three lines, or as JSON."""
    # threads that wait for each other by spinning stand still on a machine that does other work as well
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    argv = sys.argv[1:] if argv is None else list(argv)
    as_json = "--json" in argv
    try:
        with _interruptible():
            code = _run(argv)
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        # whoever read our output has enough; nothing more may be written, at exit neither
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    except (Exception, KeyboardInterrupt) as error:
        told = _as_sampan(error)
        if "--debug" in argv:
            traceback.print_exc()
        with contextlib.suppress(BrokenPipeError):
            _report(told, as_json)
        return told.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
