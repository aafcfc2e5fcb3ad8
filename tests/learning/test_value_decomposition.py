"""The learners with replay, in a game of two steps that can be worked out by hand."""

from __future__ import annotations

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.first_states import first_states, seen_in

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint, Fixed, Telescoped
from evenhand.fairness import JainAtLeast
from evenhand.learning.build import learner_of
from evenhand.learning.config import Config
from evenhand.learning.environment import Outcome
from evenhand.learning.networks import IMPOSSIBLE, MIXERS, Utility
from evenhand.learning.replay_buffer import Transition, layout_of
from evenhand.learning.rollout import Starts
from evenhand.learning.settings import Exploration, ValueSettings
from evenhand.learning.team import Team
from evenhand.learning.training import train
from evenhand.learning.value_decomposition import Value

WORK = 1
ITERATIONS = 600
SMALL = ValueSettings(
    num_envs=16,
    num_steps=4,
    buffer_size=2_048,
    min_buffer_size=128,
    batch_size=256,
    window=2,
    target_update_rate=0.1,
    learning_rate=3e-3,
    hidden_size=16,
    num_layers=1,
    exploration=Exploration(floor=0.5, falls_until=0.5),
)


class Room(NamedTuple):
    """Which step it is, whether the second room was entered, who has worked how often."""

    time: jax.Array
    second: jax.Array
    worked: jax.Array


class TwoRooms:
    """Two agents, two steps. Resting pays 0.1 a step in the first room; who works there together enters the second.

    There, working together pays 1 and nothing else pays. So the best is to forgo 0.1 and then to earn 1; looking one
    step ahead, or not at all, earns 0.2. A third action never is possible.
    """

    n_agents, n_actions, horizon = 2, 3, 2
    observation_size, state_size = 5, 3

    def reset(self, key):
        """Begin in the first room."""
        del key
        return Room(jnp.int32(0), jnp.bool_(False), jnp.zeros(2, jnp.int32))

    def step(self, key, state, actions):
        """Move, and pay."""
        del key
        together = (actions == WORK).all()
        reward = jnp.where(state.second, 1.0 * together, 0.1 * ~together)
        last = state.time == 1
        success = last & state.second & together
        after = Room(state.time + 1, state.second | together, state.worked + (actions == WORK))
        return after, Outcome(reward, success, last & ~success)

    def global_state(self, state):
        """Tell step and room."""
        return jnp.stack([state.time == 0, state.time == 1, state.second]).astype(jnp.float32)

    def observe(self, state):
        """Tell who one is, step and room."""
        return jnp.concatenate([jnp.eye(2), jnp.tile(self.global_state(state), (2, 1))], axis=1)

    def mask(self, state):
        """Forbid the third action."""
        del state
        return jnp.tile(jnp.array([True, True, False]), (2, 1))

    def workload(self, state):
        """Count who has worked."""
        return state.worked.astype(jnp.float32)


def learner(mixer="vdn", conditioned=False, **changes):
    constraint = Constraint(JainAtLeast(0.85), 2)
    team = Team(TwoRooms(), constraint, Telescoped(constraint), cap=5.0)
    return Value(team, Fixed(0.0), conditioned, dataclasses.replace(SMALL, **changes), ITERATIONS, mixer)


@functools.cache
def learners():
    """Return the three learners, each with its compiled iteration: most tests share them."""
    values = {mixer: learner(mixer) for mixer in MIXERS}
    return {mixer: (value, jax.jit(value.iterate)) for mixer, value in values.items()}


def advanced(training, iterations, mixer="vdn"):
    iterate = learners()[mixer][1]
    for _ in range(iterations):
        training, _ = iterate(training)
    return training


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


@pytest.mark.parametrize(
    ("mixer", "doubt"),
    [
        pytest.param("vdn", 0.1, marks=pytest.mark.slow),
        ("qmix", 0.1),
        pytest.param("iql", 0.25, marks=pytest.mark.slow),
    ],
)
def test_finds_what_pays_only_in_the_second_step(mixer, doubt):
    """All three learn to forgo a reward for a larger one, and its worth; with IQL less what others explore away."""
    value = learners()[mixer][0]
    training = advanced(value.init(0), ITERATIONS, mixer)
    states, multiplier = first_states(value.team, 1), jnp.zeros(1)
    earned = 0.0
    for _ in range(2):
        actions = value.act(training.parameters, seen_in(value.team, states, multiplier))
        states, moved = value.team.step(jax.random.key(0), states, actions)
        earned += float(moved.reward[0])
    assert earned == 1.0
    start = seen_in(value.team, first_states(value.team, 1), multiplier)
    best = value.utilities(training.parameters, start).max(-1)
    worth = MIXERS[mixer]().apply(training.parameters["mixer"], best, start.world)
    np.testing.assert_allclose(worth, 1.0, atol=doubt)


def windows(length, actions, done):
    """Return one window that begins in the first room; working comes into the second at each of its steps."""
    steps = length + 1
    return Transition(
        states=Room(
            time=jnp.arange(steps, dtype=jnp.int32)[:, None],
            second=(jnp.arange(steps) > 0)[:, None],
            worked=jnp.tile(jnp.arange(steps, dtype=jnp.int32)[:, None, None], (1, 1, 2)),
        ),
        actions=jnp.array(actions, jnp.int32)[:, None],
        reward=jnp.array([0.25, 0.5, 7.0][:steps])[:, None],
        bonus=jnp.array([-0.5, 0.125, 9.0][:steps])[:, None],
        multiplier=jnp.full((steps, 1), 2.0),
        done=jnp.array(done)[:, None],
    )


def networks(value, seed):
    """Return random parameters that like the impossible action best."""
    parameters = value.init(seed).parameters
    flat = dict(parameters["utility"]["params"])
    flat["Dense_1"] = {**flat["Dense_1"], "bias": jnp.array([0.0, 0.0, 100.0])}
    return {**parameters, "utility": {"params": flat}}


def seen(value, parameters, batch, step):
    """Return utilities (n, A) with the mask, and what the mixer sees, in one step of a window."""
    states = jax.tree.map(lambda leaf: leaf[step], batch.states)
    view = seen_in(value.team, states, batch.multiplier[step])
    raw = Utility(3, SMALL.hidden_size, SMALL.num_layers).apply(parameters["utility"], view.agents)
    return np.where(view.mask, raw, IMPOSSIBLE)[0], view.world


def mixed(value, parameters, chosen, world):
    return np.asarray(MIXERS[value.mixer]().apply(parameters["mixer"], jnp.asarray(chosen)[None], world))[0]


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("done", [False, True])
def test_target_one_step_ahead(mixer, done):
    """Learn r + lambda b + gamma Q_target(s', argmax Q(s')), over possible actions; at an end r + lambda b."""
    value = learner(mixer, window=1, gae_lambda=0.0, discount=0.5)
    online, target = networks(value, 1), networks(value, 2)
    batch = windows(1, actions=[[0, 1], [0, 0]], done=[done, False])
    now, world = seen(value, online, batch, 0)
    choice = seen(value, online, batch, 1)[0].argmax(-1)
    lagging, next_world = seen(value, target, batch, 1)
    ahead = mixed(value, target, lagging[[0, 1], choice], next_world)
    expected = 0.25 + 2.0 * -0.5 + (0.0 if done else 0.5 * ahead)
    error = mixed(value, online, now[[0, 1], [0, 1]], world) - expected
    np.testing.assert_allclose(jax.jit(value.loss)(online, target, batch), np.square(error).mean(), rtol=1e-5)


@pytest.mark.parametrize("still_best", [True, False])
def test_traces_end_where_the_team_would_act_otherwise_now(still_best):
    """Two steps' rewards count where the second action is still the best, the target's value after the first if not."""
    value = learner(gae_lambda=1.0)
    online, target = networks(value, 1), networks(value, 2)
    batch = windows(2, actions=[[0, 1], [0, 0], [0, 0]], done=[False, False, False])
    best = seen(value, online, batch, 1)[0].argmax(-1)
    actions = best if still_best else np.array([best[0], 1 - best[1]])
    batch = batch._replace(actions=batch.actions.at[1, 0].set(actions))
    lagging = [mixed(value, target, *_best_by(value, online, target, batch, step)) for step in (1, 2)]
    second = 0.5 + 2.0 * 0.125 + lagging[1]
    first = 0.25 - 2.0 * 0.5 + (second if still_best else lagging[0])
    taken = []
    for step, action in ((0, [0, 1]), (1, actions)):
        utilities, world = seen(value, online, batch, step)
        taken.append(mixed(value, online, utilities[[0, 1], action], world))
    expected = np.square([taken[0] - first, taken[1] - second]).mean()
    np.testing.assert_allclose(jax.jit(value.loss)(online, target, batch), expected, rtol=1e-5)


def _best_by(value, online, target, batch, step):
    choice = seen(value, online, batch, step)[0].argmax(-1)
    utilities, world = seen(value, target, batch, step)
    return utilities[[0, 1], choice], world


def test_targets_have_no_gradient():
    """Only the actions taken are moved; what they are compared with stands still."""
    value = learner(window=1, gae_lambda=0.0)
    online = networks(value, 1)
    batch = windows(1, actions=[[0, 1], [0, 0]], done=[False, False])
    moved = jax.jit(jax.grad(value.loss, argnums=1))(online, networks(value, 2), batch)
    assert all(not leaf.any() for leaf in jax.tree.leaves(moved))


def test_the_target_network_follows():
    """In a fit, the target goes a tenth of the way from where it was to the new parameters."""
    value = learners()["vdn"][0]
    assert value.settings.fits == 1
    before = advanced(value.init(0), 3)
    after = advanced(before, 1)
    expected = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, before.target, after.parameters)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7), after.target, expected)
    assert not same(after.target, before.target)


def with_multipliers_in_ring(value, training, number):
    """Return a training whose ring says that everything was played under another multiplier."""
    layout = layout_of(training.players.states, 2)
    steps = layout.unpack(training.ring.rows)
    rows = layout.pack(steps._replace(multiplier=jnp.full_like(steps.multiplier, number)))
    return training._replace(ring=training.ring._replace(rows=rows))


def test_no_multiplier_of_another_time_is_replayed():
    """One multiplier for all: what the ring remembers of it changes nothing, the one in force does."""
    value = learners()["vdn"][0]
    training = advanced(value.init(0), 4)
    after = advanced(training, 1).parameters
    assert same(advanced(with_multipliers_in_ring(value, training, 3.0), 1).parameters, after)
    in_force = training._replace(dual=training.dual._replace(multiplier=jnp.float32(3.0)))
    assert not same(advanced(in_force, 1).parameters, after)


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_part_of_the_windows_is_judged_by_another_multiplier(part):
    """The others by their own; a window, whatever its episodes were played under, by one from beginning to end."""
    own = jnp.tile(7.0 + jnp.arange(2)[:, None], (1, 1_000))
    starts = Starts(jnp.float32(0.125), jnp.float32(0.5), jnp.float32(1.0))
    judged = np.asarray(learner(conditioned=True, relabelled=part).judged_by(jax.random.key(0), own, starts))
    kept = (judged == own).all(axis=0)
    np.testing.assert_allclose(1.0 - kept.mean(), part, atol=0.05)
    relabelled = judged[:, ~kept]
    assert (relabelled[0] == relabelled[1]).all()
    assert (relabelled <= 5.0).all()
    if part:
        np.testing.assert_allclose((relabelled[0] == 0.125).mean(), 0.5, atol=0.07)


def test_nothing_is_learned_before_there_is_enough():
    """Networks and optimiser stay until the ring holds the warm-up; then everything moves."""
    value = learners()["vdn"][0]
    start = value.init(0)
    first = advanced(start, 1)
    assert same((first.parameters, first.target, first.optimiser), (start.parameters, start.target, start.optimiser))
    second = advanced(first, 1)
    for part in ("parameters", "target", "optimiser"):
        assert not same(getattr(second, part), getattr(start, part))


@pytest.mark.parametrize(
    ("changes", "fits", "windows", "ratio"),
    [
        ({"batch_size": 64}, 4, 32, 4.0),
        ({"replay_ratio": 0.5}, 1, 16, 0.5),
        ({"replay_ratio": 32.0}, 8, 128, 32.0),
        ({"window": 3}, 1, 85, 3.984375),
    ],
)
def test_the_replay_ratio_is_what_is_replayed(changes, fits, windows, ratio):
    """16 episodes of 4 steps: the ratio asked for, as nearly as whole windows and fits allow, and stated as it is."""
    sizes = dataclasses.replace(SMALL, **changes)
    assert (sizes.fits, sizes.windows, sizes.replayed) == (fits, windows, ratio)


def test_a_ring_too_small_is_refused():
    """Windows of 8 steps and the one after need 9 steps of 16 episodes."""
    with pytest.raises(
        InputError, match=r"buffer_size is 143; windows of 8 steps of 16 environments need at least 144"
    ):
        learner(window=8, buffer_size=143)


def test_the_seed_decides_everything():
    """The same seed gives the same bits, another seed others."""
    one, again, other = (advanced(learners()["vdn"][0].init(seed), 5) for seed in (0, 0, 1))
    assert same(one, again)
    assert not same(one.parameters, other.parameters)


def test_a_broken_run_resumes_with_its_ring(tmp_path):
    """Broken and resumed by the front door, a run is the whole run: the checkpoint has ring and target network."""
    config = Config(learner="qmix", steps=2_000, value=SMALL)
    assert learner_of(config, TwoRooms()).mixer == "qmix"
    reports = []

    def stop(report):
        reports.append(report)
        if len(reports) == 12:
            raise KeyboardInterrupt

    train(config, env=TwoRooms(), folder=tmp_path / "run", progress=stop)
    resumed = train(config, env=TwoRooms(), folder=tmp_path / "run", resume=True)
    assert same(resumed.training, train(config, env=TwoRooms()).training)
