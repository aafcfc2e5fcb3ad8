"""Check an answer and its tree proof with Python's standard library alone: read it in an hour, and run it anywhere.

    python check.py costs.csv out.json proof.json.gz [burdens.csv]       (or: python -m evenhand.check ...)

Agents i share tasks j. Loads x are *fair* if Phi(x / shares) <= beta * sum(x), for the measure Phi that was asked for.
That no fair assignment costs less than a bound, or that there is none, is shown by a tree of nodes, a line of JSON
each, parents first. A node has prices v[i] of load, with v . x >= 0 for all fair x >= 0 (see `in_dual_cone`), and tolls
t >= 0 on limits set above it: "agent i has at most k tasks of group g", or at least, or the same of its load. Every
fair assignment of open pairs (i, j) that keeps the limits costs at least

    sum_j min_i (c[i,j] - v[i] b[i,j] -+ tolls) - v . initial loads +- tolls * limits.

Where that reaches the bound, the node is closed; a "ray", with costs of zero, must be positive. Elsewhere, pairs with
which it would are closed, and children leave out nothing: a task with each open agent; or a count or a load, split in
two (loads are initial loads plus multiples of the largest common divisor of the agent's burdens). Numbers count as they
are written, in decimals; sums are of integers, powers of order p rounded at 60 digits. The plan is fair within 1e-9.
"""

import ast
import csv
import gzip
import json
import math
import struct
import sys
from decimal import Context, Decimal, localcontext
from fractions import Fraction

LOAD, ALL_TASKS, LOWER, UPPER = -2, -1, 0, 1  # what a limit is on, if not on a group of tasks; and its side
TOLERANCE, SLACK = Fraction(1, 10**9), 1 + Fraction(1, 10**40)  # of fairness; and for what powers are rounded by


def power(base, exponent):
    """Return base ** exponent for a base >= 0, rounded at 60 digits; exact for exponents 1 and 2."""
    if base == 0 or exponent in (1, 2):
        return base ** int(exponent) if base else Fraction(0)
    with localcontext(Context(prec=60, Emin=-(10**12), Emax=10**12)):
        number, order = (Decimal(f.numerator) / f.denominator for f in (base, exponent))
        return Fraction(number**order)


class Measure:
    """The measure Phi: a power mean, Hoover's, or steps of sorted loads times a concave `weight` of the share above."""

    def __init__(self, asked, n):
        entitlements = [Fraction(e) for e in asked.get("entitlements") or [1] * n]
        self.shares, self.name = [e / sum(entitlements) for e in entitlements], asked["name"]
        q = next(Fraction(value) for key, value in asked.items() if key not in ("name", "p", "k", "entitlements"))
        least, k = min(self.shares), Fraction(asked.get("k", 0), n)
        weights = {"gini": lambda y: y * (1 - y), "range": lambda y: int(y < 1), "top_share": lambda y: min(y, k)}
        self.order, self.beta, self.weight = None, q, weights.get(self.name, lambda y: 1)
        self.equality = q == {"epsilon": 1, "jain": 1, "max_over_mean": 1, "least_over_mean": 1}.get(self.name, k)
        if self.equality:  # no load is above the mean
            self.name, self.beta, self.weight = "max_over_mean", Fraction(1), lambda y: 1
        elif self.name == "least_over_mean":  # the mean minus the least load
            self.beta, self.weight = 1 - q, lambda y: y if y < 1 else 0
        elif self.name == "epsilon":
            self.order = None if asked["p"] == "inf" else Fraction(asked["p"])
            self.beta = 1 / (power(least, 1 - (1 / self.order if self.order else 0)) * (1 - q) + q)
            self.limit = power(self.beta * (1 + TOLERANCE), self.order or 1)
        elif self.name in ("cv", "jain"):  # a root mean square of at most sqrt(1 + cv^2) times the mean
            square = q * q if self.name == "cv" else 1 / max(q, least) - 1
            self.order, self.beta = Fraction(2), power(1 + square, Fraction(1, 2))
            self.limit = 1 + square * (1 + TOLERANCE) ** 2

    def fair(self, loads):
        """Return whether loads are fair, within the tolerance."""
        u, mean = [load / share for load, share in zip(loads, self.shares)], sum(loads)
        if self.equality or max(u) - min(u) <= TOLERANCE * mean:
            return max(u) - min(u) <= TOLERANCE * mean
        if self.order:
            return self.mean([entry / mean for entry in u], self.order) * SLACK <= self.limit
        limit = self.beta * (1 + TOLERANCE) * mean
        if self.name == "hoover":
            return self.mean([abs(entry - mean) for entry in u], 1) / 2 <= limit
        falls = [*self.prefixes(u), (0, 0, 0)]
        return sum((entry - after) * self.weight(y) for (entry, y, _), (after, _, _) in zip(falls, falls[1:])) <= limit

    def in_dual_cone(self, a, v):
        """Return whether v . x = a sum(x) - (a - v) . x >= 0 for fair x >= 0, as (a - v) . x <= a / beta * Phi."""
        if a <= 0:
            return a == 0 and min(v) >= 0
        g, t = [a - entry for entry in v], a / self.beta
        if self.order:  # the dual of a power mean is one
            q = self.order / (self.order - 1)
            return power(self.mean([max(entry, 0) for entry in g], q), 1 / q) * SLACK <= t
        if self.name == "hoover":  # g <= t (z - shares . z) for some z in [0, 1]; d is shares . z
            most = 1 - max(g) / t
            places = [min(max(-entry / t, 0), most) for entry in g if most >= 0]
            return any(self.mean([max(entry + t * d, 0) for entry in g], 1) <= t * d for d in places)
        return all(total <= t * self.weight(y) for _, y, total in self.prefixes(g))

    def prefixes(self, entries):
        """Return for each entry, in decreasing order: itself, the sum of shares up to it, that of shares * entries."""
        y, total, found = 0, 0, []
        for entry, share in sorted(zip(entries, self.shares), key=lambda pair: -pair[0]):
            y, total = y + share, total + share * entry
            found.append((entry, y, total))
        return found

    def mean(self, entries, q):
        """Return the mean of the powers of order q, weighted by the shares."""
        return sum(share * power(entry, q) for share, entry in zip(self.shares, entries))


class Walk:
    """A walk through a proof whose first line is `head`; `present` is the state at the next node, None at the end."""

    def __init__(self, head):
        decimals = lambda rows: max(-min(0, Decimal(x or 0).as_tuple().exponent) for row in rows for x in row)
        sign, n, m = -1 if head["maximise"] else 1, len(head["agents"]), len(head["tasks"])
        costs, burdens, locked = head["costs"], head["burdens"] or head["costs"], dict(head["locked"])
        (price_digits, toll_digits), fine = map(int, head["digits"]), decimals([*burdens, head["initial_loads"]])
        self.unit = max(decimals(costs), fine + price_digits, toll_digits)
        self.price_unit, self.toll_unit = 10 ** (self.unit - fine - price_digits), 10 ** (self.unit - toll_digits)
        self.costs = [[int(sign * Fraction(c or 0) * 10**self.unit) for c in row] for row in costs]
        self.burdens = [[int(Fraction(b or 0) * 10**fine) for b in row] for row in burdens]
        self.initial = [int(Fraction(load) * 10**fine) for load in head["initial_loads"]]
        self.measure, self.group, self.nodes = Measure(head["fairness"], n), head["groups"], 0
        self.allowed = [[i for i in range(n) if costs[i][j] is not None and locked.get(j, i) == i] for j in range(m)]
        if min(map(min, [*self.burdens, self.initial])) < 0 or not all(self.allowed):
            raise ValueError("a burden or an initial load is negative, or a task has no agent")
        self.steps = [math.gcd(*(self.burdens[i][j] for j in range(m) if i in self.allowed[j])) for i in range(n)]
        step = math.gcd(*(self.costs[i][j] for j in range(m) for i in self.allowed[j])) or 10**self.unit
        bound = head["bound"] if head["bound"] is None else sign * Fraction(head["bound"]) * 10**self.unit
        # Costs are multiples of `step`: what is above this edge is not below the bound.
        self.edge = bound if bound is None else (math.ceil(bound / step) - 1) * step
        self.none = [[0] * (1 + max(self.group)) for _ in range(n)]
        self.present = self.settle(dict(enumerate(self.allowed)), 0, self.initial, self.none, {})
        self.left = []  # what is still to be visited below each node on the way to the present one

    def settle(self, agents, cost, loads, counts, limits):
        """Return a state: agents of open tasks; cost, loads and counts of those decided, with one agent; limits."""
        loads, counts = list(loads), [list(row) for row in counts]
        for j, (i, *others) in agents.items():
            if not others:
                cost, loads[i] = cost + self.costs[i][j], loads[i] + self.burdens[i][j]
                counts[i][self.group[j]] += 1
        return {j: some for j, some in agents.items() if len(some) > 1}, cost, loads, counts, limits

    def relax(self, a, v, tolls, ray):
        """Return whether prices and tolls close the present state, and the agents of its open tasks that stay open."""
        agents, cost, loads, counts, limits = self.present
        if len(v) != len(loads) or not self.measure.in_dual_cone(Fraction(a), v):
            raise ValueError(f"the prices of node {self.nodes} do not belong to the fairness asked for")
        price, shift = [entry * self.price_unit for entry in v], [[0] * len(row) for row in counts]
        total = 0 if ray else cost
        for i, what, side, toll in tolls:
            if toll < 0 or (i, what, side) not in limits:
                raise ValueError(f"a toll of node {self.nodes} is negative, or on a limit that it does not have")
            toll *= (1 if side == LOWER else -1) * (self.price_unit if what == LOAD else self.toll_unit)
            total += toll * limits[i, what, side]
            price[i] += toll if what == LOAD else 0
            shift[i] = [s + toll if what in (ALL_TASKS, g) else s for g, s in enumerate(shift[i])]
        for i, row in enumerate(counts):
            total -= price[i] * loads[i] + sum(s * count for s, count in zip(shift[i], row))
        terms = {}
        for j, some in agents.items():
            g, costs = self.group[j], [0 if ray else self.costs[i][j] for i in some]
            terms[j] = [c - price[i] * self.burdens[i][j] - shift[i][g] for i, c in zip(some, costs)]
            total += min(terms[j])
        if ray or self.edge is None:
            return bool(ray) and total > 0, agents
        room = self.edge - total
        stay = {j: [i for i, t in zip(agents[j], term) if t - min(term) <= room] for j, term in terms.items()}
        return room < 0, stay

    def step(self, node, found=None):
        """Check the next node; `found` is what `relax` has returned for it, if that is known."""
        if self.present is None:
            raise ValueError(f"node {self.nodes} belongs to no branch of the tree")
        closed, stay = found or self.relax(*node[:4])
        if closed == bool(node[4]):
            raise ValueError(f"node {self.nodes} " + ("is closed, and has children" if closed else "is not closed"))
        self.left.append([] if closed else self.children(self.settle(stay, *self.present[1:]), *node[4])[::-1])
        while self.left and not self.left[-1]:
            self.left.pop()
        self.present, self.nodes = self.left[-1].pop() if self.left else None, self.nodes + 1

    def children(self, state, kind, i=-1, what=LOAD, k=0):
        """Return the states of the children; together they leave out nothing of `state`."""
        agents, limits = state[0], state[4]
        if kind == "task" and sorted(what) == sorted(agents.get(i, ())):
            return [self.settle({**agents, i: [agent]}, *state[1:]) for agent in what]
        if kind == "same":  # nothing but what the prices have closed
            return [state]
        if kind != "limit" or not 0 <= i < len(self.initial):
            raise ValueError(f"the children of node {self.nodes} leave out an agent of a task")
        ends = (self.initial[i] + s * self.steps[i] if what == LOAD else s for s in (k, k + 1))
        return [(*state[:4], {**limits, (i, what, side): end}) for side, end in zip((UPPER, LOWER), ends)]


def table(path, agents, tasks):
    """Return the numbers of a plain CSV table, agents x tasks in either direction, or of a .npy file; None is inf."""
    if path.endswith(".npy"):
        with open(path, "rb") as file:
            form = ast.literal_eval(file.read(struct.unpack("<8xH", file.read(10))[0]).decode())
            (n, m), code = form["shape"], {"<f8": "d", "<f4": "f", "<i8": "q"}[form["descr"]]
            cells = [repr(x) for x in struct.unpack(f"<{n * m}{code}", file.read())]
        rows = [cells[i::n] if form["fortran_order"] else cells[i * m : i * m + m] for i in range(n)]
    else:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
        rows = [list(column) for column in zip(*rows)] if rows[0][1:] == agents else rows
        if rows[0][1:] != tasks or [row[0] for row in rows[1:]] != agents:
            raise ValueError(f"{path} does not have the names of the proof's agents and tasks, in their order")
        rows = [row[1:] for row in rows[1:]]
    return [[None if cell.lower() in ("", "inf") else Fraction(cell) for cell in row] for row in rows]


def check(costs, answer, proof, burdens=None):
    """Check the files; return lines that say what is proven, and raise `ValueError` if something is not."""
    with gzip.open(proof, "rt", encoding="utf-8") as lines, open(answer, encoding="utf-8") as file:
        head, said = json.loads(next(lines), parse_float=Decimal), json.load(file, parse_float=Decimal)
        for name in ("agents", "tasks", "maximise", "fairness", "assignment", "bound", "status"):
            if said[name] != head[name]:
                raise ValueError(f"the answer and the proof differ in {name!r}")
        for name, path in (("costs", costs), ("burdens", burdens)):
            held = [[c if c is None else Fraction(c) for c in row] for row in head[name] or head["costs"]]
            if path and table(path, head["agents"], head["tasks"]) != held:
                raise ValueError(f"the numbers of {path} are not the {name} of the proof")
        walk, plan, sign = Walk(head), head["assignment"], -1 if head["maximise"] else 1
        for line in lines:
            walk.step(json.loads(line, parse_float=int, parse_constant=int))  # whole numbers only
    if walk.present is not None or (head["bound"] is None) != (plan is None):
        raise ValueError("the tree is not complete: a part of it has no proof")
    rest = {"burdens": head["burdens"] and not burdens, "loads": any(head["initial_loads"]), "locks": head["locked"]}
    lines = [
        f"proven, with {walk.nodes} nodes",
        *(f"not compared, but as the proof says: {k}" for k in rest if rest[k]),
    ]
    if plan is None:
        return [*lines, "no assignment is fair"]
    if len(plan) != len(walk.allowed) or any(i not in some for i, some in zip(plan, walk.allowed)):
        raise ValueError("a task of the plan is with an agent who may not do it")
    _, cost, loads, *_ = walk.settle({j: [i] for j, i in enumerate(plan)}, 0, walk.initial, walk.none, {})
    if not walk.measure.fair([Fraction(load) for load in loads]):
        raise ValueError("the loads of the plan are not as fair as asked")
    cost, bound = sign * Fraction(cost, 10**walk.unit), Fraction(head["bound"])
    if abs(Fraction(said["cost"]) - cost) > TOLERANCE * abs(cost):
        raise ValueError(f"the answer says that its plan costs {said['cost']}; the sum is {float(cost):.12g}")
    gap = 100 * float(abs(cost - bound) / abs(cost or 1))
    return [*lines, f"the plan is fair, and no fair plan is better by more than {gap:.3g} %"]


if __name__ == "__main__":
    try:
        print(*check(*sys.argv[1:]), sep="\n")
    except (ValueError, OSError, LookupError, TypeError, EOFError, ArithmeticError) as error:
        sys.exit(f"NOT PROVEN: {error if isinstance(error, (ValueError, OSError)) else repr(error)}")
