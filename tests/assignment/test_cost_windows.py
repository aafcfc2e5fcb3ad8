"""Windows above the bound: what the search does where one reaches far beyond the optimum."""

from __future__ import annotations

import re

import numpy as np
import pytest
from benchmarks.assignment.distributions import clusters, ties

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.core import core_below
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.kernels.branching import BUDGET, CANDIDATE, DONE
from evenhand.assignment.kernels.stack import DEPTH
from evenhand.assignment.kernels.windows import CONTEST
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.search import Search
from evenhand.assignment.tree import Tree
from evenhand.tables.cost_table import CostTable


def test_a_window_that_reaches_far_beyond_the_optimum_is_given_up() -> None:
    """The edge of one window lies 6.5 above the optimum, and its tree alone took 65,000 nodes."""
    reports: list[evenhand.assignment.Progress] = []
    answer = evenhand.assign(
        clusters(6, 143, 32).costs,
        evenhand.EpsilonFairness(0.9, p=float("inf")),
        gap=1e-4,
        progress=reports.append,
    )
    assert answer.status == "optimal"
    assert answer.gap is not None
    assert answer.gap <= 1e-4
    assert max(report.nodes for report in reports) < 20_000


def test_tasks_are_grouped_otherwise_where_a_tree_does_not_close() -> None:
    """Six towns in four groups: no window closed within 20 s. In six groups all of them take 2,000 nodes."""
    reports: list[evenhand.assignment.Progress] = []
    answer = evenhand.assign(
        clusters(8, 159, 67).costs,
        evenhand.EpsilonFairness(0.99, p=float("inf")),
        gap=1e-4,
        time_limit=60,
        progress=reports.append,
    )
    assert answer.status == "optimal"
    assert max(report.nodes for report in reports) < 20_000


def compared_and_won(
    costs: CostTable | np.ndarray, fairness: evenhand.Fairness, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, int]:
    """Return the numbers of nodes at which numbers of tasks were compared with single tasks, and promised more."""
    trees: list[Tree] = []
    begin = Tree.__init__

    def kept(tree: Tree, *given: object, **named: object) -> None:
        begin(tree, *given, **named)  # type: ignore[arg-type]
        trees.append(tree)

    monkeypatch.setattr(Tree, "__init__", kept)
    answer = evenhand.assign(costs, fairness, gap=1e-4)
    assert answer.status == "optimal"
    compared, won = np.sum([tree.pseudocosts.contest for tree in trees], axis=0)
    return int(compared), int(won)


def test_numbers_promise_more_than_single_tasks_in_towns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixing one task lets its near twin become fractional instead."""
    compared, won = compared_and_won(clusters(7, 206, 170).costs, evenhand.EpsilonFairness(0.99, p=10), monkeypatch)
    assert compared > CONTEST
    assert won > 0.9 * compared


def tree_of(costs: np.ndarray, burdens: np.ndarray | None, fairness: evenhand.Fairness) -> Tree:
    relaxation = Relaxation(Scaled.of(build_problem(costs, burdens, None, None)), CutPool(fairness, len(costs)))
    relaxation.solve(Clock(None, None))
    return Tree(core_below(relaxation, np.inf), relaxation)


def search_on(tree: Tree, nodes: int) -> None:
    while (event := tree.advance(np.inf, nodes)) not in {BUDGET, DONE}:
        if event == CANDIDATE:
            tree.branch_below()


@pytest.mark.parametrize(("agents", "won", "counts"), [(6, 30, True), (6, 20, False), (25, 90, True), (25, 89, False)])
def test_a_tree_counts_where_numbers_have_won_often_enough(agents: int, won: int, counts: bool) -> None:
    """At 4 % of the nodes for each agent, 24 % with six, and at most 90 %."""
    costs = generate_plane(agents, 10 * agents, 1).costs.values
    tree = tree_of(costs, None, evenhand.EpsilonFairness(0.99, p=10))
    tree.pseudocosts.contest[:] = CONTEST, won
    search_on(tree, 40)
    branchings = tree._stack.place[: tree._control[DEPTH]]
    assert len(branchings) > 5
    assert (branchings >= 0).any() == counts


def test_twins_and_steps_are_never_decided_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = np.random.default_rng(1).integers(1, 9, (4, 30)).astype(float)
    burdens = np.tile(np.random.default_rng(2).choice([15.0, 30.0, 45.0], 30), (4, 1))
    tree = tree_of(costs, burdens, evenhand.CVAtMost(0.05))
    search_on(tree, 300)
    assert tree.nodes > 50
    assert tree.pseudocosts.contest.tolist() == [0, 0]


def test_no_fair_loads_are_aimed_at_where_rounding_is_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole costs from 1 to 10 and a constraint that is slack: aiming took a hundred times as long as all else."""

    def aim(search: Search) -> None:
        raise AssertionError(search.best)

    monkeypatch.setattr(Search, "_aim", aim)
    costs = ties(5, 250, 1).costs
    answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.5))
    assert answer.cost == costs.values.min(axis=0).sum()


def test_a_report_says_what_the_tree_is_at() -> None:
    reports: list[evenhand.assignment.Progress] = []
    answer = evenhand.assign(
        clusters(6, 143, 32).costs, evenhand.EpsilonFairness(0.9, p=float("inf")), progress=reports.append
    )
    assert answer.status == "optimal"
    details = {report.detail for report in reports if report.phase == "search"}
    assert details
    pattern = re.compile(r"window \d+( up to [\de.-]+ above the bound)?, [\d,]+ nodes, \d+% of its tree")
    assert all(pattern.fullmatch(detail) for detail in details), details
