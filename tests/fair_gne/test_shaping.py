"""Shaped rewards sum to what they claim, over random episodes of any length."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.fair_gne import (
    PID,
    ActionCountPenalty,
    Constraint,
    FairEfficient,
    GeneralisedGini,
    PerStep,
    Published,
    Smoothed,
    Telescoped,
    WorkloadPenalty,
    WorkloadSkillPenalty,
    shaped_reward,
)
from evenhand.fairness import EpsilonFairness, JainAtLeast
from evenhand.fairness.measures import gini, jain_index

JAIN = Constraint(JainAtLeast(0.85), agents=3)
LEVELS = ((3.0, 1.0), (1.0, 2.0), (1.0, 1.0))
increments = st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=30)


def walk(steps):
    """Return workloads (T + 1, 3) from rest; the last step may be a time-out, nothing marks it."""
    return np.concatenate([np.zeros((1, 3)), np.cumsum(np.array(steps, dtype=float), axis=0)])


@settings(deadline=None, max_examples=60)
@given(increments, st.floats(0.0, 50.0))
def test_telescoped_sums_to_the_lagrangian(steps, multiplier):
    """Rewards plus lambda (J(w_T) - 1), however long the episode is."""
    w = walk(steps)
    rewards = np.arange(len(steps), dtype=float)
    shaped = shaped_reward(Telescoped(JAIN), rewards, w[:-1], w[1:], multiplier)
    assert shaped.sum() == pytest.approx(rewards.sum() + multiplier * (float(jain_index(w[-1])) - 1.0), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(increments, st.floats(0.5, 1.0))
def test_telescoped_under_a_discount(steps, gamma):
    """Discounted bonuses sum to gamma^T J(w_T) - 1."""
    w = walk(steps)
    bonus = Telescoped(JAIN, gamma).bonus(w[:-1], w[1:])
    total = (gamma ** np.arange(len(steps)) * bonus).sum()
    assert total == pytest.approx(gamma ** len(steps) * float(jain_index(w[-1])) - 1.0, abs=1e-12)


def test_the_smoothed_index_by_hand():
    """With a unit added to each of three: J(2,1,1) = 8/9, J(2,2,1) = 25/27; a last step without work pays J(1,1,0)."""
    w = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]], dtype=float)
    bonus = Smoothed(JAIN, 1.0).bonus(w[:-1], w[1:], ended=np.array([False, False, True]))
    np.testing.assert_allclose(bonus, [-1 / 9, 1 / 27, 2 / 3 - 25 / 27], atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(increments, st.floats(0.1, 20.0), st.floats(0.5, 1.0))
def test_smoothed_and_telescoped_have_one_sum(steps, added, gamma):
    """Whatever is added, the discounted bonuses sum to gamma^T J(w_T) - 1, which is the sum of Telescoped."""
    w, ended = walk(steps), np.arange(len(steps)) == len(steps) - 1
    bonus = shaped_reward(Smoothed(JAIN, added, gamma), 0.0, w[:-1], w[1:], 1.0, ended=ended)
    total = (gamma ** np.arange(len(steps)) * bonus).sum()
    assert total == pytest.approx(gamma ** len(steps) * float(jain_index(w[-1])) - 1.0, abs=1e-12)


def test_the_share_form_settles_with_whether_the_episode_is_fair():
    """Before the end the smoothed index pays, at the end 1 or 0: J(1,1,0) = 2/3 misses .85."""
    share = Smoothed(Constraint(JainAtLeast(0.85), agents=3, form="share"), 1.0)
    before, after = np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0])
    assert share.bonus(before, after, ended=np.array(False)) == pytest.approx(1 / 27)
    assert share.bonus(before, after, ended=np.array(True)) == pytest.approx(0.0 - 8 / 9)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Smoothed(JAIN, 0.0), "added is 0.0; it must be above 0 and finite"),
        (lambda: Smoothed(JAIN, float("inf")), "added is inf; it must be above 0 and finite"),
        (lambda: Smoothed(JAIN, 1.0, 1.5), "gamma is 1.5; it must be above 0 and at most 1"),
        (lambda: Smoothed(JAIN, 1.0).bonus(np.zeros(3), np.ones(3)), "ended is None; the smoothed index needs to know"),
    ],
)
def test_what_the_smoothed_index_refuses(made, said):
    """One line says what is wrong."""
    with pytest.raises(InputError, match=re.escape(said)):
        made()


def test_the_published_reward_by_hand():
    """With tau = .85, lambda = 2: nothing at rest, then 1/3, 2/3, 1 less .85, twice."""
    w = np.array([[0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=float)
    shaped = shaped_reward(Published(JAIN), 0.5, w[:-1], w[1:], 2.0)
    np.testing.assert_allclose(shaped, [0.5, 0.5 + 2 * (1 / 3 - 0.85), 0.5 + 2 * (2 / 3 - 0.85), 0.5 + 2 * 0.15])
    other = Published(JAIN).bonus(w[0], w[2], tau=0.5)
    assert float(other) == pytest.approx(1 / 3 - 0.5)


def test_the_published_reward_pays_for_waiting():
    """A fair team that waits gains at every step as published, and nothing when telescoped."""
    fair = np.ones((10, 3))
    assert Published(JAIN).bonus(fair, fair).sum() == pytest.approx(1.5)
    assert Telescoped(JAIN).bonus(fair, fair).sum() == 0.0


def test_the_threshold_acts_on_the_multiplier_alone_where_the_module_says_so():
    """From [1, 0, 0] (index 1/3) to [1, 1, 0] (2/3): telescoped 1/3 at every tau; published 2/3 - tau."""
    before, after = np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0])
    steps = Constraint(JainAtLeast(0.85), 3, "step")
    for tau in (0.5, 0.6, 0.9):
        for constraint in (JAIN, steps):
            assert Telescoped(constraint).bonus(before, after, tau) == pytest.approx(1 / 3)
            assert PerStep(constraint).bonus(before, after, tau) == pytest.approx(2 / 3)
            assert constraint.violation(after, tau=tau) == pytest.approx(tau - 2 / 3)
        assert Published(JAIN).bonus(before, after, tau) == pytest.approx(2 / 3 - tau)
    share = Telescoped(Constraint(JainAtLeast(0.85), 3, "share"))
    assert [share.bonus(before, after, tau) for tau in (0.6, 0.9)] == [1.0, 0.0]


def test_the_share_of_fair_episodes_is_priced_as_a_share():
    """Under the form `share` an episode's bonuses sum to 0 where it ends fair, to -1 where not."""
    shaper = Telescoped(Constraint(JainAtLeast(0.85), 3, "share"))
    for steps, total in [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 0.0), ([[1, 0, 0], [0, 1, 0]], -1.0)]:
        w = walk(steps)
        assert shaper.bonus(w[:-1], w[1:]).sum() == total
    w = walk([[1, 0, 0], [0, 1, 0]])
    assert shaper.bonus(w[:-1], w[1:], tau=0.6).sum() == 0.0


def test_potentials_by_hand():
    """Hand-computed values at workloads (4, 1, 1) and at rest."""
    w, rest = np.array([4.0, 1.0, 1.0]), np.zeros(3)
    # |x_i - x_j| sums to 4 * 3 = 12; 12 / (2 * 3 * 6) = 1/3. Deviations 2, -1, -1 of a mean of 2.
    assert WorkloadPenalty().potential(w) == pytest.approx(-1 / 3)
    assert ActionCountPenalty().potential(w) == pytest.approx(-np.sqrt(0.5))
    # weights 4/7, 2/7, 1/7
    assert GeneralisedGini().potential(w) == pytest.approx(-(16 + 2 + 1) / 7)
    # mean 2 of 4: half efficient; relative loads 2, 1/2, 1/2
    rewards = FairEfficient(ceiling=4.0, epsilon=0.5).rewards(w)
    np.testing.assert_allclose(rewards, [0.5 / 1.5, 0.5 / 1.0, 0.5 / 1.0])
    assert FairEfficient(4.0, 0.5).potential(w) == pytest.approx(4 / 9)
    for penalty in (WorkloadPenalty(), ActionCountPenalty(), GeneralisedGini(), FairEfficient(4.0)):
        assert penalty.potential(rest) == 0.0


def test_skill_penalty_by_hand():
    """Agent 0 does two units of kind 1 where agent 1 is the expert, agent 1 one unit of its own kind."""
    units = np.zeros((3, 2))
    units[0, 1], units[1, 1] = 2.0, 1.0
    penalty = WorkloadSkillPenalty(LEVELS, alpha=0.25)
    # used 2*1 + 1*2 = 4 of 3*2 = 6; work (2, 1, 0): |differences| sum to 8, Gini 8 / (2*3*3)
    assert penalty.misalignment(units) == pytest.approx(1 / 3)
    assert penalty.potential(units) == pytest.approx(-(0.25 * 4 / 9 + 0.75 / 3))
    assert penalty.potential(np.zeros((3, 2))) == 0.0
    best = np.array([[5.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
    assert penalty.misalignment(best) == 0.0


@pytest.mark.parametrize("penalty", [WorkloadPenalty(), ActionCountPenalty(), GeneralisedGini(), FairEfficient(5.0)])
def test_penalties_telescope(penalty):
    """An episode's bonuses sum to the potential of its end; paid per step, to the sum of potentials."""
    w = walk([[1, 0, 0], [0, 2, 0], [0, 0, 0], [1, 1, 3]])
    total = Telescoped(penalty).bonus(w[:-1], w[1:]).sum()
    assert total == pytest.approx(float(penalty.potential(w[-1])), abs=1e-15)
    assert PerStep(penalty).bonus(w[:-1], w[1:]).sum() == pytest.approx(sum(map(penalty.potential, w[1:])))


def test_compiled_batches_agree_with_numpy():
    """Every shaper and potential gives the same inside jit, on batches of environments."""
    jax = pytest.importorskip("jax")
    before = np.random.default_rng(0).integers(0, 5, (16, 3)).astype(float) * (np.arange(16) > 3)[:, None]
    after = before + np.random.default_rng(1).integers(0, 2, (16, 3))
    priced = [JAIN, Constraint(EpsilonFairness(0.8, p=5), 3), Constraint(JainAtLeast(0.7), 3, "share")]
    penalties = [WorkloadPenalty(), ActionCountPenalty(), GeneralisedGini(), FairEfficient(5.0)]
    shapers = [Telescoped(p, 0.9) for p in [*priced, *penalties]] + [PerStep(penalties[0]), Published(JAIN)]
    for shaper in shapers:
        compiled = jax.jit(lambda *w, s=shaper: shaped_reward(s, 1.0, *w, 3.0))
        np.testing.assert_allclose(compiled(before, after), shaped_reward(shaper, 1.0, before, after, 3.0), atol=2e-5)
    units = np.random.default_rng(2).integers(0, 4, (16, 3, 2))
    skill = WorkloadSkillPenalty(LEVELS)
    np.testing.assert_allclose(jax.jit(skill.potential)(units), skill.potential(units), atol=1e-6)


def test_parts_may_be_static_arguments():
    """Constraints, controllers and shapers are hashable values: equal ones share a compiled program."""
    for make in (lambda: Telescoped(JAIN, 0.9), lambda: PID(kp=2.0), lambda: Telescoped(WorkloadSkillPenalty(LEVELS))):
        assert make() == make()
        assert hash(make()) == hash(make())


def test_whole_workloads_need_not_be_floats():
    """Integer workloads, as simulators count them, are fine."""
    w = np.array([4, 1, 1])
    assert Telescoped(WorkloadPenalty()).bonus(np.zeros(3, dtype=int), w) == -gini(w)
    assert Published(JAIN).bonus(w, w) == pytest.approx(36 / 54 - 0.85)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Telescoped(JAIN, gamma=0.0), "gamma is 0.0"),
        (lambda: Telescoped(JAIN, gamma=1.1), "gamma is 1.1"),
        (lambda: FairEfficient(ceiling=0.0), "ceiling is 0.0"),
        (lambda: FairEfficient(1.0, epsilon=-1.0), "epsilon is -1.0"),
        (lambda: WorkloadSkillPenalty(LEVELS, alpha=2.0), "alpha is 2.0"),
        (lambda: WorkloadSkillPenalty(((-1.0,),)), "none negative"),
    ],
)
def test_bad_input_is_named(make, words):
    """What is out of range is refused with its name and value."""
    with pytest.raises(InputError, match=words):
        make()


def test_shapers_price_fairness_among_those_present():
    """One of two present works a unit, then the other: 1, 1/2, 1; among three it would be 1, 1/3, 2/3."""
    constraint = Constraint(JainAtLeast(0.85), agents=3)
    walk, here = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]], [True, True, False]
    for shaper, expected in (
        (Telescoped(constraint), [-1 / 2, 1 / 2]),
        (PerStep(constraint), [1 / 2, 1]),
        (Published(constraint), [1 / 2 - 0.85, 1 - 0.85]),
    ):
        found = [float(shaper.bonus(*pair, present=here)) for pair in itertools.pairwise(walk)]
        assert found == pytest.approx(expected)
