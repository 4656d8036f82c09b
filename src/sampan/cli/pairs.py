"""Pairs: COLUMN=VALUE, as --type and --given take them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from sampan.cli.parser import UsageError
from sampan.errors import known_name


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
    if not args.personal:
        return told
    from sampan.guess import personal_types

    called = {name: what for name, _, what in (_parted(text) for text in args.personal)}
    return told | personal_types(called, typed)


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
