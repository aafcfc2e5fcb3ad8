"""Tree proofs: what the small checker accepts agrees with enumeration, and what is not a proof is refused."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.assignment.checking import CHECKER, alone
from tests.assignment.enumeration import Tiny, enumerate_all
from tests.assignment.tiny_problems import awkward_member, awkward_problem

import evenhand
from evenhand import check
from evenhand.assignment import Assignment
from evenhand.assignment.proof_file import follow
from evenhand.cli import main
from evenhand.errors import InputError
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import write_json


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


LONG = {13}
"""Seeds of awkward problems whose trees take seconds."""


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow) if seed >= 30 or seed in LONG else seed for seed in range(60)]
)
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
    assert main(["assign", str(table), "--cv", "0.1", "--json", str(out), "--proof", str(again), "--quiet"]) == 0
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(proof.read_bytes())
    assert alone(table, out, again).returncode == 0
    command = ["verify", str(table), str(out), "--cv", "0.1", "--max-gap", "0"]
    assert main([*command, "--proof", str(again)]) == 0
    assert main(command) == 5  # the certificate alone proves less


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


def test_no_proof_without_time_for_it() -> None:
    rng = np.random.default_rng(0)
    costs = rng.random((3, 40))
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.0), certificate="tree", time_limit=0.5)
    assert answer.status == "time_limit"
    assert answer.proof is None
    assert answer.no_proof == "the search was stopped before its end"
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
        mean = sum(map(Fraction.__mul__, measure.shares, map(Fraction, prices)))
        anchors += [round(mean * factor) for factor in (1, 2, 9)]
        if measure.order == 2:  # where a root mean square of the prices comes nearest to proving them
            anchors.append(math.ceil(mean * measure.beta**2 / (measure.beta**2 - 1)))
        for anchor in anchors:
            if not measure.in_dual_cone(Fraction(anchor), prices):
                continue
            accepted += raised > 0
            fair = member.supporting_point(rng.random(n) ** 4)
            for share in (0.0, 0.5, 1.0):
                loads = share * fair + (1.0 - share) * np.array([float(s) for s in measure.shares])
                if member.contains(loads, 0.0):
                    assert sum(p * load for p, load in zip(prices, loads, strict=True)) >= -1e-6 * scale * loads.sum()
    assert accepted


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
    from evenhand.assignment.build_problem import build_problem

    bound = float(answer.bound)
    assert follow(answer.proof, build_problem(costs), answer.fairness, answer.assignment, bound) == answer.proof.nodes
    with pytest.raises(ValueError, match="another question"):
        follow(answer.proof, build_problem(costs + 1), answer.fairness, answer.assignment, bound)
