"""The dual controller inside the training loop."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from evenhand.fair_gne import Ascent, Constraint
from evenhand.fairness import JainAtLeast
from evenhand.learning.control import first_dual, update_dual

FAIR, UNFAIR, IDLE = (1.0, 1.0), (2.0, 0.0), (0.0, 0.0)
"""Jain's index 1 and 1/2; and nobody has worked."""


class Rollout(NamedTuple):
    """What the controller looks at; arrays (T, B, ...)."""

    workload: jnp.ndarray
    controlled: jnp.ndarray
    done: jnp.ndarray
    present: None = None
    age: jnp.ndarray | float = 15.0


def rollout(workload, done, controlled=True, age=15.0):
    """Return a rollout of one episode after the other, side by side in columns."""
    done = jnp.asarray(done)
    return Rollout(jnp.asarray(workload), jnp.full(done.shape, controlled), done, age=jnp.full(done.shape, age))


def updates(cadence, form="expectation", controlled=True, success=1.0):
    """Return multiplier and number of changes after three steps of two episodes, two of which end unfairly."""
    controller = Ascent(1.0, cap=10.0, cadence=cadence, warm_up=0.9)
    constraint = Constraint(JainAtLeast(0.9), agents=2, form=form)
    ends = [[UNFAIR, FAIR], [UNFAIR, FAIR], [FAIR, UNFAIR]]
    seen = rollout(ends, [[True, False], [False, False], [False, True]], controlled)
    after = update_dual(controller, constraint, first_dual(controller), seen, jnp.float32(success))
    return float(after.multiplier), int(after.updates)


def test_a_cadence_of_one_episode_counts_inside_a_rollout():
    """Two episodes that end unfairly at different steps are two changes, each by 0.9 - 0.5."""
    multiplier, changes = updates(cadence=1)
    assert changes == 2
    assert multiplier == pytest.approx(0.8, abs=1e-6)


def test_a_longer_cadence_waits():
    """With a cadence of two episodes there is one change, by the mean violation; with three there is none."""
    multiplier, changes = updates(cadence=2)
    assert (changes, multiplier) == (1, pytest.approx(0.4, abs=1e-6))
    assert updates(cadence=3) == (0.0, 0)


def test_the_form_step_counts_all_steps():
    """Every step has one fair and one unfair episode: a mean index of 0.75, a violation of 0.15, three times."""
    multiplier, changes = updates(cadence=1, form="step")
    assert (changes, multiplier) == (3, pytest.approx(0.45, abs=1e-6))


def test_idle_teams_do_not_count_as_steps():
    """Beside one who works unfairly, idle episodes leave the violation of a cadence as it is: 0.9 - 0.5."""
    controller = Ascent(1.0, cap=10.0, cadence=2)
    constraint = Constraint(JainAtLeast(0.9), agents=2, form="step")
    seen = rollout([[UNFAIR, IDLE], [IDLE, IDLE], [UNFAIR, IDLE]], np.zeros((3, 2), bool))
    after = update_dual(controller, constraint, first_dual(controller), seen, jnp.float32(1.0))
    assert (float(after.multiplier), int(after.updates)) == (pytest.approx(0.4, abs=1e-6), 1)


def test_episodes_under_other_multipliers_do_not_count():
    """What happens under a drawn multiplier says nothing of the controller's."""
    assert updates(cadence=1, controlled=False) == (0.0, 0)
    assert np.isclose(updates(cadence=1)[0], 0.8)


def test_the_multiplier_waits_for_success():
    """While the team fails more often than the warm-up allows, there is no change."""
    assert updates(cadence=1, success=0.8) == (0.0, 0)


@pytest.mark.parametrize(
    ("age", "conditioned", "cadence", "changes"),
    [
        (5_000.0, False, 100, 1),  # 10,000 steps are two episodes
        (5_000.0, False, 1, 2),  # the cadence asked for is shorter
        (3_300.0, False, 100, 0),  # 10,000 steps are three episodes, of which two have ended
        (1_000.0, True, 100, 1),  # a fifth of ten episodes are counted
        (600.0, True, 100, 0),  # a fifth of seventeen: three
    ],
)
def test_long_episodes_shorten_the_cadence(age, conditioned, cadence, changes):
    """The multiplier changes at least every 10,000 steps: two episodes end, of a given mean length."""
    controller = Ascent(1.0, cap=10.0, cadence=cadence, warm_up=0.9)
    constraint = Constraint(JainAtLeast(0.9), agents=2)
    seen = rollout([[UNFAIR, UNFAIR], [UNFAIR, UNFAIR]], [[True, False], [False, True]], age=age)
    after = update_dual(controller, constraint, first_dual(controller), seen, jnp.float32(1.0), conditioned)
    assert int(after.updates) == changes
