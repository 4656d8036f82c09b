"""The command line: a file for each command, each a few lines over the public API.

Heavy imports happen inside the commands, so that `sampan --help` answers at once.
"""

from sampan.cli.line import main

__all__ = ["main"]
