"""What a model keeps of the frame that it learned from: its kind, its labels, and its types as words.

So that what a model makes after it was saved and loaded is what it made before. Values are never kept: of
categories only that they were categories. A type without a word here is left to the frame's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import name_of, named
from sampan.errors import SampanError

_BITS = ("8", "16", "32", "64")
_WHOLE = (*(f"int{bits}" for bits in _BITS), *(f"uint{bits}" for bits in _BITS))
_INSTANTS = tuple(
    f"{kind}64[{unit}]" for kind in ("datetime", "timedelta") for unit in ("s", "ms", "us", "ns")
)
PANDAS = frozenset(
    (
        *("object", "str", "string", "category", "bool", "boolean", "Float32", "Float64"),
        *("float16", "float32", "float64", *_WHOLE, *_INSTANTS),
        *(word.replace("int", "Int").replace("uI", "UI") for word in _WHOLE),
    )
)
POLARS = frozenset(
    (
        *("String", "Categorical", "Boolean", "Float32", "Float64", "Date", "Time", "Binary", "Null"),
        *(word.replace("uint", "UInt").replace("int", "Int") for word in _WHOLE),
    )
)
_DICTIONARY = "dictionary of text"
PYARROW = frozenset(
    (
        *(
            _DICTIONARY,
            "string",
            "large_string",
            "string_view",
            "bool",
            "halffloat",
            "float",
            "double",
            "null",
        ),
        *_WHOLE,
    )
)

_PACKAGES = {"pandas": "pandas", "polars": "polars", "pyarrow": "pyarrow", "arrow": "arro3"}
"""The kinds of frames, each with what has to be installed for it. What came from a file is of none."""


def kept_of(native: str, dtypes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Plain values of a kind of frame and its types (as `open_frame` gives both); None for a file.

    >>> kept_of("pandas", {"7": (7, np.dtype("int8"))})
    {'native': 'pandas', 'columns': {'7': {'label': 7, 'type': 'int8'}}}
    """
    if native not in _PACKAGES:
        return None
    columns: dict[str, Any] = {}
    for name, remembered in dtypes.items():
        label, dtype = remembered if native == "pandas" else (name, remembered)
        said = _label(label)
        one: dict[str, Any] = {} if said is None or said == name else {"label": said}
        word = _word(native, dtype)
        columns[name] = one if word is None else one | {"type": word}
    return {"native": native, "columns": columns}


def recalled(kept: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]] | None:
    """The kind and the types that `kept_of` kept, as words still; None where no such frame can be made.

    >>> recalled({"native": "pandas", "columns": {"7": {"label": 7, "type": "int8"}}})
    ('pandas', {'7': (7, 'int8')})
    """
    native = None if kept is None else kept["native"]
    if kept is None or native not in _PACKAGES or find_spec(_PACKAGES[native]) is None:
        return None
    out: dict[str, Any] = {}
    for name, one in kept["columns"].items():
        label, word = one.get("label", name), one.get("type")
        if native == "pandas":
            out[name] = (tuple(label) if isinstance(label, list) else label, word)
        elif word is not None:
            out[name] = word
    return native, out


def typed(native: str, remembered: Mapping[str, Any]) -> dict[str, Any]:
    """What is remembered of a frame with each word as the type that it says; unknown ones are forgotten."""
    out: dict[str, Any] = {}
    for name, one in remembered.items():
        label, dtype = one if native == "pandas" else (None, one)
        if isinstance(dtype, str):
            dtype = _type(native, dtype)
        if native == "pandas":
            out[name] = (label, dtype)
        elif dtype is not None:
            out[name] = dtype
    return out


def _label(label: Any) -> str | int | list[str] | None:
    """The label of a pandas column as a plain value; None for one that is none."""
    if isinstance(label, tuple) and all(isinstance(part, str) for part in label):
        return list(label)
    if isinstance(label, str):
        return label
    return int(label) if isinstance(label, int | np.integer) and not isinstance(label, bool) else None


def _word(native: str, dtype: Any) -> str | None:
    """The word for a type; None where it has none that says all of it."""
    if dtype is None or isinstance(dtype, str):
        return dtype
    if native == "arrow":
        try:
            return name_of(dtype) if isinstance(dtype, DataType) else None
        except SampanError:
            return None
    word = str(dtype)
    if native == "pyarrow" and word.startswith("dictionary<values=string,"):
        return _DICTIONARY
    return word if word in {"pandas": PANDAS, "polars": POLARS, "pyarrow": PYARROW}[native] else None


def _type(native: str, word: str) -> Any:
    """The type that a word says in the frames of a kind; None for a word that says none."""
    if native == "arrow":
        try:
            return named(word)
        except SampanError:
            return None
    if native == "pandas" and word in PANDAS:
        from pandas.api.types import pandas_dtype

        try:
            return pandas_dtype(word)
        except TypeError:  # of a later pandas
            return None
    if native == "polars" and word in POLARS:
        import polars

        return getattr(polars, word)()
    if native == "pyarrow" and word in PYARROW:
        import pyarrow

        if word == _DICTIONARY:
            return pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        return pyarrow.type_for_alias(word)
    return None
