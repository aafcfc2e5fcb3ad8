"""Other solvers on the same cases, with the same cuts and gap, one thread and a time limit.

Each file has ``solve(costs, fairness, gap, cap, burdens=None)``, which returns a
:class:`~benchmarks.assignment.peers.result.PeerResult`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

LIBRARIES = {"highs": "highspy", "scip": "pyscipopt", "cpsat": "ortools", "gurobi": "gurobipy"}
"""The library of each peer, in the order of the tables."""
NAMES = {"evenhand": "evenhand", "highs": "HiGHS", "scip": "SCIP", "cpsat": "CP-SAT", "gurobi": "Gurobi"}
UNSTORED = ("gurobi",)
"""Peers whose licence, or whose users' licence, does not let figures be published."""


def installed() -> tuple[str, ...]:
    """Return the peers whose library is here."""
    return tuple(name for name, library in LIBRARIES.items() if find_spec(library))


def load(name: str) -> Any:
    """Return the module of a peer."""
    return import_module(f"benchmarks.assignment.peers.{name}")
