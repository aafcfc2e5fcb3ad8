"""The OR-Library's generalised assignment problems: their published optima, and one line for every fault."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.applications.generalised_assignment import parse_orlib, read_orlib, solve
from evenhand.errors import InputError
from evenhand.fairness import JainAtLeast

# The first two problems of gap1, c515-1 and c515-2 (J. E. Beasley, OR-Library).
GAP1 = """ 2
 5 15
 17 21 22 18 24 15 20 18 19 18 16 22 24 24 16
 23 16 21 16 17 16 19 25 18 21 17 15 25 17 24
 16 20 16 25 24 16 17 19 19 18 20 16 17 21 24
 19 19 22 22 20 16 19 17 21 19 25 23 25 25 25
 18 19 15 15 21 25 16 16 23 15 22 17 19 22 24
 8 15 14 23 8 16 8 25 9 17 25 15 10 8 24
 15 7 23 22 11 11 12 10 17 16 7 16 10 18 22
 21 20 6 22 24 10 24 9 21 14 11 14 11 19 16
 20 11 8 14 9 5 6 19 19 7 6 6 13 9 18
 8 13 13 13 10 20 25 16 16 17 10 10 5 12 23
 36 34 38 27 33
 5 15
 19 23 24 20 20 25 16 21 24 15 17 17 20 20 20
 25 24 16 21 19 17 17 19 23 21 21 23 20 15 16
 16 21 25 22 24 24 16 17 15 18 15 17 18 24 18
 25 24 18 19 15 18 20 22 23 18 16 19 17 15 22
 25 19 21 22 20 15 20 19 18 18 17 23 17 25 25
 16 12 8 20 18 10 12 8 14 23 19 14 15 15 24
 16 18 19 22 13 20 9 7 25 10 20 13 11 15 16
 6 20 20 5 14 12 6 15 22 18 13 23 23 18 25
 18 23 25 17 25 13 23 23 13 20 20 23 17 19 24
 12 17 15 25 22 5 24 19 12 25 23 21 23 19 18
 36 37 38 48 44
"""
PUBLISHED = (336, 327)
TINY = "2 3\n1 2 3\n4 5 6\n1 1 1\n2 2 2\n3 4\n"
"""Costs 1 2 3 and 4 5 6; the first has room for all three tasks."""


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize("number", [0, 1])
def test_published_optima_come_out(number, solver):
    problem = parse_orlib(GAP1)[number]
    given = (problem.costs, problem.sizes, problem.capacities)
    answer = solve(*given, None, maximise=True, solver=solver, gap=1e-9)
    assert answer.status == "optimal"
    assert answer.cost == PUBLISHED[number]
    assert answer.bound == pytest.approx(PUBLISHED[number])
    assert answer.gap == pytest.approx(0.0, abs=1e-9)
    assert (answer.used <= problem.capacities).all()
    fair = solve(*given, JainAtLeast(0.99), maximise=True, solver=solver, gap=1e-9)
    assert fair.cost <= PUBLISHED[number]
    assert fair.price == pytest.approx(1.0 - fair.cost / PUBLISHED[number], abs=1e-6)
    assert fair.jain >= 0.99


def test_most_of_profits_is_least_of_their_opposites():
    """By hand: all three to the first cost 6; the second takes two at most, which brings 5 + 6 + 1 = 12."""
    (problem,) = parse_orlib(TINY)
    given = (problem.sizes, problem.capacities)
    assert solve(problem.costs, *given, None).cost == 6.0
    most = solve(problem.costs, *given, None, maximise=True)
    assert most.cost == 12.0
    assert solve(-problem.costs, *given, None).cost == -12.0
    assert most.to_dict()["maximise"] is True
    forbidden = np.where(problem.costs == 6.0, np.inf, problem.costs)
    assert solve(forbidden, *given, None, maximise=True).cost == 4.0 + 5.0 + 3.0


def test_files_hold_one_problem_or_several(tmp_path):
    (tmp_path / "gap1.txt").write_text(GAP1)
    first, second = read_orlib(tmp_path / "gap1.txt")
    assert (first.costs.shape, first.costs[4, 14], first.sizes[0, 0]) == ((5, 15), 24.0, 8.0)
    assert first.capacities.tolist() == [36, 34, 38, 27, 33]
    assert second.capacities.tolist() == [36, 37, 38, 48, 44]
    assert second.costs[0, :3].tolist() == [19, 23, 24]
    (alone,) = parse_orlib(TINY)
    (counted,) = parse_orlib("1\n" + TINY)
    assert (alone.costs == counted.costs).all()
    (wrapped,) = parse_orlib("1\n2 3 1 2\n3 4 5 6 1 1 1 2 2 2 3\n\n4")
    assert (wrapped.sizes == alone.sizes).all(), "lines mean nothing"
    assert wrapped.capacities.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: ends after 0 of 1 numbers, problem 1's number of agents"),
        ("1\n", "line 1: ends after 0 of 1 numbers, problem 1's number of agents"),
        (TINY.replace("3 4\n", "3\n"), "line 6: ends after 1 of 2 numbers, the capacities of problem 1"),
        (TINY + "12\n", "line 7: '12' follows the last number of the 1 problem"),
        ("2\n" + TINY, "line 7: ends after 0 of 1 numbers, problem 2's number of agents"),
        ("3\n" + TINY + TINY, "line 13: ends after 0 of 1 numbers, problem 3's number of agents"),
        (TINY.replace("4 5 6", "4 five 6"), "line 3: 'five' must be a finite number .the costs of problem 1"),
        (TINY.replace("1 1 1", "1 -1 1"), "line 4: '-1' must be a finite number of at least 0 .the sizes of problem 1"),
        (TINY.replace("3 4\n", "3 inf\n"), "line 6: 'inf' must be a finite number of at least 0 .the capacities"),
        (TINY.replace("2 3\n", "1 3\n", 1), "line 1: '1' must be problem 1's number of agents, a whole number from 2"),
        (TINY.replace("2 3\n", "2 3.5\n", 1), "line 1: '3.5' must be problem 1's number of tasks, a whole number"),
        ("2 99999999\n1 2", "line 1: '99999999' must be problem 1's number of tasks, a whole number from 1 to 10000"),
        ("1_0\n" + TINY, "line 1: '1_0' must be a finite number"),
        (
            ",t1,t2\nAnn,1,2\nBo,3,4\n",
            "line 1: ',t1,t2' must be a finite number .the number of problems, in the OR-Lib",
        ),
    ],
)
def test_faults_are_told_with_their_line(text, message):
    with pytest.raises(InputError, match=rf"^gap\.txt, {message}") as caught:
        parse_orlib(text, "gap.txt")
    assert "\n" not in str(caught.value)
