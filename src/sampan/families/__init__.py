"""One family of models per file, found by its `kind`; and which of them can do what, over which records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor

from sampan.ability import ABILITIES, Ability
from sampan.errors import FamilyCannot
from sampan.families.auto import Auto
from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.latent import Latent
from sampan.families.vae import VAE
from sampan.family import Family, Model
from sampan.space import Choice, Real, Space

FAMILIES: dict[str, type[Family]] = {
    family.kind: family for family in (Autoregressive, Diffusion, VAE, GAN, Latent, Auto)
}

RECORDS: dict[str, Mapping[str, Space]] = {
    "tables": {"column": Choice(2)},
    "pictures": {"picture": Real(1, (32, 32)), "label": Choice(2)},
}
"""The smallest of each kind of records, of which an error says who can."""

A = TypeVar("A", bound=Ability)


def able(model: Model, ability: type[A]) -> A:
    """The model as one that has an ability. Raises FamilyCannot, which names the families that have it."""
    if isinstance(model, ability) and model.can(ability):
        return model
    raise _cannot(model, ability.lack, lambda other: other.can(ability))


def refuse_pattern(model: Model, known: Mapping[str, Tensor]) -> None:
    """Raises FamilyCannot where a model cannot make up what is unknown beside these known cells."""
    reason = model.refuses(known)
    if reason is not None:
        raise _cannot(model, reason, lambda other: other.refuses(known) is None)


def who(spaces: Mapping[str, Space], can: Callable[[Model], bool]) -> list[str]:
    """The words of the families whose models of such records can do something, the most able first."""
    found: dict[str, int] = {}
    for kind, family in FAMILIES.items():
        try:
            with torch.device("meta"):  # a model without numbers, for what it is and not for what it says
                model = family().build(spaces)
        except FamilyCannot:
            continue
        if can(model):
            found[kind] = sum(model.can(ability) for ability in ABILITIES)
    return sorted(found, key=lambda kind: -found[kind])


def _named(model: Model) -> str:
    """A model as people know it: by the word of its family, or by its class where it is somebody's own."""
    for kind, family in FAMILIES.items():
        if type(model).__module__ == type(family()).__module__:
            return f"the {kind} family"
    return type(model).__name__


def _cannot(model: Model, lack: str, can: Callable[[Model], bool]) -> FamilyCannot:
    """The refusal of a model that lacks something: who has it, over its own records or else over others."""
    what = f"{_named(model)} {lack}."
    if own := who(model.spaces, can):
        return FamilyCannot(
            what,
            f"Families that can, over such records: {', '.join(own)}.",
            f'Learn with family="{own[0]}".',
        )
    others = {word: kinds for word, spaces in RECORDS.items() if (kinds := who(spaces, can))}
    said = "; ".join(f"over {word}: {', '.join(kinds)}" for word, kinds in others.items())
    return FamilyCannot(
        what,
        f"No family can, over such records; {said}." if said else "No family can.",
        "Use `sample`, and fix with `given` what the records are to share.",
    )
