"""Describe when and on which machine results were made, and how long it took."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from evenhand.report.formats import count, quantity

_MINUTE, _HOUR = 60, 3600


def duration(seconds: float) -> str:
    """Return a duration in words: seconds, minutes, or hours and minutes."""
    if seconds < 2 * _MINUTE:
        return f"{quantity(round(seconds, 1 if seconds < 10 else 0))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes} min"


def when(machine: Mapping[str, Any]) -> str:
    """Return the date of a measurement, or the text in its place if it is not a date."""
    written = str(machine.get("date") or "")
    try:
        day = datetime.datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{day.day} {day:%B %Y}"


def machine_words(machine: Mapping[str, Any]) -> str:
    """Return a machine in a few words."""
    cores = machine.get("cores")
    parts = [str(machine.get("processor") or "")]
    parts += [count(cores, "core")] if isinstance(cores, int) else []
    parts += [str(machine[key]) for key in ("system",) if machine.get(key)]
    return ", ".join(part for part in parts if part)
