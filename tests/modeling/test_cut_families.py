"""Cuts: they keep all that is fair, remove what is not, and lead to the optimum together."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, GiniAtMost, JainAtLeast
from evenhand.modeling.cut_families import Disaggregated
from evenhand.modeling.forms import Norm, form_of
from evenhand.modeling.joint import Joint
from evenhand.modeling.outer_approximation import Separator

NORMS = [EpsilonFairness(level, p) for p in (2, 2.5, 5, 10) for level in (0.3, 0.9, 0.99)] + [JainAtLeast(0.8)]


def fair_points(fairness, n, count, rng):
    """Draw loads and move each towards equal ones until it is fair."""
    points = []
    while len(points) < count:
        loads = rng.random(n) ** 3
        if not fairness.contains(loads):
            loads = fairness.supporting_point(loads)
        if fairness.contains(loads, 0.0):
            points.append(loads)
    return points


def parts_of(fairness, loads):
    """Return auxiliary values that fair loads allow: every power cone with slack or tight."""
    form = form_of(fairness, len(loads))
    assert isinstance(form, Norm)
    carried = form.weights * loads
    whole = float(form.multiple @ loads)
    parts = carried**form.order / whole ** (form.order - 1)
    return np.append(parts[:-1], whole - parts[:-1].sum())


@pytest.mark.parametrize("family", ["gradient", "supporting", "disaggregated"])
@pytest.mark.parametrize("fairness", NORMS, ids=repr)
def test_cuts_keep_the_fair_and_remove_the_unfair(fairness, family) -> None:
    rng = np.random.default_rng(2)
    n = 4
    separator = Separator(fairness, n, family)
    kept = fair_points(fairness, n, 200, rng)
    if separator.auxiliaries:
        kept = [np.concatenate([loads, parts_of(fairness, loads)]) for loads in kept]
    rows = [*separator.initial()]
    for _ in range(40):
        loads = rng.random(n) ** 4
        cuts = separator.cuts(loads)
        assert (len(cuts) == 0) == separator.satisfied(loads)
        if len(cuts) and not separator.auxiliaries:
            assert (cuts @ loads).min() < 0.0
        rows += [*cuts]
    for point in kept:
        assert (np.array(rows) @ point).min() >= -1e-9 * point.max()


@pytest.mark.parametrize("fairness", NORMS, ids=repr)
def test_tangents_touch_the_power_cones(fairness) -> None:
    """Where loads are as unequal as they may be, each cone w x <= k^(1/p) t^(1-1/p) is tight, and so is its tangent."""
    loads = fairness.supporting_point(np.array([9.0, 0.5, 0.6, 0.7]))
    parts = parts_of(fairness, loads)
    touched = parts >= 1e-4 * parts.sum()
    assert touched[0]
    touching = Disaggregated(fairness, 4).cuts(loads)[touched] @ np.concatenate([loads, parts])
    assert touching == pytest.approx(np.zeros(touched.sum()), abs=1e-9 * loads.max())


@pytest.mark.parametrize("fairness", NORMS[:-1], ids=repr)
def test_supporting_cuts_are_deeper_than_gradient_cuts(fairness) -> None:
    """Measured along the way to equal loads, the former reach the cone; the latter stop before it.

    (A deviation's gradient cut, such as Jain's, supports the cone wherever it is made.)
    """
    rng = np.random.default_rng(3)
    for _ in range(20):
        loads = rng.random(4) ** 4
        if fairness.contains(loads):
            continue
        edge = fairness.supporting_point(loads)
        [supporting] = Separator(fairness, 4, "supporting").cuts(loads)
        [gradient] = Separator(fairness, 4, "gradient").cuts(loads)
        assert supporting @ edge == pytest.approx(0.0, abs=1e-9)
        assert gradient @ edge > 0.0


def test_a_row_is_made_once() -> None:
    separator = Separator(EpsilonFairness(0.9), 3)
    loads = np.array([5.0, 1.0, 1.0])
    assert len(separator.cuts(loads)) == 1
    assert len(separator.cuts(2.0 * loads)) == 0, "the cone knows no scale"
    assert separator.made == 1


def test_two_cones_are_cut_side_by_side() -> None:
    first, second = EpsilonFairness(0.9, 3), GiniAtMost(0.1)
    joint = Joint([Separator(first, 2, "disaggregated"), Separator(second, 3)])
    assert (joint.n, joint.auxiliaries) == (5, 2)
    loads = np.array([1.0, 1.0, 5.0, 1.0, 1.0])
    cuts = joint.cuts(loads, np.array([0.5, 0.5]))
    assert not cuts[:, [0, 1, 5, 6]].any(), "the first cone is met"
    assert (cuts @ np.append(loads, [0.5, 0.5])).min() < 0.0
    assert joint.satisfied(np.ones(5))
    assert [rule.level for rule in joint.rules(loads)] == [1.0, pytest.approx(16 / (2 * 3 * 7))], "each of its own"
    assert joint.equalities().shape == (1, 7)


def test_what_has_no_power_cones_says_so() -> None:
    with pytest.raises(InputError, match="no power cones"):
        Separator(GiniAtMost(0.1), 3, "disaggregated")
    with pytest.raises(InputError, match="known are supporting, gradient, disaggregated"):
        Separator(GiniAtMost(0.1), 3, "tangent")
