"""The resuscitation simulator: scenarios, the rules in plain Python and in JAX, pictures, and an exact planner.

Names are imported when they are first used: until then this package costs no time and needs no optional library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.hospital.loading import load, names
    from evenhand.hospital.make_environment import make
    from evenhand.hospital.scenario import Scenario
    from evenhand.hospital.ward import generate_ward

__all__ = ["Scenario", "generate_ward", "load", "make", "names"]

_HOMES = {
    "Scenario": "scenario",
    "generate_ward": "ward",
    "load": "loading",
    "make": "make_environment",
    "names": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
