"""Statistics of runs and episodes: small pure functions on arrays, which need only NumPy."""

from __future__ import annotations

from evenhand.statistics.comparison import holm, paired_permutation_test
from evenhand.statistics.estimate import Estimate, mean_estimate, share_estimate
from evenhand.statistics.runs import (
    improvement_estimate,
    interquartile_estimate,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
    stratified_bootstrap,
)

__all__ = [
    "Estimate",
    "holm",
    "improvement_estimate",
    "interquartile_estimate",
    "interquartile_mean",
    "mean_estimate",
    "paired_permutation_test",
    "performance_profile",
    "probability_of_improvement",
    "share_estimate",
    "stratified_bootstrap",
]
