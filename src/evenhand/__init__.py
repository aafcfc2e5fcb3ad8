"""Bound how unequally a burden may be shared, and prove it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from evenhand.version import __version__

if TYPE_CHECKING:
    from evenhand.assignment import Assignment as Assignment
    from evenhand.assignment import Verdict as Verdict
    from evenhand.assignment import max_epsilon as max_epsilon
    from evenhand.assignment import price_of_fairness as price_of_fairness
    from evenhand.assignment.assign import assign as assign
    from evenhand.assignment.explain import explain as explain
    from evenhand.assignment.verify import verify as verify
    from evenhand.errors import InputError as InputError
    from evenhand.fairness import CVAtMost as CVAtMost
    from evenhand.fairness import EpsilonFairness as EpsilonFairness
    from evenhand.fairness import Fairness as Fairness
    from evenhand.fairness import Frontier as Frontier
    from evenhand.fairness import GiniAtMost as GiniAtMost
    from evenhand.fairness import HooverAtMost as HooverAtMost
    from evenhand.fairness import JainAtLeast as JainAtLeast
    from evenhand.fairness import LeastOverMean as LeastOverMean
    from evenhand.fairness import MaxOverMean as MaxOverMean
    from evenhand.fairness import RangeAtMost as RangeAtMost
    from evenhand.fairness import TopShareAtMost as TopShareAtMost

# Where each public name lives. Loaded on first use, so that `import evenhand` costs no more than NumPy.
_HOMES = {
    "Assignment": "evenhand.assignment",
    "Verdict": "evenhand.assignment",
    "assign": "evenhand.assignment",
    "explain": "evenhand.assignment",
    "max_epsilon": "evenhand.assignment",
    "price_of_fairness": "evenhand.assignment",
    "verify": "evenhand.assignment",
    "InputError": "evenhand.errors",
    "CVAtMost": "evenhand.fairness",
    "EpsilonFairness": "evenhand.fairness",
    "Fairness": "evenhand.fairness",
    "Frontier": "evenhand.fairness",
    "GiniAtMost": "evenhand.fairness",
    "HooverAtMost": "evenhand.fairness",
    "JainAtLeast": "evenhand.fairness",
    "LeastOverMean": "evenhand.fairness",
    "MaxOverMean": "evenhand.fairness",
    "RangeAtMost": "evenhand.fairness",
    "TopShareAtMost": "evenhand.fairness",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'evenhand' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
