"""What tests of several rooms share: how JAX compiles, and where what it compiled is kept."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from pathlib import Path

import pytest

KEPT = pytest.StashKey[float]()
"""Memory in bytes of a process after it last forgot what it had compiled."""


def pytest_configure(config):
    """Compile each of JAX's programs once, for all processes of the tests and for the next run of them.

    JAX looks a program up by its content, so an edited source is compiled anew. Compiling is most of what the tests
    of learners cost, so the quick ones do without LLVM's optimisation and XLA's newer emitters of fused operations: a
    fourth of the time, half of the memory. The slow ones train long enough to need both. The environment hands this on
    to the processes that tests start.
    """
    if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        os.environ["JAX_COMPILATION_CACHE_DIR"] = str(config.rootpath / ".pytest_cache" / "compiled")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
    if config.getoption("markexpr") == "not slow":
        os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false")
    gc.set_threshold(50_000, 20, 20)  # tracing makes many objects that live; the usual 700 cost 4 % of the time


def pytest_collection_finish(session):
    """Have the garbage collector pass over what was imported, which stays to the end."""
    gc.collect()
    gc.freeze()
    _trim()
    session.config.stash[KEPT] = _resident()


@pytest.fixture
def few_episodes(monkeypatch):
    """Choose multipliers by 16 episodes each instead of 500: for tests that do not ask how good a team is."""
    from evenhand.learning import episodes
    from evenhand.learning.multiplier_curve import trade_off_curve
    from evenhand.learning.pick_multiplier import pick, settled_curve

    for function in (pick, settled_curve, trade_off_curve):
        monkeypatch.setitem(function.__kwdefaults__, "episodes", 16)
    monkeypatch.setattr(episodes, "BATCH", 64)


GROWTH = 100e6, 300e6
"""Memory in bytes by which a process may grow before it forgets what it compiled: after a module, and within one."""


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Forget compiled programs where they have come to fill memory; whoever needs one again finds it on disk."""
    within = nextitem is not None and nextitem.path == item.path
    if "jax" in sys.modules and _resident() > item.config.stash[KEPT] + GROWTH[within]:
        sys.modules["jax"].clear_caches()
        gc.collect()
        _trim()
        item.config.stash[KEPT] = _resident()


def _resident():
    """Return the memory of this process in bytes, 0 where the system does not tell it as Linux does."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _trim():
    """Hand freed memory back to the system, where the C library is glibc, which keeps it unless it is asked."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
