"""Flatten the observations of a PettingZoo environment into vectors, and read its action masks and actions.

The rule, by space:

- ``Box``: its numbers, row by row; of a bounded box of whole numbers, such as an image, scaled to [0, 1] by its bounds;
- ``Discrete``: one-hot; ``MultiDiscrete``: one one-hot after the other; ``MultiBinary``: its zeros and ones;
- ``Dict`` and ``Tuple``: their parts one after the other, in the order of the space. The entry ``action_mask`` at the
  top of a ``Dict`` is the agent's action mask and no part of the observation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import brief
from evenhand.fair_gne.roll import MASK

Floats = NDArray[np.float32]
SUPPORTED = "Box, Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple of these"


@dataclass(frozen=True)
class Flattening:
    """How the values of a space become vectors.

    Attributes
    ----------
    size
        Length of the vector.
    write
        Writes a value into a vector (size,); raises a ValueError that says what is wrong with the value.
    """

    size: int
    write: Callable[[Any, Floats], None]


def flattening(space: spaces.Space[Any]) -> Flattening:
    """Return how the values of a space are flattened; the module says by which rule.

    Raises
    ------
    InputError
        If the space, or a part of it, is none of those supported.
    """
    match space:
        case spaces.Box():
            return _box(space)
        case spaces.Discrete():
            return _one_hots((int(space.n),), (int(space.start),), ())
        case spaces.MultiDiscrete():
            return _one_hots(tuple(space.nvec.ravel().tolist()), tuple(space.start.ravel().tolist()), space.shape)
        case spaces.MultiBinary():
            return Flattening(math.prod(space.shape), lambda value, out: np.copyto(out, _shaped(value, space.shape)))
        case spaces.Dict():
            return _parts([(key, flattening(part)) for key, part in space.spaces.items() if key != MASK])
        case spaces.Tuple():
            return _parts([(place, flattening(part)) for place, part in enumerate(space.spaces)])
    raise InputError(f"{brief(space)} is not flattened to numbers; {SUPPORTED} are")


def has_mask(space: spaces.Space[Any]) -> bool:
    """Return whether the observations of a space hold an action mask."""
    return isinstance(space, spaces.Dict) and MASK in space.spaces


def number_of_actions(space: Any) -> int:
    """Return the number of actions of a Discrete space.

    Raises
    ------
    InputError
        If the space is another; the message says what to do about it.
    """
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    instead = {
        spaces.Box: "; continuous actions must be made discrete by a wrapper",
        spaces.MultiDiscrete: "; number the combinations, in a wrapper, to make them one Discrete action",
    }
    advice = next((text for kind, text in instead.items() if isinstance(space, kind)), "")
    raise InputError(f"{brief(space)}; the learners choose one action of a Discrete space{advice}")


def _shaped(value: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f"has the shape {array.shape}, and its space {shape}; spaces may not change")
    return array.reshape(-1)


def _box(space: spaces.Box) -> Flattening:
    shape = space.shape
    whole = np.issubdtype(space.dtype, np.integer) and space.is_bounded()
    if not whole:
        return Flattening(math.prod(shape), lambda value, out: np.copyto(out, _shaped(value, shape), casting="unsafe"))
    low = space.low.reshape(-1).astype(np.float32)
    scale = 1.0 / np.maximum(space.high.reshape(-1).astype(np.float32) - low, 1.0)

    def write(value: Any, out: Floats) -> None:
        np.multiply(_shaped(value, shape) - low, scale, out=out, casting="unsafe")

    return Flattening(math.prod(shape), write)


def _one_hots(numbers: tuple[int, ...], starts: tuple[int, ...], shape: tuple[int, ...]) -> Flattening:
    first = np.concatenate([[0], np.cumsum(numbers)[:-1]]).astype(np.int64)
    sizes, begin = np.array(numbers), np.array(starts)

    def write(value: Any, out: Floats) -> None:
        chosen = _shaped(value, shape).astype(np.int64) - begin
        if ((chosen < 0) | (chosen >= sizes)).any():
            raise ValueError(f"is {brief(value)}, which is not in its space")
        out[:] = 0.0
        out[first + chosen] = 1.0

    return Flattening(sum(numbers), write)


def _parts(parts: list[tuple[Any, Flattening]]) -> Flattening:
    ends = np.cumsum([0, *(part.size for _, part in parts)]).tolist()

    def write(value: Any, out: Floats) -> None:
        if not isinstance(value, dict | tuple | list):
            raise ValueError(f"is {brief(value)}, and its space has {len(parts)} parts")
        for (key, part), begin, end in zip(parts, ends, ends[1:], strict=False):
            try:
                inside = value[key]
            except (KeyError, IndexError):
                raise ValueError(f"lacks its part {key!r}; spaces may not change") from None
            part.write(inside, out[begin:end])

    return Flattening(ends[-1], write)
