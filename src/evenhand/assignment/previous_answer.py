"""An earlier answer, as the start of a new one: who had which task, and the prices that proved its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import LEFT, NEW, Assignment, Certificate
from evenhand.assignment.stated_answer import read_stated
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables.cost_table import check_names, shown
from evenhand.tables.default_names import DefaultNames


@dataclass(frozen=True, slots=True)
class Previous:
    """An answer that a new one starts from.

    Attributes
    ----------
    agents, tasks
        Names, lengths n and m.
    named
        Whether its table named its agents, and its tasks.
    assignment
        Agent of each task, shape (m,).
    certificate
        Its certificate; None if there is none.
    fairness
        The member that its loads satisfy.
    maximise
        Whether its table holds profits.
    """

    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool]
    assignment: NDArray[np.intp]
    certificate: Certificate | None
    fairness: Fairness
    maximise: bool

    @classmethod
    def of(cls, answer: Assignment | Mapping[str, Any], source: str = "the answer") -> Previous:
        """Read an answer, or its JSON.

        Raises
        ------
        InputError
            If it is no answer, or holds no assignment; the message begins with `source`.
        """
        if isinstance(answer, Assignment):
            agents, tasks, named = answer.agents, answer.tasks, answer.named
            rest: Any = answer
        else:
            agents, tasks = (_names_in(answer, what, source) for what in ("agents", "tasks"))
            try:
                rest = read_stated(answer, agents, tasks)
            except InputError as error:
                raise InputError(f"{source}: {error}") from None
            named = (rest.named[0] is not False, rest.named[1] is not False)
        if rest.assignment is None:
            raise InputError(
                f"{source} holds no assignment, because its status is {rest.status!r}; there is nothing to start from"
            )
        parts = (rest.assignment, rest.certificate, rest.fairness, rest.maximise)
        return cls(agents, tasks, named, *parts)

    def match(self, agents: Sequence[str], tasks: Sequence[str], named: tuple[bool, bool]) -> Matched:
        """Find `agents` and `tasks` of a new table among those of this answer: by name, or else by position.

        `named` says of both whether the table names them.

        Raises
        ------
        InputError
            If neither tells which is which, or no agent or no task is in both.
        """
        who = _places("agent", self.agents, agents, (self.named[0], named[0]))
        what = _places("task", self.tasks, tasks, (self.named[1], named[1]))
        # Where agents of the answer are in the table; LEFT for those who are not there any more.
        now = np.full(len(self.agents), LEFT, dtype=np.intp)
        now[who[who >= 0]] = np.flatnonzero(who >= 0)
        return Matched(who, np.where(what >= 0, now[self.assignment[what]], NEW))

    def start(self, matched: Matched) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return prices (n,) and points of cuts (k, n) for the table's agents; None without a certificate of a bound.

        An agent who was not there before gets the mean of the others'.
        """
        certificate = self.certificate
        if certificate is None or certificate.kind != "bound":
            return None
        points = certificate.points
        cuts = np.array([self.fairness.cut(point) for point in points]).reshape(points.shape)
        found = np.vstack([certificate.multipliers @ cuts, points])
        known = matched.agents >= 0
        moved = np.repeat(found[:, matched.agents[known]].mean(axis=1, keepdims=True), len(known), axis=1)
        moved[:, known] = found[:, matched.agents[known]]
        return moved[0], moved[1:]


@dataclass(frozen=True, slots=True)
class Matched:
    """Agents and tasks of a table, found in an earlier answer.

    Attributes
    ----------
    agents
        Position of each agent of the table in the answer, shape (n,); -1 if it was not there.
    before
        Agent of the table who had each task, shape (m,); NEW if nobody had, LEFT if that agent is no longer there.
    """

    agents: NDArray[np.intp]
    before: NDArray[np.intp]


def _names_in(answer: Any, what: str, source: str) -> Sequence[str]:
    """Return the names of agents or tasks in an answer's JSON."""
    names = answer.get(what) if isinstance(answer, Mapping) else None
    if not isinstance(names, list | tuple) or not names or not set(map(type, names)) <= {str}:
        raise InputError(f"{source} has no list of {what}; it should be the JSON that `evenhand assign --json` writes")
    default = DefaultNames(what[:-1], len(names))
    if default == tuple(names):
        return default
    check_names(names, what[:-1], source)
    return list(names)


def _places(kind: str, theirs: Sequence[str], ours: Sequence[str], named: tuple[bool, bool]) -> NDArray[np.intp]:
    """Return the position in the answer of each agent or task of the table; -1 for those that are not in it.

    `named` says whether the answer and the table name them. Made-up names count if the table's names are among them:
    it is then a part of the answer's own table.
    """
    if theirs == ours:
        return np.arange(len(ours))
    place = dict(zip(theirs, range(len(theirs)), strict=True)) if any(named) else {}
    found = np.fromiter((place.get(name, -1) for name in ours), np.intp, len(ours))
    if (found >= 0).any():
        return found
    if all(named):
        raise InputError(
            f"the answer is about other {kind}s: it has {shown(theirs[0])}, ..., the table has {shown(ours[0])}, ...; "
            f"no {kind} is in both"
        )
    if len(theirs) == len(ours):
        return np.arange(len(ours))
    raise InputError(
        f"the table has {len(ours):,} {kind}s, the answer {len(theirs):,}, and one of both does not name them, so that "
        f"nothing says which are the same; give both with names"
    )
