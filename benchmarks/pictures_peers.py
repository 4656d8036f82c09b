"""Peers on MNIST for as many minutes: a U-Net with DDPM by `diffusers`, a VAE by `pythae`.

    pictures_peers.py --data D --peer ddpm --minutes 10 --out made.npz

Both are built as their own documentation does, at a size that a processor can train in minutes, and see the
same 60,000 digits. `ddpm`: UNet2DModel with class embeddings (blocks of 32, 64 and 64 channels, attention in
the last), noise predicted over 1,000 steps of DDPM with the cosine schedule, as its course does for MNIST;
made by DDIM in 50 of them (1,000 would take an hour).
`pythae`: its VAE with its own convolutional encoder and decoder for MNIST, 16 latent coordinates, made from
the normal prior; it knows no labels. Needs diffusers and pythae in the interpreter; neither is a dependency.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

BATCH = 64


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--peer", choices=("ddpm", "pythae"), required=True)
    parser.add_argument("--minutes", type=float, default=10.0, help="of processor time")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    with np.load(args.data / "mnist" / "mnist.npz") as held:
        x, y = torch.from_numpy(held["x_train"]), torch.from_numpy(held["y_train"]).long()
    labels = torch.arange(args.rows) % 10
    made = {"ddpm": ddpm, "pythae": pythae}[args.peer](x, y, labels, 60 * args.minutes)
    pictures = (made.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    known = {"labels": labels.numpy()} if args.peer == "ddpm" else {}
    np.savez_compressed(args.out, pictures=pictures, **known)


def learned(loss: Callable[[Tensor, Tensor], Tensor], weights, x: Tensor, y: Tensor, seconds: float) -> None:
    """AdamW at 1e-3 with a cosine over the budget of processor seconds."""
    optimiser = torch.optim.AdamW(weights, lr=1e-3)
    begun, steps = time.process_time(), 0
    while (used := (time.process_time() - begun) / seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * min(1, (steps + 1) / 50) * 0.5 * (1 + np.cos(np.pi * used))
        index = torch.randint(len(x), (BATCH,))
        optimiser.zero_grad()
        loss(x[index][:, None].float() / 255, y[index]).backward()
        optimiser.step()
        steps += 1
        if steps % 100 == 0:
            print(f"{steps} steps, {100 * used:.0f} %", flush=True)
    print(f"{steps} steps in {seconds:.0f} s of processor")


def ddpm(x: Tensor, y: Tensor, labels: Tensor, seconds: float) -> Tensor:
    """Digits by `diffusers`."""
    from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel

    net = UNet2DModel(
        sample_size=28,
        in_channels=1,
        out_channels=1,
        layers_per_block=1,
        block_out_channels=(32, 64, 64),
        norm_num_groups=16,
        down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        num_class_embeds=10,
    )
    print(f"ddpm: {sum(weight.numel() for weight in net.parameters()):,} weights")
    # with a linear schedule as many steps leave it at grey noise: it cannot tell how bright a picture is
    cosine = "squaredcos_cap_v2"
    train, make = DDPMScheduler(1000, beta_schedule=cosine), DDIMScheduler(1000, beta_schedule=cosine)

    def loss(pictures: Tensor, digits: Tensor) -> Tensor:
        pictures = pictures * 2 - 1
        noise, when = torch.randn_like(pictures), torch.randint(1000, (len(pictures),))
        said = net(train.add_noise(pictures, noise, when), when, class_labels=digits).sample
        return torch.nn.functional.mse_loss(said, noise)

    def later(averaged: Tensor, now: Tensor, steps: Tensor) -> Tensor:
        """A short memory at first: an average that still holds the random beginning makes noise."""
        kept = min(0.995, float(steps) / (float(steps) + 9))
        return kept * averaged + (1 - kept) * now

    average = torch.optim.swa_utils.AveragedModel(net, avg_fn=later)

    def with_average(pictures: Tensor, digits: Tensor) -> Tensor:
        average.update_parameters(net)
        return loss(pictures, digits)

    learned(with_average, net.parameters(), x, y, seconds)
    best = average.module.eval()
    make.set_timesteps(50)
    out = []
    with torch.no_grad():
        for digits in labels.split(100):
            at = torch.randn(len(digits), 1, 28, 28)
            for when in make.timesteps:
                at = make.step(best(at, when, class_labels=digits).sample, when, at).prev_sample
            out.append((at + 1) / 2)
    return torch.cat(out)


def pythae(x: Tensor, y: Tensor, labels: Tensor, seconds: float) -> Tensor:
    """Digits by `pythae`."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.nn.benchmarks.mnist import Decoder_Conv_AE_MNIST, Encoder_Conv_VAE_MNIST

    told = VAEConfig(input_dim=(1, 28, 28), latent_dim=16)
    model = VAE(model_config=told, encoder=Encoder_Conv_VAE_MNIST(told), decoder=Decoder_Conv_AE_MNIST(told))
    print(f"pythae: {sum(weight.numel() for weight in model.parameters()):,} weights")

    def loss(pictures: Tensor, digits: Tensor) -> Tensor:
        return model({"data": pictures}).loss

    learned(loss, model.parameters(), x, y, seconds)
    model.eval()
    with torch.no_grad():
        return torch.cat(
            [model.decoder(torch.randn(len(part), 16)).reconstruction for part in labels.split(100)]
        )


if __name__ == "__main__":
    main()
