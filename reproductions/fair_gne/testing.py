"""Paired tests of Fair-GNE against the other methods, seed by seed, and the claims that rest on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.report.formats import count
from evenhand.statistics import holm, improvement_estimate, paired_permutation_test
from reproductions.fair_gne.results import claim, graded, untested
from reproductions.fair_gne.setting import FAIR_GNE, FIXED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Scores = Mapping[str, Mapping[int, Mapping[str, float]]]

USUAL = 0.05
RESAMPLES = 500


def paired(some: Scores, method: str, column: str) -> tuple[list[float], list[float]]:
    """Return a metric of Fair-GNE and of another method for the seeds that both have."""
    ours, theirs = some[FAIR_GNE], some[method]
    seeds = [seed for seed in sorted(ours) if column in ours[seed] and column in theirs.get(seed, {})]
    return [ours[seed][column] for seed in seeds], [theirs[seed][column] for seed in seeds]


def adjusted(some: Scores, tests: Sequence[tuple[str, str]]) -> list[float]:
    """Return the p-values of (method, metric) against Fair-GNE, adjusted by Holm for all of these tests."""
    if not tests:
        return []
    return [float(p) for p in holm([paired_permutation_test(*paired(some, *test)) for test in tests])]


def least_p(seeds: int, tests: int) -> float:
    """Return the least adjusted p-value that so many pairs can give: 2 / 2^R, times the number of tests."""
    return float(min(1.0, tests * 2.0 / 2.0**seeds))


def table(scenario: str, some: Scores) -> dict[str, Any]:
    """Return differences of the index, p-values and probabilities of improvement, in two families of tests."""
    rows = []
    others = [method for method in some if method != FAIR_GNE] if FAIR_GNE in some else []
    for family in ([m for m in others if m in FIXED], [m for m in others if m not in FIXED]):
        for method, p in zip(family, adjusted(some, [(method, "jain") for method in family]), strict=True):
            ours, theirs = paired(some, method, "jain")
            rows.append([method, *_compared(ours, theirs), f"{p:.4f}", str(len(ours))])
    heads = ["fair-gne against", "difference of Jain's index", "probability of improvement", "p (Holm)", "pairs"]
    return {"title": f"{scenario}: paired permutation tests over seeds", "columns": heads, "rows": rows}


def _compared(ours: Sequence[float], theirs: Sequence[float]) -> tuple[str, str]:
    if not ours:
        return "–", "–"
    difference = sum(a - b for a, b in zip(ours, theirs, strict=True)) / len(ours)
    better = improvement_estimate(ours, theirs, resamples=RESAMPLES)
    interval = f" [{better.low:.2f}, {better.high:.2f}]" if len(ours) > 1 else " (one seed)"
    return f"{difference:+.3f}", f"{better.value:.2f}{interval}"


def significance(said: tuple[str, str], some: Scores, methods: Sequence[str], level: float) -> dict[str, str]:
    """Return the claim that the index is higher than under each of these methods, at a level of significance."""
    tests = [(method, "jain") for method in methods]
    pairs = min((len(paired(some, *test)[0]) for test in tests), default=0)
    if least_p(pairs, len(tests)) >= level:
        return _too_few(said, pairs, len(tests))
    values = adjusted(some, tests)
    met = [p < level and _ahead(some, test, 1.0) for p, test in zip(values, tests, strict=True)]
    ours = ", ".join(f"p = {p:.4f} ({method})" for p, (method, _) in zip(values, tests, strict=True))
    missed = [method for method, good in zip(methods, met, strict=True) if not good]
    why = f"Not so against {', '.join(missed)}: either the index there is as high or higher, or the seeds disagree."
    return claim(*said, f"{ours}; {pairs} seeds, Holm", graded(met), why if missed else "")


def beaten(
    said: tuple[str, str], some: Scores, methods: Sequence[str], signs: Mapping[str, float], level: float = USUAL
) -> dict[str, str]:
    """Return the claim that Fair-GNE is better than each of these methods by each of these metrics."""
    tests = [(method, column) for method in methods for column in signs]
    if not tests:
        return untested(*said)
    pairs = min(len(paired(some, *test)[0]) for test in tests)
    if least_p(pairs, len(tests)) >= level:
        return _too_few(said, pairs, len(tests))
    values = adjusted(some, tests)
    met = [p < level and _ahead(some, test, signs[test[1]]) for p, test in zip(values, tests, strict=True)]
    ours = f"{sum(met)} of {len(met)} comparisons (method, measure) at p < {level:g}; {pairs} seeds, Holm"
    why = (
        "Each penalty was judged at the weight of its own that comes nearest to the threshold; where it meets the "
        "threshold, too, there is nothing left to be fairer by."
    )
    return claim(*said, ours, graded(met), "" if all(met) else why)


def _too_few(said: tuple[str, str], pairs: int, tests: int) -> dict[str, str]:
    """Return a claim that so few pairs cannot decide, whatever they show."""
    ours = count(pairs, "paired seed")
    why = f"With {ours} and {count(tests, 'test')} p cannot fall below {least_p(pairs, tests):.3g}."
    return claim(*said, ours, "not tested", why)


def _ahead(some: Scores, test: tuple[str, str], sign: float) -> bool:
    ours, theirs = paired(some, *test)
    return sign * (sum(ours) - sum(theirs)) > 0.0
