"""Parser: reads a command line and complains in three parts, like every other error."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from sampan.errors import SampanError, nearest
from sampan.screen import Screen

ELSEWHERE = {
    word: ours
    for ours, words in {
        "fit": "train learn",
        "sample": "generate synthesize synthesise",
        "make": "create run start new",
        "make --resume": "resume continue",
        "fill": "impute complete inpaint",
        "judge": "evaluate eval report score check test compare audit",
        "show": "info describe inspect card",
        "schema": "columns types",
        "restyle": "style",
        "more": "augment",
        "--version": "version",
    }.items()
    for word in words.split()
}
"""What other products call a command of ours."""

RENAMED = {"--ask": "--questions"}
"""Options that had another name once."""


class UsageError(SampanError):
    """The command line could not be read."""

    exit_code = 2


class Parser(argparse.ArgumentParser):
    """A parser that raises its complaints, in three parts like every other error."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, allow_abbrev=False, **settings)

    def unknown(self, word: str) -> NoReturn:
        """Raise UsageError for a command that there is not, with the one that is meant where it is known."""
        commands = next(action.choices for action in self._actions if action.metavar == "COMMAND") or ()
        ours = ELSEWHERE.get(word.lower())
        hint = nearest(word, commands)
        if ours is not None:
            hint = f' What others call "{word}" is here: {self.prog} {ours}'
        raise UsageError(
            f"there is no command {word!r}.",
            f"The commands are: {', '.join(commands)}.{hint}",
            f"Type: {self.prog} --help",
        )

    def error(self, message: str) -> NoReturn:
        """Raise UsageError: which option it is about, what is expected of it, what to type."""
        if message.startswith("unrecognized arguments:"):
            known = [option for action in self._actions for option in action.option_strings]
            wrong = message.removeprefix("unrecognized arguments: ").split()[0]
            now = RENAMED.get(wrong.split("=")[0])
            renamed = now in known
            hint = f" It is called {now} now." if renamed else nearest(wrong.split("=")[0], known)
            raise UsageError(
                f"{wrong!r} is not understood.",
                f"Expected: {f'an option of {self.prog}.{hint}' if hint else self._usage()}",
                f"Type: {now} in the place of {wrong.split('=')[0]}"
                if renamed
                else f"Type: {self.prog} --help",
            )
        lacking = re.fullmatch(r"the following arguments are required: (.+)", message)
        if lacking:
            first = self._action(lacking[1].split(", ")[0])
            raise UsageError(
                f"{' and '.join(lacking[1].split(', '))} {'are' if ', ' in lacking[1] else 'is'} missing.",
                f"Expected: {first.help if first and first.help else self._usage()}.",
                f"Type for instance: {self.prog} {self._needed()}",
            )
        about = re.fullmatch(r"argument (.+?): (.+)", message, re.DOTALL)
        action = self._action(about[1]) if about else None
        if about is None or action is None:
            raise UsageError(message, f"Expected: {self._usage()}", f"Type: {self.prog} --help")
        what = about[2]
        wrong = re.match(r"invalid (choice|.+ value): '(.*?)'(?: \(choose from .*\))?$", what, re.DOTALL)
        if wrong and action.metavar == "COMMAND":
            self.unknown(wrong[2])
        choices = [str(choice) for choice in action.choices or ()]
        expected, given = action.help or "", f"{about[1]} {what}"
        if wrong and wrong[1] == "choice":
            expected = f"one of {', '.join(choices)}{nearest(wrong[2], choices)}"
            given = f"{about[1]} is {wrong[2]!r}, which is none of its words"
        elif wrong:
            kind = wrong[1].removesuffix(" value")
            expected = f"a {kind}: {action.help}"
            given = f"{about[1]} is {wrong[2]!r}, which is no {kind}"
        elif what.startswith("expected"):
            given = f"{about[1]} has no value after it"
        typed = f"... {_example(action)}" if action.option_strings else self._needed()
        raise UsageError(f"{given}.", f"Expected: {expected}.", f"Type for instance: {self.prog} {typed}")

    def add_several(self, flag: str, metavar: str, help: str, dest: str | None = None) -> None:
        """An option that may be given several times, each time with one value more."""
        dest = dest or flag.removeprefix("--")
        self.add_argument(flag, dest=dest, action="append", default=[], metavar=metavar, help=help)

    def _usage(self) -> str:
        return " ".join(self.format_usage().removeprefix("usage: ").split())

    def _action(self, name: str) -> argparse.Action | None:
        """The option or argument that argparse calls so."""
        return next(
            (
                action
                for action in self._actions
                if name in ("/".join(action.option_strings), action.metavar, action.dest)
            ),
            None,
        )

    def _needed(self) -> str:
        """The least that has to be typed after the command."""
        needed = [action for action in self._actions if action.required]
        return " ".join(map(_example, needed))


def _example(action: argparse.Action) -> str:
    """An option or argument as it can be typed."""
    name = getattr(action.type, "__name__", "")
    if action.choices:
        value = str(next(iter(action.choices)))
    else:
        value = {"whole number": "1000", "number": "0.5"}.get(name, str(action.metavar or action.dest))
    return " ".join([*action.option_strings[-1:], value])


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    about: what it is for, in one line. declare: adds its own options. run: does it, and returns the object
    for --json. options: groups of options that it shares with others (see `sampan.cli.options`). epilog: the
    end of its --help. tells: its story is its output, on standard output; the story of a command that prints
    data or a card there goes to standard error.
    """

    name: str
    about: str
    declare: Callable[[Parser], None]
    run: Callable[[argparse.Namespace, Screen], dict[str, Any]]
    options: tuple[Callable[[], Parser], ...] = ()
    epilog: str = ""
    tells: bool = False
