"""`sampan judge`: how faithful, useful, private and fair made rows and pictures are."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampan.cli.options import judging, number, reading, reading_of, whole_number
from sampan.cli.output import result
from sampan.cli.parser import Command, Parser, UsageError
from sampan.cli.rows import refuse_own_source
from sampan.screen import Screen

if TYPE_CHECKING:
    from sampan.evaluate.report import Report

JUDGING = """\
a gate (--gate EXPR):
  faithful, useful, private, fair     every decided score of a question passed
  shape <= 1.5*floor                  a score beside what real rows reach
  recall[picture] >= 80               that of one column of pictures; without
                                      brackets, every score of the name
  membership.high <= 0.6              the end of its interval (.low .floor too)
  and, or, not, + - * / and parentheses

-o FILE may end in .html (a page to read and to print), .json, or .xml (JUnit,
for pipelines). A page shows no real row unless --show-real asks for it.
"""


_PAGES = (".html", ".htm")


def _declare(parser: Parser) -> None:
    parser.add_argument("made", metavar="MADE", help="a table or pictures, a run folder or a model folder")
    parser.add_argument("--seen", metavar="TABLE", help="the real rows that were learned from")
    parser.add_argument("--unseen", metavar="TABLE", help="real rows that were not: they set the floor")
    parser.add_argument(
        "-o", metavar="FILE", dest="out", help="where to; its ending says how (.html .json .xml for JUnit)"
    )
    parser.add_argument("--gate", metavar="EXPR", help="what must hold; see below")
    judging(parser)
    parser.add_several("--questions", "WORD[,WORD]", "look, work, found, treated or given (all)")
    parser.add_argument(
        "-n", type=whole_number, metavar="N", dest="rows", help="rows that a model folder makes"
    )
    parser.add_argument(
        "--features",
        metavar="FILE",
        help="Inception's weights (.safetensors), to compare pictures as published figures do",
    )
    parser.add_argument(
        "--seconds",
        type=number,
        metavar="S",
        help="for the judge of pictures to learn what to look at (40)",
    )
    parser.add_argument(
        "--steps",
        type=whole_number,
        metavar="S",
        help="exactly so many steps of that learning instead, for a judgement that repeats to the last digit",
    )
    parser.add_argument("--language", default="en", metavar="WORD", help="of the report: en or zh-Hant")
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one report (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    """The judgement that was asked for, printed and written.

    Long because a command is its arguments checked, its work and what it prints.
    """
    from sampan.evaluate.gate import DEFAULT_GATE

    if args.out:
        _refuse_ending(args.out)
        refuse_own_source(args)
    with screen.stage("starting"):
        from sampan import run
        from sampan.data import holds_tables, read
        from sampan.data.disk import write_text
        from sampan.evaluate.eyes import SECONDS
        from sampan.evaluate.judge import judge
        from sampan.evaluate.report.words import words
        from sampan.evaluate.score import QUESTIONS
        from sampan.run.judging import Judging
        from sampan.store import is_model

        words(args.language)  # refuses an unknown language before any work
    made, seen, unseen, plan = run.judged(args.made, args.seen, args.unseen)
    tables: dict[str, Any] = {}
    for name, source in (("made", made), ("seen", seen), ("unseen", unseen)):
        if isinstance(source, str | Path) and not is_model(Path(source)):
            with screen.stage(f"reading {name} rows"):
                how = reading_of(args)
                how["sheet"] = how["sheet"] if holds_tables(source) else None
                tables[name] = read(run.resolve(source), seed=args.seed, **how)
        else:
            tables[name] = source
    real = tables["seen"]
    columns = () if isinstance(real, str | Path) else real.columns
    with screen.stage("judging") as stage:
        asked: tuple[Any, ...] = tuple(run.several_names(args.questions, QUESTIONS)) or QUESTIONS
        judging = Judging(stage, [one for one in QUESTIONS if one in asked])
        report = judge(
            **tables,
            n=args.rows,
            types={} if plan is None else plan.columns,
            target=args.target or (plan.target if plan else None),
            protected=run.several_names(args.protected, columns) or (plan.protected if plan else []),
            gate=args.gate or DEFAULT_GATE,
            questions=asked,
            title=Path(args.made).name or args.made,
            features=args.features,
            seconds=SECONDS if args.seconds is None else args.seconds,
            steps=args.steps,
            seed=args.seed,
            on_question=judging.question,
            on_stage=judging.part,
        )
    report = replace(report, shell=True, notes=report.notes if plan is None else tuple(plan.notices))
    for line in report.lines(args.language):
        screen.say(line)
    if args.out:
        write_text(Path(args.out), _text(report, args))
        screen.say(f"The report is in {args.out}")
        if args.show_real and Path(args.out).suffix.lower() in _PAGES:
            screen.say("It shows real records (--show-real): do not hand it on.", "yellow")
    result(args, "passed" if report.passed else "not passed")
    return report.to_json()


def _refuse_ending(out: str) -> None:
    """Raises UsageError, before any work, where the ending of a file says no form of a report."""
    ending = Path(out).suffix.lower()
    if ending not in (*_PAGES, ".json", ".xml"):
        raise UsageError(
            f"-o {out} ends in {ending or 'nothing'}.",
            "Expected: .html, .json or .xml (JUnit).",
            "For example: -o report.html",
        )


def _text(report: Report, args: argparse.Namespace) -> str:
    """The report in the form that its file's ending says."""
    match Path(args.out).suffix.lower():
        case ".json":
            return json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n"
        case ".xml":
            return report.to_junit()
        case _:
            return report.to_html(args.language, args.show_real)


JUDGE = Command(
    "judge",
    "say how faithful, useful, private and fair made rows are, beside real ones",
    _declare,
    _run,
    options=(reading,),
    epilog=JUDGING,
)
