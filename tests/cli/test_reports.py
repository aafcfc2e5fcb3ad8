"""Commands that draw: reports, and the demonstration."""

from __future__ import annotations

import collections
import contextlib
import csv
import datetime
import io
import itertools
import json

import pytest

from evenhand.cli import demo, main

pytest.importorskip("altair")
pytest.importorskip("vl_convert")


def test_assign_and_frontier_write_a_report(evenhand, tmp_path):
    for words in (["assign", "costs.csv", "--max-over-mean", "1.1"], ["frontier", "costs.csv", "--epsilons", "0,0.5"]):
        ran = evenhand(*words, "--report", "out.html", "--quiet")
        assert (ran.code, ran.out, ran.err) == (0, "", "")
        page = (tmp_path / "out.html").read_text(encoding="utf-8")
        assert page.lower().startswith("<!doctype html>")
        assert "costs.csv" in page


def test_an_infeasible_request_is_reported_too(evenhand, tmp_path):
    (tmp_path / "big.csv").write_text(",t1,t2\nAnn,1,10\nBo,1,10\n")
    assert evenhand("assign", "big.csv", "--max-over-mean", "1.1", "--report", "out.html").code == 3
    assert "nfeasible" in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return the folder of a demonstration that is told where to put its files, and what it says."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        patch.chdir(folder)
        assert main(["demo", "--out", "a/b", "--steps", "0"]) == 0
    assert err.getvalue() == ""
    return folder / "a" / "b", out.getvalue()


def test_the_demo_tells_its_story_and_ends_with_the_path_of_the_report(evenhand, shown):
    folder, said = shown
    assert said.splitlines()[-1] == "a/b/report.html"
    assert not (folder.parent.parent / "evenhand-demo").exists()
    assert (folder / "report.html").stat().st_size > 10_000
    assert "The cheapest plan gives" in said
    assert "NO" not in said, "every plan is verified"
    answers = sorted(folder.glob("*.json"))
    options = {file: given for _, given, file, _ in demo.asked()}
    assert len(answers) == 5
    for file in answers:
        assert json.loads(file.read_text())["status"] == "optimal"
        words = ["verify", folder / "costs.csv", file, "--burdens", folder / "hours.csv", "--quiet"]
        words += ["--times", folder / "visits.csv", *options[file.stem].split()]
        assert evenhand(*words, "--max-gap", "0.02").code == 0
        assert evenhand(*words).code in (0, 5), "what the search alone proved is no longer called verified"


def test_no_team_of_the_demo_is_at_two_places_at_once(shown):
    """Start, end and the drive behind it, from the demo's own files: visits of a team come one after the other."""
    folder, _ = shown
    with (folder / "visits.csv").open(encoding="utf-8", newline="") as file:
        visits = {row["task"]: row for row in csv.DictReader(file)}
    plans = sorted(path for path in folder.glob("*.csv") if path.stem in {one[2] for one in demo.asked()})
    assert len(plans) == 5
    for plan in plans:
        days = collections.defaultdict(list)
        with plan.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                visit = visits[row["task"]]
                begin, end = (datetime.datetime.fromisoformat(visit[name]) for name in ("start", "end"))
                days[row["agent"]].append((begin, end + datetime.timedelta(minutes=int(visit["pause (min)"]))))
        assert sum(map(len, days.values())) == 160
        for those in days.values():
            assert all(first[1] <= then[0] for first, then in itertools.pairwise(sorted(those)))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Mon 07:00" in page
    cheapest = json.loads((folder / "cheapest.json").read_text(encoding="utf-8"))["rules"][0]["loads"]
    assert f"would carry {max(cheapest):.2f}" in page, "before and after are both by the clock"


def test_a_narrow_terminal_cuts_no_number(capsys, monkeypatch):
    """Columns that must not wrap lost their last digits where they did not fit."""
    from evenhand.cli.show import show_table

    monkeypatch.setenv("COLUMNS", "40")
    rows = [["epsilon 0.99, p = 2", "4,158.8", "3.71 %", "12.3 to 18.3", "0.0098 %"]]
    show_table(["plan", "euros", "price", "team hours", "proven"], rows)
    first = capsys.readouterr().out.splitlines()[1]
    assert [cell for cell in first.split("  ") if cell][1:] == rows[0][1:]
