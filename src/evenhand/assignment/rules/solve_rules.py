"""Solve a problem with several rules, limits, tasks of several agents, and tasks that exclude each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.warm_up import warm_up_rules
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.exclusive_tasks import too_few_agents
from evenhand.assignment.rules.row_search import RowSearch
from evenhand.assignment.rules.ruled_certificate import RuledCertificate, proven_by
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.assignment.rules.shortage import certificate_of_shortage


@dataclass(frozen=True, slots=True)
class RuledOutcome:
    """What the solver knows at its end; costs are to be minimised, whatever the sign of the user's table.

    Attributes
    ----------
    status
        ``optimal`` (to the gap asked for), ``infeasible`` (proven), or ``time_limit``.
    plan
        Agents of each unit, shape (u, k), ascending, -1 for none; None if no plan is known.
    bound
        Lower bound on the cost of every plan that keeps the rules; inf if there is none.
    certified_bound
        What the certificate proves of it without the search; -inf if there is none.
    certificate
        The multipliers that prove it; None if there are none.
    interrupted
        Whether Ctrl-C ended the search.
    short
        If units that exclude each other need more agents than may do them: these units, and these agents.
    nodes
        Number of nodes of the search tree.
    """

    status: str
    plan: NDArray[np.intp] | None
    bound: float
    certified_bound: float
    certificate: RuledCertificate | None
    interrupted: bool = False
    short: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    nodes: int = 0


def solve_rules(problem: RuledProblem, *, gap: float, clock: Clock, seed: int) -> RuledOutcome:
    """Find the cheapest plan that keeps all rules, with a certificate.

    Parameters
    ----------
    problem
        The checked problem.
    gap
        Relative gap (cost - bound) / abs(cost) at which the search may stop.
    clock
        Ends the search with what is known by then.
    seed
        Seed of all random choices.
    """
    begun = clock.seconds
    warm_up_rules()
    clock.excuse(clock.seconds - begun)
    short = too_few_agents(problem.exclusive, problem.allowed, problem.needs)
    if short is not None:
        proof = certificate_of_shortage(problem, *short)
        units, agents = map(tuple, short)
        return RuledOutcome("infeasible", None, math.inf, math.inf, proof, short=(units, agents))
    search = RowSearch(problem, gap, clock, seed)
    interrupted = False
    try:
        search.run()
    except KeyboardInterrupt:
        interrupted = True
    certificate, proven = _certified(search)
    plan = None if search.plan is None else search.plan_of(search.plan)
    if plan is None and search.bound == math.inf and not interrupted:
        return RuledOutcome("infeasible", None, math.inf, proven, certificate, nodes=search.nodes)
    status = "optimal" if plan is not None and search.done else "time_limit"
    bound = max(search.bound, min(proven, search.cost))
    return RuledOutcome(status, plan, bound, proven, certificate, interrupted, nodes=search.nodes)


def _certified(search: RowSearch) -> tuple[RuledCertificate | None, float]:
    """Return the certificate of the root's relaxation, or of infeasibility, and what it proves."""
    if search.plan is None and search.bound == math.inf:
        ray = search.prove_infeasible()
        if ray is None:
            return None, -math.inf
        certificate = search.system.certificate(ray.best, "infeasible")
        return (certificate, math.inf) if proven_by(search.problem, certificate) > 0.0 else (None, -math.inf)
    if search.root is None:
        return None, -math.inf
    certificate = search.system.certificate(search.root.best, "bound")
    return certificate, proven_by(search.problem, certificate)
