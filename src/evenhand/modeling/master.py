"""The interface through which outer approximation in rounds uses a model of any library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, Protocol

from evenhand.arrays import Array
from evenhand.modeling.linear import Program


@contextmanager
def parameters(model: Any, values: Mapping[str, Any]) -> Iterator[None]:
    """Return a context in which parameters of a SCIP or Gurobi model have these values."""
    read = model.getParam if hasattr(model, "getParam") else partial(getattr, model.Params)
    before = {name: read(name) for name in values}
    try:
        for name, value in values.items():
            model.setParam(name, value)
        yield
    finally:
        for name, value in before.items():
            model.setParam(name, value)


class Master(Protocol):
    """A model in some library, without its fairness constraint, to which rows can be added.

    Objective and bound are in the model's own sense.
    """

    @property
    def maximises(self) -> bool:
        """Whether the model maximises."""

    @property
    def has_integers(self) -> bool:
        """Whether any variable is integer."""

    @property
    def is_lazy(self) -> bool:
        """Whether the model has lazy rows, which are added only when they are violated."""

    def program(self) -> Program | None:
        """Return the model with its loads and cuts, to minimise; None if it is not linear."""

    def idle(self) -> AbstractContextManager[None]:
        """Return a context in which the objective is zero, for feasibility problems."""

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve the model with its present rows, without integrality if `relaxed`, and return the status.

        The status is one of :class:`.solution.FairSolution`, or ``interrupted``.
        """

    def objective(self) -> float:
        """Return the objective of the solution found."""

    def bound(self) -> float:
        """Return the proven bound of the last solve."""

    def loads(self) -> Array:
        """Return the loads of the solution found, shape (n,)."""

    def auxiliaries(self) -> Array:
        """Return the values of the auxiliary variables, shape (q,)."""

    def values(self) -> Array:
        """Return the values of all variables of the user's model."""

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries), each at least 0."""

    def rule_out(self) -> bool:
        """Exclude the integral solution found, and no other; return False if no linear row can do that."""

    def found(self) -> list[Array]:
        """Return the integral solutions that the last solve found before its best, each the values of all variables."""

    def showing(self, values: Array) -> AbstractContextManager[None]:
        """Return a context in which `values` of all variables take the place of the solution found."""

    def separate(self, *, integral: bool) -> bool:
        """Add the model's own lazy rows that the solution found violates; return whether there were any."""
