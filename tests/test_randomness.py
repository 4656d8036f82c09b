"""Randomness: a seed means the same for ever, and no purpose or place moves another."""

from __future__ import annotations

import pytest
import torch

from sampan.randomness import Purpose, generator_of, rng_of, seed_of_copy


def test_generators_of_near_places_are_unrelated() -> None:
    draws = torch.stack(
        [torch.rand(200, generator=generator_of(0, Purpose.STEP, place)) for place in range(20)]
    )
    correlation = torch.corrcoef(draws) - torch.eye(20)
    assert correlation.abs().max() < 0.35
    assert torch.equal(draws[3], torch.rand(200, generator=generator_of(0, Purpose.STEP, 3)))


def test_every_purpose_draws_numbers_of_its_own() -> None:
    assert len({generator_of(5, purpose).initial_seed() for purpose in Purpose}) == len(Purpose)
    assert len({rng_of(5, purpose).random() for purpose in (*Purpose, "age", "sex")}) == len(Purpose) + 2


@pytest.mark.parametrize(
    ("seed", "state", "number", "named", "copy"),
    [
        (0, 7_298_448_057_529_838_863, 280_502_829_171, 141_124_523_765, 17_195_319_236_771_816_063),
        (-1, 2_390_346_687_033_170_858, 403_477_908_771, 16_183_502_765, 12_859_645_445_789_163_360),
        (2**40, 2_617_387_713_436_657_008, 172_689_024_570, 727_977_029_882, 2_990_587_041_847_822_783),
    ],
)
def test_what_a_seed_means_never_changes(seed: int, state: int, number: int, named: int, copy: int) -> None:
    """A model is made anew by its seed, and records by theirs, with any later version."""
    assert generator_of(seed, Purpose.SAMPLE, 32_768).initial_seed() == state
    assert rng_of(seed, Purpose.ASIDE).integers(1 << 40) == number
    assert rng_of(seed, "age/pool", 32_768).integers(1 << 40) == named
    assert seed_of_copy(seed, 2) == copy
