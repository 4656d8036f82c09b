"""Parser: reads a command line and complains in three parts, like every other error."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from sampan.errors import SampanError, nearest


class UsageError(SampanError):
    """The command line could not be read."""

    exit_code = 2


class Parser(argparse.ArgumentParser):
    """A parser that raises its complaints, in three parts like every other error."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, with the nearest command or option where one was misspelt."""
        hint = ""
        words = message.replace("'", " ").split()
        if "invalid choice:" in message and "COMMAND" in message:
            commands = next(action.choices for action in self._actions if action.metavar == "COMMAND")
            hint = nearest(words[words.index("choice:") + 1], commands or ())
            message = f"there is no command {words[words.index('choice:') + 1]!r}."
        elif message.startswith("unrecognized arguments:"):
            known = [option for action in self._actions for option in action.option_strings]
            wrong = message.removeprefix("unrecognized arguments: ").split()[0]
            hint = nearest(wrong.split("=")[0], known)
            message = f"{wrong!r} is not understood."
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise UsageError(message, f"Expected: {usage}{hint}", f"Type: {self.prog} --help")
