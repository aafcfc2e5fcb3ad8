"""What outer approximation in rounds asks of a model in some library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from evenhand.modeling.recession import Program

    Array = NDArray[np.float64]


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
        """Whether some of the model's rows are made only when they are violated."""

    def program(self) -> Program | None:
        """Return the model with its loads and cuts, to minimise; None where it is not linear."""

    def idle(self) -> AbstractContextManager[None]:
        """Let nothing cost anything for as long as a block runs."""

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve what is there; return a status of :class:`.solution.FairSolution`'s, or ``interrupted``."""

    def objective(self) -> float:
        """Return the objective of the solution found."""

    def bound(self) -> float:
        """Return the proven bound of the last solve."""

    def loads(self) -> Array:
        """Return the loads of the solution found, shape (n,)."""

    def auxiliaries(self) -> Array:
        """Return the values of the auxiliary variables, shape (q,)."""

    def values(self) -> Array:
        """Return the values of all variables of the model as it was given."""

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries) that must not be negative."""

    def rule_out(self) -> bool:
        """Forbid the integral solution found, and no other; return False where the model cannot say that."""

    def found(self) -> list[Array]:
        """Return the integral solutions that the last solve met on its way, each the values of all variables."""

    def showing(self, values: Array) -> AbstractContextManager[None]:
        """Let `values` of all variables be the solution found for as long as a block runs."""

    def separate(self, *, integral: bool) -> bool:
        """Add the model's own lazy rows that the solution violates; return whether there were any."""
