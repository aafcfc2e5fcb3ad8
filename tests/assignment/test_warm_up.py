"""What is loaded before the clock starts is all that a solve needs."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest

import evenhand
from evenhand.assignment import kernels, relaxation
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.kernels.warm_up import warm_up


def compiled() -> dict[str, list[object]]:
    """Return the signatures for which each loop is compiled."""
    found = {}
    for module in pkgutil.iter_modules(kernels.__path__, f"{kernels.__name__}."):
        for name, loop in vars(importlib.import_module(module.name)).items():
            if hasattr(loop, "signatures"):
                found[f"{module.name}.{name}"] = list(loop.signatures)
    return found


@pytest.mark.parametrize(
    "fairness",
    [
        evenhand.EpsilonFairness(0.99, p=2),
        evenhand.EpsilonFairness(0.99, p=np.inf),
        evenhand.EpsilonFairness(0.9, p=3, entitlements=(1, 1, 1, 1, 0.5, 1)),
        evenhand.GiniAtMost(0.02),
    ],
    ids=repr,
)
def test_a_solve_compiles_nothing_after_the_warm_up(
    fairness: evenhand.Fairness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling takes a second where a solve takes milliseconds, and no clock can stop it."""
    monkeypatch.setattr(relaxation, "LARGE", 0)  # what only large tables need is asked of a small one, too
    warm_up()
    before = compiled()
    evenhand.assign(generate_plane(6, 120, seed=1).costs, fairness, gap=0.0, time_limit=2.0)
    assert compiled() == before
