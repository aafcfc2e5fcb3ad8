"""Which parts of the question beside the rules an answer was made with, and are not given, or the reverse."""

from __future__ import annotations

from collections.abc import Mapping

BESIDE = {
    "needs": ("tasks that need several agents", "numbers of agents"),
    "together": ("groups of tasks that stay together", "groups"),
    "exclusive": ("tasks that exclude each other", "times and conflicts"),
    "locked": ("locked tasks", "locked tasks"),
}
"""Each part in words, and what is to be given for it."""


def made_otherwise(
    ours: Mapping[str, bool], theirs: Mapping[str, bool], *, maximise: bool, theirs_maximise: bool
) -> list[str]:
    """Return the differences between the question asked and that of an answer, one line each.

    Parameters
    ----------
    ours, theirs
        Whether each part of :data:`BESIDE` was given: here, and according to the answer.
    maximise, theirs_maximise
        Whether the table is one of profits: here, and according to the answer.
    """
    found = []
    for name, (words, needed) in BESIDE.items():
        if theirs[name] and not ours[name]:
            found.append(f"the answer was made with {words}, and none are given here; give the same {needed}")
        elif ours[name] and not theirs[name]:
            found.append(f"{words} are given here, and the answer was made without; leave them out, or make it anew")
    if maximise != theirs_maximise:
        found.append(
            f"the answer is to another question: it takes the table for {table_in_words(maximise=theirs_maximise)}, "
            f"asked is to take it for {table_in_words(maximise=maximise)}"
        )
    return found


def table_in_words(*, maximise: bool) -> str:
    """Return what a table is of, and which of its values are better."""
    return "profits, of which more is better" if maximise else "costs, of which less is better"
