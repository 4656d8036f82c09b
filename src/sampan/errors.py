"""Every error that Sampan raises on purpose.

::

    SampanError                 what happened / what was expected / what to type
    ├── DataError               the user's data cannot be used as it is          (exit code 3)
    ├── RequestError            what was asked for cannot be done                (exit code 4)
    │   ├── WhereError          a `where` expression that is wrong or impossible
    │   └── FamilyCannot        this family of models cannot do it; another can
    ├── StoreError              a model, run or file on disk is damaged or foreign (exit code 5)
    ├── MissingExtra            an optional package is not installed             (exit code 6)
    └── Stopped                 Ctrl-C; what was learned is kept                 (exit code 130)

What is no error and yet must not pass in silence is a `Notice`, a warning of Python.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from importlib import import_module, metadata
from typing import Any, Self

from sampan.flags import in_python
from sampan.letters import plain


class SampanError(Exception):
    """Something that the user can mend, told in three lines.

    what: what was wrong, with the actual value. expected: what would have been right.
    fix: what to do or to type, on the command line; as text it speaks of the arguments of Python.
    """

    exit_code = 1

    def __init__(self, what: str, expected: str = "", fix: str = "") -> None:
        what, expected, fix = (_in_line(part) for part in (what, expected, fix))
        self.what, self.expected, self.fix = what, expected, fix
        super().__init__("\n".join(line for line in (what, expected, fix) if line))

    def __str__(self) -> str:
        return in_python(super().__str__())

    def of_column(self, name: str) -> Self:
        """The same error of a column, which is named, also where it is said what to type."""
        return self.told(f"column {name!r}: {self.what}", fix=typed(self.fix, name))

    def told(self, what: str = "", fix: str = "") -> Self:
        """The same error in other words."""
        told = type(self).__new__(type(self))  # of the same kind, whatever its constructor asks for
        SampanError.__init__(told, what or self.what, self.expected, fix or self.fix)
        return told


def _in_line(part: str) -> str:
    """A part of an error as one line, whatever the names in it hold; a mark set in below it stays there.

    >>> _in_line('no column "a\\nb".'), _in_line("cannot be read:\\n  a = =\\n      ^")
    ('no column "a\\\\nb".', 'cannot be read:\\n  a = =\\n      ^')
    """
    return plain(re.sub(r"\n(?!  )", r"\\n", part))


class Notice(UserWarning):
    """What was changed, left out or guessed: a warning of Python, which can be filtered by this class."""

    @classmethod
    def of(cls, notes: Sequence[str], about: str) -> Notice:
        """One warning that lists them all, with the arguments of Python that say otherwise.

        >>> print(Notice.of(['"remarks": left empty'], "What to know first"))
        What to know first:
        - "remarks": left empty
        """
        return cls(plain(in_python("\n- ".join([f"{about}:", *notes]))))


class LateNotice(Notice):
    """What came up only while records were made: the command line tells it too, as nothing else does."""


class DataError(SampanError):
    """The user's data cannot be used as it is."""

    exit_code = 3


class RequestError(SampanError):
    """What was asked for cannot be done."""

    exit_code = 4


class WhereError(RequestError):
    """A `where` expression that cannot be read, or that no record can satisfy."""


class FamilyCannot(RequestError):
    """This family of models cannot do what was asked; the error names one that can."""


class StoreError(SampanError):
    """A model folder, a run folder or a file on disk is damaged, foreign or cannot be written."""

    exit_code = 5

    @classmethod
    def of_model(cls, what: str, expected: str) -> Self:
        """The error for a part of a model folder that is not what was written there."""
        return cls(what, expected, "The model folder is damaged: restore it, or learn the model again.")


class MissingExtra(SampanError):
    """An optional package is needed and not installed."""

    exit_code = 6

    def __init__(self, package: str, extra: str, reason: str) -> None:
        super().__init__(
            f"{reason} needs the package {package!r}, which is not installed.",
            f"It belongs to Sampan's extra {extra!r}.",
            f"Type: pip install {' '.join(needed(extra)) or package}",
        )

    @classmethod
    def module(cls, package: str, extra: str, reason: str) -> Any:
        """An optional package that is called as its module is, imported. Raises MissingExtra."""
        try:
            return import_module(package)
        except ImportError as error:
            raise cls(package, extra, reason) from error


def needed(extra: str) -> list[str]:
    """The packages of one of Sampan's extras, each quoted for a shell; none where Sampan is not installed.

    They are named themselves: whoever installed Sampan from its repository has no index that knows it.

    >>> needed("excel")[0].startswith('"openpyxl>=')
    True
    """
    try:
        every = metadata.requires("sampan") or []
    except metadata.PackageNotFoundError:
        return []
    own = (line.partition(";") for line in every)
    ends = f"extra == '{extra}'", f'extra == "{extra}"'
    return [f'"{name.strip()}"' for name, _, when in own if when.strip() in ends]


class Stopped(SampanError):
    """The user pressed Ctrl-C; what was learned is kept and the message says how to go on."""

    exit_code = 130


def typed(text: str, column: str) -> str:
    """What is to be typed of a column that is known by now, in a text that calls it COLUMN.

    >>> typed("Give it another type: --type COLUMN=category", "age at"), typed("--exact COLUMN", "age")
    ('Give it another type: --type "age at=category"', '--exact "age"')
    >>> typed('Learn again with an order, such as --type "COLUMN=category:S<M<L".', "Grade")
    'Learn again with an order, such as --type "Grade=category:S<M<L".'
    """
    said = r'"COLUMN(?P<quoted>[^"]*)"|\bCOLUMN\b(?P<plain>=[\w:%/<-]+)?'
    return re.sub(said, lambda found: f'"{column}{found["quoted"] or found["plain"] or ""}"', text)


def names_of(said: Any, what: str) -> list[str]:
    """Names of columns that somebody said, one or several. what: the argument. Raises RequestError.

    >>> names_of("age", "keep"), names_of(("age", 0), "keep")
    (['age'], ['age', '0'])
    """
    if isinstance(said, str):
        return [said]
    if isinstance(said, bytes) or not isinstance(said, Iterable):
        raise RequestError(
            f"{what} is a {type(said).__name__}.",
            "Names of columns are expected: a list of them, or one.",
            f'For example: {what}=["name"]',
        )
    return [str(name) for name in said]


def known_name(name: str, known: Iterable[str]) -> str:
    """The known name that a name means where they differ in blanks around them only, else the name.

    >>> known_name("age ", ["age", "sex"]), known_name("dob", [" dob"]), known_name("a ", ["a", " a"])
    ('age', ' dob', 'a ')
    """
    name, names = str(name), list(known)  # a frame may count its columns, which are called so in text
    same = [other for other in names if other.strip() == name.strip()]
    return same[0] if name not in names and len(same) == 1 else name


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint such as ' Did you mean "age"?' when a known name is close, else ''.

    >>> nearest("agee", ["age", "sex"])
    ' Did you mean "age"?'
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""
