"""Statistics are for reports too, which know nothing of learning."""

from __future__ import annotations

import subprocess
import sys


def test_statistics_load_neither_jax_nor_scipy():
    program = "import sys, evenhand.statistics; print(sorted({'jax', 'scipy', 'evenhand.learning'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
