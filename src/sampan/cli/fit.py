"""`sampan fit`: learn a model and save it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampan.cli.options import TYPES, add_table, learning, reading, types_of, typing
from sampan.cli.output import result
from sampan.cli.parser import Command, Parser
from sampan.cli.records import read_table
from sampan.errors import SampanError, Stopped
from sampan.screen import Screen, in_words, several, tell_notes

if TYPE_CHECKING:
    from sampan.data import Table
    from sampan.schema import Schema


def _declare(parser: Parser) -> None:
    add_table(parser)
    parser.add_argument("-o", metavar="FOLDER", dest="out", required=True, help="the model folder")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan import run, store
        from sampan.learning.budget import Budget
        from sampan.learning.learn import learn
        from sampan.learning.schema import family_named, usual_family
        from sampan.rules.wish import Wish, check
    run.writable(Path(args.out))
    store.refuse(Path(args.out))
    older = _older(Path(args.out))
    if older:
        screen.say(f"! {older} It stays until this one is learned.", "yellow")
    budget = Budget.of(args.minutes, args.steps)
    family = None if args.family is None else family_named(args.family)
    seed = args.seed or 0
    whole, schema = _read(args, seed, screen)
    wish = Wish(tuple(args.rules), tuple(args.no_rules))
    check(wish, whole.columns)
    family = family or family_named(usual_family(schema))
    screen.say(f"{several(len(whole), 'row')}, {several(len(whole.columns), 'column')} from {args.table}")

    def on_notes(notes: Sequence[str]) -> None:
        stage.turn("learning", budget.seconds)
        tell_notes(notes, screen)

    with screen.stage("learning each column") as stage:
        generator = learn(
            whole,
            schema,
            family,
            budget=budget,
            seed=seed,
            on_step=run.progress_on(stage),
            on_column=lambda done, of: stage.update(done, of),
            on_notes=on_notes,
            on_look=run.sheet_of(seed, run.sheet_on(stage)) if screen.shows_sheets else None,
            rules=wish,
            on_rules=lambda rules: run.tell_rules(rules, screen),
        )
    if stage.sheet is not None:
        screen.sheet(stage.sheet)
    generator.save(args.out)
    history = generator.card.history
    instead = ", in place of the older model" if older else ""
    screen.say(
        f"{several(history['steps'], 'step')} in {in_words(history['seconds'])}, in {args.out}{instead}"
    )
    following = run.next_command(generator, Path(args.out), whole.columns, "new")
    if history["ended"] == "interrupted":
        raise Stopped(
            f"Stopped. What was learned so far is kept in {args.out}",
            f"To make rows with it: {following}",
            "To learn on from where it stopped, use sampan make: it keeps checkpoints.",
        )
    screen.say(f"Next: {following}")
    result(args, args.out)
    return {"model": args.out, "replaced": bool(older), "card": generator.card.to_json()}


def _read(args: argparse.Namespace, seed: int, screen: Screen) -> tuple[Table, Schema]:
    """The table, and what its columns are."""
    from sampan.learning.schema import read_schema

    whole = read_table(args, screen, seed)
    with screen.stage("looking at each column"):
        schema = read_schema(whole, types=types_of(args), keep=args.keep)
    return whole, schema


def _older(folder: Path) -> str:
    """What is said of a model that will be replaced; nothing where there is none."""
    from sampan.generator import load
    from sampan.store import is_model

    if not is_model(folder):
        return ""
    try:
        card = load(folder).card
    except SampanError:  # one that cannot be read is nobody's loss
        return f"The model in {folder}, which cannot be read, will be replaced."
    return (
        f"The model in {folder} will be replaced: learned from {card.source}, "
        f"{several(card.rows['learned'], 'row')}, {card.created}."
    )


FIT = Command(
    "fit",
    "learn a model and save it",
    _declare,
    _run,
    options=(learning, typing, reading),
    epilog=TYPES,
    tells=True,
)
