"""The examples of the layer, in docstrings and on its page, print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import evenhand.fair_gne

MODULES = [f"evenhand.fair_gne.{module.name}" for module in pkgutil.iter_modules(evenhand.fair_gne.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    """Every example prints what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_page_about_fair_gne_is_true():
    """Every number in the examples of the page is what the code gives."""
    page = Path(__file__).parents[2] / "docs" / "explanation" / "fair-gne.md"
    results = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted > 10
