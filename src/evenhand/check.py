"""Check an answer and its tree proof with Python's standard library alone: read it in an hour, and run it anywhere.

    python check.py costs.csv out.json proof.json.gz [burdens.csv]       (or: python -m evenhand.check ...)

Agents i share tasks j. Loads x are *fair* if Phi(x / shares) <= beta * sum(x), for the measure Phi that was asked for.
That no fair plan costs less than a bound, or that there is none, is shown by a tree of nodes, a line of JSON each,
parents first: [a, [v_1, ..., v_n], [[agent, what, side, toll], ...], ray, branch]. Prices v of load have v . x >= 0 for
all fair x >= 0 (`in_dual_cone` shows it by means of a). Tolls >= 0 are on limits that branches above set: "agent i has
at most k tasks of group g", or at least, or the same of its load. Fair plans of open pairs (i, j) then cost at least

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
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

LOAD, ALL_TASKS, LOWER, UPPER = -2, -1, 0, 1  # what a limit is on, if not on a group of tasks; and its side
TOLERANCE, SLACK = Fraction(1, 10**9), 1 + Fraction(1, 10**40)  # of fairness; and for what powers are rounded by
# The parameter that only equal loads meet (k / n for top_share); and a reader of decimals, but not of 1e-999999999.
EQUAL = {"epsilon": 1, "jain": 1, "least_over_mean": 1, "max_over_mean": 1, "cv": 0, "gini": 0, "hoover": 0, "range": 0}
DECIMAL = Context(prec=9999, Emin=-9999, Emax=9999, traps=[Inexact]).create_decimal


def need(truth, message):
    """Raise an error unless something is true."""
    if not truth:
        raise ValueError(message)


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
        self.name, self.order, p, k = asked["name"], None, asked.get("p", 2), Fraction(asked.get("k", 0), n)
        (key,) = {*asked} - {"name", "entitlements", {"epsilon": "p", "top_share": "k"}.get(self.name)}
        q, e, equal = Fraction(asked[key]), asked.get("entitlements") or [1] * n, {**EQUAL, "top_share": k}[self.name]
        q = k if k * (1 - TOLERANCE) < q < k else q  # k / n, written as a float, may be a hair less
        legal = 0 <= q <= 1 if self.name in ("epsilon", "jain", "least_over_mean") else equal <= q
        legal = legal and (self.name != "top_share" or 0 < k < 1) and (p == "inf" or p >= 2)
        need(legal and len(e) == n and min(e) > 0, f"{asked} is no measure of fairness among {n} agents")
        self.shares = [Fraction(entry) / total for total in [sum(map(Fraction, e))] for entry in e]
        weights = {"gini": lambda y: y * (1 - y), "range": lambda y: int(y < 1), "top_share": lambda y: min(y, k)}
        self.beta, self.equality, self.weight = q, q == equal, weights.get(self.name, lambda y: 1)
        if self.equality:  # no load is above the mean
            self.name, self.beta, self.weight = "max_over_mean", Fraction(1), lambda y: 1
        elif self.name == "least_over_mean":  # the mean minus the least load
            self.beta, self.weight = 1 - q, lambda y: y if y < 1 else 0
        elif self.name == "epsilon":
            self.order = None if p == "inf" else Fraction(p)
            self.beta = 1 / (power(min(self.shares), 1 - (1 / self.order if self.order else 0)) * (1 - q) + q)
            self.limit = power(self.beta * (1 + TOLERANCE), self.order or 1)
        elif self.name in ("cv", "jain"):  # a root mean square of at most sqrt(1 + cv^2) times the mean
            square = q * q if self.name == "cv" else 1 / max(q, min(self.shares)) - 1
            self.order, self.beta = Fraction(2), power(1 + square, Fraction(1, 2))
            self.limit = 1 + square * (1 + TOLERANCE) ** 2

    def fair(self, loads):
        """Return whether loads are fair, within the tolerance."""
        u, mean = [load / share for load, share in zip(loads, self.shares, strict=True)], sum(loads)
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
        entries, shares = zip(*sorted(zip(entries, self.shares, strict=True), key=lambda pair: -pair[0]))
        return list(zip(entries, accumulate(shares), accumulate(e * share for e, share in zip(entries, shares))))

    def mean(self, entries, q):
        """Return the mean of the powers of order q, weighted by the shares."""
        return sum(share * power(entry, q) for share, entry in zip(self.shares, entries, strict=True))


class Walk:
    """A walk through a proof whose first line is `head`; `present` is the state at the next node, None at the end."""

    def __init__(self, head):
        decimals = lambda rows: max(-min(0, Decimal(x or 0).as_tuple().exponent) for row in rows for x in row)
        self.group, locked, sign = head["groups"], dict(head["locked"]), {False: 1, True: -1}[head["maximise"]]
        n, m, costs, burdens = len(head["agents"]), len(head["tasks"]), head["costs"], head["burdens"] or head["costs"]
        (price_digits, toll_digits), fine = map(int, head["digits"]), decimals([*burdens, head["initial_loads"]])
        known = {*locked, *self.group} <= {*range(m)} and {price_digits, toll_digits} <= {*range(9999)}
        need(known and len(locked) == len(head["locked"]), "locked tasks, groups or digits are out of range")
        self.unit = max(decimals(costs), fine + price_digits, toll_digits)
        self.price_unit, self.toll_unit = 10 ** (self.unit - fine - price_digits), 10 ** (self.unit - toll_digits)
        self.costs = [[int(sign * Fraction(c or 0) * 10**self.unit) for c in row] for row in costs]
        self.burdens = [[int(Fraction(b or 0) * 10**fine) for b in row] for row in burdens]
        self.initial = [int(Fraction(load) * 10**fine) for load in head["initial_loads"]]
        self.measure, self.nodes = Measure(head["fairness"], n), 0
        self.allowed = [[i for i in range(n) if costs[i][j] is not None and locked.get(j, i) == i] for j in range(m)]
        need(min(sum(self.burdens, self.initial)) >= 0 and all(self.allowed), "a load below 0, or a task for nobody")
        self.steps = [math.gcd(*(self.burdens[i][j] for j in range(m) if i in self.allowed[j])) for i in range(n)]
        step = math.gcd(*(self.costs[i][j] for j in range(m) for i in self.allowed[j])) or 10**self.unit
        bound = head["bound"] if head["bound"] is None else sign * Fraction(head["bound"]) * 10**self.unit
        self.edge = bound if bound is None else (math.ceil(bound / step) - 1) * step  # multiples above reach the bound
        self.none = [[0] * (1 + max(self.group)) for _ in range(n)]
        self.present = self.settle(dict(enumerate(self.allowed)), 0, self.initial, self.none, {})
        self.later = []  # states to be visited, the next one last

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
        need(self.measure.in_dual_cone(Fraction(a), v), f"the prices of node {self.nodes} do not suit this fairness")
        price, shift = [entry * self.price_unit for entry in v], [[0] * len(row) for row in counts]
        total = 0 if ray else cost
        for i, what, side, toll in tolls:
            need(toll >= 0 and (i, what, side) in limits, f"node {self.nodes} has a negative toll, or one on no limit")
            toll *= (1 if side == LOWER else -1) * (self.price_unit if what == LOAD else self.toll_unit)
            total += toll * limits[i, what, side]
            price[i] += toll if what == LOAD else 0
            shift[i] = [s + toll if what in (ALL_TASKS, g) else s for g, s in enumerate(shift[i])]
        left = lambda i, j: (0 if ray else self.costs[i][j]) - price[i] * self.burdens[i][j] - shift[i][self.group[j]]
        terms = {j: [left(i, j) for i in some] for j, some in agents.items()}
        total += sum(map(min, terms.values())) - sum(p * load for p, load in zip(price, loads, strict=True))
        total -= sum(s * count for rows in zip(shift, counts) for s, count in zip(*rows))
        if ray or self.edge is None:
            return bool(ray) and total > 0, agents
        room = self.edge - total
        stay = {j: [i for i, t in zip(agents[j], term) if t - min(term) <= room] for j, term in terms.items()}
        return room < 0, stay

    def step(self, node, found=None):
        """Check the next node; `found` is what `relax` has returned for it, if that is known."""
        need(self.present is not None, f"node {self.nodes} belongs to no branch of the tree")
        closed, stay = found or self.relax(*node[:4])
        need(closed != bool(node[4]), f"node {self.nodes} is {'closed, and has children' if closed else 'not closed'}")
        self.later += [] if closed else self.children(self.settle(stay, *self.present[1:]), *node[4])[::-1]
        self.present, self.nodes = self.later.pop() if self.later else None, self.nodes + 1

    def children(self, state, kind, i=-1, what=LOAD, k=0):
        """Return the states of the children; together they leave out nothing of `state`."""
        agents, limits = state[0], state[4]
        if kind == "task" and i in agents and sorted(what) == sorted(agents[i]):
            return [self.settle({**agents, i: [agent]}, *state[1:]) for agent in what]
        if kind == "same":  # nothing but what the prices have closed
            return [state]
        there = kind == "limit" and i in range(len(self.none)) and what in range(LOAD, len(self.none[i]))
        need(there, f"node {self.nodes} leaves out an agent of a task, or limits what is not there")
        ends = (self.initial[i] + s * self.steps[i] if what == LOAD else s for s in (k, k + 1))
        return [(*state[:4], {**limits, (i, what, side): end}) for side, end in zip((UPPER, LOWER), ends)]


def table(path, agents, tasks):
    """Return the numbers of a plain CSV table, agents x tasks in either direction, or of a .npy file; None is inf."""
    if path.endswith(".npy"):
        with open(path, "rb") as file:
            form = ast.literal_eval(file.read(struct.unpack("<8xH", file.read(10))[0]).decode())
            (n, m), code = form["shape"], {"<f8": "d", "<f4": "f", "<i8": "q"}[form["descr"]]
            need([n, m] == [len(agents), len(tasks)], f"{path} has another size than the proof")
            cells = [repr(x) for x in struct.unpack(f"<{n * m}{code}", file.read())]
        rows = [cells[i::n] if form["fortran_order"] else cells[i * m : i * m + m] for i in range(n)]
    else:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
        rows = rows if rows[0][1:] == tasks else [list(column) for column in zip(*rows, strict=True)]
        need(rows[0][1:] == tasks and [row[0] for row in rows[1:]] == agents, f"{path} has other names than the proof")
        rows = [row[1:] for row in rows[1:]]
    return [[None if cell.lower() in ("", "inf") else Fraction(cell) for cell in row] for row in rows]


def check(costs, answer, proof, burdens=None):
    """Check the files; return lines that say what is proven, and raise an error if something is not."""
    most = 10**6 + 50 * sum(Path(path).stat().st_size for path in (costs, answer, burdens) if path)
    with gzip.open(proof, "rt", encoding="utf-8") as packed, open(answer, encoding="utf-8") as file:
        lines = iter(lambda: packed.readline(most), "")  # longer ones are cut, so that no file fills the memory
        head, said = json.loads(next(lines, "{}"), parse_float=DECIMAL), json.load(file, parse_float=DECIMAL)
        for name in ("agents", "tasks", "maximise", "fairness", "assignment", "bound", "status"):
            need(said[name] == head[name], f"the answer and the proof differ in {name!r}")
        walk, plan, maximise, bound = Walk(head), head["assignment"], head["maximise"], head["bound"]
        form = {"format": "evenhand proof 1", "status": "infeasible" if plan is None else "optimal"}
        need({**head, **form} == head and (plan is None) == (bound is None), f"the first line does not have {form}")
        for name, path in (("costs", costs), ("burdens", burdens)):
            held = head[name] or head["costs"]
            read = table(path, head["agents"], head["tasks"]) if path else held
            cells = (c for rows in zip(read, held, head["costs"], strict=True) for c in zip(*rows, strict=True))
            same = all((h is not None and r == h) or (c is None and name != "costs") or r is c for r, h, c in cells)
            need(same, f"the numbers of {path} are not the {name} of the proof")
        for line in lines:
            walk.step(json.loads(line, parse_float=int, parse_constant=int))  # whole numbers only
    need(walk.present is None, "the tree is not complete: a part of it has no proof")
    rest = {"burdens": head["burdens"] and not burdens, "loads": any(head["initial_loads"]), "locks": head["locked"]}
    out = [f"proven, with {walk.nodes} nodes", *(f"not compared, but as the proof says: {k}" for k in rest if rest[k])]
    if plan is None:
        return [*out, "no assignment is fair"]
    need(all(i in some for i, some in zip(plan, walk.allowed, strict=True)), "a task is with an agent who may not")
    _, cost, loads, *_ = walk.settle({j: [i] for j, i in enumerate(plan)}, 0, walk.initial, walk.none, {})
    need(walk.measure.fair([Fraction(load) for load in loads]), "the loads of the plan are not as fair as asked")
    cost = Fraction(-cost if maximise else cost, 10**walk.unit)
    need(abs(Fraction(said["cost"]) - cost) <= TOLERANCE * abs(cost), f"the plan's total is {float(cost):.12g}")
    gap = f" ({100 * float(abs(1 - Fraction(bound) / cost)):.3g} %)" if cost else ""
    return [*out, f"the plan is fair, its total is {said['cost']}; no fair plan has a better one than {bound}{gap}"]


if __name__ == "__main__":
    try:
        print(*check(*sys.argv[1:]), sep="\n")
    except Exception as error:
        sys.exit(f"NOT PROVEN: {error if isinstance(error, (ValueError, OSError)) else repr(error)}")
