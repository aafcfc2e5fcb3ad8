"""Compute the price of fairness at several levels, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.cli.inputs import Given
    from evenhand.fairness import Frontier


def solve_levels(
    given: Given,
    p: float,
    epsilons: tuple[float, ...],
    gap: float,
    time_limit: float | None,
    seed: int,
    quiet: bool,
    *,
    maximise: bool = False,
) -> Frontier:
    """Return the price of fairness of order `p` at each of `epsilons`, with a progress bar unless `quiet`."""
    from evenhand import assignment
    from evenhand.cli.progress_bar import ProgressBar

    with ProgressBar(f"frontier p={p:g}", gap, show=not quiet) as progress:
        return assignment.price_of_fairness(
            given.costs,
            p,
            epsilons,
            burdens=given.burdens,
            entitlements=given.entitlements,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
            progress=progress,
            initial_loads=given.initial_loads,
            locked=given.locked,
            maximise=maximise,
        )
