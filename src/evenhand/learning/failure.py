"""The errors that end training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import jax

from evenhand.errors import EvenhandError


class TrainingError(EvenhandError):
    """Training cannot continue; the message says why, at which step, and where the last good checkpoint is."""


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """Turn JAX's out-of-memory error into one that names the settings that reduce memory."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise TrainingError(
            f"there is not enough memory ({error}); a smaller num_envs, num_steps, buffer_size or hidden_size needs "
            "less"
        ) from error
