"""Everything that training changes, on disk: a run that was killed goes on as if it had not been.

A checkpoint is one file: a line of JSON (format, what run it belongs to, a digest of the rest), then the arrays. It is
written beside and renamed, and the one before stays, so that at any moment a good one is there.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from flax import serialization

from evenhand.errors import EvenhandError, InputError
from evenhand.tables.write import atomic_writer

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""Raised when old files can no longer be read."""
KEPT = 2
"""Checkpoints that stay."""


class CheckpointError(EvenhandError):
    """A checkpoint cannot be used; the message names the file and why."""


def save(folder: Path, training: Any, iteration: int, belongs_to: dict[str, Any]) -> Path:
    """Write a checkpoint and remove all but the latest two.

    Parameters
    ----------
    folder
        Of the run.
    training
        The learner's state, a pytree of arrays.
    iteration
        Iterations done.
    belongs_to
        What must be the same when it is read: the configuration, a digest of the scenario.
    """
    body = serialization.to_bytes(jax.tree.map(np.asarray, training))
    head = {
        "format": FORMAT,
        "iteration": iteration,
        "belongs_to": belongs_to,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    path = folder / f"checkpoint-{iteration:08d}"
    with atomic_writer(path) as stream:
        stream.write(json.dumps(head).encode() + b"\n" + body)
    for old in saved(folder)[:-KEPT]:
        old.unlink()
    return path


def saved(folder: Path) -> list[Path]:
    """Return the checkpoints of a run, the latest last."""
    return sorted(path for path in folder.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit())


def restore(path: Path, like: Any, belongs_to: dict[str, Any]) -> tuple[Any, int]:
    """Read a checkpoint.

    Parameters
    ----------
    path
        The file.
    like
        A state of the same structure and shapes, as the learner's ``init`` returns it.
    belongs_to
        As when it was saved.

    Returns
    -------
    tuple
        The state, and the iterations done.

    Raises
    ------
    CheckpointError
        If the file is damaged, of another format or of another run.
    """
    head, body = _read(path)
    if head.get("format") != FORMAT:
        raise CheckpointError(f"{path}: format {head.get('format')!r}; this version reads format {FORMAT}")
    if hashlib.sha256(body).hexdigest() != head.get("sha256"):
        raise CheckpointError(f"{path}: damaged (its digest does not match); remove it to go on from the one before")
    for key, value in belongs_to.items():
        if head["belongs_to"].get(key) != value:
            raise CheckpointError(f"{path}: belongs to a run with another {key}")
    state = serialization.from_bytes(jax.tree.map(np.asarray, like), body)
    return jax.tree.map(jax.numpy.asarray, state), int(head["iteration"])


def latest(folder: Path) -> Path:
    """Return the latest checkpoint of a run.

    Raises
    ------
    InputError
        If there is none.
    """
    found = saved(folder)
    if not found:
        raise InputError(f"{folder}: no checkpoint here; was it the folder of a run?")
    return found[-1]


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        head = json.loads(first)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CheckpointError(
            f"{path}: damaged (no checkpoint's first line); remove it to go on from the one before"
        ) from error
    if not isinstance(head, dict) or "belongs_to" not in head:
        raise CheckpointError(f"{path}: not a checkpoint")
    return head, body
