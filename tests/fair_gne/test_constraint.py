"""The constraint's three forms, their thresholds, and what they refuse."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint, cv_of_jain, from_dict, worked
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast

FAIR, ALONE, IDLE = [2.0, 2.0, 2.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]
FORMS = ("expectation", "share", "step")


def jain(tau=0.85, **options):
    return Constraint(JainAtLeast(tau), agents=3, **options)


def test_the_three_forms_by_hand():
    """Half of the episodes fair, half done by one of three: E[J] = 2/3, the share 1/2."""
    ends = np.array([FAIR, ALONE])
    assert jain().violation(ends) == pytest.approx(0.85 - 2 / 3, abs=1e-15)
    assert jain(form="share", delta=0.1).violation(ends) == pytest.approx(0.9 - 0.5, abs=1e-15)
    assert jain(form="step").violation([IDLE, IDLE, *ends]) == pytest.approx(0.85 - 2 / 3, abs=1e-15)


def test_taking_turns_is_not_fair():
    """Each of three agents does everything in a third of the episodes: J(E[w]) = 1, and E[J] = 1/3."""
    turns = 3.0 * np.eye(3)
    constraint = jain()
    assert constraint.index(turns.mean(axis=0)) == 1.0
    assert constraint.violation(turns) == pytest.approx(0.85 - 1 / 3)


def test_an_expected_cv_is_bounded_as_a_cv():
    """CVs 0 and sqrt(2) have the mean sqrt(2)/2; the violation is affine in it."""
    constraint = Constraint(CVAtMost(0.5), agents=3)
    expected = (math.sqrt(2.0) / 2.0 - 0.5) / math.sqrt(2.0)
    assert constraint.violation([FAIR, ALONE]) == pytest.approx(expected, abs=1e-14)


def test_weights_pick_the_episodes_that_ended():
    """Vectors of weight 0 do not count; a batch without any episode has no violation."""
    batch = np.array([[FAIR, ALONE], [IDLE, ALONE]])
    ended = np.array([[1, 0], [0, 1]])
    for form in FORMS:
        picked = jain(form=form).violation(np.array([FAIR, ALONE]))
        assert jain(form=form).violation(batch, weights=ended) == pytest.approx(float(picked), abs=1e-15)
        assert jain(form=form).violation(batch, weights=np.zeros((2, 2))) == 0.0


def test_the_mean_potential_decides():
    """In every form, target minus the mean potential is the violation."""
    ends = np.random.default_rng(1).integers(0, 4, (50, 3)).astype(float)
    ends = ends[worked(ends)]
    for form in FORMS:
        constraint = jain(form=form)
        assert constraint.violation(ends) == pytest.approx(constraint.target() - constraint.potential(ends).mean())


@pytest.mark.parametrize(("tau", "cv"), [(0.55, 0.905), (0.65, 0.734), (0.75, 0.577), (0.85, 0.420)])
def test_the_papers_thresholds_as_a_cv(tau, cv):
    """A threshold on Jain's index is one on the CV of a vector, as the paper's table has it."""
    assert cv_of_jain(tau) == pytest.approx(cv, abs=5e-4)
    ends = np.random.default_rng(2).integers(0, 9, (500, 3)).astype(float)
    of_cv = Constraint(CVAtMost(cv_of_jain(tau)), agents=3)
    epsilon = (math.sqrt(3 * tau) - 1) / (math.sqrt(3) - 1)
    of_level = Constraint(EpsilonFairness(epsilon, p=2), agents=3)
    np.testing.assert_array_equal(jain(tau).satisfied(ends), of_cv.satisfied(ends))
    np.testing.assert_array_equal(jain(tau).satisfied(ends), of_level.satisfied(ends))
    np.testing.assert_array_equal(jain(tau).satisfied(ends), JainAtLeast(tau).contains(ends))


def test_rounding_is_forgiven_in_single_precision():
    """(2, 1, 1) has index 16/18: it meets a threshold of exactly 8/9 in either precision."""
    constraint = jain(8 / 9)
    for dtype in (np.float32, np.float64):
        assert constraint.satisfied(np.array([2, 1, 1], dtype=dtype))
    assert not constraint.satisfied(np.array([2, 1, 1]), tau=8 / 9 + 1e-5)


def test_compiled_with_a_threshold_that_changes():
    """The threshold may be an argument of a compiled function; all forms agree with NumPy."""
    jax = pytest.importorskip("jax")
    ends = np.random.default_rng(3).integers(0, 5, (64, 3)).astype(np.float32)
    weights = np.random.default_rng(4).integers(0, 2, 64).astype(bool)
    for form in FORMS:
        constraint = jain(form=form)
        compiled = jax.jit(lambda w, tau, c=constraint: c.violation(w, tau=tau, weights=weights))
        for tau in (0.6, 0.95):
            expected = constraint.violation(ends, tau=tau, weights=weights)
            assert float(compiled(ends, tau)) == pytest.approx(float(expected), abs=1e-6)


def test_thresholds_of_other_parameters():
    """The parameter keeps its own unit, the threshold that of the index."""
    constraint = Constraint(GiniAtMost(0.2), agents=3)
    assert constraint.tau == pytest.approx(1 - 0.2 / (2 / 3))
    assert constraint.with_parameter(0.1).tau == pytest.approx(1 - 0.1 / (2 / 3))
    assert jain(0.6).tau == 0.6


@pytest.mark.parametrize("form", FORMS)
def test_round_trip_through_json(form):
    """A constraint comes back from JSON as it was."""
    constraint = Constraint(EpsilonFairness(0.7, p=math.inf, entitlements=(1, 1, 2)), 3, form, delta=0.2)
    assert from_dict(json.loads(json.dumps(constraint.to_dict()))) == constraint


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: jain(1 / 3), "0.333333"),
        (lambda: jain(0.2), "asks nothing of 3 agents"),
        (lambda: jain(1.2), "jain is 1.2"),
        (lambda: jain(math.nan), "jain is nan"),
        (lambda: Constraint(CVAtMost(1.5), agents=3), "1.41421"),
        (lambda: Constraint(EpsilonFairness(0.0), agents=3), "asks nothing"),
        (lambda: jain(form="always"), "expectation, share, step"),
        (lambda: jain(form="share", delta=0.0), "delta is 0.0"),
        (lambda: Constraint(JainAtLeast(0.9), agents=1), "agents is 1"),
        (lambda: Constraint(JainAtLeast(0.9, entitlements=(1, 2)), agents=3), "for 2 agents"),
        (lambda: from_dict({"agents": 3}), "cannot be read"),
    ],
)
def test_bad_input_is_named(make, words):
    """A bound that asks nothing, and what is out of range, is refused with the value and what would be right."""
    with pytest.raises(InputError, match=words):
        make()


def test_a_number_of_agents_is_a_whole_number_of_python_or_numpy():
    """No truth and no text."""
    assert Constraint(JainAtLeast(0.85), np.int64(3)) == Constraint(JainAtLeast(0.85), 3)
    for agents in (True, np.bool_(True), "3", 2.5, None):
        with pytest.raises(InputError, match=r"^agents is .*a whole number from 2$"):
            Constraint(JainAtLeast(0.85), agents)


def test_the_three_forms_among_those_present_by_hand():
    """The third agent is absent from the first two episodes, where the others share 1 to 1 and 3 to 0."""
    ends = np.array([[1.0, 1.0, 5.0], [3.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
    here = np.array([[True, True, False], [True, True, False], [True, True, True]])
    mean = (1 + 1 / 2 + 1) / 3
    assert jain().violation(ends, present=here) == pytest.approx(0.85 - mean)
    assert jain(form="share", delta=0.1).violation(ends, present=here) == pytest.approx(0.9 - 2 / 3)
    # In a step in which only the absent has worked, nobody has.
    steps, who = np.array([*ends, [0.0, 0.0, 4.0]]), np.array([*here, [True, True, False]])
    assert jain(form="step").violation(steps, present=who) == pytest.approx(0.85 - mean)
    np.testing.assert_array_equal(worked(steps, who), [True, True, True, False])
    np.testing.assert_array_equal(jain().satisfied(ends, present=here), [True, False, True])
    np.testing.assert_allclose(jain().potential(ends, present=here), [1, 1 / 2, 1])
