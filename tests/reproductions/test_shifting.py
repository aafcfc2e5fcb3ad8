"""Exchanged skills: the same game as a hospital whose agents were written down in the other order."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from reproductions.fair_gne.shifting import ShiftingHospital, distinct_rosters

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.vectorized import VectorizedHospital, random_actions
from evenhand.hospital.vectorized.rules import with_targets

LONE = hospital.load("lone-expert/default")
SWAPPED = (1, 0, 2)


def walk(env, state, start, steps):
    """Return the states after each of some random steps, which hang on the step's number and the mask alone."""
    step = jax.jit(env.step)
    states = []
    for number in range(start, start + steps):
        key = jax.random.key(number)
        state, _ = step(key, state, random_actions(key, env.mask(state)))
        states.append(state)
    return states


def same(one, other):
    """Tell whether two states of the rules are the same."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def exchanged():
    """Return the lone expert's hospital with the skills of the first two agents written down the other way round."""
    first, second, third = LONE.agents
    agents = (
        first.model_copy(update={"skills": second.skills}),
        second.model_copy(update={"skills": first.skills}),
        third,
    )
    return VectorizedHospital(LONE.model_copy(update={"agents": agents}))


def test_a_lone_expert_can_be_one_of_three():
    assert distinct_rosters(LONE) == [(0, 1, 2), (1, 0, 2), (1, 2, 0)]


def test_a_roster_is_a_team_written_down_in_another_order():
    env, plain = ShiftingHospital(LONE, [SWAPPED]), exchanged()
    state = env.reset(jax.random.key(1))
    theirs = walk(plain, state.inner, 0, 40)
    ours = walk(env, state, 0, 40)
    assert all(same(one.inner, other) for one, other in zip(ours, theirs, strict=True))
    assert int(theirs[-1].remaining.sum()) < 20  # something was done
    np.testing.assert_array_equal(env.observe(ours[-1]), plain.observe(theirs[-1]))
    np.testing.assert_array_equal(env.global_state(ours[-1]), plain.global_state(theirs[-1]))


def test_from_the_step_of_the_change_on_the_others_skills_count():
    env, own, other = ShiftingHospital(LONE, [SWAPPED], shift=5), VectorizedHospital(LONE), exchanged()
    state = env.reset(jax.random.key(1))
    ours = walk(env, state, 0, 30)
    before = walk(own, state.inner, 0, 5)
    assert all(same(one.inner, two) for one, two in zip(ours[:4], before[:4], strict=True))
    after = walk(other, with_targets(before[4], other.tables), 5, 25)
    assert all(same(one.inner, two) for one, two in zip(ours[5:], after, strict=True))


def test_all_rosters_come_up():
    env = ShiftingHospital(LONE)
    drawn = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), 300)).roster
    rosters, counts = np.unique(np.asarray(drawn), axis=0, return_counts=True)
    assert rosters.tolist() == [[0, 1, 2], [1, 0, 2], [1, 2, 0]]
    assert counts.min() > 70


@pytest.mark.parametrize(
    ("rosters", "shift", "message"),
    [
        ([(0, 0, 1)], None, r"roster \(0, 0, 1\) is no permutation of the agents 0 to 2"),
        ([], None, "rosters is empty; it takes at least one"),
        ([SWAPPED], 0, "shift is 0; it must be a step from 1"),
    ],
)
def test_what_makes_no_sense_is_refused(rosters, shift, message):
    with pytest.raises(InputError, match=message):
        ShiftingHospital(LONE, rosters, shift)


def test_large_teams_have_too_many_rosters():
    with pytest.raises(InputError, match=r"ward/12 has 12 agents; rosters are listed up to 6"):
        ShiftingHospital(hospital.load("ward/12"))
