"""Play a plan by the reference rules, which share no code with the search, to check what the search claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evenhand.hospital.planner.starts import Start
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import ScenarioArrays
from evenhand.hospital.state import USEFUL


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
