"""Finished teams whose sight is blurred or late, or one of whom does not cooperate, against what can be counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reproductions.fair_gne.defector import with_defector
from tests.learning.known_team import ALONE, IDLE, SHARED, KnownLearner

from evenhand.errors import InputError
from evenhand.learning import conditioning
from evenhand.learning.disturbance import inner, under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.episodes import play_episodes


@dataclass(frozen=True, eq=False)
class Replaceable:
    """The known policy as a learner whose team can be exchanged; it goes by what its agents see."""

    team: Any = field(default_factory=lambda: KnownLearner().team)

    def act(self, parameters, view):
        """Follow the table."""
        seen = view.agents[:, 0]
        world = jnp.concatenate([seen[:, :2], seen[:, -conditioning.SIZE :]], axis=-1)
        return KnownLearner().act(parameters, view._replace(world=world))


def played(learner, multiplier, episodes=200):
    """Return episodes by the size of the job."""
    some = play_episodes(learner, 0.0, np.full(episodes, multiplier), seed=3)
    keys = jax.vmap(lambda number: jax.random.fold_in(jax.random.key(3), number))(jnp.arange(episodes))
    size = np.asarray(jax.vmap(inner(learner.team.env).reset)(keys).size)
    return {job: some[size == job] for job in (2, 4)}


def facts(episodes):
    """Return what all of these episodes have in common."""
    rows = {
        (bool(success), int(steps), *work.tolist())
        for success, steps, work in zip(episodes.success, episodes.episode_steps, episodes.workload, strict=True)
    }
    assert len(rows) == 1
    return rows.pop()


def test_without_the_first_agent_a_shared_job_stays_undone():
    """The second does its half, 1 or 2 units, and waits for the first until the horizon."""
    some = played(with_defector(Replaceable(), 0, "idle"), SHARED)
    assert facts(some[2]) == (False, 6, 0.0, 1.0)
    assert facts(some[4]) == (False, 6, 0.0, 2.0)


def test_without_the_second_agent_the_first_does_all():
    """It begins when its turn comes, after 1 or 2 steps, and needs 1 or 2."""
    some = played(with_defector(Replaceable(), 1, "idle"), SHARED)
    assert facts(some[2]) == (True, 2, 2.0, 0.0)
    assert facts(some[4]) == (True, 4, 4.0, 0.0)


def test_leisure_is_idleness_where_the_policy_works_and_the_policy_where_it_does_not():
    some = played(with_defector(Replaceable(), 1, "leisure"), SHARED)
    assert facts(some[4]) == (True, 4, 4.0, 0.0)
    some = played(with_defector(Replaceable(), 1, "leisure"), ALONE)
    assert (facts(some[2]), facts(some[4])) == ((True, 1, 2.0, 0.0), (True, 2, 4.0, 0.0))


def test_a_random_agent_works_in_half_of_the_steps():
    """Beside idle others it succeeds with 1 of 6 coins at a job of 2 (63/64), 2 of 6 at a job of 4 (57/64)."""
    some = played(with_defector(Replaceable(), 0, "random"), IDLE, episodes=8000)
    for job, expected in ((2, 63 / 64), (4, 57 / 64)):
        assert some[job].success.mean() == pytest.approx(expected, abs=0.02)
    assert some[2].workload[:, 1].max() == 0.0


def test_a_step_late_the_second_agent_stops_a_step_late():
    """At a job of 2 it does both units; at 4 it does three, and the first the last one."""
    some = played(under(Replaceable(), Level(delay=1)), SHARED)
    assert facts(some[2]) == (True, 2, 0.0, 2.0)
    assert facts(some[4]) == (True, 4, 1.0, 3.0)


def test_no_noise_and_no_delay_change_nothing():
    some = played(under(Replaceable(), Level()), SHARED)
    assert facts(some[2]) == (True, 2, 1.0, 1.0)
    assert facts(some[4]) == (True, 3, 2.0, 2.0)


def test_noise_blurs_all_that_is_seen_but_the_multiplier():
    learner = under(Replaceable(), Level(noise=0.25))
    states = jax.vmap(learner.team.env.reset)(jax.random.split(jax.random.key(0), 4000))
    forces = jnp.full(4000, 0.5)
    blurred = learner.team.view(states, forces).agents
    clear = Replaceable().team.view(states.now, forces).agents
    added = np.asarray(blurred - clear)
    assert np.all(added[..., -conditioning.SIZE :] == 0.0)
    parts = added[..., : -conditioning.SIZE].reshape(4000, -1)
    np.testing.assert_allclose(parts.std(axis=0), 0.25, rtol=0.06)
    np.testing.assert_allclose(np.corrcoef(parts.T), np.eye(parts.shape[1]), atol=0.08)


def test_fairness_counts_a_defector():
    """The first alone does a job: beside an absent second that is perfectly fair, beside an idle member 1/2."""
    some = play_episodes(with_defector(Replaceable(), 1, "idle"), 0.0, np.full(50, SHARED), seed=3)
    np.testing.assert_allclose(some.jain, 0.5)


def test_defectors_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match=r"absent is 2; it must be a whole number from 0 to 1"):
        with_defector(Replaceable(), 2, "idle")
    with pytest.raises(InputError, match=r"kind is 'lazy'; known are random, idle, leisure"):
        with_defector(Replaceable(), 0, "lazy")
