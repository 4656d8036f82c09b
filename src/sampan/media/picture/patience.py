"""Patience: how long pictures take to learn until made ones look like them, from what was measured.

Minutes of one core, by docs/pictures.md and benchmarks/results/pictures:

    8 x 8, diffusion          2   every digit made is read as asked
    28 x 28, diffusion       20   precision .89, recall .87 beside .93 and .94 of real ones
    28 x 28, vae             10   soft, recall .78; gan 10: clear, recall .23
    28 x 28, autoregressive  10   far from done: 71 % read as asked
    64 x 64, diffusion       13   of some use to a detector, not yet like real ones
    128 x 128, latent         5   soft, recall .76; diffusion over pixels: noise

Between and beyond them the time goes by a power of the pixels, which is a reckoning and no promise.
"""

from __future__ import annotations

_AT = 28 * 28
_CORE_MINUTES = {"diffusion": 20.0, "vae": 10.0, "gan": 12.0, "autoregressive": 40.0, "auto": 30.0}
_POWER = 0.92
"""From 2 minutes for 64 pixels and 20 for 784."""

_LATENT = 10.0
"""Core-minutes of pictures of 128 x 128 as codes: twice what left them soft."""

_COLOUR = 1.5
"""Colour pictures take longer than grey ones; of them little was measured."""


def minutes_needed(high: int, wide: int, channels: int, family: str, threads: int) -> float:
    """Minutes of this machine until made pictures look like real ones, about.

    >>> minutes_needed(28, 28, 1, "diffusion", 1), round(minutes_needed(28, 28, 1, "diffusion", 2))
    (20.0, 11)
    """
    pixels = high * wide
    if family == "latent":
        alone = _LATENT * max(1.0, pixels / 128**2) ** 0.5
    else:
        alone = _CORE_MINUTES.get(family, 20.0) * (pixels / _AT) ** _POWER
        alone *= _COLOUR if channels > 1 else 1.0
    return max(1.0, alone / min(threads, 16) ** 0.9)
