"""The trade-off of a scenario: its staircases against plans, its hull against linear programming."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from planner_cases import drawn, every_plan
from scipy.optimize import linprog

from evenhand.errors import InputError
from evenhand.hospital import load
from evenhand.hospital.planner import Staircase, TradeOff, plan, trade_off
from evenhand.hospital.planner.starts import chosen_starts
from evenhand.hospital.planner.trade_off import average_hull, lower_hull
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of

TAUS = (0.0, 0.55, 0.65, 0.75, 0.85, 0.95, 0.98)


def _least_mean_time(curve: TradeOff, tau: float) -> float | None:
    """Choose a lottery over all steps of all staircases by linear programming; no hull is formed."""
    share = [group.share for group in curve.staircases for _ in group.times]
    times = [time for group in curve.staircases for time in group.times]
    jain = [index for group in curve.staircases for index in group.jain]
    owner = [number for number, group in enumerate(curve.staircases) for _ in group.times]
    one_each = np.array([[float(who == number) for who in owner] for number in range(len(curve.staircases))])
    weights = np.array(share)
    found = linprog(
        weights * times, A_ub=[-weights * jain], b_ub=[-tau], A_eq=one_each, b_eq=np.ones(len(one_each)), method="highs"
    )
    return float(found.fun) if found.status == 0 else None


@pytest.mark.parametrize(
    "name", ["rescue-breaths/specialist", "lone-expert/default", "lone-expert/able-juniors-energy"]
)
def test_hull_is_the_least_mean_time_that_lotteries_reach(name: str) -> None:
    curve = trade_off(load(name))
    for tau in TAUS:
        assert curve.time_at(tau) == pytest.approx(_least_mean_time(curve, tau)), tau
    assert curve.time_at(curve.hull[-1][0]) == pytest.approx(curve.hull[-1][1])
    assert curve.time_at(curve.hull[-1][0] + 1e-6) is None
    assert _least_mean_time(curve, curve.hull[-1][0] + 1e-6) is None


def test_hull_of_random_staircases_is_the_least_mean_time() -> None:
    generator = np.random.default_rng(0)
    for _ in range(30):
        groups = []
        for _ in range(generator.integers(1, 5)):
            size = generator.integers(1, 6)
            jain = np.sort(generator.choice(np.arange(30, 100), size, replace=False))
            groups.append([(Fraction(int(j), 100), Fraction(int(5 + t))) for t, j in enumerate(jain)])
        weight = Fraction(1, len(groups))
        mean = average_hull([(weight, lower_hull(points)) for points in groups])
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(mean)]
        assert slopes == sorted(set(slopes))
        curve = TradeOff(
            "drawn",
            len(groups),
            True,
            None,
            1.0,
            0,
            tuple(_staircase(points, len(groups)) for points in groups),
            tuple((float(j), float(t)) for j, t in mean),
        )
        for tau in np.linspace(0.2, float(mean[-1][0]) - 1e-9, 9):
            assert curve.time_at(tau) == pytest.approx(_least_mean_time(curve, tau))


def _staircase(points, groups):
    jain, times = zip(*points, strict=True)
    return Staircase(1, 1 / groups, tuple(map(int, times)), tuple(map(float, jain)), 1 / 3, ())


def test_staircases_are_what_plans_from_their_starts_reach() -> None:
    scenario = load("lone-expert/default")
    curve = trade_off(scenario)
    assert sum(group.share for group in curve.staircases) == pytest.approx(1)
    assert sum(group.starts for group in curve.staircases) == curve.starts == 4**3
    for group in curve.staircases:
        for time, jain in zip(group.times, group.jain, strict=True):
            made = plan(scenario, group.example[:3], group.example[3:], min_jain=jain)
            assert (made.time, made.jain) == (time, pytest.approx(jain))


def test_fairness_costs_the_lone_expert_time() -> None:
    """By hand: shared 8, 6, 6 the juniors' ten units take ten steps, the expert's eight two, instead of six for all."""
    curve = trade_off(load("lone-expert/default"))
    assert curve.hull[0][0] < 0.45
    assert curve.time_at(0.98) - curve.time_at(0) > 5
    assert curve.time_at_each(0.98) >= curve.time_at(0.98)


def test_time_at_each_asks_every_start() -> None:
    curve = trade_off(load("rescue-breaths/specialist"))
    assert curve.time_at(0) == curve.time_at_each(0)
    for tau in TAUS:
        if curve.time_at_each(tau) is not None:
            assert curve.time_at_each(tau) >= curve.time_at(tau) - 1e-12
    assert curve.time_at_each(1.0) is None
    assert curve.time_at(1.0) is None


def test_a_sample_of_starts_is_drawn_as_resets_draw_and_says_so() -> None:
    scenario = load("rescue-breaths/best")
    one, again = (trade_off(scenario, starts=1, seed=5) for _ in range(2))
    assert one == again
    assert (one.starts, one.every_start, one.seed) == (1, False, 5)
    assert json.dumps(trade_off(scenario, starts=np.int64(1), seed=np.int64(5)).to_dict()) == json.dumps(one.to_dict())
    state = Rules(arrays_of(scenario)).reset(np.random.default_rng(5))
    drawn = [scenario.stations[at].name for at in (*state.station, *state.item_place)]
    made = plan(scenario, drawn[:3], drawn[3:])
    assert one.staircases[0].times[0] == made.time
    many = trade_off(scenario, starts=2000)
    assert many.hull[0][1] == pytest.approx(trade_off(scenario).hull[0][1], abs=0.1)
    with pytest.raises(InputError, match="starts is 0; at least 1 is needed"):
        trade_off(scenario, starts=0)


def test_least_jain_is_that_of_the_least_even_of_all_quickest_plans() -> None:
    """Against every plan of two agents; where one does everything, the index is a half."""
    told = 0
    for seed in range(12):
        scenario = drawn(np.random.default_rng(seed), agents=2)
        try:
            curve = trade_off(scenario, starts=1, seed=seed)
        except InputError:
            continue
        start = chosen_starts(arrays_of(scenario), 1, seed)[0]
        if curve.staircases and curve.staircases[0].times[0] <= 8:
            quickest = curve.staircases[0].times[0]
            ended = every_plan(scenario, start.agents, start.items, quickest)
            indices = [sum(split) ** 2 / 2 / sum(units**2 for units in split) for split in ended[quickest]]
            assert (curve.least_jain, curve.staircases[0].jain[0]) == pytest.approx((min(indices), max(indices)))
            told += 1
    assert told >= 4


def test_json_reads_back_the_same() -> None:
    curve = trade_off(load("rescue-breaths/specialist"))
    assert TradeOff.from_dict(json.loads(json.dumps(curve.to_dict()))) == curve
    assert repr(curve) == "TradeOff('rescue-breaths/specialist', 0.908 in 6.51 to 0.961 in 6.93 steps)"


def test_no_success_within_the_horizon_is_a_result() -> None:
    scenario = load("rescue-breaths/specialist").model_copy(update={"horizon": 6})
    curve = trade_off(scenario)
    assert 0 < curve.success < 1
    assert {time for group in curve.staircases for time in group.times} == {6}
    never = trade_off(scenario.model_copy(update={"horizon": 2}))
    assert (never.success, never.hull, never.time_at(0.0), never.time_at_each(0.0)) == (0, (), None, None)


def test_progress_tells_each_step() -> None:
    seen: list[tuple[int, int]] = []
    trade_off(load("rescue-breaths/best"), progress=lambda step, horizon: seen.append((step, horizon)))
    assert seen == [(step, 50) for step in range(1, len(seen) + 1)]
    assert len(seen) < 50
