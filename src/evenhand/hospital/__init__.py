"""The resuscitation simulator: scenarios, the rules in plain Python and in JAX, pictures, and an exact planner.

Names are imported when they are first used: until then this package costs no time and needs no optional library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.lazy_names import lazy_names

if TYPE_CHECKING:
    from evenhand.hospital.loading import load as load, names as names
    from evenhand.hospital.make_environment import make as make
    from evenhand.hospital.scenario import Scenario as Scenario
    from evenhand.hospital.ward import generate_ward as generate_ward

__getattr__, __dir__, __all__ = lazy_names(
    "evenhand.hospital",
    {"loading": "load names", "make_environment": "make", "scenario": "Scenario", "ward": "generate_ward"},
)
