"""Equal loads, checked by adding up whole numbers."""

from __future__ import annotations

import numpy as np
import pytest
from reproductions.dispersion import equal_loads as equal_loads_module
from reproductions.dispersion.equal_loads import equal_loads, whole_costs


def summed(costs: np.ndarray, assignment: np.ndarray) -> list[int]:
    return [sum(int(costs[agent, task]) for task in np.flatnonzero(assignment == agent)) for agent in range(len(costs))]


def cheapest(costs: np.ndarray) -> np.ndarray:
    return costs.argmin(axis=0)


FEW_WAYS = 1 << 14


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("largest", "ways"), [(2_000, FEW_WAYS), pytest.param(100_000, equal_loads_module.WAYS, marks=pytest.mark.slow)]
)
def test_three_agents_come_to_carry_the_same(
    seed: int, largest: int, ways: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equal_loads_module, "WAYS", ways)
    costs = np.random.default_rng(seed).integers(1, largest, (3, 60))
    found = equal_loads(costs, cheapest(costs), seed)
    assert found is not None
    assert found.shape == (60,)
    assert len(set(summed(costs, found))) == 1


@pytest.mark.parametrize("ways", [FEW_WAYS, pytest.param(equal_loads_module.WAYS, marks=pytest.mark.slow)])
def test_what_cannot_be_is_not_found(ways: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equal_loads_module, "WAYS", ways)
    # One task costs 5, nineteen cost 10, whoever does them: 195 cannot be halved.
    costs = np.full((2, 20), 10)
    costs[:, 0] = 5
    assert equal_loads(costs, np.zeros(20, dtype=np.intp)) is None


def test_too_few_tasks_are_not_tried() -> None:
    assert equal_loads(np.ones((5, 20), dtype=np.int64), np.zeros(20, dtype=np.intp)) is None


def test_costs_are_taken_as_the_decimals_they_are() -> None:
    assert whole_costs(np.array([[0.1, 33.3333], [12.0, 0.0001]])).tolist() == [[1000, 333333], [120000, 1]]


def test_more_decimals_than_four_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 4 decimals"):
        whole_costs(np.array([[0.12345]]))
