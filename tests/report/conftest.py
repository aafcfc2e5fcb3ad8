"""The samples that most tests of the report start from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from tests.report.samples import make_answer, make_frontier, make_table

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.fairness import Frontier
    from evenhand.tables import CostTable


@pytest.fixture
def table() -> CostTable:
    """Four teams, twelve visits, with places."""
    return make_table()


@pytest.fixture
def answer(table: CostTable) -> Assignment:
    """Visits dealt out in turn."""
    return make_answer(table)


@pytest.fixture
def frontiers(table: CostTable) -> list[Frontier]:
    """Orders 2 and infinity."""
    return [make_frontier(2, table.agents), make_frontier(math.inf, table.agents)]
