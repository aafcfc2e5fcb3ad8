"""A scenario's states as plain arrays, found by compiled rules: for certificates that look at every state."""

from __future__ import annotations

from evenhand.hospital.enumeration.reachable_states import Played, Reached, TeamStates

__all__ = ["Played", "Reached", "TeamStates"]
