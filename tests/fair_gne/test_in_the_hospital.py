"""The layer around the hospital's reference environment."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand import hospital
from evenhand.fair_gne import Ascent, Constraint, FairGNE, Fixed, Reported, Telescoped
from evenhand.fairness import JainAtLeast
from evenhand.fairness.measures import jain_index

pytest.importorskip("pettingzoo")
from pettingzoo.test import parallel_api_test, parallel_seed_test

NAME = "rescue-breaths/specialist"


def test_pettingzoos_own_tests(capsys):
    """The wrapped hospital passes the API and the seed test, masks included."""
    parallel_api_test(FairGNE(hospital.make(NAME), observe=True), num_cycles=150)
    parallel_seed_test(lambda: FairGNE(hospital.make(NAME)), num_cycles=100)
    assert "Passed" in capsys.readouterr().out


@pytest.mark.parametrize("definition", ["useful", "actions", "effort"])
def test_random_episodes_gain_the_lagrangian(definition):
    """Under every definition of workload, an episode gains lambda (J(w_T) - 1)."""
    env = FairGNE(hospital.make(NAME), dual=Fixed(5.0), workload=Reported(("workloads", definition)))
    for seed in range(5):
        observations, _ = env.reset(seed=seed)
        for number, agent in enumerate(env.agents):
            env.action_space(agent).seed(seed * 10 + number)
        gain = 0.0
        while env.agents:
            actions = {a: env.action_space(a).sample(observations[a]["action_mask"]) for a in env.agents}
            observations, _, _, _, infos = env.step(actions)
            info = next(iter(infos.values()))
            gain += info["shaped_reward"] - info["unshaped_reward"]
        workloads = np.array([getattr(infos[agent]["workloads"], definition) for agent in env.possible_agents])
        assert gain == pytest.approx(5.0 * (float(jain_index(workloads)) - 1.0), abs=1e-9)


def test_a_warm_up_reads_the_hospitals_success():
    """Waiting until the end is no success; the multiplier sleeps on."""
    env = FairGNE(hospital.make(NAME), dual=Ascent(warm_up=0.5))
    env.reset(seed=0)
    while env.agents:
        env.step(dict.fromkeys(env.agents, 0))
    assert not env.dual_state.awake
    assert env.dual_state.violation == pytest.approx(0.85 - 1.0)


def test_the_layer_inside_a_compiled_loop():
    """Environment, shaping, constraint and dual in one compiled program: the sums are NumPy's."""
    jax = pytest.importorskip("jax")
    from evenhand.hospital.vectorized import random_actions

    env = hospital.make(NAME, backend="jax")
    constraint = Constraint(JainAtLeast(0.85), env.n_agents)
    shaper, dual = Telescoped(constraint), Ascent(step_size=0.5)

    def step(carry, key):
        states, returns = carry
        draws, moves = jax.random.split(key)
        actions = random_actions(draws, jax.vmap(env.mask)(states))
        after, _ = jax.vmap(env.step)(jax.random.split(moves, 32), states, actions)
        bonus = shaper.bonus(jax.vmap(env.workload)(states), jax.vmap(env.workload)(after), tau=0.8)
        return (after, returns + bonus), None

    @jax.jit
    def episodes(key, dual_state, threshold):
        keys = jax.random.split(key, env.horizon + 1)
        starts = jax.vmap(env.reset)(jax.random.split(keys[0], 32))
        (ends, returns), _ = jax.lax.scan(step, (starts, jax.numpy.zeros(32)), keys[1:])
        workloads = jax.vmap(env.workload)(ends)
        violation = constraint.violation(workloads, tau=threshold)
        return workloads, returns, dual.update(dual_state, violation, success=1.0, count=32)

    workloads, returns, state = episodes(jax.random.key(0), dual.init(), 0.9)
    indices = np.asarray(jain_index(np.asarray(workloads, dtype=float)))
    np.testing.assert_allclose(returns, indices - 1.0, atol=1e-5)
    assert float(state.multiplier) == pytest.approx(0.5 * (0.9 - indices.mean()), abs=1e-6)
