"""Flags: what is to be typed on the command line, said as the arguments that Python has for it."""

from __future__ import annotations

import re

_LISTS = ("exact", "keep", "protected")
_PAIRS = {"type": "types", "given": "given"}
_SWITCHES = ("keep-totals", "show-real", "replace")
_VALUES = (
    "target",
    "header",
    "sheet",
    "minutes",
    "steps",
    "seed",
    "unseen",
    "seen",
    "questions",
    "how",
    "strength",
)

_FLAG = re.compile(
    r"--(?P<name>(?:" + "|".join((*_LISTS, *_PAIRS, *_SWITCHES, *_VALUES, "personal")) + r"))(?![\w-])"
    r'(?: (?:"(?P<quoted>[^"]*)"|'
    r"(?P<plain>[\w-]+=[^\s;,]*[^\s;,.)]|[A-Z]{2,}\b|\d[\d.-]*\b|draw\b|likeliest\b)))?"
)


def in_python(text: str) -> str:
    """A text that names flags of the command line, naming the arguments of Python instead.

    A line that is to be typed in a shell stays as it is.

    >>> in_python('To make them too: --exact "age"'), in_python("Ten of them: --show-real.")
    ('To make them too: exact=["age"]', 'Ten of them: show_real=True.')
    >>> in_python('Type: --type "age at=category"'), in_python("Give them with --unseen.")
    ('Type: types={"age at": "category"}', 'Give them with unseen=.')
    >>> in_python("Type: sampan judge made.csv --seen TABLE")
    'Type: sampan judge made.csv --seen TABLE'
    """
    if "--" not in text:
        return text
    return "\n".join(
        line if re.search(r"\bsampan [a-z]", line) else _FLAG.sub(_argument, line)
        for line in text.split("\n")
    )


def _argument(found: re.Match[str]) -> str:
    """The argument of Python that a flag stands for, with its value where it has one."""
    name, quoted, plain = found["name"], found["quoted"], found["plain"]
    value = plain if quoted is None else quoted
    if name in _SWITCHES:
        rest = "" if value is None else found[0].removeprefix(f"--{name}")
        return f"{name.replace('-', '_')}=True{rest}"
    argument = _PAIRS.get(name, name)
    if value is None:
        return f"{argument}="
    key, equals, rest = value.partition("=")
    if name in _PAIRS or (name == "personal" and equals):
        return f'{argument}={{"{key}": "{rest}"}}'
    if name in (*_LISTS, "personal"):
        return f'{argument}=["{value}"]'
    bare = quoted is None and (value.isupper() or re.fullmatch(r"\d+(\.\d+)?", value))
    return f"{argument}={value}" if bare else f'{argument}="{value}"'
