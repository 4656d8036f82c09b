"""The command line as a whole: the commands, and `main`, which runs one of them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from sampan import scratch
from sampan.cli.examples import MORE, RESTYLE
from sampan.cli.fill import FILL
from sampan.cli.fit import FIT
from sampan.cli.help import COMPLETION, HELP
from sampan.cli.judge import JUDGE
from sampan.cli.make import MAKE
from sampan.cli.options import shared
from sampan.cli.output import as_sampan, print_lines, report
from sampan.cli.parser import Parser
from sampan.cli.sample import SAMPLE
from sampan.cli.schema import SCHEMA
from sampan.cli.show import SHOW
from sampan.errors import LateNotice
from sampan.screen import Silent, screen_for

COMMANDS = {
    command.name: command
    for command in (MAKE, FIT, SAMPLE, FILL, RESTYLE, MORE, JUDGE, SHOW, SCHEMA, HELP, COMPLETION)
}

GATE_EXIT = 7
"""Of `sampan judge` where the gate did not pass: no error, so the report is printed and written as ever."""

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
  7    sampan judge: the gate did not pass, or could not be decided
  130  Ctrl-C; what was learned is kept

With --json standard output holds one final object, errors included:
  {"error": {"kind", "what", "expected", "fix", "exit_code"}}
"""


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The parser of the whole line, and those of the commands."""
    whole = Parser(
        prog="sampan",
        description="Learns a generative model from your own records and makes new ones.",
        epilog=FIRST + EXIT_CODES,
    )
    whole.add_argument("--version", action="store_true", help="print the version and stop")
    places = whole.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS.values():
        parents = [*(options() for options in command.options), shared()]
        about = command.about
        parser = places.add_parser(
            command.name, help=about, description=about, parents=parents, epilog=command.epilog
        )
        command.declare(parser)
    return whole, dict(places.choices)


def _run(argv: Sequence[str]) -> int:
    parser, places = parsers()
    args, rest = parser.parse_known_args(argv)
    if rest:  # the command's own parser knows which options were meant
        (parser if args.command is None else places[args.command]).error(
            f"unrecognized arguments: {' '.join(rest)}"
        )
    if args.version:
        from sampan import __version__

        print_lines([f"sampan {__version__}"], sys.stdout)
        return 0
    if args.command is None:
        parser.print_help()
        return 0
    command = COMMANDS[args.command]
    out = sys.stdout if command.tells else sys.stderr
    screen = Silent() if args.json or args.quiet else screen_for(out)
    scratch.sweep()
    done = command.run(args, screen)
    if args.json:
        print_lines([json.dumps(done, ensure_ascii=False, allow_nan=False)], sys.stdout)
    return GATE_EXIT if command is JUDGE and done["passed"] is not True else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are told in three lines, or as JSON."""
    # threads that wait for each other by spinning stand still on a machine that does other work as well
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    argv = sys.argv[1:] if argv is None else list(argv)
    as_json = "--json" in argv
    try:
        with quiet("--debug" in argv), interruptible():
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
    except BaseException as error:  # a library in Rust that panics raises no Exception
        told = as_sampan(error)
        if "--debug" in argv:
            traceback.print_exc()
        with contextlib.suppress(BrokenPipeError):
            report(told, as_json)
        return told.exit_code


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
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


def _told(message: Warning | str, *_: object) -> None:
    """A notice in lines of its own on standard error."""
    print_lines([f"  {line}" for line in str(message).split("\n")], sys.stderr)


@contextlib.contextmanager
def quiet(debug: bool) -> Iterator[None]:
    """For the length of the block no library's warning or log line reaches standard error.

    Sampan tells what matters itself, in sentences. A warning of PyTorch about a missing driver, of openpyxl
    about a style or of NumPy about an overflow, about which a person can do nothing, would stand between
    them. `--debug` lets them through, and so does PYTHONWARNINGS. What came up while records were made is
    told (`LateNotice`).
    """
    if debug or sys.warnoptions:
        yield
        return
    # lines that PyTorch's own C++ writes, such as that NNPACK does not know this processor
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    silent = logging.NullHandler()  # without a handler Python writes warnings of loggers to standard error
    logging.getLogger().addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", LateNotice)
            warnings.showwarning = _told
            yield
    finally:
        logging.getLogger().removeHandler(silent)
