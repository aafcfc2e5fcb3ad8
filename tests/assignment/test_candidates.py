"""Tables that list a few candidates of many agents for each task, held against HiGHS, full tables and enumeration."""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator
from typing import Any

import highspy
import numpy as np
import pytest
import scipy.sparse
from benchmarks.candidates import random_candidates
from numpy.typing import NDArray

import evenhand
from evenhand.assignment.candidates import solver as solvers
from evenhand.assignment.kernels.candidate_moves import Aim, exchange, sweep
from evenhand.assignment.kernels.candidates import Pairs, soft_dual_of_candidates
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, Fairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.tables import CandidateTable, candidate_table

AGENTS, TASKS, LISTED = 12, 6_000, 4
ENTITLED = tuple(1.0 + 0.25 * (agent % 4) for agent in range(AGENTS))
MEMBERS = [
    EpsilonFairness(0.9, p=2),
    EpsilonFairness(0.97, p=5),
    EpsilonFairness(0.9, p=3, entitlements=ENTITLED),
    EpsilonFairness(0.97, p=math.inf),
    EpsilonFairness(0.9, p=math.inf, entitlements=ENTITLED),
    MaxOverMean(1.02),
    JainAtLeast(0.999),
    CVAtMost(0.02),
]


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Solve tables of candidates of any size without making the full table."""
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 0)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    return


def listed(
    seed: int = 1, agents: int = AGENTS, tasks: int = TASKS, count: int = LISTED
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Return compressed rows of random candidates, dearer at some agents than at others."""
    random = np.random.default_rng(seed)
    chosen = np.argsort(random.random((tasks, agents)), axis=1)[:, :count].astype(np.int32)
    costs = random.random((tasks, count)) * np.exp(random.uniform(-0.7, 0.7, agents))[chosen]
    return np.arange(tasks + 1) * count, chosen.ravel(), costs.ravel()


def full(rows: tuple[NDArray[Any], ...], agents: int = AGENTS) -> NDArray[np.float64]:
    """Return the full table of compressed rows; pairs that are not listed are inf."""
    starts, chosen, costs = rows
    table = np.full((agents, len(starts) - 1), np.inf)
    table[chosen, np.repeat(np.arange(len(starts) - 1), np.diff(starts))] = costs
    return table


def relaxed_by_highs(rows: tuple[NDArray[Any], ...], over_mean: float, agents: int = AGENTS) -> float:
    """Return the optimum of the linear relaxation with loads of at most `over_mean` times their mean, by HiGHS."""
    starts, chosen, costs = rows
    task = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    pairs, m = len(costs), len(starts) - 1
    columns = np.arange(pairs)
    each = scipy.sparse.csr_array((np.ones(pairs), (task, columns)), shape=(m, pairs))
    loads = scipy.sparse.csr_array((costs, (chosen, columns)), shape=(agents, pairs)).toarray()
    caps = scipy.sparse.csr_array(loads - over_mean / agents * loads.sum(axis=0))
    rows_ = scipy.sparse.vstack([each, caps]).tocsc()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = pairs, m + agents
    model.col_cost_, model.col_lower_, model.col_upper_ = costs, np.zeros(pairs), np.ones(pairs)
    model.row_lower_ = np.concatenate([np.ones(m), np.full(agents, -np.inf)])
    model.row_upper_ = np.concatenate([np.ones(m), np.zeros(agents)])
    model.a_matrix_.start_, model.a_matrix_.index_ = rows_.indptr, rows_.indices
    model.a_matrix_.value_ = rows_.data
    highs = highspy.Highs()
    highs.silent()
    highs.passModel(model)
    highs.run()
    return float(highs.getInfo().objective_function_value)


@pytest.mark.usefixtures("nothing_is_small")
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{member.name}-{member.parameter}")
def test_plan_and_gap_are_proven_in_exact_arithmetic(member: Fairness, monkeypatch: pytest.MonkeyPatch) -> None:
    """`verify` on the full table, which knows nothing of candidates, confirms the plan and a small gap."""
    rows = listed()
    answer = evenhand.assign(rows, member, gap=1e-3)
    monkeypatch.undo()
    verdict = evenhand.verify(full(rows), answer, fairness=member, max_gap=1e-3)
    assert verdict, verdict.reasons
    assert answer.status == "optimal"
    assert answer.certified_gap is not None
    assert answer.certified_gap > 0.0
    assert answer.loads is not None
    assert member.level(answer.loads) == pytest.approx(member.parameter, rel=0.02)


@pytest.mark.usefixtures("nothing_is_small")
@pytest.mark.parametrize("epsilon", [0.9, 0.99])
def test_the_bound_is_the_relaxation_that_highs_finds(epsilon: float) -> None:
    """Under a largest load, the smoothed dual reaches the optimum of the linear program and never exceeds it."""
    rows = listed(3, tasks=3_000)
    member = EpsilonFairness(epsilon, p=math.inf)
    answer = evenhand.assign(rows, member, gap=1e-2)
    optimum = relaxed_by_highs(rows, member.bound(AGENTS))
    assert answer.bound <= optimum * (1 + 1e-9)
    assert answer.bound == pytest.approx(optimum, rel=2e-5)
    assert answer.cost is not None
    assert answer.cost >= optimum * (1 - 1e-9)


@pytest.mark.usefixtures("nothing_is_small")
def test_a_core_and_screening_give_the_bound_of_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where samples are small, a pass fixes most tasks; bound and plan stay as good as without."""
    rows, member = listed(4, tasks=20_000), EpsilonFairness(0.95, p=2)
    whole = evenhand.assign(rows, member, gap=1e-4)
    monkeypatch.setattr(solvers, "SAMPLE_PER_AGENT", 200)
    monkeypatch.setattr(solvers, "LEAST_SAMPLE", 2_400)
    sizes: list[int] = []
    screen = solvers.CandidateSolver._screen

    def noted(self: solvers.CandidateSolver, *rest: Any) -> solvers.Core:
        core = screen(self, *rest)
        sizes.append(len(core.tasks))
        return core

    monkeypatch.setattr(solvers.CandidateSolver, "_screen", noted)
    cut = evenhand.assign(rows, member, gap=1e-4)
    assert 0 < sizes[-1] < 12_000
    assert cut.bound == pytest.approx(whole.bound, rel=1e-6)
    assert cut.status == whole.status == "optimal"


def test_small_tables_have_the_answer_of_the_full_table() -> None:
    """SciPy's arrays, compressed rows and the full table with inf give the same answer to the last bit."""
    rows = listed(5, agents=5, tasks=40, count=3)
    starts, chosen, costs = rows
    table = full(rows, 5)
    sparse = scipy.sparse.csr_array((costs, chosen, starts), shape=(40, 5)).T
    member = GiniAtMost(0.05)
    answers = [evenhand.assign(given, member, gap=1e-3) for given in (table, rows, sparse, sparse.tocoo())]
    assert {answer.cost for answer in answers} == {answers[0].cost}
    assert all((answer.assignment == answers[0].assignment).all() for answer in answers)
    assert evenhand.verify(sparse, answers[0], fairness=member).verified
    assert evenhand.max_epsilon(sparse).reached == evenhand.max_epsilon(table).reached


@pytest.mark.usefixtures("nothing_is_small")
def test_tiny_tables_never_beat_or_refute_the_enumerated_optimum() -> None:
    """Of all assignments of six tasks, none that is fair costs less than a bound; plans are fair and among them."""
    for seed in range(12):
        _starts, chosen, _costs = rows = listed(seed, agents=3, tasks=6, count=2)
        member = EpsilonFairness(0.5, p=2)
        table = full(rows, 3)
        fair = []
        for code in range(2**6):
            agents = [int(chosen[2 * j + (code >> j & 1)]) for j in range(6)]
            loads = np.bincount(agents, [table[a, j] for j, a in enumerate(agents)], minlength=3)
            if member.contains(loads):
                fair.append(sum(table[a, j] for j, a in enumerate(agents)))
        answer = evenhand.assign(rows, member)
        assert answer.bound <= min(fair, default=np.inf) * (1 + 1e-12)
        if answer.status == "infeasible":
            assert not fair
        elif answer.cost is not None:
            assert any(answer.cost == pytest.approx(cost) for cost in fair)


@pytest.mark.usefixtures("nothing_is_small")
def test_burdens_loads_from_before_locked_tasks_and_profits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that goes with a full table goes with candidates, and `verify` of the full table agrees."""
    rows = listed(6)
    starts, chosen, profits = rows
    hours = np.random.default_rng(7).uniform(0.5, 1.5, len(profits))
    before = [30.0, *[0.0] * (AGENTS - 1)]
    locked = {task: int(chosen[task * LISTED + 1]) for task in range(50)}
    member = EpsilonFairness(0.97, p=math.inf)
    rest: dict[str, Any] = {"initial_loads": before, "locked": locked, "maximise": True}
    answer = evenhand.assign(rows, member, burdens=hours, gap=1e-3, **rest)
    monkeypatch.undo()
    table, burdens = full(rows), full((starts, chosen, hours))
    verdict = evenhand.verify(table, answer, burdens=burdens, fairness=member, max_gap=1e-3, **rest)
    assert verdict, verdict.reasons
    assert answer.made_with == {"burdens": True, "initial_loads": True, "locked": True}


@pytest.mark.usefixtures("nothing_is_small")
def test_an_agent_without_candidates_makes_equality_impossible_with_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """With thirteen agents of whom the last may do nothing, no loads are nearly equal: the certificate shows it."""
    starts, chosen, costs = listed(8)
    table = CandidateTable.of_arrays(starts, chosen, costs, agents=AGENTS + 1)
    member = EpsilonFairness(0.99, p=2)
    answer = evenhand.assign(table, member)
    assert (answer.status, answer.assignment, answer.bound) == ("infeasible", None, np.inf)
    monkeypatch.undo()
    verdict = evenhand.verify(full((starts, chosen, costs), AGENTS + 1), answer, fairness=member)
    assert verdict.verified, verdict.reasons


@pytest.mark.usefixtures("nothing_is_small")
@pytest.mark.parametrize("member", [EpsilonFairness(1.0), MaxOverMean(1.0), GiniAtMost(0.01)], ids=lambda m: m.name)
def test_any_rule_that_idle_agents_break_is_refuted(member: Fairness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that larger lists are not solved under are refuted all the same, with a certificate that holds."""
    starts, chosen, costs = listed(8)
    answer = evenhand.assign(CandidateTable.of_arrays(starts, chosen, costs, agents=AGENTS + 1), member)
    assert answer.status == "infeasible"
    monkeypatch.undo()
    verdict = evenhand.verify(full((starts, chosen, costs), AGENTS + 1), answer, fairness=member)
    assert verdict.verified, verdict.reasons


@pytest.mark.usefixtures("nothing_is_small")
def test_extreme_sizes_are_refused() -> None:
    """Costs whose squares are no floats are refused with what would be right."""
    starts, chosen, costs = listed(8, tasks=100)
    with pytest.raises(InputError, match="rescale it to a size near 1"):
        evenhand.assign((starts, chosen, 1e200 * costs), EpsilonFairness(0.9))


@pytest.mark.usefixtures("nothing_is_small")
def test_loads_that_cannot_be_moved_are_refuted_by_the_dual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of all work has one candidate, the same for all: nobody can be at most 1.1 times the mean."""
    starts, chosen, costs = listed(9, tasks=2_000)
    alone = np.zeros(2_000, np.int32)
    rows = (
        np.concatenate([starts, starts[-1] + 1 + np.arange(2_000)]),
        np.concatenate([chosen, alone]),
        np.concatenate([costs, np.full(2_000, 0.5)]),
    )
    answer = evenhand.assign(rows, MaxOverMean(1.1))
    monkeypatch.undo()
    assert answer.status == "infeasible"
    assert evenhand.verify(full(rows), answer, fairness=MaxOverMean(1.1)).verified


@pytest.mark.usefixtures("nothing_is_small")
def test_single_precision_and_a_seed_give_the_same_answer_again() -> None:
    """The same input and seed give the same bits; single precision is read as the numbers that it holds."""
    starts, chosen, costs = listed(10)
    single = costs.astype(np.float32)
    member = EpsilonFairness(0.95, p=math.inf)
    first, again = (evenhand.assign((starts, chosen, single), member, seed=3) for _ in range(2))
    wide = evenhand.assign((starts, chosen, single.astype(np.float64)), member, seed=3)
    assert first.assignment is not None
    assert again.assignment is not None
    assert (first.assignment == again.assignment).all()
    assert (first.cost, first.bound) == (again.cost, again.bound)
    assert first.cost == pytest.approx(wide.cost, rel=1e-4)
    assert first.cost == pytest.approx(math.fsum(np.min(full((starts, chosen, single)), axis=0)), rel=0.1)


@pytest.mark.usefixtures("nothing_is_small")
def test_a_time_limit_leaves_what_is_known() -> None:
    """With no time there is still an answer, without a plan, and with the bound of the cheapest assignment or none."""
    answer = evenhand.assign(listed(11), EpsilonFairness(0.95), time_limit=1e-9)
    assert answer.status == "time_limit"
    assert answer.assignment is None


@pytest.mark.usefixtures("nothing_is_small")
@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_a_rough_plan_is_made_of_the_prices_known_when_time_is_up(known: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of none there is no plan; of a sample's there is a fair one, with the proof of its gap."""
    monkeypatch.setattr(solvers, "LEAST_SAMPLE", 2_000)
    monkeypatch.setattr(solvers, "SAMPLE_PER_AGENT", 100)
    find, found = solvers.CandidateSolver._dual, []

    def some(self: solvers.CandidateSolver, *rest: Any) -> Any:
        if len(found) == known:
            return None
        found.append(find(self, *rest))
        return found[-1]

    monkeypatch.setattr(solvers.CandidateSolver, "_dual", some)
    starts, agents, costs = listed(3, tasks=20_000)
    rule = EpsilonFairness(0.95)
    answer = evenhand.assign((starts, agents, costs), rule, gap=1e-9)
    if not known:
        assert (answer.status, answer.assignment) == ("time_limit", None)
        return
    assert answer.assignment is not None
    assert answer.certified_gap is not None
    assert answer.certified_gap < 0.02
    verdict = evenhand.verify((starts, agents, costs), answer)
    assert verdict.verified, verdict.reasons


def test_the_soft_dual_agrees_with_differences() -> None:
    """Its loads are minus the slopes of its value by the prices, its curvature minus the slopes of minus the loads."""
    starts, chosen, costs = listed(12, agents=4, tasks=30, count=3)
    pairs, price = Pairs(starts, chosen, costs, costs + 0.5), np.array([0.1, 0.3, 0.0, 0.2])

    def at(shifted: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        load, curvature = np.zeros(4), np.zeros((4, 4))
        value = soft_dual_of_candidates(pairs, shifted, 0.2, 0, 30, load, curvature, np.empty(3))
        return value, load, curvature

    _, load, curvature = at(price)
    for agent, step in enumerate(1e-6 * np.eye(4)):
        above, below = at(price + step), at(price - step)
        assert (above[0] - below[0]) / 2e-6 == pytest.approx(-load[agent], rel=1e-6)
        assert (above[1] - below[1]) / 2e-6 == pytest.approx(curvature[agent], rel=1e-4, abs=1e-6)


def test_a_chain_repairs_what_no_single_move_can() -> None:
    """Agents 0 and 1 are 1 apart with tasks of 5, 4 and 3 that each may take: the swap of 5 and 4 balances them."""
    moves = Pairs(
        np.array([0, 2, 4, 6]), np.array([0, 1, 0, 1, 0, 1], np.int32), np.zeros(6), np.array([5.0, 5, 4, 4, 3, 3])
    )
    slot, load, target = np.array([0, 1, 1], np.int32), np.array([7.0, 6.0]), np.array([6.0, 7.0])
    aim = Aim(target, np.ones(2), np.zeros(2), np.zeros(1), 0.0, 0.0)
    assert sweep(moves, slot, load, aim, np.arange(3)) == 0
    assert exchange(moves, slot, load, aim, np.arange(2), 10) == 1
    assert (load == target).all()
    assert slot.tolist() == [1, 0, 1]


def test_a_move_pays_for_the_rule_that_it_keeps() -> None:
    """The rule is missed by 1, of which the move of a load of 1 at a price of .4 takes .4, or .2 at .2; it costs .3.

    A unit that is missed costs .9: the move is worth .36 or .18. Missed by -.1 only, it is worth nothing.
    """
    moves = Pairs(np.array([0, 2]), np.array([0, 1], np.int32), np.array([0.0, 0.3]), np.array([1.0, 1.0]))
    for price, missed, expected in ((0.4, 1.0, 1), (0.2, 1.0, 0), (0.4, -0.1, 0)):
        slot, load, lack = np.zeros(1, np.int32), np.array([5.0, 4.0]), np.array([missed])
        sweep(moves, slot, load, Aim(load, np.zeros(2), np.array([0.0, price]), lack, 0.9, 0.0), np.arange(1))
        assert slot.tolist() == [expected]
        assert lack[0] == pytest.approx(missed - price * expected)


MISTAKES = [
    (([0, 2, 2], [0, 1], [1.0, 1.0]), "costs: task 'task-2' has no candidate; list at least one agent"),
    (([0, 2, 3], [0, 0, 1], [1.0, 1.0, 1.0]), "costs, entry 1: agent 'agent-1' and task 'task-1' are in entry 0"),
    (
        ([0, 2, 3], [0, 1, 1], [1.0, np.nan, 1.0]),
        "costs, entry 1: the cost of task 'task-1' for agent 'agent-2' is nan",
    ),
    (([0, 2, 3], [0, 1, 1], [1.0, -2.0, 1.0]), "costs, entry 1: the cost of task 'task-1' for agent 'agent-2' is -2;"),
    (([0, 2, 3], [0, 1, -1], [1.0, 1.0, 1.0]), "costs, entry 2: there is no agent -1; it must be a position"),
    (([0, 2, 4], [0, 1, 1], [1.0, 1.0, 1.0]), "costs: indptr must rise from 0 to 3"),
    (([0, 2, 3, 3], [0, 1, 1], [1.0, 1.0, np.inf]), "costs: task 'task-2' has no candidate"),
]


@pytest.mark.usefixtures("nothing_is_small")
@pytest.mark.parametrize(("rows", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_place(rows: tuple[list[Any], ...], message: str) -> None:
    """One line says which entry is wrong and what would be right."""
    with pytest.raises(InputError) as caught:
        evenhand.assign(CandidateTable.of_arrays(*rows), EpsilonFairness(0.5))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("nothing_is_small")
def test_burdens_have_their_own_mistakes() -> None:
    """A negative burden is refused, and so are burdens of other pairs."""
    starts, chosen, costs = listed(13, tasks=20)
    table = CandidateTable.of_arrays(starts, chosen, costs, burdens=np.where(np.arange(80) == 7, -1.0, 1.0))
    with pytest.raises(InputError, match=r"^costs, entry 7: the burden of task 'task-2' .* is -1; expected a finite"):
        evenhand.assign(table, EpsilonFairness(0.5))
    sparse = scipy.sparse.csr_array((costs, chosen, starts), shape=(20, AGENTS)).T
    with pytest.raises(InputError, match="store different entries; give each pair a cost and a burden"):
        evenhand.assign(sparse, EpsilonFairness(0.5), burdens=sparse.tocsc()[:, ::-1].tocsc())


def test_a_pair_twice_in_coordinates_is_refused() -> None:
    """SciPy would add the two costs up."""
    twice = scipy.sparse.coo_array(([1.0, 2.0, 3.0], ([0, 1, 0], [0, 1, 0])), shape=(2, 2))
    with pytest.raises(InputError, match=r"^costs, entry 2: the pair of agent 0 and task 0 is there already"):
        evenhand.assign(twice, EpsilonFairness(0.5))


@pytest.mark.usefixtures("nothing_is_small")
def test_other_members_are_refused_with_those_that_work() -> None:
    """A large table of candidates has no Gini solver, and other commands say how large its full table would be."""
    rows = listed(14)
    with pytest.raises(InputError, match="ask for one of these"):
        evenhand.assign(rows, GiniAtMost(0.1))
    with pytest.raises(InputError, match=r"full table would take .* GB; only evenhand assign and verify"):
        evenhand.max_epsilon(rows)


def test_three_vectors_of_one_length_are_doubtful() -> None:
    """They could be three agents' costs or compressed rows."""
    with pytest.raises(InputError, match="three vectors of one length"):
        evenhand.assign((np.array([0, 1, 2]), np.array([0, 1, 1]), np.array([1.0, 2.0, 3.0])), EpsilonFairness(0.5))


@pytest.mark.parametrize("chains", [False, True])
def test_moves_and_chains_keep_their_books(chains: bool) -> None:
    """Loads are those of the pairs in use, and the lack has grown with the cost of distances, less what loads pay."""
    starts, chosen, costs = listed(15, tasks=500)
    slot, load = np.zeros(500, np.int32), np.zeros(AGENTS)
    moves = Pairs(starts, chosen, costs, costs)
    np.add.at(load, chosen[starts[:-1]], costs[starts[:-1]])
    before, target, price = load.copy(), np.full(AGENTS, load.mean()), np.linspace(-0.1, 0.3, AGENTS)
    aim = Aim(target, np.full(AGENTS, 10.0), price, np.array([5.0]), 3.0, 1.0)
    if chains:
        assert exchange(moves, slot, load, aim, np.arange(AGENTS), 100) > 0
    else:
        assert sweep(moves, slot, load, aim, np.arange(500)) > 0
    used = starts[:-1] + slot
    assert load == pytest.approx(np.bincount(chosen[used], costs[used], minlength=AGENTS))
    bent = 5.0 * (((load - target) ** 2).sum() - ((before - target) ** 2).sum())
    assert aim.lack[0] == pytest.approx(5.0 + bent - price @ (load - before))
    assert np.abs(load - target).max() < np.abs(before - target).max()


@pytest.mark.slow
@pytest.mark.parametrize("order", [2.0, math.inf])
def test_ten_million_tasks_among_a_thousand_agents(order: float) -> None:
    """Ten candidates each: a gap of at most 3e-6 within minutes, certified, in a few gigabytes."""
    table = random_candidates(1_000, 10_000_000)
    answer = evenhand.assign(table, EpsilonFairness(0.99, p=order), gap=1e-6)
    assert answer.certified_gap is not None
    assert answer.certified_gap <= 3e-6
    verdict = evenhand.verify(table, answer, max_gap=3e-6)
    assert verdict, verdict.reasons
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 8e6
