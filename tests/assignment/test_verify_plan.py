"""Plans in shards are verified by other code than found them, and every forged part or number is found out."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shard_tables import points, streamed, write_npy, write_parquet

import evenhand
from evenhand.assignment import assign_shards, verify_plan
from evenhand.assignment.shards.exact_passes import exact_sums
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost

RULE = EpsilonFairness(0.999)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of a table and of its plan, in Parquet."""
    folder = tmp_path_factory.mktemp("made")
    costs = write_npy(folder / "c", points(3, 3000), [1000, 0, 2000])
    with streamed():
        assign_shards(costs, RULE, folder / "p", gap=1e-9)
    return costs, folder / "p"


def forged(made: tuple[Path, Path], tmp_path: Path, **changes: Any) -> Path:
    """Return a copy of the plan, some of whose statements are changed."""
    import shutil

    copy = tmp_path / "forged"
    shutil.copytree(made[1], copy)
    stated = json.loads((copy / "plan.json").read_text())
    (copy / "plan.json").write_text(json.dumps(stated | changes))
    return copy


def test_sums_are_exact() -> None:
    """Numbers of very unlike sizes and both signs, with zeros and subnormal ones, against fractions."""
    random = np.random.default_rng(0)
    values = random.normal(size=500) * 10.0 ** random.integers(-300, 300, 500)
    values[:4] = 0.0, 5e-324, -5e-324, 1e308
    groups = random.integers(0, 3, 500)
    expected = [sum(map(Fraction, values[groups == i].tolist()), Fraction(0)) for i in range(3)]
    assert exact_sums(values, groups, 3) == expected


def test_a_plan_is_verified(made: tuple[Path, Path]) -> None:
    """Everything is proven, and cost and bound are those that are stated."""
    verdict = verify_plan(made[0], made[1], fairness=RULE)
    stated = json.loads((made[1] / "plan.json").read_text())
    assert verdict.reasons == ()
    assert verdict
    assert verdict.cost == pytest.approx(stated["cost"], rel=1e-14)
    assert stated["bound"] <= verdict.bound <= verdict.cost
    assert verdict.bound == pytest.approx(stated["bound"], rel=1e-11)


def test_the_bound_is_that_of_exact_arithmetic(made: tuple[Path, Path], tmp_path: Path) -> None:
    """The verifier in memory, which computes exactly, proves as much as the streamed one to 13 digits, and no less."""
    table = points(3, 3000)
    stated = json.loads((made[1] / "plan.json").read_text())
    import pyarrow.parquet

    agents: list[int] = []
    for k in range(3):
        names = pyarrow.parquet.read_table(made[1] / f"part-{k:05d}.parquet").column("agent").to_pylist()
        agents += [stated["agents"].index(name) for name in names]
    keep = ("loads", "cost", "bound", "gap", "certified_gap", "fairness", "certificate", "agents", "base_cost", "cv")
    answer = {key: stated[key] for key in keep} | {"status": "time_limit", "assignment": agents}
    exact = evenhand.verify(table, answer, fairness=RULE)
    streamed_verdict = verify_plan(made[0], made[1], fairness=RULE)
    assert exact.verified
    assert streamed_verdict.bound <= exact.bound
    assert streamed_verdict.bound == pytest.approx(exact.bound, rel=1e-12)


def test_all_rules_at_once_are_verified(tmp_path: Path) -> None:
    """Burdens, initial loads, locked tasks and forbidden pairs; without one of these the plan is not verified."""
    random = np.random.default_rng(5)
    costs, burdens = random.random((3, 2000)) - 0.2, random.random((3, 2000)) + 0.1
    costs[0, ::7] = np.inf
    given: dict[str, Any] = {"initial_loads": [30.0, 0.0, 5.0], "locked": {3: 1, 1999: "agent-3"}}
    c, b = write_npy(tmp_path / "c", costs, [800, 1200]), write_npy(tmp_path / "b", burdens, [800, 1200])
    with streamed():
        assign_shards(c, RULE, tmp_path / "p", burdens=b, **given)
    assert verify_plan(c, tmp_path / "p", burdens=b, **given).verified
    for name in given:
        rest = {key: value for key, value in given.items() if key != name}
        assert not verify_plan(c, tmp_path / "p", burdens=b, **rest).verified
    assert not verify_plan(b, tmp_path / "p", burdens=b, **given).verified


@pytest.mark.parametrize("maximise", [False, True])
def test_profits_and_other_measures_are_verified(maximise: bool, tmp_path: Path) -> None:
    """Signs are right, and members without a power form have certificates of cuts."""
    table = points(4, 2000, seed=2)
    for k, member in enumerate((CVAtMost(0.05), GiniAtMost(0.02))):
        with streamed():
            assign_shards(table, member, tmp_path / str(k), burdens=np.ones((4, 2000)), maximise=maximise)
        verdict = verify_plan(table, tmp_path / str(k), burdens=np.ones((4, 2000)), fairness=member, maximise=maximise)
        assert verdict.reasons == ()


def test_infeasibility_is_verified(tmp_path: Path) -> None:
    """Its certificate proves a positive bound with costs of zero."""
    table = points(3, 1000)
    with streamed():
        assign_shards(table, RULE, tmp_path / "p", initial_loads=[1e6, 0.0, 0.0])
    verdict = verify_plan(table, tmp_path / "p", initial_loads=[1e6, 0.0, 0.0])
    assert verdict.verified
    assert not verify_plan(table, tmp_path / "p").verified


@pytest.mark.parametrize(
    ("field", "factor"), [("cost", 0.999), ("bound", 1.001), ("gap", 0.5), ("base_cost", 0.99), ("level", 0.9)]
)
def test_forged_numbers_are_found_out(made: tuple[Path, Path], tmp_path: Path, field: str, factor: float) -> None:
    """Each number is compared with a recomputed one."""
    stated = json.loads((made[1] / "plan.json").read_text())
    verdict = verify_plan(made[0], forged(made, tmp_path, **{field: factor * stated[field] + 1e-6}))
    assert not verdict
    assert verdict.reasons or not verdict.gap_proven


def test_a_task_given_to_another_agent_is_found_out(made: tuple[Path, Path], tmp_path: Path) -> None:
    """Loads and cost change by one task."""
    import pyarrow
    import pyarrow.parquet

    copy = forged(made, tmp_path)
    file = copy / "part-00002.parquet"
    rows = pyarrow.parquet.read_table(file).to_pydict()
    rows["agent"][5] = "agent-1" if rows["agent"][5] != "agent-1" else "agent-2"
    pyarrow.parquet.write_table(pyarrow.table(rows), file)
    assert any("the stated cost" in reason for reason in verify_plan(made[0], copy).reasons)


@pytest.mark.parametrize("fault", ["missing", "short", "stranger", "order", "no plan.json", "torn"])
def test_a_faulty_part_is_named(made: tuple[Path, Path], tmp_path: Path, fault: str) -> None:
    """One line names the part, and the row of the whole table where there is one."""
    import pyarrow
    import pyarrow.parquet

    copy = forged(made, tmp_path)
    file = copy / "part-00002.parquet"
    rows = pyarrow.parquet.read_table(file).to_pydict()
    expected = "part-00002.parquet"
    if fault == "missing":
        file.unlink()
    elif fault == "torn":
        file.write_bytes(file.read_bytes()[:200])
    elif fault == "no plan.json":
        (copy / "plan.json").unlink()
        expected = "plan.json: is missing"
    else:
        if fault == "short":
            rows = {name: column[:-1] for name, column in rows.items()}
            expected = "part-00002.parquet: has 1,999 rows"
        elif fault == "stranger":
            rows["agent"][7] = "nobody"
            expected = "row 1,008 of the table is with 'nobody'"
        else:
            rows["task"][7:9] = rows["task"][8], rows["task"][7]
            expected = "row 1,008 of the table is task 1008"
        pyarrow.parquet.write_table(pyarrow.table(rows), file)
    with pytest.raises(InputError, match=expected):
        verify_plan(made[0], copy)


def test_a_plan_of_another_table_is_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    """Other shards are refused in one line; other numbers are not verified."""
    with pytest.raises(InputError, match="the plan has 3 shards of 3,000 tasks, the table 1 shard of 2,999 tasks"):
        verify_plan(points(3, 2999), made[1])
    other = write_npy(tmp_path / "c", points(3, 3000, seed=9), [1000, 0, 2000])
    assert not verify_plan(other, made[1]).verified


def test_names_of_tasks_are_compared(tmp_path: Path) -> None:
    """A plan in another order of names is no plan of the table."""
    names = [f"parcel {j}" for j in range(100)]
    table = points(2, 100)
    one = write_parquet(tmp_path / "one", table, [60, 40], names)
    other = write_parquet(tmp_path / "two", table, [60, 40], [*names[:98], names[99], names[98]])
    assign_shards(one, RULE, tmp_path / "p")
    assert verify_plan(one, tmp_path / "p").verified
    with pytest.raises(InputError, match="row 99 of the table is task 'parcel 98' in the plan; expected 'parcel 99'"):
        verify_plan(other, tmp_path / "p")
