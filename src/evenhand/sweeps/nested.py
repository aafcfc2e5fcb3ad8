"""Flatten nested dictionaries to dotted keys, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return a flat dictionary with dotted keys.

    Examples
    --------
    >>> flat({"dual": {"cap": 3, "kp": 1}, "seed": 0})
    {'dual.cap': 3, 'dual.kp': 1, 'seed': 0}
    """
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = value
    return found


def nested(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested dictionaries that :func:`flat` has flattened.

    Examples
    --------
    >>> nested({"dual.cap": 3, "dual.kp": 1, "seed": 0})
    {'dual': {'cap': 3, 'kp': 1}, 'seed': 0}
    """
    found: dict[str, Any] = {}
    for path, value in table.items():
        *sections, key = path.split(".")
        place = found
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = value
    return found
