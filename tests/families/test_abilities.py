"""Abilities: what a model inherits it can do, and the refusal of the others names who can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from sampan.ability import ABILITIES, Ability, Conditionals, Embeds, Likelihood, Restyles, Walks
from sampan.device import Asked
from sampan.errors import FamilyCannot, RequestError
from sampan.families import FAMILIES, RECORDS, able, who
from sampan.family import Model
from sampan.space import Batch


def built(kind: str, records: str) -> Model | None:
    try:
        return FAMILIES[kind]().build(RECORDS[records])
    except FamilyCannot:
        return None


@pytest.mark.parametrize("records", RECORDS)
@pytest.mark.parametrize("ability", ABILITIES)
def test_a_refusal_names_exactly_the_families_that_can(ability: type[Ability], records: str) -> None:
    can = {kind for kind in FAMILIES if (model := built(kind, records)) is not None and model.can(ability)}
    assert set(who(RECORDS[records], lambda model: model.can(ability))) == can
    for kind in FAMILIES:
        model = built(kind, records)
        if model is None or model.can(ability):
            continue
        with pytest.raises(FamilyCannot) as refusal:
            able(model, ability)
        assert ability.lack in refusal.value.what
        named = refusal.value.expected.partition(";")[0].rstrip(".").partition(": ")[2]
        assert {word for word in named.split(", ") if word} == can
        assert can == set() or any(f'"{word}"' in refusal.value.fix for word in can)


def test_a_family_around_another_can_do_what_that_one_can() -> None:
    from sampan.families.gan import GAN
    from sampan.families.latent import Latent
    from sampan.families.vae import VAE

    spaces = RECORDS["pictures"]
    over_vae, over_gan = Latent(VAE(), size=32).build(spaces), Latent(GAN(), size=32).build(spaces)
    assert over_vae.can(Embeds) and not over_vae.can(Restyles)
    assert over_gan.can(Walks) and not over_gan.can(Conditionals) and not over_gan.can(Likelihood)


def test_asking_who_can_leaves_the_random_numbers_as_they_were() -> None:
    before = torch.random.get_rng_state()
    assert who(RECORDS["tables"], lambda model: True)[0] == "autoregressive"
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_pattern_that_a_model_refuses_is_refused_before_it_is_asked() -> None:
    class LeftToRight(Model):
        spaces = RECORDS["tables"]

        def players(self) -> tuple[()]:
            return ()

        def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
            raise AssertionError("it was asked all the same")

        def refuses(self, known: Mapping[str, Tensor]) -> str | None:
            return "fills from left to right only" if any(flags.any() for flags in known.values()) else None

    whole = Batch.empty(LeftToRight.spaces, 2).whole()
    with pytest.raises(FamilyCannot, match="LeftToRight fills from left to right only") as refusal:
        Asked(LeftToRight()).sample(whole, torch.Generator())
    assert "autoregressive" in refusal.value.expected


def test_a_refusal_speaks_of_the_family_and_not_of_a_class() -> None:
    model = built("autoregressive", "tables")
    assert model is not None
    with pytest.raises(FamilyCannot, match="^the autoregressive family"):
        able(model, Restyles)


@pytest.mark.parametrize("kind", ["autoregressive", "diffusion", "vae", "gan"])
def test_a_setting_below_nothing_is_refused(kind: str) -> None:
    with pytest.raises(RequestError, match=f"depth=-3 is set of the {kind} family"):
        replace(FAMILIES[kind](), depth=-3).build(RECORDS["tables"])  # type: ignore[call-arg]  # which each of these has
