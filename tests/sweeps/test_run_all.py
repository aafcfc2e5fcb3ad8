"""Each trial once, in a process of its own; whatever a trial does, the others go on."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict

import pytest
from tests.sweeps.processes import alive, until

from evenhand.errors import InputError
from evenhand.sweeps import Local, Trial, read_results, run, run_all
from evenhand.sweeps.results_table import write_results
from evenhand.sweeps.trial_files import read_outcome, write_outcome

HERE = "tests.sweeps.sweep_tasks"
SQUARE, COUNTED, BAD, BUSY = (f"{HERE}:{name}" for name in ("square", "counted", "bad", "busy"))

DIGEST = "e243e2c252cab27e9a71"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes as on POSIX")


def test_outcomes_come_in_the_order_of_the_trials(tmp_path):
    trials = [Trial(SQUARE, {"x": x}) for x in (3, 1, 2, 3)]
    outcomes = run_all(trials, tmp_path)
    assert [outcome.result for outcome in outcomes] == [
        {"square": 9.0, "both": [3, 9]},
        {"square": 1.0, "both": [1, 1]},
        {"square": 4.0, "both": [2, 4]},
        {"square": 9.0, "both": [3, 9]},
    ]
    assert [outcome.trial for outcome in outcomes] == trials
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert len(list((tmp_path / "trials").iterdir())) == 3, "equal trials are run once"


def test_what_is_done_is_not_run_again_and_reads_back_equal(tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    trials = [Trial(COUNTED, {"x": x, "folder": str(calls)}) for x in range(3)]
    first = run_all(trials[:2], tmp_path / "out")
    assert len(list(calls.iterdir())) == 2
    again = run_all(trials, tmp_path / "out")
    assert sorted(file.name[0] for file in calls.iterdir()) == ["0", "1", "2"]
    assert [asdict(one) for one in again[:2]] == [asdict(one) for one in first]


BADLY = {
    "raise": "ZeroDivisionError: on purpose",
    "exit": "SystemExit: the task called sys.exit('no more')",
    "exit 0": "SystemExit: the task called sys.exit(0)",
    "lines": "KeyboardInterrupt: first",
    "group": "ExceptionGroup: two at once (2 sub-exceptions)",
    "chain": "LookupError: c",
    "leave": "its process ended with exit code 7 and left no result",
    "segfault": "its process was killed by SIGSEGV",
    "oom": "its process was killed by SIGKILL; the system does that when memory runs out",
    "surrogate": "ValueError: file \udcff not found",
    "text": "TypeError: task tests.sweeps.sweep_tasks:bad returned str; it must return a dict of JSON values",
    "object": "TypeError: object is not a JSON value; return numbers, strings, lists and dicts",
}


def test_a_trial_that_fails_in_any_way_is_named_and_the_rest_goes_on(tmp_path):
    ways = [*BADLY, "well"]
    outcomes = run_all([Trial(BAD, {"way": way}) for way in ways], tmp_path)
    assert {way: one.why for way, one in zip(ways, outcomes, strict=True)} == BADLY | {"well": ""}
    assert [one.status for one in outcomes] == ["failed"] * len(BADLY) + ["done"]
    assert all(one.result == {} for one in outcomes[:-1])
    trace = outcomes[0].trace
    assert "sweep_tasks.py" in trace, "the trace leads to the task's own line"
    assert "worker.py" not in trace
    assert "allocating" in outcomes[ways.index("oom")].trace, "what was printed last is kept"


def test_half_a_character_is_kept_and_read_back(tmp_path):
    trials = [Trial(f"{HERE}:odd", {}), Trial(BAD, {"way": "surrogate"})]
    first = run_all(trials, tmp_path)
    assert first[0].result == {"name": "é\udcff", "key \udcff": 1, "huge": 10**400}
    assert [read_outcome(tmp_path, trial) for trial in trials] == first
    write_results(tmp_path / "results.parquet", first)
    rows = read_results(tmp_path).to_rows()
    assert (rows[0]["name"], rows[0]["key \\udcff"], rows[0]["huge"]) == ("é\\udcff", 1, "1" + "0" * 400)
    assert rows[1]["trace"].endswith("ValueError: file \\udcff not found\n")


def test_a_result_that_cannot_be_written_is_a_failure_of_its_trial(tmp_path, monkeypatch):
    def refuse(folder, outcome):
        if outcome.result.get("square") == 4.0:
            raise RecursionError("too deep")
        write_outcome(folder, outcome)

    monkeypatch.setattr(run, "write_outcome", refuse)
    bad, good = run_all([Trial(SQUARE, {"x": x}) for x in (2, 3)], tmp_path)
    assert (bad.status, bad.result, good.status) == ("failed", {}, "done")
    assert bad.why == "RecursionError: its result cannot be written: too deep"
    assert read_outcome(tmp_path, bad.trial) == bad


def test_a_hang_is_ended_with_its_children_when_time_is_up(tmp_path):
    pids = tmp_path / "pids"
    trials = [Trial(BAD, {"way": "hang", "pids": str(pids)}), Trial(BAD, {"way": "well"})]
    hung, well = run_all(trials, tmp_path / "out", timeout=5.0)
    assert (hung.status, hung.trace, well.status) == ("timed_out", "not done after 5 seconds", "done")
    assert 5.0 <= hung.seconds < 60.0
    until(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for it")
def test_where_the_guard_is_killed_the_trial_dies_with_it(tmp_path):
    pids = tmp_path / "pids"
    trials = [Trial(BAD, {"way": "guard", "pids": str(pids)}), Trial(BAD, {"way": "well"})]
    lost, well = run_all(trials, tmp_path / "out")
    assert (lost.status, lost.trace, well.status) == ("failed", "its guard was killed", "done")
    until(lambda: not alive(int(pids.read_text())))


def test_a_failed_trial_is_run_again(tmp_path):
    # No folder at first, so the task fails; then there is one.
    trial = Trial(COUNTED, {"x": 1, "folder": str(tmp_path / "later")})
    [first] = run_all([trial], tmp_path / "out")
    assert "FileNotFoundError" in first.why
    (tmp_path / "later").mkdir()
    [second] = run_all([trial], tmp_path / "out")
    assert (second.status, second.result) == ("done", {"x": 1})


def test_time_is_told_and_threads_are_shared_out(tmp_path, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")  # the tests' own would be kept
    names = ["OMP_NUM_THREADS", "JAX_COMPILATION_CACHE_DIR"]
    [outcome] = run_all([Trial(BUSY, {"seconds": 0.5, "names": names})], tmp_path, workers=1)
    assert 0.5 <= outcome.processor_seconds <= outcome.seconds + 0.5
    cores = len(os.sched_getaffinity(0))
    expected = os.environ.get("OMP_NUM_THREADS", str(cores))
    assert outcome.result["environment"]["OMP_NUM_THREADS"] == expected
    assert outcome.result["environment"]["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "compiled")
    assert outcome.result["cores"] == sorted(os.sched_getaffinity(0))
    assert {"processor", "cores", "date", "versions"} <= outcome.machine.keys()


def test_what_the_user_has_set_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    [outcome] = run_all([Trial(BUSY, {"seconds": 0.0, "names": ["OMP_NUM_THREADS"]})], tmp_path, workers=1)
    assert outcome.result["environment"] == {"OMP_NUM_THREADS": "7"}


def test_pinned_trials_keep_to_one_core(tmp_path):
    [outcome] = run_all([Trial(BUSY, {"seconds": 0.0, "names": []})], tmp_path, engine=Local(pinned=True))
    assert outcome.result["cores"] == sorted(os.sched_getaffinity(0))[:1]


def test_progress_counts_up_to_the_total(tmp_path):
    states = []
    trials = [Trial(BAD, {"way": way}) for way in ("well", "raise", "exit")]
    run_all(trials, tmp_path, workers=2, progress=states.append)
    last = states[-1]
    assert (last.total, last.done, last.failed) == (3, 1, 2)
    assert max(state.running for state in states) == 2
    ended = [state.newest for state in states if state.newest is not None]
    assert sorted(one.trial.config["way"] for one in ended) == ["exit", "raise", "well"]
    run_all(trials, tmp_path, progress=states.append)
    assert (states[-1].done, states[-1].failed) == (1, 2), "what is on disk counts, what failed is run again"


def test_no_more_trials_at_a_time_than_workers(tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    states = []
    trials = [Trial(COUNTED, {"x": x, "folder": str(calls)}) for x in range(3)]
    run_all(trials, tmp_path / "out", workers=1, progress=states.append)
    assert max(state.running for state in states) == 1


def test_numbers_that_make_no_sense_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"timeout is 0; it must be a number of seconds above 0"):
        run_all([], tmp_path, timeout=0)
    with pytest.raises(InputError, match=r"workers is 0; at least 1 is needed"):
        run_all([], tmp_path, workers=0)
    with pytest.raises(InputError, match="not JSON compliant"):
        Trial("assign", {"p": float("inf")})
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be used as a folder of results"):
        run_all([], tmp_path / "file")


WELL = Trial(BAD, {"way": "well"})


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return the folder in which a trial has been run."""
    folder = tmp_path_factory.mktemp("sweeps") / "done"
    run_all([WELL], folder)
    return folder


def changed(done, tmp_path, change):
    """Lay a copy of a trial's file with a change into a folder; return the trial and its file."""
    shutil.copytree(done, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "trials" / f"{WELL.digest}.json"
    file.write_text(change(file.read_text()))
    return WELL, file


def test_an_outcome_of_another_version_is_named(done, tmp_path):
    trial, file = changed(done, tmp_path, lambda text: json.dumps(json.loads(text) | {"schema": 2}))
    with pytest.raises(InputError) as refused:
        run_all([trial], tmp_path)
    assert str(refused.value) == (
        f"{file}: written by another version of evenhand (schema 2, this one reads 1); use a new folder"
    )


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda text: "[]",
        lambda text: json.dumps(json.loads(text) | {"kind": "a letter"}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "schema"}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "trial"}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "seconds"}),
        lambda text: json.dumps(json.loads(text) | {"trial": 3}),
        lambda text: json.dumps(json.loads(text) | {"result": None}),
        lambda text: json.dumps(json.loads(text) | {"status": "fine"}),
        lambda text: json.dumps(json.loads(text) | {"trial": {"task": BAD, "config": {"way": "raise"}}}),
    ],
    ids=range(10),
)
def test_a_trial_of_a_damaged_file_counts_as_not_run(done, tmp_path, damage):
    trial, _ = changed(done, tmp_path, damage)
    assert read_outcome(tmp_path, trial) is None


def test_a_trial_of_a_damaged_file_is_run_again(done, tmp_path):
    trial, _ = changed(done, tmp_path, lambda text: text[:100])
    [again] = run_all([trial], tmp_path)
    assert again.status == "done"
    assert read_outcome(tmp_path, trial) == again


def test_the_digest_is_that_of_the_sorted_json():
    # printf '{"config": {"a": 1, "b": [2]}, "task": "t"}' | sha256sum
    assert Trial("t", {"b": [2], "a": 1}).digest == DIGEST
    assert Trial("t", {"b": [2], "a": 2}).digest != DIGEST
