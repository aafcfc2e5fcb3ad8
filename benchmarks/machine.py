"""Describe where and when a measurement was made, without the name of the machine."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from evenhand.sweeps import machine


def describe(*libraries: str) -> dict[str, Any]:
    """Return date, processor, number of cores, versions of the libraries and of ours, and the commit measured."""
    return machine.describe("numpy", *libraries, "evenhand") | {"commit": commit()}


def commit() -> str | None:
    """Return the commit that is checked out; None outside of a clone."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
