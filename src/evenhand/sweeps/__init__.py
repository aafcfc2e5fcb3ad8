"""Sweeps: many trials, each in a process of its own, on the cores of this machine or on a Ray cluster."""

from __future__ import annotations

from evenhand.sweeps.keep import run_sweep
from evenhand.sweeps.local import Local
from evenhand.sweeps.on_ray import OnRay
from evenhand.sweeps.results_table import Results, read_results
from evenhand.sweeps.run import Engine, Progress, State, run_all
from evenhand.sweeps.sweep_file import Sweep
from evenhand.sweeps.trial import Outcome, Trial

__all__ = [
    "Engine",
    "Local",
    "OnRay",
    "Outcome",
    "Progress",
    "Results",
    "State",
    "Sweep",
    "Trial",
    "read_results",
    "run_all",
    "run_sweep",
]
