"""Run the checker of proofs alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from evenhand import check

CHECKER = Path(check.__file__)


def alone(*files: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of the checker without the package, site packages or environment."""
    command = [sys.executable, "-I", "-S", str(CHECKER), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
