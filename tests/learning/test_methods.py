"""What each method prices: the right function of the state, the right numbers, or a line that says what is missing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.first_states import first_states
from tests.learning.pump import names_of_the_game

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.vectorized import CountingHospital, random_actions
from evenhand.learning.build import environment_of, team_of
from evenhand.learning.config import METHODS, Config

SCENARIO = "rescue-breaths/specialist"


def busy_episode(env, seed):
    """Return the states of a random episode in which nobody leaves work lying, mapped over time, the first included."""
    kinds, handle, treat = env.levels.shape[1], env.n_actions - 2, env.n_actions - 1

    def one(state, key):
        at_random = random_actions(key, env.mask(state))
        installs = jnp.where(state.inner.installing < kinds, handle, at_random)
        actions = jnp.where(state.inner.treating < kinds, treat, installs)
        state, _ = env.step(key, state, actions)
        return state, state

    def play(key):
        first = env.reset(key)
        _, later = jax.lax.scan(one, first, jax.random.split(key, env.horizon))
        return jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, later)

    return jax.tree.map(np.asarray, jax.jit(play)(jax.random.key(seed)))


@pytest.mark.parametrize("scenario", [SCENARIO, pytest.param("full-code/best", marks=pytest.mark.slow)])
def test_every_unit_is_booked_on_its_step_and_agent(scenario):
    """Summed over agents: what is no longer to do. Summed over steps: the useful work. Nobody does what it cannot."""
    env = CountingHospital(hospital.load(scenario))
    finished = []
    for seed in range(3):
        states = busy_episode(env, seed)
        done = np.asarray(env.arrays.step_units) - states.inner.remaining
        np.testing.assert_array_equal(states.units.sum(axis=1), done)
        np.testing.assert_array_equal(states.units.sum(axis=2), states.inner.workload[:, 0])
        assert np.all((states.units[-1] == 0) | (env.levels > 0))
        finished.append(int((done[-1] > 0).sum()))
    assert max(finished) > 1  # more than one step was worked on


def test_the_account_is_seen():
    """Observations and global state end with each step's part that each agent has done."""
    env = CountingHospital(hospital.load(SCENARIO))
    plain = hospital.make(SCENARIO, backend="jax")
    state = env.reset(jax.random.key(0))._replace(units=jnp.array([[0, 3, 0, 0], [0, 0, 0, 2], [1, 0, 1, 0]]))
    account = [0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0]
    np.testing.assert_allclose(env.observe(state)[:, plain.observation_size :], [account] * 3)
    np.testing.assert_allclose(env.global_state(state)[plain.state_size :], account)
    assert env.observe(state).shape == (3, env.observation_size)
    assert env.global_state(state).shape == (env.state_size,)


def by_hand(units, levels, alpha=0.5):
    """FairSkill's L3 in plain loops."""
    agents, kinds = units.shape
    work = units.sum(axis=1)
    total = work.sum()
    gini = sum(abs(a - b) for a in work for b in work) / (2 * agents * total) if total else 0.0
    used = sum(units[i, k] * levels[i, k] for i in range(agents) for k in range(kinds))
    best = sum(units[:, k].sum() * max(levels[:, k]) for k in range(kinds))
    return -(alpha * gini + (1 - alpha) * ((1 - used / best) if best else 0.0))


def test_the_skill_penalty_of_an_episode_is_fairskills():
    """The bonuses of an episode sum to minus FairSkill's L3 of who did what."""
    config = Config(scenario=SCENARIO, method="workload-skill-penalty")
    team = team_of(config, environment_of(config))
    states = busy_episode(team.env, seed=2)
    units = jax.vmap(team.priced)(states)
    total = float(team.shaper.bonus(units[:-1], units[1:]).sum())
    assert total == pytest.approx(by_hand(states.units[-1], team.env.levels), abs=1e-5)
    assert states.units[-1].sum() > 1


@pytest.mark.parametrize(("workload", "work"), [("useful", 7), ("actions", 9), ("effort", 13)])
def test_fair_efficient_is_paid_in_full_where_all_work_is_done(workload, work):
    """Board, 3 compressions, mask, 2 breaths: 7 units, 9 actions (two pick-ups), effort 1 + 9 + 1 + 2."""
    config = Config(scenario=SCENARIO, method="fair-efficient", workload=workload)
    team = team_of(config, environment_of(config))
    assert team.env.total_work == work
    equal = np.full(3, work / 3)
    assert float(team.shaper.bonus(np.zeros(3), equal)) == pytest.approx(10.0)
    assert float(team.shaper.bonus(np.zeros(3), equal / 2)) == pytest.approx(5.0)


def test_actions_are_counted_whatever_is_shared():
    """The action-count penalty prices actions, though useful work is the workload."""
    config = Config(scenario=SCENARIO, method="action-count-penalty", workload="useful")
    team = team_of(config, environment_of(config))
    state = team.env.reset(jax.random.key(0))
    state = state._replace(workload=jnp.array([[1, 0, 0], [5, 6, 7], [0, 0, 0]]))
    assert team.priced(state).tolist() == [5.0, 6.0, 7.0]
    assert team.env.workload(state).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_makes_a_team_in_the_hospital(method):
    """A step can be taken, and the bonus is a number for each episode."""
    config = Config(scenario=SCENARIO, method=method)
    team = team_of(config, environment_of(config))
    states = first_states(team, 2)
    _, moved = jax.eval_shape(team.step, jax.random.key(0), states, jnp.zeros((2, 3), jnp.int32))
    assert (moved.bonus.shape, moved.bonus.dtype) == ((2,), jnp.float32)


@pytest.mark.parametrize(
    ("method", "attribute"),
    [
        ("workload-skill-penalty", "units: a method that returns the units of each kind that each agent has done"),
        ("fair-efficient", "total_work: the team's work in an episode that does all there is to do"),
        ("action-count-penalty", "workloads: a method that returns a dictionary with 'actions' in it"),
    ],
)
def test_what_an_environment_lacks_is_said(method, attribute):
    """An environment of one's own is asked for what the method prices."""
    with pytest.raises(InputError, match=f"^method '{method}' needs Pump.{attribute}$"):
        team_of(Config(method=method), names_of_the_game()["Pump"]())
