"""A response that is trained beside a frozen team, in an environment in which the others are part of how it moves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.treating_team import STATIONS, TREAT, WAIT, run_of

from evenhand.errors import InputError
from evenhand.learning import conditioning
from evenhand.learning.build import learner_of
from evenhand.learning.certificates.team_certificate import certify_team
from evenhand.learning.certificates.trained_response import FrozenOthers, LearnedGain, learned_response
from evenhand.learning.check_environment import check
from evenhand.learning.config import Config
from evenhand.learning.entity_team import check_entities
from evenhand.learning.lottery import Lottery
from evenhand.learning.training import Run, train

ADA, BEN = 0, 1
CORNER = STATIONS.index("corner")


def played(env, state, own):
    """Return the last state of an episode in which the agent does `own`, and the other is told to go to the corner."""

    def one(state, action):
        actions = jnp.full(2, 1 + CORNER).at[env.agent].set(action)
        after, _ = env.step(jax.random.key(0), state, actions)
        return after, after

    return jax.jit(lambda state: jax.lax.scan(one, state, jnp.array(own)))(state)[0]


def test_the_others_follow_their_policy_whatever_the_learner_does_for_them():
    env = FrozenOthers(run_of(late=False), Lottery.always(0.0), ADA)
    first = jax.jit(env.reset)(jax.random.key(0))
    assert env.workload(played(env, first, [WAIT] * 3)).tolist() == [0.0, 2.0]  # Ben has done his breaths
    assert env.workload(played(env, first, [1, TREAT, TREAT])).tolist() == [2.0, 2.0]


def test_the_others_have_nothing_to_choose_and_the_multiplier_is_seen():
    env = FrozenOthers(run_of(late=False), Lottery(0.25, 1.0, 0.5), BEN)
    keys = jax.random.split(jax.random.key(1), 400)
    states = jax.jit(jax.vmap(env.reset))(keys)
    assert set(states.multiplier.tolist()) == {0.25, 1.0}
    assert (states.multiplier == 1.0).mean() == pytest.approx(0.5, abs=0.1)
    state = jax.tree.map(lambda part: part[0], states)
    assert env.mask(state)[ADA].tolist() == [True] + [False] * (env.n_actions - 1)
    assert env.mask(state)[BEN].tolist() == env.env.mask(state.inner)[BEN].tolist()
    expected = np.asarray(conditioning.features(state.multiplier, 1.0))
    for seen in (env.observe(state)[ADA], env.observe(state)[BEN], env.global_state(state)):
        assert np.asarray(seen[-conditioning.SIZE :]) == pytest.approx(expected)


@pytest.mark.slow
def test_it_keeps_the_protocol_of_environments():
    check(FrozenOthers(run_of(late=True), Lottery.always(0.0), ADA))


def test_an_agent_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="agent is 2; it must be a whole number from 0 to 1"):
        learned_response(run_of(late=True), 2)


@pytest.mark.slow
def test_a_learned_response_gains_nearly_what_the_exact_one_does():
    """Freely, the juniors of a lone expert leave their work to it; the certificate says how much they gain at most."""
    run = train(Config(scenario="lone-expert", steps=300_000, seed=0))
    found = certify_team(run)
    learned = learned_response(run, 1, found.lottery, steps=300_000)
    exact = found.certificate.agents[1]
    assert isinstance(learned, LearnedGain)
    assert learned.free_gain.low <= exact.free.gain.upper + 1e-9
    assert learned.free_gain.value >= 0.5 * exact.free.gain.lower
    assert learned.feasible_gain.low <= exact.feasible.gain.upper + 1e-9
    told = learned.to_dict()
    assert told["bound"] == "lower, estimated"
    assert 1 < len(told["training"]) <= 12


def test_a_response_beside_a_team_of_entities_sees_entities():
    """The response has the team's network: it sees entities, with the multiplier's features at the world's end."""
    config = Config(scenario="fair-gne", network="entity", shaping="smoothed")
    learner = learner_of(config)
    run = Run(config, learner, learner.blank(), (), False, 0.0, None)
    env = FrozenOthers(run, Lottery.always(0.5), ADA)
    check_entities(env)
    state = env.reset(jax.random.key(0))
    inside, seen = learner.team.env.entities(state.inner), env.entities(state)
    np.testing.assert_array_equal(seen.pairs, inside.pairs)
    np.testing.assert_array_equal(seen.world[: -conditioning.SIZE], inside.world)
    np.testing.assert_allclose(seen.world[-conditioning.SIZE :], conditioning.features(jnp.float32(0.5), 2.0))
    assert learner_of(config, env).team.shaper == learner.team.shaper  # an equal share of the same work
