"""`sampan show`: print a model's card."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from sampan.cli.options import add_model
from sampan.cli.output import print_lines
from sampan.cli.parser import Command
from sampan.cli.records import load_model
from sampan.screen import Screen, several, sparkline, table, wrap


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
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
    if card["notes"]:
        lines += ["", "what was changed, left out or guessed"]
    for note in card["notes"]:
        lines += wrap(f"! {note}", width, 0, 2)
    return lines


SHOW = Command("show", "print a model's card: where it comes from and what it is", add_model, _run)
