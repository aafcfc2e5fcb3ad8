"""Tree proofs: what the small checker accepts agrees with enumeration, and what is not a proof is refused."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all
from tests.assignment.tiny_problems import awkward_member, awkward_problem

import evenhand
from evenhand import check
from evenhand.assignment import Assignment, TreeProof
from evenhand.assignment.proof_file import follow
from evenhand.errors import InputError
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import write_json

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKER = Path(check.__file__)


def proven(tiny: Tiny, gap: float = 1e-4) -> Assignment:
    return evenhand.assign(
        tiny.costs,
        tiny.fairness,
        burdens=tiny.burdens,
        initial_loads=tiny.initial_loads,
        locked=tiny.locked,
        gap=gap,
        certificate="tree",
        time_limit=60.0,
    )


def compare_with_enumeration(seed: int) -> bool:
    """Prove an awkward problem, and hold the answer against all its assignments; return whether there is a proof."""
    tiny, gap = awkward_problem(np.random.default_rng(seed)), (1e-4, 0.0, 1e-2)[seed % 3]
    answer, best = proven(tiny, gap), enumerate_all(tiny)
    if answer.proof is None:
        return False
    verdict = evenhand.verify(
        tiny.costs, answer, burdens=tiny.burdens, initial_loads=tiny.initial_loads, locked=tiny.locked
    )
    assert verdict.verified, verdict.reasons
    assert verdict.gap_proven
    if best.assignment is None:
        assert answer.status == "infeasible"
        return True
    assert answer.cost is not None
    # Enumeration also counts plans that are fair within the tolerance only, which the proof leaves out.
    assert answer.bound <= best.cost + 1e-9 * abs(best.cost) or verdict.margins["tolerance"] > 0.0
    assert answer.cost - answer.bound <= max(gap, 1e-10) * (1 + 1e-9) * abs(answer.cost) + 1e-300
    return True


@pytest.mark.parametrize("seed", range(60))
def test_proofs_of_awkward_problems_agree_with_enumeration(seed: int) -> None:
    assert compare_with_enumeration(seed)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(20))
def test_proofs_of_thousands_agree_with_enumeration(hundred: int) -> None:
    without = 0
    for seed in range(1000 + 100 * hundred, 1100 + 100 * hundred):
        without += not compare_with_enumeration(seed)
    assert without <= 2  # of extremes: costs from 1e-12 to 1e11, a parameter a hair from equality


ENTITLED = (1.0, 1.0, 0.5, 0.7)
LATTICES = [
    (2, 31, evenhand.MaxOverMean(1.01), "infeasible"),
    (2, 31, evenhand.MaxOverMean(16 / 15.5), "optimal"),
    (2, 31, evenhand.MaxOverMean(16 / 15.5 * (1 - 2e-9)), "infeasible"),  # a hair beyond the tolerance
    (7, 12, evenhand.RangeAtMost(0.583333), "infeasible"),
    (7, 12, evenhand.CVAtMost(0.263523), "infeasible"),
    (7, 12, evenhand.CVAtMost(0.263524), "optimal"),
    (6, 27, evenhand.TopShareAtMost(2, 10 / 27 - 1e-6), "infeasible"),
    (6, 27, evenhand.LeastOverMean(4.1 / 4.5), "infeasible"),
    (8, 28, evenhand.HooverAtMost(0.07), "infeasible"),
    (8, 28, evenhand.GiniAtMost(0.07), "infeasible"),
    (8, 28, evenhand.EpsilonFairness(0.98, p=3), "infeasible"),
    (4, 21, evenhand.GiniAtMost(0.01, entitlements=ENTITLED), "infeasible"),
]


@pytest.mark.parametrize(("agents", "tasks", "fairness", "status"), LATTICES, ids=str)
def test_equal_tasks_are_decided_with_proof(agents: int, tasks: int, fairness: Any, status: str) -> None:
    """The most even shares, by hand: 31 parcels as 16 and 15, 12 shifts as five times 2 and twice 1, and so on."""
    answer = evenhand.assign(np.ones((agents, tasks)), fairness, certificate="tree", time_limit=60.0)
    assert answer.status == status
    assert answer.proof is not None
    verdict = evenhand.verify(np.ones((agents, tasks)), answer)
    assert verdict.verified, verdict.reasons
    assert verdict.gap_proven
    unproven = evenhand.verify(np.ones((agents, tasks)), replace(answer, proof=None))
    assert unproven.verified == (status == "optimal")


@pytest.mark.parametrize("seed", range(12))
def test_few_valued_burdens_with_costs_are_proven(seed: int) -> None:
    """Visits of 15 to 60 minutes at costs that differ, near the strictest limit that is attainable."""
    rng = np.random.default_rng(seed)
    agents, tasks = int(rng.integers(2, 6)), int(rng.integers(8, 40))
    costs = rng.integers(1, 40, (agents, tasks)) / 4
    minutes = np.tile(rng.choice([15.0, 30.0, 45.0, 60.0], tasks), (agents, 1))
    steps = int(minutes[0].sum()) // 15
    least = -(-steps // agents) * agents / steps
    for ratio in (max(1.0, least - 1e-3), least, least + 0.03):
        answer = evenhand.assign(
            costs, evenhand.MaxOverMean(ratio), burdens=minutes, certificate="tree", time_limit=60.0
        )
        assert answer.status == ("optimal" if ratio >= least else "infeasible")
        assert evenhand.verify(costs, answer, burdens=minutes)


# ---- the files, and the checker alone ------------------------------------------------------------------

NAMES = [f"nurse {i}" for i in range(3)], [f"visit, {j}" for j in range(7)]


def written(folder: Path, **options: Any) -> tuple[Path, Path, Path, Assignment]:
    """Return files of costs, answer and proof, and the answer."""
    rng = np.random.default_rng(3)
    costs = rng.integers(1, 30, (3, 7)) / 4
    table = folder / "costs.csv"
    rows = [["", *NAMES[1]], *([name, *map(str, row)] for name, row in zip(NAMES[0], costs.tolist(), strict=True))]
    table.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows))
    given = evenhand.tables.read_table(table)
    answer = evenhand.assign(given, evenhand.CVAtMost(0.1), certificate="tree", **options)
    assert answer.proof is not None
    answer.proof.write(folder / "proof.json.gz")
    write_json(folder / "out.json", answer.to_dict())
    return table, folder / "out.json", folder / "proof.json.gz", answer


def alone(*files: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of the checker without the package, site packages or environment."""
    command = [sys.executable, "-I", "-S", str(CHECKER), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_checker_runs_alone_and_is_short(tmp_path: Path) -> None:
    table, out, proof, answer = written(tmp_path)
    ran = alone(table, out, proof)
    assert ran.returncode == 0, ran.stderr
    assert "no fair plan has a better one than 10.75" in ran.stdout
    assert len(CHECKER.read_text(encoding="utf-8").splitlines()) <= 250
    assert answer.cost is not None
    assert answer.bound >= answer.cost * (1 - 1e-4)


def test_the_command_writes_a_proof_that_both_checkers_accept(tmp_path: Path) -> None:
    table, out, proof, _ = written(tmp_path)
    again = tmp_path / "again.json.gz"
    command = [sys.executable, "-m", "evenhand", "assign", str(table), "--cv", "0.1", "--json", str(out)]
    subprocess.run([*command, "--proof", str(again), "--quiet"], check=True, timeout=120)
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(proof.read_bytes())
    assert alone(table, out, again).returncode == 0
    command = [sys.executable, "-m", "evenhand", "verify", str(table), str(out), "--cv", "0.1", "--max-gap", "0"]
    assert (
        subprocess.run([*command, "--proof", str(again)], check=False, timeout=120, capture_output=True).returncode == 0
    )
    without = subprocess.run(command, check=False, timeout=120, capture_output=True)
    assert without.returncode == 5  # the certificate alone proves less


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "fortran", "transposed", "inf"])
def test_plain_tables_of_every_kind_are_compared(tmp_path: Path, kind: str) -> None:
    values = np.random.default_rng(1).integers(1, 9, (2, 6)).astype(float)
    if kind == "inf":
        values[0, 3] = np.inf
    costs: Any = values
    if kind in ("float64", "fortran", "float32", "int64", "inf"):
        file = tmp_path / "costs.npy"
        costs = {"fortran": np.asfortranarray(values), "inf": values}.get(kind)
        np.save(file, values.astype(kind) if costs is None else costs)
        costs = values
    else:
        file = tmp_path / "costs.csv"
        across = [[f"t{j}" for j in range(6)], *values.tolist()]
        file.write_text("\ufefftask,a,b\n" + "\n".join(f"t{j}, {x:g},{y:g}" for j, (x, y) in enumerate(values.T)))
        other = tmp_path / "across.csv"
        other.write_text(
            "\n".join(f"{k},{','.join(map(str, row))}" for k, row in zip(["", "a", "b"], across, strict=True))
        )
        costs = evenhand.tables.read_table(other)
    answer = evenhand.assign(costs, evenhand.RangeAtMost(0.9), certificate="tree")
    assert answer.proof is not None
    answer.proof.write(tmp_path / "proof.json.gz")
    write_json(tmp_path / "out.json", answer.to_dict())
    ran = alone(file, tmp_path / "out.json", tmp_path / "proof.json.gz")
    assert ran.returncode == 0, ran.stderr
    if kind in ("float64", "fortran"):
        np.save(file, values + 1e-9)
        ran = alone(file, tmp_path / "out.json", tmp_path / "proof.json.gz")
        assert "are not the costs of the proof" in ran.stderr


def test_what_is_not_compared_is_said(tmp_path: Path) -> None:
    table, out, proof, _ = written(tmp_path, initial_loads=[1.0, 0.0, 2.0], locked={0: 1})
    said = alone(table, out, proof).stdout
    assert "not compared, but as the proof says: loads" in said
    assert "not compared, but as the proof says: locks" in said
    hours = np.ones((3, 7))
    shared = evenhand.assign(
        evenhand.tables.read_table(table), evenhand.MaxOverMean(1.3), burdens=hours, certificate="tree"
    )
    assert shared.proof is not None
    shared.proof.write(proof)
    write_json(out, shared.to_dict())
    assert "as the proof says: burdens" in alone(table, out, proof).stdout
    np.save(tmp_path / "hours.npy", hours)
    assert "burdens" not in alone(table, out, proof, tmp_path / "hours.npy").stdout
    np.save(tmp_path / "hours.npy", hours * 2)
    assert "are not the burdens of the proof" in alone(table, out, proof, tmp_path / "hours.npy").stderr


# ---- forgeries -------------------------------------------------------------------------------------------

Nodes = list[list[Any]]


def drop_a_leaf(head: dict[str, Any], nodes: Nodes) -> None:
    del nodes[max(k for k, node in enumerate(nodes) if node[4] is None)]


def lower_a_price(head: dict[str, Any], nodes: Nodes) -> None:
    leaf = next(node for node in nodes if node[4] is None and any(node[1]))
    leaf[1][0] -= 10 ** (2 + len(str(abs(leaf[1][0]))))


def raise_a_price(head: dict[str, Any], nodes: Nodes) -> None:
    leaf = next(node for node in nodes if node[4] is None and any(node[1]))
    leaf[1][0] += 10 ** (2 + len(str(abs(leaf[1][0]))))


def enlarge_the_anchor_alone(head: dict[str, Any], nodes: Nodes) -> None:
    leaf = next(node for node in nodes if node[4] is None and any(node[1]))
    leaf[0] *= -1


def fractional_price(head: dict[str, Any], nodes: Nodes) -> None:
    nodes[-1][1][0] += 0.5


def toll_on_no_limit(head: dict[str, Any], nodes: Nodes) -> None:
    nodes[0][2].append([0, 0, 1, 5])


def negative_toll(head: dict[str, Any], nodes: Nodes) -> None:
    tolled = next(node for node in nodes if node[2])
    tolled[2][0][3] *= -1


def leave_out_an_agent(head: dict[str, Any], nodes: Nodes) -> None:
    branch = next(node[4] for node in nodes if node[4] and node[4][0] == "task")
    branch[2].pop()


def another_task(head: dict[str, Any], nodes: Nodes) -> None:
    branch = next(node[4] for node in nodes if node[4] and node[4][0] == "task")
    branch[1] = 10**6


def close_without_a_reason(head: dict[str, Any], nodes: Nodes) -> None:
    k = next(k for k, node in enumerate(nodes) if node[4] and node[4][0] != "same")
    nodes[k][4] = None
    del nodes[k + 1 :]


def one_node_too_many(head: dict[str, Any], nodes: Nodes) -> None:
    nodes.append(nodes[-1])


def node_of_another_place(head: dict[str, Any], nodes: Nodes) -> None:
    first = next(k for k, node in enumerate(nodes) if node[4] and node[4][0] == "limit")
    other = [*nodes[first][:4], ["limit", *nodes[first][4][1:3], nodes[first][4][3] + 1]]
    nodes[first] = other


def raise_the_bound(head: dict[str, Any], nodes: Nodes) -> None:
    head["bound"] *= 1.5


def another_question(head: dict[str, Any], nodes: Nodes) -> None:
    head["fairness"]["ratio"] *= 0.9


def another_plan(head: dict[str, Any], nodes: Nodes) -> None:
    head["assignment"] = [*head["assignment"][1:], head["assignment"][0]]


def cheaper_costs(head: dict[str, Any], nodes: Nodes) -> None:
    head["costs"][0] = [value / 2 for value in head["costs"][0]]


def forbidden_pairs(head: dict[str, Any], nodes: Nodes) -> None:
    head["locked"] = [[0, head["assignment"][0]]]


def other_digits(head: dict[str, Any], nodes: Nodes) -> None:
    head["digits"][0] -= 3


FORGERIES: list[Callable[[dict[str, Any], Nodes], None]] = [
    drop_a_leaf,
    lower_a_price,
    raise_a_price,
    enlarge_the_anchor_alone,
    fractional_price,
    toll_on_no_limit,
    negative_toll,
    leave_out_an_agent,
    another_task,
    close_without_a_reason,
    one_node_too_many,
    node_of_another_place,
    raise_the_bound,
    another_question,
    another_plan,
    cheaper_costs,
    forbidden_pairs,
    other_digits,
]


@pytest.fixture(scope="module")
def genuine() -> tuple[np.ndarray[Any, Any], Assignment]:
    """Return a table and an answer whose proof has every kind of node."""
    costs = np.round(np.random.default_rng(1).uniform(1, 30, (4, 14)), 1)
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.03), certificate="tree")
    assert answer.proof is not None
    kinds = {node[4][0] for node in nodes_of(answer.proof)[1] if node[4]}
    assert {"same", "task", "limit"} <= kinds
    return costs, answer


def nodes_of(proof: TreeProof) -> tuple[dict[str, Any], Nodes]:
    head, *nodes = [json.loads(line) for line in gzip.decompress(proof.data).splitlines()]
    return head, nodes


def packed(head: dict[str, Any], nodes: Nodes) -> TreeProof:
    lines = [json.dumps(line) for line in (head, *nodes)]
    return TreeProof(len(nodes), gzip.compress("\n".join(lines).encode()))


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_forged_proofs_are_refused_by_both(
    genuine: tuple[np.ndarray[Any, Any], Assignment], forge: Callable[[dict[str, Any], Nodes], None], tmp_path: Path
) -> None:
    costs, answer = genuine
    assert answer.proof is not None
    head, nodes = nodes_of(answer.proof)
    forge(head, nodes)
    forged = packed(head, nodes)
    verdict = evenhand.verify(costs, replace(answer, proof=forged))
    assert not verdict.verified
    assert any("tree proof" in reason for reason in verdict.reasons)
    np.save(tmp_path / "costs.npy", costs)
    write_json(tmp_path / "out.json", answer.to_dict())
    forged.write(tmp_path / "proof.json.gz")
    with pytest.raises((ValueError, LookupError, TypeError)):
        check.check(*(str(tmp_path / name) for name in ("costs.npy", "out.json", "proof.json.gz")))
    answer.proof.write(tmp_path / "proof.json.gz")
    assert check.check(*(str(tmp_path / name) for name in ("costs.npy", "out.json", "proof.json.gz")))


@pytest.mark.parametrize("text", ["", "[1]", "{}", None])
def test_files_that_are_no_proofs_are_refused(text: str | None, tmp_path: Path) -> None:
    data = b"not compressed" if text is None else gzip.compress(text.encode())
    costs = [[1, 2, 3], [2, 1, 3]]
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.5))
    (tmp_path / "proof.json.gz").write_bytes(data)
    assert not evenhand.verify(costs, answer, proof=tmp_path / "proof.json.gz").verified
    for nowhere in (tmp_path / "missing.json.gz", tmp_path):
        with pytest.raises(InputError, match="cannot be read as a proof"):
            evenhand.verify(costs, answer, proof=nowhere)


def test_no_proof_without_time_for_it() -> None:
    rng = np.random.default_rng(0)
    costs = rng.random((3, 40))
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.0), certificate="tree", time_limit=0.5)
    assert answer.status == "time_limit"
    assert answer.proof is None
    with pytest.raises(InputError, match="'cuts' or 'tree'"):
        evenhand.assign(costs, evenhand.MaxOverMean(1.1), certificate="forest")  # type: ignore[arg-type]


# ---- the checker's own words for the members --------------------------------------------------------------


def measure_of(member: evenhand.fairness.Fairness, n: int) -> check.Measure:
    return check.Measure(json.loads(json.dumps(member.to_dict()), parse_float=Decimal), n)


@pytest.mark.parametrize("seed", range(200))
def test_membership_is_that_of_the_family(seed: int) -> None:
    """Loads near the boundary are fair to the checker if they are to the member, by its own exact arithmetic."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    member = awkward_member(rng, n)
    loads = rng.random(n) if seed % 2 else rng.integers(0, 5, n).astype(float)
    level = float(member.level(loads))
    vacuous, equality = member.parameter_range(n)
    for shift in (-1e-3, -1e-7, 1e-7, 1e-3):
        parameter = level + shift * (equality - vacuous)
        if not min(vacuous, equality) <= parameter <= max(vacuous, equality):
            continue
        near = member.with_parameter(parameter)
        exact = [Fraction(float(load)) for load in loads]
        expected = near.exact_contains(exact, check.TOLERANCE)
        assert measure_of(near, n).fair(exact) is expected or expected is None


@pytest.mark.parametrize("seed", range(200))
def test_prices_in_the_dual_cone_never_charge_fair_loads(seed: int) -> None:
    """Whatever a, v the checker accepts: v . x >= 0 for loads in the cone and on its boundary. Cuts are accepted."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    member = awkward_member(rng, n)
    vacuous, equality = member.parameter_range(n)
    if (member.parameter - vacuous) * (equality - vacuous) <= 0.0:
        return  # all loads are fair
    measure = measure_of(member, n)
    point = rng.random(n) * (rng.random(n) < 0.7) + 1e-3
    cut, scale = member.cut(point), 10**12
    bound = 1.0 if measure.equality else float(measure.beta)
    accepted = 0
    for raised in (1e-3, 1e-6, -1e-6, -1e-2):
        prices = [math.ceil((entry + raised * np.abs(cut).max()) * scale) for entry in cut]
        anchors = [round(factor * bound / n * scale) for factor in (1.0, 1.1, 0.9, 3.0, 30.0)]
        anchors += [
            round(sum(map(Fraction.__mul__, measure.shares, map(Fraction, prices))) * factor) for factor in (1, 2, 9)
        ]
        for anchor in anchors:
            if not measure.in_dual_cone(Fraction(anchor), prices):
                continue
            accepted += raised > 0
            fair = member.supporting_point(rng.random(n) ** 4)
            for share in (0.0, 0.5, 1.0):
                loads = share * fair + (1.0 - share) * np.array([float(s) for s in measure.shares])
                if member.contains(loads, 0.0):
                    assert sum(p * load for p, load in zip(prices, loads, strict=True)) >= -1e-6 * scale * loads.sum()
    assert accepted or bound > 1e6 or member.name in ("cv", "jain")


def test_every_member_has_a_measure() -> None:
    """A new member of the family needs its lines in the checker, too."""
    asked = {"epsilon": {"epsilon": 0.9, "p": 3}, "top_share": {"share": 0.6, "k": 1}}
    for name, member in MEMBERS.items():
        data = {"name": name, "entitlements": None, **asked.get(name, {member.parameter_name: 0.5})}
        if name == "max_over_mean":
            data["ratio"] = 1.5
        fair = evenhand.fairness.from_dict(dict(data))
        measure = measure_of(fair, 4)
        for loads in ([1, 1, 1, 1], [4, 1, 1, 1], [1, 0, 0, 0]):
            exact = [Fraction(load) for load in loads]
            assert measure.fair(exact) == fair.exact_contains(exact, check.TOLERANCE)


def test_proofs_and_their_answers_are_followed_from_memory() -> None:
    costs = np.array([[3.0, 5, 2, 7], [4, 4, 3, 6]])
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.2), certificate="tree")
    assert answer.proof is not None
    from evenhand.assignment.problem import build_problem

    bound = float(answer.bound)
    assert follow(answer.proof, build_problem(costs), answer.fairness, answer.assignment, bound) == answer.proof.nodes
    with pytest.raises(ValueError, match="another question"):
        follow(answer.proof, build_problem(costs + 1), answer.fairness, answer.assignment, bound)


# ---- proofs by hand, of a case that is solved by hand -----------------------------------------------------
# Agents a and b share tasks s and t at the costs 1, 2 and 3, 1, one unit of load each. Nobody may have both tasks, so
# that there are two fair plans: the one of cost 2, and one of cost 5. The relaxation's cheapest agents prove the 2.

BY_HAND: dict[str, Any] = {
    "format": "evenhand proof 1",
    "status": "optimal",
    "agents": ["a", "b"],
    "tasks": ["s", "t"],
    "maximise": False,
    "fairness": {"name": "max_over_mean", "ratio": 1.5, "entitlements": None},
    "costs": [[1, 2], [3, 1]],
    "burdens": [[1, 1], [1, 1]],
    "initial_loads": [0, 0],
    "locked": [],
    "assignment": [0, 1],
    "bound": 2,
    "groups": [0, 0],
    "digits": [0, 0],
}
LEAF = [0, [0, 0], [], 0, None]
TABLE = ",s,t\na,1,2\nb,3,1\n"


def checked_by_hand(
    folder: Path,
    *,
    changes: dict[str, Any] | None = None,
    nodes: Any = (LEAF,),
    table: Any = TABLE,
    file: bytes | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the checker on a proof of the case by hand with changes, and on an answer that says the same."""
    head = {**BY_HAND, **(changes or {})}
    plan = head["assignment"]
    cost = None if plan is None else sum(head["costs"][i][j] for j, i in enumerate(plan))
    answer = {name: head[name] for name in ("agents", "tasks", "maximise", "fairness", "assignment", "bound", "status")}
    (folder / "out.json").write_text(json.dumps({**answer, "cost": cost}))
    lines = [json.dumps(head), *(node if isinstance(node, str) else json.dumps(node) for node in nodes)]
    (folder / "proof.json.gz").write_bytes(gzip.compress("\n".join(lines).encode()) if file is None else file)
    costs = folder / ("costs.csv" if isinstance(table, str) else "costs.npy")
    if isinstance(table, str):
        costs.write_text(table)
    else:
        np.save(costs, np.array(table, dtype=float))
    return alone(costs, folder / "out.json", folder / "proof.json.gz")


UNFAIR_MEASURES: dict[str, dict[str, Any]] = {
    "another parameter first": {"name": "max_over_mean", "x": 99, "ratio": 1.0},
    "parameter of another name": {"name": "cv", "ratio": 1.0, "p": 2},
    "k of another measure, which made 0.5 equality": {"name": "gini", "gini": 0.5, "k": 1},
    "unknown": {"name": "least work", "ratio": 1.5},
    "the top 2 of 2": {"name": "top_share", "share": 1, "k": 2},
    "the top 0 of 2": {"name": "top_share", "share": 0, "k": 0},
    "share below k / n": {"name": "top_share", "share": 0.4, "k": 1},
    "fewer entitlements": {"name": "range", "ratio": 9, "entitlements": [1]},
    "negative entitlement": {"name": "range", "ratio": 9, "entitlements": [-1, 2]},
    "zero entitlement": {"name": "range", "ratio": 9, "entitlements": [0, 2]},
    "names as entitlements": {"name": "range", "ratio": 9, "entitlements": {"1": 1, "2": 1}},
    "order below 2": {"name": "epsilon", "epsilon": 0.5, "p": 1.5},
    "order is a text": {"name": "epsilon", "epsilon": 0.5, "p": "3"},
    "epsilon above 1": {"name": "epsilon", "epsilon": 1.5, "p": 2},
    "negative cv": {"name": "cv", "cv": -0.5},
    "ratio below 1": {"name": "max_over_mean", "ratio": 0.5},
}
TOO_DEAR = {"assignment": [1, 0], "bound": 5}
NO_PLAN = {"assignment": None, "bound": None, "status": "infeasible"}
FALSE: dict[str, dict[str, Any]] = {
    **{name: {"changes": {"fairness": measure}} for name, measure in UNFAIR_MEASURES.items()},
    "too high a bound": {"changes": TOO_DEAR},
    "children of a task that is not there": {"changes": TOO_DEAR, "nodes": [[*LEAF[:4], ["task", 99, []]]]},
    "no plan, by a task that is not there": {"changes": NO_PLAN, "nodes": [[*LEAF[:4], ["task", 99, []]]]},
    "no plan, by an empty ray": {"changes": NO_PLAN, "nodes": [[0, [0, 0], [], 1, None]]},
    "a limit on no agent": {"changes": TOO_DEAR, "nodes": [[*LEAF[:4], ["limit", -1, -1, 0]], LEAF, LEAF]},
    "a limit on no group": {"changes": TOO_DEAR, "nodes": [[*LEAF[:4], ["limit", 0, 7, 0]], LEAF, LEAF]},
    "infeasible, with a plan": {"changes": {"status": "infeasible"}},
    "another format": {"changes": {"format": "evenhand proof 2"}},
    "maximise is a text": {"changes": {"maximise": "false"}},
    "an agent more in the table": {"table": [[1, 2], [3, 1], [0, 0]], "changes": {"costs": [[1, 2], [3, 1], [0, 0]]}},
    "a task more in the table": {"table": [[1, 2, 9], [3, 1, 9]], "changes": {"costs": [[1, 2, 9], [3, 1, 9]]}},
    "no burden": {"changes": {"burdens": [[None, 1], [1, None]]}},
    "burdens of other size": {"changes": {"burdens": [[1, 1, 1], [1, 1, 1]]}},
    "a load more": {"changes": {"initial_loads": [0, 0, 5]}},
    "a load less": {"changes": {"initial_loads": [0]}},
    "locked twice": {"changes": {"locked": [[0, 1], [0, 0]]}},
    "locked by name": {"changes": {"locked": {"0": 1}}},
    "locked beyond": {"changes": {"locked": [[7, 1]]}},
    "negative group": {"changes": {"groups": [0, -1]}},
    "a group that fills the memory": {"changes": {"groups": [0, 10**13]}},
    "digits that fill the memory": {"changes": {"digits": [10**10, 0]}},
    "negative digits": {"changes": {"digits": [-3, 0]}},
    "unfair plan": {"changes": {"assignment": [0, 0]}},
    "plan too long": {"changes": {"assignment": [0, 1, 0], "costs": [[1, 2, 0], [3, 1, 0]]}},
    "plan from the end": {"changes": {"assignment": [0, -1]}},
    "text for a cost": {"changes": {"costs": [[1, 2], [3, "1"]], "assignment": [0, 0]}},
    "transposed": {"changes": {"tasks": ["a", "b"], "costs": [[1, 3], [2, 1]]}, "table": ",a,b\na,1,2\nb,3,1\n"},
    "a cell more": {"table": ",a,b\ns,1,3,7\nt,2,1,7\n"},
    "a row more": {"table": TABLE + "c,0,0\n"},
    "no file": {"file": b""},
    "no lines": {"file": gzip.compress(b"")},
    "damaged in its middle": {"file": gzip.compress(bytes(range(256)))[:20] + bytes(9)},
    "cut off": {"file": gzip.compress(json.dumps(BY_HAND).encode())[:-5]},
    "garbage behind": {"file": gzip.compress(b"{}") + b"xyz"},
    "a list": {"file": gzip.compress(b"[1]")},
    "a decimal that fills the memory": {
        "file": gzip.compress(json.dumps(BY_HAND).replace("[[1,", "[[1e-999999999,").encode())
    },
    "a line that is too long": {"nodes": [" " * 3_000_000 + json.dumps(LEAF)]},
    "too deep": {"nodes": ["[" * 200_000]},
    "a node more": {"nodes": [LEAF, LEAF]},
    "an empty line": {"nodes": [LEAF, "", ""]},
    "half a node": {"nodes": [[0]]},
    "no number": {"nodes": ["[NaN,[0,0],[],0,null]"]},
    "texts as prices": {"nodes": [[1, ["1", "2"], [], 0, None]]},
    "a text as prices": {"nodes": [[1, "12", [], 0, None]]},
}


def test_proofs_by_hand_are_accepted(tmp_path: Path) -> None:
    """Otherwise it says little that the next test's are refused; two gzip members, quotes and blank lines are fine."""
    members = [gzip.compress(json.dumps(line).encode() + b"\n") for line in (BY_HAND, LEAF)]
    quoted, transposed = '"","s","t"\n"a","1","2"\nb,3,1\n\n', ",a,b\ns,1,3\nt,2,1\n"
    for case in ({}, {"file": b"".join(members)}, {"table": quoted}, {"table": transposed}):
        ran = checked_by_hand(tmp_path, **case)  # type: ignore[arg-type]
        assert ran.returncode == 0, ran.stderr
    square = {"tasks": ["a", "b"]}
    assert checked_by_hand(tmp_path, changes=square, table=",a,b\na,1,2\nb,3,1\n").returncode == 0


@pytest.mark.parametrize("case", FALSE.values(), ids=FALSE)
def test_false_and_odd_proofs_are_refused_in_a_line(case: dict[str, Any], tmp_path: Path) -> None:
    ran = checked_by_hand(tmp_path, **case)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("NOT PROVEN: ")
    assert "Traceback" not in ran.stderr


def test_a_share_rounded_below_that_of_equal_loads_asks_for_equal_loads() -> None:
    third = check.Measure({"name": "top_share", "k": 1, "share": Decimal("0.3333333333333333")}, 3)
    assert third.equality
    assert third.fair([Fraction(2)] * 3)
    assert not third.in_dual_cone(Fraction(1), [-1, -1, -1])


@pytest.mark.parametrize("data", ["damaged", "long", "deep"])
def test_verify_refuses_hostile_files_in_a_line(data: str, tmp_path: Path) -> None:
    costs = np.array([[3.0, 5, 2, 7], [4, 4, 3, 6]])
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.2), certificate="tree")
    assert answer.proof is not None
    good = answer.proof.data
    files = {
        "damaged": good[:20] + bytes(8) + good[28:],
        "long": good + gzip.compress(b" " * 5_000_000),
        "deep": good + gzip.compress(b"[" * 200_000),
    }
    (tmp_path / "proof.json.gz").write_bytes(files[data])
    verdict = evenhand.verify(costs, answer, proof=tmp_path / "proof.json.gz")
    assert not verdict.verified


def test_burdens_of_forbidden_pairs_do_not_matter(tmp_path: Path) -> None:
    costs, hours = np.array([[3.0, np.inf, 2, 7], [4, 4, 3, 6]]), np.array([[1.0, 5, 2, 2], [1, 2, 2, 1]])
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.5), burdens=hours, certificate="tree")
    assert answer.proof is not None
    answer.proof.write(tmp_path / "proof.json.gz")
    write_json(tmp_path / "out.json", answer.to_dict())
    files = [tmp_path / name for name in ("costs.npy", "out.json", "proof.json.gz", "hours.npy")]
    np.save(files[0], costs)
    np.save(files[3], hours)
    assert alone(*files).returncode == 0
    np.save(files[3], hours + np.array([[0, 0, 0, 1.0], [0, 0, 0, 0]]))
    assert "are not the burdens of the proof" in alone(*files).stderr
