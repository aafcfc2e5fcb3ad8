"""A measured training goes on only while it is measured."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.orders import Orders, paced

from benchmarks import orders

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 100
"""Steps of each report, which take a second of the test's clock."""


class Script(Orders):
    """Orders of one second each, as many as asked for, and the answers to them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.answers: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return ({"seconds": 1.5} for _ in range(self._number))

    def answer(self, line: dict[str, Any]) -> None:
        """Keep the answer."""
        self.answers.append(line)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time of day, in seconds, that the tests set."""
    now = [0.0]
    monkeypatch.setattr(orders.time, "perf_counter", lambda: now[0])
    return now


def _train(script: Script, clock: list[float], first: float, warm_up: int) -> int:
    """Report until there are no more orders; the first report takes so many seconds. Return the steps done."""
    pace = paced(script, {"name": "some"}, warm_up)
    next(pace)
    for report in count(1):
        clock[0] += first if report == 1 else 1.0
        try:
            pace.send(report * STEP)
        except StopIteration:
            return report * STEP
    raise AssertionError


def test_each_order_is_answered_with_its_steps_and_seconds(clock: list[float]) -> None:
    """An order of 1.5 seconds takes two reports of one second; what went before is not counted."""
    script = Script(2)
    _train(script, clock, first=8.0, warm_up=0)
    assert [(told["steps"], told["seconds"]) for told in script.answers[1:]] == [(2 * STEP, 2.0)] * 2


def test_starting_is_what_the_first_report_takes_longer_than_others(clock: list[float]) -> None:
    script = Script(1)
    _train(script, clock, first=8.0, warm_up=0)
    assert script.answers[0] == {"name": "some", "start_seconds": 7.0}


def test_the_warm_up_goes_by_before_the_first_order(clock: list[float]) -> None:
    """With 550 steps of warm-up, six reports pass; the seventh and eighth answer the only order."""
    assert _train(Script(1), clock, first=8.0, warm_up=550) == 8 * STEP
