"""Random games in layers: all paths as a linear program, and the same gains however early the game is cut."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from evenhand.equilibrium import Layer, Outcome, certify, layered_decision, replay

STARTS, ACTIONS, STEPS = 4, 3, 5


class RandomLayers:
    """A random graph for one agent, with a second agent that has nothing to choose.

    An episode that ends after t steps returns at most 2 - 0.2 t, so that late layers seldom matter; the index is
    random, and often 1.
    """

    num_agents = 2
    start = np.full(STARTS, 1.0 / STARTS)
    scale = None

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self._layers, before = [], None
        for step in range(STEPS + 1):
            states = STARTS if step == 0 else 8
            ended = rng.random(states) < 0.3 if 0 < step < STEPS else np.full(states, step == STEPS)
            way = None if before is None else rng.integers(0, states, (before, ACTIONS)).astype(np.int32)
            if way is not None:
                way[:, 0] = np.where(rng.random(before) < 0.3, -1, way[:, 0])
            own = None if before is None else rng.integers(1, ACTIONS, before)
            returns = 2.0 - 0.2 * step - rng.random(states)
            index = np.where(rng.random(states) < 0.3, 1.0, rng.random(states))
            work = step + 0.9 * rng.random((states, 2))
            self._layers.append(Layer(ended, returns, index, work, way, own))
            before = states

    def layers(self, profile, agent):
        """Agent 1 has one action, which does what the present policies do."""
        for place, layer in enumerate(self._layers):
            if agent == 0 or place == 0:
                yield layer
            else:
                way = layer.successor[np.arange(len(layer.present)), layer.present][:, None]
                yield Layer(layer.ended, layer.returns, layer.index, layer.work, way, 0 * layer.present)

    def paths(self, start, policy=None):
        """Return (return, index, both works) of all plans from a start, or of the present one with `policy`."""
        found, waiting = [], [(0, start)]
        while waiting:
            step, state = waiting.pop()
            layer = self._layers[step]
            if layer.ended[state]:
                found.append((layer.returns[state], layer.index[state], *layer.work[state]))
                continue
            way, own = self._layers[step + 1].successor[state], self._layers[step + 1].present[state]
            waiting.extend((step + 1, after) for after in ([way[own]] if policy else way) if after >= 0)
        return found

    def play(self, profile):
        """Follow the present policies."""
        returns, index, *work = np.mean([self.paths(start, policy=True)[0] for start in range(STARTS)], axis=0)
        return Outcome(np.array([returns]), float(index), np.array(work))


def bound(step, work):
    """Return the largest return of an episode that goes on after this many steps."""
    return 2.0 - 0.2 * (step + 1)


def best(game, tau, weight=0.0):
    """Return the largest mean of return less `weight` times work, with an index of at least `tau`, and its price.

    By a linear program over all paths.
    """
    paths = [game.paths(start) for start in range(STARTS)]
    columns = np.array([(r - weight * own, j) for found in paths for r, j, own, _ in found]) / STARTS
    equal = np.zeros((STARTS, len(columns)))
    equal[np.repeat(np.arange(STARTS), [len(found) for found in paths]), np.arange(len(columns))] = 1.0
    found = linprog(-columns[:, 0], -columns[:, 1][None], [-tau], equal, np.ones(STARTS), method="highs")
    return -found.fun, -found.ineqlin.marginals[0]


@pytest.mark.parametrize("seed", range(25))
def test_gains_are_those_of_all_paths_however_early_the_game_is_cut(monkeypatch, seed):
    """Whole, cut layer by layer, and with few states, when the interval still contains the gain."""
    monkeypatch.setattr(layered_decision, "FIRST_STATES", 1)
    monkeypatch.setattr(layered_decision, "GROWTH", 1.0)
    game = RandomLayers(seed)
    present = game.play(None)
    tau = present.index - 0.02
    value, price = best(game, tau)
    free, _ = best(game, 0.0)
    selfish = {weight: best(game, tau, weight)[0] for weight in (0.1, 0.5)}
    whole, cut = (certify(game, None, tau, selfish=tuple(selfish), value_bound=one) for one in (None, bound))
    for certificate in (whole, cut):
        found = certificate.agents[0]
        assert certificate.exact
        assert found.feasible.gain.lower == pytest.approx(max(0.0, value - present.returns[0]), abs=1e-9)
        assert found.free.gain.lower == pytest.approx(free - present.returns[0], abs=1e-9)
        assert found.feasible.multiplier == pytest.approx(price, abs=1e-7)
        assert certificate.agents[1].free.gain == (0.0, 0.0)
        for paid in certificate.selfish:
            if paid.agent == 0:
                gain = selfish[paid.weight] - (present.returns[0] - paid.weight * present.work[0])
                assert paid.feasible.gain.lower == pytest.approx(gain, abs=1e-9)
        played = replay(game, None, found.feasible.witness)
        assert played.returns[0] == pytest.approx(value, abs=1e-9)
        assert played.index >= tau - 1e-9
    for most in (5, 13, 21, 29):
        few = certify(game, None, tau, selfish=tuple(selfish), value_bound=bound, most_states=most)
        for paid in few.selfish[::2]:
            gain = selfish[paid.weight] - (present.returns[0] - paid.weight * present.work[0])
            assert paid.feasible.gain.lower - 1e-9 <= gain <= paid.feasible.gain.upper + 1e-9
        found = few.agents[0]
        for deviation, known in ((found.feasible, value), (found.free, free)):
            gain = known - present.returns[0]
            assert deviation.gain.lower - 1e-9 <= gain <= deviation.gain.upper + 1e-9
            played = replay(game, None, deviation.witness)
            assert played.returns[0] - present.returns[0] == pytest.approx(deviation.gain.lower, abs=1e-9)
        assert found.states <= most + 8


def test_an_open_interval_is_tightened_by_the_optimum_and_by_the_multiplier():
    """No feasible gain is above the price of decentralisation, or above stationarity plus slackness."""
    game = RandomLayers(0)
    present = game.play(None)
    tau = present.index - 0.02
    value, price = best(game, tau)
    few = {"value_bound": bound, "most_states": 1}
    wide = certify(game, None, tau, **few).agents[0].feasible.gain
    assert wide.upper > value - present.returns[0] + 0.05
    known = certify(game, None, tau, team_optimum=value + 0.01, **few).agents[0].feasible.gain
    assert known.upper == pytest.approx(value - present.returns[0] + 0.01)
    dual = certify(game, None, tau, multiplier=price, **few)
    assert dual.agents[0].feasible.gain.upper <= dual.kkt.gain_bounds[0] + 1e-12
