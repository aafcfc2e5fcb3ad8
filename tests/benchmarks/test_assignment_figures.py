"""Numbers out of rows, computed by hand here."""

from __future__ import annotations

import pytest
from benchmarks.assignment.figures import Ratio, Spread, beside_best, certified, counted, slack_ratios
from benchmarks.assignment.sections import sections
from tests.benchmarks.assignment_rows import row


def test_a_capped_case_counts_at_the_cap_and_is_named() -> None:
    rows = [row(seconds=1.0), row(seconds=3.0, epsilon=0.5), row(seconds=61.2, p="inf", status="time_limit")]
    spread = Spread.of(rows)
    assert (spread.cases, spread.solved, spread.median, spread.slowest) == (3, 2, 3.0, 60.0)
    assert spread.slowest_case == "plane 5x250 no. 1, p = inf, epsilon = 0.9"
    (capped,) = [section for section in sections({"cases": rows}) if section.title == "Capped"]
    assert capped.lines == [("evenhand", "plane 5x250", "1", "p = inf: 0.9 (1)")]


def test_peers_are_compared_case_by_case_by_the_geometric_mean() -> None:
    """4 and 16 times as long are 8 times in geometric mean; the case that the peer was not given is left out."""
    ours = [row(seconds=1.0), row(seconds=2.0, epsilon=0.5), row(seconds=50.0, epsilon=0.1)]
    theirs = [row(seconds=32.0, epsilon=0.5, solver="scip"), row(seconds=4.0, solver="scip")]
    ratio = Ratio.of(ours, theirs)
    assert ratio is not None
    assert (ratio.cases, ratio.least, ratio.most, ratio.means) == (2, 4.0, 16.0, "")
    assert ratio.mean == pytest.approx(8.0, rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs", "means"),
    [("optimal", "time_limit", "at least "), ("time_limit", "optimal", "at most "), ("time_limit", "died", "about ")],
)
def test_a_ratio_says_on_which_side_caps_leave_it(ours: str, theirs: str, means: str) -> None:
    ratio = Ratio.of([row(status=ours)], [row(status=theirs, solver="highs")])
    assert ratio is not None
    assert ratio.means == means


def test_no_case_in_common_gives_no_ratio() -> None:
    assert Ratio.of([row(epsilon=0.1)], [row(solver="highs")]) is None


def test_shares_of_certificates_count_missing_ones_as_not_proven() -> None:
    rows = [row(certified_gap=gap) for gap in (9e-4, 1e-4, 2e-3, None)]
    assert certified(rows) == (0.5, 0.25, 0.0)


def test_slack_cases_are_compared_with_the_same_instance_without_a_constraint() -> None:
    rows = [row(number=number, epsilon=0.0, seconds=number) for number in (1, 2)]
    rows += [row(number=2, epsilon=0.1, seconds=3.0), row(number=1, epsilon=0.2, seconds=0.5)]
    assert [ratio for ratio, _ in slack_ratios(rows)] == [1.5, 0.5]


def test_parts_that_were_not_measured_are_left_out() -> None:
    titles = [section.title for section in sections({"cases": [row()]})]
    assert titles == ["How well", "Certificates", "Instances that are generated"]


def test_slack_and_binding_cases_stand_apart() -> None:
    rows = [row(), row(epsilon=0.1, binding=False, seconds=0.002)]
    (table,) = [section for section in sections({"cases": rows}) if section.title == "How well"]
    assert [line[1:5] for line in table.lines] == [
        ("slack", "1 of 1", "2 ms", "2 ms"),
        ("binding", "1 of 1", "1 s", "1 s"),
    ]


def test_the_fastest_peer_is_found_case_by_case_where_time_is_noticed() -> None:
    """Best peers take 2 / 1 and 3 / 6 of our time; a case in which all need a millisecond does not count."""
    ours = [row(number=1, seconds=1.0), row(number=2, seconds=6.0), row(number=3, seconds=0.001)]
    highs = [row(number=1, seconds=2.0), row(number=2, seconds=4.0), row(number=3, seconds=0.0005)]
    scip = [row(number=1, seconds=9.0), row(number=2, seconds=3.0)]
    theirs = [{**one, "solver": name} for name, some in (("highs", highs), ("scip", scip)) for one in some]
    assert beside_best(ours, theirs) == (2, 0.5)
    assert beside_best(ours, []) is None


def test_a_capped_peer_counts_as_the_processor_time_it_had() -> None:
    """On a busy machine that is less than the cap: the ratio must not say more than was measured."""
    assert counted(row(solver="scip", status="time_limit", seconds=12.5, cap=20.0)) == 12.5


def test_infeasible_cases_and_other_members_have_lines_of_their_own() -> None:
    rows = [
        row(part="lattices", group="lattices", p=0, epsilon=0.0, member="GiniAtMost(0.1)", number=1),
        row(part="lattices", group="lattices", p=0, epsilon=0.0, member="CVAtMost(0.1)", number=2, status="infeasible"),
        row(part="lattices", group="lattices", p=0, epsilon=0.0, member="CVAtMost(0.2)", number=3, status="time_limit"),
    ]
    made = {section.title: section.lines for section in sections({"cases": rows})}
    assert [line[:3] for line in made["How well"]] == [
        ("lattices", "binding", "1 of 2"),
        ("lattices", "infeasible", "1 of 1"),
    ]
    assert made["Capped"] == [("evenhand", "lattices", "1", "CVAtMost(0.2) (3)")]
