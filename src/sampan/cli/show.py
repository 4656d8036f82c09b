"""`sampan show`: print a model's card, or where a file of made rows comes from."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampan.cli.options import add_model
from sampan.cli.output import print_lines
from sampan.cli.parser import Command
from sampan.cli.records import load_model
from sampan.screen import Screen, several, sparkline, table, wrap


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    if Path(args.model).is_file():
        return _shown_file(Path(args.model), args, screen)
    generator = load_model(args, screen)
    from sampan.model_folder import model_in
    from sampan.store import attachments, digest_of

    folder = model_in(args.model)
    card, digest, more_files = generator.card.to_json(), digest_of(folder), attachments(folder)
    if not args.json:
        first, *more = wrap(digest.replace(":", " "), screen.width, 0, 14)
        lines = [f"{'model digest':<13} {first}", *more]
        lines += [f"{'attached':<13} {name}" for name in more_files]
        print_lines([*lines, *_card_lines(card, screen.width)], sys.stdout)
    return {**card, "model_digest": digest, "attachments": more_files}


def _shown_file(path: Path, args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    """What a file of rows says of where it comes from, and the model that lies beside it."""
    from sampan.data import provenance_of
    from sampan.errors import StoreError
    from sampan.model_folder import model_in
    from sampan.store import digest_of

    said = provenance_of(path)
    beside = None
    for place in (path.parent, path.parent / "model"):
        try:
            beside = model_in(place)
            break
        except StoreError:
            continue
    own = None if beside is None else digest_of(beside)
    if said is None:
        lines = [f"{path.name} does not say which model made it."]
        lines += ["Parquet and Arrow files of made rows do; a CSV has no room for it."]
    else:
        facts = {"made by": said.made_by, "model digest": said.model.replace(":", " ")}
        facts |= {"family": said.family, "request": said.request, "seed": str(said.seed)}
        lines = [f"{name:<13} {value}" for name, value in facts.items()]
        lines += ["A statement and no proof: whoever holds the file can change it."]
    lines = [part for line in lines for part in wrap(line, screen.width, 0, 14)]
    if beside is not None and (said is None or said.model == own):  # a command to type is never broken
        lines += [
            f"Beside it lies {'a' if said is None else 'that'} model:",
            f"  sampan show {shlex.quote(str(beside))}",
        ]
    if not args.json:
        print_lines(lines, sys.stdout)
    found = None if said is None else said.to_dict()
    return {
        "file": str(path),
        "provenance": found,
        "model_beside": beside and str(beside),
        "digest_beside": own,
    }


def _settings(plain: Mapping[str, Any]) -> str:
    """Settings in brackets, those of families inside of a family in brackets of their own."""
    told = ((name, _settings(value) if isinstance(value, dict) else value) for name, value in plain.items())
    return f"({', '.join(f'{name} {value}' for name, value in told)})"


def _card_lines(card: Mapping[str, Any], width: int) -> list[str]:
    """The card for people."""
    from sampan.card import Card
    from sampan.curve import Curve
    from sampan.summary import ENDS

    ended = ENDS.get(card["history"]["ended"], card["history"]["ended"])
    history = card["history"]
    curve = Curve.of(history)
    rows = card["rows"]
    unseen = rows["read"] - rows["learned"] - rows["held_out"]
    facts = [
        ("source", card["source"]),
        ("data digest", f"sha256 {card['digest']}"),
        (
            "rows",
            f"{rows['read']:,} read, {Card(**card).rows_told()}, {unseen:,} never seen",
        ),
        ("family", f"{card['family']} {_settings(card['settings'])}, {card['weights']:,} weights"),
        ("seed", str(card["seed"])),
        ("created", card["created"]),
        (
            "learned",
            f"{card['seconds'] / 60:.2f} minutes, {history['steps']:,} steps, {ended}, "
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
    if curve.held:
        lines += [f"{'curve':<13} {sparkline(curve.along(min(40, width - 14)))}"]
        lines += [f"{'':<13} {line}" for line in wrap(curve.told(), width - 14, 0, 0)]
    lines += ["", several(len(card["columns"]), "column")]
    lines += table(list(card["columns"].items()), [max(12, width // 3)], width)
    if card["rules"]:
        lines += ["", f"{several(len(card['rules']), 'rule')} between columns"]
    for rule in card["rules"]:
        lines += wrap(f"  {rule}", width, 0, 4)
    if card["notes"]:
        lines += ["", "what was changed, left out or guessed"]
    for note in card["notes"]:
        lines += wrap(f"! {note}", width, 0, 2)
    return lines


SHOW = Command(
    "show",
    "print a model's card, or which model made a file: where it comes from and what it is",
    add_model,
    _run,
)
