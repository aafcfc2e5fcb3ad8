"""Games whose equilibria are known: by hand, from the literature, or from their continuous form on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from random_games import as_finite_game, random_game

from evenhand.equilibrium import FiniteGame, certify, kkt

WORK_OR_REST = {"rewards": [[0, 1], [1, 0.9]], "index": [[1, 0.5], [0.5, 1]]}
"""Two agents rest (0) or work (1): one that works is enough, two are fairer; both resting is fair."""


@pytest.mark.parametrize(
    ("policies", "gains", "price"),
    [
        # Rest, rest: either works with probability 0.4, which leaves an index of 0.8 and returns 0.4.
        ((0, 0), (0.4, 0.4), 0.94),
        # Work, work: either rests with probability 0.4 and saves 0.1.
        ((1, 1), (0.04, 0.04), 0.04),
        # The team's optimum: nothing to gain.
        ((1, [0.4, 0.6]), (0.0, 0.0), 0.0),
    ],
)
def test_two_by_two(policies, gains, price):
    """Gains by hand at three profiles; the optimum is 0.94 with a threshold of 0.8."""
    certificate = certify(FiniteGame.once(**WORK_OR_REST), policies, 0.8)
    assert certificate.feasible
    assert certificate.team_optimum == pytest.approx(0.94, abs=1e-12)
    assert certificate.price_of_decentralisation == pytest.approx(price, abs=1e-12)
    assert [agent.feasible.gain.lower for agent in certificate.agents] == pytest.approx(gains, abs=1e-12)
    assert certificate.exact
    assert certificate.epsilon.lower == pytest.approx(max(gains), abs=1e-12)
    assert certificate.scale[1:] == (0.0, 1.0)


def test_two_by_two_witness_and_multiplier():
    """At rest, rest: an agent works in 0.4 of the episodes; a unit of the index is worth 2 to it."""
    deviation = certify(FiniteGame.once(**WORK_OR_REST), (0, 0), 0.8).agents[0].feasible
    assert deviation.multiplier == pytest.approx(2.0)
    plans = {name: plan if plan is None else plan.item() for name, (plan,) in _plans(deviation.witness)}
    working = deviation.witness.share if plans["second"] == 1 else 1.0 - deviation.witness.share
    assert {plans["first"], plans["second"]} in ({1, None}, {1, 0})
    assert working == pytest.approx(0.4)
    assert deviation.outcome.index == pytest.approx(0.8)


def _plans(witness):
    return ("first", witness.first), ("second", witness.second)


def test_an_infeasible_profile_is_no_equilibrium():
    """Whatever its agents gain; the free deviations are still computed."""
    certificate = certify(FiniteGame.once(**WORK_OR_REST), (1, 0), 0.8)
    assert not certificate.feasible
    assert certificate.epsilon is None
    assert all(agent.feasible is None for agent in certificate.agents)
    assert certificate.price_of_decentralisation is None
    assert "infeasible" in repr(certificate)
    assert certificate.to_dict()["epsilon"] is None


def test_an_infeasible_constraint_is_told_from_an_infeasible_profile():
    """No policy of the team reaches more than the largest index."""
    certificate = certify(FiniteGame.once([[0, 1], [1, 0.9]], [[0.6, 0.5], [0.5, 0.7]]), (1, 1), 0.8)
    assert not certificate.feasible
    assert certificate.team_optimum is None
    assert certificate.largest_index == pytest.approx(0.7)


def test_ties_without_a_price_are_broken_by_the_index():
    """Of two plans with the largest return, the fairer one is the vertex: no price, no mixture."""
    game = FiniteGame.once(rewards=[[0, 1, 1]], index=[[1, 0.2, 0.9]])
    for order in ([0, 1, 2], [0, 2, 1]):
        shuffled = FiniteGame.once(rewards=[[[0, 1, 1][k] for k in order]], index=[[[1, 0.2, 0.9][k] for k in order]])
        deviation = certify(shuffled, (0, 0), 0.85).agents[1].feasible
        assert deviation.gain == (1.0, 1.0)
        assert deviation.multiplier == 0.0
        assert deviation.outcome.index == pytest.approx(0.9)
    # A threshold above it takes the mixture with the vertex of largest index, not with the tie's other plan.
    deviation = certify(game, (0, 0), 0.95).agents[1].feasible
    assert deviation.gain.lower == pytest.approx(0.5)
    assert deviation.multiplier == pytest.approx(10.0)


def test_a_tie_with_the_present_policy_is_broken_by_the_index():
    """The free deviation is the fairer of two plans with the present return, and gains nothing."""
    free = certify(FiniteGame.once(rewards=[[0, 1, 1]], index=[[1, 0.2, 0.9]]), (0, 1), None).agents[1].free
    assert free.gain == (0.0, 0.0)
    assert free.outcome.index == pytest.approx(0.9)


def test_ties_of_a_discounted_game_are_broken_by_the_index():
    """One state, the same reward for all actions: sums 10 times that of a step at a discount of 0.9."""
    game = FiniteGame(np.ones((1, 1, 3, 1)), np.ones((1, 1, 3)), [[[0.2, 0.9, 0.4]]], [1.0], discount=0.9)
    free = certify(game, ([0], [0]), None).agents[1].free
    assert free.outcome.returns[0] == pytest.approx(10.0)
    assert free.outcome.index == pytest.approx(9.0)


def test_a_profile_that_misses_the_threshold_by_rounding_is_feasible():
    """And may be kept, though no plan reaches the threshold itself."""
    certificate = certify(FiniteGame.once([[0, 1], [1, 0.9]], [[0.8, 0.5], [0.5, 0.7]]), (0, 0), 0.8 + 5e-10)
    assert certificate.feasible
    assert certificate.epsilon == (0.0, 0.0)


def test_an_equilibrium_has_gains_of_exactly_zero():
    """Best responses in turn end where nobody gains, and no rounding is left over."""
    for seed in range(5):
        game = as_finite_game(random_game(seed, 7, (2, 3), horizon=4))
        policies = [np.zeros((4, 7), int), np.zeros((4, 7), int)]
        for _ in range(20):
            certificate = certify(game, policies, None)
            if certificate.epsilon.lower == 0.0:
                break
            for agent in (0, 1):
                (plan,) = certify(game, policies, None).agents[agent].free.witness.first
                policies[agent] = policies[agent] if plan is None else plan
        assert certificate.epsilon == (0.0, 0.0)
        assert certificate.nash_conv == (0.0, 0.0)


# Krawczyk and Uryasev, Relaxation algorithms to find Nash equilibria with economic applications, 2000.
RIVER = {
    "d1": 3.0,
    "d2": 0.01,
    "c1": np.array([0.1, 0.12, 0.15]),
    "c2": np.array([0.01, 0.05, 0.01]),
    "weight": np.array([[6.5, 5.0, 5.5], [4.583, 6.25, 3.75]]) * np.array([0.5, 0.25, 0.75]),
    "limit": 100.0,
}
PUBLISHED = np.array([21.14480, 16.02785, 2.72596])
PUBLISHED_MULTIPLIERS = (0.57436, 0.0)


def _river_equilibrium():
    """Return the variational equilibrium: all share the price of the first station; the second has room."""
    d2, weight = RIVER["d2"], RIVER["weight"][0]
    curvature = d2 * (np.ones((3, 3)) + np.eye(3)) + 2.0 * np.diag(RIVER["c2"])
    system = np.block([[curvature, weight[:, None]], [weight[None], np.zeros((1, 1))]])
    *x, price = np.linalg.solve(system, [*(RIVER["d1"] - RIVER["c1"]), RIVER["limit"]])
    return np.array(x), price


def _profits(x):
    """Return the profits of the three firms, shape (3, ...), at quantities of shape (3, ...)."""
    shape = (3, *(1,) * (x.ndim - 1))
    price = RIVER["d1"] - RIVER["d2"] * x.sum(axis=0)
    return (price - RIVER["c1"].reshape(shape) - RIVER["c2"].reshape(shape) * x) * x


def _river(centre, step=0.5, around=12):
    """Return the game on a grid through `centre`, and the grids."""
    grids = np.stack([x + step * np.arange(-around, around + 1) for x in centre])
    x = np.stack(np.meshgrid(*grids, indexing="ij"))
    room = RIVER["limit"] - np.tensordot(RIVER["weight"][0], x, 1)
    assert (np.tensordot(RIVER["weight"][1], x, 1)[room >= -1e-9] < RIVER["limit"]).all()  # the second station has room
    return FiniteGame.once(_profits(x), room), grids


def test_river_basin():
    """At the published variational equilibrium nobody gains, and each firm has the published price of pollution.

    On a grid of step h the slope of a firm's profit is off by at most half its curvature times h, (d2 + c2) h.
    """
    step, around = 0.5, 5
    x, price = _river_equilibrium()
    assert x == pytest.approx(PUBLISHED, abs=5e-6)
    assert price == pytest.approx(PUBLISHED_MULTIPLIERS[0], abs=5e-6)
    game, _ = _river(x, step, around)
    certificate = certify(game, [around] * 3, 0.0, multiplier=price)
    assert certificate.present.index == pytest.approx(0.0, abs=1e-9)
    assert certificate.epsilon.upper <= 1e-9
    for agent, firm in enumerate(certificate.agents):
        error = (RIVER["d2"] + RIVER["c2"][agent]) * step / RIVER["weight"][0, agent]
        assert firm.feasible.multiplier == pytest.approx(price, abs=error + 1e-9)
        assert certificate.kkt.stationarity[agent].upper <= 1e-9


def test_nashopt_agrees_on_the_river():
    """Another library, where it is installed (it needs qpsolvers), finds the same equilibrium and prices."""
    nashopt = pytest.importorskip("nashopt")
    costs, linear = np.full((3, 3, 3), 0.0), np.diag(RIVER["c1"] - RIVER["d1"])
    for firm in range(3):
        costs[firm, firm, :] = costs[firm, :, firm] = RIVER["d2"]
        costs[firm, firm, firm] = 2.0 * (RIVER["d2"] + RIVER["c2"][firm])
    limits = {"A": RIVER["weight"], "b": np.full(2, RIVER["limit"]), "lb": np.zeros(3), "ub": np.full(3, 100.0)}
    found = nashopt.GNEP_LQ([1, 1, 1], list(costs), list(linear), variational=True, **limits).solve()
    x, price = _river_equilibrium()
    assert found.x == pytest.approx(x, abs=1e-6)
    for prices in found.lam:
        assert prices[:2] == pytest.approx([price, PUBLISHED_MULTIPLIERS[1]], abs=1e-6)


@pytest.mark.parametrize("away", [(-2.0, 0.0, 0.0), (0.0, -1.5, -1.0), (-1.0, -1.0, -1.0)])
def test_river_basin_away_from_the_equilibrium(away):
    """Gains of the continuous game, up to the grid's error: at most curvature h^2 / 4 is lost between grid points."""
    step, around = 0.5, 12
    x, _ = _river_equilibrium()
    profile = x + np.array(away)
    game, _ = _river(x, step, around)
    certificate = certify(game, [around + round(a / step) for a in away], 0.0)
    here = _profits(profile)
    for agent, firm in enumerate(certificate.agents):
        weight, d2, c2 = RIVER["weight"][0], RIVER["d2"], RIVER["c2"][agent]
        others = profile.sum() - profile[agent]
        room = (RIVER["limit"] - weight @ profile) / weight[agent]
        peak = (RIVER["d1"] - RIVER["c1"][agent] - d2 * others) / (2.0 * (d2 + c2))
        moved = profile.copy()
        moved[agent] = min(peak, profile[agent] + room)
        assert moved[agent] <= x[agent] + step * around
        gain = _profits(moved)[agent] - here[agent]
        assert firm.feasible.gain.lower <= gain + 1e-9
        assert firm.feasible.gain.lower >= gain - (d2 + c2) * step**2 / 4.0 - 1e-9


def _congestion(steps=40, capacity=1.0, values=(1.5, 1.75)):
    """Return two users of a link, u_i = a_i x_i - x_i^2 / 2 with x_1 + x_2 <= C, on a grid of C / steps."""
    x = np.linspace(0.0, capacity, steps + 1)
    one, two = np.meshgrid(x, x, indexing="ij")
    utilities = np.stack([values[0] * one - one**2 / 2.0, values[1] * two - two**2 / 2.0])
    return FiniteGame.once(utilities, capacity - one - two)


def test_a_congested_link_has_a_continuum_of_equilibria_and_one_is_variational():
    """Every split of the capacity is a GNE; the prices agree, up to the step, where a_1 - x_1 = a_2 - x_2 only."""
    steps, values = 40, (1.5, 1.75)
    game, variational = _congestion(steps), 15  # x_1 = (C + a_1 - a_2) / 2 = 0.375
    for place in (5, 14, variational, 30):
        certificate = certify(game, (place, steps - place), 0.0)
        assert certificate.epsilon.upper <= 1e-12
        prices = [values[0] - place / steps, values[1] - (steps - place) / steps]
        found = [agent.feasible.multiplier for agent in certificate.agents]
        assert found == pytest.approx(prices, abs=0.5 / steps + 1e-9)
        # Stationarity at one price for both: exactly where the prices differ by no more than the grid's step.
        stationary = [
            all(gain.upper <= 1e-9 for gain in kkt(game, (place, steps - place), 0.0, multiplier=mu).stationarity)
            for mu in np.arange(0.5, 1.75, 0.025)
        ]
        assert any(stationary) == (abs(prices[0] - prices[1]) <= 1.0 / steps + 1e-9)
    assert values[0] - variational / steps == values[1] - (steps - variational) / steps


def test_a_congested_link_below_capacity_is_no_equilibrium():
    """Whoever finds room takes it: from x = 0.25 to 0.5, a x - x^2 / 2 gains 0.25 a - 0.09375."""
    certificate = certify(_congestion(), (10, 20), 0.0)
    assert [agent.feasible.gain.lower for agent in certificate.agents] == pytest.approx(
        [0.25 * 1.5 - 0.09375, 0.25 * 1.75 - (0.75**2 - 0.5**2) / 2.0], abs=1e-12
    )
