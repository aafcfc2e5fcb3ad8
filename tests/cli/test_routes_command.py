"""``evenhand solve routes``, as people call it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

pytest.importorskip("pyvrp")

TABLES = ("solve", "routes", "stops.csv", "vehicles.csv")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file below its header."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_example_is_solved_and_written(evenhand, tmp_path) -> None:
    assert evenhand("solve", "example", "routes").code == 0
    files = ("--json", "r.json", "--sheets", "s.csv", "--picture", "r.svg", "--report", "r.html")
    done = evenhand(*TABLES, "--cv", "0.3", "--time-limit", "4", "--days", "5", *files)
    assert done.code == 0
    assert "Over 5 days" in done.out
    said = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert said["cv"] <= 0.3
    assert said["cost"] >= said["base_cost"]
    stops = [row["name"] for row in rows_of(tmp_path / "stops.csv")]
    assert sorted(stop for route in said["routes"] for stop in route) == sorted(stops[1:])
    visits, route_of = rows_of(tmp_path / "s.csv"), said["days"]["route_of"]
    assert {row["day"] for row in visits} == set("12345")
    fifth = [row for row in visits if row["day"] == "5"]
    driven = [[row["stop"] for row in fifth if row["vehicle"] == name] for name in said["vehicles"]]
    assert [stops[1:-1] for stops in driven] == [said["routes"][route] for route in route_of[4]]
    days = [sum(said["burdens"]["duration"][day[0]] for day in route_of)]
    assert [said["days"]["loads"][4][0]] == pytest.approx(days)
    assert "Who drives which route on which day" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (tmp_path / "r.svg").read_text(encoding="utf-8").startswith("<svg")
    again = evenhand(*TABLES, "--cv", "0.25", "--time-limit", "4", "--from", "r.json", "--json", "again.json")
    assert again.code == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["base_cost"] == pytest.approx(said["cost"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stops.csv"], "give the table of vehicles, too"),
        (["stops.csv", "vehicles.csv", "--vehicles", "3"], "are for files of VRPLIB"),
        (["town.vrp", "--speed", "30"], "--speed is for tables"),
        (["stops.csv", "vehicles.csv", "--burden", "hours"], "burden is 'hours'"),
        (["stops.csv", "vehicles.csv", "--json", "vehicles.csv"], "would replace vehicles.csv"),
        (["stops.csv", "vehicles.csv", "--json", "j", "--sheets", "j"], "would replace --json"),
        (["none.vrp"], "no such file"),
        (["town.vrp"], "no DIMENSION"),
    ],
)
def test_each_misuse_is_one_line(arguments: list[str], message: str, evenhand, tmp_path) -> None:
    evenhand("solve", "example", "routes")
    (tmp_path / "town.vrp").write_text("NAME: x\n", encoding="utf-8")
    done = evenhand("solve", "routes", *arguments, "--quiet")
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
