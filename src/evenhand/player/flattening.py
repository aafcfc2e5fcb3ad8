"""Flatten observations of PettingZoo and JaxMARL into what a team was trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .refusals import InputError


def flattened(rule: Mapping[str, Any], value: Any, what: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return an observation, or a batch of them, as an array (size,) or (B, size).

    Parameters
    ----------
    rule
        What is observed: ``box``, the shape of an array, with ``low`` and ``high`` if its numbers are scaled to [0, 1];
        ``one_hot``, sizes of whole numbers, with their ``start`` and ``shape``; or ``parts``, names or numbers of parts
        with the rule of each.
    value
        The observation.
    what
        Its name, for messages.

    Raises
    ------
    InputError
        If it does not follow the rule.
    """
    if "parts" in rule:
        return np.concatenate([flattened(part, _part(value, key, what), what) for key, part in rule["parts"]], axis=-1)
    shape = tuple(rule["box"] if "box" in rule else rule["shape"])
    array = np.asarray(value)
    batch = array.ndim - len(shape)
    if array.dtype.kind not in "biuf" or batch not in (0, 1) or array.shape[batch:] != shape:
        found = f"of the shape {array.shape}" if array.dtype.kind in "biuf" else f"a {type(value).__name__}"
        raise InputError(f"{what} is {found}; the team was trained on numbers of the shape {shape}")
    rows = array.reshape(*array.shape[:batch], math.prod(shape)).astype(np.float32)
    if not np.isfinite(rows).all():
        raise InputError(f"{what} holds {rows[~np.isfinite(rows)][0]}; it must hold finite numbers")
    if "low" in rule:
        low, high = np.array(rule["low"], np.float32), np.array(rule["high"], np.float32)
        rows = (rows - low) * (np.float32(1.0) / np.maximum(high - low, np.float32(1.0)))
    return np.asarray(rows) if "box" in rule else _one_hots(rows, rule["one_hot"], rule["start"], what)


def _one_hots(rows: Any, sizes: Sequence[int], start: Sequence[int], what: str) -> Any:
    chosen = rows - np.array(start)
    if ((chosen < 0) | (chosen >= np.array(sizes)) | (chosen != np.rint(chosen))).any():
        raise InputError(f"{what} holds a number that is not in its space")
    ones = [chosen[..., k, None] == np.arange(size) for k, size in enumerate(sizes)]
    return np.concatenate(ones, axis=-1, dtype=np.float32)


def _part(value: Any, key: Any, what: str) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        raise InputError(f"{what} lacks its part {key!r}") from None
