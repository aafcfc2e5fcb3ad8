"""Solutions of models that maximise, after they were solved with the negated objective."""

from __future__ import annotations

from dataclasses import replace

from evenhand.modeling.solution import FairSolution


def as_maximised(solution: FairSolution) -> FairSolution:
    """Return a solution of the model with the negated objective as a solution of the model that maximises."""
    return replace(
        solution,
        objective=None if solution.objective is None else -solution.objective,
        bound=None if solution.bound is None else -solution.bound,
        shadow_price=None if solution.shadow_price is None else -solution.shadow_price,
    )
