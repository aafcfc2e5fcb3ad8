"""Sweeps: many trials, each in a separate process, on the cores of this machine or on a Ray cluster.

A trial may crash, hang, run out of memory or be killed, without harm to the others. Three processes take part: the
*engine* in the caller's process hands out trials (``local``, ``on_ray``); a *guard* per trial, which imports nothing
but the standard library, enforces the time limit and reports what happened (``guard``); and the *worker* runs the
task (``worker``). Each outcome is a file, so that the next call runs only what is missing (``trial_files``, ``run``).
"""

from __future__ import annotations

from evenhand.sweeps.local import Local
from evenhand.sweeps.on_ray import OnRay
from evenhand.sweeps.results_table import Results, read_results
from evenhand.sweeps.run import Engine, Progress, State, run_all, run_sweep
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
