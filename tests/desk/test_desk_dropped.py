"""Files that are dropped on the desk: what they are taken for, what is asked, and where their problems are shown."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from evenhand.cli.app import app
from evenhand.desk.asked import Bounds, Rule, Share
from evenhand.desk.command import command, needed
from evenhand.desk.dropped import (
    AGENT_PLACES,
    BURDENS,
    COSTS,
    ENTITLEMENTS,
    FURTHER,
    INITIAL_LOADS,
    TASK_PLACES,
    laid,
    places,
    possible_roles,
)
from evenhand.desk.dropped_file import Dropped, excerpt
from evenhand.desk.plan import Desk
from evenhand.desk.solving import Questions
from evenhand.errors import InputError
from evenhand.tables import CostTable, write_table

TABLE = b"agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n"
HOMES = b"name,x,y\nAnn,0,0\nBo,3,4\n"
VISITS = b"name,x,y\nb,0,0\na,3,0\n"


def desk() -> Desk:
    """Two agents, four tasks."""
    return Desk(CostTable(np.array([[1.0] * 4, [2.0] * 4]), ("Ann", "Bo"), tuple("abcd"), source="t.csv"))


@pytest.mark.parametrize(
    ("name", "body", "there", "roles"),
    [
        ("x.csv", TABLE, False, [COSTS]),
        ("hours.csv", TABLE, False, [COSTS, BURDENS]),
        ("x.csv", TABLE, True, [COSTS, BURDENS, FURTHER]),
        ("Nachtdienste.csv", TABLE, True, [FURTHER]),
        ("x.csv", b"task,n\na,1\nb,0\nc,0\nd,1\n", True, [FURTHER]),
        ("Hours May.csv", TABLE, True, [BURDENS]),
        ("costs.csv", TABLE, True, [COSTS]),
        ("x.csv", b"agent,n\nAnn,1\nBo,0.5\n", True, [ENTITLEMENTS, INITIAL_LOADS, COSTS]),
        ("shares.csv", b"agent,n\nAnn,1\nBo,0.5\n", True, [ENTITLEMENTS]),
        ("last week.csv", b"agent,n\nAnn,1\nBo,0.5\n", True, [INITIAL_LOADS]),
        ("x.csv", HOMES, True, [AGENT_PLACES]),
        ("x.csv", b"name,x,y\na,0,0\nb,0,0\nc,0,0\nd,0,0\n", True, [TASK_PLACES]),
        ("x.csv", b"y,name,x\n0,a,0\n0,b,0\n0,c,0\n0,d,0\n", True, [TASK_PLACES]),
        ("x.csv", HOMES, False, [AGENT_PLACES, TASK_PLACES]),
        ("visits.csv", VISITS, False, [TASK_PLACES]),
        ("photo.csv", b"\xff\xd8\xff\xe0", True, [COSTS, BURDENS, FURTHER]),
    ],
)
def test_a_file_is_recognised_or_asked_about(name: str, body: bytes, there: bool, roles: list[str]) -> None:
    assert possible_roles(Dropped(name, body), desk() if there else None) == roles


def test_places_are_read_in_the_order_of_their_header() -> None:
    """A first line of data is not dropped for a header, and y before x is not read as x before y."""
    assert places(Dropped("p.csv", b"y km,x km,Name\n1,2,Ann\n3,4,Bo\n")).points.tolist() == [[2, 1], [4, 3]]


def test_places_alone_make_costs_of_distances() -> None:
    """From (0, 0) and (3, 4) to (0, 0) and (3, 0): 0, 3 and 5, 4."""
    waiting: dict[str, Any] = {}
    nothing, said = laid(None, Dropped("homes.csv", HOMES), AGENT_PLACES, waiting)
    assert nothing is None
    assert "drop the places of the tasks" in said[0]
    made, _ = laid(None, Dropped("visits.csv", VISITS), TASK_PLACES, waiting)
    assert made is not None
    assert made.costs.tasks == ("b", "a")
    assert made.costs.values.tolist() == [[0, 3], [5, 4]]
    assert not waiting


def test_places_shares_and_work_from_before_join_the_table_by_name() -> None:
    on_desk, _ = laid(desk(), Dropped("h.csv", b"name,x,y\nBo,3,4\nAnn,0,0\n"), AGENT_PLACES, {})
    assert on_desk is not None
    assert on_desk.costs.agent_xy is not None
    assert on_desk.costs.agent_xy.tolist() == [[0, 0], [3, 4]]
    on_desk, said = laid(on_desk, Dropped("s.csv", b"agent,share\nBo,0.5\n"), ENTITLEMENTS, {})
    assert on_desk is not None
    assert on_desk.entitlements == (1, 0.5)
    assert "full time" in said[0]
    on_desk, _ = laid(on_desk, Dropped("b.csv", b"Bo,3\nAnn,0\n"), INITIAL_LOADS, {})
    assert on_desk is not None
    assert on_desk.initial_loads == (0, 3)


@pytest.mark.parametrize(
    ("body", "role", "reason"),
    [
        (b"name,x,y\nAnn,0,0\nBo,3,north\n", AGENT_PLACES, "p.csv, line 3: 'Bo,3,north' must be a name and two"),
        (b"name,x,y\nAnn,0,0\nAnn,3,1\n", AGENT_PLACES, "line 3: 'Ann' is listed twice"),
        (b"name,x,y\nAnn,0,0\n", AGENT_PLACES, "no place for agent 'Bo'"),
        (b"name,x,y\n", AGENT_PLACES, "only a header"),
        (b"", AGENT_PLACES, "the file is empty"),
        (b"Ann,0,0\nBo,3,4\n", AGENT_PLACES, "p.csv, line 1: no column is understood as the name, and the x"),
        (b"name,lat,lon\nAnn,52,13\nBo,52,14\n", AGENT_PLACES, "latitude and longitude are angles"),
        (b"agent,share\nCy,1\n", ENTITLEMENTS, "line 2: 'Cy' is no agent"),
        (b"agent,share\nAnn,0\n", ENTITLEMENTS, "line 2: 0 for 'Ann'; it must be above 0"),
        (b"agent,load\nAnn,1\n", INITIAL_LOADS, "no number for agent 'Bo'"),
        (TABLE, "love", "role 'love' is unknown"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(body: bytes, role: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        laid(desk(), Dropped("p.csv", body), role, {})
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "line", "cell"),
    [
        (b"agent,a,b\nAnn,1,x\nBo,2,3\n", 2, "x"),
        (b"agent;a;b\nAnn;1;1\nBo;2;12 apples\n", 3, "12 apples"),
        (b"Costs of May\n\nagent,a,b\nAnn,1,1\nAnn,2,3\n", 5, "Ann"),
        (
            b"agent," + b",".join(b"t%d" % k for k in range(40)) + b"\nAnn" + 39 * b",1" + b",oops\nBo" + 40 * b",1",
            2,
            "oops",
        ),
    ],
)
def test_a_problem_is_shown_at_its_cell(body: bytes, line: int, cell: str) -> None:
    dropped = Dropped("t.csv", body)
    with pytest.raises(InputError) as caught:
        laid(None, dropped, COSTS, {})
    near = excerpt(dropped, str(caught.value))
    assert near is not None
    assert near["line"] == line
    wrong = next(row for row in near["rows"] if row["line"] == line)
    assert wrong["cells"][near["column"]] == cell
    assert len(near["rows"]) <= 6
    assert all(len(row["cells"]) <= 6 for row in near["rows"])


def test_the_command_on_the_page_makes_the_same_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With wishes, burdens, shares and work from before; the saved files are in the folder of the command."""
    from evenhand.desk.saving import file_text
    from evenhand.tables import read_table

    random = np.random.default_rng(5)
    table = CostTable(
        random.integers(1, 30, (3, 20)).astype(float),
        ("Ann", "Bo", "Cy"),
        tuple(f"t{j}" for j in range(20)),
        source="c.csv",
    )
    hours = CostTable(random.integers(1, 5, (3, 20)).astype(float), table.agents, table.tasks, source="h.csv")
    plain = Desk(table, hours, (1.0, 0.5, 1.0), (0.0, 2.0, 0.0), Rule("max_over_mean", 1.15))
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path / "c.csv", table)
    write_table(tmp_path / "h.csv", hours)
    wished_too = plain.wish("forbid", 0, 0).wish("lock", 3, 1)
    nights = replace(table, values=np.tile(np.arange(20) % 3 == 0, (3, 1)).astype(float), source="wörk 1.csv")
    (tmp_path / "wörk 1.csv").write_text(
        "task,night\n" + "".join(f"t{j},{int(j % 3 == 0)}\n" for j in range(20)), "utf-8"
    )
    shared = wished_too.with_further('n"ights', nights)
    shared = shared.asking(replace(shared.asked, shares=(Share(Rule("cv", 0.5), most=4.0),)))
    limited = plain.asking(replace(plain.asked, bounds=Bounds(5, 9, 22.5)))
    both = shared.asking(replace(shared.asked, bounds=Bounds(3, None, None)))
    for wished in (plain, plain.wish("lock", 3, 1), wished_too, limited, shared, both):
        for file in needed(wished).values():
            (tmp_path / file).write_text(file_text(file, wished, None), "utf-8")
        words = [*command(wished)[1:], "--csv", "plan.csv", "--json", "plan.json"]
        assert shlex.split(shlex.join(words)) == words
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        assert read_table(tmp_path / "c.csv").tasks == wished.costs.tasks
        plan = Questions().ask(wished)
        answer = plan.answer
        assert answer.assignment is not None
        assert plan.verdict.verified or plan.verdict.outcome == "verified, bound not certified"
        made = json.loads((tmp_path / "plan.json").read_text("utf-8"))
        assert [rule["name"] for rule in made.get("rules", [])] == [rule.name for rule in getattr(answer, "rules", [])]
        rows = (tmp_path / "plan.csv").read_text("utf-8").splitlines()[1:]
        assert rows == [f"t{j},{table.agents[i]}" for j, i in enumerate(answer.assignment)]
