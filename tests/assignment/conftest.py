"""A clock of processor time for the searches of assignments."""

from __future__ import annotations

import time

import pytest

from evenhand.assignment import progress_clock


@pytest.fixture
def processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count processor time, which a busy machine does not stretch."""
    monkeypatch.setattr(progress_clock.time, "perf_counter", time.process_time)
