"""Bad shards are named exactly, nothing is written over, and whatever ends a call, the same call goes on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shard_tables import plan_of, points, streamed, write_npy, write_parquet

from evenhand.assignment import assign_shards, progress_clock, verify_plan
from evenhand.assignment.progress_clock import OutOfTimeError
from evenhand.assignment.shards import plan_folder
from evenhand.assignment.shards.engine import LocalEngine
from evenhand.assignment.shards.shard_solver import ShardSolver
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness

RULE = EpsilonFairness(0.999)


def spoil(folder: Path, k: int, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Change one shard."""
    file = folder / f"part-{k}.npy"
    np.save(file, change(np.load(file)))


def with_value(value: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a change of the third task's second cost."""

    def change(table: np.ndarray) -> np.ndarray:
        table[1, 2] = value
        return table

    return change


FAULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda c: (c / "part-7.npy").unlink(), r"part-7\.npy: is missing"),
    "truncated": (lambda c: os.truncate(c / "part-7.npy", 900), r"part-7\.npy: is truncated: 900 bytes"),
    "width": (lambda c: spoil(c, 7, lambda t: t[:2]), r"part-7\.npy: has 2 rows, .*part-0\.npy has 3"),
    "dtype": (lambda c: spoil(c, 7, lambda t: t.astype(np.float32)), r"part-7\.npy: its numbers are float32"),
    "integers": (lambda c: spoil(c, 7, lambda t: t.astype(int)), r"part-7\.npy: its numbers are int64"),
    "dimensions": (lambda c: spoil(c, 7, lambda t: t[0]), r"part-7\.npy: has 1 dimensions"),
    "text": (lambda c: (c / "part-7.npy").write_text("costs"), r"part-7\.npy: not a usable \.npy file"),
    "nan": (lambda c: spoil(c, 7, with_value(np.nan)), r"part-7\.npy: the cost in row 703 .* 'agent-2' is nan"),
    "negative": (lambda c: spoil(c, 7, with_value(-1.0)), r"part-7\.npy: the cost in row 703 .* 'agent-2' is -1"),
    "minus inf": (lambda c: spoil(c, 7, with_value(-np.inf)), r"part-7\.npy: the cost in row 703 .* is -inf"),
    "forbidden": (
        lambda c: spoil(c, 7, lambda t: np.where(np.arange(100) == 4, np.inf, t)),
        r"part-7\.npy: row 705 of the table is forbidden",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_shard_is_named(fault: str, tmp_path: Path) -> None:
    """One line names the file, and the row of the whole table where there is one; no plan is begun over another."""
    costs = write_npy(tmp_path / "c", points(3, 1200), [100] * 12)
    damage, expected = FAULTS[fault]
    damage(costs)
    with pytest.raises(InputError, match=expected) as caught:
        assign_shards(costs, RULE, tmp_path / "p")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "p" / "plan.json").exists()


@pytest.mark.parametrize("value", [np.nan, -0.5, np.inf])
def test_a_bad_burden_is_named(value: float, tmp_path: Path) -> None:
    """Burdens are finite and not negative wherever the pair is allowed."""
    costs = write_npy(tmp_path / "c", points(3, 1200), [100] * 12)
    burdens = write_npy(tmp_path / "b", points(3, 1200), [100] * 12)
    spoil(burdens, 7, with_value(value))
    with pytest.raises(InputError, match=r"the burden in row 703 of the table for agent 'agent-2'"):
        assign_shards(costs, RULE, tmp_path / "p", burdens=burdens)


def test_burdens_in_other_shards_are_refused(tmp_path: Path) -> None:
    """The first shard of another size is named."""
    costs = write_npy(tmp_path / "c", points(3, 300), [100, 200])
    burdens = write_npy(tmp_path / "b", points(3, 300), [150, 150])
    with pytest.raises(InputError, match=r"b/part-0\.npy: 3 agents x 150 tasks; .*c/part-0\.npy has 3 x 100"):
        assign_shards(costs, RULE, tmp_path / "p", burdens=burdens)


def test_a_bad_value_in_parquet_is_named(tmp_path: Path) -> None:
    """Rows count through all row groups of all files; a null is no number."""
    table = points(3, 500)
    table[2, 333] = np.nan
    with pytest.raises(InputError, match=r"part-1\.parquet: the cost in row 334 of the table for agent 'a2' is nan"):
        assign_shards(write_parquet(tmp_path / "c", table, [300, 200]), RULE, tmp_path / "p")


def test_a_torn_parquet_file_is_named(tmp_path: Path) -> None:
    """Its footer is missing."""
    costs = write_parquet(tmp_path / "c", points(3, 500), [300, 200])
    os.truncate(costs / "part-1.parquet", 500)
    with pytest.raises(InputError, match=r"part-1\.parquet: not a usable Parquet file, or truncated"):
        assign_shards(costs, RULE, tmp_path / "p")


def test_a_shard_that_shrinks_meanwhile_is_named(tmp_path: Path) -> None:
    """Headers are read first; the file is truncated before its numbers are."""
    from evenhand.assignment.shards.npy_shards import NpyShards

    costs = write_npy(tmp_path / "c", points(3, 300), [100, 200])
    shards = NpyShards.open(costs)
    os.truncate(costs / "part-1.npy", 300)
    with pytest.raises(InputError, match=r"part-1\.npy: is truncated"):
        shards.read(1)


@pytest.mark.parametrize("content", ["other", "finished", "unlike"])
def test_nothing_is_written_over(content: str, tmp_path: Path) -> None:
    """A folder with anything else, a finished plan, or the unfinished plan of another question is refused."""
    table, folder = points(3, 300), tmp_path / "p"
    folder.mkdir()
    if content == "other":
        (folder / "notes.txt").write_text("mine")
    elif content == "finished":
        assign_shards(table, RULE, folder)
    else:
        with pytest.raises(ValueError, match="stop"):
            assign_shards(table, EpsilonFairness(0.5), folder, engine=Failing(1))
    before = sorted(file.name for file in folder.rglob("*"))
    expected = {"other": "holds 'notes.txt'", "finished": "holds a finished plan", "unlike": "another question"}
    with pytest.raises(InputError, match=expected[content]):
        assign_shards(table, RULE, folder)
    assert sorted(file.name for file in folder.rglob("*")) == before


class Failing(LocalEngine):
    """An engine that fails after some shards in all."""

    def __init__(self, shards: int) -> None:
        super().__init__(1)
        self.left = shards
        self.done = 0

    def map(self, work: Callable[[int], Any], shards: Sequence[int], clock: Any = None) -> Iterator[Any]:
        """Yield results until none is left."""
        for result in super().map(work, shards, clock):
            if not self.left:
                raise ValueError("stop")
            self.left -= 1
            self.done += 1
            yield result


@pytest.mark.parametrize("place", [3, 10, 14, -5, -1])
def test_the_same_call_goes_on(place: int, tmp_path: Path) -> None:
    """Wherever it ends, the answer is that of a call that was not stopped, bit by bit, and finished work is kept.

    A negative place counts shards from the end of the last pass.
    """
    costs = write_npy(tmp_path / "c", points(3, 3000), [300] * 10)
    with streamed():
        whole = assign_shards(costs, RULE, tmp_path / "whole")
        total = 10 * whole.passes
        before = place % total
        with pytest.raises(ValueError, match="stop"):
            assign_shards(costs, RULE, tmp_path / "p", engine=Failing(before))
        second = Failing(10_000)
        answer = assign_shards(costs, RULE, tmp_path / "p", engine=second)
    assert (answer.cost, answer.bound) == (whole.cost, whole.bound)
    assert plan_of(answer.output).tolist() == plan_of(whole.output).tolist()
    assert verify_plan(costs, answer).verified
    # The first pass is kept once it has ended, those of the boxes with what is decided, and the last part by part.
    kept = before if before >= total - 10 else 10 * (before >= 10)
    assert second.done == total - kept
    assert not (tmp_path / "p" / ".progress").exists()


def test_a_full_disk_is_said_and_left_behind_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The part that does not fit leaves nothing, those before stay, and the same call goes on once there is room."""
    costs = write_npy(tmp_path / "c", points(3, 3000), [300] * 10)
    real, calls = plan_folder._write_parquet, []

    def full(*rest: Any) -> None:
        calls.append(rest)
        if len(calls) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*rest)

    monkeypatch.setattr(plan_folder, "_write_parquet", full)
    with streamed(), pytest.raises(InputError, match=r"part-00003\.parquet: cannot be written \(No space left"):
        assign_shards(costs, RULE, tmp_path / "p")
    left = sorted(file.name for file in (tmp_path / "p").iterdir())
    assert left == [".progress", *(f"part-{k:05d}.parquet" for k in range(3))]
    with streamed():
        answer = assign_shards(costs, RULE, tmp_path / "p")
    assert len(calls) == 4 + 7
    assert verify_plan(costs, answer).verified


def test_a_time_limit_leaves_what_is_done(tmp_path: Path) -> None:
    """Without time there is no plan, and the same call with time makes one."""
    costs = write_npy(tmp_path / "c", points(3, 3000), [300] * 10)
    with streamed():
        answer = assign_shards(costs, RULE, tmp_path / "p", time_limit=1e-6)
        assert (answer.status, answer.cost) == ("time_limit", None)
        assert not (tmp_path / "p" / "plan.json").exists()
        assert assign_shards(costs, RULE, tmp_path / "p").status in ("optimal", "gap_open")


@pytest.mark.parametrize("known", [0, 1, 2, 3, 4])
def test_a_rough_plan_is_made_of_the_prices_known_when_time_is_up(
    known: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of none there is no plan; of a sample's and of a core's there is a fair one, with the proof of its gap."""
    find, found = ShardSolver._optimum, []

    def some(self: ShardSolver, *rest: Any) -> Any:
        if len(found) == known:
            raise OutOfTimeError
        found.append(find(self, *rest))
        return found[-1]

    monkeypatch.setattr(ShardSolver, "_optimum", some)
    table = points(4, 40_000)
    costs = write_npy(tmp_path / "c", table, [10_000] * 4)
    rule = EpsilonFairness(0.99, p=np.inf)
    with streamed():
        answer = assign_shards(costs, rule, tmp_path / "p", gap=1e-9)
    if not known:
        assert (answer.status, answer.cost) == ("time_limit", None)
        return
    agents = plan_of(tmp_path / "p")
    loads = np.bincount(agents, table[agents, np.arange(40_000)], minlength=4)
    assert rule.contains(loads)
    assert answer.cost == pytest.approx(loads.sum(), rel=1e-12)
    assert answer.certified_gap is not None
    assert answer.certified_gap < 0.05
    assert verify_plan(costs, answer, fairness=rule).verified


def test_a_rough_plan_is_made_in_the_time_kept_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of its own: a pass takes 10 s, and after the first sample the limit of 40 s leaves 25 s for two."""
    now = [0.0]
    monkeypatch.setattr(progress_clock.time, "perf_counter", lambda: now[0])
    over, find = ShardSolver.over, ShardSolver._optimum

    def slowly(self: ShardSolver, *rest: Any) -> Iterator[Any]:
        for result in over(self, *rest):
            now[0] += 2.5
            yield result

    def quickly(self: ShardSolver, *rest: Any) -> Any:
        optimum = find(self, *rest)
        now[0] += 6.0
        return optimum

    monkeypatch.setattr(ShardSolver, "over", slowly)
    monkeypatch.setattr(ShardSolver, "_optimum", quickly)
    costs = write_npy(tmp_path / "c", points(4, 40_000), [10_000] * 4)
    with streamed():
        answer = assign_shards(costs, EpsilonFairness(0.99), tmp_path / "p", gap=1e-9, time_limit=40.0)
    assert answer.cost is not None
    assert now[0] <= 40.0 + 6.0
    assert verify_plan(costs, answer).verified


def test_the_bound_of_a_plan_is_not_above_its_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that is fair within the tolerance may cost less than what is proven of exactly fair ones."""
    bound = ShardSolver.bound

    def higher(*rest: Any) -> Any:
        certificate, value = bound(*rest)
        return certificate, value * 1.01

    monkeypatch.setattr(ShardSolver, "bound", higher)
    costs = write_npy(tmp_path / "c", points(3, 3000), [300] * 10)
    with streamed():
        answer = assign_shards(costs, RULE, tmp_path / "p")
    assert answer.bound == answer.cost
    assert answer.gap == 0.0


def test_a_core_that_is_too_small_is_widened(tmp_path: Path) -> None:
    """The sample's last error was small by chance: the loads of all other tasks bound the core, and no plan was found.

    In memory, the optimum is 10904.2531 to 1e-6.
    """
    costs = write_npy(tmp_path / "c", points(4, 40_000), [10_000] * 4)
    answer = assign_shards(costs, EpsilonFairness(0.99, p=np.inf), tmp_path / "p", gap=1e-6)
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(10904.2531, rel=2e-6)


SCRIPT = """
import sys, time
from evenhand.assignment import assign_shards
from evenhand.assignment.shards import plan_folder, shard_solver
from evenhand.fairness import EpsilonFairness
shard_solver.WHOLE = 0
write = plan_folder.PlanFolder.write
def slowly(self, k, *rest):
    write(self, k, *rest)
    print(k, flush=True)
    time.sleep(0.2)
plan_folder.PlanFolder.write = slowly
assign_shards(sys.argv[1], EpsilonFairness(0.999), sys.argv[2])
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_process_is_resumed(number: int, tmp_path: Path) -> None:
    """Kill -9 and Ctrl-C in the middle of the last pass: finished parts are kept, untouched, and the rest is added."""
    costs = write_npy(tmp_path / "c", points(3, 3000), [300] * 10)
    words = [sys.executable, "-c", SCRIPT, str(costs), str(tmp_path / "p")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "4":
                break
        process.send_signal(number)
        begun = time.monotonic()
        process.wait(30)
        assert number == signal.SIGKILL or time.monotonic() - begun < 10
    parts = sorted((tmp_path / "p").glob("part-*"))
    times = [part.stat().st_mtime_ns for part in parts]
    assert 4 <= len(parts) < 10
    with streamed():
        answer = assign_shards(costs, RULE, tmp_path / "p")
    assert [part.stat().st_mtime_ns for part in parts[:4]] == times[:4]
    assert verify_plan(costs, answer).verified
    assert json.loads((tmp_path / "p" / "plan.json").read_text())["tasks"] == 3000
