"""A state in words, for terminals without pictures."""

from __future__ import annotations

import numpy as np

from evenhand.hospital.drawing.facts import Facts, Snapshot
from evenhand.hospital.scenario import Scenario


def text(scenario: Scenario, state: Snapshot) -> str:
    """Write a state as plain text: the clock, the stations, the team, the protocols.

    Parameters
    ----------
    scenario
        The scenario that the state belongs to.
    state
        A state of :mod:`evenhand.hospital.rules`, or anything with its fields.

    Returns
    -------
    str
        Lines without escape sequences. A step is marked ``[x]`` when complete and ``[>]`` when open.
    """
    facts = Facts.of(scenario)
    lines = [
        f"{scenario.name}  step {int(state.time)}/{scenario.horizon}  progress {100 * facts.progress(state):.0f} %  "
        f"reward {facts.reward(state):+.3f}  Jain {facts.jain(state):.3f}{_end(facts, state)}"
    ]
    return "\n".join([*lines, *_stations(facts, state), *_team(facts, state), *_steps(facts, state)])


def _end(facts: Facts, state: Snapshot) -> str:
    if facts.success(state):
        return "  success"
    return "  out of time" if int(state.time) >= facts.scenario.horizon else ""


def _stations(facts: Facts, state: Snapshot) -> list[str]:
    station, travel = np.asarray(state.station), np.asarray(state.travel)
    stations = facts.scenario.stations
    width = max(len(_full(one.name, one.room)) for one in stations)
    lines = []
    for k, one in enumerate(stations):
        here = [facts.scenario.agents[i].name for i in np.flatnonzero((station == k) & (travel == 0))]
        coming = [
            f"{facts.scenario.agents[i].name} in {int(travel[i])}"
            for i in np.flatnonzero((station == k) & (travel > 0))
        ]
        things = [*facts.lying(state, k), *(f"{kind} in use" for kind in facts.in_use(state, k))]
        parts = [
            ", ".join(here),
            f"<- {', '.join(coming)}" if coming else "",
            f"({', '.join(things)})" if things else "",
        ]
        lines.append(f"  {_full(one.name, one.room):<{width}}  {'  '.join(filter(None, parts))}".rstrip())
    return lines


def _full(name: str, room: str) -> str:
    return name if room == "room" else f"{room}: {name}"


def _team(facts: Facts, state: Snapshot) -> list[str]:
    loads = facts.workload(state)
    width = max(len(agent.name) for agent in facts.scenario.agents)
    lines = []
    for i, agent in enumerate(facts.scenario.agents):
        parts = [f"{facts.scenario.workload} {int(loads[i])}"]
        if agent.energy is not None:
            parts.append(f"energy {int(np.asarray(state.energy)[i])}/{agent.energy.capacity}")
        held = facts.held(state, i)
        if held is not None:
            parts.append(f"holds {held}")
        lines.append(f"  {agent.name:<{width}}  {'  '.join(parts)}")
    return lines


def _steps(facts: Facts, state: Snapshot) -> list[str]:
    done, opened = facts.done(state), facts.open(state)
    lines = []
    for number, patient in enumerate(facts.scenario.patients):
        marks = []
        for k, step in zip(facts.rows(number), patient.steps, strict=True):
            mark = "x" if done[k] >= step.units else ">" if opened[k] else " "
            marks.append(f"[{mark}] {step.name}" + (f" {int(done[k])}/{step.units}" if step.units > 1 else ""))
        lines.append(f"  {patient.name}: {'  '.join(marks)}")
    return lines
