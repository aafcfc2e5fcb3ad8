"""What has changed hands since an earlier answer, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import LEFT, NEW, Changes

LISTED = 20
"""Upper limit on the tasks that a list names."""


def changed_in_words(changes: Changes, verb: str = "") -> str:
    """Return how many tasks changed hands (the `verb`, if it is not said already), of how many, and how many might."""
    held, new = int((changes.before != NEW).sum()), int((changes.before == NEW).sum())
    limit = "" if changes.at_most is None else f", of at most {changes.at_most:,}"
    others = "" if not new else f"; {new:,} more {'is' if new == 1 else 'are'} new"
    return f"{changes.changed or 0:,} of {held:,} tasks{verb}{limit}{others}"


def within_in_words(changes: Changes | None) -> str:
    """Return the limit as the end of a sentence on what no fair assignment does; nothing if there is none."""
    return "" if changes is None or changes.at_most is None else f" with {limit_in_words(changes.at_most)}"


def limit_in_words(at_most: int) -> str:
    """Return a limit on changes in words."""
    return f"at most {at_most:,} {'change' if at_most == 1 else 'changes'}"


def needed_in_words(changes: Changes) -> list[str]:
    """Return what is known of the fewest changes of a fair assignment, one sentence each; none if nothing is."""
    if changes.refuted is None:
        return []
    known = "" if changes.reached is None else f", and {changes.reached:,} with a fair plan that is known"
    least = changes.refuted + 1
    return [f"At least {least:,} {'task' if least == 1 else 'tasks'} must change hands{known}."]


def handovers(
    changes: Changes, assignment: NDArray[np.intp], agents: Sequence[str], tasks: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Return the name of each task that changes hands, who had it before, and who has it now."""
    return [
        (
            tasks[j],
            "an agent who left" if changes.before[j] == LEFT else agents[changes.before[j]],
            agents[assignment[j]],
        )
        for j in np.flatnonzero(changes.changed_by(assignment)).tolist()
    ]


def listed(found: Sequence[tuple[str, str, str]], most: int = LISTED) -> list[str]:
    """Return lines on the first `most` handovers, and one on how many more there are."""
    lines = [f"{task} from {before} to {after}" for task, before, after in found[:most]]
    return lines if len(found) <= most else [*lines, f"... and {len(found) - most:,} more"]
