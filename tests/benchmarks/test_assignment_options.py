"""The command line of the assignment benchmark."""

from __future__ import annotations

import pytest
from benchmarks.assignment.options import command, extent, parse
from benchmarks.assignment.parts import CASES, PARTS, QUICK_LEVELS, for_peers, spread


def test_a_quotation_of_the_command_holds_no_path_and_no_unstored_peer() -> None:
    given = parse(["--data=/home/me/cases", "--json", "/tmp/x.json", "--parts", "exact,seed", "--cap", "5", "--keep"])
    assert command(given) == "python -m benchmarks.assignment --data FOLDER --parts seed,exact --cap 5"


def test_the_command_names_the_parts_that_peers_got() -> None:
    given = parse(["--peer-parts", "exact,seed", "--lattices", "200", "--peers", "none"])
    assert given.peer_parts == ("seed", "exact")
    assert command(given) == "python -m benchmarks.assignment --peers none --peer-parts seed,exact --lattices 200"


def test_an_unknown_part_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--parts", "seed,sizze"])
    assert "'sizze' is none of first, seed" in capsys.readouterr().err


def test_all_parts_have_cases_and_the_paper_has_600() -> None:
    full = extent(parse([]))
    counts = {part: len(cases(full)) for part, cases in CASES.items() if part != "slack"}
    drawn = {"clusters": 200, "lattices": 500, "thin": len(QUICK_LEVELS), "distributions": 6 * len(QUICK_LEVELS)}
    assert counts == {"seed": 600, "exact": 600, "sizes": 45, **drawn}
    assert set(PARTS) == {"first", *CASES}
    assert len(CASES["distributions"](extent(parse(["--all-levels", "--drawn", "2"])))) == 6 * 2 * 30


def test_slack_cases_are_slack_and_have_their_reference() -> None:
    cases = CASES["slack"](extent(parse(["--instances", "2"])))
    assert not any(case.binds() for case in cases)
    references = {case.source for case in cases if case.epsilon == 0.0}
    assert {case.source for case in cases} == references
    assert len(references) == 7


def test_peers_get_few_cases_unless_all_are_asked_for() -> None:
    few, every = extent(parse([])), extent(parse(["--peers-everywhere"]))
    seed = CASES["seed"](few)
    assert {case.source.number for case in for_peers("seed", seed, few)} == {1}
    assert len(for_peers("distributions", CASES["distributions"](few), few)) == 6 * 3
    assert len(for_peers("thin", CASES["thin"](few), few)) == 3
    tenths = for_peers("clusters", CASES["clusters"](few), few)
    assert [case.source.number for case in tenths] == list(range(1, 200, 10))
    two = extent(parse(["--peer-cases", "2", "--lattices", "30"]))
    assert [case.source.number for case in for_peers("lattices", CASES["lattices"](two), two)] == [1, 11]
    assert len(CASES["lattices"](two)) == 30
    assert len(for_peers("sizes", CASES["sizes"](few), few)) == 5
    assert for_peers("seed", seed, every) == seed


def test_clusters_are_of_the_sizes_and_levels_that_the_table_names() -> None:
    cases = CASES["clusters"](extent(parse([])))
    assert {case.source.agents for case in cases} == {4, 5, 6, 7, 8}
    assert min(case.source.tasks for case in cases) >= 100
    assert max(case.source.tasks for case in cases) <= 300
    assert {case.p for case in cases} == {2.0, 4.0, 10.0, float("inf")}
    assert {case.epsilon for case in cases} == {0.6, 0.9, 0.99}


def test_few_cases_of_a_part_are_spread_over_all_of_it() -> None:
    cases = CASES["clusters"](extent(parse([])))
    assert [case.source.number for case in spread(cases, 4)] == [1, 51, 101, 151]
    assert spread(cases, None) == spread(cases, 1000) == cases
