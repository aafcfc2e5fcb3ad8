"""Small problems under several rules, and all their plans by enumeration."""

import itertools
import math

import numpy as np

from evenhand import CVAtMost, GiniAtMost, JainAtLeast, LeastOverMean, Limits, MaxOverMean, Rule


def drawn(seed):
    """Return costs, and the other arguments of a random call with three agents and five tasks, most with a plan."""
    random = np.random.default_rng(seed)
    n, m = 3, 5
    costs = random.integers(-3, 12, (n, m)).astype(float)
    costs[random.random((n, m)) < 0.08] = np.inf
    costs[int(random.integers(n))] = random.integers(1, 9, m)
    member = [JainAtLeast(0.85), MaxOverMean(1.3), CVAtMost(0.4), GiniAtMost(0.25), LeastOverMean(0.5)][seed % 5]
    nights = random.integers(0, 2, m).astype(float)
    entitlements = (1.0, None, 0.5) if seed % 3 == 0 else None
    rules = [
        Rule(random.integers(1, 6, (n, m)).astype(float), member, name="hours", initial_loads=random.integers(0, 3, n)),
        Rule(nights, MaxOverMean(1.9, entitlements=entitlements), name="nights"),
        Limits("tasks", least=1 if seed % 2 else None, most=[3, None, 3 + seed % 2], name="visits"),
    ]
    rest = {}
    if seed % 4 == 1:
        rest["conflicts"] = [(0, 1), (1, 2)]
    if seed % 4 == 2:
        rest["together"] = [(0, 3)]
    if seed % 4 == 3:
        rest["needs"] = {1: 2} if np.isfinite(costs[:, 1]).sum() > 1 else None
    return costs, {"rules": rules, **rest}


def plans_of(costs, needs=None, together=(), conflicts=()):
    """Yield every plan as a tuple of sets of agents that keeps forbidden pairs, needs, groups and conflicts."""
    n, m = costs.shape
    needs = needs or {}
    sets = [
        [
            frozenset(agents)
            for agents in itertools.combinations(range(n), needs.get(task, 1))
            if np.isfinite(costs[list(agents), task]).all()
        ]
        for task in range(m)
    ]
    for plan in itertools.product(*sets):
        if any(plan[a] & plan[b] for a, b in conflicts):
            continue
        if all(len({plan[task] for task in group}) == 1 for group in together):
            yield plan


def loads_in(plan, burden, carried=None):
    """Return the loads of a plan for a burden of tasks (m,), or of pairs (n, m)."""
    n = 3
    loads = np.zeros(n) if carried is None else np.array(carried, float)
    burden = np.ones(len(plan)) if isinstance(burden, str) else np.asarray(burden, float)
    for task, agents in enumerate(plan):
        for agent in agents:
            loads[agent] += burden[task] if burden.ndim == 1 else burden[agent, task]
    return loads


def keeps(rule, plan):
    """Return whether a plan keeps a rule, from the definition."""
    loads = loads_in(plan, rule.burden, rule.initial_loads)
    if isinstance(rule, Rule):
        shares = rule.fairness.entitlements
        counted = [k for k in range(3) if shares is None or shares[k] is not None]
        member = rule.fairness
        if shares is not None:
            member = type(member)(member.parameter, entitlements=tuple(shares[k] for k in counted))
        return bool(member.contains(loads[counted]))
    for limits, sign in ((rule.least, 1), (rule.most, -1)):
        listed = limits if isinstance(limits, list) else [limits] * 3
        if any(limit is not None and sign * load < sign * limit for load, limit in zip(loads, listed, strict=True)):
            return False
    return True


def cheapest(costs, rules, **rest):
    """Return the least cost of a plan that keeps all rules; inf if there is none."""
    return min(
        (
            math.fsum(costs[agent, task] for task, agents in enumerate(plan) for agent in agents)
            for plan in plans_of(costs, **{key: value for key, value in rest.items() if value is not None})
            if all(keeps(rule, plan) for rule in rules)
        ),
        default=math.inf,
    )
