"""Refuse scenarios whose goal cannot be reached from any start, with the reason.

All tests are necessary conditions: the goal of a refused scenario is certainly out of reach, while that of a scenario
that passes may be out of reach, too. Only a search can decide that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.scenario import Patient, Scenario, Step
from evenhand.hospital.scenario_arrays import NOBODY, ScenarioArrays, arrays_of
from evenhand.hospital.shown_value import shown

SMALL_TEAM = 10
"""Largest number of agents of which every group is looked at, 2^10 of them."""


def check_reachable(scenario: Scenario) -> None:
    """Refuse a scenario whose goal cannot be reached.

    Reasons are: a cycle in a protocol; fewer items of a kind than steps that bring one; a step for which no agent has
    the skill; a step that costs each skilled agent more energy than it can hold; steps that need more energy, or more
    actions, than the agents able to do them have until the horizon; a horizon before :func:`quickest_finish`.

    Raises
    ------
    InputError
        In one line with the names and figures of the first reason found.
    """
    for patient in scenario.patients:
        _refuse_cycles(patient)
    _refuse_missing_items(scenario)
    arrays = arrays_of(scenario)
    skilled = _skilled(arrays)
    able = skilled & ((arrays.capacity[:, None] == 0) | (arrays.drain <= arrays.capacity[:, None]))
    for k, (patient, step) in enumerate(scenario.steps):
        if not skilled[:, k].any():
            raise InputError(f"nobody can do {_named(patient, step)}: no agent has the skill {_skill(step)!r}")
        if not able[:, k].any():
            most = int(arrays.capacity[skilled[:, k]].max())
            raise InputError(
                f"nobody can do {_named(patient, step)}: it costs {step.energy} energy, "
                f"and no agent able to do it can hold more than {most}"
            )
    _refuse_shortages(scenario, arrays, able)
    finish = quickest_finish(arrays, able)
    last = int(finish.argmax())
    if finish[last] > scenario.horizon:
        patient, step = scenario.steps[last]
        raise InputError(
            f"horizon is {scenario.horizon}; {_named(patient, step)} cannot be complete before step {finish[last]}, "
            "fetching, travelling and the steps before it included"
        )


def most_even(scenario: Scenario) -> tuple[float, str]:
    r"""Return an upper bound on Jain's index of episodes that reach the goal, and why it cannot be larger.

    Let the agents of a group S, s of n, be the only ones who can do a share f >= s/n of the work. The squares of all
    agents' shares then sum to at least :math:`f^2/s + (1-f)^2/(n-s)`, so that
    :math:`J \le 1 / (n (f^2/s + (1-f)^2/(n-s)))`. All episodes that reach the goal have the same useful work. Under the
    other definitions of workload that is not so, and the bound only uses who can work at all (f = 1).

    Examples
    --------
    >>> from evenhand import hospital
    >>> most_even(hospital.load("fair-gne"))[0]
    1.0
    """
    arrays = arrays_of(scenario)
    skilled = _skilled(arrays)
    able = skilled & ((arrays.capacity[:, None] == 0) | (arrays.drain <= arrays.capacity[:, None]))
    n = len(able)
    if scenario.workload == "useful":
        weights = np.asarray(arrays.step_units, dtype=np.float64)
    else:
        worker = _workers(scenario, arrays, able)
        able, weights = worker[:, None], np.ones(1)
        if not worker.any():
            return 1.0, "nobody has any work"
    best, why = 1.0, "all can share the work"
    for group in _groups(able):
        theirs = weights[~(able & ~group[:, None]).any(axis=0)].sum() / weights.sum()
        size = int(group.sum())
        if size == n or theirs <= size / n:
            continue
        bound = 1.0 / (n * (theirs**2 / size + (1.0 - theirs) ** 2 / (n - size)))
        if bound < best - 1e-12:
            members = [agent.name for agent, member in zip(scenario.agents, group, strict=True) if member]
            who = _listed(members, "agents")
            best, why = float(bound), f"{who} alone can do {theirs:.0%} of the work ({size} of {n} agents)"
    return best, why


def _workers(scenario: Scenario, arrays: ScenarioArrays, able: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return who can do anything that counts as work, (n,). Anybody can handle items, which counts as an action."""
    if scenario.workload == "effort":
        able = able & (arrays.step_effort > 0)
    anybody = scenario.workload == "actions" and bool(scenario.items)
    return np.asarray(able.any(axis=1) | anybody)


def _groups(able: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return groups of agents to look at, (groups, n): all those of a small team, otherwise those able to do a step."""
    n = len(able)
    if n <= SMALL_TEAM:
        return np.asarray(np.arange(1, 2**n)[:, None] >> np.arange(n) & 1, dtype=bool)
    some: NDArray[np.bool_] = np.unique(able, axis=1).T
    everybody: NDArray[np.bool_] = np.asarray(able.any(axis=1))
    return np.vstack([some, everybody])


def quickest_finish(arrays: ScenarioArrays, able: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each step a time before which it cannot be complete, shape (K,), from the best of all starts.

    The actions of a step cannot begin before the last of its predecessors is complete, nor before an able agent has
    come to its place by the shortest way, nor, if it brings an item, before some agent has gone to the item, picked it
    up and carried it here. The step then takes at least as many actions as its ablest agent needs.

    Parameters
    ----------
    arrays
        A scenario whose protocols have no cycle.
    able
        Shape (n, K): whether an agent can do a step.
    """
    distance = _shortest(arrays.travel)
    # Steps of each agent to each station from its best start; then those of the quickest agent, with a pick-up there.
    agent_to = np.array([distance[starts].min(axis=0) for starts in arrays.agent_starts])
    to_item = agent_to.min(axis=0) + 1
    finish = np.zeros(arrays.n_steps, dtype=np.int64)
    for k in _in_order(arrays.step_after):
        place, kind = int(arrays.step_place[k]), int(arrays.step_kind[k])
        ready = [int(agent_to[able[:, k], place].min()), *finish[arrays.step_after[k]]]
        if kind != NOBODY:
            starts = arrays.item_starts[arrays.item_kind == kind].any(axis=0)
            ready.append(int((to_item + distance[:, place])[starts].min()))
        finish[k] = max(ready) + _actions(arrays, able, k)
    return finish


def _refuse_cycles(patient: Patient) -> None:
    after = {step.name: step.after for step in patient.steps}
    done: set[str] = set()
    for start in after:
        trail: list[str] = []
        # Depth-first search with a list in place of recursion: a protocol may be longer than Python's stack is deep.
        open_: list[Iterator[str]] = [iter((start,))]
        while open_:
            name = next(open_[-1], None)
            if name is None:
                open_.pop()
                if trail:
                    done.add(trail.pop())
            elif name in trail:
                cycle = [*trail[trail.index(name) :], name]
                circle = " needs ".join(map(shown, cycle))
                raise InputError(f"the protocol of patient {patient.name!r} goes in a circle: {circle}")
            elif name not in done:
                trail.append(name)
                open_.append(iter(after[name]))


def _refuse_missing_items(scenario: Scenario) -> None:
    copies = Counter(item.kind or item.name for item in scenario.items)
    needed = Counter(step.bring for _, step in scenario.steps if step.bring)
    for kind, count in needed.items():
        if copies[kind] < count:
            steps = ", ".join(_named(*pair) for pair in scenario.steps if pair[1].bring == kind)
            raise InputError(f"{count} of kind {kind!r} to bring ({steps}) but {copies[kind]} among the items")


def _skilled(arrays: ScenarioArrays) -> NDArray[np.bool_]:
    anybody = np.ones((arrays.n_agents, 1), dtype=bool)
    # A step that asks for no skill has NOBODY, -1, there: as an index it selects the last column, in which all are
    # able.
    return np.hstack([arrays.level > 0, anybody])[:, arrays.step_skill]


def _actions(arrays: ScenarioArrays, able: NDArray[np.bool_], k: int) -> int:
    """Return the fewest actions that complete step k."""
    if arrays.step_kind[k] != NOBODY:
        return 1
    ablest = int(arrays.level[able[:, k], arrays.step_skill[k]].max())
    return -(-int(arrays.step_units[k]) // ablest)


def _refuse_shortages(scenario: Scenario, arrays: ScenarioArrays, able: NDArray[np.bool_]) -> None:
    """Refuse if steps that only the agents of some group can do cost more energy or time than these agents have."""
    actions = np.array([_actions(arrays, able, k) for k in range(arrays.n_steps)])
    drained = np.where((arrays.drain > 0).all(axis=0, where=able), actions * arrays.step_effort, 0)
    energy = np.where(arrays.capacity > 0, arrays.capacity + arrays.recovery * scenario.horizon, np.inf)
    for group in np.unique(able, axis=1).T:
        theirs = ~(able & ~group[:, None]).any(axis=0)
        who = ", ".join(agent.name for agent, member in zip(scenario.agents, group, strict=True) if member)
        what = _listed([_named(*scenario.steps[k]) for k in np.flatnonzero(theirs)])
        if drained[theirs].sum() > energy[group].sum():
            raise InputError(
                f"{what} cost {drained[theirs].sum()} energy at least; {who}, who alone can do them, "
                f"have {energy[group].sum():.0f} in the {scenario.horizon} steps of the horizon"
            )
        if actions[theirs].sum() > group.sum() * scenario.horizon:
            raise InputError(
                f"{what} take {actions[theirs].sum()} actions at least; {who}, who alone can do them, "
                f"have {group.sum() * scenario.horizon} in the {scenario.horizon} steps of the horizon"
            )


def _shortest(travel: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the shortest ways between stations (Floyd and Warshall): a way over a third one may be quicker."""
    distance = travel.astype(np.int64)
    for station in range(len(distance)):
        distance = np.minimum(distance, distance[:, station, None] + distance[None, station, :])
    return distance


def _in_order(after: NDArray[np.bool_]) -> Iterator[int]:
    """Yield the steps in a topological order: each after those that must be complete before it."""
    waiting = after.sum(axis=1)
    ready = list(np.flatnonzero(waiting == 0))
    while ready:
        k = int(ready.pop())
        yield k
        waiting = waiting - after[:, k]
        ready += list(np.flatnonzero(after[:, k] & (waiting == 0)))


def _named(patient: Patient, step: Step) -> str:
    return f"step {step.name!r} of patient {patient.name!r}"


def _listed(names: list[str], what: str = "steps") -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more {what}" if len(names) > 3 else "")


def _skill(step: Step) -> str | None:
    return step.treat or step.skill
