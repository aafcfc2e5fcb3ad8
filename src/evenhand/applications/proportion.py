"""Fairness in proportion to capacities or demands, which become entitlements."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.selection import Among


def in_proportion(fairness: Fairness, shares: NDArray[np.float64], option: str) -> Fairness:
    """Return the same member with `shares`, shape (n,), as entitlements; error messages name the user's `option`.

    Raises
    ------
    InputError
        If the member has entitlements already, or is asked among selected agents only.
    """
    if fairness.entitlements is not None:
        raise InputError(f"{fairness} has entitlements already; leave them or {option} out")
    if isinstance(fairness, Among):
        raise InputError(f"{fairness} is of equal agents; leave {option} out")
    changed: Fairness = dataclasses.replace(fairness, entitlements=tuple(shares.tolist()))  # type: ignore[type-var]
    return changed
