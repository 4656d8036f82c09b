"""Parser: reads a command line and complains in three parts, like every other error."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from sampan.errors import SampanError, nearest

ELSEWHERE = {
    "train": "fit",
    "learn": "fit",
    "generate": "sample",
    "synthesize": "sample",
    "synthesise": "sample",
    "create": "make",
    "run": "make",
    "start": "make",
    "new": "make",
    "impute": "fill",
    "complete": "fill",
    "inpaint": "fill",
    "evaluate": "judge",
    "eval": "judge",
    "report": "judge",
    "score": "judge",
    "check": "judge",
    "test": "judge",
    "compare": "judge",
    "audit": "judge",
    "info": "show",
    "describe": "show",
    "inspect": "show",
    "card": "show",
    "columns": "schema",
    "types": "schema",
    "style": "restyle",
    "augment": "more",
    "resume": "make --resume",
    "continue": "make --resume",
    "version": "--version",
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
        """Raise UsageError, with the nearest command or option where one was misspelt."""
        hint = ""
        words = message.replace("'", " ").split()
        if "invalid choice:" in message and "COMMAND" in message:
            self.unknown(words[words.index("choice:") + 1])
        elif message.startswith("unrecognized arguments:"):
            known = [option for action in self._actions for option in action.option_strings]
            wrong = message.removeprefix("unrecognized arguments: ").split()[0]
            now = RENAMED.get(wrong.split("=")[0])
            hint = f" It is called {now} now." if now in known else nearest(wrong.split("=")[0], known)
            message = f"{wrong!r} is not understood."
            if hint:  # the whole usage would bury it
                raise UsageError(
                    message, f"Expected: an option of {self.prog}.{hint}", f"Type: {self.prog} --help"
                )
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise UsageError(message, f"Expected: {usage}{hint}", f"Type: {self.prog} --help")
