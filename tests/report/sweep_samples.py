"""Tables of sweeps, made by hand: two settings, seeds, and trials that went wrong."""

from __future__ import annotations

import json
from typing import Any

import pyarrow
from tests.report.samples import HOSTILE

from evenhand.sweeps.results_table import Results

MACHINE = json.dumps({"date": "2026-11-25T10:00:00+00:00", "processor": "AMD EPYC", "cores": 2})
CONFIG, RESULT = ("epsilon", "p", "agents", "seed"), ("cost", "optimal", "gap", "loads", "word")


def cost(epsilon: float, p: float, agents: int, seed: int) -> float:
    """Return a cost that rises with the level, more so for a greater order, and differs a little by seed."""
    return 100.0 + 10.0 * epsilon**2 * (1.0 if p == 2 else 2.0) + agents + 0.1 * seed


def make_rows(**changes: Any) -> list[dict[str, Any]]:
    """Four levels, two orders, two teams, three seeds; two of the 48 trials went wrong."""
    rows = [
        {
            "epsilon": epsilon,
            "p": p,
            "agents": agents,
            "seed": seed,
            "cost": cost(epsilon, p, agents, seed),
            "optimal": seed != 2,
            "gap": 0.0,
            "loads": [1.0, 2.0],
            "word": "text",
            "task": "assign",
            "status": "done",
            "trace": "",
            "seconds": 1.0 + epsilon,
            "processor_seconds": 2.0,
            "digest": "0" * 20,
            "version": "0.1.0",
            "machine": MACHINE,
        }
        for epsilon in (0.1, 0.5, 0.7, 0.9)
        for p in (2.0, float("inf"))
        for agents in (5, 10)
        for seed in range(3)
    ]
    for place, status, trace in (
        (4, "failed", f"Traceback:\n  line 1\nValueError: {HOSTILE[1]}"),
        (20, "timed_out", "after 60 s"),
    ):
        rows[place] |= {"status": status, "trace": trace, **dict.fromkeys(RESULT)}
    return [{**row, **changes} for row in rows]


def make_results(rows: list[dict[str, Any]] | None = None, config: tuple[str, ...] = CONFIG) -> Results:
    """Return rows as a sweep's table."""
    return Results(config, RESULT, pyarrow.Table.from_pylist(make_rows() if rows is None else rows))
