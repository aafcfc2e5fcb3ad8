"""Measures of dispersion and welfare, for NumPy, JAX and PyTorch arrays alike.

Every function takes non-negative `loads` with the agents along `axis` and returns an array of the same library without
that axis. Loads are scaled before any power is taken, so that loads of 1e-300 and of 1e300 work. If all loads are zero,
they are perfectly equal. The functions never branch on values, so that they work inside `jax.jit` and `jax.vmap`;
therefore only NumPy arrays, and sequences, which become NumPy arrays, are checked for wrong loads.
"""

from __future__ import annotations

from typing import Any

import array_api_compat
import numpy as np

from evenhand.errors import InputError
from evenhand.fairness.cone import Cone
from evenhand.fairness.cv_and_jain import CVAtMost, JainAtLeast
from evenhand.fairness.gini import GiniAtMost
from evenhand.fairness.hoover import HooverAtMost
from evenhand.fairness.max_over_mean import MaxOverMean
from evenhand.fairness.relative_range import RangeAtMost

# The members that have the formulas; their parameters do not matter here.
_CV, _JAIN, _GINI, _HOOVER = CVAtMost(0.0), JainAtLeast(1.0), GiniAtMost(0.0), HooverAtMost(0.0)
_RANGE, _LARGEST = RangeAtMost(0.0), MaxOverMean(1.0)


def jain_index(loads: Any, *, axis: int = -1) -> Any:
    r"""Return Jain's index :math:`(\sum x)^2 / (n \sum x^2)`, from 1/n to 1 (equal).

    Parameters
    ----------
    loads
        Non-negative, shape (..., n, ...).
    axis
        The axis of the n agents.

    Raises
    ------
    InputError
        For an empty axis, or NumPy loads that are negative or not finite.

    References
    ----------
    R. K. Jain, D.-M. W. Chiu and W. R. Hawe, A quantitative measure of fairness and discrimination, 1984.

    Examples
    --------
    >>> float(jain_index([1.0, 0.0, 0.0, 1.0]))
    0.5
    """
    xp, x = _relative_to_mean(loads, axis)
    return _JAIN.index(xp, x, _equal_shares(xp, x))


def coefficient_of_variation(loads: Any, *, axis: int = -1) -> Any:
    """Return the population standard deviation over the mean, from 0 (equal) to sqrt(n - 1).

    Parameters and errors are those of :func:`jain_index`.
    """
    return _over_mean(_CV, loads, axis)


def gini(loads: Any, *, axis: int = -1) -> Any:
    r"""Return the Gini index :math:`\sum_{ij} |x_i - x_j| / (2 n \sum x)`, from 0 (equal) to 1 - 1/n.

    Parameters and errors are those of :func:`jain_index`.
    """
    return _over_mean(_GINI, loads, axis)


def hoover(loads: Any, *, axis: int = -1) -> Any:
    r"""Return the Hoover index :math:`\sum |x_i - \bar x| / (2 \sum x)`, from 0 (equal) to 1 - 1/n.

    It is the share of the total load that would have to move to make loads equal. Parameters and errors are those of
    :func:`jain_index`.
    """
    return _over_mean(_HOOVER, loads, axis)


def relative_mean_deviation(loads: Any, *, axis: int = -1) -> Any:
    r"""Return the mean absolute deviation over the mean, :math:`\sum |x_i - \bar x| / \sum x`: twice Hoover.

    Parameters and errors are those of :func:`jain_index`.
    """
    return 2.0 * hoover(loads, axis=axis)


def theil(loads: Any, *, axis: int = -1) -> Any:
    r"""Return Theil's T index :math:`\frac1n \sum (x_i/\bar x) \ln(x_i/\bar x)`, from 0 (equal) to ln n.

    Parameters and errors are those of :func:`jain_index`.
    """
    xp, x = _relative_to_mean(loads, axis)
    deviation = x - 1.0
    logarithm = xp.log1p(xp.where(x > 0.0, deviation, xp.zeros_like(x)))
    # Deviations sum to zero: subtracting each from its term changes no index, and keeps small ones accurate.
    return xp.mean(x * logarithm - deviation, axis=-1)


def relative_range(loads: Any, *, axis: int = -1) -> Any:
    """Return the largest minus the smallest load, over the mean, from 0 (equal) to n.

    Parameters and errors are those of :func:`jain_index`.
    """
    return _over_mean(_RANGE, loads, axis)


def max_over_mean(loads: Any, *, axis: int = -1) -> Any:
    """Return the largest load over the mean, from 1 (equal) to n.

    Parameters and errors are those of :func:`jain_index`.
    """
    return _over_mean(_LARGEST, loads, axis)


def least_over_mean(loads: Any, *, axis: int = -1) -> Any:
    """Return the smallest load over the mean, from 0 to 1 (equal).

    Parameters and errors are those of :func:`jain_index`.
    """
    xp, x = _relative_to_mean(loads, axis)
    return xp.min(x, axis=-1)


def max_min(loads: Any, *, axis: int = -1) -> Any:
    """Return the smallest load, in the unit of the loads: max-min fairness maximises it.

    Parameters and errors are those of :func:`jain_index`.
    """
    xp, x = _prepared(loads, axis)
    return xp.min(x, axis=-1)


def mcloone(loads: Any, *, axis: int = -1) -> Any:
    """Return the McLoone index: the mean of the loads up to the median, divided by the median; at most 1.

    The median of an even number of loads is the mean of the middle two. If it is zero, so are all loads up to it, and
    the index is 1. Parameters and errors are those of :func:`jain_index`.

    References
    ----------
    V. Xinying Chen and J. N. Hooker, A guide to formulating fairness in an optimization model, Annals of
    Operations Research, 2023.
    """
    xp, x = _relative_to_mean(loads, axis)
    ordered = xp.sort(x, axis=-1)
    n = x.shape[-1]
    median = (ordered[..., (n - 1) // 2] + ordered[..., n // 2]) / 2.0
    lower = x <= median[..., None]
    total = xp.sum(xp.where(lower, x, xp.zeros_like(x)), axis=-1)
    count = xp.sum(xp.astype(lower, x.dtype), axis=-1)
    positive = median > 0.0
    one = xp.ones_like(median)
    return xp.where(positive, total / (count * xp.where(positive, median, one)), one)


def alpha_fair_welfare(loads: Any, alpha: float, *, axis: int = -1) -> Any:
    r"""Return :math:`\sum x_i^{1-\alpha} / (1 - \alpha)`, or :math:`\sum \ln x_i` for alpha = 1.

    Here loads are a good, such as utilities. For alpha of 1 or more, it is minus infinity if an agent has nothing.

    Parameters
    ----------
    loads, axis
        As in :func:`jain_index`.
    alpha
        A number of 0 (the sum) or more; the larger, the more the worst off count. Not an array.

    Raises
    ------
    InputError
        As :func:`jain_index`, and for a negative alpha.

    References
    ----------
    J. Mo and J. Walrand, Fair end-to-end window-based congestion control, IEEE/ACM Transactions on
    Networking, 2000.
    """
    if not alpha >= 0.0:
        raise InputError(f"alpha is {alpha!r}; it must be a number from 0")
    xp, x = _prepared(loads, axis)
    if alpha < 1.0:
        return xp.sum(x ** (1.0 - alpha), axis=-1) / (1.0 - alpha)
    positive = x > 0.0
    safe = xp.where(positive, x, xp.ones_like(x))
    utility = xp.log(safe) if alpha == 1.0 else safe ** (1.0 - alpha) / (1.0 - alpha)
    return xp.sum(xp.where(positive, utility, xp.full_like(x, -xp.inf)), axis=-1)


def nash_welfare(loads: Any, *, axis: int = -1) -> Any:
    """Return the geometric mean of the loads, in their unit; 0 if an agent has nothing.

    It ranks loads as Nash's product does, and does not overflow.

    Parameters and errors are those of :func:`jain_index`.
    """
    xp, x = _prepared(loads, axis)
    positive = x > 0.0
    logarithm = xp.log(xp.where(positive, x, xp.ones_like(x)))
    mean = xp.exp(xp.mean(logarithm, axis=-1))
    return xp.where(xp.all(positive, axis=-1), mean, xp.zeros_like(mean))


def generalised_gini_welfare(loads: Any, weights: Any = None, *, axis: int = -1) -> Any:
    r"""Return :math:`\sum_i w_i x_{(i)}` for the loads in increasing order and weights that do not increase.

    Parameters
    ----------
    loads, axis
        As in :func:`jain_index`.
    weights
        Shape (n,), non-negative, not increasing. By default :math:`(2 (n - i) + 1) / n^2`, i = 1..n, which gives the
        mean times one minus the Gini index.

    Raises
    ------
    InputError
        As :func:`jain_index`, and for weights of the wrong length. Weights given as numbers or as a NumPy array must
        not increase or be negative.

    References
    ----------
    J. A. Weymark, Generalized Gini inequality indices, Mathematical Social Sciences, 1981.
    """
    xp, x = _prepared(loads, axis)
    n = x.shape[-1]
    if weights is None:
        weights = [(2.0 * (n - i) - 1.0) / n**2 for i in range(n)]
    elif not array_api_compat.is_array_api_obj(weights) or isinstance(weights, np.ndarray):
        weights = _checked_weights(np.asarray(weights, dtype=np.float64)).tolist()
    w = _alike(xp, weights, x)
    if w.shape != (n,):
        raise InputError(f"weights have shape {tuple(w.shape)}; the loads have {n} agents")
    return xp.sum(w * xp.sort(x, axis=-1), axis=-1)


def _checked_weights(weights: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    if weights.ndim == 1 and not (np.all(weights >= 0.0) and np.all(np.diff(weights) <= 0.0)):
        raise InputError(f"weights are {weights.tolist()}; they must be non-negative and must not increase")
    return weights


def _alike(xp: Any, numbers: Any, x: Any) -> Any:
    """Return numbers as an array of the type of `x`; PyTorch also needs the device of `x`."""
    if array_api_compat.is_torch_array(x):
        return xp.asarray(numbers, dtype=x.dtype, device=x.device)
    return xp.asarray(numbers, dtype=x.dtype)


def _prepared(loads: Any, axis: int) -> tuple[Any, Any]:
    """Return the array library and the loads as floats, agents on the last axis; NumPy loads are checked."""
    x = loads if array_api_compat.is_array_api_obj(loads) else _numbers(loads)
    xp = array_api_compat.array_namespace(x)
    if x.ndim == 0:
        raise InputError("loads are a single number; an array with one load per agent is needed")
    if not -x.ndim <= axis < x.ndim:
        raise InputError(f"axis is {axis}, but the loads have {x.ndim} dimension(s)")
    if x.shape[axis] == 0:
        raise InputError(f"loads have no agents along axis {axis}; at least one is needed")
    if not xp.isdtype(x.dtype, "real floating"):
        x = x * 1.0
    if isinstance(x, np.ndarray):
        _require_loads(x)
    return xp, xp.moveaxis(x, axis, -1)


def _relative_to_mean(loads: Any, axis: int) -> tuple[Any, Any]:
    """Return the array library and the loads over their mean, agents on the last axis; ones if all loads are zero."""
    xp, x = _prepared(loads, axis)
    top = xp.max(x, axis=-1, keepdims=True)
    positive = top > 0.0
    x = xp.where(positive, x / xp.where(positive, top, xp.ones_like(top)), xp.ones_like(x))
    return xp, x / xp.mean(x, axis=-1, keepdims=True)


def _over_mean(member: Cone, loads: Any, axis: int) -> Any:
    """Return the measure of `member` divided by the mean."""
    xp, x = _relative_to_mean(loads, axis)
    return member.measure(xp, x, _equal_shares(xp, x), xp.ones_like(x[..., 0]))


def _equal_shares(xp: Any, x: Any) -> Any:
    return xp.full_like(x[(0,) * (x.ndim - 1)], 1.0 / x.shape[-1])


def _numbers(loads: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return np.asarray(loads, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"loads cannot be read as numbers: {error}") from None


def _require_loads(x: np.ndarray[Any, Any]) -> None:
    wrong = np.argwhere(~((x >= 0.0) & (x < np.inf)))
    if len(wrong):
        position = tuple(int(index) for index in wrong[0])
        place = ", ".join(map(str, position))
        raise InputError(f"loads[{place}] is {float(x[position])}; every load must be a finite number, 0 or more")
