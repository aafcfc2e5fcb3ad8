"""Solve times: the paper's figure 4."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.experiments.dispersion import published
from evenhand.experiments.dispersion.solved import Solved, cases, values
from evenhand.experiments.document import Claim, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

INFINITE = float("inf")


def times(solves: Sequence[Solved], command: str) -> Section:
    """Return the section on solve times."""
    return Section(
        key="times",
        title="Computation times",
        question="How long does a fair assignment take, to the paper's gap of 0.1 %? (Figure 4)",
        command=command,
        chart="times",
        caption="Seconds for each instance: quartiles, least and most.",
        rows=[_row(p, epsilon, some) for p, epsilon, some in cases(solves)],
        claims=[_with_epsilon(solves), _infinite(solves), _with_order(solves), _compared(solves), _all_solved(solves)],
        notes=["As many instances are solved at the same time as there are cores, so single times are noisy."],
    )


def _row(p: float, epsilon: float, some: Sequence[Solved]) -> dict[str, Any]:
    least, q1, middle, q3, most = np.quantile(values(some, "seconds"), [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
    names = {"min": least, "q1": q1, "median": middle, "q3": q3, "max": most}
    solved = sum(one.status == "optimal" for one in some)
    return {"p": published.word(p), "epsilon": epsilon, **names, "solved": solved, "instances": len(some)}


def _medians(solves: Sequence[Solved]) -> dict[tuple[float, float], float]:
    return {(p, epsilon): float(np.median(values(some, "seconds"))) for p, epsilon, some in cases(solves)}


def _milli(seconds: float) -> str:
    return f"{1e3 * seconds:.2g} ms" if seconds < 1.0 else f"{seconds:.2g} s"


def _with_epsilon(solves: Sequence[Solved]) -> Claim:
    medians = _medians(solves)
    ends = {p: (medians[p, published.EPSILONS[0]], medians[p, published.EPSILONS[-1]]) for p in published.ORDERS}
    rising = [p for p, (loose, strict) in ends.items() if strict > loose]
    told = "; ".join(f"p = {published.word(p)}: {_milli(a)} and {_milli(b)}" for p, (a, b) in ends.items())
    return Claim(
        claim="Computation time increases with epsilon.",
        published="read from the box plots",
        ours=f"medians at 0.1 and 0.99: {told}",
        verdict="holds" if len(rising) == len(ends) else "partly" if rising else "differs",
        why="" if len(rising) == len(ends) else "Not for every order.",
    )


def _overall(solves: Sequence[Solved]) -> dict[float, float]:
    """Return the mean of the times for each order, where fairness asks something."""
    return {
        p: float(np.mean([one.seconds for one in solves if one.p == p and one.epsilon >= 0.5]))
        for p in published.ORDERS
    }


def _infinite(solves: Sequence[Solved]) -> Claim:
    mean = _overall(solves)
    slower = [p for p in mean if p != INFINITE and mean[p] > mean[INFINITE]]
    told = ", ".join(f"p = {published.word(p)}: {_milli(seconds)}" for p, seconds in mean.items())
    return Claim(
        claim="p = inf is generally faster than finite p, being linear.",
        published="read from the box plots",
        ours=f"means over epsilon from 0.5: {told}",
        verdict="holds" if len(slower) == len(mean) - 1 else "partly" if slower else "differs",
        why=""
        if len(slower) == len(mean) - 1
        else "Cuts in five dimensions cost the same for every order; what is left to search differs.",
    )


def _with_order(solves: Sequence[Solved]) -> Claim:
    mean = _overall(solves)
    finite = [mean[p] for p in published.ORDERS if p != INFINITE]
    rising = all(a < b for a, b in pairwise(finite))
    return Claim(
        claim="For finite p, computation time increases with p.",
        published="read from the box plots",
        ours=f"means over epsilon from 0.5: {', '.join(_milli(seconds) for seconds in finite)} for p = 2, 3, 5, 10",
        verdict="holds" if rising else "partly" if finite[-1] > finite[0] else "differs",
        why=""
        if rising
        else "The cone is cut in as many dimensions as there are agents, whatever p; the paper lifts it with p.",
    )


def _compared(solves: Sequence[Solved]) -> Claim:
    medians = _medians(solves)
    ours = max(medians.values()), float(values(solves, "seconds").max())
    theirs = (
        max(high for _, high, _ in published.SECONDS.values()),
        max(most for *_, most in published.SECONDS.values()),
    )
    return Claim(
        claim="Largest median and longest time (seconds).",
        published=f"{theirs[0]:.2f} and {theirs[1]:.2f} (CPLEX 22.1, the authors' machine)",
        ours=f"{ours[0]:.4f} and {ours[1]:.2f}",
        verdict="holds"
        if ours[0] <= theirs[0] and ours[1] <= theirs[1]
        else "partly"
        if ours[0] <= theirs[0]
        else "differs",
        why="Other machine, other method: times of two machines tell orders of magnitude only.",
    )


def _all_solved(solves: Sequence[Solved]) -> Claim:
    solved = sum(one.status == "optimal" for one in solves)
    return Claim(
        claim="Every case below epsilon = 1 is solved.",
        published="yes, with outliers of 17 to 34 s at p = 10 where the constraint is slack",
        ours=f"{solved} of {len(solves)}",
        verdict="holds" if solved == len(solves) else "partly",
        why="" if solved == len(solves) else "The rest stopped at the time limit with an answer and its gap.",
    )
