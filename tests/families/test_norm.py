"""The norm of pictures: the same numbers whatever they are computed in, and nothing to say about it."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F

from sampan.nn.grid import Norm


def test_a_norm_in_coarse_numbers_says_nothing_and_computes_as_before() -> None:
    norm = Norm(32)
    with torch.no_grad():
        norm.weight.copy_(torch.rand(32, generator=torch.Generator().manual_seed(0)) + 0.5)
    x = torch.randn(2, 32, 5, 7, generator=torch.Generator().manual_seed(1)).bfloat16()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = norm(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of what it does itself here
        before = F.rms_norm(x.permute(0, 2, 3, 1), (32,), norm.weight, 1e-5).permute(0, 3, 1, 2)
    assert made.dtype == torch.bfloat16 and torch.equal(made, before)
    fine = x.float()
    assert torch.equal(
        norm(fine), F.rms_norm(fine.permute(0, 2, 3, 1), (32,), norm.weight, 1e-5).permute(0, 3, 1, 2)
    )
