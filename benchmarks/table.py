"""The terminal that benchmarks print to."""

from __future__ import annotations

import sys

from rich.console import Console

CONSOLE = Console(width=None if sys.stdout.isatty() else 120)
