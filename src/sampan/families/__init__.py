"""One family of models per file, found by its `kind`."""

from __future__ import annotations

from sampan.families.auto import Auto
from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.latent import Latent
from sampan.families.vae import VAE
from sampan.family import Family

FAMILIES: dict[str, type[Family]] = {
    family.kind: family for family in (Autoregressive, Diffusion, VAE, GAN, Latent, Auto)
}
