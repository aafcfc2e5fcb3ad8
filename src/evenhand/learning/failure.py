"""Why training cannot go on."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import jax

from evenhand.errors import EvenhandError

if TYPE_CHECKING:
    from collections.abc import Iterator


class TrainingError(EvenhandError):
    """Training cannot go on; the message says why, at which step, and where the last good checkpoint is."""


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """Turn JAX's error for a lack of memory into one that says what needs less."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise TrainingError(
            f"there is not enough memory ({error}); fewer episodes, a shorter rollout, a smaller capacity or width "
            "need less"
        ) from error
