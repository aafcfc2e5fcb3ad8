"""The examples in the documentation of the code run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import evenhand.fairness

MODULES = [f"evenhand.fairness.{module.name}" for module in pkgutil.iter_modules(evenhand.fairness.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    """Every example prints what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
