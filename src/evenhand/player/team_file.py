"""Read a team's file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .acting import Choose, Player
from .entities import EntityPolicy
from .lottery import lottery_of
from .networks import FlatPolicy
from .refusals import InputError

FORMAT = 1
"""Version of the file's description, incremented when older players cannot play newer files."""
POLICIES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Choose]] = {
    "flat": FlatPolicy,
    "entity": EntityPolicy,
}
"""Policies by the kind of network that a description names."""
TYPES = {"F32": "<f4", "I32": "<i4", "BOOL": "|b1"}
"""NumPy's names of the types of tensors."""


def load(path: str | Path, *, tau: float | None = None, multiplier: float | None = None, seed: int = 0) -> Player:
    """Return the team in a file that ``evenhand export`` wrote.

    Parameters
    ----------
    path
        The file, ``.safetensors``.
    tau
        Threshold of Jain's index; by default the one that the team was exported for.
    multiplier
        A multiplier to play every episode under, in place of those that meet the threshold.
    seed
        Seed of the lottery between two multipliers.

    Raises
    ------
    InputError
        If the file is not one of these, is damaged or of another version, or if the team was not trained for `tau`.
    """
    description, tensors = read(path)
    lottery = lottery_of(description, description["curve"], tau=tau, multiplier=multiplier)
    choose = POLICIES[description["network"]["kind"]](description, tensors)
    return Player(description, choose, lottery, seed=seed)


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return description and tensors of a team's file.

    It is a file of `safetensors <https://github.com/huggingface/safetensors>`__: the length of a JSON header, the
    header, and the tensors. The description is in its metadata under ``evenhand``, with a digest of both.

    Raises
    ------
    InputError
        As :func:`load`.
    """
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        known = header.pop("__metadata__")
        description = json.loads(known["evenhand"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: is not a team's file that evenhand export wrote, or is cut off") from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        version = description.get("format") if isinstance(description, dict) else None
        raise InputError(
            f"{path}: has the format {version!r}; this player reads format {FORMAT}: export the team again"
        )
    body = data[8 + length :]
    if digest(known["evenhand"], header, body) != known.get("sha256"):
        raise InputError(f"{path}: is damaged or cut off (its digest does not match); export the team again")
    if description["network"]["kind"] not in POLICIES:
        raise InputError(f"{path}: has a network {description['network']['kind']!r}; known are {', '.join(POLICIES)}")
    tensors = {
        name: np.frombuffer(body[slice(*of["data_offsets"])], TYPES[of["dtype"]]).reshape(of["shape"])
        for name, of in header.items()
    }
    return description, tensors


def digest(description: str, header: Mapping[str, Any], body: bytes) -> str:
    """Return the digest of a description, of the places of the tensors, and of their bytes."""
    return hashlib.sha256(f"{description}{json.dumps(header, sort_keys=True)}".encode() + body).hexdigest()
