"""What the checks of an answer need of its problem and of its claims, for one rule and for several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evenhand.assignment.assignment_result import Changes
from evenhand.assignment.case import Number


class Asked(Protocol):
    """A problem with names, whose costs may be profits; see :class:`~evenhand.assignment.case.Case`."""

    @property
    def agents(self) -> Sequence[str]:
        """Names of the agents."""

    @property
    def tasks(self) -> Sequence[str]:
        """Names of the tasks."""

    @property
    def named(self) -> tuple[bool, bool]:
        """Whether the table names its agents, and its tasks."""

    @property
    def maximise(self) -> bool:
        """Whether the table holds profits."""

    def in_user_sign(self, value: Number) -> Number:
        """Return a cost with the sign of the user's table, or turn such a value back into a cost."""


class Claims(Protocol):
    """The claims of an answer; see :class:`~evenhand.assignment.stated_answer.Stated`."""

    @property
    def status(self) -> str:
        """Stated status."""

    @property
    def cost(self) -> float | None:
        """Stated cost."""

    @property
    def bound(self) -> float:
        """Stated bound."""

    @property
    def gap(self) -> float | None:
        """Stated gap."""

    @property
    def certified_gap(self) -> float | None:
        """Stated gap of the certificate."""

    @property
    def certificate(self) -> object | None:
        """The certificate, if there is one."""

    @property
    def changes(self) -> Changes | None:
        """What has changed hands, if that is part of the question."""

    @property
    def agents(self) -> Sequence[str] | None:
        """Stated names of the agents."""

    @property
    def tasks(self) -> Sequence[str] | None:
        """Stated names of the tasks."""

    @property
    def named(self) -> tuple[bool | None, bool | None]:
        """Whether these are said to be the table's own."""
