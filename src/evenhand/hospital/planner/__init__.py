"""Exact plans: the quickest way to success, and what sharing the work more evenly costs in time.

For scenarios small enough to look at everything (three agents in one room, say), :func:`plan` returns the quickest plan
from a start, or the quickest that reaches a Jain index; :func:`trade_off` the whole curve, over all starts.
"""

from __future__ import annotations

from evenhand.hospital.planner.quickest_plan import Plan, plan
from evenhand.hospital.planner.starts import drawn_start
from evenhand.hospital.planner.trade_off import Staircase, TradeOff, trade_off

__all__ = ["Plan", "Staircase", "TradeOff", "drawn_start", "plan", "trade_off"]
