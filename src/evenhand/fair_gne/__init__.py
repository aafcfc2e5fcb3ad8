"""The layer that makes a learner fair: workload, constraint, dual controller, shaping, wrapper.

Each part consists of pure functions and works alone, on NumPy arrays and inside `jax.jit`. :class:`FairGNE`, which
needs PettingZoo, wraps an environment in all of them, for learners of other libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.fair_gne.constraint import Constraint, cv_of_jain, from_dict, worked
from evenhand.fair_gne.dual_controllers import PID, Ascent, DualController, DualState, Fixed
from evenhand.fair_gne.index import fairness_index
from evenhand.fair_gne.penalties import (
    ActionCountPenalty,
    FairEfficient,
    GeneralisedGini,
    WorkloadPenalty,
    WorkloadSkillPenalty,
)
from evenhand.fair_gne.shaping import PerStep, Priced, Published, RewardShaper, Smoothed, Telescoped, shaped_reward
from evenhand.fair_gne.workload import ActionCount, ActionWork, AgentError, Reported, Summed, Tracker

if TYPE_CHECKING:
    from evenhand.fair_gne.wrapper import FairGNE as FairGNE

__all__ = [
    "PID",
    "ActionCount",
    "ActionCountPenalty",
    "ActionWork",
    "AgentError",
    "Ascent",
    "Constraint",
    "DualController",
    "DualState",
    "FairEfficient",
    "FairGNE",
    "Fixed",
    "GeneralisedGini",
    "PerStep",
    "Priced",
    "Published",
    "Reported",
    "RewardShaper",
    "Smoothed",
    "Summed",
    "Telescoped",
    "Tracker",
    "WorkloadPenalty",
    "WorkloadSkillPenalty",
    "cv_of_jain",
    "fairness_index",
    "from_dict",
    "shaped_reward",
    "worked",
]


def __getattr__(name: str) -> Any:
    if name != "FairGNE":
        raise AttributeError(f"module 'evenhand.fair_gne' has no attribute {name!r}")
    # Loaded on first use: the other parts need no PettingZoo.
    from evenhand.fair_gne.wrapper import FairGNE

    return FairGNE
