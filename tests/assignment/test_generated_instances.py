"""Generated instances are what their descriptions say."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from evenhand.assignment.generated_instances import generate_nursing, generate_plane
from evenhand.errors import InputError
from evenhand.tables.visit_times import times_of


def test_the_plane_has_distances_between_points_of_the_field():
    table = generate_plane(5, 250, seed=1).costs
    assert table.values.shape == (5, 250)
    for points in (table.agent_xy, table.task_xy):
        assert (points >= 0).all()
        assert (points <= (80, 100)).all()
        assert (points == np.round(points, 2)).all()
    (ax, ay), (tx, ty) = table.agent_xy[3], table.task_xy[77]
    assert table.values[3, 77] == round(math.hypot(ax - tx, ay - ty), 4)


@pytest.mark.parametrize("generate", [generate_plane, generate_nursing])
def test_a_seed_names_one_instance(generate):
    first, again, other = generate(4, 30, seed=7), generate(4, 30, seed=7), generate(4, 30, seed=8)
    assert (first.costs.values == again.costs.values).all()
    assert first.costs.tasks == again.costs.tasks
    assert (first.costs.values != other.costs.values).any()


@pytest.mark.parametrize("seed", range(5))
def test_the_cheapest_day_of_nursing_is_clearly_unfair(seed):
    day = generate_nursing(seed=seed)
    cheapest = day.costs.values.argmin(axis=0)
    hours = np.zeros(8)
    np.add.at(hours, cheapest, day.burdens.values[cheapest, np.arange(160)])
    shares = hours / day.entitlements
    assert shares.std() / shares.mean() > 0.4
    assert hours.std() / hours.mean() > 0.4


def test_a_day_of_nursing_is_realistic():
    day = generate_nursing(8, 160, seed=1)
    euros, hours = day.costs.values, day.burdens.values
    forbidden = np.isinf(euros)
    assert (np.isinf(hours) == forbidden).all()
    assert 0.05 < forbidden.mean() < 0.4
    assert ((~forbidden).sum(axis=0) >= 2).all(), "somebody can stand in"
    assert set(day.entitlements) == {0.5, 1.0}
    assert all(
        ("half-time" in name) == (share == 0.5) for name, share in zip(day.costs.agents, day.entitlements, strict=True)
    )
    allowed = hours[~forbidden]
    assert (allowed >= 10 / 60 - 0.005).all(), "the shortest care takes ten minutes"
    assert (allowed <= 75 / 60 + 1).all(), "the longest, and the way across the town"
    nearest = hours.min(axis=0).sum() / 8
    assert 6 < nearest < 16, "a day for the two nurses of a team"


def test_without_half_time_all_else_is_the_same():
    full, mixed = generate_nursing(half_time=False), generate_nursing()
    assert full.entitlements is None
    assert not any("half-time" in name for name in full.costs.agents)
    assert (full.costs.values == mixed.costs.values).all()


@pytest.mark.parametrize(("teams", "patients"), [(2, 1), (3, 50), (5, 1), (40, 2000)])
def test_other_sizes_can_be_done_too(teams, patients):
    day = generate_nursing(teams, patients, seed=3)
    assert day.costs.values.shape == (teams, patients)
    assert np.isfinite(day.costs.values.min(axis=0)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 5, 0), "agents is 1; it must be a whole number from 2"),
        ((2, 0, 0), "tasks is 0; it must be"),
        ((2, 5, -1), "seed is -1; it must be"),
        ((2.5, 5, 0), "agents is 2.5; it must be"),
        ((100_000, 100_000, 0), "too many to generate"),
    ],
)
@pytest.mark.parametrize("generate", [generate_plane, generate_nursing])
def test_numbers_out_of_range_are_refused(generate, arguments, message):
    with pytest.raises(InputError, match=message):
        generate(*arguments)


@pytest.mark.parametrize(("teams", "patients", "seed"), [(8, 160, 0), (8, 160, 1), (2, 1, 0), (3, 400, 2), (12, 60, 3)])
def test_a_week_of_nursing_can_be_done_by_its_clock(teams, patients, seed):
    """Visits come earliest first; giving each to the qualified team that is free first, no team is late."""
    week = generate_nursing(teams, patients, seed)
    visits = times_of(week.times, week.costs.tasks)
    assert [visit.start for visit in visits] == sorted(visit.start for visit in visits)
    free = np.zeros(teams)
    for task, visit in enumerate(visits):
        able = np.flatnonzero(np.isfinite(week.costs.values[:, task]))
        team = able[free[able].argmin()]
        assert free[team] <= visit.start
        free[team] = visit.free
    for name, (start, end, pause) in zip(week.costs.tasks, week.times, strict=True):
        began, ended = map(datetime.datetime.fromisoformat, (start, end))
        assert began.strftime("%a") in name
        assert began.strftime("%H:%M") in name
        assert pause == 10
        assert 10 <= (ended - began).seconds // 60 <= 75
        assert "07:00" <= start[11:] <= end[11:] <= "20:00"
