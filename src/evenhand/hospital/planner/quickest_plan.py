"""The quickest plan from a start, or the quickest that shares the work evenly enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, NamedTuple

from evenhand.errors import InputError
from evenhand.hospital.planner.backward_search import Table
from evenhand.hospital.planner.prepared_search import NO_SPLIT, Search, prepare
from evenhand.hospital.planner.situations import Act, Situation
from evenhand.hospital.planner.splits import holds
from evenhand.hospital.planner.starts import Start, named_start
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, ScenarioArrays, arrays_of
from evenhand.hospital.state import USEFUL

ROUNDING = 1e-12
"""A Jain index that is smaller than the required one by this much still meets it: 0.6666666666666666 is meant as
2/3."""


@dataclass(frozen=True, repr=False)
class Plan:
    """A plan from one start, as the reference rules played it.

    Attributes
    ----------
    scenario
        Name of the scenario.
    agents
        Names of the agents.
    agent_starts, item_starts
        Stations at which agents and items start.
    time
        Steps to success; no quicker plan from this start is as even.
    jain
        Jain's index of the useful workload at the end; the largest of all plans that take this time.
    workload
        Useful units of each agent.
    actions
        For each step, the name of each agent's action.
    words
        For each step, what each agent does, in words.
    """

    scenario: str
    agents: tuple[str, ...]
    agent_starts: tuple[str, ...]
    item_starts: tuple[str, ...]
    time: int
    jain: float
    workload: tuple[int, ...]
    actions: tuple[tuple[str, ...], ...]
    words: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        return f"Plan({self.scenario!r}, time={self.time}, jain={self.jain:.3f}, workload={self.workload})"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as a dictionary that JSON can write."""
        return asdict(self)


def plan(
    scenario: Scenario, agent_starts: Sequence[str], item_starts: Sequence[str] | None = None, min_jain: float = 0.0
) -> Plan:
    """Return the quickest plan whose Jain index is at least `min_jain`, and of those the most even.

    The search enumerates all that the rules allow (see :mod:`evenhand.hospital.planner.backward_search`). The plan is
    played by the reference rules before it is returned.

    Parameters
    ----------
    scenario
        A checked scenario, small enough for exact search; the built-in ones for three agents are.
    agent_starts
        For each agent, the name of the station at which it starts.
    item_starts
        For each item likewise; may be left out if each item has a single station to start from.
    min_jain
        Jain's index of useful workload to reach at the end, from 0 (any) to 1.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If there is no such plan within the horizon (the message says what can be reached), the scenario is too large
        for exact search, or a start is wrong.

    Examples
    --------
    >>> from evenhand import hospital
    >>> made = plan(hospital.load("rescue-breaths"), ["bed", "door", "door"])
    >>> made
    Plan('rescue-breaths/specialist', time=7, jain=0.961, workload=(3, 2, 2))
    >>> made.actions[-1]
    ('wait', 'treat', 'wait')
    """
    if not 0 <= min_jain <= 1:
        raise InputError(f"min_jain is {min_jain}; Jain's index lies between 0 and 1")
    arrays = arrays_of(scenario)
    start = named_start(scenario, arrays, agent_starts, item_starts)
    search = prepare(scenario, [start.items])
    table = search.table(keep=True)
    _grow(search, table, start, min_jain)
    node, row = search.node(start.items), table.row(start.agents)
    bit = search.splits.best(table.rows[node, row])
    steps = walk(search, table, node, start.agents, bit, table.time)
    return _confirmed(search, start, table.time, tuple(search.splits.table[bit].tolist()), steps)


def _grow(search: Search, table: Table, start: Start, min_jain: float) -> None:
    """Grow the table until it holds a plan from the start that is even enough."""
    splits, node, row = search.splits, search.node(start.items), table.row(start.agents)
    horizon = int(search.arrays.horizon)
    best = NO_SPLIT
    while best == NO_SPLIT or splits.jain(best) < min_jain - ROUNDING:
        if table.time == horizon or table.settled:
            raise InputError(_refusal(search, best, min_jain))
        table.step()
        best = int(splits.squares(table.rows[node, [row]])[0])


def _refusal(search: Search, best: int, min_jain: float) -> str:
    name, horizon = search.scenario.name, int(search.arrays.horizon)
    if best == NO_SPLIT:
        return f"{name}: from this start no plan succeeds within the horizon of {horizon} steps"
    most = search.splits.jain(best)
    return f"{name}: no plan within {horizon} steps reaches a Jain index of {min_jain:g}; the best reaches {most:.4f}"


def _confirmed(search: Search, start: Start, time: int, workload: tuple[int, ...], steps: list[Joint]) -> Plan:
    """Return the plan, once the reference rules have played it to the same end."""
    played = play(search.arrays, start, [joint.actions for joint in steps])
    if played != (time, True, workload, 0, 0):
        raise AssertionError(f"the search promised {workload} in {time} steps; the rules played {played}")
    scenario, splits = search.scenario, search.splits
    names = [station.name for station in scenario.stations]
    return Plan(
        scenario=scenario.name,
        agents=tuple(agent.name for agent in scenario.agents),
        agent_starts=tuple(names[station] for station in start.agents),
        item_starts=tuple(names[station] for station in start.items),
        time=time,
        jain=splits.jain(sum(units**2 for units in workload)),
        workload=workload,
        actions=tuple(tuple(scenario.actions[number] for number in joint.actions) for joint in steps),
        words=tuple(joint.words for joint in steps),
    )


class Played(NamedTuple):
    """Result of playing a plan: steps, success, useful units of each agent, forbidden actions and conflicts."""

    time: int
    success: bool
    workload: tuple[int, ...]
    masked: int
    conflicts: int


def play(arrays: ScenarioArrays, start: Start, actions: Sequence[Sequence[int]]) -> Played:
    """Play joint actions, by number, from a start until they end or the episode does."""
    rules = Rules(arrays)
    state = rules.start(start.agents, start.items)
    for joint in actions:
        state, _ = rules.step(state, joint)
    return Played(
        state.time, rules.is_success(state), tuple(state.workload[USEFUL]), sum(state.masked), sum(state.conflicts)
    )


Stands = tuple[int, ...]


class Joint(NamedTuple):
    """What the agents do in one step: numbers of their actions, and a description of each in words."""

    actions: tuple[int, ...]
    words: tuple[str, ...]


class _Option(NamedTuple):
    moves: int
    acts: int
    turn: int
    stands: Stands


def walk(search: Search, table: Table, node: int, stands: Stands, bit: int, time: int) -> list[Joint]:
    """Return the joint actions of a plan that takes `time` steps and splits the work as `bit` says.

    Of the joint actions that lead to this split in time, one with the fewest moves is taken, and of those one with the
    fewest acts: so no agent walks without need, and an agent that could do something now or later does it later.
    """
    situations = list(search.graph.number)
    steps = []
    for left in range(time, 0, -1):
        option, bit = _kept(search, table, node, stands, bit, left - 1)
        now = situations[node]
        acts = list(search.situations.turns(now))[option.turn - int(search.graph.first[node])].acts
        steps.append(_joint(search, now, acts, stands, option.stands))
        node, stands = int(search.graph.after[option.turn]), option.stands
    return steps


def _kept(search: Search, table: Table, node: int, stands: Stands, bit: int, left: int) -> tuple[_Option, int]:
    """Return the first option after which the split can be reached in the steps left, and the split of the rest."""
    graph = search.graph
    shift = graph.credit @ search.splits.step
    for option in sorted(_options(search, node, stands)):
        rest = bit - int(shift[option.turn])
        row = table.row(option.stands)
        if holds(table.within(left, int(graph.after[option.turn]), row), rest):
            return option, rest
    raise AssertionError("the table promised a plan that it does not hold")


def _options(search: Search, node: int, stands: Stands) -> list[_Option]:
    graph, places = search.graph, search.places
    options = []
    for turn in range(int(graph.first[node]), int(graph.first[node + 1])):
        at = graph.at[turn].tolist()
        if all(station < 0 or station == place for station, place in zip(at, stands, strict=True)):
            free = [[place] if station >= 0 else places.after(place) for station, place in zip(at, stands, strict=True)]
            acts = sum(station >= 0 for station in at)
            for after in product(*free):
                moves = sum(int(places.station[a] != places.station[b]) for a, b in zip(stands, after, strict=True))
                options.append(_Option(moves, acts, turn, after))
    return options


def _joint(search: Search, now: Situation, acts: tuple[Act | None, ...], before: Stands, after: Stands) -> Joint:
    names = [station.name for station in search.scenario.stations]
    numbers, words = [], []
    for agent, act in enumerate(acts):
        here, there = (int(search.places.station[stands[agent]]) for stands in (before, after))
        if act is not None:
            numbers.append(len(names) + (2 if act.treats else 1))
            words.append(_words(search, now, agent, act))
        elif here != there:
            numbers.append(there + 1)
            words.append(f"goes to {names[there]}")
        else:
            numbers.append(0)
            words.append("walks on" if search.places.left[before[agent]] else "waits")
    return Joint(tuple(numbers), tuple(words))


def _words(search: Search, now: Situation, agent: int, act: Act) -> str:
    items = [item.name for item in search.scenario.items]
    if act.step == NOBODY:
        held = now.items[act.item] == len(search.scenario.stations) + agent
        return f"{'puts down' if held else 'picks up'} {items[act.item]}"
    patient, step = search.scenario.steps[act.step]
    whose = f" of {patient.name}" if len(search.scenario.patients) > 1 else ""
    if act.treats:
        units = "" if step.units == 1 else f", {act.units} of {step.units} units"
        return f"treats: {step.name}{whose}{units}"
    return f"installs {items[act.item]}{whose}"
