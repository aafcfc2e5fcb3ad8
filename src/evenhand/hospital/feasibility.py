"""Refuse scenarios whose goal no team could reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Scenario


def check_reachable(scenario: Scenario) -> None:
    """Refuse a scenario whose goal cannot be reached, with the reason."""
