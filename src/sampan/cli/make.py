"""`sampan make`: the main job."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from sampan.cli.options import (
    TYPES,
    add_safe_csv,
    add_table,
    judging,
    learning,
    number,
    reading,
    reading_of,
    said_of,
    typing,
    whole_number,
)
from sampan.cli.output import result
from sampan.cli.parser import Command, Parser, UsageError
from sampan.screen import Screen


def _declare(parser: Parser) -> None:
    add_table(parser, optional=True)
    parser.add_argument(
        "-n", type=whole_number, metavar="N", dest="rows", help="rows to make (as many as learned from)"
    )
    parser.add_argument("-o", metavar="FOLDER", dest="out", help="the run folder (sampan-runs/NAME-TIME)")
    parser.add_argument("--aside", type=number, metavar="SHARE", help="share of rows kept unseen (0.1)")
    judging(parser)
    add_safe_csv(parser)
    parser.add_argument("--language", default="en", metavar="WORD", help="of the report: en or zh-Hant")
    parser.add_argument("--resume", metavar="RUN", help="go on with a run that was killed or stopped")
    parser.add_argument("--recipe", metavar="FILE", help="repeat the run of a recipe.toml")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan import run
    if args.resume is not None:
        named = {"TABLE": args.table, "-n": args.rows, "-o": args.out, "--type": args.types}
        named |= {"--rule": args.rules, "--no-rule": args.no_rules}
        others = (
            "aside recipe target protected minutes steps family seed schema keep personal exact key sheet "
            "header keep_totals safe_csv"
        )
        told = named | {f"--{name.replace('_', '-')}": getattr(args, name) for name in others.split()}
        extra = next(
            (name for name, value in told.items() if value or value == 0 and value is not False), None
        )
        if extra is not None:
            raise UsageError(
                f"{extra} is given together with --resume.",
                "Expected: nothing else, because a resumed run ends where it would have ended.",
                f"Type: sampan make --resume {shlex.quote(args.resume)}",
            )
        done = run.resume(args.resume, show_real=args.show_real, language=args.language, screen=screen)
    else:
        done = run.make(
            args.table,
            minutes=args.minutes,
            steps=args.steps,
            make=args.rows,
            folder=args.out,
            types=said_of(args),
            keep=args.keep,
            exact=args.exact,
            family=args.family,
            seed=args.seed,
            aside=args.aside,
            recipe=args.recipe,
            target=args.target,
            protected=args.protected,
            show_real=args.show_real,
            **reading_of(args),
            safe_csv=args.safe_csv,
            rules=args.rules,
            no_rules=args.no_rules,
            language=args.language,
            screen=screen,
        )
    result(args, f"{done.folder}")
    return done.to_json()


MAKE = Command(
    "make",
    "the main job: read, preview, learn, make, judge, save",
    _declare,
    _run,
    options=(learning, typing, reading),
    epilog=TYPES,
    tells=True,
)
