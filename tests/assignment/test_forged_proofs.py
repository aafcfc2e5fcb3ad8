"""Both checkers refuse in a line what is no proof: genuine proofs that were changed, and proofs written by hand."""

from __future__ import annotations

import gzip
import json
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.assignment.checking import alone

import evenhand
from evenhand import check
from evenhand.assignment import Assignment, TreeProof
from evenhand.errors import InputError
from evenhand.tables import write_json

if TYPE_CHECKING:
    from collections.abc import Callable

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
