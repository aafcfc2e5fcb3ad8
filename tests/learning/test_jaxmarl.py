"""The adapter of JaxMARL's interface: on a small game written to it, and on Overcooked where JaxMARL is installed."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.learning.check_environment import check
from evenhand.learning.jaxmarl import FromJaxMARL

KEY = jax.random.key(0)


class Heap(NamedTuple):
    """Stones on a heap, those in each one's basket."""

    stones: jax.Array
    baskets: jax.Array


class Stones:
    """In JaxMARL's interface: "big" takes up to 2 stones, "small" up to 1; a mask forbids what is not there."""

    agents = ("big", "small")
    max_steps = 5

    def action_space(self, agent):
        """Return three choices or two."""
        return SimpleNamespace(n=3 if agent == "big" else 2)

    def reset(self, key):
        """Begin with three stones; weakly typed, as some environments are."""
        state = Heap(jnp.asarray(3.0), jnp.zeros(2))
        return self.see(state), state

    def step_env(self, key, state, actions):
        """Take stones; big first."""
        big = jnp.minimum(actions["big"], state.stones)
        small = jnp.minimum(actions["small"], state.stones - big)
        state = Heap(state.stones - big - small, state.baskets + jnp.stack([big, small]))
        rewards = {"big": big, "small": small}
        dones = {"big": state.stones < 0, "small": state.stones < 0, "__all__": state.stones < 0}
        return self.see(state), state, rewards, dones, {"bonus": big * 0 + 7.0}

    def get_avail_actions(self, state):
        """Forbid to take more than there is."""
        left = state.stones
        return {"big": jnp.arange(3) <= left, "small": jnp.arange(2) <= left}

    def see(self, state):
        """Show baskets and heap to the big one, a table; only the heap to the small one."""
        table = jnp.stack([state.baskets, jnp.stack([state.stones, state.stones])])
        return {"big": table, "small": state.stones[None]}


def taken(before, actions, after):
    """Count the stones taken."""
    return after.baskets - before.baskets


def all_taken(state):
    """Tell whether the heap is gone."""
    return state.inner.stones == 0


@pytest.fixture
def adapted():
    """Return the game for the learners."""
    return FromJaxMARL(Stones(), taken, all_taken)


def test_it_keeps_the_contract(adapted):
    """Shapes and types are those that the learners ask for."""
    check(adapted)
    assert (adapted.n_agents, adapted.n_actions, adapted.horizon) == (2, 3, 5)
    assert (adapted.observation_size, adapted.state_size) == (4 + 2 + 1, 2 * 4 + 1)


def test_a_game_by_hand(adapted):
    """Two steps: work, rewards, success, and what is seen."""
    state = adapted.reset(KEY)
    state, outcome = adapted.step(KEY, state, jnp.array([1, 1]))
    assert adapted.workload(state).tolist() == [1.0, 1.0]
    assert (float(outcome.reward), bool(outcome.success), bool(outcome.truncated)) == (1.0, False, False)
    np.testing.assert_allclose(adapted.observe(state), [[1, 0, 1, 1, 1, 1, 0.8], [0, 1, 1, 0, 0, 0, 0.8]])
    np.testing.assert_allclose(adapted.global_state(state), [1, 1, 1, 1, 1, 0, 0, 0, 0.8])
    state, outcome = adapted.step(KEY, state, jnp.array([2, 0]))
    assert adapted.workload(state).tolist() == [2.0, 1.0]
    assert float(state.score) == 1.5
    assert (float(outcome.reward), bool(outcome.success), bool(outcome.truncated)) == (0.5, True, False)


def test_the_horizon_cuts_off(adapted):
    """Five steps of rest end the episode without success."""
    state = adapted.reset(KEY)
    ends = []
    for _ in range(5):
        state, outcome = adapted.step(KEY, state, jnp.array([0, 0]))
        ends.append((bool(outcome.success), bool(outcome.truncated)))
    assert ends == [(False, False)] * 4 + [(False, True)]


def test_masks_are_handed_on_and_short_ones_filled_up(adapted):
    """The small agent has no third action; what the heap does not hold cannot be taken."""
    state = adapted.reset(KEY)
    assert adapted.mask(state).tolist() == [[True, True, True], [True, True, False]]
    state, _ = adapted.step(KEY, state, jnp.array([2, 0]))
    assert adapted.mask(state).tolist() == [[True, True, False], [True, True, False]]


def test_without_a_mask_all_that_exists_is_possible(monkeypatch):
    """An environment that knows no masks leaves each agent its own actions."""
    monkeypatch.delattr(Stones, "get_avail_actions")
    env = FromJaxMARL(Stones(), taken, all_taken)
    assert env.mask(env.reset(KEY)).tolist() == [[True, True, True], [True, True, False]]


def test_the_user_may_shape_the_reward():
    """The reward is what the function makes of JaxMARL's rewards and infos; the score stays JaxMARL's."""
    env = FromJaxMARL(Stones(), taken, all_taken, reward=lambda rewards, infos: rewards["big"] + infos["bonus"])
    state, outcome = env.step(KEY, env.reset(KEY), jnp.array([2, 1]))
    assert float(outcome.reward) == 9.0
    assert float(state.score) == 1.5


def test_a_horizon_is_needed(monkeypatch):
    """An environment that does not tell its length is refused until the user does."""
    monkeypatch.delattr(Stones, "max_steps")
    with pytest.raises(InputError, match=r"^Stones has no max_steps; give a horizon$"):
        FromJaxMARL(Stones(), taken, all_taken)
    assert FromJaxMARL(Stones(), taken, all_taken, horizon=9).horizon == 9


@pytest.mark.skipif(importlib.util.find_spec("jaxmarl") is None, reason="JaxMARL is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_overcooked_can_be_played_and_counted():
    """A random episode of Overcooked: the contract is kept, work only grows, the horizon ends it."""
    import jaxmarl

    def handled(before, actions, after):
        return before.agent_inv != after.agent_inv

    env = FromJaxMARL(jaxmarl.make("overcooked", max_steps=60), handled, lambda state: state.score >= 20.0)
    check(env)
    assert (env.n_agents, env.n_actions, env.horizon) == (2, 6, 60)

    def one(state, key):
        state, outcome = env.step(key, state, jax.random.randint(key, (2,), 0, 6))
        return state, (env.workload(state), outcome)

    _, (work, outcome) = jax.lax.scan(one, env.reset(KEY), jax.random.split(KEY, 60))
    assert np.all(np.diff(np.asarray(work), axis=0) >= 0.0)
    assert np.asarray(work)[-1].sum() > 0.0
    assert np.asarray(outcome.truncated).tolist() == [False] * 59 + [True]


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda *_: jnp.ones(()), r"the shape \(\)"),
        (lambda *_: jnp.ones(1), r"the shape \(1,\)"),
        (lambda *_: jnp.ones(3), r"the shape \(3,\)"),
        (lambda *_: 1.0, r"the shape \(\)"),
        (lambda *_: {"big": 1.0, "small": 1.0}, "dict"),
        (lambda *_: None, "NoneType"),
    ],
)
def test_work_is_counted_for_each_agent(work, told):
    """One number for all would be broadcast, so that everybody has worked the same."""
    with pytest.raises(InputError, match=rf"returns {told}; it must return \(2,\), .* in the order big, small"):
        check(FromJaxMARL(Stones(), work, all_taken))


def odd(**parts):
    """Return the game with one of its methods' answers replaced; `step` maps rewards and dones to others."""
    env = Stones()
    step = env.step_env
    change = parts.pop("step", None)
    for name, value in parts.items():
        setattr(env, name, value)
    if change is not None:

        def other(key, state, actions):
            seen, after, rewards, dones, infos = step(key, state, actions)
            return (seen, after, *change(rewards, dones), infos)

        env.step_env = other
    return env


def test_the_teams_reward_is_that_of_its_agents():
    """Big takes 2, small 1: the mean is 1.5, whatever stands under "__all__"; a reward may have an axis of one."""
    env = FromJaxMARL(
        odd(step=lambda rewards, dones: (rewards | {"__all__": jnp.ones(()) * 99}, dones)), taken, all_taken
    )
    _, outcome = env.step(KEY, env.reset(KEY), jnp.array([2, 1]))
    assert float(outcome.reward) == 1.5
    env = FromJaxMARL(
        odd(step=lambda rewards, dones: (rewards | {"big": rewards["big"][None]}, dones)), taken, all_taken
    )
    _, outcome = env.step(KEY, env.reset(KEY), jnp.array([2, 1]))
    assert float(outcome.reward) == 1.5


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            lambda r, d: (r | {"small": jnp.ones(2)}, d),
            r"reward of agent 'small' has the shape \(2,\); it must have \(1,\)",
        ),
        (lambda r, d: ({"big": r["big"]}, d), "reward of agent 'small' is missing"),
        (lambda r, d: (r | {"small": None}, d), "reward of agent 'small' is of the type NoneType"),
        (lambda r, d: (jnp.ones(2), d), "reward as .*Tracer; it must be by agent"),
        (lambda r, d: (r, {"big": d["big"]}), "one truth value for '__all__'"),
        (lambda r, d: (r, d | {"__all__": jnp.zeros(2, bool)}), "one truth value for '__all__'"),
    ],
)
def test_what_a_step_gives_is_by_agent(step, words):
    """A missing agent, or several numbers in the place of one, is named."""
    with pytest.raises(InputError, match=words):
        check(FromJaxMARL(odd(step=step), taken, all_taken))


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ({"big": jnp.ones(2), "small": jnp.ones(2)}, r"of agent 'big' has the shape \(2,\); it must have \(3,\)"),
        ({"big": jnp.ones(5), "small": jnp.ones(2)}, r"of agent 'big' has the shape \(5,\); it must have \(3,\)"),
        ({"big": jnp.ones(3)}, "of agent 'small' is missing"),
        ({"big": jnp.array([0.0, -1e9, 0.0]), "small": jnp.ones(2)}, r"of agent 'big' is \[0.0, -1000000000.0, 0.0\]"),
        (jnp.ones((2, 3)), "it must be by agent"),
    ],
)
def test_masks_are_truth_values_of_each_action(mask, words):
    """What is too short was filled up with impossible actions; logits were read as possible."""
    with pytest.raises(InputError, match=words):
        check(FromJaxMARL(odd(get_avail_actions=lambda state: mask), taken, all_taken))


@pytest.mark.parametrize("horizon", ["8", 2.5, True, float("nan"), 0])
def test_the_horizon_is_a_whole_number(horizon):
    """Text, fractions and truth values were made whole."""
    with pytest.raises(InputError, match=r"^horizon is .*; it must be a whole number from 1$"):
        FromJaxMARL(Stones(), taken, all_taken, horizon=horizon)


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (None, "NoneType has no reset"),
        (Stones, r"Stones is a class; .* Stones\(\.\.\.\)"),
        (SimpleNamespace(reset=len, step_env=len, action_space=len, agents=()), "SimpleNamespace has no agents"),
        (odd(action_space=lambda agent: SimpleNamespace(shape=(2,))), "agent 'big' has the actions .*discrete"),
        (odd(reset=lambda key: jnp.ones(2)), "Stones.reset must return two things"),
        (odd(reset=lambda key: ({"big": {"x": jnp.ones(1)}}, 0)), "observation of agent 'big' is of the type dict"),
        (odd(reset=lambda key: ({"big": jnp.ones(1)}, 0)), "observation of agent 'small' is missing"),
        (odd(reset=lambda: None), "Stones.reset cannot be traced by JAX: TypeError"),
    ],
)
def test_what_is_no_such_environment_is_refused(env, words):
    """In one line, before anything is compiled."""
    with pytest.raises(InputError, match=words) as caught:
        FromJaxMARL(env, taken, all_taken)
    assert "\n" not in str(caught.value)
