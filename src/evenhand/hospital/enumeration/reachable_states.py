"""The states that a team reaches step by step if all agents but one follow their policies: found by hashing rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.enumeration.compiled_rules import (
    FORBIDDEN,
    Columns,
    CompiledScenario,
    Row,
    columns,
    compiled,
    deed,
    is_done,
    step,
    step_rows,
)
from evenhand.hospital.planner.starts import MOST_STARTS, possible
from evenhand.hospital.scenario_arrays import NOBODY, WORKLOADS, ScenarioArrays
from evenhand.numba_decorators import entry, inner

Numbers = NDArray[np.int32]
Actions = NDArray[np.int8]
Policy = Callable[[Row, int], Actions]
"""Returns the joint actions (M, n) of a team in states (M, D) at a time."""

SMALLEST = 1024
"""Number of rows that the store of a time step has room for at first."""
EMPTY = -1


@inner
def _hash(row: Row) -> int:
    """Return a hash of a row, at least 0: the FNV-1a hash over columns, with its bits mixed once more at the end."""
    mixed = np.uint64(14695981039346656037)
    for column in range(row.shape[0]):
        mixed = (mixed ^ np.uint64(row[column] & 0xFFFF)) * np.uint64(1099511628211)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return int(mixed >> np.uint64(1))


@inner
def _find(row: Row, rows: Row, table: Numbers, count: int) -> int:
    """Return the number of a row; a new one is written to `rows` as number `count`, for which there must be room.

    Open addressing: `table`, whose size is a power of 2 and at least twice that of `rows`, holds numbers or EMPTY.
    """
    place = _hash(row) & (table.shape[0] - 1)
    while True:
        number = table[place]
        if number == EMPTY:
            table[place] = count
            for column in range(row.shape[0]):
                rows[count, column] = row[column]
            return count
        same = True
        for column in range(row.shape[0]):
            if rows[number, column] != row[column]:
                same = False
                break
        if same:
            return int(number)
        place = (place + 1) & (table.shape[0] - 1)


@entry
def _enter(rows: Row, count: int, table: Numbers) -> None:
    """Enter the first `count` rows, all different, into an empty table."""
    for number in range(count):
        _find(rows[number], rows, table, number)


@entry
def _expand(
    rows: Row,
    joint: Actions,
    members: Numbers,
    first: int,
    time: int,
    agent: int,
    scenario: CompiledScenario,
    following: Row,
    table: Numbers,
    count: int,
    successor: Numbers,
) -> tuple[int, int]:
    """Fill in the successors (M, A) of the members of a layer while one agent does each of its possible actions.

    Begins at member `first`, and stops where `following` might be full. Returns the number of members that are done
    with and of rows in `following`.
    """
    possible_actions = successor.shape[1]
    scratch = np.zeros((4, max(scenario.agents, rows.shape[1])), np.int16)
    actions, verbs, targets, after = scratch[0], scratch[1], scratch[2], scratch[3][: rows.shape[1]]
    for m in range(first, members.shape[0]):
        if count + possible_actions > following.shape[0]:
            return m, count
        row = rows[members[m]]
        for action in range(possible_actions):
            successor[m, action] = -1
        if is_done(row, scenario):
            continue
        for other in range(scenario.agents):
            actions[other] = joint[members[m], other]
        for action in range(possible_actions):
            if deed(row, agent, action, scenario)[0] == FORBIDDEN:
                continue
            actions[agent] = action
            step(row, actions, time, verbs, targets, after, scenario)
            number = _find(after, following, table, count)
            if number == count:
                count += 1
            successor[m, action] = number
    return members.shape[0], count


@entry
def _renumber(successor: Numbers, number: Numbers, members: Numbers) -> int:
    """Give the states among the successors new numbers, by first appearance, in place; return how many there are.

    `number` (all EMPTY) gets the new number of each old one, `members` the old number of each new one.
    """
    count = 0
    for m in range(successor.shape[0]):
        for action in range(successor.shape[1]):
            old = successor[m, action]
            if old >= 0:
                if number[old] == EMPTY:
                    number[old] = count
                    members[count] = old
                    count += 1
                successor[m, action] = number[old]
    return count


class _Store:
    """The states of one time step that have been reached, each once, and the team's joint actions in them."""

    def __init__(self, width: int, agents: int) -> None:
        self.rows = np.empty((SMALLEST, width), np.int16)
        self.joint = np.empty((SMALLEST, agents), np.int8)
        self.is_read = np.zeros(SMALLEST, bool)
        self.table = np.full(2 * SMALLEST, EMPTY, np.int32)
        self.count = 0

    def grow(self) -> None:
        size = 2 * len(self.rows)
        for name, filler in (("rows", 0), ("joint", 0), ("is_read", False)):
            old = getattr(self, name)
            new = np.full((size, *old.shape[1:]), filler, old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)
        self.table = np.full(2 * size, EMPTY, np.int32)
        _enter(self.rows, self.count, self.table)

    def read(self, members: Numbers, policy: Policy, time: int) -> None:
        """Read the policy in those of the states in which it has not been read."""
        new = members[~self.is_read[members]]
        if len(new):
            self.joint[new] = policy(self.rows[new], time)
            self.is_read[new] = True


class Reached(NamedTuple):
    """A layer of one agent's decision problem: the states that it can reach at a time while the others do not deviate.

    Attributes
    ----------
    rows
        Shape (M, D): the states.
    done
        Shape (M,): whether all protocols are complete.
    successor
        Shape (M_before, A), int32: for each state of the layer before and each action of the agent, the state of this
        layer; -1 for actions that are not possible. None in the first layer.
    present
        Shape (M_before,): the agent's action under its own policy in the layer before. None in the first layer.
    """

    rows: Row
    done: NDArray[np.bool_]
    successor: Numbers | None
    present: NDArray[np.int8] | None


class Played(NamedTuple):
    """An episode from each of the S starts.

    Attributes
    ----------
    rows
        Shape (S, D): the last states.
    lengths
        Shape (S,): numbers of steps.
    joint
        Shape (S, horizon, n): the joint actions; waiting after the end.
    """

    rows: Row
    lengths: NDArray[np.int64]
    joint: Actions


@dataclass
class TeamStates:
    """The states of a scenario that a team and its members' deviations reach.

    Each state is read once, at the time at which it is first reached, whoever's deviation led there: the policy that is
    looked at is a table, even if a network's rounding depends on which states it is given together.

    Parameters
    ----------
    arrays
        The scenario.
    policy
        The team's policy.

    Raises
    ------
    InputError
        If there are too many starts to look at each, or a number of a state could exceed 16 bits.
    """

    arrays: ScenarioArrays
    policy: Policy

    def __post_init__(self) -> None:
        self.scenario = compiled(self.arrays)
        self.columns: Columns = columns(self.scenario)
        self._stores: list[_Store] = []
        starts = start_rows(self.arrays)
        self.starts = len(starts)
        first = self._store(0)
        while len(first.rows) < self.starts:
            first.grow()
        first.rows[: self.starts] = starts
        first.count = self.starts
        _enter(first.rows, first.count, first.table)

    @property
    def start_rows(self) -> Row:
        """The states (S, D) at the starts, all equally likely."""
        return self._store(0).rows[: self.starts]

    @property
    def reached(self) -> int:
        """Number of states reached so far, over all time steps."""
        return sum(store.count for store in self._stores)

    def is_done(self, rows: Row) -> NDArray[np.bool_]:
        """Return in which states (M, D) all protocols are complete, (M,)."""
        return np.asarray(~rows[:, self.columns.remaining : self.columns.useful].any(axis=1))

    def returns(self, rows: Row, time: int | NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the sums of rewards (M,) of episodes that end in these states at these times."""
        arrays = self.arrays
        left = rows[:, self.columns.remaining : self.columns.useful].astype(np.int64)
        points = (arrays.step_units - left) @ arrays.step_points.astype(np.int64)
        points = points + np.where(left.any(axis=1), 0, int(arrays.success_points)) - int(arrays.time_points) * time
        return np.asarray(points / float(arrays.scale), dtype=np.float64)

    def workload(self, rows: Row, definition: str) -> NDArray[np.int64]:
        """Return the workloads (M, n) by one of :data:`~evenhand.hospital.scenario_arrays.WORKLOADS`."""
        begin = self.columns.useful + self.arrays.n_agents * WORKLOADS.index(definition)
        return rows[:, begin : begin + self.arrays.n_agents].astype(np.int64)

    def deviations(self, agent: int) -> Iterator[Reached]:
        """Yield the layers of an agent's decision problem, one for each time step from 0 to the horizon.

        The policy is read in a layer only when the next one is asked for. The last layer is the one at the horizon, or
        the first in which all states are done.
        """
        members = np.arange(self.starts, dtype=np.int32)
        successor = present = None
        for time in range(int(self.arrays.horizon) + 1):
            store = self._store(time)
            rows = store.rows[members]
            done = self.is_done(rows)
            yield Reached(rows, done, successor, present)
            if time == int(self.arrays.horizon) or done.all():
                return
            store.read(members[~done], self.policy, time)
            present = store.joint[members, agent]
            successor, members = self._expanded(store, self._store(time + 1), members, time, agent)

    def _expanded(
        self, store: _Store, following: _Store, members: Numbers, time: int, agent: int
    ) -> tuple[Numbers, Numbers]:
        """Return the successors of the members of a layer, and the members of the next."""
        successor = np.empty((len(members), self.arrays.n_actions), np.int32)
        finished = 0
        while True:
            finished, following.count = _expand(
                store.rows,
                store.joint,
                members,
                finished,
                time,
                agent,
                self.scenario,
                following.rows,
                following.table,
                following.count,
                successor,
            )
            if finished == len(members):
                break
            following.grow()
        order = np.empty(following.count, np.int32)
        count = _renumber(successor, np.full(following.count, EMPTY, np.int32), order)
        return successor, order[:count].copy()

    def _store(self, time: int) -> _Store:
        if time == len(self._stores):
            self._stores.append(_Store(self.columns.more, self.arrays.n_agents))
        return self._stores[time]

    def play(self, agent: int | None = None, plan: NDArray[np.integer[Any]] | None = None) -> Played:
        """Play the team's episodes from every start.

        Parameters
        ----------
        agent, plan
            An agent that deviates, and its action from each start at each time, shape (S, T); None for the team as it
            is.
        """
        horizon = int(self.arrays.horizon)
        last = self.start_rows.copy()
        joint = np.zeros((self.starts, horizon, self.arrays.n_agents), np.int8)
        lengths = np.full(self.starts, horizon)
        going, members = np.arange(self.starts), np.arange(self.starts, dtype=np.int32)
        for time in range(horizon):
            store = self._store(time)
            store.read(members, self.policy, time)
            joint[going, time] = store.joint[members]
            if agent is not None and plan is not None:
                joint[going, time, agent] = plan[going, time]
            last[going] = step_rows(last[going], joint[going, time], time, self.scenario)
            done = self.is_done(last[going])
            lengths[going[done]] = time + 1
            going = going[~done]
            if not len(going):
                break
            members = _numbered(last[going], self._store(time + 1))
        return Played(last, lengths, joint)


def _numbered(rows: Row, store: _Store) -> Numbers:
    """Return the numbers of states in a store, to which new ones are added."""
    while store.count + len(rows) > len(store.rows):
        store.grow()
    numbers = np.empty(len(rows), np.int32)
    store.count = _number(rows, store.rows, store.table, store.count, numbers)
    return numbers


@entry
def _number(rows: Row, known: Row, table: Numbers, count: int, numbers: Numbers) -> int:
    for m in range(rows.shape[0]):
        numbers[m] = _find(rows[m], known, table, count)
        if numbers[m] == count:
            count += 1
    return count


def start_rows(arrays: ScenarioArrays) -> Row:
    """Return the states (S, D) at all possible starts, all equally likely.

    Raises
    ------
    InputError
        If there are too many.
    """
    if possible(arrays) > MOST_STARTS:
        raise InputError(f"{possible(arrays):,} possible starts are too many to look at each")
    scenario = compiled(arrays)
    at = columns(scenario)
    stations = [np.flatnonzero(choices) for choices in (*arrays.agent_starts, *arrays.item_starts)]
    chosen = np.array(list(product(*stations)), np.int16)
    rows = np.zeros((len(chosen), at.more), np.int16)
    rows[:, at.station : at.travel] = chosen[:, : arrays.n_agents]
    rows[:, at.holding : at.energy] = NOBODY
    rows[:, at.energy : at.item_place] = arrays.capacity
    rows[:, at.item_place : at.remaining] = chosen[:, arrays.n_agents :]
    rows[:, at.remaining : at.useful] = arrays.step_units
    return rows
