"""The page of a sweep, which shows results against the settings that were varied, with intervals over seeds."""

from __future__ import annotations

from evenhand.report.sweeps.sweep_page import sweep_page

__all__ = ["sweep_page"]
