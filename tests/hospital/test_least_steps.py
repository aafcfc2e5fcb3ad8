"""The lower bound on steps: by hand, below the exact planner's plans, and below whatever is played."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand import hospital
from evenhand.hospital.least_steps import least_steps
from evenhand.hospital.planner import drawn_start, plan
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of


def test_a_ward_by_hand():
    """One patient, full code, two agents in one room: everything is 1 step away but the hands are few."""
    ward = hospital.generate_ward(2, rooms=1, patients=1, seed=0)
    arrays = arrays_of(ward)
    at = [station.name for station in ward.stations]
    cart, bed = at.index("supply-cart-1"), at.index("bed-1")
    units = {step.name: step.units for _, step in ward.steps}
    best = {skill: max(agent.skills[skill] for agent in ward.agents) for skill in ward.skills}
    # Both start at the supply cart: pick up the board, go 1 step, install: 3. Then one after another, where the mask
    # follows compressions, and shock follows breaths, which follow the mask; medicine is last.
    compressions, breaths = -(-units["compressions"] // best["compress"]), -(-units["breaths"] // best["breathe"])
    shock, medicine = -(-units["shock"] // best["shock"]), -(-units["medicine"] // best["medicate"])
    expected = 3 + compressions + 1 + max(breaths, 1) + shock + medicine
    items = [at.index(item.at) for item in ward.items]
    assert least_steps(ward, [cart, cart], items) == expected
    # From the bed, somebody must first go for the board: 1 step more.
    assert least_steps(ward, [bed, bed], items) == expected + 1
    assert arrays.n_agents == 2


@pytest.mark.parametrize("name", ["rescue-breaths/specialist", "lone-expert/able-juniors"])
def test_no_plan_is_quicker(name):
    """The exact planner needs at least as many steps, from any start, and the bound is more than trivial."""
    scenario = hospital.load(name)
    at = [station.name for station in scenario.stations]
    shares = []
    for seed in range(4):
        agents, items = drawn_start(scenario, seed)
        found = plan(scenario, agents, items)
        bound = least_steps(scenario, [at.index(one) for one in agents], [at.index(one) for one in items])
        assert bound <= found.time
        shares.append(bound / found.time)
    assert np.mean(shares) > 0.5


@pytest.mark.parametrize("ward", ["ward/6", "ward/24"])
def test_greedy_play_is_no_quicker(ward):
    """In wards that cannot be planned, at least the scripted policy respects the bound."""
    scenario = hospital.load(ward)
    rules = Rules(arrays_of(scenario))
    greedy = Greedy(rules)
    for seed in range(3):
        state = rules.reset(np.random.default_rng(seed))
        bound = least_steps(scenario, state.station, state.item_place)
        while not rules.is_over(state):
            state, _ = rules.step(state, greedy(state))
        assert 5 < bound <= state.time
