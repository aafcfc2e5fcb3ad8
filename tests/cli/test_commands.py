"""The other commands."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.cli.cases import VALUES
from typer.main import get_command

import evenhand as package
from evenhand.cli.app import app
from evenhand.cli.readable_numbers import number, percent
from evenhand.cli.show import bar
from evenhand.tables import read_table


def test_version_and_help(evenhand):
    assert evenhand("--version").out == f"evenhand {package.__version__}\n"
    assert "frontier" in evenhand("--help").out
    for name in ("assign", "frontier", "verify", "measure", "explain", "generate", "demo"):
        ran = evenhand(name, "--help")
        assert ran.code == 0
        assert "Exit codes" in ran.out


def test_verify_accepts_an_answer_and_refuses_a_changed_one(evenhand, tmp_path):
    evenhand("assign", "costs.csv", "--epsilon", "0.9", "--json", "out.json")
    gap = json.loads((tmp_path / "out.json").read_text())["certified_gap"]
    ran = evenhand("verify", "costs.csv", "out.json", "--max-gap", 1.01 * gap, "--json", "verdict.json")
    assert ran.code == 0
    assert ran.out.startswith("verified")
    assert json.loads((tmp_path / "verdict.json").read_text())["verified"] is True
    answer = json.loads((tmp_path / "out.json").read_text())
    (tmp_path / "out.json").write_text(json.dumps({**answer, "cost": answer["cost"] * 0.9}))
    ran = evenhand("verify", "costs.csv", "out.json")
    assert ran.code == 1
    assert ran.out.startswith("NOT VERIFIED")


def test_the_frontier_tells_the_price_of_each_level(evenhand, tmp_path):
    words = ["frontier", "costs.csv", "--p", "2", "--p", "inf", "--epsilons", "0.9,0", "--gap", "0", "--json", "f.json"]
    ran = evenhand(*words)
    assert ran.code == 0
    two, largest = json.loads((tmp_path / "f.json").read_text())["frontiers"]
    assert (two["p"], largest["p"]) == (2, "inf")
    assert [point["parameter"] for point in two["points"]] == [0, 0.9]
    assert two["points"][0]["cost"] == VALUES.min(axis=0).sum()
    assert "p = inf" in ran.out


@pytest.mark.parametrize(
    "words",
    [["3", "1", "2"], ["3,1,2"], ["loads.csv"], ["named.csv"], ["row.csv"], ["out.json"], ["semicolon.csv"]],
)
def test_measure_knows_loads_in_many_forms(evenhand, tmp_path, words):
    (tmp_path / "loads.csv").write_text("load\n3\n1\n2\n")
    (tmp_path / "named.csv").write_text("agent,load\nAnn,3\nBo,1\nCy,2\n")
    (tmp_path / "row.csv").write_text("3,1,2\n")
    (tmp_path / "semicolon.csv").write_text("Ann;3,0\nBo;1\nCy;2\n")
    (tmp_path / "out.json").write_text('{"loads": [3, 1, 2]}')
    ran = evenhand("measure", *words, "--json", "m.json")
    assert ran.code == 0, ran.err
    measured = json.loads((tmp_path / "m.json").read_text())
    assert measured["loads"] == [3, 1, 2]
    assert measured["measures"]["jain"] == pytest.approx(36 / (3 * 14))
    assert measured["measures"]["cv"] == pytest.approx((2 / 3) ** 0.5 / 2)
    assert measured["measures"]["gini"] == pytest.approx(2 / 9)
    assert measured["level"]["2"] == pytest.approx((6 / 14**0.5 - 1) / (3**0.5 - 1))
    assert measured["level"]["inf"] == pytest.approx((6 / 3 - 1) / (3 - 1))


def test_measure_of_entitled_agents(evenhand, tmp_path):
    ran = evenhand("measure", "2", "1", "--entitlements", "1,0.5", "--p", "2", "--json", "m.json")
    assert ran.code == 0
    assert json.loads((tmp_path / "m.json").read_text())["level"] == {"2": pytest.approx(1.0)}


@pytest.mark.parametrize("ending", ["csv", "parquet", "npy", "txt"])
def test_generate_writes_what_assign_reads(evenhand, tmp_path, ending):
    ran = evenhand("generate", "--agents", 3, "--tasks", 12, "--seed", 1, "-o", f"made.{ending}")
    assert ran.out.splitlines() == [f"made.{ending}"]
    assert read_table(tmp_path / f"made.{ending}").values.shape == (3, 12)
    assert evenhand("assign", f"made.{ending}", "--cv", "0.5").code == 0


def test_generate_nursing_writes_hours_entitlements_and_times(evenhand):
    ran = evenhand("generate", "--kind", "nursing", "--agents", 4, "--tasks", 20, "-o", "day.csv")
    assert ran.out.split() == ["day.csv", "day-hours.csv", "day-entitlements.csv", "day-visits.csv"]
    ran = evenhand(
        "assign", "day.csv", "--burdens", "day-hours.csv", "--entitlements", "day-entitlements.csv", "--jain", "0.8"
    )
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("asked", "parameters", "measure"),
    [
        (["--max-over-mean", "1.05,2,1.2"], [2, 1.2, 1.05], "max_over_mean"),
        (["--jain", "0.9,0.5,0.9"], [0.5, 0.9], "jain"),
        (["--top-share", "1:0.6,1:0.8"], [0.8, 0.6], "top_share"),
        (["--max-over-mean", "1.2,1.5", "--p", "inf"], [2 / 1.5 - 1, 2 / 1.2 - 1], "epsilon"),
    ],
)
def test_the_frontier_takes_the_levels_of_any_measure(evenhand, tmp_path, asked, parameters, measure):
    """From loose to strict; with two agents and p = inf, a largest load of r times the mean is epsilon = 2 / r - 1."""
    ran = evenhand("frontier", "costs.csv", *asked, "--gap", "0", "--json", "f.json", "--report", "f.html")
    assert ran.code == 0, ran.err
    [line] = json.loads((tmp_path / "f.json").read_text())["frontiers"]
    assert line["measure"] == measure
    assert [point["parameter"] for point in line["points"]] == pytest.approx(parameters)
    strictest = asked[1].split(",")[0]
    evenhand("assign", "costs.csv", asked[0], strictest, *asked[2:], "--gap", "0", "--json", "one.json")
    alone = json.loads((tmp_path / "one.json").read_text())
    assert line["points"][-1]["cost"] == alone["cost"]


def test_explain_takes_the_question_as_verify_does(evenhand):
    """The options of `assign` may be given again; an answer to another question is refused in one line."""
    asked = ["--max-over-mean", "1.5", "--entitlements", "2,1"]
    assert evenhand("assign", "costs.csv", *asked, "--json", "out.json").code == 0
    assert evenhand("explain", "costs.csv", "out.json", *asked).code == 0
    assert evenhand("explain", "costs.csv", "out.json", "--entitlements", "2,1").code == 0
    for others, said in (
        (["--entitlements", "1,1"], "its entitlements are (2, 1), asked are equal"),
        (["--jain", "0.9"], "it states largest load <= 1.5 times the mean, asked is"),
        (["--maximise"], "it takes the table for costs"),
    ):
        ran = evenhand("explain", "costs.csv", "out.json", *others)
        assert ran.code == 2
        assert "the answer is to another question: " in ran.err
        assert said in ran.err


def test_the_time_to_load_the_loops_is_said_apart(evenhand, monkeypatch, tmp_path):
    """What a first use compiles in a minute is in the answer's seconds, and not in what is said of the search."""
    from evenhand.cli import assign

    monkeypatch.setattr(assign, "load_loops", lambda **_: 61.0)
    ran = evenhand("assign", "costs.csv", "--jain", "0.9", "--json", "out.json")
    assert "ms (and 61.0 s to load the compiled loops, which the first use compiles)" in " ".join(ran.out.split())
    assert 61.0 < json.loads((tmp_path / "out.json").read_text())["seconds"] < 71.0


def test_explain_tells_what_moves_cost(evenhand):
    evenhand("assign", "costs.csv", "--epsilon", "0.9", "--json", "out.json")
    evenhand("assign", "costs.csv", "--epsilon", "0", "--json", "other.json")
    assert "binds" in evenhand("explain", "costs.csv", "out.json").out
    assert "change hands" in evenhand("explain", "costs.csv", "out.json", "--other", "other.json").out
    ran = evenhand("explain", "costs.csv", "other.json", "--task", "t5")
    assert "t5 from Ann to Bo" in ran.out
    assert "0.5" in ran.out, "3 instead of 2.5"
    ran = evenhand("explain", "costs.csv", "other.json", "--task", "t5", "--agent", "Ann")
    assert ran.code == 2
    assert "already" in ran.err


def test_numbers_in_words():
    assert [number(x) for x in (0, 1234567.891, 0.5, 1e-9, 1e12, None)] == [
        "0",
        "1,234,567.89",
        "0.5",
        "1e-09",
        "1e+12",
        "–",
    ]
    assert [percent(x) for x in (0, 0.1234, 0.00009, None)] == ["0 %", "12.34 %", "0.009 %", "–"]
    assert [bar(x, 4) for x in (0, 0.5, 1, 2, 0.25 / 8 * 3)] == ["", "██", "████", "████", "▍"]


def test_importing_the_command_line_stays_light():
    code = (
        "import sys, evenhand.cli.app; print([m for m in ('numba', 'altair', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_huge_numbers_are_answered_or_refused(evenhand, tmp_path):
    for scale in (1e-300, 1e300):
        values = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]]) * scale
        (tmp_path / "huge.csv").write_text(
            ",t1,t2,t3\n" + "\n".join(f"a{i}," + ",".join(map(repr, row)) for i, row in enumerate(values.tolist()))
        )
        ran = evenhand("assign", "huge.csv", "--epsilon", "0.4")
        assert ran.code == 0, ran.err


def commands_of(group, name="evenhand"):
    for word, command in getattr(group, "commands", {}).items():
        yield from commands_of(command, f"{name} {word}")
    if not hasattr(group, "commands"):
        yield name, command_options(group)


def command_options(command):
    return [tuple(parameter.opts) for parameter in command.params if parameter.param_type_name == "option"]


def test_where_results_go_is_called_out_in_every_command():
    found = dict(commands_of(get_command(app)))
    assert {"evenhand generate", "evenhand hospital show", "evenhand solve example", "evenhand train"} <= set(found)
    for name, options in found.items():
        words = {word for option in options for word in option}
        assert "--output" not in words, name
        assert ("-o" in words) == ("--out" in words), name
        assert "--out" not in words or ("--out", "-o") in options, name
