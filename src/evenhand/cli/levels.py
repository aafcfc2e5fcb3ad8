"""Compute the price of fairness at several levels, with a progress bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.cli.inputs import Given
    from evenhand.fairness import Fairness, Frontier


def epsilon_levels(epsilons: Iterable[float], p: float, given: Given) -> list[Fairness]:
    """Return the members of the (epsilon, p) family at these levels, from loose to strict."""
    from evenhand.fairness import EpsilonFairness

    return [EpsilonFairness(level, p, entitlements=given.entitlements) for level in sorted(set(epsilons))]


def solve_levels(
    given: Given,
    levels: Sequence[Fairness],
    gap: float,
    time_limit: float | None,
    seed: int,
    workers: int,
    quiet: bool,
    *,
    maximise: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> Frontier:
    """Return the price of fairness at each of `levels`, from loose to strict, with a progress bar unless `quiet`.

    `beside` are the rules that stay, as arguments of :func:`evenhand.assignment.frontier`.
    """
    from evenhand import assignment
    from evenhand.cli.progress_bar import ProgressBar

    order = getattr(levels[0], "p", None)
    title = levels[0].name.replace("_", " ") if order is None else f"p={order:g}"
    with ProgressBar(f"frontier {title}", gap, show=not quiet) as progress:
        return assignment.frontier(
            given.costs,
            levels,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
            workers=workers,
            progress=progress,
            maximise=maximise,
            **given.rest,
            **(beside or {}),
        )
