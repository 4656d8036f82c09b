"""Words: every word of a report, one TOML file for each language, and figures as people write them."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from string import Formatter
from typing import Any

from sampan.errors import RequestError, nearest
from sampan.evaluate.score import Score
from sampan.flags import in_python

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-Hant": "繁體中文"}

_ALSO = {"zh": "zh-Hant", "zh-hk": "zh-Hant", "zh-tw": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant"}

DASH = "–"
"""Where there is no figure."""


@dataclass(frozen=True, eq=False)
class Words:
    """The words of one language.

    table: "page.gate" -> its text, with {braces} to fill in. records: a key of [medium], for what a record is
    called. media: column of points -> a key of [medium], for what its cells are called. shell: whether what
    is to be typed is said as flags of the command line; as arguments of Python else.
    """

    language: str
    table: Mapping[str, str]
    records: str = "rows"
    media: Mapping[str, str] = field(default_factory=dict)
    shell: bool = False

    def say(self, key: str, fill: Mapping[str, object] | None = None) -> str:
        """The text of a key, filled in; `{records}` by what records are called here."""
        records = self.records_of("")
        text = self.typed(self.table[key])
        if fill is None:  # a template of a drawing keeps its other braces
            return text.replace("{records}", records)
        return text.format_map({"records": records, **fill})

    def typed(self, text: str) -> str:
        """A text that names flags, as whoever reads it has to type them."""
        return text if self.shell else in_python(text)

    def records_of(self, column: str) -> str:
        """What the cells of a column of points are called; of "", the records."""
        medium = self.media.get(column, "mixed") if column else self.records
        return self.table.get(f"medium.{medium}", medium)

    def of_column(self, column: str) -> dict[str, str]:
        """What sentences about a column of points fill in."""
        disguise = self.table.get(f"disguise.{self.media.get(column, '')}", "")
        return {"records": self.records_of(column), "column": column, "disguise": disguise}

    def title(self, name: str) -> str:
        """The name of a score for people; of one that has no words, its word in a gate."""
        measure, _, rest = name.partition("[")
        if not rest:
            return self.table.get(f"score.{name}.title", name)
        title = self.table.get(f"points.{measure}.title", measure)
        return self.say("figure.of_column", {"title": title, "column": rest.removesuffix("]")})

    def key(self, score: Score, part: str, *otherwise: str) -> str:
        """Where a part of the words of a score stands, else the first of the others with a text."""
        own = f"points.{score.measure}.{part}" if score.column else f"score.{score.measure}.{part}"
        return next(
            (key for key in (own, *otherwise) if key in self.table), otherwise[-1] if otherwise else own
        )

    def law(self, name: str) -> str:
        """A law of `rules` in this language; itself where it is a formula, or of columns that mislead."""
        english = words()
        for kind in ("law.", "cause."):
            for key in (key for key in english.table if key.startswith(kind)):
                fill = _between(name, english.table[key])
                if fill is not None:
                    unit = fill.get("unit", "")
                    fill["unit"] = self.table.get(f"unit.{unit}", unit)
                    fill["cause"] = self.law(fill["cause"]) if "cause" in fill else ""
                    return self.say(key, fill)
        return name

    def several(self, texts: Sequence[str], most: int | None = None) -> str:
        """Texts in a row, as a sentence lists them; of more than `most` the first, and how many more.

        >>> words().several(["shape", "trend", "c2st", "rules"], most=2)
        'shape, trend and 2 more'
        """
        if most is not None and len(texts) > most:
            more = self.say("figure.more", {"count": len(texts) - most})
            return self.say("figure.comma").join(texts[:most]) + more
        if len(texts) < 2:
            return "".join(texts)
        return self.say("figure.comma").join(texts[:-1]) + self.say("figure.last") + texts[-1]

    def figure(self, value: float, unit: str = "") -> str:
        """A figure with its unit; a dash where there is none."""
        if not math.isfinite(value):
            return DASH
        match unit:
            case "":
                return plain(value)
            case "%":
                return f"{percentage(value)} %"
            case "points":
                return self.say("figure.points", {"value": percentage(value)})
            case _:
                return f"{plain(value)} {unit}"

    def interval(self, low: float, high: float, unit: str = "") -> str:
        """Two ends of a range with their unit; nothing where either is not known."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return ""
        inner = percentage if unit in ("%", "points") else plain
        return f"{inner(low)} {DASH} {self.figure(high, unit)}"


@functools.cache
def words(language: str = "en") -> Words:
    """The words of a language: "en" or "zh-Hant". Raises RequestError for any other.

    >>> words("zh-HK").title("shape"), words().figure(0.5432, "%")
    ('單欄', '0.54 %')
    """
    known = language if language in LANGUAGES else _ALSO.get(language.lower(), language.lower())
    if known not in LANGUAGES:
        raise RequestError(
            f'There are no words in the language "{language}".{nearest(language, LANGUAGES)}',
            "A report is written in " + " or ".join(f"{code} ({name})" for code, name in LANGUAGES.items()),
            'Type: language="en"',
        )
    text = files("sampan.evaluate.report").joinpath(f"{known}.toml").read_text(encoding="utf-8")
    return Words(known, _flat(tomllib.loads(text)))


def _between(text: str, template: str) -> dict[str, str] | None:
    """What stands in the places of a template; None where the text is no such one.

    >>> _between("fee is 0 where a = b", "{b} is 0 where {cause}")
    {'b': 'fee', 'cause': 'a = b'}
    """
    parts = [(said, name) for said, name, _, _ in Formatter().parse(template)]
    first = parts[0][0]
    if not text.startswith(first):
        return None
    out: dict[str, str] = {}
    rest = text[len(first) :]
    for (_, name), (said, _) in zip(parts, [*parts[1:], ("", None)], strict=True):
        if name is None:
            break
        value, mark, rest = rest.partition(said) if said else (rest, "", "")
        if not value or (said and not mark):
            return None
        out[name] = value
    return out if not rest else None


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= _flat(value, f"{above}{key}.")
        else:
            out[above + key] = value
    return out


def plain(value: float) -> str:
    """A figure without a unit: three places, or as many as it takes to see it.

    >>> plain(0.98449), plain(2.5e-7), plain(12345.6), plain(-0.02), plain(-7.7e-18), plain(7.9), plain(30.0)
    ('0.984', '2.5e-07', '12,346', '-0.020', '0', '7.90', '30.0')
    """
    size = abs(value)
    if value == 0 or -1e-12 < value < 0:  # a chance may be tiny; below nought it is what rounding left
        return "0"
    if size < 0.0005:
        return f"{value:.1e}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if size < 1.0005 else f"{value:.2f}" if size < 9.995 else f"{value:.1f}"


def percentage(value: float) -> str:
    """A figure in per cent, without its sign.

    >>> percentage(0.5432), percentage(52.04), percentage(0.001), percentage(0.0)
    ('0.54', '52.0', '<0.01', '0')
    """
    size = abs(value)
    if size == 0:
        return "0"
    if size < 0.005:
        return "<0.01" if value > 0 else ">-0.01"
    return f"{value:.2f}" if size < 9.995 else f"{value:.1f}"
