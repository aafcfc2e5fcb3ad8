"""Delay, noise, absence and memory, each against an episode that is followed by hand."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.disturbed_shift import CONSTRAINT, REST, SCRIPT, WORK, WORKS, ShiftEnvironment, followed

from evenhand.errors import InputError
from evenhand.learning.disturbance import Disturbed, work_features
from evenhand.learning.disturbance_level import Level, agents_of, unready
from evenhand.learning.settings import Disturbance

SIGHT = 8
"""Size of what an agent sees: the observation (4), three shares of the work, and the index."""


def world(trained=None, level=None, env=None):
    """Return the small game, disturbed; what is trained for decides what is remembered."""
    return Disturbed(env or ShiftEnvironment(), CONSTRAINT, trained or Disturbance(), level)


def seen(time):
    """Return what the agents see of the scripted episode at a time, without any disturbance."""
    work = np.array(WORKS[time], np.float32)
    turned = [np.roll(work, -agent) for agent in range(3)]
    shares = work / work.sum() if work.any() else np.zeros(3)
    jain = work.sum() ** 2 / (3 * (work**2).sum()) if work.any() else 1.0
    return np.array([[time, *own, *shares, jain] for own in turned], np.float32)


def many(env, episodes=4000):
    """Return the first states of many episodes."""
    return jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(1), episodes))


@pytest.mark.parametrize("delay", [1, 2, 4])
def test_a_late_observation_is_exactly_the_old_one(delay):
    for time, state in enumerate(followed(env := world(level=Level(delay=delay)))):
        np.testing.assert_allclose(env.observe(state), seen(max(time - delay, 0)), rtol=1e-6)


def test_without_delay_and_noise_everything_is_seen_as_it_is():
    for time, state in enumerate(followed(env := world(level=Level()))):
        np.testing.assert_allclose(env.observe(state), seen(time), rtol=1e-6)


def test_mask_global_state_and_workload_are_never_late_nor_noisy():
    env, plain = world(level=Level(delay=2, noise=0.5)), ShiftEnvironment()
    for state, clear in zip(followed(env), followed(plain), strict=True):
        np.testing.assert_array_equal(env.mask(state), plain.mask(clear))
        np.testing.assert_array_equal(env.global_state(state), plain.global_state(clear))
        np.testing.assert_array_equal(env.workload(state), plain.workload(clear))


def test_noise_has_the_stated_deviation_on_continuous_features_only():
    env = world(level=Level(noise=0.25))
    added = np.asarray(jax.vmap(env.observe)(many(env))) - seen(0)
    assert np.all(added[..., 0] == 0.0)  # the time is discrete
    parts = added[..., 1:].reshape(len(added), -1)
    np.testing.assert_allclose(parts.std(axis=0), 0.25, rtol=0.06)
    np.testing.assert_allclose(parts.mean(axis=0), 0.0, atol=0.02)
    np.testing.assert_allclose(np.corrcoef(parts.T), np.eye(parts.shape[1]), atol=0.08)


def test_noise_is_drawn_anew_in_each_step_even_under_the_same_key():
    env = world(level=Level(noise=0.25))
    first = env.reset(jax.random.key(0))
    second, _ = env.step(jax.random.key(0), first, jnp.zeros(3, jnp.int32))
    third, _ = env.step(jax.random.key(0), second, jnp.zeros(3, jnp.int32))
    added = [np.asarray(env.observe(state))[:, 1:] - seen(0)[:, 1:] for state in (first, second, third)]
    assert not np.isclose(added[0], added[1]).any()
    assert not np.isclose(added[1], added[2]).any()


def test_disturbances_are_drawn_for_each_episode_within_their_ranges():
    env = world(Disturbance(delay=(1, 3), noise=(0.05, 0.1), absence=0.3))
    states = many(env)
    assert np.bincount(states.delay).tolist()[0] == 0
    np.testing.assert_allclose(np.bincount(states.delay)[1:] / 4000, 1 / 3, atol=0.03)
    assert 0.05 <= states.noise.min() <= 0.051
    assert 0.099 <= states.noise.max() <= 0.1
    assert states.noise.mean() == pytest.approx(0.075, abs=0.001)
    absent = np.asarray(states.absent)
    assert absent.sum(axis=1).max() == 1
    np.testing.assert_allclose(absent.mean(axis=0), 0.1, atol=0.02)
    assert abs(np.corrcoef(states.delay, states.noise)[0, 1]) < 0.05


def test_a_draw_lasts_for_the_whole_episode():
    env = world(Disturbance(delay=(0, 3), noise=(0.0, 0.1), absence=0.9))
    first, *others = followed(env)
    for state in others:
        for name in ("delay", "noise", "absent"):
            np.testing.assert_array_equal(getattr(state, name), getattr(first, name))


def test_starts_and_steps_are_those_of_the_environment_inside():
    env, plain = world(Disturbance(delay=(0, 2), noise=(0.0, 0.1))), ShiftEnvironment()
    for state, clear in zip(followed(env, key=5), followed(plain, key=5), strict=True):
        assert jax.tree.all(jax.tree.map(jnp.array_equal, state.now, clear))


def test_an_idle_agent_does_nothing_and_can_do_nothing_else():
    env = world(level=Level(absent=(1,)))
    states = followed(env)
    np.testing.assert_array_equal(states[-1].now.work, [3, 0, 6])
    for state in states[1:]:
        np.testing.assert_array_equal(env.mask(state), [[True, True], [True, False], [True, True]])
    np.testing.assert_array_equal(env.present(states[0]), [True, False, True])


def test_a_lazy_agent_follows_its_policy_except_where_that_is_work():
    env = world(level=Level(absent=(2,), absent_behaviour="lazy"))
    states = followed(env)
    np.testing.assert_array_equal(states[-1].now.work, [3, 6, 0])
    np.testing.assert_array_equal(env.mask(states[1]), np.ones((3, 2), bool))
    np.testing.assert_array_equal(
        env.executed(jax.random.key(0), states[1], jnp.array([WORK, REST, WORK])), [WORK, REST, REST]
    )


def test_a_random_agent_does_all_that_is_possible_equally_often():
    env = world(level=Level(absent=(0,), absent_behaviour="random"))
    states = many(env)
    chosen = np.asarray(jax.vmap(env.executed, (None, 0, None))(jax.random.key(0), states, jnp.zeros(3, jnp.int32)))
    assert chosen[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    assert not chosen[:, 1:].any()
    # What it will do is all that its mask allows, so that no learner credits its policy with it.
    mask = np.asarray(jax.vmap(env.mask)(states))
    np.testing.assert_array_equal(mask[:, 0].argmax(axis=1), chosen[:, 0])
    assert (mask[:, 0].sum(axis=1) == 1).all()


def test_a_random_agent_does_nothing_that_is_impossible():
    env = world(level=Level(absent=(2,), absent_behaviour="random"))
    chosen = jax.vmap(env.executed, (None, 0, None))(jax.random.key(0), many(env), jnp.ones(3, jnp.int32))
    assert not np.asarray(chosen)[:, 2].any()


def test_nobody_is_told_who_is_absent():
    """The index that agents see is that of the whole team; the critic knows."""
    trained = Disturbance(absence=0.5)
    env = world(trained, Level(absent=(1,)))
    state = followed(env)[2]
    work = np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(env.observe(state)[0, 4:], [1, 0, 0, 1 / 3], rtol=1e-6)
    np.testing.assert_array_equal(env.global_state(state), [*work, 2, 0, 1, 0])


def test_own_last_actions_and_the_age_are_remembered_for_delay():
    env = world(Disturbance(delay=(0, 2)), Level(delay=1))
    states = followed(env)
    assert env.observation_size == SIGHT + 2 * 2 + 3
    remembered = np.asarray(env.observe(states[3]))[:, SIGHT:]
    # The last actions were (0, 0, 1) and, before, (1, 1, 0), each one-hot over rest and work; the age is 1 of 0, 1, 2.
    expected = [[1, 0, 0, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1, 0], [0, 1, 1, 0, 0, 1, 0]]
    np.testing.assert_array_equal(remembered, expected)
    # At the start there are no actions, and what is seen is not late yet.
    np.testing.assert_array_equal(np.asarray(env.observe(states[0]))[:, SIGHT:], [[0, 0, 0, 0, 1, 0, 0]] * 3)


def test_executed_actions_are_remembered_not_chosen_ones():
    env = world(Disturbance(delay=(0, 1), absence=0.5), Level(delay=1, absent=(1,)))
    remembered = np.asarray(env.observe(followed(env)[1]))[:, SIGHT : SIGHT + 2]
    np.testing.assert_array_equal(remembered, [[1, 0], [1, 0], [1, 0]])  # agent 1 wanted to work


def test_an_age_beyond_training_is_the_oldest_known_one():
    env = world(Disturbance(delay=(0, 1)), Level(delay=3))
    np.testing.assert_array_equal(np.asarray(env.observe(followed(env)[4]))[0, -2:], [0, 1])


def test_running_means_are_those_of_the_recursion():
    """The mean of all observations up to (k + 1) / 2 of them, then with the weight 2 / (k + 1)."""
    env = world(Disturbance(noise=(0.0, 0.1)), Level(noise=0.1))
    states = followed(env)
    sights = [np.asarray(env.observe(state))[:, :SIGHT] for state in states]
    found = np.asarray(env.observe(states[-1]))[:, SIGHT:].reshape(3, 2, SIGHT)
    fast = np.mean(sights[:2], axis=0)
    for sight in sights[2:]:
        fast = fast + 0.4 * (sight - fast)
    slow = np.mean(sights[:4], axis=0)
    for sight in sights[4:]:
        slow = slow + 2 / 9 * (sight - slow)
    np.testing.assert_allclose(found[:, 0], fast, rtol=1e-5)
    np.testing.assert_allclose(found[:, 1], slow, rtol=1e-5)


def test_means_lower_the_deviation_of_the_noise():
    """The variance of a long exponential mean with weight a is a / (2 - a): 1/4 and 1/8 for k = 4 and 8."""
    env = world(Disturbance(noise=(0.2, 0.2)))
    states = many(env)
    for _ in range(30):
        states, _ = jax.vmap(env.step, (None, 0, None))(jax.random.key(0), states, jnp.zeros(3, jnp.int32))
    means = np.asarray(jax.vmap(env.observe)(states))[:, 0, SIGHT:].reshape(-1, 2, SIGHT)
    for number, k in enumerate((4, 8)):
        np.testing.assert_allclose(means[:, number, 1:4].std(axis=0), 0.2 / np.sqrt(k), rtol=0.06)


def test_nothing_is_kept_that_no_disturbance_needs():
    for trained, kept in {
        Disturbance(delay=(0, 2)): {"past", "delay", "actions"},
        Disturbance(noise=(0.0, 0.1)): {"noise", "sight", "means"},
        Disturbance(absence=0.3): {"absent"},
    }.items():
        state = world(trained).reset(jax.random.key(0))
        there = {name for name, part in state._asdict().items() if part is not None}
        assert there == kept | {"now", "time", "luck"}


def test_the_predictor_sees_the_present():
    level = Level(delay=2, predict=True)
    for time, state in enumerate(followed(env := world(Disturbance(delay=(0, 2)), level))):
        seen_now = np.asarray(env.observe(state))
        np.testing.assert_allclose(seen_now[:, :SIGHT], seen(time), rtol=1e-6)
        np.testing.assert_array_equal(seen_now[:, -3:], [[1, 0, 0]] * 3)  # its age is 0


def test_the_predictor_needs_the_actions():
    """With other actions remembered it sees another present: it rolls the late state, and does not look."""
    env = world(level=Level(delay=2, predict=True))
    state = followed(env)[2]
    nothing = state._replace(actions=jnp.zeros_like(state.actions))
    np.testing.assert_allclose(np.asarray(env.observe(nothing))[0, :4], [2, 0, 0, 0])


def test_names_and_numbers_of_absent_agents():
    class Named(ShiftEnvironment):
        agent_names = ("ann", "bob", "cem")

    assert agents_of(Named(), ["cem", "ann", 0]) == (0, 2)
    assert agents_of(ShiftEnvironment(), ["agent_1"]) == (1,)
    with pytest.raises(InputError, match=r"^absent is 'bop'; did you mean 'bob'\?$"):
        agents_of(Named(), ["bop"])
    with pytest.raises(InputError, match=r"^absent is 3; it must be a whole number from 0 to 2$"):
        agents_of(Named(), [3])


def without(name):
    """Return the game without a declaration."""
    attributes = {key: value for key, value in vars(ShiftEnvironment).items() if key != name}
    return type("Bare", (), attributes)()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            lambda: Disturbance(delay=(2, 0)),
            r"disturbance.delay is from 2 to 0; the low end must not be above the high",
        ),
        (lambda: Disturbance(delay=-1), r"disturbance.delay is -1; it must be a whole number from 0 to 1,000"),
        (lambda: Disturbance(delay=(0, 1.5)), r"disturbance.delay is 1.5; it must be a whole number"),
        (lambda: Disturbance(delay=(0, 1, 2)), r"disturbance.delay is \(0, 1, 2\); it must be one number, or the low"),
        (lambda: Disturbance(noise=(0.1, 0.05)), r"disturbance.noise is from 0.1 to 0.05; the low end"),
        (lambda: Disturbance(noise=-0.1), r"disturbance.noise is -0.1; it must be a number from 0"),
        (lambda: Disturbance(noise=float("nan")), r"disturbance.noise is nan; it must be a number from 0"),
        (lambda: Disturbance(noise="much"), r"disturbance.noise is 'much'; it must be a number from 0"),
        (lambda: Disturbance(absence=1.5), r"disturbance.absence is 1.5; it must be a number from 0 to 1"),
        (lambda: Disturbance(absent_behaviour="lasy"), r"absent_behaviour is 'lasy'; did you mean 'lazy'"),
        (lambda: world(level=Level(delay=7)), r"delay is up to 7; episodes of ShiftEnvironment have at most 6 steps"),
        (
            lambda: world(level=Level(absent=(0, 1))),
            r"2 of 3 agents would be absent; at least 2 must be present, and no",
        ),
        (lambda: world(level=Level(predict=True)), r"predict is given without a delay; it rolls late states forward"),
        (lambda: Level(delay=1, noise=0.1, predict=True), r"which noise hides; leave out one of them"),
        (lambda: world(level=Level(noise=0.1), env=without("continuous")), r"Bare.continuous, 4 booleans, False for"),
        (lambda: world(level=Level(absent=(0,)), env=without("idle_action")), r"Bare has no idle_action, the number"),
        (lambda: world(level=Level(delay=1, predict=True), env=without("deterministic")), r"deterministic = True"),
    ],
)
def test_disturbances_that_make_no_sense_are_refused_in_one_line(asked, said):
    with pytest.raises(InputError, match=said) as refused:
        asked()
    assert "\n" not in str(refused.value)


def test_noise_on_discrete_features_is_refused():
    class Discrete(ShiftEnvironment):
        continuous = np.zeros(4, bool)

    with pytest.raises(InputError, match=r"noise is above 0, but all features that Discrete shows are discrete"):
        world(level=Level(noise=0.1), env=Discrete())

    class Wrong(ShiftEnvironment):
        continuous = np.zeros(3, bool)

    with pytest.raises(InputError, match=r"Wrong.continuous is bool \(3,\); it must be boolean \(4,\)"):
        world(level=Level(noise=0.1), env=Wrong())


def test_a_random_absent_agent_needs_no_idle_action():
    world(level=Level(absent=(0,), absent_behaviour="random"), env=without("idle_action"))


def test_what_a_team_was_not_trained_for_is_named():
    trained = Disturbance(delay=(0, 1), absence=0.2)
    assert unready(trained, Level(delay=1, absent=(0,))) == ""
    assert unready(trained, Level(delay=2, noise=0.1)) == "a delay this long, noise"
    assert unready(trained, Level(delay=2, predict=True)) == ""
    assert unready(Disturbance(), Level(absent=("a",))) == "absent agents"


def test_work_features_are_shares_and_index():
    found = np.asarray(work_features(CONSTRAINT, jnp.array([[1.0, 1.0, 2.0], [3e38, 0.0, 3e38]])))
    np.testing.assert_allclose(found, [[0.25, 0.25, 0.5, 16 / 18], [0.5, 0.0, 0.5, 2 / 3]], rtol=1e-6)


def test_a_number_stands_for_both_ends():
    assert Disturbance(delay=2, noise=0.1) == Disturbance(delay=(2, 2), noise=[0.1, 0.1])
    assert Disturbance(delay=np.array([0, 2])).delay == (0, 2)
    assert Disturbance().is_none
    assert not any(one.is_none for one in (Disturbance(delay=1), Disturbance(noise=0.1), Disturbance(absence=0.1)))
    assert dataclasses.asdict(Disturbance())["absent_behaviour"] == "idle"
    assert len(SCRIPT) + 1 == len(WORKS)
