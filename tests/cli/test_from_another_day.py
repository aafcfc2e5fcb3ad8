"""``--from`` and ``--change-at-most``: start from another day's answer, limit what changes hands, verify, explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

MONDAY = "agent,u,v,w,x\nAnn,1,1,1,1\nBo,2,2,2,2\n"
TUESDAY = "agent,v,w,x,y\nBo,1,1,1,1\nAnn,1,1,1,1\n"


@pytest.fixture
def days(evenhand):
    """Return a command line in a folder with Monday's answer, in which Ann has every task, and Tuesday's table."""
    Path("mon.csv").write_text(MONDAY)
    Path("tue.csv").write_text(TUESDAY)
    assert evenhand("assign", "mon.csv", "--epsilon", "0", "--json", "mon.json", "-q").code == 0
    assert json.loads(Path("mon.json").read_text())["assignment"] == [0, 0, 0, 0]
    return evenhand


def test_names_are_matched_and_the_limit_kept_verified_and_explained(days):
    """Equal loads of four tasks: the new one and one of Ann's three go to Bo."""
    asked = ("--max-over-mean", "1", "--from", "mon.json", "--change-at-most", "1")
    done = days("assign", "tue.csv", *asked, "--json", "tue.json", "--report", "tue.html")
    assert done.code == 0
    assert "1 of 3 tasks, of at most 1; 1 more is new" in done.out
    assert "from Ann to Bo" in done.out
    assert "no fair assignment is cheaper with at most 1 change" in " ".join(done.out.split())
    answer = json.loads(Path("tue.json").read_text())
    assert answer["agents"] == ["Bo", "Ann"]
    assert answer["changes"]["before"] == [1, 1, 1, -1]
    assert answer["assignment"].count(0) == 2
    assert answer["assignment"][3] == 0
    assert answer["changes"]["changed"] == 1
    assert "1 of 3 tasks changed hands, of at most 1" in Path("tue.html").read_text()
    assert days("verify", "tue.csv", "tue.json", *asked).code == 0
    other = days("verify", "tue.csv", "tue.json", *asked[:-1], "2")
    assert other.code != 0
    assert "asked is at most 2" in " ".join(other.out.split())
    assert "1 of 3 tasks, of at most 1" in days("explain", "tue.csv", "tue.json").out


def test_the_measure_is_that_of_the_other_day_unless_one_is_given(days):
    assert days("assign", "tue.csv", "--from", "mon.json", "--json", "tue.json", "-q").code == 0
    assert json.loads(Path("tue.json").read_text())["epsilon"] == 0
    assert days("assign", "tue.csv", "--from", "mon.json", "--entitlements", "1,3", "--json", "e.json", "-q").code == 0
    assert json.loads(Path("e.json").read_text())["fairness"]["entitlements"] == [1, 3]


def test_too_few_changes_say_how_many_are_needed(days):
    """With all three to keep, Bo could get the new task only: one against three."""
    done = days("assign", "tue.csv", "--max-over-mean", "1", "--from", "mon.json", "--change-at-most", "0",
               "--json", "tue.json", "--report", "none.html")  # fmt: skip
    assert done.code == 3
    said = " ".join(done.out.split())
    assert "no assignment is that fair with at most 0 changes" in said
    assert "At least 1 task must change hands, and 1 with a fair plan that is known" in said
    assert "At least 1 task must change hands" in Path("none.html").read_text()
    assert days("verify", "tue.csv", "tue.json", "--from", "mon.json", "--change-at-most", "0").code == 0


BAD = {
    "no answer before": (["--change-at-most", "1"], "changes since what? name the answer with --from"),
    "below 0": (["--from", "mon.json", "--change-at-most", "-1"], "change_at_most is -1"),
    "half a task": (["--from", "mon.json", "--change-at-most", "1.5"], "'1.5' is not a whole number"),
    "no file": (["--from", "none.json"], "none.json"),
    "no JSON": (["--from", "mon.csv"], "not JSON"),
    "another JSON": (["--from", "list.json"], "--from list.json: must be the JSON of an answer"),
    "another table": (["--from", "other.json"], "about other tasks"),
    "nothing found": (["--from", "none-found.json"], "holds no assignment, because its status is 'infeasible'"),
    "no certificate": (["--from", "cut.json"], "--from cut.json: the answer has no 'certificate'"),
    "no names": (["--from", "nameless.json"], "has no list of tasks"),
    "profits": (["--from", "mon.json", "--maximise"], "is about costs, the table about profits"),
    "a price": (["--from", "mon.json", "--max-price", "3%"], "--max-price goes with --fairest"),
    "a proof": (["--from", "mon.json", "--change-at-most", "1", "--proof", "p.gz"], "cannot state a limit on changes"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_said_in_one_line(case, days):
    monday = json.loads(Path("mon.json").read_text())
    infeasible = {"status": "infeasible", "assignment": None, "loads": None, "cost": None, "bound": None, "gap": None}
    for name, data in {
        "list": [1, 2],
        "other": {**monday, "tasks": ["a", "b", "c", "d"]},
        "none-found": {**monday, **infeasible},
        "cut": {key: value for key, value in monday.items() if key != "certificate"},
        "nameless": {key: value for key, value in monday.items() if key != "tasks"},
    }.items():
        Path(f"{name}.json").write_text(json.dumps(data))
    options, message = BAD[case]
    done = days("assign", "tue.csv", "--max-over-mean", "1", *options, "-q")
    assert done.code == 2, done
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
