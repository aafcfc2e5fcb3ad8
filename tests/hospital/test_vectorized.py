"""The fast rules under JAX's transformations: over episodes, over scenarios of one shape, and past the end."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evenhand import hospital
from evenhand.hospital import vectorized
from evenhand.hospital.scenario_arrays import arrays_of

WARDS = [hospital.generate_ward(6, 2, 2, seed) for seed in range(3)]
TEAMS = [hospital.load(f"rescue-breaths/{team}") for team in ("equal", "best", "specialist")]


def walk(key, tables, steps=30):
    """Play a random episode; return the last state and the sum of rewards."""
    begin, *keys = jax.random.split(key, steps + 1)

    def one(state, key):
        actions = vectorized.random_actions(key, vectorized.mask(state, tables))
        state, outcome = vectorized.step(key, state, actions, tables)
        return state, outcome.reward

    state, rewards = jax.lax.scan(one, vectorized.reset(begin, tables), jnp.stack(keys))
    return state, rewards.sum()


@pytest.mark.parametrize(
    "scenarios", [pytest.param(WARDS, id="wards", marks=pytest.mark.slow), pytest.param(TEAMS, id="teams")]
)
def test_scenarios_of_one_shape_side_by_side(scenarios):
    """`vmap` over tables and episodes gives, bit for bit, what each scenario gives alone."""
    alone = [vectorized.tables_of(arrays_of(scenario)) for scenario in scenarios]
    together = jax.tree.map(lambda *parts: jnp.stack(parts), *alone)
    keys = jax.random.split(jax.random.key(0), 4)
    episodes = jax.vmap(walk, in_axes=(0, None))
    states, rewards = jax.jit(jax.vmap(episodes, in_axes=(None, 0)))(keys, together)
    for number, tables in enumerate(alone):
        state, reward = jax.jit(episodes)(keys, tables)
        assert np.array_equal(rewards[number], reward)
        for one, other in zip(states, state, strict=True):
            assert np.array_equal(one[number], other)


def test_random_actions_are_possible_and_equally_likely():
    """Over many draws each possible action comes as often as any other, a forbidden one never."""
    possible = jnp.array([True, False, True, True, False])
    drawn = vectorized.random_actions(jax.random.key(1), jnp.broadcast_to(possible, (30_000, 5)))
    counts = np.bincount(np.asarray(drawn), minlength=5)
    assert counts[[1, 4]].tolist() == [0, 0]
    # Five standard deviations of a binomial share of one third.
    assert np.abs(counts[[0, 2, 3]] / 30_000 - 1 / 3).max() < 5 * np.sqrt(2 / 9 / 30_000)


def test_a_finished_episode_stays_as_it_is():
    """Past the horizon nothing changes, nothing is earned, and the outcome goes on to say that it was cut off."""
    env = hospital.make("fair-gne", backend="jax")
    state = env.reset(jax.random.key(0))._replace(time=jnp.int32(env.horizon))
    after, outcome = jax.jit(env.step)(jax.random.key(0), state, jnp.ones(3, jnp.int32))
    assert all(np.array_equal(one, other) for one, other in zip(state, after, strict=True))
    assert float(outcome.reward) == 0.0
    assert bool(outcome.truncated)
    assert not bool(outcome.success)


@pytest.mark.parametrize(
    "statement",
    ["from evenhand import hospital; hospital.make('fair-gne', backend='jax')", "import evenhand.learning.training"],
)
def test_without_jax_the_extra_is_named(statement):
    """Whoever has not installed the extra reads in one line how to."""
    hide = "import importlib.util as u; find = u.find_spec; u.find_spec = lambda n: None if n == 'jax' else find(n)"
    asked = f"{hide}\ntry:\n    {statement}\nexcept ImportError as error:\n    print(error)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said == "jax is not installed; the extra learn brings it: pip install '.[learn]' in evenhand's folder\n"
