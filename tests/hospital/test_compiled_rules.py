"""The compiled rules against the reference rules, on random walks: every field of every state is the same."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hospital_cases import bay

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.enumeration.compiled_rules import FORBIDDEN, compiled, deed, step_rows
from evenhand.hospital.enumeration.reachable_states import start_rows
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.numba_decorators import entry

WALKS = 12
SCENARIOS = [*(name for name in hospital.names() if not name.startswith("ward")), "ward/6", "bay"]


def load(name):
    return bay() if name == "bay" else hospital.load(name)


def row_of(state):
    """Return a state as a row, in the order that the module describes."""
    fields = (state.station, state.travel, state.holding, state.energy, state.item_place, state.remaining)
    return [number for field in (*fields, *state.workload) for number in field]


def choose(rules, state, luck):
    """Choose what finishes protocols, what is possible, one action for all, or anything."""
    way = luck.random()
    if way < 0.6:
        return Greedy(rules)(state)
    if way < 0.8:
        return [luck.choice(np.flatnonzero(rules.mask(state, agent)).tolist()) for agent in rules.agents]
    if way < 0.9:
        return [luck.randrange(rules.n_actions)] * len(rules.agents)
    return [luck.randrange(rules.n_actions) for _ in rules.agents]


@entry
def _forbidden(row, agent, action, scenario):
    return deed(row, agent, action, scenario)[0] == FORBIDDEN


@pytest.mark.parametrize("name", SCENARIOS)
def test_steps_are_those_of_the_reference_rules(name):
    arrays = arrays_of(load(name))
    rules, scenario, luck = Rules(arrays), compiled(arrays), random.Random(name)
    generator = np.random.default_rng(1)
    states = [rules.reset(generator) for _ in range(WALKS)]
    for time in range(int(arrays.horizon)):
        joint = [choose(rules, state, luck) for state in states]
        rows = np.array([row_of(state) for state in states], np.int16)
        after = step_rows(rows, np.array(joint, np.int16), time, scenario)
        states = [
            state if rules.is_success(state) else rules.step(state, actions)[0]
            for state, actions in zip(states, joint, strict=True)
        ]
        assert after.tolist() == [row_of(state) for state in states], f"at time {time}"
    assert any(map(rules.is_success, states)) or name.startswith("ward")  # the walks do the work


@pytest.mark.parametrize("name", ["bay", "rescue-breaths/forced-cooperation-energy", "lone-expert"])
def test_an_action_is_forbidden_where_the_mask_says_so(name):
    arrays = arrays_of(load(name))
    rules, scenario, luck = Rules(arrays), compiled(arrays), random.Random(name)
    state = rules.reset(np.random.default_rng(2))
    for _ in range(40):
        row = np.array(row_of(state), np.int16)
        for agent in rules.agents:
            allowed = [not _forbidden(row, agent, action, scenario) for action in range(rules.n_actions)]
            assert allowed == rules.mask(state, agent)
        state, _ = rules.step(state, choose(rules, state, luck))


def test_all_starts_are_those_of_the_reference_rules():
    arrays = arrays_of(hospital.load("fair-gne/specialist"))
    rules = Rules(arrays)
    expected = [
        row_of(rules.start(agents, items))
        for agents in product(*rules.agent_starts)
        for items in product(*rules.item_starts)
    ]
    assert start_rows(arrays).tolist() == expected


def test_numbers_that_could_exceed_16_bits_are_refused():
    scenario = bay(horizon=10_000)
    steps = [step.model_copy(update={"energy": 1000, "units": 50}) for step in scenario.patients[0].steps]
    patient = scenario.patients[0].model_copy(update={"steps": tuple(steps)})
    arrays = arrays_of(scenario.model_copy(update={"patients": (patient,)}))
    with pytest.raises(InputError, match=r"can reach 200,000 .*up to 32,767 are enumerated"):
        compiled(arrays)
