"""The learners: multi-agent reinforcement learning under a fairness constraint, compiled together with the environment.

The names below are imported on first use, so that settings can be checked without loading JAX.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from evenhand.errors import MissingExtraError

if TYPE_CHECKING:
    from evenhand.learning.config import Config as Config
    from evenhand.learning.contract import check as check
    from evenhand.learning.curve import trade_off_curve as trade_off_curve
    from evenhand.learning.environment import Environment as Environment
    from evenhand.learning.environment import Outcome as Outcome
    from evenhand.learning.evaluation import Evaluation as Evaluation
    from evenhand.learning.evaluation import evaluate as evaluate
    from evenhand.learning.jaxmarl import FromJaxMARL as FromJaxMARL
    from evenhand.learning.lottery import Lottery as Lottery
    from evenhand.learning.picking import Picked as Picked
    from evenhand.learning.picking import pick as pick
    from evenhand.learning.settings import DualSettings as DualSettings
    from evenhand.learning.settings import ParallelValueSettings as ParallelValueSettings
    from evenhand.learning.settings import PolicySettings as PolicySettings
    from evenhand.learning.settings import ValueSettings as ValueSettings
    from evenhand.learning.training import Run as Run
    from evenhand.learning.training import load as load
    from evenhand.learning.training import train as train
    from evenhand.learning.training_progress import Progress as Progress
    from evenhand.learning.watching import watch as watch

for _library in ("jax", "flax", "optax", "pydantic", "tensorboardX"):
    if find_spec(_library) is None:
        raise MissingExtraError(_library, "learn")

_HOMES = {
    "Config": "config",
    "DualSettings": "settings",
    "Environment": "environment",
    "Evaluation": "evaluation",
    "FromJaxMARL": "jaxmarl",
    "Lottery": "lottery",
    "Outcome": "environment",
    "ParallelValueSettings": "settings",
    "Picked": "picking",
    "PolicySettings": "settings",
    "Progress": "training_progress",
    "Run": "training",
    "ValueSettings": "settings",
    "check": "contract",
    "evaluate": "evaluation",
    "load": "training",
    "pick": "picking",
    "trade_off_curve": "curve",
    "train": "training",
    "watch": "watching",
}

__all__ = [
    "Config",
    "DualSettings",
    "Environment",
    "Evaluation",
    "FromJaxMARL",
    "Lottery",
    "Outcome",
    "ParallelValueSettings",
    "Picked",
    "PolicySettings",
    "Progress",
    "Run",
    "ValueSettings",
    "check",
    "evaluate",
    "load",
    "pick",
    "trade_off_curve",
    "train",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
