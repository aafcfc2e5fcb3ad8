"""Bound how unequally a burden may be shared, and prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.lazy_names import lazy_names
from evenhand.version import __version__ as __version__

if TYPE_CHECKING:
    from evenhand.assignment import (
        Assignment as Assignment,
        Verdict as Verdict,
        max_epsilon as max_epsilon,
        price_of_fairness as price_of_fairness,
    )
    from evenhand.assignment.assign import assign as assign
    from evenhand.assignment.explain import explain as explain
    from evenhand.assignment.rules.rule import Limits as Limits, Rule as Rule
    from evenhand.assignment.verify import verify as verify
    from evenhand.errors import InputError as InputError
    from evenhand.fairness import (
        CVAtMost as CVAtMost,
        EpsilonFairness as EpsilonFairness,
        Fairness as Fairness,
        Frontier as Frontier,
        GiniAtMost as GiniAtMost,
        HooverAtMost as HooverAtMost,
        JainAtLeast as JainAtLeast,
        LeastOverMean as LeastOverMean,
        MaxOverMean as MaxOverMean,
        RangeAtMost as RangeAtMost,
        TopShareAtMost as TopShareAtMost,
    )

__getattr__, __dir__, __all__ = lazy_names(
    "evenhand",
    {
        "assignment": "Assignment Limits Rule Verdict assign explain max_epsilon price_of_fairness verify",
        "errors": "InputError",
        "fairness": "CVAtMost EpsilonFairness Fairness Frontier GiniAtMost HooverAtMost JainAtLeast LeastOverMean "
        "MaxOverMean RangeAtMost TopShareAtMost",
        "version": "__version__",
    },
)
