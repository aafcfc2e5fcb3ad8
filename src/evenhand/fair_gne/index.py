r"""The fairness of workloads as one number, larger for fairer, for every member of :mod:`evenhand.fairness`.

Learners need it inside `jax.jit`, on batches of environments, so each member's formula takes the arrays of any library.
Let :math:`s_i` be the shares (1/n if all agents are equal) and :math:`r_i` the relative load :math:`w_i / s_i` over the
mean, so that :math:`\sum_i s_i r_i = 1`:

======================  ================================================  ==========================
member                  index                                             one works; equal work
======================  ================================================  ==========================
``JainAtLeast``         :math:`1 / (1 + \sum_i s_i (r_i - 1)^2)`          1/n (least share), 1
``EpsilonFairness``     its level                                         0, 1
every other             :math:`(q_0 - q(w)) / (q_0 - q_1)`                0, 1
======================  ================================================  ==========================

where q is the member's parameter (a CV, a Gini index, ...): q(w) is the strictest that w meets, :math:`q_0` the one
that all workloads meet, and :math:`q_1` the one that only equal workloads meet. The index is affine in q, so that a
bound on the expected index is a bound on the expected CV, Gini index, and so on. While nobody has worked, the index is
1.

Where agents are absent, the measure of inequality is that of those present, with their shares scaled up to sum to 1;
what turns the measure into the index stays as for the whole team, so that the index has one unit whoever is there.
Jain's index is that of those present.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import array_api_compat
import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import as_floats, library_of
from evenhand.fairness import Fairness
from evenhand.fairness.cone import Cone
from evenhand.fairness.measures import jain_index
from evenhand.fairness.shares import shares_of


def fairness_index(fairness: Fairness, workloads: Any, present: Any = None) -> Any:
    """Return the index of `workloads` that `fairness` bounds from below.

    Parameters
    ----------
    fairness
        A member of :mod:`evenhand.fairness`. A user's own member is evaluated by its ``level``, in NumPy.
    workloads
        Non-negative, shape (..., n), of any array library.
    present
        Which agents the comparison is among, booleans (..., n), at least one in each row; default all.

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
    >>> float(fairness_index(JainAtLeast(0.85), [2.0, 2.0, 0.0], present=[True, True, False]))
    1.0
    """
    xp = library_of(workloads)
    w = as_floats(xp, workloads)
    if w.ndim == 0:
        raise InputError("workloads are a single number; an array with one workload per agent is needed")
    if present is not None:
        return _among_present(fairness, xp, w, xp.broadcast_to(xp.asarray(present), w.shape))
    if not isinstance(fairness, Cone):
        vacuous, equality = fairness.parameter_range(w.shape[-1])
        return (vacuous - fairness.level(w)) / (vacuous - equality)
    if fairness.name == "jain" and fairness.entitlements is None:
        return jain_index(w)  # the same formula, by the mean of an axis
    return fairness.index(xp, *_relative(xp, w, fairness))


def _among_present(fairness: Fairness, xp: Any, w: Any, present: Any) -> Any:
    """Return the index among those present: row by row in JAX, elsewhere once for each attendance that occurs."""
    if array_api_compat.is_jax_namespace(xp):
        import jax

        rows = (xp.reshape(array, (-1, w.shape[-1])) for array in (w, present))
        return xp.reshape(jax.vmap(partial(_with_attendance, fairness, xp))(*rows), w.shape[:-1])
    index = xp.ones_like(w[..., 0])
    for here in np.unique(np.asarray(present).reshape(-1, w.shape[-1]), axis=0):
        these = xp.asarray(here.tolist())
        index = xp.where(xp.all(present == these, axis=-1), _with_attendance(fairness, xp, w, these), index)
    return index


def _with_attendance(fairness: Fairness, xp: Any, w: Any, here: Any) -> Any:
    """Return the index of loads (..., n) among the same agents `here`, booleans (n,), in each row."""
    if not isinstance(fairness, Cone):
        vacuous, equality = fairness.parameter_range(w.shape[-1])
        return (vacuous - fairness.level(w[..., here])) / (vacuous - equality)
    u, shares = _relative(xp, xp.where(here, w, xp.zeros_like(w)), fairness)
    # The absent have no share, and the smallest relative load, in front of their equals: no measure counts them.
    least = xp.min(xp.where(here, u, xp.ones_like(u)), axis=-1, keepdims=True)
    counted = xp.where(here, shares, xp.zeros_like(shares))
    order = xp.argsort(xp.astype(here, w.dtype))
    filled = xp.take(xp.where(here, u, least), order, axis=-1)
    index = fairness.index(xp, filled, xp.take(counted / xp.sum(counted), order))
    return xp.where(xp.any(here & (w > 0.0), axis=-1), index, xp.ones_like(index))


def index_of_parameter(fairness: Fairness, agents: int, parameter: Any) -> Any:
    """Return the index of loads of `agents` agents that just meet `parameter`, which may be an array."""
    if isinstance(fairness, Cone):
        return fairness.index_at(parameter, agents)
    vacuous, equality = fairness.parameter_range(agents)
    return (vacuous - parameter) / (vacuous - equality)


def _relative(xp: Any, w: Any, fairness: Fairness) -> tuple[Any, Any]:
    """Return the relative loads with a largest entry of 1, or ones if nobody has worked, and the shares, shape (n,)."""
    shares = shares_of(w.shape[-1], fairness.entitlements)
    s = xp.asarray(shares.tolist(), dtype=w.dtype)
    relative = w if fairness.entitlements is None else w / (w.shape[-1] * s)
    top = xp.max(relative, axis=-1, keepdims=True)
    positive = top > 0.0
    # Scaled, so that no power overflows.
    return xp.where(positive, relative / xp.where(positive, top, xp.ones_like(top)), xp.ones_like(relative)), s
