"""Checkpoints: the whole state of training on disk, so that a killed run continues as if it had never stopped.

A checkpoint is one file: a line of JSON (format, the run it belongs to, a digest of the rest), then the arrays. It is
written to a temporary file and renamed, and the previous one is kept, so that there is a valid checkpoint at any time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import serialization

from evenhand.errors import EvenhandError, InputError
from evenhand.learning.config import Config
from evenhand.tables.documents import SETTINGS, parse_json
from evenhand.tables.shapes import Whole, check_shape
from evenhand.tables.write import atomic_writer

FORMAT = 1
"""Version of the file format, incremented when older files can no longer be read."""
HEAD = {"format": Whole(), "iteration": Whole(least=0), "belongs_to": dict, "sha256": str}
"""Keys and types of the first line."""
KEPT = 2
"""Number of checkpoints that are kept per run."""
DEFAULTS = {"configuration": json.loads(json.dumps(Config().to_dict()))}
"""What settings are where a checkpoint does not name them: it is older than they are."""


class CheckpointError(EvenhandError):
    """A checkpoint cannot be used; the message names the file and why."""


def save(folder: Path, training: Any, iteration: int, belongs_to: dict[str, Any]) -> Path:
    """Write a checkpoint and remove all but the latest two.

    Parameters
    ----------
    folder
        Folder of the run.
    training
        The learner's state, a pytree of arrays.
    iteration
        Number of iterations done.
    belongs_to
        Values that must be the same when the checkpoint is read: the configuration, a digest of the scenario.
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
        A state of the same structure, shapes and types, such as the learner's ``init`` returns.
    belongs_to
        The values that were given to :func:`save`.

    Returns
    -------
    tuple
        The state, and the number of iterations done.

    Raises
    ------
    CheckpointError
        If the file is damaged, of another format or of another run, or does not fit the state.
    """
    head, body = _sound(path)
    if head.get("format") != FORMAT:
        raise CheckpointError(f"{path}: format {head.get('format')!r}; this version reads format {FORMAT}")
    for key, value in belongs_to.items():
        theirs = _without_length(_completed(head["belongs_to"].get(key), value, DEFAULTS.get(key, {})))
        if theirs != _without_length(value):
            raise CheckpointError(f"{path}: belongs to a run with another {_which(key, theirs, value)}")
    plain = jax.tree.map(np.asarray, like)
    state = _restored(plain, body, path)
    leaves, found = jax.tree_util.tree_leaves_with_path(plain), jax.tree.leaves(state)
    if len(leaves) != len(found):
        raise CheckpointError(f"{path}: holds {len(found)} parts, and here there are {len(leaves)}")
    for (where, ours), theirs in zip(leaves, found, strict=True):
        _check_leaf(jax.tree_util.keystr(where), ours, theirs, path)
    return jax.tree.map(jax.numpy.asarray, state), head["iteration"]


def latest(folder: Path) -> Path:
    """Return the latest checkpoint of a run.

    Raises
    ------
    InputError
        If there is none.
    """
    found = saved(folder)
    if not found:
        raise InputError(
            f"{folder}: no checkpoint here yet; if training has stopped, evenhand train --resume {folder} goes on"
        )
    return found[-1]


def _restored(plain: Any, body: bytes, path: Path) -> Any:
    """Return the state in the body of a checkpoint, with the structure of `plain`; the bytes are never executed."""
    import msgpack  # type: ignore[import-untyped]

    try:
        # Check first, without building anything, that the body is one complete value: a forged header could otherwise
        # ask for more memory than there is.
        reader = msgpack.Unpacker(max_buffer_size=len(body) + 1)
        reader.feed(body)
        reader.skip()
        if reader.tell() != len(body):
            raise ValueError("more follows its end")
        return serialization.from_bytes(plain, body)
    except MemoryError:
        raise
    except Exception as error:  # whatever msgpack, NumPy and Flax raise for bytes that are not a state
        raise CheckpointError(f"{path}: holds other parts than this version of the learner has: {error}") from error


def _check_leaf(name: str, ours: Any, theirs: Any, path: Path) -> None:
    if (ours.shape, ours.dtype) != (getattr(theirs, "shape", None), getattr(theirs, "dtype", None)):
        found = f"{theirs.shape} {theirs.dtype}" if isinstance(theirs, np.ndarray) else type(theirs).__name__
        raise CheckpointError(
            f"{path}: {name} is {found}, and here {ours.shape} {ours.dtype}: "
            "it belongs to another environment or version"
        )
    # An array that is finite in a fresh state must not contain NaN; the others use NaN or infinity as markers.
    if np.issubdtype(ours.dtype, np.floating) and np.isfinite(ours).all() and np.isnan(theirs).any():
        raise CheckpointError(f"{path}: damaged ({name} holds values that are no numbers)")


def _sound(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return head and body of a checkpoint; if it is damaged, the error names an earlier valid one."""
    try:
        return _read(path)
    except CheckpointError as error:
        good = [other for other in saved(path.parent) if other.name < path.name and _is_sound(other)]
        instead = f"continue from {good[-1].name}, which is valid" if good else "start over; no valid one is left"
        raise CheckpointError(f"{error}; remove it to {instead}") from error


def _is_sound(path: Path) -> bool:
    try:
        _read(path)
    except CheckpointError:
        return False
    return True


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return head and body of a checkpoint, verified by its digest."""
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        head = parse_json(first.decode("utf-8"), str(path), limits=SETTINGS)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CheckpointError(f"{path}: damaged (no checkpoint's first line)") from error
    try:
        check_shape(head, HEAD, str(path))
    except InputError as error:
        raise CheckpointError(f"{path}: damaged (its first line is that of no checkpoint: {error})") from error
    if hashlib.sha256(body).hexdigest() != head.get("sha256"):
        raise CheckpointError(f"{path}: damaged (its digest does not match)")
    return head, body


def _completed(theirs: Any, ours: Any, defaults: Any) -> Any:
    """Return settings with the defaults of those that this version has and the one that wrote them had not."""
    if not (isinstance(theirs, dict) and isinstance(ours, dict) and isinstance(defaults, dict)):
        return theirs
    parts = {key: _completed(part, ours.get(key), defaults.get(key)) for key, part in theirs.items()}
    return parts | {key: defaults[key] for key in ours if key not in theirs and key in defaults}


def _without_length(value: Any) -> Any:
    """Return a configuration without its number of steps, which may grow when a run is resumed."""
    return {key: part for key, part in value.items() if key != "steps"} if isinstance(value, dict) else value


def _which(key: str, theirs: Any, ours: Any) -> str:
    """Return the names of the settings that differ, joined by commas."""
    here, there = _flat(key, _without_length(ours)), _flat(key, theirs)
    different = sorted(name for name in {*here, *there} if here.get(name, here) != there.get(name, there))
    return ", ".join(name if name in there else f"{name} (which its version does not know)" for name in different)


def _flat(name: str, value: Any) -> dict[str, Any]:
    """Return the values of nested dictionaries by dotted names."""
    if not isinstance(value, dict):
        return {name: value}
    parts = (_flat(f"{name}.{key}", part) for key, part in value.items())
    return {key: part for flat in parts for key, part in flat.items()}
