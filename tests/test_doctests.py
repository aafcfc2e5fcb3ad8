"""The examples in public docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "evenhand.applications.generalised_assignment.solve_generalised",
    "evenhand.applications.load_shedding.solve_shedding",
    "evenhand.applications.salesmen.solve_tours",
    "evenhand.applications.salesmen.solve_tours",
    "evenhand.applications.towns",
    "evenhand.assignment.assign",
    "evenhand.assignment.assignment_frontier",
    "evenhand.sweeps.nested",
    "evenhand.sweeps.trial",
    "evenhand.equilibrium.certifying",
    "evenhand.equilibrium.finite_game",
    "evenhand.equilibrium.outcome",
    "evenhand.equilibrium.replaying",
    "evenhand.fairness.asked",
    "evenhand.fairness.selection",
    "evenhand.hospital.loading",
    "evenhand.hospital.planner.quickest_plan",
    "evenhand.hospital.planner.trade_off",
    "evenhand.hospital.reference_environment",
    "evenhand.hospital.ward",
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0
