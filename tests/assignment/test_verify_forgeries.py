"""Forged answers against enumeration: whatever `verify` accepts is true of the table, tried in every assignment."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from evenhand.assignment import assign
from evenhand.assignment.verify import verify
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean, RangeAtMost, from_dict
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.verdict import Verdict

N, M = 3, 4


@dataclass(frozen=True)
class World:
    """A problem, what every assignment of it costs and loads, and genuine answers to several questions."""

    costs: Any
    given: dict[str, Any]
    paid: NDArray[np.float64]
    loads: NDArray[np.float64]
    answers: list[Assignment]
    files: list[dict[str, Any]]

    def row(self, assignment: list[int]) -> int:
        """Return where an assignment stands among all."""
        return int(np.ravel_multi_index(assignment, (N,) * M))


def world(seed: int) -> World:
    """Draw a table, named or not, with burdens or loads carried before or without, and solve it in several ways."""
    random = np.random.default_rng([15, seed])
    costs = random.integers(1, 9, (N, M)).astype(float)
    given: dict[str, Any] = {}
    if seed % 3 == 1:
        given["burdens"] = random.integers(1, 5, (N, M)).astype(float)
    if seed % 3 == 2:
        given["initial_loads"] = [12.0, 0.0, 0.0]
    if seed == 4:
        costs[0, 0] = np.inf
    names = ("agent-1", "agent-2", "agent-3"), ("task-1", "task-2", "task-3", "task-4")
    table = costs if seed % 2 else CostTable(costs, *names)
    who = np.array(list(itertools.product(range(N), repeat=M)))
    burdens = given.get("burdens", costs)
    loads = np.tile(given.get("initial_loads", [0.0] * N), (len(who), 1))
    for task in range(M):
        loads[np.arange(len(who)), who[:, task]] += burdens[who[:, task], task]
    members = (
        EpsilonFairness(0.0),
        EpsilonFairness(0.8, 3),
        JainAtLeast(0.97),
        JainAtLeast(0.9, entitlements=[2, 1, 1]),
        MaxOverMean(1.3),
        MaxOverMean(1.02),
        GiniAtMost(0.02),
        RangeAtMost(0.0),
    )
    answers = [assign(table, member, gap=0, **given) for member in members]
    files = [json.loads(json.dumps(answer.to_dict())) for answer in answers]
    return World(table, given, costs[who, np.arange(M)].sum(axis=1), loads, answers, files)


WORLDS = [world(seed) for seed in range(6)]


def test_both_kinds_of_genuine_answers_are_among_them() -> None:
    statuses = {answer.status for known in WORLDS for answer in known.answers}
    assert statuses == {"optimal", "infeasible"}
    outcomes = {verify(known.costs, answer, **known.given).outcome for known in WORLDS for answer in known.answers}
    assert outcomes >= {"verified", "gap not proven"}
    assert "not verified" not in outcomes


def check(known: World, data: dict[str, Any], verdict: Verdict) -> None:
    """Assert that what is verified of `data` is so."""
    if not verdict.verified:
        assert not verdict
        return
    member = from_dict(data["fairness"])
    exactly = np.asarray(member.contains(known.loads, 0.0)) & np.isfinite(known.paid)
    cheapest = float(known.paid[exactly].min()) if exactly.any() else math.inf
    assert verdict.bound <= cheapest * (1 + 1e-8)
    if data["status"] == "infeasible":
        assert not exactly.any()
        return
    if data["assignment"] is None:
        assert not verdict or data["bound"] <= cheapest * (1 + 1e-8)
        return
    row = known.row(data["assignment"])
    paid, loads = float(known.paid[row]), known.loads[row]
    assert data["cost"] == pytest.approx(paid)
    assert data["loads"] == pytest.approx(loads.tolist())
    assert member.contains(loads, 1e-8)
    if verdict:
        assert paid - data["gap"] * paid <= cheapest * (1 + 1e-8)
    shares = np.ones(N) / N if member.entitlements is None else np.array(member.entitlements) / sum(member.entitlements)
    relative = loads / shares
    mean = relative @ shares
    cv = math.sqrt((relative - mean) ** 2 @ shares) / mean
    told = {"cv": cv, "jain": 1 / (1 + cv * cv), "base_cost": known.paid.min(), "price": paid / known.paid.min() - 1}
    for name, value in told.items():
        if name in data:
            assert data[name] == pytest.approx(value, abs=1e-6)


def check_names(known: World, data: dict[str, Any]) -> None:
    """Assert that names which the table and the answer share stand at the same position."""
    for name, count in (("agents", N), ("tasks", M)):
        made_up = [f"{name[:-1]}-{k + 1}" for k in range(count)]
        for position, said in enumerate(data.get(name) or made_up):
            assert said not in made_up or made_up.index(said) == position


# ---- forgeries that a hand makes in the file ------------------------------------------------------------------------

POOL = [None, True, False, "x", "0.5", 0, 1, 2, -1, 0.5, 7.25, 1e9, 1e-9, 1e308, math.nan, math.inf, [], {}, [0, 1], 3]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a JSON tree, its root aside."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, entry in items for place in ((*path, key), *places(entry, (*path, key)))]


def tamper(random: np.random.Generator, data: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """Change one value of `data` in place."""
    found = places(data)
    path = found[random.integers(len(found))]
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    key, old = path[-1], parent[path[-1]]
    kind = random.integers(6)
    if kind == 0:
        parent[key] = POOL[random.integers(len(POOL))]
    elif kind == 1 and isinstance(old, list) and len(old) > 1:
        random.shuffle(old)
    elif kind == 2 and isinstance(old, int | float) and not isinstance(old, bool):
        parent[key] = old * random.choice([0.5, 0.999, 1.001, 2.0, -1.0]) + random.choice([0.0, 0.0, 1.0])
    elif kind == 3 and len(path) == 1:
        del parent[key]
    elif kind == 4:
        fairness = [
            {**data["fairness"], "entitlements": [1e9, 1e-3, 1e-3]},
            {"name": "jain", "jain": 0.9, "entitlements": None, "selected": 2, "candidates": 3},
            others[random.integers(len(others))].get("fairness"),
        ]
        data["fairness"] = fairness[random.integers(3)]
    else:
        other = others[random.integers(len(others))]
        if path[0] in other:
            data[path[0]] = copy.deepcopy(other[path[0]])


# ---- forgeries that are right in every sum -------------------------------------------------------------------------


def forge(random: np.random.Generator, known: World) -> dict[str, Any]:
    """Return an answer in which every number follows from a plan, a bound and a certificate taken from anywhere."""
    genuine = known.answers[random.integers(len(known.answers))]
    other = known.answers[random.integers(len(known.answers))]
    assignment = np.array(random.integers(0, N, M))
    row = known.row(assignment.tolist())
    cost = float(known.paid[row]) if np.isfinite(known.paid[row]) else 9.0
    lower = random.choice([cost, 0.99 * cost, float(known.paid.min()), 1.1 * float(known.paid.min())])
    member = [other.fairness, EpsilonFairness(0.0), JainAtLeast(0.9, entitlements=[1e9, 1e-3, 1e-3])][
        random.integers(3)
    ]
    certificate = [None, genuine.certificate, other.certificate][random.integers(3)]
    if certificate is not None:
        certificate = replace(certificate, kind=str(random.choice(["bound", "infeasible"])))
    gap = max(0.0, (cost - lower) / cost)
    forged = replace(
        genuine, status=str(random.choice(["optimal", "time_limit"])), assignment=assignment, loads=known.loads[row],
        cost=cost, bound=lower, certified_gap=gap, fairness=member, certificate=certificate,
        attainable=None,
    )  # fmt: skip
    if random.random() < 0.2:
        nothing = dict.fromkeys(("assignment", "loads", "cost", "certified_gap"))
        forged = replace(forged, status="infeasible", bound=math.inf, **nothing)
    data: dict[str, Any] = forged.to_dict()
    # The proven gap is no secret: a forger runs verify and writes down what it says.
    with contextlib.suppress(InputError):
        data["certified_gap"] = verify(known.costs, data, **known.given).certified_gap
    return data


def attack(seed: int, count: int) -> dict[str, int]:
    """Try `count` forgeries; return how many had which outcome."""
    random = np.random.default_rng([16, seed])
    outcomes: dict[str, int] = {}
    for _ in range(count):
        known = WORLDS[random.integers(len(WORLDS))]
        if random.random() < 0.5:
            data = forge(random, known)
        else:
            data = copy.deepcopy(known.files[random.integers(len(known.files))])
            for _ in range(random.integers(1, 4)):
                if not isinstance(data.get("fairness"), dict):
                    break
                tamper(random, data, known.files)
        try:
            verdict = verify(known.costs, data, **known.given)
        except InputError as error:
            outcome = "bad input" if "\n" not in str(error) else str(error)
        else:
            outcome = verdict.outcome
            check(known, data, verdict)
            if verdict.verified:
                check_names(known, data)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes


def test_no_forgery_is_believed() -> None:
    """800 of them; all outcomes occur, so that the check is not idle."""
    outcomes = attack(0, 800)
    assert set(outcomes) - {"infeasibility not proven"} == {"bad input", "not verified", "gap not proven", "verified"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_no_forgery_is_believed_of_thousands(seed: int) -> None:
    """30,000 in ten runs."""
    attack(seed, 3_000)


LIES: list[Callable[[dict[str, Any]], None]] = [
    lambda data: data.update(agents=["agent-2", "agent-1", "agent-3"]),
    lambda data: data.update(tasks=["task-1", "task-2", "task-4", "task-3"]),
    lambda data: data.update(agents=["agent-3", "agent-1", "agent-2"], named={"agents": True, "tasks": True}),
    lambda data: data.update(agents=["agent-3", "agent-1", "agent-2"], named={"agents": False, "tasks": False}),
    lambda data: data.update(agents=["agent-3", "agent-1", "agent-2"], named=None),
    lambda data: data.update(agents=["agent-1", "agent-2", "agent-4"], named=None),
]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("known", WORLDS)
def test_no_answer_passes_under_names_of_others(known: World, lie: Callable[[dict[str, Any]], None]) -> None:
    for answer in known.answers:
        data = answer.to_dict()
        lie(data)
        assert not verify(known.costs, data, **known.given).verified
