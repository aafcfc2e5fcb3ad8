r"""The fairness of workloads as one number that grows with it, for every member of :mod:`evenhand.fairness`.

The members themselves compute in NumPy. A learner needs the same numbers inside `jax.jit`, on batches of
environments; here they are, a line each, on any array-API array. With shares :math:`s_i` (1/n where all agents
are equal) and :math:`r_i` the relative load :math:`w_i / s_i` over the mean, so that :math:`\sum_i s_i r_i = 1`:

======================  ================================================  ==========================
member                  index                                             of one worker, of equals
======================  ================================================  ==========================
``JainAtLeast``         :math:`1 / (1 + \sum_i s_i (r_i - 1)^2)`          1/n (least share), 1
``EpsilonFairness``     its level                                         0, 1
every other             :math:`(q_0 - q(w)) / (q_0 - q_1)`                0, 1
======================  ================================================  ==========================

where q is the measure in the member's own unit (a CV, a Gini index, ...), :math:`q_0` its value that asks
nothing and :math:`q_1` the one that asks equality. The index is affine in q, so that a bound on an expected
index is a bound on the expected CV, Gini index, and so on. While nobody has worked, the index is 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.fair_gne.libraries import as_floats, library_of
from evenhand.fairness.measures import jain_index
from evenhand.fairness.shares import shares_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from evenhand.fairness import Fairness

    Measure = Callable[[Any, Any, Any], Any]


def fairness_index(fairness: Fairness, workloads: Any) -> Any:
    """Return the index of `workloads` that `fairness` bounds from below.

    Parameters
    ----------
    fairness
        A member of :mod:`evenhand.fairness`. One that is not built in is asked for its ``level``, in NumPy.
    workloads
        Non-negative, shape (..., n), of any array library.

    Returns
    -------
    array
        Shape (...), larger is fairer, at most 1.

    Examples
    --------
    >>> from evenhand.fairness import CVAtMost, JainAtLeast
    >>> float(fairness_index(JainAtLeast(0.85), [2.0, 2.0, 0.0]))
    0.6666666666666666
    >>> round(float(fairness_index(CVAtMost(0.42), [2.0, 2.0, 0.0])), 6)
    0.5
    """
    xp = library_of(workloads)
    w = as_floats(xp, workloads)
    if w.ndim == 0:
        raise InputError("workloads are a single number; an array with one workload per agent is needed")
    if fairness.name == "jain":
        return jain_index(w) if fairness.entitlements is None else _jain(xp, *_relative(xp, w, fairness))
    if fairness.name == "epsilon":
        return _level(xp, *_relative(xp, w, fairness), fairness)
    vacuous, equality = fairness.parameter_range(w.shape[-1])
    measure = MEASURES.get(fairness.name)
    parameter = fairness.level(w) if measure is None else measure(xp, *_relative(xp, w, fairness))
    return (vacuous - parameter) / (vacuous - equality)


def index_of_parameter(fairness: Fairness, agents: int, parameter: Any) -> Any:
    """Return the index that loads of `agents` agents have where they just meet `parameter` (an array, too)."""
    if fairness.name in {"jain", "epsilon"}:
        return parameter
    vacuous, equality = fairness.parameter_range(agents)
    return (vacuous - parameter) / (vacuous - equality)


def _relative(xp: Any, w: Any, fairness: Fairness) -> tuple[Any, Any]:
    """Return loads over their entitlement and mean, ones where nobody has worked, and the shares (n,)."""
    shares = shares_of(w.shape[-1], fairness.entitlements)
    s = xp.asarray(shares.tolist(), dtype=w.dtype)
    relative = w if fairness.entitlements is None else w / (w.shape[-1] * s)
    top = xp.max(relative, axis=-1, keepdims=True)
    positive = top > 0.0
    # Scaled first, so that no square overflows.
    scaled = xp.where(positive, relative / xp.where(positive, top, xp.ones_like(top)), xp.ones_like(relative))
    return scaled / xp.sum(scaled * s, axis=-1, keepdims=True), s


def _variance(xp: Any, r: Any, s: Any) -> Any:
    return xp.sum((r - 1.0) ** 2 * s, axis=-1)


def _jain(xp: Any, r: Any, s: Any) -> Any:
    return 1.0 / (1.0 + _variance(xp, r, s))


def _level(xp: Any, r: Any, s: Any, fairness: Any) -> Any:
    """Return the level (mean / power mean - worst) / (1 - worst), worst where the least share carries all."""
    least = float(shares_of(r.shape[-1], fairness.entitlements).min())
    worst = least if math.isinf(fairness.p) else least ** (1.0 - 1.0 / fairness.p)
    return xp.clip((1.0 / _power_mean(xp, r, s, fairness.p) - worst) / (1.0 - worst), 0.0, 1.0)


def _power_mean(xp: Any, r: Any, s: Any, p: float) -> Any:
    top = xp.max(r, axis=-1)
    if math.isinf(p):
        return top
    if p == 2.0:
        return xp.sqrt(1.0 + _variance(xp, r, s))
    return top * xp.sum((r / top[..., None]) ** p * s, axis=-1) ** (1.0 / p)


def _coefficient_of_variation(xp: Any, r: Any, s: Any) -> Any:
    return xp.sqrt(_variance(xp, r, s))


def _gini(xp: Any, r: Any, s: Any) -> Any:
    # Every pair of agents: n is small, and a sort is dearer in a compiled loop.
    apart = xp.abs(r[..., :, None] - r[..., None, :])
    return xp.sum(xp.sum(apart * s, axis=-1) * s, axis=-1) / 2.0


def _hoover(xp: Any, r: Any, s: Any) -> Any:
    return xp.sum(xp.abs(r - 1.0) * s, axis=-1) / 2.0


def _range(xp: Any, r: Any, s: Any) -> Any:
    return xp.max(r, axis=-1) - xp.min(r, axis=-1)


def _max_over_mean(xp: Any, r: Any, s: Any) -> Any:
    return xp.max(r, axis=-1)


MEASURES: dict[str, Measure] = {
    "cv": _coefficient_of_variation,
    "gini": _gini,
    "hoover": _hoover,
    "range": _range,
    "max_over_mean": _max_over_mean,
}
"""Measures by the member's name: a function of (library, relative loads, shares); add your own member's here."""
