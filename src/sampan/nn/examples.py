"""Examples: which symbols some of them stand for, read off a model that knows p(symbol | picture)."""

from __future__ import annotations

import torch
from torch import Tensor

from sampan.ability import Conditionals
from sampan.nn.scalars import N, Symbolic
from sampan.space import Batch, Choice

ROUNDS = 50
"""Of the search for shares: the likelihood has one summit, and a few examples leave little to climb."""

USUAL = 16
"""Records of which nothing is known, whose mean is p(symbol): a model may draw at random to say it."""


def shares(told: Tensor, usual: Tensor) -> Tensor:
    """The log shares of symbols under which some records are likeliest: (records, size), (size,) -> (size,).

    told: log p(symbol | record); usual: log p(symbol). Their difference is log p(record | symbol) but for a
    term of the record alone, and the shares maximise the likelihood of a mixture of these (Saerens, Latinne
    and Decaestecker 2002, Neural Computation 14, equation 2.4). So records that agree, each of them unsure,
    are sure together; and records of two kinds stay records of two kinds, which a mean of logarithms would
    not let.

    >>> told = torch.tensor([[0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.5, 0.3, 0.2]])
    >>> usual = torch.full((3,), 1 / 3)
    >>> bool(shares(told.log(), usual.log()).exp()[0] > 0.95)
    True
    >>> shares(torch.eye(3)[[0, 1, 1]].log(), usual.log()).exp()
    tensor([0.3333, 0.6667, 0.0000])
    """
    likely = told.double() - usual.double()
    found = usual.double()
    for _ in range(ROUNDS):
        found = (likely + found).log_softmax(dim=1).exp().mean(dim=0).log()
    return found.to(told.dtype)


def with_kinds(model: Symbolic[N], examples: Batch, which: Tensor, rng: torch.Generator) -> Batch:
    """A record for each of `which`, int64 (rows,): that example, with its symbols without a scale known.

    Those that the example does not tell are drawn from p(symbol | example), with `shares` of all examples in
    the place of p(symbol); one leaf after another, so that they belong together.
    """
    assert isinstance(model, Conditionals)  # else it would not make more
    liked = examples.take(which)
    values, known = dict(liked.values), dict(liked.known)
    nothing = Batch.empty(model.spaces, USUAL)
    drawn_before = False
    for leaf in model.order:
        name = model.names[leaf]
        space = model.spaces[name]
        if not isinstance(space, Choice) or space.ordered or bool(known[name].all()):
            continue
        usual = model.conditional(nothing, name).exp().mean(dim=0).log()
        told = model.conditional(examples, name)
        found = shares(told, usual)
        # what an example tells of this leaf changes with the leaves that were drawn before
        own = model.conditional(Batch(values, known), name) if drawn_before else told[which]
        own = own - usual + found
        drawn = torch.multinomial(own.softmax(dim=1), 1, generator=rng)[:, 0]
        values[name] = torch.where(known[name], values[name], drawn.to(values[name].dtype))
        known[name], drawn_before = torch.ones_like(known[name]), True
    return Batch(values, known)
