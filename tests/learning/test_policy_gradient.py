"""IPPO and MAPPO: draws, masks, critics and objective by hand; both learn to share; same seed, same bits."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.first_states import seen_in
from tests.learning.pump import names_of_the_game

from evenhand.errors import InputError
from evenhand.learning.build import learner_of
from evenhand.learning.config import Config
from evenhand.learning.evaluation import evaluate
from evenhand.learning.networks import Utility
from evenhand.learning.policy_gradient import _Batch, draw
from evenhand.learning.settings import PolicySettings
from evenhand.learning.team import View

Pump = names_of_the_game()["Pump"]
TINY = PolicySettings(num_envs=8, num_steps=4, num_minibatches=2, num_epochs=1, hidden_size=8, num_layers=1)


def learner(name, iterations=1, **settings):
    config = Config(learner=name, tau=0.85, policy=PolicySettings(**settings) if settings else TINY)
    return learner_of(config, Pump(), iterations)


@lru_cache
def fresh(name):
    """Return a small learner, its first parameters, and what it sees of eight new episodes."""
    one = learner(name)
    training = jax.jit(one.init)(0)
    return one, training.parameters, seen_in(one.team, training.players.states, training.players.multiplier)


@pytest.mark.parametrize("seed", range(3))
def test_draws_have_the_probabilities(seed):
    """The shares of 40,000 draws are within 4 standard errors; what has probability 0 is never drawn."""
    probabilities = jnp.array([[0.0, 0.5, 0.2, 0.0, 0.3, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]])
    drawn = np.asarray(draw(jax.random.key(seed), jnp.broadcast_to(probabilities, (40_000, 2, 6))))
    shares = np.stack([(drawn == action).mean(axis=0) for action in range(6)], axis=1)
    spread = np.sqrt(np.asarray(probabilities) * (1 - np.asarray(probabilities)) / 40_000)
    assert np.all(np.abs(shares - np.asarray(probabilities)) <= 4 * spread)


def test_the_mask_is_kept():
    """Masked actions have probability 0 and are not chosen greedily either, whatever the network prefers."""
    one, parameters, view = fresh("ippo")
    for action in (0, 1):
        masked = view._replace(mask=jnp.ones_like(view.mask).at[..., action].set(False))
        assert np.all(np.asarray(one.act(parameters, masked)) == 1 - action)
        assert np.all(np.exp(np.asarray(one.log_probs(parameters, masked)))[..., action] == 0.0)


@pytest.mark.parametrize(("name", "critics"), [("ippo", 3), ("mappo", 1)])
def test_the_critic_sees_what_its_name_says(name, critics):
    """IPPO's values follow the observations only, MAPPO's the world only."""
    one, parameters, view = fresh(name)
    values = one.values(parameters, view)
    assert values.shape == (8, critics)
    blind = View(view.agents * 0 + 1, view.world, view.mask) if critics == 1 else view._replace(world=view.world * 0)
    np.testing.assert_array_equal(one.values(parameters, blind), values)


def test_the_objective_by_hand():
    """Two samples of one agent each: one ratio within the clip, one beyond it; entropy and critic's error added."""
    one = learner("mappo", clip_range=0.2, entropy_coef=0.1, value_coef=0.5, hidden_size=8, num_layers=1)
    one = _Stub(one, log_probs=np.log([[[0.6, 0.4]], [[0.25, 0.75]]]), values=np.array([[1.0], [2.0]]))
    batch = _Batch(
        view=None,
        actions=jnp.array([[0], [1]]),
        log_prob=jnp.log(jnp.array([[0.5], [0.5]])),
        advantage=jnp.array([[-1.0], [1.0]]),
        returns=jnp.array([[2.0], [2.0]]),
    )
    # Ratios 1.2 and 1.5: the bad action's counts in full, the good one's only up to 1.2.
    gain = (-1.2 + 1.2) / 2
    entropy = -(0.6 * np.log(0.6) + 0.4 * np.log(0.4) + 0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / 2
    error = (1.0 + 0.0) / 2
    expected = 0.5 * error - gain - 0.1 * 0.5 * entropy
    assert float(one.loss(batch, left=0.5)) == pytest.approx(expected, abs=1e-5)


class _Stub:
    """The learner's objective with networks that answer what they are told."""

    def __init__(self, learner, log_probs, values):
        self.settings, self._surrogate = learner.settings, type(learner)._surrogate
        self.log_probs = lambda parameters, view: jnp.asarray(log_probs)
        self.values = lambda parameters, view: jnp.asarray(values)

    def loss(self, batch, left):
        """Return the loss of a batch."""
        return self._surrogate(self, left, None, batch)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("mappo", True),
        pytest.param("ippo", True, marks=pytest.mark.slow),
        pytest.param("mappo", False, marks=pytest.mark.slow),
    ],
)
def test_the_team_learns_to_share(name, share):
    """Quick and unfair without a multiplier, 3 steps; with one, even shares, 5. The same seed gives the same bits."""
    iterations = 120
    sizes = {"num_envs": 32, "num_steps": 16, "num_epochs": 2, "hidden_size": 32, "learning_rate": 3e-3}
    one = learner(name, iterations, share=share, **sizes)
    run = jax.jit(lambda seed: jax.lax.scan(lambda s, _: one.iterate(s), one.init(seed), None, length=iterations))
    training, metrics = run(0)
    quickest = evaluate(one, training.parameters, episodes=50, seed=0, multiplier=0.0)
    assert (quickest.episode_steps.value, quickest.jain.value) == (3.0, pytest.approx(1 / 3))
    fairest = evaluate(one, training.parameters, episodes=50, seed=0, multiplier=2.0)
    assert fairest.success.value == 1.0
    assert fairest.jain.value >= 0.85
    assert fairest.episode_steps.value <= 6.0
    assert float(metrics.success[-20:].sum() / metrics.episodes[-20:].sum()) >= 0.99
    again = run(0)[0]
    assert all(np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, (training, again)), strict=True))


def test_an_entity_network_is_shared():
    """It suits any number of agents, so that there is none for each."""
    with pytest.raises(InputError, match=r"^policy\.share is false; agents with an entity network share it"):
        Config(network="entity", policy={"share": False})


@pytest.mark.parametrize(("name", "critics"), [("ippo", 3), ("mappo", 1)])
def test_agents_that_share_nothing_have_a_network_each(name, critics):
    """Agent i's numbers are those of a network with its part of the parameters; the parts are drawn apart."""
    one = learner(name, share=False, num_envs=8, num_steps=4, hidden_size=8, num_layers=1)
    training = jax.jit(one.init)(0)
    view = seen_in(one.team, training.players.states, training.players.multiplier)
    alone = Utility(2, 8, 1)
    scores = np.stack(
        [
            alone.apply(jax.tree.map(lambda part, i=i: part[i], training.parameters["actor"]), view.agents[:, i])
            for i in range(3)
        ],
        axis=1,
    )
    np.testing.assert_allclose(one.log_probs(training.parameters, view), jax.nn.log_softmax(scores), atol=1e-5)
    assert one.values(training.parameters, view).shape == (8, critics)
    kernel = np.asarray(training.parameters["actor"]["params"]["Dense_0"]["kernel"])
    assert kernel.shape == (3, view.agents.shape[-1], 8)
    assert len({part.tobytes() for part in kernel}) == 3
    critic = training.parameters["critic"]["params"]["Dense_0"]["kernel"]
    assert critic.shape == ((3, *kernel.shape[1:]) if name == "ippo" else (view.world.shape[-1], 8))
    after, _ = jax.jit(one.iterate)(training)
    moved = np.asarray(after.parameters["actor"]["params"]["Dense_0"]["kernel"]) != kernel
    assert moved.any(axis=(1, 2)).all()
