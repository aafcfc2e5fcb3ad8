r"""Notions of fairness from other publications, as potentials that a shaper pays for under a fixed multiplier.

They are the baselines that Fair-GNE is compared with. The paper on Fair-GNE compares it with penalties called WFL, WSR
and ACT, whose formulas it does not give: ``workload-penalty``, ``workload-skill-penalty`` and ``action-count-penalty``
replace them, with definitions and names of ours. All potentials are functions of the workloads so far. So
``Telescoped(potential)`` with the multiplier :math:`\lambda` adds exactly :math:`\lambda (\Phi(w_T) - \Phi(0))` to an
episode's return, and ``PerStep(potential)``, as penalties are usually published, adds the sum of
:math:`\lambda \Phi(w_t)`. While nobody has worked, every potential here is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import as_floats, library_of
from evenhand.fair_gne.constraint import worked
from evenhand.fairness.cone import checked_parameter
from evenhand.fairness.measures import coefficient_of_variation, gini


@dataclass(frozen=True)
class WorkloadPenalty:
    r"""Minus the Gini index of the workloads, :math:`\Phi = -G(w)`, from 1/n - 1 to 0.

    It is the term L1 of FairSkill (arXiv 2508.18708), whose code takes the Gini index of counts per agent.
    """

    name: ClassVar[str] = "workload-penalty"

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the potential of `workloads` (..., n), shape (...)."""
        del tau
        return -gini(workloads)


@dataclass(frozen=True)
class ActionCountPenalty:
    r"""Minus the coefficient of variation of the numbers of actions, :math:`\Phi = -CV(a)`.

    Its workloads must be counts of actions (:class:`evenhand.fair_gne.workload.ActionCount`), whatever the actions
    achieved. This definition is ours: the CV and not the variance, so that long episodes weigh no more than short ones.
    """

    name: ClassVar[str] = "action-count-penalty"

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the potential of action counts (..., n), shape (...)."""
        del tau
        return -coefficient_of_variation(workloads)


@dataclass(frozen=True)
class WorkloadSkillPenalty:
    r"""FairSkill's L3: unequal work and work done by the less able, :math:`\Phi = -(\alpha L_1 + (1 - \alpha) L_2)`.

    With :math:`c_{ik}` the units of kind k done by agent i and :math:`\ell_{ik}` its skill level,
    :math:`L_1 = G(\sum_k c_{ik})` is the Gini index of the work and
    :math:`L_2 = 1 - \sum_{ik} c_{ik} \ell_{ik} / \sum_{ik} c_{ik} \max_j \ell_{jk}` is the share of the available skill
    that was not used. It is 0 while no work has asked for skill; the authors' code has 1 there, which would reward the
    first unit of work merely for ending that state.

    Parameters
    ----------
    levels
        Skill levels, shape (n, K), non-negative: row i, column k is agent i's level at work of kind k.
    alpha
        Weight of the work's inequality, in [0, 1].

    References
    ----------
    FairSkillMARL, arXiv 2508.18708.
    """

    levels: tuple[tuple[float, ...], ...]
    alpha: float = 0.5

    name: ClassVar[str] = "workload-skill-penalty"

    def __post_init__(self) -> None:
        levels = np.asarray(self.levels, dtype=np.float64)
        if levels.ndim != 2 or not np.all(levels >= 0.0):
            raise InputError("levels must be one row per agent and one column per kind of work, none negative")
        object.__setattr__(self, "alpha", checked_parameter("alpha", self.alpha, 0.0, 1.0))
        object.__setattr__(self, "levels", tuple(map(tuple, levels.tolist())))

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the potential, shape (...), of units by agent and kind of work, shape (..., n, K)."""
        del tau
        xp = library_of(workloads)
        units = as_floats(xp, workloads)
        imbalance = gini(xp.sum(units, axis=-1))
        return -(self.alpha * imbalance + (1.0 - self.alpha) * self.misalignment(units))

    def misalignment(self, units: Any) -> Any:
        """Return L2, shape (...), of units by agent and kind, shape (..., n, K): 0 if the ablest did everything."""
        xp = library_of(units)
        levels = xp.asarray(self.levels, dtype=units.dtype)
        used = xp.sum(xp.sum(units * levels, axis=-1), axis=-1)
        best = xp.sum(xp.sum(units * xp.max(levels, axis=0), axis=-1), axis=-1)
        some = best > 0.0
        return xp.where(some, 1.0 - used / xp.where(some, best, xp.ones_like(best)), xp.zeros_like(best))


@dataclass(frozen=True)
class FairEfficient:
    r"""FEN's fair-efficient reward, :math:`\rho_i = \min(\bar w / c, 1) / (\epsilon + |w_i / \bar w - 1|)`.

    Each agent is paid for the team's throughput and for being close to the mean; the potential is the team's mean of
    these rewards, from 0 (nothing done) to :math:`1 / \epsilon`. FEN pays the reward to a controller that chooses among
    sub-policies, for utilities, of which more is better. Here a plain learner gets it, and an agent's utility is the
    useful work that it has done.

    Parameters
    ----------
    ceiling
        c, the mean work of an agent in an episode in which all work is done; positive, in units of work.
    epsilon
        Positive; bounds the reward of an agent at the mean. The authors' code has 0.1.

    References
    ----------
    J. Jiang and Z. Lu, Learning fairness in multi-agent systems, NeurIPS 2019, arXiv 1910.14472.
    """

    ceiling: float
    epsilon: float = 0.1

    name: ClassVar[str] = "fair-efficient"

    def __post_init__(self) -> None:
        for name in ("ceiling", "epsilon"):
            value = checked_parameter(name, getattr(self, name), 0.0)
            object.__setattr__(self, name, value)
            if not value > 0.0:
                raise InputError(f"{name} is {getattr(self, name)!r}; it must be a positive, finite number")

    def rewards(self, workloads: Any) -> Any:
        """Return each agent's fair-efficient reward, shape (..., n)."""
        xp = library_of(workloads)
        w = as_floats(xp, workloads)
        mean = xp.mean(w, axis=-1, keepdims=True)
        relative = w / xp.where(mean > 0.0, mean, xp.ones_like(mean))
        efficiency = xp.clip(mean / self.ceiling, 0.0, 1.0)
        rewards = efficiency / (self.epsilon + xp.abs(relative - 1.0))
        return xp.where(worked(w)[..., None], rewards, xp.zeros_like(rewards))

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the mean over agents of the fair-efficient reward of `workloads` (..., n), shape (...)."""
        del tau
        return library_of(workloads).mean(self.rewards(workloads), axis=-1)


@dataclass(frozen=True)
class GeneralisedGini:
    r"""Generalised Gini welfare of :math:`u_i = -w_i`: :math:`\Phi = -\sum_k \omega_k w_{[k]}`.

    Here :math:`w_{[1]} \ge w_{[2]} \ge \dots` and :math:`\omega_k \propto 2^{-k}` with sum 1, so that the agent
    with the most work has the largest weight. It is in units of work and puts a price on work as well as on inequality.

    References
    ----------
    M. Zimmer, C. Glanois, U. Siddique and P. Weng, Learning fair policies in decentralized cooperative multi-agent
    reinforcement learning, ICML 2021, arXiv 2012.09421.
    """

    name: ClassVar[str] = "generalised-gini"

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the potential of `workloads` (..., n), shape (...)."""
        del tau
        xp = library_of(workloads)
        w = as_floats(xp, workloads)
        weights = 0.5 ** np.arange(w.shape[-1])[::-1]  # for workloads in increasing order
        return -xp.sum(xp.sort(w, axis=-1) * xp.asarray((weights / weights.sum()).tolist(), dtype=w.dtype), axis=-1)
