"""``evenhand solve``: answers as the functions give them, files whole, refusals in one line."""

from __future__ import annotations

import dataclasses
import json
import shlex
import time

import numpy as np
import pytest
from tests.cli.cases import COSTS

from evenhand.applications import generalised_assignment, load_shedding, salesmen
from evenhand.cli.exits import exit_code
from evenhand.cli.solve import common
from evenhand.fairness import JainAtLeast, MaxOverMean
from evenhand.modeling import Fairest, solve_fair_milp

SIZES = ",t1,t2,t3,t4,t5\nAnn,3,2,2,1,2\nBo,3,2,2,1,2\n"


@pytest.fixture
def case(tmp_path):
    """Write a generated network."""
    network = load_shedding.generate_network(8, 3)
    (tmp_path / "case.m").write_text(load_shedding.format_case(network), "utf-8")
    return network


def test_load_shedding_is_that_of_the_function(evenhand, tmp_path, case) -> None:
    out = case.branch_number[:3].tolist()
    words = ["solve", "load-shedding", "case.m", "--outages", ",".join(map(str, out)), "--jain", "0.7"]
    ran = evenhand(*words, "--json", "out.json", "--picture", "shed.svg")
    expected = load_shedding.solve(case, JainAtLeast(0.7), outages=out)
    told = json.loads((tmp_path / "out.json").read_text())
    assert ran.code == 0
    assert told["total_shed"] == pytest.approx(expected.total_shed)
    assert [load["shed"] for load in told["loads"]] == pytest.approx(expected.shed.tolist(), abs=1e-6)
    assert f"{expected.total_shed:.4g} of" in ran.out
    assert "HiGHS" not in ran.out, "the solver's banner is not an answer"
    assert (tmp_path / "shed.svg").read_text().startswith("<svg")
    assert evenhand(*words, "--quiet").out == ""


def test_what_is_out_of_reach_is_answered_with_the_fairest(evenhand, case) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        out = rng.choice(case.branch_number, 4, replace=False).tolist()
        best = load_shedding.fairest_shedding(case, JainAtLeast(0.5), outages=out)
        if best.reached < 0.9:
            break
    ran = evenhand(
        "solve", "load-shedding", "case.m", "--outages", ",".join(map(str, out)), "--jain", "0.95", "--show-fairest"
    )
    assert ran.code == 3
    assert "infeasible" in ran.out
    assert f"jain {best.reached:.4g}" in ran.out


def test_generalised_assignment_is_that_of_the_function(evenhand, tmp_path) -> None:
    (tmp_path / "sizes.csv").write_text(SIZES)
    words = ["solve", "generalised-assignment", "costs.csv", "--sizes", "sizes.csv", "--capacities", "6,8"]
    ran = evenhand(*words, "--jain", "0.95", "--csv", "plan.csv", "--json", "out.json", "--picture", "plan.png")
    sizes = [[3, 2, 2, 1, 2]] * 2
    costs = [[1, 2, 3, 4, 2.5], [2, 3, 4, 5, 3]]
    expected = generalised_assignment.solve(costs, sizes, [6, 8], JainAtLeast(0.95))
    assert ran.code == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["cost"] == pytest.approx(expected.cost)
    assert told["tasks"] == ["t1", "t2", "t3", "t4", "t5"]
    assert [agent["agent"] for agent in told["agents"]] == ["Ann", "Bo"]
    assert told["fairness"]["jain"] == 0.95
    lines = (tmp_path / "plan.csv").read_text().splitlines()
    assert lines[1:] == [f"t{j + 1},{('Ann', 'Bo')[agent]}" for j, agent in enumerate(expected.assignment)]
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert evenhand(*words[:-1], "1,1", "--jain", "0.5").code == 3


GAP = "2\n2 3\n1 2 3\n4 5 6\n1 1 1\n2 2 2\n3 4\n2 2\n5 5\n7 9\n1 1\n1 1\n1 1\n"


def test_files_of_the_or_library_are_solved(evenhand, tmp_path) -> None:
    """By hand: all three to the first cost 6, and two to the second bring 12; then one each, 5 + 7 or 5 + 9."""
    (tmp_path / "gap.txt").write_text(GAP)
    words = ["solve", "generalised-assignment", "gap.txt", "--problem"]
    for more, best in ((["1"], 6.0), (["1", "--maximise"], 12.0), (["2"], 12.0), (["2", "--maximise"], 14.0)):
        ran = evenhand(*words, *more, "--json", "out.json", "--csv", "plan.csv", "--gap", "1e-9")
        told = json.loads((tmp_path / "out.json").read_text())
        assert ran.code == 0
        assert told["cost"] == best
        assert told["maximise"] == ("--maximise" in more)
        assert f"{'Profit' if told['maximise'] else 'Cost'} " in ran.out
        assert (tmp_path / "plan.csv").read_text().splitlines()[1].startswith("task-1,agent-")
    ran = evenhand(*words, "1", "--relative", "--jain", "0.9", "--json", "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["jain"] >= 0.9


def test_salesmen_are_those_of_the_function(evenhand, tmp_path) -> None:
    towns = salesmen.generate_towns(8, seed=2)
    salesmen.write_tsplib(tmp_path / "towns.tsp", towns)
    words = ["solve", "salesmen", "towns.tsp", "-n", "2", "--max-over-mean", "1.1"]
    ran = evenhand(*words, "--json", "out.json", "--picture", "tours.svg")
    told = json.loads((tmp_path / "out.json").read_text())
    expected = salesmen.solve(towns, 2, MaxOverMean(1.1))
    assert ran.code == 0
    assert told["cost"] == pytest.approx(expected.cost)
    assert told["waste"] == pytest.approx(expected.waste.tolist())
    assert "too long by" in " ".join(ran.out.split())
    assert (tmp_path / "tours.svg").read_text().startswith("<svg")


def test_salesmen_are_told_the_fairest_that_is_possible(evenhand, tmp_path) -> None:
    towns = salesmen.generate_towns(7, seed=2)
    salesmen.write_tsplib(tmp_path / "towns.tsp", towns)
    words = ["solve", "salesmen", "towns.tsp", "-n", "2", "--no-detours", "--solver", "highs", "--max-over-mean"]
    expected = salesmen.fairest_tours(towns, 2, MaxOverMean(1.0), detours=False, solver="highs")
    ran = evenhand(*words, "1.01", "--show-fairest")
    assert ran.code == 3
    suggested = ran.out.partition("Fairest possible")[2].split()[1]
    assert float(suggested) == pytest.approx(expected.reached, abs=1e-6)
    assert float(suggested) >= expected.reached
    assert evenhand(*words, suggested).code == 0, "what is suggested works"
    assert "--show-fairest" not in ran.out, "it was given"
    assert "--show-fairest tells" in " ".join(evenhand(*words, "1.01").out.split())


def _bracket(status, reached, refuted, loads=(4.0, 1.0), **more):
    member = None if reached is None else JainAtLeast(reached)
    return Fairest(status, member, reached, refuted, None if reached is None else np.array(loads), **more)


@pytest.mark.parametrize(
    ("bracket", "said"),
    [
        # Loads of 4 and 1: an index of 25/34, 0.7352941...
        (
            _bracket("optimal", 25 / 34, 0.74),
            ["Fairest possible|--jain 0.735294", "Impossible|anything stricter than 0.74: proven"],
        ),
        # Within the resolution, but nothing stricter is excluded: only equal loads need no exclusion.
        (
            _bracket("optimal", 25 / 34, None),
            [
                "Possible|--jain 0.735294 (Jain's index >= 0.735294): the fairest solution known",
                "Undecided|anything stricter, up to equal loads: closer than the search tells apart",
            ],
        ),
        (_bracket("optimal", 1.0, None, loads=(4.0, 4.0)), ["Fairest possible|--jain 1 "]),
        (
            _bracket("time_limit", 25 / 34, 0.9),
            [
                "Possible|--jain 0.735294 (Jain's index >= 0.735294): the fairest solution known",
                "Impossible|anything stricter than 0.9: proven",
                "Undecided|what lies between these: stopped by the time limit",
            ],
        ),
        (
            _bracket("time_limit", 25 / 34, None, interrupted=True),
            [
                "Possible|--jain 0.735294 (Jain's index >= 0.735294): the fairest solution known",
                "Undecided|anything stricter, up to equal loads: stopped by Ctrl-C",
            ],
        ),
        (
            _bracket("time_limit", None, None),
            ["Fairest possible|not known: stopped by the time limit before any solution was found"],
        ),
        (_bracket("infeasible", None, None), ["Fairest possible|none: the problem has no solution, fair or not"]),
    ],
    ids=["closed", "nothing excluded", "equal", "open", "nothing refuted", "nothing known", "infeasible"],
)
def test_only_what_is_proven_is_called_the_fairest_possible(bracket, said) -> None:
    facts = common.fairest_facts(bracket, "stopped by the time limit")
    assert len(facts) == len(said)
    for (word, fact), expected in zip(facts, said, strict=True):
        label, _, start = expected.partition("|")
        assert word == label
        assert fact.startswith(start)


HARD = ["solve", "generalised-assignment", "gap.txt", "--jain", "0.9", "--show-fairest"]


def hard_file() -> str:
    """Return five agents and 30 tasks whose fairest assignment is a matter of number partitioning."""
    costs, sizes, capacities = generalised_assignment.generate(5, 30, seed=1, tightness=2.0)
    sizes = sizes * 1009 + np.arange(30)
    rows = [
        [1],
        [5, 30],
        *costs.astype(int).tolist(),
        *sizes.astype(int).tolist(),
        (capacities * 1100).astype(int).tolist(),
    ]
    return "\n".join(" ".join(map(str, row)) for row in rows) + "\n"


def test_a_time_limit_leaves_the_fairest_undecided_and_the_file_says_so(evenhand, tmp_path) -> None:
    (tmp_path / "gap.txt").write_text(hard_file())
    start = time.perf_counter()
    ran = evenhand(*HARD, "--time-limit", "2", "--json", "out.json")
    assert time.perf_counter() - start < 30, "one limit for both searches"
    assert ran.code == 0
    assert "Fairest possible" not in ran.out
    words = " ".join(ran.out.split())
    assert "the fairest solution known" in words
    assert "Undecided" in words
    assert "stopped by the time limit" in words
    told = json.loads((tmp_path / "out.json").read_text())
    best = told["fairest"]
    assert best["status"] == "time_limit"
    assert best["reached"] >= told["level"] - 1e-9, "the answer itself is known, too"
    assert 0.9 <= best["reached"] < (1.0 if best["refuted"] is None else best["refuted"])
    loads = np.array(best["loads"])
    assert best["reached"] == pytest.approx(loads.sum() ** 2 / (5 * (loads**2).sum()))


def test_a_limit_is_shared_by_the_answer_and_the_fairest(evenhand, tmp_path, monkeypatch) -> None:
    """Of 1000 seconds the answer may take 500, the fairest the rest; of those 500 the cheapest may take 100."""
    from evenhand.applications.generalised_assignment import solve_generalised as module

    limits = []

    def solve(model, loads, fairness, *, time_limit, **how):
        limits.append(time_limit)
        return solve_fair_milp(model, loads, fairness, time_limit=time_limit, **how)

    def fairest(*_, time_limit, **how):
        limits.append(time_limit)
        return Fairest("infeasible", None, None, None)

    monkeypatch.setattr(module, "solve_fair_milp", solve)
    monkeypatch.setattr(module, "fairest", fairest)
    (tmp_path / "gap.txt").write_text(GAP)
    assert evenhand(*HARD, "--problem", "1", "--time-limit", "1000").code in (0, 3)
    cheapest, fair, best = limits
    assert cheapest == pytest.approx(100.0)
    assert 400.0 < fair <= 500.0
    assert 500.0 < best <= 1000.0
    assert evenhand(*HARD[:-1], "--problem", "1", "--time-limit", "1000").code in (0, 3)
    assert limits[3] == pytest.approx(200.0)
    assert 800.0 < limits[4] <= 1000.0


def test_ctrl_c_before_the_fairest_ends_all_of_it(evenhand, tmp_path, monkeypatch) -> None:
    from evenhand.applications import generalised_assignment as module

    solve = module.solve

    def interrupted(*words, **how):
        return dataclasses.replace(solve(*words, **how), status="time_limit", interrupted=True)

    monkeypatch.setattr(module, "solve", interrupted)
    monkeypatch.setattr(module, "fairest_assignment", lambda *_, **__: pytest.fail("it was searched for"))
    (tmp_path / "gap.txt").write_text(GAP)
    ran = evenhand(*HARD, "--problem", "1", "--json", "out.json")
    assert "not searched for, after Ctrl-C" in ran.out
    assert json.loads((tmp_path / "out.json").read_text())["fairest"] is None


@pytest.mark.parametrize(
    "words",
    [
        ["generalised-assignment", "costs.csv", "--sizes", "sizes.csv", "--capacities", "6,8"],
        ["load-shedding", "case.m", "--outages", "1,2"],
        ["salesmen", "towns.tsp", "-n", "2"],
    ],
    ids=lambda words: words[0],
)
def test_unasked_fairness_is_not_spoken_of(evenhand, tmp_path, case, words) -> None:
    (tmp_path / "sizes.csv").write_text(SIZES)
    salesmen.write_tsplib(tmp_path / "towns.tsp", salesmen.generate_towns(8, seed=2))
    plain = evenhand("solve", *words, "--json", "out.json")
    told = json.loads((tmp_path / "out.json").read_text())
    assert plain.code == 0
    assert "fair" not in plain.out.lower()
    assert (told["fairness"], told["level"]) == (None, None)
    assert "fair" in evenhand("solve", *words, "--gini", "0.4").out.lower()


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_tables_tell_every_number_however_narrow_the_terminal(evenhand, tmp_path, case, monkeypatch, columns) -> None:
    (tmp_path / "sizes.csv").write_text(
        SIZES.replace("Ann", "Ann of the northern district").replace("2\n", "2345678\n")
    )
    (tmp_path / "costs.csv").write_text(COSTS.replace("Ann", "Ann of the northern district"))
    towns = salesmen.generate_towns(8, seed=2)
    salesmen.write_tsplib(tmp_path / "towns.tsp", towns)
    monkeypatch.setenv("COLUMNS", str(columns))
    gap = ["generalised-assignment", "costs.csv", "--sizes", "sizes.csv", "--capacities", "4345681,4345679"]
    for words, numbers in (
        (gap, ["4,345,681", "4,345,679"]),
        (["load-shedding", "case.m"], [f"{demand:.1f}" for demand in case.demand if demand > 0.0]),
        (["salesmen", "towns.tsp", "-n", "2", "--max-over-mean", "1.1"], ["152", "126", "too long by"]),
    ):
        out = evenhand("solve", *words).out
        assert all(len(line) <= columns for line in out.splitlines())
        assert [number for number in numbers if number not in out] == []
        assert "\N{HORIZONTAL ELLIPSIS}" not in out


def test_files_of_vehicle_routing_are_refused(evenhand, tmp_path) -> None:
    """The tour that was returned for this one once had a load of 58 for a capacity of 35."""
    text = salesmen.format_tsplib(salesmen.generate_towns(5, seed=2)).replace(
        "TYPE : TSP", "TYPE : CVRP\nCAPACITY : 35"
    )
    demands = "DEMAND_SECTION\n1 0\n2 29\n3 29\n4 6\n5 6\n"
    (tmp_path / "towns.vrp").write_text(text.replace("DEPOT_SECTION", f"{demands}DEPOT_SECTION"))
    ran = evenhand("solve", "salesmen", "towns.vrp", "-n", "2", "--json", "out.json")
    assert ran.code == 2
    assert "line 3: CAPACITY, DEMAND_SECTION would not be respected" in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out.json").exists()


def codes(text: str) -> list[int]:
    """Return the exit codes that a help tells."""
    line = " ".join(text.split()).partition("Exit codes: ")[2]
    return [int(part.split()[0]) for part in line.split("; ")]


def test_helps_tell_the_exit_codes_there_are(evenhand) -> None:
    assert codes(evenhand("solve", "example", "--help").out) == [0, 2, 70, 130, 143]
    for command in ("generalised-assignment", "load-shedding", "rosters", "salesmen"):
        assert codes(evenhand("solve", command, "--help").out) == [0, 2, 3, 4, 70, 130, 143]


@pytest.mark.parametrize(
    ("result", "found", "code"),
    [
        (("optimal", False), True, 0),
        (("time_limit", False), True, 0),
        (("time_limit", True), True, 0),
        (("infeasible", False), False, 3),
        (("time_limit", False), False, 4),
        (("time_limit", True), False, 130),
    ],
)
def test_exit_codes_are_what_the_helps_say(result, found, code) -> None:
    status, interrupted = result
    assert exit_code(status, found=found, interrupted=interrupted) == code


def test_in_the_example_fairness_decides(evenhand, tmp_path) -> None:
    printed = shlex.split(evenhand("solve", "example", "generalised-assignment").out)[1:]
    asked = [*printed, "--json", "fair.json"]
    assert evenhand(*asked).code == 0
    free = [*printed[: printed.index("--jain")], "--json", "free.json"]
    assert evenhand(*free).code == 0
    fair, cheapest = (json.loads((tmp_path / name).read_text()) for name in ("fair.json", "free.json"))
    assert fair["price"] > 0.02
    assert fair["jain"] > 0.999 > 0.95 > cheapest["jain"]
    assert all(agent["used"] < agent["capacity"] for agent in cheapest["agents"]), "capacities leave room"


@pytest.mark.parametrize("application", ["generalised-assignment", "load-shedding", "salesmen"])
def test_an_example_is_solved_by_the_command_it_prints(evenhand, application: str) -> None:
    printed = evenhand("solve", "example", application, "-o", "try here", "--seed", "1")
    assert printed.code == 0
    ran = evenhand(*shlex.split(printed.out)[1:])
    assert ran.code in (0, 3), ran.err
    assert "Status" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["example", "nursing"], "no application 'nursing'; known are"),
        (["example", "salesmen", "--seed", "-1"], "seed is -1"),
        (["salesmen", "none.tsp", "-n", "2"], "none.tsp: there is no such file"),
        (["salesmen", "case.m", "-n", "2"], "case.m"),
        (["salesmen", "case.m"], "Missing option '--salesmen'"),
        (["load-shedding", "none.m"], "none.m: there is no such file"),
        (["load-shedding", "case.m", "--outages", "one"], "--outages 'one' must be whole numbers"),
        (["load-shedding", "case.m", "--outages", "99"], "outages names branch 99"),
        (["load-shedding", "case.m", "--show-fairest"], "--show-fairest needs a measure of fairness"),
        (["load-shedding", "case.m", "--jain", "2"], "jain is 2.0"),
        (["load-shedding", "case.m", "--jain", "0.5", "--cv", "1"], "exactly one measure"),
        (["load-shedding", "case.m", "--picture", "shed.pdf"], "ends in .png or .svg"),
        (["load-shedding", "case.m", "--json", "case.m"], "would replace the data"),
        (["load-shedding", "case.m", "--approximation", "ac"], "approximation is 'ac'"),
        (
            ["generalised-assignment", "costs.csv", "--sizes", "costs.csv", "--capacities", "1"],
            "1 numbers for 2 agents",
        ),
        (
            ["generalised-assignment", "costs.csv", "--sizes", "costs.csv", "--capacities", "9,9", "--solver", "x"],
            "solver is 'x'",
        ),
        (
            ["generalised-assignment", "costs.csv", "--sizes", "costs.csv", "--capacities", "9,9", "--gap", "-1"],
            "gap is -1",
        ),
        (["generalised-assignment", "costs.csv", "--capacities", "9,9"], "Missing option '--sizes'"),
        (["generalised-assignment", "costs.csv", "--sizes", "costs.csv"], "Missing option '--capacities'"),
        (["generalised-assignment", "costs.csv"], "costs.csv, line 1: ',t1,t2,t3,t4,t5' must be a finite number"),
        (["generalised-assignment", "gap.txt"], "gap.txt: holds 2 problems; choose one with --problem 1 to 2"),
        (["generalised-assignment", "gap.txt", "--problem", "3"], "--problem 3: gap.txt has the problems 1 to 2"),
        (["generalised-assignment", "gap.txt", "--problem", "0"], "--problem 0: gap.txt has the problems 1 to 2"),
        (
            ["generalised-assignment", "costs.csv", "--sizes", "costs.csv", "--capacities", "9,9", "--problem", "1"],
            "--problem 1 is for OR-Library files",
        ),
    ],
)
def test_bad_input_is_one_line(evenhand, tmp_path, case, words, said) -> None:
    (tmp_path / "gap.txt").write_text(GAP)
    ran = evenhand("solve", *words)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
