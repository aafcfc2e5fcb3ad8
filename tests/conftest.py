"""What tests of several rooms share: how JAX compiles, and where what it compiled is kept."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys

import pytest


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


def pytest_collection_finish():
    """Have the garbage collector pass over what was imported, which stays to the end."""
    gc.collect()
    gc.freeze()
    _trim()


@pytest.fixture
def few_episodes(monkeypatch):
    """Choose multipliers by 16 episodes each instead of 500: for tests that do not ask how good a team is."""
    from evenhand.learning import episodes
    from evenhand.learning.multiplier_curve import trade_off_curve
    from evenhand.learning.pick_multiplier import pick, settled_curve

    for function in (pick, settled_curve, trade_off_curve):
        monkeypatch.setitem(function.__kwdefaults__, "episodes", 16)
    monkeypatch.setattr(episodes, "BATCH", 64)


@pytest.fixture(scope="module", autouse=True)
def _give_memory_back():
    """Forget the programs that a module compiled: the next one has others, or finds them on disk.

    The C library keeps what was freed, unless it is asked: 40 small programs leave 380 MB behind.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
        gc.collect()
        _trim()


def _trim():
    """Hand freed memory back to the system, where the C library is glibc."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
