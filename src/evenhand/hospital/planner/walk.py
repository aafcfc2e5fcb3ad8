"""Read a plan from a table that keeps its earlier sets: choose at each step a joint action that leads to the end."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from evenhand.hospital.planner.backward_search import Table
from evenhand.hospital.planner.prepared_search import Search
from evenhand.hospital.planner.situations import Act, Situation
from evenhand.hospital.planner.splits import holds
from evenhand.hospital.scenario_arrays import NOBODY

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
