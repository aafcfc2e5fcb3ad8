"""Make the environment of a scenario in one call."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from evenhand.errors import InputError, choices
from evenhand.hospital.loading import load
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.shown_value import shown
from evenhand.hospital.worlds import check_scenario

BACKENDS = {
    "reference": ("evenhand.hospital.reference_environment", "Hospital"),
    "jax": ("evenhand.hospital.vectorized", "VectorizedHospital"),
}
"""Module and class of each implementation of the rules; imported when it is first chosen."""


def make(scenario: str | os.PathLike[str] | Scenario, backend: str = "reference", **options: Any) -> Any:
    """Make the environment of a scenario.

    Parameters
    ----------
    scenario
        A name or a TOML file, as :func:`evenhand.hospital.load` takes them, or a scenario itself.
    backend
        ``"reference"``: a PettingZoo ``ParallelEnv``, plain Python to read; ``"jax"``: the same rules, vectorised.
    options
        Passed on to the environment, for instance ``render_mode`` to the reference.

    Raises
    ------
    InputError
        If scenario or backend is unknown, or the scenario is wrong.
    MissingExtraError
        If the library that a backend needs is not installed.
    """
    if not isinstance(backend, str) or backend not in BACKENDS:
        raise InputError(f"backend is {shown(backend)}; {choices(backend, BACKENDS)}")
    if isinstance(scenario, Scenario):
        check_scenario(scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    module, name = BACKENDS[backend]
    return getattr(import_module(module), name)(loaded, **options)
