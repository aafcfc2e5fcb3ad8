"""``evenhand assign`` on a folder of shards: the plan in a folder, what is said, what is refused, engines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

ASKED = ("--max-over-mean", "1.001")


@pytest.fixture
def shards(evenhand):
    """Return a command line in a folder with a table of 4 agents and 3 x 700 tasks."""
    Path("costs").mkdir()
    random = np.random.default_rng(0)
    for k in range(3):
        np.save(f"costs/part-{k}.npy", random.random((4, 700)))
    return evenhand


def table():
    return np.concatenate([np.load(f"costs/part-{k}.npy") for k in range(3)], axis=1)


def plan(folder):
    """Return the agent of each task, by position."""
    import pyarrow.parquet

    files = sorted(Path(folder).glob("part-*.parquet"))
    names = [name for file in files for name in pyarrow.parquet.read_table(file)["agent"].to_pylist()]
    return np.array([int(name.removeprefix("agent-")) - 1 for name in names])


def test_a_folder_is_assigned_and_the_plan_is_written_beside(shards):
    pytest.importorskip("pyarrow")
    done = shards("assign", "costs", *ASKED, "--json", "out.json")
    assert done.code == 0, done
    answer, agents, costs = json.loads(Path("out.json").read_text()), plan("costs-plan"), table()
    paid = costs[agents, np.arange(2100)]
    loads = np.bincount(agents, paid, minlength=4)
    assert answer["cost"] == pytest.approx(paid.sum(), rel=1e-12)
    assert answer["loads"] == pytest.approx(loads, rel=1e-12)
    assert loads.max() <= 1.001 * loads.mean() * (1 + 1e-9)
    said = " ".join(done.out.split())
    assert "4 agents, 2,100 tasks in 3 shards" in said
    assert "costs-plan, .parquet files" in said


def test_entitlements_loads_and_profits_reach_the_solver(shards):
    """An agent of twice the share, with a load of its own, ends with about twice the others' load."""
    done = shards("assign", "costs", "--max-over-mean", "1.001", "--entitlements", "2,1,1,1", "--initial-loads",
                  "50,0,0,0", "--maximise", "--out", "plan", "--json", "out.json", "-q")  # fmt: skip
    assert (done.code, done.out) == (0, ""), done
    answer = json.loads(Path("out.json").read_text())
    loads = np.array(answer["loads"])
    assert loads[0] / 2 == pytest.approx(loads[1:].mean(), rel=0.01)
    assert answer["maximise"]
    assert answer["cost"] > np.sort(table(), axis=0)[2].sum(), "more than the second best of each task"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--csv", "plan.csv"), "--csv: needs the table in memory"),
        (("--proof", "proof.json.gz"), "--proof: needs the table in memory"),
        (("--fairest",), "--fairest: needs the table in memory"),
        (("--without", "agent-1"), "--without: needs the table in memory"),
        (("--tasks-as", "pairs"), "--tasks-as pairs: needs the table in memory"),
        (("--engine", "dask"), "--engine 'dask' is not known; use local or ray"),
        (("--address", "auto"), "--address: belongs to --engine ray"),
        (("--engine", "ray", "--address", "127.0.0.1:1"), "there is no answer from '127.0.0.1:1'"),
    ],
)
def test_what_shards_cannot_use_is_refused_in_a_line(shards, options, said):
    if "127.0.0.1:1" in options:
        pytest.importorskip("ray")
    done = shards("assign", "costs", *ASKED, *options)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not Path("costs-plan/plan.json").exists()


def test_a_shard_with_a_hole_is_named_with_its_row(shards):
    values = np.load("costs/part-1.npy")
    values[2, 33] = np.nan
    np.save("costs/part-1.npy", values)
    done = shards("assign", "costs", *ASKED)
    assert done.code == 2
    assert "part-1.npy" in done.err
    assert "row 734 " in done.err
    assert "'agent-3'" in done.err


def test_the_page_of_shards_has_loads_and_proof_without_a_row_for_each_task(shards):
    """The cost is said as in the JSON; the plan is named, and no task is listed."""
    done = shards("assign", "costs", *ASKED, "--out", "plan", "--json", "o.json", "--report", "o.html", "--unit", "EUR")
    assert done.code == 0, done
    answer, page = json.loads(Path("o.json").read_text()), Path("o.html").read_text("utf-8")
    assert f"This plan costs {answer['cost']:.2f}\u202fEUR" in page
    assert "2\u202f100 tasks shared by 4 agents" in page
    assert '<section id="loads"' in page
    assert '<section id="proof"' in page
    assert '<section id="tasks"' not in page
    assert "3 shards" in page
    for load in answer["loads"]:
        assert f'<data value="{load!r}">' in page
