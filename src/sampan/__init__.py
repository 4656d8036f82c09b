"""Sampan learns a generative model from your own records and makes new ones.

>>> import sampan as sp
>>> sp.Number.kind
'number'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sampan.errors import (
    DataError,
    FamilyCannot,
    MissingExtra,
    Notice,
    RequestError,
    SampanError,
    Stopped,
    StoreError,
    WhereError,
)

if TYPE_CHECKING:
    from sampan import datasets
    from sampan.data import Table, read
    from sampan.evaluate.judge import judge
    from sampan.evaluate.report import Report
    from sampan.families import GAN, VAE, Auto, Autoregressive, Diffusion, Latent
    from sampan.fields import Category, Constant, Identifier, Image, Moment, Number, Omitted, Personal
    from sampan.generator import Generator, load
    from sampan.learning.budget import Budget
    from sampan.learning.fit import fit
    from sampan.learning.progress import Progress
    from sampan.making.request import Request
    from sampan.run import make

    __version__: str

__all__ = [
    "GAN",
    "VAE",
    "Auto",
    "Autoregressive",
    "Budget",
    "Category",
    "Constant",
    "DataError",
    "Diffusion",
    "FamilyCannot",
    "Generator",
    "Identifier",
    "Image",
    "Latent",
    "MissingExtra",
    "Moment",
    "Notice",
    "Number",
    "Omitted",
    "Personal",
    "Progress",
    "Report",
    "Request",
    "RequestError",
    "SampanError",
    "Stopped",
    "StoreError",
    "Table",
    "WhereError",
    "__version__",
    "datasets",
    "fit",
    "judge",
    "load",
    "make",
    "read",
]

# Where each name lives. They are imported when first used (PEP 562), because torch alone takes a second
# or more, and `sampan --help` needs none of it.
_HOMES = {
    "fit": "learning.fit",
    "load": "generator",
    "Generator": "generator",
    "make": "run",
    "judge": "evaluate.judge",
    "Report": "evaluate.report",
    "read": "data",
    "Table": "data",
    **dict.fromkeys(("Auto", "Autoregressive", "Diffusion", "GAN", "Latent", "VAE"), "families"),
    "Budget": "learning.budget",
    "Progress": "learning.progress",
    "Request": "making.request",
    **dict.fromkeys(
        ("Category", "Constant", "Identifier", "Image", "Moment", "Number", "Omitted", "Personal"), "fields"
    ),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"sampan.{_HOMES[name]}"), name)
    elif name == "datasets":
        value = import_module("sampan.datasets")
    elif name == "__version__":
        from sampan.card import versions

        value = versions()["sampan"]
    else:
        raise AttributeError(f"module 'sampan' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
