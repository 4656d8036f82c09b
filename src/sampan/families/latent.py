"""Latent: pictures are coded by an autoencoder, and another family learns and makes their codes.

A picture of many pixels repeats itself: most of it follows from a grid that is some times coarser, with a few
numbers in each place. So one part of the budget goes to an autoencoder of the pictures alone, and the rest to
a family that learns records whose pictures are codes, a fraction of the numbers (latent diffusion: Rombach et
al. 2022, arXiv:2112.10752, section 3). That family is whichever one says; what stands beside pictures
(labels, numbers, texts, maps) goes to it as it is.

Of a picture that is given in part, a place of the code is known where all pixels that it sees are given. The
other places are made, and the way back from the code is told the given pixels, so that what it draws meets
them; these come back as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor

from sampan.ability import Ability, Conditionals, Embeds, MakesMore, Restyles, Walks
from sampan.errors import FamilyCannot, RequestError
from sampan.families.coding import Coding
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.vae import VAE
from sampan.family import Family, Model, Player, Stage
from sampan.nn.autoencoder import Autoencoder, factor_of, known_places, places_of
from sampan.nn.planes import planes_of
from sampan.nn.record import PIECE, width_of
from sampan.space import Batch, Real, Space

A = TypeVar("A", bound=Ability)

OUTER: dict[str, type[Family]] = {family.kind: family for family in (Diffusion, VAE, GAN)}
"""Families that learn real grids, and so codes."""


ROWS = 32
"""Records of a step of the outer family: half as many as it takes by itself, for in the same time twice as
many steps made clearer pictures.
"""


FEW, MANY, MOST_PIXELS = 16, 32, 8
"""Places of a code along a side; more where squares would have more pixels than so many a side. After five
minutes of one thread, pictures of 128 pixels made of 32 places were full of noise, of 16 far less so.
"""


INSIDE = ("size", "beta")
"""Settings of the VAE inside that count."""


@dataclass(frozen=True)
class Latent(Family):
    """Learns pictures as codes: what is above 64 pixels a side.

    outer: the family that learns the codes. inside: the VAE that learns to code; of its settings `size` and
    `beta` count. size: width of the networks of both, the one dial; None for what each says itself. places:
    most places of a code along a side; None for 16 up to 128 pixels and 32 above. channels: numbers in a
    place. share: of the budget, for learning to code. Both families may also be what `settings` makes of
    them, {"kind": ..., "settings": ...}.

    >>> Latent(Diffusion(), inside=VAE()) == Latent()
    True
    >>> Latent(**Latent(Diffusion(guidance=0.0)).settings()).outer.settings()["guidance"]
    0.0
    """

    kind: ClassVar[str] = "latent"
    outer: Family = Diffusion()
    inside: VAE = VAE()
    size: int | None = None
    places: int | None = None
    channels: int = 8
    share: float = 0.3

    def __post_init__(self) -> None:
        object.__setattr__(self, "outer", _family(self.outer, "outer", OUTER))
        object.__setattr__(self, "inside", _family(self.inside, "inside", {VAE.kind: VAE}))
        if not 0 < self.share < 1:
            raise RequestError(
                f"a share of {self.share} of the budget was asked for, to learn codes with.",
                "A number between 0 and 1 is expected: what is left goes to the outer family.",
                "For example: Latent(share=0.3)",
            )

    def build(self, spaces: Mapping[str, Space]) -> LatentGrids:
        """A model of records that hold a picture. Raises FamilyCannot for others."""
        self.refuse_unused(spaces)
        planes_of(self.kind, spaces)
        if not leaves_coded(spaces):
            raise FamilyCannot(
                "the latent family was given a record without a picture.",
                "It serves records that hold one, best of more than 64 pixels a side.",
                f"Learn with the family inside it, for example family={self.outer.kind!r}.",
            )
        try:
            return LatentGrids(spaces, self)
        except FamilyCannot as refusal:
            inner = f"the latent family learns codes with another, and {refusal.what}"
            raise FamilyCannot(inner, refusal.expected, refusal.fix) from refusal

    def refuse_unused(self, spaces: Mapping[str, Space]) -> None:
        """Raise RequestError for a setting of the VAE inside that does nothing."""
        used = self.only_used(spaces).inside.settings()
        for name, value in self.inside.settings().items():
            if value != used[name]:
                raise RequestError(
                    f"{name}={value!r} is set of the VAE inside, which the latent family does not use.",
                    f"Of its settings these count: {', '.join(INSIDE)}.",
                    f"Leave {name} out: inside=VAE().",
                )

    def only_used(self, spaces: Mapping[str, Space]) -> Latent:
        """The same family, with what does nothing in the two inside it unset."""
        inside = VAE(**{name: getattr(self.inside, name) for name in INSIDE})
        return replace(self, outer=self.outer.only_used(spaces), inside=inside)

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters by name; of a family its word and its own."""
        own = {"size": self.size, "places": self.places, "channels": self.channels, "share": self.share}
        return {"outer": _plain(self.outer), "inside": _plain(self.inside), **own}


class LatentGrids(Model, Conditionals, Restyles, MakesMore, Walks, Embeds):
    """Records whose pictures are codes to the model that makes them."""

    def __init__(self, spaces: Mapping[str, Space], family: Latent) -> None:
        super().__init__()
        self.spaces = dict(spaces)
        outer, inside = family.outer, family.inside
        if family.size is not None:  # the one dial
            outer, inside = replace(outer, size=family.size), replace(inside, size=family.size)  # type: ignore[call-arg]  # which every family has
        coded, nets = dict(spaces), {}
        for name, space in leaves_coded(spaces).items():
            grid = (space.grid[0], space.grid[1])
            factor = factor_of(grid, family.places or _places(grid))
            # of a grey picture in squares of 2 x 2, four numbers a place would save nothing
            channels = min(family.channels, max(1, space.channels * factor**2 // 2))
            width = 2 * width_of(inside.size * 3 // 4)
            nets[name] = Autoencoder(space.channels, channels, factor, width)
            coded[name] = Real(channels, places_of(grid, factor))
        self.share = family.share
        self.coding = Coding(self, nets, inside.beta)
        self.outer = outer.build(coded)
        self.former = {f"outer.{old}": f"outer.{new}" for old, new in self.outer.former.items()}
        self.rows_of_a_step = ROWS

    # --- learning -----------------------------------------------------------------------------------------
    def stages(self) -> tuple[Stage, ...]:
        """First how to code pictures, then what the outer family learns, among it the codes."""
        after = (
            replace(
                stage,
                model=self if stage.model is self.outer else stage.model,
                share=(1 - self.share) * stage.share,
            )
            for stage in self.outer.stages()
        )
        return Stage(self.coding, self.share, makes=False), *after

    def players(self) -> tuple[Player, ...]:
        """Those of the outer family, who see codes."""
        return tuple(replace(player, loss=self._of_codes(player.loss)) for player in self.outer.players())

    def start(self, values: Mapping[str, Tensor]) -> None:
        """What the outer family looks at before its first step."""
        self.outer.start(_Codes(values, self.coding))

    def finish(self, values: Mapping[str, Tensor]) -> None:
        """What the outer family looks at when learning is over."""
        self.outer.finish(_Codes(values, self.coding))

    def held_out(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """How far the outer family is from codes that it does not learn from: scalar."""
        return self._of_codes(self.outer.held_out)(values, rng)

    def _of_codes(
        self, loss: Callable[[Mapping[str, Tensor], torch.Generator], Tensor]
    ) -> Callable[[Mapping[str, Tensor], torch.Generator], Tensor]:
        """A loss of codes as a loss of records: each code is drawn from what the autoencoder says of it."""

        def of_records(values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
            codes = dict(values)
            with torch.no_grad():
                for name in self.coding.names:
                    net = self.coding.net(name)
                    middle, scale = net.encode(values[name])
                    noise = torch.randn(middle.shape, generator=rng)
                    codes[name] = net.at_unit_scale(middle + scale.exp() * noise)
            return loss(codes, rng)

        return of_records

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: the outer family makes the codes, and these are drawn."""
        return self._drawn(self.outer.sample(self._coded(given), rng), given)

    @torch.no_grad()
    def restyle(self, given: Batch, strength: float, rng: torch.Generator) -> dict[str, Tensor]:
        """Records like those of `given`, restyled as codes, where the outer family can do that."""
        return self._drawn(self._outer(Restyles).restyle(self._coded(given), strength, rng), given)

    def can(self, ability: type[Ability]) -> bool:
        """What the outer family cannot do with codes, this one cannot do with pictures."""
        return isinstance(self, ability) and self.outer.can(ability)

    def refuses(self, known: Mapping[str, Tensor]) -> str | None:
        """What the outer family refuses, of codes."""
        return self.outer.refuses(self._places(known))

    def _outer(self, ability: type[A]) -> A:
        """The outer family's model, as one that has an ability; whoever asks has asked `can`."""
        assert isinstance(self.outer, ability)
        return self.outer

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """New records of the kinds that examples show, where the outer family can do that."""
        made = self._outer(MakesMore).more(self._coded(examples), which, strength, rng)
        # what is made is like the example, and not it
        return self._drawn(made, examples.take(which).unknown(self.coding.names))

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """The outer family's way through its codes."""
        return self._drawn(self._outer(Walks).walk(self._coded(given), rng), given)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known scalars and known places of the codes), float32 (batch, size)."""
        return self._outer(Conditionals).conditional(self._coded(given), leaf)

    @torch.no_grad()
    def encode(self, records: Batch) -> Tensor:
        """The latent point of each whole record, where the outer family has such points."""
        return self._outer(Embeds).encode(self._coded(records))

    @torch.no_grad()
    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        """Records at latent points, where the outer family has such points."""
        return self._drawn(self._outer(Embeds).decode(z, self._coded(given), rng), given)

    def _coded(self, given: Batch) -> Batch:
        """Records as the outer family has them; a place is known where all that it sees is given."""
        return Batch(dict(_Codes(given.values, self.coding)), self._places(given.known))

    def _places(self, known: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Which places of the codes are known beside the other known cells."""
        nets = {name: self.coding.net(name) for name in self.coding.names}
        return {**known, **{name: known_places(known[name], net.factor) for name, net in nets.items()}}

    def _drawn(self, made: Mapping[str, Tensor], given: Batch) -> dict[str, Tensor]:
        """Records of codes as records of pictures, given pixels as they were."""
        out = dict(made)
        for name in self.coding.names:
            net, picture, shown = (
                self.coding.net(name),
                given.values[name].float(),
                given.known[name][:, None],
            )
            parts = zip(made[name].split(PIECE), picture.split(PIECE), shown.split(PIECE), strict=True)
            drawn = torch.cat([net.decode(net.at_own_scale(code), *told) for code, *told in parts])
            out[name] = torch.where(shown, picture, drawn)
        return {name: out[name] for name in self.spaces}


class _Codes(Mapping[str, Tensor]):
    """Records whose pictures are codes: of each picture the middle, found when it is asked for.

    Most of what looks at a large sample of the records looks at their labels alone.
    """

    def __init__(self, values: Mapping[str, Tensor], coding: Coding) -> None:
        self.values_of, self.coding = values, coding

    @torch.no_grad()
    def __getitem__(self, name: str) -> Tensor:
        if name not in self.coding.names:
            return self.values_of[name]
        net = self.coding.net(name)
        pieces = self.values_of[name].float().split(PIECE)
        return torch.cat([net.at_unit_scale(net.encode(piece)[0]) for piece in pieces])

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)


def leaves_coded(spaces: Mapping[str, Space]) -> dict[str, Real]:
    """The leaves that are coded: pictures of real cells, of any sizes."""
    return {name: one for name, one in spaces.items() if isinstance(one, Real) and len(one.grid) == 2}


def _places(grid: tuple[int, int]) -> int:
    """Places along a side that are enough: fewer are learned sooner, but a square must not hold too much."""
    return FEW if factor_of(grid, FEW) <= MOST_PIXELS else MANY


def _plain(family: Family) -> dict[str, Any]:
    return {"kind": family.kind, "settings": family.settings()}


def _family(given: Family | Mapping[str, Any], role: str, served: Mapping[str, type[Family]]) -> Family:
    """A family, or the one that its plain form stands for. Raises RequestError for one that cannot serve."""
    if isinstance(given, Mapping):
        kind, settings = str(given.get("kind")), given.get("settings", {})
        if kind in served:
            return served[kind](**settings)
    else:
        kind = getattr(given, "kind", given)
        if kind in served:
            return given
    raise RequestError(
        f"a latent family was given {kind!r} as its {role} family.",
        f"As that it takes: {', '.join(served)}.",
        f"For example: Latent({role}={next(iter(served.values())).__name__}())",
    )
