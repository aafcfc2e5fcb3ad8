"""Tables of a network's actions: what the network does when it plays, read once in each state."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.first_states import first_states
from tests.learning.known_team import KnownEnvironment
from tests.learning.small_run import SMALL, untrained

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.vectorized import CountingHospital
from evenhand.learning.certificates.policy_tables import BATCHES, GreedyPolicy, refuse_others, team_states

EPISODES, MULTIPLIER = 32, 0.7


@pytest.fixture(scope="module")
def run():
    return untrained(SMALL)


def test_the_table_is_what_the_network_does_when_it_plays(run):
    team, force = run.learner.team, jnp.full(EPISODES, MULTIPLIER)
    states = first_states(team, EPISODES, 3)
    starts = np.concatenate([np.asarray(states.station), np.asarray(states.item_place)], axis=1)
    step = jax.jit(team.step)
    act = jax.jit(lambda states: run.learner.act(run.parameters, team.view(states, force)))
    reward = np.zeros(EPISODES)
    for _ in range(team.env.horizon):
        states, moved = step(jax.random.key(0), states, act(states))
        reward += np.asarray(moved.reward)

    table = team_states(run, MULTIPLIER)
    rows, lengths, _ = table.play()
    first = table.start_rows
    known = np.concatenate([first[:, : team.env.n_agents], first[:, table.columns.item_place :]], axis=1)
    number = {tuple(row[: starts.shape[1]]): k for k, row in enumerate(known.tolist())}
    chosen = [number[tuple(start)] for start in starts.tolist()]
    assert table.workload(rows, "actions")[chosen].tolist() == np.asarray(states.workload)[:, 1].tolist()
    assert rows[chosen, : team.env.n_agents].tolist() == np.asarray(states.station).tolist()
    assert lengths[chosen].tolist() == np.asarray(states.time).tolist()
    assert table.returns(rows, lengths)[chosen] == pytest.approx(reward, abs=1e-5)


def test_a_batch_is_padded_and_cut_up(run):
    policy = GreedyPolicy(run.learner, run.parameters, MULTIPLIER)
    rows = team_states(run, MULTIPLIER).start_rows
    many = np.concatenate([rows] * 40)
    assert BATCHES[0] < BATCHES[1] < len(many)
    once = policy(rows, 2)
    assert once.shape == (len(rows), 3)
    # Rounding may depend on the batch, so nearly all, and not all, must be the same.
    assert (policy(many, 2) == np.concatenate([once] * 40)).mean() > 0.99


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (KnownEnvironment, r"^KnownEnvironment: only the hospital's states are enumerated; .*FiniteGame.*LayeredGame"),
        (lambda: CountingHospital(hospital.load("lone-expert")), "^CountingHospital: its states have more than"),
        (lambda: hospital.make("ward/12", backend="jax"), r"^ward/12: [0-9,]+ possible starts, more than the 200,000"),
    ],
)
def test_environments_that_are_not_enumerated_are_refused_with_what_there_is(make, says):
    with pytest.raises(InputError, match=f"{says}.* lower bound on its gain$"):
        refuse_others(make())
