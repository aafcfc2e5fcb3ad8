"""Compiled loops are kept for the session."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _keep_compiled_programs(compiled_programs):
    """Have them kept in all tests here."""
