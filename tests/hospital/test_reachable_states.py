"""Reachable states against a plain breadth-first search by the reference rules."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hospital_cases import bay

from evenhand import hospital
from evenhand.hospital.enumeration import TeamStates
from evenhand.hospital.enumeration.reachable_states import start_rows
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.state import State


def small():
    """Return a bay in which one agent starts at either of two stations, with few steps."""
    scenario = bay(horizon=9)
    first, *others = scenario.agents
    return scenario.model_copy(update={"agents": (first.model_copy(update={"start": ("bed", "cart")}), *others)})


def row_of(state):
    fields = (state.station, state.travel, state.holding, state.energy, state.item_place, state.remaining)
    return tuple(number for field in (*fields, *state.workload) for number in field)


def state_of(row, time, arrays):
    n, items, steps = arrays.n_agents, arrays.n_items, arrays.n_steps
    cuts = np.cumsum([n, n, n, n, items, steps, n, n, n])
    parts = [part.tolist() for part in np.split(np.asarray(row), cuts)[:-1]]
    return State(time, *parts[:6], parts[6:], [0] * n, [0] * n)


class Table:
    """The greedy policy of the reference rules, and how often each state was read."""

    def __init__(self, arrays):
        self.arrays, self.rules, self.reads = arrays, Rules(arrays), {}

    def __call__(self, rows, time):
        """Return the joint actions."""
        for row in rows.tolist():
            self.reads[time, *row] = self.reads.get((time, *row), 0) + 1
        actions = [Greedy(self.rules)(state_of(row, time, self.arrays)) for row in rows]
        return np.array(actions, np.int8)


def searched(arrays, agent):
    """Return the layers of an agent's deviations as sets of rows, by brute force, and their edges."""
    rules = Rules(arrays)
    layers, edges = [{row_of(rules.start(*start)): rules.start(*start) for start in _starts(rules)}], []
    for _ in range(rules.horizon):
        following, moves = {}, set()
        for row, state in layers[-1].items():
            if rules.is_success(state):
                continue
            joint = Greedy(rules)(state)
            for action in np.flatnonzero(rules.mask(state, agent)).tolist():
                after, _ = rules.step(state, [*joint[:agent], action, *joint[agent + 1 :]])
                following[row_of(after)] = after
                moves.add((row, action, row_of(after)))
        edges.append(moves)
        layers.append(following)
    return layers, edges


def _starts(rules):
    return product(product(*rules.agent_starts), product(*rules.item_starts))


@pytest.mark.parametrize("agent", [0, 1, 2])
def test_layers_are_those_of_a_breadth_first_search(agent):
    arrays = arrays_of(small())
    expected, edges = searched(arrays, agent)
    layers = list(TeamStates(arrays, Table(arrays)).deviations(agent))
    assert len(layers) == len(expected) == 10
    for time, (layer, states) in enumerate(zip(layers, expected, strict=True)):
        rows = [tuple(row) for row in layer.rows.tolist()]
        assert len(set(rows)) == len(rows)
        assert set(rows) == set(states)
        assert layer.done.tolist() == [not any(states[row].remaining) for row in rows]
        if time:
            before = [tuple(row) for row in layers[time - 1].rows.tolist()]
            found = {
                (before[m], action, rows[after])
                for m, successors in enumerate(layer.successor.tolist())
                for action, after in enumerate(successors)
                if after >= 0
            }
            assert found == edges[time - 1]
            rules = Rules(arrays)
            present = [Greedy(rules)(state_of(row, time - 1, arrays))[agent] for row in before]
            going = ~layers[time - 1].done
            assert layer.present[going].tolist() == np.array(present)[going].tolist()


def test_every_state_is_read_once_whoever_deviates():
    arrays = arrays_of(small())
    table = Table(arrays)
    team = TeamStates(arrays, table)
    team.play()
    sizes = [sum(len(layer.rows) for layer in team.deviations(agent)) for agent in (0, 1, 2, 0)]
    assert set(table.reads.values()) == {1}
    assert sizes[0] == sizes[3]
    assert team.reached < sum(sizes[:3])  # the deviations of different agents share states


def test_stores_grow_without_losing_states():
    arrays = arrays_of(hospital.load("fair-gne/as-released"))
    team = TeamStates(arrays, lambda rows, time: np.zeros((len(rows), 3), np.int8))
    layers = []
    for layer in team.deviations(0):
        layers.append(layer)
        if len(layers) == 16:
            break
    assert max(len(layer.rows) for layer in layers) > 1024
    for layer in layers:
        assert len(np.unique(layer.rows, axis=0)) == len(layer.rows)
    for before, after in pairwise(layers):
        assert set(after.successor[after.successor >= 0].tolist()) == set(range(len(after.rows)))
        assert (after.successor.max(axis=1) >= 0).tolist() == (~before.done).tolist()


def test_play_returns_what_the_reference_rules_do():
    arrays = arrays_of(small())
    rules, team = Rules(arrays), TeamStates(arrays, Table(arrays))
    rows, lengths, _ = team.play()
    assert len(rows) == 2
    for begin, row, length in zip(start_rows(arrays), rows, lengths, strict=True):
        state, points = state_of(begin, 0, arrays), 0
        while not rules.is_over(state):
            state, outcome = rules.step(state, Greedy(rules)(state))
            points += outcome.points
        assert (row_of(state), state.time) == (tuple(row.tolist()), length)
        assert team.returns(row[None], length)[0] == pytest.approx(points / rules.scale, abs=1e-12)
        assert team.workload(row[None], "effort").tolist() == [state.workload[2]]


def test_a_deviation_is_played_beside_the_others_tables():
    arrays = arrays_of(small())
    rules, team = Rules(arrays), TeamStates(arrays, Table(arrays))
    plan = np.random.default_rng(4).integers(0, arrays.n_actions, (2, 9))
    rows, lengths, joint = team.play(1, plan)
    for number, begin in enumerate(start_rows(arrays)):
        state = state_of(begin, 0, arrays)
        while not rules.is_over(state):
            actions = Greedy(rules)(state)
            actions[1] = int(plan[number, state.time])
            assert joint[number, state.time].tolist() == actions
            state, _ = rules.step(state, actions)
        assert (row_of(state), state.time) == (tuple(rows[number].tolist()), lengths[number])
