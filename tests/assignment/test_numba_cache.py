"""Compiled loops on disk: a file that was cut off is compiled again, and a disk that is full is no error."""

from __future__ import annotations

import importlib
import sys

import pytest

from evenhand.numba_cache import forgive_damage

LOOP = """
from evenhand.numba_decorators import entry

@entry
def double(x):
    return 2 * x
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "compiled_here.py").write_text(LOOP)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "__pycache__"


def double(x):
    """Call the loop as a new process would: nothing of it is in memory."""
    sys.modules.pop("compiled_here", None)
    importlib.invalidate_caches()
    loop = importlib.import_module("compiled_here").double
    return loop(x), sum(loop.stats.cache_hits.values())


@pytest.mark.parametrize("ending", ["nbc", "nbi"])
@pytest.mark.parametrize("size", [0, 40])
def test_files_that_were_cut_off(folder, ending, size):
    assert double(4) == (8, 0)
    assert double(4) == (8, 1)
    for file in folder.glob(f"compiled_here.*.{ending}"):
        file.write_bytes(file.read_bytes()[:size])
    assert double(4) == (8, 0)
    assert double(4) == (8, 1)


def test_a_full_disk():
    class Full:
        def load_overload(self, signature, target):
            raise EOFError

        def save_overload(self, signature, compiled):
            raise OSError(28, "No space left on device")

    class Loop:
        _cache = Full()

    loop = forgive_damage(Loop())
    assert loop._cache.load_overload(None, None) is None
    assert loop._cache.save_overload(None, None) is None
