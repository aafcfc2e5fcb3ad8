"""A scenario's states as plain arrays, found by compiled rules: for certificates that look at every state."""

from __future__ import annotations

from evenhand.hospital.enumeration.reachable_states import Reached, TeamStates

__all__ = ["Reached", "TeamStates"]
