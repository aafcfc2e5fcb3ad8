"""What an answer says about the tasks that changed hands, read from its JSON without trusting it, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import LEFT, NEW, Changes
from evenhand.errors import InputError
from evenhand.tables.shapes import Whole, check_shape


@dataclass(frozen=True, slots=True)
class FewestChanges:
    """The stated bracket of the least number of changes; see :class:`~evenhand.assignment.assignment_result.Changes`.

    Attributes
    ----------
    reached, assignment
        Number of changes of a fair assignment, and that assignment, shape (m,); None if none is known.
    refuted
        Number of changes that is said to be too few; None if there is no such number.
    """

    reached: int | None
    assignment: NDArray[np.intp] | None
    refuted: int | None


def read_changes(value: Any, n: int, m: int) -> tuple[Changes, FewestChanges] | None:
    """Read the field ``changes`` of an answer about `n` agents and `m` tasks; None if it says nothing.

    Raises
    ------
    InputError
        If it has another shape.
    """
    if value is None:
        return None
    number = (Whole(0), None)
    agents: tuple[Any, ...] = ([Whole(0, n - 1)], None)
    shape = {"before": [Whole(LEFT, n - 1)], "at_most": number, "changed": number}
    check_shape(value, shape | {"reached?": number, "refuted?": number, "assignment?": agents}, "the answer", "changes")
    shown = value.get("assignment")
    for name, entries in (("before", value["before"]), ("assignment", shown)):
        if entries is not None and len(entries) != m:
            raise InputError(f"changes.{name} has {len(entries)} entries; the table asks for {m}")
    fewest = FewestChanges(
        value.get("reached"), None if shown is None else np.array(shown, dtype=np.intp), value.get("refuted")
    )
    before = np.array(value["before"], dtype=np.intp).reshape(m)
    return Changes(before, value["at_most"], value["changed"]), fewest


def holder(before: int, agents: Sequence[str]) -> str:
    """Return who had a task before, in words."""
    words = {NEW: "nobody, because it is new", LEFT: "an agent who is no longer there"}
    return words[before] if before in words else repr(agents[before])
