"""Rows of a benchmark, as small as tests need them."""

from __future__ import annotations

from typing import Any


def row(**given: Any) -> dict[str, Any]:
    """Return a solved row of ours, changed where the test says so."""
    usual = {
        "part": "seed",
        "solver": "evenhand",
        "group": "plane 5x250",
        "number": 1,
        "p": 2,
        "epsilon": 0.9,
        "member": "",
        "cap": 60.0,
        "binding": True,
        "seconds": 1.0,
        "status": "optimal",
        "cost": 100.0,
        "bound": 99.99,
        "gap": 1e-4,
        "certified_gap": 5e-4,
        "peak_bytes": 1,
        "wrong": "",
    }
    return {**usual, **given}
