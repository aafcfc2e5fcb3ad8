"""`evenhand assign` and `evenhand verify` on lists of pairs whose full table would be too large."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from evenhand.tables import candidate_table


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a Parquet file of three candidates among eight agents for each of 2,000 tasks."""
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 0)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    random = np.random.default_rng(1)
    agents = np.argsort(random.random((2_000, 8)), axis=1)[:, :3]
    costs = random.random((2_000, 3)) * np.exp(random.uniform(-0.5, 0.5, 8))[agents]
    rows = {"task": np.repeat(np.arange(2_000), 3), "agent": [f"a{k}" for k in agents.ravel()], "cost": costs.ravel()}
    file = tmp_path / "pairs.parquet"
    pyarrow.parquet.write_table(pyarrow.table(rows), file)
    return file


def test_a_plan_is_written_and_verified(evenhand: Any, pairs: Path) -> None:
    """The plan of the Parquet file is fair as its own rows say, and `verify` confirms JSON and gap."""
    plan, answer = pairs.with_name("plan.parquet"), pairs.with_name("answer.json")
    rule = ("--epsilon", "0.95", "--p", "inf")
    found = evenhand("assign", pairs, *rule, "--gap", "1e-3", "--csv", plan, "--json", answer)
    assert found.code == 0, found.err
    assert "bound" in found.out
    table = pyarrow.parquet.read_table(pairs).to_pandas()
    chosen = pyarrow.parquet.read_table(plan).to_pandas()
    assert chosen["task"].tolist() == [str(task) for task in range(2_000)]
    taken = table.astype({"task": str}).merge(chosen.astype({"agent": str}), on=["task", "agent"])
    loads = taken.groupby("agent")["cost"].sum()
    assert len(taken) == 2_000
    assert loads.max() <= 8 / (1 + 0.95 * 7) * loads.sum() / 8 * (1 + 1e-9)
    stated = json.loads(answer.read_text())
    assert stated["cost"] == pytest.approx(loads.sum())
    verdict = evenhand("verify", pairs, answer, *rule, "--max-gap", "1e-3")
    assert verdict.code == 0, verdict.out + verdict.err
    stated["assignment"][5] = int((stated["assignment"][5] + 1) % 8)
    answer.write_text(json.dumps(stated))
    assert evenhand("verify", pairs, answer, *rule).code == 1


def test_entitlements_locked_tasks_and_loads_from_before(evenhand: Any, pairs: Path) -> None:
    """The options of full tables apply, by name."""
    first = pyarrow.parquet.read_table(pairs).to_pandas().iloc[1]
    locked, answer = pairs.with_name("locked.csv"), pairs.with_name("answer.json")
    locked.write_text(f"task,agent\n{first['task']},{first['agent']}\n")
    carried = pairs.with_name("carried.csv")
    names = list(dict.fromkeys(pyarrow.parquet.read_table(pairs)["agent"].to_pylist()))
    carried.write_text("agent,load\n" + "".join(f"{name},{3 + k}\n" for k, name in enumerate(names)))
    words = ("--epsilon", "0.9", "--locked", locked, "--initial-loads", carried)
    found = evenhand("assign", pairs, *words, "--json", answer, "-q")
    assert found.code == 0, found.err
    stated = json.loads(answer.read_text())
    assert stated["agents"][stated["assignment"][0]] == first["agent"]
    assert evenhand("verify", pairs, answer, *words).code in (0, 5)


REFUSED = [
    (("--proof", "proof.json"), "--proof: needs the full table"),
    (("--without", "a1"), "--without 'a1': leave the agent's rows out of"),
    (("--gini", "0.1"), "ask for one of these"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_what_needs_the_full_table_is_refused(evenhand: Any, pairs: Path, words: tuple[str, ...], message: str) -> None:
    """One line says which option to leave out."""
    rule = () if "--gini" in words else ("--epsilon", "0.9")
    found = evenhand("assign", pairs, *rule, *words)
    assert found.code == 2
    assert message in found.err.replace("\n", " ")


def test_a_negative_cost_is_named_with_its_row(evenhand: Any, pairs: Path) -> None:
    """The row of the file is named, and that burdens may be given apart."""
    rows = pyarrow.parquet.read_table(pairs).to_pydict()
    rows["cost"][4_321] = -1.0
    pyarrow.parquet.write_table(pyarrow.table(rows), pairs)
    found = evenhand("assign", pairs, "--epsilon", "0.9")
    assert found.code == 2
    assert "row 4,322: the cost of task '1440'" in found.err.replace("\n", " ")


def test_other_commands_say_that_the_full_table_is_too_large(evenhand: Any, pairs: Path) -> None:
    """A frontier needs the full table."""
    found = evenhand("frontier", pairs)
    assert found.code == 2
    assert "only evenhand assign and verify read it as it is" in found.err.replace("\n", " ")
