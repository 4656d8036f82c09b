"""Family and Model: how a joint distribution over spaces is learned. Families never see a domain value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sampan.ability import Ability
from sampan.errors import RequestError
from sampan.space import Batch, Space


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """Some weights and the loss that they play to lower: one for most families, two for a GAN.

    - loss(values, rng): a scalar; values is leaf -> tensor of a whole batch. The model itself hides a random
      part of every record and scores only hidden cells.
    - adversarial: plays against another player, so it learns by plain Adam steps of `rate`, without momentum:
      players that remember chase each other. Else it learns as fast as the loop knows how, `rate` then being
      Adam's peak rate for all that is no matrix.
    - full_rate_steps: steps up to which matrices learn at the loop's full rate; where more are planned, at
      one that falls with the square root of their number. None for the full rate always.
    """

    name: str
    weights: nn.Module
    loss: Callable[[Mapping[str, Tensor], torch.Generator], Tensor]
    adversarial: bool = False
    rate: float | None = None
    full_rate_steps: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One part of the learning: the model (or part of one) that learns in it, and its share of the budget.

    Weights of earlier stages stay as they were when theirs ended. makes: whether the whole model makes
    records while this stage learns, so that it is worth looking at them.
    """

    model: Model
    share: float
    makes: bool = True


class Model(nn.Module, ABC):
    """p(unknown cells | known cells), for every split that it supports."""

    spaces: Mapping[str, Space]
    rows_of_a_step: int | None = None
    """Most records that a step learns from, for models whose records are big; None for as the loop likes."""

    former: Mapping[str, str] = {}
    """How names of weights began in models of earlier versions -> how they begin now."""

    def name_now(self, name: str) -> str:
        """What a weight is called that may have had another name in an earlier version."""
        for old, new in self.former.items():
            if name == old or name.startswith(f"{old}."):
                return new + name[len(old) :]
        return name

    def stages(self) -> tuple[Stage, ...]:
        """What learns after what: one stage, unless a family says otherwise."""
        return (Stage(self, 1.0),)

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """Who trains: the loop gives each an optimiser and lets them take turns."""

    @abstractmethod
    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        """Fill the unknown cells; known ones come back identical. leaf -> tensor (batch, *grid).

        The rows of one call share `rng`, so a caller that wants a row not to depend on the batch size
        calls with the same blocks of rows each time (the generator does).
        """

    def start(self, values: Mapping[str, Tensor]) -> None:
        """Look once at (a sample of) the training leaves before the first step, to set output biases."""

    def held_out(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """How far the model is from records that it does not learn from, lower is better: scalar.

        The losses of its players, unless it says otherwise: where players play against each other, their
        losses say who is winning.
        """
        losses = [player.loss(values, rng) for player in self.players()]
        return torch.stack(losses).sum()

    def finish(self, values: Mapping[str, Tensor]) -> None:
        """Look once more at (a sample of) the training leaves, when learning is over."""

    def forbid(self, pairs: Mapping[tuple[str, str], Tensor]) -> None:
        """Take note of symbols of two leaves that no record has together; some models draw accordingly.

        pairs: (leaf, other leaf) -> bool (size of the one, of the other), True where both may be.
        """

    def sound(self) -> bool:
        """Whether tables among its weights name only leaves and symbols that there are.

        Asked of a model whose weights came out of a file.
        """
        return True

    def can(self, ability: type[Ability]) -> bool:
        """Whether it has an ability: its class does, unless it depends on the records or on another model."""
        return isinstance(self, ability)

    def refuses(self, known: Mapping[str, Tensor]) -> str | None:
        """Why it cannot make up what is unknown beside these known cells, after its name; None where it can.

        known: leaf -> bool (batch, *grid). Asked before any work: of a causal model and a hole, for instance.
        """
        return None


class Family(ABC):
    """Hyper-parameters of one family: a frozen dataclass with one dial, `size`, first."""

    kind: ClassVar[str]
    """The word for it on the command line and on disk: 'autoregressive', 'diffusion', 'vae', 'gan', ..."""

    formerly: ClassVar[Mapping[str, Any]] = {}
    """Settings that models of earlier versions were saved without -> what they were, in effect."""

    def candidates(self) -> tuple[Family, ...]:
        """The families that this word may stand for: itself, but for a word that asks which one is best."""
        return (self,)

    @abstractmethod
    def build(self, spaces: Mapping[str, Space]) -> Model:
        """An untrained model over these leaves. Raises FamilyCannot for spaces it does not serve."""

    def unused(self, spaces: Mapping[str, Space]) -> Mapping[str, str]:
        """Settings that do nothing over these leaves, each with a sentence on what to do instead.

        None, unless a family says otherwise.
        """
        return {}

    def refuse_unused(self, spaces: Mapping[str, Space]) -> None:
        """Raise RequestError for a setting that was set and does nothing here: `build` begins with it."""
        for name, value in vars(self).items():
            if isinstance(value, int) and not isinstance(value, bool) and value < 0:
                raise RequestError(
                    f"{name}={value} is set of the {self.kind} family.",
                    "A whole number of 0 or more is expected.",
                    f"Leave {name} out for {self._default(name)}.",
                )
        unused = self.unused(spaces)
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]  # a dataclass, as above
        for name, instead in unused.items():
            value = getattr(self, name)
            if value != self._default(name):
                used = ", ".join(own for own in names if own not in unused)
                raise RequestError(
                    f"{name}={value!r} is set, which the {self.kind} family does not use over such records.",
                    f"Settings that count here: {used}.",
                    f"Leave {name} out. {instead}",
                )

    def only_used(self, spaces: Mapping[str, Space]) -> Family:
        """The same family, with what does nothing over these leaves unset: for models of earlier versions."""
        return replace(self, **{name: self._default(name) for name in self.unused(spaces)})  # type: ignore[type-var]

    def _default(self, name: str) -> Any:
        return next(field.default for field in fields(self) if field.name == name)  # type: ignore[arg-type]

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters as JSON values, such that `type(self)(**settings)` equals self."""
        return asdict(self)  # type: ignore[call-overload]  # a dataclass
