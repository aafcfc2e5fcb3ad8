"""Fairness members: measures of dispersion, the cones that bounds on them define, their levels and their cuts."""

from __future__ import annotations

from evenhand.fairness.cv_and_jain import CVAtMost, JainAtLeast
from evenhand.fairness.epsilon import EpsilonFairness
from evenhand.fairness.fair_result import FairResult, Measured
from evenhand.fairness.frontier_result import Frontier, FrontierPoint
from evenhand.fairness.gini import GiniAtMost
from evenhand.fairness.hoover import HooverAtMost
from evenhand.fairness.least_over_mean import LeastOverMean
from evenhand.fairness.max_over_mean import MaxOverMean
from evenhand.fairness.protocol import RELATIVE_TOLERANCE, Fairness
from evenhand.fairness.registry import MEMBERS, from_dict
from evenhand.fairness.relative_range import RangeAtMost
from evenhand.fairness.top_share import TopShareAtMost

__all__ = [
    "MEMBERS",
    "RELATIVE_TOLERANCE",
    "CVAtMost",
    "EpsilonFairness",
    "FairResult",
    "Fairness",
    "Frontier",
    "FrontierPoint",
    "GiniAtMost",
    "HooverAtMost",
    "JainAtLeast",
    "LeastOverMean",
    "MaxOverMean",
    "Measured",
    "RangeAtMost",
    "TopShareAtMost",
    "from_dict",
]
