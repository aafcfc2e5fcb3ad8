"""What tests of several rooms share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def compiled_programs(tmp_path_factory):
    """Keep compiled loops for the session: the same program is compiled once, not once a test."""
    import jax

    jax.config.update("jax_compilation_cache_dir", str(tmp_path_factory.mktemp("compiled")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
    yield jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", None)
