"""Fairness as constraints in other people's models: one module for each modelling library, one engine of cuts for all.

``evenhand.modeling.cvxpy``, ``.pyomo``, ``.gurobipy``, ``.pyscipopt``, ``.highspy`` and ``.linopy`` each have a
function ``fair``. Importing this package imports none of those libraries.
"""

from __future__ import annotations

from evenhand.modeling.linear import LinearModel
from evenhand.modeling.solution import FairSolution

__all__ = ["FairSolution", "LinearModel"]
