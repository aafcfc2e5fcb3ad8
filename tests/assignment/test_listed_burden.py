"""Burdens of a list of candidates are matched by name, and what does not fit is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenhand.assignment.candidates.listed_burden import burden_of_pairs
from evenhand.errors import InputError
from evenhand.tables import CostTable
from evenhand.tables.candidate_table import CandidateTable

AGENTS, TASKS = ("a", "b", "c"), ("x", "y")
COSTS = CandidateTable.of_arrays([0, 2, 4], [0, 1, 1, 2], [1.0, 2, 3, 4], agents=AGENTS, tasks=TASKS)


def turned(numbers: list[float]) -> CandidateTable:
    """Return a list of the pairs cy, by, bx, ax in this order, so that agents and tasks have other positions."""
    return CandidateTable.of_arrays(
        [0, 2, 4], [0, 1, 1, 2], numbers, agents=("c", "b", "a"), tasks=("y", "x"), source="hours.csv"
    )


def test_lists_in_another_order_are_matched_by_name() -> None:
    """The pairs ax, bx, by, cy get their own numbers."""
    assert burden_of_pairs(turned([40.0, 30, 20, 10]), COSTS).tolist() == [10, 20, 30, 40]


def test_full_tables_in_another_order_are_matched_by_name() -> None:
    """The row of c comes first, and the column of y."""
    full = CostTable(np.array([[6.0, 5], [4, 3], [2, 1]]), ("c", "b", "a"), ("y", "x"), source="hours.csv")
    assert burden_of_pairs(full, COSTS).tolist() == [1, 3, 4, 6]


def test_tables_without_names_are_in_the_order_of_the_costs() -> None:
    """An array has positions only."""
    assert burden_of_pairs(np.arange(6.0).reshape(3, 2), COSTS).tolist() == [0, 2, 3, 5]
    assert burden_of_pairs(np.arange(4.0), COSTS).tolist() == [0, 1, 2, 3]
    assert burden_of_pairs([5.0, 7.0], COSTS).tolist() == [5, 5, 7, 7]


def test_faults_name_the_pair_and_the_file() -> None:
    """Pairs that are missing, listed twice or have no number; names that the costs do not have."""
    missing = turned([40.0, 30, 20, 10]).kept(np.array([True, True, False, True]))
    twice = CandidateTable.of_arrays([0, 3, 4], [0, 1, 1, 2], [1.0] * 4, agents=AGENTS, tasks=TASKS, source="hours.csv")
    for burden, message in (
        (missing, "hours.csv has no number for task 'x' and agent 'b'"),
        (twice, "hours.csv: task 'x' and agent 'b' are listed twice"),
        (turned([40.0, np.inf, 20, 10]), "hours.csv: the burden of task 'y' and agent 'b' is inf"),
        (turned([40.0, 30, -1, 10]), "hours.csv: the burden of task 'x' and agent 'b' is -1"),
        (replace(COSTS, agents=("a", "b", "d")), "no agent of the costs is called 'd'"),
        (replace(COSTS, agents=("a", "b"), named=(False, True)), "has 2 agents, the costs have 3"),
    ):
        with pytest.raises(InputError, match=message):
            burden_of_pairs(burden, COSTS)
