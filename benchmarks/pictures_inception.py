"""Is the network of `sampan judge --features` that of pytorch-fid? Both with the same weights and pictures.

    python benchmarks/pictures_inception.py

Needs torchvision and pytorch-fid. The weights are drawn at random, and normalised by pictures, so that the
features differ from picture to picture and nothing has to be fetched.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytorch_fid.inception as peer
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from sampan.evaluate.eyes.picture.inception import inception_features, read_inception


def peers_network() -> nn.Module:
    """As `pytorch_fid.inception.fid_inception_v3` builds it, which would fetch its weights."""
    net = torchvision.models.inception_v3(
        num_classes=1008, aux_logits=False, weights=None, init_weights=False
    )
    for name, channels, pool in (("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)):
        setattr(net, f"Mixed_{name}", peer.FIDInceptionA(channels, pool_features=pool))
    for name, inner in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        setattr(net, f"Mixed_{name}", peer.FIDInceptionC(768, channels_7x7=inner))
    net.Mixed_7b, net.Mixed_7c = peer.FIDInceptionE_1(1280), peer.FIDInceptionE_2(2048)
    return net


def main() -> None:
    torch.manual_seed(0)
    net = peers_network()
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, 0, 0.2)
    with torch.no_grad():
        net.train()(torch.rand(6, 3, 299, 299) * 2 - 1)
    net.eval()
    pictures = np.random.default_rng(0).integers(0, 256, (8, 3, 32, 40), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as place:
        save_file(net.state_dict(), Path(place) / "weights.safetensors")
        own = inception_features(read_inception(Path(place) / "weights.safetensors"), pictures)
    peer.fid_inception_v3 = lambda: net
    whole = peer.InceptionV3([3], resize_input=True, normalize_input=True).eval()
    with torch.inference_mode():
        theirs = whole(torch.from_numpy(pictures).float() / 255)[0][:, :, 0, 0].numpy()
    print(f"features: mean {theirs.mean():.3f}, spread {theirs.std(axis=0).mean():.3f}")
    print(f"greatest difference: {np.abs(own - theirs).max():.1e}")


if __name__ == "__main__":
    main()
