"""Observations and the global state, entry by entry."""

from __future__ import annotations

import numpy as np
from hospital_cases import CART, DOOR, MASK, at_bed, bay, play, rules_of, team, tiring_bay

from evenhand.hospital.features import Features
from evenhand.hospital.scenario_arrays import CARRIED, IN_USE, NOBODY, arrays_of


def _of(scenario, **changes):
    arrays, rules = arrays_of(scenario), rules_of(scenario)
    features = Features(arrays, rules)
    state = at_bed(rules, **changes)
    return features, state, *features.both(state)


WARD = 1 + 4 + 4 + 3 * 5
BLOCK = 3 + 1 + 3 + 1 + 1 + 3 + 2


def test_the_ward_shows_time_left_units_left_what_is_ready_and_where_items_are() -> None:
    _, _, vector, _ = _of(bay(), time=6, remaining=[0, 2, 1, 2], item_place=[IN_USE, CARRIED, DOOR])
    assert vector.dtype == np.float32
    expected = [0.8, 0, 2 / 3, 1, 1, 0, 1, 0, 0]
    expected += [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]
    np.testing.assert_allclose(vector[:WARD], expected, atol=1e-7)


def test_a_block_shows_place_travel_hand_energy_rank_workload_and_skills() -> None:
    changes = {"time": 2, "station": [CART, DOOR, DOOR], "travel": [0, 2, 0], "holding": [MASK, NOBODY, NOBODY]}
    changes["workload"] = [[7, 0, 1], [15, 0, 3], [11, 0, 1]]
    _, _, vector, _ = _of(bay(), **changes)
    first, second, third = vector[WARD:].reshape(3, BLOCK)
    # n = 3 at time 2: the ranks of agents 0, 1, 2 are 1, 2, 0. Energy 1: nobody tires. Levels over the best level.
    # Of 7 units, 30 steps and 1 + 3 * 3 + 0 + 2 * 1 = 12 of effort.
    np.testing.assert_allclose(first, [0, 1, 0, 0, 0, 1, 0, 1, 1 / 3, 1, 0.5, 11 / 12, 1, 0.5], rtol=1e-6)
    np.testing.assert_allclose(second, [0, 0, 1, 2 / 3, 0, 0, 0, 1, 2 / 3, 0, 0, 0, 0.5, 1], rtol=1e-6)
    np.testing.assert_allclose(third, [0, 0, 1, 0, 0, 0, 0, 1, 0, 1 / 7, 0.1, 1 / 12, 0, 0.5], rtol=1e-6)


def test_energy_is_shown_where_agents_tire_and_is_full_where_they_do_not() -> None:
    agents = team(bay())
    agents[1]["energy"] = {"capacity": 4, "recovery": 1}
    _, _, vector, _ = _of(bay(agents=agents), energy=[0, 1, 0])
    assert vector[WARD:].reshape(3, BLOCK)[:, 7].tolist() == [1, 0.25, 1]


def test_each_agent_sees_itself_first_and_its_colleagues_in_turn() -> None:
    _, _, vector, seen = _of(bay(), station=[0, 1, 2], workload=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    blocks = vector[WARD:].reshape(3, BLOCK)
    for agent in range(3):
        order = [agent, (agent + 1) % 3, (agent + 2) % 3]
        expected = np.concatenate([np.eye(3)[agent], vector[:WARD], *blocks[order]])
        assert np.array_equal(seen[agent], expected)
    assert seen.dtype == np.float32


def test_no_value_leaves_its_bounds_and_the_bounds_are_reached() -> None:
    """Random play of a bay with energy: the largest value of every entry that can vary is its bound."""
    scenario = tiring_bay()
    features, state, vector, _ = _of(scenario)
    rules, generator = rules_of(scenario), np.random.default_rng(0)
    largest = vector.copy()
    for _ in range(200):
        while not rules.is_over(state):
            actions = [generator.choice(np.flatnonzero(rules.mask(state, agent))) for agent in rules.agents]
            state, _ = rules.step(state, actions)
            vector, seen = features.both(state)
            assert (vector >= 0).all()
            assert (vector <= features.highest).all()
            assert (seen <= features.highest_seen).all()
            largest = np.maximum(largest, vector)
        state = rules.reset(generator)
    blocks = np.s_[WARD:]
    workloads = np.tile(np.isin(np.arange(BLOCK), (9, 10, 11)), 3)
    assert np.array_equal(largest[:WARD], np.where(np.arange(WARD) == 0, 1, largest[:WARD]))
    reached = (largest[blocks] == features.highest[blocks]) | workloads
    assert reached.all()


def test_features_depend_on_the_state_alone() -> None:
    scenario = bay()
    features, state, _, _ = _of(scenario)
    rules = rules_of(scenario)
    there, _ = play(rules, state, "cart wait wait", "handle wait wait")
    first, _ = features.both(there)
    features.both(state)
    again, _ = features.both(there)
    assert np.array_equal(first, again)
