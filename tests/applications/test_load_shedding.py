"""Load shedding: by hand, and beside the same model stated to a conic solver."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from evenhand.applications.load_shedding import fairest_shedding, generate_network, parse_case, solve
from evenhand.applications.load_shedding.model import model_of
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, JainAtLeast, MaxOverMean


def star(*ratings: float, demand: float = 60.0):
    """Return loads of `demand` MW, each on a line of its own from one plant."""
    buses = "\n".join(f"{k} 1 {demand} 0 0 0 1 1 0 1 1 1 1" for k in range(2, len(ratings) + 2))
    lines = "\n".join(f"1 {k} 0 0.1 0 {rating} 0 0 0 0 1" for k, rating in enumerate(ratings, 2))
    return parse_case(
        f"mpc.baseMVA = 100;\nmpc.bus = [1 3 0 0 0 0 1 1 0 1 1 1 1\n{buses}];\n"
        f"mpc.gen = [1 0 0 0 0 1 100 1 900 0];\nmpc.branch = [{lines}];"
    )


def test_by_hand() -> None:
    """20 MW must go at one load. Equality makes all shed as much; at most twice the mean asks for 30 MW in all."""
    network = star(40, 60, 60)
    least = solve(network, None)
    assert (least.total_shed, least.shed.tolist(), least.price) == (20.0, [20.0, 0.0, 0.0], None)
    equal = solve(network, EpsilonFairness(1.0))
    assert equal.shed == pytest.approx([20.0, 20.0, 20.0])
    assert equal.price == pytest.approx(2.0)
    half = solve(network, MaxOverMean(2.0))
    assert half.total_shed == pytest.approx(30.0)
    assert half.flow == pytest.approx([40.0, *(60.0 - half.shed[1:])])
    assert half.generation == pytest.approx([150.0])


def test_fractions_are_shares_of_demand() -> None:
    """Loads of 60 and 30 MW: the first sheds a third; equal fractions are a third of each."""
    network = parse_case(
        "mpc.baseMVA = 100;\nmpc.bus = [1 3 0 0 0 0 1 1 0 1 1 1 1\n2 1 60 0 0 0 1 1 0 1 1 1 1\n"
        "3 1 30 0 0 0 1 1 0 1 1 1 1];\nmpc.gen = [1 0 0 0 0 1 100 1 900 0];\n"
        "mpc.branch = [1 2 0 0.1 0 40 0 0 0 0 1\n1 3 0 0.1 0 60 0 0 0 0 1];"
    )
    assert solve(network, JainAtLeast(1.0), fractions=True).shed == pytest.approx([20.0, 10.0])
    assert solve(network, JainAtLeast(1.0)).shed == pytest.approx([20.0, 20.0])
    assert solve(network, JainAtLeast(1.0), fractions=True).jain == pytest.approx(1.0), "of fractions, as asked"
    assert solve(network, JainAtLeast(1.0), fractions=True).cv == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(InputError, match="entitlements already"):
        solve(network, JainAtLeast(0.9, entitlements=(1, 2)), fractions=True)


def test_an_outage_carries_nothing_and_the_fairest_is_reported() -> None:
    """Without its line a load sheds all 60 MW; the others have no reason to shed more than they have."""
    network = star(60, 60, 60)
    answer = solve(network, None, outages=[2])
    assert answer.shed.tolist() == [0.0, 60.0, 0.0]
    assert answer.flow[1] == 0.0
    assert fairest_shedding(network, EpsilonFairness(0.0), outages=[2]).reached == pytest.approx(1.0)
    # The first has 20 MW at most, the second must shed 60: (80 + y) / sqrt(4000 + y^2) is largest at y = 50.
    smaller = star(60, 60, 60)
    smaller.demand[1] = 20.0
    best = fairest_shedding(smaller, EpsilonFairness(0.0), outages=[2])
    assert best.reached == pytest.approx(float(EpsilonFairness(0.0).level([20.0, 60.0, 50.0])), abs=1e-6)
    assert solve(smaller, EpsilonFairness(min(1.0, best.reached + 1e-3)), outages=[2]).status == "infeasible"


def test_weights_say_what_a_megawatt_costs() -> None:
    """One plant too small by 20 MW: the load that costs least sheds them."""
    network = star(60, 60)
    network.generator_most[0] = 100.0
    assert solve(network, None, weights=[3.0, 1.0]).shed.tolist() == [0.0, 20.0]
    assert solve(network, None, weights=[1.0, 3.0]).shed.tolist() == [20.0, 0.0]
    equal = solve(network, EpsilonFairness(1.0), weights=[3.0, 1.0])
    assert equal.shed == pytest.approx([10.0, 10.0])
    assert (equal.total_shed, equal.least_shed) == pytest.approx((20.0, 20.0))
    assert (equal.cost, equal.base_cost, equal.price) == pytest.approx((40.0, 20.0, 1.0)), "the price is of the cost"


def test_what_cannot_be_balanced_is_infeasible_without_a_least() -> None:
    """A plant that must make 150 MW for 120 MW of demand."""
    network = star(60, 60)
    network.generator_least[0] = 150.0
    answer = solve(network, EpsilonFairness(0.5), must_run=True)
    assert (answer.status, answer.total_shed, answer.least_shed, answer.price) == ("infeasible", None, None, None)
    assert answer.to_dict()["loads"] == []
    turned_down = solve(network, EpsilonFairness(0.5))
    assert turned_down.total_shed == 0.0
    assert turned_down.generation.tolist() == [120.0]


def test_a_shunt_draws_unless_nothing_feeds_it() -> None:
    """A shunt of 5 MW at bus 2, behind a line of 40 MW: all of it is off before its load sheds more than 20 MW."""
    network = star(40, 60)
    network.shunt[1] = 5.0
    assert solve(network, None).shed.tolist() == [20.0, 0.0]
    assert solve(network, None, must_run=True).shed.tolist() == [25.0, 0.0]
    assert solve(network, None, must_run=True).flow.tolist() == [40.0, 60.0]
    assert solve(network, None, outages=[1]).shed.tolist() == [60.0, 0.0]
    assert solve(network, None, outages=[1], must_run=True).status == "infeasible"
    network.shunt[1] = -5.0
    assert solve(network, None).shed.tolist() == [15.0, 0.0], "a negative one feeds in"


def test_fairness_of_nothing_is_free() -> None:
    answer = solve(star(60, 60), EpsilonFairness(0.5))
    assert (answer.total_shed, answer.cost, answer.price, answer.level) == (0.0, 0.0, 0.0, 1.0)


def test_flows_follow_the_angles() -> None:
    """Three equal lines in a triangle: of 90 MW, two thirds take the short way.

    A tap of 2 on the short way leaves susceptances of 5 there, and of 10 / 2 along the other two: half each. A shift of
    d radians there takes B d / 3 = 1000 d / 3 MW off it, and sends them around.
    """

    def triangle(tap: float, shift: float):
        return parse_case(
            "mpc.baseMVA = 100;\nmpc.bus = [1 3 0 0 0 0 1 1 0 1 1 1 1\n2 1 90 0 0 0 1 1 0 1 1 1 1\n"
            "3 1 1e-6 0 0 0 1 1 0 1 1 1 1];\nmpc.gen = [1 0 0 0 0 1 100 1 900 0];\n"
            f"mpc.branch = [1 2 0 0.1 0 0 0 0 {tap} {shift} 1\n1 3 0 0.1 0 0 0 0 0 0 1\n3 2 0 0.1 0 0 0 0 0 0 1];"
        )

    def flow(approximation: str, tap: float = 0.0, shift: float = 0.0):
        return solve(triangle(tap, shift), None, approximation=approximation).flow

    assert flow("series") == pytest.approx([60.0, 30.0, 30.0], abs=1e-5)
    assert flow("series", tap=2.0, shift=3.0) == pytest.approx([60.0, 30.0, 30.0], abs=1e-5), "neither counts"
    assert flow("reactance", tap=2.0) == pytest.approx([45.0, 45.0, 45.0], abs=1e-5)
    turned = np.deg2rad(3.0) * 1000.0 / 3.0
    assert flow("reactance", shift=3.0) == pytest.approx([60.0 - turned, 30.0 + turned, 30.0 + turned], abs=1e-5)


@pytest.mark.parametrize("fractions", [False, True])
def test_many_loads_are_shared_as_well(fractions: bool) -> None:
    """Of 90 loads; what is found is in the network and fair, and as little as the conic solver's."""
    network = generate_network(118, 1)
    outages = list(range(1, 12))
    fairness = EpsilonFairness(0.6)
    model, loads = model_of(network, outages=outages)
    answer = solve(network, fairness, outages=outages, fractions=fractions)
    demand = network.demand[network.demand > 0.0]
    shares = demand / demand.sum() if fractions else np.full(len(demand), 1.0 / len(demand))
    asked = EpsilonFairness(0.6, entitlements=tuple(demand.tolist())) if fractions else fairness
    _, limit = asked.power_form(len(demand))
    x = cp.Variable(len(model.costs))  # all in units of 100 MW, for the solver
    rows, shed = model.matrix @ x, loads @ x
    sides = []
    for values, low, high in ((rows, model.row_lower, model.row_upper), (x, model.lower, model.upper)):
        equal, below, above = low == high, np.isfinite(low) & (low < high), np.isfinite(high) & (low < high)
        sides += [values[equal] == low[equal] / 100.0, values[below] >= low[below] / 100.0]
        sides.append(values[above] <= high[above] / 100.0)
    mean = cp.sum(shed) / len(demand)
    deviations = cp.multiply(np.sqrt(shares), cp.multiply(1.0 / (len(demand) * shares), shed) - mean)
    problem = cp.Problem(cp.Minimize(model.costs @ x), [*sides, cp.norm(deviations) <= np.sqrt(limit**2 - 1.0) * mean])
    problem.solve(solver=cp.CLARABEL)
    assert answer.total_shed == pytest.approx(100.0 * problem.value, rel=1e-5)
    assert asked.contains(answer.shed, 1e-7)
    assert answer.level == pytest.approx(0.6, abs=1e-6)
    assert answer.price > 0.1
    served = answer.generation.sum() + answer.shed.sum()
    assert served == pytest.approx(demand.sum(), rel=1e-6), "what is made and what is shed make up the demand"


@pytest.mark.parametrize("approximation", ["series", "reactance"])
@pytest.mark.parametrize("p", [2, 3])
def test_it_agrees_with_the_cone_in_a_conic_solver(approximation: str, p: float) -> None:
    compared = 0
    for seed in range(8):
        network = generate_network(8, seed)
        outages = np.random.default_rng(seed).choice(network.branch_number, 3, replace=False).tolist()
        model, loads = model_of(network, outages=outages, approximation=approximation)
        x = cp.Variable(len(model.costs))
        fairness = EpsilonFairness(0.7, p)
        shed, rows = loads @ x, model.matrix @ x
        constraints = [
            side
            for values, low, high in ((rows, model.row_lower, model.row_upper), (x, model.lower, model.upper))
            for side in (
                values[np.isfinite(low)] >= low[np.isfinite(low)],
                values[np.isfinite(high)] <= high[np.isfinite(high)],
            )
        ]
        constraints.append(fairness.factor(loads.shape[0]) * cp.pnorm(shed, p, approx=False) <= cp.sum(shed))
        problem = cp.Problem(cp.Minimize(model.costs @ x), constraints)
        problem.solve(solver=cp.CLARABEL)
        answer = solve(network, fairness, outages=outages, approximation=approximation)
        if problem.status == "infeasible":
            assert answer.status == "infeasible"
            continue
        compared += answer.total_shed > 1.0
        assert answer.total_shed == pytest.approx(problem.value, rel=1e-5, abs=1e-4)
    assert compared >= 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"outages": [9]}, "outages names branch 9"),
        ({"outages": 1}, r"outages is 1; give the numbers of branches, such as \[1, 2\]"),
        ({"weights": [1.0]}, "weights must be 2 finite numbers"),
        ({"approximation": "ac"}, "approximation is 'ac'; known are series, reactance"),
    ],
)
def test_bad_arguments_are_named(arguments, words) -> None:
    with pytest.raises(InputError, match=words):
        solve(star(40, 60), EpsilonFairness(0.5), **arguments)


def test_one_load_cannot_be_shared() -> None:
    with pytest.raises(InputError, match=r"1 bus\(es\) with demand"):
        solve(star(40), EpsilonFairness(0.5))
