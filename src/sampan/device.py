"""Device: where a model computes, a processor or a graphics card, with the same random numbers on both.

The maths of a family names no device. While a model is called, `Placed` puts every tensor that it makes on
the device of its weights; but random numbers are drawn by the processor's generator and carried over, as a
card's own are others: one seed, one result, wherever a model computes (but for the last bits of sums).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from sampan.ability import Ability, Conditionals, Embeds, Likelihood, MakesMore, Restyles, Walks
from sampan.checked import short
from sampan.errors import RequestError, StoreError
from sampan.families import able, refuse_pattern
from sampan.family import Model
from sampan.space import Batch, Space

MAKERS = frozenset(
    {
        torch.arange,
        torch.as_tensor,
        torch.empty,
        torch.eye,
        torch.full,
        torch.linspace,
        torch.ones,
        torch.rand,
        torch.randint,
        torch.randn,
        torch.randperm,
        torch.tensor,
        torch.zeros,
    }
)
"""What makes a tensor of no other tensor."""


def device_named(word: str | None) -> torch.device:
    """The device that a person asked for; a graphics card, where there is one, if nothing was said.

    Raises RequestError for a device that this machine lacks.

    >>> device_named("cpu")
    device(type='cpu')
    """
    if word is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(word)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise RequestError(
            f"the device {short(word)} was asked for ({str(error).splitlines()[0]}).",
            "A device that this machine has is expected: cpu, or cuda where there is a graphics card.",
            "Leave the device out: the best one is taken.",
        ) from error
    return device


def device_of(model: Model) -> torch.device:
    """Where a model's weights are."""
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


class Placed(TorchFunctionMode):
    """While it lasts, tensors are made on a device, and random ones are drawn by the processor first."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """A call of PyTorch, with the device filled in."""
        kwargs = kwargs or {}
        if kwargs.get("device") is None:
            if kwargs.get("generator") is not None:
                if func in MAKERS:
                    kwargs = {**kwargs, "device": "cpu"}
                near = (arg.cpu() if isinstance(arg, Tensor) else arg for arg in args)
                return func(*near, **kwargs).to(self.device)
            if func in MAKERS:
                kwargs = {**kwargs, "device": self.device}
        return func(*args, **kwargs)


def placed(device: torch.device) -> AbstractContextManager[Any]:
    """`Placed`, or nothing where the processor does the work: then there is nothing to carry."""
    return nullcontext() if device.type == "cpu" else Placed(device)


@dataclass(frozen=True, eq=False)
class Asked:
    """A model as its users call it: tensors of the processor in, tensors of the processor out."""

    model: Model

    @property
    def spaces(self) -> Mapping[str, Space]:
        """`Model.spaces`."""
        return self.model.spaces

    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """`Model.sample`."""
        refuse_pattern(self.model, given.known)
        return self._leaves(lambda: self.model.sample(self._there(given), rng))

    @property
    def exact(self) -> bool:
        """Whether the odds of one column are at hand and exact, and no mean over random points."""
        model = self.model
        return model.can(Conditionals) and not (isinstance(model, Conditionals) and model.averages)

    def can(self, ability: type[Ability]) -> bool:
        """`Model.can`."""
        return self.model.can(ability)

    def restyle(self, given: Batch, strength: float, rng: torch.Generator) -> dict[str, Tensor]:
        """`Restyles.restyle`."""
        model = able(self.model, Restyles)
        return self._leaves(lambda: model.restyle(self._there(given), strength, rng))

    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """`MakesMore.more`."""
        model = able(self.model, MakesMore)
        which = which.to(device_of(self.model))
        return self._leaves(lambda: model.more(self._there(examples), which, strength, rng))

    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """`Walks.walk`."""
        model = able(self.model, Walks)
        return self._leaves(lambda: model.walk(self._there(given), rng))

    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        """`Embeds.decode`."""
        model = able(self.model, Embeds)
        z = z.to(device_of(self.model))
        return self._leaves(lambda: model.decode(z, self._there(given), rng))

    def encode(self, records: Batch) -> Tensor:
        """`Embeds.encode`."""
        model = able(self.model, Embeds)
        return self._tensor(lambda: model.encode(self._there(records)))

    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """`Conditionals.conditional`."""
        model = able(self.model, Conditionals)
        return self._tensor(lambda: model.conditional(self._there(given), leaf))

    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """`Likelihood.log_prob`."""
        model = able(self.model, Likelihood)
        return self._tensor(lambda: model.log_prob(self._there(batch), rng, orders))

    def _there(self, batch: Batch) -> Batch:
        device = device_of(self.model)
        if device.type == "cpu":
            return batch
        return Batch(_moved(batch.values, device), _moved(batch.known, device))

    def _leaves(self, call: Callable[[], Mapping[str, Tensor]]) -> dict[str, Tensor]:
        with placed(device_of(self.model)):
            try:
                return _moved(call(), torch.device("cpu"))
            except RuntimeError as error:
                if "probability tensor" not in str(error):
                    raise
                raise StoreError(
                    "the model's weights make no probabilities, so nothing can be drawn.",
                    "Weights as learning left them are expected.",
                    "Restore the model folder from a copy, or learn the model again.",
                ) from error

    def _tensor(self, call: Callable[[], Tensor]) -> Tensor:
        with placed(device_of(self.model)):
            return call().cpu()


def _moved(tensors: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
