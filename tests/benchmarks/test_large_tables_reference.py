"""The page on large tables says what the committed measurements of growth and of peers say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import large_growth, large_peers, large_ray


@pytest.mark.parametrize("benchmark", [large_growth, large_peers, large_ray])
def test_the_page_quotes_the_result(benchmark) -> None:
    quoted = benchmark.PAGE.read_text("utf-8").split(benchmark.BEGIN)[1].split(benchmark.END)[0].strip()
    assert quoted == benchmark.quote(json.loads(benchmark.RESULT.read_text("utf-8")))


def test_growth_was_measured_over_sizes_that_are_far_apart() -> None:
    result = json.loads(large_growth.RESULT.read_text("utf-8"))
    for size in ("tasks", "agents"):
        sizes = [row[size] for row in result[size]["rows"]]
        assert max(sizes) >= 10 * min(sizes)


def test_the_slope_is_the_exponent_of_a_power_law() -> None:
    rows = [{"tasks": tasks, "seconds": 3.0 * tasks**0.75} for tasks in (10, 1_000, 100_000)]
    assert large_growth.slope(rows, "tasks") == pytest.approx(0.75)


def test_generated_costs_are_distances() -> None:
    costs = large_growth.plane(3, 2_000_001, 1)
    assert (costs.shape, costs.dtype) == ((3, 2_000_001), np.float32)
    assert costs.min() >= 0.0
    assert costs.max() <= np.hypot(80.0, 100.0)
    assert len(np.unique(costs[:, ::1_000_000])) == 9


def test_peers_agree_with_the_bound_of_our_certificate() -> None:
    """Where both have solved a table, the optimum of the relaxation is the bound, but for the tolerance."""
    solves = json.loads(large_peers.RESULT.read_text("utf-8"))["solves"]
    bounds = {row["tasks"]: row["value"] for row in solves if "evenhand" in row["solver"]}
    compared = [row for row in solves if row["solved"] and "evenhand" not in row["solver"]]
    assert len(compared) >= 3
    for row in compared:
        assert row["value"] == pytest.approx(bounds[row["tasks"]], rel=1e-5)


def test_the_relaxation_of_a_tiny_table_by_hand() -> None:
    """Tasks are shared out, loads are sums of costs, and the largest is at most beta times the mean."""
    pytest.importorskip("scipy")
    costs, equations, inequalities = large_peers.relaxation(3)
    table = large_growth.plane(5, 3, 1).astype(float)
    parts = np.zeros((5, 3))
    parts[[0, 1, 2], [0, 1, 2]] = 1.0
    loads = (parts * table).sum(axis=1)
    point = np.concatenate([parts.ravel(), loads])
    assert np.allclose(equations @ point, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    beta = large_peers.FAIRNESS.bound(5)
    assert np.allclose(inequalities @ point, loads - beta * loads.mean())
    assert costs @ point == pytest.approx(loads.sum())
