"""Sweeps: many trials, each in a process of its own, on the cores of this machine or on a Ray cluster."""

from __future__ import annotations

from evenhand.experiments.sweeps.local import Local
from evenhand.experiments.sweeps.run import Engine, Progress, State, run_all
from evenhand.experiments.sweeps.trial import Outcome, Trial

__all__ = ["Engine", "Local", "Outcome", "Progress", "State", "Trial", "run_all"]
