"""Fairness as constraints in models of other libraries: one module per library, and one engine of cuts for all.

``evenhand.modeling.cvxpy``, ``.pyomo``, ``.gurobipy``, ``.pyscipopt``, ``.highspy`` and ``.linopy`` each have a
function ``fair``. Importing this package imports none of those libraries.
"""

from __future__ import annotations

from evenhand.fairness.selection import among
from evenhand.modeling.audit import Audit, audit
from evenhand.modeling.fairest import fairest
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.linear_fairest import Fairest
from evenhand.modeling.model_frontier import frontier
from evenhand.modeling.solution import FairSolution
from evenhand.modeling.solve_model import solve_fair_milp

__all__ = [
    "Audit",
    "FairSolution",
    "Fairest",
    "LinearModel",
    "among",
    "audit",
    "fairest",
    "frontier",
    "solve_fair_milp",
]
