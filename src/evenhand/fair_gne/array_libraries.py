"""Find the array library of a call's arguments, so that one formula serves NumPy, JAX (compiled or not) and PyTorch."""

from __future__ import annotations

from typing import Any

import array_api_compat
import numpy as np

from evenhand.number_checks import as_number


def library_of(*values: Any) -> Any:
    """Return the array library of `values`: NumPy only if no value is an array of another library."""
    arrays = [value for value in values if array_api_compat.is_array_api_obj(value)]
    others = [value for value in arrays if not array_api_compat.is_numpy_array(value)]
    return array_api_compat.array_namespace(*(others or arrays or [np.zeros(())]))


def as_floats(xp: Any, values: Any) -> Any:
    """Return `values` as a floating array of the library `xp`; floats keep their precision."""
    array = xp.asarray(values)
    return array if xp.isdtype(array.dtype, "real floating") else array * 1.0


def as_scalar(value: Any) -> float:
    """Return a single number or truth value of any library as a float; NaN for None, text and arrays with an axis."""
    try:
        single = np.shape(value) == ()
    except ValueError:  # lists of unequal length
        return np.nan
    if isinstance(value, bool | np.bool_):
        return float(value)
    return as_number(value) if single and not isinstance(value, complex) else np.nan


def brief(value: Any) -> str:
    """Return a value as text for a one-line message, cut if it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
