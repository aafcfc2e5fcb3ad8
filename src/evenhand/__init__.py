"""Bound how unequally a burden may be shared, and prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.lazy_names import lazy_names
from evenhand.version import __version__ as __version__

if TYPE_CHECKING:
    from evenhand.assignment import (
        Assignment as Assignment,
    )
    from evenhand.assignment import (
        Verdict as Verdict,
    )
    from evenhand.assignment import (
        max_epsilon as max_epsilon,
    )
    from evenhand.assignment import (
        price_of_fairness as price_of_fairness,
    )
    from evenhand.assignment.assign import assign as assign
    from evenhand.assignment.explain import explain as explain
    from evenhand.assignment.verify import verify as verify
    from evenhand.errors import InputError as InputError
    from evenhand.fairness import (
        CVAtMost as CVAtMost,
    )
    from evenhand.fairness import (
        EpsilonFairness as EpsilonFairness,
    )
    from evenhand.fairness import (
        Fairness as Fairness,
    )
    from evenhand.fairness import (
        Frontier as Frontier,
    )
    from evenhand.fairness import (
        GiniAtMost as GiniAtMost,
    )
    from evenhand.fairness import (
        HooverAtMost as HooverAtMost,
    )
    from evenhand.fairness import (
        JainAtLeast as JainAtLeast,
    )
    from evenhand.fairness import (
        LeastOverMean as LeastOverMean,
    )
    from evenhand.fairness import (
        MaxOverMean as MaxOverMean,
    )
    from evenhand.fairness import (
        RangeAtMost as RangeAtMost,
    )
    from evenhand.fairness import (
        TopShareAtMost as TopShareAtMost,
    )

__getattr__, __dir__, __all__ = lazy_names(
    "evenhand",
    {
        "assignment": "Assignment Verdict assign explain max_epsilon price_of_fairness verify",
        "errors": "InputError",
        "fairness": "CVAtMost EpsilonFairness Fairness Frontier GiniAtMost HooverAtMost JainAtLeast LeastOverMean "
        "MaxOverMean RangeAtMost TopShareAtMost",
        "version": "__version__",
    },
)
