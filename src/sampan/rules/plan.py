"""Plan: which columns of a record follow from which, where some of them are known beforehand.

Every equation and every table can say one of its columns. Where nothing is known, it is the one that takes
most values, as its distribution then follows from the others': the total of net and tax, the end of start and
length. Where that column is given, another one of the equation is computed in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sampan.rules.habit import Forward, Habit, Told, Turned
from sampan.rules.lookup import Lookup
from sampan.rules.solved import solved
from sampan.where.formula import Formula, Not, Or, Relation, asked
from sampan.where.term import Of, Term, columns_of


@dataclass(frozen=True, eq=False)
class Claim:
    """What holds in every record, of which columns it speaks, and how many of them take how many values.

    what: a formula, a table of what is fixed, or how a column comes about. said: the rule as people read it.
    """

    what: Formula | Relation | Lookup | Habit
    columns: tuple[str, ...]
    said: str

    @classmethod
    def of(cls, what: Formula | Relation | Lookup | Habit, said: str) -> Claim:
        """The claim of a formula, a table or a habit."""
        match what:
            case Habit():
                columns: tuple[str, ...] = what.columns
            case Lookup():
                columns = (*what.claim.causes, what.claim.of)
            case Relation(left, _, right):
                columns = tuple(dict.fromkeys([*columns_of(left), *columns_of(right)]))
            case _:
                columns = tuple(asked(what))
        return cls(what, columns, said)

    @property
    def equates(self) -> bool:
        """Whether it says what a column is, in all rows or in some."""
        match self.what:
            case Lookup() | Relation(_, "==", _) | Or((Not(), Relation(_, "==", _))):
                return True
        return False

    def saying(self, column: str) -> Iterator[tuple[How, bool]]:
        """How it says what a column is, and whether without loss, where it does."""
        match self.what:
            case Habit(name) as habit:
                if column == name:
                    yield Told(habit), True
                elif column == habit.column:
                    yield Forward(habit), True
            case Relation():
                found = solved(self.what, column)
                if found is not None:
                    yield found
            case Or((Not(condition), Relation() as then)) if column not in asked(condition):
                found = solved(then, column)
                if found is not None:
                    yield When(condition, found[0]), found[1]
            case Lookup() as table:
                if table.claim.of == column:
                    yield table, True
                elif table.back is not None and table.back.claim.of == column:
                    yield table.back, True


class When(NamedTuple):
    """A term over other columns, in the rows in which a condition holds."""

    condition: Formula
    term: Term


How = Term | Lookup | When | Forward | Told | Turned
"""What says what a column is: a term over others, in all rows or some; a table of what they fix; a habit."""


class Step(NamedTuple):
    """One column that is computed: how, out of which others, and by which claim."""

    column: str
    how: How
    by: tuple[str, ...]
    claim: Claim


@dataclass(frozen=True, eq=False)
class Plan:
    """What is done beside some known columns.

    deduced: what follows from these alone, in order. computed: what follows from these and from drawn
    columns, in order. drawn: the columns that are drawn. open: claims that compute no column: they are met
    by what is drawn.
    """

    deduced: tuple[Step, ...]
    computed: tuple[Step, ...]
    drawn: tuple[str, ...]
    open: tuple[Claim, ...] = field(default=())


def planned(claims: Sequence[Claim], known: frozenset[str], weight: Mapping[str, float]) -> Plan:
    """What is computed where some columns are known. weight: how many values each column takes, about."""
    there, deduced, left = set(known), [], list(claims)
    while True:
        step = next((found for claim in left if (found := _last(claim, there)) is not None), None)
        if step is None:
            break
        own = [step]
        if isinstance(step.how, When):  # other claims say the same column in other rows
            others = (_last(claim, there) for claim in left if claim is not step.claim)
            own += [one for one in others if one and one.column == step.column and isinstance(one.how, When)]
        deduced += own
        there.add(step.column)
        left = [claim for claim in left if not any(claim is one.claim for one in own)]
    columns = list(dict.fromkeys(name for claim in claims for name in claim.columns))
    chosen = _habits([claim for claim in left if isinstance(claim.what, Habit)], there)
    rest = [claim for claim in left if not set(claim.columns) <= there and not isinstance(claim.what, Habit)]
    # equations before tables: that a total of few fixes a count follows from total = count * price
    for claim in sorted(rest, key=lambda one: (isinstance(one.what, Lookup), len(_choices(one, there)))):
        ranked = sorted(_choices(claim, there), key=lambda step: -_rank(step, weight, known))
        for step in ranked:
            others = chosen.get(step.column, [])
            apart = all(isinstance(other.how, When) for other in (step, *others))
            if (not others or apart) and not _turns(step, chosen):
                chosen[step.column] = [*others, step]
                break
    used = [*deduced, *(step for steps in chosen.values() for step in steps)]
    done = {id(step.claim) for step in used}
    return Plan(
        tuple(deduced),
        tuple(_in_order(chosen)),
        tuple(name for name in columns if name not in there and name not in chosen),
        tuple(claim for claim in left if id(claim) not in done and not set(claim.columns) <= there),
    )


def _last(claim: Claim, there: set[str]) -> Step | None:
    """The step that says the only column of a claim that is not there."""
    lacking = [name for name in claim.columns if name not in there]
    if len(lacking) != 1:
        return None
    return next((_step(claim, lacking[0], how) for how, _ in claim.saying(lacking[0])), None)


def _step(claim: Claim, column: str, how: How) -> Step:
    match how:
        case Lookup():
            by = how.claim.causes
        case When(condition, term):
            by = tuple(dict.fromkeys([*asked(condition), *columns_of(term)]))
        case Forward() | Told() | Turned():
            by = how.by
        case term:
            by = tuple(dict.fromkeys(columns_of(term)))
    return Step(column, how, by, claim)


def _habits(claims: Sequence[Claim], there: set[str]) -> dict[str, list[Step]]:
    """What habits compute: their column; where that is given or said by another, one of those it hangs on.

    Where none of these can be, the way is told by all else, and the habit binds nothing.
    """
    chosen: dict[str, list[Step]] = {}
    left = [claim for claim in claims if not set(claim.columns) <= there]
    uses = Counter(name for claim in claims for name in claim.columns)
    own = {claim.what.column for claim in claims if isinstance(claim.what, Habit)}
    while left:
        said = [c for c in left if isinstance(c.what, Habit) and c.what.column in there | chosen.keys()]
        claim = (said or left)[0]
        left.remove(claim)
        habit = claim.what
        assert isinstance(habit, Habit)
        if not said:
            step = _step(claim, habit.column, Forward(habit))
            if not _turns(step, chosen):
                chosen[habit.column] = [step]
            continue
        free = [name for name in habit.sources if name not in there and name not in chosen]
        free.sort(key=lambda name: (name in own, uses[name]))
        for how in (*(Turned(habit, name) for name in free if habit.turns(name)), Told(habit)):
            step = _step(claim, how.column if isinstance(how, Turned) else habit.name, how)
            if not _turns(step, chosen):
                chosen[step.column] = [step]
                break
        else:
            continue
        if habit.column not in there:  # another habit says it in some rows, and its own in all others
            forward = _step(claim, habit.column, Forward(habit))
            forward = forward._replace(by=tuple(name for name in forward.by if name != step.column))
            if not _turns(forward, chosen):
                chosen[habit.column].append(forward)
    return chosen


def _choices(claim: Claim, there: set[str]) -> list[Step]:
    """The columns that a claim may say, of those that are not there; only without loss where nothing is."""
    out = []
    for name in claim.columns:
        if name not in there:
            for how, exact in claim.saying(name):
                if exact or there & set(claim.columns):
                    out.append(_step(claim, name, how))
    return out


def _rank(step: Step, weight: Mapping[str, float], known: frozenset[str]) -> float:
    """The more values a column takes, the rather it is computed; of equal ones that which a rule is about."""
    what = step.claim.what
    then = what.parts[-1] if isinstance(what, Or) else what
    first = isinstance(then, Relation) and then.left == Of(step.column)
    if isinstance(step.how, When):  # several of them are to say the same column
        return weight.get(step.column, 0.0) + 1e8 * first
    direct = isinstance(what, Lookup) and step.how is what
    return weight.get(step.column, 0.0) + 0.5 * (first or direct) + (1e9 if direct else 0.0)


def _turns(step: Step, chosen: Mapping[str, list[Step]]) -> bool:
    """Whether a column would be computed out of itself, by way of others."""
    seen, todo = set(), list(step.by)
    while todo:
        name = todo.pop()
        if name == step.column:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(other for own in chosen.get(name, ()) for other in own.by)
    return False


def _in_order(chosen: Mapping[str, list[Step]]) -> list[Step]:
    """The steps, each after those that compute what it needs."""
    out: list[Step] = []
    left = dict(chosen)
    while left:
        ready = [
            name
            for name, steps in left.items()
            if not any(other in left for step in steps for other in step.by)
        ]
        out += [step for name in ready for step in left.pop(name)]
    return out


def components(claims: Sequence[Claim]) -> list[list[Claim]]:
    """The claims in groups that share no column."""
    groups: list[tuple[set[str], list[Claim]]] = []
    for claim in claims:
        columns, own = set(claim.columns), [claim]
        apart = []
        for names, others in groups:
            if names & columns:
                columns, own = columns | names, others + own
            else:
                apart.append((names, others))
        groups = [*apart, (columns, own)]
    return [own for _, own in groups]
