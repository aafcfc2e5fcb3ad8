r"""Other models of fairness as CVXPY expressions, for comparison, as objectives or as constraints.

Functions of *loads* (less is better), and measures of dispersion, are convex: minimise them, alone or added to a cost,
or bound them from above. Functions of *utilities* (more is better) are concave: maximise them, or bound them from
below. n is the number of agents, and :math:`\bar x` the mean.

=============================  ===========================================  ==========================================
function                       value                                        source
=============================  ===========================================  ==========================================
``largest``                    :math:`\max_i x_i` (minimax)                 Rawls 1971, for burdens
``power_mean``                 :math:`(\frac1n \sum x_i^p)^{1/p}`           Bektas and Letchford 2020
``value_range``                :math:`\max_i x_i - \min_i x_i`              [1]_, section 3
``mean_deviation``             :math:`\frac1n \sum |x_i - \bar x|`          [1]_; Hoover's index is half of it over
                                                                            the mean
``mean_difference``            :math:`\frac{1}{2n^2} \sum |x_i - x_j|`      [1]_; Gini's index times the mean
``standard_deviation``         :math:`\sqrt{\frac1n \sum (x_i-\bar x)^2}`   [1]_; the CV times the mean
``least``                      :math:`\min_i u_i` (maximin)                 Rawls 1971
``alpha_fair``                 :math:`\sum u_i^{1-\alpha} / (1 - \alpha)`   Mo and Walrand 2000
``equal_equivalent``           :math:`(\frac1n\sum u_i^{1-\alpha})`         Atkinson 1970
                               :math:`^{1/(1-\alpha)}`
``nash``                       :math:`(\prod u_i)^{1/n}`                    Nash 1950
``ordered_welfare``            :math:`\sum w_i u_{(i)}`, w decreasing       Weymark 1981
``kalai_smorodinsky``          equal fractions of each agent's best gain    Kalai and Smorodinsky 1975
=============================  ===========================================  ==========================================

Relative dispersion (a measure over the mean) is convex only as a constraint: the members RangeAtMost, HooverAtMost,
GiniAtMost and CVAtMost. As an objective, :func:`evenhand.modeling.cvxpy_fairest.fairest` minimises it.

References
----------
.. [1] V. Xinying Chen and J. N. Hooker, A guide to formulating fairness in an optimization model, Annals of Operations
   Research 326, 2023.

Examples
--------
Six hours for two agents, of whom the second earns twice as much per hour:

>>> import cvxpy as cp
>>> hours = cp.Variable(2, nonneg=True)
>>> pay = cp.multiply(hours, [1, 2])
>>> for welfare in (cp.sum, nash, least):
...     problem = cp.Problem(cp.Maximize(welfare(pay)), [cp.sum(hours) == 6])
...     _ = problem.solve(solver="CLARABEL")
...     print(pay.value.round(2) + 0.0)
[ 0. 12.]
[3. 6.]
[4. 4.]
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling.cvxpy_loads import has_integers, vector_of
from evenhand.modeling.library_imports import require

__all__ = [
    "alpha_fair",
    "equal_equivalent",
    "kalai_smorodinsky",
    "largest",
    "least",
    "mean_deviation",
    "mean_difference",
    "nash",
    "ordered_welfare",
    "power_mean",
    "standard_deviation",
    "value_range",
]


def largest(loads: Any) -> Any:
    """Return the largest load: convex, to be minimised."""
    return require("cvxpy").max(vector_of(loads, "loads"))


def power_mean(loads: Any, p: float) -> Any:
    r"""Return :math:`(\frac1n \sum |x_i|^p)^{1/p}`, p from 1 to infinity: convex, to be minimised.

    This is the p-norm up to a factor: for p = 1 the mean absolute load, for infinity the largest. Minimising it is
    equivalent to minimising :math:`\sum x_i^p`, the alpha-fair objective for burdens.

    Raises
    ------
    InputError
        If p is less than 1.
    """
    cp, x = require("cvxpy"), vector_of(loads, "loads")
    if not p >= 1.0:
        raise InputError(f"p is {p!r}; it must be a number from 1, or infinity")
    if math.isinf(p):
        return cp.norm_inf(x)
    return _written(cp.pnorm, x, p) * x.shape[0] ** (-1.0 / p)


def value_range(loads: Any) -> Any:
    """Return the largest minus the smallest load: convex."""
    cp, x = require("cvxpy"), vector_of(loads, "loads")
    return cp.max(x) - cp.min(x)


def mean_deviation(loads: Any) -> Any:
    """Return the mean absolute deviation from the mean: convex."""
    cp, x = require("cvxpy"), vector_of(loads, "loads")
    n = x.shape[0]
    return cp.norm1(x - cp.sum(x) / n) / n


def mean_difference(loads: Any) -> Any:
    """Return half the mean absolute difference of two agents drawn at random: convex; over the mean, Gini's index."""
    cp, x = require("cvxpy"), vector_of(loads, "loads")
    n = x.shape[0]
    first, second = np.triu_indices(n, 1)
    return cp.norm1(x[first] - x[second]) / n**2


def standard_deviation(loads: Any) -> Any:
    """Return the standard deviation (population): convex."""
    cp, x = require("cvxpy"), vector_of(loads, "loads")
    n = x.shape[0]
    return cp.norm(x - cp.sum(x) / n, 2) / math.sqrt(n)


def least(utilities: Any) -> Any:
    """Return the least utility: concave, to be maximised."""
    return require("cvxpy").min(vector_of(utilities, "utilities"))


def alpha_fair(utilities: Any, alpha: float) -> Any:
    r"""Return :math:`\sum u_i^{1-\alpha} / (1 - \alpha)`, for alpha = 1 :math:`\sum \ln u_i`: concave, to be maximised.

    alpha = 0 is the sum of utilities, and alpha = 1 proportional fairness, which is equivalent to Nash's product. As
    alpha grows, the least utility dominates. From about alpha = 5 the powers have very different sizes, and
    :func:`equal_equivalent`, which ranks alike, is easier to solve.

    Raises
    ------
    InputError
        If alpha is not a finite number of at least 0.
    """
    cp, u = require("cvxpy"), vector_of(utilities, "utilities")
    _check_alpha(alpha)
    if alpha == 0.0:
        return cp.sum(u)
    if alpha == 1.0:
        return cp.sum(cp.log(u))
    return cp.sum(_written(cp.power, u, 1.0 - alpha)) / (1.0 - alpha)


def equal_equivalent(utilities: Any, alpha: float) -> Any:
    r"""Return the utility that would be equally good if every agent had it: concave, to be maximised.

    It is :math:`(\frac1n \sum u_i^{1-\alpha})^{1/(1-\alpha)}`; for alpha = 1 the geometric mean, and for infinity the
    least utility. It ranks like :func:`alpha_fair`, but in the unit of the utilities.

    Raises
    ------
    InputError
        If alpha is not a number of at least 0, or infinity.
    """
    cp, u = require("cvxpy"), vector_of(utilities, "utilities")
    if alpha == math.inf:
        return cp.min(u)
    _check_alpha(alpha)
    n = u.shape[0]
    if alpha == 0.0:
        return cp.sum(u) / n
    if alpha == 1.0:
        return nash(u)
    order = 1.0 - alpha
    return _written(cp.pnorm, u, order) * n ** (-1.0 / order)


def nash(utilities: Any) -> Any:
    """Return the geometric mean of the utilities: concave, to be maximised (Nash's bargaining solution).

    Utilities are gains over the disagreement point: subtract that first if it is not zero.
    """
    return _written(require("cvxpy").geo_mean, vector_of(utilities, "utilities"))


def ordered_welfare(utilities: Any, weights: Any = None) -> Any:
    r"""Return :math:`\sum_i w_i u_{(i)}` for utilities in increasing order and weights that do not increase: concave.

    Parameters
    ----------
    utilities
        Utilities, length n.
    weights
        n non-negative numbers in non-increasing order; by default :math:`(2 (n - i) + 1) / n^2`, which makes the result
        the mean times one minus Gini's index.

    Raises
    ------
    InputError
        If the weights are not n, increase, or are negative.
    """
    cp, u = require("cvxpy"), vector_of(utilities, "utilities")
    n = u.shape[0]
    w = (2.0 * np.arange(n, 0, -1) - 1.0) / n**2 if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (n,):
        raise InputError(f"weights has shape {w.shape}; there must be one for each of the {n} utilities")
    if not (np.all(w >= 0.0) and np.all(np.diff(w) <= 0.0)):
        raise InputError(f"weights are {w.tolist()}; they must be non-negative and must not increase")
    steps = w - np.append(w[1:], 0.0)
    return sum(steps[k - 1] * cp.sum_smallest(u, k) for k in range(1, n + 1) if steps[k - 1] > 0.0)


def kalai_smorodinsky(constraints: Any, utilities: Any, disagreement: Any = 0.0, **options: Any) -> Any:
    r"""Return the problem that gives every agent the same fraction of its largest possible gain, and maximises that.

    It maximises b subject to :math:`u_i \ge d_i + b (u_i^{max} - d_i)`, where :math:`u_i^{max}` is the largest utility
    of agent i such that no agent falls below d. n problems are solved to find these.

    Parameters
    ----------
    constraints
        The model's constraints.
    utilities
        Utilities, length n.
    disagreement
        Utilities d without an agreement: one number, or n numbers.
    options
        Options of ``cp.Problem.solve``, such as ``solver="CLARABEL"``.

    Returns
    -------
    cp.Problem
        The problem, still to be solved; its value is b.

    Raises
    ------
    InputError
        If the utility of an agent is unbounded, or every solution leaves some agent below d.
    """
    cp, u = require("cvxpy"), vector_of(utilities, "utilities")
    n = u.shape[0]
    least_gains = np.broadcast_to(np.asarray(disagreement, dtype=np.float64), n)
    allowed = [*constraints, u >= least_gains]
    best = np.empty(n)
    for agent in range(n):
        alone = cp.Problem(cp.Maximize(u[agent]), allowed)
        alone.solve(**options)
        if alone.status not in ("optimal", "optimal_inaccurate"):
            raise InputError(f"utilities[{agent}] has no best: the model in which nobody falls below is {alone.status}")
        best[agent] = alone.value
    part = cp.Variable()
    return cp.Problem(cp.Maximize(part), [*allowed, u >= least_gains + part * (best - least_gains)])


def _check_alpha(alpha: Any) -> None:
    if not (isinstance(alpha, (int, float)) and 0.0 <= alpha < math.inf):
        raise InputError(f"alpha is {alpha!r}; it must be a number from 0")


def _written(atom: Any, vector: Any, *arguments: Any) -> Any:
    """Return a CVXPY atom written with power cones if possible, or with second-order cones if there are integers.

    Power cones need a recent CVXPY. Second-order cones are exact for powers that are fractions with a denominator of up
    to 1024.
    """
    powers = "approx" in inspect.signature(atom).parameters and not has_integers(vector)
    return atom(vector, *arguments, approx=False) if powers else atom(vector, *arguments)
