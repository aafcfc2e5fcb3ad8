"""A player makes of what an environment shows what its team was trained on."""

from __future__ import annotations

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium import spaces
from tests.learning.eager_team import CONFIG, eager
from tests.learning.first_states import first_states
from tests.learning.host.host_camp import Camp
from tests.learning.host.test_host_game import Masked
from tests.learning.test_jaxmarl import Stones, all_taken, taken

from evenhand.errors import InputError
from evenhand.learning import FromJaxMARL, FromPettingZoo, export
from evenhand.learning.acting import description_of
from evenhand.learning.build import learner_of
from evenhand.learning.disturbance import under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.episodes import play_episodes
from evenhand.learning.host.episodes import _seed
from evenhand.learning.host.spaces import flattening
from evenhand.learning.run import Run
from evenhand.learning.senses import _rule
from evenhand.learning.settings import Disturbance
from evenhand.player import Player, load
from evenhand.player.flattening import flattened
from evenhand.player.lottery import Mixture, Vertex


def rule_in_json(space):
    """Return the rule for a space as it is after it has been written and read."""
    return json.loads(json.dumps(_rule(space)))


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(-5, 5, (2, 2), np.float32),
        spaces.Box(0, 255, (1, 2, 2), np.uint8),
        spaces.Box(np.array([5, 0]), np.array([5, 4]), dtype=np.int32),
        spaces.Box(0, 4, ()),
        spaces.Discrete(3),
        spaces.Discrete(3, start=-1),
        spaces.MultiDiscrete([2, 3]),
        spaces.MultiDiscrete([[2, 3], [4, 2]]),
        spaces.MultiBinary(3),
        spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 9, (1,)))),
        spaces.Dict({"b": spaces.Discrete(2), "a": spaces.Dict({"x": spaces.Box(0, 9, (2,))})}),
        spaces.Dict({"action_mask": spaces.Box(0, 1, (4,), np.int8), "observation": spaces.Box(0, 9, (1,))}),
    ],
)
def test_observations_are_flattened_as_in_training(space):
    """Bit for bit, in ten values of each kind of space; and where a value is an array, in a batch of them."""
    space.seed(0)
    flat, rule, values = flattening(space), rule_in_json(space), [space.sample() for _ in range(10)]
    rows = []
    for value in values:
        out = np.zeros(flat.size, np.float32)
        flat.write(value, out)
        np.testing.assert_array_equal(flattened(rule, value, "it"), out)
        rows.append(out)
    if isinstance(values[0], np.ndarray | np.integer):
        np.testing.assert_array_equal(flattened(rule, np.stack(values), "it"), rows)


@pytest.mark.parametrize(
    ("space", "value", "said"),
    [
        (spaces.Box(0, 1, (3,)), np.zeros(2), r"it is of the shape \(2,\); the team was trained on numbers"),
        (spaces.Box(0, 1, (3,)), "abc", r"it is a str; the team was trained on numbers"),
        (spaces.Box(0, 1, (3,)), [1, np.nan, 0], "it holds nan; it must hold finite numbers"),
        (spaces.Discrete(3), 3, "it holds a number that is not in its space"),
        (spaces.Discrete(3), 0.5, "it holds a number that is not in its space"),
        (spaces.MultiDiscrete([2, 3]), np.array([0, -1]), "it holds a number that is not in its space"),
        (spaces.Dict({"a": spaces.Discrete(2)}), {"b": 1}, "it lacks its part 'a'"),
        (spaces.Tuple((spaces.Discrete(2),)), (), "it lacks its part 0"),
        (spaces.Tuple((spaces.Discrete(2),)), None, "it lacks its part 0"),
    ],
)  # fmt: skip
def test_observations_of_another_space_are_refused_in_a_line(space, value, said):
    with pytest.raises(InputError, match=f"^{said}"):
        flattened(rule_in_json(space), value, "it")


def camp_run(make, learner="mappo"):
    """Return an untrained run in a camp, inclined to carry logs."""
    trained = learner_of(dataclasses.replace(CONFIG, learner=learner), FromPettingZoo(make, workers=0))
    training = trained.init(0)
    training.parameters["actor"]["params"]["Dense_1"]["bias"] += jnp.array([0.0, 0.5, 0.8])[
        : trained.team.env.n_actions
    ]
    return Run(CONFIG, trained, training, (), False, 0.0, None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Camp(leaves=True, masks=True),
        lambda: Camp(days=6, leaves=True),
        lambda: Camp(reports=False),
        Masked,
    ],
    ids=["masks and leaving", "leaving", "counted actions", "masks in observations"],
)
def test_a_loop_over_a_pettingzoo_environment_is_an_evaluation(make, tmp_path, monkeypatch):
    """By a run's player and by an exported one: steps, rewards and work of ten episodes, each the second in a row."""
    monkeypatch.setattr("evenhand.learning.exporting.curve_of", lambda *_: [Vertex(0.7, 0.9, 0.1, 500)])
    run = camp_run(make)
    multipliers = np.linspace(0.0, 2.0, 10)
    played = play_episodes(run.learner, run.parameters, multipliers, seed=3)
    path = export(run, tmp_path / "team.safetensors")
    for number, multiplier in enumerate(multipliers):
        for player in (run.player(multiplier=multiplier), load(path, multiplier=multiplier)):
            for seed in (0, _seed(3, number)):
                env = make()
                observations, infos = env.reset(seed=seed)
                player.reset()
                steps, reward = 0, 0.0
                while env.agents:
                    actions = player.act(observations, infos)
                    assert set(actions) == set(env.agents)
                    observations, rewards, _, _, infos = env.step(actions)
                    observations = {agent: observations[agent] for agent in env.agents}
                    steps, reward = steps + 1, reward + sum(rewards.values()) / 2
            assert (steps, reward) == (played.episode_steps[number], played.reward[number])
            if env.reports:
                assert list(env.logs.values()) == played.workload[number].tolist()
    assert played.workload.any() or make is Masked


def test_an_agent_that_has_left_may_not_come_back_under_another_name():
    player = camp_run(lambda: Camp(leaves=True)).player(multiplier=0.0)
    seen, infos = {"ann": [0, 1], "bob": [0, 1, 0]}, {"ann": {"workload": 0}, "bob": {"workload": 0}}
    player.act(seen, infos)
    with pytest.raises(InputError, match=r"^'eve' is no agent of the team; its agents are ann, bob$"):
        player.act({"bob": [0, 1, 0], "eve": [0, 1]}, infos)
    with pytest.raises(InputError, match=r"^there are no observations; act where an episode is under way$"):
        player.act({}, {})
    with pytest.raises(InputError, match=r"^the observation of 'bob' is of the shape \(2,\); the team was trained on "):
        player.act({"ann": [0, 1], "bob": [0, 1]}, infos)
    with pytest.raises(InputError, match=r"^the observation of 'bob' is not of as many episodes as that of 'ann'$"):
        player.act({"ann": [0, 1], "bob": [[0, 1, 0]]}, infos)


def test_what_a_jaxmarl_environment_shows_is_read_as_its_adapter_does():
    """Padded, with the agent's identity and the time left; the smaller agent has fewer actions."""
    env = FromJaxMARL(Stones(), taken, all_taken)
    learner = learner_of(dataclasses.replace(CONFIG, learner="vdn"), env)
    run = Run(CONFIG, learner, learner.init(0), (), False, 0.0, None)
    player = run.player(multiplier=0.5)
    state = env.reset(jax.random.key(0))
    for step in range(3):
        view = learner.team.view(jax.tree.map(lambda part: part[None], state), jnp.full(1, 0.5))
        expected = np.asarray(learner.act(run.parameters, view))[0]
        masks = dict(zip(env.env.agents, np.asarray(env.mask(state)), strict=True))
        actions = player.act(env.env.see(state.inner), workload=np.asarray(state.work), mask=masks)
        assert list(actions.values()) == expected.tolist(), step
        state, _ = env.step(jax.random.key(step), state, jnp.array(expected))


@pytest.mark.parametrize("delay", [2, *(pytest.param(late, marks=pytest.mark.slow) for late in (0, 1))])
def test_what_is_remembered_is_what_was_trained(delay):
    """In two batches of four episodes of random play, whose observations are late: the same inputs at every step."""
    trained = Disturbance(delay=(0, 2), noise=(0.0, 0.1))
    run = eager(disturbance=trained)
    team = under(run.learner, Level(delay=(delay, delay))).team
    env, inside = team.env, team.env.env

    class Given:
        """A policy that does as it is told, and remembers what it has seen."""

        def __call__(self, agents, mask):
            self.agents = agents
            return self.actions

    policy = Given()
    player = Player(description_of(run), policy, Mixture(0.5, 0.5, 0.0, 0.0, 0.0))
    step, viewed, observed = jax.jit(team.step), jax.jit(team.view), jax.jit(jax.vmap(inside.observe))
    for episode in range(2):
        states, past = first_states(team, 4, episode), []
        player.reset()
        for time in range(env.horizon):
            view = viewed(states, jnp.full(4, 0.5))
            past.append(states.now)
            old = past[max(0, time - delay)]
            key = jax.random.key(100 * episode + time)
            policy.actions = np.asarray(jax.random.categorical(key, jnp.where(view.mask, 0.0, -jnp.inf)))
            player.act(
                np.asarray(observed(old)),
                workload=np.asarray(jax.vmap(inside.workload)(old)),
                mask=np.asarray(view.mask),
                age=min(delay, time),
            )
            assert policy.agents.shape == view.agents.shape
            np.testing.assert_allclose(policy.agents, view.agents, atol=2e-6)
            states, _ = step(key, states, jnp.asarray(policy.actions, jnp.int32))
    assert np.abs(view.agents[..., env.sight_size :]).max() > 0.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"age": -1}, "age is -1; it must be a whole number of steps from 0, or one for each episode"),
        ({"age": 1.5}, "age is 1.5; it must be a whole number of steps"),
        ({"age": [0, 1]}, r"age is \[0, 1\]; it must be a whole number of steps from 0, or one for each episode"),
        ({"age": 1}, r"age is given, and the team was not trained under a delay \(delay = 0\); leave it out"),
    ],
)
def test_an_age_that_makes_no_sense_is_refused(given, said):
    run = eager(disturbance=Disturbance(delay=(0, 2) if given["age"] != 1 else (0, 0)))
    seen = np.zeros(
        (2, run.learner.team.env.env.observation_size if given["age"] != 1 else run.learner.team.env.observation_size)
    )
    with pytest.raises(InputError, match=f"^{said}"):
        run.act(seen, multiplier=0.0, workload=[0, 0], mask=np.ones((2, 7)), **given)


def test_a_team_trained_with_noise_is_told_the_work():
    """Work in noisy observations is noisy; without noise it is read from them, as late as they are."""
    run = eager(disturbance=Disturbance(noise=(0.0, 0.1)))
    seen = np.zeros((2, run.learner.team.env.env.observation_size))
    with pytest.raises(
        InputError, match=r"^the team sees how much each agent has worked since the episode began: pass"
    ):
        run.act(seen, multiplier=0.0, mask=np.ones((2, 7)))
    assert run.act(seen, multiplier=0.0, mask=np.ones((2, 7)), workload=[0, 0]).shape == (2,)
